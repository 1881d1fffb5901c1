//! Fortran: modules, types and procedures, in free form and in fixed.
//!
//! The grammar has no node for what stands between the first statement of a unit and its end: that is the body.

use super::{Name, Rules, Scope, declare, line};
use crate::language::SymbolKind::{
    Class, Constant, Enum, EnumMember, Field, Function, Interface, Macro, Method, Module, Operator, Struct, Variable,
};

/// Words before a procedure, in the cases that people write.
const WORDS: &[&str] = &[
    "pure",
    "elemental",
    "impure",
    "recursive",
    "module",
    "integer",
    "real",
    "logical",
    "complex",
    "double",
    "precision",
    "PURE",
    "ELEMENTAL",
    "IMPURE",
    "RECURSIVE",
    "MODULE",
    "INTEGER",
    "REAL",
    "LOGICAL",
    "COMPLEX",
    "DOUBLE",
    "PRECISION",
];

const DECLARATOR: Name = Name::Declarator("declarator");

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    trailing_docs: &["!!", "!<"],
    cards: true,
    wrappers: &["interface_statement"],
    opaque: &[
        "use_statement",
        "implicit_statement",
        "import_statement",
        "assignment_statement",
        "subroutine_call",
        "if_statement",
        "do_loop",
        "select_case_statement",
        "select_type_statement",
        "where_statement",
        "write_statement",
        "read_statement",
        "format_statement",
        "data_statement",
        "variable_declaration",
        "parameters",
        "call_expression",
        "string_literal",
    ],
    lines: &[
        line(WORDS, "subroutine", "", Function),
        line(WORDS, "function", "(", Function),
        line(&["module"], "procedure", "", Function),
        line(&[], "program", "", Function),
        line(&[], "module", "", Module),
        line(WORDS, "SUBROUTINE", "", Function),
        line(WORDS, "FUNCTION", "(", Function),
        line(&["MODULE"], "PROCEDURE", "", Function),
        line(&[], "PROGRAM", "", Function),
        line(&[], "MODULE", "", Module),
    ],
    declarations: &[
        declare("module", Module).name(Name::Inside(&["module_statement", "name"])).head(&["module_statement"]),
        declare("submodule", Module)
            .name(Name::Inside(&["submodule_statement", "name"]))
            .head(&["submodule_statement"]),
        declare("block_data", Module)
            .name(Name::Inside(&["block_data_statement", "name"]))
            .head(&["block_data_statement"]),
        // A main program is code that runs: its variables are local.
        declare("program", Function).name(Name::Inside(&["program_statement", "name"])).head(&["program_statement"]),
        declare("subroutine", Function)
            .name(Name::Inside(&["subroutine_statement", "name"]))
            .head(&["subroutine_statement"]),
        declare("function", Function).name(Name::Inside(&["function_statement", "name"])).head(&["function_statement"]),
        declare("module_procedure", Function)
            .name(Name::Inside(&["module_procedure_statement", "name"]))
            .head(&["module_procedure_statement"]),
        declare("entry_statement", Function).body(&[]),
        // What an interface names stands beside it: it is a list, no type.
        declare("interface", Interface)
            .name(Name::Inside(&["interface_statement", "name"]))
            .head(&["interface_statement"])
            .leaf(),
        declare("operator", Operator).name(Name::Own).body(&[]).under(&["interface_statement"]).leaf(),
        declare("assignment", Operator).name(Name::Own).body(&[]).under(&["interface_statement"]).leaf(),
        declare("derived_type_definition", Class)
            .name(Name::Inside(&["derived_type_statement", "type_name"]))
            .having(&["derived_type_procedures"])
            .head(&["derived_type_statement"]),
        declare("derived_type_definition", Struct)
            .name(Name::Inside(&["derived_type_statement", "type_name"]))
            .head(&["derived_type_statement"]),
        declare("procedure_statement", Method).name(DECLARATOR).each().body(&[]).within(Scope::Member),
        declare("generic_statement", Method).name(DECLARATOR).body(&[]).within(Scope::Member),
        declare("variable_declaration", Field).name(DECLARATOR).each().body(&[]).within(Scope::Member),
        declare("variable_declaration", Constant)
            .name(DECLARATOR)
            .each()
            .marked("attribute", "parameter")
            .body(&[])
            .within(Scope::Module),
        declare("variable_declaration", Variable).name(DECLARATOR).each().body(&[]).within(Scope::Module),
        declare("enumeration_type", Enum)
            .name(Name::Inside(&["enumeration_type_statement", "type_name"]))
            .head(&["enumeration_type_statement"]),
        declare("enumerator_statement", EnumMember).name(DECLARATOR).each().body(&[]),
        declare("preproc_def", Macro).body(&[]),
        declare("preproc_function_def", Macro).body(&[]),
    ],
    ..Rules::NONE
};
