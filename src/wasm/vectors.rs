//! Exports for vectors: the instance's model, and vectors of a host's own embedder.

use super::built::BuiltSegment;
use super::search::SearchOptions;
use super::{Thrown, give, or_throw, read_or_default};
use crate::embed::Model;
use crate::engine;
use crate::segment::{VectorSpec, read_model};
use serde::Serialize;
use std::cell::RefCell;
use std::sync::Arc;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

thread_local! {
    /// The embedding model of this instance.
    static MODEL: RefCell<Option<Arc<Model>>> = const { RefCell::new(None) };
}

/// Takes the embedding model: from now on builders and merges make vectors with it, and indexes embed queries. Throws MODEL_INVALID or MODEL_NEWER.
#[wasm_bindgen(js_name = setModel)]
pub fn set_model(bytes: &[u8]) -> Thrown<()> {
    let model = or_throw(read_model(bytes))?;
    MODEL.set(Some(Arc::new(model)));
    Ok(())
}

/// The model of this instance, if it is wanted.
pub(super) fn model(wanted: Option<bool>) -> Option<Arc<Model>> {
    MODEL.with_borrow(Clone::clone).filter(|_| wanted.unwrap_or(true))
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

/// Who made the vectors of an index.
#[derive(Tsify, Serialize)]
pub struct VectorInfo {
    /// The model's name, or the id of the host's own embedder.
    pub name: String,
    /// Whether it was codequarry's own kind of model.
    pub own: bool,
    pub dims: u32,
}

impl From<&VectorSpec> for VectorInfo {
    fn from(spec: &VectorSpec) -> Self {
        Self { name: spec.name.clone(), own: spec.hash != 0, dims: spec.dims }
    }
}

/// A question for more like a chunk.
#[wasm_bindgen]
pub struct Similar(pub(super) crate::query::Similar);

#[wasm_bindgen]
impl Similar {
    /// More like the chunk that holds line `line`, from 1, of the file `path`. Mode, prefix and cursor of the options are of no account.
    #[wasm_bindgen(constructor)]
    pub fn new(path: &str, line: u32, options: Option<Ts<SearchOptions>>) -> Thrown<Similar> {
        let options = read_or_default(options, "search options")?;
        Ok(Similar(crate::query::Similar::new(path, line, options.into())))
    }
}
