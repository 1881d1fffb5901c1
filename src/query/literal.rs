//! Finding a text as it is, in time proportional to what is looked through.

use memchr::memmem::Finder;

/// A text to be found. Without `case`, letters stand for themselves in upper and lower case.
pub struct Literal {
    finder: Finder<'static>,
    case: bool,
    folded: Vec<u8>,
}

impl Literal {
    /// `text` must not be empty.
    pub fn new(text: &str, case: bool) -> Self {
        let mut needle = text.as_bytes().to_vec();
        if !case {
            fold(&mut needle);
        }
        Self { finder: Finder::new(&needle).into_owned(), case, folded: Vec::new() }
    }

    /// Length of every match in bytes.
    #[allow(clippy::len_without_is_empty, reason = "a text to be found is never empty")]
    pub fn len(&self) -> usize {
        self.finder.needle().len()
    }

    /// Whether two matches could overlap: the text ends as it begins.
    pub fn overlaps_itself(&self) -> bool {
        // The failure function of Knuth, Morris and Pratt.
        let needle = self.finder.needle();
        let mut border = vec![0usize; needle.len()];
        for at in 1..needle.len() {
            let mut len = border[at - 1];
            while len > 0 && needle[len] != needle[at] {
                len = border[len - 1];
            }
            border[at] = len + usize::from(needle[len] == needle[at]);
        }
        border.last().is_some_and(|&len| len > 0)
    }

    /// Calls `each` with the start of every match in `text`, none overlapping the one before, until it returns false.
    pub fn find(&mut self, text: &[u8], mut each: impl FnMut(usize) -> bool) {
        let text = if self.case {
            text
        } else {
            self.folded.clear();
            self.folded.extend_from_slice(text);
            fold(&mut self.folded);
            &self.folded
        };
        for at in self.finder.find_iter(text) {
            if !each(at) {
                return;
            }
        }
    }
}

/// Lower-cases UTF-8 in place. Characters whose lower case has another length stay as they are, so offsets do too.
pub fn fold(bytes: &mut [u8]) {
    bytes.make_ascii_lowercase();
    let mut at = 0;
    while let Some(skip) = bytes[at..].iter().position(|byte| !byte.is_ascii()) {
        at += skip;
        let len = match bytes[at] {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
            _ => 1,
        };
        let end = (at + len).min(bytes.len());
        if let Some(char) = std::str::from_utf8(&bytes[at..end]).ok().and_then(|text| text.chars().next()) {
            let mut lower = char.to_lowercase();
            if let (Some(lower), None) = (lower.next(), lower.next())
                && lower.len_utf8() == len
            {
                lower.encode_utf8(&mut bytes[at..end]);
            }
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(needle: &str, case: bool, text: &str, expect: &[usize]) {
        let mut found = Vec::new();
        Literal::new(needle, case).find(text.as_bytes(), |at| {
            found.push(at);
            true
        });
        assert_eq!(found, expect, "{needle:?} in {text:?}");
    }

    #[test]
    fn texts_are_found_with_and_without_case() {
        check("Foo", true, "foo Foo FOO", &[4]);
        check("Foo", false, "foo Foo FOO", &[0, 4, 8]);
        check("ÄÖ", false, "äö ÄÖ Äö", &[0, 5, 10]);
        check("ПРИВЕТ", false, "x Привет", &[2]);
        check("aa", true, "aaaaa", &[0, 2]);
        // The Kelvin sign is three bytes, its lower case is one.
        check("k", false, "\u{212A} k", &[4]);
        check("\u{212A}", false, "\u{212A} k", &[0]);
    }
}
