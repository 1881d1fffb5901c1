//! Whole trees, node by node: what the comparison with native tree-sitter compares. Only with the feature `trees`, which no shipped module has.

use std::fmt::Write as _;

use tree_sitter::{Node, Tree};
use xxhash_rust::xxh3::Xxh3;

use super::walk::advance;

/// A tree in short: equal for trees that are equal in every node, and, for all that is known, only for those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeDigest {
    /// Nodes, those without a name included.
    pub nodes: u64,
    /// Hash over [`tree_rows`].
    pub hash: u128,
}

/// The digest of a tree.
pub fn tree_digest(tree: &Tree) -> TreeDigest {
    let (mut nodes, mut hash, mut row) = (0, Xxh3::new(), String::new());
    for_each(tree, |depth, node, field| {
        nodes += 1;
        row.clear();
        write_row(&mut row, depth, node, field);
        hash.update(row.as_bytes());
    });
    TreeDigest { nodes, hash: hash.digest128() }
}

/// Every node in the order of the text, a line each: depth, field, kind, places in bytes and in rows and columns, and what it is: named, missing, an error, an extra, with an error inside.
pub fn tree_rows(tree: &Tree) -> String {
    let mut rows = String::new();
    for_each(tree, |depth, node, field| write_row(&mut rows, depth, node, field));
    rows
}

fn for_each(tree: &Tree, mut visit: impl FnMut(u32, Node<'_>, &str)) {
    let (mut cursor, mut depth) = (tree.walk(), 0);
    loop {
        visit(depth, cursor.node(), cursor.field_name().unwrap_or("-"));
        if !advance(&mut cursor, &mut depth, true) {
            return;
        }
    }
}

fn write_row(out: &mut String, depth: u32, node: Node<'_>, field: &str) {
    let (start, end) = (node.start_position(), node.end_position());
    let flags = [
        (node.is_named(), 'n'),
        (node.is_missing(), 'm'),
        (node.is_error(), 'e'),
        (node.is_extra(), 'x'),
        (node.has_error(), 'h'),
    ];
    let flags: String = flags.iter().filter(|(is, _)| *is).map(|(_, flag)| flag).collect();
    let (rows, columns) = ((start.row, end.row), (start.column, end.column));
    let _ = writeln!(
        out,
        "{depth} {field} {:?} {}..{} {}:{}-{}:{} {flags}",
        node.kind(),
        node.start_byte(),
        node.end_byte(),
        rows.0,
        columns.0,
        rows.1,
        columns.1
    );
}
