//! The words of a file with their roles, and what can be told from them about one of them: what is local, imported, a member.

use super::gather::Gather;
use super::module::{Fit, Kind, Module, folder};
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
    /// Its family of languages.
    pub family: Family,
    /// Whether it is plain C, whose members always have an object.
    pub is_c: bool,
    path: String,
    text: String,
    symbols: Vec<SymbolRow>,
}

/// What a file says of a name.
#[derive(Default)]
pub struct Saying {
    /// The modules that it is imported from: one, or those of which all names are taken.
    pub modules: Vec<Module>,
    /// Whether the name itself is imported.
    pub named: bool,
    /// Where a parameter or variable of that name is seen.
    locals: Vec<Range<u32>>,
}

impl Saying {
    /// Of a name that comes from a module, or is a module as a whole: then it is nothing in it.
    fn of(is_whole: bool, module: Module) -> Self {
        Self { modules: if is_whole { Vec::new() } else { vec![module] }, named: true, locals: Vec::new() }
    }

    /// Whether byte `at` is where the name is a local one.
    pub fn is_local(&self, at: u32) -> bool {
        self.locals.iter().any(|range| range.contains(&at))
    }
}

/// What a word is a member of, as far as the file tells.
pub enum Object<'s> {
    /// The object or type whose method it stands in.
    Own,
    /// The same, but as what it inherits.
    Super,
    /// A variable that is declared with this type.
    Typed(&'s str),
    /// A variable that is made by this type or function.
    Made(&'s str),
    /// Some other variable of a function.
    Local,
    /// A module or what is imported from it.
    Module(Vec<Module>, Import),
    /// Whatever is not told.
    Unknown,
}

/// What an import brings under a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// A module.
    Module,
    /// Anything.
    Any,
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
        let language = segment.files.languages[entry.language as usize].as_str();
        (scene.family, scene.is_c) = (Family::of(language), language == "c");
        scene.path = entry.path.clone();
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
    #[inline(never)]
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

    /// Whether a type around a byte inherits from what has this name; no name means anything at all.
    #[inline(never)]
    pub fn inherits(&self, at: u32, name: &str) -> bool {
        self.words.iter().any(|word| {
            word.role == Role::Inherit
                && (name.is_empty() || self.text_of(word) == name)
                && self.seen(word).is_some_and(|range| range.contains(&at))
        })
    }

    /// What a word is a member of: the last word before its dot or arrow, empty for a call and the like; nothing where it is none.
    pub fn receiver(&self, word: &Word) -> Option<&str> {
        let before = self.before(word.start).trim_end_matches(['$', '@', '#']);
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
        let object = object.strip_suffix("super()").map_or(object, |_| "super");
        let start = object.bytes().rposition(is_outside).map_or(0, |at| at + 1);
        object.get(start..)
    }

    /// What a word is a member of that stands behind `receiver`.
    #[inline(never)]
    pub fn object(&self, word: &Word, receiver: &str) -> Object<'_> {
        match receiver {
            "this" | "self" | "Self" | "static" | "cls" => return Object::Own,
            "super" | "parent" | "base" => return Object::Super,
            _ => {}
        }
        let (mut local, mut modules, mut import) = (None, Vec::new(), Import::Any);
        for (at, other) in self.words.iter().enumerate() {
            if self.text_of(other) != receiver
                || !matches!(other.role, Role::Local | Role::Import | Role::Alias | Role::Module)
            {
                continue;
            }
            let module = self.module(other);
            if other.role == Role::Local && module.is_none() {
                if self.seen(other).is_some_and(|range| range.contains(&word.start)) {
                    local = Some(self.declared(at));
                }
                continue;
            }
            if self.family == Family::Go || self.is_whole(other) {
                import = Import::Module;
            }
            match module {
                Some(module) => {
                    modules.push(module.clone().below(self.original(other)));
                    modules.push(module);
                }
                None => modules.push(Module::new(receiver, Kind::Package)),
            }
        }
        match local {
            Some(local) => local,
            None if modules.is_empty() => Object::Unknown,
            None => Object::Module(modules, import),
        }
    }

    /// Whether a name stands for a module as a whole: `import * as name`.
    fn is_whole(&self, word: &Word) -> bool {
        self.before(word.start).ends_with("* as ")
    }

    #[inline(never)]
    fn before(&self, at: u32) -> &str {
        self.text.get(..at as usize).unwrap_or_default()
    }

    #[inline(never)]
    fn behind(&self, at: u32) -> &str {
        self.text.get(at as usize..).unwrap_or_default()
    }

    /// What its declaration says of a local variable.
    #[inline(never)]
    fn declared(&self, at: usize) -> Object<'_> {
        let between = |a: &Word, b: &Word| self.text.get(a.end as usize..b.start as usize).unwrap_or("?!").trim_ascii();
        let own = &self.words[at];
        if let Some(next) = self.words.get(at + 1) {
            let (gap, behind) = (between(own, next), self.behind(next.end));
            let name = self.text_of(next);
            if gap.contains('=') {
                if consists(gap, b":=&* newaitmut") && (next.role != Role::Read || behind.starts_with("::")) {
                    return Object::Made(name);
                }
            } else if next.role == Role::Type && consists(gap, HELD) {
                return if behind.starts_with(['<', '[', '.']) { Object::Made(name) } else { Object::Typed(name) };
            }
        }
        match at.checked_sub(1).map(|before| &self.words[before]) {
            Some(before) if before.role == Role::Type && consists(between(before, own), HELD) => {
                Object::Typed(self.text_of(before))
            }
            _ => Object::Local,
        }
    }

    /// Where a name is seen that a word declares: in the innermost symbol around it. Nothing where all of the file sees it.
    #[inline(never)]
    fn seen(&self, word: &Word) -> Option<Range<u32>> {
        let holds = |row: &&SymbolRow| row.start <= word.start && word.end <= row.end && !is_module(row);
        self.symbols.iter().rfind(holds).map(|row| row.start..row.end)
    }

    /// What the file says of the name of a word.
    #[inline(never)]
    pub fn saying(&self, word: &Word) -> Saying {
        if word.role != Role::Local
            && let Some(module) = self.module(word)
        {
            return Saying::of(self.is_whole(word), module);
        }
        let (name, mut locals, mut everywhere, mut from) = (self.text_of(word), Vec::new(), false, None);
        for other in &self.words {
            if self.text_of(other) != name || !matches!(other.role, Role::Local | Role::Import | Role::Alias) {
                continue;
            }
            match self.module(other) {
                Some(module) if from.is_none() => from = Some((self.is_whole(other), module)),
                None if other.role == Role::Local => match self.seen(other) {
                    Some(range) => locals.push(range),
                    None => everywhere = true,
                },
                _ => {}
            }
        }
        if let Some((is_whole, module)) = from {
            return Saying { locals, ..Saying::of(is_whole, module) };
        }
        // Where a file's names are its own, one that it gives a value to is no other's.
        if everywhere && self.family.imports_names() && self.symbols.iter().all(|row| row.name != name) {
            locals.push(0..u32::MAX);
        }
        Saying { modules: self.taken(), named: false, locals }
    }

    /// The modules of which the file takes all names, or hands them all on.
    #[inline(never)]
    fn taken(&self) -> Vec<Module> {
        let (mark, names) = match self.family {
            Family::JavaScript => ("export * from", 7),
            Family::Python => ("import *", 7),
            Family::Rust => ("::*", 2),
            _ => return Vec::new(),
        };
        let (mut at, mut taken) = (0, Vec::new());
        while let Some(next) = find(&self.text[at..], mark) {
            taken.extend(self.module_at(at + next + names));
            at += next + mark.len();
        }
        taken
    }

    /// The modules that a file which hands a name on has it from: the one of its import, or those of which it takes all.
    pub fn origins(&self, name: &str) -> Vec<Module> {
        let mut named = self.words.iter().filter(|word| self.text_of(word) == name);
        named.find_map(|word| self.module(word)).map_or_else(|| self.taken(), |module| vec![module])
    }

    /// The module that a word is imported or handed on from, where it says so itself.
    #[inline(never)]
    pub fn module(&self, word: &Word) -> Option<Module> {
        let family = self.family;
        match word.role {
            Role::Import | Role::Alias => {}
            Role::Local | Role::Read if family == Family::JavaScript => {}
            _ => return None,
        }
        if let Some(module) = self.module_at(word.start as usize) {
            return Some(module);
        }
        if matches!(family, Family::JavaScript | Family::Rust) {
            return None;
        }
        let at = self.words.partition_point(|other| other.start < word.start);
        if family == Family::Go {
            let next = self.words.get(at + 1).filter(|next| next.role == Role::Module)?;
            let behind = self.words[at + 1..].windows(2).take_while(|pair| pair[1].start - pair[0].end <= 2);
            return Some(self.run(next, behind.last().map_or(next, |pair| &pair[1])));
        }
        let is_part = |word: &&Word| matches!(word.role, Role::Import | Role::Alias);
        let near = |other: &&Word| word.start - other.start < IMPORT_REACH;
        let mut before = self.words[..at].iter().rev().take_while(near).skip_while(is_part);
        let last = before.next().filter(|word| word.role == Role::Module)?;
        let first = before.take_while(|word| word.role == Role::Module).last().unwrap_or(last);
        Some(self.run(first, last))
    }

    /// The module that a run of words names.
    #[inline(never)]
    fn run(&self, first: &Word, last: &Word) -> Module {
        let name = self.text.get(first.start as usize..last.end as usize).unwrap_or_default();
        let family = self.family;
        let kind = if family == Family::Python { Kind::File } else { Kind::Package };
        // Paths have extensions, and names with dots.
        if matches!(family, Family::C | Family::Go) {
            Module::new(name, kind)
        } else {
            Module::new(&dotted(name), kind)
        }
    }

    /// The module of an import that has a name at byte `at`, as its language spells it.
    #[inline(never)]
    fn module_at(&self, at: usize) -> Option<Module> {
        let (before, rest) = self.text.split_at_checked(at)?;
        let own = folder(&self.path);
        match self.family {
            Family::JavaScript => {
                let end = rest.bytes().position(|byte| matches!(byte, b'=' | b'(' | b';' | b'"' | b'\''))?;
                let (names, rest) = rest.split_at(end);
                let rest = match names.trim_ascii_end().strip_suffix("from") {
                    Some(names) if find(names, "port ").is_none() => rest,
                    _ => rest.strip_prefix('=')?.trim_ascii_start().strip_prefix("require(")?,
                };
                let name = rest.strip_prefix(['"', '\''])?;
                let name = &name[..name.bytes().position(|byte| matches!(byte, b'"' | b'\''))?];
                let is_relative = name.starts_with('.');
                Some(if is_relative { Module::relative(own, 0, name) } else { Module::new(name, Kind::File) })
            }
            Family::Python => {
                let statement = &before[rfind(before, "from ")? + 5..];
                let end = find(statement, " import")?;
                let (module, names) = (&statement[..end], &statement[end + 7..]);
                let name = module.trim_start_matches('.');
                let is_part = |byte: u8| byte == b'.' || !is_outside(byte);
                if !name.bytes().all(is_part) || find(names, "import").is_some() {
                    return None;
                }
                let (dots, name) = (module.len() - name.len(), dotted(name));
                Some(if dots > 0 { Module::relative(own, dots - 1, &name) } else { Module::new(&name, Kind::File) })
            }
            Family::Rust => Some(self.used(own, at as u32)),
            _ => None,
        }
    }

    /// The module that a path in a `use` of Rust names, over all the braces around it.
    #[inline(never)]
    fn used(&self, own: &str, at: u32) -> Module {
        let before = self.before(at);
        let statement = &before[before.bytes().rposition(|byte| byte == b';').unwrap_or(0)..];
        let statement = rfind(statement, "use ").map_or("", |at| &statement[at + 4..]);
        let (mut path, mut marks, mut start) = (String::new(), Vec::new(), 0);
        for (end, mark) in statement.bytes().enumerate().filter(|(_, byte)| is_outside(*byte)) {
            let word = &statement[start..end];
            start = end + 1;
            if !word.is_empty() {
                path.push_str(if word == "super" { ".." } else { word });
                path.push('/');
            }
            match mark {
                b'{' => marks.push(path.len()),
                b',' => path.truncate(marks.last().copied().unwrap_or(0)),
                b'}' => path.truncate(marks.pop().unwrap_or(0)),
                _ => {}
            }
        }
        let stem = self.path.trim_end_matches(".rs");
        let own = if matches!(stem.rsplit('/').next(), Some("mod" | "lib" | "main")) { own } else { stem };
        let (first, rest) = path.split_once('/').unwrap_or_default();
        match first {
            "crate" => Module::relative(rfind(&self.path, "src/").map_or(own, |at| &self.path[..at + 3]), 0, rest),
            "self" => Module::relative(own, 0, rest),
            // A module inside the file is below it.
            ".." => {
                let inside = self.symbols.iter().any(|row| is_module(row) && row.start <= at && at < row.end);
                Module::relative(own, 0, if inside { rest } else { &path })
            }
            _ if find(&self.text, &["mod ", first, ";"].concat()).is_some() => Module::relative(own, 0, &path),
            _ => Module::new(&path, Kind::File),
        }
    }

    /// How well what the file imports as such (includes, all of a module) fits the file at `path`.
    pub fn imports(&self, path: &str) -> Option<Fit> {
        let modules =
            self.words.chunk_by(|a, b| (a.role, b.role) == (Role::Module, Role::Module) && b.start - a.end <= 2);
        modules
            .filter(|run| run[0].role == Role::Module)
            .filter_map(|run| self.run(&run[0], &run[run.len() - 1]).fit(path))
            .max()
    }

    /// Whether a word is the key of a value.
    pub fn is_key(&self, word: &Word) -> bool {
        self.behind(word.end).trim_ascii_start().starts_with(':')
    }
}

/// What may stand between a name and its type: how it is held.
const HELD: &[u8] = b":&*?\"'$ mut";

/// Whether a text has no other bytes than these.
#[inline(never)]
fn consists(text: &str, of: &[u8]) -> bool {
    text.bytes().all(|byte| of.contains(&byte))
}

fn is_module(row: &SymbolRow) -> bool {
    SymbolKind::from_number(row.kind).is_some_and(SymbolKind::is_module)
}

/// A name with dots as a path.
#[inline(never)]
fn dotted(name: &str) -> String {
    name.replace('.', "/")
}

/// Where a text has another one first. These are short, and looked for in short texts.
#[inline(never)]
fn find(text: &str, mark: &str) -> Option<usize> {
    text.as_bytes().windows(mark.len()).position(|part| part == mark.as_bytes())
}

/// Where it has it last.
#[inline(never)]
fn rfind(text: &str, mark: &str) -> Option<usize> {
    text.as_bytes().windows(mark.len()).rposition(|part| part == mark.as_bytes())
}

/// Whether a byte is of no name.
fn is_outside(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

/// Languages that see each other's names, among those with references.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Family {
    /// JavaScript, TypeScript, and what has scripts of them.
    JavaScript,
    /// Python.
    Python,
    /// Rust.
    Rust,
    /// Go.
    Go,
    /// C, C++ and Objective-C.
    C,
    /// Java, Kotlin and Scala.
    Java,
    /// C#.
    CSharp,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Lua.
    Lua,
    /// Shell scripts.
    Bash,
    /// Texts, which name what they like.
    Markdown,
    /// All others.
    #[default]
    Other,
}

impl Family {
    /// The family of a language.
    #[inline(never)]
    pub fn of(language: &str) -> Self {
        match language {
            "javascript" | "jsx" | "tsx" | "typescript" | "vue" | "svelte" | "html" => Self::JavaScript,
            "python" => Self::Python,
            "rust" => Self::Rust,
            "go" => Self::Go,
            "c" | "cpp" | "objc" => Self::C,
            "java" | "kotlin" | "scala" => Self::Java,
            "csharp" => Self::CSharp,
            "ruby" => Self::Ruby,
            "php" => Self::Php,
            "lua" => Self::Lua,
            "bash" => Self::Bash,
            "markdown" => Self::Markdown,
            _ => Self::Other,
        }
    }

    /// Whether a name of another file has to be imported.
    pub fn imports_names(self) -> bool {
        matches!(self, Self::JavaScript | Self::Python | Self::Rust)
    }

    /// Whether a member is never named without its object.
    pub fn names_objects(self) -> bool {
        matches!(self, Self::JavaScript | Self::Python | Self::Rust | Self::Go | Self::Lua | Self::Php)
    }
}
