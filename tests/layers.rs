//! The shape of the engine, checked: each layer names only lower ones, siblings never name each other, foreign APIs stay where they belong,
//! and every module says what it is for. The layers are those of ARCHITECTURE.md.

use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest; modules of one row are siblings.
const LAYERS: &[&[&str]] = &[
    &["text", "error", "limits", "order"],
    &["language"],
    &["syntax"],
    &["chunk", "symbol", "analysis", "embed"],
    &["segment"],
    &["query"],
    &["engine"],
    &["wasm"],
];
/// Siblings that every module may name.
const COMMON: &[&str] = &["error", "limits", "order"];
/// Crates and the only modules that may name them.
const FOREIGN: &[(&str, &[&str])] = &[
    ("wasm_bindgen", &["wasm"]),
    ("js_sys", &["wasm"]),
    ("web_sys", &["wasm"]),
    ("tsify", &["wasm"]),
    ("serde", &["wasm"]),
    ("tree_sitter", &["language", "syntax"]),
    ("codequarry_grammars", &["wasm"]),
];
/// Lines of a file that still fit a reader's head.
const MAX_LINES: usize = 620;

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| layer.contains(&module)).unwrap_or_else(|| panic!("module {module} is in no layer"))
}

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && path != root.join("lib.rs") {
                let inner = path.strip_prefix(&root).unwrap();
                let module = inner.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_string();
                let text = fs::read_to_string(&path).unwrap();
                found.push((module, inner.to_path_buf(), text));
            }
        }
    }
    found
}

/// The code of a file: comments and test modules at its end left out.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn names_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).map(move |(at, _)| {
        let rest = &code[at + prefix.len()..];
        &rest[..rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn each_layer_names_only_lower_ones() {
    let sources = sources();
    assert!(sources.len() > 30);
    let mut faults = Vec::new();
    for (module, path, text) in &sources {
        for named in names_after(&code(text), "crate::") {
            if named != module && !COMMON.contains(&named) && layer(named) >= layer(module) {
                faults.push(format!("{} names {named}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn foreign_apis_stay_where_they_belong() {
    let mut faults = Vec::new();
    for (module, path, text) in sources() {
        let code = code(&text);
        for (name, allowed) in FOREIGN {
            if code.contains(&format!("{name}::")) && !allowed.contains(&module.as_str()) {
                faults.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn files_are_of_a_readable_size_and_say_what_they_are_for() {
    let mut faults = Vec::new();
    for (_, path, text) in sources() {
        if text.lines().count() > MAX_LINES {
            faults.push(format!("{} has {} lines", path.display(), text.lines().count()));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{} does not begin with //!", path.display()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
