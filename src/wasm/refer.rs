//! Questions about symbols, and their answers, as they cross to JavaScript.

use super::symbol::SymbolInfo;
use crate::engine::refer::{Ask, FoundReference, Page, Referring, Which};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// What is asked about symbols: `definitions`, `references`, `callers` or `callees`.
#[derive(Tsify, Deserialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub enum ReferAsk {
    Definitions,
    References,
    Callers,
    Callees,
}

/// A question about the symbols of a name, maybe in one file, or about the innermost symbol around a line.
#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferQuestion {
    pub ask: ReferAsk,
    /// The name, maybe qualified: `route`, `Router.route`.
    #[tsify(optional)]
    pub name: Option<String>,
    /// Only symbols of this file.
    #[tsify(optional)]
    pub path: Option<String>,
    /// The line of the file `path`, from 1.
    #[tsify(optional)]
    pub line: Option<u32>,
    /// Places of a page, at most. Default 1,000.
    #[tsify(optional)]
    pub limit: Option<u32>,
    /// The least confidence, 0 to 1. Default 0.1.
    #[tsify(optional)]
    pub min_confidence: Option<f32>,
    /// `next` of the page before.
    #[tsify(optional)]
    pub from: Option<String>,
}

impl ReferQuestion {
    pub fn parts(self) -> (Ask, Which, Page) {
        let ask = match self.ask {
            ReferAsk::Definitions => Ask::Definitions,
            ReferAsk::References => Ask::References,
            ReferAsk::Callers => Ask::Callers,
            ReferAsk::Callees => Ask::Callees,
        };
        let line = self.line.map(|line| line.saturating_sub(1));
        let page = Page {
            limit: self.limit.unwrap_or(1000) as usize,
            confidence: self.min_confidence.unwrap_or(0.1),
            from: self.from,
        };
        (ask, Which { name: self.name, path: self.path, line }, page)
    }
}

/// A place that refers to a symbol. Lines and columns count from 1, columns in UTF-16; offsets are UTF-8 bytes within the decoded text.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceInfo {
    pub path: String,
    /// The name as it stands there.
    pub name: String,
    pub line: u32,
    pub column: u32,
    pub start_byte: u32,
    pub end_byte: u32,
    /// What it is there: `call`, `type`, `inherit`, `import`, `alias`, `read` or `write`.
    pub role: &'static str,
    /// The text of the line.
    pub text: String,
    /// The innermost symbol that it stands in; `null` at the top of the file.
    #[tsify(type = "SymbolInfo | null")]
    pub within: Option<SymbolInfo>,
    /// What it most likely refers to; `null` for something called that the index does not have.
    #[tsify(type = "SymbolInfo | null")]
    pub target: Option<SymbolInfo>,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
    /// What that rests on: `same file`, `imported`, …
    pub because: &'static str,
}

impl From<FoundReference> for ReferenceInfo {
    fn from(found: FoundReference) -> Self {
        Self {
            path: found.path,
            name: found.name,
            line: found.line + 1,
            column: found.column + 1,
            start_byte: found.start,
            end_byte: found.end,
            role: found.role.as_str(),
            text: found.text,
            within: found.within.map(SymbolInfo::from),
            target: found.target.map(SymbolInfo::from),
            confidence: found.confidence,
            because: found.because,
        }
    }
}

/// What was found about symbols.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct ReferAnswer {
    /// The symbols that were asked about.
    pub definitions: Vec<SymbolInfo>,
    /// The places, ordered by path and place.
    pub references: Vec<ReferenceInfo>,
    /// Where the next page starts; `null` when there is none.
    #[tsify(type = "string | null")]
    pub next: Option<String>,
    /// Whether all files that were looked through know their references: of what an older release indexed nothing is found.
    pub complete: bool,
}

impl From<Referring> for ReferAnswer {
    fn from(found: Referring) -> Self {
        Self {
            definitions: found.definitions.into_iter().map(SymbolInfo::from).collect(),
            references: found.references.into_iter().map(ReferenceInfo::from).collect(),
            next: found.next,
            complete: found.complete,
        }
    }
}
