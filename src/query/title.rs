//! How well the name of a file fits a query. A file is called after what it is about: `cookies.py`, `auth.rs`, `compose.ts`.
//!
//! The terms of the path in the index say which files *hold* a word of the query in their path. This says how much of the file's name the query explains:
//! `cookies.py` is a better answer to "how are cookies stored" than `cookie_policy_parser.py`. And since names of files are short forms, a word of
//! the query also matches the part of a name that it begins with, or shares most of its letters with (`auth` and *authentication*, `compose` and *composition*).

use super::parse::{ParsedQuery, TermRole};
use crate::analysis::{Analyzer, Role};

/// Names that say nothing: the folder is the name then.
const PLACEHOLDERS: &[&str] = &["__init__", "__main__", "index", "init", "lib", "main", "mod"];

/// Letters that a short form must have in common with the word.
const MIN_SHARED: usize = 4;

/// A query made ready to be held against many names.
pub struct Titles<'a> {
    query: &'a ParsedQuery,
    word_idf: &'a [f32],
    idf_sum: f32,
    near: f32,
    analyzer: Analyzer,
    parts: Vec<String>,
}

impl<'a> Titles<'a> {
    /// Names for `query`, whose words' rarities are `word_idf`, `idf_sum` together; a short form counts `near` times as much as the word itself.
    pub fn new(query: &'a ParsedQuery, word_idf: &'a [f32], idf_sum: f32, near: f32) -> Self {
        Self { query, word_idf, idf_sum, near, analyzer: Analyzer::default(), parts: Vec::new() }
    }

    /// How well the name of the file at `path` fits, from 0 to 1: the share of the query's rarity that stands in the name, times the share of the name that the query explains.
    pub fn fit(&mut self, path: &str) -> f32 {
        let parts = &mut self.parts;
        parts.clear();
        self.analyzer.terms(title(path), |term, role, _| {
            if role != Role::Whole {
                parts.push(term.to_string());
            }
        });
        if parts.is_empty() {
            return 0.0;
        }
        let mut words = [0f32; 32];
        let mut explained = 0.0;
        for part in parts.iter() {
            let mut best = 0f32;
            for term in &self.query.terms {
                let fit = match term.role {
                    TermRole::Part | TermRole::Single if term.term == *part => 1.0,
                    TermRole::Part | TermRole::Single if is_short_form(part, &term.term) => self.near,
                    _ => continue,
                };
                best = best.max(fit);
                if let Some(word) = words.get_mut(term.word) {
                    *word = word.max(fit);
                }
            }
            explained += best;
        }
        let held: f32 = self.word_idf.iter().zip(words).map(|(idf, fit)| idf * fit).sum();
        held / self.idf_sum * explained / parts.len() as f32
    }
}

/// The part of a path that says what the file is about.
fn title(path: &str) -> &str {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or(name);
    if PLACEHOLDERS.contains(&stem) && !folders.is_empty() {
        folders.rsplit('/').next().unwrap_or(folders)
    } else {
        stem
    }
}

/// Whether one is the beginning of the other, or they share their beginning but for an ending of each.
fn is_short_form(part: &str, word: &str) -> bool {
    let shared = part.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    let left = part.len() - shared;
    (left == 0 && shared >= MIN_SHARED) || (left <= 2 && shared >= MIN_SHARED + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse::parse;

    #[test]
    fn names_that_the_query_explains_fit() {
        let query = parse("how are cookies stored by authentication", false);
        let mut titles = Titles::new(&query, &[1.0; 3], 3.0, 0.5);
        assert_eq!(titles.fit("src/cookies.py"), 1.0 / 3.0);
        assert_eq!(titles.fit("src/cookie_policy.py"), 1.0 / 6.0);
        assert_eq!(titles.fit("src/auth/mod.rs"), 0.5 * 0.5 / 3.0);
        assert_eq!(titles.fit("src/author.rs"), 0.0);
        assert_eq!(titles.fit("src/other.rs"), 0.0);
    }
}
