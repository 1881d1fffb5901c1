//! The exports of the module. An error is thrown as `{ code, message, column }`.

use crate::Problem;
use wasm_bindgen::prelude::*;

/// A compiled regex.
#[wasm_bindgen]
pub struct Regex(crate::Regex);

#[wasm_bindgen]
impl Regex {
    /// Compiles a pattern; without `case`, upper and lower case are the same. Throws QUERY_INVALID or REGEX_TOO_LARGE.
    #[wasm_bindgen(constructor)]
    pub fn new(pattern: &str, case: bool) -> Result<Regex, JsValue> {
        crate::Regex::new(pattern, case).map(Regex).map_err(|problem| thrown(&problem))
    }

    /// Texts that every match holds, case aside: one of each line, between which stand NULs.
    pub fn required(&self) -> String {
        self.0.required().iter().map(|list| list.join("\0")).collect::<Vec<_>>().join("\n")
    }

    /// The matches in whole lines of UTF-8: start and end in bytes, one pair after the other, at most `limit` pairs. Throws LIMIT_EXCEEDED.
    pub fn find(&mut self, text: &[u8], limit: u32) -> Result<Vec<u32>, JsValue> {
        let mut found = Vec::new();
        self.0.find(text, limit as usize, &mut found).map_err(|problem| thrown(&problem))?;
        Ok(found.into_iter().flat_map(|(start, end)| [start, end]).collect())
    }
}

fn thrown(problem: &Problem) -> JsValue {
    let (code, column, message) = match problem {
        Problem::Invalid { column, message } => ("QUERY_INVALID", *column, message.as_str()),
        Problem::TooLarge(message) => ("REGEX_TOO_LARGE", 1, message.as_str()),
        Problem::Costly => ("LIMIT_EXCEEDED", 1, ""),
    };
    let object = js_sys::Object::new();
    for (key, value) in [("code", code.into()), ("message", message.into()), ("column", JsValue::from(column))] {
        // Setting a plain property of a fresh object cannot fail.
        let _ = js_sys::Reflect::set(&object, &key.into(), &value);
    }
    object.into()
}
