//! Grammars and the parser.
//!
//! Grammars are registered at run time: linked natively, loaded as side modules in WebAssembly. A file and its parts have a parser of their own: between two files
//! nothing of tree-sitter holds memory (see the arena of the crate `codequarry-grammars`).

use std::collections::HashMap;
use std::rc::Rc;

use tree_sitter::{Language as TsLanguage, Parser};

use super::boundary::{self, Boundary};
use super::budget::{Meter, ParseBudget};
use super::cards;
use super::compile::Compiled;
use super::damage;
use super::embedded::{self, Part};
use super::nesting;
use super::outline::Outline;
use super::unknown::unknown_names;
use super::walk;
use crate::language::{self, Language, Rules};
use crate::limits;

/// Milliseconds since some fixed moment, from the host.
pub type Clock = Box<dyn Fn() -> u64>;

/// The grammars at hand.
#[derive(Default)]
pub struct Grammars {
    clock: Option<Clock>,
    grammars: HashMap<String, TsLanguage>,
    /// By language id, since two languages may share a grammar and not the rules.
    compiled: HashMap<&'static str, Rc<Compiled>>,
    /// Languages besides those of the table.
    added: Vec<&'static Language>,
    /// Their rules, in the same order.
    added_rules: Vec<&'static Rules>,
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

/// The syntax tree of a text, with the rules of the text's language.
#[derive(Debug)]
pub struct Tree {
    tree: tree_sitter::Tree,
    compiled: Rc<Compiled>,
    #[cfg(feature = "trees")]
    grammar: &'static str,
    /// Parts in other languages, in order.
    inner: Vec<(Part, Tree)>,
}

impl Tree {
    /// What `text` declares; `text` must be the text that was parsed.
    pub fn outline(&self, text: &str) -> Outline {
        let outer = walk::outline(&self.tree, text, &self.compiled);
        let outer = damage::mend(outer, &self.tree, text, self.compiled.rules.lines);
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

    /// The trees as the parser made them, with the grammar and the bytes of each: the text's own, then those of its parts. `len` is the text's.
    #[cfg(feature = "trees")]
    pub fn raw_trees(&self, len: u32) -> impl Iterator<Item = (&'static str, crate::text::Span, &tree_sitter::Tree)> {
        let own = (self.grammar, crate::text::Span::new(0, len), &self.tree);
        let inner = self.inner.iter().map(|(part, tree)| (tree.grammar, part.span, &tree.tree));
        std::iter::once(own).chain(inner)
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
        Parser::new().set_language(&grammar).map_err(|_| GrammarProblem::Abi { found })?;
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

    /// Adds a language, in place of one of the same id. Its files are no other language's any more, and its grammar is to be registered afterwards.
    pub fn add_language(&mut self, language: &'static Language, rules: &'static Rules) {
        self.compiled.remove(language.id);
        if let Some(grammar) = language.grammar {
            self.grammars.remove(grammar);
        }
        match self.added.iter().position(|known| known.id == language.id) {
            Some(at) => (self.added[at], self.added_rules[at]) = (language, rules),
            None => {
                self.added.push(language);
                self.added_rules.push(rules);
            }
        }
    }

    /// The language of a file, from its path and its first bytes.
    pub fn detect(&self, path: &str, head: &[u8]) -> Option<&'static Language> {
        language::detect_with(&self.added, path, head)
    }

    /// Every language that parts of a file may be in, from its text: never less than its tree would tell.
    pub fn embedded(&self, language: &Language, text: &[u8]) -> Vec<&'static Language> {
        language::embedded(language, text, &self.added)
    }

    /// What the rules of an added language name that its grammar does not have; nothing where either is missing.
    pub fn unknown_names(&self, id: &str) -> Option<Vec<String>> {
        let language = self.added.iter().find(|language| language.id == id)?;
        Some(unknown_names(self.rules(language), self.grammars.get(language.grammar?)?))
    }

    fn rules(&self, language: &Language) -> &'static Rules {
        let added = self.added.iter().position(|known| known.id == language.id);
        added.map_or_else(|| language.rules(), |at| self.added_rules[at])
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
        // Taken out for the time of the parse, which needs the rest of this mutably.
        let clock = self.clock.take();
        let meter = Meter::start(budget, text.len(), clock.as_deref());
        let tree = self.parse_parts(&mut Parser::new(), language, text, budget.max_bytes, &meter);
        self.clock = clock;
        tree
    }

    fn parse_parts(
        &mut self,
        parser: &mut Parser,
        language: &'static Language,
        text: &str,
        max_bytes: usize,
        meter: &Meter<'_>,
    ) -> Result<Tree, ParseRefusal> {
        let mut tree = self.parse_alone(parser, language, text, max_bytes, meter)?;
        for part in embedded::parts(&tree.tree, text, &tree.compiled, &self.added) {
            match self.parse_alone(parser, part.language, part.span.of(text), max_bytes, meter) {
                Ok(inner) => tree.inner.push((part, inner)),
                Err(ParseRefusal::Deadline) => return Err(ParseRefusal::Deadline),
                // A part that is refused for another reason stays text; parts of parts do.
                Err(_) => {}
            }
        }
        Ok(tree)
    }

    fn parse_alone(
        &mut self,
        parser: &mut Parser,
        language: &'static Language,
        text: &str,
        max_bytes: usize,
        meter: &Meter<'_>,
    ) -> Result<Tree, ParseRefusal> {
        if text.len() > max_bytes.min(u32::MAX as usize) {
            return Err(ParseRefusal::TooLarge);
        }
        let grammar = language.grammar.and_then(|name| self.grammars.get(name)).ok_or(ParseRefusal::NoGrammar)?;
        let rules = self.rules(language);
        if rules.indents.is_some_and(|indents| nesting::indent_levels(text, indents) > limits::MAX_INDENT_LEVELS) {
            return Err(ParseRefusal::Depth);
        }
        let compiled =
            self.compiled.entry(language.id).or_insert_with(|| Rc::new(Compiled::new(rules, grammar))).clone();
        parser.set_language(grammar).map_err(|_| ParseRefusal::NoGrammar)?;
        let free = if rules.cards { cards::free_form(text) } else { text.into() };
        let tree = meter.parse(parser, &free).ok_or(ParseRefusal::Deadline)?;
        Ok(Tree {
            tree,
            compiled,
            #[cfg(feature = "trees")]
            grammar: language.grammar.unwrap_or_default(),
            inner: Vec::new(),
        })
    }
}
