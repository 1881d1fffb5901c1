//! Elixir: declarations are calls of `def`, `defmodule` and their like.

use super::{Declare, Name, Rules, declare};
use crate::language::SymbolKind::{Function, Impl, Interface, Macro, Module, Namespace, Struct, Type};

/// A call of one of `words`, named by its first argument.
const fn call(words: &'static [&'static str], kind: crate::language::SymbolKind) -> Declare {
    declare("call", kind).saying(&["target"], words).name(Name::Argument(&[])).body(&["do_block"])
}

/// `@type t :: …`.
const fn attribute(words: &'static [&'static str], kind: crate::language::SymbolKind) -> Declare {
    declare("unary_operator", kind).saying(&["operand", "target"], words).name(Name::Argument(&["operand"])).body(&[])
}

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    inner_docs: &["@moduledoc"],
    attributes: &["unary_operator"],
    doc_attributes: &["@doc", "@typedoc"],
    functions: &["anonymous_function"],
    opaque: &["arguments", "string", "charlist", "sigil", "map", "list", "tuple", "binary_operator", "alias", "dot"],
    docstrings: true,
    declarations: &[
        call(&["defmodule"], Module),
        call(&["defprotocol"], Interface),
        call(&["defimpl"], Impl),
        call(&["def", "defp", "defdelegate", "defguard", "defguardp", "defn", "defnp"], Function).merging(),
        call(&["defmacro", "defmacrop"], Macro).merging(),
        call(&["describe"], Namespace),
        call(&["test", "property"], Function),
        declare("call", Struct).saying(&["target"], &["defstruct"]).name(Name::Fixed("defstruct")).body(&[]),
        declare("call", Struct).saying(&["target"], &["defexception"]).name(Name::Fixed("defexception")).body(&[]),
        attribute(&["type", "typep", "opaque"], Type),
        attribute(&["callback", "macrocallback"], Function),
    ],
    ..Rules::NONE
};
