//! Which chunks can hold a text, from the dictionary alone, so that only their text is inflated.
//!
//! A word inside the text, with something that is no letter on both sides, must stand in the index as it is. A word at either end may be part of a longer one: the terms
//! that can come from such a longer word are found by looking through the dictionary. Stems are what makes this delicate: `tested` is
//! indexed as `test`, so a text that ends in `teste` must find that term. The answer may name chunks that do not hold the text, and never leaves out one that does:
//! chunks with words that the index passes over are in a list of their own.

use super::gather::Gather;
use super::source::LiveSegment;
use crate::analysis::{MAX_WORD_BYTES, is_unspaced, stem};
use crate::error::Result;
use crate::segment::dictionary::TermEntry;
use memchr::memmem::Finder;

/// With so few chunks nothing is gained by looking for a stricter condition.
const FEW: usize = 64;

/// What the text to be found says of the words around it.
#[derive(Debug, Clone, PartialEq)]
enum Demand {
    /// One of these terms must be there.
    Terms(Vec<String>),
    /// A word must be there that holds this.
    Fragment(Fragment),
}

/// Part of a word, in lower case without underscores.
#[derive(Debug, Clone, PartialEq)]
struct Fragment {
    text: String,
    /// Whether the word begins with it.
    begins: bool,
    /// Terms whose stem has lost a part of the fragment end so (or are that, when the word begins with it).
    endings: Vec<String>,
}

/// What texts demand of an index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Demands {
    all: Vec<Demand>,
    /// Whether the text is of several lines.
    lines: bool,
}

impl Demands {
    /// The demands of `text`, whether it is found with regard to case or without.
    pub fn of(text: &str) -> Self {
        let mut all = Vec::new();
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let mut at = 0;
        while at < chars.len() {
            let start = at;
            let class = class(chars[at].1);
            while at < chars.len() && self::class(chars[at].1) == class {
                at += 1;
            }
            let end = chars.get(at).map_or(text.len(), |(offset, _)| *offset);
            let run = &text[chars[start].0..end];
            match class {
                Class::Other => {}
                Class::Unspaced => {
                    let run: Vec<char> = run.chars().collect();
                    // A mark that no letter precedes begins no pair.
                    let pairs = run.windows(2).filter(|pair| pair[0].is_alphanumeric());
                    all.extend(pairs.map(|pair| Demand::Terms(vec![pair.iter().collect()])));
                }
                Class::Word => all.extend(word(run, start > 0, end < text.len())),
            }
        }
        Self { all, lines: text.contains('\n') }
    }

    /// Whether every chunk can hold the text.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The chunks of `source` of which at least one must hold a part of any occurrence of the text, ascending; none when that can be any. Chunks with words that are not
    /// indexed are not among them: see [`crate::segment::Segment::unindexed`].
    pub fn chunks(&self, source: &LiveSegment) -> Result<Option<Vec<u32>>> {
        let mut best: Option<Vec<u32>> = None;
        let mut take = |docs: Vec<u32>| -> Result<bool> {
            // An occurrence may reach over several chunks, so conditions meet in its line; the rarest one says where.
            best = Some(match best.take() {
                None => docs,
                Some(known) if self.lines => both(known, docs, |docs, others| Ok(in_files_of(source, docs, &others)))?,
                Some(known) => both(known, docs, |docs, others| in_lines_of(source, docs, &others))?,
            });
            Ok(best.as_ref().is_some_and(|best| best.len() <= FEW))
        };
        let (mut fragments, mut gather): (Vec<&Fragment>, _) = (Vec::new(), Gather::default());
        for demand in &self.all {
            match demand {
                Demand::Terms(terms) => {
                    let mut docs = Vec::new();
                    for term in terms {
                        if let Some(Some(entry)) = gather.of(source.segment.term(term))? {
                            gather.of(source.segment.chunk_postings(&entry, |doc, _| docs.push(doc)))?;
                        }
                    }
                    if !gather.is_missing() && take(sorted(docs))? {
                        return Ok(best);
                    }
                }
                Demand::Fragment(fragment) => fragments.push(fragment),
            }
        }
        // What a word begins with is found at once, what it only holds by looking through the dictionary; the longest is the rarest. What is missing is stated for all words of a
        // sort at once, and nothing of a costlier sort before it is known to be needed.
        gather.done()?;
        crate::order::sort_by_key(&mut fragments, |fragment| {
            (!fragment.begins, std::cmp::Reverse(fragment.text.len()))
        });
        for fragment in fragments.into_iter().filter(|fragment| !fragment.is_common(source)) {
            if !fragment.begins {
                gather.done()?;
            }
            let Some(docs) = gather.of(fragment.chunks(source))? else { continue };
            if !gather.is_missing() && take(docs)? {
                return Ok(best);
            }
        }
        gather.done()?;
        Ok(best)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Word,
    Unspaced,
    Other,
}

fn class(char: char) -> Class {
    if is_unspaced(char) {
        Class::Unspaced
    } else if char.is_alphanumeric() || char == '_' {
        Class::Word
    } else {
        Class::Other
    }
}

/// What a word of the text demands; `begins` and `ends` say whether the text shows where the word begins and ends.
fn word(run: &str, begins: bool, ends: bool) -> Option<Demand> {
    let text: String = run.chars().filter(|&char| char != '_').flat_map(char::to_lowercase).collect();
    if text.is_empty() || run.len() > MAX_WORD_BYTES {
        return None;
    }
    if begins && ends {
        // Whether it is one word or several in one depends on its capitals.
        let mut single = text.clone();
        stem(&mut single);
        return Some(Demand::Terms(if single == text { vec![text] } else { vec![text, single] }));
    }
    let endings = endings(&text, begins)?;
    Some(Demand::Fragment(Fragment { text, begins, endings }))
}

/// The inflections that [`stem`] takes away. Those in the second list leave an `i` or a `y` behind, those in the third a letter that was doubled.
const TAILS: &[&str] = &["eings", "ings", "eds", "es", "s"];
const Y_TAILS: &[&str] = &["yings", "yeds", "yeings", "yes", "ys", "ies", "ieds"];
const DOUBLED_TAILS: &[&str] = &["ings", "eds"];

/// How terms end whose words hold `fragment` and have lost its last letters to the stemmer; nothing when such a term can be anything.
fn endings(fragment: &str, begins: bool) -> Option<Vec<String>> {
    if !begins && TAILS.iter().chain(Y_TAILS).any(|tail| tail.contains(fragment)) {
        return None;
    }
    let mut endings = Vec::new();
    let begins_one = |tails: &[&str], lost: &str| tails.iter().any(|tail| tail.starts_with(lost));
    for (at, first) in fragment.char_indices().rev().take(6) {
        let (head, lost) = fragment.split_at(at);
        let plain = begins_one(TAILS, lost);
        let y = begins_one(Y_TAILS, lost);
        let doubled = begins_one(DOUBLED_TAILS, &lost[first.len_utf8()..]);
        if head.is_empty() {
            if doubled && !begins {
                return None;
            }
            break;
        }
        if plain || (doubled && head.ends_with(first)) {
            endings.push(head.to_string());
        }
        if let (true, Some(head)) = (doubled && first == 'y', head.strip_suffix('y')) {
            endings.push(format!("{head}i"));
        }
        if y {
            endings.push(format!("{head}i"));
            endings.push(format!("{head}y"));
        }
    }
    Some(endings)
}

impl Fragment {
    /// Whether so many chunks hold it that looking through text is less to fetch than the dictionary and what that leads to. Of a segment that is whole nothing has to be fetched.
    fn is_common(&self, source: &LiveSegment) -> bool {
        let segment = &source.segment;
        !segment.is_whole() && segment.hot(&self.text).0.is_some_and(|entry| entry.chunks > segment.meta.chunks / 64)
    }

    /// Whether a term can come from a word that holds the fragment, which `finder` finds, somewhere behind its beginning.
    fn fits_inside(&self, finder: &Finder, term: &str) -> bool {
        finder.find(term.as_bytes()).is_some() || self.endings.iter().any(|ending| term.ends_with(ending.as_str()))
    }

    /// The entries of all terms that fit somewhere behind their beginning.
    fn entries_inside(&self, source: &LiveSegment, finder: &Finder, entries: &mut Vec<TermEntry>) -> Result<()> {
        let all = source.segment.all_terms()?;
        let few = source.segment.meta.terms as usize / 32;
        let mut found: Vec<&str> = Vec::new();
        let term_around = |at: usize| {
            let start = all[..at].rfind('\0').map_or(0, |before| before + 1);
            &all[start..at + all[at..].find('\0').unwrap_or(all.len() - at)]
        };
        found.extend(finder.find_iter(all.as_bytes()).take(few + 1).map(term_around));
        for ending in &self.endings {
            let ending = format!("{ending}\0");
            found.extend(memchr::memmem::find_iter(all.as_bytes(), &ending).take(few + 1).map(term_around));
        }
        if found.len() <= few {
            crate::order::sort(&mut found);
            found.dedup();
            for term in found {
                entries.extend(source.segment.term(term)?);
            }
            return Ok(());
        }
        // Of so many, reading on from one to the next is faster than looking each one up.
        source.segment.terms_with_prefix("", |term, entry| {
            if self.fits_inside(finder, term) {
                entries.push(entry);
            }
            true
        })
    }

    fn chunks(&self, source: &LiveSegment) -> Result<Vec<u32>> {
        let (mut entries, mut gather): (Vec<TermEntry>, _) = (Vec::new(), Gather::default());
        let finder = Finder::new(&self.text);
        if self.begins {
            gather.of(source.segment.terms_with_prefix(&self.text, |_, entry| {
                entries.push(entry);
                true
            }))?;
            for ending in &self.endings {
                entries.extend(gather.of(source.segment.term(ending))?.flatten());
            }
        } else {
            self.entries_inside(source, &finder, &mut entries)?;
        }
        let mut seen = vec![false; source.segment.meta.chunks as usize];
        for entry in &entries {
            gather.of(source.segment.chunk_postings(entry, |doc, _| seen[doc as usize] = true))?;
        }
        gather.done()?;
        Ok(seen.iter().enumerate().filter(|(_, seen)| **seen).map(|(doc, _)| doc as u32).collect())
    }
}

fn sorted(mut docs: Vec<u32>) -> Vec<u32> {
    docs.sort_unstable();
    docs.dedup();
    docs
}

/// Joins two lists of chunks: the shorter one is narrowed by the longer one.
pub(super) fn both(
    a: Vec<u32>,
    b: Vec<u32>,
    narrow: impl FnOnce(Vec<u32>, Vec<u32>) -> Result<Vec<u32>>,
) -> Result<Vec<u32>> {
    if a.len() <= b.len() { narrow(a, b) } else { narrow(b, a) }
}

/// Those of `docs` whose file has a chunk in `others` too, or a chunk with words that are not indexed.
fn in_files_of(source: &LiveSegment, docs: Vec<u32>, others: &[u32]) -> Vec<u32> {
    let mut files = vec![false; source.segment.meta.files as usize];
    let unindexed = source.segment.unindexed().unwrap_or(&[]);
    others.iter().chain(unindexed).for_each(|&doc| files[source.file_of[doc as usize] as usize] = true);
    docs.into_iter().filter(|&doc| files[source.file_of[doc as usize] as usize]).collect()
}

/// Those of `docs` that share a line with a chunk in `others`, or with one with words that are not indexed. A line goes on from a chunk into the next one, and through
/// every chunk that has no line feed.
pub(super) fn in_lines_of(source: &LiveSegment, docs: Vec<u32>, others: &[u32]) -> Result<Vec<u32>> {
    let mut holds = vec![false; source.segment.meta.chunks as usize];
    let unindexed = source.segment.unindexed().unwrap_or(&[]);
    others.iter().chain(unindexed).for_each(|&doc| holds[doc as usize] = true);
    let docs_in_files = in_files_of(source, docs, others);
    let (mut kept, mut gather) = (Vec::new(), Gather::default());
    for doc in docs_in_files {
        let entry = &source.segment.files.entries[source.file_of[doc as usize] as usize];
        let (first, last) = (entry.first_chunk, entry.first_chunk + entry.chunks - 1);
        let near = doc.saturating_sub(1).max(first)..=(doc + 1).min(last);
        let mut shares = near.clone().any(|near| holds[near as usize]);
        let mut through = |next: u32| -> Result<bool> {
            Ok(gather.of(source.segment.chunk(next))?.is_some_and(|row| row.line_feeds == 0))
        };
        let mut at = *near.end();
        while !shares && at > doc && at < last && through(at)? {
            at += 1;
            shares = holds[at as usize];
        }
        at = *near.start();
        while !shares && at < doc && at > first && through(at)? {
            at -= 1;
            shares = holds[at as usize];
        }
        if shares {
            kept.push(doc);
        }
    }
    gather.done()?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    /// Every text that can be cut out of a word finds the term of that word.
    #[test]
    fn every_part_of_a_word_finds_its_term() {
        let words = [
            "retries",
            "retrying",
            "retried",
            "retry",
            "handles",
            "handling",
            "handled",
            "running",
            "runnings",
            "classes",
            "indexes",
            "canoeings",
            "copyings",
            "obeyed",
            "playing",
            "dyeing",
            "agreed",
            "feeds",
            "tested",
            "tests",
            "studies",
            "moieties",
            "quizzes",
            "matched",
            "buzzing",
            "falling",
            "tied",
            "ties",
            "seeing",
            "yes",
            "ing",
            "createServer",
            "create_server",
            "HTTPServers",
            "sha256",
            "xRange",
            "größen",
            "Straße",
            "tokenizes",
            "eyeing",
            "boxed",
            "embedded",
            "preferred",
            "retry_policies",
            "x",
            "es",
            "éclairs",
            "byes",
            "dyed",
            "relayed",
            "stopped",
        ];
        let alphabet = ["s", "ed", "ing", "ings", "eds", "es", "ies", "ied", "ying", "yed", "e", "y", "d", "nn", "ee"];
        let mut all: Vec<String> = words.iter().map(|word| word.to_string()).collect();
        for stem in ["run", "cop", "tast", "gle", "buy", "pl", "abcy", "wri", "z"] {
            for one in alphabet {
                all.push(format!("{stem}{one}"));
                all.extend(alphabet.iter().map(|two| format!("{stem}{one}{two}")));
            }
        }
        for word in &all {
            let mut terms = Vec::new();
            Analyzer::default().terms(word, |term, role, _| {
                if role != crate::analysis::Role::Part {
                    terms.push(term.to_string());
                }
            });
            let bounds: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
            for (n, &start) in bounds.iter().enumerate() {
                for &end in &bounds[n + 1..] {
                    for (before, after) in [("", ""), ("(", ""), ("", ")"), ("(", ")")] {
                        if (start > 0 && !before.is_empty()) || (end < word.len() && !after.is_empty()) {
                            continue;
                        }
                        let text = format!("{before}{}{after}", &word[start..end]);
                        for text in [text.clone(), text.to_ascii_uppercase()] {
                            for demand in Demands::of(&text).all {
                                let fits = |term: &String| match &demand {
                                    Demand::Terms(wanted) => wanted.contains(term),
                                    Demand::Fragment(fragment) if fragment.begins => {
                                        term.starts_with(&fragment.text) || fragment.endings.contains(term)
                                    }
                                    Demand::Fragment(fragment) => {
                                        fragment.fits_inside(&Finder::new(&fragment.text), term)
                                    }
                                };
                                assert!(terms.iter().any(fits), "{text:?} of {word:?}, {terms:?}: {demand:?}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn texts_demand_what_they_can() {
        let terms = |text: &str| -> Vec<String> {
            Demands::of(text)
                .all
                .into_iter()
                .map(|demand| match demand {
                    Demand::Terms(terms) => terms.join("|"),
                    Demand::Fragment(Fragment { text, begins, .. }) => {
                        if begins {
                            format!("{text}*")
                        } else {
                            format!("*{text}*")
                        }
                    }
                })
                .collect()
        };
        assert_eq!(terms("createServer("), ["*createserver*"]);
        assert_eq!(terms(" handlers, foo_bar.baz"), ["handlers|handler", "foobar", "baz*"]);
        assert_eq!(terms("検索する"), ["検索", "索す", "する"]);
        assert_eq!(terms("=> {"), Vec::<String>::new());
        assert_eq!(terms("ing"), Vec::<String>::new());
    }
}
