//! The languages: their names, how a file's language is found, and the rules of their declarations.
//!
//! A language is data: one entry of a table and one small file of rules. Nothing here parses; the rules are names of
//! nodes and fields, which [`crate::syntax`] resolves against a grammar once and then applies by number.

mod added;
mod detect;
mod embedded;
mod kind;
mod role;
pub mod rules;
mod table;

pub use added::{keep_all, refusal};
pub use detect::{detect, detect_with};
pub use embedded::{Embed, EmbedBy, embedded};
pub use kind::SymbolKind;
pub use role::Role;
pub use rules::Rules;
pub use table::all;

/// A language that files can be in.
#[derive(Debug)]
pub struct Language {
    /// The stable name: `typescript`, `csharp`.
    pub id: &'static str,
    /// File extensions in lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// Whole file names, in lower case.
    pub filenames: &'static [&'static str],
    /// Names of interpreters in a `#!` line, without version digits.
    pub interpreters: &'static [&'static str],
    /// Name of the grammar; `None` for languages that are cut into line windows.
    pub grammar: Option<&'static str>,
}

impl Language {
    /// What its declarations look like; empty where there is no grammar.
    ///
    /// No field of the table, so that who only lists languages has no rules linked in.
    pub fn rules(&self) -> &'static Rules {
        self.grammar.map_or(&Rules::NONE, Rules::of)
    }
}

/// The language with this id.
pub fn by_id(id: &str) -> Option<&'static Language> {
    all().iter().find(|language| language.id == id)
}
