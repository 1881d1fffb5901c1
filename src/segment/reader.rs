//! An open segment: its checksums verified, its resident parts decoded, the rest decoded as it is asked for.

use super::chunks::ChunkTable;
use super::container::{Container, Kind};
use super::dictionary::{Dictionary, TermEntry};
use super::files::FileTable;
use super::meta::Meta;
use super::postings::{self, Frequencies};
use super::rows::{ChunkRow, FileData, SymbolRow};
use super::symbols::SymbolTable;
use super::text::{TextBlocks, TextCache};
use crate::error::{Error, Result};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// An immutable index of some files.
#[derive(Debug)]
pub struct Segment {
    bytes: Vec<u8>,
    /// Tells this open segment from every other one in a [`TextCache`].
    key: u64,
    /// The counts.
    pub meta: Meta,
    /// The files, ordered by path.
    pub files: FileTable,
    norms: Range<usize>,
    dictionary: Dictionary,
    terms: Range<usize>,
    postings: Range<usize>,
    chunks: ChunkTable,
    chunk_blocks: Range<usize>,
    symbols: SymbolTable,
    symbol_blocks: Range<usize>,
    text: TextBlocks,
    text_blocks: Range<usize>,
}

static NEXT_KEY: AtomicU64 = AtomicU64::new(0);

impl Segment {
    /// Opens a segment, verifying every checksum.
    ///
    /// # Errors
    /// SNAPSHOT_FOREIGN, FORMAT_NEWER, SNAPSHOT_TRUNCATED, SNAPSHOT_CHECKSUM, SNAPSHOT_CORRUPT.
    pub fn open(bytes: Vec<u8>) -> Result<Self> {
        let container = Container::open(Kind::Segment, &bytes)?;
        let part = |id: &[u8; 4]| container.section(id);
        let meta = Meta::read(&bytes[part(b"META")?])?;
        let files = FileTable::read(&bytes[part(b"FILE")?], meta.files)?;
        let sums = files.entries.last().map(|last| {
            (
                u64::from(last.text_start) + u64::from(last.text_len),
                last.first_chunk + last.chunks,
                last.first_symbol + last.symbols,
            )
        });
        if sums != Some((meta.text_bytes, meta.chunks, meta.symbols)) {
            return Err(Error::Corrupt("the file table does not add up to the counts"));
        }
        let (norms, terms, postings) = (part(b"NORM")?, part(b"TERM")?, part(b"POST")?);
        if norms.len() != meta.chunks as usize {
            return Err(Error::Corrupt("the lengths do not fit the chunks"));
        }
        let (chunk_blocks, symbol_blocks, text_blocks) = (part(b"CHNK")?, part(b"SYMB")?, part(b"TEXT")?);
        Ok(Self {
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            dictionary: Dictionary::read(&bytes[part(b"TIDX")?], meta.terms, terms.len(), postings.len())?,
            chunks: ChunkTable::read(&bytes[part(b"CIDX")?], chunk_blocks.len(), meta.chunks)?,
            symbols: SymbolTable::read(&bytes[part(b"SIDX")?], symbol_blocks.len(), meta.symbols)?,
            text: TextBlocks::read(&bytes[part(b"XIDX")?], text_blocks.len(), meta.text_bytes)?,
            meta,
            files,
            norms,
            terms,
            postings,
            chunk_blocks,
            symbol_blocks,
            text_blocks,
            bytes,
        })
    }

    /// Length of the segment in bytes.
    pub fn len_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The segment's bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The length bytes of all chunks; see [`super::norm`].
    pub fn norms(&self) -> &[u8] {
        &self.bytes[self.norms.clone()]
    }

    /// Where the postings of `term` stand.
    pub fn term(&self, term: &str) -> Result<Option<TermEntry>> {
        self.dictionary.find(term, &self.bytes[self.terms.clone()])
    }

    /// Calls `each` with the terms that begin with `prefix`, in order, until it returns false.
    pub fn terms_with_prefix(&self, prefix: &str, each: impl FnMut(&str, TermEntry) -> bool) -> Result<()> {
        self.dictionary.with_prefix(prefix, &self.bytes[self.terms.clone()], each)
    }

    /// Calls `each` with every chunk that holds the term.
    pub fn chunk_postings(&self, entry: &TermEntry, each: impl FnMut(u32, Frequencies)) -> Result<()> {
        let bytes = &self.bytes[self.postings.clone()][entry.chunk_postings.clone()];
        postings::read_chunks(bytes, entry.chunks, self.meta.chunks, each)
    }

    /// Calls `each` with every file whose path holds the term, and whether its own name does.
    pub fn path_postings(&self, entry: &TermEntry, each: impl FnMut(u32, bool)) -> Result<()> {
        let bytes = &self.bytes[self.postings.clone()][entry.path_postings.clone()];
        postings::read_paths(bytes, entry.paths, self.meta.files, each)
    }

    /// The chunk `doc`, with offsets within its file.
    pub fn chunk(&self, doc: u32) -> Result<ChunkRow> {
        self.chunks.get(doc, &self.bytes[self.chunk_blocks.clone()], &self.files.entries)
    }

    /// Symbol `symbol` of file `file`.
    pub fn symbol(&self, file: u32, symbol: u32) -> Result<&SymbolRow> {
        let entry = &self.files.entries[file as usize];
        if symbol >= entry.symbols {
            return Err(Error::Corrupt("a symbol is not in its file"));
        }
        let row = self.symbols.get(entry.first_symbol + symbol, &self.bytes[self.symbol_blocks.clone()])?;
        // Parents come before their children: that is what ends every walk to the root.
        if row.parent.is_some_and(|parent| parent >= symbol) {
            return Err(Error::Corrupt("a symbol stands before its parent"));
        }
        Ok(row)
    }

    /// The names around symbol `symbol` of file `file`, outermost first, joined by dots; empty at the top of the file.
    pub fn parent_name(&self, file: u32, symbol: u32) -> Result<String> {
        let mut names: Vec<&str> = Vec::new();
        let mut row = self.symbol(file, symbol)?;
        loop {
            if !row.qualifier.is_empty() {
                names.push(&row.qualifier);
            }
            let Some(parent) = row.parent else { break };
            row = self.symbol(file, parent)?;
            names.push(&row.name);
        }
        names.reverse();
        Ok(names.join("."))
    }

    /// Bytes `start..end` of the text of file `file`.
    pub fn text(&self, file: u32, start: u32, end: u32, cache: &mut TextCache) -> Result<String> {
        let base = self.files.entries[file as usize].text_start;
        let offset = |at: u32| base.checked_add(at).ok_or(Error::Corrupt("a chunk leaves the text"));
        self.text.get(offset(start)?, offset(end)?, &self.bytes[self.text_blocks.clone()], self.key, cache)
    }

    /// This segment's key in a [`TextCache`].
    pub fn cache_key(&self) -> u64 {
        self.key
    }

    /// File `file` as it was given to the writer.
    pub fn file_data(&self, file: u32, cache: &mut TextCache) -> Result<FileData> {
        let entry = self.files.entries[file as usize].clone();
        let text = self.text(file, 0, entry.text_len, cache)?;
        let on_boundary = |at: u32| text.is_char_boundary(at as usize);
        let chunks = (0..entry.chunks)
            .map(|chunk| self.chunk(entry.first_chunk + chunk))
            .map(|row| match row {
                Ok(ChunkRow { start, end, docs, .. })
                    if !(on_boundary(start)
                        && on_boundary(end)
                        && docs.is_none_or(|(a, b)| on_boundary(a) && on_boundary(b))) =>
                {
                    Err(Error::Corrupt("a chunk cuts a character"))
                }
                row => row,
            })
            .collect::<Result<Vec<_>>>()?;
        let symbols =
            (0..entry.symbols).map(|symbol| self.symbol(file, symbol).cloned()).collect::<Result<Vec<_>>>()?;
        let language = self.files.languages[entry.language as usize].clone();
        Ok(FileData {
            path: entry.path,
            language,
            hash: entry.hash,
            len_bytes: entry.len_bytes,
            flags: entry.flags,
            text,
            chunks,
            symbols,
        })
    }
}
