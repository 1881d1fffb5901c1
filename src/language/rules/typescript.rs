//! TypeScript and TSX: JavaScript's declarations and those of types.

use super::javascript::{
    ASSIGNED_CLASS, ASSIGNED_FUNCTION, ASSIGNED_MEMBER, DECLARATOR, DECLARATOR_CLASS, DECLARATOR_FUNCTION,
    DEFAULT_CLASS, DEFAULT_FUNCTION, EXPORTED, FUNCTIONS, NAMED_ARGUMENT, OBJECT_FUNCTION, OBJECT_METHOD,
    OBJECT_METHOD_BYTES,
};
use super::{Name, Rules, Scope, declare, line, references};
use crate::language::SymbolKind::{
    Class, Constant, Constructor, Enum, EnumMember, Field, Function, Interface, Method, Namespace, Property, Type,
};

/// Words before a declaration.
const WORDS: &[&str] = &["export", "declare", "default", "async", "abstract"];

/// Nodes in which no declaration can stand.
const OPAQUE: &[&str] = &[
    "import_statement",
    "string",
    "regex",
    "comment",
    "number",
    "identifier",
    "property_identifier",
    "decorator",
    "import_alias",
    "type_annotation",
    "type_arguments",
    "type_parameters",
    "extends_type_clause",
    "implements_clause",
    "function_type",
    "conditional_type",
    "mapped_type_clause",
    "tuple_type",
    "array_type",
];

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::JAVASCRIPT,
    comments: &["comment", "html_comment"],
    spaced_docs: &["/**"],
    attributes: &["decorator"],
    wrappers: &["export_statement", "expression_statement", "assignment_expression", "ambient_declaration"],
    groups: &["lexical_declaration", "variable_declaration"],
    group_kinds: &[("const", Constant)],
    functions: FUNCTIONS,
    opaque: OPAQUE,
    constructors: &["constructor"],
    opener: Some(b'{'),
    lines: &[
        line(WORDS, "function", "", Function),
        line(WORDS, "class", "", Class),
        line(WORDS, "interface", "", Interface),
        line(WORDS, "enum", "", Enum),
        line(WORDS, "type", "=", Type),
        line(WORDS, "type", "<", Type),
    ],
    declarations: &[
        declare("function_declaration", Function),
        declare("function_signature", Function),
        declare("generator_function_declaration", Function),
        declare("class_declaration", Class),
        declare("abstract_class_declaration", Class),
        declare("class", Class).with_body(),
        declare("interface_declaration", Interface),
        declare("type_alias_declaration", Type).body(&[]),
        declare("enum_declaration", Enum),
        declare("enum_assignment", EnumMember).body(&[]),
        declare("property_identifier", EnumMember).name(Name::Own).body(&[]).under(&["enum_body"]),
        declare("internal_module", Namespace).name(Name::Unquoted("name")),
        declare("module", Namespace).name(Name::Unquoted("name")),
        declare("method_definition", Method).within(Scope::Member),
        OBJECT_METHOD,
        OBJECT_FUNCTION,
        declare("method_signature", Method).within(Scope::Member),
        declare("abstract_method_signature", Method).within(Scope::Member),
        declare("construct_signature", Constructor).name(Name::Fixed("new")).body(&[]).within(Scope::Member),
        declare("property_signature", Property).body(&[]).within(Scope::Member),
        declare("public_field_definition", Method).holding("value", FUNCTIONS).body(&["value", "body"]),
        declare("public_field_definition", Field).body(&[]),
        DECLARATOR_FUNCTION,
        DECLARATOR_CLASS,
        DECLARATOR,
        ASSIGNED_FUNCTION,
        ASSIGNED_CLASS,
        ASSIGNED_MEMBER,
        EXPORTED,
        NAMED_ARGUMENT,
        DEFAULT_FUNCTION,
        DEFAULT_CLASS,
        declare("class_static_block", Constructor).name(Name::Fixed("static")).at_least(OBJECT_METHOD_BYTES),
    ],
    ..Rules::NONE
};
