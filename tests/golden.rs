//! Symbols and chunks of real-looking code, one or more files a language under `tests/golden/<language>/`.
//!
//! Beside each source stands its expectation, `<source>.expect`. `UPDATE_GOLDEN=1 cargo test --test golden` rewrites them; the
//! difference is then read by whoever commits it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use codequarry::chunk::{ChunkOptions, chunk};
use codequarry::language::{self, Role, detect};
use codequarry::symbol::symbols;
use codequarry::syntax::{Grammars, Outline, ParseBudget};
use codequarry::text::{LineIndex, Span, decode};

/// What a source should yield, as readable text.
fn check(source: &Path, grammars: &mut Grammars) -> Result<(), String> {
    let bytes = std::fs::read(source).map_err(|error| error.to_string())?;
    let found = render(source, &bytes, grammars);
    let expectation = PathBuf::from(format!("{}.expect", source.display()));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return std::fs::write(&expectation, found).map_err(|error| error.to_string());
    }
    let expected = std::fs::read_to_string(&expectation).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    let line = expected.lines().zip(found.lines()).position(|(left, right)| left != right);
    let line = line.unwrap_or(expected.lines().count().min(found.lines().count()));
    Err(format!(
        "{}: line {} differs\n  expected {:?}\n  found    {:?}",
        source.display(),
        line + 1,
        expected.lines().nth(line).unwrap_or(""),
        found.lines().nth(line).unwrap_or("")
    ))
}

fn render(path: &Path, bytes: &[u8], grammars: &mut Grammars) -> String {
    let decoded = decode(bytes).expect("golden sources are text");
    let text = &*decoded.text;
    let language = detect(&path.to_string_lossy(), bytes).expect("golden sources have a known language");
    let folder = path.parent().and_then(|folder| folder.file_name()).expect("a folder a language");
    assert_eq!(language.id, folder.to_string_lossy(), "{} is detected as another language", path.display());
    let tree = language
        .grammar
        .map(|_| grammars.parse(language, text, ParseBudget::default()).expect("golden sources can be parsed"));
    let outline = tree.as_ref().map(|tree| tree.outline(text)).unwrap_or_default();
    let symbols = symbols(&outline);
    let lines = LineIndex::new(text);
    let range = |span: Span| {
        let (first, last) = (lines.line(span.start) + 1, lines.last_line(span) + 1);
        if first == last { format!("{first}") } else { format!("{first}-{last}") }
    };
    let mut out = String::from("symbols\n");
    for symbol in &symbols {
        let docs = symbol.docs.map_or(String::new(), |docs| format!("  [docs {}]", range(docs)));
        let signature = symbol.signature.of(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(
            out,
            "  {:9} {:12} {}{docs}  {signature}",
            range(symbol.range),
            symbol.kind.as_str(),
            symbol.qualified_name
        );
    }
    out.push_str("chunks\n");
    for chunk in chunk(text, tree.as_ref(), &outline, &ChunkOptions::default()) {
        let name = chunk.symbol.map_or("-", |symbol| &symbols[symbol as usize].qualified_name);
        let piece = if chunk.piece == 0 { String::new() } else { format!(" +{}", chunk.piece) };
        let body = chunk.span.of(text).trim();
        let first = body.lines().next().unwrap_or("").trim();
        let _ = writeln!(out, "  {:9} {:>5} B  {name}{piece}  | {first}", range(chunk.span), chunk.span.len());
    }
    references(text, &outline, &lines, &mut out);
    out
}

/// The references, line by line; what is only read is left out.
fn references(text: &str, outline: &Outline, lines: &LineIndex, out: &mut String) {
    let Some(references) = &outline.references else { return };
    out.push_str("references");
    let mut line = 0;
    for found in references.iter().filter(|found| found.role != Role::Read) {
        if lines.line(found.span.start) + 1 != line {
            line = lines.line(found.span.start) + 1;
            let _ = write!(out, "\n  {line:<4}");
        }
        let name = found.span.of(text).trim();
        let role = if found.role == Role::Module { "module" } else { found.role.as_str() };
        let _ = write!(out, " {role} {name},");
    }
    out.push('\n');
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("a readable entry").path())
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_none_or(|extension| extension != "expect"))
        .collect();
    found.sort();
    found
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn sources_yield_what_is_expected() {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        let linked = codequarry_grammars::linked(name).expect("the name is linked");
        grammars.register(name, linked).expect("linked grammars are usable");
    }
    let failures: Vec<String> =
        sources(&folder()).iter().filter_map(|source| check(source, &mut grammars).err()).collect();
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_language_with_a_grammar_has_a_source() {
    for language in language::all().iter().filter(|language| language.grammar.is_some()) {
        assert!(folder().join(language.id).is_dir(), "no golden source for {}", language.id);
    }
}
