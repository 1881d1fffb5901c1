//! Languages that a host adds at run time.
//!
//! They are of the same shape as those of the table, and live as long as the program: there are few, and rules are looked at for every node.

use super::{Language, Rules, all};

/// What is wrong with an added language by itself; nothing when it can be taken.
pub fn refusal(language: &Language, rules: &Rules) -> Option<String> {
    let id = language.id;
    let plain = |text: &str| !text.is_empty() && text.len() <= MAX_WORD_BYTES && !text.contains(['/', '\\', '\0']);
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !plain(id) || !id.bytes().all(letters) {
        return Some(format!("id {id:?} must consist of a to z, 0 to 9 and _"));
    }
    if all().iter().any(|known| known.grammar.is_some() && known.id == id || known.grammar == Some(id)) {
        return Some(format!("{id} is built in"));
    }
    let names = [language.extensions, language.filenames, language.interpreters];
    if names.iter().all(|names| names.is_empty()) {
        return Some(format!("{id} has no extensions, filenames or interpreters"));
    }
    for name in names.into_iter().flatten() {
        if !plain(name) || *name != name.to_lowercase() {
            return Some(format!("{name:?} must be in lower case, without a path"));
        }
    }
    let dotted = language.extensions.iter().find(|extension| extension.starts_with('.'));
    if let Some(extension) = dotted {
        return Some(format!("extension {extension:?} must be without the dot"));
    }
    let nameless = |rule: &&super::rules::Declare| rule.node.is_empty();
    rules.declarations.iter().find(nameless).map(|_| "a symbol rule has no node".to_string())
}

/// Longest id, extension or name, in bytes.
const MAX_WORD_BYTES: usize = 64;

/// Texts that stay for good.
pub fn keep_all(texts: Vec<String>) -> &'static [&'static str] {
    Vec::leak(texts.into_iter().map(|text| &*String::leak(text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &'static str, extensions: &'static [&'static str], says: &str) {
        let language = Language { id, extensions, filenames: &[], interpreters: &[], grammar: Some("g") };
        let refused = refusal(&language, &Rules::NONE).unwrap_or_default();
        assert!(refused.contains(says) && refused.is_empty() == says.is_empty(), "{id} {extensions:?}: {refused}");
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        check("elm", &["elm"], "");
        check("new_1", &["new"], "");
        check("", &["x"], "must consist");
        check("a/b", &["x"], "must consist");
        check("rust", &["x"], "built in");
        check("make", &["x"], "built in");
        check("gleam", &["gleam"], "");
        check("x", &[], "no extensions");
        check("x", &[".x"], "without the dot");
        check("x", &["X"], "lower case");
        check("x", &["a/x"], "without a path");
    }
}
