//! C.

use super::{Declare, Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{Enum, EnumMember, Field, Function, Macro, Struct, Type, Variable};

pub(super) const DECLARATOR: Name = Name::Declarator("declarator");
const RECORDS: &[&str] = &["struct_specifier", "union_specifier"];

/// `struct EXPORT name {…}`: an unknown macro makes the grammar see a function.
pub(super) const EXPORTED_STRUCT: Declare =
    declare("function_definition", Struct).name(DECLARATOR).holding("type", RECORDS).not_callable();
pub(super) const FUNCTION: Declare = declare("function_definition", Function).name(DECLARATOR);
/// A prototype or a variable: the declarator tells.
pub(super) const DECLARATION: Declare =
    declare("declaration", Variable).name(DECLARATOR).body(&[]).within(Scope::Static).leaf().each();
pub(super) const STRUCT: Declare = declare("struct_specifier", Struct).name(Name::Declarator("name")).with_body();
pub(super) const UNION: Declare = declare("union_specifier", Struct).name(Name::Declarator("name")).with_body();
pub(super) const ENUM: Declare = declare("enum_specifier", Enum).name(Name::Declarator("name")).with_body();
pub(super) const ENUMERATOR: Declare = declare("enumerator", EnumMember).body(&[]);
pub(super) const FIELD: Declare =
    declare("field_declaration", Field).name(DECLARATOR).body(&[]).within(Scope::Member).each();
/// `typedef struct a {…} b`: the struct has the members.
pub(super) const TYPEDEF_NAMED: Declare =
    declare("type_definition", Type).name(DECLARATOR).having(&["type", "name"]).body(&[]).leaf().each();
pub(super) const TYPEDEF_STRUCT: Declare =
    declare("type_definition", Struct).name(DECLARATOR).holding("type", RECORDS).body(&["type", "body"]).each();
pub(super) const TYPEDEF_ENUM: Declare = declare("type_definition", Enum)
    .name(DECLARATOR)
    .holding("type", &["enum_specifier"])
    .body(&["type", "body"])
    .each();
pub(super) const TYPEDEF: Declare = declare("type_definition", Type).name(DECLARATOR).body(&[]);
/// A macro without a value is an include guard or a switch.
pub(super) const MACRO: Declare = declare("preproc_def", Macro).having(&["value"]).body(&[]);
pub(super) const MACRO_FUNCTION: Declare = declare("preproc_function_def", Macro).body(&[]);

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::C,
    comments: &["comment"],
    opaque: &[
        "parameter_list",
        "argument_list",
        "string_literal",
        "preproc_include",
        "preproc_call",
        "initializer_list",
        "binary_expression",
        "call_expression",
        "assignment_expression",
        "return_statement",
        "identifier",
    ],
    opener: Some(b'{'),
    declarations: &[
        EXPORTED_STRUCT,
        FUNCTION,
        DECLARATION,
        STRUCT,
        UNION,
        ENUM,
        ENUMERATOR,
        FIELD,
        TYPEDEF_NAMED,
        TYPEDEF_STRUCT,
        TYPEDEF_ENUM,
        TYPEDEF,
        MACRO,
        MACRO_FUNCTION,
    ],
    ..Rules::NONE
};
