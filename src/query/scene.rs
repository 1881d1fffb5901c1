//! The words of a file with their roles, and what can be told from them about one of them: what is local, imported, a member.

use super::gather::Gather;
use super::source::LiveSegment;
use crate::error::Result;
use crate::language::{Role, SymbolKind};
use crate::segment::{SymbolRow, TextCache};
use crate::text::words;
use std::ops::Range;

/// Bytes between an imported name and the module that it comes from, at most.
const IMPORT_REACH: u32 = 2_000;
/// Bytes between a name and the one it gets by an import, at most: ` as ` and what may stand around it.
const RENAME_REACH: u32 = 16;

/// A word of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// First byte within the file.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is to the code around it.
    pub role: Role,
}

/// A file's words with a role, its text and symbols.
#[derive(Default)]
pub struct Scene {
    /// Whether its roles are known.
    pub known: bool,
    /// The words with a role, in order.
    pub words: Vec<Word>,
    /// Its [`family`].
    pub family: String,
    text: String,
    symbols: Vec<SymbolRow>,
}

/// What a file says of a name.
pub struct Saying {
    /// The words of the module that it is imported from.
    pub module: Option<Vec<String>>,
    /// The functions that have a parameter or variable of that name.
    locals: Vec<Range<u32>>,
}

impl Saying {
    /// Whether a function around byte `at` declares the name as a local one.
    pub fn is_local(&self, at: u32) -> bool {
        self.locals.iter().any(|function| function.contains(&at))
    }
}

impl Scene {
    /// Reads a file.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    #[inline(never)]
    pub fn new(source: &LiveSegment, file: u32, cache: &mut TextCache) -> Result<Self> {
        let segment = &source.segment;
        let entry = &segment.files.entries[file as usize];
        let (mut scene, mut gather) = (Self::default(), Gather::default());
        let text = gather.of(segment.text(file, 0, entry.text_len, cache))?;
        let roles = gather.of(segment.roles(file, text.as_deref()))?;
        scene.text = text.unwrap_or_default();
        scene.family = family(&segment.files.languages[entry.language as usize]).to_owned();
        if let Some(Some(roles)) = roles {
            scene.known = true;
            for ((start, end), role) in words(&scene.text).zip(roles) {
                let role = Role::from_number(role).unwrap_or_default();
                if role != Role::None {
                    scene.words.push(Word { start, end, role });
                }
            }
        }
        for symbol in 0..entry.symbols {
            scene.symbols.extend(gather.of(segment.symbol(file, symbol).cloned())?);
        }
        gather.done()?;
        Ok(scene)
    }

    /// The text of a word.
    pub fn text_of(&self, word: &Word) -> &str {
        let text = self.text.get(word.start as usize..word.end as usize).unwrap_or_default();
        text.trim_start_matches('$')
    }

    /// The names that imports change, each with the one it has here.
    fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.words.windows(2).filter(|pair| {
            (pair[0].role, pair[1].role) == (Role::Import, Role::Alias) && pair[1].start - pair[0].end < RENAME_REACH
        });
        pairs.map(|pair| (self.text_of(&pair[0]), self.text_of(&pair[1]))).filter(|(old, new)| old != new)
    }

    /// The words of a name: those that are spelled so, and those that stand for it by an import under another name.
    pub fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Word> {
        let alias = self.renamed().find_map(|(old, new)| (old == name).then_some(new));
        self.words.iter().filter(move |word| match (alias, self.text_of(word)) {
            (None, text) => text == name,
            // Under the new name the old one says nothing but in the import.
            (Some(alias), text) => {
                text == alias && word.role != Role::Alias || text == name && word.role == Role::Import
            }
        })
    }

    /// The name that a word stands for: another one where it was imported so.
    pub fn original(&self, word: &Word) -> &str {
        let text = self.text_of(word);
        self.renamed().find_map(|(old, new)| (new == text).then_some(old)).unwrap_or(text)
    }

    /// The innermost symbol around a byte.
    pub fn within(&self, at: u32) -> Option<u32> {
        self.symbols.iter().rposition(|row| row.start <= at && at < row.end).map(|symbol| symbol as u32)
    }

    /// Whether a type or the like of this name stands around a byte.
    pub fn stands_in(&self, at: u32, name: &str) -> bool {
        let own = |row: &SymbolRow| row.name == name || row.qualifier == name;
        self.symbols.iter().any(|row| row.start <= at && at < row.end && own(row))
    }

    /// Whether something here inherits from what has this name.
    pub fn inherits(&self, name: &str) -> bool {
        self.words.iter().any(|word| word.role == Role::Inherit && self.text_of(word) == name)
    }

    /// What a word is a member of: the last word before its dot or arrow, empty for a call and the like; nothing where it is none.
    pub fn receiver(&self, word: &Word) -> Option<&str> {
        let before = self.text.get(..word.start as usize)?.trim_end_matches(['$', '@', '#']);
        // A call may be on the line below its object.
        let joined = before.trim_end();
        let object = ["?.", "->", "::", ".", ":"].iter().find_map(|mark| joined.strip_suffix(mark))?;
        // A colon alone is Lua's: elsewhere a blank follows it, as it does the arrow before what a function returns. Two dots make a range or spread something.
        let blank = before.len() > joined.len();
        let parts = joined.ends_with(':') && !joined.ends_with("::") || joined.ends_with("->");
        if parts && blank || joined.ends_with("..") {
            return None;
        }
        let object = object.trim_end_matches(['?', '!']).trim_end();
        let start = object.rfind(is_outside).map_or(0, |at| at + 1);
        object.get(start..)
    }

    /// What the file says of the name of `word`.
    #[inline(never)]
    pub fn saying(&self, word: &Word) -> Saying {
        let name = self.text_of(word);
        let mut saying = Saying { module: None, locals: Vec::new() };
        if matches!(word.role, Role::Import | Role::Alias) {
            // Another import of the name has a module of its own.
            let at = self.words.partition_point(|other| other.start < word.start);
            saying.module = Some(self.modules_near(at)).filter(|module| !module.is_empty());
        }
        for (at, other) in self.words.iter().enumerate().filter(|(_, other)| self.text_of(other) == name) {
            match other.role {
                Role::Import | Role::Alias if saying.module.is_none() => {
                    saying.module = Some(self.modules_near(at)).filter(|module| !module.is_empty());
                }
                Role::Local => {
                    let is_function =
                        |row: &&SymbolRow| SymbolKind::from_number(row.kind).is_some_and(SymbolKind::is_function);
                    let mut around = self.symbols.iter().filter(is_function);
                    let inner = around.rfind(|row| row.start <= other.start && other.end <= row.end);
                    saying.locals.extend(inner.map(|row| row.start..row.end));
                }
                _ => {}
            }
        }
        saying.locals.dedup();
        saying
    }

    /// The words of the module of an import: those before it, or else those behind it.
    fn modules_near(&self, import: usize) -> Vec<String> {
        let at = self.words[import].start;
        // Rust nests names in braces.
        if self.family == "rust" {
            return self.path_to(at);
        }
        let is_part = |word: &&Word| matches!(word.role, Role::Import | Role::Alias);
        let near = |word: &&Word| word.start.abs_diff(at) < IMPORT_REACH;
        let run = |words: &mut dyn Iterator<Item = &Word>| -> Vec<String> {
            let modules = words.take_while(near).skip_while(is_part).take_while(|word| word.role == Role::Module);
            modules.map(|word| self.text_of(word).to_owned()).collect()
        };
        // JavaScript names the module last: what stands before belongs to another import.
        let behind = if self.family == "javascript" { run(&mut self.words[import..].iter()) } else { Vec::new() };
        let from_follows = self.text.get(at as usize..).is_some_and(|rest| {
            let line = rest.split(';').next().unwrap_or(rest);
            !behind.is_empty() && line.split_once("from").is_some_and(|(names, _)| !names.contains(['=', '(']))
        });
        if from_follows {
            return behind;
        }
        let mut before = run(&mut self.words[..import].iter().rev());
        before.reverse();
        if before.is_empty() { behind } else { before }
    }

    /// The path that a name in a `use` of Rust stands behind, over all the braces around it.
    fn path_to(&self, at: u32) -> Vec<String> {
        let before = self.text.get(..at as usize).unwrap_or_default();
        let statement = before.rsplit(';').next().unwrap_or_default();
        let statement = statement.rsplit_once("use ").map_or("", |(_, statement)| statement);
        let (mut path, mut marks) = (Vec::new(), vec![0]);
        for piece in statement.split_inclusive(is_outside) {
            let word = piece.trim_end_matches(is_outside);
            if !word.is_empty() {
                path.push(word.to_owned());
            }
            match piece.as_bytes().last() {
                Some(b'{') => marks.push(path.len()),
                Some(b',') => path.truncate(marks.last().copied().unwrap_or(0)),
                Some(b'}') => path.truncate(marks.pop().unwrap_or(0)),
                _ => {}
            }
        }
        path
    }

    /// How well what the file imports as such (includes, all of a module) fits the file at `path`.
    pub fn imports(&self, path: &str) -> Option<Fit> {
        let modules =
            self.words.chunk_by(|a, b| (a.role, b.role) == (Role::Module, Role::Module) && b.start - a.end <= 2);
        modules.filter(|run| run[0].role == Role::Module).filter_map(|run| self.fit(run, path)).max()
    }

    fn fit(&self, run: &[Word], path: &str) -> Option<Fit> {
        let words: Vec<String> = run.iter().map(|word| self.text_of(word).to_owned()).collect();
        fit(&words, path)
    }

    /// How well what `receiver` is imported as fits the file at `path`.
    pub fn receiver_fits(&self, receiver: &str, path: &str) -> Option<Fit> {
        let named = self.words.iter().enumerate().filter(|(_, word)| {
            matches!(word.role, Role::Module | Role::Import | Role::Alias) && self.text_of(word) == receiver
        });
        let fits = named.filter_map(|(at, word)| {
            let own = fit(&[receiver.to_owned()], path);
            if word.role == Role::Module { own } else { fit(&self.modules_near(at), path).max(own) }
        });
        fits.max()
    }

    /// Whether the file takes in all the names of some module.
    pub fn takes_all(&self) -> bool {
        self.text.contains("import *") || self.text.contains("::*")
    }
}

/// Whether a character is of no name.
fn is_outside(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_')
}

/// Languages that see each other's names go by one name.
pub fn family(language: &str) -> &str {
    match language {
        "jsx" | "tsx" | "typescript" | "vue" | "svelte" | "html" => "javascript",
        "c" | "objc" => "cpp",
        "kotlin" | "scala" => "java",
        other => other,
    }
}

/// Whether the file at `path` lies below the folder that the words of a module name: what a folder exports may be declared deeper in it.
pub fn lies_below(words: &[String], path: &str) -> bool {
    let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
    let names = |at: &[&str]| words.iter().rev().zip(at).all(|(word, folder)| word == folder);
    let whole = folders.windows(words.len().max(1)).any(names);
    // The scope of a package is in no path.
    whole || words.last().is_some_and(|last| folders.contains(&last.as_str()))
}

/// How the words of a module fit a path: whether nothing speaks against it, and how many are in it.
pub type Fit = (bool, u32);

/// How well the words of a module name the file at `path`, or its folder; nothing when they do not.
pub fn fit(words: &[String], path: &str) -> Option<Fit> {
    let (stem, extension) = path.rsplit_once('/').map_or(path, |(_, file)| file).split_once('.').unwrap_or((path, ""));
    // The extension may be spelled out.
    let words = match words.split_last() {
        Some((last, words)) if !words.is_empty() && (last == extension || last == "js" && extension.contains("ts")) => {
            words
        }
        _ => words,
    };
    let matched = |parts: &mut dyn Iterator<Item = &str>| {
        let mut count = 0;
        for word in words.iter().rev() {
            match parts.next() {
                Some(part) if part == word => count += 1,
                // What stands before the root, or for it.
                None => return (count > 0).then_some((true, count)),
                Some(_) => return (count > 0).then_some((matches!(word.as_str(), "crate" | "self" | "super"), count)),
            }
        }
        (count > 0).then_some((true, count))
    };
    let mut folders = path.rsplit('/').skip(1);
    let whole = matched(&mut std::iter::once(stem).chain(path.rsplit('/').skip(1)));
    whole.max(matched(&mut folders))
}
