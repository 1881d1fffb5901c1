//! How deep a text is indented, before it is parsed.
//!
//! Scanners of indented languages save their stack of indentations in a buffer of fixed size, and some write past its end. Counting the
//! levels beforehand, with the scanner's own notion of a level and never fewer, keeps such texts away from them.

use crate::language::rules::Indents;

/// The greatest number of levels that are open at once.
pub(super) fn indent_levels(text: &str, indents: Indents) -> usize {
    let mut open: Vec<usize> = Vec::new();
    let mut most = 0;
    for line in text.as_bytes().split(|byte| matches!(byte, b'\n' | b'\r' | 0x0C)) {
        let mut column = 0;
        let mut at = blanks(line, &mut column);
        if at == line.len() {
            continue;
        }
        while open.last().is_some_and(|last| *last >= column) {
            open.pop();
        }
        open.push(column);
        while indents == Indents::Marks
            && matches!(line[at], b'-' | b'?' | b':')
            && matches!(line.get(at + 1), Some(b' ' | b'\t'))
        {
            column += 1;
            at += 1;
            at += blanks(&line[at..], &mut column);
            if at == line.len() {
                break;
            }
            open.push(column);
        }
        most = most.max(open.len());
    }
    most
}

/// Counts the blanks at the start of `line` and adds their columns.
fn blanks(line: &[u8], column: &mut usize) -> usize {
    let mut at = 0;
    while let Some(b' ' | b'\t') = line.get(at) {
        *column += if line[at] == b'\t' { 8 } else { 1 };
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, blanks: usize, marks: usize) {
        assert_eq!(indent_levels(text, Indents::Blanks), blanks, "{text:?}");
        assert_eq!(indent_levels(text, Indents::Marks), marks, "{text:?}");
    }

    #[test]
    fn levels_are_counted() {
        check("", 0, 0);
        check("a\nb", 1, 1);
        check("a\n b\n  c\n d", 3, 3);
        check("a\n\tb\n\t c", 3, 3);
        check("a\n      \n b", 2, 2);
        check("- - - a\n- b", 1, 4);
        check("-\n -\n  - ", 3, 3);
        check("- ? : a", 1, 4);
        check("-- a", 1, 1);
    }
}
