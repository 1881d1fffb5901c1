//! Parts of a tree that are in another language.

use super::compile::Compiled;
use super::outline::{Declaration, Outline, Reference};
use super::walk::{advance, span_of};
use crate::language::Language;
use crate::limits;
use crate::text::Span;

/// A part that is to be parsed with a grammar of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub span: Span,
    pub language: &'static Language,
    /// Depth of the part in the tree.
    pub depth: u32,
}

/// The parts of a tree, in order, at most [`limits::MAX_EMBEDDED_PARTS`].
pub(super) fn parts(
    tree: &tree_sitter::Tree,
    text: &str,
    compiled: &Compiled,
    added: &[&'static Language],
) -> Vec<Part> {
    let mut found = Vec::new();
    if compiled.embeds.is_empty() {
        return found;
    }
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        let node = cursor.node();
        let embed = compiled.embeds.iter().find(|embed| embed.node == node.kind_id());
        let mut inside = node.child_count() > 0;
        if let Some(embed) = embed {
            inside = false;
            let mut children = node.walk();
            let mut child = |kind| node.named_children(&mut children).find(|child| child.kind_id() == kind);
            let opener = child(embed.opener).map_or("", |opener| span_of(opener, text).of(text));
            let content = child(embed.content).map(|content| span_of(content, text));
            if let (Some(span), Some(language)) = (content, embed.by.language(opener, added)) {
                found.push(Part { span, language, depth });
                if found.len() == limits::MAX_EMBEDDED_PARTS {
                    return found;
                }
            }
        }
        if !advance(&mut cursor, &mut depth, inside) {
            return found;
        }
    }
}

/// Puts the declarations of a part, which starts at `start`, among those of the whole.
pub(super) fn merge(outer: Outline, parts: Vec<(Span, Outline)>) -> Outline {
    let references = merged_references(outer.references, &parts);
    if parts.iter().all(|(_, part)| part.declarations.is_empty()) {
        return Outline { references, ..outer };
    }
    let mut merged: Vec<Declaration> = Vec::new();
    let mut moved: Vec<u32> = Vec::with_capacity(outer.declarations.len());
    let mut parts = parts.into_iter().peekable();
    let place = |merged: &mut Vec<Declaration>, span: Span, part: Outline| {
        let owner = merged.iter().rposition(|declaration| declaration.range.contains(span)).map(|at| at as u32);
        let first = merged.len() as u32;
        merged.extend(part.declarations.into_iter().map(|mut declaration| {
            declaration.shift(span.start);
            declaration.parent = declaration.parent.map(|parent| parent + first).or(owner);
            declaration
        }));
    };
    for mut declaration in outer.declarations {
        while let Some((span, part)) = parts.next_if(|(span, _)| span.start < declaration.range.start) {
            place(&mut merged, span, part);
        }
        moved.push(merged.len() as u32);
        declaration.parent = declaration.parent.map(|parent| moved[parent as usize]);
        merged.push(declaration);
    }
    for (span, part) in parts {
        place(&mut merged, span, part);
    }
    Outline { declarations: merged, references }
}

/// The references of the whole with those of its parts, in order.
fn merged_references(outer: Option<Vec<Reference>>, parts: &[(Span, Outline)]) -> Option<Vec<Reference>> {
    let inner = parts.iter().filter_map(|(span, part)| Some((span.start, part.references.as_ref()?)));
    let moved = inner.flat_map(|(by, references)| {
        references
            .iter()
            .map(move |found| Reference { span: Span::new(found.span.start + by, found.span.end + by), ..*found })
    });
    let some = outer.is_some() || parts.iter().any(|(_, part)| part.references.is_some());
    let mut all: Vec<Reference> = outer.into_iter().flatten().chain(moved).collect();
    crate::order::sort_by_key(&mut all, |found| found.span.start);
    some.then_some(all)
}

impl Declaration {
    fn shift(&mut self, by: u32) {
        let moved = |span: &mut Span| *span = Span::new(span.start + by, span.end + by);
        for span in [&mut self.name_range, &mut self.range, &mut self.unit, &mut self.signature] {
            moved(span);
        }
        for span in [&mut self.docs, &mut self.body].into_iter().flatten() {
            moved(span);
        }
    }
}
