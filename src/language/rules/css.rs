//! CSS.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::Selector;

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment", "js_comment"],
    opaque: &["selectors", "declaration", "import_statement", "charset_statement"],
    declarations: &[
        declare("rule_set", Selector).name(Name::BeforeBody).body(&["block"]),
        declare("media_statement", Selector).name(Name::BeforeBody).body(&["block"]),
        declare("supports_statement", Selector).name(Name::BeforeBody).body(&["block"]),
        declare("at_rule", Selector).name(Name::BeforeBody).body(&["block"]).with_body(),
        declare("keyframes_statement", Selector).name(Name::BeforeBody).body(&["keyframe_block_list"]),
    ],
    ..Rules::NONE
};
