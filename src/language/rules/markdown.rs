//! Markdown: sections under their headings, as deep as they go.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::Section;
use crate::language::{Embed, EmbedBy};

/// The rules.
pub const RULES: Rules = Rules {
    opaque: &["paragraph", "fenced_code_block", "list", "pipe_table", "block_quote", "atx_heading", "setext_heading"],
    embeds: &[Embed {
        node: "fenced_code_block",
        opener: "info_string",
        content: "code_fence_content",
        by: EmbedBy::Word,
    }],
    declarations: &[declare("section", Section).name(Name::Heading).body(&[])],
    ..Rules::NONE
};
