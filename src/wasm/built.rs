//! Segments as they cross to JavaScript.

use crate::engine;
use crate::segment::meta::Meta;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A finished segment.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuiltSegment {
    /// `seg-` and the XXH3-128 of its bytes.
    pub name: String,
    #[tsify(type = "Uint8Array")]
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// Who made its vectors: the model's name, or the id of the host's own embedder.
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedder: Option<String>,
    pub files: u32,
    pub chunks: u32,
    pub source_bytes: f64,
}

impl From<engine::BuiltSegment> for BuiltSegment {
    fn from(built: engine::BuiltSegment) -> Self {
        Self {
            name: built.name,
            bytes: built.bytes,
            embedder: built.embedder,
            files: built.files,
            chunks: built.chunks,
            source_bytes: built.source_bytes as f64,
        }
    }
}

/// The counts of a segment that was checked, dead files included.
#[derive(Tsify, Serialize)]
pub struct SegmentCounts {
    pub files: u32,
    pub chunks: u32,
    pub symbols: u32,
    pub terms: u32,
}

impl From<Meta> for SegmentCounts {
    fn from(Meta { files, chunks, symbols, terms, .. }: Meta) -> Self {
        Self { files, chunks, symbols, terms }
    }
}

/// A segment to merge, with the ordinals of its dead files in ascending order.
#[derive(Tsify, Deserialize)]
pub struct MergeInput {
    #[tsify(type = "Uint8Array")]
    pub bytes: serde_bytes::ByteBuf,
    #[tsify(type = "Uint32Array | number[]")]
    pub tombstones: Vec<u32>,
}
