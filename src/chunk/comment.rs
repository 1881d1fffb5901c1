//! What looks like a comment, whatever the language.
//!
//! Chunks are planned without knowing the language; whether a scrap of text between two declarations is a heading comment is
//! told by its marks. A wrong guess moves a few bytes to the other neighbour.

/// What comments start with in most languages. `#` alone may also be a preprocessor's line.
const MARKS: &[&str] = &["//", "/*", "# ", "#!", "##", "#-", "#=", "#*", "--", "<!--", ";;", "% ", "(*", "{-"];

/// What the later lines of a block comment start with.
const INNER_MARKS: &[&str] = &["*", "|", "#"];

/// Whether `text` starts like a comment.
pub(super) fn starts(text: &str) -> bool {
    MARKS.iter().any(|mark| text.starts_with(mark))
}

/// Whether every line of `text` looks like part of a comment, and one does.
pub(super) fn is_only(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_ascii).filter(|line| !line.is_empty());
    lines.next().is_some_and(starts)
        && lines.all(|line| starts(line) || INNER_MARKS.iter().any(|mark| line.starts_with(mark)))
}

/// The length in bytes of the comment that closes `text` behind a blank line, with the blank lines after it; 0 if there is none.
pub(super) fn closing(text: &str) -> usize {
    let end = text.trim_ascii_end().len();
    let mut start = end;
    for line in text[..end].rsplit('\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        start = start.saturating_sub(line.len() + 1);
    }
    let start = if start == 0 { return 0 } else { start + 1 };
    if start < end && is_only(&text[start..]) { text.len() - start } else { 0 }
}
