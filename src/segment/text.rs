//! TEXT and XIDX: the decoded text of all files, in compressed blocks of 32 KiB.

use super::bytes::Bytes;
use super::codec::{Deflater, block_ranges, inflate, put_varint};
use super::rows::FileData;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::ops::Range;

/// Text bytes in a block: large enough to compress well, small enough to show a hit after inflating one or two.
pub const BLOCK_BYTES: usize = 32 * 1024;

/// Encodes TEXT and XIDX.
pub fn write(files: &[FileData], deflater: &mut Deflater) -> (Vec<u8>, Vec<u8>) {
    let (mut blocks, mut index) = (Vec::new(), Vec::new());
    let mut raw = Vec::with_capacity(BLOCK_BYTES);
    let mut close = |raw: &mut Vec<u8>| {
        let len = deflater.append(raw, &mut blocks);
        put_varint(&mut index, len as u64);
        raw.clear();
    };
    for file in files {
        let mut rest = file.text.as_bytes();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK_BYTES - raw.len()));
            raw.extend_from_slice(now);
            rest = later;
            if raw.len() == BLOCK_BYTES {
                close(&mut raw);
            }
        }
    }
    if !raw.is_empty() {
        close(&mut raw);
    }
    (blocks, index)
}

/// Inflated blocks of all open segments, at most a budget of them. The least recently used goes first.
#[derive(Debug)]
pub struct TextCache {
    budget_bytes: usize,
    held_bytes: usize,
    clock: u64,
    blocks: HashMap<(u64, u32), (u64, Vec<u8>)>,
}

impl TextCache {
    /// A cache that holds up to `budget_bytes` of text, and always the block in use.
    pub fn new(budget_bytes: usize) -> Self {
        Self { budget_bytes, held_bytes: 0, clock: 0, blocks: HashMap::new() }
    }

    fn block(&mut self, key: (u64, u32), load: impl FnOnce() -> Result<Vec<u8>>) -> Result<&[u8]> {
        self.clock += 1;
        if !self.blocks.contains_key(&key) {
            let block = load()?;
            self.held_bytes += block.len();
            while self.held_bytes > self.budget_bytes && !self.blocks.is_empty() {
                let oldest = *self.blocks.iter().min_by_key(|(_, (used, _))| *used).expect("the cache is not empty").0;
                let (_, dropped) = self.blocks.remove(&oldest).expect("the key was just found");
                self.held_bytes -= dropped.len();
            }
            self.blocks.insert(key, (self.clock, block));
        }
        let entry = self.blocks.get_mut(&key).expect("the block is in the cache");
        entry.0 = self.clock;
        Ok(&entry.1)
    }

    /// The same for who will not ask for the block again soon: it is kept only where there is room.
    fn pass(
        &mut self,
        key: (u64, u32),
        out: &mut Vec<u8>,
        range: impl Fn(usize) -> Range<usize>,
        load: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<usize> {
        if let Some((_, block)) = self.blocks.get(&key) {
            out.extend_from_slice(&block[range(block.len())]);
            return Ok(range(block.len()).len());
        }
        let block = load()?;
        let range = range(block.len());
        out.extend_from_slice(&block[range.clone()]);
        if self.held_bytes + block.len() <= self.budget_bytes {
            self.held_bytes += block.len();
            self.blocks.insert(key, (self.clock, block));
        }
        Ok(range.len())
    }

    /// Forgets the blocks of a segment.
    pub fn forget(&mut self, segment: u64) {
        let held = &mut self.held_bytes;
        self.blocks.retain(|&(owner, _), (_, block)| {
            let keep = owner != segment;
            if !keep {
                *held -= block.len();
            }
            keep
        });
    }
}

/// The text of an open segment.
#[derive(Debug)]
pub struct TextBlocks {
    starts: Vec<u32>,
    text_bytes: u64,
}

impl TextBlocks {
    /// Reads the index of `text_bytes` of text whose blocks take `total` bytes.
    pub fn read(index: &[u8], total: usize, text_bytes: u64) -> Result<Self> {
        let starts = block_ranges(index, total)?;
        if starts.len() as u64 - 1 != text_bytes.div_ceil(BLOCK_BYTES as u64) {
            return Err(Error::Corrupt("the text has the wrong number of blocks"));
        }
        Ok(Self { starts, text_bytes })
    }

    /// Where each block starts, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    fn range(&self, block: usize) -> Range<usize> {
        self.starts[block] as usize..self.starts[block + 1] as usize
    }

    /// The bytes `start..end` of the segment's text; `section` is TEXT, `segment` the owner's key in the cache.
    pub fn get(&self, start: u32, end: u32, section: Bytes, segment: u64, cache: &mut TextCache) -> Result<String> {
        if start > end || u64::from(end) > self.text_bytes {
            return Err(Error::Corrupt("a chunk leaves the text"));
        }
        if start == end {
            return Ok(String::new());
        }
        // What has to be fetched is stated as a whole, before the first block is read.
        let mut result = Ok(());
        for block in start as usize / BLOCK_BYTES..=(end as usize - 1) / BLOCK_BYTES {
            if !cache.blocks.contains_key(&(segment, block as u32)) {
                result = section.want(self.range(block)).and(result);
            }
        }
        result?;
        let mut out = Vec::with_capacity((end - start) as usize);
        let mut at = start as usize;
        while at < end as usize {
            let block = at / BLOCK_BYTES;
            let bytes = cache.block((segment, block as u32), || self.inflate(block, section))?;
            let from = at % BLOCK_BYTES;
            let to = (from + end as usize - at).min(bytes.len());
            out.extend_from_slice(&bytes[from..to]);
            at += to - from;
        }
        String::from_utf8(out).map_err(|_| Error::Corrupt("the text is not UTF-8"))
    }

    /// Appends the bytes `start..end` of the segment's text to `out`.
    pub fn append(
        &self,
        start: u32,
        end: u32,
        section: Bytes,
        segment: u64,
        cache: &mut TextCache,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if start > end || u64::from(end) > self.text_bytes {
            return Err(Error::Corrupt("a chunk leaves the text"));
        }
        let mut result = Ok(());
        for block in start as usize / BLOCK_BYTES..(end as usize).div_ceil(BLOCK_BYTES) {
            if !cache.blocks.contains_key(&(segment, block as u32)) {
                result = section.want(self.range(block)).and(result);
            }
        }
        result?;
        let mut at = start as usize;
        while at < end as usize {
            let block = at / BLOCK_BYTES;
            let from = at % BLOCK_BYTES;
            let range = |len: usize| from..(from + end as usize - at).min(len);
            at += cache.pass((segment, block as u32), out, range, || self.inflate(block, section))?;
        }
        Ok(())
    }

    fn inflate(&self, block: usize, section: Bytes) -> Result<Vec<u8>> {
        let len = BLOCK_BYTES.min((self.text_bytes - (block * BLOCK_BYTES) as u64) as usize);
        let bytes = inflate(&section.read(self.range(block))?, len)?;
        if bytes.len() != len {
            return Err(Error::Corrupt("a block of text has the wrong length"));
        }
        Ok(bytes)
    }
}
