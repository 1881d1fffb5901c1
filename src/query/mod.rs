//! Queries: from words to ranked hits. One pipeline: parse, retrieve, rank, present.

pub mod conditions;
pub mod copies;
pub mod correct;
pub mod exact;
pub mod expression;
pub mod facets;
pub mod filter;
pub mod fuse;
pub mod gather;
pub mod grounds;
pub mod literal;
pub mod module;
pub mod occurrences;
pub mod parse;
pub mod place;
pub mod prefilter;
pub mod present;
pub mod rank;
pub mod refer;
pub mod regex;
pub mod retrieve;
pub mod scene;
pub mod semantic;
pub mod similar;
pub mod snippet;
pub mod source;
pub mod symbol_match;
pub mod symbols;
pub mod title;
pub mod weights;

pub use facets::Facets;
pub use filter::Filter;
pub use gather::Gather;
pub use present::{Detail, Hit};
pub use regex::{CompiledRegex, RegexEngine};
pub use semantic::Semantic;
pub use similar::Similar;
pub use snippet::Snippet;
pub use source::LiveSegment;
pub use weights::Weights;

use conditions::Conditions;
use occurrences::Search;

use crate::error::{Error, Result};
use crate::limits;
use crate::segment::TextCache;

/// How a search finds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// By the words of the query and by vectors, where there are any.
    #[default]
    Hybrid,
    /// By the words.
    Lexical,
    /// By vectors.
    Semantic,
    /// Every place where a text or a regex stands.
    Exact,
    /// Declarations, by name.
    Symbol,
}

/// What a search asks for besides its words.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOptions {
    /// How to find.
    pub mode: Mode,
    /// Whether to count hits by language and folder.
    pub facets: bool,
    /// The cursor of the page before, instead of an offset; the index reads it.
    pub cursor: Option<String>,
    /// Hits to return, 1 to 1,000; 10 by default.
    pub limit: u32,
    /// Hits to pass over, 0 by default; limit and offset together at most 10,000.
    pub offset: u32,
    /// Language ids or extensions; empty for all.
    pub languages: Vec<String>,
    /// Path globs; empty for all.
    pub paths: Vec<String>,
    /// Whether the last word may be the beginning of one.
    pub prefix: bool,
    /// Whether an exact search counts all places, whatever that takes.
    pub complete: bool,
    /// Which parts of a hit to fill in.
    pub detail: Detail,
    /// The weights.
    pub weights: Weights,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            facets: false,
            cursor: None,
            limit: 10,
            offset: 0,
            languages: Vec::new(),
            paths: Vec::new(),
            prefix: false,
            complete: false,
            detail: Detail { text: true, snippet_lines: 0, explain: false },
            weights: Weights::default(),
        }
    }
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// How it was found, which is by words where vectors were asked for and could not be used.
    pub mode: Mode,
    /// Why vectors could not be used.
    pub semantic: Option<&'static str>,
    /// How many chunks pass the filters and hold a word of the query, or are among the nearest; in semantic mode that are near at all;
    /// places or symbols in the other modes.
    pub total: u32,
    /// Whether `total` counts all. An exact search stops when it has the page and has looked through much; `total` is then a lower bound.
    pub complete: bool,
    /// Words of the query that stand nowhere, and what was searched for in their place.
    pub corrected: Vec<(String, Vec<String>)>,
    /// Asks for the next page; the index writes it.
    pub cursor: Option<String>,
    /// Counts by language and folder, when they were asked for.
    pub facets: Option<Facets>,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
}

impl SearchResult {
    /// An answer without vectors, corrections and cursor.
    fn plain(mode: Mode, total: u32, complete: bool, facets: Option<Facets>, hits: Vec<Hit>) -> Self {
        Self { mode, semantic: None, total, complete, corrected: Vec::new(), cursor: None, facets, hits }
    }
}

/// Searches `sources`, where vectors are asked for with what `semantic` has.
///
/// # Errors
/// OPTION_INVALID, LIMIT_EXCEEDED for a query over 64 KiB, SNAPSHOT_CORRUPT when a segment breaks a rule behind its checksums; PARTS_MISSING.
pub fn search(
    query: &str,
    options: &SearchOptions,
    sources: &[LiveSegment],
    semantic: Semantic,
    cache: &mut TextCache,
    regex: Option<&mut dyn RegexEngine>,
) -> Result<SearchResult> {
    if query.len() > limits::MAX_QUERY_BYTES {
        return Err(Error::Limit {
            what: "query in bytes",
            value: query.len() as u64,
            limit: limits::MAX_QUERY_BYTES as u64,
        });
    }
    if options.limit == 0 || options.limit > limits::MAX_HITS {
        return Err(Error::Option {
            option: "limit",
            reason: format!("{} is not between 1 and {}", options.limit, limits::MAX_HITS),
        });
    }
    let want = options.limit.saturating_add(options.offset);
    if want > limits::MAX_OFFSET {
        return Err(Error::Option {
            option: "offset",
            reason: format!("limit and offset together are over {}", limits::MAX_OFFSET),
        });
    }
    let filter = Filter::new(&options.languages, &options.paths)?;
    let expression = expression::parse(query)?;
    let mut search = Search::new(sources, cache, regex);
    let (mode, offset, limit) = (options.mode, options.offset as usize, options.limit as usize);
    let facets = |files: &[(u32, u32, u32)]| options.facets.then(|| facets::count(files, sources));
    if mode == Mode::Exact {
        let wanted = exact::Wanted { offset, limit, all: options.complete };
        let exact::Found { total, complete, hits, files } = exact::search(&expression, &filter, &mut search, &wanted)?;
        return Ok(SearchResult::plain(mode, total, complete, facets(&files), hits));
    }
    if mode == Mode::Symbol {
        let symbols::Found { total, hits, files } = symbols::search(&expression, &filter, &mut search, offset, limit)?;
        return Ok(SearchResult::plain(mode, total, true, facets(&files), hits));
    }
    let conditions = Conditions::new(&expression, &filter, &mut search)?;
    drop(search);
    let mut parsed = parse::parse(&expression.words, options.prefix);
    if parsed.terms.len() > limits::MAX_QUERY_TERMS {
        return Err(Error::Limit {
            what: "distinct terms of a query",
            value: parsed.terms.len() as u64,
            limit: limits::MAX_QUERY_TERMS as u64,
        });
    }
    let corrected = correct::correct(&mut parsed, sources)?;
    let vector = match options.mode {
        Mode::Hybrid | Mode::Semantic => semantic.vector(&expression.words, sources).map_err(Some),
        _ => Err(None),
    };
    let mode = if vector.is_ok() { options.mode } else { Mode::Lexical };
    let mut retrieved = match mode {
        Mode::Semantic => retrieve::Retrieved { word_idf: vec![0.0; parsed.words.len()], ..Default::default() },
        _ => retrieve::retrieve(&parsed, sources, &conditions, &options.weights)?,
    };
    let mut total = None;
    let unavailable = vector.as_ref().err().copied().flatten();
    if let Ok(vector) = vector {
        // Whoever asks by vectors alone is told how many are near at all, which takes comparing all.
        let lane = if mode == Mode::Semantic {
            semantic::Lane::scan(vector, sources, &conditions, limits::RANK_POOL.max(want as usize))?
        } else {
            semantic::Lane::near(vector, sources, &conditions, limits::RANK_POOL, &retrieved.candidates)?
        };
        // Something is always nearest: where words were asked for, too, what is not near is not an answer.
        let least = if mode == Mode::Semantic { 0.0 } else { options.weights.semantic_least };
        fuse::fuse(&parsed, sources, &mut retrieved, &lane, least, &options.weights)?;
        total = Some(lane.total).filter(|_| mode == Mode::Semantic);
    }
    let total = total.unwrap_or(retrieved.candidates.len() as u32);
    let facets = facets(&candidate_files(&retrieved.candidates));
    let ranking = rank::Ranking { query: &parsed, sources, weights: &options.weights, explain: options.detail.explain };
    let ranked = rank::rank(&ranking, retrieved, want as usize)?;
    let mut gather = Gather::default();
    let mut hits = Vec::new();
    for ranked in ranked.into_iter().skip(options.offset as usize) {
        hits.extend(gather.of(present::present(&parsed, ranked, sources, cache, options.detail))?);
    }
    gather.done()?;
    Ok(SearchResult { semantic: unavailable, corrected, ..SearchResult::plain(mode, total, true, facets, hits) })
}

/// Candidates counted by file; one file may come twice.
fn candidate_files(candidates: &[retrieve::Candidate]) -> Vec<(u32, u32, u32)> {
    let runs = candidates.chunk_by(|a, b| (a.segment, a.file) == (b.segment, b.file));
    runs.map(|run| (run[0].segment, run[0].file, run.len() as u32)).collect()
}
