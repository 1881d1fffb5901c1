//! Languages that a host adds, as they cross from JavaScript: the tables of `language/rules`, with names in camel case.

use crate::language::rules::{Declare, Indents, Name, Scope, declare};
use crate::language::{Language, Rules, SymbolKind, keep_all, refusal};
use serde::Deserialize;
use tsify::Tsify;

/// A language besides those that are built in.
#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddedLanguage {
    /// Its id, which filters and hits use: `a` to `z`, `0` to `9`, `_`.
    pub id: String,
    /// File extensions in lower case, without the dot.
    #[serde(default)]
    #[tsify(optional)]
    pub extensions: Vec<String>,
    /// Whole file names, in lower case.
    #[serde(default)]
    #[tsify(optional)]
    pub filenames: Vec<String>,
    /// Programs of a `#!` line, without version digits.
    #[serde(default)]
    #[tsify(optional)]
    pub interpreters: Vec<String>,
    /// What belongs together.
    #[serde(default)]
    #[tsify(optional)]
    pub chunks: ChunkRules,
    /// What is declared: for one node the first rule that fits is taken.
    #[serde(default)]
    #[tsify(optional)]
    pub symbols: Vec<SymbolRule>,
}

/// What belongs together in a language, by names of nodes.
#[derive(Tsify, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChunkRules {
    /// Comments: those before a declaration are its docs.
    #[tsify(optional)]
    pub comments: Vec<String>,
    /// What a comment starts with that documents what it stands in: Rust's `//!`.
    #[tsify(optional)]
    pub inner_docs: Vec<String>,
    /// Decorators and attributes, which stand before a declaration, or first in it, and belong to it.
    #[tsify(optional)]
    pub attributes: Vec<String>,
    /// Nodes whose only declaration they are part of: `export`.
    #[tsify(optional)]
    pub wrappers: Vec<String>,
    /// Nodes that hold a list of declarations, and are part of the declaration where they hold just one.
    #[tsify(optional)]
    pub groups: Vec<String>,
    /// Functions without a name: what stands in them is not at module level.
    #[tsify(optional)]
    pub functions: Vec<String>,
    /// Nodes that cannot hold a declaration.
    #[tsify(optional)]
    pub opaque: Vec<String>,
    /// Names of methods that are constructors.
    #[tsify(optional)]
    pub constructors: Vec<String>,
    /// Whether the docs are a string that is the first statement of the body.
    #[tsify(optional)]
    pub docstrings: bool,
    /// Whether a signature is one line where the grammar has no node for the body.
    #[tsify(optional)]
    pub line_signatures: bool,
    /// Whether the grammar's scanner keeps a stack of indentations: texts that are indented too deep are then not parsed.
    #[tsify(optional)]
    pub indents: bool,
}

/// One way to declare something.
#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SymbolRule {
    /// The node.
    pub node: String,
    /// The kind of what it declares: `function`, `class`, … A function in a type is a method.
    pub kind: String,
    /// Where the name is: a way, and the field or nodes that it takes. `["field", "name"]` (the default), `["child", node]`, `["firstChild"]`, `["second"]`,
    /// `["own"]`, `["fixed", name]`, `["path" | "type" | "declarator" | "target" | "unquoted", field]`, `["inside" | "head" | "argument", …fields or nodes]`,
    /// `["heading"]`, `["beforeBody"]`.
    #[serde(default)]
    #[tsify(optional)]
    pub name: Vec<String>,
    /// Fields or nodes that lead to the body; what stands before it is the signature. Default: it has none.
    #[serde(default)]
    #[tsify(optional)]
    pub body: Vec<String>,
    /// Where it counts: `anywhere` (the default), `module`, `member` (directly in a type), `static` (outside of functions).
    #[serde(default)]
    #[tsify(optional)]
    pub scope: Option<String>,
    /// Nodes of which one must be the parent.
    #[serde(default)]
    #[tsify(optional)]
    pub parents: Vec<String>,
    /// Fields or nodes that must lead somewhere.
    #[serde(default)]
    #[tsify(optional)]
    pub has: Vec<String>,
    /// Nodes of which the end of `has` must be one.
    #[serde(default)]
    #[tsify(optional)]
    pub has_one: Vec<String>,
    /// Texts of which the end of `has` must be one.
    #[serde(default)]
    #[tsify(optional)]
    pub says: Vec<String>,
    /// Field of the type that it belongs to without standing in it.
    #[serde(default)]
    #[tsify(optional)]
    pub receiver: Option<String>,
    /// Whether it counts only with a body.
    #[serde(default)]
    #[tsify(optional)]
    pub needs_body: bool,
    /// Whether it only names what stands in it.
    #[serde(default)]
    #[tsify(optional)]
    pub leaf: bool,
    /// Whether it reaches to the end of the node that it stands in, or to the next of its kind.
    #[serde(default)]
    #[tsify(optional)]
    pub open_ended: bool,
    /// Whether each node in the field of the name declares something.
    #[serde(default)]
    #[tsify(optional)]
    pub each: bool,
    /// Whether it goes on with the declaration of the same name directly before it.
    #[serde(default)]
    #[tsify(optional)]
    pub merges: bool,
}

impl AddedLanguage {
    /// The language and its rules, for good; or why it cannot be taken.
    pub fn keep(self) -> Result<(&'static Language, &'static Rules), String> {
        let declarations = self.symbols.into_iter().map(SymbolRule::keep).collect::<Result<Vec<_>, _>>()?;
        let id = keep(self.id);
        let chunks = self.chunks;
        let rules = Rules {
            comments: keep_all(chunks.comments),
            inner_docs: keep_all(chunks.inner_docs),
            attributes: keep_all(chunks.attributes),
            wrappers: keep_all(chunks.wrappers),
            groups: keep_all(chunks.groups),
            functions: keep_all(chunks.functions),
            opaque: keep_all(chunks.opaque),
            constructors: keep_all(chunks.constructors),
            docstrings: chunks.docstrings,
            line_signatures: chunks.line_signatures,
            indents: chunks.indents.then_some(Indents::Blanks),
            declarations: Vec::leak(declarations),
            ..Rules::NONE
        };
        let language = Language {
            id,
            extensions: keep_all(self.extensions),
            filenames: keep_all(self.filenames),
            interpreters: keep_all(self.interpreters),
            grammar: Some(id),
        };
        match refusal(&language, &rules) {
            None => Ok((Box::leak(Box::new(language)), Box::leak(Box::new(rules)))),
            Some(reason) => Err(reason),
        }
    }
}

impl SymbolRule {
    fn keep(self) -> Result<Declare, String> {
        let wrong = |what: &str, value: &str| format!("symbol rule for {}: there is no {what} {value:?}", self.node);
        let kind = SymbolKind::ALL.iter().find(|kind| kind.as_str() == self.kind);
        let kind = *kind.ok_or_else(|| wrong("kind", &self.kind))?;
        let scope = match self.scope.as_deref() {
            None | Some("anywhere") => Scope::Anywhere,
            Some("module") => Scope::Module,
            Some("member") => Scope::Member,
            Some("static") => Scope::Static,
            Some(other) => return Err(wrong("scope", other)),
        };
        let name = name_rule(&self.name).ok_or_else(|| wrong("name rule", &self.name.join(" ")))?;
        let has = keep_all(self.has);
        let mut rule = declare(keep(self.node), kind).name(name).within(scope).under(keep_all(self.parents));
        rule.body = keep_all(self.body);
        if self.says.is_empty() {
            rule.has = has;
            rule.has_one = keep_all(self.has_one);
        } else {
            rule.says = Some((has, keep_all(self.says)));
        }
        rule.receiver = self.receiver.map(keep);
        rule.needs_body = self.needs_body;
        rule.leaf = self.leaf;
        rule.open_ended = self.open_ended;
        rule.each = self.each;
        rule.merges = self.merges;
        Ok(rule)
    }
}

fn keep(text: String) -> &'static str {
    String::leak(text)
}

fn name_rule(name: &[String]) -> Option<Name> {
    let Some((way, rest)) = name.split_first() else { return Some(Name::Field("name")) };
    let one = || if let [only] = rest { Some(keep(only.clone())) } else { None };
    let none = |name: Name| rest.is_empty().then_some(name);
    let path = || if rest.is_empty() { None } else { Some(keep_all(rest.to_vec())) };
    match way.as_str() {
        "field" => one().map(Name::Field),
        "child" => one().map(Name::Child),
        "path" => one().map(Name::Path),
        "type" => one().map(Name::Type),
        "declarator" => one().map(Name::Declarator),
        "target" => one().map(Name::Target),
        "unquoted" => one().map(Name::Unquoted),
        "fixed" => one().map(Name::Fixed),
        "inside" => path().map(Name::Inside),
        "head" => path().map(Name::Head),
        "argument" => path().map(Name::Argument),
        "firstChild" => none(Name::FirstChild),
        "second" => none(Name::Second),
        "own" => none(Name::Own),
        "heading" => none(Name::Heading),
        "beforeBody" => none(Name::BeforeBody),
        _ => None,
    }
}
