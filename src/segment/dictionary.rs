//! TERM and TIDX: the dictionary. Its index, one entry for 64 terms, is resident; a block is read when one of its terms is asked for. HOTT, optional: the terms with the
//! most postings, resident, since most words of a query are among them.

use super::bytes::Bytes;
use super::codec::{Decoder, put_str, put_varint};
use super::files::shared_prefix;
use crate::error::{Error, Result};
use std::ops::Range;
use std::sync::OnceLock;

/// Terms in a block.
pub const BLOCK: usize = 64;

/// Terms in HOTT at most: 20 bytes each, that every reader fetches.
const HOT: usize = 1024;
/// Bytes of postings below which a term is not in HOTT.
const HOT_BYTES: usize = 256;
/// Length of the blocks into which POST is cut between the postings of the terms of HOTT, each of which is a block.
const CUT_BYTES: usize = 1024;

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
    postings: usize,
    hot: Vec<(String, TermEntry)>,
}

/// What [`DictionaryWriter`] has written.
pub struct Written {
    /// TERM.
    pub terms: Vec<u8>,
    /// Where each block of TERM starts, and where the last one ends.
    pub starts: Vec<u32>,
    /// TIDX.
    pub index: Vec<u8>,
    /// HOTT.
    pub hot: Vec<u8>,
    /// Where POST is cut.
    pub cuts: Vec<u32>,
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
        let (start, middle) = (self.postings, self.postings + chunk_bytes);
        self.postings = middle + path_bytes;
        if self.postings - start >= HOT_BYTES {
            let entry =
                TermEntry { chunks, chunk_postings: start..middle, paths, path_postings: middle..self.postings };
            self.hot.push((term.to_string(), entry));
        }
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

    /// Ends the dictionary.
    pub fn finish(mut self) -> Written {
        if self.in_block > 0 {
            self.close();
        }
        self.starts.push(self.terms.len() as u32);
        let len = |(_, entry): &(String, TermEntry)| entry.path_postings.end - entry.chunk_postings.start;
        if self.hot.len() > HOT {
            crate::order::sort_by(&mut self.hot, |a, b| len(b).cmp(&len(a)).then_with(|| a.0.cmp(&b.0)));
            self.hot.truncate(HOT);
            crate::order::sort_by(&mut self.hot, |a, b| a.0.cmp(&b.0));
        }
        let (mut hot, mut previous, mut end) = (Vec::new(), "", 0);
        for (term, entry) in &self.hot {
            let shared = shared_prefix(previous, term);
            put_varint(&mut hot, shared as u64);
            put_str(&mut hot, &term[shared..]);
            put_varint(&mut hot, (entry.chunk_postings.start - end) as u64);
            put_varint(&mut hot, u64::from(entry.chunks));
            put_varint(&mut hot, entry.chunk_postings.len() as u64);
            put_varint(&mut hot, u64::from(entry.paths));
            put_varint(&mut hot, entry.path_postings.len() as u64);
            (previous, end) = (term, entry.path_postings.end);
        }
        let cuts = cuts(&self.hot, self.postings);
        Written { terms: self.terms, starts: self.starts, index: self.index, hot, cuts }
    }
}

/// Where POST, `total` bytes long, is cut: around the postings of each of these terms, and in between where a block would be too long.
fn cuts(hot: &[(String, TermEntry)], total: usize) -> Vec<u32> {
    let (mut cuts, mut at) = (Vec::new(), 0);
    let ends = hot.iter().map(|(_, entry)| (entry.chunk_postings.start, entry.path_postings.end));
    for (start, end) in ends.chain([(total, total)]) {
        cuts.extend((at..start).step_by(CUT_BYTES).map(|at| at as u32));
        if start < end {
            cuts.push(start as u32);
        }
        at = end;
    }
    cuts.push(total as u32);
    cuts
}

/// Reads HOTT; POST has `posting_bytes`.
fn read_hot(bytes: &[u8], posting_bytes: usize) -> Result<Vec<(String, TermEntry)>> {
    let mut decoder = Decoder::new(bytes);
    let (mut hot, mut end): (Vec<(String, TermEntry)>, usize) = (Vec::new(), 0);
    while !decoder.is_empty() {
        let previous = hot.last().map_or("", |(term, _)| term);
        let shared =
            previous.get(..decoder.varint()? as usize).ok_or(Error::Corrupt("a term shares more than there is"))?;
        let term = [shared, decoder.str()?].concat();
        if !hot.is_empty() && *previous >= *term {
            return Err(Error::Corrupt("the terms are not in order"));
        }
        let mut next = |len: u64| -> Result<Range<usize>> {
            let start = end;
            let sum = (start as u64).checked_add(len).filter(|&sum| sum <= posting_bytes as u64);
            end = sum.ok_or(Error::Corrupt("postings leave their section"))? as usize;
            Ok(start..end)
        };
        next(decoder.varint()?)?;
        let (chunks, chunk_postings) = (decoder.varint32()?, next(decoder.varint()?)?);
        let (paths, path_postings) = (decoder.varint32()?, next(decoder.varint()?)?);
        hot.push((term, TermEntry { chunks, chunk_postings, paths, path_postings }));
    }
    Ok(hot)
}

/// The dictionary of an open segment.
#[derive(Debug)]
pub struct Dictionary {
    blocks: Vec<Block>,
    terms: u32,
    /// The terms of HOTT in order, where there is one.
    hot: Option<Vec<(String, TermEntry)>>,
    posting_bytes: usize,
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
    /// Reads TIDX, and HOTT where there is one, of a dictionary of `terms` terms, whose TERM has `term_bytes` and POST `posting_bytes`.
    pub fn read(index: &[u8], hot: Option<&[u8]>, terms: u32, term_bytes: usize, posting_bytes: usize) -> Result<Self> {
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
        let hot = hot.map(|hot| read_hot(hot, posting_bytes)).transpose()?;
        Ok(Self { blocks, terms, hot, posting_bytes, all: OnceLock::new() })
    }

    /// Where POST is cut, and where it ends; nothing where there is no HOTT.
    pub fn posting_starts(&self) -> Option<Vec<u32>> {
        self.hot.as_ref().map(|hot| cuts(hot, self.posting_bytes))
    }

    /// What HOTT says of a term.
    pub fn hot(&self, term: &str) -> Option<&TermEntry> {
        let hot = self.hot.as_deref()?;
        hot.binary_search_by(|(known, _)| known.as_str().cmp(term)).ok().map(|at| &hot[at].1)
    }

    /// Terms in HOTT.
    pub fn hot_len(&self) -> usize {
        self.hot.as_ref().map_or(0, Vec::len)
    }

    /// Where each block starts in TERM, and where the last one ends.
    pub fn starts(&self) -> Vec<u32> {
        std::iter::once(0).chain(self.blocks.iter().map(|block| block.terms.end as u32)).collect()
    }

    /// Finds `term`; `section` is TERM.
    pub fn find(&self, term: &str, section: Bytes) -> Result<Option<TermEntry>> {
        if let Some(entry) = self.hot(term) {
            return Ok(Some(entry.clone()));
        }
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

    /// Appends the terms of a block, a NUL behind each: what [`Self::scan`] gives, without reading what stands beside them. A function of its own, called for each block: the first call
    /// for all of them runs in code that is slow until it is called often.
    #[inline(never)]
    fn append(&self, block: usize, section: Bytes, all: &mut Vec<u8>) -> Result<()> {
        let bytes = section.read(self.blocks[block].terms.clone())?;
        let mut rest = &bytes[..];
        let mut previous = 0..0;
        for _ in 0..BLOCK.min(self.terms as usize - block * BLOCK) {
            let (shared, len);
            match *rest {
                // Nearly all are below 128.
                [short @ 0..0x80, long @ 0..0x80, ref behind @ ..] => {
                    (shared, len, rest) = (short as usize, long as usize, behind)
                }
                _ => {
                    let mut decoder = Decoder::new(rest);
                    (shared, len) = (decoder.varint()? as usize, decoder.count()?);
                    rest = &rest[rest.len() - decoder.remaining()..];
                }
            }
            if shared > previous.len() || len > rest.len() {
                return Err(Error::Corrupt("a term shares more than there is, or its block ends too early"));
            }
            let start = all.len();
            all.extend_from_within(previous.start..previous.start + shared);
            all.extend_from_slice(&rest[..len]);
            previous = start..all.len();
            all.push(0);
            let mut at = len;
            for _ in 0..4 {
                while *rest.get(at).ok_or(Error::Corrupt("a section ends too early"))? >= 0x80 {
                    at += 1;
                }
                at += 1;
            }
            rest = &rest[at..];
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
        let len = |n: usize| if n.is_multiple_of(100) { 5000 } else { n % 7 };
        for (n, term) in terms.iter().enumerate() {
            writer.add(term, n as u32, len(n), 1, 2);
        }
        let posting_bytes: usize = (0..1000).map(|n| len(n) + 2).sum();
        let Written { terms: section, index, hot, cuts, .. } = writer.finish();
        let read = |hot| Dictionary::read(&index, hot, 1000, section.len(), posting_bytes).unwrap();
        let (dictionary, cold) = (read(Some(&hot)), read(None));
        let mut start = 0;
        for (n, term) in terms.iter().enumerate() {
            let entry = dictionary.find(term, Bytes::Whole(&section)).unwrap().unwrap();
            let range = start..start + len(n);
            assert_eq!((entry.chunks, entry.chunk_postings.clone(), entry.paths), (n as u32, range, 1));
            assert_eq!(cold.find(term, Bytes::Whole(&section)).unwrap(), Some(entry.clone()));
            assert_eq!(dictionary.hot(term).is_some(), n % 100 == 0, "{term}");
            if n % 100 == 0 {
                // A list of its own is a block of its own, however long it is.
                let at = cuts.binary_search(&(start as u32)).unwrap();
                assert_eq!(cuts[at + 1] as usize, entry.path_postings.end);
            }
            start = entry.path_postings.end;
        }
        assert_eq!((dictionary.hot_len(), cold.posting_starts()), (10, None));
        assert_eq!(dictionary.posting_starts(), Some(cuts.clone()));
        assert!(cuts.windows(2).all(|cut| cut[0] < cut[1]) && cuts[0] == 0 && cuts[cuts.len() - 1] as usize == start);
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
        let Written { terms: section, index, hot, cuts, .. } = DictionaryWriter::default().finish();
        let dictionary = Dictionary::read(&index, Some(&hot), 0, 0, 0).unwrap();
        assert_eq!(cuts, [0]);
        assert_eq!(dictionary.find("x", Bytes::Whole(&section)).unwrap(), None);
        dictionary.with_prefix("", Bytes::Whole(&section), |_, _| panic!("nothing is there")).unwrap();
        assert_eq!(dictionary.all(Bytes::Whole(&section)).unwrap(), "\0");
    }
}
