//! TERM and TIDX: the dictionary. Its index, one entry for 64 terms, is resident; a block is read when one of its terms is asked for.

use super::bytes::Bytes;
use super::codec::{Decoder, put_str, put_varint};
use super::files::shared_prefix;
use crate::error::{Error, Result};
use std::ops::Range;
use std::sync::OnceLock;

/// Terms in a block.
pub const BLOCK: usize = 64;

/// Where the postings of a term stand, as byte ranges of POST, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermEntry {
    /// Number of chunks with the term.
    pub chunks: u32,
    /// Their postings.
    pub chunk_postings: Range<usize>,
    /// Number of files whose path has the term.
    pub paths: u32,
    /// Their postings.
    pub path_postings: Range<usize>,
}

/// Writes the dictionary term by term, in order.
#[derive(Default)]
pub struct DictionaryWriter {
    terms: Vec<u8>,
    index: Vec<u8>,
    in_block: usize,
    block_start: usize,
    block_postings: u64,
    starts: Vec<u32>,
    previous: String,
    first: String,
}

impl DictionaryWriter {
    /// Adds the next term with the numbers and byte lengths of its postings.
    pub fn add(&mut self, term: &str, chunks: u32, chunk_bytes: usize, paths: u32, path_bytes: usize) {
        if self.in_block == BLOCK {
            self.close();
        }
        let shared = if self.in_block == 0 { 0 } else { shared_prefix(&self.previous, term) };
        if self.in_block == 0 {
            self.first = term.to_string();
        }
        put_varint(&mut self.terms, shared as u64);
        put_str(&mut self.terms, &term[shared..]);
        put_varint(&mut self.terms, u64::from(chunks));
        put_varint(&mut self.terms, chunk_bytes as u64);
        put_varint(&mut self.terms, u64::from(paths));
        put_varint(&mut self.terms, path_bytes as u64);
        self.block_postings += (chunk_bytes + path_bytes) as u64;
        self.in_block += 1;
        self.previous.clear();
        self.previous.push_str(term);
    }

    fn close(&mut self) {
        put_str(&mut self.index, &self.first);
        put_varint(&mut self.index, (self.terms.len() - self.block_start) as u64);
        put_varint(&mut self.index, self.block_postings);
        self.starts.push(self.block_start as u32);
        self.block_start = self.terms.len();
        self.block_postings = 0;
        self.in_block = 0;
    }

    /// TERM and TIDX, and where each block of TERM starts and the last one ends.
    pub fn finish(mut self) -> (Vec<u8>, Vec<u8>, Vec<u32>) {
        if self.in_block > 0 {
            self.close();
        }
        self.starts.push(self.terms.len() as u32);
        (self.terms, self.index, self.starts)
    }
}

/// The dictionary of an open segment.
#[derive(Debug)]
pub struct Dictionary {
    blocks: Vec<Block>,
    terms: u32,
    /// All terms, each between two NULs, when something was looked for in all of them.
    all: OnceLock<String>,
}

#[derive(Debug)]
struct Block {
    first: String,
    terms: Range<usize>,
    postings: Range<usize>,
}

impl Dictionary {
    /// Reads TIDX of a dictionary of `terms` terms, whose TERM has `term_bytes` and POST `posting_bytes`.
    pub fn read(index: &[u8], terms: u32, term_bytes: usize, posting_bytes: usize) -> Result<Self> {
        let mut decoder = Decoder::new(index);
        let mut blocks: Vec<Block> = Vec::new();
        let (mut term_start, mut posting_start) = (0usize, 0usize);
        let bad = || Error::Corrupt("the blocks of the dictionary do not fill their sections");
        while !decoder.is_empty() {
            let first = decoder.str()?.to_string();
            if blocks.last().is_some_and(|block| block.first >= first) {
                return Err(Error::Corrupt("the terms are not in order"));
            }
            let term_end =
                term_start.checked_add(decoder.varint()? as usize).filter(|&end| end <= term_bytes).ok_or_else(bad)?;
            let posting_end = posting_start
                .checked_add(decoder.varint()? as usize)
                .filter(|&end| end <= posting_bytes)
                .ok_or_else(bad)?;
            blocks.push(Block { first, terms: term_start..term_end, postings: posting_start..posting_end });
            (term_start, posting_start) = (term_end, posting_end);
        }
        if term_start != term_bytes
            || posting_start != posting_bytes
            || blocks.len() != (terms as usize).div_ceil(BLOCK)
        {
            return Err(bad());
        }
        Ok(Self { blocks, terms, all: OnceLock::new() })
    }

    /// Where each block starts in TERM, and where the last one ends.
    pub fn starts(&self) -> Vec<u32> {
        std::iter::once(0).chain(self.blocks.iter().map(|block| block.terms.end as u32)).collect()
    }

    /// Finds `term`; `section` is TERM.
    pub fn find(&self, term: &str, section: Bytes) -> Result<Option<TermEntry>> {
        let Some(block) = self.blocks.partition_point(|block| block.first.as_str() <= term).checked_sub(1) else {
            return Ok(None);
        };
        let mut found = None;
        self.scan(block, section, |candidate, entry| {
            if candidate == term {
                found = Some(entry);
            }
            candidate < term
        })?;
        Ok(found)
    }

    /// All terms in order, each between two NULs, which no term holds; `section` is TERM. They are kept.
    pub fn all(&self, section: Bytes) -> Result<&str> {
        if self.all.get().is_none() {
            section.want(0..self.blocks.last().map_or(0, |block| block.terms.end))?;
            let mut all = vec![0];
            for at in 0..self.blocks.len() {
                self.append(at, section, &mut all)?;
            }
            let _ = self.all.set(String::from_utf8(all).map_err(|_| Error::Corrupt("a term is not UTF-8"))?);
        }
        Ok(self.all.get().expect("it was just set"))
    }

    /// Appends the terms of a block, a NUL behind each: what [`Self::scan`] gives, without reading what stands beside them.
    fn append(&self, block: usize, section: Bytes, all: &mut Vec<u8>) -> Result<()> {
        let bytes = section.read(self.blocks[block].terms.clone())?;
        let mut decoder = Decoder::new(&bytes);
        let mut previous = 0..0;
        for _ in 0..BLOCK.min(self.terms as usize - block * BLOCK) {
            let shared = decoder.varint()? as usize;
            if shared > previous.len() {
                return Err(Error::Corrupt("a term shares more than there is"));
            }
            let len = decoder.count()?;
            let (start, rest) = (all.len(), decoder.take(len)?);
            all.extend_from_within(previous.start..previous.start + shared);
            all.extend_from_slice(rest);
            previous = start..all.len();
            all.push(0);
            for _ in 0..4 {
                decoder.varint()?;
            }
        }
        Ok(())
    }

    /// Calls `each` with the terms that begin with `prefix`, in order, until it returns false.
    pub fn with_prefix(
        &self,
        prefix: &str,
        section: Bytes,
        mut each: impl FnMut(&str, TermEntry) -> bool,
    ) -> Result<()> {
        let first = self.blocks.partition_point(|block| block.first.as_str() <= prefix).saturating_sub(1);
        let held = |block: &Block| block.first.as_str() <= prefix || block.first.starts_with(prefix);
        let end = first + self.blocks[first..].partition_point(held);
        if first < end {
            section.want(self.blocks[first].terms.start..self.blocks[end - 1].terms.end)?;
        }
        for block in first..self.blocks.len() {
            let more =
                self.scan(
                    block,
                    section,
                    |term, entry| {
                        if term.starts_with(prefix) { each(term, entry) } else { term < prefix }
                    },
                )?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// Decodes a block until `each` returns false; says whether it reached the end.
    fn scan(&self, block: usize, section: Bytes, mut each: impl FnMut(&str, TermEntry) -> bool) -> Result<bool> {
        let Block { terms, postings, .. } = &self.blocks[block];
        let bytes = section.read(terms.clone())?;
        let mut decoder = Decoder::new(&bytes);
        let mut term = String::new();
        let mut start = postings.start;
        let len = BLOCK.min(self.terms as usize - block * BLOCK);
        for _ in 0..len {
            let shared = decoder.varint()? as usize;
            if shared > term.len() || !term.is_char_boundary(shared) {
                return Err(Error::Corrupt("a term shares more than there is"));
            }
            term.truncate(shared);
            term.push_str(decoder.str()?);
            let mut list = || -> Result<(u32, Range<usize>)> {
                let (count, len) = (decoder.varint32()?, decoder.varint()?);
                let end = (start as u64).checked_add(len).filter(|&end| end <= postings.end as u64);
                let range = start..end.ok_or(Error::Corrupt("postings leave their block"))? as usize;
                start = range.end;
                Ok((count, range))
            };
            let (chunks, chunk_postings) = list()?;
            let (paths, path_postings) = list()?;
            if !each(&term, TermEntry { chunks, chunk_postings, paths, path_postings }) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_found_and_others_are_not() {
        let terms: Vec<String> = (0..1000).map(|n| format!("term{n:05}é")).collect();
        let mut writer = DictionaryWriter::default();
        for (n, term) in terms.iter().enumerate() {
            writer.add(term, n as u32, n % 7, 1, 2);
        }
        let posting_bytes: usize = (0..1000).map(|n| n % 7 + 2).sum();
        let (section, index, _) = writer.finish();
        let dictionary = Dictionary::read(&index, 1000, section.len(), posting_bytes).unwrap();
        let mut start = 0;
        for (n, term) in terms.iter().enumerate() {
            let entry = dictionary.find(term, Bytes::Whole(&section)).unwrap().unwrap();
            assert_eq!((entry.chunks, entry.chunk_postings, entry.paths), (n as u32, start..start + n % 7, 1));
            start = entry.path_postings.end;
        }
        for absent in ["", "a", "term", "term00500", "term00500éé", "zzz"] {
            assert_eq!(dictionary.find(absent, Bytes::Whole(&section)).unwrap(), None, "{absent}");
        }
        let all = dictionary.all(Bytes::Whole(&section)).unwrap();
        assert_eq!(all, terms.iter().fold("\0".to_string(), |all, term| all + term + "\0"));
        let mut found = Vec::new();
        dictionary
            .with_prefix("term0012", Bytes::Whole(&section), |term, _| {
                found.push(term.to_string());
                true
            })
            .unwrap();
        assert_eq!(found, terms[120..130]);
    }

    #[test]
    fn an_empty_dictionary_finds_nothing() {
        let (section, index, _) = DictionaryWriter::default().finish();
        let dictionary = Dictionary::read(&index, 0, 0, 0).unwrap();
        assert_eq!(dictionary.find("x", Bytes::Whole(&section)).unwrap(), None);
        dictionary.with_prefix("", Bytes::Whole(&section), |_, _| panic!("nothing is there")).unwrap();
        assert_eq!(dictionary.all(Bytes::Whole(&section)).unwrap(), "\0");
    }
}
