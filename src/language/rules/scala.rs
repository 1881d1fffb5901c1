//! Scala 2 and 3.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{
    Class, Constant, Enum, EnumMember, Field, Function, Interface, Method, Module, Namespace, Type, Variable,
};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "block_comment"],
    attributes: &["annotation"],
    functions: &["lambda_expression", "case_block", "instance_expression"],
    opaque: &[
        "import_declaration",
        "export_declaration",
        "parameters",
        "class_parameters",
        "type_parameters",
        "string",
        "interpolated_string_expression",
        "extends_clause",
        "field_expression",
        "generic_type",
        "type_identifier",
        "stable_identifier",
        "arguments",
        "identifier",
    ],
    constructors: &["this"],
    declarations: &[
        declare("class_definition", Class),
        declare("object_definition", Class),
        declare("package_object", Module),
        declare("package_clause", Namespace).with_body(),
        declare("trait_definition", Interface),
        declare("enum_definition", Enum),
        declare("simple_enum_case", EnumMember).body(&[]),
        declare("full_enum_case", EnumMember).body(&[]),
        declare("function_definition", Function),
        declare("function_declaration", Method),
        declare("type_definition", Type).body(&[]).within(Scope::Static),
        declare("given_definition", Constant).body(&["body"]).within(Scope::Static),
        declare("val_definition", Field)
            .name(Name::Field("pattern"))
            .holding("pattern", &["identifier"])
            .body(&[])
            .within(Scope::Member),
        declare("val_definition", Constant)
            .name(Name::Field("pattern"))
            .holding("pattern", &["identifier"])
            .body(&[])
            .within(Scope::Module),
        declare("val_declaration", Field).body(&[]).within(Scope::Member),
        declare("var_declaration", Field).body(&[]).within(Scope::Member),
        declare("var_definition", Field)
            .name(Name::Field("pattern"))
            .holding("pattern", &["identifier"])
            .body(&[])
            .within(Scope::Member),
        declare("var_definition", Variable)
            .name(Name::Field("pattern"))
            .holding("pattern", &["identifier"])
            .body(&[])
            .within(Scope::Module),
    ],
    ..Rules::NONE
};
