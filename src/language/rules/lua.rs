//! Lua: functions, tables with methods, and what a module assigns.

use super::{Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{Function, Method, Variable};

const FUNCTIONS: &[&str] = &["function_definition"];
const TARGET: Name = Name::Inside(&["variable_list", "name"]);

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::LUA,
    comments: &["comment"],
    wrappers: &["variable_declaration"],
    functions: FUNCTIONS,
    opaque: &["parameters", "string", "binary_expression", "dot_index_expression", "identifier", "variable_list"],
    declarations: &[
        declare("function_declaration", Function).name(Name::Path("name")),
        declare("assignment_statement", Function)
            .name(TARGET)
            .having_one(&["expression_list", "value"], FUNCTIONS)
            .body(&["expression_list", "value", "body"]),
        declare("assignment_statement", Variable).name(TARGET).body(&[]).within(Scope::Module),
        declare("field", Method).holding("value", FUNCTIONS).body(&["value", "body"]),
    ],
    ..Rules::NONE
};
