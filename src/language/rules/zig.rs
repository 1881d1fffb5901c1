//! Zig: containers are values, so a constant that holds one is a type.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Constant, Enum, EnumMember, Field, Function, Struct, Type, Variable};

const NAME: Name = Name::Child("identifier");

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["parameters", "string", "multiline_string", "builtin_function", "field_expression", "identifier"],
    opener: Some(b'{'),
    declarations: &[
        declare("function_declaration", Function),
        declare("variable_declaration", Struct)
            .name(NAME)
            .having(&["struct_declaration"])
            .body(&["struct_declaration"]),
        declare("variable_declaration", Struct).name(NAME).having(&["union_declaration"]).body(&["union_declaration"]),
        declare("variable_declaration", Struct)
            .name(NAME)
            .having(&["opaque_declaration"])
            .body(&["opaque_declaration"]),
        declare("variable_declaration", Enum).name(NAME).having(&["enum_declaration"]).body(&["enum_declaration"]),
        declare("variable_declaration", Type).name(NAME).having(&["error_set_declaration"]).body(&[]),
        declare("variable_declaration", Constant).name(NAME).having(&["const"]).body(&[]).within(Scope::Static),
        declare("variable_declaration", Variable).name(NAME).body(&[]).within(Scope::Static),
        declare("container_field", EnumMember).name(NAME).body(&[]).under(&["enum_declaration"]),
        declare("container_field", Field).body(&[]).within(Scope::Member),
        declare("test_declaration", Function).name(Name::FirstChild).body(&["block"]),
    ],
    ..Rules::NONE
};
