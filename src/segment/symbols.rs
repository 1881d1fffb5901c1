//! SYMB and SIDX: the symbol table, in compressed blocks that are decoded when one of their symbols is first asked for.

use super::bytes::Bytes;
use super::codec::{Decoder, Deflater, block_ranges, put_signed, put_str, put_varint};
use super::inflate::inflate;
use super::rows::{FileData, SymbolRow};
use crate::error::{Error, Result};
use crate::limits;
use std::sync::OnceLock;

/// Symbols in a block.
pub const BLOCK: usize = 256;
/// A block inflates to at most this: ten varints, and two names of bounded length, a symbol.
const BLOCK_LIMIT_BYTES: usize = BLOCK * (10 * 10 + 2 * (limits::MAX_NAME_BYTES + 2));

/// Encodes SYMB and SIDX.
pub fn write(files: &[FileData], deflater: &mut Deflater) -> (Vec<u8>, Vec<u8>) {
    let (mut blocks, mut index) = (Vec::new(), Vec::new());
    let rows: Vec<&SymbolRow> = files.iter().flat_map(|file| &file.symbols).collect();
    let mut raw = Vec::new();
    for block in rows.chunks(BLOCK) {
        raw.clear();
        block.iter().for_each(|row| put_varint(&mut raw, u64::from(row.kind)));
        block.iter().for_each(|row| put_varint(&mut raw, row.parent.map_or(0, |parent| u64::from(parent) + 1)));
        delta_column(&mut raw, block, |row| row.start);
        block.iter().for_each(|row| put_varint(&mut raw, u64::from(row.end - row.start)));
        relative_column(&mut raw, block, |row| row.name_start, |row| row.start);
        delta_column(&mut raw, block, |row| row.name_line);
        relative_column(&mut raw, block, |row| row.start_line, |row| row.name_line);
        relative_column(&mut raw, block, |row| row.end_line, |row| row.name_line);
        relative_column(&mut raw, block, |row| row.signature_start, |row| row.start);
        block.iter().for_each(|row| put_varint(&mut raw, u64::from(row.signature_end - row.signature_start)));
        block.iter().for_each(|row| put_str(&mut raw, &row.name));
        block.iter().for_each(|row| put_str(&mut raw, &row.qualifier));
        let len = deflater.append(&raw, &mut blocks);
        put_varint(&mut index, len as u64);
    }
    (blocks, index)
}

fn delta_column(out: &mut Vec<u8>, rows: &[&SymbolRow], value: fn(&SymbolRow) -> u32) {
    let mut previous = 0;
    for row in rows {
        put_signed(out, i64::from(value(row)) - i64::from(previous));
        previous = value(row);
    }
}

fn relative_column(out: &mut Vec<u8>, rows: &[&SymbolRow], value: fn(&SymbolRow) -> u32, base: fn(&SymbolRow) -> u32) {
    rows.iter().for_each(|row| put_signed(out, i64::from(value(row)) - i64::from(base(row))));
}

/// The symbols of a block. The letters stand apart, since most symbols are passed over by them.
#[derive(Debug)]
struct Block {
    letters: Vec<u32>,
    rows: Vec<SymbolRow>,
}

/// The symbol table of an open segment.
#[derive(Debug)]
pub struct SymbolTable {
    starts: Vec<u32>,
    blocks: Vec<OnceLock<Block>>,
    symbols: u32,
}

impl SymbolTable {
    /// Reads the index of a table of `symbols` symbols whose blocks take `total` bytes.
    pub fn read(index: &[u8], total: usize, symbols: u32) -> Result<Self> {
        let starts = block_ranges(index, total)?;
        let count = starts.len() - 1;
        if count != (symbols as usize).div_ceil(BLOCK) {
            return Err(Error::Corrupt("the symbol table has the wrong number of blocks"));
        }
        Ok(Self { starts, blocks: (0..count).map(|_| OnceLock::new()).collect(), symbols })
    }

    /// Where each block starts, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Forgets a decoded block.
    pub fn drop_block(&mut self, block: usize) {
        self.blocks.get_mut(block).and_then(OnceLock::take);
    }

    /// The symbol with this ordinal in the segment; `section` is SYMB.
    pub fn get(&self, ordinal: u32, section: Bytes) -> Result<&SymbolRow> {
        Ok(&self.block(ordinal, section)?.rows[ordinal as usize % BLOCK])
    }

    /// The [`letters`] of the name of the symbol with this ordinal.
    pub fn letters(&self, ordinal: u32, section: Bytes) -> Result<u32> {
        Ok(self.block(ordinal, section)?.letters[ordinal as usize % BLOCK])
    }

    fn block(&self, ordinal: u32, section: Bytes) -> Result<&Block> {
        if ordinal >= self.symbols {
            return Err(Error::Corrupt("a chunk names a symbol that is not there"));
        }
        let block = ordinal as usize / BLOCK;
        if self.blocks[block].get().is_none() {
            let rows = self.decode(block, section)?;
            let letters = rows.iter().map(|row| letters(&row.name)).collect();
            let _ = self.blocks[block].set(Block { letters, rows });
        }
        Ok(self.blocks[block].get().expect("the block was just decoded"))
    }

    fn decode(&self, block: usize, section: Bytes) -> Result<Vec<SymbolRow>> {
        let range = self.starts[block] as usize..self.starts[block + 1] as usize;
        let raw = inflate(&section.read(range)?, BLOCK_LIMIT_BYTES)?;
        let len = BLOCK.min(self.symbols as usize - block * BLOCK);
        let mut decoder = Decoder::new(&raw);
        let kinds = decoder.column(len)?;
        let parents = decoder.column(len)?;
        let starts = sums(decoder.signed_column(len)?)?;
        let lens = decoder.column(len)?;
        let name_starts = relative(decoder.signed_column(len)?, &starts)?;
        let name_lines = sums(decoder.signed_column(len)?)?;
        let start_lines = relative(decoder.signed_column(len)?, &name_lines)?;
        let end_lines = relative(decoder.signed_column(len)?, &name_lines)?;
        let signature_starts = relative(decoder.signed_column(len)?, &starts)?;
        let signature_lens = decoder.column(len)?;
        let names = (0..len).map(|_| decoder.str().map(String::from)).collect::<Result<Vec<_>>>()?;
        let qualifiers = (0..len).map(|_| decoder.str().map(String::from)).collect::<Result<Vec<_>>>()?;
        let end = |start: u32, len: u32| start.checked_add(len).ok_or(Error::Corrupt("a symbol leaves its file"));
        names
            .into_iter()
            .zip(qualifiers)
            .enumerate()
            .map(|(at, (name, qualifier))| {
                Ok(SymbolRow {
                    kind: u8::try_from(kinds[at]).map_err(|_| Error::Corrupt("a symbol has an unknown kind"))?,
                    name,
                    qualifier,
                    parent: parents[at].checked_sub(1),
                    start: starts[at],
                    end: end(starts[at], lens[at])?,
                    name_start: name_starts[at],
                    name_line: name_lines[at],
                    start_line: start_lines[at],
                    end_line: end_lines[at],
                    signature_start: signature_starts[at],
                    signature_end: end(signature_starts[at], signature_lens[at])?,
                })
            })
            .collect()
    }
}

/// Which letters and digits a name has, without case: a bit for each Latin letter, the others share. What a name is sought by has no other letters than it, so that most
/// names need not be looked at.
pub fn letters(name: &str) -> u32 {
    let bit = |char: char| match char {
        'a'..='z' => char as u32 - 'a' as u32,
        char => 26 + char as u32 % 6,
    };
    name.chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .fold(0, |all, char| all | 1 << bit(char))
}

fn to_u32(value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|_| Error::Corrupt("a symbol leaves its file"))
}

fn sums(deltas: Vec<i64>) -> Result<Vec<u32>> {
    let mut sum = 0i64;
    deltas
        .into_iter()
        .map(|delta| {
            sum = sum.wrapping_add(delta);
            to_u32(sum)
        })
        .collect()
}

fn relative(deltas: Vec<i64>, bases: &[u32]) -> Result<Vec<u32>> {
    deltas.into_iter().zip(bases).map(|(delta, &base)| to_u32(delta.wrapping_add(i64::from(base)))).collect()
}
