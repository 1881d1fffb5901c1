//! Retrieval: which chunks hold the terms of a query, and how well, by BM25F.
//!
//! BM25F weighs the fields before the saturation (Robertson, Zaragoza, Taylor: Simple BM25 Extension to Multiple Weighted Fields, CIKM 2004): the frequency of
//! a term in a chunk is the weighted sum over its fields. Document frequencies and the average length count only what is alive,
//! over all segments, so a score does not depend on how documents are spread over segments nor on what was deleted.

use super::conditions::{Conditions, Evidence};
use super::gather::Gather;
use super::parse::{ParsedQuery, QueryTerm, TermRole};
use super::source::LiveSegment;
use super::weights::Weights;
use crate::error::Result;
use crate::limits;
use crate::segment::dictionary::TermEntry;
use crate::segment::norm;

/// A chunk that holds at least one term of the query, or whose file's path does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Candidate {
    /// Index of its segment.
    pub segment: u32,
    /// Its DocId in that segment.
    pub doc: u32,
    /// Its file's ordinal in that segment.
    pub file: u32,
    /// BM25F over the chunk's fields.
    pub text_score: f32,
    /// Score of the file's path.
    pub path_score: f32,
    /// What its nearness to the query's vector is worth; 0 without vectors.
    pub semantic: f32,
    /// Bit n: the chunk holds a term of word n (of the first 32).
    pub words: u32,
    /// The same, in the names that the chunk declares.
    pub names: u32,
    /// The same, in the file's path.
    pub paths: u32,
}

impl Candidate {
    /// What its words are worth.
    pub fn lexical(&self) -> f32 {
        self.text_score + self.path_score
    }
}

/// What was found, before ranking.
#[derive(Default)]
pub struct Retrieved {
    /// Every candidate, in order of segment and DocId.
    pub candidates: Vec<Candidate>,
    /// Inverse document frequency of each word: of its rarest term.
    pub word_idf: Vec<f32>,
}

#[derive(Clone, Copy, Default)]
struct Score {
    text: f32,
    words: u32,
    names: u32,
}

#[derive(Clone, Copy, Default)]
struct PathScore {
    score: f32,
    words: u32,
}

/// Scores every live chunk that meets `conditions`.
pub fn retrieve(
    query: &ParsedQuery,
    sources: &[LiveSegment],
    conditions: &Conditions,
    weights: &Weights,
) -> Result<Retrieved> {
    let live_chunks: u32 = sources.iter().map(|source| source.live_chunks).sum();
    let live_files: u32 = sources.iter().map(|source| source.live_files).sum();
    let live_terms: u64 = sources.iter().map(|source| source.live_terms).sum();
    let average = (live_terms as f32 / live_chunks.max(1) as f32).max(1.0);
    // The part of BM25's denominator that depends on the length alone, for each of the 256 lengths.
    let length_norm: Vec<f32> = (0..=255)
        .map(|byte| weights.k1 * (1.0 - weights.b + weights.b * norm::decode(byte) as f32 / average))
        .collect();
    let mut scores: Vec<Vec<Score>> =
        sources.iter().map(|source| vec![Score::default(); source.segment.meta.chunks as usize]).collect();
    let mut paths: Vec<Vec<PathScore>> =
        sources.iter().map(|source| vec![PathScore::default(); source.segment.meta.files as usize]).collect();
    let mut word_idf = vec![0f32; query.words.len()];

    let lookups = look_up(query, sources)?;
    for (term, expansions) in query.terms.iter().zip(&lookups) {
        let weight = term.count as f32
            * match term.role {
                TermRole::Whole => weights.whole,
                TermRole::Part => weights.part,
                TermRole::Single => 1.0,
                TermRole::Prefix => weights.prefix,
            };
        let bit = 1u32.checked_shl(term.word as u32).unwrap_or(0);
        for entries in expansions {
            let (chunk_count, path_count) = live_counts(entries, sources)?;
            let chunk_idf = idf(chunk_count, live_chunks);
            // A word is as rare as its rarest term that stands anywhere at all.
            if chunk_count > 0 && term.role != TermRole::Prefix {
                word_idf[term.word] = word_idf[term.word].max(chunk_idf);
            }
            let (chunk_weight, path_weight) =
                (weight * chunk_idf * (weights.k1 + 1.0), weight * idf(path_count, live_files));
            for (segment, (entry, source)) in entries.iter().zip(sources).enumerate() {
                let Some(entry) = entry else { continue };
                let (norms, slots) = (source.segment.norms(), &mut scores[segment]);
                source.segment.chunk_postings(entry, |doc, frequencies| {
                    let frequency = weights.frequency(frequencies);
                    let slot = &mut slots[doc as usize];
                    slot.text += chunk_weight * frequency / (frequency + length_norm[norms[doc as usize] as usize]);
                    slot.words |= bit;
                    if frequencies.name > 0 {
                        slot.names |= bit;
                    }
                })?;
                let slots = &mut paths[segment];
                source.segment.path_postings(entry, |file, stem| {
                    let slot = &mut slots[file as usize];
                    slot.score += path_weight * if stem { weights.path_stem } else { weights.path_folder };
                    slot.words |= bit;
                })?;
            }
        }
    }
    // What was sought and found as it stands counts as a whole name does.
    for Evidence { range, chunks } in &conditions.evidence {
        let mut bits = 0u32;
        for (word, _) in
            query.ranges.iter().enumerate().filter(|(_, word)| range.start <= word.start && word.end <= range.end)
        {
            bits |= 1u32.checked_shl(word as u32).unwrap_or(0);
        }
        let count = chunks.iter().map(Vec::len).sum::<usize>() as u32;
        let weight = weights.whole * idf(count, live_chunks) * (weights.k1 + 1.0);
        for ((found, source), slots) in chunks.iter().zip(sources).zip(&mut scores) {
            let norms = source.segment.norms();
            for &(doc, times, named) in found {
                let frequency = if named { weights.name } else { weights.body } * times as f32;
                let slot = &mut slots[doc as usize];
                slot.text += weight * frequency / (frequency + length_norm[norms[doc as usize] as usize]);
                slot.words |= bits;
                slot.names |= if named { bits } else { 0 };
            }
        }
    }
    let every = conditions.seeks() || (query.terms.is_empty() && conditions.restrict());
    Ok(Retrieved { candidates: collect(sources, conditions, every, &scores, &paths)?, word_idf })
}

/// For each term of the query what it stands for, and for each of these where it is in each segment. All that has to be fetched for it is stated
/// together: the dictionary, and the postings of the terms that are known without it.
fn look_up(query: &ParsedQuery, sources: &[LiveSegment]) -> Result<Vec<Vec<Vec<Option<TermEntry>>>>> {
    let mut gather = Gather::default();
    let mut lookups = Vec::with_capacity(query.terms.len());
    for term in &query.terms {
        let expansions = gather.of(expand(term, sources))?.unwrap_or_default();
        let mut found = Vec::with_capacity(expansions.len());
        for expansion in expansions {
            let mut entries = Vec::with_capacity(sources.len());
            for source in sources {
                entries.push(gather.of(source.segment.term(&expansion))?.flatten());
            }
            found.push(entries);
        }
        lookups.push(found);
    }
    for (word, source) in query.words.iter().flat_map(|word| sources.iter().map(move |source| (word, source))) {
        gather.of(source.segment.want_declaring(word))?;
    }
    for entries in lookups.iter().flatten() {
        for (entry, source) in entries.iter().zip(sources) {
            if let Some(entry) = entry {
                gather.of(source.segment.want_postings(entry))?;
            }
        }
    }
    gather.done()?;
    Ok(lookups)
}

/// The chunks that meet the conditions and hold a word of the query; with `every`, those without one too.
fn collect(
    sources: &[LiveSegment],
    conditions: &Conditions,
    every: bool,
    scores: &[Vec<Score>],
    paths: &[Vec<PathScore>],
) -> Result<Vec<Candidate>> {
    let (mut candidates, mut gather) = (Vec::new(), Gather::default());
    for (segment, source) in sources.iter().enumerate() {
        for (file, entry) in source.segment.files.entries.iter().enumerate() {
            let path = paths[segment][file];
            let chunks = entry.first_chunk as usize..(entry.first_chunk + entry.chunks) as usize;
            let own = &scores[segment][chunks];
            let any = own.iter().any(|score| score.words != 0);
            if !conditions.files[segment][file] || !(any || every || path.words != 0) {
                continue;
            }
            let Some(Some(meets)) = gather.of(conditions.chunks(segment, source, file as u32))? else { continue };
            for (at, score) in own.iter().enumerate() {
                // A file known by its path alone is shown by its first chunk.
                if (every || score.words != 0 || (!any && at == 0)) && meets.hold(at) {
                    candidates.push(Candidate {
                        segment: segment as u32,
                        doc: entry.first_chunk + at as u32,
                        file: file as u32,
                        text_score: score.text,
                        path_score: path.score,
                        semantic: 0.0,
                        words: score.words,
                        names: score.names,
                        paths: path.words,
                    });
                }
            }
        }
    }
    gather.done()?;
    Ok(candidates)
}

/// BM25's inverse document frequency, in the form that is never negative.
fn idf(count: u32, total: u32) -> f32 {
    (1.0 + (total as f32 - count as f32 + 0.5) / (count as f32 + 0.5)).ln()
}

/// The index terms that a query's term stands for: itself, or for a prefix the most frequent terms that begin so.
fn expand(term: &QueryTerm, sources: &[LiveSegment]) -> Result<Vec<String>> {
    if term.role != TermRole::Prefix {
        return Ok(vec![term.term.clone()]);
    }
    let mut found: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
    let mut gather = Gather::default();
    for source in sources {
        gather.of(source.segment.terms_with_prefix(&term.term, |candidate, entry| {
            *found.entry(candidate.to_string()).or_default() += entry.chunks + entry.paths;
            true
        }))?;
    }
    gather.done()?;
    found.remove(&term.term);
    let mut found: Vec<(String, u32)> = found.into_iter().collect();
    crate::order::sort_by(&mut found, |(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
    found.truncate(limits::MAX_PREFIX_EXPANSIONS);
    Ok(found.into_iter().map(|(term, _)| term).collect())
}

/// In how many live chunks and live paths a term stands. Only segments with dead files need counting.
fn live_counts(entries: &[Option<TermEntry>], sources: &[LiveSegment]) -> Result<(u32, u32)> {
    let (mut chunks, mut paths) = (0, 0);
    for (entry, source) in entries.iter().zip(sources) {
        let Some(entry) = entry else { continue };
        if source.tombstones.is_empty() {
            chunks += entry.chunks;
            paths += entry.paths;
        } else {
            let dead = |file: u32| source.dead[file as usize];
            source.segment.chunk_postings(entry, |doc, _| chunks += u32::from(!dead(source.file_of[doc as usize])))?;
            source.segment.path_postings(entry, |file, _| paths += u32::from(!dead(file)))?;
        }
    }
    Ok((chunks, paths))
}
