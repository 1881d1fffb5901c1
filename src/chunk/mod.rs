//! A file cut into the pieces that are searched and shown.
//!
//! A chunk is what a reader would call a unit: a declaration with its docs, the head of a class that is too large for one
//! chunk, a run of imports and constants. Chunks are ordered and disjoint, and together they are the file, byte for byte: no line
//! is unsearchable. [`plan`] decides what stands alone, [`cut`] splits what is too large.

mod comment;
mod cut;
mod lines;
mod plan;
mod tokens;

pub use self::tokens::{TokenLimit, chunk_within};
use crate::limits;
use crate::syntax::{Outline, Tree};
use crate::text::Span;

/// How large chunks are, in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkOptions {
    /// No chunk is larger. At least [`limits::CHUNK_MIN_BYTES`].
    pub max_bytes: u32,
    /// What is larger is cut, unless it is a function of at most [`limits::WHOLE_FUNCTION_LINES`] lines: a reader takes that in at once.
    pub cut_bytes: u32,
    /// What is too large for one chunk is cut into pieces of about this size.
    pub target_bytes: u32,
    /// A declaration with its docs that is at least this large has a chunk of its own; smaller ones share one with
    /// their neighbours.
    pub lone_bytes: u32,
    /// What stands between declarations and is smaller than this joins one of them.
    pub tiny_bytes: u32,
}

impl Default for ChunkOptions {
    fn default() -> Self {
        Self::with_max_bytes(2000)
    }
}

impl ChunkOptions {
    /// Options for chunks of at most `max_bytes`, the other sizes in the usual proportion.
    pub const fn with_max_bytes(max_bytes: u32) -> Self {
        let max_bytes = if max_bytes < limits::CHUNK_MIN_BYTES { limits::CHUNK_MIN_BYTES } else { max_bytes };
        let cut_bytes = max_bytes / 4 * 3;
        Self {
            max_bytes,
            cut_bytes,
            target_bytes: cut_bytes / 5 * 3,
            lone_bytes: cut_bytes / 6,
            tiny_bytes: cut_bytes / 15,
        }
    }

    /// The options with every size in the range in which the rules below it hold.
    fn checked(self) -> Self {
        let max_bytes = self.max_bytes.max(limits::CHUNK_MIN_BYTES);
        let cut_bytes = self.cut_bytes.clamp(max_bytes / 4, max_bytes);
        Self {
            max_bytes,
            cut_bytes,
            target_bytes: self.target_bytes.clamp(cut_bytes / 4, cut_bytes),
            lone_bytes: self.lone_bytes.max(1),
            tiny_bytes: self.tiny_bytes.min(cut_bytes / 4),
        }
    }
}

/// A piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes.
    pub span: Span,
    /// Index of the declaration (and symbol) that this is, or is a piece of.
    pub symbol: Option<u32>,
    /// Which piece: 0 where the chunk holds the first word of the symbol's signature, else counting from 1 in order.
    pub piece: u16,
    /// The symbol's docs, where they stand in this chunk.
    pub docs: Option<Span>,
}

/// Cuts a file into chunks.
///
/// `tree` is the tree of `text`, or `None` for line windows; `outline` is the tree's. The chunks are ordered, disjoint and not
/// empty, and their concatenation is `text`. Never panics, whatever the text.
pub fn chunk(text: &str, tree: Option<&Tree>, outline: &Outline, options: &ChunkOptions) -> Vec<Chunk> {
    plan::chunk(text, tree, outline, &options.checked())
}

#[cfg(test)]
mod tests;
