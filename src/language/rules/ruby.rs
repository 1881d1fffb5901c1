//! Ruby.

use super::{Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{Class, Constant, Function, Method, Module};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::RUBY,
    comments: &["comment"],
    // `private def f`, `memoize def f`.
    wrappers: &["call", "argument_list"],
    functions: &["do_block", "block", "lambda"],
    opaque: &[
        "string",
        "regex",
        "symbol_array",
        "string_array",
        "method_parameters",
        "identifier",
        "constant",
        "simple_symbol",
        "heredoc_body",
        "superclass",
        "instance_variable",
    ],
    constructors: &["initialize"],
    declarations: &[
        declare("method", Method).under(&["body_statement"]),
        declare("method", Function),
        declare("singleton_method", Method),
        declare("class", Class).name(Name::Path("name")),
        declare("module", Module).name(Name::Path("name")),
        declare("assignment", Constant)
            .name(Name::Field("left"))
            .holding("left", &["constant"])
            .body(&[])
            .within(Scope::Static),
    ],
    ..Rules::NONE
};
