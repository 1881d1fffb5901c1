//! Rules by name to rules by number.
//!
//! Node kinds and fields have numbers that differ between grammars and their versions. A table with one entry a kind
//! answers, for every node of every file, whether it matters at all.

use tree_sitter::{Language as TsLanguage, Node};

use super::references::CompiledReferences;
use crate::language::rules::{Declare, Name};
use crate::language::{Embed, EmbedBy, Rules};

/// What a node kind is to the walk, as bits.
pub(super) mod flag {
    pub const COMMENT: u8 = 1;
    pub const ATTRIBUTE: u8 = 2;
    pub const WRAPPER: u8 = 4;
    pub const GROUP: u8 = 8;
    pub const FUNCTION: u8 = 16;
    pub const OPAQUE: u8 = 32;
    pub const DECLARES: u8 = 64;
    pub const PREAMBLE: u8 = 128;
}

/// The rules of a language, resolved against a grammar.
#[derive(Debug)]
pub(super) struct Compiled {
    pub rules: &'static Rules,
    /// By node kind: bits of [`flag`].
    flags: Vec<u8>,
    /// By node kind: the rules that may apply, in order.
    declares: Vec<Box<[CompiledDeclare]>>,
    /// By node kind: index into `declares`.
    declares_of: Vec<u16>,
    pub fields: Fields,
    pub embeds: Box<[CompiledEmbed]>,
    pub references: Option<CompiledReferences>,
}

/// A node with a part in another language, resolved.
#[derive(Debug)]
pub(super) struct CompiledEmbed {
    pub node: u16,
    pub opener: u16,
    pub content: u16,
    pub by: EmbedBy,
}

/// A rule, resolved.
#[derive(Debug)]
pub(super) struct CompiledDeclare {
    pub rule: &'static Declare,
    pub name_field: u16,
    pub name_kind: u16,
    pub body: Box<[Step]>,
    pub head: Box<[Step]>,
    pub parents: Box<[u16]>,
    pub has: Box<[Step]>,
    pub has_one: Box<[u16]>,
    pub says: Box<[Step]>,
    pub name_path: Box<[Step]>,
    pub holds_field: u16,
    pub holds_kinds: Box<[u16]>,
    pub marked_field: u16,
    pub rejects_field: u16,
    pub receiver_field: u16,
}

/// One step to a body: a field, or else a kind of child.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub field: u16,
    pub kind: u16,
}

impl Step {
    /// Instead of a kind: the first named child.
    pub const FIRST: u16 = u16::MAX;
}

/// Fields with which several languages spell the parts of names; 0 where the grammar has none.
#[derive(Debug)]
pub(super) struct Fields {
    pub name: u16,
    pub declarator: u16,
    pub scope: u16,
    pub object: u16,
    pub property: u16,
    pub index: u16,
    pub right: u16,
    pub left: u16,
    pub target: u16,
    pub operator: u16,
}

impl Compiled {
    pub fn new(rules: &'static Rules, language: &TsLanguage) -> Self {
        let kinds = language.node_kind_count();
        let mut flags = vec![0u8; kinds];
        for (names, bit) in [
            (rules.comments, flag::COMMENT),
            (rules.attributes, flag::ATTRIBUTE),
            (rules.wrappers, flag::WRAPPER),
            (rules.groups, flag::GROUP),
            (rules.functions, flag::FUNCTION),
            (rules.opaque, flag::OPAQUE),
            (rules.preambles, flag::PREAMBLE),
        ] {
            for kind in kinds_named(language, names) {
                flags[kind as usize] |= bit;
            }
        }
        let mut declares_of = vec![u16::MAX; kinds];
        let mut declares: Vec<Vec<CompiledDeclare>> = Vec::new();
        for rule in rules.declarations {
            for kind in kinds_named(language, &[rule.node]) {
                flags[kind as usize] |= flag::DECLARES;
                let slot = &mut declares_of[kind as usize];
                if *slot == u16::MAX {
                    *slot = declares.len() as u16;
                    declares.push(Vec::new());
                }
                declares[*slot as usize].push(CompiledDeclare::new(rule, language));
            }
        }
        let field = |name| field_named(language, name);
        Self {
            rules,
            flags,
            declares: declares.into_iter().map(Vec::into_boxed_slice).collect(),
            declares_of,
            references: CompiledReferences::new(rules.references, language),
            embeds: rules.embeds.iter().filter_map(|embed| CompiledEmbed::new(embed, language)).collect(),
            fields: Fields {
                name: field("name"),
                declarator: field("declarator"),
                scope: field("scope"),
                object: field("object"),
                property: field("property"),
                index: field("index"),
                right: field("right"),
                left: field("left"),
                target: field("target"),
                operator: field("operator"),
            },
        }
    }

    /// The bits of a node kind; error nodes, whose kind no table holds, have none.
    pub fn flags(&self, kind: u16) -> u8 {
        self.flags.get(kind as usize).copied().unwrap_or(0)
    }

    /// The rules for a node kind.
    pub fn declares(&self, kind: u16) -> &[CompiledDeclare] {
        let slot = self.declares_of.get(kind as usize).copied().unwrap_or(u16::MAX);
        self.declares.get(slot as usize).map_or(&[], |rules| rules)
    }
}

impl CompiledEmbed {
    fn new(embed: &Embed, language: &TsLanguage) -> Option<Self> {
        let [node, opener, content] =
            [embed.node, embed.opener, embed.content].map(|name| language.id_for_node_kind(name, true));
        (node != 0 && content != 0).then_some(Self { node, opener, content, by: embed.by })
    }
}

impl CompiledDeclare {
    fn new(rule: &'static Declare, language: &TsLanguage) -> Self {
        let field = |name: &str| field_named(language, name);
        let name_field = match rule.name {
            Name::Field(name)
            | Name::Type(name)
            | Name::Declarator(name)
            | Name::Target(name)
            | Name::Path(name)
            | Name::Unquoted(name) => field(name),
            _ => 0,
        };
        let path = |names: &[&str]| -> Box<[Step]> {
            let step = |name: &str| match name {
                "*" => Step { field: 0, kind: Step::FIRST },
                _ => Step { field: field(name), kind: kind_named(language, name) },
            };
            names.iter().map(|name| step(name)).collect()
        };
        let name_path = match rule.name {
            Name::Inside(names) | Name::Head(names) | Name::Argument(names) => path(names),
            _ => Box::default(),
        };
        let name_kind = match rule.name {
            Name::Child(name) => kind_named(language, name),
            _ => 0,
        };
        Self {
            rule,
            name_field,
            name_kind,
            body: path(rule.body),
            head: path(rule.head),
            name_path,
            parents: kinds_named(language, rule.parents).collect(),
            has: path(rule.has),
            has_one: kinds_of(language, rule.has_one),
            says: rule.says.map_or(Box::default(), |(names, _)| path(names)),
            holds_field: rule.holds.map_or(0, |(name, _)| field(name)),
            holds_kinds: rule.holds.map_or(Box::default(), |(_, kinds)| kinds_of(language, kinds)),
            marked_field: rule.marked.map_or(0, |(name, _)| field(name)),
            rejects_field: rule.rejects.map_or(0, |(name, _)| field(name)),
            receiver_field: rule.receiver.map_or(0, field),
        }
    }
}

/// The child in a field by number; none for field 0, which stands for a field that the grammar lacks.
pub(super) fn child_in(node: Node<'_>, field: u16) -> Option<Node<'_>> {
    if field == 0 { None } else { node.child_by_field_id(field) }
}

pub(super) fn kinds_named<'a>(language: &'a TsLanguage, names: &'a [&'a str]) -> impl Iterator<Item = u16> + 'a {
    (0..language.node_kind_count() as u16).filter(move |kind| {
        language.node_kind_is_named(*kind) && language.node_kind_for_id(*kind).is_some_and(|name| names.contains(&name))
    })
}

/// The number of a kind, of a named node rather than of a token with that text; 0 where there is neither.
fn kind_named(language: &TsLanguage, name: &str) -> u16 {
    match language.id_for_node_kind(name, true) {
        0 => language.id_for_node_kind(name, false),
        kind => kind,
    }
}

/// The numbers of named nodes, and of tokens with these texts.
fn kinds_of(language: &TsLanguage, names: &[&str]) -> Box<[u16]> {
    let both = names.iter().flat_map(|name| [true, false].map(|named| language.id_for_node_kind(name, named)));
    both.filter(|kind| *kind != 0).collect()
}

fn field_named(language: &TsLanguage, name: &str) -> u16 {
    language.field_id_for_name(name).map_or(0, |field| field.get())
}
