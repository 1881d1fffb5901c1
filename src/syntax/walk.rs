//! One pass over a tree that finds the declarations.
//!
//! The pass visits the nodes in order with one cursor. A node whose kind means nothing costs one table look-up. What a
//! declaration stands in, and what wraps it, is told by byte ranges: frames and wrappers are remembered with their end and
//! forgotten when a node starts after it.

use tree_sitter::{Node, TreeCursor};

use super::compile::{Compiled, CompiledDeclare, child_in, flag};
use super::names::{Named, bare_type, name_at, name_of, target_at};
use super::outline::{Declaration, Outline, Reference};
use super::parts::{after_blanks, body_span, docstring, follow, signature};
use super::prefix::{Prefix, Taken};
use super::references::Collector;
use crate::language::SymbolKind;
use crate::language::rules::Scope;
use crate::text::{Span, floor_char_boundary};

/// The bytes of a node. Grammars end nodes on character boundaries; a broken one must not bring anything down.
pub(super) fn span_of(node: Node<'_>, text: &str) -> Span {
    let start = floor_char_boundary(text, node.start_byte());
    let end = floor_char_boundary(text, node.end_byte()).max(start);
    Span::new(start as u32, end as u32)
}

/// Goes to the next node in the order of the text, into the node at hand only if `inside`; false at the end.
pub(super) fn advance(cursor: &mut TreeCursor, depth: &mut u32, inside: bool) -> bool {
    if inside && cursor.goto_first_child() {
        *depth += 1;
        return true;
    }
    while !cursor.goto_next_sibling() {
        if !cursor.goto_parent() {
            return false;
        }
        *depth -= 1;
    }
    true
}

/// Size in bytes below which a node is not looked into: `a=1` is a declaration.
const LEAST_BYTES: usize = 3;

/// Size in bytes up to which the text of a node is searched for the sign of a declaration rather than its nodes.
const SCANNED_BYTES: usize = 400;

/// Finds the declarations of `text`.
pub(super) fn outline(tree: &tree_sitter::Tree, text: &str, compiled: &Compiled) -> Outline {
    let mut walk = Walk {
        text,
        compiled,
        kinds: Vec::with_capacity(64),
        frames: Vec::new(),
        prefix: Prefix::default(),
        wrapper: None,
        group: None,
        declarations: Vec::new(),
    };
    let mut names = compiled.references.as_ref().map(|compiled| Collector::new(text, compiled));
    let mut cursor = tree.walk();
    let mut depth = 0u32;
    // Depth of the node in which nothing more is declared, while its names are collected.
    let mut settled = u32::MAX;
    loop {
        let node = cursor.node();
        if depth <= settled {
            settled = u32::MAX;
        }
        let mut inside = settled == u32::MAX && walk.enter(node, depth as usize);
        if let Some(names) = &mut names {
            let deeper = names.enter(&cursor, node, depth as usize);
            if deeper && !inside && settled == u32::MAX {
                settled = depth;
            }
            inside |= deeper;
        }
        if !advance(&mut cursor, &mut depth, inside) {
            break;
        }
    }
    let references = names.map(|names| without_declared(names.finish(), &walk.declarations));
    Outline { declarations: walk.declarations, references }
}

/// The references that are not the name of a declaration.
fn without_declared(mut references: Vec<Reference>, declarations: &[Declaration]) -> Vec<Reference> {
    let mut declared: Vec<u32> = declarations.iter().map(|declaration| declaration.name_range.start).collect();
    crate::order::sort(&mut declared);
    references.retain(|reference| declared.binary_search(&reference.span.start).is_err());
    references
}

/// What the nodes being visited stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Module,
    Type,
    Function,
    Value,
}

impl Place {
    fn inside(kind: SymbolKind) -> Self {
        if kind.is_module() {
            Self::Module
        } else if kind.is_type() {
            Self::Type
        } else if kind.is_function() {
            Self::Function
        } else {
            Self::Value
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    declaration: Option<u32>,
    place: Place,
    end: u32,
    /// Depth of the node, where a later one at that depth ends an open-ended declaration.
    open_ended: Option<usize>,
}

/// Nodes around a declaration that are part of it: `export`, decorators, a declaration list of one.
#[derive(Clone, Copy, Debug)]
struct Wrapper {
    span: Span,
    /// Depth of the innermost one.
    depth: usize,
    /// Where the declaration's first word stands: after the decorators.
    first_word: u32,
    before: Taken,
}

struct Walk<'t> {
    text: &'t str,
    compiled: &'t Compiled,
    /// Kinds of the node being visited and its ancestors, by depth.
    kinds: Vec<u16>,
    frames: Vec<Frame>,
    prefix: Prefix,
    wrapper: Option<Wrapper>,
    group: Option<Span>,
    declarations: Vec<Declaration>,
}

impl Walk<'_> {
    /// Visits a node; whether its children are to be visited.
    fn enter(&mut self, node: Node<'_>, depth: usize) -> bool {
        let kind = node.kind_id();
        self.kinds.truncate(depth);
        self.kinds.push(kind);
        let flags = self.compiled.flags(kind);
        if flags == 0 {
            return self.may_declare_inside(node);
        }
        let declared = flags & flag::DECLARES != 0 && self.declare(node, depth);
        if flags & (flag::COMMENT | flag::ATTRIBUTE) != 0 && !declared {
            let span = span_of(node, self.text);
            if flags & flag::COMMENT != 0 {
                self.prefix.comment(self.text, span, self.compiled.rules);
            } else {
                self.attribute(span, depth);
            }
            return false;
        }
        if !declared {
            if flags & (flag::WRAPPER | flag::GROUP) != 0 {
                self.wrap(node, depth, flags);
            }
            if flags & flag::FUNCTION != 0 {
                let end = node.end_byte() as u32;
                self.leave(node.start_byte() as u32);
                let declaration = self.frames.last().and_then(|top| top.declaration);
                self.frames.push(Frame { declaration, place: Place::Function, end, open_ended: None });
            }
        }
        declared || flags & flag::OPAQUE == 0
    }

    /// Whether a node may hold a declaration. Nodes of the middle of a function mostly do not, and most nodes are such.
    fn may_declare_inside(&self, node: Node<'_>) -> bool {
        let (start, end) = (node.start_byte(), node.end_byte());
        if end - start < LEAST_BYTES {
            return false;
        }
        let Some(frame) = self.frames.last() else { return true };
        let inside = matches!(frame.place, Place::Function | Place::Value) && end as u32 <= frame.end;
        match self.compiled.rules.opener {
            Some(opener) if inside && end - start <= SCANNED_BYTES => {
                self.text.as_bytes().get(start..end).is_some_and(|bytes| bytes.contains(&opener))
            }
            _ => true,
        }
    }

    fn attribute(&mut self, span: Span, depth: usize) {
        let text = span.of(self.text);
        self.prefix.attribute(self.text, span);
        if self.compiled.rules.doc_attributes.iter().any(|mark| text.starts_with(mark)) {
            self.prefix.comment(self.text, span, self.compiled.rules);
        }
        if let Some(wrapper) = &mut self.wrapper
            && depth == wrapper.depth + 1
            && wrapper.span.contains(span)
        {
            wrapper.first_word = after_blanks(self.text, span.end);
        }
    }

    /// Forgets the frames that end before `start`.
    fn leave(&mut self, start: u32) {
        while self.frames.last().is_some_and(|frame| frame.end <= start) {
            self.frames.pop();
        }
    }

    /// The wrapper of a node at `depth`, if its parent is one.
    fn wrapper_of(&self, span: Span, depth: usize) -> Option<Wrapper> {
        self.wrapper.filter(|wrapper| wrapper.depth + 1 == depth && wrapper.span.contains(span))
    }

    fn wrap(&mut self, node: Node<'_>, depth: usize, flags: u8) {
        let span = span_of(node, self.text);
        if flags & flag::GROUP != 0 {
            self.group = Some(span);
            if !self.holds_one(node) {
                return;
            }
        }
        self.wrapper = Some(match self.wrapper_of(span, depth) {
            Some(outer) => Wrapper { depth, ..outer },
            None => Wrapper { span, depth, first_word: span.start, before: self.prefix.take(self.text, span.start) },
        });
    }

    /// Whether exactly one child of a group may declare something.
    fn holds_one(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        let mut count = 0;
        let mut more = cursor.goto_first_child();
        while more && count < 2 {
            count += u32::from(self.compiled.flags(cursor.node().kind_id()) & flag::DECLARES != 0);
            more = cursor.goto_next_sibling();
        }
        count == 1
    }

    /// Records what a node declares; whether it declares anything.
    fn declare(&mut self, node: Node<'_>, depth: usize) -> bool {
        let span = span_of(node, self.text);
        self.leave(span.start);
        let compiled = self.compiled;
        for declare in compiled.declares(self.kinds[depth]) {
            if !self.applies(declare, node, span, depth) {
                continue;
            }
            let body = body_span(node, declare, self.text);
            if declare.rule.needs_body && body.is_none() {
                continue;
            }
            if let Some(named) = name_of(node, declare, compiled, self.text, body)
                && !(declare.rule.not_callable && named.callable)
            {
                if !(declare.rule.merges && self.goes_on(&named.name, span, body)) {
                    self.record(node, declare, named, span, body, depth);
                }
                return true;
            }
        }
        false
    }

    fn applies(&self, declare: &CompiledDeclare, node: Node<'_>, span: Span, depth: usize) -> bool {
        let rule = declare.rule;
        let place = self.frames.last().map_or(Place::Module, |frame| frame.place);
        let in_scope = match rule.scope {
            Scope::Anywhere => true,
            Scope::Module => place == Place::Module,
            Scope::Member => place == Place::Type,
            Scope::Static => matches!(place, Place::Module | Place::Type),
            Scope::Depth(at) => depth == at as usize,
        };
        if !in_scope || span.len() < rule.min_bytes {
            return false;
        }
        if !declare.parents.is_empty() && (depth == 0 || !declare.parents.contains(&self.kinds[depth - 1])) {
            return false;
        }
        if rule.holds.is_some() {
            let held = child_in(node, declare.holds_field);
            if !held.is_some_and(|held| declare.holds_kinds.contains(&held.kind_id())) {
                return false;
            }
        }
        if !declare.has.is_empty() {
            let found = follow(node, &declare.has);
            if !found.is_some_and(|found| declare.has_one.is_empty() || declare.has_one.contains(&found.kind_id())) {
                return false;
            }
        }
        if let Some((_, texts)) = rule.says {
            let found = follow(node, &declare.says);
            if !found.is_some_and(|found| texts.contains(&span_of(found, self.text).of(self.text))) {
                return false;
            }
        }
        if let Some((_, mark)) = rule.marked
            && !self.is_marked(node, declare.marked_field, mark)
        {
            return false;
        }
        match rule.rejects {
            Some((_, texts)) => !child_in(node, declare.rejects_field).is_some_and(|held| {
                let held = span_of(held, self.text).of(self.text);
                texts.iter().any(|text| held.starts_with(text))
            }),
            None => true,
        }
    }

    /// Whether one of the nodes in a field is `mark`, in any case.
    fn is_marked(&self, node: Node<'_>, field: u16, mark: &str) -> bool {
        let Some(field) = std::num::NonZeroU16::new(field) else { return false };
        let mut cursor = node.walk();
        let mut found = node.children_by_field_id(field, &mut cursor);
        found.any(|child| span_of(child, self.text).of(self.text).eq_ignore_ascii_case(mark))
    }

    fn record(
        &mut self,
        node: Node<'_>,
        declare: &CompiledDeclare,
        named: Named,
        span: Span,
        body: Option<Span>,
        depth: usize,
    ) {
        let wrapper = self.wrapper_of(span, depth);
        let mut range = wrapper.map_or(span, |wrapper| wrapper.span);
        let mut taken = wrapper.map_or(Taken::default(), |wrapper| wrapper.before);
        if taken == Taken::default() {
            taken = self.prefix.take(self.text, range.start);
        }
        let own = if taken.comments.is_none() { self.prefix.take(self.text, span.start).comments } else { None };
        range.start = taken.attributes.map_or(range.start, |start| start.min(range.start));
        if declare.rule.open_ended && body.is_none() {
            self.close_open_ended(depth, range.start);
            range.end = self.frames.last().map_or(self.text.len() as u32, |frame| frame.end).max(range.end);
        }
        let first_word = wrapper.map_or(span.start, |wrapper| wrapper.first_word);
        let kind = self.kind_of(declare, &named, span);
        let docstring = body
            .filter(|_| self.compiled.rules.docstrings)
            .and_then(|_| docstring(self.text, node, declare, self.compiled));
        let receiver = child_in(node, declare.receiver_field);
        let receiver = receiver.and_then(|node| receiver_type(span_of(node, self.text).of(self.text)));
        let signature = signature(self.text, self.compiled, node, first_word, body, kind);
        let name = if kind.is_module() { named.name.replace("::", ".").replace('\\', ".") } else { named.name };
        let index = self.declarations.len() as u32;
        self.declarations.push(Declaration {
            kind,
            name,
            name_range: named.range,
            range,
            docs: docstring.or(taken.comments).or(own),
            unit: Span::new(taken.start.map_or(range.start, |start| start.min(range.start)), range.end),
            signature,
            body,
            parent: self.frames.last().and_then(|frame| frame.declaration),
            qualifier: receiver.or(named.qualifier),
        });
        if declare.rule.each {
            self.others(node, declare, index, span);
        }
        if declare.rule.chained {
            self.chain(node, declare, index, depth);
        }
        if declare.rule.leaf {
            return;
        }
        self.frames.push(Frame {
            declaration: Some(index),
            place: Place::inside(kind),
            end: if declare.rule.open_ended && body.is_none() { range.end } else { span.end },
            open_ended: (declare.rule.open_ended && body.is_none()).then_some(depth),
        });
    }

    /// Declares what else stands in the field of the name: `b` of `int a, b`.
    fn others(&mut self, node: Node<'_>, declare: &CompiledDeclare, first: u32, span: Span) {
        let Some(field) = std::num::NonZeroU16::new(declare.name_field) else { return };
        let mut cursor = node.walk();
        for other in node.children_by_field_id(field, &mut cursor) {
            let Some(named) = name_at(other, declare, self.compiled, self.text) else { continue };
            let first = &self.declarations[first as usize];
            if named.range == first.name_range {
                continue;
            }
            let kind = self.kind_of(declare, &named, span);
            let Named { name, range: name_range, qualifier, .. } = named;
            self.declarations.push(Declaration { kind, name, name_range, qualifier, ..first.clone() });
        }
    }

    /// Declares the targets of the assignments whose value `node` is: `a` of `a = b = function …`.
    fn chain(&mut self, node: Node<'_>, declare: &CompiledDeclare, first: u32, depth: usize) {
        let (mut depth, mut outer) = (depth, node);
        while depth > 0 && self.kinds[depth - 1] == node.kind_id() {
            let Some(parent) = outer.parent() else { return };
            (depth, outer) = (depth - 1, parent);
            let Some(target) = child_in(outer, declare.name_field) else { return };
            let Some(named) = target_at(target, self.compiled, self.text) else { continue };
            let first = &self.declarations[first as usize];
            let kind = if named.qualifier.is_some() && first.kind == SymbolKind::Function {
                SymbolKind::Method
            } else {
                first.kind
            };
            let Named { name, range: name_range, qualifier, .. } = named;
            self.declarations.push(Declaration { kind, name, name_range, qualifier, ..first.clone() });
        }
    }

    /// Whether the declaration before has this name, stands in the same and now reaches to the end of `span`.
    fn goes_on(&mut self, name: &str, span: Span, body: Option<Span>) -> bool {
        let parent = self.frames.last().and_then(|frame| frame.declaration);
        let Some(index) = self.declarations.iter().rposition(|found| found.parent == parent) else { return false };
        let declaration = &mut self.declarations[index];
        let same = declaration.kind.is_function() && declaration.name == name && declaration.range.end <= span.start;
        if same {
            (declaration.range.end, declaration.unit.end) = (span.end, span.end);
            declaration.body = declaration.body.or(body);
            let place = Place::inside(declaration.kind);
            self.frames.push(Frame { declaration: Some(index as u32), place, end: span.end, open_ended: None });
        }
        same
    }

    /// Ends the open-ended declaration at `depth` where the next one starts.
    fn close_open_ended(&mut self, depth: usize, end: u32) {
        while let Some(at) = self.frames.iter().rposition(|frame| frame.open_ended == Some(depth)) {
            if let Some(declaration) = self.frames[at].declaration {
                let declaration = &mut self.declarations[declaration as usize];
                declaration.range.end = end.max(declaration.signature.end);
                declaration.unit.end = declaration.range.end;
            }
            self.frames.truncate(at);
        }
    }

    fn kind_of(&self, declare: &CompiledDeclare, named: &Named, span: Span) -> SymbolKind {
        let in_type = self.frames.last().is_some_and(|frame| frame.place == Place::Type);
        let mut kind = declare.rule.kind;
        if named.callable && !kind.is_type() {
            kind = SymbolKind::Function;
        }
        if kind == SymbolKind::Function && (in_type || named.qualifier.is_some()) {
            kind = SymbolKind::Method;
        }
        if kind == SymbolKind::Method && self.constructs(named) {
            kind = SymbolKind::Constructor;
        }
        if kind == SymbolKind::Variable {
            let group = self.group.filter(|group| group.contains(span));
            let word = group.and_then(|group| {
                let text = group.of(self.text);
                self.compiled.rules.group_kinds.iter().find(|(word, _)| text.starts_with(word))
            });
            if let Some((_, found)) = word {
                kind = *found;
            } else if is_all_capitals(&named.name) && !self.compiled.rules.cards {
                // In the days of cards there were no other letters.
                kind = SymbolKind::Constant;
            }
        }
        kind
    }

    /// Whether a method is a constructor, by its name.
    fn constructs(&self, named: &Named) -> bool {
        let rules = self.compiled.rules;
        let frame = self.frames.last();
        let in_type = frame.is_some_and(|frame| frame.place == Place::Type);
        if in_type && rules.constructors.contains(&named.name.as_str()) {
            return true;
        }
        let outer = frame.filter(|_| in_type).and_then(|frame| frame.declaration);
        let type_name = match &named.qualifier {
            Some(qualifier) => qualifier.rsplit('.').next(),
            None => outer.map(|outer| self.declarations[outer as usize].name.as_str()),
        };
        rules.type_named_constructors && type_name == Some(named.name.as_str())
    }
}

/// The type in the receiver of a Go method: `Router` in `(r *Router[T])`.
fn receiver_type(text: &str) -> Option<String> {
    let inner = text.trim_matches(['(', ')', ' ']);
    let inner = inner.split('[').next().unwrap_or(inner).trim_end();
    let name = bare_type(inner.rsplit([' ', '*', '\t']).next().unwrap_or(inner));
    (!name.is_empty()).then(|| name.to_owned())
}

fn is_all_capitals(name: &str) -> bool {
    name.len() > 1
        && name.bytes().any(|byte| byte.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::language::{Rules, all};

    /// The rules without what only saves time: without it every node is looked into.
    fn unpruned(rules: &'static Rules) -> &'static Rules {
        Box::leak(Box::new(Rules { opener: None, ..*rules }))
    }

    #[test]
    fn pruning_loses_no_declaration() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        for language in all().iter().filter(|language| language.grammar.is_some()) {
            let grammar = codequarry_grammars::linked(language.grammar.unwrap_or_default()).expect("linked");
            let (pruned, whole) =
                (Compiled::new(language.rules(), &grammar), Compiled::new(unpruned(language.rules()), &grammar));
            let mut parser = tree_sitter::Parser::new();
            parser.set_language(&grammar).expect("usable");
            for entry in std::fs::read_dir(golden.join(language.id)).expect("a folder a language") {
                let path = entry.expect("readable").path();
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                let tree = parser.parse(&text, None).expect("a tree");
                assert_eq!(outline(&tree, &text, &pruned), outline(&tree, &text, &whole), "{}", path.display());
            }
        }
    }
}
