//! Fusion: what the semantic lane found becomes evidence beside the words.
//!
//! Similarities are scaled between a floor and the nearest chunk of the answer, and weigh in units of the best lexical score, so that neither lane's
//! scale matters.

use super::parse::ParsedQuery;
use super::retrieve::{Candidate, Retrieved};
use super::semantic::Lane;
use super::source::LiveSegment;
use super::weights::Weights;
use crate::error::Result;

/// Gives each candidate its semantic score, and adds the nearest chunks that hold no word of the query and are at least as near as `least`.
///
/// # Errors
/// Those of [`Lane::similarity`].
pub fn fuse(
    query: &ParsedQuery,
    sources: &[LiveSegment],
    retrieved: &mut Retrieved,
    lane: &Lane,
    least: f32,
    weights: &Weights,
) -> Result<()> {
    let lexical = retrieved.candidates.iter().map(Candidate::lexical).fold(0f32, f32::max);
    let names = !query.identifiers.is_empty() && query.identifiers.iter().all(|&identifier| identifier);
    let weight = if names { weights.semantic_names } else { weights.semantic };
    let (best, floor) = (lane.best().max(f32::MIN_POSITIVE), weights.semantic_floor.min(0.99));
    let scale = lexical * weight / (1.0 - floor);
    // Where no word was found, or none was asked for, nearness itself is the score.
    let score = |similarity: f32| match lexical {
        0.0 => similarity.max(0.0),
        _ => scale * (similarity / best - floor).max(0.0),
    };
    for candidate in &mut retrieved.candidates {
        candidate.semantic = score(lane.similarity(sources, candidate.segment, candidate.doc)?);
    }
    // Candidates stand in order of segment and DocId.
    let place = |candidate: &Candidate| (candidate.segment, candidate.doc);
    let known = retrieved.candidates.len();
    for found in lane.nearest.iter().take_while(|found| found.similarity >= least) {
        let wanted = (found.segment, found.doc);
        if retrieved.candidates[..known].binary_search_by_key(&wanted, place).is_err() {
            let semantic = score(found.similarity);
            let (segment, doc) = (found.segment, found.doc);
            let file = sources[segment as usize].file_of[doc as usize];
            retrieved.candidates.push(Candidate { segment, doc, file, semantic, ..Candidate::default() });
        }
    }
    Ok(())
}
