//! What rules name that a grammar does not have.
//!
//! Such names are skipped when rules are resolved, so that one file of rules serves several versions of a grammar. Whoever writes rules wants to know.

use std::collections::BTreeSet;

use tree_sitter::Language as TsLanguage;

use crate::language::Rules;
use crate::language::rules::Name;

/// The names, each with what it was meant to be, in order.
pub fn unknown_names(rules: &Rules, grammar: &TsLanguage) -> Vec<String> {
    let has_node =
        |name: &str| (0..grammar.node_kind_count() as u16).any(|kind| grammar.node_kind_for_id(kind) == Some(name));
    let has_field = |name: &str| grammar.field_id_for_name(name).is_some();
    let mut nodes: BTreeSet<&str> = BTreeSet::new();
    let mut fields: BTreeSet<&str> = BTreeSet::new();
    let mut either: BTreeSet<&str> = BTreeSet::new();
    for names in
        [rules.comments, rules.attributes, rules.wrappers, rules.groups, rules.functions, rules.opaque, rules.preambles]
    {
        nodes.extend(names);
    }
    for rule in rules.declarations {
        nodes.insert(rule.node);
        nodes.extend(rule.parents);
        nodes.extend(rule.has_one);
        if let Some((field, held)) = rule.holds {
            fields.insert(field);
            nodes.extend(held);
        }
        fields.extend(rule.marked.map(|(field, _)| field));
        fields.extend(rule.rejects.map(|(field, _)| field));
        fields.extend(rule.receiver);
        either.extend(rule.has);
        either.extend(rule.body);
        either.extend(rule.head);
        either.extend(rule.says.map_or(&[][..], |(path, _)| path));
        match rule.name {
            Name::Field(field)
            | Name::Path(field)
            | Name::Type(field)
            | Name::Declarator(field)
            | Name::Target(field)
            | Name::Unquoted(field) => {
                fields.insert(field);
            }
            Name::Inside(path) | Name::Head(path) | Name::Argument(path) => either.extend(path),
            Name::Child(name) => {
                nodes.insert(name);
            }
            _ => {}
        }
    }
    for (node, field, _) in rules.references.roles {
        nodes.insert(node);
        fields.insert(field);
    }
    for (node, field, _) in rules.references.heads {
        nodes.insert(node);
        fields.insert(field);
    }
    nodes.extend(rules.references.names.iter().map(|(name, _)| *name));
    either.remove("*");
    for none in ["", "*", ">"] {
        fields.remove(none);
    }
    let nodes = nodes.into_iter().filter(|name| !has_node(name)).map(|name| format!("node {name}"));
    let fields = fields.into_iter().filter(|name| !has_field(name)).map(|name| format!("field {name}"));
    let either = either.into_iter().filter(|name| !has_field(name) && !has_node(name));
    nodes.chain(fields).chain(either.map(|name| format!("field or node {name}"))).collect()
}
