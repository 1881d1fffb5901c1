//! The engine: builders that turn files into segments, the index that answers from them, and the manifest between the two.

pub mod builder;
pub mod compaction;
mod cursor;
pub mod embedding;
pub mod index;
pub mod manifest;
pub mod partial;
pub mod refer;
pub mod unit;

pub use builder::{Builder, BuiltSegment, merge_segments, verify_segment};
pub use compaction::CompactionMode;
pub use embedding::Embedding;
pub use index::{Change, FoundSymbol, Index, IndexStats};
pub use manifest::Manifest;
pub use partial::{Need, block_edges};
pub use unit::{BuilderOptions, FileReport, Status};
