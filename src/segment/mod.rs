//! Segments: immutable, self-contained, checksummed indexes of some files. `FORMAT.md` draws them byte by byte; each module here holds
//! the writer and the reader of one section.

pub mod bytes;
pub mod checksums;
pub mod chunks;
pub mod codec;
pub mod container;
pub mod dictionary;
pub mod files;
pub mod merge;
pub mod meta;
pub mod names;
pub mod norm;
pub mod opening;
pub mod postings;
pub mod reader;
pub mod rows;
pub mod symbols;
mod terms;
pub mod text;
pub mod writer;

pub use merge::merge;
pub use opening::Opening;
pub use reader::Segment;
pub use rows::{ChunkRow, FileData, FileFlags, SymbolRow};
pub use text::TextCache;
pub use writer::SegmentWriter;

#[cfg(test)]
mod tests;
