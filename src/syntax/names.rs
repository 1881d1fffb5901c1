//! How a declaration is called.
//!
//! Most names are a field. The rest are the shapes that several languages share: declarators, assignment targets,
//! headings. These run once per declaration, so comparing names of nodes is cheap enough here.

use tree_sitter::Node;

use super::compile::{Compiled, CompiledDeclare, child_in};
use super::parts::follow;
use super::walk::span_of;
use crate::language::rules::Name;
use crate::limits;
use crate::text::{Span, floor_char_boundary};

/// Most steps from a declarator to its identifier.
const DECLARATOR_STEPS: usize = 64;

/// A name that was found.
pub(super) struct Named {
    pub name: String,
    pub range: Span,
    /// What the name was qualified with.
    pub qualifier: Option<String>,
    /// Whether a declarator turned out to declare a function.
    pub callable: bool,
}

impl Named {
    fn plain(text: &str, range: Span) -> Option<Self> {
        Self::with(range.of(text).to_owned(), range)
    }

    fn with(name: String, range: Span) -> Option<Self> {
        let mut name = name;
        name.truncate(floor_char_boundary(&name, limits::MAX_NAME_BYTES));
        (!name.is_empty()).then_some(Self { name, range, qualifier: None, callable: false })
    }
}

/// The name of what `node` declares by `declare`; `None` when it has none, and then it declares nothing.
pub(super) fn name_of(
    node: Node<'_>,
    declare: &CompiledDeclare,
    compiled: &Compiled,
    text: &str,
    body: Option<Span>,
) -> Option<Named> {
    let whole = span_of(node, text);
    let field = || child_in(node, declare.name_field);
    match declare.rule.name {
        Name::Field(_) => Named::plain(text, span_of(field()?, text)),
        Name::Child(_) => Named::plain(text, span_of(child_of_kind(node, declare.name_kind)?, text)),
        Name::FirstChild => {
            let range = span_of(node.named_child(0)?, text);
            Named::with(unquoted(range.of(text)).to_owned(), range)
        }
        Name::Inside(_) => inside(span_of(follow(node, &declare.name_path)?, text), text),
        Name::Head(_) => {
            let whole = span_of(follow(node, &declare.name_path)?, text);
            let end = whole.of(text).find(['(', '{', '<', ':']).map_or(whole.end, |at| whole.start + at as u32);
            let head = Span::new(whole.start, end).of(text).trim_ascii_end();
            let start = head.rfind(|c: char| c.is_ascii_whitespace()).map_or(0, |at| at + 1);
            path(Span::new(whole.start + start as u32, whole.start + head.len() as u32), text)
        }
        Name::Second => {
            let second = node.named_child(1)?;
            Named::plain(text, span_of(child_in(second, compiled.fields.name).unwrap_or(second), text))
        }
        Name::Argument(_) => argument(follow(node, &declare.name_path)?, compiled, text),
        Name::Path(_) => path(span_of(field()?, text), text),
        Name::Own => Named::plain(text, whole),
        Name::Fixed(name) => Named::with(name.to_owned(), Span::new(whole.start, whole.start)),
        Name::Type(_) => {
            let range = span_of(field()?, text);
            Named::with(bare_type(range.of(text)).to_owned(), range)
        }
        Name::Declarator(_) => declarator(field()?, compiled, text),
        Name::Target(_) => target(node, field()?, compiled, text),
        Name::Unquoted(_) => {
            let range = span_of(field()?, text);
            Named::with(unquoted(range.of(text)).trim_ascii().to_owned(), range)
        }
        Name::Heading => heading(node, text),
        Name::BeforeBody => {
            let end = body.map_or(whole.end, |body| body.start);
            let range = trimmed(text, Span::new(whole.start, end));
            Named::with(collapsed(range.of(text)), range)
        }
        Name::HtmlHeading => html_heading(node, text),
        Name::HtmlId => html_id(node, text),
    }
}

/// The name in one of several nodes of the field of the name.
pub(super) fn name_at(node: Node<'_>, declare: &CompiledDeclare, compiled: &Compiled, text: &str) -> Option<Named> {
    match declare.rule.name {
        Name::Declarator(_) => declarator(node, compiled, text),
        Name::Field(_) if node.is_named() => Named::plain(text, span_of(node, text)),
        _ => None,
    }
}

/// The first child of a kind.
pub(super) fn child_of_kind(node: Node<'_>, kind: u16) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more {
        if cursor.node().kind_id() == kind {
            return Some(cursor.node());
        }
        more = cursor.goto_next_sibling();
    }
    None
}

/// The last segment of a type's path, without arguments, references and `dyn`.
pub(super) fn bare_type(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
    let text = text.strip_prefix("dyn ").or_else(|| text.strip_prefix("mut ")).unwrap_or(text);
    let path = text.split(['<', '[', '(', '{', ')', ' ', '\n']).next().unwrap_or(text);
    path.rsplit("::").next().unwrap_or(path)
}

/// The text of a string without its quotes, of an operator without its parentheses.
fn unquoted(text: &str) -> &str {
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('(', ')')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return inner;
        }
    }
    text
}

/// What the first argument of a call declares: through guards and types, defaults and parameters to the name.
fn argument(call: Node<'_>, compiled: &Compiled, text: &str) -> Option<Named> {
    let mut cursor = call.walk();
    let arguments = call.named_children(&mut cursor).find(|child| child.kind() == "arguments")?;
    let mut node = arguments.named_child(0)?;
    for _ in 0..DECLARATOR_STEPS {
        node = match node.kind() {
            "call" => child_in(node, compiled.fields.target)?,
            "binary_operator" => {
                let operator = child_in(node, compiled.fields.operator)?;
                if !matches!(span_of(operator, text).of(text), "when" | "::" | "\\\\" | "=" | "<-" | "|") {
                    return Named::plain(text, span_of(operator, text));
                }
                child_in(node, compiled.fields.left)?
            }
            "unary_operator" => return Named::plain(text, span_of(child_in(node, compiled.fields.operator)?, text)),
            "identifier" | "alias" | "dot" | "atom" | "quoted_atom" | "string" => {
                let range = span_of(node, text);
                return Named::with(unquoted(range.of(text)).trim_start_matches(':').to_owned(), range);
            }
            _ => return None,
        };
    }
    None
}

fn collapsed(text: &str) -> String {
    let cut = &text[..floor_char_boundary(text, 2 * limits::MAX_NAME_BYTES)];
    cut.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn trimmed(text: &str, span: Span) -> Span {
    let inner = span.of(text);
    let start = span.start + (inner.len() - inner.trim_ascii_start().len()) as u32;
    Span::new(start, start + inner.trim_ascii().len() as u32)
}

/// Through pointers, parameters and arrays to the identifier of a C declarator.
fn declarator(first: Node<'_>, compiled: &Compiled, text: &str) -> Option<Named> {
    let mut node = first;
    let mut scopes: Vec<String> = Vec::new();
    let mut callable = false;
    for _ in 0..DECLARATOR_STEPS {
        let next = match node.kind() {
            "qualified_identifier" => {
                if let Some(scope) = child_in(node, compiled.fields.scope) {
                    scopes.push(bare_type(span_of(scope, text).of(text)).to_owned());
                }
                child_in(node, compiled.fields.name)
            }
            "template_function" | "template_method" | "template_type" | "dependent_name" => {
                child_in(node, compiled.fields.name).or_else(|| node.named_child(0))
            }
            "parenthesized_declarator"
            | "reference_declarator"
            | "attributed_declarator"
            | "variadic_declarator"
            | "init_declarator"
            | "function_declarator"
            | "pointer_declarator"
            | "array_declarator"
            | "pointer_type_declarator"
            | "sized_declarator"
            | "coarray_declarator"
            | "pointer_init_declarator"
            | "data_declarator"
            | "binding"
            | "binding_list"
            | "binding_name" => {
                let inner = child_in(node, compiled.fields.declarator).or_else(|| node.named_child(0));
                if let Some(inner) = inner {
                    callable = node.kind() == "function_declarator" && !inner.kind().ends_with("_declarator");
                }
                inner
            }
            "operator_cast" => {
                let range = span_of(node, text);
                let head = range.of(text).split('(').next().unwrap_or_default();
                let named = Named::with(collapsed(head), Span::new(range.start, range.start + head.len() as u32))?;
                return Some(Named { qualifier: joined(&scopes), callable: true, ..named });
            }
            "identifier"
            | "field_identifier"
            | "type_identifier"
            | "destructor_name"
            | "operator_name"
            | "primitive_type"
            | "method_name"
            | "operator"
            | "assignment"
            | "namespace_identifier" => {
                let range = span_of(node, text);
                let name: String = range.of(text).split_ascii_whitespace().collect();
                let named = Named::with(name, range)?;
                return Some(Named { qualifier: joined(&scopes), callable, ..named });
            }
            _ => None,
        };
        node = next?;
    }
    None
}

fn joined(scopes: &[String]) -> Option<String> {
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| !scope.is_empty()).collect();
    (!scopes.is_empty()).then(|| scopes.join("."))
}

/// What an assignment in JavaScript gives its name to.
fn target(node: Node<'_>, left: Node<'_>, compiled: &Compiled, text: &str) -> Option<Named> {
    let range = span_of(left, text);
    let whole = range.of(text);
    if whole == "module.exports" || whole == "exports" {
        let own = child_in(node, compiled.fields.right).and_then(|right| child_in(right, compiled.fields.name));
        return match own {
            Some(name) => Named::plain(text, span_of(name, text)),
            None => Named::with("exports".to_owned(), range),
        };
    }
    target_at(left, compiled, text)
}

/// The same without regard to the value: nothing for the module's exports as such.
pub(super) fn target_at(left: Node<'_>, compiled: &Compiled, text: &str) -> Option<Named> {
    let range = span_of(left, text);
    if matches!(range.of(text), "module.exports" | "exports") {
        return None;
    }
    let (key, range) = match left.kind() {
        "identifier" => return Named::plain(text, range),
        "member_expression" => {
            let range = span_of(child_in(left, compiled.fields.property)?, text);
            (range.of(text), range)
        }
        "subscript_expression" => {
            let range = span_of(child_in(left, compiled.fields.index)?, text);
            let key = unquoted(range.of(text));
            (key, (key.len() < range.len() as usize).then_some(range)?)
        }
        _ => return None,
    };
    let object = span_of(child_in(left, compiled.fields.object)?, text).of(text);
    let named = Named::with(key.to_owned(), range)?;
    Some(Named { qualifier: owner(object), ..named })
}

/// The owner that an object expression stands for: nothing for the module's exports, `this` and the global object.
fn owner(object: &str) -> Option<String> {
    let object = object.strip_suffix(".prototype").unwrap_or(object);
    let object = object.strip_prefix("module.").unwrap_or(object);
    let object = object.strip_prefix("exports").map_or(object, |rest| rest.trim_start_matches('.'));
    let simple =
        object.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.') || byte >= 128);
    let global = matches!(object, "" | "this" | "self" | "window" | "global" | "globalThis" | "root");
    (simple && !global && object.len() <= limits::MAX_NAME_BYTES).then(|| object.to_owned())
}

/// The last segment of a path without the marks of a pointer or variable before it; what is quoted is one segment.
fn inside(range: Span, text: &str) -> Option<Named> {
    let whole = range.of(text);
    let bare = unquoted(whole);
    if bare.len() < whole.len() {
        return Named::with(bare.to_owned(), range);
    }
    let marks = whole.len() - whole.trim_start_matches(['*', '&', '$', '%', '@', ' ']).len();
    path(Span::new(range.start + marks as u32, range.end), text)
}

/// The last segment of a path, qualified by those before it.
fn path(range: Span, text: &str) -> Option<Named> {
    let whole = range.of(text);
    let at = whole.rfind([':', '\\', '.', '$']).map_or(0, |at| at + 1);
    let named = Named::plain(text, Span::new(range.start + at as u32, range.end))?;
    let scopes: Vec<String> = whole[..at].split([':', '\\', '.', '$']).map(str::to_owned).collect();
    Some(Named { qualifier: joined(&scopes), ..named })
}

/// The text of a heading that is the first child of a section.
fn heading(node: Node<'_>, text: &str) -> Option<Named> {
    let heading = node.named_child(0)?;
    if !heading.kind().ends_with("heading") {
        return None;
    }
    let content = heading.child_by_field_name("heading_content")?;
    let range = trimmed(text, span_of(content, text));
    let name = range.of(text).trim_end_matches('#').trim_end();
    Named::with(collapsed(name), range)
}

/// The tag of an element and its name.
fn tag<'t>(element: Node<'t>, text: &'t str) -> Option<(Node<'t>, &'t str)> {
    let tag = element.named_child(0)?;
    Some((tag, span_of(tag.named_child(0)?, text).of(text)))
}

/// The text of a heading, tags aside.
fn html_heading(node: Node<'_>, text: &str) -> Option<Named> {
    let (tag, name) = tag(node, text)?;
    let [b'h' | b'H', b'1'..=b'6'] = name.as_bytes() else { return None };
    let last = node.child(node.child_count().checked_sub(1)?)?;
    let start = span_of(tag, text).end;
    let range = trimmed(text, Span::new(start, span_of(last, text).start.max(start)));
    Named::with(collapsed(&without_tags(range.of(text))), range)
}

/// The `id` of an element.
fn html_id(node: Node<'_>, text: &str) -> Option<Named> {
    let (tag, _) = tag(node, text)?;
    let mut cursor = tag.walk();
    let attribute = tag.named_children(&mut cursor).filter(|child| child.kind() == "attribute").find(|attribute| {
        attribute.named_child(0).is_some_and(|key| span_of(key, text).of(text).eq_ignore_ascii_case("id"))
    })?;
    let range = span_of(attribute.named_child(1)?, text);
    Named::with(unquoted(range.of(text)).to_owned(), range)
}

fn without_tags(text: &str) -> String {
    let mut depth = 0u32;
    text.chars()
        .filter(|c| {
            match c {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}
