//! Markdown: sections under their headings, as deep as they go.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::Section;

/// The rules.
pub const RULES: Rules = Rules {
    opaque: &["paragraph", "fenced_code_block", "list", "pipe_table", "block_quote", "atx_heading", "setext_heading"],
    declarations: &[declare("section", Section).name(Name::Heading).body(&[])],
    ..Rules::NONE
};
