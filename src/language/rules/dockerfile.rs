//! Dockerfiles: build stages, each up to the next, and the arguments before the first.

use super::{Name, Rules, declare};
use crate::language::SymbolKind::{Module, Variable};

/// The rules.
pub const RULES: Rules = Rules {
    comments: &["comment"],
    opaque: &["shell_command", "run_instruction", "copy_instruction"],
    declarations: &[
        declare("from_instruction", Module).name(Name::Field("as")).body(&[]).open_ended(),
        declare("from_instruction", Module).name(Name::Child("image_spec")).body(&[]).open_ended(),
        declare("arg_instruction", Variable).body(&[]),
        declare("env_pair", Variable).body(&[]),
    ],
    ..Rules::NONE
};
