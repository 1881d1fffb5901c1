//! Whole trees, for the comparison with native tree-sitter (`tests/parity/trees.mjs`). Only with the feature `trees`, which no shipped module has.

use super::builder::GRAMMARS;
use super::{Thrown, thrown};
use crate::syntax::{ParseBudget, Tree, tree_digest, tree_rows};
use crate::text;
use std::fmt::Write as _;
use wasm_bindgen::prelude::*;

/// The trees of a file as the builder parses it, its own and those of its parts in other languages: a line each with grammar, first and last byte, nodes, hash.
/// Throws the code of a refusal.
#[wasm_bindgen(js_name = treeDigests)]
pub fn tree_digests(path: &str, bytes: &[u8]) -> Thrown<String> {
    with_tree(path, bytes, |tree, len| {
        let mut lines = String::new();
        for (grammar, span, tree) in tree.raw_trees(len) {
            let digest = tree_digest(tree);
            let _ = writeln!(lines, "{grammar} {} {} {} {:032x}", span.start, span.end, digest.nodes, digest.hash);
        }
        lines
    })
}

/// The nodes of one of these trees, a line each.
#[wasm_bindgen(js_name = treeRows)]
pub fn rows(path: &str, bytes: &[u8], at: usize) -> Thrown<String> {
    with_tree(path, bytes, |tree, len| tree.raw_trees(len).nth(at).map_or(String::new(), |(.., tree)| tree_rows(tree)))
}

fn with_tree<T>(path: &str, bytes: &[u8], work: impl FnOnce(&Tree, u32) -> T) -> Thrown<T> {
    let refused = |code: &str| thrown(code, path);
    let decoded = text::decode(bytes).map_err(|refusal| refused(refusal.code()))?;
    GRAMMARS.with_borrow_mut(|grammars| {
        let language = grammars.detect(path, bytes).ok_or_else(|| refused("LANGUAGE_INVALID"))?;
        let tree = grammars.parse(language, &decoded.text, ParseBudget::default());
        tree.map(|tree| work(&tree, decoded.text.len() as u32)).map_err(|refusal| refused(refusal.code()))
    })
}
