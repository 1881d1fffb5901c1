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

/// The places of one pattern in one segment, ordered by file and start.
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

/// What is looked through and by what means.
pub struct Search<'a, 'b> {
    /// The segments.
    pub sources: &'a [LiveSegment],
    /// Inflated text.
    pub cache: &'a mut TextCache,
    /// Where regexes are compiled and run.
    pub regex: Option<&'a mut (dyn RegexEngine + 'b)>,
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
        Self { sources, cache, regex, handles: Vec::new() }
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

    /// The places of `finder` in the files of source number `source` that are alive and `wanted`. Stops behind `limit` places.
    pub fn find(
        &mut self,
        finder: &mut Finder,
        source: usize,
        limit: usize,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Occurrences> {
        let live = &self.sources[source];
        let regions = finder.regions(live, wanted)?;
        let mut found = Vec::new();
        let (mut text, mut pairs, mut gather) = (Vec::new(), Vec::new(), Gather::default());
        for (file, range) in regions {
            text.clear();
            let start = match finder.kind {
                Kind::Literal(_) => {
                    let read = live.segment.append_text(file, range.start, range.end, self.cache, &mut text);
                    read.map(|()| range.start)
                }
                Kind::Regex { .. } => self.whole_lines(live, file, range, &mut text),
            };
            let Some(start) = gather.of(start)? else { continue };
            let mut take = |from: u32, to: u32| {
                found.push(Occurrence { file, start: start + from, end: start + to });
                found.len() < limit
            };
            match &mut finder.kind {
                Kind::Literal(literal) => {
                    let len = literal.len() as u32;
                    literal.find(&text, |at| take(at as u32, at as u32 + len));
                }
                Kind::Regex { handle } => {
                    pairs.clear();
                    let engine = self.regex.as_deref_mut().ok_or(Error::RegexUnavailable)?;
                    engine.find(*handle, &text, limit.min(u32::MAX as usize) as u32, &mut pairs)?;
                    let _ = pairs.iter().all(|&(from, to)| take(from, to));
                }
            }
            if found.len() >= limit {
                break;
            }
        }
        gather.done()?;
        // Regions of one file may have been widened into one another.
        crate::order::sort_by_key(&mut found, |occurrence| (occurrence.file, occurrence.start, occurrence.end));
        found.dedup();
        Ok(found)
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

impl Finder {
    /// The ranges of files in which a match can be, ascending.
    fn regions(&self, live: &LiveSegment, wanted: &dyn Fn(u32) -> bool) -> Result<Vec<(u32, Range<u32>)>> {
        let entries = &live.segment.files.entries;
        let wanted = |file: u32| !live.dead[file as usize] && wanted(file);
        let (Some(docs), Some(unindexed)) = (self.docs(live)?, live.segment.unindexed()) else {
            let all = (0..entries.len() as u32).filter(|&file| wanted(file) && entries[file as usize].text_len > 0);
            return Ok(all.map(|file| (file, 0..entries[file as usize].text_len)).collect());
        };
        let reach = match &self.kind {
            // Which of several overlapping places count depends on where one begins to look.
            Kind::Literal(literal) if literal.overlaps_itself() => u32::MAX,
            Kind::Literal(literal) => literal.len() as u32,
            // A regex reads whole lines, and every text that it requires is within its line.
            Kind::Regex { .. } => 0,
        };
        let mut docs: Vec<u32> = docs.iter().chain(unindexed).copied().collect();
        docs.sort_unstable();
        docs.dedup();
        let (mut regions, mut gather): (Vec<(u32, Range<u32>)>, _) = (Vec::new(), Gather::default());
        for doc in docs {
            let file = live.file_of[doc as usize];
            if !wanted(file) {
                continue;
            }
            let Some(row) = gather.of(live.segment.chunk(doc))? else { continue };
            let end = row.end.saturating_add(reach).min(entries[file as usize].text_len);
            let start = row.start.saturating_sub(reach);
            match regions.last_mut() {
                Some((last, range)) if *last == file && start <= range.end => range.end = range.end.max(end),
                _ => regions.push((file, start..end)),
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
