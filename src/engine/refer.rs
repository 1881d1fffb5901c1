//! Definitions, references, callers and callees of the open generation, with the text that shows them.

use super::index::{FoundSymbol, Index};
use crate::error::{Error, Result};
use crate::language::Role;
use crate::query::exact::{Shown, show};
use crate::query::refer::{Refer, Reference, SymbolAt, Wanted};
use crate::query::{Gather, LiveSegment};
use crate::segment::TextCache;

/// What is asked about a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Where it is declared.
    Definitions,
    /// What refers to it.
    References,
    /// What calls it.
    Callers,
    /// What it calls.
    Callees,
}

/// The symbols that are asked about: of a name, maybe in one file, or around a line.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// The name, maybe qualified: `route`, `Router.route`.
    pub name: Option<String>,
    /// Only those of this file.
    pub path: Option<String>,
    /// The line, from 0, of the file `path` that they stand at: the innermost around it.
    pub line: Option<u32>,
}

/// Which places are shown.
#[derive(Debug, Clone)]
pub struct Page {
    /// At most so many.
    pub limit: usize,
    /// The least confidence.
    pub confidence: f32,
    /// Where a page before ended: [`Referring::next`].
    pub from: Option<String>,
}

/// A place that refers to a symbol, or calls one, with what shows it.
#[derive(Debug, Clone)]
pub struct FoundReference {
    /// Path of the file.
    pub path: String,
    /// The name there.
    pub name: String,
    /// Its line, from 0.
    pub line: u32,
    /// Its column in UTF-16 units, from 0.
    pub column: u32,
    /// First byte of the name within the file.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// What it is there.
    pub role: Role,
    /// The text of the line.
    pub text: String,
    /// The innermost symbol that it stands in.
    pub within: Option<FoundSymbol>,
    /// What it most likely refers to; of what is called nothing, where the index does not have it.
    pub target: Option<FoundSymbol>,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
    /// Why.
    pub because: &'static str,
}

/// What was found about symbols.
#[derive(Debug, Clone, Default)]
pub struct Referring {
    /// The symbols that were asked about.
    pub definitions: Vec<FoundSymbol>,
    /// The places, ordered by path and place.
    pub references: Vec<FoundReference>,
    /// Where the next page starts; nothing when there is none.
    pub next: Option<String>,
    /// Whether all files that were looked through know their references.
    pub complete: bool,
}

impl Index {
    /// Asks about symbols. A page may have fewer places than its limit, and another behind it: no more than [`crate::limits::REFER_BYTES`] of text is read for one.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first; OPTION_INVALID for a cursor that is none; SNAPSHOT_CORRUPT.
    pub fn refer(&mut self, ask: Ask, which: &Which, page: &Page) -> Result<Referring> {
        self.calls.begin();
        let mut found = Referring { complete: true, ..Referring::default() };
        let place = which.path.as_ref().map(|path| self.find(path));
        if place == Some(None) {
            return Ok(found);
        }
        let place = place.flatten().map(|(segment, file)| (segment as u32, file));
        let mut wanted = Wanted {
            calls: ask == Ask::Callers,
            confidence: page.confidence,
            limit: page.limit,
            from: page.from.as_deref().map_or(Ok(Default::default()), from)?,
        };
        let (sources, cache) = (&self.live[..], &mut self.cache);
        let mut refer = Refer { sources, cache };
        let mut targets = match (&which.name, place, which.line) {
            (Some(name), ..) => refer.definitions(name)?,
            (None, Some((segment, file)), Some(line)) => refer.at_line(segment, file, line)?.into_iter().collect(),
            _ => Vec::new(),
        };
        targets.retain(|target| place.is_none_or(|place| place == (target.segment, target.file)));
        let mut gather = Gather::default();
        for target in &targets {
            let segment = &sources[target.segment as usize].segment;
            found.definitions.extend(gather.of(FoundSymbol::read(segment, target.file, target.symbol, refer.cache))?);
        }
        gather.done()?;
        let mut places: Vec<Reference> = Vec::new();
        match ask {
            Ask::Definitions => {}
            Ask::References | Ask::Callers => {
                let all = refer.references(&targets, &wanted)?;
                (places, found.complete) = (all.places, all.complete);
                found.next = all.next.map(next);
            }
            Ask::Callees => {
                for target in &targets {
                    // Of each file those before it are passed over.
                    if refer.path(target) < wanted.from.0.as_str() {
                        continue;
                    }
                    let all = refer.callees(target, &wanted)?;
                    found.complete &= all.complete;
                    wanted.limit -= all.places.len();
                    // A target may stand in another one.
                    if let Some(last) = all.places.last() {
                        wanted.from = (refer.path(target).to_owned(), last.word.start + 1);
                    }
                    places.extend(all.places);
                    if let Some(at) = all.next {
                        found.next = Some(next(at));
                        break;
                    }
                }
            }
        }
        for reference in places {
            found.references.extend(gather.of(shown(sources, refer.cache, &reference))?);
        }
        gather.done()?;
        Ok(found)
    }
}

/// A cursor: the byte and the path.
fn next((path, start): (String, u32)) -> String {
    [&start.to_string(), ":", &path].concat()
}

fn from(cursor: &str) -> Result<(String, u32)> {
    let parts = cursor.split_once(':').and_then(|(start, path)| Some((path.to_owned(), start.parse().ok()?)));
    parts.ok_or_else(|| Error::Option { option: "cursor", reason: "this is none".into() })
}

#[inline(never)]
fn shown(sources: &[LiveSegment], cache: &mut TextCache, reference: &Reference) -> Result<FoundReference> {
    let Reference { segment: number, file, word, .. } = *reference;
    let source = &sources[number as usize];
    let Shown { line, column, text, within: name, .. } = show(source, cache, file, word.start..word.end)?;
    let mut symbol = |at: SymbolAt| FoundSymbol::read(&sources[at.segment as usize].segment, at.file, at.symbol, cache);
    Ok(FoundReference {
        path: source.segment.files.entries[file as usize].path.clone(),
        name: text.get(name.0..name.1).unwrap_or_default().to_owned(),
        line,
        column,
        start: word.start,
        end: word.end,
        role: word.role,
        text,
        within: reference
            .within
            .map(|within| symbol(SymbolAt { segment: number, file, symbol: within }))
            .transpose()?,
        target: reference.target.map(symbol).transpose()?,
        confidence: reference.confidence,
        because: reference.because,
    })
}
