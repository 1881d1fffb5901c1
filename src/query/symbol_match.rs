//! How well the name of a symbol fits a name that somebody typed.

use super::expression::SymbolName;
use super::source::LiveSegment;
use crate::error::Result;
use crate::segment::SymbolRow;
use crate::segment::symbols::letters;

/// How a name fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the name, case and underscores aside.
    Exact,
    /// It begins with it.
    Prefix,
    /// A part of it begins with it: `server` in `createServer`.
    Part,
    /// Its parts begin with the letters typed, in order: `crse` in `createServer`.
    Initials,
    /// It is the name but for a mistyped letter or two.
    Typo,
}

/// A name being looked for.
pub struct NameQuery {
    /// As it was typed.
    spelled: String,
    /// In lower case without underscores.
    plain: Vec<char>,
    parents: Vec<Vec<char>>,
    case: bool,
    letters: u32,
    /// Buffers.
    name: Vec<char>,
    starts: Vec<bool>,
}

impl NameQuery {
    /// Looks for `name`; with `case` upper and lower case differ.
    pub fn new(name: &SymbolName, case: bool) -> Self {
        Self {
            spelled: name.name.clone(),
            plain: plain(&name.name),
            parents: name.parents.iter().map(|parent| plain(parent)).collect(),
            case,
            letters: letters(&name.name),
            name: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// Whether a name with these [`letters`] can fit at all: all that was typed is in it, but for what may be mistyped.
    pub fn may_fit(&self, letters: u32, loose: bool) -> bool {
        let mistyped = if loose && !self.case { typos_allowed(self.plain.len()) as u32 } else { 0 };
        (self.letters & !letters).count_ones() <= mistyped
    }

    /// How symbol `row`, number `symbol` of `file`, fits; nothing when it does not. Typos and initials only when `loose`.
    pub fn fit(
        &mut self,
        live: &LiveSegment,
        file: u32,
        symbol: u32,
        row: &SymbolRow,
        loose: bool,
    ) -> Result<Option<Fit>> {
        let Some(fit) = self.name_fit(&row.name, loose) else { return Ok(None) };
        if self.parents.is_empty() {
            return Ok(Some(fit));
        }
        let around = live.segment.parent_name(file, symbol)?;
        let mut names = around.split(|char: char| !char.is_alphanumeric() && char != '_').map(plain);
        Ok(self.parents.iter().all(|parent| names.any(|name| name == *parent)).then_some(fit))
    }

    /// Whether the name is spelled exactly as it was typed.
    pub fn is_spelled(&self, name: &str) -> bool {
        name == self.spelled
    }

    /// How `name` fits.
    pub fn name_fit(&mut self, name: &str, loose: bool) -> Option<Fit> {
        if self.case {
            return match name.find(&self.spelled)? {
                0 if name.len() == self.spelled.len() => Some(Fit::Exact),
                0 => Some(Fit::Prefix),
                _ => Some(Fit::Part),
            };
        }
        self.take_apart(name);
        let (wanted, name) = (&self.plain[..], &self.name[..]);
        if name.starts_with(wanted) {
            return Some(if name.len() == wanted.len() { Fit::Exact } else { Fit::Prefix });
        }
        if name.len() > wanted.len() {
            let last = name.len() - wanted.len();
            if (1..=last).any(|at| self.starts[at] && name[at..].starts_with(wanted)) {
                return Some(Fit::Part);
            }
        }
        if !loose {
            return None;
        }
        if wanted.len() >= 2 && initials(wanted, name, &self.starts) {
            return Some(Fit::Initials);
        }
        let bound = typos_allowed(wanted.len());
        (bound > 0 && distance(wanted, name, bound).is_some()).then_some(Fit::Typo)
    }

    /// The name in lower case without underscores, and where its parts begin.
    fn take_apart(&mut self, name: &str) {
        self.name.clear();
        self.starts.clear();
        let mut previous = '_';
        for char in name.chars() {
            if char.is_alphanumeric() {
                let begins = !previous.is_alphanumeric()
                    || (char.is_uppercase() && !previous.is_uppercase())
                    || (char.is_numeric() != previous.is_numeric());
                // The last capital of a run belongs to what follows: `HTTPServer`.
                if char.is_lowercase()
                    && previous.is_uppercase()
                    && let Some(last) = self.starts.last_mut()
                {
                    *last = true;
                }
                for lower in char.to_lowercase() {
                    self.name.push(lower);
                    self.starts.push(begins);
                }
            }
            previous = char;
        }
    }
}

fn plain(name: &str) -> Vec<char> {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Mistakes that a word of so many letters may have.
pub fn typos_allowed(letters: usize) -> usize {
    match letters {
        0..5 => 0,
        5..9 => 1,
        _ => 2,
    }
}

/// Whether `wanted` is made of beginnings of parts of `name`, in order, the first part's among them.
fn initials(wanted: &[char], name: &[char], starts: &[bool]) -> bool {
    if name.first() != wanted.first() {
        return false;
    }
    // For each position of the name whether the letters so far can end there.
    let mut ends: Vec<bool> = vec![false; name.len()];
    ends[0] = true;
    for &letter in &wanted[1..] {
        let mut next = vec![false; name.len()];
        let mut before = false;
        for at in 0..name.len() {
            let goes_on = at > 0 && ends[at - 1] && !starts[at];
            let begins = before && starts[at];
            next[at] = name[at] == letter && (goes_on || begins);
            before |= ends[at];
        }
        ends = next;
    }
    ends.contains(&true)
}

/// The edit distance of two words where a swap of neighbours counts as one, when it is at most `bound`.
///
/// The optimal string alignment distance, on a band of the table.
pub fn distance(a: &[char], b: &[char], bound: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > bound {
        return None;
    }
    let far = bound + 1;
    let mut rows = [vec![far; b.len() + 1], (0..=b.len()).map(|at| at.min(far)).collect(), vec![far; b.len() + 1]];
    for i in 1..=a.len() {
        let [before, last, now] = &mut rows;
        now.fill(far);
        now[0] = i.min(far);
        let (low, high) = (i.saturating_sub(bound).max(1), (i + bound).min(b.len()));
        for j in low..=high {
            let mut best = (last[j] + 1).min(now[j - 1] + 1).min(last[j - 1] + usize::from(a[i - 1] != b[j - 1]));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            now[j] = best.min(far);
        }
        if low <= high && now[low - 1..=high].iter().all(|&cost| cost >= far) {
            return None;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()]).filter(|&cost| cost <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::expression::symbol_name;

    fn fit(typed: &str, name: &str) -> Option<Fit> {
        NameQuery::new(&symbol_name(typed, 0..0).unwrap(), false).name_fit(name, true)
    }

    #[test]
    fn names_fit_as_people_type_them() {
        assert_eq!(fit("createServer", "create_server"), Some(Fit::Exact));
        assert_eq!(fit("create", "createServer"), Some(Fit::Prefix));
        assert_eq!(fit("server", "createServer"), Some(Fit::Part));
        assert_eq!(fit("server", "HTTPServer"), Some(Fit::Part));
        assert_eq!(fit("crse", "createServer"), Some(Fit::Initials));
        assert_eq!(fit("cs", "create_server"), Some(Fit::Initials));
        assert_eq!(fit("creteServer", "createServer"), Some(Fit::Typo));
        assert_eq!(fit("retires", "retries"), Some(Fit::Typo));
        assert_eq!(fit("get", "target"), None);
        assert_eq!(fit("gat", "get"), None);
        assert!(
            NameQuery::new(&symbol_name("creteServer", 0..0).unwrap(), false)
                .may_fit(letters("HTTPcreate_server"), true)
        );
        let mut cased = NameQuery::new(&symbol_name("Server", 0..0).unwrap(), true);
        assert_eq!((cased.name_fit("createServer", true), cased.name_fit("server", true)), (Some(Fit::Part), None));
    }

    /// What is passed over by its letters would not have fitted.
    #[test]
    fn names_that_fit_have_the_letters() {
        let names = [
            "createServer",
            "create_server",
            "HTTPServer",
            "größe_ändern",
            "\u{130}stanbul",
            "x2_Y",
            "検索する",
            "retries",
            "Ǆabc",
            "a",
        ];
        let typed = [
            "cs",
            "crse",
            "creteServer",
            "server",
            "SERVER",
            "groesse",
            "größ",
            "istanbul",
            "xY",
            "2y",
            "検索",
            "retires",
            "rtries",
            "ǆ",
            "createServerr",
            "s_e",
        ];
        let mut fitting = 0;
        for name in names {
            for typed in typed {
                for case in [false, true] {
                    for loose in [false, true] {
                        let Some(wanted) = symbol_name(typed, 0..0) else { continue };
                        let mut query = NameQuery::new(&wanted, case);
                        if query.name_fit(name, loose).is_some() {
                            fitting += 1;
                            assert!(query.may_fit(letters(name), loose), "{typed} {name}");
                        }
                    }
                }
            }
        }
        assert!(fitting > 20);
    }

    #[test]
    fn the_band_gives_what_the_whole_table_gives() {
        fn naive(a: &[char], b: &[char]) -> usize {
            let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
            for i in 0..=a.len() {
                for j in 0..=b.len() {
                    table[i][j] = if i == 0 || j == 0 {
                        i + j
                    } else {
                        let mut best = (table[i - 1][j] + 1)
                            .min(table[i][j - 1] + 1)
                            .min(table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                        if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                            best = best.min(table[i - 2][j - 2] + 1);
                        }
                        best
                    };
                }
            }
            table[a.len()][b.len()]
        }
        let mut seed = 7u32;
        let mut word = || -> Vec<char> {
            (0..8)
                .filter_map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    ['a', 'b', 'c'].get((seed >> 24) as usize % 4).copied()
                })
                .collect()
        };
        for _ in 0..5_000 {
            let (a, b) = (word(), word());
            let whole = naive(&a, &b);
            for bound in 0..4 {
                assert_eq!(distance(&a, &b, bound), Some(whole).filter(|&cost| cost <= bound), "{a:?} {b:?} {bound}");
            }
        }
    }
}
