//! The exports of the builder: files to segments, segments to segments.

use super::added::AddedLanguage;
use super::built::{BuiltSegment, MergeInput, SegmentCounts};
use super::files::*;
use super::read::Value;
use super::{Thrown, give, model, or_throw, read, read_or_default, thrown};
use crate::chunk::TokenLimit;
use crate::engine::{self, BuilderOptions};
use crate::language::Language;
use crate::limits;
use crate::syntax::Grammars;
use crate::text;
use serde::Deserialize;
use std::cell::RefCell;
use tsify::Ts;
use wasm_bindgen::prelude::*;

thread_local! {
    /// The grammars of this instance: side modules live as long as its memory.
    pub(super) static GRAMMARS: RefCell<Grammars> = RefCell::new(grammars());
}

/// No grammars yet, and the host's clock for the parse that should have been stopped long before.
fn grammars() -> Grammars {
    codequarry_grammars::use_arena();
    let mut grammars = Grammars::new();
    grammars.set_clock(Box::new(|| js_sys::Date::now() as u64));
    grammars
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

/// Adds a language, in place of one of the same id. Throws LANGUAGE_INVALID.
#[wasm_bindgen(js_name = addLanguage)]
pub fn add_language(language: Ts<AddedLanguage>) -> Thrown<()> {
    let invalid = |reason: &str| thrown("LANGUAGE_INVALID", reason);
    let added = AddedLanguage::deserialize(Value(language.js_value())).map_err(|error| invalid(&error.to_string()))?;
    let (language, rules) = added.keep().map_err(|reason| invalid(&reason))?;
    GRAMMARS.with_borrow_mut(|grammars| grammars.add_language(language, rules));
    Ok(())
}

/// What the rules of an added language name that its grammar, which has to be registered, does not have.
#[wasm_bindgen(js_name = unknownNames)]
pub fn unknown_names(id: &str) -> Vec<String> {
    GRAMMARS.with_borrow(|grammars| grammars.unknown_names(id)).unwrap_or_default()
}

fn detect(path: &str, head: &[u8]) -> Option<&'static Language> {
    GRAMMARS.with_borrow(|grammars| grammars.detect(path, head))
}

/// Id of the language of a file, from its path and its first bytes (8 KiB are enough).
#[wasm_bindgen(js_name = detectLanguage)]
pub fn detect_language(path: &str, head: &[u8]) -> Option<String> {
    detect(path, head).map(|language| language.id.to_string())
}

/// Names of the side modules that parsing the file needs, in the order in which to load them.
#[wasm_bindgen(js_name = grammarsFor)]
pub fn grammars_for(path: &str, head: &[u8]) -> Vec<String> {
    let Some(language) = detect(path, head) else { return Vec::new() };
    let decoded = if language.rules().embeds.is_empty() { None } else { text::decode(head).ok() };
    let inner = decoded.map_or_else(Vec::new, |decoded| {
        GRAMMARS.with_borrow(|grammars| grammars.embedded(language, decoded.text.as_bytes()))
    });
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
    detect(path, head).is_some_and(|language| !language.rules().embeds.is_empty())
}

/// First bytes of a file that language detection looks at.
#[wasm_bindgen(js_name = detectHeadBytes)]
pub fn detect_head_bytes() -> u32 {
    limits::DETECT_HEAD_BYTES as u32
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

    /// Adds a file; what became of it is in the report. Throws LIMIT_EXCEEDED when the segment is full, TOKENIZER_FAILED.
    #[wasm_bindgen(js_name = addFile)]
    pub fn add_file(&mut self, path: &str, bytes: &[u8]) -> Thrown<Ts<FileReport>> {
        let report = GRAMMARS.with_borrow_mut(|grammars| self.0.add_file(path, bytes, grammars));
        give(FileReport::from(or_throw(report)?))
    }

    /// Has chunks stay within a number of tokens, too: `count` returns those of a text, or anything but a number from 0 where it cannot, and must not throw.
    #[wasm_bindgen(js_name = limitTokens)]
    pub fn limit_tokens(
        &mut self,
        max: u32,
        #[wasm_bindgen(unchecked_param_type = "(text: string) => number")] count: js_sys::Function,
    ) {
        let count = move |text: &str| {
            let counted = count.call1(&JsValue::NULL, &text.into()).ok()?.as_f64()?;
            (counted >= 0.0).then_some(counted as u32)
        };
        self.0.limit_tokens(TokenLimit { max, count: Box::new(count) });
    }

    /// Chunks and symbols of one file, which is not added. Throws TOKENIZER_FAILED.
    pub fn outline(&mut self, path: &str, bytes: &[u8]) -> Thrown<Ts<FileOutline>> {
        let analyzed = GRAMMARS.with_borrow_mut(|grammars| self.0.analyze(path, bytes, grammars));
        give(FileOutline::of(path, or_throw(analyzed)?))
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

/// Gives a finished segment the vectors of a host's own embedder.
#[wasm_bindgen]
pub struct Embedding(engine::Embedding);

#[wasm_bindgen]
impl Embedding {
    /// `id` names the embedder: vectors of different ones never mix. Throws OPTION_INVALID.
    #[wasm_bindgen(constructor)]
    pub fn new(segment: Vec<u8>, id: &str, dims: u32) -> Thrown<Embedding> {
        or_throw(engine::Embedding::new(segment, id, dims)).map(Embedding)
    }

    /// The texts of the next chunks, at most `count`; none when all were given out.
    pub fn texts(&mut self, count: usize) -> Vec<String> {
        self.0.texts(count)
    }

    /// Takes the vectors of the next chunks, one after the other. Throws OPTION_INVALID.
    pub fn push(&mut self, vectors: &[f32]) -> Thrown<()> {
        or_throw(self.0.push(vectors))
    }

    /// The segment with its vectors.
    pub fn finish(self) -> Thrown<Option<Ts<BuiltSegment>>> {
        or_throw(self.0.finish())?.map(|built| give(BuiltSegment::from(built))).transpose()
    }
}
