//! The pattern without what needs Unicode tables: the classes of Perl as ASCII, and case taken out of the pattern, where it stands at the beginning.

use crate::Problem;
use regex_syntax::ast::{
    self, Assertion, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, Flag, FlagsItemKind, GroupKind, Span,
    Visitor,
};

/// A pattern that means the same with ASCII classes.
pub struct Rewritten {
    /// The pattern.
    pub pattern: String,
    /// Whether upper and lower case differ.
    pub case: bool,
}

/// Rewrites `pattern`, whose `(?i)` or `(?-i)` at the beginning goes before `case`.
pub fn rewrite(pattern: &str, case: bool) -> Result<Rewritten, Problem> {
    let invalid = |offset: usize, message: String| Problem::Invalid {
        column: pattern[..offset.min(pattern.len())].encode_utf16().count() as u32 + 1,
        message,
    };
    let parsed = ast::parse::ParserBuilder::new().nest_limit(64).build().parse(pattern);
    let ast = parsed.map_err(|error| match error.kind() {
        ast::ErrorKind::NestLimitExceeded(limit) => {
            Problem::TooLarge(format!("it is nested more than {limit} levels deep"))
        }
        kind => invalid(error.span().start.offset, kind.to_string()),
    })?;
    let edits = ast::visit(&ast, Rewriter { edits: Vec::new(), case })
        .map_err(|(span, message)| invalid(span.start.offset, message.into()))?;
    let (mut out, mut at) = (String::new(), 0);
    for (span, replacement) in &edits.edits {
        out.push_str(&pattern[at..span.start.offset]);
        out.push_str(replacement);
        at = span.end.offset;
    }
    out.push_str(&pattern[at..]);
    Ok(Rewritten { pattern: out, case: edits.case })
}

struct Rewriter {
    edits: Vec<(Span, String)>,
    case: bool,
}

impl Rewriter {
    fn perl(&mut self, class: &ClassPerl) {
        let members = match class.kind {
            ClassPerlKind::Digit => "0-9",
            ClassPerlKind::Space => r"\t\n\v\f\r ",
            ClassPerlKind::Word => "0-9A-Za-z_",
        };
        let not = if class.negated { "^" } else { "" };
        self.edits.push((class.span, format!("[{not}{members}]")));
    }

    fn flags(&mut self, flags: &ast::Flags, at_start: bool, whole: Span) -> Result<(), (Span, &'static str)> {
        let mut negated = false;
        for item in &flags.items {
            match item.kind {
                FlagsItemKind::Negation => negated = true,
                FlagsItemKind::Flag(Flag::CaseInsensitive) => {
                    if !at_start || flags.items.len() > 1 + usize::from(negated) {
                        return Err((
                            item.span,
                            "case is set for the whole regex: by (?i) or (?-i) alone at its beginning, or by case:yes",
                        ));
                    }
                    self.case = negated;
                    self.edits.push((whole, String::new()));
                }
                FlagsItemKind::Flag(Flag::Unicode) => return Err((item.span, "the flag u cannot be set")),
                FlagsItemKind::Flag(_) => {}
            }
        }
        Ok(())
    }

    fn assertion(&mut self, assertion: &Assertion) -> Result<(), (Span, &'static str)> {
        let ascii = match assertion.kind {
            AssertionKind::StartText | AssertionKind::EndText => {
                return Err((assertion.span, "a regex sees one line at a time; use ^ and $ for its ends"));
            }
            AssertionKind::StartLine | AssertionKind::EndLine => return Ok(()),
            AssertionKind::WordBoundary => r"\b",
            AssertionKind::NotWordBoundary => r"\B",
            AssertionKind::WordBoundaryStart | AssertionKind::WordBoundaryStartAngle => r"\b{start}",
            AssertionKind::WordBoundaryEnd | AssertionKind::WordBoundaryEndAngle => r"\b{end}",
            AssertionKind::WordBoundaryStartHalf => r"\b{start-half}",
            AssertionKind::WordBoundaryEndHalf => r"\b{end-half}",
        };
        self.edits.push((assertion.span, format!("(?-u:{ascii})")));
        Ok(())
    }
}

const NO_TABLES: &str = "classes of Unicode properties are not known; name the characters: [à-ÿ]";

impl Visitor for Rewriter {
    type Output = Self;
    type Err = (Span, &'static str);

    fn finish(self) -> Result<Self, Self::Err> {
        Ok(self)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        match ast {
            Ast::ClassPerl(class) => self.perl(class),
            Ast::ClassUnicode(class) => return Err((class.span, NO_TABLES)),
            Ast::Assertion(assertion) => self.assertion(assertion)?,
            Ast::Flags(set) => self.flags(&set.flags, set.span.start.offset == 0, set.span)?,
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.flags(flags, false, group.span)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        match item {
            ClassSetItem::Perl(class) => self.perl(class),
            ClassSetItem::Unicode(class) => return Err((class.span, NO_TABLES)),
            _ => {}
        }
        Ok(())
    }
}
