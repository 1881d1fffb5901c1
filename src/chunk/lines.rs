//! Where a text may be cut when no tree says so: at lines.

use super::cut::Candidate;

/// The starts of lines in `text[from..to]`, `from` excluded, with what it costs to cut there.
///
/// A cut after a blank line before text that is not indented costs nothing; deeper indentation and no blank line cost more.
pub(super) fn candidates(text: &str, from: usize, to: usize) -> impl Iterator<Item = Candidate> {
    let bytes = &text.as_bytes()[..to];
    let mut at = from;
    std::iter::from_fn(move || {
        loop {
            let feed = bytes[at..].iter().position(|byte| *byte == b'\n')?;
            let start = at + feed + 1;
            let blank_before = is_blank_line_before(bytes, from, at + feed);
            at = start;
            if start >= to {
                return None;
            }
            let indent = bytes[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if bytes.get(start + indent).is_none_or(|byte| matches!(byte, b'\n' | b'\r')) {
                // A blank line belongs to what stands before it.
                continue;
            }
            let closes = matches!(bytes[start + indent], b'}' | b')' | b']');
            let cost = (indent as u32).min(40) + if blank_before { 0 } else { 50 } + if closes { 50 } else { 0 };
            return Some(Candidate { offset: start as u32, cost });
        }
    })
}

/// Whether the line that ends with the line feed at `feed` is blank and not the first one.
fn is_blank_line_before(bytes: &[u8], from: usize, feed: usize) -> bool {
    let line = bytes[from..feed].iter().rev().take_while(|byte| **byte != b'\n');
    let mut line = line.peekable();
    line.all(|byte| byte.is_ascii_whitespace())
}
