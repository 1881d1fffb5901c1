//! Erlang. A specification and the clauses after it are one function.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Field, Function, Macro, Module, Struct, Type};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    functions: &["anonymous_fun"],
    opaque: &["export_attribute", "expr_args", "string", "binary_op_expr", "tuple", "list", "call"],
    declarations: &[
        declare("module_attribute", Module).body(&[]).open_ended(),
        declare("spec", Function).name(Name::Field("fun")).body(&[]).merging(),
        declare("fun_decl", Function).name(Name::Inside(&["clause", "name"])).body(&["clause", "body"]).merging(),
        declare("callback", Function).name(Name::Field("fun")).body(&[]),
        declare("record_decl", Struct).body(&[]),
        declare("record_field", Field).body(&[]).under(&["record_decl"]),
        declare("type_alias", Type).name(Name::Inside(&["name", "name"])).body(&[]),
        declare("opaque", Type).name(Name::Inside(&["name", "name"])).body(&[]),
        declare("pp_define", Macro).name(Name::Inside(&["lhs", "name"])).body(&[]),
    ],
    ..Rules::NONE
};
