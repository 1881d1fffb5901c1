//! From the bytes of one file to its symbols and chunks: decoding, language, syntax, symbols, chunks, in that order.
//!
//! Nothing here fails. A file that cannot be parsed is cut by line windows, a file that cannot be read is skipped, and the report says why.

use crate::chunk::{self, Chunk, ChunkOptions, TokenLimit};
use crate::error::Result;
use crate::limits;
use crate::segment::{ChunkRow, FileData, FileFlags, SymbolRow};
use crate::symbol::{self, Symbol};
use crate::syntax::{Grammars, Outline, ParseBudget, Tree};
use crate::text::{self, LineIndex, Refusal, Span};
use xxhash_rust::xxh3::xxh3_128;

/// The language id of text that no language claims.
pub const PLAIN: &str = "text";

/// What a builder does with the files it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuilderOptions {
    /// Larger files are skipped, in bytes.
    pub max_file_bytes: u32,
    /// Larger texts are cut by line windows instead of parsed, in bytes.
    pub max_parse_bytes: u32,
    /// How chunks are cut.
    pub chunk: ChunkOptions,
}

impl Default for BuilderOptions {
    fn default() -> Self {
        Self {
            max_file_bytes: limits::MAX_FILE_BYTES,
            max_parse_bytes: limits::MAX_PARSE_BYTES,
            chunk: ChunkOptions::default(),
        }
    }
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Parsed, or of a language without a grammar.
    Indexed,
    /// Cut by line windows although its language has a grammar.
    Fallback,
    /// Not in the index.
    Skipped,
}

/// What became of a file, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// The path as it was given.
    pub path: String,
    /// Language id, unless the file was skipped before its language was known.
    pub language: Option<&'static str>,
    /// What became of it.
    pub status: Status,
    /// The code of the reason, unless it was indexed as it should be.
    pub code: Option<&'static str>,
    /// The reason in words.
    pub message: Option<&'static str>,
    /// Length of the file in bytes.
    pub len_bytes: u64,
    /// Chunks made of it.
    pub chunks: u32,
    /// Symbols found in it.
    pub symbols: u32,
}

/// A file, taken apart.
pub struct Unit {
    /// The decoded text.
    pub text: String,
    /// Its lines.
    pub lines: LineIndex,
    /// What it declares.
    pub outline: Outline,
    /// The same, with qualified names.
    pub symbols: Vec<Symbol>,
    /// Its chunks.
    pub chunks: Vec<Chunk>,
    /// Whether invalid sequences were replaced.
    pub lossy: bool,
}

/// Takes a file apart; no unit when it is skipped.
pub fn analyze(
    path: &str,
    bytes: &[u8],
    grammars: &mut Grammars,
    options: &BuilderOptions,
) -> (FileReport, Option<Unit>) {
    analyze_within(path, bytes, grammars, options, None).expect("only a tokenizer fails")
}

/// [`analyze`] with chunks that stay within a number of tokens, too.
///
/// # Errors
/// TOKENIZER_FAILED.
pub fn analyze_within(
    path: &str,
    bytes: &[u8],
    grammars: &mut Grammars,
    options: &BuilderOptions,
    tokens: Option<&mut TokenLimit>,
) -> Result<(FileReport, Option<Unit>)> {
    let mut report = FileReport {
        path: path.to_string(),
        language: None,
        status: Status::Skipped,
        code: None,
        message: None,
        len_bytes: bytes.len() as u64,
        chunks: 0,
        symbols: 0,
    };
    let because = |report: &mut FileReport, code: &'static str| {
        report.code = Some(code);
        report.message = Some(reason(code));
    };
    if !is_inside(path) {
        because(&mut report, "PATH_INVALID");
        return Ok((report, None));
    }
    if bytes.len() > options.max_file_bytes as usize {
        because(&mut report, Refusal::TooLarge.code());
        return Ok((report, None));
    }
    let decoded = match text::decode(bytes) {
        Ok(decoded) => decoded,
        Err(refusal) => {
            because(&mut report, refusal.code());
            return Ok((report, None));
        }
    };
    let (text, lossy) = (decoded.text.into_owned(), decoded.lossy);
    let head = &text.as_bytes()[..text.len().min(limits::DETECT_HEAD_BYTES)];
    let language = grammars.detect(path, head);
    report.language = Some(language.map_or(PLAIN, |language| language.id));
    report.status = Status::Indexed;
    let mut tree: Option<Tree> = None;
    if let Some(language) = language.filter(|language| language.grammar.is_some()) {
        let minified = text::is_minified_name(path) || text::looks_minified(&text);
        let budget = ParseBudget { max_bytes: options.max_parse_bytes as usize, ..ParseBudget::default() };
        let parsed = if minified {
            Err("MINIFIED")
        } else {
            grammars.parse(language, &text, budget).map_err(|refusal| refusal.code())
        };
        match parsed {
            Ok(parsed) => tree = Some(parsed),
            Err(code) => {
                report.status = Status::Fallback;
                because(&mut report, code);
            }
        }
    }
    if lossy && report.code.is_none() {
        because(&mut report, "INVALID_ENCODING");
    }
    let outline = tree.as_ref().map_or_else(Outline::default, |tree| tree.outline(&text));
    let symbols = symbol::symbols(&outline);
    let chunks = match tokens {
        None => chunk::chunk(&text, tree.as_ref(), &outline, &options.chunk),
        Some(tokens) => chunk::chunk_within(&text, tree.as_ref(), &outline, &options.chunk, tokens)?,
    };
    (report.chunks, report.symbols) = (chunks.len() as u32, symbols.len() as u32);
    let lines = LineIndex::new(&text);
    Ok((report, Some(Unit { text, lines, outline, symbols, chunks, lossy })))
}

/// Whether a path is relative, not empty, and stays below its root.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\0', '\\'])
        && !path.split('/').any(|part| matches!(part, "" | "." | ".."))
}

fn reason(code: &str) -> &'static str {
    match code {
        "PATH_INVALID" => "the path is empty, absolute, or leaves its root",
        "INVALID_ENCODING" => "bytes that are no text were replaced by U+FFFD",
        "FILE_TOO_LARGE" => "the file is over the size limit",
        "BINARY" => "the file is not text",
        "MINIFIED" => "the file is minified: cut by line windows",
        "GRAMMAR_MISSING" => "the grammar of its language is not loaded: cut by line windows",
        "PARSE_DEADLINE" => "parsing took too long: cut by line windows",
        _ => "the file could not be parsed: cut by line windows",
    }
}

impl Unit {
    /// Its symbols as a segment takes them.
    pub fn symbol_rows(&self) -> Vec<SymbolRow> {
        self.symbols
            .iter()
            .zip(&self.outline.declarations)
            .map(|(symbol, declaration)| symbol_row(symbol, declaration.qualifier.as_deref(), &self.lines))
            .collect()
    }

    /// The roles of its words as a segment takes them.
    fn roles(&self) -> Vec<u8> {
        let Some(references) = &self.outline.references else { return Vec::new() };
        let mut references = references.iter().peekable();
        let mut roles = Vec::with_capacity(self.text.len() / 6);
        for (from, to) in text::words(&self.text) {
            while references.next_if(|found| found.span.end <= from).is_some() {}
            let role = references.peek().filter(|found| found.span.start < to).map(|found| found.role);
            roles.push(role.unwrap_or_default() as u8);
        }
        roles
    }

    /// The unit as a segment takes it.
    pub fn into_file_data(self, report: &FileReport, bytes: &[u8]) -> FileData {
        let line = |offset: u32| self.lines.line(offset);
        let symbols = self.symbol_rows();
        let chunks = self
            .chunks
            .iter()
            .map(|chunk| ChunkRow {
                start: chunk.span.start,
                end: chunk.span.end,
                line: line(chunk.span.start),
                line_feeds: line(chunk.span.end) - line(chunk.span.start),
                symbol: chunk.symbol,
                piece: u32::from(chunk.piece),
                docs: chunk.docs.map(|docs| (docs.start, docs.end)),
            })
            .collect();
        FileData {
            path: report.path.clone(),
            language: report.language.unwrap_or(PLAIN).to_string(),
            hash: xxh3_128(bytes),
            len_bytes: bytes.len() as u32,
            flags: FileFlags { fallback: report.status == Status::Fallback, lossy: self.lossy },
            roles: Some(self.roles()),
            text: self.text,
            chunks,
            symbols,
        }
    }
}

fn symbol_row(symbol: &Symbol, qualifier: Option<&str>, lines: &LineIndex) -> SymbolRow {
    let cut = |text: &str| text[..text::floor_char_boundary(text, limits::MAX_NAME_BYTES)].to_string();
    let last = |span: Span| lines.last_line(span);
    SymbolRow {
        kind: symbol.kind.number(),
        name: cut(&symbol.name),
        qualifier: cut(qualifier.unwrap_or_default()),
        parent: symbol.parent,
        start: symbol.range.start,
        end: symbol.range.end,
        name_start: symbol.name_range.start,
        name_line: lines.line(symbol.name_range.start),
        start_line: lines.line(symbol.range.start),
        end_line: last(symbol.range),
        signature_start: symbol.signature.start,
        signature_end: symbol.signature.end,
    }
}
