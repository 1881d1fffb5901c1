//! HCL: blocks by their type and labels, and the attributes of files that have no blocks.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Struct, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["expression"],
    declarations: &[
        declare("block", Struct).name(Name::BeforeBody).body(&["block_start"]),
        declare("attribute", Variable).name(Name::FirstChild).body(&[]).within(Scope::Depth(2)),
    ],
    ..Rules::NONE
};
