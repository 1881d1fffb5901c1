//! JSON: the keys of the outermost object, and those of the objects in it that are of some size.

use super::{Name, Rules, Scope, declare};
use crate::language::SymbolKind::Key;

/// Size in bytes from which a key of the second level is worth a name.
pub(super) const INNER_KEY_BYTES: u32 = 80;

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["string", "number"],
    declarations: &[
        declare("pair", Key).name(Name::Unquoted("key")).body(&["value"]).within(Scope::Depth(2)),
        declare("pair", Key)
            .name(Name::Unquoted("key"))
            .body(&["value"])
            .within(Scope::Depth(4))
            .at_least(INNER_KEY_BYTES),
    ],
    ..Rules::NONE
};
