//! Offsets to lines, and the small questions about lines that chunking and docs ask.

use super::Span;

/// Where the lines of a text start. Lines end at a line feed, which belongs to them; a carriage return before it is
/// part of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    len_bytes: u32,
}

impl LineIndex {
    /// Indexes `text`, which must be shorter than 4 GiB.
    pub fn new(text: &str) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        starts.extend(memchr_lines(text.as_bytes()));
        Self { starts, len_bytes: text.len() as u32 }
    }

    /// The number of lines: line feeds plus one, so an empty text has one line.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line, counted from 0, that holds the byte at `offset`; the last line for offsets past the end.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32 - 1
    }

    /// The last line, counted from 0, of `span`: that of its last byte, so that a span ending after a line feed does
    /// not reach into the next line.
    pub fn last_line(&self, span: Span) -> u32 {
        self.line(if span.is_empty() { span.start } else { span.end - 1 })
    }

    /// The bytes of a line counted from 0, its line feed included; empty past the last line.
    pub fn span(&self, line: u32) -> Span {
        let at = |line: usize| self.starts.get(line).copied().unwrap_or(self.len_bytes);
        Span::new(at(line as usize), at(line as usize + 1))
    }
}

fn memchr_lines(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at as u32 + 1)
}

/// The start of the line that holds `offset`, where only blanks stand between the two; `offset` itself otherwise.
pub fn line_start(text: &str, offset: usize) -> usize {
    let before = text.as_bytes()[..offset].iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | 0x0C));
    match before {
        None => 0,
        Some(at) if text.as_bytes()[at] == b'\n' => at + 1,
        Some(_) => offset,
    }
}

/// Whether `text` is only white space (ASCII).
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

/// The greatest character boundary that is at most `offset`.
pub fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
