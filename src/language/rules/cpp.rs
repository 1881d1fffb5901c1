//! C++: C's declarations and its own.

use super::c::{
    DECLARATION, DECLARATOR, ENUM, ENUMERATOR, EXPORTED_STRUCT, FIELD, FUNCTION, MACRO, MACRO_FUNCTION, STRUCT,
    TYPEDEF, TYPEDEF_ENUM, TYPEDEF_NAMED, TYPEDEF_STRUCT, UNION,
};
use super::{Name, Rules, declare, references};
use crate::language::SymbolKind::{Class, Namespace, Type};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::C,
    comments: &["comment"],
    wrappers: &["template_declaration"],
    preambles: &["field_initializer_list"],
    functions: &["lambda_expression"],
    opaque: &[
        "parameter_list",
        "argument_list",
        "string_literal",
        "raw_string_literal",
        "preproc_include",
        "preproc_call",
        "initializer_list",
        "binary_expression",
        "return_statement",
        "identifier",
        "template_parameter_list",
        "template_argument_list",
        "using_declaration",
        "friend_declaration",
        "template_instantiation",
        "base_class_clause",
        "static_assert_declaration",
        "field_initializer_list",
    ],
    type_named_constructors: true,
    opener: Some(b'{'),
    declarations: &[
        declare("function_definition", Class).name(DECLARATOR).holding("type", &["class_specifier"]).not_callable(),
        EXPORTED_STRUCT,
        FUNCTION,
        DECLARATION,
        declare("class_specifier", Class).name(Name::Declarator("name")).with_body(),
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
        declare("namespace_definition", Namespace).with_body(),
        declare("alias_declaration", Type).body(&[]),
        declare("concept_definition", Type).body(&[]),
    ],
    ..Rules::NONE
};
