//! R: what is assigned, and the classes and methods that calls define.

use super::{Declare, Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Class, Function, Method, Variable};

const FUNCTIONS: &[&str] = &["function_definition"];
const ASSIGNED: Declare = declare("binary_operator", Variable).name(Name::Unquoted("lhs")).body(&[]);
const FIRST_ARGUMENT: Name = Name::Inside(&["arguments", "argument", "value"]);

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    functions: FUNCTIONS,
    opaque: &["parameters", "string", "identifier", "extract_operator"],
    declarations: &[
        declare("binary_operator", Function)
            .name(Name::Unquoted("lhs"))
            .holding("rhs", FUNCTIONS)
            .body(&["rhs", "body"]),
        declare("binary_operator", Class)
            .name(Name::Unquoted("lhs"))
            .having(&["rhs", "function"])
            .saying(&["rhs", "function"], &["R6Class", "R6::R6Class", "setRefClass", "new_class", "S7::new_class"])
            .body(&["rhs", "arguments"]),
        ASSIGNED.having_one(&["operator"], &["<-", "=", "<<-"]).holding("lhs", &["identifier"]).within(Scope::Module),
        declare("call", Class).saying(&["function"], &["setClass", "setRefClass"]).name(FIRST_ARGUMENT).body(&[]),
        declare("call", Function)
            .saying(&["function"], &["setGeneric", "setMethod", "setValidity"])
            .name(FIRST_ARGUMENT)
            .body(&[]),
        declare("argument", Method).holding("value", FUNCTIONS).body(&["value", "body"]).at_least(60),
    ],
    ..Rules::NONE
};
