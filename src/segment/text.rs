//! The decoded text of all files, in compressed blocks: the groups of BODY, or in version 1 TEXT.

use super::bytes::Bytes;
use super::inflate::inflate_prefix;
use super::places::Places;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::ops::Range;

/// Text bytes in a block of version 1.
pub const BLOCK_BYTES: usize = 32 * 1024;

/// Inflated blocks of all open segments, at most a budget of them. The least recently used goes first. Of a block that is first asked for, what comes before and what was
/// asked for is inflated; the second time, all of it.
#[derive(Debug)]
pub struct TextCache {
    budget_bytes: usize,
    held_bytes: usize,
    clock: u64,
    blocks: HashMap<(u64, u32), (u64, Vec<u8>)>,
}

impl TextCache {
    /// A cache that holds up to `budget_bytes` of text, and always the run in use.
    pub fn new(budget_bytes: usize) -> Self {
        Self { budget_bytes, held_bytes: 0, clock: 0, blocks: HashMap::new() }
    }

    /// At least the first `wanted` bytes of a block.
    fn block(&mut self, key: (u64, u32), wanted: usize, load: impl FnOnce(bool) -> Result<Vec<u8>>) -> Result<&[u8]> {
        self.clock += 1;
        if self.begun(key).is_none_or(|len| len < wanted) {
            let block = load(self.drop_begun(key))?;
            self.held_bytes += block.len();
            while self.held_bytes > self.budget_bytes && !self.blocks.is_empty() {
                let oldest = *self.blocks.iter().min_by_key(|(_, (used, _))| *used).expect("the cache is not empty").0;
                self.drop_begun(oldest);
            }
            self.blocks.insert(key, (self.clock, block));
        }
        let entry = self.blocks.get_mut(&key).expect("the block is in the cache");
        entry.0 = self.clock;
        Ok(&entry.1)
    }

    /// The bytes `range` of a block for who will not ask for it again soon: it is kept only where there is room.
    fn pass(
        &mut self,
        key: (u64, u32),
        range: Range<usize>,
        out: &mut Vec<u8>,
        load: impl FnOnce(bool) -> Result<Vec<u8>>,
    ) -> Result<()> {
        if let Some((_, block)) = self.blocks.get(&key).filter(|(_, block)| block.len() >= range.end) {
            out.extend_from_slice(&block[range]);
            return Ok(());
        }
        let block = load(self.drop_begun(key))?;
        out.extend_from_slice(&block[range]);
        if self.held_bytes + block.len() <= self.budget_bytes {
            self.held_bytes += block.len();
            self.blocks.insert(key, (self.clock, block));
        }
        Ok(())
    }

    /// How much of a block is held.
    fn begun(&self, key: (u64, u32)) -> Option<usize> {
        self.blocks.get(&key).map(|(_, block)| block.len())
    }

    /// Lets go of a block; returns whether there was anything of it.
    fn drop_begun(&mut self, key: (u64, u32)) -> bool {
        let dropped = self.blocks.remove(&key);
        self.held_bytes -= dropped.as_ref().map_or(0, |(_, block)| block.len());
        dropped.is_some()
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
    places: Places,
    grouped: bool,
    text_bytes: u64,
}

impl TextBlocks {
    /// The text of the groups that stand in these places.
    pub fn grouped(places: Places, text_bytes: u64) -> Self {
        Self { places, grouped: true, text_bytes }
    }

    /// `text_bytes` of text of version 1, whose blocks start where `starts` says.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when there are not so many.
    pub fn read(starts: Vec<u32>, text_bytes: u64) -> Result<Self> {
        if starts.len() as u64 - 1 != text_bytes.div_ceil(BLOCK_BYTES as u64) {
            return Err(Error::Corrupt("the text has the wrong number of blocks"));
        }
        let firsts = (0..text_bytes as u32).step_by(BLOCK_BYTES).chain([text_bytes as u32]).collect();
        Ok(Self { places: Places::new(firsts, starts), grouped: false, text_bytes })
    }

    /// Where all blocks start, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        self.places.starts()
    }

    /// The blocks that hold the bytes `start..end` of the text, and for each the range of its own bytes.
    fn blocks(&self, start: u32, end: u32) -> Result<impl Iterator<Item = (usize, Range<usize>)>> {
        if start > end || u64::from(end) > self.text_bytes {
            return Err(Error::Corrupt("a chunk leaves the text"));
        }
        let blocks = if start == end { 0..0 } else { self.places.block(start)?..self.places.block(end - 1)? + 1 };
        Ok(blocks.map(move |block| {
            let own = self.places.rows(block);
            let range = start.max(own.start) - own.start..end.min(own.end) - own.start;
            (block, range.start as usize..range.end as usize)
        }))
    }

    /// States what has to be fetched for some blocks as a whole, before the first one is read.
    fn want(&self, start: u32, end: u32, section: Bytes, segment: u64, cache: &TextCache) -> Result<()> {
        let mut result = Ok(());
        for (block, range) in self.blocks(start, end)? {
            if cache.begun((segment, block as u32)).is_none_or(|len| len < range.end) {
                result = section.want(self.places.bytes(block)).and(result);
            }
        }
        result
    }

    /// The bytes `start..end` of the segment's text; `section` holds the blocks, `segment` is the owner's key in the cache.
    pub fn get(&self, start: u32, end: u32, section: Bytes, segment: u64, cache: &mut TextCache) -> Result<String> {
        self.want(start, end, section, segment, cache)?;
        let mut out = Vec::with_capacity((end - start) as usize);
        for (block, range) in self.blocks(start, end)? {
            let load = |again| self.inflate(block, range.end, again, section);
            let bytes = cache.block((segment, block as u32), range.end, load)?;
            out.extend_from_slice(&bytes[range]);
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
        self.want(start, end, section, segment, cache)?;
        for (block, range) in self.blocks(start, end)? {
            let load = |again| self.inflate(block, range.end, again, section);
            cache.pass((segment, block as u32), range.clone(), out, load)?;
        }
        Ok(())
    }

    /// At least the first `wanted` bytes of a block: all of what is nearly all, and of what was too little before.
    fn inflate(&self, block: usize, wanted: usize, whole: bool, section: Bytes) -> Result<Vec<u8>> {
        let own = self.places.rows(block);
        let len = own.len();
        let wanted = if whole || wanted > len - len / 4 { len } else { wanted };
        // The text of a group does not end the stream.
        inflate_prefix(&section.read(self.places.bytes(block))?, wanted, wanted == len && !self.grouped)
    }

    /// Bytes of text in a block.
    pub fn len(&self, block: usize) -> usize {
        self.places.rows(block).len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::Deflater;
    use super::super::groups;
    use super::super::rows::FileData;
    use super::*;

    /// Any part of the text is what it is, in whatever order parts are asked for and however little is kept.
    #[test]
    fn parts_are_read_as_they_are() {
        let text: String = (0..12_000).map(|n| format!("line {} of the text\n", n * 7919 % 12_007)).collect();
        let file = FileData {
            roles: None,
            path: "a".into(),
            language: "text".into(),
            hash: 0,
            len_bytes: text.len() as u32,
            flags: Default::default(),
            text: text.clone(),
            chunks: Vec::new(),
            symbols: Vec::new(),
        };
        let (body, index) = groups::write(&[file], &mut Deflater::default());
        let [_, places] = groups::read(&index, body.len(), 0, text.len() as u64).unwrap();
        let grouped = TextBlocks::grouped(places, text.len() as u64);
        let (mut section, mut starts) = (Vec::new(), vec![0]);
        for block in text.as_bytes().chunks(BLOCK_BYTES) {
            Deflater::default().append(block, &mut section);
            starts.push(section.len() as u32);
        }
        let even = TextBlocks::read(starts.clone(), text.len() as u64).unwrap();
        let mut seed = 9u32;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for (budget, blocks, section) in [
            (0, &grouped, &body),
            (BLOCK_BYTES, &even, &section),
            (3 * BLOCK_BYTES, &grouped, &body),
            (100 * BLOCK_BYTES, &even, &section),
        ] {
            let mut cache = TextCache::new(budget);
            for turn in 0..200 {
                let (from, to) = (next(text.len() + 1), next(text.len() + 1));
                let (start, end) = (
                    from.min(to),
                    if turn % 3 > 0 { from.min(to) + (from.max(to) - from.min(to)) % 900 } else { from.max(to) },
                );
                let (range, section) = (start..end, Bytes::Whole(section));
                let (start, end) = (start as u32, end as u32);
                if turn % 2 == 0 {
                    assert_eq!(blocks.get(start, end, section, 1, &mut cache).unwrap(), text[range]);
                } else {
                    let mut out = Vec::new();
                    blocks.append(start, end, section, 1, &mut cache, &mut out).unwrap();
                    assert_eq!(out, text[range].as_bytes());
                }
                assert_eq!(cache.held_bytes, cache.blocks.values().map(|(_, block)| block.len()).sum::<usize>());
                assert!(cache.held_bytes <= budget.max(groups::GROUP_LIMIT_BYTES));
            }
        }
        assert!(TextBlocks::read(starts[1..].to_vec(), text.len() as u64).is_err());
        for (blocks, bytes) in [(&grouped, body), (&even, section)] {
            let mut bad = bytes.clone();
            bad[..2000].fill(0xa5);
            for end in [10, 20_000, BLOCK_BYTES as u32] {
                assert!(blocks.get(0, end, Bytes::Whole(&bad), 1, &mut TextCache::new(0)).is_err());
            }
        }
    }
}
