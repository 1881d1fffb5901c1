//! Regexes over lines of text, in linear time.
//!
//! Syntax and automata are those of the crates `regex-syntax` and `regex-automata`, without their Unicode tables: `\w`, `\d`, `\s` and `\b` are ASCII, `.`
//! and negated classes are any character. A regex sees one line at a time: nothing matches a line feed, `^` and `$` are the ends of a line.
//! Without regard to case, letters of every script stand for both cases in texts, ASCII letters also in classes.
//!
//! Everything is bounded: the size of the pattern, of the compiled regex, of the states made while searching, and the steps of a search.

#![forbid(unsafe_code)]

mod hir;
mod required;
mod rewrite;
#[cfg(target_arch = "wasm32")]
mod wasm;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::start;
use regex_automata::{Anchored, Input, MatchKind};

/// Pattern in bytes.
pub const MAX_PATTERN_BYTES: usize = 4096;
/// Compiled regex in bytes.
const MAX_NFA_BYTES: usize = 1 << 20;
/// States made while searching, in bytes.
const CACHE_BYTES: usize = 4 << 20;
/// Steps of a search for each byte of text: what a sensible regex needs is little more than one.
const STEPS_PER_BYTE: u64 = 32;
/// Steps of a search whatever its text.
const STEPS_AT_LEAST: u64 = 1 << 20;

/// Why a regex cannot be had or used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The pattern is wrong.
    Invalid {
        /// Where, from 1, in UTF-16 units.
        column: u32,
        /// What is wrong.
        message: String,
    },
    /// The regex would take too much memory.
    TooLarge(String),
    /// A search would take far longer than its text justifies.
    Costly,
}

/// A compiled regex.
pub struct Regex {
    forward: DFA,
    forward_cache: Cache,
    reverse: DFA,
    reverse_cache: Cache,
    required: Vec<Vec<String>>,
}

impl Regex {
    /// Compiles `pattern`; without `case`, upper and lower case are the same.
    ///
    /// # Errors
    /// Invalid or TooLarge.
    pub fn new(pattern: &str, case: bool) -> Result<Self, Problem> {
        if pattern.len() > MAX_PATTERN_BYTES {
            let message = format!("its pattern has {} bytes, {MAX_PATTERN_BYTES} are allowed", pattern.len());
            return Err(Problem::TooLarge(message));
        }
        let rewritten = rewrite::rewrite(pattern, case)?;
        let parsed = hir::parse(&rewritten.pattern).map_err(|message| Problem::Invalid { column: 1, message })?;
        let required = required::required(&parsed);
        let prepared = hir::prepare(&parsed, !rewritten.case);
        // The crate's error, as large as it is.
        #[allow(clippy::result_large_err)]
        let compile = |reverse| {
            let config = thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_NFA_BYTES)).reverse(reverse);
            let config = config.which_captures(thompson::WhichCaptures::None);
            thompson::Compiler::new().configure(config).build_from_hir(&prepared)
        };
        let too_large = |error: thompson::BuildError| match error.size_limit() {
            Some(_) => Problem::TooLarge(format!("it takes more than {} KiB once compiled", MAX_NFA_BYTES >> 10)),
            None => Problem::TooLarge(error.to_string()),
        };
        let forward = lazy(compile(false).map_err(too_large)?, MatchKind::LeftmostFirst)?;
        let reverse = lazy(compile(true).map_err(too_large)?, MatchKind::All)?;
        let (forward_cache, reverse_cache) = (forward.create_cache(), reverse.create_cache());
        Ok(Self { forward, forward_cache, reverse, reverse_cache, required })
    }

    /// Texts that every match holds, case aside: one of each list. U+0001 stands at an end of a text that no word goes on over.
    pub fn required(&self) -> &[Vec<String>] {
        &self.required
    }

    /// Appends the matches in `text`, whole lines, as byte ranges in order, none empty, at most `limit`.
    ///
    /// # Errors
    /// Costly.
    pub fn find(&mut self, text: &[u8], limit: usize, out: &mut Vec<(u32, u32)>) -> Result<(), Problem> {
        let mut budget = text.len() as u64 * STEPS_PER_BYTE + STEPS_AT_LEAST;
        let (mut at, mut found) = (0, 0);
        while at < text.len() && found < limit {
            let Some(end) = self.end_of_match(text, at, &mut budget)? else { break };
            let input = Input::new(text).span(at..end).anchored(Anchored::Yes);
            let half = self.reverse.try_search_rev(&mut self.reverse_cache, &input).map_err(|_| Problem::Costly)?;
            let start = half.map_or(end, |half| half.offset());
            if start < end {
                out.push((start as u32, end as u32));
                found += 1;
                at = end;
            } else {
                // Nothing can be shown of an empty match.
                at = end + 1;
            }
        }
        Ok(())
    }

    /// The end of the first match from `at` on. This is the forward search of `regex-automata`, with its steps counted.
    fn end_of_match(&mut self, text: &[u8], at: usize, budget: &mut u64) -> Result<Option<usize>, Problem> {
        let (dfa, cache) = (&self.forward, &mut self.forward_cache);
        let config = start::Config::new().look_behind(at.checked_sub(1).map(|before| text[before]));
        let mut state = dfa.start_state(cache, &config).map_err(|_| Problem::Costly)?;
        let mut end = None;
        let mut position = at;
        while position < text.len() {
            state = dfa.next_state(cache, state, text[position]).map_err(|_| Problem::Costly)?;
            if state.is_tagged() {
                if state.is_match() {
                    // A match is known one byte after its end.
                    end = Some(position);
                } else if state.is_dead() {
                    break;
                } else if state.is_quit() {
                    return Err(Problem::Costly);
                }
            }
            position += 1;
        }
        *budget = budget.checked_sub((position - at) as u64 + 16).ok_or(Problem::Costly)?;
        if position == text.len() {
            state = dfa.next_eoi_state(cache, state).map_err(|_| Problem::Costly)?;
            if state.is_match() {
                end = Some(text.len());
            }
        }
        Ok(end)
    }
}

fn lazy(nfa: NFA, kind: MatchKind) -> Result<DFA, Problem> {
    let config = DFA::config()
        .match_kind(kind)
        .cache_capacity(CACHE_BYTES)
        .skip_cache_capacity_check(true)
        // A search that makes a state for every few bytes is no faster than none at all.
        .minimum_cache_clear_count(Some(16))
        .minimum_bytes_per_state(Some(8));
    DFA::builder().configure(config).build_from_nfa(nfa).map_err(|error| Problem::TooLarge(error.to_string()))
}

#[cfg(test)]
mod tests;
