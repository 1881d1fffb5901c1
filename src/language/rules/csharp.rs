//! C#.

use super::{Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{
    Class, Constructor, Enum, EnumMember, Event, Field, Function, Interface, Method, Namespace, Operator, Property,
    Struct, Type,
};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::CSHARP,
    comments: &["comment"],
    attributes: &["attribute_list"],
    wrappers: &["field_declaration", "event_field_declaration", "global_statement"],
    groups: &["variable_declaration"],
    preambles: &["constructor_initializer"],
    functions: &["lambda_expression", "anonymous_method_expression"],
    opaque: &[
        "using_directive",
        "parameter_list",
        "string_literal",
        "type_argument_list",
        "type_parameter_list",
        "base_list",
        "binary_expression",
        "identifier",
        "attribute_list",
        "interpolated_string_expression",
        "member_access_expression",
    ],
    opener: Some(b'{'),
    declarations: &[
        declare("namespace_declaration", Namespace),
        declare("file_scoped_namespace_declaration", Namespace).body(&[]).open_ended(),
        declare("class_declaration", Class),
        declare("record_declaration", Class),
        declare("struct_declaration", Struct),
        declare("interface_declaration", Interface),
        declare("enum_declaration", Enum),
        declare("enum_member_declaration", EnumMember).body(&[]),
        declare("delegate_declaration", Type).body(&[]),
        declare("method_declaration", Method),
        declare("constructor_declaration", Constructor),
        declare("destructor_declaration", Method),
        declare("operator_declaration", Operator).name(Name::Field("operator")),
        declare("conversion_operator_declaration", Operator).name(Name::Type("type")),
        declare("property_declaration", Property).body(&["accessors"]),
        declare("indexer_declaration", Property).name(Name::Fixed("this")).body(&["accessors"]),
        declare("event_declaration", Event).body(&["accessors"]),
        declare("variable_declarator", Field).body(&[]).within(Scope::Member),
        declare("local_function_statement", Function),
    ],
    ..Rules::NONE
};
