//! The lines of a hit that show best why it was found.

use super::present::to_utf16;

/// Some lines of a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// The lines, without the last line feed.
    pub text: String,
    /// Where words of the query stand in `text`: half-open ranges of UTF-16 units.
    pub matches: Vec<(u32, u32)>,
}

/// The best `lines` lines of `text`, which begins on line `first_line`, with `matches` in bytes: those with the most different matches, then with the most,
/// then the first.
pub fn snippet(text: &str, first_line: u32, matches: &[(usize, usize)], lines: usize) -> Snippet {
    let mut starts: Vec<usize> = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1).filter(|&at| at < text.len()));
    let line_of = |at: usize| starts.partition_point(|&start| start <= at) - 1;
    let placed: Vec<(usize, String)> =
        matches.iter().map(|&(start, end)| (line_of(start), text[start..end].to_lowercase())).collect();
    let last = starts.len().saturating_sub(lines);
    let mut best = (0, 0, 0);
    // A window is worth trying where a match is its first line or its last.
    for from in placed.iter().flat_map(|&(line, _)| [line.min(last), (line + 1).saturating_sub(lines)]) {
        let inside = || placed.iter().filter(|(line, _)| (from..from + lines).contains(line));
        let mut different: Vec<&str> = inside().map(|(_, word)| word.as_str()).collect();
        crate::order::sort(&mut different);
        different.dedup();
        let worth = (different.len(), inside().count(), usize::MAX - from);
        if (best.0, best.1) == (0, 0) || worth > best {
            best = worth;
        }
    }
    let from = if best.0 == 0 { 0 } else { usize::MAX - best.2 };
    let to = (from + lines).min(starts.len());
    let (start, end) = (starts[from], starts.get(to).copied().unwrap_or(text.len()));
    let shown = text[start..end].trim_end_matches(['\n', '\r']);
    let inside: Vec<(usize, usize)> = matches
        .iter()
        .filter(|&&(from, to)| from >= start && to <= start + shown.len())
        .map(|&(from, to)| (from - start, to - start))
        .collect();
    Snippet {
        start_line: first_line + from as u32,
        end_line: first_line + to as u32 - 1,
        matches: to_utf16(shown, &inside),
        text: shown.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, words: &[&str], lines: usize, expect: (u32, u32, &str)) {
        let mut matches: Vec<(usize, usize)> =
            words.iter().flat_map(|word| text.match_indices(word).map(|(at, _)| (at, at + word.len()))).collect();
        matches.sort_unstable();
        let Snippet { start_line, end_line, text: shown, .. } = snippet(text, 10, &matches, lines);
        assert_eq!((start_line, end_line, shown.as_str()), expect);
    }

    #[test]
    fn the_lines_with_the_most_different_words_are_shown() {
        let text = "a\nx x x\nb\nx y\nc\n";
        check(text, &["x", "y"], 1, (13, 13, "x y"));
        check(text, &["x"], 1, (11, 11, "x x x"));
        check(text, &[], 2, (10, 11, "a\nx x x"));
        check(text, &["c"], 2, (13, 14, "x y\nc"));
        check(text, &["x", "y"], 100, (10, 14, "a\nx x x\nb\nx y\nc"));
        check("", &[], 3, (10, 10, ""));
        let found = snippet("é\nôx", 1, &[(5, 6)], 1);
        assert_eq!((found.text.as_str(), &found.matches[..]), ("ôx", &[(1, 2)][..]));
    }
}
