//! A light English stemmer for the parts of names and the words of comments.
//!
//! Inflections are removed (plural, -ing, -ed and a final e), so that `retries`, `retried` and `retry`, or `handle`, `handles`, `handled` and
//! `handling`, are one term. Derivations (`-tion`, `-er`, `-able`) are kept: in code a `parser` and `parse` are different things. Step 1 of
//! Porter's algorithm (M. F. Porter, 1980), simplified.

/// Replaces a lower-case word by its stem, in place. Words of other scripts stay as they are.
pub fn stem(word: &mut String) {
    if word.len() < 4 || !word.is_ascii() {
        return;
    }
    plural(word);
    past_and_progressive(word);
    if word.len() > 3 && word.ends_with('e') && !word.ends_with("ee") {
        word.pop();
    }
    if word.len() > 3 && word.ends_with('y') && !is_vowel(word.as_bytes(), word.len() - 2) {
        word.pop();
        word.push('i');
    }
}

fn plural(word: &mut String) {
    if word.ends_with("ies") && word.len() > 4 {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if ["sses", "xes", "ches", "shes", "zes"].iter().any(|end| word.ends_with(end)) {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        word.pop();
    }
}

fn past_and_progressive(word: &mut String) {
    let keep = if word.ends_with("ied") && word.len() > 4 {
        word.truncate(word.len() - 3);
        word.push('y');
        return;
    } else if word.ends_with("ing") {
        word.len() - 3
    } else if word.ends_with("ed") && !word.ends_with("eed") {
        word.len() - 2
    } else {
        return;
    };
    let bytes = word.as_bytes();
    if keep < 3 || !(0..keep).any(|at| is_vowel(bytes, at)) {
        return;
    }
    word.truncate(keep);
    let bytes = word.as_bytes();
    let last = bytes[keep - 1];
    let doubled = last == bytes[keep - 2] && !is_vowel(bytes, keep - 1) && !matches!(last, b'l' | b's' | b'z');
    if doubled && keep > 3 {
        word.pop();
    }
}

fn is_vowel(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => true,
        b'y' => at > 0 && !is_vowel(bytes, at - 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expect: &str) {
        for word in words {
            let mut stemmed = (*word).to_string();
            stem(&mut stemmed);
            assert_eq!(stemmed, expect, "{word}");
        }
    }

    #[test]
    fn inflections_of_a_word_meet() {
        check(&["retry", "retries", "retried"], "retri");
        check(&["handle", "handles", "handled", "handling"], "handl");
        check(&["run", "runs", "running"], "run");
        check(&["class", "classes"], "class");
        check(&["index", "indexes", "indexing", "indexed"], "index");
        check(&["process", "processes", "processing"], "process");
        check(&["need", "needs"], "need");
        check(&["match", "matches", "matched"], "match");
    }

    #[test]
    fn short_and_foreign_words_stay() {
        check(&["bus"], "bus");
        check(&["ring"], "ring");
        check(&["this"], "this");
        check(&["größe"], "größe");
        check(&["string"], "string");
    }
}
