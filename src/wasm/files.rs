//! What became of a file, and what is in it, as they cross to JavaScript.

use super::symbol::SymbolInfo;
use crate::chunk::ChunkOptions;
use crate::engine::unit::Unit;
use crate::engine::{self, BuilderOptions, Status};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

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
    /// Largest chunk, in bytes; what is no short function is cut from three quarters of it on. Default 2,000.
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
    pub fn of(path: &str, (report, unit): (engine::FileReport, Option<Unit>)) -> Self {
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
