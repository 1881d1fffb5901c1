//! Python.

use super::{Indents, Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{Class, Field, Function, Type, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::PYTHON,
    comments: &["comment"],
    attributes: &["decorator"],
    wrappers: &["decorated_definition", "expression_statement"],
    functions: &["lambda"],
    opaque: &[
        "import_statement",
        "import_from_statement",
        "string",
        "parameters",
        "argument_list",
        "binary_operator",
        "comparison_operator",
        "boolean_operator",
        "dictionary",
        "list",
        "call",
        "attribute",
        "decorator",
        "identifier",
    ],
    docstrings: true,
    indents: Some(Indents::Blanks),
    constructors: &["__init__"],
    opener: Some(b':'),
    declarations: &[
        declare("function_definition", Function),
        declare("class_definition", Class),
        declare("type_alias_statement", Type).name(Name::Type("left")).body(&[]),
        declare("assignment", Field)
            .name(Name::Field("left"))
            .holding("left", &["identifier"])
            .body(&[])
            .within(Scope::Member),
        declare("assignment", Variable)
            .name(Name::Field("left"))
            .holding("left", &["identifier"])
            .body(&[])
            .within(Scope::Module),
    ],
    ..Rules::NONE
};
