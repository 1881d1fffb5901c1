//! What stands alone and what is shared.
//!
//! A file, and every declaration that is too large for one chunk, is a region: declarations of some size (majors) with runs
//! of everything else between them. A major that fits is a chunk; one that does not is a region in turn; a run is cut as a whole.
//! Runs too small to be worth a chunk join the major before or after. Regions wait on a list rather than on the stack: a
//! file can nest deeper than any stack.

use super::comment;
use super::cut::cut;
use super::{Chunk, ChunkOptions};
use crate::language::SymbolKind;
use crate::limits;
use crate::syntax::{Boundary, Outline, Tree};
use crate::text::{Span, is_blank, line_start};

/// What stands behind a declaration on its line and is at most this long belongs to it: `; // comment`.
const TRAILING_BYTES: usize = 160;

/// A part of a region.
#[derive(Clone, Copy, Debug)]
struct Segment {
    span: Span,
    /// The declaration, where it is a major.
    major: Option<u32>,
}

/// What is still to be done, the next one last.
enum Task {
    Region(Span, Option<u32>),
    Whole(Span, u32),
    Run(Span, Option<u32>),
}

/// A piece before it is numbered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub span: Span,
    /// The declaration that it is, or is a piece of.
    pub symbol: Option<u32>,
    /// The declaration that it lies in, or is.
    pub owner: Option<u32>,
}

pub(super) struct Plan<'t> {
    text: &'t str,
    outline: &'t Outline,
    options: ChunkOptions,
    boundaries: Vec<Boundary>,
    /// Children of each declaration; the last entry holds the outermost ones.
    children: Vec<Vec<u32>>,
    pieces: Vec<Piece>,
}

pub(super) fn chunk(text: &str, tree: Option<&Tree>, outline: &Outline, options: &ChunkOptions) -> Vec<Chunk> {
    number(outline, &Plan::new(text, tree, outline, *options).pieces())
}

fn boundaries(text: &str, tree: Option<&Tree>, outline: &Outline, options: &ChunkOptions) -> Vec<Boundary> {
    let mut boundaries = match tree {
        Some(tree) if text.len() as u32 > options.cut_bytes => tree.boundaries(text, options.cut_bytes / 4),
        _ => Vec::new(),
    };
    boundaries.extend(ends_of_long_docs(text, outline, options));
    in_order(boundaries)
}

/// Each place once, as what is least deep there.
fn in_order(mut boundaries: Vec<Boundary>) -> Vec<Boundary> {
    crate::order::sort_by_key(&mut boundaries, |boundary| (boundary.offset, boundary.depth));
    boundaries.dedup_by_key(|boundary| boundary.offset);
    boundaries
}

fn children(outline: &Outline) -> Vec<Vec<u32>> {
    let count = outline.declarations.len();
    let mut children = vec![Vec::new(); count + 1];
    for (index, declaration) in outline.declarations.iter().enumerate() {
        let parent = declaration.parent.map_or(count, |parent| (parent as usize).min(count));
        children[parent].push(index as u32);
    }
    children
}

/// Pieces in order as chunks: which piece of its declaration each is, and whether the docs stand in it.
pub(super) fn number(outline: &Outline, pieces: &[Piece]) -> Vec<Chunk> {
    let mut numbers = vec![0_u16; outline.declarations.len()];
    let chunk = |piece: &Piece| {
        let Piece { span, symbol, .. } = *piece;
        let Some(index) = symbol else { return Chunk { span, symbol, piece: 0, docs: None } };
        let declaration = &outline.declarations[index as usize];
        let start = declaration.signature.start;
        let mut piece = 0;
        if !(span.start <= start && start < span.end) {
            let emitted = &mut numbers[index as usize];
            *emitted = emitted.saturating_add(1);
            piece = *emitted;
        }
        Chunk { span, symbol, piece, docs: declaration.docs.filter(|docs| span.contains(*docs)) }
    };
    pieces.iter().map(chunk).collect()
}

/// Where declarations start whose docs fill a chunk by themselves: the best place to cut there is.
fn ends_of_long_docs(text: &str, outline: &Outline, options: &ChunkOptions) -> impl Iterator<Item = Boundary> {
    outline.declarations.iter().filter_map(move |declaration| {
        let docs = declaration.range.start - declaration.unit.start;
        (declaration.unit.len() > options.cut_bytes && docs >= options.target_bytes)
            .then(|| Boundary { offset: line_start(text, declaration.range.start as usize) as u32, depth: 0 })
    })
}

impl<'t> Plan<'t> {
    pub(super) fn new(text: &'t str, tree: Option<&Tree>, outline: &'t Outline, options: ChunkOptions) -> Self {
        let boundaries = boundaries(text, tree, outline, &options);
        Self { text, outline, options, boundaries, children: children(outline), pieces: Vec::new() }
    }

    /// The pieces of the whole text.
    pub(super) fn pieces(&mut self) -> Vec<Piece> {
        let len = self.text.len() as u32;
        self.pieces.reserve(len.div_ceil(self.options.target_bytes) as usize + self.outline.declarations.len() / 2);
        if len > 0 {
            self.run(Task::Region(Span::new(0, len), None));
        }
        std::mem::take(&mut self.pieces)
    }

    /// The pieces of a piece that is larger than the options now allow.
    pub(super) fn again(&mut self, piece: Piece) -> Vec<Piece> {
        self.run(Task::Region(piece.span, piece.owner));
        std::mem::take(&mut self.pieces)
    }

    /// Has what is cut from now on cut by other sizes.
    pub(super) fn set_options(&mut self, options: ChunkOptions) {
        self.options = options;
    }

    /// Makes every node a place to cut at, whatever its size.
    pub(super) fn refine(&mut self, tree: Option<&Tree>) {
        let finest = ChunkOptions { cut_bytes: 0, ..self.options };
        let mut all = boundaries(self.text, tree, &Outline::default(), &finest);
        all.extend(ends_of_long_docs(self.text, self.outline, &self.options));
        self.boundaries = in_order(all);
    }

    fn run(&mut self, first: Task) {
        let mut tasks = vec![first];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Region(span, owner) => {
                    let segments = self.segments(span, owner);
                    tasks.extend(segments.into_iter().rev().map(|segment| self.task(segment, owner)));
                }
                Task::Whole(span, symbol) => self.emit(span, Some(symbol), Some(symbol)),
                Task::Run(span, owner) => self.cut_run(span, owner),
            }
        }
    }

    fn task(&self, segment: Segment, owner: Option<u32>) -> Task {
        match segment.major {
            None => Task::Run(segment.span, owner),
            Some(major) if self.is_region(segment.span, major) => Task::Region(segment.span, Some(major)),
            Some(major) => Task::Whole(segment.span, major),
        }
    }

    /// Whether a declaration does not stand in one chunk: it is too large, or it only groups others.
    fn is_region(&self, span: Span, declaration: u32) -> bool {
        let kind = |index: u32| self.outline.declarations[index as usize].kind;
        let outer = kind(declaration);
        // A script groups its functions; an element as such is one thing.
        let groups = |child: u32| {
            outer.is_module() || outer == SymbolKind::Element && (kind(child).is_function() || kind(child).is_type())
        };
        span.len() > self.limit(declaration)
            || self.children[declaration as usize]
                .iter()
                .any(|child| groups(*child) && self.is_major(*child, Some(declaration)))
    }

    /// Size in bytes up to which a declaration stands whole.
    fn limit(&self, declaration: u32) -> u32 {
        let declaration = &self.outline.declarations[declaration as usize];
        let small = || {
            let text = declaration.range.of(self.text).as_bytes();
            text.iter().filter(|byte| **byte == b'\n').count() < limits::WHOLE_FUNCTION_LINES
        };
        let sizes = self.options.cut_bytes..=self.options.max_bytes;
        if declaration.kind.is_function() && sizes.contains(&declaration.unit.len()) && small() {
            self.options.max_bytes
        } else {
            self.options.cut_bytes
        }
    }

    fn limit_of(&self, segment: &Segment) -> u32 {
        segment.major.map_or(self.options.cut_bytes, |major| self.limit(major))
    }

    /// Whether a declaration has chunks of its own.
    fn is_major(&self, index: u32, owner: Option<u32>) -> bool {
        let declaration = &self.outline.declarations[index as usize];
        let size = declaration.unit.len();
        let lone = self.options.lone_bytes;
        // Functions in functions are part of what surrounds them unless they are large.
        if owner.is_some_and(|owner| self.outline.declarations[owner as usize].kind.is_function()) {
            return size >= lone.saturating_mul(2);
        }
        let documented = declaration.docs.is_some() && (declaration.kind.is_function() || declaration.kind.is_type());
        size >= lone || documented && size >= lone / 2
    }

    /// The majors of a region and the runs between them, in order; together they are the region.
    fn segments(&self, region: Span, owner: Option<u32>) -> Vec<Segment> {
        let children = &self.children[owner.map_or(self.outline.declarations.len(), |owner| owner as usize)];
        let mut majors: Vec<Segment> = Vec::new();
        for child in children {
            if !self.is_major(*child, owner) {
                continue;
            }
            let unit = self.outline.declarations[*child as usize].unit;
            let start = (line_start(self.text, unit.start as usize) as u32).max(region.start);
            let previous_end = majors.last().map_or(region.start, |last| last.span.end);
            // Declarations may share bytes (`struct A {…} a;`): the first one has them.
            if start >= previous_end && unit.end <= region.end && unit.end > start {
                majors.push(Segment { span: Span::new(start, unit.end), major: Some(*child) });
            }
        }
        for at in 0..majors.len() {
            let limit = majors.get(at + 1).map_or(region.end, |next| next.span.start);
            majors[at].span.end = self.extended_end(majors[at].span.end, limit);
        }
        self.joined(self.with_runs(region, majors), owner)
    }

    /// The end of a declaration with what belongs to it behind: the rest of its line, and blank lines.
    fn extended_end(&self, end: u32, limit: u32) -> u32 {
        let rest = &self.text[end as usize..limit as usize];
        // Some declarations hold their line feed: a section, a preprocessor's line.
        let at_line_start = self.text.as_bytes()[..end as usize].last() == Some(&b'\n');
        let line = if at_line_start { 0 } else { rest.find('\n').map_or(rest.len(), |feed| feed + 1) };
        let trailing = rest[..line].trim_ascii();
        let plain = trailing.trim_start_matches([';', ',', ')', ' ']);
        let mut taken = if line <= TRAILING_BYTES && (plain.is_empty() || comment::starts(plain)) {
            line
        } else {
            rest.len() - rest.trim_start_matches([';', ',']).len()
        };
        if taken == line {
            let blank = rest[taken..].len() - rest[taken..].trim_ascii_start().len();
            // Up to the start of the line that is not blank.
            taken += rest[taken..taken + blank].rfind('\n').map_or(0, |feed| feed + 1);
            if rest[taken..].trim_ascii().is_empty() {
                taken = rest.len();
            }
        }
        end + taken as u32
    }

    fn with_runs(&self, region: Span, majors: Vec<Segment>) -> Vec<Segment> {
        let mut segments = Vec::with_capacity(majors.len() * 2 + 1);
        let mut at = region.start;
        for major in majors {
            let mut major = major;
            if at < major.span.start {
                let run = Span::new(at, major.span.start);
                // A comment that closes a run announces what follows it.
                let tail = comment::closing(run.of(self.text)) as u32;
                if tail < self.options.lone_bytes && tail + major.span.len() <= self.limit_of(&major) {
                    major.span.start -= tail;
                }
            }
            if at < major.span.start {
                segments.push(Segment { span: Span::new(at, major.span.start), major: None });
            }
            at = major.span.end;
            segments.push(major);
        }
        if at < region.end {
            segments.push(Segment { span: Span::new(at, region.end), major: None });
        }
        segments
    }

    /// Joins the runs that are too small to the majors beside them.
    fn joined(&self, segments: Vec<Segment>, owner: Option<u32>) -> Vec<Segment> {
        let mut joined: Vec<Segment> = Vec::with_capacity(segments.len());
        // A run that goes to the major after it.
        let mut carried: Option<u32> = None;
        for (at, segment) in segments.iter().enumerate() {
            let mut segment = *segment;
            if let Some(start) = carried.take() {
                segment.span.start = start;
            }
            if segment.major.is_some() {
                joined.push(segment);
                continue;
            }
            let next = segments.get(at + 1);
            match self.side(segment.span, joined.last(), next, owner) {
                Side::Before => {
                    if let Some(last) = joined.last_mut() {
                        last.span.end = segment.span.end;
                    }
                }
                Side::After => carried = Some(segment.span.start),
                Side::Alone => joined.push(segment),
            }
        }
        joined
    }

    /// Where a run belongs.
    fn side(&self, run: Span, before: Option<&Segment>, after: Option<&Segment>, owner: Option<u32>) -> Side {
        let text = run.of(self.text);
        let blank = is_blank(text);
        let fits = |segment: Option<&Segment>| {
            segment.is_some_and(|segment| {
                let size = segment.span.len();
                let limit = self.limit_of(segment);
                size > limit || size + run.len() <= limit
            })
        };
        if run.len() < self.options.lone_bytes && comment::is_only(text) && fits(after) {
            return Side::After;
        }
        if !blank && run.len() >= self.options.tiny_bytes {
            return Side::Alone;
        }
        let is_head = owner.is_some_and(|owner| {
            let signature = self.outline.declarations[owner as usize].signature;
            run.start <= signature.start && signature.start < run.end
        });
        if is_head {
            let documented = owner.is_some_and(|owner| self.outline.declarations[owner as usize].docs.is_some());
            let bare = run.len() < self.options.tiny_bytes && !documented;
            return if bare && fits(after) { Side::After } else { Side::Alone };
        }
        let closes = text.bytes().all(|byte| byte.is_ascii_whitespace() || b"})];,".contains(&byte))
            || text.trim_ascii() == "end";
        if (blank || closes) && before.is_some() {
            // Even where it makes the chunk a little too large to stand whole: a bracket alone says nothing.
            return Side::Before;
        }
        // A declaration that is cut itself would give the run to its last member.
        let before_is_whole = before.is_some_and(|before| before.span.len() <= self.limit_of(before));
        match (fits(before), fits(after)) {
            (true, after) if before_is_whole || !after => Side::Before,
            (_, true) => Side::After,
            _ => Side::Alone,
        }
    }

    /// Cuts a run, and names each piece after the declaration that makes up most of it, else after its owner.
    fn cut_run(&mut self, span: Span, owner: Option<u32>) {
        let mut pieces = Vec::new();
        cut(self.text, span, &self.boundaries, &self.options, |piece| pieces.push(piece));
        for piece in pieces {
            let symbol = self.main_symbol(piece, owner).or(owner);
            self.emit(piece, symbol, owner);
        }
    }

    /// The small declaration that makes up more than half of a piece.
    fn main_symbol(&self, piece: Span, owner: Option<u32>) -> Option<u32> {
        let children = &self.children[owner.map_or(self.outline.declarations.len(), |owner| owner as usize)];
        let unit = |index: u32| self.outline.declarations[index as usize].unit;
        let first = children.partition_point(|child| unit(*child).start < piece.start);
        let inside = children[first..].iter().take_while(|child| unit(**child).start < piece.end);
        inside
            .copied()
            .filter(|child| unit(*child).end <= piece.end && unit(*child).len() * 2 > piece.len())
            .max_by_key(|child| unit(*child).len())
    }

    fn emit(&mut self, span: Span, symbol: Option<u32>, owner: Option<u32>) {
        self.pieces.push(Piece { span, symbol, owner });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
    Alone,
}
