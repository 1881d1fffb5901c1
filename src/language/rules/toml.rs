//! TOML: tables, and the keys before the first one.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::Key;

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["string", "inline_table"],
    declarations: &[
        declare("table", Key).name(Name::FirstChild).body(&[]),
        declare("table_array_element", Key).name(Name::FirstChild).body(&[]),
        declare("pair", Key).name(Name::FirstChild).body(&[]).within(Scope::Depth(1)),
    ],
    ..Rules::NONE
};
