//! The container that segments and manifests share: header, contents, checksummed sections. See FORMAT.md.

use crate::error::{Error, Result, Section};
use crate::limits;
use std::ops::Range;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

const HEADER_LEN: usize = 32;
const ENTRY_LEN: usize = 32;

/// What a container holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An index of some files.
    Segment,
    /// The list of live segments.
    Manifest,
    /// An embedding model.
    Model,
}

impl Kind {
    fn magic(self) -> &'static [u8; 8] {
        match self {
            Kind::Segment => b"\x89CQSEG\r\n",
            Kind::Manifest => b"\x89CQMAN\r\n",
            Kind::Model => b"\x89CQMOD\r\n",
        }
    }

    /// The newest format version that this build reads, and the one it writes.
    pub fn version(self) -> u16 {
        if self == Kind::Segment { 2 } else { 1 }
    }

    fn noun(self) -> &'static str {
        match self {
            Kind::Segment => "segment",
            Kind::Manifest => "manifest",
            Kind::Model => "model",
        }
    }
}

/// Writes a container from its sections, in the order given.
pub fn write(kind: Kind, sections: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let align = |len: usize| len.next_multiple_of(8);
    let first = HEADER_LEN + ENTRY_LEN * sections.len();
    let length = first + sections.iter().map(|(_, bytes)| align(bytes.len())).sum::<usize>();
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(kind.magic());
    out.extend_from_slice(&kind.version().to_le_bytes());
    out.extend_from_slice(&0u16.to_le_bytes());
    out.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    out.extend_from_slice(&(length as u64).to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    let mut offset = first;
    for (id, bytes) in sections {
        out.extend_from_slice(id);
        out.extend_from_slice(&0u32.to_le_bytes());
        out.extend_from_slice(&(offset as u64).to_le_bytes());
        out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(&xxh3_64(bytes).to_le_bytes());
        offset += align(bytes.len());
    }
    let checksum = head_checksum(&out);
    out[24..32].copy_from_slice(&checksum.to_le_bytes());
    for (_, bytes) in sections {
        out.extend_from_slice(bytes);
        out.resize(align(out.len()), 0);
    }
    out
}

fn head_checksum(head: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&head[..24]);
    hash.update(&head[HEADER_LEN..]);
    hash.digest()
}

/// A section as the contents describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Four letters.
    pub id: [u8; 4],
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// XXH3-64 of its bytes.
    pub checksum: u64,
}

/// A container whose header and contents were verified.
#[derive(Debug)]
pub struct Container {
    /// Length of the whole file in bytes.
    pub length: u64,
    /// The sections, in the order of the file.
    pub entries: Vec<Entry>,
}

impl Container {
    /// Verifies `bytes` as a whole container of `kind`.
    ///
    /// # Errors
    /// SNAPSHOT_FOREIGN, FORMAT_NEWER, SNAPSHOT_TRUNCATED, SNAPSHOT_CHECKSUM or SNAPSHOT_CORRUPT.
    pub fn open(kind: Kind, bytes: &[u8]) -> Result<Self> {
        let found = bytes.len() as u64;
        let container = Self::head(kind, bytes, Some(found))?;
        let mut end = HEADER_LEN + ENTRY_LEN * container.entries.len();
        for entry in &container.entries {
            if xxh3_64(&bytes[entry.range.clone()]) != entry.checksum {
                return Err(Error::Checksum { section: Section(entry.id) });
            }
            // Bytes between sections belong to no checksum: they must be the zeros that the writer put there.
            if bytes[end..entry.range.start].iter().any(|&byte| byte != 0) {
                return Err(Error::Corrupt("padding is not zero"));
            }
            end = entry.range.end;
        }
        if bytes[end..].iter().any(|&byte| byte != 0) {
            return Err(Error::Corrupt("padding is not zero"));
        }
        Ok(container)
    }

    /// Verifies the header and the contents at the beginning of `bytes`. `found`: the length of the file, when that is known.
    ///
    /// # Errors
    /// As [`Self::open`]; SNAPSHOT_TRUNCATED when `bytes` end within the contents.
    pub fn head(kind: Kind, bytes: &[u8], found: Option<u64>) -> Result<Self> {
        let magic = kind.magic();
        let foreign = Error::Foreign { expected: kind.noun() };
        if bytes.len() < HEADER_LEN {
            let shared = bytes.len().min(magic.len());
            let cut = shared > 0 && bytes[..shared] == magic[..shared];
            return Err(if cut {
                Error::Truncated { expected: HEADER_LEN as u64, found: bytes.len() as u64 }
            } else {
                foreign
            });
        }
        if bytes[..8] != magic[..] {
            return Err(foreign);
        }
        let version = u16::from_le_bytes([bytes[8], bytes[9]]);
        if version > kind.version() {
            return Err(Error::Newer { found: version, supported: kind.version() });
        }
        if version == 0 {
            return Err(Error::Older(version));
        }
        let length = u64_at(bytes, 16);
        if let Some(found) = found.filter(|&found| length > found) {
            return Err(Error::Truncated { expected: length, found });
        }
        let count = u32_at(bytes, 12) as usize;
        let head_len = HEADER_LEN + count.min(limits::MAX_SECTIONS + 1) * ENTRY_LEN;
        if found.is_some_and(|found| length != found)
            || count > limits::MAX_SECTIONS
            || head_len as u64 > length
            || length > usize::MAX as u64
        {
            return Err(Error::Corrupt("the header does not fit the file"));
        }
        if head_len > bytes.len() {
            return Err(Error::Truncated { expected: head_len as u64, found: bytes.len() as u64 });
        }
        let head = &bytes[..head_len];
        if head_checksum(head) != u64_at(bytes, 24) {
            return Err(Error::Checksum { section: Section(*b"HEAD") });
        }
        let mut entries = Vec::with_capacity(count);
        let mut end = head.len() as u64;
        for entry in head[HEADER_LEN..].chunks_exact(ENTRY_LEN) {
            let id = [entry[0], entry[1], entry[2], entry[3]];
            let (offset, len, checksum) = (u64_at(entry, 8), u64_at(entry, 16), u64_at(entry, 24));
            let section_end = offset.checked_add(len).filter(|&end| end <= length);
            let (true, Some(section_end)) = (offset >= end && offset % 8 == 0, section_end) else {
                return Err(Error::Corrupt("a section leaves the file"));
            };
            entries.push(Entry { id, range: offset as usize..section_end as usize, checksum });
            end = section_end;
        }
        Ok(Self { length, entries })
    }

    /// The section `id`, if there is one.
    pub fn find(&self, id: &[u8; 4]) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// The byte range of section `id`.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when there is none.
    pub fn section(&self, id: &[u8; 4]) -> Result<Range<usize>> {
        self.find(id).map(|entry| entry.range.clone()).ok_or(Error::Corrupt("a section is missing"))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        write(Kind::Segment, &[(*b"ABCD", vec![1, 2, 3]), (*b"EMPT", vec![]), (*b"WXYZ", vec![9; 17])])
    }

    #[test]
    fn sections_read_back() {
        let bytes = sample();
        let container = Container::open(Kind::Segment, &bytes).unwrap();
        assert_eq!(bytes[container.section(b"ABCD").unwrap()], [1, 2, 3]);
        assert_eq!(bytes[container.section(b"WXYZ").unwrap()], [9; 17]);
        assert_eq!(container.section(b"NONE"), Err(Error::Corrupt("a section is missing")));
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let bytes = sample();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x41;
            assert!(Container::open(Kind::Segment, &changed).is_err(), "byte {at}");
            assert!(Container::open(Kind::Segment, &bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn each_fault_has_its_own_code() {
        let check =
            |bytes: &[u8], code: &str| assert_eq!(Container::open(Kind::Segment, bytes).unwrap_err().code(), code);
        let bytes = sample();
        check(b"", "SNAPSHOT_FOREIGN");
        check(b"PK\x03\x04 some other file, long enough to be one", "SNAPSHOT_FOREIGN");
        check(&write(Kind::Manifest, &[]), "SNAPSHOT_FOREIGN");
        check(&bytes[..5], "SNAPSHOT_TRUNCATED");
        check(&bytes[..bytes.len() - 1], "SNAPSHOT_TRUNCATED");
        let mut newer = bytes.clone();
        newer[8] += 1;
        check(&newer, "FORMAT_NEWER");
        let mut damaged = bytes.clone();
        let last = damaged.len() - 10;
        damaged[last] ^= 1;
        check(&damaged, "SNAPSHOT_CHECKSUM");
    }
}
