//! Languages in languages: scripts and styles of documents, fences of Markdown.
//!
//! What language a part is in is told by the text that opens it, `<script lang="ts">` or the first word of a fence, so that it
//! can be found both in the tree and, before there is one, in the bytes of a file.

use super::{Language, all, by_id};

/// A node with a part in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embed {
    /// The node.
    pub node: &'static str,
    /// The child that opens the part and tells its language.
    pub opener: &'static str,
    /// The child that is the part.
    pub content: &'static str,
    /// How openers tell a language.
    pub by: EmbedBy,
}

/// How an opener tells a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedBy {
    /// By its attribute `lang` or `type`; without them it is this one.
    Tag(&'static str),
    /// By its first word.
    Word,
}

impl EmbedBy {
    /// The language that an opener tells, one of `added` or of the table, unless it has no grammar.
    pub fn language(self, opener: &str, added: &[&'static Language]) -> Option<&'static Language> {
        match self {
            Self::Tag(default) => match attribute(opener, "lang").or_else(|| attribute(opener, "type")) {
                Some(name) => named(name, added),
                None => by_id(default),
            },
            Self::Word => named(opener, added),
        }
        .filter(|language| language.grammar.is_some())
    }
}

/// Longest tag that is looked at, in bytes.
const TAG_BYTES: usize = 400;

/// Every language that parts of a file may be in, from the text of the file; each once, in order. Never less than a tree would tell.
pub fn embedded(language: &Language, text: &[u8], added: &[&'static Language]) -> Vec<&'static Language> {
    let mut found: Vec<&'static Language> = Vec::new();
    let mut add = |by: EmbedBy, opener: &[u8]| {
        let language = std::str::from_utf8(opener).ok().and_then(|opener| by.language(opener, added));
        if let Some(language) = language.filter(|language| !found.iter().any(|known| known.id == language.id)) {
            found.push(language);
        }
    };
    for embed in language.rules().embeds {
        match embed.by {
            EmbedBy::Tag(_) => {
                let tag = if embed.node.starts_with("script") { &b"script"[..] } else { b"style" };
                let mut rest = text;
                while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
                    rest = &rest[at + 1..];
                    let opens = rest.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag));
                    // A value may hold the end of the tag: what may be meant is wanted as well.
                    let ends = rest.iter().take(if opens { TAG_BYTES } else { 0 }).enumerate();
                    for (end, _) in ends.filter(|(_, byte)| **byte == b'>').take(4) {
                        add(embed.by, &rest[..end]);
                    }
                }
            }
            EmbedBy::Word => {
                for line in text.split(|byte| *byte == b'\n') {
                    let fence = line.windows(3).position(|marks| marks == b"```" || marks == b"~~~");
                    if let Some(at) = fence {
                        add(embed.by, line[at..].trim_ascii());
                    }
                }
            }
        }
    }
    found
}

/// The language of a name as people write it: an id, an extension, a media type.
fn named(name: &str, added: &[&'static Language]) -> Option<&'static Language> {
    let name = name.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '#')));
    let name = name.split([' ', '\t', ',', '{', ':', ';']).next()?.to_ascii_lowercase();
    let name = name.rsplit('/').next()?;
    let name = name.strip_prefix("x-").unwrap_or(name);
    let name = match name {
        "module" | "ecmascript" | "node" => "javascript",
        "ld+json" | "importmap" | "speculationrules" => "json",
        "shell" | "shellscript" => "bash",
        "c#" => "csharp",
        "golang" => "go",
        "objective-c" => "objc",
        "protobuf" => "proto",
        "terraform" => "hcl",
        _ => name,
    };
    let known = |language: &&'static Language| language.id == name || language.extensions.contains(&name);
    let in_table = || by_id(name).or_else(|| all().iter().find(known));
    if name.is_empty() { None } else { added.iter().copied().find(known).or_else(in_table) }
}

/// The value of an attribute in the text of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some(at) = rest.find(name) {
        let starts = rest[..at].ends_with(|c: char| c.is_ascii_whitespace());
        rest = &rest[at + name.len()..];
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
        if let Some(value) = value.filter(|_| starts) {
            return match value.chars().next()? {
                quote @ ('"' | '\'') => value[1..].split(quote).next(),
                _ => value.split(|c: char| c.is_ascii_whitespace() || c == '>').next(),
            };
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(by: EmbedBy, opener: &str, expected: Option<&str>) {
        assert_eq!(by.language(opener, &[]).map(|language| language.id), expected, "{opener}");
    }

    #[test]
    fn openers_tell_the_language() {
        let script = EmbedBy::Tag("javascript");
        check(script, "<script>", Some("javascript"));
        check(script, "<script setup lang=\"ts\">", Some("typescript"));
        check(script, "<script type='module' src=x>", Some("javascript"));
        check(script, "<script type=application/json>", Some("json"));
        check(script, "<script type=\"text/x-template\">", None);
        check(script, "<script data-lang=\"ts\">", Some("javascript"));
        check(EmbedBy::Tag("css"), "<style scoped lang=\"scss\">", Some("scss"));
        check(EmbedBy::Word, "rust,ignore", Some("rust"));
        check(EmbedBy::Word, "js title=\"a.js\"", Some("javascript"));
        check(EmbedBy::Word, "{.python}", Some("python"));
        check(EmbedBy::Word, "C++", Some("cpp"));
        check(EmbedBy::Word, "console", None);
        check(EmbedBy::Word, "", None);
    }

    #[test]
    fn added_languages_are_told_before_those_of_the_table() {
        static ADDED: Language = Language {
            id: "rescript",
            extensions: &["res", "rs"],
            filenames: &[],
            interpreters: &[],
            grammar: Some("rescript"),
        };
        let tells = |opener| EmbedBy::Word.language(opener, &[&ADDED]).map(|language| language.id);
        assert_eq!(
            ["rescript", "res", "rs", "rust"].map(tells),
            [Some("rescript"), Some("rescript"), Some("rescript"), Some("rust")]
        );
        let found = embedded(by_id("markdown").expect("known"), b"```res\n```\n", &[&ADDED]);
        assert_eq!(found.iter().map(|language| language.id).collect::<Vec<_>>(), ["rescript"]);
    }

    #[test]
    fn the_bytes_tell_what_a_tree_would() {
        let of = |id: &str, text: &str| -> Vec<&str> {
            let language = by_id(id).expect("known");
            embedded(language, text.as_bytes(), &[]).iter().map(|language| language.id).collect()
        };
        assert_eq!(of("vue", "<script lang=\"ts\">a < b</script>\n<STYLE>"), ["typescript", "css"]);
        assert_eq!(of("markdown", "a\n\n```rust\n```\n> ~~~ js\n```\n  ```rust\n"), ["rust", "javascript"]);
        assert_eq!(of("rust", "// <script>\n"), [""; 0]);
        assert_eq!(of("html", "<"), [""; 0]);
    }
}
