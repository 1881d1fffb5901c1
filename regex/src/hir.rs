//! The regex as it is compiled: lines only, and both cases of a letter where case does not count.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

/// Translates a rewritten pattern.
pub fn parse(pattern: &str) -> Result<Hir, String> {
    // Look-around at bytes and the rest at characters: what is matched is always whole characters.
    let mut builder = ParserBuilder::new();
    builder.nest_limit(96).multi_line(true).utf8(false);
    builder.build().parse(pattern).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        error => error.to_string(),
    })
}

/// The regex over lines; with `fold`, without regard to case. Groups that capture go. No recursion is deeper than the pattern may be nested.
pub fn prepare(hir: &Hir, fold: bool) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => {
            if literal.0.contains(&b'\n') {
                return Hir::fail();
            }
            match std::str::from_utf8(&literal.0) {
                Ok(text) if fold => Hir::concat(text.chars().map(both_cases).collect()),
                _ => Hir::literal(literal.0.clone()),
            }
        }
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            if fold {
                fold_ascii(&mut class);
            }
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(class)) => Hir::class(Class::Bytes(class.clone())),
        HirKind::Look(look) => Hir::look(match look {
            Look::Start | Look::StartLF => Look::StartCRLF,
            Look::End | Look::EndLF => Look::EndCRLF,
            look => *look,
        }),
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            Hir::repetition(Repetition { min: *min, max: *max, greedy: *greedy, sub: Box::new(prepare(sub, fold)) })
        }
        HirKind::Capture(capture) => prepare(&capture.sub, fold),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(|part| prepare(part, fold)).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(|part| prepare(part, fold)).collect()),
    }
}

/// The character in lower and upper case, where each is one character and they are of one letter.
fn both_cases(char: char) -> Hir {
    fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
        chars.next().filter(|_| chars.next().is_none())
    }
    let lower = single(char.to_lowercase());
    let upper = single(char.to_uppercase()).filter(|upper| single(upper.to_lowercase()) == lower);
    let cases = [Some(char), lower, upper].into_iter().flatten().map(|char| ClassUnicodeRange::new(char, char));
    Hir::class(Class::Unicode(ClassUnicode::new(cases)))
}

fn fold_ascii(class: &mut ClassUnicode) {
    let mut more = Vec::new();
    for range in class.ranges() {
        for (low, high, other) in [('a', 'z', 'A'), ('A', 'Z', 'a')] {
            let (from, to) = (range.start().max(low), range.end().min(high));
            if from <= to {
                let shift = |char: char| (char as u8 - low as u8 + other as u8) as char;
                more.push(ClassUnicodeRange::new(shift(from), shift(to)));
            }
        }
    }
    more.into_iter().for_each(|range| class.push(range));
}
