//! Makefiles: targets and variables.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Function, Macro, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["recipe", "text", "prerequisites"],
    declarations: &[
        declare("rule", Function).name(Name::Child("targets")).body(&["recipe"]),
        declare("variable_assignment", Variable).body(&[]),
        declare("shell_assignment", Variable).body(&[]),
        declare("define_directive", Macro).body(&[]),
    ],
    ..Rules::NONE
};
