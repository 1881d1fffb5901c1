//! The values that cross to JavaScript. Mirrors of the engine's own types, so that those can change without the API changing.
//! Their TypeScript declarations are generated from here.

use crate::chunk::ChunkOptions;
use crate::engine::unit::{Unit, analyze};
use crate::engine::{self, BuilderOptions, FoundSymbol, Status};
use crate::language::{Language, SymbolKind};
use crate::segment::SymbolRow;
use crate::segment::meta::Meta;
use crate::syntax::Grammars;
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

/// Options of a builder.
#[derive(Tsify, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuilderSettings {
    /// Larger files are skipped, in bytes. Default 8 MiB.
    #[tsify(optional)]
    pub max_file_bytes: Option<u32>,
    /// Larger texts are cut by line windows instead of parsed, in bytes. Default 2 MiB.
    #[tsify(optional)]
    pub max_parse_bytes: Option<u32>,
    /// Largest chunk, in bytes. Default 1,500.
    #[tsify(optional)]
    pub chunk_bytes: Option<u32>,
}

impl From<BuilderSettings> for BuilderOptions {
    fn from(settings: BuilderSettings) -> Self {
        let defaults = Self::default();
        let chunk = settings.chunk_bytes.map_or(defaults.chunk, ChunkOptions::with_max_bytes);
        Self {
            max_file_bytes: settings.max_file_bytes.unwrap_or(defaults.max_file_bytes),
            max_parse_bytes: settings.max_parse_bytes.unwrap_or(defaults.max_parse_bytes),
            chunk,
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

/// What became of a file: `indexed`; `fallback`, cut by line windows although its language has a grammar; or `skipped`.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileStatus {
    Indexed,
    Fallback,
    Skipped,
}

/// What became of a file, and why.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// The path as it was given.
    pub path: String,
    /// Language id; `null` when the file was skipped before its language was known.
    #[tsify(type = "string | null")]
    pub language: Option<&'static str>,
    /// What became of it.
    pub status: FileStatus,
    /// Code of the reason, unless it was indexed as it should be.
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// The reason in words.
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// Length of the file in bytes.
    pub bytes: f64,
    /// Chunks made of it.
    pub chunks: u32,
    /// Symbols found in it.
    pub symbols: u32,
}

impl From<engine::FileReport> for FileReport {
    fn from(report: engine::FileReport) -> Self {
        let status = match report.status {
            Status::Indexed => FileStatus::Indexed,
            Status::Fallback => FileStatus::Fallback,
            Status::Skipped => FileStatus::Skipped,
        };
        Self {
            path: report.path,
            language: report.language,
            status,
            code: report.code,
            message: report.message,
            bytes: report.len_bytes as f64,
            chunks: report.chunks,
            symbols: report.symbols,
        }
    }
}

/// A symbol. Lines count from 1, offsets are UTF-8 bytes within the decoded text.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct SymbolInfo {
    pub path: String,
    /// Its own name.
    pub name: String,
    /// The names around it and its own, joined by dots.
    pub qualified_name: String,
    /// Its kind: `function`, `method`, `class`, …
    pub kind: &'static str,
    /// The names around it, joined by dots; `null` at the top of the file.
    #[tsify(type = "string | null")]
    pub parent: Option<String>,
    pub start_line: u32,
    pub end_line: u32,
    pub start_byte: u32,
    pub end_byte: u32,
    /// Line of its name.
    pub name_line: u32,
    /// The declaration up to its body.
    pub signature: String,
}

impl SymbolInfo {
    fn new(path: String, row: &SymbolRow, parent: String, signature: String) -> Self {
        let qualified_name = if parent.is_empty() { row.name.clone() } else { format!("{parent}.{}", row.name) };
        Self {
            path,
            name: row.name.clone(),
            qualified_name,
            kind: kind_name(row.kind),
            parent: Some(parent).filter(|parent| !parent.is_empty()),
            start_line: row.start_line + 1,
            end_line: row.end_line + 1,
            start_byte: row.start,
            end_byte: row.end,
            name_line: row.name_line + 1,
            signature,
        }
    }
}

impl From<FoundSymbol> for SymbolInfo {
    fn from(found: FoundSymbol) -> Self {
        Self::new(found.path, &found.row, found.parent, found.signature)
    }
}

fn kind_name(number: u8) -> &'static str {
    SymbolKind::from_number(number).map_or("unknown", SymbolKind::as_str)
}

/// A chunk. Lines count from 1, offsets are UTF-8 bytes within the decoded text. The names are those of its symbol, `null` without one.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChunkInfo {
    pub path: String,
    #[tsify(type = "string | null")]
    pub name: Option<String>,
    #[tsify(type = "string | null")]
    pub qualified_name: Option<String>,
    /// The kind of its symbol, or `block`.
    pub kind: &'static str,
    #[tsify(type = "string | null")]
    pub parent: Option<String>,
    pub start_line: u32,
    pub end_line: u32,
    pub start_byte: u32,
    pub end_byte: u32,
    /// Line of the symbol's name.
    #[tsify(type = "number | null")]
    pub name_line: Option<u32>,
    #[tsify(type = "string | null")]
    pub signature: Option<String>,
    /// 0 for the piece with the symbol's declaration, then 1, 2, …
    pub piece: u32,
    pub text: String,
}

/// Chunks and symbols of one file.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct FileOutline {
    pub path: String,
    #[tsify(type = "string | null")]
    pub language: Option<&'static str>,
    pub report: FileReport,
    pub chunks: Vec<ChunkInfo>,
    pub symbols: Vec<SymbolInfo>,
}

impl FileOutline {
    /// Takes a file apart.
    pub fn of(path: &str, bytes: &[u8], grammars: &mut Grammars) -> Self {
        let (report, unit) = analyze(path, bytes, grammars, &BuilderOptions::default());
        let (symbols, chunks) =
            unit.map(|unit| (Self::symbols(path, &unit), unit)).map_or_else(Default::default, |(symbols, unit)| {
                let chunks = Self::chunks(path, &unit, &symbols);
                (symbols, chunks)
            });
        Self { path: path.to_string(), language: report.language, report: report.into(), chunks, symbols }
    }

    fn symbols(path: &str, unit: &Unit) -> Vec<SymbolInfo> {
        let text = |start: u32, end: u32| unit.text[start as usize..end as usize].to_string();
        unit.symbols
            .iter()
            .zip(unit.symbol_rows())
            .map(|(symbol, row)| {
                let parent =
                    symbol.qualified_name.strip_suffix(&symbol.name).unwrap_or("").trim_end_matches('.').to_string();
                let signature = text(row.signature_start, row.signature_end);
                SymbolInfo::new(path.to_string(), &row, parent, signature)
            })
            .collect()
    }

    fn chunks(path: &str, unit: &Unit, symbols: &[SymbolInfo]) -> Vec<ChunkInfo> {
        unit.chunks
            .iter()
            .map(|chunk| {
                let symbol = chunk.symbol.map(|symbol| &symbols[symbol as usize]);
                ChunkInfo {
                    path: path.to_string(),
                    name: symbol.map(|symbol| symbol.name.clone()),
                    qualified_name: symbol.map(|symbol| symbol.qualified_name.clone()),
                    kind: symbol.map_or("block", |symbol| symbol.kind),
                    parent: symbol.and_then(|symbol| symbol.parent.clone()),
                    start_line: unit.lines.line(chunk.span.start) + 1,
                    end_line: unit.lines.last_line(chunk.span) + 1,
                    start_byte: chunk.span.start,
                    end_byte: chunk.span.end,
                    name_line: symbol.map(|symbol| symbol.name_line),
                    signature: symbol.map(|symbol| symbol.signature.clone()),
                    piece: u32::from(chunk.piece),
                    text: unit.text[chunk.span.start as usize..chunk.span.end as usize].to_string(),
                }
            })
            .collect()
    }
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
pub struct SegmentInfo {
    pub name: String,
    /// Its length in bytes.
    pub bytes: f64,
}

impl From<engine::Manifest> for ManifestInfo {
    fn from(manifest: engine::Manifest) -> Self {
        Self {
            generation: manifest.generation as f64,
            files: manifest.live_files() as f64,
            segments: manifest
                .segments
                .iter()
                .map(|entry| SegmentInfo { name: entry.name(), bytes: entry.len_bytes as f64 })
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
