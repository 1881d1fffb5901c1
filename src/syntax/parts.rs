//! The parts of a declaration: its signature, its body, its docstring.

use tree_sitter::Node;

use super::compile::{Compiled, CompiledDeclare, Step, child_in, flag};
use super::names::child_of_kind;
use super::walk::span_of;
use crate::language::SymbolKind;
use crate::limits;
use crate::text::{Span, floor_char_boundary};

/// The node that is the body of a declaration.
fn body_of<'t>(node: Node<'t>, declare: &CompiledDeclare) -> Option<Node<'t>> {
    if declare.body.is_empty() { None } else { follow(node, &declare.body) }
}

/// The bytes of the body of a declaration: those of its node, or what follows the statement that opens the declaration.
pub(super) fn body_span(node: Node<'_>, declare: &CompiledDeclare, text: &str) -> Option<Span> {
    if declare.head.is_empty() {
        return body_of(node, declare).map(|body| span_of(body, text));
    }
    let (head, whole) = (span_of(follow(node, &declare.head)?, text), span_of(node, text));
    Some(Span::new(head.end.min(whole.end), whole.end))
}

/// Where a path of fields or kinds of children leads.
pub(super) fn follow<'t>(node: Node<'t>, path: &[Step]) -> Option<Node<'t>> {
    let mut at = node;
    for step in path {
        if step.kind == Step::FIRST {
            at = at.named_child(0)?;
            continue;
        }
        let by_field = child_in(at, step.field);
        let by_kind = || if step.kind == 0 { None } else { child_of_kind(at, step.kind) };
        at = by_field.or_else(by_kind)?;
    }
    Some(at)
}

/// The string that is the first statement of a body.
pub(super) fn docstring(text: &str, node: Node<'_>, declare: &CompiledDeclare, compiled: &Compiled) -> Option<Span> {
    let body = body_of(node, declare)?;
    let mut cursor = body.walk();
    let first = body.named_children(&mut cursor).find(|child| !child.is_extra())?;
    let whole = span_of(first, text);
    if compiled.rules.inner_docs.iter().any(|mark| whole.of(text).starts_with(mark)) {
        return Some(whole);
    }
    let string = if first.kind() == "string" { first } else { first.named_child(0)? };
    (string.kind() == "string" && span_of(string, text).end + 2 >= span_of(first, text).end)
        .then(|| span_of(string, text))
}

/// From the first word after decorators and attributes to before the body; without a body the first line.
pub(super) fn signature(
    text: &str,
    compiled: &Compiled,
    node: Node<'_>,
    first_word: u32,
    body: Option<Span>,
    kind: SymbolKind,
) -> Span {
    let span = span_of(node, text);
    let mut start = first_word;
    if start == span.start {
        start = after_attributes(text, compiled, node, start);
    }
    let end = body.map_or(span.end, |body| before_body(text, compiled, node, body)).max(start);
    let whole = Span::new(start, end).of(text);
    let lines = body.is_some() || kind.is_function() && !compiled.rules.line_signatures;
    // Without a body the line on which the declaration itself starts is the last one: `template <…>` may stand before.
    let lead = span.start.saturating_sub(start) as usize;
    let line = whole.get(lead..).and_then(|own| own.find('\n')).map_or(whole.len(), |feed| lead + feed);
    let shown = if lines { whole } else { &whole[..line] };
    let shown = &shown[..floor_char_boundary(shown, limits::SIGNATURE_BYTES as usize)];
    let shown = shown.trim_end_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '{' | ':' | ';' | ','));
    let shown = shown.strip_suffix(" =").map_or(shown, str::trim_ascii_end);
    Span::new(start, start + shown.len() as u32)
}

/// Where what stands before the body ends, comments and initialisers aside.
fn before_body(text: &str, compiled: &Compiled, node: Node<'_>, body: Span) -> u32 {
    let mut end = body.start;
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more && (cursor.node().start_byte() as u32) < body.start {
        let child = cursor.node();
        if compiled.flags(child.kind_id()) & (flag::COMMENT | flag::PREAMBLE) == 0 {
            end = span_of(child, text).end;
        }
        more = cursor.goto_next_sibling();
    }
    end.min(body.start)
}

/// Skips the attributes that are the first children of `node`.
fn after_attributes(text: &str, compiled: &Compiled, node: Node<'_>, start: u32) -> u32 {
    let mut after = start;
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more {
        let child = cursor.node();
        if compiled.flags(child.kind_id()) & (flag::ATTRIBUTE | flag::COMMENT) != 0 {
            after = after_blanks(text, span_of(child, text).end);
        } else if child.kind() == "modifiers" && cursor.goto_first_child() {
            continue;
        } else {
            break;
        }
        more = cursor.goto_next_sibling();
    }
    after
}

/// The first offset from `offset` on that is not white space.
pub(super) fn after_blanks(text: &str, offset: u32) -> u32 {
    let rest = &text[offset as usize..];
    offset + (rest.len() - rest.trim_ascii_start().len()) as u32
}
