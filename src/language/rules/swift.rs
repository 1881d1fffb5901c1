//! Swift.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{
    Class, Constant, Constructor, Enum, EnumMember, Function, Impl, Interface, Macro, Method, Property, Struct, Type,
    Variable,
};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "multiline_comment"],
    attributes: &["attribute"],
    functions: &["lambda_literal", "computed_property", "willset_didset_block"],
    opaque: &[
        "import_declaration",
        "parameter",
        "type_parameters",
        "type_constraints",
        "type_annotation",
        "inheritance_specifier",
        "line_string_literal",
        "multi_line_string_literal",
        "raw_string_literal",
        "navigation_suffix",
        "simple_identifier",
        "user_type",
        "dictionary_literal",
        "infix_expression",
    ],
    opener: Some(b'{'),
    declarations: &[
        declare("class_declaration", Struct).having_one(&["declaration_kind"], &["struct"]),
        declare("class_declaration", Enum).having_one(&["declaration_kind"], &["enum"]),
        declare("class_declaration", Impl).having_one(&["declaration_kind"], &["extension"]).name(Name::Type("name")),
        declare("class_declaration", Class),
        declare("protocol_declaration", Interface),
        declare("enum_entry", EnumMember).body(&[]).each(),
        declare("function_declaration", Function),
        declare("protocol_function_declaration", Method),
        declare("init_declaration", Constructor).name(Name::Fixed("init")),
        declare("deinit_declaration", Method).name(Name::Fixed("deinit")),
        declare("subscript_declaration", Method).name(Name::Fixed("subscript")).body(&["computed_property"]),
        declare("property_declaration", Property)
            .name(Name::Inside(&["name", "bound_identifier"]))
            .body(&["computed_value"])
            .within(Scope::Member),
        declare("property_declaration", Constant)
            .name(Name::Inside(&["name", "bound_identifier"]))
            .having_one(&["value_binding_pattern", "mutability"], &["let"])
            .body(&["computed_value"])
            .within(Scope::Module),
        declare("property_declaration", Variable)
            .name(Name::Inside(&["name", "bound_identifier"]))
            .body(&["computed_value"])
            .within(Scope::Module),
        declare("protocol_property_declaration", Property).name(Name::Inside(&["name", "bound_identifier"])).body(&[]),
        declare("typealias_declaration", Type).body(&[]),
        declare("associatedtype_declaration", Type).body(&[]),
        declare("macro_declaration", Macro).name(Name::Child("simple_identifier")).body(&[]),
    ],
    ..Rules::NONE
};
