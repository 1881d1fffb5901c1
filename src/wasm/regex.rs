//! The host's engine for regexes: a module of its own, which the host loads when a query with a regex comes.

use crate::error::{Error, Result};
use crate::query::{CompiledRegex, RegexEngine};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Finds matches of regexes; `regex.wasm` does. */
export interface RegexEngine {
  /** Compiles a pattern. Throws `{ code, message, column }` with QUERY_INVALID or REGEX_TOO_LARGE. */
  compile(pattern: string, case_: boolean): number;
  /** Texts that every match holds: one of each line, between which stand NULs. */
  required(handle: number): string;
  /** Pairs of start and end in `text`, which is only valid during the call. Throws `{ code }` with LIMIT_EXCEEDED. */
  find(handle: number, text: Uint8Array, limit: number): Uint32Array;
  release(handle: number): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// An engine for regexes.
    #[wasm_bindgen(typescript_type = "RegexEngine")]
    pub type HostRegex;
    #[wasm_bindgen(method, catch)]
    fn compile(this: &HostRegex, pattern: &str, case: bool) -> std::result::Result<u32, JsValue>;
    #[wasm_bindgen(method)]
    fn required(this: &HostRegex, handle: u32) -> String;
    #[wasm_bindgen(method, catch)]
    fn find(this: &HostRegex, handle: u32, text: &[u8], limit: u32) -> std::result::Result<Vec<u32>, JsValue>;
    #[wasm_bindgen(method)]
    fn release(this: &HostRegex, handle: u32);
}

/// The host's engine as the engine calls it.
#[derive(Debug)]
pub struct Host(pub HostRegex);

impl std::fmt::Debug for HostRegex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostRegex")
    }
}

impl RegexEngine for Host {
    fn compile(&mut self, pattern: &str, case: bool) -> Result<CompiledRegex> {
        let handle = self.0.compile(pattern, case).map_err(|thrown| error(&thrown))?;
        let lists = self.0.required(handle);
        let lists = lists.split('\n').filter(|list| !list.is_empty());
        Ok(CompiledRegex { handle, required: lists.map(|list| list.split('\0').map(String::from).collect()).collect() })
    }

    fn find(&mut self, handle: u32, text: &[u8], limit: u32, out: &mut Vec<(u32, u32)>) -> Result<()> {
        let found = self.0.find(handle, text, limit).map_err(|thrown| error(&thrown))?;
        out.extend(found.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        Ok(())
    }

    fn release(&mut self, handle: u32) {
        self.0.release(handle);
    }
}

fn error(thrown: &JsValue) -> Error {
    let field = |name: &str| js_sys::Reflect::get(thrown, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let message = field("message").as_string().unwrap_or_default();
    let column = field("column").as_f64().unwrap_or(1.0) as u32;
    match field("code").as_string().as_deref() {
        Some("QUERY_INVALID") => Error::Query { column, message },
        Some("REGEX_TOO_LARGE") => Error::RegexTooLarge { column, message },
        Some("LIMIT_EXCEEDED") => Error::RegexCostly,
        _ => Error::RegexUnavailable,
    }
}
