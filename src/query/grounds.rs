//! What a place with a name may mean, and what that rests on: each pair of a word and a definition is weighed by itself, and the best are taken.

use super::module::{Fit, Module, folder};
use super::refer::SymbolAt;
use super::scene::{Family, Import, Object, Saying, Scene, Word};
use crate::language::{Role, SymbolKind};
use crate::segment::SymbolRow;

/// What a reference was decided by, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Ground {
    /// Nothing of the index fits.
    NotIndexed,
    /// The name is imported from a module that is another one.
    Elsewhere,
    /// Its object is declared with another type, or inherits nothing.
    OtherType,
    /// Names of other files have to be imported, and this one is not.
    NotImported,
    /// Imported from a module whose name ends like its path.
    LikeImported,
    /// A member of the object itself, whose type inherits from something.
    MaybeInherited,
    /// Nothing but the name.
    ByName,
    /// A member of something, declared in the same folder.
    MemberNear,
    /// Nothing but the name, and nothing else has it.
    OnlyOne,
    /// A member of what has the name of its file or folder. From here on what is near is better.
    LikeModule,
    /// A member of something, declared in the same file.
    SameFileMember,
    /// Declared in the same folder.
    SameFolder,
    /// A member of what the type around the word inherits.
    Inherited,
    /// A member of an imported module.
    ImportedModule,
    /// A member of the type that its object is declared with or made by.
    Typed,
    /// A member of the type that is named before it.
    NamedType,
    /// A member of the type around the word.
    SameType,
    /// Declared in the same file.
    SameFile,
    /// Imported from its file, or from one that hands it on.
    Imported,
}

use Ground::*;

/// For each ground how sure it makes a reference when nothing else fits as well, as measured (`tests/parity/references.mjs`), and what it is called.
const GROUNDS: [(f32, &str); 19] = [
    (0.0, "not in the index"),
    (0.02, "imported from elsewhere"),
    (0.09, "member of another type"),
    (0.05, "not imported"),
    (0.04, "imported from a module of that name"),
    (0.08, "maybe inherited"),
    (0.4, "by name"),
    (0.6, "member, same folder"),
    (0.7, "the only one of the name"),
    (0.9, "member of a module of that name"),
    (0.7, "member, same file"),
    (0.99, "same folder"),
    (0.95, "inherited"),
    (0.94, "member of what is imported"),
    (0.98, "member of its declared type"),
    (0.99, "member of what is named"),
    (0.95, "member of the same type"),
    (0.99, "same file"),
    (0.99, "imported"),
];

impl Ground {
    /// How sure it makes a reference, and what it is called.
    pub fn stated(self) -> (f32, &'static str) {
        GROUNDS[self as usize]
    }
}

/// A definition of a name, with what references to it are weighed by.
pub struct Definition<'a> {
    /// Where it is.
    pub at: SymbolAt,
    /// Its file.
    pub path: &'a str,
    /// The family of its language.
    pub family: Family,
    /// What it is.
    pub kind: Option<SymbolKind>,
    /// What it stands in: the name and the range of a type, function or module.
    pub holder: Option<(&'a SymbolRow, Option<SymbolKind>)>,
    /// The type that its declaration names: Go's receivers and the like.
    pub qualifier: &'a str,
}

impl Definition<'_> {
    /// Whether it is named by an object or a type.
    pub fn is_member(&self) -> bool {
        let of_type = |kind: &Option<SymbolKind>| !kind.is_some_and(|kind| kind.is_function() || kind.is_module());
        // Methods of an object that a function makes are its own, too.
        let held = self.holder.as_ref().is_some_and(|(_, kind)| of_type(kind))
            || !self.qualifier.is_empty()
            || self.kind == Some(SymbolKind::Method);
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

    /// Whether what it stands in holds a word of its file.
    fn is_around(&self, word: &Word) -> bool {
        self.holder.is_some_and(|(row, _)| row.start <= word.start && word.end <= row.end)
    }

    /// Whether another one declares the same thing once more: an overload, or in C and C++ a prototype.
    pub fn repeats(&self, other: &Definition) -> bool {
        let is_function = |definition: &Definition| definition.kind.is_some_and(SymbolKind::is_function);
        let one_file = (self.at.segment, self.at.file) == (other.at.segment, other.at.file);
        is_function(self)
            && is_function(other)
            && self.owner() == other.owner()
            && (one_file || self.family == Family::C)
    }
}

/// Where a word stands.
pub struct Place<'a> {
    /// Its file's path.
    pub path: &'a str,
    /// Number of the segment.
    pub segment: u32,
    /// Ordinal of the file.
    pub file: u32,
}

/// The definitions that a word most likely means, all as likely.
pub struct Likely {
    /// Why.
    pub ground: Ground,
    /// Their numbers among those that were asked about.
    pub targets: Vec<usize>,
}

impl Likely {
    /// How sure it is that the word means one of those that are `wanted`; what is declared several times counts once.
    #[inline(never)]
    pub fn confidence(&self, definitions: &[Definition], wanted: &[SymbolAt]) -> f32 {
        let (mut things, mut meant, mut counted): (u32, u32, bool) = (0, 0, false);
        let mut last: Option<&Definition> = None;
        for target in self.targets.iter().map(|target| &definitions[*target]) {
            if !last.is_some_and(|last| last.repeats(target)) {
                things += 1;
                counted = false;
            }
            if !counted && wanted.contains(&target.at) {
                meant += 1;
                counted = true;
            }
            last = Some(target);
        }
        self.ground.stated().0 * meant as f32 / things.max(1) as f32
    }
}

/// A word with all that its file tells of it.
struct Told<'s> {
    word: &'s Word,
    saying: &'s Saying,
    object: Option<(&'s str, Object<'s>)>,
    /// The file in which what is imported was found, through modules that hand it on.
    origin: Option<&'s str>,
    place: &'s Place<'s>,
}

/// Which of the definitions of its name a word most likely means; none when it is a local name, or nothing fits. `trace` tells the file in which what comes from modules is declared, where they hand it on.
#[inline(never)]
pub fn likely(
    scene: &Scene,
    word: &Word,
    saying: &Saying,
    place: &Place,
    definitions: &[Definition],
    trace: &mut dyn FnMut(&[Module]) -> Option<usize>,
) -> Likely {
    let mut likely = Likely { ground: NotIndexed, targets: Vec::new() };
    // What stands before an imported name is its module.
    let receiver = if word.role == Role::Import { None } else { scene.receiver(word) };
    let object = receiver.map(|receiver| (receiver, scene.object(word, receiver)));
    let is_local = object.is_none() && word.role != Role::Import && saying.is_local(word.start);
    if matches!(word.role, Role::None | Role::Local | Role::Module) || is_local {
        return likely;
    }
    let modules: &[Module] = match &object {
        None => &saying.modules,
        Some((_, Object::Module(modules, _))) => modules,
        Some(_) => &[],
    };
    let fits =
        |definition: &Definition| !definition.is_member() && fit(modules, definition.path).is_some_and(|fit| fit.0);
    let origin = if modules.is_empty() || !scene.family.imports_names() || definitions.iter().any(fits) {
        None
    } else {
        trace(modules).map(|at| definitions[at].path)
    };
    let told = Told { word, saying, object, origin, place };
    let mut best = (NotIndexed, (false, 0), 0);
    for (number, definition) in definitions.iter().enumerate() {
        let same_file = (definition.at.segment, definition.at.file) == (place.segment, place.file);
        let Some((ground, fit)) = grounds(scene, &told, same_file, definition) else { continue };
        let ground = if ground == ByName && definitions.len() == 1 { OnlyOne } else { ground };
        // What is only guessed is not guessed better because it is near.
        let near = match ground > OnlyOne {
            // What is declared around the word hides what is further out.
            true if same_file => u32::MAX - u32::from(!definition.is_around(word)),
            true => common_folders(place.path, definition.path),
            false => 0,
        };
        let rank = (ground, fit, near);
        if rank > best {
            likely.targets.clear();
            (likely.ground, best) = (ground, rank);
        }
        if rank == best {
            likely.targets.push(number);
        }
    }
    likely
}

/// The best fit of several modules.
fn fit(modules: &[Module], path: &str) -> Option<Fit> {
    modules.iter().filter_map(|module| module.fit(path)).max()
}

/// Why a word may mean a definition, and how well what names its module fits; nothing when it cannot.
fn grounds(scene: &Scene, told: &Told, same_file: bool, definition: &Definition) -> Option<(Ground, Fit)> {
    let Told { word, saying, object, origin, place: Place { path, .. } } = told;
    let (none, family) = ((false, 0), scene.family);
    let (is_member, owner) = (definition.is_member(), definition.owner());
    // Prose names what it likes.
    if family != definition.family && family != Family::Markdown {
        return None;
    }
    // A function is no type.
    if matches!(word.role, Role::Type | Role::Inherit) && definition.kind.is_some_and(SymbolKind::is_function) {
        return None;
    }
    // What a function or a namespace declares inside is seen without its name only there.
    if let Some((_, Some(kind))) = definition.holder
        && (kind.is_function() || kind.is_module() && family == Family::JavaScript)
        && definition.qualifier.is_empty()
        && !(same_file && definition.is_around(word))
        && object.as_ref().is_none_or(|(receiver, _)| *receiver != owner)
        && !(kind.is_module() && scene.stands_in(word.start, owner))
    {
        return None;
    }
    let same_folder = folder(path) == folder(definition.path);
    let Some((receiver, object)) = object else {
        let is_field =
            word.role == Role::Write && scene.is_key(word) || word.role == Role::Import && family == Family::Rust;
        if is_member && (family.names_objects() || scene.is_c) && !is_field {
            return None;
        }
        return match () {
            () if same_file && !is_member => Some((SameFile, none)),
            () if same_file && scene.stands_in(word.start, owner) => Some((SameType, none)),
            () if same_file => Some((SameFileMember, none)),
            () if *origin == Some(definition.path) => Some((Imported, (true, 0))),
            () if saying.named || !saying.modules.is_empty() => Some(match fit(&saying.modules, definition.path) {
                Some(fit) => (if fit.0 { Imported } else { LikeImported }, fit),
                None => (if saying.named { Elsewhere } else { NotImported }, none),
            }),
            () if is_member => {
                let near = if same_folder { MemberNear } else { ByName };
                Some((if scene.inherits(word.start, owner) { Inherited } else { near }, none))
            }
            // Names of other files come by imports alone.
            () if family.imports_names() && definition.kind != Some(SymbolKind::Macro) => Some((NotImported, none)),
            () => match scene.imports(definition.path) {
                Some(fit) => Some((if fit.0 { ImportedModule } else { LikeModule }, fit)),
                None if same_folder => Some((SameFolder, none)),
                None if family == Family::Go => None,
                None => Some((ByName, none)),
            },
        };
    };
    let is_super = matches!(object, Object::Super);
    if is_super || matches!(object, Object::Own) {
        let within = scene.stands_in(word.start, owner);
        return match () {
            () if !is_member => None,
            () if within && is_super => None,
            () if within && same_file => Some((SameType, none)),
            () if scene.inherits(word.start, owner) => Some((Inherited, none)),
            // Where a type is one declaration, it has what it declares and what it inherits.
            () if matches!(family, Family::JavaScript | Family::Python | Family::Php) => {
                Some((if scene.inherits(word.start, "") { MaybeInherited } else { OtherType }, none))
            }
            () if within => Some((SameType, none)),
            () if same_file => Some((MemberNear, none)),
            () => Some((ByName, none)),
        };
    }
    if !receiver.is_empty() && *receiver == owner {
        let from = match object {
            Object::Module(modules, _) => fit(modules, definition.path).unwrap_or(none),
            _ => none,
        };
        return Some((NamedType, from));
    }
    match object {
        Object::Typed(name) | Object::Made(name) if is_member && *name == owner => return Some((Typed, none)),
        // C has two names for a type.
        Object::Typed(_) if is_member && family != Family::C => return Some((OtherType, none)),
        Object::Module(_, Import::Module) if is_member => return None,
        _ => {}
    }
    if !is_member {
        // A function by itself stands behind a dot only where that is its module.
        return match object {
            _ if receiver.is_empty() || same_file => None,
            _ if *origin == Some(definition.path) => Some((ImportedModule, (true, 0))),
            Object::Module(modules, _) => match fit(modules, definition.path) {
                Some(fit) => Some((if fit.0 { ImportedModule } else { LikeModule }, fit)),
                None => like(receiver, definition.path),
            },
            Object::Unknown => like(receiver, definition.path),
            _ => None,
        };
    }
    match () {
        () if same_file => Some((SameFileMember, none)),
        () if same_folder => Some((MemberNear, none)),
        () => Some((ByName, none)),
    }
}

/// A member of a module that is named like the file at `path`.
fn like(receiver: &str, path: &str) -> Option<(Ground, Fit)> {
    Module::new(receiver, Default::default()).fit(path).map(|fit| (LikeModule, fit))
}

/// How many folders two paths begin with together.
fn common_folders(a: &str, b: &str) -> u32 {
    folder(a).split('/').zip(folder(b).split('/')).take_while(|(a, b)| a == b).count() as u32
}
