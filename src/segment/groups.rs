//! BODY and BIDX: the text of a stretch of files and captions of the chunks that begin there, in one block, so that all that is shown of a hit is one piece of the file. Captions say
//! again what chunk and symbol table say; those are for who looks through many. Before version 2 text had a section of its own.

use super::codec::{Decoder, Deflater, put_str, put_varint};
use super::places::Places;
use super::rows::{ChunkRow, FileData, SymbolRow};
use crate::error::{Error, Result};
use crate::limits;
use std::collections::BTreeMap;

/// A group closes with the chunk that brings it to so many bytes of text: more compress better, fewer are fetched faster.
const GROUP_BYTES: usize = 24 * 1024;
/// Text of a group at most, in bytes: what is left of a longer chunk begins the next one.
pub const GROUP_LIMIT_BYTES: usize = 64 * 1024;
/// The captions of a group inflate to at most so many bytes: more than those of chunks of one byte would take.
pub const CAPTIONS_LIMIT_BYTES: usize = 2 * 1024 * 1024;

/// Encodes BODY and BIDX.
pub fn write(files: &[FileData], deflater: &mut Deflater) -> (Vec<u8>, Vec<u8>) {
    let mut group = Group::default();
    let mut out = (Vec::new(), Vec::new());
    let mut first_symbol = 0;
    for file in files {
        let mut from = 0;
        for number in 0..file.chunks.len().max(1) {
            // What is in no chunk, of a file without any, goes with the rest.
            let last = number + 1 >= file.chunks.len();
            let end = if last { file.text.len() } else { file.chunks[number].end as usize };
            if let Some(chunk) = file.chunks.get(number) {
                group.add(file, first_symbol, chunk);
            }
            while from < end {
                let to = end.min(from + GROUP_LIMIT_BYTES - group.text.len());
                group.text.extend_from_slice(&file.text.as_bytes()[from..to]);
                from = to;
                if group.text.len() >= GROUP_BYTES {
                    std::mem::take(&mut group).put(deflater, &mut out);
                }
            }
        }
        first_symbol += file.symbols.len() as u32;
    }
    if !group.text.is_empty() || !group.chunks.is_empty() {
        group.put(deflater, &mut out);
    }
    out
}

/// What is being put together.
#[derive(Default)]
struct Group<'a> {
    /// Each chunk with the number of its symbol in the segment.
    chunks: Vec<(&'a ChunkRow, Option<u32>)>,
    /// The symbols that the chunks are or belong to and those around them, by their numbers in the segment; each with that of the one around it.
    named: BTreeMap<u32, (&'a SymbolRow, Option<u32>)>,
    text: Vec<u8>,
}

impl<'a> Group<'a> {
    fn add(&mut self, file: &'a FileData, first_symbol: u32, chunk: &'a ChunkRow) {
        let number = |symbol: Option<u32>| symbol.map(|symbol| first_symbol + symbol);
        self.chunks.push((chunk, number(chunk.symbol)));
        let mut next = chunk.symbol;
        // A deep nest is not written again and again with all that is around it.
        for _ in 0..limits::MAX_CONTEXT_LEVELS {
            let Some(symbol) = next else { break };
            let row = &file.symbols[symbol as usize];
            if self.named.insert(first_symbol + symbol, (row, number(row.parent))).is_some() {
                break;
            }
            next = row.parent;
        }
    }

    fn put(self, deflater: &mut Deflater, (body, index): &mut (Vec<u8>, Vec<u8>)) {
        let start = body.len();
        let captions = self.captions();
        assert!(captions.len() <= CAPTIONS_LIMIT_BYTES, "more chunks than the text can hold");
        // Who looks through text need not inflate what is behind it.
        deflater.append_parts(&[&self.text, &captions], body);
        for value in [self.chunks.len(), self.text.len(), body.len() - start] {
            put_varint(index, value as u64);
        }
    }

    fn captions(&self) -> Vec<u8> {
        let mut raw = Vec::new();
        let numbers: Vec<u32> = self.named.keys().copied().collect();
        // 0 for none; one more than there are for what is not here.
        let place = |number: Option<u32>| {
            number.map_or(0, |number| numbers.binary_search(&number).unwrap_or(numbers.len()) as u64 + 1)
        };
        put_varint(&mut raw, numbers.len() as u64);
        self.named.values().for_each(|(row, _)| put_varint(&mut raw, u64::from(row.kind)));
        self.named.values().for_each(|&(_, parent)| put_varint(&mut raw, place(parent)));
        self.named.values().for_each(|(row, _)| put_str(&mut raw, &row.name));
        self.named.values().for_each(|(row, _)| put_str(&mut raw, &row.qualifier));
        let Some((first, _)) = self.chunks.first() else { return raw };
        put_varint(&mut raw, u64::from(first.start));
        put_varint(&mut raw, u64::from(first.line));
        self.chunks.iter().for_each(|(row, _)| put_varint(&mut raw, u64::from(row.end - row.start)));
        self.chunks.iter().for_each(|(row, _)| put_varint(&mut raw, u64::from(row.line_feeds)));
        self.chunks.iter().for_each(|&(_, symbol)| put_varint(&mut raw, place(symbol)));
        raw
    }
}

/// The captions of a group in which these chunks begin, each with its file and the number of that file's first symbol in the segment.
pub fn captions<'a>(chunks: impl Iterator<Item = (&'a FileData, u32, &'a ChunkRow)>) -> Vec<u8> {
    let mut group = Group::default();
    chunks.for_each(|(file, first_symbol, chunk)| group.add(file, first_symbol, chunk));
    group.captions()
}

/// Decodes BIDX of a BODY of `total` bytes: where so many chunks and so many bytes of text are.
pub fn read(index: &[u8], total: usize, chunks: u32, text_bytes: u64) -> Result<[Places; 2]> {
    let mut decoder = Decoder::new(index);
    let mut columns: [Vec<u32>; 3] = std::array::from_fn(|_| vec![0]);
    let limits = [u64::from(chunks), text_bytes, total as u64];
    let bad = Error::Corrupt("the groups do not fill their section");
    while !decoder.is_empty() {
        for (column, limit) in columns.iter_mut().zip(limits) {
            let end = u64::from(column[column.len() - 1]).saturating_add(decoder.varint()?);
            if end > limit {
                return Err(bad);
            }
            column.push(end as u32);
        }
    }
    let [chunks, text, starts] = columns;
    if [&chunks, &text, &starts].map(|column| u64::from(column[column.len() - 1])) != limits {
        return Err(bad);
    }
    if text.windows(2).any(|at| at[1] - at[0] > GROUP_LIMIT_BYTES as u32) {
        return Err(Error::Corrupt("a group is too long"));
    }
    Ok([Places::new(chunks, starts.clone()), Places::new(text, starts)])
}
