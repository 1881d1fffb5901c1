//! Which names of a tree refer to something, and as what. Collected while the declarations are: one pass over the nodes serves both.

use tree_sitter::{Language as TsLanguage, Node, TreeCursor};

use super::compile::kinds_named;
use super::outline::Reference;
use super::walk::span_of;
use crate::language::Role;
use crate::language::rules::{Pass, References};

/// Fields that stand for something else: any, and the last named child.
const ANY: u16 = u16::MAX;
const LAST: u16 = u16::MAX - 1;
/// A kind without a table of its own.
const NO_SLOT: u16 = u16::MAX;

/// A table of references, resolved against a grammar.
#[derive(Debug)]
pub(super) struct CompiledReferences {
    /// By node kind: 0, or one more than the role of a name where nothing else says.
    names: Vec<u8>,
    slot_of: Vec<u16>,
    slots: Vec<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    roles: Vec<(u16, Role)>,
    heads: Vec<(u16, Pass)>,
}

impl CompiledReferences {
    /// Nothing where the language has no table.
    pub fn new(rules: &References, language: &TsLanguage) -> Option<Self> {
        if rules.names.is_empty() {
            return None;
        }
        let kinds = language.node_kind_count();
        let mut compiled = Self { names: vec![0; kinds], slot_of: vec![NO_SLOT; kinds], slots: Vec::new() };
        for (name, role) in rules.names {
            for kind in kinds_named(language, &[name]) {
                compiled.names[kind as usize] = *role as u8 + 1;
            }
        }
        let field_of = |name: &str| match name {
            "" => Some(0),
            "*" => Some(ANY),
            ">" => Some(LAST),
            _ => language.field_id_for_name(name).map(std::num::NonZeroU16::get),
        };
        for (node, field, role) in rules.roles {
            if let Some(field) = field_of(field) {
                compiled.each_slot(language, node, |slot| slot.roles.push((field, *role)));
            }
        }
        for (node, field, pass) in rules.heads {
            if let Some(field) = field_of(field) {
                compiled.each_slot(language, node, |slot| slot.heads.push((field, *pass)));
            }
        }
        Some(compiled)
    }

    fn each_slot(&mut self, language: &TsLanguage, node: &str, each: impl Fn(&mut Slot)) {
        for kind in kinds_named(language, &[node]) {
            let slot = &mut self.slot_of[kind as usize];
            if *slot == NO_SLOT {
                *slot = self.slots.len() as u16;
                self.slots.push(Slot::default());
            }
            each(&mut self.slots[*slot as usize]);
        }
    }
}

/// Collects references, node by node in the order of the text.
pub(super) struct Collector<'t> {
    text: &'t str,
    compiled: &'t CompiledReferences,
    /// For the node being visited and its ancestors, by depth: the table of its kind, and its own role.
    stack: Vec<(u16, Option<Role>)>,
    found: Vec<Reference>,
}

impl<'t> Collector<'t> {
    pub fn new(text: &'t str, compiled: &'t CompiledReferences) -> Self {
        Self { text, compiled, stack: Vec::with_capacity(64), found: Vec::with_capacity(text.len() / 16) }
    }

    /// Visits the node at hand; whether its children are to be visited.
    pub fn enter(&mut self, cursor: &TreeCursor<'_>, node: Node<'_>, depth: usize) -> bool {
        let kind = node.kind_id() as usize;
        self.stack.truncate(depth);
        let (name, slot) = match self.compiled.names.get(kind) {
            Some(name) => (*name, self.compiled.slot_of[kind]),
            // An error node, whose kind no table holds.
            None => (0, NO_SLOT),
        };
        if name == 0 && slot == NO_SLOT {
            self.stack.push((NO_SLOT, None));
            return true;
        }
        let role = self.stack.last().and_then(|&(slot, own)| self.role(slot, own, cursor, node));
        self.stack.push((slot, role));
        if name == 0 {
            return true;
        }
        let role = role.or_else(|| Role::from_number(name - 1)).unwrap_or_default();
        if role != Role::None {
            self.found.push(Reference { span: span_of(node, self.text), role });
        }
        false
    }

    /// The role of a child of a node with a table and a role of its own.
    fn role(&self, slot: u16, own: Option<Role>, cursor: &TreeCursor<'_>, node: Node<'_>) -> Option<Role> {
        let slot = self.compiled.slots.get(slot as usize)?;
        let field = cursor.field_id().map_or(0, std::num::NonZeroU16::get);
        if let Some(own) = own {
            for (at, pass) in &slot.heads {
                let fits = match *at {
                    ANY => true,
                    LAST => node.next_named_sibling().is_none(),
                    at => at == field,
                };
                if fits {
                    return passed(*pass, own);
                }
            }
        }
        slot.roles.iter().find(|(at, _)| *at == field).map(|(_, role)| *role)
    }

    /// What was found, in order.
    pub fn finish(self) -> Vec<Reference> {
        self.found
    }
}

fn passed(pass: Pass, own: Role) -> Option<Role> {
    match (pass, own) {
        (Pass::Member, Role::Local) => Some(Role::Write),
        (Pass::Typed, Role::Local) => Some(Role::Type),
        (Pass::Same | Pass::Member | Pass::Typed, own) => Some(own),
        (Pass::Path, Role::Import | Role::Module) => Some(Role::Module),
        (Pass::Path, _) => None,
    }
}
