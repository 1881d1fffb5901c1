//! Where the bytes of a section are: in memory as a whole, or in blocks of which only some were supplied. The engine does no I/O: what it lacks it
//! states, and goes on when the host has brought it. Every read of what may be absent goes through [`Bytes`].

use crate::error::{Error, Result, Section};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use xxhash_rust::xxh3::xxh3_64;

/// A section of an open segment.
#[derive(Debug, Clone, Copy)]
pub enum Bytes<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// Blocks of it.
    Sparse(&'a Blocks),
}

impl<'a> Bytes<'a> {
    /// The bytes `range`.
    ///
    /// # Errors
    /// PARTS_MISSING when some of them have to be supplied first, which is recorded; SNAPSHOT_CORRUPT when the section ends before.
    pub fn read(self, range: Range<usize>) -> Result<Cow<'a, [u8]>> {
        match self {
            Bytes::Whole(bytes) => {
                bytes.get(range).map(Cow::Borrowed).ok_or(Error::Corrupt("a section ends too early"))
            }
            Bytes::Sparse(blocks) => blocks.read(range),
        }
    }

    /// Says that `range` will be read.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn want(self, range: Range<usize>) -> Result<()> {
        match self {
            Bytes::Whole(_) => Ok(()),
            Bytes::Sparse(blocks) => blocks.covering(range).and_then(|covering| blocks.want(covering)),
        }
    }
}

/// How blocks are verified.
#[derive(Debug)]
pub enum Sums {
    /// The section is one block, with the XXH3-64 of the contents.
    Section(u64),
    /// The low halves of the XXH3-64 of each block.
    Blocks(Vec<u32>),
}

/// A section whose blocks are supplied one by one, each verified. A block is what can be verified: the least that can be fetched.
#[derive(Debug)]
pub struct Blocks {
    section: Section,
    /// Where the section starts in the file.
    offset: usize,
    /// Where each block starts in the section, and where the last one ends.
    starts: Vec<u32>,
    sums: Sums,
    held: Vec<OnceLock<Box<[u8]>>>,
    calls: Calls,
    /// In which of the calls each block was last read.
    used: Vec<AtomicU32>,
    held_bytes: AtomicUsize,
    wanted: Mutex<Vec<u32>>,
}

/// Counts the calls of an index that read; by it the least recently used blocks of all its segments are found.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<AtomicU32>);

impl Calls {
    /// Begins a call: what is read from now on is younger than what was read before.
    pub fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Blocks {
    /// A section at `offset` of its file, of which nothing is there.
    pub fn new(id: [u8; 4], offset: usize, starts: Vec<u32>, sums: Sums, calls: Calls) -> Self {
        let count = starts.len().saturating_sub(1);
        Self {
            section: Section(id),
            offset,
            starts,
            sums,
            calls,
            held: (0..count).map(|_| OnceLock::new()).collect(),
            used: (0..count).map(|_| AtomicU32::new(0)).collect(),
            held_bytes: AtomicUsize::new(0),
            wanted: Mutex::new(Vec::new()),
        }
    }

    fn range(&self, block: usize) -> Range<usize> {
        self.starts[block] as usize..self.starts[block + 1] as usize
    }

    /// The blocks that together hold `range`.
    fn covering(&self, range: Range<usize>) -> Result<Range<usize>> {
        let end = self.starts.last().map_or(0, |&end| end as usize);
        if range.start > range.end || range.end > end {
            return Err(Error::Corrupt("a section ends too early"));
        }
        if range.is_empty() {
            return Ok(0..0);
        }
        let first = self.starts.partition_point(|&start| start as usize <= range.start) - 1;
        Ok(first..self.starts.partition_point(|&start| (start as usize) < range.end))
    }

    fn want(&self, blocks: Range<usize>) -> Result<()> {
        let now = self.calls.now();
        let mut result = Ok(());
        for block in blocks {
            self.used[block].store(now, Ordering::Relaxed);
            if self.held[block].get().is_none() && self.starts[block] < self.starts[block + 1] {
                self.wanted.lock().expect("no panic while it is held").push(block as u32);
                result = Err(Error::Missing);
            }
        }
        result
    }

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>> {
        let covering = self.covering(range.clone())?;
        self.want(covering.clone())?;
        let (Some(first), len) = (covering.clone().next(), covering.len()) else { return Ok(Cow::Borrowed(&[])) };
        let block = |at: usize| self.held[at].get().map_or(&[] as &[u8], |bytes| bytes);
        let base = self.starts[first] as usize;
        if len == 1 {
            return Ok(Cow::Borrowed(&block(first)[range.start - base..range.end - base]));
        }
        let mut joined: Vec<u8> = Vec::with_capacity(self.starts[covering.end] as usize - base);
        covering.for_each(|at| joined.extend_from_slice(block(at)));
        joined.truncate(range.end - base);
        joined.drain(..range.start - base);
        Ok(Cow::Owned(joined))
    }

    /// Takes every block that lies wholly in `bytes`, which stand at `at` of the file.
    ///
    /// # Errors
    /// SNAPSHOT_CHECKSUM when one is not what was written; those before it are kept.
    pub fn supply(&self, at: usize, bytes: &[u8]) -> Result<()> {
        let first = self.starts.partition_point(|&start| self.offset + (start as usize) < at);
        for block in first..self.held.len() {
            let range = self.range(block);
            let (start, end) = (self.offset + range.start - at, self.offset + range.end - at);
            if end > bytes.len() {
                break;
            }
            let bytes = &bytes[start..end];
            self.fits(block, bytes)?;
            if self.held[block].set(bytes.into()).is_ok() {
                self.held_bytes.fetch_add(bytes.len(), Ordering::Relaxed);
                self.used[block].store(self.calls.now(), Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn fits(&self, block: usize, bytes: &[u8]) -> Result<()> {
        let sum = xxh3_64(bytes);
        let fits = match &self.sums {
            Sums::Section(expected) => sum == *expected,
            Sums::Blocks(sums) => sums[block] == sum as u32,
        };
        if fits { Ok(()) } else { Err(Error::Checksum { section: self.section }) }
    }

    /// Checks every block of a file that is all there.
    pub fn check(&self, file: &[u8]) -> Result<()> {
        (0..self.held.len()).try_for_each(|block| {
            let range = self.range(block);
            self.fits(block, &file[self.offset + range.start..self.offset + range.end])
        })
    }

    /// The ranges of the file that were wanted and were not there, in order; each once, and forgotten now.
    pub fn take_wanted(&self, out: &mut Vec<Range<u64>>) {
        let mut wanted = std::mem::take(&mut *self.wanted.lock().expect("no panic while it is held"));
        wanted.sort_unstable();
        wanted.dedup();
        out.extend(wanted.into_iter().map(|block| {
            let range = self.range(block as usize);
            (self.offset + range.start) as u64..(self.offset + range.end) as u64
        }));
    }

    /// Bytes of the blocks that are there.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes.load(Ordering::Relaxed)
    }

    /// Where in the file each block starts, and where the last one ends.
    pub fn edges(&self) -> impl Iterator<Item = usize> {
        self.starts.iter().map(|&start| self.offset + start as usize)
    }

    /// When each block that is there was last read, with its number and its length.
    pub fn ages(&self) -> impl Iterator<Item = (u32, usize, usize)> {
        let held = self.held.iter().enumerate().filter_map(|(at, held)| Some((at, held.get()?.len())));
        held.map(|(at, len)| (self.used[at].load(Ordering::Relaxed), at, len))
    }

    /// Forgets a block.
    pub fn drop_block(&mut self, block: usize) {
        if let Some(bytes) = self.held[block].take() {
            self.held_bytes.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(data: &[u8], starts: Vec<u32>) -> Blocks {
        let sums = starts.windows(2).map(|at| xxh3_64(&data[at[0] as usize..at[1] as usize]) as u32).collect();
        Blocks::new(*b"TEST", 1000, starts, Sums::Blocks(sums), Calls::default())
    }

    #[test]
    fn what_is_missing_is_stated_once_and_read_when_it_was_supplied() {
        let data: Vec<u8> = (0..100).collect();
        let blocks = blocks(&data, vec![0, 10, 10, 40, 100]);
        let bytes = Bytes::Sparse(&blocks);
        assert_eq!(bytes.read(5..45), Err(Error::Missing));
        assert_eq!(bytes.read(50..60), Err(Error::Missing));
        let mut wanted = Vec::new();
        blocks.take_wanted(&mut wanted);
        assert_eq!(wanted, [1000..1010, 1010..1040, 1040..1100]);
        blocks.supply(995, &[&[0; 5], &data[..50]].concat()).unwrap();
        assert_eq!(&*bytes.read(5..40).unwrap(), &data[5..40]);
        assert_eq!((bytes.read(7..7), bytes.read(99..101).is_err()), (Ok(Cow::Borrowed(&[] as &[u8])), true));
        assert_eq!(bytes.read(39..41), Err(Error::Missing));
        blocks.supply(1040, &data[40..]).unwrap();
        assert_eq!(&*bytes.read(0..100).unwrap(), &data[..]);
        assert_eq!(blocks.held_bytes(), 100);
    }

    #[test]
    fn a_changed_block_is_refused_and_a_dropped_one_is_missing_again() {
        let mut data: Vec<u8> = (0..100).collect();
        let mut blocks = blocks(&data, vec![0, 50, 100]);
        data[70] ^= 1;
        assert_eq!(blocks.supply(1000, &data).unwrap_err().code(), "SNAPSHOT_CHECKSUM");
        assert!(Bytes::Sparse(&blocks).read(0..50).is_ok() && Bytes::Sparse(&blocks).read(0..51).is_err());
        blocks.drop_block(0);
        assert_eq!((Bytes::Sparse(&blocks).want(0..1), blocks.held_bytes()), (Err(Error::Missing), 0));
    }
}
