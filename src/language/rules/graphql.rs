//! GraphQL: schemas, operations and fragments.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Class, Enum, EnumMember, Field, Function, Impl, Interface, Macro, Struct, Type};

const NAME: Name = Name::Child("name");

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    wrappers: &[
        "definition",
        "type_system_definition",
        "type_system_extension",
        "executable_definition",
        "type_definition",
        "type_extension",
    ],
    opaque: &["arguments", "directives", "selection_set", "description", "implements_interfaces"],
    declarations: &[
        declare("object_type_definition", Class).name(NAME).body(&["fields_definition"]),
        declare("interface_type_definition", Interface).name(NAME).body(&["fields_definition"]),
        declare("enum_type_definition", Enum).name(NAME).body(&["enum_values_definition"]),
        declare("enum_value_definition", EnumMember).name(Name::Child("enum_value")).body(&[]),
        declare("input_object_type_definition", Struct).name(NAME).body(&["input_fields_definition"]),
        declare("union_type_definition", Type).name(NAME).body(&[]),
        declare("scalar_type_definition", Type).name(NAME).body(&[]),
        declare("directive_definition", Macro).name(NAME).body(&[]),
        declare("object_type_extension", Impl).name(NAME).body(&["fields_definition"]),
        declare("field_definition", Field).name(NAME).body(&[]),
        declare("input_value_definition", Field).name(NAME).body(&[]).under(&["input_fields_definition"]),
        declare("operation_definition", Function).name(NAME).body(&["selection_set"]),
        declare("fragment_definition", Function).name(Name::Child("fragment_name")).body(&["selection_set"]),
    ],
    ..Rules::NONE
};
