//! Chunks that stay within a number of tokens, too.
//!
//! What is cut by bytes is counted, and a chunk with too many tokens is cut again by the same rules, for chunks that are smaller in proportion.

use super::plan::{Piece, Plan, number};
use super::{Chunk, ChunkOptions};
use crate::error::{Error, Result};
use crate::limits;
use crate::syntax::{Outline, Tree};
use crate::text::{Span, floor_char_boundary};

/// Counts the tokens of a text; nothing where that fails.
pub type CountTokens = dyn FnMut(&str) -> Option<u32>;

/// A limit in tokens of the host's tokenizer.
pub struct TokenLimit {
    /// Most tokens of a chunk; at least [`limits::CHUNK_MIN_TOKENS`].
    pub max: u32,
    /// The tokenizer.
    pub count: Box<CountTokens>,
}

/// [`super::chunk`] with chunks of at most so many tokens.
///
/// # Errors
/// TOKENIZER_FAILED where the tokenizer does, or a single character has more tokens than a chunk may have.
pub fn chunk_within(
    text: &str,
    tree: Option<&Tree>,
    outline: &Outline,
    options: &ChunkOptions,
    limit: &mut TokenLimit,
) -> Result<Vec<Chunk>> {
    let mut plan = Plan::new(text, tree, outline, options.checked());
    let mut waiting = plan.pieces();
    waiting.reverse();
    let max = limit.max.max(limits::CHUNK_MIN_TOKENS);
    let mut done = Vec::with_capacity(waiting.len());
    let mut fine = false;
    while let Some(piece) = waiting.pop() {
        let tokens = (limit.count)(piece.span.of(text)).ok_or(Error::Tokenizer)?;
        if tokens <= max {
            done.push(piece);
            continue;
        }
        let bytes = (u64::from(piece.span.len()) * u64::from(max) / u64::from(tokens)) as u32;
        if bytes < limits::CHUNK_MIN_BYTES {
            waiting.extend(halves(text, piece)?);
            continue;
        }
        // A function that is a little larger may have few enough: it is counted again in any case.
        plan.set_options(ChunkOptions::with_max_bytes((bytes + bytes / 4).min(piece.span.len() - 1)));
        if !fine {
            plan.refine(tree);
            fine = true;
        }
        waiting.extend(plan.again(piece).into_iter().rev());
    }
    Ok(number(outline, &done))
}

/// What is too small for rules, cut in the middle; the second half first.
fn halves(text: &str, piece: Piece) -> Result<[Piece; 2]> {
    let Span { start, end } = piece.span;
    let mut middle = floor_char_boundary(text, (start + (end - start) / 2) as usize) as u32;
    if middle <= start {
        middle = start + piece.span.of(text).chars().next().map_or(0, char::len_utf8) as u32;
    }
    if middle >= end {
        return Err(Error::Tokenizer);
    }
    let part = |start, end| Piece { span: Span::new(start, end), ..piece };
    Ok([part(middle, end), part(start, middle)])
}
