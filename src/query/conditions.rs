//! What must hold of a hit: the clauses of the query and the filters of the call, decided before anything is ranked or cut.

use super::expression::{Atom, Expression, Test};
use super::filter::Filter;
use super::gather::Gather;
use super::occurrences::{Occurrence, Search};
use super::source::LiveSegment;
use super::symbol_match::NameQuery;
use crate::error::Result;
use crate::segment::files::FileEntry;
use std::ops::Range;

/// The conditions of one query over the segments that it was made for.
#[derive(Default)]
pub struct Conditions {
    /// For each segment and file whether it is alive and passes everything that is asked of files.
    pub files: Vec<Vec<bool>>,
    /// What was sought and found.
    pub evidence: Vec<Evidence>,
    clauses: Vec<Vec<(bool, Check)>>,
    restrict: bool,
}

/// Where something sought stands.
pub struct Evidence {
    /// Where it stands in the query: bytes.
    pub range: Range<usize>,
    /// For each segment the chunks, ascending, with the number of places and whether one is the name of a symbol.
    pub chunks: Vec<Vec<(u32, u32, bool)>>,
}

/// A pattern that is not looked for yet.
pub struct OpenPattern {
    /// Its number in the query.
    pub number: usize,
    clause: usize,
    atom: usize,
}

enum Check {
    /// For each segment the chunks that pass, ascending.
    Chunks(Vec<Vec<u32>>),
    /// Kinds of which one must be there.
    Kinds(Vec<u8>),
    File(Filter),
}

/// Which chunks of a file meet the conditions.
pub enum Meets {
    /// All.
    All,
    /// Those that say so.
    Some(Vec<bool>),
}

impl Meets {
    /// Whether all do.
    pub fn hold_all(&self) -> bool {
        matches!(self, Meets::All)
    }

    /// Whether chunk number `at` of the file does.
    pub fn hold(&self, at: usize) -> bool {
        match self {
            Meets::All => true,
            Meets::Some(chunks) => chunks[at],
        }
    }
}

impl Conditions {
    /// Decides what can be decided at once: the files, and where patterns, terms and symbols are.
    ///
    /// # Errors
    /// QUERY_INVALID, REGEX_TOO_LARGE, LIMIT_EXCEEDED, OPTION_INVALID, SNAPSHOT_CORRUPT.
    pub fn new(expression: &Expression, filter: &Filter, search: &mut Search) -> Result<Self> {
        Self::with_patterns(expression, filter, search, None)
    }

    /// The same without looking for patterns, which are put into `open`: until [`Self::supply`] is told where one stands, it stands nowhere.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn before_patterns(
        expression: &Expression,
        filter: &Filter,
        search: &mut Search,
        open: &mut Vec<OpenPattern>,
    ) -> Result<Self> {
        Self::with_patterns(expression, filter, search, Some(open))
    }

    fn with_patterns(
        expression: &Expression,
        filter: &Filter,
        search: &mut Search,
        mut open: Option<&mut Vec<OpenPattern>>,
    ) -> Result<Self> {
        let mut conditions = Self { restrict: !expression.clauses.is_empty(), ..Self::default() };
        let sources = search.sources;
        let mut file_filters = Vec::new();
        let mut rest = Vec::new();
        for clause in &expression.clauses {
            match &clause.any[..] {
                [Atom { negated, test }] if file_filter(test)?.is_some() => {
                    file_filters.extend(file_filter(test)?.map(|filter| (*negated, filter)))
                }
                _ => rest.push(clause),
            }
        }
        // Kinds take a look at every symbol of a file, so they come last.
        crate::order::sort_by_key(&mut rest, |clause| clause.any.iter().any(|atom| matches!(atom.test, Test::Kind(_))));
        for source in sources {
            let (entries, table) = (&source.segment.files.entries, &source.segment.files);
            let passes = |(file, entry): (usize, &FileEntry)| {
                !source.dead[file]
                    && filter.passes(entry, table)
                    && file_filters.iter().all(|(negated, filter)| filter.passes(entry, table) != *negated)
            };
            conditions.files.push(entries.iter().enumerate().map(passes).collect());
        }
        for clause in rest {
            let mut checks = Vec::new();
            for Atom { negated, test } in &clause.any {
                let check = match (test, &mut open) {
                    (Test::Text(number), Some(open)) => {
                        open.push(OpenPattern {
                            number: *number,
                            clause: conditions.clauses.len(),
                            atom: checks.len(),
                        });
                        Check::Chunks(vec![Vec::new(); sources.len()])
                    }
                    _ => conditions.check(test, *negated, expression, search)?,
                };
                checks.push((*negated, check));
            }
            conditions.clauses.push(checks);
        }
        Ok(conditions)
    }

    /// Whether something is sought, so that whatever meets the conditions is a hit.
    pub fn seeks(&self) -> bool {
        !self.evidence.is_empty()
    }

    /// Whether there is any condition in the query itself.
    pub fn restrict(&self) -> bool {
        self.restrict
    }

    /// Says in which chunks of a segment an open pattern stands: those of the file that is asked for next, ascending.
    pub fn supply(&mut self, open: &OpenPattern, segment: usize, docs: Vec<u32>) {
        if let (_, Check::Chunks(all)) = &mut self.clauses[open.clause][open.atom] {
            all[segment] = docs;
        }
    }

    /// Whether what meets them is what holds one pattern.
    pub fn are_one_pattern(&self) -> bool {
        matches!(&self.clauses[..], [clause] if matches!(clause[..], [(false, Check::Chunks(_))]))
    }

    fn check(&mut self, test: &Test, negated: bool, expression: &Expression, search: &mut Search) -> Result<Check> {
        let sources = search.sources;
        // What is missing is stated for all segments at once.
        let mut gather = Gather::default();
        let (range, chunks) = match test {
            Test::Kind(kinds) => return Ok(Check::Kinds(kinds.clone())),
            Test::Language(_) | Test::Path(_) => {
                return Ok(Check::File(file_filter(test)?.expect("it asks of a file")));
            }
            Test::Term(term) => {
                let mut all = Vec::new();
                for source in sources {
                    let mut docs = Vec::new();
                    if let Some(Some(entry)) = gather.of(source.segment.term(term))? {
                        gather.of(source.segment.chunk_postings(&entry, |doc, _| docs.push(doc)))?;
                    }
                    all.push(docs);
                }
                gather.done()?;
                return Ok(Check::Chunks(all));
            }
            Test::Text(number) => {
                let pattern = &expression.patterns[*number];
                let mut finder = search.prepare(pattern, expression.case)?;
                let mut all = Vec::new();
                for (at, source) in sources.iter().enumerate() {
                    let found = search.find(&mut finder, at, &self.files[at]);
                    let chunks = found.and_then(|found| chunks_of(source, &found));
                    let Some(chunks) = gather.of(chunks)? else { continue };
                    all.push(chunks.into_iter().map(|(doc, times)| (doc, times, false)).collect());
                }
                (pattern.range.clone(), all)
            }
            Test::Symbol(name) => {
                let mut query = NameQuery::new(name, expression.case);
                let mut all = Vec::new();
                for (at, source) in sources.iter().enumerate() {
                    let mut docs: Vec<(u32, u32, bool)> = Vec::new();
                    for (file, entry) in
                        source.segment.files.entries.iter().enumerate().filter(|(file, _)| self.files[at][*file])
                    {
                        for symbol in 0..entry.symbols {
                            if !query.may_fit(source.segment.symbol_letters(file as u32, symbol)?, false) {
                                continue;
                            }
                            let row = source.segment.symbol(file as u32, symbol)?;
                            let kind_fits = expression.kinds().is_none_or(|kinds| kinds.contains(&row.kind));
                            if kind_fits && query.fit(source, file as u32, symbol, row, false)?.is_some() {
                                docs.push((chunk_at(source, file as u32, row.name_start)?, 1, true));
                            }
                        }
                    }
                    crate::order::sort(&mut docs);
                    docs.dedup_by(|next, kept| {
                        let same = next.0 == kept.0;
                        kept.1 += u32::from(same);
                        same
                    });
                    all.push(docs);
                }
                (name.range.clone(), all)
            }
        };
        gather.done()?;
        let check = Check::Chunks(chunks.iter().map(|docs| docs.iter().map(|(doc, ..)| *doc).collect()).collect());
        if !negated {
            self.evidence.push(Evidence { range, chunks });
        }
        Ok(check)
    }

    /// The chunks of a segment that meet the conditions, as ranges of DocIds in order.
    pub fn ranges(&self, segment: usize, source: &LiveSegment) -> Result<Vec<Range<u32>>> {
        let (mut ranges, mut gather): (Vec<Range<u32>>, _) = (Vec::new(), Gather::default());
        let mut add = |docs: Range<u32>| match ranges.last_mut() {
            Some(last) if last.end == docs.start => last.end = docs.end,
            _ => ranges.push(docs),
        };
        for (file, entry) in
            source.segment.files.entries.iter().enumerate().filter(|(file, _)| self.files[segment][*file])
        {
            match gather.of(self.chunks(segment, source, file as u32))?.flatten() {
                None => {}
                Some(Meets::All) => add(entry.first_chunk..entry.first_chunk + entry.chunks),
                Some(Meets::Some(chunks)) => {
                    let met = (entry.first_chunk..).zip(chunks).filter(|(_, meets)| *meets);
                    met.for_each(|(doc, _)| add(doc..doc + 1));
                }
            }
        }
        gather.done()?;
        Ok(ranges)
    }

    /// The chunks of a file, which passes what is asked of files, that meet everything else; nothing when none does.
    pub fn chunks(&self, segment: usize, source: &LiveSegment, file: u32) -> Result<Option<Meets>> {
        let entry = &source.segment.files.entries[file as usize];
        if self.clauses.is_empty() {
            return Ok(Some(Meets::All));
        }
        let range = entry.first_chunk..entry.first_chunk + entry.chunks;
        let mut meets = vec![true; entry.chunks as usize];
        for checks in &self.clauses {
            let mut any = vec![false; meets.len()];
            for (negated, check) in checks {
                let holds: Vec<bool> = match check {
                    Check::File(filter) => vec![filter.passes(entry, &source.segment.files); any.len()],
                    Check::Chunks(docs) => {
                        let mut holds = vec![false; any.len()];
                        let docs = &docs[segment];
                        let from = docs.partition_point(|&doc| doc < range.start);
                        for &doc in docs[from..].iter().take_while(|&&doc| doc < range.end) {
                            holds[(doc - range.start) as usize] = true;
                        }
                        holds
                    }
                    Check::Kinds(kinds) => of_kinds(source, file, kinds)?,
                };
                any.iter_mut().zip(holds).for_each(|(any, holds)| *any |= holds != *negated);
            }
            meets.iter_mut().zip(any).for_each(|(meets, any)| *meets &= any);
            if !meets.contains(&true) {
                return Ok(None);
            }
        }
        Ok(Some(Meets::Some(meets)))
    }
}

/// The filter that a test of files is.
fn file_filter(test: &Test) -> Result<Option<Filter>> {
    Ok(match test {
        Test::Language(languages) => Some(Filter::new(languages, &[])?),
        Test::Path(glob) => Some(Filter::new(&[], std::slice::from_ref(glob))?),
        _ => None,
    })
}

/// Which chunks of a file are, or declare, a symbol of one of these kinds.
fn of_kinds(source: &LiveSegment, file: u32, kinds: &[u8]) -> Result<Vec<bool>> {
    let entry = &source.segment.files.entries[file as usize];
    let mut holds = vec![false; entry.chunks as usize];
    for (at, holds) in holds.iter_mut().enumerate() {
        let row = source.segment.chunk(entry.first_chunk + at as u32)?;
        let kind = row.symbol.map(|symbol| source.segment.symbol(file, symbol).map(|row| row.kind)).transpose()?;
        *holds = kinds.contains(&kind.unwrap_or(0));
    }
    for symbol in 0..entry.symbols {
        let row = source.segment.symbol(file, symbol)?;
        if kinds.contains(&row.kind) {
            holds[(chunk_at(source, file, row.name_start)? - entry.first_chunk) as usize] = true;
        }
    }
    Ok(holds)
}

/// The chunks in which places begin, with their number. The places are in order.
pub fn chunks_of(source: &LiveSegment, places: &[Occurrence]) -> Result<Vec<(u32, u32)>> {
    let (mut chunks, mut gather): (Vec<(u32, u32)>, _) = (Vec::new(), Gather::default());
    let mut last = (0, 0..0);
    for place in places {
        if last.0 != place.file || !last.1.contains(&place.start) {
            let chunk = chunk_at(source, place.file, place.start);
            let row = chunk.and_then(|doc| Ok((doc, source.segment.chunk(doc)?)));
            let Some((doc, row)) = gather.of(row)? else { continue };
            last = (place.file, row.start..row.end);
            if chunks.last().is_none_or(|&(known, _)| known != doc) {
                chunks.push((doc, 0));
            }
        }
        if let Some((_, times)) = chunks.last_mut() {
            *times += 1;
        }
    }
    gather.done()?;
    Ok(chunks)
}

/// The chunk that holds byte `at` of a file; the last one behind its end.
pub fn chunk_at(source: &LiveSegment, file: u32, at: u32) -> Result<u32> {
    let entry = &source.segment.files.entries[file as usize];
    let ends_before = |chunk: u32| source.segment.chunk(entry.first_chunk + chunk).map(|row| row.end <= at);
    Ok(entry.first_chunk + crate::order::partition_point(entry.chunks.saturating_sub(1), ends_before)?)
}
