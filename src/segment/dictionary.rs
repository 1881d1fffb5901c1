//! DICT and TIDX: the dictionary, and beside each block of terms their postings and what is declared by names like them, so that what is sought of a word is one piece of the file. TIDX, one entry for
//! 64 terms, is resident; a block is read when one of its terms is asked for. HOTT: the terms with the most postings, resident, since most words of a query are among them; each of their lists
//! lies by itself. In version 1 terms, postings and names were three sections.

use super::bytes::Bytes;
use super::codec::{Decoder, put_str, put_varint};
use super::files::shared_prefix;
use crate::analysis::stem;
use crate::error::{Error, Result};
use std::ops::Range;
use std::sync::OnceLock;

/// Terms in a block.
pub const BLOCK: usize = 64;

/// Blocks whose terms stand together, before their postings: so few that both are fetched by one request, so many that all terms are read without all postings.
const RUN: usize = 8;

/// Terms in HOTT at most: 20 bytes each, that every reader fetches.
const HOT: usize = 1024;
/// Bytes of postings below which a term is not in HOTT.
const HOT_BYTES: usize = 256;

/// Where the postings of a term stand, as byte ranges of DICT (in version 1 of POST), and how many there are.
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

/// A term to be written, and how many postings it has of chunks and of paths, and how many bytes.
pub struct Listed<'a> {
    /// The term.
    pub term: &'a str,
    /// Number of chunks, and bytes of their postings.
    pub chunks: (u32, usize),
    /// Number of paths, and bytes of their postings.
    pub paths: (u32, usize),
}

impl Listed<'_> {
    fn len(&self) -> usize {
        self.chunks.1 + self.paths.1
    }
}

/// What [`write`] has written.
pub struct Written {
    /// TIDX.
    pub index: Vec<u8>,
    /// HOTT.
    pub hot: Vec<u8>,
    /// DICT.
    pub section: Vec<u8>,
    /// Where DICT is cut.
    pub cuts: Vec<u32>,
}

/// Which of these terms are in HOTT, in their order.
pub fn hottest(listed: &[Listed]) -> Vec<usize> {
    let mut order: Vec<u32> = (0..listed.len() as u32).filter(|&at| listed[at as usize].len() >= HOT_BYTES).collect();
    let len = |at: u32| listed[at as usize].len();
    crate::order::sort_indices(&mut order, &mut |a, b| len(b).cmp(&len(a)).then(a.cmp(&b)));
    order.truncate(HOT);
    crate::order::sort(&mut order);
    order.into_iter().map(|at| at as usize).collect()
}

/// The bucket in which the declarations of a name are: beside the postings of the term of HOTT, of which `hot` says the number, that it is or has the stem of; else with the block
/// that has such a term, of which there are so many, numbered before. A word that is sought is mostly sought there, too.
pub fn bucket(name: &str, hot: impl Fn(&str) -> Option<usize>, block: impl Fn(&str) -> usize, blocks: usize) -> usize {
    if let Some(at) = hot(name) {
        return blocks + at;
    }
    let mut stemmed = name.to_string();
    stem(&mut stemmed);
    hot(&stemmed).map_or_else(|| block(&stemmed), |at| blocks + at)
}

/// Encodes the dictionary of terms that are `listed` in order, whose `postings` follow each other; `hot` are the [`hottest`]. `names` has for each block and then for each of those what
/// lies beside their postings.
pub fn write(listed: &[Listed], postings: &[u8], hot: &[usize], names: &[Vec<u8>]) -> Written {
    let blocks = listed.len().div_ceil(BLOCK);
    let mut starts = vec![0];
    listed.iter().for_each(|listed| starts.push(starts[starts.len() - 1] + listed.len()));
    let own = |at: usize| &postings[starts[at]..starts[at + 1]];
    let mut out = Written { index: vec![], hot: vec![], section: vec![], cuts: vec![] };
    for run in (0..blocks).step_by(RUN) {
        let run = run..blocks.min(run + RUN);
        let terms = |block: usize| block * BLOCK..listed.len().min((block + 1) * BLOCK);
        let mut lens = Vec::new();
        for block in run.clone() {
            let (start, mut previous) = (out.section.len(), "");
            out.cuts.push(start as u32);
            for listed in &listed[terms(block)] {
                put_term(&mut out.section, previous, listed, None);
                previous = listed.term;
            }
            lens.push(out.section.len() - start);
        }
        for (block, term_bytes) in run.zip(lens) {
            let start = out.section.len();
            out.cuts.push(start as u32);
            let cold = terms(block).filter(|at| hot.binary_search(at).is_err());
            cold.for_each(|at| out.section.extend_from_slice(own(at)));
            let middle = out.section.len();
            out.section.extend_from_slice(&names[block]);
            put_str(&mut out.index, listed[block * BLOCK].term);
            for len in [term_bytes, middle - start, out.section.len() - middle] {
                put_varint(&mut out.index, len as u64);
            }
        }
    }
    let (mut previous, mut end) = ("", 0);
    for (&at, names) in hot.iter().zip(&names[blocks..]) {
        let start = out.section.len();
        out.cuts.push(start as u32);
        put_term(&mut out.hot, previous, &listed[at], Some(start - end));
        out.section.extend_from_slice(own(at));
        (previous, end) = (listed[at].term, out.section.len());
        out.section.extend_from_slice(names);
    }
    out.cuts.push(out.section.len() as u32);
    out
}

/// Appends a term as a block has it, or with a distance as HOTT does.
fn put_term(out: &mut Vec<u8>, previous: &str, listed: &Listed, distance: Option<usize>) {
    let shared = shared_prefix(previous, listed.term);
    put_varint(out, shared as u64);
    put_str(out, &listed.term[shared..]);
    distance.iter().for_each(|&distance| put_varint(out, distance as u64));
    for (count, len) in [listed.chunks, listed.paths] {
        put_varint(out, u64::from(count));
        put_varint(out, len as u64);
    }
}

/// Reads HOTT; the section with the postings has `posting_bytes`.
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
    /// Whether terms, postings and names lie in one section.
    grouped: bool,
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
    names: Range<usize>,
}

impl Dictionary {
    /// Reads TIDX, and HOTT where there is one, of a dictionary of `terms` terms. In version 1 its TERM has `term_bytes` and its POST `posting_bytes`; without the first number DICT
    /// has the second one.
    pub fn read(
        index: &[u8],
        hot: Option<&[u8]>,
        terms: u32,
        term_bytes: Option<usize>,
        posting_bytes: usize,
    ) -> Result<Self> {
        let (mut decoder, grouped) = (Decoder::new(index), term_bytes.is_none());
        let mut blocks: Vec<Block> = Vec::new();
        let bad = || Error::Corrupt("the blocks of the dictionary do not fill their sections");
        let next = |end: &mut usize, len: usize| {
            let range = *end..end.saturating_add(len);
            *end = range.end;
            range
        };
        while !decoder.is_empty() {
            let first = decoder.str()?.to_string();
            if blocks.last().is_some_and(|block| block.first >= first) {
                return Err(Error::Corrupt("the terms are not in order"));
            }
            // Lengths, until it is known where they begin.
            let mut len = || Ok::<_, Error>(0..decoder.varint32()? as usize);
            let (terms, postings) = (len()?, len()?);
            let names = if grouped { len()? } else { 0..0 };
            blocks.push(Block { first, terms, postings, names });
        }
        let hot = hot.map(|hot| read_hot(hot, posting_bytes)).transpose()?;
        let (mut term_end, mut posting_end) = (0, 0);
        for run in blocks.chunks_mut(if grouped { RUN } else { usize::MAX }) {
            for block in &mut *run {
                block.terms = next(&mut term_end, block.terms.end);
            }
            let end = if grouped { &mut term_end } else { &mut posting_end };
            for block in run {
                block.postings = next(end, block.postings.end);
                block.names = next(end, block.names.end);
            }
        }
        let first_hot = hot.as_ref().and_then(|hot| hot.first()).map(|(_, entry)| entry.chunk_postings.start);
        let fits = match term_bytes {
            Some(term_bytes) => (term_end, posting_end) == (term_bytes, posting_bytes),
            None => term_end == first_hot.unwrap_or(posting_bytes),
        };
        if !fits || blocks.len() != (terms as usize).div_ceil(BLOCK) {
            return Err(bad());
        }
        Ok(Self { blocks, terms, grouped, hot, posting_bytes, all: OnceLock::new() })
    }

    /// Where the section with the postings is cut, and where it ends; nothing where that is not known.
    pub fn posting_starts(&self) -> Option<Vec<u32>> {
        let hot = self.hot.as_ref().filter(|_| self.grouped)?;
        let mut starts = Vec::new();
        for run in self.blocks.chunks(RUN) {
            starts.extend(run.iter().map(|block| block.terms.start as u32));
            starts.extend(run.iter().map(|block| block.postings.start as u32));
        }
        starts.extend(hot.iter().map(|(_, entry)| entry.chunk_postings.start as u32));
        starts.push(self.posting_bytes as u32);
        Some(starts)
    }

    /// The [`bucket`] of the declarations of a name.
    pub fn bucket(&self, name: &str) -> usize {
        let hot = self.hot.as_deref().unwrap_or_default();
        let find = |term: &str| hot.binary_search_by(|(known, _)| known.as_str().cmp(term)).ok();
        let block = |term: &str| self.blocks.partition_point(|block| block.first.as_str() <= term).saturating_sub(1);
        bucket(name, find, block, self.blocks.len())
    }

    /// Number of buckets.
    pub fn buckets(&self) -> usize {
        self.blocks.len() + self.hot_len()
    }

    /// The bytes of DICT that hold the declarations of a bucket.
    pub fn names(&self, bucket: usize) -> Range<usize> {
        if let Some(block) = self.blocks.get(bucket) {
            return block.names.clone();
        }
        let hot = self.hot.as_deref().unwrap_or_default();
        let mut from = hot.iter().skip(bucket - self.blocks.len()).map(|(_, entry)| entry);
        let start = from.next().map_or(self.posting_bytes, |entry| entry.path_postings.end);
        start..from.next().map_or(self.posting_bytes, |entry| entry.chunk_postings.start)
    }

    /// Where in DICT the blocks of terms are.
    pub fn term_ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.blocks.iter().map(|block| block.terms.clone())
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

    /// Version 1: where each block starts in TERM, and where the last one ends.
    pub fn starts(&self) -> Vec<u32> {
        std::iter::once(0).chain(self.blocks.iter().map(|block| block.terms.end as u32)).collect()
    }

    /// Finds `term`; `section` is DICT or TERM. What is read of DICT after it is stated with it.
    pub fn find(&self, term: &str, section: Bytes) -> Result<Option<TermEntry>> {
        if let Some(entry) = self.hot(term) {
            return Ok(Some(entry.clone()));
        }
        let Some(block) = self.blocks.partition_point(|block| block.first.as_str() <= term).checked_sub(1) else {
            return Ok(None);
        };
        let mut found = None;
        let scanned = self.scan(block, section, |candidate, entry| {
            if candidate == term {
                found = Some(entry);
            }
            candidate < term
        });
        if self.grouped && scanned == Err(Error::Missing) {
            section.want(self.blocks[block].postings.clone())?;
        }
        scanned?;
        Ok(found)
    }

    /// Says that the terms of these blocks will be read.
    fn want(&self, blocks: &[Block], section: Bytes) -> Result<()> {
        let mut result = Ok(());
        for block in blocks {
            result = section.want(block.terms.clone()).and(result);
        }
        result
    }

    /// All terms in order, each between two NULs, which no term holds; `section` is DICT or TERM. They are kept.
    pub fn all(&self, section: Bytes) -> Result<&str> {
        if self.all.get().is_none() {
            self.want(&self.blocks, section)?;
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
        self.want(&self.blocks[first..end.max(first)], section)?;
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
            let (chunks, chunk_bytes) = (decoder.varint32()?, decoder.varint()?);
            let (paths, path_bytes) = (decoder.varint32()?, decoder.varint()?);
            let len = chunk_bytes.saturating_add(path_bytes);
            let hot = (self.grouped && len >= HOT_BYTES as u64).then(|| self.hot(&term)).flatten();
            let entry = match hot {
                Some(entry) => entry.clone(),
                None if len <= (postings.end - start) as u64 => {
                    let middle = start + chunk_bytes as usize;
                    let chunk_postings = start..middle;
                    start = middle + path_bytes as usize;
                    TermEntry { chunks, chunk_postings, paths, path_postings: middle..start }
                }
                None => return Err(Error::Corrupt("postings leave their block")),
            };
            if !each(&term, entry) {
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
        let len = |n: usize| if n.is_multiple_of(100) { 5000 } else { n % 7 };
        let listed = |n: usize| Listed { term: &terms[n], chunks: (n as u32, len(n)), paths: (1, 2) };
        let listed: Vec<Listed> = (0..1000).map(listed).collect();
        // Each list has its own bytes, so that it can be told from others.
        let lists: Vec<Vec<u8>> = (0..1000).map(|n| vec![n as u8; len(n) + 2]).collect();
        let names: Vec<Vec<u8>> = (0..26).map(|bucket| vec![0xff; bucket % 3]).collect();
        let hot = hottest(&listed);
        let Written { section, index, hot, cuts } = write(&listed, &lists.concat(), &hot, &names);
        let read = |index, hot| Dictionary::read(index, hot, 1000, None, section.len());
        let dictionary = read(&index, Some(&hot)).unwrap();
        let find = |term: &str| dictionary.find(term, Bytes::Whole(&section)).unwrap();
        for (n, term) in terms.iter().enumerate() {
            let entry = find(term).unwrap();
            let range = entry.chunk_postings.start..entry.path_postings.end;
            assert_eq!((entry.chunks, entry.chunk_postings.len(), entry.paths), (n as u32, len(n), 1));
            assert_eq!(section[range.clone()], lists[n]);
            assert_eq!(dictionary.hot(term).is_some(), n % 100 == 0, "{term}");
            if n % 100 == 0 {
                // A list of its own is a block of its own, however long it is.
                let at = cuts.binary_search(&(range.start as u32)).unwrap();
                assert_eq!(cuts[at + 1] as usize, range.end + names[16 + n / 100].len());
            }
            let bucket = if n % 100 == 0 { 16 + n / 100 } else { n / BLOCK };
            assert_eq!((dictionary.bucket(term), &section[dictionary.names(bucket)]), (bucket, &names[bucket][..]));
        }
        assert_eq!(dictionary.buckets(), names.len());
        assert_eq!(dictionary.hot_len(), 10);
        assert_eq!(dictionary.posting_starts(), Some(cuts.clone()));
        assert!(cuts.is_sorted() && cuts[0] == 0 && cuts[cuts.len() - 1] as usize == section.len());
        for absent in ["", "a", "term", "term00500", "term00500éé", "zzz"] {
            assert_eq!(find(absent), None, "{absent}");
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
        assert!(read(&index[..index.len() - 1], Some(&hot)).is_err());
    }

    #[test]
    fn an_empty_dictionary_finds_nothing() {
        let Written { section, index, hot, cuts } = write(&[], &[], &[], &[]);
        let dictionary = Dictionary::read(&index, Some(&hot), 0, None, 0).unwrap();
        assert_eq!((cuts, dictionary.names(dictionary.bucket("x"))), (vec![0], 0..0));
        assert_eq!(dictionary.find("x", Bytes::Whole(&section)).unwrap(), None);
        dictionary.with_prefix("", Bytes::Whole(&section), |_, _| panic!("nothing is there")).unwrap();
        assert_eq!(dictionary.all(Bytes::Whole(&section)).unwrap(), "\0");
    }
}
