//! What an index holds, and how that changes, as it crosses to JavaScript.

use super::symbol::SymbolInfo;
use crate::engine::{self, FoundSymbol};
use crate::language::Language;
use crate::segment::VectorSpec;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A language that the engine knows.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
pub struct LanguageInfo {
    /// Its id, which is what filters and hits use.
    pub id: &'static str,
    /// File extensions, without the dot.
    pub extensions: Vec<&'static str>,
    /// Whole file names, in lower case.
    pub filenames: Vec<&'static str>,
    /// Programs of a `#!` line.
    pub interpreters: Vec<&'static str>,
    /// The side module that parses it; `null` for languages cut by line windows.
    #[tsify(type = "string | null")]
    pub grammar: Option<&'static str>,
}

impl From<&Language> for LanguageInfo {
    fn from(language: &Language) -> Self {
        Self {
            id: language.id,
            extensions: language.extensions.to_vec(),
            filenames: language.filenames.to_vec(),
            interpreters: language.interpreters.to_vec(),
            grammar: language.grammar,
        }
    }
}

/// Options of an index.
#[derive(Tsify, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndexSettings {
    /// Text that is kept inflated, in bytes. Default 32 MiB; less where memory is scarce, at the cost of inflating more often.
    #[tsify(optional)]
    pub text_cache_bytes: Option<u32>,
}

/// A change to the set of live files.
#[derive(Tsify, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Names of segments, taken by `addSegment`, that become live; their paths replace older ones. With `replace` they are merges: they hold nothing new,
    /// and a file that died or was replaced since its segment was merged stays so.
    #[tsify(optional)]
    #[serde(default)]
    pub add: Vec<String>,
    /// Paths that go.
    #[tsify(optional)]
    #[serde(default)]
    pub remove: Vec<String>,
    /// Names of live segments that were merged into the added ones.
    #[tsify(optional)]
    #[serde(default)]
    pub replace: Vec<String>,
}

impl From<Change> for engine::Change {
    fn from(change: Change) -> Self {
        Self { add: change.add, remove: change.remove, replace: change.replace }
    }
}

/// How far compaction goes: `tiered` keeps the number of segments small, `full` goes down to the fewest.
#[derive(Tsify, Deserialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub enum CompactionMode {
    Tiered,
    Full,
}

impl From<CompactionMode> for engine::CompactionMode {
    fn from(mode: CompactionMode) -> Self {
        match mode {
            CompactionMode::Tiered => Self::Tiered,
            CompactionMode::Full => Self::Full,
        }
    }
}

/// Segments to merge into one.
#[derive(Tsify, Serialize)]
pub struct CompactionGroup {
    pub segments: Vec<String>,
}

/// What has to be fetched of a segment.
#[derive(Tsify, Serialize)]
pub struct PartNeed {
    /// The segment's name.
    pub segment: String,
    /// Byte ranges of its file, ascending and disjoint: start, end, start, end, …
    pub ranges: Vec<f64>,
}

impl From<engine::Need> for PartNeed {
    fn from(need: engine::Need) -> Self {
        let ranges = need.ranges.into_iter().flat_map(|range| [range.start as f64, range.end as f64]).collect();
        Self { segment: need.segment, ranges }
    }
}

/// What a manifest says of its generation.
#[derive(Tsify, Serialize)]
pub struct ManifestInfo {
    pub generation: f64,
    /// Live files.
    pub files: f64,
    /// Its segments, oldest first.
    pub segments: Vec<SegmentInfo>,
}

/// What a manifest says of a segment.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentInfo {
    pub name: String,
    /// Its length in bytes.
    pub bytes: f64,
    /// Bytes at the beginning of its file that every reader needs; 0 when that is not known.
    pub resident_bytes: f64,
}

impl From<engine::Manifest> for ManifestInfo {
    fn from(manifest: engine::Manifest) -> Self {
        Self {
            generation: manifest.generation as f64,
            files: manifest.live_files() as f64,
            segments: manifest
                .segments
                .iter()
                .map(|entry| SegmentInfo {
                    name: entry.name(),
                    bytes: entry.len_bytes as f64,
                    resident_bytes: entry.resident_bytes as f64,
                })
                .collect(),
        }
    }
}

/// The counts of an index: live files only, but for `indexBytes`.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexStats {
    pub generation: f64,
    pub segments: u32,
    pub files: u32,
    pub chunks: u32,
    pub symbols: u32,
    pub source_bytes: f64,
    /// Length of the segments in bytes, dead files included.
    pub index_bytes: f64,
    pub languages: Vec<LanguageStats>,
}

/// The counts of one language.
#[derive(Tsify, Serialize)]
pub struct LanguageStats {
    pub id: String,
    pub files: u32,
    pub chunks: u32,
    /// Length of its files in bytes.
    pub bytes: f64,
}

impl From<engine::IndexStats> for IndexStats {
    fn from(stats: engine::IndexStats) -> Self {
        let language = |(id, (files, chunks, bytes)): (String, (u32, u32, u64))| LanguageStats {
            id,
            files,
            chunks,
            bytes: bytes as f64,
        };
        Self {
            generation: stats.generation as f64,
            segments: stats.segments,
            files: stats.files,
            chunks: stats.chunks,
            symbols: stats.symbols,
            source_bytes: stats.source_bytes as f64,
            index_bytes: stats.index_bytes as f64,
            languages: stats.languages.into_iter().map(language).collect(),
        }
    }
}

/// Which symbols to list.
#[derive(Tsify, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SymbolOptions {
    /// Only those of this file.
    #[tsify(optional)]
    pub path: Option<String>,
    /// At most so many. Default all.
    #[tsify(optional)]
    pub limit: Option<u32>,
}

impl From<FoundSymbol> for SymbolInfo {
    #[inline(never)]
    fn from(found: FoundSymbol) -> Self {
        Self::new(found.path, &found.row, found.parent, found.signature)
    }
}

/// Who made the vectors of an index.
#[derive(Tsify, Serialize)]
pub struct VectorInfo {
    /// The model's name, or the id of the host's own embedder.
    pub name: String,
    /// Whether it was codequarry's own kind of model.
    pub own: bool,
    /// The hash of that model's file, as `contentHash` gives it; empty for a host's own embedder.
    pub hash: String,
    pub dims: u32,
}

impl From<&VectorSpec> for VectorInfo {
    fn from(spec: &VectorSpec) -> Self {
        let own = spec.hash != 0;
        let hash = if own { format!("{:032x}", spec.hash) } else { String::new() };
        Self { name: spec.name.clone(), own, hash, dims: spec.dims }
    }
}
