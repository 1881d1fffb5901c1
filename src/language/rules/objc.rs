//! Objective-C: C's declarations and its own.

use super::c::{
    DECLARATION, ENUM, ENUMERATOR, EXPORTED_STRUCT, FIELD, FUNCTION, MACRO, MACRO_FUNCTION, STRUCT, TYPEDEF,
    TYPEDEF_ENUM, TYPEDEF_NAMED, TYPEDEF_STRUCT, UNION,
};
use super::{Name, Rules, declare, references};
use crate::language::SymbolKind::{Class, Impl, Interface, Method, Property};

const NAME: Name = Name::Child("identifier");

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::C,
    comments: &["comment"],
    wrappers: &["implementation_definition"],
    functions: &["block_literal"],
    opaque: &[
        "parameter_list",
        "argument_list",
        "string_literal",
        "preproc_include",
        "preproc_call",
        "initializer_list",
        "binary_expression",
        "return_statement",
        "method_type",
        "method_parameter",
        "instance_variables",
    ],
    opener: Some(b'{'),
    declarations: &[
        declare("class_interface", Class).name(NAME).body(&[]),
        declare("class_implementation", Impl).name(NAME).body(&[]),
        declare("protocol_declaration", Interface).name(NAME).body(&[]),
        declare("method_definition", Method).name(NAME).body(&["compound_statement"]),
        declare("method_declaration", Method).name(NAME).body(&[]),
        declare("property_declaration", Property)
            .name(Name::Inside(&["struct_declaration", "struct_declarator"]))
            .body(&[]),
        EXPORTED_STRUCT,
        FUNCTION,
        DECLARATION,
        STRUCT,
        UNION,
        ENUM,
        ENUMERATOR,
        FIELD,
        TYPEDEF_NAMED,
        TYPEDEF_STRUCT,
        TYPEDEF_ENUM,
        TYPEDEF,
        MACRO,
        MACRO_FUNCTION,
    ],
    ..Rules::NONE
};
