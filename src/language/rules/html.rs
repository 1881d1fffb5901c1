//! HTML: what an address can point at, headings, scripts and styles.

use super::{Name, Rules, SCRIPTS_AND_STYLES, declare};
use crate::language::SymbolKind::{Element, Section};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["start_tag", "end_tag", "text", "raw_text", "doctype", "self_closing_tag"],
    embeds: SCRIPTS_AND_STYLES,
    declarations: &[
        declare("element", Section).name(Name::HtmlHeading).body(&[]),
        declare("element", Element).name(Name::HtmlId).body(&[]),
        declare("script_element", Element).name(Name::Fixed("script")).body(&[]).at_least(100),
        declare("style_element", Element).name(Name::Fixed("style")).body(&[]).at_least(100),
    ],
    ..Rules::NONE
};
