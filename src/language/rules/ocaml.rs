//! OCaml: structures and signatures.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Class, Constant, EnumMember, Field, Function, Interface, Method, Module, Type};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    wrappers: &["value_definition", "type_definition", "module_definition", "class_definition"],
    opaque: &["open_module", "string", "parameter", "application_expression", "infix_expression", "value_path"],
    functions: &["fun_expression", "function_expression"],
    declarations: &[
        declare("let_binding", Function)
            .name(Name::Unquoted("pattern"))
            .holding("pattern", &["value_name", "parenthesized_operator"])
            .having(&["parameter"])
            .within(Scope::Static),
        declare("let_binding", Function)
            .name(Name::Unquoted("pattern"))
            .holding("pattern", &["value_name", "parenthesized_operator"])
            .having_one(&["body"], &["fun_expression", "function_expression"])
            .within(Scope::Static),
        declare("let_binding", Constant)
            .name(Name::Unquoted("pattern"))
            .holding("pattern", &["value_name"])
            .body(&[])
            .within(Scope::Static),
        declare("value_specification", Function).name(Name::Child("value_name")).body(&[]),
        declare("external", Function).name(Name::Child("value_name")).body(&[]),
        declare("type_binding", Type),
        declare("constructor_declaration", EnumMember)
            .name(Name::Child("constructor_name"))
            .body(&[])
            .under(&["variant_declaration"]),
        declare("field_declaration", Field).name(Name::Child("field_name")).body(&[]),
        declare("exception_definition", Class)
            .name(Name::Inside(&["constructor_declaration", "constructor_name"]))
            .body(&[])
            .leaf(),
        declare("module_binding", Module).name(Name::Child("module_name")),
        declare("module_type_definition", Interface).name(Name::Child("module_type_name")),
        declare("class_binding", Class).name(Name::Child("class_name")),
        declare("method_definition", Method).name(Name::Child("method_name")),
    ],
    ..Rules::NONE
};
