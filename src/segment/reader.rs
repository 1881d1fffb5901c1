//! An open segment: its checksums verified, its resident parts decoded, the rest decoded as it is asked for.

use super::bytes::{Blocks, Bytes, Calls};
use super::checksums::Checksums;
use super::chunks::ChunkTable;
use super::codec::{Decoder, block_ranges};
use super::container::{Container, Entry, Kind};
use super::dictionary::{Dictionary, TermEntry};
use super::files::FileTable;
use super::graph::Graph;
use super::groups;
use super::meta::Meta;
use super::names::{self, Declaration, Names};
use super::opening;
use super::places::Places;
use super::postings::{self, Frequencies};
use super::references::References;
use super::repeats;
use super::rows::{ChunkRow, FileData, SymbolRow};
use super::symbols::SymbolTable;
use super::text::{TextBlocks, TextCache};
use super::vectors::{QueryVector, VectorSpec, Vectors};
use crate::error::{Error, Result};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// An immutable index of some files.
#[derive(Debug)]
pub struct Segment {
    /// The whole file, or of one that is fetched in parts only NORM.
    bytes: Vec<u8>,
    len_bytes: u64,
    resident_bytes: u64,
    /// Tells this open segment from every other one in a [`TextCache`].
    key: u64,
    /// The counts.
    pub meta: Meta,
    /// The files, ordered by path.
    pub files: FileTable,
    norms: Range<usize>,
    dictionary: Dictionary,
    chunks: ChunkTable,
    symbols: SymbolTable,
    pub(super) text: TextBlocks,
    /// Of version 1.
    names: Option<Names>,
    /// Where the captions of chunks are that lie with the text, as terms, postings and names lie together: since version 2.
    pub(super) captions: Option<Places>,
    vectors: Option<Vectors>,
    /// Which vectors are near which, with its section; only of a whole segment.
    graph: Option<(Graph, Range<usize>)>,
    references: Option<References>,
    parts: [Part; 8],
    unindexed: Option<Vec<u32>>,
    repeats: Option<Vec<(u32, u32)>>,
}

/// A section that is not resident.
#[derive(Debug)]
struct Part {
    range: Range<usize>,
    /// What was supplied, when the file is fetched in parts.
    sparse: Option<Blocks>,
}

const TERMS: usize = 0;
const POSTINGS: usize = 1;
const NAMES: usize = 2;
const CHUNKS: usize = 3;
const SYMBOLS: usize = 4;
const TEXT: usize = 5;
const VECTORS: usize = 6;
const REFERENCES: usize = 7;

static NEXT_KEY: AtomicU64 = AtomicU64::new(0);

impl Segment {
    /// Opens a whole segment, verifying every checksum.
    ///
    /// # Errors
    /// SNAPSHOT_FOREIGN, FORMAT_NEWER, SNAPSHOT_TRUNCATED, SNAPSHOT_CHECKSUM, SNAPSHOT_CORRUPT.
    pub fn open(bytes: Vec<u8>) -> Result<Self> {
        Self::of(Container::open(Kind::Segment, &bytes)?, bytes)
    }

    /// The same without looking at checksums: bytes that are known to be what was written.
    ///
    /// # Errors
    /// Those of [`Self::open`] but SNAPSHOT_CHECKSUM of a section.
    pub fn open_known(bytes: Vec<u8>) -> Result<Self> {
        Self::of(Container::head(Kind::Segment, &bytes, Some(bytes.len() as u64))?, bytes)
    }

    fn of(container: Container, bytes: Vec<u8>) -> Result<Self> {
        let mut segment = Self::assemble(&container, None, &|entry| Ok(Cow::Borrowed(&bytes[entry.range.clone()])))?;
        segment.bytes = bytes;
        Ok(segment)
    }

    /// The segment that `container` describes; `resident` gives its small sections. The bytes of all others
    /// follow, unless it is fetched in parts by the `calls` of an index.
    pub(super) fn assemble<'a>(
        container: &Container,
        calls: Option<&Calls>,
        resident: &dyn Fn(&Entry) -> Result<Cow<'a, [u8]>>,
    ) -> Result<Self> {
        let find = |id: &[u8; 4]| container.find(id).ok_or(Error::Corrupt("a section is missing"));
        let read = |id: &[u8; 4]| find(id).and_then(resident);
        let len = |id: &[u8; 4]| find(id).map(|entry| entry.range.len());
        let meta = Meta::read(&read(b"META")?)?;
        let files = FileTable::read(&read(b"FILE")?, meta.files)?;
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
        if len(b"NORM")? != meta.chunks as usize {
            return Err(Error::Corrupt("the lengths do not fit the chunks"));
        }
        // Segments of before this section existed are as good, only slower to look through.
        let unindexed =
            container.find(b"SKIP").map(|entry| read_unindexed(&resident(entry)?, meta.chunks)).transpose()?;
        let hot = container.find(b"HOTT").map(resident).transpose()?;
        let grouped = container.find(b"BODY").is_some();
        let (term_bytes, posting_bytes) =
            if grouped { (None, len(b"DICT")?) } else { (Some(len(b"TERM")?), len(b"POST")?) };
        let dictionary = Dictionary::read(&read(b"TIDX")?, hot.as_deref(), meta.terms, term_bytes, posting_bytes)?;
        let symbols = SymbolTable::read(&read(b"SIDX")?, len(b"SYMB")?, meta.symbols)?;
        let chunks = ChunkTable::read(&read(b"CIDX")?, len(b"CHNK")?, meta.chunks)?;
        let (captions, text);
        if grouped {
            let [of_chunks, of_text] = groups::read(&read(b"BIDX")?, len(b"BODY")?, meta.chunks, meta.text_bytes)?;
            text = TextBlocks::grouped(of_text, meta.text_bytes);
            captions = Some(of_chunks);
        } else {
            text = TextBlocks::read(block_ranges(&read(b"XIDX")?, len(b"TEXT")?)?, meta.text_bytes)?;
            captions = None;
        }
        let repeats = container.find(b"EQUL").map(|entry| repeats::read(&resident(entry)?, meta.chunks)).transpose()?;
        let names = match (container.find(b"NIDX"), container.find(b"NAME")) {
            (Some(index), Some(names)) if !grouped => Some(Names::read(&resident(index)?, names.range.len())?),
            _ => None,
        };
        let vectors = match (container.find(b"VMOD"), container.find(b"VECS")) {
            (Some(spec), Some(rows)) => Some(Vectors::read(&resident(spec)?, rows.range.len(), meta.chunks)?),
            _ => None,
        };
        // Fetching a graph to save a scan of vectors that are all there would cost more than the scan.
        let graph = match (container.find(b"HNSW"), calls, &vectors) {
            (Some(entry), None, Some(_)) => Some((Graph::read(&resident(entry)?, meta.chunks)?, entry.range.clone())),
            _ => None,
        };
        let sums = container.find(b"CSUM").map(resident).transpose()?.unwrap_or_default();
        let sums = Checksums::read(&sums)?;
        let part = |id: &[u8; 4], own: Option<&[u32]>| {
            let Some(entry) = container.find(id) else { return Ok(Part { range: 0..0, sparse: None }) };
            let sparse = calls.map(|calls| sums.blocks(entry, own, calls)).transpose()?;
            Ok(Part { range: entry.range.clone(), sparse })
        };
        let (bytes, norms) = if calls.is_none() {
            (Vec::new(), find(b"NORM")?.range.clone())
        } else {
            (read(b"NORM")?.into_owned(), 0..meta.chunks as usize)
        };
        Ok(Self {
            bytes,
            len_bytes: container.length,
            resident_bytes: opening::resident_bytes(container),
            unindexed,
            repeats,
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            parts: [
                part(b"TERM", Some(&dictionary.starts()))?,
                part(if grouped { b"DICT" } else { b"POST" }, dictionary.posting_starts().as_deref())?,
                part(b"NAME", names.as_ref().map(Names::starts))?,
                part(b"CHNK", Some(chunks.starts()))?,
                part(b"SYMB", Some(symbols.starts()))?,
                part(if grouped { b"BODY" } else { b"TEXT" }, Some(text.starts()))?,
                part(b"VECS", None)?,
                part(b"REFS", None)?,
            ],
            meta,
            files,
            norms,
            dictionary,
            chunks,
            symbols,
            text,
            names,
            captions,
            vectors,
            graph,
            references: container.find(b"REFS").map(|_| References::default()),
        })
    }

    /// The section that is not resident; what may be absent is read through it.
    fn part(&self, part: usize) -> Bytes<'_> {
        let part = if matches!(part, TERMS | NAMES) && self.captions.is_some() { POSTINGS } else { part };
        let Part { range, sparse } = &self.parts[part];
        sparse.as_ref().map_or_else(|| Bytes::Whole(&self.bytes[range.clone()]), Bytes::Sparse)
    }

    /// Whether the segment is fetched in parts.
    pub fn is_sparse(&self) -> bool {
        self.parts[POSTINGS].sparse.is_some()
    }

    /// Takes bytes of the file that stand at `at`: every block that lies wholly in them.
    ///
    /// # Errors
    /// SNAPSHOT_CHECKSUM when one is not what was written.
    pub fn supply(&self, at: usize, bytes: &[u8]) -> Result<()> {
        self.parts.iter().filter_map(|part| part.sparse.as_ref()).try_for_each(|blocks| blocks.supply(at, bytes))
    }

    /// The ranges of the file that were asked for and not there since the last call.
    pub fn take_needs(&self) -> Vec<Range<u64>> {
        let mut needs = Vec::new();
        self.parts.iter().filter_map(|part| part.sparse.as_ref()).for_each(|blocks| blocks.take_wanted(&mut needs));
        crate::order::sort_by_key(&mut needs, |need| need.start);
        needs
    }

    /// Where in the file blocks start and end that are fetched by themselves, in order; of a segment that is fetched in parts.
    pub fn edges(&self) -> Vec<usize> {
        let blocks = self.parts.iter().filter_map(|part| part.sparse.as_ref());
        let mut edges: Vec<usize> = blocks.flat_map(Blocks::edges).collect();
        crate::order::sort(&mut edges);
        edges.dedup();
        edges
    }

    /// Bytes of parts that were supplied and not dropped.
    pub fn held_bytes(&self) -> usize {
        self.parts.iter().filter_map(|part| part.sparse.as_ref()).map(Blocks::held_bytes).sum()
    }

    /// When each part that is there was last used; with what names it for [`Self::drop_part`], and its length.
    pub fn ages(&self) -> impl Iterator<Item = (u32, (usize, usize), usize)> {
        let sparse = self.parts.iter().enumerate().filter_map(|(at, part)| Some((at, part.sparse.as_ref()?)));
        sparse.flat_map(|(at, blocks)| blocks.ages().map(move |(age, block, len)| (age, (at, block), len)))
    }

    /// Forgets a part, and what was decoded from it.
    pub fn drop_part(&mut self, (part, block): (usize, usize)) {
        if let Some(blocks) = &mut self.parts[part].sparse {
            blocks.drop_block(block);
        }
        match part {
            CHUNKS => self.chunks.drop_block(block),
            SYMBOLS => self.symbols.drop_block(block),
            _ => {}
        }
    }

    /// Length of the segment in bytes.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// Bytes at the beginning of the file that every reader needs.
    pub fn resident_bytes(&self) -> u64 {
        self.resident_bytes
    }

    /// The bytes of a whole segment.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The dictionary of a segment that has postings and names with it, and its section, of a whole one.
    pub(super) fn together(&self) -> Option<(&Dictionary, &[u8])> {
        let section = &self.bytes[self.parts[POSTINGS].range.clone()];
        self.captions.as_ref().map(|_| (&self.dictionary, section))
    }

    /// Bytes of the section with the postings.
    pub(super) fn posting_bytes(&self) -> usize {
        self.parts[POSTINGS].range.len()
    }

    /// Checks the blocks of the file `bytes` without keeping them.
    ///
    /// # Errors
    /// SNAPSHOT_CHECKSUM.
    pub(super) fn check(&self, bytes: &[u8]) -> Result<()> {
        self.parts.iter().filter_map(|part| part.sparse.as_ref()).try_for_each(|blocks| blocks.check(bytes))
    }

    /// The bytes of a whole segment.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The length bytes of all chunks; see [`super::norm`].
    pub fn norms(&self) -> &[u8] {
        &self.bytes[self.norms.clone()]
    }

    /// Where the postings of `term` stand.
    pub fn term(&self, term: &str) -> Result<Option<TermEntry>> {
        self.dictionary.find(term, self.part(TERMS))
    }

    /// What the resident part of the dictionary says of a term, and how many terms it knows.
    pub fn hot(&self, term: &str) -> (Option<&TermEntry>, usize) {
        (self.dictionary.hot(term), self.dictionary.hot_len())
    }

    /// Calls `each` with the terms that begin with `prefix`, in order, until it returns false.
    pub fn terms_with_prefix(&self, prefix: &str, each: impl FnMut(&str, TermEntry) -> bool) -> Result<()> {
        self.dictionary.with_prefix(prefix, self.part(TERMS), each)
    }

    /// All terms in order, each between two NULs.
    pub fn all_terms(&self) -> Result<&str> {
        self.dictionary.all(self.part(TERMS))
    }

    /// Says that all postings of a term will be read.
    ///
    /// # Errors
    /// PARTS_MISSING when they have to be supplied first.
    pub fn want_postings(&self, entry: &TermEntry) -> Result<()> {
        // Those of the path stand behind those of the chunks.
        self.part(POSTINGS).want(entry.chunk_postings.start..entry.path_postings.end)
    }

    /// Where symbols are declared whose [`names::normal`] name is `name`, by ascending chunk; nothing when the segment does not know.
    ///
    /// [`names::normal`]: super::names::normal
    pub fn declaring(&self, name: &str) -> Result<Option<Vec<Declaration>>> {
        let Some(bucket) = self.bucket(name) else { return Ok(None) };
        let bucket = self.part(NAMES).read(bucket)?;
        match &self.names {
            Some(names) => names.find(name, &bucket, self.meta.chunks),
            None => names::find(name, &bucket, self.meta.chunks),
        }
        .map(Some)
    }

    /// Says that [`Self::declaring`] will be asked for `name`.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    pub fn want_declaring(&self, name: &str) -> Result<()> {
        self.bucket(name).map_or(Ok(()), |bucket| self.part(NAMES).want(bucket))
    }

    fn bucket(&self, name: &str) -> Option<Range<usize>> {
        match &self.names {
            Some(names) => Some(names.bucket(name)),
            None => self.captions.as_ref().map(|_| self.dictionary.names(self.dictionary.bucket(name))),
        }
    }

    /// Calls `each` with every chunk that holds the term.
    pub fn chunk_postings(&self, entry: &TermEntry, each: impl FnMut(u32, Frequencies)) -> Result<()> {
        let bytes = self.part(POSTINGS).read(entry.chunk_postings.clone())?;
        postings::read_chunks(&bytes, entry.chunks, self.meta.chunks, each)
    }

    /// Calls `each` with every file whose path holds the term, and whether its own name does.
    pub fn path_postings(&self, entry: &TermEntry, each: impl FnMut(u32, bool)) -> Result<()> {
        let bytes = self.part(POSTINGS).read(entry.path_postings.clone())?;
        postings::read_paths(&bytes, entry.paths, self.meta.files, each)
    }

    /// Says that the chunks `docs`, at least one, will be read.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    pub fn want_chunks(&self, docs: Range<u32>) -> Result<()> {
        self.chunks.want(docs, self.part(CHUNKS))
    }

    /// The chunk `doc`, with offsets within its file.
    pub fn chunk(&self, doc: u32) -> Result<ChunkRow> {
        self.chunks.get(doc, self.part(CHUNKS), &self.files.entries)
    }

    /// Symbol `symbol` of file `file`.
    pub fn symbol(&self, file: u32, symbol: u32) -> Result<&SymbolRow> {
        let entry = &self.files.entries[file as usize];
        if symbol >= entry.symbols {
            return Err(Error::Corrupt("a symbol is not in its file"));
        }
        let row = self.symbols.get(entry.first_symbol + symbol, self.part(SYMBOLS))?;
        // Parents come before their children: that is what ends every walk to the root.
        if row.parent.is_some_and(|parent| parent >= symbol) {
            return Err(Error::Corrupt("a symbol stands before its parent"));
        }
        Ok(row)
    }

    /// The [`letters`] of the name of symbol `symbol` of file `file`, which has so many.
    ///
    /// [`letters`]: super::symbols::letters
    pub fn symbol_letters(&self, file: u32, symbol: u32) -> Result<u32> {
        self.symbols.letters(self.files.entries[file as usize].first_symbol + symbol, self.part(SYMBOLS))
    }

    /// The names around symbol `symbol` of file `file`, outermost first, joined by dots; empty at the top of the file.
    pub fn parent_name(&self, file: u32, symbol: u32) -> Result<String> {
        Ok(self.parents(file, symbol)?.join("."))
    }

    /// The names around symbol `symbol` of file `file`, outermost first.
    pub fn parents(&self, file: u32, symbol: u32) -> Result<Vec<String>> {
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
        Ok(names.into_iter().rev().map(String::from).collect())
    }

    /// The group `group`, of a segment that has its text in groups.
    pub(super) fn group(&self, group: usize, places: &Places) -> Result<Cow<'_, [u8]>> {
        self.part(TEXT).read(places.bytes(group))
    }

    /// Bytes `start..end` of the text of file `file`.
    pub fn text(&self, file: u32, start: u32, end: u32, cache: &mut TextCache) -> Result<String> {
        let base = self.files.entries[file as usize].text_start;
        let offset = |at: u32| base.checked_add(at).ok_or(Error::Corrupt("a chunk leaves the text"));
        self.text.get(offset(start)?, offset(end)?, self.part(TEXT), self.key, cache)
    }

    /// Which model made the vectors, when there are any.
    pub fn vector_spec(&self) -> Option<&VectorSpec> {
        self.vectors.as_ref().map(|vectors| &vectors.spec)
    }

    /// The rows of the vectors of chunks `docs`; empty when there are none.
    ///
    /// # Errors
    /// PARTS_MISSING when they have to be supplied first.
    pub fn vector_rows(&self, docs: Range<u32>) -> Result<Cow<'_, [u8]>> {
        let len = self.vector_spec().map_or(0, VectorSpec::row_bytes);
        self.part(VECTORS).read(docs.start as usize * len..docs.end as usize * len)
    }

    /// Calls `each` with every chunk of each range of `docs` and its similarity to the query; with none when there are no vectors. The query is of this segment's spec.
    ///
    /// # Errors
    /// PARTS_MISSING when the vectors have to be supplied first.
    pub fn scan_vectors(
        &self,
        docs: impl Iterator<Item = Range<u32>>,
        query: &QueryVector,
        mut each: impl FnMut(u32, f32),
    ) -> Result<()> {
        if let Some(vectors) = &self.vectors {
            let rows = self.vector_rows(0..self.meta.chunks)?;
            docs.for_each(|docs| vectors.scan(&rows, docs, query, &mut each));
        }
        Ok(())
    }

    /// How near a chunk's vector is to the query's, as [`Self::scan_vectors`] has it.
    ///
    /// # Errors
    /// PARTS_MISSING when the vectors have to be supplied first.
    pub fn similarity(&self, doc: u32, query: &QueryVector) -> Result<f32> {
        let rows = self.vector_rows(0..self.meta.chunks)?;
        Ok(self.vectors.as_ref().map_or(0.0, |vectors| vectors.similarity(&rows, doc, query)))
    }

    /// Checks the graph of a whole segment against its vectors.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT.
    pub(super) fn check_graph(&self) -> Result<()> {
        let (Some((graph, section)), Some(vectors)) = (&self.graph, &self.vectors) else { return Ok(()) };
        graph.check(&self.bytes[section.clone()], &self.vector_rows(0..self.meta.chunks)?, vectors.spec.row_bytes())
    }

    /// Whether [`Self::near_vectors`] can answer.
    pub fn has_graph(&self) -> bool {
        self.graph.is_some()
    }

    /// About the `keep` chunks nearest to the query of those that pass, nearest first; nothing without a graph, or when it does not reach that many before it
    /// has compared `budget` chunks: then a scan answers.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when the graph breaks a rule behind its checksum.
    pub fn near_vectors(
        &self,
        query: &QueryVector,
        keep: usize,
        budget: usize,
        passes: &dyn Fn(u32) -> bool,
    ) -> Result<Option<Vec<(u32, f32)>>> {
        let (Some((graph, section)), Some(vectors)) = (&self.graph, &self.vectors) else { return Ok(None) };
        let rows = self.vector_rows(0..self.meta.chunks)?;
        let similarities = |docs: &[u32], out: &mut Vec<f32>| vectors.similarities(&rows, docs, query, out);
        graph.nearest(&self.bytes[section.clone()], &similarities, keep, budget, passes)
    }

    /// Appends bytes `start..end` of the text of file `file` to `out`, without cutting the cache's other blocks out of it: for who looks through much.
    pub fn append_text(&self, file: u32, start: u32, end: u32, cache: &mut TextCache, out: &mut Vec<u8>) -> Result<()> {
        let base = self.files.entries[file as usize].text_start;
        let offset = |at: u32| base.checked_add(at).ok_or(Error::Corrupt("a chunk leaves the text"));
        self.text.append(offset(start)?, offset(end)?, self.part(TEXT), self.key, cache, out)
    }

    /// Whether all text is at hand, rather than fetched in parts.
    pub fn is_whole(&self) -> bool {
        matches!(self.part(TEXT), Bytes::Whole(_))
    }

    /// Chunks with words that are not indexed as they stand in the text, ascending; none in a segment that does not say.
    pub fn unindexed(&self) -> Option<&[u32]> {
        self.unindexed.as_deref()
    }

    /// How many chunks before `doc` in its file have the same text; nothing when the segment does not say.
    pub fn repeats(&self, doc: u32) -> Option<u32> {
        let known = self.repeats.as_ref()?;
        Some(known.binary_search_by_key(&doc, |&(repeating, _)| repeating).map_or(0, |at| known[at].1))
    }

    /// This segment's key in a [`TextCache`].
    pub fn cache_key(&self) -> u64 {
        self.key
    }

    /// What the words of file `file`, whose text is given if it is there, are to the code around them: the number of a [`crate::language::Role`] for each of [`crate::text::words`], none at all of a
    /// language without rules for them; nothing where it is not known.
    ///
    /// # Errors
    /// PARTS_MISSING when they have to be supplied first.
    pub fn roles(&self, file: u32, text: Option<&str>) -> Result<Option<Vec<u8>>> {
        self.references.as_ref().map_or(Ok(None), |references| references.get(file, text, self.part(REFERENCES)))
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
        let roles = self.roles(file, Some(&text))?;
        Ok(FileData {
            path: entry.path,
            language,
            hash: entry.hash,
            len_bytes: entry.len_bytes,
            flags: entry.flags,
            text,
            chunks,
            symbols,
            roles,
        })
    }
}

fn read_unindexed(bytes: &[u8], chunks: u32) -> Result<Vec<u32>> {
    let mut decoder = Decoder::new(bytes);
    let (mut docs, mut next) = (Vec::new(), 0u64);
    while !decoder.is_empty() {
        let doc = next.saturating_add(decoder.varint()?);
        if doc >= u64::from(chunks) {
            return Err(Error::Corrupt("a chunk with words that are not indexed is not there"));
        }
        docs.push(doc as u32);
        next = doc + 1;
    }
    Ok(docs)
}
