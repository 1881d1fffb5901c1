//! Symbols as they cross to JavaScript.

use crate::language::SymbolKind;
use crate::segment::SymbolRow;
use serde::Serialize;
use tsify::Tsify;

/// A symbol. Lines count from 1, offsets are UTF-8 bytes within the decoded text.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct SymbolInfo {
    pub path: String,
    /// Its own name.
    pub name: String,
    /// The names around it and its own, joined by dots.
    pub qualified_name: String,
    /// Its kind: `function`, `method`, `class`, …
    pub kind: &'static str,
    /// The names around it, joined by dots; `null` at the top of the file.
    #[tsify(type = "string | null")]
    pub parent: Option<String>,
    pub start_line: u32,
    pub end_line: u32,
    pub start_byte: u32,
    pub end_byte: u32,
    /// Line of its name.
    pub name_line: u32,
    /// The declaration up to its body.
    pub signature: String,
}

impl SymbolInfo {
    /// A symbol of a file, with the names around it joined by dots.
    pub fn new(path: String, row: &SymbolRow, parent: String, signature: String) -> Self {
        let qualified_name = if parent.is_empty() { row.name.clone() } else { format!("{parent}.{}", row.name) };
        Self {
            path,
            name: row.name.clone(),
            qualified_name,
            kind: kind_name(row.kind),
            parent: Some(parent).filter(|parent| !parent.is_empty()),
            start_line: row.start_line + 1,
            end_line: row.end_line + 1,
            start_byte: row.start,
            end_byte: row.end,
            name_line: row.name_line + 1,
            signature,
        }
    }
}

fn kind_name(number: u8) -> &'static str {
    SymbolKind::from_number(number).map_or("unknown", SymbolKind::as_str)
}
