//! CHNK and CIDX: the chunk table, in compressed blocks that are decoded when one of their chunks is first asked for.

use super::bytes::Bytes;
use super::codec::{Decoder, Deflater, block_ranges, put_varint};
use super::files::FileEntry;
use super::inflate::inflate;
use super::rows::{ChunkRow, FileData};
use crate::error::{Error, Result};
use std::ops::Range;
use std::sync::OnceLock;

/// Chunks in a block.
pub const BLOCK: usize = 256;
/// A block inflates to at most this: two leading varints and six varints a chunk.
const BLOCK_LIMIT_BYTES: usize = (2 + 6 * BLOCK) * 5;

/// Encodes CHNK and CIDX.
pub fn write(files: &[FileData], deflater: &mut Deflater) -> (Vec<u8>, Vec<u8>) {
    let (mut blocks, mut index) = (Vec::new(), Vec::new());
    let rows: Vec<&ChunkRow> = files.iter().flat_map(|file| &file.chunks).collect();
    let mut raw = Vec::new();
    for block in rows.chunks(BLOCK) {
        raw.clear();
        put_varint(&mut raw, u64::from(block[0].start));
        put_varint(&mut raw, u64::from(block[0].line));
        let columns: [fn(&ChunkRow) -> u32; 6] = [
            |row| row.end - row.start,
            |row| row.line_feeds,
            |row| row.symbol.map_or(0, |symbol| symbol + 1),
            |row| row.piece,
            |row| row.docs.map_or(0, |(start, _)| start - row.start + 1),
            |row| row.docs.map_or(0, |(start, end)| end - start),
        ];
        for column in columns {
            block.iter().for_each(|row| put_varint(&mut raw, u64::from(column(row))));
        }
        let len = deflater.append(&raw, &mut blocks);
        put_varint(&mut index, len as u64);
    }
    (blocks, index)
}

/// The chunk table of an open segment.
#[derive(Debug)]
pub struct ChunkTable {
    starts: Vec<u32>,
    blocks: Vec<OnceLock<Vec<ChunkRow>>>,
    chunks: u32,
}

impl ChunkTable {
    /// Reads the index of a table of `chunks` chunks whose blocks take `total` bytes.
    pub fn read(index: &[u8], total: usize, chunks: u32) -> Result<Self> {
        let starts = block_ranges(index, total)?;
        let count = starts.len() - 1;
        if count != (chunks as usize).div_ceil(BLOCK) {
            return Err(Error::Corrupt("the chunk table has the wrong number of blocks"));
        }
        Ok(Self { starts, blocks: (0..count).map(|_| OnceLock::new()).collect(), chunks })
    }

    /// Where each block starts, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Forgets a decoded block.
    pub fn drop_block(&mut self, block: usize) {
        self.blocks.get_mut(block).and_then(OnceLock::take);
    }

    /// Says that the chunks `docs`, at least one, will be read.
    pub fn want(&self, docs: Range<u32>, section: Bytes) -> Result<()> {
        let (first, last) = (docs.start as usize / BLOCK, (docs.end as usize - 1) / BLOCK);
        let start = |block: usize| self.starts.get(block).map_or(0, |&start| start as usize);
        section.want(start(first)..start(last + 1))
    }

    /// The chunk `doc`; `section` is CHNK, `files` the file table.
    pub fn get(&self, doc: u32, section: Bytes, files: &[FileEntry]) -> Result<ChunkRow> {
        if doc >= self.chunks {
            return Err(Error::Corrupt("a posting names a chunk that is not there"));
        }
        let block = doc as usize / BLOCK;
        if self.blocks[block].get().is_none() {
            let rows = self.decode(block, section, files)?;
            let _ = self.blocks[block].set(rows);
        }
        Ok(self.blocks[block].get().expect("the block was just decoded")[doc as usize % BLOCK])
    }

    fn decode(&self, block: usize, section: Bytes, files: &[FileEntry]) -> Result<Vec<ChunkRow>> {
        let range = self.starts[block] as usize..self.starts[block + 1] as usize;
        let raw = inflate(&section.read(range)?, BLOCK_LIMIT_BYTES)?;
        let first = block * BLOCK;
        let len = BLOCK.min(self.chunks as usize - first);
        let mut decoder = Decoder::new(&raw);
        let (mut start, mut line) = (decoder.varint32()?, decoder.varint32()?);
        let (lens, line_feeds, symbols) = (decoder.column(len)?, decoder.column(len)?, decoder.column(len)?);
        let (pieces, docs_starts, docs_lens) = (decoder.column(len)?, decoder.column(len)?, decoder.column(len)?);
        let bad = || Error::Corrupt("a chunk does not fit its file");
        let mut file = files.partition_point(|entry| entry.first_chunk as usize <= first) - 1;
        let mut rows = Vec::with_capacity(len);
        for (at, piece) in pieces.into_iter().enumerate() {
            while files[file].first_chunk + files[file].chunks <= (first + at) as u32 {
                file += 1;
                (start, line) = (0, 0);
            }
            let end = start.checked_add(lens[at]).filter(|&end| end <= files[file].text_len).ok_or_else(bad)?;
            let symbol = symbols[at].checked_sub(1);
            if symbol.is_some_and(|symbol| symbol >= files[file].symbols) {
                return Err(bad());
            }
            let docs = match docs_starts[at].checked_sub(1) {
                None => None,
                Some(offset) => {
                    let docs_start = start.checked_add(offset).ok_or_else(bad)?;
                    let docs_end =
                        docs_start.checked_add(docs_lens[at]).filter(|&docs_end| docs_end <= end).ok_or_else(bad)?;
                    Some((docs_start, docs_end))
                }
            };
            rows.push(ChunkRow { start, end, line, line_feeds: line_feeds[at], symbol, piece, docs });
            start = end;
            line = line.checked_add(line_feeds[at]).ok_or_else(bad)?;
        }
        Ok(rows)
    }
}
