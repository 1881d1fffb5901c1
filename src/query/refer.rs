//! Who refers to what: definitions by name, the places that refer to them, who calls them and whom they call.
//!
//! There is no compiler here. A place that has the name is weighed by what can be seen: a local name shadows, an import says where its name comes from, the same file comes
//! before the same folder, and that before the rest. What is found says how sure it is ([`Reference::confidence`]) and why ([`Reference::because`]).

use super::gather::Gather;
use super::prefilter::Demands;
use super::scene::{Fit, Saying, Scene, Word, family, fit, lies_below};
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

/// What a reference was decided by, and how sure that makes it when nothing else fits as well.
type Ground = (f32, &'static str);
const SAME_FILE: Ground = (0.95, "same file");
const IMPORTED: Ground = (0.95, "imported");
const SAME_TYPE: Ground = (0.9, "member of the same type");
const NAMED_TYPE: Ground = (0.9, "member of what is named");
const IMPORTED_MODULE: Ground = (0.8, "member of what is imported");
const INHERITED: Ground = (0.75, "inherited");
const SAME_FILE_MEMBER: Ground = (0.7, "member, same file");
const SAME_FOLDER: Ground = (0.7, "same folder");
const LIKE_IMPORTED: Ground = (0.6, "imported from a module of that name");
const LIKE_MODULE: Ground = (0.6, "member of a module of that name");
const ONLY_ONE: Ground = (0.5, "the only one of the name");
const MEMBER_NEAR: Ground = (0.5, "member, same folder");
const BY_NAME: Ground = (0.3, "by name");
const ELSEWHERE: Ground = (0.05, "imported from elsewhere");

/// A definition of a name, with what references to it are weighed by.
struct Definition<'a> {
    at: SymbolAt,
    path: &'a str,
    family: &'a str,
    kind: Option<SymbolKind>,
    /// What it stands in: the name and the range of a type, function or module.
    holder: Option<(&'a SymbolRow, Option<SymbolKind>)>,
    /// The type that its declaration names: Go's receivers and the like.
    qualifier: &'a str,
}

impl Definition<'_> {
    fn is_member(&self) -> bool {
        let of_type = |kind: &Option<SymbolKind>| !kind.is_some_and(|kind| kind.is_function() || kind.is_module());
        let held = self.holder.as_ref().is_some_and(|(_, kind)| of_type(kind)) || !self.qualifier.is_empty();
        held && !self.kind.is_some_and(SymbolKind::is_type)
    }

    /// The name of what it is a member of.
    fn owner(&self) -> &str {
        match self.holder {
            _ if !self.qualifier.is_empty() => self.qualifier.rsplit('.').next().unwrap_or_default(),
            Some((row, _)) => &row.name,
            None => "",
        }
    }
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
        let parts: Vec<&str> = name.split(['.', ':', '#', '\\', '/']).filter(|part| !part.is_empty()).collect();
        let Some((own, around)) = parts.split_last() else { return Ok(Vec::new()) };
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
                    if row.name != *own {
                        continue;
                    }
                    let Some(parents) = gather.of(segment.parent_name(file, symbol))? else { continue };
                    if parents.split('.').collect::<Vec<_>>().ends_with(around) {
                        found.push(SymbolAt { segment: number as u32, file, symbol });
                    }
                }
            }
        }
        gather.done()?;
        crate::order::sort_by(&mut found, |a, b| self.path(a).cmp(self.path(b)).then(a.symbol.cmp(&b.symbol)));
        Ok(found)
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

    fn family(&self, segment: u32, file: u32) -> &'a str {
        let files = &self.sources[segment as usize].segment.files;
        family(&files.languages[files.entries[file as usize].language as usize])
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
        let mut gather = Gather::default();
        let mut files: Vec<(&str, u32, u32)> = Vec::new();
        for (number, source) in self.sources.iter().enumerate() {
            let Some(docs) = gather.of(holding(source, name))? else { continue };
            let mut last = None;
            for file in docs.into_iter().map(|doc| source.file_of[doc as usize]) {
                let path = source.segment.files.entries[file as usize].path.as_str();
                if last.replace(file) != Some(file) && !source.dead[file as usize] && path >= wanted.from.0.as_str() {
                    files.push((path, number as u32, file));
                }
            }
        }
        crate::order::sort(&mut files);
        // Text that was read, and what weighing places took in its stead.
        let (mut read, mut weighed) = (0, 0);
        for (path, segment, file) in files {
            if read + weighed >= limits::REFER_BYTES {
                found.next = Some((path.to_owned(), 0));
                break;
            }
            let source = &self.sources[segment as usize];
            read += source.segment.files.entries[file as usize].text_len as usize;
            let Some(scene) = gather.of(Scene::new(source, file, self.cache))? else { continue };
            found.complete &= scene.known;
            let mut sayings: Vec<(&str, Saying)> = Vec::new();
            let mut own;
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
                // What is said of a name goes for all places with it but the imports.
                let text = scene.text_of(word);
                let saying = if word.role == Role::Import {
                    own = scene.saying(word);
                    &own
                } else {
                    let known = sayings.iter().position(|(name, _)| *name == text);
                    let at = known.unwrap_or_else(|| {
                        sayings.push((text, scene.saying(word)));
                        sayings.len() - 1
                    });
                    &sayings[at].1
                };
                let likely = likely(&scene, word, saying, (path, segment, file), &all);
                let Some(target) = likely.targets.iter().find(|target| targets.contains(target)) else { continue };
                let meant = likely.targets.iter().filter(|target| targets.contains(target)).count();
                let confidence = likely.ground.0 * meant as f32 / likely.targets.len() as f32;
                if confidence >= wanted.confidence {
                    let within = scene.within(word.start);
                    let because = likely.ground.1;
                    let (word, target) = (*word, Some(*target));
                    found.places.push(Reference { segment, file, word, within, target, confidence, because });
                }
            }
            if found.next.is_some() {
                break;
            }
        }
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
        let mut known: Vec<(&str, Vec<Definition>, Saying)> = Vec::new();
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
                    known.push((name, definitions.unwrap_or_default(), scene.saying(word)));
                    known.len() - 1
                }
            };
            let (_, all, saying) = &known[at];
            let likely = likely(&scene, word, saying, (path, segment, file), all);
            let confidence = likely.ground.0 / likely.targets.len().max(1) as f32;
            let (within, because, target) =
                (scene.within(word.start), likely.ground.1, likely.targets.first().copied());
            found.places.push(Reference { segment, file, word: *word, within, target, confidence, because });
        }
        gather.done()?;
        Ok(found)
    }
}

/// The definitions that a word most likely means, all as likely.
struct Likely {
    ground: Ground,
    targets: Vec<SymbolAt>,
}

/// Which of the definitions of its name a word most likely means; none when it is a local name, or nothing fits. `here`: path, segment and file.
#[inline(never)]
fn likely(scene: &Scene, word: &Word, saying: &Saying, here: (&str, u32, u32), definitions: &[Definition]) -> Likely {
    let mut likely = Likely { ground: (0.0, "not in the index"), targets: Vec::new() };
    let (path, segment, file) = here;
    let receiver = scene.receiver(word);
    let is_local = receiver.is_none() && word.role != Role::Import && saying.is_local(word.start);
    if matches!(word.role, Role::None | Role::Local | Role::Module) || is_local {
        return likely;
    }
    let mut best = (0, (false, 0), 0);
    for definition in definitions {
        let same_file = (definition.at.segment, definition.at.file) == (segment, file);
        let Some((ground, fit)) = grounds(scene, word, receiver, saying, path, same_file, definition) else { continue };
        let ground = if ground == BY_NAME && definitions.len() == 1 { ONLY_ONE } else { ground };
        // What is only guessed is not guessed better because it is near.
        let near = if ground.0 > ONLY_ONE.0 { common_folders(path, definition.path) } else { 0 };
        let rank = ((ground.0 * 1000.0) as u32, fit, near);
        if rank > best {
            likely.targets.clear();
            (likely.ground, best) = (ground, rank);
        }
        if rank == best {
            likely.targets.push(definition.at);
        }
    }
    likely
}

/// Why a word may mean a definition, and how well what names its module fits; nothing when it cannot.
fn grounds(
    scene: &Scene,
    word: &Word,
    receiver: Option<&str>,
    saying: &Saying,
    path: &str,
    same_file: bool,
    definition: &Definition,
) -> Option<(Ground, Fit)> {
    let (none, family) = ((false, 0), scene.family.as_str());
    let (is_member, owner) = (definition.is_member(), definition.owner());
    // Prose names what it likes.
    if family != definition.family && family != "markdown" {
        return None;
    }
    // A function is no type.
    if matches!(word.role, Role::Type | Role::Inherit) && definition.kind.is_some_and(SymbolKind::is_function) {
        return None;
    }
    // What a function declares inside is seen only there.
    if let Some((holder, Some(kind))) = definition.holder
        && kind.is_function()
        && definition.qualifier.is_empty()
        && !(same_file && holder.start <= word.start && word.end <= holder.end)
        && receiver.is_none_or(|receiver| receiver != owner)
    {
        return None;
    }
    let same_folder = folder(path) == folder(definition.path);
    let Some(receiver) = receiver else {
        let is_field = word.role == Role::Write || word.role == Role::Import;
        if is_member && (explicit_objects(family) && !is_field) {
            return None;
        }
        return match () {
            () if same_file && !is_member => Some((SAME_FILE, none)),
            () if same_file && scene.stands_in(word.start, owner) => Some((SAME_TYPE, none)),
            () if same_file => Some((SAME_FILE_MEMBER, none)),
            () if saying.module.is_some() => {
                let module = saying.module.as_deref().unwrap_or_default();
                Some(match fit(module, definition.path) {
                    Some(fit) => (if fit.0 { IMPORTED } else { LIKE_IMPORTED }, fit),
                    None if lies_below(module, definition.path) => (LIKE_IMPORTED, none),
                    None => (ELSEWHERE, none),
                })
            }
            () if is_member => Some((if scene.inherits(owner) { INHERITED } else { BY_NAME }, none)),
            // Names of other files come by imports alone, but where all of a module is taken.
            () if explicit_imports(family) && !scene.takes_all() => Some((BY_NAME, none)),
            () => match scene.imports(definition.path) {
                Some(fit) => Some((if fit.0 { IMPORTED_MODULE } else { LIKE_MODULE }, fit)),
                None if same_folder => Some((SAME_FOLDER, none)),
                None if family == "go" => None,
                None => Some((BY_NAME, none)),
            },
        };
    };
    let is_own = matches!(receiver, "this" | "self" | "Self" | "super" | "static" | "cls" | "parent" | "base");
    if is_own {
        return match () {
            () if !is_member => None,
            () if same_file && scene.stands_in(word.start, owner) => Some((SAME_TYPE, none)),
            () if scene.inherits(owner) => Some((INHERITED, none)),
            () if same_file => Some((MEMBER_NEAR, none)),
            () => Some((BY_NAME, none)),
        };
    }
    if !receiver.is_empty() && receiver == owner {
        return Some((NAMED_TYPE, none));
    }
    if !is_member {
        // A function by itself stands behind a dot only where that is its module.
        if receiver.is_empty() || same_file {
            return None;
        }
        let like = fit(&[receiver.to_owned()], definition.path).map(|fit| (LIKE_MODULE, fit));
        return match scene.receiver_fits(receiver, definition.path) {
            Some(fit) if fit.0 => Some((IMPORTED_MODULE, fit)),
            Some(fit) => Some((LIKE_MODULE, fit)),
            None => like,
        };
    }
    match () {
        () if same_file => Some((SAME_FILE_MEMBER, none)),
        () if same_folder => Some((MEMBER_NEAR, none)),
        () => Some((BY_NAME, none)),
    }
}

/// Whether a member is never named without its object.
fn explicit_objects(family: &str) -> bool {
    matches!(family, "javascript" | "python" | "rust" | "go" | "lua" | "php")
}

/// Whether a name of another file has to be imported.
fn explicit_imports(family: &str) -> bool {
    matches!(family, "javascript" | "python" | "rust")
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// How many folders two paths begin with together.
fn common_folders(a: &str, b: &str) -> u32 {
    folder(a).split('/').zip(folder(b).split('/')).take_while(|(a, b)| a == b).count() as u32
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
