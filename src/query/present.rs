//! Hits as a person or a program reads them: names, lines, text, and where the words of the query stand in it.

use super::gather::Gather;
use super::parse::{ParsedQuery, TermRole};
use super::rank::Ranked;
use super::snippet::{Snippet, snippet};
use super::source::LiveSegment;
use crate::analysis::Analyzer;
use crate::error::{Error, Result};
use crate::language::SymbolKind;
use crate::segment::captions::Caption;
use crate::segment::repeats::text_hash;
use crate::segment::{Segment, TextCache};

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Identifies the chunk: equal for equal content at the same path, never the same for two chunks.
    pub id: String,
    /// Path of the file.
    pub path: String,
    /// Language id.
    pub language: String,
    /// What the chunk is: the kind of its symbol, or `block`.
    pub kind: &'static str,
    /// Name of its symbol.
    pub symbol: Option<String>,
    /// Names around the symbol, outermost first.
    pub parents: Vec<String>,
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// First byte within the decoded text.
    pub start_byte: u32,
    /// One past the last byte.
    pub end_byte: u32,
    /// Where the match begins in its line, from 1, in UTF-16 units: only of an exact search.
    pub column: Option<u32>,
    /// Comparable within one result only.
    pub score: f32,
    /// The text, when it was asked for.
    pub text: Option<String>,
    /// Where words of the query stand in the text: half-open ranges of UTF-16 units.
    pub matches: Vec<(u32, u32)>,
    /// The best lines, when they were asked for.
    pub snippet: Option<Snippet>,
    /// How the score came about: a step's name and the score after it.
    pub explain: Vec<(&'static str, f32)>,
}

/// Which parts of a hit to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// The text and the matches in it.
    pub text: bool,
    /// Lines of the snippet; 0 for none.
    pub snippet_lines: u32,
    /// The steps of the score.
    pub explain: bool,
}

/// Fills in a ranked candidate.
pub fn present(
    query: &ParsedQuery,
    ranked: Ranked,
    sources: &[LiveSegment],
    cache: &mut TextCache,
    detail: Detail,
) -> Result<Hit> {
    let Ranked { candidate, score, steps } = ranked;
    let segment = &*sources[candidate.segment as usize].segment;
    let entry = &segment.files.entries[candidate.file as usize];
    if segment.repeats(candidate.doc).is_none() {
        segment.want_chunks(entry.first_chunk..candidate.doc + 1)?;
    }
    let Caption { start, end, line, line_feeds, name } = segment.caption(candidate.file, candidate.doc)?;
    let text = segment.text(candidate.file, start, end, cache)?;
    let (mut kind, mut symbol, mut parents) = ("block", None, Vec::new());
    if let Some(name) = name {
        kind = SymbolKind::from_number(name.kind).ok_or(Error::Corrupt("a symbol has an unknown kind"))?.as_str();
        (symbol, parents) = (Some(name.name), name.parents);
    }
    let found = if detail.text || detail.snippet_lines > 0 { match_bytes(query, &text) } else { Vec::new() };
    let lines = detail.snippet_lines as usize;
    Ok(Hit {
        id: chunk_id(segment, candidate.file, candidate.doc, &text, cache)?,
        path: entry.path.clone(),
        language: segment.files.languages[entry.language as usize].clone(),
        kind,
        symbol,
        parents,
        start_line: line + 1,
        end_line: line + line_feeds + u32::from(!text.ends_with('\n')),
        start_byte: start,
        end_byte: end,
        column: None,
        score,
        matches: if detail.text { to_utf16(&text, &found) } else { Vec::new() },
        snippet: (lines > 0).then(|| snippet(&text, line + 1, &found, lines)),
        text: detail.text.then_some(text),
        explain: if detail.explain { steps } else { Vec::new() },
    })
}

/// The path, a hash of the chunk's text, and among equal chunks of one file a number.
fn chunk_id(segment: &Segment, file: u32, doc: u32, text: &str, cache: &mut TextCache) -> Result<String> {
    let own = text_hash(text);
    let entry = &segment.files.entries[file as usize];
    let known = segment.repeats(doc);
    let (mut gather, mut equal) = (Gather::default(), known.unwrap_or(0));
    for earlier in if known.is_some() { doc..doc } else { entry.first_chunk..doc } {
        let Some(other) = gather.of(segment.chunk(earlier))? else { continue };
        if (other.end - other.start) as usize == text.len()
            && let Some(text) = gather.of(segment.text(file, other.start, other.end, cache))?
        {
            equal += u32::from(text_hash(&text) == own);
        }
    }
    gather.done()?;
    Ok(if equal == 0 { format!("{}#{own:016x}", entry.path) } else { format!("{}#{own:016x}-{equal}", entry.path) })
}

/// Where words of the query stand in `text`: ranges of UTF-16 units.
pub fn matches(query: &ParsedQuery, text: &str) -> Vec<(u32, u32)> {
    to_utf16(text, &match_bytes(query, text))
}

/// The same in bytes.
fn match_bytes(query: &ParsedQuery, text: &str) -> Vec<(usize, usize)> {
    let mut bytes: Vec<(usize, usize)> = Vec::new();
    let mut wholes: Vec<(usize, usize)> = Vec::new();
    Analyzer::default().terms(text, |term, role, range| {
        let fits = |wanted: &super::parse::QueryTerm| match wanted.role {
            TermRole::Prefix => term.starts_with(&wanted.term),
            // A part of a longer name in the query marks names only when the whole is not what was asked.
            TermRole::Part => role != crate::analysis::Role::Whole && wanted.term == term,
            TermRole::Whole | TermRole::Single => wanted.term == term,
        };
        if query.terms.iter().any(fits) {
            if query.terms.iter().any(|wanted| wanted.role == TermRole::Whole && wanted.term == term) {
                wholes.push((range.start, range.end));
            }
            bytes.push((range.start, range.end));
        }
    });
    // Where a whole name was found, its parts elsewhere are noise.
    let mut ranges = if wholes.is_empty() || query.words.len() > 1 { bytes } else { wholes };
    crate::order::sort(&mut ranges);
    ranges.dedup();
    ranges
}

/// Byte ranges, ascending, as ranges of UTF-16 units.
pub fn to_utf16(text: &str, ranges: &[(usize, usize)]) -> Vec<(u32, u32)> {
    let (mut at, mut units) = (0, 0u32);
    let mut advance = |to: usize| {
        units += text[at..to].encode_utf16().count() as u32;
        at = to;
        units
    };
    ranges.iter().map(|&(start, end)| (advance(start), advance(end))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn check(query: &str, text: &str, expect: &[&str]) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let found: Vec<String> = matches(&parse(query, true), text)
            .iter()
            .map(|&(a, b)| String::from_utf16(&units[a as usize..b as usize]).unwrap())
            .collect();
        assert_eq!(found, expect, "{query:?}");
    }

    #[test]
    fn words_of_the_query_are_marked() {
        check("retries", "🙂 retry, Retried; maxRetries", &["retry", "Retried", "maxRetries"]);
        check("ClientSession", "class ClientSession(Client)", &["ClientSession"]);
        check("sess", "a session of sessions", &["session", "sessions"]);
        check("", "a session", &[]);
    }
}
