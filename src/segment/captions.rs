//! Captions: what is shown of a chunk besides its text, read where that is. See [`super::groups`], which writes them.

use super::codec::Decoder;
use super::files::FileTable;
use super::groups::CAPTIONS_LIMIT_BYTES;
use super::inflate::inflate;
use super::reader::Segment;
use super::rows::ChunkRow;
use crate::error::{Error, Result};
use std::ops::Range;

/// What is shown of a chunk besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// See [`ChunkRow::start`].
    pub start: u32,
    /// See [`ChunkRow::end`].
    pub end: u32,
    /// See [`ChunkRow::line`].
    pub line: u32,
    /// See [`ChunkRow::line_feeds`].
    pub line_feeds: u32,
    /// What the symbol is called that it is or belongs to.
    pub name: Option<Name>,
}

/// What a symbol is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The number of its kind.
    pub kind: u8,
    /// Its own name.
    pub name: String,
    /// The names around it, outermost first.
    pub parents: Vec<String>,
}

/// The captions of a group.
pub struct Captions {
    chunks: Range<u32>,
    kinds: Vec<u32>,
    parents: Vec<u32>,
    names: Vec<String>,
    qualifiers: Vec<String>,
    start: u32,
    line: u32,
    lens: Vec<u32>,
    line_feeds: Vec<u32>,
    symbols: Vec<u32>,
}

impl Captions {
    /// Reads those of a group in which the chunks `chunks` begin, at least one, and that has `text` bytes of text.
    pub fn read(group: &[u8], chunks: Range<u32>, text: usize) -> Result<Self> {
        let raw = inflate(group, text + CAPTIONS_LIMIT_BYTES)?;
        let mut decoder = Decoder::new(raw.get(text..).ok_or(Error::Corrupt("a group ends too early"))?);
        let (count, len) = (decoder.count()?, chunks.len());
        let (kinds, parents) = (decoder.column(count)?, decoder.column(count)?);
        let mut strings = || (0..count).map(|_| decoder.str().map(String::from)).collect::<Result<Vec<_>>>();
        let (names, qualifiers) = (strings()?, strings()?);
        let (start, line) = (decoder.varint32()?, decoder.varint32()?);
        let (lens, line_feeds, symbols) = (decoder.column(len)?, decoder.column(len)?, decoder.column(len)?);
        Ok(Self { chunks, kinds, parents, names, qualifiers, start, line, lens, line_feeds, symbols })
    }

    /// The caption of chunk `doc`, which is in the group; nothing where it does not say all. `files` is the file table.
    pub fn of(&self, doc: u32, files: &FileTable) -> Result<Option<Caption>> {
        let bad = || Error::Corrupt("a chunk does not fit its file");
        let (own, file) = ((doc - self.chunks.start) as usize, &files.entries[files.of_chunk(doc) as usize]);
        let (mut first, mut start, mut line) = (0, self.start, self.line);
        if file.first_chunk >= self.chunks.start {
            (first, start, line) = ((file.first_chunk - self.chunks.start) as usize, 0, 0);
        }
        for before in first..own {
            start = start.checked_add(self.lens[before]).ok_or_else(bad)?;
            line = line.checked_add(self.line_feeds[before]).ok_or_else(bad)?;
        }
        let end = start.checked_add(self.lens[own]).filter(|&end| end <= file.text_len).ok_or_else(bad)?;
        let line_feeds = self.line_feeds[own];
        line.checked_add(line_feeds).ok_or_else(bad)?;
        let Some(symbol) = (self.symbols[own] as usize).checked_sub(1) else {
            return Ok(Some(Caption { start, end, line, line_feeds, name: None }));
        };
        let name = self.name(symbol)?;
        Ok(name.map(|name| Caption { start, end, line, line_feeds, name: Some(name) }))
    }

    fn name(&self, symbol: usize) -> Result<Option<Name>> {
        let (mut around, mut next) = (Vec::new(), symbol);
        loop {
            // One behind the last stands in the table of symbols alone.
            let Some(&parent) = self.parents.get(next) else { return Ok(None) };
            if !self.qualifiers[next].is_empty() {
                around.push(self.qualifiers[next].clone());
            }
            let Some(parent) = (parent as usize).checked_sub(1) else { break };
            if (next..self.names.len()).contains(&parent) {
                return Err(Error::Corrupt("a symbol stands before its parent"));
            }
            around.extend(self.names.get(parent).cloned());
            next = parent;
        }
        around.reverse();
        let kind = u8::try_from(self.kinds[symbol]).map_err(|_| Error::Corrupt("a symbol has an unknown kind"))?;
        Ok(Some(Name { kind, name: self.names[symbol].clone(), parents: around }))
    }
}

impl Segment {
    /// What is shown of the chunk `doc` of file `file` besides its text. Of a segment that is fetched in parts it is read where the text is.
    pub fn caption(&self, file: u32, doc: u32) -> Result<Caption> {
        if let Some(places) = self.captions.as_ref().filter(|_| self.is_sparse()) {
            let group = places.block(doc)?;
            let bytes = self.group(group, places)?;
            if let Some(caption) =
                Captions::read(&bytes, places.rows(group), self.text.len(group))?.of(doc, &self.files)?
            {
                return Ok(caption);
            }
        }
        self.caption_of_tables(file, doc)
    }

    fn caption_of_tables(&self, file: u32, doc: u32) -> Result<Caption> {
        let ChunkRow { start, end, line, line_feeds, symbol, .. } = self.chunk(doc)?;
        let named = |symbol| -> Result<Name> {
            let row = self.symbol(file, symbol)?;
            Ok(Name { kind: row.kind, name: row.name.clone(), parents: self.parents(file, symbol)? })
        };
        Ok(Caption { start, end, line, line_feeds, name: symbol.map(named).transpose()? })
    }
}
