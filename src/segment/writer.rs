//! Builds a segment from files. The same files give the same bytes, in whatever order they are added.

use super::checksums::{self, Division};
use super::codec::{Deflater, block_ranges, put_varint};
use super::container::{self, Kind};
use super::dictionary::{self, Listed};
use super::meta::Meta;
use super::postings::{Frequencies, put_chunk, put_path};
use super::rows::FileData;
use super::terms::{FileTerms, TermCollector};
use super::vectors::VectorSpec;
use super::{chunks, files, graph_writer, groups, names, norm, references, repeats, symbols};
use crate::analysis::ANALYZER_VERSION;
use crate::error::{Error, Result};
use crate::limits;
use crate::order;

/// Collects files and writes them as one segment.
#[derive(Default)]
pub struct SegmentWriter {
    collector: TermCollector,
    files: Vec<(FileData, FileTerms, Vec<u8>)>,
    text_bytes: u64,
    vectors: Option<VectorSpec>,
}

impl SegmentWriter {
    /// Adds a file. One added again under the same path replaces the first. `rows`: the vectors of its chunks, as [`VectorSpec::put_row`] writes them.
    ///
    /// # Errors
    /// LIMIT_EXCEEDED when the segment would hold more text than it can address.
    ///
    /// # Panics
    /// When `rows` are not as many as the chunks.
    pub fn add(&mut self, file: FileData, rows: Vec<u8>) -> Result<()> {
        let row_bytes = self.vectors.as_ref().map_or(0, VectorSpec::row_bytes);
        assert_eq!(rows.len(), file.chunks.len() * row_bytes, "a row a chunk");
        let text_bytes = self.text_bytes + file.text.len() as u64;
        if text_bytes > limits::MAX_SEGMENT_TEXT_BYTES {
            return Err(Error::Limit {
                what: "text of a segment in bytes",
                value: text_bytes,
                limit: limits::MAX_SEGMENT_TEXT_BYTES,
            });
        }
        self.text_bytes = text_bytes;
        let terms = self.collector.collect(&file);
        self.files.push((file, terms, rows));
        Ok(())
    }

    /// A writer that stores vectors of this spec, which come with each file; none without one.
    pub fn new(vectors: Option<VectorSpec>) -> Self {
        Self { vectors, ..Self::default() }
    }

    /// Files added so far.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Encodes the segment, or nothing when no file was added.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        // Stable, so of two files with one path the later addition comes last, and stays.
        order::sort_by(&mut self.files, |(a, ..), (b, ..)| a.path.cmp(&b.path));
        let mut kept: Vec<(FileData, FileTerms, Vec<u8>)> = Vec::with_capacity(self.files.len());
        for file in self.files {
            match kept.last_mut() {
                Some(last) if last.0.path == file.0.path => *last = file,
                _ => kept.push(file),
            }
        }
        let (mut files, mut file_terms, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for (file, terms, file_rows) in kept {
            files.push(file);
            file_terms.push(terms);
            rows.extend_from_slice(&file_rows);
        }
        if files.is_empty() {
            return None;
        }
        let norms = file_terms.iter().flat_map(|terms| terms.lengths.iter().map(|&len| norm::encode(len))).collect();
        let inverted = invert(&self.collector, &file_terms);
        let unindexed = unindexed(&file_terms);
        drop(file_terms);
        let mut deflater = Deflater::default();
        let (chunk_blocks, chunk_index) = chunks::write(&files, &mut deflater);
        let (symbol_blocks, symbol_index) = symbols::write(&files, &mut deflater);
        let (body, body_index) = groups::write(&files, &mut deflater);
        let meta = Meta {
            files: files.len() as u32,
            chunks: files.iter().map(|file| file.chunks.len() as u32).sum(),
            symbols: files.iter().map(|file| file.symbols.len() as u32).sum(),
            terms: inverted.lists.len() as u32,
            source_bytes: files.iter().map(|file| u64::from(file.len_bytes)).sum(),
            text_bytes: files.iter().map(|file| file.text.len() as u64).sum(),
            analyzer: ANALYZER_VERSION,
        };
        let listed: Vec<Listed> = inverted.listed(&self.collector);
        let hot = dictionary::hottest(&listed);
        let firsts: Vec<&str> = listed.iter().step_by(dictionary::BLOCK).map(|listed| listed.term).collect();
        let bucket = |name: &str| {
            let find = |term: &str| hot.binary_search_by(|&at| listed[at].term.cmp(term)).ok();
            let block = |term: &str| firsts.partition_point(|&first| first <= term).saturating_sub(1);
            dictionary::bucket(name, find, block, firsts.len())
        };
        let names = names::write(&files, bucket, firsts.len() + hot.len());
        let dictionary = dictionary::write(&listed, &inverted.postings, &hot, &names);
        let starts =
            |index: &[u8], blocks: &[u8]| block_ranges(index, blocks.len()).expect("the index was just written");
        let places = groups::read(&body_index, body.len(), meta.chunks, meta.text_bytes);
        let [_, places] = places.expect("the index was just written");
        let references = references::write(&files, &mut deflater);
        let sums = checksums::write(&[
            (*b"DICT", &dictionary.section, Division::Blocks(&dictionary.cuts)),
            (*b"CHNK", &chunk_blocks, Division::Blocks(&starts(&chunk_index, &chunk_blocks))),
            (*b"SYMB", &symbol_blocks, Division::Blocks(&starts(&symbol_index, &symbol_blocks))),
            (*b"BODY", &body, Division::Blocks(places.starts())),
            (*b"REFS", &references, Division::Pages),
        ]);
        // What every reader holds comes first: it is fetched in one piece.
        let mut sections = vec![
            (*b"META", meta.write()),
            (*b"FILE", files::write(&files)),
            (*b"NORM", norms),
            (*b"TIDX", dictionary.index),
            (*b"HOTT", dictionary.hot),
            (*b"CIDX", chunk_index),
            (*b"SIDX", symbol_index),
            (*b"BIDX", body_index),
            (*b"SKIP", unindexed),
            (*b"EQUL", repeats::write(&files)),
        ];
        sections.extend(self.vectors.iter().map(|spec| (*b"VMOD", spec.write())));
        sections.extend([
            (*b"CSUM", sums),
            (*b"DICT", dictionary.section),
            (*b"CHNK", chunk_blocks),
            (*b"SYMB", symbol_blocks),
            (*b"BODY", body),
            (*b"REFS", references),
        ]);
        if let Some(spec) = self.vectors {
            let graph = graph_writer::write(&spec, &rows);
            sections.push((*b"VECS", rows));
            sections.extend(graph.map(|graph| (*b"HNSW", graph)));
        }
        drop((files, listed));
        Some(container::write(Kind::Segment, &sections))
    }
}

/// SKIP: the chunks with words that are not indexed, as a varint each: the distance from the one before.
fn unindexed(files: &[FileTerms]) -> Vec<u8> {
    let (mut out, mut first_chunk, mut next) = (Vec::new(), 0, 0);
    for file in files {
        for &chunk in &file.unindexed {
            put_varint(&mut out, u64::from(first_chunk + chunk - next));
            next = first_chunk + chunk + 1;
        }
        first_chunk += file.lengths.len() as u32;
    }
    out
}

/// A term's number, and number and byte length of its postings: of chunks, and of paths.
type List = (u32, [(u32, usize); 2]);

struct Inverted {
    /// Each term in order.
    lists: Vec<List>,
    postings: Vec<u8>,
}

impl Inverted {
    fn listed<'a>(&self, collector: &'a TermCollector) -> Vec<Listed<'a>> {
        let listed = |&(id, [chunks, paths]): &List| Listed { term: collector.interner.term(id), chunks, paths };
        self.lists.iter().map(listed).collect()
    }
}

/// A posting of a chunk or of a file's path.
#[derive(Clone, Copy)]
enum Posting {
    Chunk(u32, Frequencies),
    Path(u32, bool),
}

impl Posting {
    fn doc(self) -> u32 {
        match self {
            Posting::Chunk(doc, _) | Posting::Path(doc, _) => doc,
        }
    }

    fn put(self, out: &mut Vec<u8>, next: u32) {
        match self {
            Posting::Chunk(doc, frequencies) => put_chunk(out, next, doc, frequencies),
            Posting::Path(doc, stem) => put_path(out, next, doc, stem),
        }
    }

    fn tally(self, tallies: &mut [[Tally; 2]], term: u32) -> &mut Tally {
        &mut tallies[term as usize][usize::from(matches!(self, Posting::Path(..)))]
    }
}

/// Calls `each` with every term and a posting of it, in the order of documents.
fn postings_of(files: &[FileTerms], mut each: impl FnMut(u32, Posting)) {
    let mut first_chunk = 0;
    for (ordinal, file) in files.iter().enumerate() {
        file.each(|term, chunk, frequencies| each(term, Posting::Chunk(first_chunk + chunk, frequencies)));
        file.path.iter().for_each(|&(term, stem)| each(term, Posting::Path(ordinal as u32, stem)));
        first_chunk += file.lengths.len() as u32;
    }
}

/// The postings of one kind that a term has.
#[derive(Clone, Copy, Default)]
struct Tally {
    count: u32,
    bytes: u32,
    /// The least document that can come next.
    next: u32,
    /// Where the next one is written.
    at: u32,
}

impl Tally {
    /// The next posting as it is written.
    fn encode<'b>(&mut self, posting: Posting, bytes: &'b mut Vec<u8>) -> &'b [u8] {
        bytes.clear();
        posting.put(bytes, self.next);
        self.next = posting.doc() + 1;
        bytes
    }
}

/// Turns terms by file into files by term: the postings are measured, laid out by term, and written where they belong, so that nothing is held but the result.
fn invert(collector: &TermCollector, files: &[FileTerms]) -> Inverted {
    let mut tallies = vec![[Tally::default(); 2]; collector.interner.len()];
    let mut bytes = Vec::new();
    postings_of(files, |term, posting| {
        let tally = posting.tally(&mut tallies, term);
        tally.bytes += tally.encode(posting, &mut bytes).len() as u32;
        tally.count += 1;
    });
    // A file that was replaced leaves terms behind that nothing holds.
    let held = |&id: &u32| tallies[id as usize].iter().any(|tally| tally.count > 0);
    let mut order: Vec<u32> = (0..tallies.len() as u32).filter(held).collect();
    order::sort_indices(&mut order, &mut |a, b| collector.interner.term(a).cmp(collector.interner.term(b)));
    let mut end = 0;
    let mut lay_out = |tally: &mut Tally| {
        (tally.next, tally.at) = (0, end);
        end += tally.bytes;
        (tally.count, tally.bytes as usize)
    };
    let lists = order.iter().map(|&id| (id, tallies[id as usize].each_mut().map(&mut lay_out))).collect();
    let mut postings = vec![0; end as usize];
    postings_of(files, |term, posting| {
        let tally = posting.tally(&mut tallies, term);
        let encoded = tally.encode(posting, &mut bytes);
        postings[tally.at as usize..][..encoded.len()].copy_from_slice(encoded);
        tally.at += encoded.len() as u32;
    });
    Inverted { lists, postings }
}
