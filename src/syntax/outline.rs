//! What a file declares.

use crate::language::{Role, SymbolKind};
use crate::text::Span;

/// The declarations of a file, ordered by where they start, outer ones before those inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The declarations.
    pub declarations: Vec<Declaration>,
    /// The names that refer to something, in order and without those of the declarations; nothing where the language has no rules for them.
    pub references: Option<Vec<Reference>>,
}

/// A name, or a text of names, that refers to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands.
    pub span: Span,
    /// What it is there.
    pub role: Role,
}

/// Something that a file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What it is.
    pub kind: SymbolKind,
    /// Its own name, without what it stands in.
    pub name: String,
    /// Where the name stands; the start of the declaration where it has none of its own.
    pub name_range: Span,
    /// The whole declaration with its decorators, attributes and `export`, without comments before it.
    pub range: Span,
    /// Its documentation: the comments that end directly before it, or the docstring in it.
    pub docs: Option<Span>,
    /// The declaration together with every comment and attribute directly before it: what belongs in one chunk.
    pub unit: Span,
    /// From the declaration's first word to before its body.
    pub signature: Span,
    /// Its body, braces included.
    pub body: Option<Span>,
    /// Index of the declaration that it stands in.
    pub parent: Option<u32>,
    /// The type that it belongs to without standing in it: a Go receiver, `Foo` of `Foo::bar`, `Foo.prototype`.
    pub qualifier: Option<String>,
}
