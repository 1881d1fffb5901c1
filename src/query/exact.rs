//! Exact search: every place where a text or a regex stands, in the order of paths and places.
//!
//! The query's phrases and regexes are what is sought; a query without one is sought as it stands, its fields aside. Everything else in the query restricts
//! the chunks in which a place counts.
//!
//! Files are looked through in the order of their paths, so what was found when it stops is the beginning of the whole answer. It stops when it has the page that was asked for and has
//! looked through as much text as an answer may take, unless all places are to be counted; then the number is a lower bound, and the result says so.

use super::conditions::{Conditions, OpenPattern, chunks_of};
use super::expression::{Atom, Clause, Expression, Pattern, Test};
use super::filter::Filter;
use super::gather::Gather;
use super::occurrences::{Candidates, Finder, Occurrence, Occurrences, Search, in_order};
use super::present::{Hit, to_utf16};
use super::source::LiveSegment;
use crate::error::{Error, Result};
use crate::language::SymbolKind;
use crate::limits;
use crate::segment::TextCache;
use std::ops::Range;

/// What an exact search found.
#[derive(Default)]
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

/// Which places are wanted of an exact search.
pub struct Wanted {
    /// Places to pass over.
    pub offset: usize,
    /// Places to show.
    pub limit: usize,
    /// Whether all places are counted, whatever it takes.
    pub all: bool,
}

/// Finds the places of `expression` and shows those that are wanted.
///
/// # Errors
/// QUERY_INVALID when there is nothing to be found; those of [`super::search`].
pub fn search(expression: &Expression, filter: &Filter, search: &mut Search, wanted: &Wanted) -> Result<Found> {
    let mut expression = expression.clone();
    let text = plain_text(&expression);
    if !text.is_empty() {
        expression.patterns.push(Pattern { text, regex: false, range: 0..0, column: 1 });
        let test = Test::Text(expression.patterns.len() - 1);
        expression.clauses.push(Clause { any: vec![Atom { negated: false, test }] });
    }
    let mut open = Vec::new();
    let mut conditions = Conditions::before_patterns(&expression, filter, search, &mut open)?;
    let mut patterns = Vec::new();
    for open in open {
        let finder = search.prepare(&expression.patterns[open.number], expression.case)?;
        let sought = expression.is_sought(open.number);
        patterns.push(Sought { open, sought, finder, candidates: Vec::new() });
    }
    // What is sought comes first: in a file without it nothing else is looked for.
    crate::order::sort_by_key(&mut patterns, |pattern| !pattern.sought);
    if !patterns.first().is_some_and(|pattern| pattern.sought) {
        return Err(Error::Query {
            column: 1,
            message: "exact search needs a text, a \"phrase\" or a /regex/ to find".into(),
        });
    }
    let mut gather = Gather::default();
    for pattern in &mut patterns {
        for source in search.sources {
            pattern.candidates.extend(gather.of(pattern.finder.candidates(source))?);
        }
    }
    gather.done()?;
    places(&mut conditions, &mut patterns, search, wanted)
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

/// A pattern of the query and where it can stand.
struct Sought {
    open: OpenPattern,
    /// Whether its places are hits.
    sought: bool,
    finder: Finder,
    /// For each segment.
    candidates: Vec<Candidates>,
}

/// Files in which a place can be, in the order of their paths, over all segments.
struct Files<'a> {
    sources: &'a [LiveSegment],
    /// For each segment its files, the next one last.
    left: Vec<Vec<u32>>,
}

impl<'a> Files<'a> {
    fn new(sources: &'a [LiveSegment], conditions: &Conditions, patterns: &[Sought]) -> Self {
        let can = |segment: usize, file: u32| {
            conditions.files[segment][file as usize]
                && patterns.iter().any(|pattern| pattern.sought && pattern.candidates[segment].hold(file))
        };
        let of = |(segment, source): (usize, &LiveSegment)| {
            (0..source.segment.meta.files).rev().filter(|&file| can(segment, file)).collect()
        };
        Self { sources, left: sources.iter().enumerate().map(of).collect() }
    }

    fn next(&mut self) -> Option<(usize, u32)> {
        let path = |(segment, files): &(usize, &mut Vec<u32>)| {
            files.last().map(|&file| self.sources[*segment].segment.files.entries[file as usize].path.as_str())
        };
        let left = self.left.iter_mut().enumerate().filter(|(_, files)| !files.is_empty());
        let (segment, files) = left.min_by_key(path)?;
        Some((segment, files.pop()?))
    }
}

/// Looks through file after file.
fn places(conditions: &mut Conditions, patterns: &mut [Sought], search: &mut Search, wanted: &Wanted) -> Result<Found> {
    let sources = search.sources;
    let page = wanted.offset..wanted.offset + wanted.limit;
    let mut files = Files::new(sources, conditions, patterns);
    let mut found = Found { complete: true, ..Found::default() };
    let (mut missing_bytes, mut gather) = (0, Gather::default());
    while let Some((segment, file)) = files.next() {
        let source = &sources[segment];
        let budget = if source.segment.is_whole() { limits::EXACT_BYTES } else { limits::EXACT_FETCH_BYTES };
        // One place behind the page says that there is a next one.
        if !wanted.all && found.total as usize > page.end && search.read_bytes >= budget {
            found.complete = false;
            break;
        }
        let Some(here) = gather.of(places_in(conditions, patterns, search, segment, file, &mut found.complete))? else {
            // What is missing is stated for as much text again as was there, so a long way is gone in few steps.
            missing_bytes += source.segment.files.entries[file as usize].text_len as usize;
            if missing_bytes >= limits::EXACT_FETCH_BYTES.max(search.read_bytes) {
                break;
            }
            continue;
        };
        // Behind what is missing nobody knows yet which places are on the page.
        if missing_bytes == 0 {
            for (_, place) in (found.total as usize..).zip(&here).filter(|(at, _)| page.contains(at)) {
                found.hits.extend(gather.of(hit(source, search, place))?);
            }
        }
        found.total += here.len() as u32;
        if !here.is_empty() {
            found.files.push((segment as u32, file, here.len() as u32));
        }
    }
    gather.done()?;
    Ok(found)
}

/// The places of a file that count, in order.
fn places_in(
    conditions: &mut Conditions,
    patterns: &mut [Sought],
    search: &mut Search,
    segment: usize,
    file: u32,
    complete: &mut bool,
) -> Result<Occurrences> {
    let source = &search.sources[segment];
    let alone = conditions.are_one_pattern();
    let mut all = Vec::new();
    for Sought { open, sought, finder, candidates } in patterns {
        if !*sought && all.is_empty() {
            return Ok(all);
        }
        let mut places = Vec::new();
        let candidates = &candidates[segment];
        if candidates.hold(file) {
            search.find_in(finder, segment, file, candidates, &mut places)?;
        }
        if !alone {
            let chunks = chunks_of(source, &places)?;
            conditions.supply(open, segment, chunks.into_iter().map(|(doc, _)| doc).collect());
        }
        if *sought {
            *complete &= places.len() < limits::MAX_OCCURRENCES;
            all.append(&mut places);
        }
    }
    if alone || all.is_empty() {
        return Ok(all);
    }
    in_order(&mut all, 0);
    let first = source.segment.files.entries[file as usize].first_chunk;
    let Some(meets) = conditions.chunks(segment, source, file)? else { return Ok(Vec::new()) };
    if !meets.hold_all() {
        let mut kept = Vec::new();
        let mut places = all.iter();
        for (doc, times) in chunks_of(source, &all)? {
            let here = places.by_ref().take(times as usize);
            if meets.hold((doc - first) as usize) {
                kept.extend(here);
            } else {
                here.for_each(drop);
            }
        }
        return Ok(kept);
    }
    Ok(all)
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
