//! Protocol buffers.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Enum, EnumMember, Field, Interface, Method, Struct};

const NAME: Name = Name::Child("identifier");

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["option", "import", "package", "field_options"],
    declarations: &[
        declare("service", Interface).name(Name::Child("service_name")).body(&[]),
        declare("rpc", Method).name(Name::Child("rpc_name")).body(&[]),
        declare("message", Struct).name(Name::Child("message_name")).body(&["message_body"]),
        declare("enum", Enum).name(Name::Child("enum_name")).body(&["enum_body"]),
        declare("enum_field", EnumMember).name(NAME).body(&[]),
        declare("field", Field).name(NAME).body(&[]),
        declare("map_field", Field).name(NAME).body(&[]),
        declare("oneof", Field).name(NAME).body(&[]),
        declare("oneof_field", Field).name(NAME).body(&[]),
    ],
    ..Rules::NONE
};
