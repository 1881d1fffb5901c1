//! Tolerance for a typo: a longer word that stands nowhere is searched for as the terms that differ from it by a letter or two.

use super::parse::{ParsedQuery, QueryTerm, TermRole};
use super::source::LiveSegment;
use super::symbol_match::{distance, typos_allowed};
use crate::error::Result;
use crate::limits;
use rustc_hash::FxHashMap;

/// Words, each with what is searched for in its place.
pub type Corrections = Vec<(String, Vec<String>)>;

/// Adds to `query` what its unknown words may have meant, when it is short. Segments that are open in parts are not looked through: it would take their whole dictionary.
pub fn correct(query: &mut ParsedQuery, sources: &[LiveSegment]) -> Result<Corrections> {
    let mut corrections = Vec::new();
    // In a question a word that stands nowhere is more often one of the asker's own than a typo.
    let question = query.words.len() > limits::MAX_CORRECTED_WORDS;
    if question || sources.iter().any(|source| source.segment.is_sparse()) {
        return Ok(corrections);
    }
    let mut known = vec![false; query.words.len()];
    for term in &query.terms {
        // A word that is still being typed is not misspelled.
        known[term.word] |= term.role == TermRole::Prefix;
        for source in sources {
            known[term.word] = known[term.word] || source.segment.term(&term.term)?.is_some();
        }
    }
    let unknown: Vec<QueryTerm> = query
        .terms
        .iter()
        .filter(|term| !known[term.word] && matches!(term.role, TermRole::Single | TermRole::Whole))
        .cloned()
        .collect();
    for term in unknown {
        let found = nearest(&term.term, typos_allowed(query.words[term.word].chars().count()), sources)?;
        if !found.is_empty() {
            corrections.push((query.words[term.word].clone(), found.clone()));
        }
        for near in found {
            if query.terms.iter().all(|known| known.term != near) {
                query.terms.push(QueryTerm { term: near, role: TermRole::Single, ..term.clone() });
            }
        }
    }
    Ok(corrections)
}

/// The terms at most `bound` edits from `term`: those of the fewest edits, the most frequent first.
fn nearest(term: &str, bound: usize, sources: &[LiveSegment]) -> Result<Vec<String>> {
    if bound == 0 {
        return Ok(Vec::new());
    }
    let wanted: Vec<char> = term.chars().collect();
    let mut found: FxHashMap<String, (usize, u32)> = FxHashMap::default();
    let mut letters: Vec<char> = Vec::new();
    for source in sources {
        for candidate in source.segment.all_terms()?.split('\0') {
            // Bytes are at most four times the letters, so this passes over nothing that is near.
            if candidate.len() + bound < wanted.len() || candidate.len() > 4 * (wanted.len() + bound) {
                continue;
            }
            letters.clear();
            letters.extend(candidate.chars());
            if let Some(edits) = distance(&wanted, &letters, bound) {
                let known = found.entry(candidate.to_string()).or_insert((edits, 0));
                known.1 += source.segment.term(candidate)?.map_or(0, |entry| entry.chunks);
            }
        }
    }
    let least = found.values().map(|(edits, _)| *edits).min();
    let mut found: Vec<(String, u32)> = found
        .into_iter()
        .filter(|(_, (edits, _))| Some(*edits) == least)
        .map(|(term, (_, count))| (term, count))
        .collect();
    crate::order::sort_by(&mut found, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(limits::MAX_CORRECTIONS);
    Ok(found.into_iter().map(|(term, _)| term).collect())
}
