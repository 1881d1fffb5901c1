//! What declarations look like in each language, as data: one file a language.
//!
//! A rule says which node declares something, of which kind, where its name and body are and where in a file it counts.
//! Tables rather than tree-sitter queries, because they are applied to every node of every file: a rule resolves to
//! numbers once per grammar, and a node that declares nothing costs one table look-up. Names of nodes that a grammar
//! does not have are skipped, so that one file can serve several versions of a grammar; a test holds each name against
//! the grammars that are built in.

pub mod bash;
pub mod c;
pub mod clojure;
pub mod cpp;
pub mod csharp;
pub mod css;
pub mod dart;
pub mod dockerfile;
pub mod elixir;
pub mod erlang;
pub mod fortran;
pub mod go;
pub mod graphql;
pub mod haskell;
pub mod hcl;
pub mod html;
pub mod java;
pub mod javascript;
pub mod json;
pub mod julia;
pub mod kotlin;
pub mod lua;
pub mod make;
pub mod markdown;
pub mod objc;
pub mod ocaml;
pub mod perl;
pub mod php;
pub mod powershell;
pub mod proto;
pub mod python;
pub mod r;
pub mod references;
pub mod ruby;
pub mod rust;
pub mod scala;
pub mod scss;
pub mod solidity;
pub mod sql;
pub mod svelte;
pub mod swift;
pub mod toml;
pub mod typescript;
pub mod vue;
pub mod yaml;
pub mod zig;

pub use references::{Pass, References};

use super::{Embed, EmbedBy, SymbolKind};

/// The rules of one language.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Nodes that are comments.
    pub comments: &'static [&'static str],
    /// What a comment starts with that documents what it stands in, not what follows it: Rust's `//!`.
    pub inner_docs: &'static [&'static str],
    /// What an attribute starts with that documents what follows it: Elixir's `@doc`.
    pub doc_attributes: &'static [&'static str],
    /// What a comment starts with that documents what follows it even behind one blank line, unless it opens the file: a
    /// habit of JavaScript with `/**`.
    pub spaced_docs: &'static [&'static str],
    /// Nodes that stand before a declaration, or first in it, and belong to it: decorators, attributes.
    pub attributes: &'static [&'static str],
    /// Nodes whose only declaration they are part of: `export`, `template <…>`, an expression statement.
    pub wrappers: &'static [&'static str],
    /// Nodes that hold a list of declarations, and are part of the declaration where they hold just one.
    pub groups: &'static [&'static str],
    /// First words of a group, and the kind of what it declares.
    pub group_kinds: &'static [(&'static str, SymbolKind)],
    /// Nodes that stand before a body and are no part of the signature: C++'s initialisers of members.
    pub preambles: &'static [&'static str],
    /// Functions without a name: what stands in them is not at module level.
    pub functions: &'static [&'static str],
    /// Nodes that are not looked into: they cannot hold a declaration.
    pub opaque: &'static [&'static str],
    /// A byte without which a statement or value cannot hold a declaration: the brace or colon that opens a body.
    pub opener: Option<u8>,
    /// Whether the docs are a string that is the first statement of the body.
    pub docstrings: bool,
    /// Whether a signature is one line where the grammar has no node for the body.
    pub line_signatures: bool,
    /// Names of methods that are constructors.
    pub constructors: &'static [&'static str],
    /// Whether a method with the name of its type is a constructor.
    pub type_named_constructors: bool,
    /// What a comment starts with that documents what stands before it, unless it goes on another comment: Fortran's `!!`.
    pub trailing_docs: &'static [&'static str],
    /// Whether a text may be in the fixed form of punched cards, which the grammar does not know: see `syntax/cards.rs`.
    pub cards: bool,
    /// How lines open levels of indentation, for grammars whose scanner keeps a stack of them.
    pub indents: Option<Indents>,
    /// Parts in other languages.
    pub embeds: &'static [Embed],
    /// Which words refer to something.
    pub references: &'static References,
    /// How a line declares something, where the parser lost its way.
    pub lines: &'static [LineDeclare],
    /// The declarations. For one node the first rule that fits is taken.
    pub declarations: &'static [Declare],
}

impl Rules {
    /// The rules for the trees of a grammar.
    pub fn of(grammar: &str) -> &'static Rules {
        match grammar {
            "bash" => &bash::RULES,
            "c" => &c::RULES,
            "clojure" => &clojure::RULES,
            "cpp" => &cpp::RULES,
            "csharp" => &csharp::RULES,
            "css" => &css::RULES,
            "dart" => &dart::RULES,
            "dockerfile" => &dockerfile::RULES,
            "elixir" => &elixir::RULES,
            "erlang" => &erlang::RULES,
            "fortran" => &fortran::RULES,
            "go" => &go::RULES,
            "graphql" => &graphql::RULES,
            "haskell" => &haskell::RULES,
            "hcl" => &hcl::RULES,
            "html" => &html::RULES,
            "java" => &java::RULES,
            "javascript" => &javascript::RULES,
            "json" => &json::RULES,
            "julia" => &julia::RULES,
            "kotlin" => &kotlin::RULES,
            "lua" => &lua::RULES,
            "make" => &make::RULES,
            "markdown" => &markdown::RULES,
            "objc" => &objc::RULES,
            "ocaml" | "ocaml_interface" => &ocaml::RULES,
            "perl" => &perl::RULES,
            "php" => &php::RULES,
            "powershell" => &powershell::RULES,
            "proto" => &proto::RULES,
            "python" => &python::RULES,
            "r" => &r::RULES,
            "ruby" => &ruby::RULES,
            "rust" => &rust::RULES,
            "scala" => &scala::RULES,
            "scss" => &scss::RULES,
            "solidity" => &solidity::RULES,
            "sql" => &sql::RULES,
            "svelte" => &svelte::RULES,
            "swift" => &swift::RULES,
            "toml" => &toml::RULES,
            "tsx" | "typescript" => &typescript::RULES,
            "vue" => &vue::RULES,
            "yaml" => &yaml::RULES,
            "zig" => &zig::RULES,
            _ => &Self::NONE,
        }
    }

    /// No rules: the base of every table, and what languages without a grammar have.
    pub const NONE: Rules = Rules {
        comments: &[],
        inner_docs: &[],
        doc_attributes: &[],
        spaced_docs: &[],
        attributes: &[],
        wrappers: &[],
        groups: &[],
        group_kinds: &[],
        preambles: &[],
        functions: &[],
        opaque: &[],
        opener: None,
        docstrings: false,
        line_signatures: false,
        constructors: &[],
        type_named_constructors: false,
        trailing_docs: &[],
        cards: false,
        indents: None,
        embeds: &[],
        references: &References::NONE,
        lines: &[],
        declarations: &[],
    };
}

/// The scripts and styles of a document.
pub(crate) const SCRIPTS_AND_STYLES: &[Embed] = &[
    Embed { node: "script_element", opener: "start_tag", content: "raw_text", by: EmbedBy::Tag("javascript") },
    Embed { node: "style_element", opener: "start_tag", content: "raw_text", by: EmbedBy::Tag("css") },
];

/// How a line opens levels of indentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indents {
    /// By the blanks before it.
    Blanks,
    /// By the blanks before it, and by each `- `, `? ` and `: ` it starts with.
    Marks,
}

/// What a line starts with that declares something: words that may stand before, a keyword, the name, what must follow it.
#[derive(Debug)]
pub struct LineDeclare {
    /// Words that may stand before the keyword.
    pub before: &'static [&'static str],
    /// The keyword; empty for none.
    pub keyword: &'static str,
    /// What follows the name.
    pub after: &'static str,
    /// The kind of what it declares.
    pub kind: SymbolKind,
}

/// A rule for lines.
pub const fn line(
    before: &'static [&'static str],
    keyword: &'static str,
    after: &'static str,
    kind: SymbolKind,
) -> LineDeclare {
    LineDeclare { before, keyword, after, kind }
}

/// One way to declare something.
#[derive(Debug)]
pub struct Declare {
    /// The node.
    pub node: &'static str,
    /// The kind of what it declares. A function that is a member of a type becomes a method, a variable with a name all
    /// in capitals a constant.
    pub kind: SymbolKind,
    /// Where the name is.
    pub name: Name,
    /// Fields (or kinds of children, or `*` for the first one) that lead to the body; the first that exists at each step of a path.
    pub body: &'static [&'static str],
    /// A path to the statement that opens it, where the grammar has no node for the body: what follows that is the body.
    pub head: &'static [&'static str],
    /// Where the declaration counts.
    pub scope: Scope,
    /// Nodes of which one must be the parent; empty for any.
    pub parents: &'static [&'static str],
    /// A field, and the nodes of which it must be one.
    pub holds: Option<(&'static str, &'static [&'static str])>,
    /// A path of fields or children that must exist.
    pub has: &'static [&'static str],
    /// What the end of the path must be one of; empty for anything.
    pub has_one: &'static [&'static str],
    /// A path, and the texts of which its end must be one: `def` of a language in which declarations are calls.
    pub says: Option<(&'static [&'static str], &'static [&'static str])>,
    /// A field, and a text that one of the nodes in it must have, in any case: `parameter` of Fortran's `integer, parameter`.
    pub marked: Option<(&'static str, &'static str)>,
    /// A field, and texts with which it must not start.
    pub rejects: Option<(&'static str, &'static [&'static str])>,
    /// The least size of the node, in bytes.
    pub min_bytes: u32,
    /// Whether it counts only with a body.
    pub needs_body: bool,
    /// Whether it counts only if its declarator is not that of a function.
    pub not_callable: bool,
    /// Whether it only gives a name to what stands in it: that belongs to what surrounds both.
    pub leaf: bool,
    /// Whether it reaches to the end of the node it stands in, or to the next of its kind: a namespace without braces.
    pub open_ended: bool,
    /// Whether each node in the field of the name declares something: `int a, b`.
    pub each: bool,
    /// Whether the targets of the assignments that it is the value of are declared with it: `a = b = function …`.
    pub chained: bool,
    /// Whether it goes on with the declaration of the same name directly before it: the equations of one function.
    pub merges: bool,
    /// Field of the type that it belongs to without standing in it: the receiver of a Go method.
    pub receiver: Option<&'static str>,
}

/// Where the name of a declaration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The text of a field.
    Field(&'static str),
    /// The text of the first child of a kind.
    Child(&'static str),
    /// The text of the first named child.
    FirstChild,
    /// The last segment of what a path of fields or children leads to; those before it qualify it.
    Inside(&'static [&'static str]),
    /// The same, of the last word before the first bracket there: `f` of `function Base.f(x)`.
    Head(&'static [&'static str]),
    /// The text of the second named child, or of its field `name`: in a list that starts with `defn`.
    Second,
    /// What a call declares by its first argument, from the end of a path on: `f` of `def f(x) when x`.
    Argument(&'static [&'static str]),
    /// The last segment of a path in a field; those before it qualify it: `Foo::Bar`, `A\B`.
    Path(&'static str),
    /// The text of the node itself.
    Own,
    /// A fixed name, at the start of the node.
    Fixed(&'static str),
    /// The type in a field, without its arguments: `Vec` for `Vec<T>`.
    Type(&'static str),
    /// The declarator of C and its relatives: through pointers, parameters and arrays to the identifier.
    Declarator(&'static str),
    /// The target of an assignment in JavaScript: `exports.f`, `F.prototype.f`, `f`.
    Target(&'static str),
    /// A string or key in a field, without quotes.
    Unquoted(&'static str),
    /// The heading that is the first child.
    Heading,
    /// All text before the body, white space collapsed: a selector.
    BeforeBody,
    /// The text of an HTML heading; other elements have none.
    HtmlHeading,
    /// The `id` attribute of an HTML element.
    HtmlId,
}

/// Where a declaration counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Anywhere,
    /// Outside of functions and types.
    Module,
    /// Directly in a type.
    Member,
    /// Outside of functions.
    Static,
    /// At this depth of the tree, the root being 0.
    Depth(u8),
}

/// A rule for `node` with the usual shape: the name in the field `name`, the body in the field `body`, anywhere.
pub const fn declare(node: &'static str, kind: SymbolKind) -> Declare {
    Declare {
        node,
        kind,
        name: Name::Field("name"),
        body: &["body"],
        head: &[],
        scope: Scope::Anywhere,
        parents: &[],
        holds: None,
        has: &[],
        has_one: &[],
        says: None,
        marked: None,
        rejects: None,
        min_bytes: 0,
        needs_body: false,
        not_callable: false,
        leaf: false,
        open_ended: false,
        each: false,
        chained: false,
        merges: false,
        receiver: None,
    }
}

impl Declare {
    /// The same rule with the name elsewhere.
    pub const fn name(mut self, name: Name) -> Self {
        self.name = name;
        self
    }

    /// The same rule with the body elsewhere.
    pub const fn body(mut self, path: &'static [&'static str]) -> Self {
        self.body = path;
        self
    }

    /// The same rule with what follows the end of a path as its body.
    pub const fn head(mut self, path: &'static [&'static str]) -> Self {
        self.head = path;
        self.body = &[];
        self
    }

    /// The same rule, counting only in `scope`.
    pub const fn within(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// The same rule, only directly in one of `nodes`.
    pub const fn under(mut self, nodes: &'static [&'static str]) -> Self {
        self.parents = nodes;
        self
    }

    /// The same rule, only where `field` is one of `nodes`.
    pub const fn holding(mut self, field: &'static str, nodes: &'static [&'static str]) -> Self {
        self.holds = Some((field, nodes));
        self
    }

    /// The same rule, only where a path of fields or children exists.
    pub const fn having(mut self, path: &'static [&'static str]) -> Self {
        self.has = path;
        self
    }

    /// The same rule, only where a path of fields or children leads to one of `nodes`.
    pub const fn having_one(mut self, path: &'static [&'static str], nodes: &'static [&'static str]) -> Self {
        self.has = path;
        self.has_one = nodes;
        self
    }

    /// The same rule, only where a path leads to one of `texts`.
    pub const fn saying(mut self, path: &'static [&'static str], texts: &'static [&'static str]) -> Self {
        self.says = Some((path, texts));
        self
    }

    /// The same rule, only where one of the nodes in `field` is `text`, in any case.
    pub const fn marked(mut self, field: &'static str, text: &'static str) -> Self {
        self.marked = Some((field, text));
        self
    }

    /// The same rule, for each node in the field of the name.
    pub const fn each(mut self) -> Self {
        self.each = true;
        self
    }

    /// The same rule, with the targets of assignments around it.
    pub const fn chained(mut self) -> Self {
        self.chained = true;
        self
    }

    /// The same rule, going on with the declaration of the same name before it.
    pub const fn merging(mut self) -> Self {
        self.merges = true;
        self
    }

    /// The same rule, except where the text of `field` starts with one of `texts`.
    pub const fn rejecting(mut self, field: &'static str, texts: &'static [&'static str]) -> Self {
        self.rejects = Some((field, texts));
        self
    }

    /// The same rule, only for nodes of at least `bytes`.
    pub const fn at_least(mut self, bytes: u32) -> Self {
        self.min_bytes = bytes;
        self
    }

    /// The same rule, only with a body.
    pub const fn with_body(mut self) -> Self {
        self.needs_body = true;
        self
    }

    /// The same rule, only where the declarator is not that of a function.
    pub const fn not_callable(mut self) -> Self {
        self.not_callable = true;
        self
    }

    /// The same rule, only naming what stands in it.
    pub const fn leaf(mut self) -> Self {
        self.leaf = true;
        self
    }

    /// The same rule, reaching to the end of the node that it stands in.
    pub const fn open_ended(mut self) -> Self {
        self.open_ended = true;
        self
    }

    /// The same rule, with the type it belongs to in `field`.
    pub const fn receiver(mut self, field: &'static str) -> Self {
        self.receiver = Some(field);
        self
    }
}
