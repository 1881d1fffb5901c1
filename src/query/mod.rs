//! Queries: from words to ranked hits. One pipeline: parse, retrieve, rank, present.

pub mod copies;
pub mod filter;
pub mod fuse;
pub mod gather;
pub mod parse;
pub mod place;
pub mod present;
pub mod rank;
pub mod retrieve;
pub mod semantic;
pub mod source;
pub mod title;
pub mod weights;

pub use filter::Filter;
pub use gather::Gather;
pub use present::{Detail, Hit};
pub use semantic::Semantic;
pub use source::LiveSegment;
pub use weights::Weights;

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
}

/// What a search asks for besides its words.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOptions {
    /// How to find.
    pub mode: Mode,
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
    /// Which parts of a hit to fill in.
    pub detail: Detail,
    /// The weights.
    pub weights: Weights,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            limit: 10,
            offset: 0,
            languages: Vec::new(),
            paths: Vec::new(),
            prefix: false,
            detail: Detail { text: true, explain: false },
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
    /// How many chunks pass the filters and hold a word of the query, or are among the nearest; in semantic mode that are near at all.
    pub total: u32,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
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
    let parsed = parse::parse(query, options.prefix);
    if parsed.terms.len() > limits::MAX_QUERY_TERMS {
        return Err(Error::Limit {
            what: "distinct terms of a query",
            value: parsed.terms.len() as u64,
            limit: limits::MAX_QUERY_TERMS as u64,
        });
    }
    let vector = match options.mode {
        Mode::Lexical => Err(None),
        Mode::Hybrid | Mode::Semantic => semantic.vector(query, sources).map_err(Some),
    };
    let mode = if vector.is_ok() { options.mode } else { Mode::Lexical };
    let mut retrieved = match mode {
        Mode::Semantic => retrieve::Retrieved { word_idf: vec![0.0; parsed.words.len()], ..Default::default() },
        _ => retrieve::retrieve(&parsed, sources, &filter, &options.weights)?,
    };
    let mut total = None;
    if let Ok(vector) = &vector {
        let nearest = if mode == Mode::Semantic { limits::RANK_POOL.max(want as usize) } else { limits::RANK_POOL };
        let lane = semantic::Lane::scan(vector, sources, &filter, nearest)?;
        fuse::fuse(&parsed, sources, &mut retrieved, &lane, &options.weights);
        total = Some(lane.total).filter(|_| mode == Mode::Semantic);
    }
    let total = total.unwrap_or(retrieved.candidates.len() as u32);
    let ranking = rank::Ranking { query: &parsed, sources, weights: &options.weights, explain: options.detail.explain };
    let ranked = rank::rank(&ranking, retrieved, want as usize)?;
    let mut gather = Gather::default();
    let mut hits = Vec::new();
    for ranked in ranked.into_iter().skip(options.offset as usize) {
        hits.extend(gather.of(present::present(&parsed, ranked, sources, cache, options.detail))?);
    }
    gather.done()?;
    Ok(SearchResult { mode, semantic: vector.err().flatten(), total, hits })
}
