//! The words of a query and the terms that they ask for.

use crate::analysis::{Analyzer, Role};

/// English words that carry no meaning in a question about code. They are dropped unless nothing else is left.
const STOP_WORDS: &[&str] = &[
    "a",
    "about",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "been",
    "being",
    "between",
    "by",
    "can",
    "code",
    "could",
    "did",
    "do",
    "does",
    "doing",
    "during",
    "each",
    "find",
    "for",
    "from",
    "had",
    "has",
    "have",
    "how",
    "i",
    "if",
    "implementation",
    "implemented",
    "in",
    "inside",
    "into",
    "is",
    "it",
    "its",
    "me",
    "my",
    "of",
    "on",
    "or",
    "our",
    "should",
    "show",
    "so",
    "some",
    "such",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "through",
    "to",
    "up",
    "us",
    "using",
    "via",
    "want",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "why",
    "will",
    "with",
    "within",
    "work",
    "works",
    "would",
    "you",
    "your",
];

/// One term that a query asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryTerm {
    /// The term as the index has it; a prefix of terms when `prefix`.
    pub term: String,
    /// What it is in its word.
    pub role: TermRole,
    /// How often the query has it.
    pub count: u32,
    /// The word it comes from.
    pub word: usize,
}

/// What a query's term stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermRole {
    /// A whole name of several parts.
    Whole,
    /// One part of such a name.
    Part,
    /// A word of a single part.
    Single,
    /// The beginning of a word that is still being typed.
    Prefix,
}

/// A query, taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParsedQuery {
    /// Each word that is not a stop word: its parts joined in lower case, not stemmed.
    pub words: Vec<String>,
    /// The same words as they were written, when a capital tells that the writer minds the case; empty otherwise.
    pub spelled: Vec<String>,
    /// Where each word stands in the query: bytes.
    pub ranges: Vec<std::ops::Range<usize>>,
    /// Whether the word looks like an identifier: several parts, or written with capitals, underscores or digits.
    pub identifiers: Vec<bool>,
    /// The terms, each once.
    pub terms: Vec<QueryTerm>,
    /// Whether the query speaks of tests.
    pub about_tests: bool,
    /// Whether the query speaks of documentation.
    pub about_docs: bool,
}

/// Where a word stands in the query, and its terms.
type RawWord = (std::ops::Range<usize>, Vec<(String, Role)>);

/// Takes `query` apart; with `prefix` its last word is one being typed.
pub fn parse(query: &str, prefix: bool) -> ParsedQuery {
    let mut raw: Vec<RawWord> = Vec::new();
    Analyzer::default().terms(query, |term, role, range| match raw.last_mut() {
        Some((last, terms)) if *last == range => terms.push((term.to_string(), role)),
        _ => raw.push((range, vec![(term.to_string(), role)])),
    });
    let is_stop = |range: &std::ops::Range<usize>| {
        STOP_WORDS.binary_search(&query[range.clone()].to_lowercase().as_str()).is_ok()
    };
    let typing = prefix && query.chars().next_back().is_some_and(|char| char.is_alphanumeric() || char == '_');
    let last = raw.len().saturating_sub(1);
    let meaningful = raw.iter().any(|(range, _)| !is_stop(range));
    let mut parsed = ParsedQuery::default();
    for (ordinal, (range, terms)) in raw.into_iter().enumerate() {
        let text = &query[range.clone()];
        if meaningful && is_stop(&range) && !(typing && ordinal == last) {
            continue;
        }
        let word = parsed.words.len();
        parsed.ranges.push(range.clone());
        let spelled = text.replace('_', "");
        let joined = spelled.to_lowercase();
        parsed.about_docs |= matches!(
            joined.as_str(),
            "readme"
                | "docs"
                | "documentation"
                | "changelog"
                | "guide"
                | "tutorial"
                | "manual"
                | "license"
                | "contributing"
        );
        parsed.about_tests |= matches!(
            joined.as_str(),
            "test" | "tests" | "testing" | "spec" | "specs" | "fixture" | "fixtures" | "mock" | "mocks"
        );
        let has_hump = text.chars().skip(1).any(char::is_uppercase) && text.chars().any(char::is_lowercase);
        parsed.identifiers.push(terms.len() > 1 || text.contains('_') || has_hump);
        for (term, role) in terms {
            let role = match role {
                Role::Whole => TermRole::Whole,
                Role::Part => TermRole::Part,
                Role::Single => TermRole::Single,
            };
            match parsed.terms.iter_mut().find(|known| known.term == term && known.role != TermRole::Prefix) {
                Some(known) => known.count += 1,
                None => parsed.terms.push(QueryTerm { term, role, count: 1, word }),
            }
        }
        if typing && ordinal == last {
            parsed.terms.push(QueryTerm { term: joined.clone(), role: TermRole::Prefix, count: 1, word });
        }
        parsed.spelled.push(if spelled == joined { String::new() } else { spelled });
        parsed.words.push(joined);
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, prefix: bool, expect: &str) {
        let parsed = parse(query, prefix);
        let terms: Vec<String> = parsed
            .terms
            .iter()
            .map(|term| format!("{}{}", term.term, if term.role == TermRole::Prefix { "*" } else { "" }))
            .collect();
        assert_eq!(terms.join(" "), expect, "{query:?}");
    }

    #[test]
    fn stop_words_are_in_order() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn queries_become_terms() {
        check("where are retries handled", false, "retri handl");
        check("ClientSession", false, "clientsession client session");
        check("how to", false, "how to");
        check("retry retry", false, "retri");
        check("", true, "");
        check("  ", true, "");
        check("client sess", true, "client sess sess*");
        check("client sess ", true, "client sess");
        check("?!+", false, "");
    }
}
