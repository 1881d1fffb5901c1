//! Who refers to what: definitions by name, the places that refer to them, who calls them and whom they call.
//!
//! There is no compiler here. A place that has the name is weighed by what can be seen: a local name shadows, an import says where its name comes from, the same file comes
//! before the same folder, and that before the rest. What is found says how sure it is ([`Reference::confidence`]) and why ([`Reference::because`]).

use super::gather::Gather;
use super::grounds::{Definition, Place, likely};
use super::module::Module;
use super::prefilter::Demands;
use super::scene::{Family, Saying, Scene, Word};
use super::source::LiveSegment;
use crate::error::Result;
use crate::language::{Role, SymbolKind};
use crate::limits;
use crate::segment::names::normal;
use crate::segment::{SymbolRow, TextCache};

/// A symbol by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SymbolAt {
    /// Number of the segment.
    pub segment: u32,
    /// Ordinal of the file in it.
    pub file: u32,
    /// Ordinal of the symbol in the file.
    pub symbol: u32,
}

/// A place that refers to a symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Number of the segment.
    pub segment: u32,
    /// Ordinal of the file in it.
    pub file: u32,
    /// The name, and what it is there.
    pub word: Word,
    /// The innermost symbol that it stands in.
    pub within: Option<u32>,
    /// The symbol that it most likely refers to; nothing for what is called and not in the index.
    pub target: Option<SymbolAt>,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
    /// Why.
    pub because: &'static str,
}

/// Which places are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Only calls.
    pub calls: bool,
    /// The least confidence.
    pub confidence: f32,
    /// At most so many.
    pub limit: usize,
    /// None before this path and byte.
    pub from: (String, u32),
}

/// Places, and where it goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Referring {
    /// The places, ordered by path and place.
    pub places: Vec<Reference>,
    /// The path and byte at which the search for more goes on; nothing when these were all.
    pub next: Option<(String, u32)>,
    /// Whether the roles of all the files that were looked through are known.
    pub complete: bool,
}

/// Searches one generation.
pub struct Refer<'a> {
    /// The segments.
    pub sources: &'a [LiveSegment],
    /// Inflated text.
    pub cache: &'a mut TextCache,
}

impl<'a> Refer<'a> {
    /// The symbols of a name, maybe a qualified one (`Router.route`), ordered by path and place.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    #[inline(never)]
    pub fn definitions(&self, name: &str) -> Result<Vec<SymbolAt>> {
        let marks = ['.', ':', '#', '\\', '/'];
        let mut parts = name.rsplit(marks).filter(|part| !part.is_empty());
        let Some(own) = parts.next() else { return Ok(Vec::new()) };
        let around: Vec<&str> = parts.collect();
        let (mut found, mut gather) = (Vec::new(), Gather::default());
        let letters = normal(own);
        for (number, source) in self.sources.iter().enumerate() {
            let segment = &source.segment;
            let Some(chunks) = gather.of(segment.declaring(&letters))? else { continue };
            let mut files: Vec<u32> = match chunks {
                Some(chunks) if !letters.is_empty() => {
                    chunks.iter().map(|at| source.file_of[at.chunk as usize]).collect()
                }
                _ => (0..segment.meta.files).collect(),
            };
            files.dedup();
            for file in files.into_iter().filter(|file| !source.dead[*file as usize]) {
                for symbol in 0..segment.files.entries[file as usize].symbols {
                    let Some(row) = gather.of(segment.symbol(file, symbol))? else { continue };
                    if row.name != own {
                        continue;
                    }
                    let Some(parents) = gather.of(segment.parent_name(file, symbol))? else { continue };
                    let mut parents = parents.rsplit('.');
                    if around.iter().all(|part| parents.next() == Some(part)) {
                        let path = segment.files.entries[file as usize].path.as_str();
                        found.push((path, number as u32, file, symbol));
                    }
                }
            }
        }
        gather.done()?;
        sort(&mut found);
        Ok(found.into_iter().map(|(_, segment, file, symbol)| SymbolAt { segment, file, symbol }).collect())
    }

    /// The innermost symbol whose declaration holds a line, from 0, of a file.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    pub fn at_line(&self, segment: u32, file: u32, line: u32) -> Result<Option<SymbolAt>> {
        let source = &self.sources[segment as usize];
        let (mut best, mut gather) = (None, Gather::default());
        for symbol in 0..source.segment.files.entries[file as usize].symbols {
            let Some(row) = gather.of(source.segment.symbol(file, symbol))? else { continue };
            if row.start_line <= line && line <= row.end_line {
                best = Some(SymbolAt { segment, file, symbol });
            }
        }
        gather.done()?;
        Ok(best)
    }

    /// The path of the file of a symbol.
    pub fn path(&self, at: &SymbolAt) -> &'a str {
        &self.sources[at.segment as usize].segment.files.entries[at.file as usize].path
    }

    fn row(&self, at: &SymbolAt) -> Result<&'a SymbolRow> {
        self.sources[at.segment as usize].segment.symbol(at.file, at.symbol)
    }

    fn family(&self, segment: u32, file: u32) -> Family {
        let files = &self.sources[segment as usize].segment.files;
        Family::of(&files.languages[files.entries[file as usize].language as usize])
    }

    #[inline(never)]
    fn weighed(&self, definitions: Vec<SymbolAt>) -> Result<Vec<Definition<'a>>> {
        let weighed = |at: SymbolAt| {
            let row = self.row(&at)?;
            let holder = row.parent.map(|parent| self.row(&SymbolAt { symbol: parent, ..at })).transpose()?;
            Ok(Definition {
                at,
                path: self.path(&at),
                family: self.family(at.segment, at.file),
                kind: SymbolKind::from_number(row.kind),
                holder: holder.map(|row| (row, SymbolKind::from_number(row.kind))),
                qualifier: &row.qualifier,
            })
        };
        definitions.into_iter().map(weighed).collect()
    }

    /// The places that refer to one of `targets`, symbols of one name.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    pub fn references(&mut self, targets: &[SymbolAt], wanted: &Wanted) -> Result<Referring> {
        let mut found = Referring { complete: true, ..Referring::default() };
        let Some(first) = targets.first() else { return Ok(found) };
        let name = &self.row(first)?.name;
        let all = self.weighed(self.definitions(name)?)?;
        let name = name.trim_matches(|c: char| c.is_ascii_punctuation() && c != '_');
        let (mut gather, mut traced) = (Gather::default(), Traced::default());
        let mut files: Vec<Located> = Vec::new();
        for (number, source) in self.sources.iter().enumerate() {
            let Some(docs) = gather.of(holding(source, name))? else { continue };
            let mut last = None;
            for file in docs.into_iter().map(|doc| source.file_of[doc as usize]) {
                let path = source.segment.files.entries[file as usize].path.as_str();
                if last.replace(file) != Some(file) && !source.dead[file as usize] && path >= wanted.from.0.as_str() {
                    files.push((path, number as u32, file, 0));
                }
            }
        }
        sort(&mut files);
        // Text that was read, and what weighing places took in its stead.
        let (mut read, mut weighed) = (0, 0);
        for (path, segment, file, _) in files {
            if read + weighed + traced.read >= limits::REFER_BYTES {
                found.next = Some((path.to_owned(), 0));
                break;
            }
            let source = &self.sources[segment as usize];
            read += source.segment.files.entries[file as usize].text_len as usize;
            let Some(scene) = gather.of(Scene::new(source, file, self.cache))? else { continue };
            found.complete &= scene.known;
            let mut sayings: Vec<(&str, Saying)> = Vec::new();
            let from = if path == wanted.from.0 { wanted.from.1 } else { 0 };
            for word in scene.named(name).filter(|word| word.start >= from) {
                if found.places.len() >= wanted.limit || weighed >= limits::REFER_BYTES {
                    found.next = Some((path.to_owned(), word.start));
                    break;
                }
                if wanted.calls && word.role != Role::Call {
                    continue;
                }
                weighed += 64 + 32 * all.len();
                // What is said of a name goes for all places with it but those that hand it on.
                let (text, mut word) = (scene.text_of(word), *word);
                let is_handed = word.role != Role::Local && scene.module(&word).is_some();
                let known = sayings.iter().position(|(name, _)| !is_handed && *name == text);
                let at = known.unwrap_or_else(|| {
                    // A name that is handed on is told from all others by none.
                    sayings.push((if is_handed { "" } else { text }, scene.saying(&word)));
                    sayings.len() - 1
                });
                let saying = &sayings[at].1;
                if is_handed && word.role == Role::Read {
                    word.role = Role::Import;
                }
                let place = Place { path, segment, file };
                let mut trace = |modules: &[Module]| self.trace(&mut traced, modules, name, &all);
                let likely = likely(&scene, &word, saying, &place, &all, &mut trace);
                let is_wanted = |at: &SymbolAt| targets.contains(at);
                let mut meant = likely.targets.iter().map(|target| all[*target].at);
                let Some(target) = meant.find(is_wanted) else { continue };
                let confidence = likely.confidence(&all, targets);
                if confidence >= wanted.confidence {
                    let within = scene.within(word.start);
                    let (because, target) = (likely.ground.stated().1, Some(target));
                    found.places.push(Reference { segment, file, word, within, target, confidence, because });
                }
            }
            if found.next.is_some() {
                break;
            }
        }
        gather.of(traced.outcome)?;
        gather.done()?;
        Ok(found)
    }

    /// What a symbol calls, in the order of the text: each place with the definition that it most likely means, where the index has one.
    ///
    /// # Errors
    /// PARTS_MISSING when something has to be supplied first.
    pub fn callees(&mut self, caller: &SymbolAt, wanted: &Wanted) -> Result<Referring> {
        let SymbolAt { segment, file, .. } = *caller;
        let row = self.row(caller)?;
        let scene = Scene::new(&self.sources[segment as usize], file, self.cache)?;
        let mut found = Referring { complete: scene.known, ..Referring::default() };
        let mut known: Vec<(&str, Vec<Definition>, Saying, Traced)> = Vec::new();
        let (mut gather, path) = (Gather::default(), self.path(caller));
        let from = if path == wanted.from.0 { wanted.from.1 } else { 0 };
        let inside = scene.words.iter().filter(|word| row.start.max(from) <= word.start && word.end <= row.end);
        for word in inside.filter(|word| word.role == Role::Call) {
            if found.places.len() >= wanted.limit {
                found.next = Some((path.to_owned(), word.start));
                break;
            }
            let name = scene.original(word);
            let at = match known.iter().position(|(known, ..)| *known == name) {
                Some(at) => at,
                None => {
                    let definitions = gather.of(self.definitions(name).and_then(|all| self.weighed(all)))?;
                    known.push((name, definitions.unwrap_or_default(), scene.saying(word), Traced::default()));
                    known.len() - 1
                }
            };
            let (_, all, saying, traced) = &mut known[at];
            let place = Place { path, segment, file };
            let mut trace = |modules: &[Module]| self.trace(traced, modules, name, all);
            let likely = likely(&scene, word, saying, &place, all, &mut trace);
            let first = likely.targets.first().map(|target| all[*target].at);
            let confidence = likely.confidence(all, first.as_slice());
            let (within, because, target) = (scene.within(word.start), likely.ground.stated().1, first);
            found.places.push(Reference { segment, file, word: *word, within, target, confidence, because });
        }
        for (.., traced) in known {
            gather.of(traced.outcome)?;
        }
        gather.done()?;
        Ok(found)
    }

    /// The definition of `name` that modules hand on, its number in `all`: their files import it, or all that another module has.
    fn trace(&mut self, traced: &mut Traced, modules: &[Module], name: &str, all: &[Definition]) -> Option<usize> {
        if let Some((_, known)) = traced.known.iter().find(|(known, _)| known == modules) {
            return *known;
        }
        // Until it is known: modules may hand on each other's names.
        traced.known.push((modules.to_vec(), None));
        let at = traced.known.len() - 1;
        let sources = self.sources;
        let mut handed = Vec::new();
        for source in sources {
            let files = source.live_paths();
            for (path, file) in files.filter(|(path, _)| modules.iter().any(|module| names(module, path))) {
                let declared = all.iter().position(|definition| definition.path == path && !definition.is_member());
                if declared.is_some() {
                    traced.known[at].1 = declared;
                    return declared;
                }
                if traced.read >= limits::REFER_BYTES {
                    continue;
                }
                traced.read += source.segment.files.entries[file as usize].text_len as usize;
                match Scene::new(source, file, self.cache) {
                    Ok(scene) => handed.push(scene.origins(name)),
                    Err(error) if traced.outcome.is_ok() => traced.outcome = Err(error),
                    Err(_) => {}
                }
            }
        }
        for modules in handed {
            let found = if modules.is_empty() { None } else { self.trace(traced, &modules, name, all) };
            if found.is_some() {
                traced.known[at].1 = found;
                return found;
            }
        }
        None
    }
}

/// Whether a module names a path, and nothing speaks against it.
fn names(module: &Module, path: &str) -> bool {
    module.fit(path).is_some_and(|fit| fit.0)
}

/// What modules were found to hand on of one name.
struct Traced {
    /// Modules, and the number of the definition that comes from them.
    known: Vec<(Vec<Module>, Option<usize>)>,
    /// Text in bytes that was read for it.
    read: usize,
    /// Whether all could be read.
    outcome: Result<()>,
}

impl Default for Traced {
    fn default() -> Self {
        Self { known: Vec::new(), read: 0, outcome: Ok(()) }
    }
}

/// A path, the number of its segment, the ordinals of its file and of a symbol.
type Located<'a> = (&'a str, u32, u32, u32);

#[inline(never)]
fn sort(located: &mut [Located]) {
    crate::order::sort(located);
}

/// The chunks that can hold a name, ascending.
fn holding(source: &LiveSegment, name: &str) -> Result<Vec<u32>> {
    // As a word by itself: blanks around it say so.
    let Some(mut docs) = Demands::of(&[" ", name, " "].concat()).chunks(source)? else {
        return Ok((0..source.segment.meta.chunks).collect());
    };
    docs.extend(source.segment.unindexed().unwrap_or_default());
    crate::order::sort(&mut docs);
    docs.dedup();
    Ok(docs)
}
