//! Tokenizer version 1, first half: text to parts. A *word* is a run of letters or a run of ASCII digits. Letters are the ASCII ones and the blocks beyond that hold
//! letters: a word with one of those is in no vocabulary, but must not be torn into pieces that are. Words are cut at camelCase humps (`aB` is a|B,
//! `ABc` is A|Bc); a part's first [`MAX_CHARS`] characters count, in lower case where they are ASCII.

/// Characters of a part that count.
pub const MAX_CHARS: usize = 40;

/// Calls `emit` with every part of `text` in order; `buffer` is scratch.
pub fn parts(text: &str, buffer: &mut String, mut emit: impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        if bytes[at].is_ascii_digit() {
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            emit(&text[start..at.min(start + MAX_CHARS)]);
            continue;
        }
        loop {
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            match text[at..].chars().next() {
                Some(char) if is_foreign_letter(char) => at += char.len_utf8(),
                _ => break,
            }
        }
        if start == at {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        } else {
            humps(&text[start..at], buffer, &mut emit);
        }
    }
}

/// Whether a character is in a block of letters beyond ASCII.
fn is_foreign_letter(char: char) -> bool {
    matches!(char,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{1fff}' | '\u{2c00}'..='\u{2fff}' | '\u{3040}'..='\u{fdff}' | '\u{10000}'..)
}

fn humps(word: &str, buffer: &mut String, emit: &mut impl FnMut(&str)) {
    let bytes = word.as_bytes();
    let mut start = 0;
    for at in 1..=bytes.len() {
        let hump = |at: usize| {
            bytes[at].is_ascii_uppercase()
                && (bytes[at - 1].is_ascii_lowercase()
                    || bytes[at - 1].is_ascii_uppercase() && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
        };
        if at == bytes.len() || hump(at) {
            let part = &word[start..at];
            let end = if part.len() <= MAX_CHARS {
                part.len()
            } else {
                part.char_indices().nth(MAX_CHARS).map_or(part.len(), |(end, _)| end)
            };
            buffer.clear();
            buffer.push_str(&part[..end]);
            buffer.make_ascii_lowercase();
            emit(buffer);
            start = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let mut found: Vec<String> = Vec::new();
        parts(text, &mut String::new(), |part| found.push(part.to_string()));
        assert_eq!(found.join(" "), expect, "{text:?}");
    }

    #[test]
    fn text_becomes_parts() {
        check("", "");
        check("parseHTTPResponse2xx", "parse http response 2 xx");
        check("snake_case-and.dots(x)", "snake case and dots x");
        check("ABC", "abc");
        check("HttpServer", "http server");
        check("aB aBC XYZa", "a b a bc xy za");
        check("über ΑΒγ éA Aé × – µm 😀x", "über ΑΒγ éa aé m 😀x");
        check("価格 naïve", "価格 naïve");
        check("a\u{130}b", "a\u{130}b");
        check("1234567890123456789012345678901234567890999", "1234567890123456789012345678901234567890");
        check(&"a".repeat(50), &"a".repeat(40));
        check(&"é".repeat(50), &"é".repeat(40));
    }
}
