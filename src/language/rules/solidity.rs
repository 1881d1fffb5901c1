//! Solidity.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{
    Class, Constant, Constructor, Enum, EnumMember, Event, Field, Function, Interface, Method, Struct, Type,
};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["import_directive", "pragma_directive", "string", "parameter", "return_type_definition", "type_name"],
    opener: Some(b'{'),
    declarations: &[
        declare("contract_declaration", Class),
        declare("interface_declaration", Interface),
        declare("library_declaration", Class),
        declare("function_definition", Function),
        declare("modifier_definition", Method),
        declare("constructor_definition", Constructor).name(Name::Fixed("constructor")),
        declare("fallback_receive_definition", Method).name(Name::Fixed("receive")),
        declare("event_definition", Event).body(&[]),
        declare("error_declaration", Type).body(&[]),
        declare("struct_declaration", Struct),
        declare("struct_member", Field).body(&[]),
        declare("enum_declaration", Enum),
        declare("enum_value", EnumMember).name(Name::Own).body(&[]),
        declare("state_variable_declaration", Field).body(&[]),
        declare("constant_variable_declaration", Constant).body(&[]),
        declare("user_defined_type_definition", Type).body(&[]),
    ],
    ..Rules::NONE
};
