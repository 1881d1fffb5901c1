//! PowerShell.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Class, Enum, EnumMember, Field, Function, Method};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["param_block", "string_literal", "function_parameter_declaration", "class_method_parameter_list"],
    opener: Some(b'{'),
    type_named_constructors: true,
    declarations: &[
        declare("function_statement", Function).name(Name::Child("function_name")).body(&["script_block"]),
        declare("class_statement", Class).name(Name::Child("simple_name")).body(&[]),
        declare("class_method_definition", Method).name(Name::Child("simple_name")).body(&["script_block"]),
        declare("class_property_definition", Field).name(Name::Inside(&["variable"])).body(&[]),
        declare("enum_statement", Enum).name(Name::Child("simple_name")).body(&[]),
        declare("enum_member", EnumMember).name(Name::Child("simple_name")).body(&[]),
    ],
    ..Rules::NONE
};
