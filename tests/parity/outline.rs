//! Prints what every file below folders declares and how its functions stand in chunks, one JSON object a line. `ctags.mjs` compares it with Universal Ctags.
//!
//! ```text
//! cargo run --release --example outline -- FOLDER …
//! ```

use codequarry::chunk::Chunk;
use codequarry::engine::BuilderOptions;
use codequarry::engine::unit::{Unit, analyze};
use codequarry::syntax::Grammars;
use codequarry::text::Span;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Lines of the longest function that is to stand in one chunk.
const FUNCTION_LINES: u32 = 60;

fn main() {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        grammars.register(name, codequarry_grammars::linked(name).expect("the name is linked")).expect("it fits");
    }
    let mut files = Vec::new();
    std::env::args().skip(1).for_each(|folder| walk(Path::new(&folder), &mut files));
    files.sort();
    let options = BuilderOptions::default();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for file in files {
        let path = file.to_string_lossy().replace('\\', "/");
        let bytes = std::fs::read(&file).expect("the file can be read");
        let (report, unit) = analyze(path.trim_start_matches('/'), &bytes, &mut grammars, &options);
        let Some(unit) = unit else { continue };
        let line = json!({
            "path": path,
            "language": report.language,
            "code": report.code,
            "symbols": symbols(&unit),
            "functions": functions(&unit),
            "chunks": unit.chunks.iter().map(|chunk| chunk.span.len()).collect::<Vec<_>>(),
        });
        writeln!(out, "{line}").expect("the output can be written");
    }
}

/// `[name, line from 1, kind]` of each symbol.
fn symbols(unit: &Unit) -> Vec<Value> {
    let line = |span: Span| unit.lines.line(span.start) + 1;
    unit.symbols.iter().map(|symbol| json!([symbol.name, line(symbol.name_range), symbol.kind.as_str()])).collect()
}

/// `[name, line from 1, bytes, pieces, start, above]` of each function with a body that is short enough. `pieces`: 1 where it stands in one chunk with its docs and attributes. `start`: what
/// that chunk begins with, see [`start_of`]. `above`: the line before the chunk, where the function is the first thing in it.
fn functions(unit: &Unit) -> Vec<Value> {
    let declarations = &unit.outline.declarations;
    let short = declarations.iter().enumerate().filter(|(_, found)| {
        let lines = unit.lines.last_line(found.range) - unit.lines.line(found.range.start) + 1;
        found.kind.is_function() && found.body.is_some() && lines <= FUNCTION_LINES
    });
    short
        .map(|(index, found)| {
            let start = found.docs.map_or(found.unit.start, |docs| docs.start.min(found.unit.start));
            let whole = Span::new(start, found.range.end);
            let overlaps = |chunk: &&Chunk| chunk.span.start < whole.end && whole.start < chunk.span.end;
            let pieces = unit.chunks.iter().filter(overlaps).count();
            let chunk = unit.chunks.iter().find(overlaps).expect("every byte is in a chunk").span;
            let kind = start_of(unit, index, chunk, whole);
            let above = unit.text[..chunk.start as usize].lines().next_back().unwrap_or("").trim();
            let above = if kind == "docs" { above } else { "" };
            json!([found.name, unit.lines.line(found.range.start) + 1, whole.len(), pieces, kind, above])
        })
        .collect()
}

/// What the chunk with a function begins with: its own `docs` (or itself, where it has none); a declaration `around` it; whole `neighbours`; or a `piece` of another declaration.
fn start_of(unit: &Unit, function: usize, chunk: Span, whole: Span) -> &'static str {
    if chunk.start >= whole.start || unit.text[chunk.start as usize..whole.start as usize].trim().is_empty() {
        return "docs";
    }
    let declarations = &unit.outline.declarations;
    let first = chunk.start + (chunk.of(&unit.text).len() - chunk.of(&unit.text).trim_start().len()) as u32;
    let mut around = declarations[function].parent;
    while let Some(outer) = around {
        let outer_unit = declarations[outer as usize].unit;
        if outer_unit.start >= first && outer_unit.end >= whole.end {
            return "around";
        }
        around = declarations[outer as usize].parent;
    }
    let torn = declarations.iter().any(|other| {
        other.unit.start < first
            && first < other.unit.end
            && !(other.unit.start <= whole.start && whole.end <= other.unit.end)
    });
    if torn { "piece" } else { "neighbours" }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
