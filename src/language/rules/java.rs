//! Java.

use super::{Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{Class, Constructor, Enum, EnumMember, Field, Interface, Method, Module};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::JAVA,
    comments: &["line_comment", "block_comment"],
    attributes: &["annotation", "marker_annotation"],
    groups: &["field_declaration", "constant_declaration"],
    functions: &["lambda_expression"],
    opaque: &[
        "import_declaration",
        "package_declaration",
        "formal_parameters",
        "string_literal",
        "type_parameters",
        "type_arguments",
        "superclass",
        "super_interfaces",
        "throws",
        "identifier",
        "binary_expression",
    ],
    opener: Some(b'{'),
    declarations: &[
        declare("class_declaration", Class),
        declare("interface_declaration", Interface),
        declare("annotation_type_declaration", Interface),
        declare("enum_declaration", Enum),
        declare("enum_constant", EnumMember),
        declare("record_declaration", Class),
        declare("method_declaration", Method),
        declare("annotation_type_element_declaration", Method),
        declare("constructor_declaration", Constructor),
        declare("compact_constructor_declaration", Constructor),
        declare("module_declaration", Module).name(Name::Field("name")),
        declare("variable_declarator", Field).body(&[]).within(Scope::Member),
    ],
    ..Rules::NONE
};
