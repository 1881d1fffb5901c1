//! Every place where a pattern stands: complete and exact, whatever the index leaves out.
//!
//! The dictionary says which chunks can hold the pattern ([`super::prefilter`]); only their text is inflated and looked through, with as much around it as a match can
//! reach: its own length for a text, whole lines for a regex. Where the dictionary says nothing, everything is looked through.

use super::expression::Pattern;
use super::gather::Gather;
use super::literal::Literal;
use super::prefilter::{Demands, both, in_lines_of};
use super::regex::RegexEngine;
use super::source::LiveSegment;
use crate::error::{Error, Result};
use crate::limits;
use crate::segment::TextCache;
use std::ops::Range;

/// A place where a pattern stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Its file's ordinal in the segment.
    pub file: u32,
    /// First byte within the file.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Places in one segment, ordered by file and start.
pub type Occurrences = Vec<Occurrence>;

/// A pattern made ready.
pub struct Finder {
    kind: Kind,
    /// One of each list must be there.
    demands: Vec<Vec<Demands>>,
}

enum Kind {
    Literal(Box<Literal>),
    Regex { handle: u32 },
}

/// Where in a segment the places of a pattern can be, as the dictionary knows it.
pub struct Candidates {
    /// Chunks of which one holds a part of every place, ascending; none when that can be any.
    docs: Option<Vec<u32>>,
    /// For each file whether a place can be in it.
    files: Vec<bool>,
}

impl Candidates {
    /// Whether a place can be in this file.
    pub fn hold(&self, file: u32) -> bool {
        self.files[file as usize]
    }
}

/// What is looked through and by what means.
pub struct Search<'a, 'b> {
    /// The segments.
    pub sources: &'a [LiveSegment],
    /// Inflated text.
    pub cache: &'a mut TextCache,
    /// Where regexes are compiled and run.
    pub regex: Option<&'a mut (dyn RegexEngine + 'b)>,
    /// Text in bytes that was looked through, and inflated beside it, cached or not: the same for the same question.
    pub read_bytes: usize,
    /// Regexes to be released.
    handles: Vec<u32>,
}

impl<'a, 'b> Search<'a, 'b> {
    /// A search over `sources`.
    pub fn new(
        sources: &'a [LiveSegment],
        cache: &'a mut TextCache,
        regex: Option<&'a mut (dyn RegexEngine + 'b)>,
    ) -> Self {
        Self { sources, cache, regex, read_bytes: 0, handles: Vec::new() }
    }

    /// Makes a pattern ready.
    ///
    /// # Errors
    /// QUERY_INVALID with the column in the query, REGEX_TOO_LARGE, REGEX_UNAVAILABLE when there is no engine for regexes.
    pub fn prepare(&mut self, pattern: &Pattern, case: bool) -> Result<Finder> {
        if !pattern.regex {
            let demands = vec![vec![Demands::of(&pattern.text)]];
            return Ok(Finder { kind: Kind::Literal(Box::new(Literal::new(&pattern.text, case))), demands });
        }
        let engine = self.regex.as_deref_mut().ok_or(Error::RegexUnavailable)?;
        let compiled = engine.compile(&pattern.text, case).map_err(|error| match error {
            Error::Query { column, message } => Error::Query { column: column + pattern.column - 1, message },
            error => error,
        })?;
        self.handles.push(compiled.handle);
        let demands =
            compiled.required.iter().map(|list| list.iter().map(|text| Demands::of(text)).collect()).collect();
        Ok(Finder { kind: Kind::Regex { handle: compiled.handle }, demands })
    }

    /// The places of `finder` in the `wanted` files of source number `source`. Stops behind [`limits::MAX_OCCURRENCES`].
    pub fn find(&mut self, finder: &mut Finder, source: usize, wanted: &[bool]) -> Result<Occurrences> {
        let candidates = finder.candidates(&self.sources[source])?;
        let (mut found, mut gather) = (Vec::new(), Gather::default());
        for file in (0..wanted.len() as u32).filter(|&file| wanted[file as usize] && candidates.hold(file)) {
            gather.of(self.find_in(finder, source, file, &candidates, &mut found))?;
            if found.len() >= limits::MAX_OCCURRENCES {
                break;
            }
        }
        gather.done()?;
        Ok(found)
    }

    /// Adds the places of `finder` in one file to `found`, in order, up to [`limits::MAX_OCCURRENCES`] in all.
    pub fn find_in(
        &mut self,
        finder: &mut Finder,
        source: usize,
        file: u32,
        candidates: &Candidates,
        found: &mut Occurrences,
    ) -> Result<()> {
        let live = &self.sources[source];
        let first = found.len();
        let (mut text, mut pairs, mut gather) = (Vec::new(), Vec::new(), Gather::default());
        for range in finder.regions(live, file, candidates)? {
            text.clear();
            let start = match finder.kind {
                Kind::Literal(_) => {
                    let read = live.segment.append_text(file, range.start, range.end, self.cache, &mut text);
                    read.map(|()| range.start)
                }
                Kind::Regex { .. } => self.whole_lines(live, file, range, &mut text),
            };
            let Some(start) = gather.of(start)? else { continue };
            self.read_bytes += text.len() + limits::EXACT_BESIDE_BYTES;
            let mut take = |from: u32, to: u32| {
                found.push(Occurrence { file, start: start + from, end: start + to });
                found.len() < limits::MAX_OCCURRENCES
            };
            match &mut finder.kind {
                Kind::Literal(literal) => {
                    let len = literal.len() as u32;
                    literal.find(&text, |at| take(at as u32, at as u32 + len));
                }
                Kind::Regex { handle } => {
                    pairs.clear();
                    let engine = self.regex.as_deref_mut().ok_or(Error::RegexUnavailable)?;
                    engine.find(*handle, &text, limits::MAX_OCCURRENCES as u32, &mut pairs)?;
                    let _ = pairs.iter().all(|&(from, to)| take(from, to));
                }
            }
            if found.len() >= limits::MAX_OCCURRENCES {
                break;
            }
        }
        gather.done()?;
        // Regions may have been widened into one another.
        in_order(found, first);
        Ok(())
    }

    /// Reads `range` of a file, widened to whole lines; returns where it begins.
    fn whole_lines(&mut self, live: &LiveSegment, file: u32, range: Range<u32>, text: &mut Vec<u8>) -> Result<u32> {
        let len = live.segment.files.entries[file as usize].text_len;
        let (mut start, mut end, mut margin) = (range.start, range.end, 256u32);
        loop {
            let from = start.saturating_sub(margin);
            text.clear();
            live.segment.append_text(file, from, start, self.cache, text)?;
            if let Some(feed) = text.iter().rposition(|&byte| byte == b'\n') {
                start = from + feed as u32 + 1;
                break;
            }
            start = from;
            if from == 0 {
                break;
            }
            margin = margin.saturating_mul(2);
        }
        margin = 256;
        // A region that ends behind a line feed ends with a line.
        while end < len {
            let to = end.saturating_add(margin).min(len);
            text.clear();
            live.segment.append_text(file, end - 1, to, self.cache, text)?;
            if let Some(feed) = text.iter().position(|&byte| byte == b'\n') {
                end = end - 1 + feed as u32;
                break;
            }
            end = to;
            margin = margin.saturating_mul(2);
        }
        text.clear();
        live.segment.append_text(file, start, end, self.cache, text)?;
        Ok(start)
    }
}

impl Drop for Search<'_, '_> {
    fn drop(&mut self) {
        if let Some(engine) = self.regex.as_deref_mut() {
            self.handles.iter().for_each(|&handle| engine.release(handle));
        }
    }
}

/// Puts places from number `first` on in order, each once.
pub fn in_order(places: &mut Occurrences, first: usize) {
    let mut rest = places.split_off(first);
    crate::order::sort_by_key(&mut rest, |place| (place.file, place.start, place.end));
    rest.dedup();
    places.append(&mut rest);
}

impl Finder {
    /// Where in a segment its places can be.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first; SNAPSHOT_CORRUPT.
    pub fn candidates(&self, live: &LiveSegment) -> Result<Candidates> {
        let entries = &live.segment.files.entries;
        let (Some(mut docs), Some(unindexed)) = (self.docs(live)?, live.segment.unindexed()) else {
            return Ok(Candidates { docs: None, files: entries.iter().map(|entry| entry.text_len > 0).collect() });
        };
        docs.extend(unindexed);
        docs.sort_unstable();
        docs.dedup();
        let mut files = vec![false; entries.len()];
        docs.iter().for_each(|&doc| files[live.file_of[doc as usize] as usize] = true);
        Ok(Candidates { docs: Some(docs), files })
    }

    /// The ranges of a file in which a place can be, ascending.
    fn regions(&self, live: &LiveSegment, file: u32, candidates: &Candidates) -> Result<Vec<Range<u32>>> {
        let entry = &live.segment.files.entries[file as usize];
        let reach = match &self.kind {
            // Which of several overlapping places count depends on where one begins to look.
            Kind::Literal(literal) if literal.overlaps_itself() => u32::MAX,
            Kind::Literal(literal) => literal.len() as u32,
            // A regex reads whole lines, and every text that it requires is within its line.
            Kind::Regex { .. } => 0,
        };
        let whole = 0..entry.text_len;
        let Some(docs) = candidates.docs.as_ref().filter(|_| reach < u32::MAX) else { return Ok(vec![whole]) };
        let from = docs.partition_point(|&doc| doc < entry.first_chunk);
        let (mut regions, mut gather): (Vec<Range<u32>>, _) = (Vec::new(), Gather::default());
        for &doc in docs[from..].iter().take_while(|&&doc| doc < entry.first_chunk + entry.chunks) {
            let Some(row) = gather.of(live.segment.chunk(doc))? else { continue };
            let end = row.end.saturating_add(reach).min(entry.text_len);
            let start = row.start.saturating_sub(reach);
            match regions.last_mut() {
                Some(range) if start <= range.end => range.end = range.end.max(end),
                _ => regions.push(start..end),
            }
        }
        gather.done()?;
        Ok(regions)
    }

    /// Chunks of which one holds a part of every match, or none when that can be any.
    fn docs(&self, live: &LiveSegment) -> Result<Option<Vec<u32>>> {
        let mut best: Option<Vec<u32>> = None;
        for list in &self.demands {
            if list.is_empty() || list.iter().any(Demands::is_empty) {
                continue;
            }
            let mut docs = Vec::new();
            let mut bounded = true;
            for demands in list {
                match demands.chunks(live)? {
                    Some(more) => docs.extend(more),
                    None => bounded = false,
                }
            }
            if !bounded {
                continue;
            }
            docs.sort_unstable();
            docs.dedup();
            best = Some(match best {
                None => docs,
                Some(known) => both(known, docs, |docs, others| in_lines_of(live, docs, &others))?,
            });
        }
        Ok(best)
    }
}
