//! The symbols of a file: its declarations with their qualified names.
//!
//! Qualified names are joined with `.` in every language, so that `Router.route` finds the method whether it was written in
//! Rust, Go or JavaScript.

use crate::language::SymbolKind;
use crate::limits;
use crate::syntax::{Declaration, Outline};
use crate::text::Span;

/// A declared name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What it names.
    pub kind: SymbolKind,
    /// The name alone: `route`.
    pub name: String,
    /// The name with what it stands in: `Router.route`. At most [`limits::QUALIFIED_NAME_BYTES`] long; the outermost names go first.
    pub qualified_name: String,
    /// Where the name stands.
    pub name_range: Span,
    /// The declaration with its decorators and attributes.
    pub range: Span,
    /// Its documentation.
    pub docs: Option<Span>,
    /// Its signature.
    pub signature: Span,
    /// Index of the symbol that it stands in.
    pub parent: Option<u32>,
}

/// The symbols of an outline: one a declaration, under the same index.
pub fn symbols(outline: &Outline) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(outline.declarations.len());
    for declaration in &outline.declarations {
        let outer = declaration.parent.and_then(|parent| symbols.get(parent as usize));
        // What a script or a fence declares is not a part of the document by name.
        let apart = |outer: &&Symbol| is_of_document(outer.kind) && !is_of_document(declaration.kind);
        let outer = outer.filter(|outer| !apart(outer));
        let qualified_name = qualified(declaration, outer);
        symbols.push(Symbol {
            kind: declaration.kind,
            name: declaration.name.clone(),
            qualified_name,
            name_range: declaration.name_range,
            range: declaration.range,
            docs: declaration.docs,
            signature: declaration.signature,
            parent: declaration.parent,
        });
    }
    symbols
}

/// What a symbol belongs to, by name: the symbol it stands in, or the type that it names itself.
pub fn parent_name<'a>(symbols: &'a [Symbol], outline: &'a Outline, index: u32) -> Option<&'a str> {
    let declaration = outline.declarations.get(index as usize)?;
    match &declaration.qualifier {
        Some(qualifier) => Some(qualifier),
        None => symbols.get(declaration.parent? as usize).map(|parent| parent.name.as_str()),
    }
}

fn is_of_document(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Element | SymbolKind::Section)
}

fn qualified(declaration: &Declaration, outer: Option<&Symbol>) -> String {
    let own = match &declaration.qualifier {
        Some(qualifier) => format!("{qualifier}.{}", declaration.name),
        None => declaration.name.clone(),
    };
    let outer = outer.map_or("", |outer| outer.qualified_name.as_str());
    if outer.is_empty() || outer.len() + 1 + own.len() > limits::QUALIFIED_NAME_BYTES {
        return own;
    }
    format!("{outer}.{own}")
}
