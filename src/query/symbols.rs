//! Symbol search: declarations by name, the best fit first: the name itself, names that begin so, names with a part that does, initials, typos.

use super::conditions::{Conditions, chunk_at};
use super::expression::{Atom, Expression, Test, symbol_name};
use super::filter::Filter;
use super::gather::Gather;
use super::occurrences::Search;
use super::present::{Hit, to_utf16};
use super::source::LiveSegment;
use super::symbol_match::{Fit, NameQuery};
use crate::error::{Error, Result};
use crate::language::SymbolKind;
use crate::segment::SymbolRow;

/// What a symbol search found.
pub struct Found {
    /// How many symbols fit.
    pub total: u32,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
    /// Symbols by segment and file, for counts.
    pub files: Vec<(u32, u32, u32)>,
}

/// A symbol that fits, and what it is ordered by.
struct Fitting {
    fit: Fit,
    /// Neither spelled as typed, nor in code proper, nor something with a name of its own: these step back, in this order.
    back: (bool, bool, bool),
    length: usize,
    segment: u32,
    file: u32,
    symbol: u32,
}

impl Fitting {
    /// What it is ordered by before paths decide, as one number: the larger, the better. Whole numbers below 2^24 are exact in it.
    fn rank(&self) -> f32 {
        let (spelled, place, member) = self.back;
        let back = u32::from(spelled) << 2 | u32::from(place) << 1 | u32::from(member);
        let length = self.length.min((1 << 18) - 1) as u32;
        -(((self.fit as u32) << 21 | back << 18 | length) as f32)
    }
}

/// Finds the symbols of the names in `expression`, its words or `symbol:`, and shows `limit` of them from `offset` on.
///
/// # Errors
/// QUERY_INVALID when the query has no name; those of [`super::search`].
pub fn search(
    expression: &Expression,
    filter: &Filter,
    search: &mut Search,
    offset: usize,
    limit: usize,
) -> Result<Found> {
    let mut expression = expression.clone();
    let mut names = Vec::new();
    // A name behind `symbol:` asks for the same as a bare one here, and more loosely than it does elsewhere.
    expression.clauses.retain(|clause| match &clause.any[..] {
        [Atom { negated: false, test: Test::Symbol(name) }] => {
            names.push(name.clone());
            false
        }
        _ => true,
    });
    let in_names = |at: usize| names.iter().any(|name| name.range.contains(&at));
    let words: Vec<String> = expression
        .words
        .split_whitespace()
        .filter(|word| !in_names(word.as_ptr() as usize - expression.words.as_ptr() as usize))
        .map(String::from)
        .collect();
    names.extend(words.iter().filter_map(|word| symbol_name(word, 0..0)));
    if names.is_empty() {
        return Err(Error::Query { column: 1, message: "symbol search needs a name, or a part of one".into() });
    }
    let kinds = expression.kinds().map(<[u8]>::to_vec);
    let conditions = Conditions::new(&expression, filter, search)?;
    let sources = search.sources;
    let mut queries: Vec<NameQuery> = names.iter().map(|name| NameQuery::new(name, expression.case)).collect();
    let loose = queries.len() == 1;
    let (mut found, mut gather) = (Vec::new(), Gather::default());
    for (segment, source) in sources.iter().enumerate() {
        for (file, entry) in
            source.segment.files.entries.iter().enumerate().filter(|(file, _)| conditions.files[segment][*file])
        {
            if entry.symbols == 0 {
                continue;
            }
            let Some(Some(meets)) = gather.of(conditions.chunks(segment, source, file as u32))? else { continue };
            for symbol in 0..entry.symbols {
                let Some(letters) = gather.of(source.segment.symbol_letters(file as u32, symbol))? else { continue };
                if queries.iter().any(|query| !query.may_fit(letters, loose)) {
                    continue;
                }
                let Some(row) = gather.of(source.segment.symbol(file as u32, symbol))? else { continue };
                if kinds.as_ref().is_some_and(|kinds| !kinds.contains(&row.kind)) {
                    continue;
                }
                let Some(fit) = worst_fit(&mut queries, source, file as u32, symbol, row, loose)? else { continue };
                if !meets.hold_all() {
                    let chunk = chunk_at(source, file as u32, row.name_start)?;
                    if !meets.hold((chunk - entry.first_chunk) as usize) {
                        continue;
                    }
                }
                let place = source.places[file];
                let spelled = queries.iter().any(|query| query.is_spelled(&row.name));
                found.push(Fitting {
                    fit,
                    back: (!spelled, place.test || place.aside || place.prose, is_member(row.kind)),
                    length: row.name.len(),
                    segment: segment as u32,
                    file: file as u32,
                    symbol,
                });
            }
        }
    }
    gather.done()?;
    let path = |fitting: &Fitting| {
        sources[fitting.segment as usize].segment.files.entries[fitting.file as usize].path.as_str()
    };
    let mut files: Vec<(u32, u32, u32)> = Vec::new();
    for Fitting { segment, file, .. } in &found {
        match files.last_mut() {
            Some((s, f, count)) if (*s, *f) == (*segment, *file) => *count += 1,
            _ => files.push((*segment, *file, 1)),
        }
    }
    let total = found.len() as u32;
    // Of many that fit only those are put in order that can be shown; who ties with the last of them stays until paths decide.
    if found.len() > offset + limit {
        let last = crate::order::nth_largest(found.iter().map(Fitting::rank), offset + limit);
        found.retain(|fitting| fitting.rank() >= last);
    }
    crate::order::sort_by(&mut found, |a, b| {
        (a.fit, a.back, a.length)
            .cmp(&(b.fit, b.back, b.length))
            .then_with(|| path(a).cmp(path(b)))
            .then(a.symbol.cmp(&b.symbol))
    });
    let mut hits = Vec::new();
    for fitting in found.iter().skip(offset).take(limit) {
        hits.extend(gather.of(hit(sources, search, fitting))?);
    }
    gather.done()?;
    Ok(Found { total, hits, files })
}

/// How well a symbol fits all the names: as its own or, for all but one, as names around it or further parts of its name.
fn worst_fit(
    queries: &mut [NameQuery],
    source: &LiveSegment,
    file: u32,
    symbol: u32,
    row: &SymbolRow,
    loose: bool,
) -> Result<Option<Fit>> {
    let mut worst = Fit::Exact;
    for query in queries {
        match query.fit(source, file, symbol, row, loose)? {
            Some(fit) => worst = worst.max(fit),
            None => return Ok(None),
        }
    }
    Ok(Some(worst))
}

fn is_member(kind: u8) -> bool {
    SymbolKind::from_number(kind).is_none_or(SymbolKind::is_member)
}

/// The score that stands for a fit: comparable within one result only.
fn score(fit: Fit) -> f32 {
    match fit {
        Fit::Exact => 1.0,
        Fit::Prefix => 0.8,
        Fit::Part => 0.6,
        Fit::Initials => 0.4,
        Fit::Typo => 0.2,
    }
}

/// A symbol as a hit: its signature with the name marked.
fn hit(sources: &[LiveSegment], search: &mut Search, fitting: &Fitting) -> Result<Hit> {
    let Fitting { fit, segment, file, symbol, .. } = *fitting;
    let segment = &*sources[segment as usize].segment;
    let entry = &segment.files.entries[file as usize];
    let row = segment.symbol(file, symbol)?;
    let (start, end) = (row.signature_start, row.signature_end.max(row.signature_start));
    let text = segment.text(file, start, end, search.cache)?;
    let name = row.name_start.checked_sub(start).map(|at| (at as usize, at as usize + row.name.len()));
    let name = name.filter(|&(from, to)| text.get(from..to) == Some(row.name.as_str()));
    Ok(Hit {
        id: format!("{}@{}-{}", entry.path, row.start, row.end),
        path: entry.path.clone(),
        language: segment.files.languages[entry.language as usize].clone(),
        kind: SymbolKind::from_number(row.kind).ok_or(Error::Corrupt("a symbol has an unknown kind"))?.as_str(),
        symbol: Some(row.name.clone()),
        parents: segment.parents(file, symbol)?,
        start_line: row.start_line + 1,
        end_line: row.end_line + 1,
        start_byte: row.start,
        end_byte: row.end,
        column: None,
        score: score(fit),
        matches: to_utf16(&text, &name.into_iter().collect::<Vec<_>>()),
        text: Some(text),
        snippet: None,
        explain: Vec::new(),
    })
}
