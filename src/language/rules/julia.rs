//! Julia: functions, also those that are assigned, types and macros.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Constant, Field, Function, Macro, Module, Struct, Type};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["line_comment", "block_comment"],
    functions: &["arrow_function_expression", "do_clause"],
    opaque: &[
        "using_statement",
        "import_statement",
        "export_statement",
        "argument_list",
        "signature",
        "type_head",
        "binary_expression",
        "macrocall_expression",
        "identifier",
    ],
    // A string before a definition is its documentation.
    attributes: &["string_literal"],
    doc_attributes: &["\""],
    line_signatures: true,
    declarations: &[
        declare("module_definition", Module).body(&[]),
        declare("function_definition", Function).name(Name::Head(&["signature"])).body(&[]),
        declare("macro_definition", Macro).name(Name::Head(&["signature"])).body(&[]),
        declare("struct_definition", Struct).name(Name::Head(&["type_head"])).body(&[]),
        declare("abstract_definition", Type).name(Name::Head(&["type_head"])).body(&[]),
        declare("primitive_definition", Type).name(Name::Head(&["type_head"])).body(&[]),
        declare("assignment", Function).name(Name::Head(&["*"])).having_one(&["*"], &["call_expression"]).body(&[]),
        declare("const_statement", Constant).name(Name::Head(&["assignment", "*"])).body(&[]).within(Scope::Static),
        declare("typed_expression", Field).name(Name::FirstChild).body(&[]).within(Scope::Member),
    ],
    ..Rules::NONE
};
