//! The terms of the files being written: interned, counted a chunk, and finally sorted and inverted.

use super::codec::Decoder;
use super::postings::{Frequencies, put_chunk, read_chunk};
use super::rows::{ChunkRow, FileData, SymbolRow};
use crate::analysis::{Analyzer, cuts_word};
use crate::limits;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

const NAME: u32 = 0;
const CONTEXT: u32 = 1;
const DOCS: u32 = 2;
const BODY: u32 = 3;

/// Every distinct term met, numbered in order of first use.
#[derive(Default)]
pub struct Interner {
    table: HashTable<u32>,
    bytes: String,
    ends: Vec<u32>,
}

impl Interner {
    fn intern(&mut self, term: &str) -> u32 {
        let hasher = FxBuildHasher;
        let (bytes, ends) = (&self.bytes, &self.ends);
        let hash = hasher.hash_one(term);
        if let Some(&id) = self.table.find(hash, |&id| slice(bytes, ends, id) == term) {
            return id;
        }
        let id = self.ends.len() as u32;
        self.bytes.push_str(term);
        self.ends.push(self.bytes.len() as u32);
        let (bytes, ends) = (&self.bytes, &self.ends);
        self.table.insert_unique(hash, id, |&id| hasher.hash_one(slice(bytes, ends, id)));
        id
    }

    /// The term with this number.
    pub fn term(&self, id: u32) -> &str {
        slice(&self.bytes, &self.ends, id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

fn slice<'a>(bytes: &'a str, ends: &[u32], id: u32) -> &'a str {
    let start = if id == 0 { 0 } else { ends[id as usize - 1] as usize };
    &bytes[start..ends[id as usize] as usize]
}

/// The terms of one file.
#[derive(Default)]
pub struct FileTerms {
    /// The terms of each chunk, each as a posting with the term's number for a DocId: an eighth of what they take as rows, and they are all held to the end.
    chunks: Vec<u8>,
    /// How many terms each chunk has.
    counts: Vec<u32>,
    /// Length in terms of each chunk.
    pub lengths: Vec<u32>,
    /// (term, in the file's own name rather than its folders), each term once.
    pub path: Vec<(u32, bool)>,
    /// Chunks with words that were not indexed as they stand: too long, or cut where the chunk or its documentation begins or ends.
    pub unindexed: Vec<u32>,
}

impl FileTerms {
    /// Calls `each` with every term, its chunk within the file and its frequencies, chunk by chunk.
    pub fn each(&self, mut each: impl FnMut(u32, u32, Frequencies)) {
        const WRITTEN: &str = "it was just written";
        let mut decoder = Decoder::new(&self.chunks);
        for (chunk, &count) in self.counts.iter().enumerate() {
            let mut next = 0;
            for _ in 0..count {
                let (term, frequencies) = read_chunk(&mut decoder, next, u32::MAX).expect(WRITTEN);
                each(term, chunk as u32, frequencies);
                next = u64::from(term) + 1;
            }
        }
    }
}

/// Turns files into terms; keeps its buffers between files.
#[derive(Default)]
pub struct TermCollector {
    /// The terms of all files so far.
    pub interner: Interner,
    analyzer: Analyzer,
    /// Term and field of each occurrence in the chunk at hand.
    occurrences: Vec<u64>,
}

impl TermCollector {
    /// The terms of `file`.
    pub fn collect(&mut self, file: &FileData) -> FileTerms {
        let mut out = FileTerms::default();
        let mut by_name: Vec<&SymbolRow> = file.symbols.iter().collect();
        crate::order::sort_by_key(&mut by_name, |symbol| symbol.name_start);
        let mut named = by_name.into_iter().peekable();
        for (ordinal, chunk) in file.chunks.iter().enumerate() {
            self.occurrences.clear();
            while let Some(symbol) = named.next_if(|symbol| symbol.name_start < chunk.end) {
                self.occur(&symbol.name, NAME);
            }
            self.context(file, chunk);
            let (docs_start, docs_end) = chunk.docs.unwrap_or((chunk.start, chunk.start));
            let passed_over = self.analyzer.passed_over;
            self.occur(&file.text[chunk.start as usize..docs_start as usize], BODY);
            self.occur(&file.text[docs_start as usize..docs_end as usize], DOCS);
            self.occur(&file.text[docs_end as usize..chunk.end as usize], BODY);
            out.lengths.push(self.occurrences.len() as u32);
            let count = self.count(&mut out.chunks);
            out.counts.push(count);
            let cut =
                [chunk.start, docs_start, docs_end, chunk.end].into_iter().any(|at| cuts_word(&file.text, at as usize));
            if cut || self.analyzer.passed_over > passed_over {
                out.unindexed.push(ordinal as u32);
            }
        }
        out.chunks.shrink_to_fit();
        out.path = self.path(&file.path);
        out
    }

    fn context(&mut self, file: &FileData, chunk: &ChunkRow) {
        let Some(own) = chunk.symbol.map(|symbol| &file.symbols[symbol as usize]) else { return };
        if chunk.piece > 0 {
            self.occur(&own.name, CONTEXT);
        }
        self.occur(&own.qualifier, CONTEXT);
        let mut parent = own.parent;
        for _ in 0..limits::MAX_CONTEXT_LEVELS {
            let Some(symbol) = parent.map(|parent| &file.symbols[parent as usize]) else { break };
            self.occur(&symbol.name, CONTEXT);
            parent = symbol.parent;
        }
    }

    fn occur(&mut self, text: &str, field: u32) {
        let (interner, occurrences) = (&mut self.interner, &mut self.occurrences);
        self.analyzer
            .terms(text, |term, _, _| occurrences.push(u64::from(interner.intern(term)) << 2 | u64::from(field)));
    }

    /// Appends the terms of the chunk at hand; returns how many there are.
    fn count(&mut self, out: &mut Vec<u8>) -> u32 {
        self.occurrences.sort_unstable();
        let (mut count, mut next) = (0, 0);
        for run in self.occurrences.chunk_by(|a, b| a >> 2 == b >> 2) {
            let mut frequencies = Frequencies::default();
            run.iter().for_each(|occurrence| frequencies.count((occurrence & 3) as u32));
            let term = (run[0] >> 2) as u32;
            put_chunk(out, next, term, frequencies);
            (count, next) = (count + 1, term + 1);
        }
        count
    }

    fn path(&mut self, path: &str) -> Vec<(u32, bool)> {
        let name_start = path.rfind('/').map_or(0, |slash| slash + 1);
        let mut terms: Vec<(u32, bool)> = Vec::new();
        for (part, stem) in [(&path[..name_start], false), (&path[name_start..], true)] {
            let interner = &mut self.interner;
            self.analyzer.terms(part, |term, _, _| terms.push((interner.intern(term), stem)));
        }
        crate::order::sort(&mut terms);
        // A term in both stands for the file's name: (id, true) follows (id, false).
        terms.reverse();
        terms.dedup_by_key(|(id, _)| *id);
        terms
    }
}
