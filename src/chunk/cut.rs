//! Splits what is too large.
//!
//! The pieces start where the tree says that something starts, as high in the tree as the sizes allow, at the start of a line. Where
//! the tree has no such place, lines decide; in a line that is itself too long, characters.

use super::{ChunkOptions, lines};
use crate::syntax::Boundary;
use crate::text::{Span, floor_char_boundary};

/// A place to cut and its cost; the lowest cost wins, then the nearest to the wanted size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub offset: u32,
    pub cost: u32,
}

/// From this cost on a place is taken only for want of a better one: it is not the start of a line.
const POOR: u32 = 1_000;

/// Cost of a place before a closing bracket, an `else`, an operator: it reads badly, but is the start of a line.
const CLOSER: u32 = 500;

/// Cuts `span` into pieces of at most `cut_bytes`; one piece where it fits.
pub(super) fn cut(
    text: &str,
    span: Span,
    boundaries: &[Boundary],
    options: &ChunkOptions,
    mut piece: impl FnMut(Span),
) {
    let first = boundaries.partition_point(|boundary| boundary.offset <= span.start);
    let last = boundaries.partition_point(|boundary| boundary.offset < span.end);
    let mut inside = &boundaries[first..last.max(first)];
    let mut start = span.start;
    while span.end - start > options.cut_bytes {
        inside = &inside[inside.partition_point(|boundary| boundary.offset <= start)..];
        let at = next_cut(text, Span::new(start, span.end), inside, options);
        piece(Span::new(start, at));
        start = at;
    }
    if start < span.end {
        piece(Span::new(start, span.end));
    }
}

/// Where the first piece of `rest` ends; after its start, and at most `cut_bytes` after it.
fn next_cut(text: &str, rest: Span, boundaries: &[Boundary], options: &ChunkOptions) -> u32 {
    let pieces = rest.len().div_ceil(options.target_bytes);
    let goal = rest.start + rest.len() / pieces.max(2);
    // What is left must not be a scrap, unless that cannot be helped.
    let high = (rest.start + options.cut_bytes).min(rest.end - options.tiny_bytes.min(rest.len() / 4));
    let low = rest.start + (goal - rest.start) / 2;
    let narrow = rest.start + options.cut_bytes / 8;
    // The best place of a sensible size, the best one of any size, and the best one that only want of a better one would make good.
    let (mut sensible, mut small, mut poor) = (None, None, None);
    for boundary in boundaries.iter().take_while(|boundary| boundary.offset <= high) {
        if boundary.offset < narrow {
            continue;
        }
        let candidate = priced(text, boundary);
        if candidate.cost >= CLOSER {
            keep_better(&mut poor, candidate, goal);
        } else if candidate.offset < low {
            keep_better(&mut small, candidate, goal);
        } else {
            keep_better(&mut sensible, candidate, goal);
        }
    }
    if let Some(found) = sensible.or(small) {
        return found.offset;
    }
    let mut line = None;
    for candidate in lines::candidates(text, rest.start as usize, high as usize + 1) {
        if candidate.offset >= narrow && candidate.offset <= high {
            keep_better(&mut line, candidate, goal);
        }
    }
    line.or(poor).map_or_else(|| cut_in_line(text, rest.start, high), |found| found.offset)
}

/// Keeps the candidate that costs less; at the same cost the one nearer to `goal`.
fn keep_better(best: &mut Option<Candidate>, candidate: Candidate, goal: u32) {
    let rank = |candidate: &Candidate| (candidate.cost, candidate.offset.abs_diff(goal));
    if best.is_none_or(|best| rank(&candidate) < rank(&best)) {
        *best = Some(candidate);
    }
}

fn priced(text: &str, boundary: &Boundary) -> Candidate {
    let bytes = text.as_bytes();
    let at = boundary.offset as usize;
    let depth = boundary.depth.min(CLOSER - 1);
    let starts_line = at == 0 || bytes[at - 1] == b'\n';
    let first = bytes[at..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    let closes = first.is_some_and(|byte| b"{})].,;:|&?=<+-".contains(byte)) || starts_with_continuation(&bytes[at..]);
    let cost = depth + if closes { CLOSER } else { 0 } + if starts_line { 0 } else { POOR };
    Candidate { offset: boundary.offset, cost }
}

/// Whether a line goes on with the statement of the line before it: `else`, `catch`.
fn starts_with_continuation(bytes: &[u8]) -> bool {
    let word = bytes.trim_ascii_start();
    [&b"else"[..], b"elif", b"elsif", b"catch", b"except", b"finally", b"rescue", b"ensure", b"while (", b"then", b"do"]
        .iter()
        .any(|start| {
            word.strip_prefix(*start)
                .is_some_and(|rest| !rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'))
        })
}

/// In a line that is too long: after the last blank or separator near `high`, else at the last character before it.
fn cut_in_line(text: &str, start: u32, high: u32) -> u32 {
    let high = floor_char_boundary(text, high as usize);
    let low = start as usize + (high - start as usize) / 4 * 3;
    let window = &text.as_bytes()[low.min(high)..high];
    if let Some(at) = window.iter().rposition(|byte| matches!(byte, b' ' | b'\t' | b',' | b';' | b'{' | b'}' | b'\n')) {
        return (low + at + 1) as u32;
    }
    high as u32
}
