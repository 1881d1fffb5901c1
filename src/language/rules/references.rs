//! Which words refer to something, and as what, as data: a table a family of languages.
//!
//! The role of a name is told by the field of its parent in which it stands. Where it stands deeper, the role goes down: of a member expression that is
//! called the property is called, of a list of bases each is inherited from. Languages without a table have no references.

use crate::language::Role::{self, Alias, Call, Import, Inherit, Local, Module, None as Nothing, Read, Type, Write};

/// How names of a language refer.
#[derive(Debug)]
pub struct References {
    /// Nodes that are names, and what they are where nothing else says. With no role they count only where something gives them one.
    pub names: &'static [(&'static str, Role)],
    /// Node, field, and the role of what stands in that field; no field means any child without one.
    pub roles: &'static [(&'static str, &'static str, Role)],
    /// Where the role of a node goes.
    pub heads: &'static [(&'static str, &'static str, Pass)],
}

/// How a role goes down from a node to its child in a field, in any field (`*`), in none (empty), or to its last named child (`>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// As it is.
    Same,
    /// As it is; but what is given a value there is a member, never a local name.
    Member,
    /// As it is; but what stands in a declaration of a local name is its type.
    Typed,
    /// To the path before what is imported: that names a module.
    Path,
}

use Pass::{Member, Path, Same, Typed};

impl References {
    /// No references.
    pub const NONE: References = References { names: &[], roles: &[], heads: &[] };
}

/// JavaScript and TypeScript.
pub const JAVASCRIPT: References = References {
    names: &[
        ("identifier", Read),
        ("property_identifier", Read),
        ("private_property_identifier", Read),
        ("shorthand_property_identifier", Read),
        ("shorthand_property_identifier_pattern", Local),
        ("type_identifier", Type),
        ("string_fragment", Nothing),
    ],
    roles: &[
        ("call_expression", "function", Call),
        ("new_expression", "constructor", Call),
        ("jsx_opening_element", "name", Call),
        ("jsx_self_closing_element", "name", Call),
        ("decorator", "", Call),
        ("assignment_expression", "left", Write),
        ("augmented_assignment_expression", "left", Write),
        ("update_expression", "argument", Write),
        ("class_heritage", "", Inherit),
        ("extends_clause", "value", Inherit),
        ("implements_clause", "", Inherit),
        ("extends_type_clause", "type", Inherit),
        ("import_statement", "source", Module),
        ("export_statement", "source", Module),
        ("export_specifier", "alias", Alias),
        ("import_specifier", "name", Import),
        ("import_specifier", "alias", Alias),
        ("namespace_import", "", Alias),
        ("import_clause", "", Alias),
        ("variable_declarator", "name", Local),
        ("formal_parameters", "", Local),
        ("required_parameter", "pattern", Local),
        ("optional_parameter", "pattern", Local),
        ("arrow_function", "parameter", Local),
        ("catch_clause", "parameter", Local),
        ("for_in_statement", "left", Local),
        ("function_expression", "name", Local),
        ("method_definition", "name", Nothing),
        ("pair", "key", Nothing),
        ("pair_pattern", "key", Nothing),
        ("property_signature", "name", Nothing),
        ("method_signature", "name", Nothing),
        ("jsx_attribute", "", Nothing),
    ],
    heads: &[
        ("member_expression", "property", Member),
        ("nested_identifier", "property", Same),
        ("nested_type_identifier", "name", Same),
        ("generic_type", "name", Same),
        ("object_pattern", "*", Same),
        ("array_pattern", "*", Same),
        ("pair_pattern", "value", Same),
        ("assignment_pattern", "left", Same),
        ("object_assignment_pattern", "left", Same),
        ("rest_pattern", "*", Same),
        ("non_null_expression", "*", Same),
        ("parenthesized_expression", "*", Same),
        ("string", "*", Same),
    ],
};

/// Python.
pub const PYTHON: References = References {
    names: &[("identifier", Read), ("string_content", Nothing)],
    roles: &[
        ("call", "function", Call),
        ("decorator", "", Call),
        ("class_definition", "superclasses", Inherit),
        ("type", "", Type),
        ("assignment", "left", Local),
        ("augmented_assignment", "left", Write),
        ("named_expression", "name", Local),
        ("for_statement", "left", Local),
        ("for_in_clause", "left", Local),
        ("as_pattern_target", "", Local),
        ("lambda_parameters", "", Local),
        ("parameters", "", Local),
        ("default_parameter", "name", Local),
        ("typed_default_parameter", "name", Local),
        ("typed_parameter", "", Local),
        ("keyword_argument", "name", Nothing),
        ("import_statement", "name", Module),
        ("import_from_statement", "module_name", Module),
        ("import_from_statement", "name", Import),
        ("aliased_import", "alias", Alias),
    ],
    heads: &[
        ("attribute", "attribute", Member),
        ("string", "*", Same),
        ("argument_list", "*", Same),
        ("generic_type", "", Same),
        ("pattern_list", "*", Same),
        ("tuple_pattern", "*", Same),
        ("list_splat_pattern", "*", Same),
        ("dictionary_splat_pattern", "*", Same),
        ("dotted_name", ">", Same),
        ("dotted_name", "", Path),
        ("aliased_import", "name", Same),
        ("relative_import", "*", Same),
    ],
};

/// Rust.
pub const RUST: References = References {
    names: &[
        ("identifier", Read),
        ("type_identifier", Type),
        ("field_identifier", Read),
        ("shorthand_field_identifier", Read),
    ],
    roles: &[
        ("call_expression", "function", Call),
        ("macro_invocation", "macro", Call),
        ("assignment_expression", "left", Write),
        ("compound_assignment_expr", "left", Write),
        ("let_declaration", "pattern", Local),
        ("let_condition", "pattern", Local),
        ("parameter", "pattern", Local),
        ("closure_parameters", "", Local),
        ("for_expression", "pattern", Local),
        ("tuple_struct_pattern", "type", Type),
        ("tuple_struct_pattern", "", Local),
        ("field_pattern", "name", Nothing),
        ("field_pattern", "pattern", Local),
        ("field_initializer", "field", Write),
        ("impl_item", "trait", Inherit),
        ("trait_item", "bounds", Inherit),
        ("use_declaration", "argument", Import),
        ("use_as_clause", "alias", Alias),
        ("mod_item", "name", Module),
    ],
    heads: &[
        ("scoped_identifier", "name", Same),
        ("scoped_identifier", "path", Path),
        ("scoped_type_identifier", "name", Same),
        ("generic_type", "type", Same),
        ("generic_function", "function", Same),
        ("field_expression", "field", Member),
        ("trait_bounds", "*", Same),
        ("tuple_pattern", "*", Same),
        ("ref_pattern", "*", Same),
        ("mut_pattern", "*", Same),
        ("reference_pattern", "*", Same),
        ("use_list", "*", Same),
        ("use_as_clause", "path", Same),
        ("scoped_use_list", "list", Same),
        ("scoped_use_list", "path", Path),
        ("use_wildcard", "*", Path),
    ],
};

/// Go.
pub const GO: References = References {
    names: &[
        ("identifier", Read),
        ("type_identifier", Type),
        ("field_identifier", Read),
        ("package_identifier", Read),
        ("interpreted_string_literal_content", Nothing),
    ],
    roles: &[
        ("call_expression", "function", Call),
        ("assignment_statement", "left", Write),
        ("short_var_declaration", "left", Local),
        ("range_clause", "left", Local),
        ("parameter_declaration", "name", Local),
        ("variadic_parameter_declaration", "name", Local),
        ("var_spec", "name", Local),
        ("const_spec", "name", Local),
        ("inc_statement", "", Write),
        ("dec_statement", "", Write),
        ("keyed_element", "key", Write),
        ("import_spec", "path", Module),
        ("import_spec", "name", Alias),
    ],
    heads: &[
        ("selector_expression", "field", Member),
        ("qualified_type", "name", Same),
        ("generic_type", "type", Same),
        ("expression_list", "*", Same),
        ("parenthesized_expression", "*", Same),
        ("interpreted_string_literal", "*", Same),
        ("literal_element", "", Same),
    ],
};

/// Java.
pub const JAVA: References = References {
    names: &[("identifier", Read), ("type_identifier", Type)],
    roles: &[
        ("method_invocation", "name", Call),
        ("object_creation_expression", "type", Call),
        ("assignment_expression", "left", Write),
        ("update_expression", "", Write),
        ("variable_declarator", "name", Local),
        ("formal_parameter", "name", Local),
        ("catch_formal_parameter", "name", Local),
        ("enhanced_for_statement", "name", Local),
        ("inferred_parameters", "", Local),
        ("lambda_expression", "parameters", Local),
        ("superclass", "", Inherit),
        ("super_interfaces", "", Inherit),
        ("extends_interfaces", "", Inherit),
        ("marker_annotation", "name", Type),
        ("annotation", "name", Type),
        ("element_value_pair", "key", Nothing),
        ("import_declaration", "", Import),
        ("package_declaration", "", Module),
    ],
    heads: &[
        ("generic_type", "", Same),
        ("scoped_type_identifier", ">", Same),
        ("scoped_type_identifier", "", Path),
        ("type_list", "", Same),
        ("field_access", "field", Member),
        ("scoped_identifier", "name", Same),
        ("scoped_identifier", "scope", Path),
    ],
};

/// C, C++ and Objective-C.
pub const C: References = References {
    names: &[
        ("identifier", Read),
        ("field_identifier", Read),
        ("type_identifier", Type),
        ("namespace_identifier", Read),
        ("string_content", Nothing),
        ("system_lib_string", Nothing),
    ],
    roles: &[
        ("call_expression", "function", Call),
        ("new_expression", "type", Call),
        ("assignment_expression", "left", Write),
        ("update_expression", "argument", Write),
        ("init_declarator", "declarator", Local),
        ("declaration", "declarator", Local),
        ("parameter_declaration", "declarator", Local),
        ("optional_parameter_declaration", "declarator", Local),
        ("for_range_loop", "declarator", Local),
        ("base_class_clause", "", Inherit),
        ("using_declaration", "", Import),
        ("preproc_include", "path", Module),
    ],
    heads: &[
        ("field_expression", "field", Member),
        ("qualified_identifier", "name", Same),
        ("template_function", "name", Same),
        ("template_method", "name", Same),
        ("template_type", "name", Same),
        ("pointer_declarator", "declarator", Same),
        ("reference_declarator", "", Same),
        ("array_declarator", "declarator", Same),
        ("string_literal", "*", Same),
    ],
};

/// C#.
pub const CSHARP: References = References {
    names: &[("identifier", Read)],
    roles: &[
        ("invocation_expression", "function", Call),
        ("object_creation_expression", "type", Call),
        ("assignment_expression", "left", Write),
        ("variable_declarator", "name", Local),
        ("variable_declaration", "type", Type),
        ("parameter", "name", Local),
        ("parameter", "type", Type),
        ("method_declaration", "returns", Type),
        ("property_declaration", "type", Type),
        ("cast_expression", "type", Type),
        ("nullable_type", "type", Type),
        ("array_type", "type", Type),
        ("type_argument_list", "", Type),
        ("attribute", "name", Type),
        ("foreach_statement", "left", Local),
        ("catch_declaration", "type", Type),
        ("catch_declaration", "name", Local),
        ("declaration_expression", "name", Local),
        ("base_list", "", Inherit),
        ("using_directive", "name", Alias),
        ("using_directive", "", Module),
    ],
    heads: &[
        ("member_access_expression", "name", Member),
        ("generic_name", "", Same),
        ("qualified_name", "name", Same),
        ("qualified_name", "qualifier", Path),
    ],
};

/// Ruby.
pub const RUBY: References = References {
    names: &[("identifier", Read), ("constant", Type)],
    roles: &[
        ("call", "method", Call),
        ("superclass", "", Inherit),
        ("assignment", "left", Local),
        ("operator_assignment", "left", Write),
        ("method_parameters", "", Local),
        ("block_parameters", "", Local),
        ("lambda_parameters", "", Local),
        ("optional_parameter", "name", Local),
        ("keyword_parameter", "name", Local),
        ("splat_parameter", "name", Local),
        ("hash_splat_parameter", "name", Local),
        ("block_parameter", "name", Local),
        ("exception_variable", "", Local),
        ("for", "pattern", Local),
        ("alias", "name", Nothing),
    ],
    heads: &[("scope_resolution", "name", Same), ("left_assignment_list", "*", Same)],
};

/// PHP.
pub const PHP: References = References {
    names: &[("name", Read)],
    roles: &[
        ("function_call_expression", "function", Call),
        ("member_call_expression", "name", Call),
        ("nullsafe_member_call_expression", "name", Call),
        ("scoped_call_expression", "name", Call),
        ("scoped_call_expression", "scope", Type),
        ("object_creation_expression", "", Call),
        ("base_clause", "", Inherit),
        ("class_interface_clause", "", Inherit),
        ("use_declaration", "", Inherit),
        ("named_type", "", Type),
        ("attribute", "", Type),
        ("assignment_expression", "left", Write),
        ("simple_parameter", "name", Local),
        ("namespace_use_clause", "", Import),
        ("namespace_use_clause", "alias", Alias),
    ],
    heads: &[
        ("variable_name", "*", Same),
        ("qualified_name", ">", Same),
        ("qualified_name", "*", Path),
        ("namespace_name", "*", Path),
        ("member_access_expression", "name", Member),
    ],
};

/// Kotlin.
pub const KOTLIN: References = References {
    names: &[("identifier", Read)],
    roles: &[
        ("call_expression", "", Call),
        ("user_type", "", Type),
        ("delegation_specifier", "", Inherit),
        ("import", "", Import),
        ("package_header", "", Module),
        ("variable_declaration", "", Local),
        ("parameter", "", Local),
        ("class_parameter", "", Local),
        ("lambda_parameters", "", Local),
    ],
    heads: &[
        ("navigation_expression", ">", Member),
        ("user_type", "", Typed),
        ("constructor_invocation", "", Same),
        ("qualified_identifier", ">", Same),
        ("qualified_identifier", "", Path),
    ],
};

/// Lua.
pub const LUA: References = References {
    names: &[("identifier", Read)],
    roles: &[
        ("function_call", "name", Call),
        ("variable_list", "name", Write),
        ("variable_declaration", "", Local),
        ("parameters", "name", Local),
        ("for_numeric_clause", "name", Local),
        ("field", "name", Nothing),
    ],
    heads: &[
        ("dot_index_expression", "field", Member),
        ("method_index_expression", "method", Member),
        ("assignment_statement", "", Same),
        ("variable_list", "*", Same),
    ],
};

/// Shell scripts.
pub const BASH: References = References {
    names: &[("variable_name", Read), ("word", Nothing)],
    roles: &[("command", "name", Call), ("variable_assignment", "name", Write)],
    heads: &[("command_name", "*", Same)],
};
