//! Go.

use super::{Rules, Scope, declare, references};
use crate::language::SymbolKind::{Constant, Field, Function, Interface, Method, Struct, Type, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::GO,
    comments: &["comment"],
    groups: &["type_declaration", "const_declaration", "var_declaration"],
    functions: &["func_literal"],
    opaque: &[
        "import_declaration",
        "parameter_list",
        "interpreted_string_literal",
        "raw_string_literal",
        "selector_expression",
        "type_parameter_list",
        "function_type",
        "pointer_type",
        "map_type",
        "slice_type",
        "identifier",
        "return_statement",
    ],
    opener: Some(b'{'),
    declarations: &[
        declare("function_declaration", Function),
        declare("method_declaration", Method).receiver("receiver"),
        declare("type_spec", Struct).holding("type", &["struct_type"]).body(&["type", "field_declaration_list"]),
        declare("type_spec", Interface).holding("type", &["interface_type"]).body(&[]),
        declare("type_spec", Type).body(&[]),
        declare("type_alias", Type).body(&[]),
        declare("method_elem", Method).within(Scope::Member),
        declare("field_declaration", Field).body(&[]).each().within(Scope::Member),
        declare("const_spec", Constant).body(&[]).each().within(Scope::Module),
        declare("var_spec", Variable).body(&[]).each().within(Scope::Module),
    ],
    ..Rules::NONE
};
