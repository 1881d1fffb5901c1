//! TEXT and XIDX: the decoded text of all files, in compressed blocks of 32 KiB. XCUT, optional: where these can be cut, so that a hit costs a quarter of a block.

use super::bytes::Bytes;
use super::codec::{Decoder, Deflater, block_ranges, put_varint};
use super::inflate::inflate_prefix;
use super::rows::FileData;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::ops::Range;

/// Text bytes in a block.
pub const BLOCK_BYTES: usize = 32 * 1024;

/// Text bytes in a piece of a block, which is fetched with those of its run that stand before it.
const PIECE_BYTES: usize = 8 * 1024;

/// Pieces that are compressed together: more compress better, fewer are fetched faster.
const RUN: usize = 2;

/// Encodes TEXT, XIDX and XCUT.
pub fn write(files: &[FileData], deflater: &mut Deflater) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (mut blocks, mut index, mut cuts) = (Vec::new(), Vec::new(), Vec::new());
    put_varint(&mut cuts, PIECE_BYTES as u64);
    put_varint(&mut cuts, RUN as u64);
    let mut raw = Vec::with_capacity(BLOCK_BYTES);
    let mut close = |raw: &mut Vec<u8>| {
        let start = blocks.len();
        deflater.append_pieces(raw, PIECE_BYTES, RUN, &mut blocks, |len| put_varint(&mut cuts, len as u64));
        put_varint(&mut index, (blocks.len() - start) as u64);
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
    (blocks, index, cuts)
}

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
    /// Where each piece starts in TEXT, and where the last one ends.
    starts: Vec<u32>,
    /// Text bytes of a piece.
    piece: usize,
    /// Pieces that are compressed together.
    run: usize,
    text_bytes: u64,
}

impl TextBlocks {
    /// Reads the index of `text_bytes` of text whose blocks take `total` bytes, and XCUT where there is one.
    pub fn read(index: &[u8], cuts: Option<&[u8]>, total: usize, text_bytes: u64) -> Result<Self> {
        let starts = block_ranges(index, total)?;
        if starts.len() as u64 - 1 != text_bytes.div_ceil(BLOCK_BYTES as u64) {
            return Err(Error::Corrupt("the text has the wrong number of blocks"));
        }
        let Some(cuts) = cuts else { return Ok(Self { starts, piece: BLOCK_BYTES, run: 1, text_bytes }) };
        let bad = Error::Corrupt("the text is cut where it cannot be");
        let mut decoder = Decoder::new(cuts);
        let (piece, run) = (decoder.varint()? as usize, decoder.varint()? as usize);
        let fits = (1..=BLOCK_BYTES).contains(&piece) && (1..=BLOCK_BYTES).contains(&run);
        if !fits || !BLOCK_BYTES.is_multiple_of(piece * run) {
            return Err(bad);
        }
        let cut = block_ranges(decoder.take(decoder.remaining())?, total)?;
        if cut.len() as u64 - 1 != text_bytes.div_ceil(piece as u64)
            || starts[..starts.len() - 1].iter().zip(cut.iter().step_by(BLOCK_BYTES / piece)).any(|(a, b)| a != b)
        {
            return Err(bad);
        }
        Ok(Self { starts: cut, piece, run, text_bytes })
    }

    /// Where each piece starts, and where the last one ends; blocks are pieces where they cannot be cut.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Whether pieces are less than blocks.
    pub fn is_cut(&self) -> bool {
        self.piece < BLOCK_BYTES
    }

    /// The runs that hold the bytes `start..end` of the text, and for each the range of its own bytes.
    fn runs(&self, start: u32, end: u32) -> Result<impl Iterator<Item = (usize, Range<usize>)> + use<>> {
        if start > end || u64::from(end) > self.text_bytes {
            return Err(Error::Corrupt("a chunk leaves the text"));
        }
        let (start, end, len) = (start as usize, end as usize, self.piece * self.run);
        let runs = if start == end { 0..0 } else { start / len..end.div_ceil(len) };
        Ok(runs.map(move |run| (run, start.max(run * len) - run * len..end.min((run + 1) * len) - run * len)))
    }

    /// States what has to be fetched for some runs as a whole, before the first one is read.
    fn want(&self, start: u32, end: u32, section: Bytes, segment: u64, cache: &TextCache) -> Result<()> {
        let mut result = Ok(());
        for (run, range) in self.runs(start, end)? {
            if cache.begun((segment, run as u32)).is_none_or(|len| len < range.end) {
                result = section.want(self.pieces(run, range.end)).and(result);
            }
        }
        result
    }

    /// The bytes `start..end` of the segment's text; `section` is TEXT, `segment` the owner's key in the cache.
    pub fn get(&self, start: u32, end: u32, section: Bytes, segment: u64, cache: &mut TextCache) -> Result<String> {
        let runs = self.runs(start, end)?;
        self.want(start, end, section, segment, cache)?;
        let mut out = Vec::with_capacity((end - start) as usize);
        for (run, range) in runs {
            let load = |again| self.inflate(run, range.end, again, section);
            let bytes = cache.block((segment, run as u32), range.end, load)?;
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
        let runs = self.runs(start, end)?;
        self.want(start, end, section, segment, cache)?;
        for (run, range) in runs {
            let load = |again| self.inflate(run, range.end, again, section);
            cache.pass((segment, run as u32), range.clone(), out, load)?;
        }
        Ok(())
    }

    /// Where the pieces stand that hold the first `upto` bytes of a run.
    fn pieces(&self, run: usize, upto: usize) -> Range<usize> {
        let first = run * self.run;
        let end = (first + upto.div_ceil(self.piece)).min(self.starts.len() - 1);
        self.starts[first] as usize..self.starts[end] as usize
    }

    /// At least the first `wanted` bytes of a run: of a section that is fetched in parts what its pieces hold.
    fn inflate(&self, run: usize, wanted: usize, whole: bool, section: Bytes) -> Result<Vec<u8>> {
        let start = run * self.piece * self.run;
        let len = (self.piece * self.run).min((self.text_bytes - start as u64) as usize);
        let wanted = match section {
            Bytes::Sparse(_) => wanted.next_multiple_of(self.piece).min(len),
            // What is nearly all is made all of it, and what was too little before.
            Bytes::Whole(_) if whole || wanted > len - len / 4 => len,
            Bytes::Whole(_) => wanted,
        };
        let end = start + wanted;
        let all = end as u64 == self.text_bytes || end.is_multiple_of(BLOCK_BYTES);
        inflate_prefix(&section.read(self.pieces(run, wanted))?, wanted, all)
    }
}

#[cfg(test)]
mod tests {
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
        let (section, index, cuts) = write(&[file], &mut Deflater::default());
        let read = |cuts| TextBlocks::read(&index, cuts, section.len(), text.len() as u64).unwrap();
        let mut seed = 9u32;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for (budget, blocks) in [
            (0, read(Some(&cuts))),
            (BLOCK_BYTES, read(None)),
            (3 * BLOCK_BYTES, read(Some(&cuts))),
            (100 * BLOCK_BYTES, read(None)),
        ] {
            let mut cache = TextCache::new(budget);
            for turn in 0..200 {
                let (from, to) = (next(text.len() + 1), next(text.len() + 1));
                let (start, end) = (
                    from.min(to),
                    if turn % 3 > 0 { from.min(to) + (from.max(to) - from.min(to)) % 900 } else { from.max(to) },
                );
                let (range, section) = (start..end, Bytes::Whole(&section));
                let (start, end) = (start as u32, end as u32);
                if turn % 2 == 0 {
                    assert_eq!(blocks.get(start, end, section, 1, &mut cache).unwrap(), text[range]);
                } else {
                    let mut out = Vec::new();
                    blocks.append(start, end, section, 1, &mut cache, &mut out).unwrap();
                    assert_eq!(out, text[range].as_bytes());
                }
                assert_eq!(cache.held_bytes, cache.blocks.values().map(|(_, block)| block.len()).sum::<usize>());
                assert!(cache.held_bytes <= budget.max(BLOCK_BYTES));
            }
        }
        let cut = &section[..section.len() - 1];
        assert!(TextBlocks::read(&index, None, cut.len(), text.len() as u64).is_err());
        let mut bad = section.clone();
        bad[..2000].fill(0xa5);
        for end in [10, 20_000, BLOCK_BYTES as u32] {
            assert!(read(None).get(0, end, Bytes::Whole(&bad), 1, &mut TextCache::new(0)).is_err());
        }
    }
}
