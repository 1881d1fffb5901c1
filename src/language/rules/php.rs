//! PHP.

use super::{Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{
    Class, Constant, Enum, EnumMember, Field, Function, Interface, Method, Namespace, Trait,
};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::PHP,
    comments: &["comment"],
    attributes: &["attribute_list"],
    groups: &["const_declaration", "property_declaration"],
    functions: &["anonymous_function", "arrow_function"],
    opaque: &[
        "text",
        "string",
        "encapsed_string",
        "heredoc",
        "nowdoc",
        "namespace_use_declaration",
        "formal_parameters",
        "name",
        "variable_name",
        "array_creation_expression",
        "member_access_expression",
        "binary_expression",
        "base_clause",
    ],
    constructors: &["__construct"],
    opener: Some(b'{'),
    declarations: &[
        declare("namespace_definition", Namespace).with_body(),
        declare("namespace_definition", Namespace).body(&[]).open_ended(),
        declare("function_definition", Function),
        declare("method_declaration", Method),
        declare("class_declaration", Class),
        declare("interface_declaration", Interface),
        declare("trait_declaration", Trait),
        declare("enum_declaration", Enum),
        declare("enum_case", EnumMember).body(&[]),
        declare("const_element", Constant).name(Name::FirstChild).body(&[]).within(Scope::Static),
        declare("property_element", Field).name(Name::Path("name")).body(&[]).within(Scope::Member),
    ],
    ..Rules::NONE
};
