//! Clojure: declarations are lists that start with `def` or one of its relatives.

use super::{Declare, Name, Rules, declare};
use crate::language::SymbolKind::{self, Class, Function, Impl, Interface, Macro, Module, Variable};

/// A list that starts with one of `words` and goes on with the name.
const fn list(words: &'static [&'static str], kind: SymbolKind) -> Declare {
    declare("list_lit", kind).saying(&["value"], words).name(Name::Second).body(&[])
}

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["vec_lit", "map_lit", "set_lit", "str_lit", "syn_quoting_lit", "quoting_lit", "meta_lit", "anon_fn_lit"],
    line_signatures: true,
    declarations: &[
        list(&["ns"], Module).open_ended(),
        list(&["defn", "defn-", "defmethod", "defmulti", "deftest", "definline"], Function),
        list(&["defmacro"], Macro),
        list(&["def", "defonce"], Variable),
        list(&["defprotocol", "definterface"], Interface),
        list(&["defrecord", "deftype", "defstruct"], Class),
        list(&["extend-type", "extend-protocol"], Impl),
    ],
    ..Rules::NONE
};
