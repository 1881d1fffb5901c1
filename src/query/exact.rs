//! Exact search: every place where a text or a regex stands, in the order of paths and places.
//!
//! The query's phrases and regexes are what is sought; a query without one is sought as it stands, its fields aside. Everything else in the query restricts
//! the chunks in which a place counts. The number of places is complete unless the result says otherwise.

use super::conditions::Conditions;
use super::expression::{Atom, Clause, Expression, Pattern, Test};
use super::filter::Filter;
use super::occurrences::{Occurrence, Search};
use super::present::{Hit, to_utf16};
use super::source::LiveSegment;
use crate::error::{Error, Result};
use crate::language::SymbolKind;
use crate::limits;
use crate::segment::TextCache;
use std::ops::Range;

/// What an exact search found.
pub struct Found {
    /// How many places there are, or were counted.
    pub total: u32,
    /// Whether all were.
    pub complete: bool,
    /// The page that was asked for.
    pub hits: Vec<Hit>,
    /// Places by segment and file, for counts.
    pub files: Vec<(u32, u32, u32)>,
}

/// Finds the places of `expression` and shows `limit` of them from `offset` on.
///
/// # Errors
/// QUERY_INVALID when there is nothing to be found; those of [`super::search`].
pub fn search(
    expression: &Expression,
    filter: &Filter,
    search: &mut Search,
    offset: usize,
    limit: usize,
) -> Result<Found> {
    let mut expression = expression.clone();
    let text = plain_text(&expression);
    if !text.is_empty() {
        expression.patterns.push(Pattern { text, regex: false, range: 0..0, column: 1 });
        let test = Test::Text(expression.patterns.len() - 1);
        expression.clauses.push(Clause { any: vec![Atom { negated: false, test }] });
    }
    let sought = (0..expression.patterns.len()).filter(|&number| expression.is_sought(number)).collect::<Vec<_>>();
    if sought.is_empty() {
        return Err(Error::Query {
            column: 1,
            message: "exact search needs a text, a \"phrase\" or a /regex/ to find".into(),
        });
    }
    let mut places = Places::default();
    let conditions = Conditions::with_places(&expression, filter, search, &mut |number, segment, found| {
        let complete = found.len() < limits::MAX_OCCURRENCES;
        if sought.contains(&number) {
            places.complete &= complete;
            places.all.extend(found.iter().map(|&occurrence| (segment as u32, occurrence)));
        }
    })?;
    places.present(&conditions, search, offset, limit)
}

/// The query without its operators: the text as it stands between them.
fn plain_text(expression: &Expression) -> String {
    let mut kept = expression.words.clone();
    for pattern in expression.patterns.iter().filter(|pattern| !pattern.range.is_empty()) {
        kept.replace_range(pattern.range.clone(), &" ".repeat(pattern.range.len()));
    }
    for atom in expression.clauses.iter().flat_map(|clause| &clause.any) {
        if let Test::Symbol(name) = &atom.test {
            kept.replace_range(name.range.clone(), &" ".repeat(name.range.len()));
        }
    }
    kept.trim().to_string()
}

struct Places {
    all: Vec<(u32, Occurrence)>,
    complete: bool,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Vec::new(), complete: true }
    }
}

impl Places {
    fn present(mut self, conditions: &Conditions, search: &mut Search, offset: usize, limit: usize) -> Result<Found> {
        crate::order::sort_by_key(&mut self.all, |(segment, place)| (*segment, place.file, place.start, place.end));
        self.all.dedup();
        let sources = search.sources;
        let path =
            |segment: u32, file: u32| sources[segment as usize].segment.files.entries[file as usize].path.as_str();
        // Places of one file are together already; only the files have to be put in order.
        let mut runs: Vec<&[(u32, Occurrence)]> =
            self.all.chunk_by(|a, b| (a.0, a.1.file) == (b.0, b.1.file)).collect();
        crate::order::sort_by(&mut runs, |a, b| path(a[0].0, a[0].1.file).cmp(path(b[0].0, b[0].1.file)));
        let mut found = Found { total: 0, complete: self.complete, hits: Vec::new(), files: Vec::new() };
        for run in runs {
            let (segment, Occurrence { file, .. }) = run[0];
            let source = &sources[segment as usize];
            let Some(meets) = conditions.chunks(segment as usize, source, file)? else { continue };
            let first = source.segment.files.entries[file as usize].first_chunk;
            let before = found.total;
            for (_, place) in run {
                if !meets.hold_all() {
                    let chunk = super::conditions::chunk_at(source, file, place.start)?;
                    if !meets.hold((chunk - first) as usize) {
                        continue;
                    }
                }
                let at = found.total as usize;
                found.total += 1;
                if at >= offset && at < offset + limit {
                    found.hits.push(hit(source, search, place)?);
                }
            }
            if found.total > before {
                found.files.push((segment, file, found.total - before));
            }
        }
        Ok(found)
    }
}

/// A place of a file with the lines that it stands in. Lines and columns count from 0, columns in UTF-16 units.
pub struct Shown {
    /// The line that it begins in.
    pub line: u32,
    /// The line that it ends in.
    pub end_line: u32,
    /// Where in its line it begins.
    pub column: u32,
    /// Its lines; of long ones the part around it.
    pub text: String,
    /// Where it stands in them, in bytes.
    pub within: (usize, usize),
    /// The symbol of the chunk that it begins in.
    pub symbol: Option<u32>,
}

/// Reads the lines of a place.
///
/// # Errors
/// PARTS_MISSING when something has to be supplied first; SNAPSHOT_CORRUPT.
pub fn show(source: &LiveSegment, cache: &mut TextCache, file: u32, place: Range<u32>) -> Result<Shown> {
    let segment = &*source.segment;
    let entry = &segment.files.entries[file as usize];
    let row = segment.chunk(super::conditions::chunk_at(source, file, place.start)?)?;
    let mut bytes = Vec::new();
    let from = row.start.min(place.start.saturating_sub(limits::MAX_SHOWN_LINE_BYTES));
    let to = place.end.saturating_add(limits::MAX_SHOWN_LINE_BYTES).min(entry.text_len);
    segment.append_text(file, from, to, cache, &mut bytes)?;
    let (start, end) = ((place.start - from) as usize, (place.end - from) as usize);
    let bad = Error::Corrupt("a match cuts a character");
    let line_start = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |feed| feed + 1);
    let line_end = bytes[end..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |feed| end + feed);
    // Of a line without end the part around the match is shown.
    let near = |at: usize| on_boundary(&bytes, at);
    let shown_start = near(line_start.max(start.saturating_sub(limits::MAX_SHOWN_LINE_BYTES as usize)));
    let shown_end = near(line_end.min(end + limits::MAX_SHOWN_LINE_BYTES as usize));
    let text = std::str::from_utf8(&bytes[shown_start..shown_end])
        .map_err(|_| bad.clone())?
        .trim_end_matches('\r')
        .to_string();
    let feeds = |range: &[u8]| range.iter().filter(|&&byte| byte == b'\n').count() as u32;
    let line = row.line + feeds(&bytes[(row.start - from) as usize..start]);
    let within = (start - shown_start, (end - shown_start).min(text.len()));
    let column = if line_start == 0 && from > 0 {
        column_in_long_line(source, cache, file, place.start)?
    } else {
        std::str::from_utf8(&bytes[line_start..start]).map_err(|_| bad)?.encode_utf16().count() as u32
    };
    Ok(Shown { line, end_line: line + feeds(&bytes[start..end]), column, text, within, symbol: row.symbol })
}

/// A place as a hit: its lines with the match in them.
fn hit(source: &LiveSegment, search: &mut Search, place: &Occurrence) -> Result<Hit> {
    let segment = &*source.segment;
    let entry = &segment.files.entries[place.file as usize];
    let shown = show(source, search.cache, place.file, place.start..place.end)?;
    let mut hit = Hit {
        id: format!("{}@{}-{}", entry.path, place.start, place.end),
        path: entry.path.clone(),
        language: segment.files.languages[entry.language as usize].clone(),
        kind: "block",
        symbol: None,
        parents: Vec::new(),
        start_line: shown.line + 1,
        end_line: shown.end_line + 1,
        start_byte: place.start,
        end_byte: place.end,
        column: Some(shown.column + 1),
        score: 0.0,
        matches: to_utf16(&shown.text, &[shown.within]),
        text: Some(shown.text),
        snippet: None,
        explain: Vec::new(),
    };
    if let Some(ordinal) = shown.symbol {
        let symbol = segment.symbol(place.file, ordinal)?;
        hit.kind = SymbolKind::from_number(symbol.kind).map_or("block", SymbolKind::as_str);
        hit.symbol = Some(symbol.name.clone());
        hit.parents = segment.parents(place.file, ordinal)?;
    }
    Ok(hit)
}

/// The last character boundary at or before `at` of valid UTF-8.
fn on_boundary(bytes: &[u8], mut at: usize) -> usize {
    while at > 0 && at < bytes.len() && bytes[at] & 0xC0 == 0x80 {
        at -= 1;
    }
    at
}

fn column_in_long_line(source: &LiveSegment, cache: &mut TextCache, file: u32, at: u32) -> Result<u32> {
    let mut bytes = Vec::new();
    source.segment.append_text(file, 0, at, cache, &mut bytes)?;
    let line = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |feed| feed + 1);
    let text = std::str::from_utf8(&bytes[line..]).map_err(|_| Error::Corrupt("a match cuts a character"))?;
    Ok(text.encode_utf16().count() as u32)
}
