//! The WebAssembly exports: decode, one call of the engine, encode. No logic lives here.
//!
//! There are two modules, one a role: the feature `builder` makes the one that parses and writes segments, `searcher` the one that reads them, so that
//! who only searches loads no parser. Both have what is in this file.
//!
//! Values cross as mirror structs, whose TypeScript declarations are generated from them. An error is thrown as
//! `{ code, message }`. A panic is a broken invariant: it traps, and the host discards the instance.

#[cfg(feature = "builder")]
mod added;
#[cfg(feature = "builder")]
mod builder;
#[cfg(feature = "builder")]
mod built;
#[cfg(feature = "searcher")]
mod catalog;
#[cfg(feature = "builder")]
mod files;
mod read;
#[cfg(feature = "searcher")]
mod refer;
#[cfg(feature = "searcher")]
mod regex;
#[cfg(feature = "searcher")]
mod search;
#[cfg(feature = "searcher")]
mod searcher;
mod symbol;
#[cfg(all(feature = "builder", feature = "trees"))]
mod trees;

use crate::embed::Model;
use crate::error::{Error, Result};
use crate::segment::read_model;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::sync::Arc;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// What an export returns: a thrown value is `{ code, message }`.
type Thrown<T> = std::result::Result<T, JsValue>;

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
fn read<T: Tsify<JsType: JsCast> + DeserializeOwned>(value: Ts<T>, option: &'static str) -> Thrown<T> {
    let value = T::deserialize(read::Value(value.js_value()));
    value.map_err(|error| throw(&Error::Option { option, reason: error.to_string() }))
}

fn read_or_default<T: Tsify<JsType: JsCast> + DeserializeOwned + Default>(
    value: Option<Ts<T>>,
    option: &'static str,
) -> Thrown<T> {
    value.map_or_else(|| Ok(T::default()), |value| read(value, option))
}

/// A value for JavaScript.
fn give<T: Tsify + Serialize>(value: T) -> Thrown<Ts<T>> {
    value.into_ts().map_err(|error| thrown("INTERNAL", &error.to_string()))
}

#[cfg(feature = "searcher")]
fn give_all<T: Tsify + Serialize>(values: impl IntoIterator<Item = T>) -> Thrown<Vec<Ts<T>>> {
    values.into_iter().map(give).collect()
}

fn or_throw<T>(result: Result<T>) -> Thrown<T> {
    result.map_err(|error| throw(&error))
}

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
fn model(wanted: Option<bool>) -> Option<Arc<Model>> {
    MODEL.with_borrow(Clone::clone).filter(|_| wanted.unwrap_or(true))
}
