//! Declarations in stretches where the parser lost its way.
//!
//! A construct that a grammar does not know can put the rest of a file into one error node: quotes get out of step, classes become operators. What
//! starts a declaration on a line of its own is then told by its words, as data: [`LineDeclare`]. Only such stretches are read so, and only what the tree
//! did not tell is added.

use tree_sitter::{Node, Tree};

use super::outline::{Declaration, Outline};
use super::walk::{advance, span_of};
use crate::language::rules::LineDeclare;
use crate::limits;
use crate::text::Span;

/// Size in bytes from which an error is a stretch that is read by lines: smaller ones are a slip in one place.
const DAMAGE_BYTES: u32 = 400;

/// Adds to `outline` what the lines in errors of `tree` declare.
pub(super) fn mend(outline: Outline, tree: &Tree, text: &str, rules: &[LineDeclare]) -> Outline {
    if rules.is_empty() || !tree.root_node().has_error() {
        return outline;
    }
    let mut names: Vec<u32> = outline.declarations.iter().map(|found| found.name_range.start).collect();
    crate::order::sort_by_key(&mut names, |start| *start);
    let mut found: Vec<Declaration> = Vec::new();
    for stretch in damage(tree, text) {
        lines(text, stretch, rules, &mut found);
        if found.len() > limits::MAX_MENDED_DECLARATIONS {
            found.truncate(limits::MAX_MENDED_DECLARATIONS);
            break;
        }
    }
    found.retain(|declaration| names.binary_search(&declaration.name_range.start).is_err());
    if found.is_empty() { outline } else { merged(outline, found) }
}

/// The outermost errors of some size, in order.
fn damage(tree: &Tree, text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        let node: Node<'_> = cursor.node();
        let span = span_of(node, text);
        let damaged = node.is_error() && span.len() >= DAMAGE_BYTES;
        if damaged {
            found.push(span);
        }
        let inside = !damaged && node.has_error() && span.len() >= DAMAGE_BYTES;
        if !advance(&mut cursor, &mut depth, inside) {
            return found;
        }
    }
}

fn lines(text: &str, stretch: Span, rules: &[LineDeclare], found: &mut Vec<Declaration>) {
    let mut start = stretch.start;
    for line in stretch.of(text).split_inclusive('\n') {
        if let Some(mut declaration) = rules.iter().find_map(|rule| declared(line, start, rule)) {
            let rest = Span::new(start + line.len() as u32, stretch.end);
            let indent = line.len() - line.trim_ascii_start().len();
            if let Some(end) = closed(rest.of(text), &line[..indent]) {
                let end = rest.start + end as u32;
                declaration.body = Some(Span::new(declaration.signature.end, end));
                (declaration.range.end, declaration.unit.end) = (end, end);
            }
            found.push(declaration);
        }
        start += line.len() as u32;
    }
}

/// What a line at `offset` declares by `rule`.
fn declared(line: &str, offset: u32, rule: &LineDeclare) -> Option<Declaration> {
    let shown = line.trim_ascii_end().trim_end_matches(['{', ' ', '\t']);
    let first = line.len() - line.trim_ascii_start().len();
    let mut rest = &line[first..];
    while let Some(after) = rule.before.iter().find_map(|word| without(rest, word)) {
        rest = after;
    }
    if !rule.keyword.is_empty() {
        rest = without(rest, rule.keyword)?;
    }
    let len = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
    let fits =
        len > 0 && !rest.as_bytes()[0].is_ascii_digit() && rest[len..].trim_ascii_start().starts_with(rule.after);
    let at = offset + (line.len() - rest.len()) as u32;
    let whole = Span::new(offset + first as u32, offset + shown.len().max(first) as u32);
    let name_range = Span::new(at, at + len as u32);
    (fits && len <= limits::MAX_NAME_BYTES && whole.contains(name_range)).then(|| Declaration {
        kind: rule.kind,
        name: rest[..len].to_owned(),
        name_range,
        range: whole,
        docs: None,
        unit: whole,
        signature: whole,
        body: None,
        parent: None,
        qualifier: None,
    })
}

/// What follows a word and blanks.
fn without<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(word)?;
    let bare = rest.trim_start_matches([' ', '\t']);
    (bare.len() < rest.len()).then_some(bare)
}

/// Where a block ends that was opened on the line before `rest`: at the first line that is not further in, when that is a closing brace.
fn closed(rest: &str, indent: &str) -> Option<usize> {
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        let own = line.trim_ascii();
        let further = line.strip_prefix(indent).is_some_and(|inner| inner.starts_with([' ', '\t']));
        if !own.is_empty() && !further {
            return line.strip_prefix(indent)?.starts_with('}').then_some(at + indent.len() + 1);
        }
        at += line.len();
    }
    None
}

/// Both in order, each with what it stands in as its parent. What is added stays clear of what was there.
fn merged(outline: Outline, found: Vec<Declaration>) -> Outline {
    let mut merged: Vec<Declaration> = Vec::with_capacity(outline.declarations.len() + found.len());
    let mut moved: Vec<u32> = Vec::with_capacity(outline.declarations.len());
    let mut open: Vec<u32> = Vec::new();
    let mut found = found.into_iter().peekable();
    let place = |merged: &mut Vec<Declaration>, open: &mut Vec<u32>, mut added: Declaration, next: u32| {
        while open.last().is_some_and(|top| merged[*top as usize].range.end <= added.range.start) {
            open.pop();
        }
        added.parent = open.last().copied();
        let limit = added.parent.map_or(u32::MAX, |top| merged[top as usize].range.end).min(next);
        if added.range.end > limit {
            (added.range, added.unit, added.body) = (added.signature, added.signature, None);
        }
        let clear = merged.last().is_none_or(|last| last.signature.start < added.range.start);
        if added.range.end <= limit && clear {
            merged.push(added);
        }
    };
    for mut declaration in outline.declarations {
        while let Some(added) = found.next_if(|added| added.range.start < declaration.unit.start) {
            place(&mut merged, &mut open, added, declaration.unit.start);
        }
        moved.push(merged.len() as u32);
        declaration.parent = declaration.parent.map(|parent| moved[parent as usize]);
        while open.last().is_some_and(|top| merged[*top as usize].range.end <= declaration.range.start) {
            open.pop();
        }
        open.push(merged.len() as u32);
        merged.push(declaration);
    }
    for added in found {
        place(&mut merged, &mut open, added, u32::MAX);
    }
    Outline { declarations: merged, references: outline.references }
}
