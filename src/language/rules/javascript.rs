//! JavaScript and JSX.

use super::{Declare, Name, Rules, Scope, declare, line, references};
use crate::language::SymbolKind::{Class, Constant, Constructor, Field, Function, Method, Property, Variable};

/// Nodes that are functions when they are a value.
pub(super) const FUNCTIONS: &[&str] = &["arrow_function", "function_expression", "generator_function"];

/// Nodes that are a value of their own.
const VALUES: &[&str] =
    &["object", "array", "string", "template_string", "number", "new_expression", "regex", "true", "false"];

/// Size in bytes from which a function in an object literal is a declaration of its own: below it is a stub or a getter.
pub(super) const OBJECT_METHOD_BYTES: u32 = 60;

pub(super) const DECLARATOR_FUNCTION: Declare =
    declare("variable_declarator", Function).holding("value", FUNCTIONS).body(&["value", "body"]);
pub(super) const DECLARATOR_CLASS: Declare =
    declare("variable_declarator", Class).holding("value", &["class"]).body(&["value", "body"]);
pub(super) const DECLARATOR: Declare = declare("variable_declarator", Variable)
    .holding("name", &["identifier"])
    .rejecting("value", &["require(", "await import("])
    .body(&[])
    .within(Scope::Module);
pub(super) const ASSIGNED_FUNCTION: Declare = declare("assignment_expression", Function)
    .name(Name::Target("left"))
    .holding("right", FUNCTIONS)
    .body(&["right", "body"])
    .chained();
/// `F.prototype.m = other`.
pub(super) const ASSIGNED_MEMBER: Declare = declare("assignment_expression", Property)
    .name(Name::Target("left"))
    .saying(&["left", "object", "property"], &["prototype"])
    .body(&[])
    .within(Scope::Module)
    .chained();
/// `exports.name = {…}`; what is exported under its own name is declared elsewhere.
pub(super) const EXPORTED: Declare = declare("assignment_expression", Variable)
    .name(Name::Target("left"))
    .holding("right", VALUES)
    .saying(&["left", "object"], &["exports", "module.exports"])
    .body(&[])
    .within(Scope::Module)
    .chained();
/// `on('x', function name() {…})`.
pub(super) const NAMED_ARGUMENT: Declare =
    declare("function_expression", Function).under(&["arguments", "return_statement"]);
pub(super) const ASSIGNED_CLASS: Declare = declare("assignment_expression", Class)
    .name(Name::Target("left"))
    .holding("right", &["class"])
    .body(&["right", "body"]);
pub(super) const DEFAULT_FUNCTION: Declare = declare("export_statement", Function)
    .name(Name::Fixed("default"))
    .holding("value", FUNCTIONS)
    .body(&["value", "body"]);
pub(super) const DEFAULT_CLASS: Declare = declare("export_statement", Class)
    .name(Name::Fixed("default"))
    .holding("value", &["class"])
    .body(&["value", "body"]);
pub(super) const OBJECT_METHOD: Declare = declare("method_definition", Method).at_least(OBJECT_METHOD_BYTES);
pub(super) const OBJECT_FUNCTION: Declare = declare("pair", Method)
    .name(Name::Unquoted("key"))
    .holding("value", FUNCTIONS)
    .body(&["value", "body"])
    .at_least(OBJECT_METHOD_BYTES);

/// Words before a declaration.
const WORDS: &[&str] = &["export", "default", "async"];

/// Nodes in which no declaration can stand.
const OPAQUE: &[&str] = &[
    "import_statement",
    "string",
    "regex",
    "comment",
    "number",
    "identifier",
    "property_identifier",
    "jsx_closing_element",
    "decorator",
];

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::JAVASCRIPT,
    comments: &["comment", "html_comment"],
    spaced_docs: &["/**"],
    attributes: &["decorator"],
    wrappers: &["export_statement", "expression_statement", "assignment_expression"],
    groups: &["lexical_declaration", "variable_declaration"],
    group_kinds: &[("const", Constant)],
    functions: FUNCTIONS,
    opaque: OPAQUE,
    constructors: &["constructor"],
    opener: Some(b'{'),
    lines: &[line(WORDS, "function", "", Function), line(WORDS, "class", "", Class)],
    declarations: &[
        declare("function_declaration", Function),
        declare("generator_function_declaration", Function),
        declare("class_declaration", Class),
        declare("class", Class).with_body(),
        declare("method_definition", Method).within(Scope::Member),
        OBJECT_METHOD,
        OBJECT_FUNCTION,
        declare("field_definition", Method)
            .name(Name::Field("property"))
            .holding("value", FUNCTIONS)
            .body(&["value", "body"]),
        declare("field_definition", Field).name(Name::Field("property")).body(&[]),
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
