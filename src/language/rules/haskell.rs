//! Haskell. A signature and the equations after it are one function.

use super::{Indents, Name, Rules, Scope, declare};
use crate::language::SymbolKind::{EnumMember, Field, Function, Impl, Interface, Struct, Type};

const NAME: Name = Name::Unquoted("name");
const INFIX: Name = Name::Inside(&["infix", "operator"]);

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "haddock"],
    inner_docs: &["-- ^", "{-^"],
    opaque: &[
        "header",
        "imports",
        "pragma",
        "local_binds",
        "let",
        "let_in",
        "do",
        "infix",
        "apply",
        "patterns",
        "type_params",
        "context",
        "deriving",
        "literal",
        "quasiquote",
    ],
    indents: Some(Indents::Blanks),
    declarations: &[
        declare("signature", Function).name(NAME).body(&[]).merging().within(Scope::Static),
        declare("function", Function).name(NAME).body(&["match"]).merging().within(Scope::Static),
        declare("function", Function).name(INFIX).body(&["match"]).merging().within(Scope::Static),
        declare("bind", Function).name(NAME).body(&["match"]).merging().within(Scope::Static),
        declare("data_type", Struct).name(NAME).body(&["constructors"]),
        declare("newtype", Struct).name(NAME).body(&["constructor"]),
        declare("type_synonym", Type).name(NAME).body(&[]),
        declare("type_family", Type).name(NAME).body(&[]),
        declare("data_family", Type).name(NAME).body(&[]),
        declare("class", Interface).name(NAME).body(&["declarations"]),
        declare("instance", Impl).name(Name::Type("patterns")).body(&["declarations"]),
        declare("data_constructor", EnumMember).name(Name::Inside(&["constructor", "name"])).body(&[]),
        declare("newtype_constructor", EnumMember).body(&[]),
        declare("gadt_constructor", EnumMember).name(NAME).body(&[]),
        declare("field", Field).body(&[]).within(Scope::Member),
    ],
    ..Rules::NONE
};
