//! Kotlin.

use super::{Name, Rules, Scope, declare, line, references};
use crate::language::SymbolKind::{
    Class, Constant, Constructor, Enum, EnumMember, Function, Interface, Property, Type, Variable,
};

const BODY: &[&str] = &["class_body"];

/// Words before a declaration.
const WORDS: &[&str] = &[
    "public",
    "private",
    "internal",
    "protected",
    "open",
    "abstract",
    "final",
    "override",
    "suspend",
    "inline",
    "data",
    "sealed",
    "enum",
    "annotation",
    "companion",
    "operator",
    "infix",
    "tailrec",
    "external",
    "inner",
];

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::KOTLIN,
    comments: &["line_comment", "block_comment"],
    attributes: &["annotation"],
    functions: &["lambda_literal", "anonymous_function", "anonymous_initializer", "getter", "setter"],
    opaque: &[
        "import",
        "package_header",
        "file_annotation",
        "function_value_parameters",
        "class_parameters",
        "delegation_specifiers",
        "type_parameters",
        "type_constraints",
        "string_literal",
        "multiline_string_literal",
        "user_type",
        "nullable_type",
        "function_type",
        "binary_expression",
        "identifier",
        "modifiers",
    ],
    opener: Some(b'{'),
    lines: &[
        line(WORDS, "fun", "", Function),
        line(WORDS, "class", "", Class),
        line(WORDS, "interface", "", Interface),
        line(WORDS, "object", "", Class),
    ],
    declarations: &[
        declare("class_declaration", Enum).having(&["enum_class_body"]).body(&["enum_class_body"]),
        declare("class_declaration", Interface).having(&["interface"]).body(BODY),
        declare("class_declaration", Class).body(BODY),
        declare("object_declaration", Class).body(BODY),
        declare("companion_object", Class).body(BODY),
        declare("companion_object", Class).name(Name::Fixed("Companion")).body(BODY),
        declare("enum_entry", EnumMember).name(Name::Child("identifier")).body(BODY),
        declare("function_declaration", Function).body(&["function_body"]),
        declare("secondary_constructor", Constructor).name(Name::Fixed("constructor")).body(&["block"]),
        declare("type_alias", Type).name(Name::Inside(&["identifier"])).body(&[]),
        declare("property_declaration", Property)
            .name(Name::Inside(&["variable_declaration", "identifier"]))
            .body(&[])
            .within(Scope::Member),
        declare("property_declaration", Constant)
            .name(Name::Inside(&["variable_declaration", "identifier"]))
            .having(&["val"])
            .body(&[])
            .within(Scope::Module),
        declare("property_declaration", Variable)
            .name(Name::Inside(&["variable_declaration", "identifier"]))
            .body(&[])
            .within(Scope::Module),
    ],
    ..Rules::NONE
};
