//! Prints what every file below folders declares and how its functions stand in chunks, one JSON object a line. `ctags.mjs` compares it with Universal Ctags.
//!
//! ```text
//! cargo run --release --example outline -- FOLDER …
//! ```

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

/// `[name, line from 1, bytes, pieces]` of each function with a body that is short enough: 1 where it stands in one chunk with its docs and attributes.
fn functions(unit: &Unit) -> Vec<Value> {
    let declarations = &unit.outline.declarations;
    let short = declarations.iter().filter(|found| {
        let lines = unit.lines.last_line(found.range) - unit.lines.line(found.range.start) + 1;
        found.kind.is_function() && found.body.is_some() && lines <= FUNCTION_LINES
    });
    short
        .map(|found| {
            let start = found.docs.map_or(found.range.start, |docs| docs.start.min(found.range.start));
            let whole = Span::new(start, found.range.end);
            let pieces =
                unit.chunks.iter().filter(|chunk| chunk.span.start < whole.end && whole.start < chunk.span.end).count();
            json!([found.name, unit.lines.line(found.range.start) + 1, whole.len(), pieces])
        })
        .collect()
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
