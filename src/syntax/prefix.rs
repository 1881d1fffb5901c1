//! The comments and attributes directly before a declaration.
//!
//! Walking in order, the run of comments and attributes seen last is kept; a declaration that starts right after it
//! takes it. A blank line ends a run, and so does anything else standing in between.

use crate::language::Rules;
use crate::text::{Span, line_start};

/// A run of comments and attributes, each on the line after the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prefix {
    /// The whole run.
    span: Span,
    /// Its comments, from the first to the last.
    comments: Option<Span>,
    /// Where its first attribute starts.
    attributes: Option<u32>,
    /// Whether its last comment may stand one blank line away from what it documents.
    spaced: bool,
}

/// What a declaration takes from the run before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Where the run starts.
    pub start: Option<u32>,
    /// The comments in it.
    pub comments: Option<Span>,
    /// Where its first attribute starts.
    pub attributes: Option<u32>,
}

impl Prefix {
    /// Sees a comment.
    pub fn comment(&mut self, text: &str, span: Span, rules: &Rules) {
        let span = trimmed(text, span);
        let bytes = span.of(text);
        if rules.inner_docs.iter().any(|mark| bytes.starts_with(mark)) || !starts_line(text, span.start) {
            *self = Self::default();
            return;
        }
        if !self.touches(text, span.start, 1) {
            let trails = rules.trailing_docs.iter().any(|mark| bytes.starts_with(mark));
            let behind_code = !self.touches(text, span.start, u32::MAX);
            *self = Self::default();
            if trails && behind_code {
                return;
            }
            self.span = Span::new(span.start, span.start);
        }
        self.span.end = span.end;
        self.spaced = span.start > 0 && rules.spaced_docs.iter().any(|mark| bytes.starts_with(mark));
        let comments = self.comments.get_or_insert(span);
        comments.end = span.end;
    }

    /// Sees an attribute.
    pub fn attribute(&mut self, text: &str, span: Span) {
        let span = trimmed(text, span);
        if !self.touches(text, span.start, 1) {
            *self = Self { span: Span::new(span.start, span.start), ..Self::default() };
        }
        self.span.end = span.end;
        self.attributes.get_or_insert(span.start);
    }

    /// What belongs to a declaration that starts at `start`.
    pub fn take(&self, text: &str, start: u32) -> Taken {
        if !self.touches(text, start, if self.spaced { 2 } else { 1 }) {
            return Taken::default();
        }
        Taken { start: Some(self.span.start), comments: self.comments, attributes: self.attributes }
    }

    /// Whether only white space with at most `feeds` line feeds stands between the run and `start`.
    fn touches(&self, text: &str, start: u32, feeds: u32) -> bool {
        !self.span.is_empty()
            && self.span.end <= start
            && text.as_bytes()[self.span.end as usize..start as usize]
                .iter()
                .try_fold(0u32, |lines, byte| match byte {
                    b'\n' => Some(lines + 1),
                    byte if byte.is_ascii_whitespace() => Some(lines),
                    _ => None,
                })
                .is_some_and(|lines| lines <= feeds)
    }
}

/// Some grammars count the line feed after a comment as part of it.
fn trimmed(text: &str, span: Span) -> Span {
    let bytes = span.of(text).trim_ascii_end();
    Span::new(span.start, span.start + bytes.len() as u32)
}

fn starts_line(text: &str, offset: u32) -> bool {
    let start = line_start(text, offset as usize);
    start == 0 || text.as_bytes()[start - 1] == b'\n'
}
