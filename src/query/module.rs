//! The modules that imports name, and how well one names a file.

/// What a folder's file is called that speaks for the folder.
const SPEAKERS: [&str; 5] = ["index", "__init__", "mod", "lib", "main"];

/// A module as an import names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// Its name as a path.
    pub path: String,
    /// What the path is.
    pub kind: Kind,
}

/// What the path of a module is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// The end of one, with names before it that no folder has. A folder with all its files is a module.
    #[default]
    Package,
    /// The same, but each file is a module of its own.
    File,
    /// All of the path of a file: an import that says where it starts.
    Path,
}

/// How a module fits a path: whether nothing speaks against it, and how many of its words are in it.
pub type Fit = (bool, u32);

impl Module {
    /// A module by its name; what stands between words is `/` then.
    #[inline(never)]
    pub fn new(name: &str, kind: Kind) -> Self {
        let mut module = Self { path: String::with_capacity(name.len()), kind };
        module.push(name);
        module
    }

    /// A module from the folder `base`, or a folder above it: each `..` of its name, and each of `up`, is one.
    #[inline(never)]
    pub fn relative(base: &str, up: usize, name: &str) -> Self {
        let mut module = Self { path: base.to_owned(), kind: Kind::Path };
        for _ in 0..up {
            module.push("..");
        }
        module.push(name);
        module
    }

    /// What is below it under `name`.
    pub fn below(mut self, name: &str) -> Self {
        self.push(name);
        self
    }

    #[inline(never)]
    fn push(&mut self, name: &str) {
        for word in name.split(['/', ':', '\\']) {
            match word {
                "" | "." => {}
                ".." => self.path.truncate(folder(&self.path).len()),
                word => {
                    if !self.path.is_empty() {
                        self.path.push('/');
                    }
                    self.path.push_str(word);
                }
            }
        }
    }

    /// How well it names the file at `path`; nothing when it does not.
    #[inline(never)]
    pub fn fit(&self, path: &str) -> Option<Fit> {
        let above = folder(path);
        let file = path[above.len()..].trim_start_matches('/');
        let (stem, extension) = file.split_once('.').unwrap_or((file, ""));
        let own = &path[..path.len() - file.len() + stem.len()];
        // The extension may be spelled out, and a header speaks for what it declares.
        let name = match self.path.rsplit_once('.') {
            Some((name, "js")) if extension.contains("ts") => name,
            Some((name, "h" | "hh" | "hpp")) if extension.starts_with(['c', 'm', 'h']) => name,
            Some((name, last)) if last == extension => name,
            _ => &self.path,
        };
        let speaks = SPEAKERS.contains(&stem);
        if self.kind == Kind::Path {
            return (name == own || speaks && name == above).then_some((true, u32::MAX));
        }
        let whole = ends_with(own, name);
        if self.kind == Kind::File && !speaks { whole } else { whole.max(ends_with(above, name)) }
    }
}

/// The folder of a path.
#[inline(never)]
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// How a path ends with the words of a name.
#[inline(never)]
fn ends_with(path: &str, name: &str) -> Option<Fit> {
    let (mut parts, mut count, mut fits) = (path.rsplit('/'), 0, true);
    for word in name.rsplit('/') {
        match parts.next() {
            Some(part) if part == word => count += 1,
            // What stands before the root.
            None | Some("") => break,
            Some(_) => {
                fits = false;
                break;
            }
        }
    }
    (count > 0).then_some((fits, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_names_files_by_its_kind() {
        let relative = |from, up, name| Module::relative(from, up, name);
        let end = |name, kind| Module::new(name, kind);
        for (module, path, fits) in [
            (relative("src/web", 0, "./page"), "src/web/page.ts", true),
            (relative("src/web", 0, "./page.js"), "src/web/page.ts", true),
            (relative("src/web", 0, "../page"), "src/page.ts", true),
            (relative("src/web", 1, "page"), "src/page.py", true),
            (relative("src/web", 0, "./page"), "lib/web/page.ts", false),
            (relative("src/web", 0, "./page"), "src/web/page/index.ts", true),
            (relative("src/web", 0, "./page"), "src/web/page/other.ts", false),
            (relative("src/web", 0, ".."), "src/index.ts", true),
            (end("shop/basket", Kind::File), "app/shop/basket.py", true),
            (end("shop/basket", Kind::File), "app/shop/basket/__init__.py", true),
            (end("shop/basket", Kind::File), "app/shop/basket/sums.py", false),
            (end("example.org/x/pool", Kind::Package), "pool/pool.go", true),
            (end("util/text.h", Kind::Package), "src/util/text.c", true),
            (end("util/text.h", Kind::Package), "src/util/text.h", true),
            (end("util/text.h", Kind::Package), "src/util/other.c", false),
        ] {
            assert_eq!(module.fit(path).is_some_and(|fit| fit.0), fits, "{module:?} and {path}");
        }
    }
}
