//! Fortran as it was punched into cards, in the form that the grammar reads.
//!
//! In fixed form the column decides: a letter or star in the first makes a comment, a mark in the sixth goes on with the line before. The grammar reads free form,
//! in which that is said by `!` and `&`. So the marks are exchanged, byte for byte: whatever the tree tells of places holds for the text as it is. Which of
//! the two a text is in is told by its lines, since names of files do not say it reliably, and parts of other files have none.
//!
//! Not done: what stands behind column 72 is code here, as most compilers are told; blanks inside words stay.

use std::borrow::Cow;

/// The column, from 0, of the mark that a line goes on with the one before.
const MARK: usize = 5;

/// What a line is, in fixed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Card {
    /// A comment, blank, or meant for a preprocessor.
    Comment,
    /// It begins a statement.
    First,
    /// It goes on with the statement before; the mark stands at this offset.
    Next(usize),
}

/// The text in free form, of the same length and with every word in its place; as it is where it is in free form already.
pub fn free_form(text: &str) -> Cow<'_, str> {
    if !is_fixed(text) {
        return text.into();
    }
    let mut out = text.as_bytes().to_vec();
    // Where the last line of the statement stands, and what it leaves open.
    let mut last: Option<Line> = None;
    let mut start = 0;
    for line in text.as_bytes().split_inclusive(|byte| *byte == b'\n') {
        match card(line) {
            Card::Comment => {
                if matches!(line.first(), Some(b'C' | b'c' | b'*' | b'D' | b'd')) {
                    out[start] = b'!';
                }
            }
            Card::First => {
                if line.get(MARK) == Some(&b'0') && line[..MARK].iter().all(|byte| *byte == b' ') {
                    out[start + MARK] = b' ';
                }
                last = Some(Line::read(line, start, 0, None));
            }
            Card::Next(mark) => {
                if let Some(before) = last {
                    before.go_on(&mut out);
                    out[start + mark] = b'&';
                    last = Some(Line::read(line, start, mark + 1, before.quote));
                }
            }
        }
        start += line.len();
    }
    // Only ASCII was exchanged for ASCII, or whole comments for blanks.
    String::from_utf8(out).map_or(text.into(), Cow::Owned)
}

/// A line of a statement: its end, the comment on it, and the quote of the string that is open there.
#[derive(Clone, Copy, Debug)]
struct Line {
    comment: usize,
    end: usize,
    quote: Option<u8>,
}

impl Line {
    /// Reads a line that starts at an offset, from a byte of it on.
    fn read(line: &[u8], start: usize, from: usize, mut quote: Option<u8>) -> Self {
        let len = line.len() - line.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let mut comment = len;
        for (at, byte) in line[..len].iter().enumerate().skip(from) {
            match quote {
                Some(open) if *byte == open => quote = None,
                None if matches!(byte, b'\'' | b'"') => quote = Some(*byte),
                None if *byte == b'!' => {
                    comment = at;
                    break;
                }
                _ => {}
            }
        }
        Self { comment: start + comment, end: start + len, quote }
    }

    /// Writes that the next line goes on with this one: over the comment, or else over the line feed.
    fn go_on(self, out: &mut [u8]) {
        if self.comment < self.end {
            out[self.comment..self.end].fill(b' ');
            out[self.comment] = b'&';
        } else if let Some(feeds) = out.get_mut(self.end..) {
            let feed = feeds.iter().position(|byte| *byte == b'\n').unwrap_or(0);
            feeds[..=feed].fill(b' ');
            feeds[0] = b'&';
        }
    }
}

/// Whether more lines can only be in fixed form than can only be in free form.
fn is_fixed(text: &str) -> bool {
    let (mut fixed, mut free) = (0u32, 0u32);
    for line in text.as_bytes().split(|byte| *byte == b'\n') {
        match card(line) {
            Card::Comment => fixed += u32::from(is_marked(line)),
            Card::Next(mark) => fixed += u32::from(!line[mark].is_ascii_alphanumeric()),
            Card::First => {
                let code = line.trim_ascii_end();
                let number = |byte: &&u8| byte.is_ascii_digit() || **byte == b' ';
                let early = line.iter().take(MARK).find(|byte| !number(byte));
                free += u32::from(early.is_some_and(|byte| !byte.is_ascii_whitespace()) || code.ends_with(b"&"));
            }
        }
    }
    fixed > free
}

/// Whether a comment could be nothing else: `*` or a lone `C` in the first column.
fn is_marked(line: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'(' | b'%' | b'&');
    match line {
        [b'*', ..] => true,
        [b'C' | b'c', rest @ ..] => !rest.first().is_some_and(word) && !rest.trim_ascii_start().starts_with(b"="),
        _ => false,
    }
}

fn card(line: &[u8]) -> Card {
    let code = line.trim_ascii_start();
    match line.first() {
        _ if code.is_empty() || code[0] == b'!' || code[0] == b'#' => return Card::Comment,
        Some(b'C' | b'c' | b'*' | b'D' | b'd') => return Card::Comment,
        Some(b'\t') if matches!(line.get(1), Some(b'1'..=b'9')) => return Card::Next(1),
        _ => {}
    }
    let blank = line.len() > MARK && line[..MARK].iter().all(|byte| *byte == b' ');
    if blank && line[MARK].is_ascii_graphic() && line[MARK] != b'0' { Card::Next(MARK) } else { Card::First }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, free: &str) {
        let found = free_form(text);
        assert_eq!(found, free);
        assert_eq!(found.len(), text.len());
        assert_eq!(free_form(&text.replace('\n', "\r\n")).len(), text.replace('\n', "\r\n").len());
    }

    #[test]
    fn cards_become_free_form_of_the_same_length() {
        check("C A comment\n      X = 1\n", "! A comment\n      X = 1\n");
        check("*> Docs\n      CALL F(A,\n     $   B)\n", "!> Docs\n      CALL F(A,&     &   B)\n");
        check("* a\n      X = A ! é\n     +  + B\n", "! a\n      X = A &   \n     &  + B\n");
        check("* a\n      S = 'it''s ! no\n     1 comment'\n", "! a\n      S = 'it''s ! no&     & comment'\n");
        check("* a\n      X = A +\nC between\n     1 B\n", "! a\n      X = A +&! between\n     & B\n");
        check("c a\n\tX = A +\n\t1 B\n", "! a\n\tX = A +&\t& B\n");
        check("* a\n     0X = 1\n   10 CONTINUE\n", "! a\n      X = 1\n   10 CONTINUE\n");
        check("* a\nD     PRINT *, X\n#ifdef A\n", "! a\n!     PRINT *, X\n#ifdef A\n");
        check("* a\n      X = 1 +\r\n     $    2", "! a\n      X = 1 +&      &    2");
    }

    #[test]
    fn free_form_stays_as_it_is() {
        for text in [
            "",
            "module a\ncontains\ncall b()\nend\n",
            "program p\n  x = a + &\n     & b\nend program\n",
            "c = 1\nx = 2\n",
            "      x = 1\n      end\n",
            "! a\n      subroutine f(a,                                              &\n     &             b)\n",
            "     x = 1\n     y = 2\n",
        ] {
            check(text, text);
        }
    }
}
