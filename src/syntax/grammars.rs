//! Grammars and the parser.
//!
//! Grammars are registered at run time: linked natively, loaded as side modules in WebAssembly. One parser serves them all. A
//! parse is bounded by the number of its progress callbacks, which depend on the text and the grammar only: the same text
//! is refused everywhere or nowhere. A clock, where the host gives one, is the last resort.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use tree_sitter::{Language as TsLanguage, ParseOptions, ParseState, Parser};

use super::boundary::{self, Boundary};
use super::compile::Compiled;
use super::embedded::{self, Part};
use super::nesting;
use super::outline::Outline;
use super::walk;
use crate::language::Language;
use crate::limits;

/// Milliseconds since some fixed moment, from the host.
pub type Clock = Box<dyn Fn() -> u64>;

/// The grammars at hand, and the parser that uses them.
#[derive(Default)]
pub struct Grammars {
    clock: Option<Clock>,
    parser: Parser,
    grammars: HashMap<String, TsLanguage>,
    /// By language id, since two languages may share a grammar and not the rules.
    compiled: HashMap<&'static str, Rc<Compiled>>,
}

/// Why a grammar cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrammarProblem {
    /// It was made for a version of the parser that this one does not know.
    Abi {
        /// The version of the grammar.
        found: usize,
    },
}

impl GrammarProblem {
    /// The stable code of the problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Abi { .. } => "GRAMMAR_ABI",
        }
    }
}

/// Why there is no tree for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseRefusal {
    /// The grammar is not registered.
    NoGrammar,
    /// The text is larger than [`ParseBudget::max_bytes`].
    TooLarge,
    /// The parse took more than its budget.
    Deadline,
    /// The text is indented deeper than the grammar's scanner can remember ([`limits::MAX_INDENT_LEVELS`]).
    Depth,
}

impl ParseRefusal {
    /// The stable code of the refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoGrammar => "GRAMMAR_MISSING",
            Self::TooLarge => "FILE_TOO_LARGE",
            Self::Deadline => "PARSE_DEADLINE",
            Self::Depth => "PARSE_DEPTH",
        }
    }
}

/// How much work a parse may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBudget {
    /// Largest text in bytes.
    pub max_bytes: usize,
    /// Most progress callbacks, whatever the size.
    pub base_ticks: u64,
    /// Bytes for each of which one more progress callback may be taken; at least 1.
    pub bytes_per_tick: u64,
    /// Most milliseconds, whatever the size, where the host gave a clock. Single steps of some grammars take time in proportion to the text,
    /// which callbacks do not show; this stops what should have been stopped long before, so that it is far above what any sane text takes.
    pub base_millis: u64,
    /// Bytes for each of which one more millisecond may pass; at least 1.
    pub bytes_per_milli: u64,
}

impl Default for ParseBudget {
    fn default() -> Self {
        Self {
            max_bytes: limits::MAX_PARSE_BYTES as usize,
            base_ticks: limits::PARSE_BASE_TICKS,
            bytes_per_tick: limits::PARSE_BYTES_PER_TICK,
            base_millis: limits::PARSE_BASE_MILLIS,
            bytes_per_milli: limits::PARSE_BYTES_PER_MILLI,
        }
    }
}

/// The syntax tree of a text, with the rules of the text's language.
#[derive(Debug)]
pub struct Tree {
    tree: tree_sitter::Tree,
    compiled: Rc<Compiled>,
    /// Parts in other languages, in order.
    inner: Vec<(Part, Tree)>,
}

impl Tree {
    /// What `text` declares; `text` must be the text that was parsed.
    pub fn outline(&self, text: &str) -> Outline {
        let outer = walk::outline(&self.tree, text, &self.compiled);
        let inner = self.inner.iter().map(|(part, tree)| (part.span, tree.outline(part.span.of(text))));
        embedded::merge(outer, inner.collect())
    }

    /// Where `text` may be cut: the starts of all nodes whose parent is larger than `max_bytes`, those of each language in order.
    pub fn boundaries(&self, text: &str, max_bytes: u32) -> Vec<Boundary> {
        let mut found = boundary::boundaries(&self.tree, text, &self.compiled, max_bytes);
        for (part, tree) in self.inner.iter().filter(|(part, _)| part.span.len() > max_bytes) {
            let inside = tree.boundaries(part.span.of(text), max_bytes);
            found.extend(inside.into_iter().map(|boundary| Boundary {
                offset: boundary.offset + part.span.start,
                depth: boundary.depth + part.depth,
            }));
        }
        found
    }

    /// Whether some part of the text does not fit the grammar.
    pub fn has_error(&self) -> bool {
        self.tree.root_node().has_error()
    }

    #[cfg(test)]
    pub(super) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    #[cfg(test)]
    pub(super) fn raw(&self) -> &tree_sitter::Tree {
        &self.tree
    }
}

impl Grammars {
    /// No grammars yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a grammar under a name, replacing one of the same name.
    ///
    /// # Errors
    /// [`GrammarProblem::Abi`] when the parser cannot use it.
    pub fn register(&mut self, name: &str, grammar: TsLanguage) -> Result<(), GrammarProblem> {
        let found = grammar.abi_version();
        self.parser.set_language(&grammar).map_err(|_| GrammarProblem::Abi { found })?;
        self.compiled.clear();
        self.grammars.insert(name.to_owned(), grammar);
        Ok(())
    }

    /// Sets the clock by which [`ParseBudget::base_millis`] is measured; without one it has no effect.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    /// Whether a grammar of this name is registered.
    pub fn has(&self, name: &str) -> bool {
        self.grammars.contains_key(name)
    }

    /// Parses `text` as `language`, and the parts of it that are in other languages with their grammars, where those are registered.
    ///
    /// Text that does not fit the grammar is no error: its tree has error nodes.
    ///
    /// # Errors
    /// [`ParseRefusal`]; the text can then be cut into line windows.
    pub fn parse(
        &mut self,
        language: &'static Language,
        text: &str,
        budget: ParseBudget,
    ) -> Result<Tree, ParseRefusal> {
        let mut tree = self.parse_alone(language, text, budget)?;
        for part in embedded::parts(&tree.tree, text, &tree.compiled) {
            // A part that is refused stays text; parts of parts do.
            if let Ok(inner) = self.parse_alone(part.language, part.span.of(text), budget) {
                tree.inner.push((part, inner));
            }
        }
        Ok(tree)
    }

    fn parse_alone(
        &mut self,
        language: &'static Language,
        text: &str,
        budget: ParseBudget,
    ) -> Result<Tree, ParseRefusal> {
        if text.len() > budget.max_bytes.min(u32::MAX as usize) {
            return Err(ParseRefusal::TooLarge);
        }
        let grammar = language.grammar.and_then(|name| self.grammars.get(name)).ok_or(ParseRefusal::NoGrammar)?;
        if language
            .rules
            .indents
            .is_some_and(|indents| nesting::indent_levels(text, indents) > limits::MAX_INDENT_LEVELS)
        {
            return Err(ParseRefusal::Depth);
        }
        let compiled =
            self.compiled.entry(language.id).or_insert_with(|| Rc::new(Compiled::new(language.rules, grammar))).clone();
        self.parser.set_language(grammar).map_err(|_| ParseRefusal::NoGrammar)?;
        let tree = parse_within(&mut self.parser, text, budget, self.clock.as_deref()).ok_or(ParseRefusal::Deadline)?;
        Ok(Tree { tree, compiled, inner: Vec::new() })
    }
}

/// Progress callbacks between two looks at the clock.
const TICKS_PER_GLANCE: u64 = 16;

fn parse_within(
    parser: &mut Parser,
    text: &str,
    budget: ParseBudget,
    clock: Option<&dyn Fn() -> u64>,
) -> Option<tree_sitter::Tree> {
    let started = clock.map(|clock| (clock, clock()));
    let max_millis = budget.base_millis.saturating_add(text.len() as u64 / budget.bytes_per_milli.max(1));
    let mut ticks = budget.base_ticks.saturating_add(text.len() as u64 / budget.bytes_per_tick.max(1));
    // Asking the host for the time is dear, so it is asked now and then.
    let in_time = |ticks: u64| {
        started.is_none_or(|(clock, start)| {
            !ticks.is_multiple_of(TICKS_PER_GLANCE) || clock().saturating_sub(start) <= max_millis
        })
    };
    let mut tick = |_: &ParseState| match ticks.checked_sub(1) {
        Some(rest) if in_time(rest) => {
            ticks = rest;
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Break(()),
    };
    let bytes = text.as_bytes();
    let tree = parser.parse_with_options(
        &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
        None,
        Some(ParseOptions::new().progress_callback(&mut tick)),
    );
    // A parse that was stopped would otherwise be taken up again by the next one.
    parser.reset();
    tree
}
