//! YAML: the keys of the outermost mapping, and those of the mappings in it that are of some size.

use super::json::INNER_KEY_BYTES;
use super::{Indents, Name, Rules, Scope, declare};
use crate::language::SymbolKind::Key;

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    indents: Some(Indents::Marks),
    opaque: &["flow_node", "block_scalar"],
    declarations: &[
        declare("block_mapping_pair", Key).name(Name::Unquoted("key")).body(&["value"]).within(Scope::Depth(4)),
        declare("block_mapping_pair", Key)
            .name(Name::Unquoted("key"))
            .body(&["value"])
            .within(Scope::Depth(7))
            .at_least(INNER_KEY_BYTES),
    ],
    ..Rules::NONE
};
