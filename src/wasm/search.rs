//! What a search asks for and what it found, as it crosses to JavaScript.

use crate::query::{self, Detail};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// How a search finds: `lexical`, by the words of the query; `semantic`, by vectors; `hybrid`, by both; `exact`, every place of a text or a regex; `symbol`,
/// declarations by name.
#[derive(Tsify, Serialize, Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "camelCase")]
pub enum SearchMode {
    #[default]
    Hybrid,
    Lexical,
    Semantic,
    Exact,
    Symbol,
}

impl From<SearchMode> for query::Mode {
    fn from(mode: SearchMode) -> Self {
        match mode {
            SearchMode::Hybrid => Self::Hybrid,
            SearchMode::Lexical => Self::Lexical,
            SearchMode::Semantic => Self::Semantic,
            SearchMode::Exact => Self::Exact,
            SearchMode::Symbol => Self::Symbol,
        }
    }
}

impl From<query::Mode> for SearchMode {
    fn from(mode: query::Mode) -> Self {
        match mode {
            query::Mode::Hybrid => Self::Hybrid,
            query::Mode::Lexical => Self::Lexical,
            query::Mode::Semantic => Self::Semantic,
            query::Mode::Exact => Self::Exact,
            query::Mode::Symbol => Self::Symbol,
        }
    }
}

/// What a search asks for besides its words.
#[derive(Tsify, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SearchOptions {
    /// How to find. Default `hybrid`, which is `lexical` where there are no vectors.
    #[tsify(optional)]
    pub mode: Option<SearchMode>,
    /// Hits to return, 1 to 1,000. Default 10.
    #[tsify(optional)]
    pub limit: Option<u32>,
    /// Hits to pass over. Default 0; with `limit` at most 10,000.
    #[tsify(optional)]
    pub offset: Option<u32>,
    /// The `cursor` of the page before, instead of `offset`. Throws CURSOR_STALE when the index has changed since.
    #[tsify(optional)]
    pub cursor: Option<String>,
    /// Language ids or file extensions, any of which must fit. Default all.
    #[tsify(optional)]
    pub language: Option<Vec<String>>,
    /// Globs on the path, any of which must fit; `!` in front excludes. Default all.
    #[tsify(optional)]
    pub path: Option<Vec<String>>,
    /// Whether the last word is still being typed. Default false.
    #[tsify(optional)]
    pub prefix: Option<bool>,
    /// Whether an exact search counts every place, whatever that takes. Default false: it stops when it has the page and has looked through 8 MiB of text (256 KiB where text has to be fetched),
    /// and `total` counts what was found so far.
    #[tsify(optional)]
    pub complete: Option<bool>,
    /// Whether hits carry their text and the matches in it. Default true.
    #[tsify(optional)]
    pub text: Option<bool>,
    /// Lines of the snippet that hits carry, the best ones. Default 0, for none.
    #[tsify(optional)]
    pub snippet: Option<u32>,
    /// Whether the result carries counts by language and folder. Default false.
    #[tsify(optional)]
    pub facets: Option<bool>,
    /// Whether hits carry the steps of their score. Default false.
    #[tsify(optional)]
    pub explain: Option<bool>,
}

impl From<SearchOptions> for query::SearchOptions {
    fn from(options: SearchOptions) -> Self {
        let defaults = Self::default();
        Self {
            mode: options.mode.unwrap_or_default().into(),
            facets: options.facets.unwrap_or(defaults.facets),
            cursor: options.cursor,
            limit: options.limit.unwrap_or(defaults.limit),
            offset: options.offset.unwrap_or(defaults.offset),
            languages: options.language.unwrap_or_default(),
            paths: options.path.unwrap_or_default(),
            prefix: options.prefix.unwrap_or(defaults.prefix),
            complete: options.complete.unwrap_or(defaults.complete),
            detail: Detail {
                text: options.text.unwrap_or(defaults.detail.text),
                snippet_lines: options.snippet.unwrap_or(defaults.detail.snippet_lines),
                explain: options.explain.unwrap_or(defaults.detail.explain),
            },
            weights: defaults.weights,
        }
    }
}

/// What a search found.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
pub struct SearchResult {
    pub query: String,
    /// How it was found: `lexical` where vectors were asked for and could not be used.
    pub mode: SearchMode,
    /// Why vectors were asked for and could not be used: `VECTORS_MISSING`, `MODEL_UNAVAILABLE`, `MODEL_MISMATCH`, `QUERY_UNKNOWN`.
    #[tsify(optional, type = "string")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semantic: Option<&'static str>,
    /// The generation that answered.
    pub generation: f64,
    /// How many chunks pass the filters and hold a word of the query, or are among the nearest; in mode `semantic` that are near at all; in modes `exact` and
    /// `symbol` how many places or symbols there are.
    pub total: u32,
    /// Whether `total` counts all. In mode `exact` it may be a lower bound: see the option `complete`.
    pub complete: bool,
    /// Words of the query that stand nowhere, and what was searched for in their place.
    pub corrected: Vec<Correction>,
    /// Counts over all hits that `total` counts. Only with the option `facets`.
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<Facets>,
    /// Asks for the next page, of the same query and options; `null` on the last one.
    #[tsify(type = "string | null")]
    pub cursor: Option<String>,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
}

impl SearchResult {
    /// The answer to `query`.
    pub fn new(query: &str, generation: u64, result: query::SearchResult) -> Self {
        let hits = result.hits.into_iter().map(Hit::from).collect();
        Self {
            query: query.to_string(),
            mode: result.mode.into(),
            semantic: result.semantic,
            generation: generation as f64,
            total: result.total,
            complete: result.complete,
            corrected: result.corrected.into_iter().map(|(word, by)| Correction { word, by }).collect(),
            facets: result.facets.map(Facets::from),
            cursor: result.cursor,
            hits,
        }
    }
}

/// A word of the query that stands nowhere, and the words that were searched for in its place.
#[derive(Tsify, Serialize)]
pub struct Correction {
    pub word: String,
    pub by: Vec<String>,
}

/// Hits by language and folder, the most first.
#[derive(Tsify, Serialize)]
pub struct Facets {
    /// By language id.
    pub languages: Vec<FacetCount>,
    /// By folder, one level below the one that all hits share.
    pub folders: Vec<FacetCount>,
}

/// How many hits there are of one sort.
#[derive(Tsify, Serialize)]
pub struct FacetCount {
    pub value: String,
    pub count: u32,
}

impl From<query::Facets> for Facets {
    fn from(facets: query::Facets) -> Self {
        let counts =
            |counts: Vec<(String, u32)>| counts.into_iter().map(|(value, count)| FacetCount { value, count }).collect();
        Self { languages: counts(facets.languages), folders: counts(facets.folders) }
    }
}

/// The best lines of a hit.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snippet {
    /// First line, from 1.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    pub text: String,
    /// Where words of the query stand in `text`: half-open ranges of UTF-16 units.
    #[tsify(type = "[number, number][]")]
    pub matches: Vec<(u32, u32)>,
}

/// One result. Lines count from 1, byte offsets are UTF-8 within the decoded text.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// Identifies the chunk: equal for equal content at the same path, never the same for two chunks.
    pub id: String,
    pub path: String,
    /// Language id.
    pub language: String,
    /// The kind of its symbol, or `block`.
    pub kind: &'static str,
    /// The name of its symbol.
    #[tsify(type = "string | null")]
    pub symbol: Option<String>,
    /// The names around the symbol, joined by dots.
    #[tsify(type = "string | null")]
    pub parent: Option<String>,
    /// The path, the names around the symbol, outermost first, and the symbol.
    pub breadcrumb: Vec<String>,
    pub start_line: u32,
    pub end_line: u32,
    pub start_byte: u32,
    pub end_byte: u32,
    /// Where the match begins in its line, from 1, in UTF-16 units. Only in mode `exact`.
    #[tsify(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Comparable within one result only.
    pub score: f32,
    #[tsify(type = "string | null")]
    pub text: Option<String>,
    /// Where words of the query stand in `text`: half-open ranges of UTF-16 units, as JavaScript counts.
    #[tsify(type = "[number, number][]")]
    pub matches: Vec<(u32, u32)>,
    /// The best lines. Only with the option `snippet`.
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Snippet>,
    /// The steps of the score: a name and the score after it. Only with the option `explain`.
    #[tsify(optional, type = "[string, number][]")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explain: Vec<(&'static str, f32)>,
}

impl From<query::Hit> for Hit {
    fn from(hit: query::Hit) -> Self {
        let around = hit.parents.iter().cloned();
        let breadcrumb = std::iter::once(hit.path.clone()).chain(around).chain(hit.symbol.clone()).collect();
        let snippet = hit.snippet.map(|query::Snippet { start_line, end_line, text, matches }| Snippet {
            start_line,
            end_line,
            text,
            matches,
        });
        Self {
            breadcrumb,
            column: hit.column,
            snippet,
            id: hit.id,
            path: hit.path,
            language: hit.language,
            kind: hit.kind,
            symbol: hit.symbol,
            parent: Some(hit.parents.join(".")).filter(|parent| !parent.is_empty()),
            start_line: hit.start_line,
            end_line: hit.end_line,
            start_byte: hit.start_byte,
            end_byte: hit.end_byte,
            score: hit.score,
            text: hit.text,
            matches: hit.matches,
            explain: hit.explain,
        }
    }
}
