//! Vue: the parts of a component; scripts and styles are parsed as their own languages.

use super::{Name, Rules, SCRIPTS_AND_STYLES, declare};
use crate::language::SymbolKind::{Element, Section};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["start_tag", "end_tag", "text", "raw_text", "interpolation", "self_closing_tag"],
    embeds: SCRIPTS_AND_STYLES,
    declarations: &[
        declare("script_element", Element).name(Name::Fixed("script")).body(&[]),
        declare("style_element", Element).name(Name::Fixed("style")).body(&[]),
        declare("template_element", Element).name(Name::Fixed("template")).body(&[]),
        declare("element", Section).name(Name::HtmlHeading).body(&[]),
        declare("element", Element).name(Name::HtmlId).body(&[]),
    ],
    ..Rules::NONE
};
