//! The table of languages.
//!
//! Order matters in two ways: the first language that claims a name has it, and [`super::LanguageId`] is the position.

use super::rules::{Rules, go, javascript, python, rust, typescript};
use super::Language;

/// A language with a grammar.
const fn parsed(
    id: &'static str,
    grammar: &'static str,
    rules: &'static Rules,
    extensions: &'static [&'static str],
) -> Language {
    Language { id, extensions, filenames: &[], interpreters: &[], grammar: Some(grammar), rules }
}

/// A language without a grammar: known by name, cut into line windows.
const fn plain(id: &'static str, extensions: &'static [&'static str]) -> Language {
    Language { id, extensions, filenames: &[], interpreters: &[], grammar: None, rules: &Rules::NONE }
}

impl Language {
    const fn named(mut self, filenames: &'static [&'static str]) -> Self {
        self.filenames = filenames;
        self
    }

    const fn run_by(mut self, interpreters: &'static [&'static str]) -> Self {
        self.interpreters = interpreters;
        self
    }
}

/// Every language, in a fixed order.
pub fn all() -> &'static [Language] {
    LANGUAGES
}

const LANGUAGES: &[Language] = &[
    parsed("javascript", "javascript", &javascript::RULES, &["js", "mjs", "cjs", "es6"]).run_by(&["node", "nodejs", "bun"]),
    parsed("jsx", "javascript", &javascript::RULES, &["jsx"]),
    parsed("typescript", "typescript", &typescript::RULES, &["ts", "mts", "cts"]).run_by(&["deno", "ts-node", "tsx"]),
    parsed("tsx", "tsx", &typescript::RULES, &["tsx"]),
    parsed("python", "python", &python::RULES, &["py", "pyi", "pyw"])
        .named(&["sconstruct", "sconscript", "wscript"])
        .run_by(&["python", "pypy"]),
    parsed("rust", "rust", &rust::RULES, &["rs"]),
    parsed("go", "go", &go::RULES, &["go"]),
    plain("text", &["txt", "text", "rst", "adoc", "log"]).named(&["readme", "license", "licence", "copying", "authors", "notice", "changelog", "changes", "todo", "copyright"]),
];
