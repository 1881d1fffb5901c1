//! SCSS: what CSS has, and functions, mixins and variables.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::{Function, Selector, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "js_comment"],
    opaque: &["import_statement", "use_statement", "selectors", "parameters"],
    declarations: &[
        declare("mixin_statement", Function).body(&["block"]),
        declare("function_statement", Function).body(&["block"]),
        declare("rule_set", Selector).name(Name::BeforeBody).body(&["block"]),
        declare("media_statement", Selector).name(Name::BeforeBody).body(&["block"]),
        declare("supports_statement", Selector).name(Name::BeforeBody).body(&["block"]),
        declare("keyframes_statement", Selector).name(Name::BeforeBody).body(&["keyframe_block_list"]),
        declare("at_rule", Selector).name(Name::BeforeBody).body(&["block"]).with_body(),
        declare("declaration", Variable).name(Name::Child("property_name")).body(&[]).within(Scope::Depth(1)),
    ],
    ..Rules::NONE
};
