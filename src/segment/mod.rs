//! Segments: immutable, self-contained, checksummed indexes of some files. `FORMAT.md` draws them byte by byte; each module here holds
//! the writer and the reader of one section.

pub mod bytes;
pub mod captions;
pub mod checksums;
pub mod chunks;
pub mod codec;
pub mod container;
pub mod dictionary;
pub mod embedding;
pub mod files;
pub mod graph;
pub mod graph_writer;
pub mod groups;
pub mod inflate;
mod lanes;
pub mod merge;
pub mod meta;
pub mod model;
pub mod names;
pub mod norm;
pub mod opening;
mod places;
pub mod postings;
pub mod reader;
mod references;
pub mod repeats;
pub mod rows;
pub mod symbols;
mod terms;
pub mod text;
pub mod vectors;
mod verify;
mod walk;
pub mod writer;

pub use merge::merge;
pub use model::{read_model, write_model};
pub use opening::Opening;
pub use reader::Segment;
pub use rows::{ChunkRow, FileData, FileFlags, SymbolRow};
pub use text::TextCache;
pub use vectors::{QueryVector, VectorSpec};
pub use verify::verify;
pub use writer::SegmentWriter;

#[cfg(test)]
mod tests;
