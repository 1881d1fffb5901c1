//! SQL: what is created.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Class, Event, Field, Function, Key, Namespace, Struct, Type};

const NAME: Name = Name::Inside(&["object_reference"]);

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "marginalia"],
    wrappers: &["statement"],
    opaque: &["select", "from", "insert", "update", "delete", "create_query", "function_arguments", "term"],
    declarations: &[
        declare("create_table", Struct).name(NAME).body(&["column_definitions"]),
        declare("create_view", Class).name(NAME).body(&["create_query"]),
        declare("create_materialized_view", Class).name(NAME).body(&["create_query"]),
        declare("create_function", Function).name(NAME).body(&["function_body"]),
        declare("create_trigger", Event).name(NAME).body(&[]),
        declare("create_type", Type).name(NAME).body(&[]),
        declare("create_sequence", Key).name(NAME).body(&[]),
        declare("create_index", Key).name(Name::Child("identifier")).body(&[]),
        declare("create_schema", Namespace).name(Name::Child("identifier")).body(&[]),
        declare("column_definition", Field).name(Name::Child("identifier")).body(&[]),
    ],
    ..Rules::NONE
};
