//! Ranking: the order in which a person wants to see what retrieval found.
//!
//! Retrieval says which chunks hold the words. A person looking for code also weighs whether a chunk *declares* what was asked for, whether its
//! file is about it, and whether it is the code itself or a test of it. Each of these is one term below, with its weight in [`Weights`].

use super::copies::{self, Found};
use super::gather::Gather;
use super::parse::ParsedQuery;
use super::retrieve::{Candidate, Retrieved};
use super::source::LiveSegment;
use super::title::Titles;
use super::weights::Weights;
use crate::error::Result;
use crate::language::SymbolKind;
use crate::limits;
use crate::order;
use crate::segment::names::{self, Declaration};
use rustc_hash::FxHashMap;

/// A candidate in its place.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The candidate.
    pub candidate: Candidate,
    /// Its final score.
    pub score: f32,
    /// What made the score, in order of use: a name and the score after it. Empty unless it was asked for.
    pub steps: Vec<(&'static str, f32)>,
}

impl Ranked {
    fn step(&mut self, explain: bool, name: &'static str, score: f32) {
        if explain && score != self.score {
            self.steps.push((name, score));
        }
        self.score = score;
    }
}

/// What a ranking needs to know besides the candidates.
pub struct Ranking<'a> {
    /// The query.
    pub query: &'a ParsedQuery,
    /// Where the candidates come from.
    pub sources: &'a [LiveSegment],
    /// The weights.
    pub weights: &'a Weights,
    /// Whether the steps of each score are kept.
    pub explain: bool,
}

/// Orders the candidates, best first, and returns the first `want` of them.
///
/// The best [`limits::RANK_POOL`] by retrieval are ranked; whoever pages beyond them gets the others in the order of retrieval. The pool does not depend on
/// `want`, so pages fit together.
pub fn rank(ranking: &Ranking, retrieved: Retrieved, want: usize) -> Result<Vec<Ranked>> {
    let Ranking { sources, weights, explain, .. } = *ranking;
    let Retrieved { mut candidates, word_idf } = retrieved;
    let base = |candidate: &Candidate| candidate.lexical() + candidate.semantic;
    let path = |candidate: &Candidate| {
        sources[candidate.segment as usize].segment.files.entries[candidate.file as usize].path.as_str()
    };
    let by_place = |a: &Candidate, b: &Candidate| path(a).cmp(path(b)).then(a.doc.cmp(&b.doc));
    let by_base = |a: &Candidate, b: &Candidate| base(b).total_cmp(&base(a)).then_with(|| by_place(a, b));
    let wanted = want.max(limits::RANK_POOL);
    if candidates.len() > wanted {
        // Whoever ties with the last one wanted stays until the order of places has decided.
        let threshold = order::nth_largest(candidates.iter().map(base), wanted);
        candidates.retain(|candidate| base(candidate) >= threshold);
    }
    order::sort_by(&mut candidates, by_base);
    candidates.truncate(wanted);
    let beyond = candidates.split_off(candidates.len().min(limits::RANK_POOL));
    let Some(first) = candidates.first().map(base) else { return Ok(Vec::new()) };
    let best = Some(candidates.iter().map(Candidate::lexical).fold(0f32, f32::max))
        .filter(|&best| best > 0.0)
        .unwrap_or(first);
    let coherence = coherence(&candidates, weights);
    let idf_sum = word_idf.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let mut titles = Titles::new(ranking.query, &word_idf, idf_sum, weights.title_near);
    let mut fits: FxHashMap<(u32, u32), f32> = FxHashMap::default();
    for candidate in &candidates {
        fits.entry((candidate.segment, candidate.file)).or_insert_with(|| titles.fit(path(candidate)));
    }
    let declared = declared(ranking)?;
    let scorer = Scorer { ranking, declared, word_idf: &word_idf, idf_sum, best };
    let mut gather = Gather::default();
    let mut ranked = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let file = (candidate.segment, candidate.file);
        ranked.extend(gather.of(scorer.score(candidate, coherence[&file], fits[&file]))?);
    }
    gather.done()?;
    step_back(&mut ranked, ranking);
    let by_score =
        |a: &Ranked, b: &Ranked| b.score.total_cmp(&a.score).then_with(|| by_place(&a.candidate, &b.candidate));
    order::sort_by(&mut ranked, by_score);
    // One place a file first: each further chunk of a file steps back.
    let mut shown: FxHashMap<(u32, u32), i32> = FxHashMap::default();
    for ranked in &mut ranked {
        let times = shown.entry((ranked.candidate.segment, ranked.candidate.file)).or_default();
        if *times > 0 {
            ranked.step(explain, "repeat", ranked.score * weights.repeat.powi((*times).min(8)));
        }
        *times += 1;
    }
    order::sort_by(&mut ranked, by_score);
    // Scores never rise from one page to the next.
    let last = ranked.last().map_or(0.0, |last| last.score);
    ranked.extend(beyond.into_iter().map(|candidate| {
        let mut ranked = Ranked { candidate, score: 0.0, steps: Vec::new() };
        ranked.step(explain, "text", candidate.text_score);
        ranked.step(explain, "path", candidate.lexical());
        ranked.step(explain, "semantic", base(&candidate));
        ranked.step(explain, "beyond the pool", base(&candidate).min(last));
        ranked
    }));
    ranked.truncate(want);
    Ok(ranked)
}

/// Copies of a file and older versions step back behind the one that a person wants.
fn step_back(ranked: &mut [Ranked], ranking: &Ranking) {
    let Ranking { query, sources, weights, explain } = *ranking;
    let mut order: FxHashMap<(u32, u32), usize> = FxHashMap::default();
    let mut files: Vec<Found> = Vec::new();
    for Ranked { candidate, .. } in ranked.iter() {
        order.entry((candidate.segment, candidate.file)).or_insert_with(|| {
            let entry = &sources[candidate.segment as usize].segment.files.entries[candidate.file as usize];
            files.push(Found { path: &entry.path, hash: entry.hash, path_score: candidate.path_score });
            files.len() - 1
        });
    }
    let paths: Vec<&str> = files.iter().map(|file| file.path).collect();
    let (copies, superseded) = (copies::copies(&files), copies::superseded(&paths, &query.words));
    for ranked in ranked {
        let file = order[&(ranked.candidate.segment, ranked.candidate.file)];
        if copies[file] {
            ranked.step(explain, "copy", ranked.score * weights.copy);
        }
        if superseded[file] {
            ranked.step(explain, "older version", ranked.score * weights.superseded);
        }
    }
}

/// For each file what its chunks, after the best one, add: a file that speaks of the query throughout is about it.
fn coherence(candidates: &[Candidate], weights: &Weights) -> FxHashMap<(u32, u32), f32> {
    let mut files: FxHashMap<(u32, u32), (u32, f32)> = FxHashMap::default();
    for candidate in candidates {
        let (rank, sum) = files.entry((candidate.segment, candidate.file)).or_default();
        if *rank > 0 {
            *sum += candidate.text_score / (*rank as f32 + 1.0);
        }
        *rank += 1;
    }
    files.into_iter().map(|(file, (_, sum))| (file, sum * weights.coherence)).collect()
}

/// For each segment that knows, and for each word, where it is declared.
type Declared = Vec<Option<Vec<Vec<Declaration>>>>;

fn declared(ranking: &Ranking) -> Result<Declared> {
    let words = ranking.query.words.iter().take(32);
    let of = |source: &LiveSegment| words.clone().map(|word| source.segment.declaring(word)).collect();
    ranking.sources.iter().map(of).collect()
}

struct Scorer<'a> {
    ranking: &'a Ranking<'a>,
    declared: Declared,
    word_idf: &'a [f32],
    idf_sum: f32,
    best: f32,
}

impl Scorer<'_> {
    fn score(&self, candidate: Candidate, coherence: f32, title: f32) -> Result<Ranked> {
        let Ranking { query, sources, weights, explain } = *self.ranking;
        let mut ranked = Ranked { candidate, score: 0.0, steps: Vec::new() };
        let mut step = |name, change: &dyn Fn(f32) -> f32| ranked.step(explain, name, change(ranked.score));
        step("text", &|_| candidate.text_score);
        step("path", &|score| score + candidate.path_score);
        step("coherence", &|score| score + coherence);
        let held = self.share(candidate.words | candidate.paths);
        step("coverage", &|score| score * (1.0 - weights.coverage * (1.0 - held)));
        step("semantic", &|score| score + candidate.semantic);
        let named = self.named(&candidate)?;
        let whole_query = query.words.len() == 1;
        let definition = if whole_query { weights.definition } else { weights.mention };
        step("definition", &|score| score + self.best * definition * named);
        if !whole_query {
            let names = self.share(candidate.names);
            step("names", &|score| score + self.best * weights.name_coverage * names);
        }
        step("title", &|score| score + self.best * weights.title * title);
        let place = sources[candidate.segment as usize].places[candidate.file as usize];
        if place.test && !query.about_tests {
            step("tests", &|score| score * weights.tests);
        }
        if place.aside {
            step("aside", &|score| score * weights.aside);
        }
        if place.prose && !query.about_docs {
            step("prose", &|score| score * weights.prose);
        }
        Ok(ranked)
    }

    /// The share of the query's rarity that the words in `mask` have.
    fn share(&self, mask: u32) -> f32 {
        let held: f32 = self
            .word_idf
            .iter()
            .enumerate()
            .filter(|(word, _)| *word < 32 && mask >> word & 1 != 0)
            .map(|(_, idf)| idf)
            .sum();
        held / self.idf_sum
    }

    /// The share of the query's rarity whose words are exactly the names of declarations in the chunk, each as much as its declaration weighs.
    fn named(&self, candidate: &Candidate) -> Result<f32> {
        if candidate.names == 0 {
            return Ok(0.0);
        }
        let (query, weights) = (self.ranking.query, self.ranking.weights);
        let mut strength = [0f32; 32];
        let mut declare = |word: usize, kind: u8, as_spelled: bool| {
            let case = if as_spelled { 1.0 } else { weights.loose_case };
            strength[word] = strength[word].max(kind_weight(kind, weights) * case);
        };
        if let Some(words) = &self.declared[candidate.segment as usize] {
            for (word, declarations) in words.iter().enumerate() {
                let spelled = &query.spelled[word];
                let from = declarations.partition_point(|declaration| declaration.chunk < candidate.doc);
                for found in declarations[from..].iter().take_while(|found| found.chunk == candidate.doc) {
                    declare(word, found.kind, spelled.is_empty() || found.spelling == names::spelling(spelled));
                }
            }
            return Ok(self.strength(&strength));
        }
        let segment = &self.ranking.sources[candidate.segment as usize].segment;
        let chunk = segment.chunk(candidate.doc)?;
        let count = segment.files.entries[candidate.file as usize].symbols;
        let starts_before = |symbol: u32| segment.symbol(candidate.file, symbol).map(|row| row.start < chunk.start);
        // Symbols are ordered by start. Those of a chunk are the one that it is, a few before and some behind it; a chunk that is none looks for the first.
        let mut low = match chunk.symbol {
            Some(symbol) => symbol,
            None => order::partition_point(count, starts_before)?,
        };
        while low > 0 && !starts_before(low - 1)? {
            low -= 1;
        }
        for symbol in low..count {
            let row = segment.symbol(candidate.file, symbol)?;
            if row.start >= chunk.end {
                break;
            }
            if row.name_start >= chunk.start && row.name_start < chunk.end {
                for word in 0..query.words.len().min(32) {
                    if is_same_name(&row.name, &query.words[word]) {
                        let spelled = &query.spelled[word];
                        declare(word, row.kind, spelled.is_empty() || row.name.replace('_', "") == *spelled);
                    }
                }
            }
        }
        Ok(self.strength(&strength))
    }

    fn strength(&self, words: &[f32]) -> f32 {
        self.word_idf.iter().zip(words).map(|(idf, strength)| idf * strength).sum::<f32>() / self.idf_sum
    }
}

/// How much of a definition a declaration of this kind is.
fn kind_weight(kind: u8, weights: &Weights) -> f32 {
    let Some(kind) = SymbolKind::from_number(kind) else { return weights.member };
    let part = kind.is_member() || matches!(kind, SymbolKind::Event | SymbolKind::TypeParameter);
    if part { weights.member } else { 1.0 }
}

/// Whether a symbol's name is `word`, a query's word in lower case without underscores.
fn is_same_name(name: &str, word: &str) -> bool {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).eq(word.chars())
}
