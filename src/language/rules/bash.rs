//! Shell scripts.

use super::{Rules, Scope, declare, line, references};
use crate::language::SymbolKind::{Function, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::BASH,
    comments: &["comment"],
    wrappers: &["declaration_command"],
    opaque: &["command", "string", "raw_string", "heredoc_body", "word", "test_command", "concatenation", "pipeline"],
    lines: &[line(&["function"], "", "()", Function), line(&[], "function", "", Function)],
    declarations: &[
        declare("function_definition", Function),
        declare("variable_assignment", Variable).body(&[]).within(Scope::Depth(1)),
        declare("variable_assignment", Variable).body(&[]).under(&["declaration_command"]).within(Scope::Depth(2)),
    ],
    ..Rules::NONE
};
