//! Text made by a machine for a machine: bundles and minified code.
//!
//! Parsing it costs much and yields names like `e` and `t`. The common rule (a line over 2,048 bytes) also hits
//! hand-written files with one long literal, so the rule here asks what share of the text stands in long, dense lines.

use crate::limits;

/// Whether most of the text stands in lines too long and too dense to have been written by hand.
///
/// Prose is not dense: its long lines are one sixth blanks, minified code has less than one in twelve.
pub fn looks_minified(text: &str) -> bool {
    if text.len() < limits::MINIFIED_TEXT_BYTES {
        return false;
    }
    let mut long = 0;
    let mut blanks = 0;
    for line in text.as_bytes().split(|byte| *byte == b'\n') {
        if line.len() > limits::MINIFIED_LINE_BYTES {
            long += line.len();
            blanks += line.iter().filter(|byte| byte.is_ascii_whitespace()).count();
        }
    }
    long * 2 > text.len() && blanks * 12 < long
}

/// Whether the file's name says that it was minified or bundled: `jquery.min.js`, `app.bundle.css`, `x.min.js.map`.
pub fn is_minified_name(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    [".min.", "-min.", ".bundle.", ".chunk."].iter().any(|mark| name.contains(mark))
        && [".js", ".mjs", ".cjs", ".css", ".map", ".html"].iter().any(|end| name.ends_with(end))
}
