//! Ranking: the order in which a person wants to see what retrieval found.
//!
//! Retrieval says which chunks hold the words. A person looking for code also weighs whether a chunk *declares* what was asked for, whether its
//! file is about it, and whether it is the code itself or a test of it. Each of these is one term below, with its weight in [`Weights`].

use super::parse::ParsedQuery;
use super::retrieve::{Candidate, Retrieved};
use super::source::LiveSegment;
use super::weights::Weights;
use crate::error::Result;
use crate::limits;
use std::collections::HashMap;

/// A candidate in its place.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The candidate.
    pub candidate: Candidate,
    /// Its final score.
    pub score: f32,
    /// What made the score, in order of use: a name and the score after it.
    pub steps: Vec<(&'static str, f32)>,
}

/// Orders the candidates, best first, and returns the first `want` of them.
pub fn rank(
    query: &ParsedQuery,
    retrieved: Retrieved,
    sources: &[LiveSegment],
    weights: &Weights,
    want: usize,
) -> Result<Vec<Ranked>> {
    let Retrieved { mut candidates, word_idf } = retrieved;
    let base = |candidate: &Candidate| candidate.text_score + candidate.path_score;
    let pool = want.saturating_mul(4).max(limits::MIN_RANK_POOL);
    let path = |candidate: &Candidate| {
        sources[candidate.segment as usize].segment.files.entries[candidate.file as usize].path.as_str()
    };
    let by_place = |a: &Candidate, b: &Candidate| path(a).cmp(path(b)).then(a.doc.cmp(&b.doc));
    let by_base = |a: &Candidate, b: &Candidate| base(b).total_cmp(&base(a)).then_with(|| by_place(a, b));
    if candidates.len() > pool {
        candidates.select_nth_unstable_by(pool, by_base);
        candidates.truncate(pool);
    }
    candidates.sort_by(by_base);
    let Some(best) = candidates.first().map(base) else { return Ok(Vec::new()) };
    let coherence = coherence(&candidates, weights);
    let scorer = Scorer {
        query,
        sources,
        weights,
        word_idf: &word_idf,
        idf_sum: word_idf.iter().sum::<f32>().max(f32::MIN_POSITIVE),
        best,
    };
    let mut ranked = candidates
        .into_iter()
        .map(|candidate| scorer.score(candidate, coherence[&(candidate.segment, candidate.file)]))
        .collect::<Result<Vec<_>>>()?;
    let order = |a: &Ranked, b: &Ranked| b.score.total_cmp(&a.score).then_with(|| by_place(&a.candidate, &b.candidate));
    ranked.sort_by(order);
    // One place a file first: each further chunk of a file steps back.
    let mut shown: HashMap<(u32, u32), i32> = HashMap::new();
    for ranked in &mut ranked {
        let times = shown.entry((ranked.candidate.segment, ranked.candidate.file)).or_default();
        if *times > 0 {
            ranked.score *= weights.repeat.powi((*times).min(8));
            ranked.steps.push(("repeat", ranked.score));
        }
        *times += 1;
    }
    ranked.sort_by(order);
    ranked.truncate(want);
    Ok(ranked)
}

/// For each file what its chunks, after the best one, add: a file that speaks of the query throughout is about it.
fn coherence(candidates: &[Candidate], weights: &Weights) -> HashMap<(u32, u32), f32> {
    let mut files: HashMap<(u32, u32), (u32, f32)> = HashMap::new();
    for candidate in candidates {
        let (rank, sum) = files.entry((candidate.segment, candidate.file)).or_default();
        if *rank > 0 {
            *sum += candidate.text_score / (*rank as f32 + 1.0);
        }
        *rank += 1;
    }
    files.into_iter().map(|(file, (_, sum))| (file, sum * weights.coherence)).collect()
}

struct Scorer<'a> {
    query: &'a ParsedQuery,
    sources: &'a [LiveSegment],
    weights: &'a Weights,
    word_idf: &'a [f32],
    idf_sum: f32,
    best: f32,
}

impl Scorer<'_> {
    fn score(&self, candidate: Candidate, coherence: f32) -> Result<Ranked> {
        let weights = self.weights;
        let source = &self.sources[candidate.segment as usize];
        let mut steps = vec![("text", candidate.text_score)];
        let mut score = candidate.text_score;
        let mut step = |name, value: f32, score: &mut f32| {
            if value != *score {
                *score = value;
                steps.push((name, value));
            }
        };
        step("path", score + candidate.path_score, &mut score);
        step("coherence", score + coherence, &mut score);
        let held = self.share(candidate.words | candidate.paths);
        step("coverage", score * (1.0 - weights.coverage * (1.0 - held)), &mut score);
        let named = self.named(&candidate)?;
        let whole_query = self.query.words.len() == 1;
        let definition = if whole_query { weights.definition } else { weights.mention };
        step("definition", score + self.best * definition * named, &mut score);
        if !whole_query {
            step("names", score + self.best * weights.name_coverage * self.share(candidate.names), &mut score);
        }
        let place = source.places[candidate.file as usize];
        if place.test && !self.query.about_tests {
            step("tests", score * weights.tests, &mut score);
        }
        if place.aside {
            step("aside", score * weights.aside, &mut score);
        }
        if place.prose && !self.query.about_docs {
            step("prose", score * weights.prose, &mut score);
        }
        Ok(Ranked { candidate, score, steps })
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

    /// The share of the query's rarity whose words are exactly the names of declarations in the chunk.
    fn named(&self, candidate: &Candidate) -> Result<f32> {
        if candidate.names == 0 {
            return Ok(0.0);
        }
        let segment = &self.sources[candidate.segment as usize].segment;
        let chunk = segment.chunk(candidate.doc)?;
        let count = segment.files.entries[candidate.file as usize].symbols;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            if segment.symbol(candidate.file, middle)?.start < chunk.start { low = middle + 1 } else { high = middle }
        }
        // A declaration that begins before the chunk may still be named in it (after its docs): at most the chunk's own.
        let own = chunk.symbol.filter(|&symbol| symbol < low);
        let mut mask = 0u32;
        for symbol in own.into_iter().chain(low..count) {
            let row = segment.symbol(candidate.file, symbol)?;
            if row.start >= chunk.end {
                break;
            }
            if row.name_start >= chunk.start && row.name_start < chunk.end {
                let name: String =
                    row.name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect();
                for (word, text) in self.query.words.iter().enumerate().take(32) {
                    if *text == name {
                        mask |= 1 << word;
                    }
                }
            }
        }
        Ok(self.share(mask))
    }
}
