//! The WebAssembly exports: decode, one call of the engine, encode. No logic lives here.
//!
//! Values cross as the mirror structs of [`types`], whose TypeScript declarations are generated from them. An error is thrown as
//! `{ code, message }`. A panic is a broken invariant: it traps, and the host discards the instance.

mod built;
mod regex;
mod search;
mod types;
mod vectors;

use crate::engine::{self, BuilderOptions};
use crate::error::{Error, Result};
use crate::language;
use crate::limits;
use crate::syntax::Grammars;
use crate::text;
use built::{BuiltSegment, MergeInput};
use search::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use tsify::{Ts, Tsify};
use types::*;
use vectors::{Similar, VectorInfo, model};
use wasm_bindgen::prelude::*;

/// What an export returns: a thrown value is `{ code, message }`.
type Thrown<T> = std::result::Result<T, JsValue>;

thread_local! {
    /// The grammars of this instance: side modules live as long as its memory.
    static GRAMMARS: RefCell<Grammars> = RefCell::new(grammars());
}

/// No grammars yet, and the host's clock for the parse that should have been stopped long before.
fn grammars() -> Grammars {
    let mut grammars = Grammars::new();
    grammars.set_clock(Box::new(|| js_sys::Date::now() as u64));
    grammars
}

fn throw(error: &Error) -> JsValue {
    let object = thrown(error.code(), &error.to_string());
    if let Error::Query { column, .. } | Error::RegexTooLarge { column, .. } = error {
        let details = js_sys::Object::new();
        set(&details, "column", &JsValue::from(*column));
        set(&object, "details", &details);
    }
    object
}

fn thrown(code: &str, message: &str) -> JsValue {
    let object = js_sys::Object::new();
    set(&object, "code", &code.into());
    set(&object, "message", &message.into());
    object.into()
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    // Setting a plain property of a fresh object cannot fail.
    let _ = js_sys::Reflect::set(object, &key.into(), value);
}

/// A value from JavaScript; one of another shape is OPTION_INVALID.
fn read<T: Tsify<JsType: Clone> + DeserializeOwned>(value: Ts<T>, option: &'static str) -> Thrown<T> {
    value.to_rust().map_err(|error| throw(&Error::Option { option, reason: error.to_string() }))
}

fn read_or_default<T: Tsify<JsType: Clone> + DeserializeOwned + Default>(
    value: Option<Ts<T>>,
    option: &'static str,
) -> Thrown<T> {
    value.map_or_else(|| Ok(T::default()), |value| read(value, option))
}

/// A value for JavaScript.
fn give<T: Tsify + Serialize>(value: T) -> Thrown<Ts<T>> {
    value.into_ts().map_err(|error| thrown("INTERNAL", &error.to_string()))
}

fn give_all<T: Tsify + Serialize>(values: impl IntoIterator<Item = T>) -> Thrown<Vec<Ts<T>>> {
    values.into_iter().map(give).collect()
}

fn or_throw<T>(result: Result<T>) -> Thrown<T> {
    result.map_err(|error| throw(&error))
}

/// The function table of this module, which side modules share.
#[wasm_bindgen(js_name = functionTable, unchecked_return_type = "WebAssembly.Table")]
pub fn function_table() -> JsValue {
    wasm_bindgen::function_table()
}

/// Registers a side module's grammar by the address that its `tree_sitter_*` function returned.
/// Throws GRAMMAR_INVALID or GRAMMAR_ABI.
#[wasm_bindgen(js_name = registerGrammar)]
pub fn register_grammar(grammar: &str, #[wasm_bindgen(js_name = languagePtr)] language_ptr: usize) -> Thrown<()> {
    let language = codequarry_grammars::language_from_address(language_ptr)
        .map_err(|error| thrown(error.code(), &format!("grammar {grammar}: {error}")))?;
    GRAMMARS.with_borrow_mut(|grammars| grammars.register(grammar, language)).map_err(|problem| {
        thrown(problem.code(), &format!("grammar {grammar} was made for another version of the parser ({problem:?})"))
    })
}

/// Whether a grammar of this name is registered in this instance.
#[wasm_bindgen(js_name = hasGrammar)]
pub fn has_grammar(grammar: &str) -> bool {
    GRAMMARS.with_borrow(|grammars| grammars.has(grammar))
}

/// Every language that the engine knows.
#[wasm_bindgen]
pub fn languages() -> Thrown<Vec<Ts<LanguageInfo>>> {
    give_all(language::all().iter().map(LanguageInfo::from))
}

/// Id of the language of a file, from its path and its first bytes (8 KiB are enough).
#[wasm_bindgen(js_name = detectLanguage)]
pub fn detect_language(path: &str, head: &[u8]) -> Option<String> {
    language::detect(path, head).map(|language| language.id.to_string())
}

/// Names of the side modules that parsing the file needs, in the order in which to load them.
#[wasm_bindgen(js_name = grammarsFor)]
pub fn grammars_for(path: &str, head: &[u8]) -> Vec<String> {
    let Some(language) = language::detect(path, head) else { return Vec::new() };
    let decoded = if language.rules.embeds.is_empty() { None } else { text::decode(head).ok() };
    let inner = decoded.map_or_else(Vec::new, |decoded| language::embedded(language, decoded.text.as_bytes()));
    let wanted = [language].into_iter().chain(inner).filter_map(|language| language.grammar);
    let mut grammars: Vec<String> = Vec::new();
    for grammar in wanted {
        if !grammars.iter().any(|known| known == grammar) {
            grammars.push(grammar.to_string());
        }
    }
    grammars
}

/// Whether files like this one may hold parts in other languages: `grammarsFor` then wants the whole file.
#[wasm_bindgen(js_name = hasParts)]
pub fn has_parts(path: &str, head: &[u8]) -> bool {
    language::detect(path, head).is_some_and(|language| !language.rules.embeds.is_empty())
}

/// XXH3-128 of some bytes, as 32 hexadecimal digits.
#[wasm_bindgen(js_name = contentHash)]
pub fn content_hash(bytes: &[u8]) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
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

/// Chunks and symbols of one file, without an index.
#[wasm_bindgen(js_name = outlineFile)]
pub fn outline_file(path: &str, bytes: &[u8]) -> Thrown<Ts<FileOutline>> {
    give(GRAMMARS.with_borrow_mut(|grammars| FileOutline::of(path, bytes, grammars)))
}

/// Files in, one segment out. Throw the instance away after a trap.
#[wasm_bindgen]
pub struct Builder(engine::Builder);

#[wasm_bindgen]
impl Builder {
    /// A builder with these options. `vectors`: whether the instance's model, if there is one, makes vectors. Default true.
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<Ts<BuilderSettings>>, vectors: Option<bool>) -> Thrown<Builder> {
        let settings = read_or_default(options, "builder options")?;
        let options = BuilderOptions::from(settings);
        Ok(Builder(match model(vectors) {
            Some(model) => engine::Builder::with_model(options, model),
            None => engine::Builder::new(options),
        }))
    }

    /// Adds a file; what became of it is in the report. Throws LIMIT_EXCEEDED when the segment is full.
    #[wasm_bindgen(js_name = addFile)]
    pub fn add_file(&mut self, path: &str, bytes: &[u8]) -> Thrown<Ts<FileReport>> {
        let report = GRAMMARS.with_borrow_mut(|grammars| self.0.add_file(path, bytes, grammars));
        give(FileReport::from(or_throw(report)?))
    }

    /// Source bytes added since the last `finish()`.
    #[wasm_bindgen(js_name = pendingBytes)]
    pub fn pending_bytes(&self) -> f64 {
        self.0.pending_bytes() as f64
    }

    /// The segment of the files so far, if there are any. The builder is empty again afterwards.
    pub fn finish(&mut self) -> Thrown<Option<Ts<BuiltSegment>>> {
        or_throw(self.0.finish())?.map(|built| give(BuiltSegment::from(built))).transpose()
    }
}

/// Merges segments without their dead files into one; `undefined` when no file is alive. Without a model their vectors are kept, if all are of one embedder. `vectors`: as for a builder.
#[wasm_bindgen(js_name = mergeSegments)]
pub fn merge_segments(inputs: Vec<Ts<MergeInput>>, vectors: Option<bool>) -> Thrown<Option<Ts<BuiltSegment>>> {
    let inputs = inputs
        .into_iter()
        .map(|input| read(input, "merge input").map(|input| (input.bytes.into_vec(), input.tombstones)))
        .collect::<Thrown<Vec<_>>>()?;
    or_throw(engine::merge_segments(inputs, model(vectors)))?.map(|built| give(BuiltSegment::from(built))).transpose()
}

/// Checks the whole of a segment, each section against the others. Throws what is wrong.
#[wasm_bindgen(js_name = verifySegment)]
pub fn verify_segment(name: &str, bytes: Vec<u8>) -> Thrown<Ts<SegmentCounts>> {
    give(SegmentCounts::from(or_throw(engine::verify_segment(name, bytes))?))
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

    /// Lets the least recently used parts go until at most so many bytes are held.
    pub fn trim(&mut self, #[wasm_bindgen(js_name = budgetBytes)] budget_bytes: f64) {
        self.0.trim(budget_bytes as usize);
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

    /// The indexed text of a live file.
    pub fn file(&mut self, path: &str) -> Thrown<Option<String>> {
        or_throw(self.0.file(path))
    }
}

/// First bytes of a file that language detection looks at.
#[wasm_bindgen(js_name = detectHeadBytes)]
pub fn detect_head_bytes() -> u32 {
    limits::DETECT_HEAD_BYTES as u32
}
