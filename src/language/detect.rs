//! Which language a file is in: by its name, its extension, its `#!` line.
//!
//! The table is small and a file is detected once, so it is searched in order; the first language that claims a name
//! has it. The bytes are looked at only where the name does not decide.

use super::{Language, all, by_id};
use crate::limits;

/// The language of a file, from its path and its first bytes (more than [`limits::DETECT_HEAD_BYTES`] are ignored; none
/// is fine). `None` when neither says.
pub fn detect(path: &str, head: &[u8]) -> Option<&'static Language> {
    detect_with(&[], path, head)
}

/// The same, with languages that were added: what they claim is theirs.
pub fn detect_with(added: &[&'static Language], path: &str, head: &[u8]) -> Option<&'static Language> {
    let languages = Languages { added };
    let head = &head[..head.len().min(limits::DETECT_HEAD_BYTES)];
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let found =
        languages.by_filename(&name).or_else(|| languages.by_extension(&name)).or_else(|| languages.by_shebang(head));
    match found {
        Some(language) if language.id == "c" && name.ends_with(".h") && smells_of_cpp(head) => by_id("cpp"),
        other => other,
    }
}

struct Languages<'l> {
    added: &'l [&'static Language],
}

impl Languages<'_> {
    fn find(&self, fits: impl Fn(&Language) -> bool) -> Option<&'static Language> {
        self.added.iter().copied().chain(all()).find(|language| fits(language))
    }

    fn by_filename(&self, name: &str) -> Option<&'static Language> {
        self.find(|language| language.filenames.contains(&name))
    }

    /// By the longest extension that is known: `x.d.ts` is tried as `d.ts`, then `ts`.
    fn by_extension(&self, name: &str) -> Option<&'static Language> {
        let mut rest = name;
        while let Some((_, extension)) = rest.split_once('.') {
            if let Some(language) = self.find(|language| language.extensions.contains(&extension)) {
                return Some(language);
            }
            rest = extension;
        }
        // `Dockerfile.dev`, `Makefile.am`.
        let stem = name.split('.').next().unwrap_or(name);
        (stem != name && !stem.is_empty()).then(|| self.by_filename(stem)).flatten()
    }

    fn by_shebang(&self, head: &[u8]) -> Option<&'static Language> {
        let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split_ascii_whitespace();
        let mut program = words.next()?;
        if program.ends_with("/env") || program == "env" {
            program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
        }
        let program = program.rsplit('/').next()?;
        let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        self.find(|language| language.interpreters.contains(&program))
    }
}

/// Whether a header is C++: it says something at the start of a line that C does not have.
fn smells_of_cpp(head: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"class ",
        b"namespace ",
        b"template",
        b"using ",
        b"public:",
        b"private:",
        b"protected:",
        b"constexpr ",
        b"virtual ",
        b"explicit ",
        b"friend ",
        b"inline namespace ",
        b"enum class ",
        b"concept ",
    ];
    const INCLUDES: &[&[u8]] = &[
        b"<string>",
        b"<vector>",
        b"<memory>",
        b"<map>",
        b"<cstdint>",
        b"<cstddef>",
        b"<iostream>",
        b"<functional>",
        b"<utility>",
        b"<type_traits>",
        b"<algorithm>",
        b"<array>",
        b"<optional>",
        b"<set>",
        b"<cassert>",
        b"<cstring>",
        b"<atomic>",
        b"<mutex>",
        b"<tuple>",
        b"<unordered_map>",
        b"<cstdlib>",
        b"<limits>",
        b"<initializer_list>",
    ];
    head.split(|byte| *byte == b'\n').any(|line| {
        let line = line.trim_ascii();
        if let Some(include) = line.strip_prefix(b"#include") {
            return INCLUDES.contains(&include.trim_ascii());
        }
        STARTS.iter().any(|start| line.starts_with(start)) && !line.starts_with(b"class of")
            || line.windows(5).any(|window| window == b"std::")
    })
}
