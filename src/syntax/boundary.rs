//! Where a text may be cut.
//!
//! A piece that is too large is cut between its statements, as high in the tree as possible. One pass over the oversized
//! nodes lists every such place: a node that fits is never looked into, so the pass is short.

use tree_sitter::Node;

use super::compile::{Compiled, flag};
use super::walk::{advance, span_of};
use crate::text::{floor_char_boundary, line_start};

/// A place to cut, before a node and the comments and attributes that lead it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// Byte offset; the start of the line where only blanks stand before the node.
    pub offset: u32,
    /// How deep the node stands in the tree. Lower is better.
    pub depth: u32,
}

/// Lists the boundaries in order; no offset twice.
pub(super) fn boundaries(tree: &tree_sitter::Tree, text: &str, compiled: &Compiled, max_bytes: u32) -> Vec<Boundary> {
    let mut found: Vec<Boundary> = Vec::new();
    let mut cursor = tree.walk();
    let mut depth = 0;
    // The end of the comments or attributes that lead the next node.
    let mut lead_end: Option<u32> = None;
    let mut held = usize::MAX;
    loop {
        let node = cursor.node();
        let is_lead = compiled.flags(node.kind_id()) & (flag::COMMENT | flag::ATTRIBUTE) != 0;
        // A comment behind code belongs to that code.
        let trails = is_lead && !starts_line(text, node.start_byte());
        let led = lead_end.is_some_and(|end| is_adjacent(text, end, node.start_byte()));
        if led {
            held = node.start_byte();
        }
        // What starts where a led node starts is its first part.
        if node.is_named() && !trails && node.start_byte() != held {
            push(&mut found, text, node, depth);
        }
        lead_end = (is_lead && !trails).then(|| span_of(node, text).end);
        let inside = node.end_byte() - node.start_byte() > max_bytes as usize;
        if !advance(&mut cursor, &mut depth, inside) {
            return found;
        }
    }
}

fn push(found: &mut Vec<Boundary>, text: &str, node: Node<'_>, depth: u32) {
    let offset = line_start(text, span_of(node, text).start as usize) as u32;
    // Nodes come in order, but the start of a line may lie before the start of an outer node on that line.
    if found.last().is_none_or(|last| last.offset < offset) {
        found.push(Boundary { offset, depth });
    }
}

fn starts_line(text: &str, offset: usize) -> bool {
    let start = line_start(text, floor_char_boundary(text, offset));
    start == 0 || text.as_bytes()[start - 1] == b'\n'
}

/// Whether at most one line feed and otherwise only blanks stand between two offsets.
fn is_adjacent(text: &str, end: u32, start: usize) -> bool {
    let Some(between) = text.as_bytes().get((end as usize).saturating_sub(1)..start) else { return false };
    // A grammar may count the line feed as part of the comment: look at the last byte as well.
    let feeds = between.iter().filter(|byte| **byte == b'\n').count();
    feeds <= 1 && between.iter().skip(1).all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::by_id;
    use crate::syntax::{Grammars, ParseBudget};

    /// The same by the definition: every node, its ancestors and its siblings asked for one by one.
    fn naive(tree: &tree_sitter::Tree, text: &str, compiled: &Compiled, max_bytes: u32) -> Vec<Boundary> {
        fn visit<'t>(node: Node<'t>, depth: u32, nodes: &mut Vec<(Node<'t>, u32)>, max_bytes: u32) {
            nodes.push((node, depth));
            if node.end_byte() - node.start_byte() > max_bytes as usize {
                let mut cursor = node.walk();
                let children: Vec<_> = node.children(&mut cursor).collect();
                children.into_iter().for_each(|child| visit(child, depth + 1, nodes, max_bytes));
            }
        }
        let mut nodes = Vec::new();
        visit(tree.root_node(), 0, &mut nodes, max_bytes);
        let leads = |node: &Node<'_>| {
            compiled.flags(node.kind_id()) & (flag::COMMENT | flag::ATTRIBUTE) != 0
                && starts_line(text, node.start_byte())
        };
        let trails = |node: &Node<'_>| {
            compiled.flags(node.kind_id()) & (flag::COMMENT | flag::ATTRIBUTE) != 0
                && !starts_line(text, node.start_byte())
        };
        let led = |at: usize| {
            at > 0
                && leads(&nodes[at - 1].0)
                && is_adjacent(text, span_of(nodes[at - 1].0, text).end, nodes[at].0.start_byte())
        };
        let mut found: Vec<Boundary> = Vec::new();
        for (at, (node, depth)) in nodes.iter().enumerate() {
            let in_led = (0..=at).any(|outer| nodes[outer].0.start_byte() == node.start_byte() && led(outer));
            if node.is_named() && !trails(node) && !in_led {
                let offset = line_start(text, node.start_byte()) as u32;
                if found.iter().all(|other| other.offset < offset) {
                    found.push(Boundary { offset, depth: *depth });
                }
            }
        }
        found
    }

    #[test]
    fn boundaries_agree_with_their_definition() {
        let text = "// a\n// b\nfn f() {\n    g(); // c\n    #[x]\n    // d\n    let y = [1, 2,\n        3];\n\n    // e\n\n    h()\n}\n\nfn i() {}\n";
        let mut grammars = Grammars::new();
        grammars.register("rust", codequarry_grammars::linked("rust").expect("linked")).expect("usable");
        let tree = grammars.parse(by_id("rust").expect("known"), text, ParseBudget::default()).expect("small");
        for max_bytes in [0, 5, 20, 60, 1000] {
            let found = tree.boundaries(text, max_bytes);
            assert_eq!(found, naive(tree.raw(), text, tree.compiled(), max_bytes), "{max_bytes}");
            assert!(found.is_sorted_by_key(|boundary| boundary.offset));
        }
        let lines: Vec<_> =
            tree.boundaries(text, 20).iter().map(|found| text[found.offset as usize..].lines().next()).collect();
        assert_eq!(lines[..4], [Some("// a"), Some("f() {"), Some("() {"), Some("{")]);
    }
}
