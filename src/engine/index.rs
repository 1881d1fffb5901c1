//! The searcher and the catalog: the open segments of one generation, what may be asked of them, and the next manifest.
//!
//! An index parses nothing and does no I/O. Writing is two steps with the host's storage between them: [`Index::commit`] returns the next manifest
//! and changes nothing; when the host has made it durable, [`Index::open`] switches to it.

use super::compaction::{self, CompactionMode};
use super::cursor;
use super::manifest::{Manifest, ManifestEntry, segment_name};
use crate::analysis::ANALYZER_VERSION;
use crate::embed::{self, Embedder, Model};
use crate::error::{Error, Result};
use crate::limits;
use crate::query::{self, Gather, LiveSegment, RegexEngine, SearchOptions, SearchResult, Semantic, Similar, semantic};
use crate::segment::bytes::Calls;
use crate::segment::{Opening, QueryVector, Segment, SymbolRow, TextCache, VectorSpec};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// The open segments of one generation.
#[derive(Debug)]
pub struct Index {
    pub(super) manifest: Manifest,
    pub(super) live: Vec<LiveSegment>,
    pub(super) parked: HashMap<u128, Arc<Segment>>,
    /// Segments of which the resident parts are not all there yet.
    pub(super) opening: HashMap<u128, Opening>,
    pub(super) calls: Calls,
    pub(super) cache: TextCache,
    embedder: Option<Embedder>,
    regex: Option<Box<dyn RegexEngine>>,
}

/// A change to the set of live files.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Names of parked segments that become live; their paths replace older ones. With `replace` they are merges: they hold nothing new, and a file
    /// that died or was replaced since its segment was merged stays so.
    pub add: Vec<String>,
    /// Paths that go.
    pub remove: Vec<String>,
    /// Names of live segments that were merged into the added ones.
    pub replace: Vec<String>,
}

/// The counts of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexStats {
    /// The generation.
    pub generation: u64,
    /// Live segments.
    pub segments: u32,
    /// Live files.
    pub files: u32,
    /// Live chunks.
    pub chunks: u32,
    /// Symbols of live files.
    pub symbols: u32,
    /// Length of the live files in bytes.
    pub source_bytes: u64,
    /// Length of the live segments in bytes, dead files included.
    pub index_bytes: u64,
    /// For each language its files, chunks and source bytes.
    pub languages: BTreeMap<String, (u32, u32, u64)>,
}

/// A symbol with its file.
#[derive(Debug, Clone)]
pub struct FoundSymbol {
    /// Path of the file.
    pub path: String,
    /// Names around the symbol, joined by dots.
    pub parent: String,
    /// The symbol.
    pub row: SymbolRow,
    /// The text of its signature.
    pub signature: String,
}

impl FoundSymbol {
    /// Symbol `symbol` of file `file`.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first; SNAPSHOT_CORRUPT.
    #[inline(never)]
    pub(super) fn read(segment: &Segment, file: u32, symbol: u32, cache: &mut TextCache) -> Result<Self> {
        let row = segment.symbol(file, symbol)?.clone();
        let mut gather = Gather::default();
        let signature = gather.of(segment.text(file, row.signature_start, row.signature_end, cache))?;
        let parent = gather.of(segment.parent_name(file, symbol))?;
        gather.done()?;
        let (parent, signature) = (parent.unwrap_or_default(), signature.unwrap_or_default());
        Ok(Self { path: segment.files.entries[file as usize].path.clone(), parent, row, signature })
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::new(limits::TEXT_CACHE_BYTES)
    }
}

impl Index {
    /// The empty index of generation 0, which will keep up to `text_cache_bytes` of inflated text.
    pub fn new(text_cache_bytes: usize) -> Self {
        Self {
            manifest: Manifest::default(),
            live: Vec::new(),
            parked: HashMap::new(),
            opening: HashMap::new(),
            calls: Calls::default(),
            cache: TextCache::new(text_cache_bytes),
            embedder: None,
            regex: None,
        }
    }

    /// Takes the model that queries are embedded with.
    pub fn set_model(&mut self, model: Arc<Model>) {
        if self.embedder.as_ref().is_none_or(|known| !Arc::ptr_eq(known.model(), &model)) {
            self.embedder = Some(Embedder::new(model));
        }
    }

    /// Which model made the vectors of the live segments; nothing when some have none, or they differ.
    pub fn vector_spec(&self) -> Option<&VectorSpec> {
        semantic::common_spec(&self.live).ok()
    }

    /// Supplies the engine for regexes. Without one a query with a regex is REGEX_UNAVAILABLE.
    pub fn set_regex(&mut self, engine: Box<dyn RegexEngine>) {
        self.regex = Some(engine);
    }

    /// The generation that is open.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// Names of the segments that `manifest` needs and that were not supplied.
    ///
    /// # Errors
    /// Those of [`Manifest::read`].
    pub fn missing_segments(&self, manifest: &[u8]) -> Result<Vec<String>> {
        let manifest = Manifest::read(manifest)?;
        Ok(manifest
            .segments
            .iter()
            .filter(|entry| self.segment(entry.hash).is_none())
            .map(ManifestEntry::name)
            .collect())
    }

    pub(super) fn segment(&self, hash: u128) -> Option<&Arc<Segment>> {
        let live = self.manifest.segments.iter().position(|entry| entry.hash == hash).map(|at| &self.live[at].segment);
        live.or_else(|| self.parked.get(&hash))
    }

    /// Takes a segment, to be named by a later manifest.
    ///
    /// # Errors
    /// SNAPSHOT_CHECKSUM when the bytes do not fit the name; those of [`Segment::open`]; ANALYZER_MISMATCH.
    pub fn add_segment(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let hash = parse_name(name)?;
        // The name is a checksum of every byte. What bytes are wrong in that do not fit it is told by opening them.
        let segment = if xxh3_128(&bytes) == hash {
            Segment::open_known(bytes)?
        } else {
            Segment::open(bytes)?;
            return Err(Error::Checksum { section: crate::error::Section(*b"NAME") });
        };
        if segment.meta.analyzer != ANALYZER_VERSION {
            return Err(Error::AnalyzerMismatch(segment.meta.analyzer, ANALYZER_VERSION));
        }
        self.parked.insert(hash, Arc::new(segment));
        Ok(())
    }

    /// Switches to the generation of `manifest`; the old one stays when that fails. Segments that it does not name are dropped.
    ///
    /// # Errors
    /// Those of [`Manifest::read`]; SNAPSHOT_MISSING_SEGMENT; SNAPSHOT_CORRUPT when a segment is not the one that the manifest means.
    pub fn open(&mut self, manifest: &[u8]) -> Result<()> {
        let manifest = Manifest::read(manifest)?;
        let mut live = Vec::with_capacity(manifest.segments.len());
        for entry in &manifest.segments {
            let segment = self.segment(entry.hash).ok_or_else(|| Error::SegmentMissing(entry.name()))?;
            if segment.len_bytes() != entry.len_bytes
                || segment.meta.files != entry.files
                || segment.meta.chunks != entry.chunks
            {
                return Err(Error::Corrupt("the manifest does not fit its segments"));
            }
            let known = self.live.iter().find(|known| Arc::ptr_eq(&known.segment, segment));
            live.push(match known {
                Some(known) if known.tombstones == entry.tombstones => known.clone(),
                Some(known) => known.with_tombstones(entry.tombstones.clone()),
                None => LiveSegment::new(segment.clone(), entry.tombstones.clone()),
            });
        }
        for (at, segment) in live.iter().enumerate() {
            let twice = live[..at].iter().any(|other| Arc::ptr_eq(&other.segment, &segment.segment));
            if !twice && self.live.iter().any(|known| segment.is_part_of(known)) {
                continue;
            }
            let others = || live[..at].iter().chain(&live[at + 1..]);
            if segment.live_paths().any(|(path, _)| others().any(|other| other.file(path).is_some())) {
                return Err(Error::Corrupt("a path is alive twice"));
            }
        }
        for old in &self.live {
            if !live.iter().any(|new| Arc::ptr_eq(&new.segment, &old.segment)) {
                self.cache.forget(old.segment.cache_key());
            }
        }
        self.parked.clear();
        self.opening.clear();
        (self.manifest, self.live) = (manifest, live);
        Ok(())
    }

    /// The manifest after `change`. Nothing changes until it is opened.
    ///
    /// # Errors
    /// SNAPSHOT_MISSING_SEGMENT when a name is not parked, or not alive where it is to be replaced.
    pub fn commit(&self, change: &Change) -> Result<Vec<u8>> {
        let replaced = change.replace.iter().map(|name| parse_name(name)).collect::<Result<HashSet<_>>>()?;
        for name in &change.replace {
            if !self.manifest.segments.iter().any(|entry| entry.name() == *name) {
                return Err(Error::SegmentMissing(name.clone()));
            }
        }
        let mut next: Vec<(Arc<Segment>, ManifestEntry)> = self
            .live
            .iter()
            .zip(&self.manifest.segments)
            .filter(|(_, entry)| !replaced.contains(&entry.hash))
            // A release before that did not say what every reader needs.
            .map(|(live, entry)| {
                (live.segment.clone(), ManifestEntry { resident_bytes: live.segment.resident_bytes(), ..entry.clone() })
            })
            .collect();
        for path in &change.remove {
            bury(&mut next, path);
        }
        for name in &change.add {
            let hash = parse_name(name)?;
            if next.iter().any(|(_, entry)| entry.hash == hash && entry.tombstones.is_empty()) {
                continue;
            }
            let segment = self.segment(hash).ok_or_else(|| Error::SegmentMissing(name.clone()))?.clone();
            // Content that comes back under a name still listed with tombstones starts afresh.
            next.retain(|(_, entry)| entry.hash != hash);
            let mut tombstones = Vec::new();
            for (at, file) in segment.files.entries.iter().enumerate() {
                if replaced.is_empty() || self.lives_in(&replaced, &file.path) && !change.remove.contains(&file.path) {
                    bury(&mut next, &file.path);
                } else {
                    tombstones.push(at as u32);
                }
            }
            let entry = ManifestEntry {
                hash,
                len_bytes: segment.len_bytes(),
                files: segment.meta.files,
                chunks: segment.meta.chunks,
                tombstones,
                resident_bytes: segment.resident_bytes(),
            };
            next.push((segment, entry));
        }
        next.retain(|(_, entry)| entry.tombstones.len() < entry.files as usize);
        let segments = next.into_iter().map(|(_, entry)| entry).collect();
        Ok(Manifest { generation: self.manifest.generation + 1, segments }.write())
    }

    /// Whether `path` is alive in one of these segments.
    fn lives_in(&self, segments: &HashSet<u128>, path: &str) -> bool {
        self.find(path).is_some_and(|(segment, _)| segments.contains(&self.manifest.segments[segment].hash))
    }

    /// Segment and ordinal of the live file with this path.
    pub(super) fn find(&self, path: &str) -> Option<(usize, u32)> {
        self.live.iter().enumerate().find_map(|(at, live)| Some((at, live.file(path)?)))
    }

    /// Whether `path` is alive with exactly the content of this XXH3-128.
    pub fn unchanged(&self, path: &str, hash: u128) -> bool {
        self.find(path)
            .is_some_and(|(segment, file)| self.live[segment].segment.files.entries[file as usize].hash == hash)
    }

    /// Whether `path` is alive.
    pub fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// The live paths, in order.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.live.iter().flat_map(|live| live.live_paths().map(|(path, _)| path)).collect();
        crate::order::sort(&mut paths);
        paths
    }

    /// Groups of segment names, each to be merged into one.
    pub fn compaction_plan(&self, mode: CompactionMode) -> Vec<Vec<String>> {
        let name = |at: usize| self.manifest.segments[at].name();
        compaction::plan(&self.live, mode).into_iter().map(|group| group.into_iter().map(name).collect()).collect()
    }

    /// Dead file ordinals of a live segment.
    ///
    /// # Errors
    /// SNAPSHOT_MISSING_SEGMENT when it is not alive.
    pub fn tombstones(&self, name: &str) -> Result<&[u32]> {
        let entry = self.manifest.segments.iter().find(|entry| entry.name() == name);
        entry.map(|entry| entry.tombstones.as_slice()).ok_or_else(|| Error::SegmentMissing(name.to_string()))
    }

    /// The counts.
    pub fn stats(&self) -> IndexStats {
        let mut stats = IndexStats {
            generation: self.manifest.generation,
            segments: self.live.len() as u32,
            ..IndexStats::default()
        };
        for live in &self.live {
            stats.index_bytes += live.segment.len_bytes();
            for (entry, _) in live.segment.files.entries.iter().zip(&live.dead).filter(|(_, dead)| !**dead) {
                stats.files += 1;
                stats.chunks += entry.chunks;
                stats.symbols += entry.symbols;
                stats.source_bytes += u64::from(entry.len_bytes);
                let language =
                    stats.languages.entry(live.segment.files.languages[entry.language as usize].clone()).or_default();
                language.0 += 1;
                language.1 += entry.chunks;
                language.2 += u64::from(entry.len_bytes);
            }
        }
        stats
    }

    /// Searches the open generation.
    ///
    /// # Errors
    /// Those of [`query::search`]. After PARTS_MISSING see [`Self::take_needs`].
    pub fn search(&mut self, query: &str, options: &SearchOptions) -> Result<SearchResult> {
        self.answer(query, options, None)
    }

    fn answer(&mut self, query: &str, options: &SearchOptions, given: Option<Semantic>) -> Result<SearchResult> {
        self.calls.begin();
        let key = cursor::key(query, options);
        let mut options = options.clone();
        if let Some(cursor) = options.cursor.take() {
            options.offset = cursor::read(&cursor, self.generation(), key)?;
        }
        let semantic = match (given, &mut self.embedder) {
            (Some(given), _) => given,
            (None, Some(embedder)) => Semantic::Model(embedder),
            (None, None) => Semantic::Unavailable(semantic::MODEL_UNAVAILABLE),
        };
        let regex = self.regex.as_mut().map(|engine| &mut **engine as &mut dyn RegexEngine);
        let mut result = query::search(query, &options, &self.live, semantic, &mut self.cache, regex)?;
        let next = options.offset + result.hits.len() as u32;
        if next < result.total && !result.hits.is_empty() && next < limits::MAX_OFFSET {
            result.cursor = Some(cursor::write(self.generation(), key, next));
        }
        Ok(result)
    }

    /// The same with the query's vector by a host's own embedder.
    ///
    /// # Errors
    /// Those of [`Self::search`]; OPTION_INVALID for a vector with what is no number in it.
    pub fn search_by_vector(&mut self, query: &str, vector: &[f32], options: &SearchOptions) -> Result<SearchResult> {
        let semantic = match embed::quantise(vector)? {
            Some(vector) => Semantic::Vector(QueryVector::new(vector)),
            None => Semantic::Unavailable(semantic::QUERY_UNKNOWN),
        };
        self.answer(query, options, Some(semantic))
    }

    /// Does a step of a question for more like a chunk; nothing while there is more to do.
    ///
    /// # Errors
    /// Those of [`Similar::step`].
    pub fn similar(&mut self, similar: &mut Similar) -> Result<Option<SearchResult>> {
        self.calls.begin();
        similar.step(self.manifest.generation, &self.live, &mut self.cache)
    }

    /// The text of a live file.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when its segment breaks a rule behind its checksums.
    pub fn file(&mut self, path: &str) -> Result<Option<String>> {
        let Some((segment, file)) = self.find(path) else { return Ok(None) };
        self.calls.begin();
        let segment = &self.live[segment].segment;
        segment.text(file, 0, segment.files.entries[file as usize].text_len, &mut self.cache).map(Some)
    }

    /// The symbols of one live file, or of all, ordered by path and place, at most `limit`.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when a segment breaks a rule behind its checksums.
    pub fn symbols(&mut self, path: Option<&str>, limit: usize) -> Result<Vec<FoundSymbol>> {
        let mut wanted: Vec<(&str, usize, u32)> = match path {
            Some(path) => self.find(path).map(|(segment, file)| (path, segment, file)).into_iter().collect(),
            None => {
                let all = self.live.iter().enumerate();
                all.flat_map(|(at, live)| live.live_paths().map(move |(path, file)| (path, at, file))).collect()
            }
        };
        crate::order::sort(&mut wanted);
        self.calls.begin();
        let (mut gather, mut count) = (Gather::default(), 0);
        let mut found = Vec::new();
        for (_, segment, file) in wanted {
            let segment = &self.live[segment].segment;
            for symbol in 0..segment.files.entries[file as usize].symbols {
                if count == limit {
                    gather.done()?;
                    return Ok(found);
                }
                count += 1;
                found.extend(gather.of(FoundSymbol::read(segment, file, symbol, &mut self.cache))?);
            }
        }
        gather.done()?;
        Ok(found)
    }
}

/// Marks the live file with this path dead.
fn bury(segments: &mut [(Arc<Segment>, ManifestEntry)], path: &str) {
    for (segment, entry) in segments {
        if let Some(file) = segment.files.find(path)
            && let Err(at) = entry.tombstones.binary_search(&file)
        {
            entry.tombstones.insert(at, file);
        }
    }
}

pub(super) fn parse_name(name: &str) -> Result<u128> {
    let digits = name.strip_prefix("seg-").filter(|digits| digits.len() == 32);
    let hash = digits.and_then(|digits| u128::from_str_radix(digits, 16).ok());
    hash.filter(|&hash| segment_name(hash) == name)
        .ok_or_else(|| Error::Option { option: "segment", reason: format!("{name:?} is not the name of a segment") })
}
