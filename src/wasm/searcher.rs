//! The exports of the searcher: segments and manifests in, answers out.

use super::catalog::*;
use super::refer::*;
use super::search::*;
use super::symbol::SymbolInfo;
use super::{Thrown, give, give_all, model, or_throw, read, read_or_default, regex};
use crate::engine;
use crate::language;
use crate::limits;
use tsify::Ts;
use wasm_bindgen::prelude::*;

/// Every language that the engine knows.
#[wasm_bindgen]
pub fn languages() -> Thrown<Vec<Ts<LanguageInfo>>> {
    give_all(language::all().iter().map(LanguageInfo::from))
}

/// XXH3-128 of some bytes, as 32 hexadecimal digits.
#[wasm_bindgen(js_name = contentHash)]
pub fn content_hash(bytes: &[u8]) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
}

/// Where in a segment's file blocks start and end that are fetched by themselves, ascending: who divides the file cuts it there. Throws when it cannot be read.
#[wasm_bindgen(js_name = blockEdges)]
pub fn block_edges(segment: Vec<u8>) -> Thrown<Vec<u32>> {
    Ok(or_throw(engine::block_edges(segment))?.into_iter().map(|edge| edge as u32).collect())
}

/// What a manifest says. Throws when it cannot be read.
#[wasm_bindgen(js_name = manifestInfo)]
pub fn manifest_info(manifest: &[u8]) -> Thrown<Ts<ManifestInfo>> {
    give(ManifestInfo::from(or_throw(engine::Manifest::read(manifest))?))
}

/// The same manifest as another generation. Throws when it cannot be read.
#[wasm_bindgen(js_name = renumberManifest)]
pub fn renumber_manifest(manifest: &[u8], generation: f64) -> Thrown<Vec<u8>> {
    or_throw(engine::Manifest::renumber(manifest, generation as u64))
}

/// The searcher and the catalog of one generation. Parses nothing, does no I/O.
#[wasm_bindgen]
pub struct Index(engine::Index);

#[wasm_bindgen]
impl Index {
    /// The empty index of generation 0.
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<Ts<IndexSettings>>) -> Thrown<Index> {
        let settings = read_or_default(options, "index options")?;
        let text_cache_bytes = settings.text_cache_bytes.map_or(limits::TEXT_CACHE_BYTES, |bytes| bytes as usize);
        Ok(Index(engine::Index::new(text_cache_bytes)))
    }

    /// The generation that is open.
    pub fn generation(&self) -> f64 {
        self.0.generation() as f64
    }

    /// Names of the segments that a manifest needs and that were not supplied yet. Throws when the manifest cannot be read.
    #[wasm_bindgen(js_name = missingSegments)]
    pub fn missing_segments(&self, manifest: &[u8]) -> Thrown<Vec<String>> {
        or_throw(self.0.missing_segments(manifest))
    }

    /// Takes a segment, verified, to be named by a later manifest.
    #[wasm_bindgen(js_name = addSegment)]
    pub fn add_segment(&mut self, name: &str, bytes: Vec<u8>) -> Thrown<()> {
        or_throw(self.0.add_segment(name, bytes))
    }

    /// Begins to open a segment by the first 4 KiB of its file, or more; what else that takes is among the needs.
    #[wasm_bindgen(js_name = beginSegment)]
    pub fn begin_segment(&mut self, name: &str, start: Vec<u8>) -> Thrown<()> {
        or_throw(self.0.begin_segment(name, start))
    }

    /// Takes bytes of a segment's file that stand at `at`. Throws SNAPSHOT_CHECKSUM when they are not what was written.
    pub fn supply(&mut self, name: &str, at: f64, bytes: Vec<u8>) -> Thrown<()> {
        or_throw(self.0.supply(name, at as usize, bytes))
    }

    /// What calls lacked that threw PARTS_MISSING, and what segments lack that are being opened. Forgotten afterwards.
    #[wasm_bindgen(js_name = takeNeeds)]
    pub fn take_needs(&self) -> Thrown<Vec<Ts<PartNeed>>> {
        give_all(self.0.take_needs().into_iter().map(PartNeed::from))
    }

    /// What a search by vectors lacks; nothing when they are there, or when there are none.
    #[wasm_bindgen(js_name = wantVectors)]
    pub fn want_vectors(&self) -> Thrown<Vec<Ts<PartNeed>>> {
        give_all(self.0.want_vectors().into_iter().map(PartNeed::from))
    }

    /// Lets the least recently used parts go until at most so many bytes are held; returns how many still are.
    pub fn trim(&mut self, #[wasm_bindgen(js_name = budgetBytes)] budget_bytes: f64) -> f64 {
        self.0.trim(budget_bytes as usize) as f64
    }

    /// Switches to the generation of a manifest. On a throw the old generation stays.
    pub fn open(&mut self, manifest: &[u8]) -> Thrown<()> {
        or_throw(self.0.open(manifest))
    }

    /// The next manifest. Nothing changes until it is opened, which is right only after it is durable.
    pub fn commit(&self, change: Ts<Change>) -> Thrown<Vec<u8>> {
        or_throw(self.0.commit(&read(change, "change")?.into()))
    }

    /// Whether a path is alive with exactly the content of this hash.
    pub fn unchanged(&self, path: &str, #[wasm_bindgen(js_name = contentHash)] content_hash: &str) -> bool {
        u128::from_str_radix(content_hash, 16).is_ok_and(|hash| self.0.unchanged(path, hash))
    }

    /// Whether a path is alive.
    pub fn has(&self, path: &str) -> bool {
        self.0.has(path)
    }

    /// The live paths, in order.
    pub fn paths(&self) -> Vec<String> {
        self.0.paths().into_iter().map(String::from).collect()
    }

    /// Groups of segments to merge, maybe none.
    #[wasm_bindgen(js_name = compactionPlan)]
    pub fn compaction_plan(&self, mode: Ts<CompactionMode>) -> Thrown<Vec<Ts<CompactionGroup>>> {
        let groups = self.0.compaction_plan(read(mode, "mode")?.into());
        give_all(groups.into_iter().map(|segments| CompactionGroup { segments }))
    }

    /// Dead file ordinals of a live segment.
    pub fn tombstones(&self, name: &str) -> Thrown<Vec<u32>> {
        or_throw(self.0.tombstones(name)).map(<[u32]>::to_vec)
    }

    /// The counts of the open generation.
    pub fn stats(&self) -> Thrown<Ts<IndexStats>> {
        give(self.0.stats().into())
    }

    /// Supplies the engine for regexes, after REGEX_UNAVAILABLE.
    #[wasm_bindgen(js_name = setRegex)]
    pub fn set_regex(&mut self, engine: regex::HostRegex) {
        self.0.set_regex(Box::new(regex::Host(engine)));
    }

    /// Who made the vectors of the open generation; `undefined` when some of it has none, or they differ.
    pub fn vectors(&self) -> Thrown<Option<Ts<VectorInfo>>> {
        self.0.vector_spec().map(|spec| give(VectorInfo::from(spec))).transpose()
    }

    /// Searches the open generation.
    /// `vector`: the query's, by the embedder that made the vectors, where that is the host's own.
    pub fn search(
        &mut self,
        query: &str,
        options: Option<Ts<SearchOptions>>,
        vector: Option<Vec<f32>>,
    ) -> Thrown<Ts<SearchResult>> {
        let options = read_or_default(options, "search options")?;
        if let Some(model) = model(None) {
            self.0.set_model(model);
        }
        let result = match vector {
            Some(vector) => or_throw(self.0.search_by_vector(query, &vector, &options.into()))?,
            None => or_throw(self.0.search(query, &options.into()))?,
        };
        give(SearchResult::new(query, self.0.generation(), result))
    }

    /// Does a step of a question for more like a chunk, no longer than a search; `undefined` while there is more to do.
    pub fn similar(&mut self, similar: &mut Similar) -> Thrown<Option<Ts<SearchResult>>> {
        let generation = self.0.generation();
        let found = or_throw(self.0.similar(&mut similar.0))?;
        found.map(|result| give(SearchResult::new("", generation, result))).transpose()
    }

    /// Symbols of one live file, or of all files.
    pub fn symbols(&mut self, options: Option<Ts<SymbolOptions>>) -> Thrown<Vec<Ts<SymbolInfo>>> {
        let options = read_or_default(options, "symbol options")?;
        let limit = options.limit.map_or(usize::MAX, |limit| limit as usize);
        let found = or_throw(self.0.symbols(options.path.as_deref(), limit))?;
        give_all(found.into_iter().map(SymbolInfo::from))
    }

    /// Definitions, references, callers or callees of symbols.
    pub fn refer(&mut self, question: Ts<ReferQuestion>) -> Thrown<Ts<ReferAnswer>> {
        let (ask, which, page) = read(question, "question")?.parts();
        give(or_throw(self.0.refer(ask, &which, &page))?.into())
    }

    /// The indexed text of a live file.
    pub fn file(&mut self, path: &str) -> Thrown<Option<String>> {
        or_throw(self.0.file(path))
    }
}

/// A question for more like a chunk.
#[wasm_bindgen]
pub struct Similar(crate::query::Similar);

#[wasm_bindgen]
impl Similar {
    /// More like the chunk that holds line `line`, from 1, of the file `path`. Mode, prefix and cursor of the options are of no account.
    #[wasm_bindgen(constructor)]
    pub fn new(path: &str, line: u32, options: Option<Ts<SearchOptions>>) -> Thrown<Similar> {
        let options = read_or_default(options, "search options")?;
        Ok(Similar(crate::query::Similar::new(path, line, options.into())))
    }
}
