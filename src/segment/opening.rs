//! A segment that is being opened by its head and its resident sections alone. The large sections are fetched as they are needed.

use super::bytes::Calls;
use super::container::{Container, Kind};
use super::reader::Segment;
use crate::error::{Error, Result, Section};
use std::borrow::Cow;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes from the start of a file that hold its header and contents, whatever version wrote it.
pub const HEAD_BYTES: usize = 4096;

/// What every open segment holds: a writer puts these first.
pub const RESIDENT: [&[u8; 4]; 14] = [
    b"META", b"FILE", b"NORM", b"TIDX", b"HOTT", b"BIDX", b"CIDX", b"SIDX", b"XIDX", b"NIDX", b"VMOD", b"SKIP",
    b"EQUL", b"CSUM",
];

/// Bytes at the beginning of a file up to the end of the resident sections that stand there.
pub fn resident_bytes(container: &Container) -> u64 {
    let first = container.entries.iter().take_while(|entry| RESIDENT.contains(&&entry.id));
    first.last().map_or(0, |entry| entry.range.end as u64)
}

/// A segment of which the beginning is there.
#[derive(Debug)]
pub struct Opening {
    head: Container,
    pieces: Vec<(usize, Vec<u8>)>,
}

impl Opening {
    /// Starts with the first bytes of the file, [`HEAD_BYTES`] or more of them unless it is shorter.
    ///
    /// # Errors
    /// SNAPSHOT_FOREIGN, FORMAT_NEWER, SNAPSHOT_TRUNCATED, SNAPSHOT_CHECKSUM or SNAPSHOT_CORRUPT.
    pub fn new(start: Vec<u8>) -> Result<Self> {
        Ok(Self { head: Container::head(Kind::Segment, &start, None)?, pieces: vec![(0, start)] })
    }

    /// Takes bytes of the file that stand at `at`.
    pub fn supply(&mut self, at: usize, bytes: Vec<u8>) {
        self.pieces.push((at, bytes));
    }

    /// The ranges of the file that have to be supplied.
    pub fn needs(&self) -> Vec<Range<u64>> {
        let mut needs = Vec::new();
        for entry in self.head.entries.iter().filter(|entry| RESIDENT.contains(&&entry.id)) {
            let held = self.held(entry.range.clone()).len();
            if held < entry.range.len() {
                needs.push((entry.range.start + held) as u64..entry.range.end as u64);
            }
        }
        needs
    }

    /// Opens the segment for an index of these calls.
    ///
    /// # Errors
    /// PARTS_MISSING while something is needed; those of [`Segment::open`].
    pub fn finish(&self, calls: &Calls) -> Result<Segment> {
        Segment::assemble(&self.head, Some(calls), &|entry| {
            let bytes = self.held(entry.range.clone());
            if bytes.len() < entry.range.len() {
                return Err(Error::Missing);
            }
            if xxh3_64(&bytes) != entry.checksum {
                return Err(Error::Checksum { section: Section(entry.id) });
            }
            Ok(bytes)
        })
    }

    /// As much of the beginning of `range` as is there.
    fn held(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let mut held: Cow<[u8]> = Cow::Borrowed(&[]);
        loop {
            let at = range.start + held.len();
            let next = self.pieces.iter().find_map(|(start, bytes)| {
                let bytes = bytes.get(at.checked_sub(*start)?..)?;
                (!bytes.is_empty()).then(|| &bytes[..bytes.len().min(range.end - at)])
            });
            match next {
                Some(next) if at < range.end && held.is_empty() => held = Cow::Borrowed(next),
                Some(next) if at < range.end => held.to_mut().extend_from_slice(next),
                _ => return held,
            }
        }
    }
}
