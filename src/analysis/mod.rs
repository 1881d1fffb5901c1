//! Code-aware terms: how text becomes what the index stores and what a query asks for.
//!
//! A *word* is a run of letters, digits and underscores. It is split into *parts* at underscores, camelCase humps and between letters and
//! digits. A word of several parts gives one *whole* term, its parts joined in lower case (so `handleRequest`, `handle_request` and
//! `HANDLE_REQUEST` are one term, `handlerequest`), and one term a part, lightly stemmed. A word of one part gives that part. Scripts written without
//! spaces give overlapping pairs of characters. Nothing is removed as a stop word here: that is the query's decision.

mod stem;

pub use stem::stem;

/// Raised whenever the same text would give other terms: such segments cannot be searched together.
pub const ANALYZER_VERSION: u32 = 1;
/// Longest word in bytes: longer ones are data (hashes, base64), not names, and are not indexed.
pub const MAX_WORD_BYTES: usize = 80;

/// What a term stands for in its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// All parts of a word of several parts, joined.
    Whole,
    /// One part of a word of several.
    Part,
    /// A word of a single part.
    Single,
}

/// Turns text into terms; keeps its buffers between calls.
#[derive(Default)]
pub struct Analyzer {
    /// Words met that were too long to be indexed.
    pub passed_over: u32,
    whole: String,
    part: String,
    parts: Vec<(usize, usize)>,
}

impl Analyzer {
    /// Calls `emit` with each term of `text` in order, its role, and the byte range of its word.
    pub fn terms(&mut self, text: &str, mut emit: impl FnMut(&str, Role, std::ops::Range<usize>)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte < 0x80 {
                if !is_word_byte(byte) {
                    at += 1;
                    continue;
                }
            } else {
                let (char, len) = char_at(text, at);
                if !char.is_alphanumeric() {
                    at += len;
                    continue;
                }
                if is_unspaced(char) {
                    at = self.pairs(text, at, &mut emit);
                    continue;
                }
            }
            let start = at;
            while at < bytes.len() {
                let byte = bytes[at];
                if byte < 0x80 {
                    if !is_word_byte(byte) {
                        break;
                    }
                    at += 1;
                } else {
                    let (char, len) = char_at(text, at);
                    if !char.is_alphanumeric() || is_unspaced(char) {
                        break;
                    }
                    at += len;
                }
            }
            self.word(text, start..at, &mut emit);
        }
    }

    fn word(
        &mut self,
        text: &str,
        range: std::ops::Range<usize>,
        emit: &mut impl FnMut(&str, Role, std::ops::Range<usize>),
    ) {
        let word = &text[range.clone()];
        if word.len() > MAX_WORD_BYTES {
            self.passed_over += 1;
            return;
        }
        self.whole.clear();
        self.parts.clear();
        if word.is_ascii() {
            self.split_ascii(word)
        } else {
            self.split_unicode(word)
        }
        match self.parts.len() {
            0 => {}
            1 => {
                self.part.clear();
                self.part.push_str(&self.whole);
                stem(&mut self.part);
                emit(&self.part, Role::Single, range);
            }
            _ => {
                emit(&self.whole, Role::Whole, range.clone());
                for &(start, end) in &self.parts {
                    let part = &self.whole[start..end];
                    // One letter or a number inside a longer name says nothing by itself.
                    if part.len() < 2 || part.as_bytes()[0].is_ascii_digit() {
                        continue;
                    }
                    self.part.clear();
                    self.part.push_str(part);
                    stem(&mut self.part);
                    emit(&self.part, Role::Part, range.clone());
                }
            }
        }
    }

    /// Fills `whole` and `parts` from an ASCII word.
    fn split_ascii(&mut self, word: &str) {
        let bytes = word.as_bytes();
        let mut start = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'_' {
                self.close(&mut start);
                continue;
            }
            if at > 0 && splits(class(bytes[at - 1]), class(byte), bytes.get(at + 1).map(|&next| class(next))) {
                self.close(&mut start);
            }
            self.whole.push(byte.to_ascii_lowercase() as char);
        }
        self.close(&mut start);
    }

    /// The same for any script.
    fn split_unicode(&mut self, word: &str) {
        let mut start = 0;
        let mut previous = Class::Other;
        let mut chars = word.chars().peekable();
        while let Some(char) = chars.next() {
            let now = char_class(char);
            if char == '_' {
                self.close(&mut start);
            } else {
                if splits(previous, now, chars.peek().map(|&next| char_class(next))) {
                    self.close(&mut start);
                }
                self.whole.extend(char.to_lowercase());
            }
            previous = now;
        }
        self.close(&mut start);
    }

    fn close(&mut self, start: &mut usize) {
        if self.whole.len() > *start {
            self.parts.push((*start, self.whole.len()));
            *start = self.whole.len();
        }
    }

    /// Emits the overlapping pairs of a run without spaces and returns its end.
    fn pairs(&mut self, text: &str, start: usize, emit: &mut impl FnMut(&str, Role, std::ops::Range<usize>)) -> usize {
        let mut end = start;
        let mut previous: Option<usize> = None;
        let mut count = 0;
        while end < text.len() {
            let (char, len) = char_at(text, end);
            if !is_unspaced(char) {
                break;
            }
            if let Some(previous) = previous {
                emit(&text[previous..end + len], Role::Single, previous..end + len);
            }
            previous = Some(end);
            end += len;
            count += 1;
        }
        if count == 1 {
            emit(&text[start..end], Role::Single, start..end);
        }
        end
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Other,
}

/// Whether a part ends between two neighbours: `aB`, `a1`, `1a`, and before the last capital of `HTTPServer`.
fn splits(previous: Class, now: Class, next: Option<Class>) -> bool {
    match (previous, now) {
        (Class::Lower, Class::Upper) => true,
        (Class::Digit, Class::Lower | Class::Upper) | (Class::Lower | Class::Upper, Class::Digit) => true,
        (Class::Upper, Class::Upper) => next == Some(Class::Lower),
        _ => false,
    }
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' => Class::Lower,
        b'A'..=b'Z' => Class::Upper,
        b'0'..=b'9' => Class::Digit,
        _ => Class::Other,
    }
}

fn char_class(char: char) -> Class {
    if char.is_ascii() {
        class(char as u8)
    } else if char.is_uppercase() {
        Class::Upper
    } else if char.is_numeric() {
        Class::Digit
    } else if char.is_alphabetic() {
        Class::Lower
    } else {
        Class::Other
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a word goes on over byte `at` of `text`, a character boundary.
pub fn cuts_word(text: &str, at: usize) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || char == '_' || is_unspaced(char);
    text[..at].chars().next_back().is_some_and(is_word) && text[at..].chars().next().is_some_and(is_word)
}

fn char_at(text: &str, at: usize) -> (char, usize) {
    let char = text[at..].chars().next().expect("at is a character boundary inside the text");
    (char, char.len_utf8())
}

/// Whether `char` is of Han, kana, hangul or Thai: scripts whose words are not separated by spaces, or too long when they are.
pub fn is_unspaced(char: char) -> bool {
    matches!(char, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let mut terms = Vec::new();
        Analyzer::default().terms(text, |term, _, _| terms.push(term.to_string()));
        assert_eq!(terms, expect, "{text:?}");
    }

    #[test]
    fn words_split_as_programmers_read_them() {
        check("handleRequest", &["handlerequest", "handl", "request"]);
        check(
            "handle_request HANDLE_REQUEST",
            &["handlerequest", "handl", "request", "handlerequest", "handl", "request"],
        );
        check("parseHTTPHeader", &["parsehttpheader", "pars", "http", "header"]);
        check("sha256 utf8 i", &["sha256", "sha", "utf8", "utf", "i"]);
        check("__init__ _", &["init"]);
        check("a.b->c(42)", &["a", "b", "c", "42"]);
        check("xRange", &["xrange", "rang"]);
    }

    #[test]
    fn every_script_gives_terms() {
        check("größeÄndern", &["größeändern", "größe", "ändern"]);
        check("検索する x", &["検索", "索す", "する", "x"]);
        check("字", &["字"]);
        check("Привет, мир!", &["привет", "мир"]);
        check("🙂🙂 !!", &[]);
    }

    #[test]
    fn data_is_not_a_word() {
        check(&"a".repeat(81), &[]);
        check(&"0f".repeat(300), &[]);
    }

    #[test]
    fn ascii_and_unicode_paths_agree() {
        for word in ["handleRequest", "HTTPServer2Go", "a_b__c", "X9y", "ALLCAPS", "snake_Case9"] {
            let (mut ascii, mut unicode) = (Analyzer::default(), Analyzer::default());
            ascii.split_ascii(word);
            unicode.split_unicode(word);
            assert_eq!((&ascii.whole, &ascii.parts), (&unicode.whole, &unicode.parts), "{word}");
        }
    }
}
