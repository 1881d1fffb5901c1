//! Perl: packages, each up to the next, and what they hold.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Class, Function, Module, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "pod"],
    wrappers: &["expression_statement", "assignment_expression"],
    functions: &["anonymous_subroutine_expression"],
    opaque: &["use_statement", "signature", "string_literal", "interpolated_string_literal", "list_expression"],
    declarations: &[
        declare("package_statement", Module).body(&["block"]).with_body(),
        declare("package_statement", Module).body(&[]).open_ended(),
        declare("class_statement", Class).body(&["block"]).with_body(),
        declare("class_statement", Class).body(&[]).open_ended(),
        declare("subroutine_declaration_statement", Function),
        declare("method_declaration_statement", Function),
        declare("variable_declaration", Variable).name(Name::Inside(&["variable"])).body(&[]).within(Scope::Module),
    ],
    ..Rules::NONE
};
