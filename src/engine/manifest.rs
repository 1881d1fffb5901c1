//! The manifest: which segments are alive, which of their files are dead, and the generation. The only mutable thing of a snapshot.

use crate::error::{Error, Result};
use crate::segment::codec::{Decoder, put_varint};
use crate::segment::container::{self, Container, Kind};

/// A decoded manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Raised by one with every commit; 0 is the empty index that was never written.
    pub generation: u64,
    /// The live segments, oldest first.
    pub segments: Vec<ManifestEntry>,
}

/// What the manifest says of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    /// XXH3-128 of its bytes.
    pub hash: u128,
    /// Its length in bytes.
    pub len_bytes: u64,
    /// Its files, dead ones included.
    pub files: u32,
    /// Its chunks, dead ones included.
    pub chunks: u32,
    /// Ordinals of its dead files, ascending.
    pub tombstones: Vec<u32>,
    /// Bytes at the beginning of its file that every reader needs; 0 when that is not known.
    pub resident_bytes: u64,
}

/// The name of the segment with this hash.
pub fn segment_name(hash: u128) -> String {
    format!("seg-{hash:032x}")
}

impl ManifestEntry {
    /// The segment's name.
    pub fn name(&self) -> String {
        segment_name(self.hash)
    }
}

impl Manifest {
    /// Encodes the manifest.
    pub fn write(&self) -> Vec<u8> {
        let (mut out, mut resident) = (Vec::new(), Vec::new());
        put_varint(&mut out, self.generation);
        put_varint(&mut out, self.segments.len() as u64);
        for entry in &self.segments {
            out.extend_from_slice(&entry.hash.to_le_bytes());
            put_varint(&mut out, entry.len_bytes);
            put_varint(&mut out, u64::from(entry.files));
            put_varint(&mut out, u64::from(entry.chunks));
            put_varint(&mut out, entry.tombstones.len() as u64);
            let mut previous = 0;
            for &file in &entry.tombstones {
                put_varint(&mut out, u64::from(file - previous));
                previous = file;
            }
            put_varint(&mut resident, entry.resident_bytes);
        }
        container::write(Kind::Manifest, &[(*b"MANI", out), (*b"RESI", resident)])
    }

    /// Decodes a manifest.
    ///
    /// # Errors
    /// SNAPSHOT_FOREIGN, FORMAT_NEWER, SNAPSHOT_TRUNCATED, SNAPSHOT_CHECKSUM, SNAPSHOT_CORRUPT.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let container = Container::open(Kind::Manifest, bytes)?;
        let mut decoder = Decoder::new(&bytes[container.section(b"MANI")?]);
        let mut resident = container.find(b"RESI").map(|entry| Decoder::new(&bytes[entry.range.clone()]));
        let generation = decoder.varint()?;
        let mut segments = Vec::new();
        for _ in 0..decoder.count()? {
            let hash = u128::from_le_bytes(decoder.take(16)?.try_into().expect("16 bytes were taken"));
            let (len_bytes, files, chunks) = (decoder.varint()?, decoder.varint32()?, decoder.varint32()?);
            let mut tombstones: Vec<u32> = Vec::new();
            for at in 0..decoder.count()? {
                let step = decoder.varint32()?;
                let file = tombstones.last().map_or(Some(step), |previous: &u32| previous.checked_add(step));
                match file {
                    Some(file) if file < files && (at == 0 || step > 0) => tombstones.push(file),
                    _ => return Err(Error::Corrupt("a tombstone is out of order or out of range")),
                }
            }
            let resident_bytes = resident.as_mut().map_or(Ok(0), Decoder::varint)?.min(len_bytes);
            segments.push(ManifestEntry { hash, len_bytes, files, chunks, tombstones, resident_bytes });
        }
        if !decoder.is_empty() {
            return Err(Error::Corrupt("the manifest is longer than its count"));
        }
        Ok(Self { generation, segments })
    }

    /// Files that are alive.
    pub fn live_files(&self) -> u64 {
        self.segments.iter().map(|entry| u64::from(entry.files).saturating_sub(entry.tombstones.len() as u64)).sum()
    }

    /// The same content as another generation: what is imported, or rolled back to, comes after what was there.
    ///
    /// # Errors
    /// Those of [`Manifest::read`].
    pub fn renumber(bytes: &[u8], generation: u64) -> Result<Vec<u8>> {
        Ok(Self { generation, ..Self::read(bytes)? }.write())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_damage_is_an_error() {
        let entry = |hash, tombstones| ManifestEntry {
            hash,
            len_bytes: 1 << 33,
            files: 900,
            chunks: 1 << 20,
            tombstones,
            resident_bytes: 1 << 20,
        };
        let manifest =
            Manifest { generation: 1 << 40, segments: vec![entry(1, vec![]), entry(u128::MAX, vec![0, 1, 5, 899])] };
        let bytes = manifest.write();
        assert_eq!(Manifest::read(&bytes).unwrap(), manifest);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(Manifest::read(&changed).is_err(), "byte {at}");
            assert!(Manifest::read(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_renumbered_manifest_differs_in_its_generation_alone() {
        let entry =
            ManifestEntry { hash: 7, len_bytes: 100, files: 5, chunks: 9, tombstones: vec![1, 4], resident_bytes: 50 };
        let manifest = Manifest { generation: 9, segments: vec![entry.clone(), entry] };
        assert_eq!(manifest.live_files(), 6);
        let renumbered = Manifest::renumber(&manifest.write(), 300).unwrap();
        assert_eq!(Manifest::read(&renumbered).unwrap(), Manifest { generation: 300, ..manifest });
        assert!(Manifest::renumber(&renumbered[..40], 1).is_err());
    }
}
