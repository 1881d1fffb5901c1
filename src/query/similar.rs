//! More like this: the chunks that are nearest to a chunk, or that hold its rarest words where there are no vectors.
//!
//! The work is cut into steps, one a segment, each no longer than a search, so that a host can answer searches in between.

use super::conditions::Conditions;
use super::filter::Filter;
use super::occurrences::Search;
use super::semantic::{Lane, common_spec};
use super::source::LiveSegment;
use super::{
    Gather, Mode, SearchOptions, SearchResult, Semantic, expression, fuse, parse, present, rank, retrieve, semantic,
};
use crate::analysis::{Analyzer, Role};
use crate::error::{Error, Result};
use crate::limits;
use crate::segment::{QueryVector, TextCache};
use rustc_hash::FxHashMap;

/// Words of a chunk that stand for it where there are no vectors.
const WORDS: usize = 12;

/// A question for more like a chunk, partly answered.
pub struct Similar {
    path: String,
    line: u32,
    options: SearchOptions,
    generation: u64,
    found: Option<(Seed, Conditions, Lane)>,
}

/// The chunk that is asked about.
#[derive(Clone, Copy)]
struct Seed {
    segment: usize,
    file: u32,
    doc: u32,
}

impl Similar {
    /// More like the chunk that holds line `line`, from 1, of the file `path`. Of the options mode and weights are of no account.
    pub fn new(path: &str, line: u32, options: SearchOptions) -> Self {
        Self { path: path.to_string(), line, options, generation: 0, found: None }
    }

    /// Does the next step; nothing while there is more to do. `generation` names the sources: with others it starts over.
    ///
    /// # Errors
    /// OPTION_INVALID when there is no such chunk; those of [`super::search`].
    pub fn step(
        &mut self,
        generation: u64,
        sources: &[LiveSegment],
        cache: &mut TextCache,
    ) -> Result<Option<SearchResult>> {
        if self.generation != generation {
            (self.generation, self.found) = (generation, None);
        }
        if self.found.is_none() {
            let seed = self.seed(sources)?;
            let Some(vector) = vector(seed, sources)? else { return self.by_words(seed, sources, cache).map(Some) };
            let filter = Filter::new(&self.options.languages, &self.options.paths)?;
            let conditions = Conditions::new(&expression::parse("")?, &filter, &mut Search::new(sources, cache, None))?;
            let want = self.want()? + 1;
            self.found = Some((seed, conditions, Lane::new(vector, want.max(limits::RANK_POOL))));
        }
        let Some((_, conditions, lane)) = &mut self.found else { return Ok(None) };
        if lane.segments() < sources.len() {
            let result = lane.add(&sources[lane.segments()], conditions);
            if result.is_err() {
                self.found = None;
            }
            return result.map(|()| None);
        }
        let Some((seed, _, mut lane)) = self.found.take() else { return Ok(None) };
        lane.finish(sources);
        lane.nearest.retain(|found| (found.segment as usize, found.doc) != (seed.segment, seed.doc));
        let parsed = parse::parse("", false);
        let mut retrieved = retrieve::Retrieved::default();
        fuse::fuse(&parsed, sources, &mut retrieved, &lane, 0.0, &self.options.weights)?;
        let explain = self.options.detail.explain;
        let ranking = rank::Ranking { query: &parsed, sources, weights: &self.options.weights, explain };
        let (mut gather, mut hits) = (Gather::default(), Vec::new());
        for ranked in rank::rank(&ranking, retrieved, self.want()?)?.into_iter().skip(self.options.offset as usize) {
            hits.extend(gather.of(present::present(&parsed, ranked, sources, cache, self.options.detail))?);
        }
        gather.done()?;
        Ok(Some(SearchResult::plain(Mode::Semantic, lane.total.saturating_sub(1), true, None, hits)))
    }

    fn want(&self) -> Result<usize> {
        let want = self.options.limit.saturating_add(self.options.offset);
        if self.options.limit == 0 || self.options.limit > limits::MAX_HITS || want > limits::MAX_OFFSET {
            let reason = format!("it is not between 1 and {}, or too much with offset", limits::MAX_HITS);
            return Err(Error::Option { option: "limit", reason });
        }
        Ok(want as usize)
    }

    fn seed(&self, sources: &[LiveSegment]) -> Result<Seed> {
        let missing = || Error::Option {
            option: "chunk",
            reason: format!("there is no line {} of {:?} in the index", self.line, self.path),
        };
        let live = |(at, source): (usize, &LiveSegment)| {
            let file = source.segment.files.find(&self.path).filter(|&file| !source.dead[file as usize])?;
            Some((at, file))
        };
        let (segment, file) = sources.iter().enumerate().find_map(live).ok_or_else(missing)?;
        let source = &sources[segment].segment;
        let entry = &source.files.entries[file as usize];
        if entry.chunks == 0 {
            return Err(missing());
        }
        source.want_chunks(entry.first_chunk..entry.first_chunk + entry.chunks)?;
        let line = self.line.checked_sub(1).ok_or_else(missing)?;
        let mut found = None;
        for doc in entry.first_chunk..entry.first_chunk + entry.chunks {
            let row = source.chunk(doc)?;
            if row.line <= line && line <= row.line + row.line_feeds {
                // A chunk that begins in the middle of the line comes second.
                found = Some(found.filter(|_| row.line == line && row.line_feeds == 0).unwrap_or(doc));
            }
        }
        found.map(|doc| Seed { segment, file, doc }).ok_or_else(missing)
    }

    /// The chunks that hold the rarest words of the chunk.
    fn by_words(&self, seed: Seed, sources: &[LiveSegment], cache: &mut TextCache) -> Result<SearchResult> {
        let segment = &sources[seed.segment].segment;
        let row = segment.chunk(seed.doc)?;
        let text = segment.text(seed.file, row.start, row.end, cache)?;
        let mut words: FxHashMap<String, (u32, String)> = FxHashMap::default();
        Analyzer::default().terms(&text, |term, role, range| {
            if role != Role::Part {
                words.entry(term.to_string()).or_insert_with(|| (0, text[range].to_string())).0 += 1;
            }
        });
        let chunks: u32 = sources.iter().map(|source| source.live_chunks).sum();
        let (mut scored, mut gather) = (Vec::new(), Gather::default());
        for (term, (count, word)) in words {
            let mut held = 0;
            for source in sources {
                held += gather.of(source.segment.term(&term))?.flatten().map_or(0, |entry| entry.chunks);
            }
            // A word that stands nowhere else finds nothing else.
            if held > 1 {
                scored.push(((1.0 + count as f32).ln() * (1.0 + chunks as f32 / held as f32).ln(), word));
            }
        }
        gather.done()?;
        scored.sort_by(|(a, a_word), (b, b_word)| b.total_cmp(a).then_with(|| a_word.cmp(b_word)));
        let words: Vec<String> = scored.into_iter().take(WORDS).map(|(_, word)| word).collect();
        let options = SearchOptions {
            mode: Mode::Lexical,
            limit: (self.options.limit + 1).min(limits::MAX_HITS),
            prefix: false,
            ..self.options.clone()
        };
        let unavailable = Semantic::Unavailable(semantic::VECTORS_MISSING);
        let mut result = super::search(&words.join(" "), &options, sources, unavailable, cache, None)?;
        let own = |hit: &present::Hit| hit.path == self.path && (hit.start_byte, hit.end_byte) == (row.start, row.end);
        result.hits.retain(|hit| !own(hit));
        result.hits.truncate(self.options.limit as usize);
        result.total = result.total.saturating_sub(1);
        result.semantic = common_spec(sources).err();
        Ok(result)
    }
}

/// The vector of a chunk, if it has one that others can be compared with.
fn vector(seed: Seed, sources: &[LiveSegment]) -> Result<Option<QueryVector>> {
    let Ok(spec) = common_spec(sources) else { return Ok(None) };
    let row = sources[seed.segment].segment.vector_rows(seed.doc..seed.doc + 1)?;
    Ok(row.iter().any(|&byte| byte != 0).then(|| QueryVector::of_row(&row, spec.bits)))
}
