//! Dart.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{
    Class, Constant, Constructor, Enum, EnumMember, Field, Function, Impl, Method, Operator, Property, Trait, Type,
    Variable,
};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "documentation_block_comment"],
    attributes: &["annotation"],
    wrappers: &["member_declaration"],
    functions: &["function_expression"],
    opaque: &[
        "import_or_export",
        "part_directive",
        "formal_parameter_list",
        "string_literal",
        "arguments",
        "type",
        "initializers",
    ],
    declarations: &[
        declare("class_declaration", Class),
        declare("mixin_declaration", Trait),
        declare("extension_declaration", Impl),
        declare("extension_type_declaration", Class),
        declare("enum_declaration", Enum),
        declare("enum_entry", EnumMember).body(&[]),
        declare("type_alias", Type).name(Name::Child("type_identifier")).body(&[]),
        declare("function_declaration", Function).name(Name::Inside(&["signature", "name"])),
        declare("local_function_declaration", Function).name(Name::Inside(&["signature", "name"])),
        declare("method_declaration", Method).name(Name::Inside(&["signature", "function_signature", "name"])),
        declare("method_declaration", Property).name(Name::Inside(&["signature", "getter_signature", "name"])),
        declare("method_declaration", Property).name(Name::Inside(&["signature", "setter_signature", "name"])),
        declare("method_declaration", Operator).name(Name::Inside(&["signature", "operator_signature", "operator"])),
        declare("method_declaration", Constructor).name(Name::Head(&["signature", "factory_constructor_signature"])),
        declare("method_declaration", Constructor).name(Name::Head(&["signature", "constructor_signature"])),
        declare("declaration", Method).name(Name::Inside(&["function_signature", "name"])).body(&[]),
        declare("declaration", Property).name(Name::Inside(&["getter_signature", "name"])).body(&[]),
        declare("declaration", Constructor).name(Name::Head(&["constructor_signature"])).body(&[]),
        declare("declaration", Constructor).name(Name::Head(&["constant_constructor_signature"])).body(&[]),
        declare("declaration", Constructor).name(Name::Head(&["factory_constructor_signature"])).body(&[]),
        declare("initialized_identifier", Field).body(&[]).within(Scope::Member),
        declare("initialized_identifier", Variable).body(&[]).within(Scope::Module),
        declare("static_final_declaration", Constant).body(&[]).within(Scope::Static),
    ],
    ..Rules::NONE
};
