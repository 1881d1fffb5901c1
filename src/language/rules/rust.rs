//! Rust.

use super::{Name, Rules, Scope, declare, references};
use crate::language::SymbolKind::{
    Constant, Enum, EnumMember, Field, Function, Impl, Macro, Module, Struct, Trait, Type, Variable,
};

/// The rules.
pub const RULES: Rules = Rules {
    references: &references::RUST,
    comments: &["line_comment", "block_comment"],
    inner_docs: &["//!", "/*!"],
    attributes: &["attribute_item"],
    functions: &["closure_expression", "async_block"],
    opaque: &[
        "use_declaration",
        "string_literal",
        "raw_string_literal",
        "parameters",
        "type_parameters",
        "type_arguments",
        "where_clause",
        "attribute_item",
        "token_tree",
        "macro_rule",
        "reference_type",
        "generic_type",
        "field_expression",
        "identifier",
        "type_identifier",
        "scoped_identifier",
        "visibility_modifier",
    ],
    opener: Some(b'{'),
    declarations: &[
        declare("function_item", Function),
        declare("function_signature_item", Function),
        declare("struct_item", Struct),
        declare("union_item", Struct),
        declare("enum_item", Enum),
        declare("enum_variant", EnumMember),
        declare("field_declaration", Field).body(&[]).within(Scope::Member),
        declare("trait_item", Trait),
        declare("impl_item", Impl).name(Name::Type("type")),
        declare("mod_item", Module).with_body(),
        declare("type_item", Type).body(&[]),
        declare("associated_type", Type).body(&[]),
        declare("const_item", Constant).body(&[]).within(Scope::Static),
        declare("static_item", Variable).body(&[]).within(Scope::Static),
        declare("macro_definition", Macro).body(&[]),
    ],
    ..Rules::NONE
};
