//! Which texts every match holds: from them an index knows where not to look. R. Cox, Regular Expression Matching with a Trigram Index, 2012,
//! with whole texts in place of trigrams.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Alternatives that are kept apart; with more nothing is known.
const MAX_ALTERNATIVES: usize = 24;
/// A text in bytes: longer ones are cut, the rest begins a new one.
const MAX_TEXT_BYTES: usize = 64;

/// Stands in a text for some character that no word has.
const NO_WORD: char = '\u{1}';

/// What is known of a part of a regex.
struct Known {
    /// Whether all that it matches begins and ends with a character that no word has.
    closed: bool,
    /// Every text that it can match, when they are few.
    exact: Option<Vec<String>>,
    /// Lists of texts; each match holds one of each.
    lists: Vec<Vec<String>>,
}

impl Known {
    fn nothing() -> Self {
        Self { closed: false, exact: None, lists: Vec::new() }
    }

    fn exact(texts: Vec<String>) -> Self {
        Self { closed: false, exact: Some(texts), lists: Vec::new() }
    }

    /// The lists, that of the exact texts among them.
    fn into_lists(self) -> Vec<Vec<String>> {
        let mut lists = self.lists;
        lists.extend(self.exact.filter(|texts| is_useful(texts)));
        lists
    }
}

/// Texts of which each match of `hir` holds one of each list.
pub fn required(hir: &Hir) -> Vec<Vec<String>> {
    known(hir).into_lists()
}

/// One letter or none is in every chunk.
fn is_useful(texts: &[String]) -> bool {
    !texts.is_empty() && texts.iter().all(|text| text.chars().filter(|char| char.is_alphanumeric()).count() > 1)
}

fn known(hir: &Hir) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::exact(vec![String::new()]),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) if !text.contains(['\n', '\0']) => Known::exact(vec![text.to_string()]),
            _ => Known::nothing(),
        },
        HirKind::Class(Class::Unicode(class)) => {
            let chars: Vec<String> =
                class.ranges().iter().flat_map(|range| range.start()..=range.end()).take(5).map(String::from).collect();
            let no_word = |char: char| char.is_ascii() && !char.is_ascii_alphanumeric() && char != '_';
            let closed =
                class.ranges().iter().all(|range| range.end().is_ascii() && (range.start()..=range.end()).all(no_word));
            if chars.len() > 4 || chars.is_empty() { Known { closed, ..Known::nothing() } } else { Known::exact(chars) }
        }
        HirKind::Class(Class::Bytes(_)) => Known::nothing(),
        HirKind::Capture(capture) => known(&capture.sub),
        HirKind::Repetition(Repetition { min: 0, .. }) => Known::nothing(),
        HirKind::Repetition(Repetition { min: 1, max: Some(1), sub, .. }) => known(sub),
        HirKind::Repetition(Repetition { sub, .. }) => {
            let known = known(sub);
            Known { closed: known.closed, exact: None, lists: known.into_lists() }
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn concat(parts: &[Hir]) -> Known {
    let mut run = vec![String::new()];
    let mut known_so_far = Known::nothing();
    let mut broken = false;
    for part in parts {
        let part = known(part);
        match part.exact {
            Some(texts)
                if run.len() * texts.len() <= MAX_ALTERNATIVES
                    && run.iter().all(|text| text.len() < MAX_TEXT_BYTES) =>
            {
                run = run.iter().flat_map(|before| texts.iter().map(move |text| format!("{before}{text}"))).collect();
                known_so_far.lists.extend(part.lists);
            }
            exact => {
                broken = true;
                let edge = if part.closed { NO_WORD.to_string() } else { String::new() };
                run.iter_mut().for_each(|text| text.push_str(&edge));
                let ended = std::mem::replace(&mut run, exact.unwrap_or_else(|| vec![edge]));
                known_so_far.lists.extend(Some(ended).filter(|texts| is_useful(texts)));
                known_so_far.lists.extend(part.lists);
            }
        }
    }
    if broken {
        known_so_far.lists.extend(Some(run).filter(|texts| is_useful(texts)));
    } else {
        known_so_far.exact = Some(run);
    }
    known_so_far
}

fn alternation(parts: &[Hir]) -> Known {
    let branches: Vec<Known> = parts.iter().map(known).collect();
    let count: usize = branches.iter().map(|branch| branch.exact.as_ref().map_or(usize::MAX / 64, Vec::len)).sum();
    if count <= MAX_ALTERNATIVES {
        return Known::exact(branches.into_iter().filter_map(|branch| branch.exact).flatten().collect());
    }
    // Of each branch the list whose shortest text is longest.
    let mut union = Vec::new();
    for branch in branches {
        let best = branch.into_lists().into_iter().max_by_key(|list| list.iter().map(String::len).min());
        match best {
            Some(list) if union.len() + list.len() <= 4 * MAX_ALTERNATIVES => union.extend(list),
            _ => return Known::nothing(),
        }
    }
    Known { lists: vec![union], ..Known::nothing() }
}
