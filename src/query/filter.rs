//! Filters, applied to files before anything is ranked or cut.

use crate::error::{Error, Result};
use crate::segment::files::{FileEntry, FileTable};

/// Which files a query asks for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    languages: Vec<String>,
    extensions: Vec<String>,
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Filter {
    /// `languages`: language ids or file extensions, any of which must fit; empty for all. `paths`: globs (`*`, `**`, `?`, `[a-z]`, `{a,b}`), any of which must fit the whole path;
    /// one that begins with `!` excludes. A glob without a slash fits the file's name in any folder, one that ends in `/` everything below.
    ///
    /// # Errors
    /// OPTION_INVALID for an empty pattern.
    pub fn new(languages: &[String], paths: &[String]) -> Result<Self> {
        let mut filter = Self::default();
        for language in languages {
            let language = language.trim().trim_start_matches('.').to_lowercase();
            if language.is_empty() {
                return Err(Error::Option { option: "language", reason: "an empty language".into() });
            }
            filter.extensions.push(format!(".{language}"));
            filter.languages.push(language);
        }
        for path in paths {
            let (list, glob) = match path.strip_prefix('!') {
                Some(glob) => (&mut filter.exclude, glob),
                None => (&mut filter.include, path.as_str()),
            };
            let glob = glob.trim_start_matches("./");
            match glob {
                "" => return Err(Error::Option { option: "path", reason: "an empty pattern".into() }),
                folder if folder.ends_with('/') => list.push(format!("{folder}**")),
                name if !name.contains('/') => list.push(format!("**/{name}")),
                whole => list.push(whole.trim_start_matches('/').to_string()),
            }
        }
        Ok(filter)
    }

    /// Whether the file passes.
    pub fn passes(&self, file: &FileEntry, table: &FileTable) -> bool {
        let fits = |globs: &[String]| globs.iter().any(|glob| fast_glob::glob_match(glob, &file.path));
        let language = &table.languages[file.language as usize];
        (self.languages.is_empty()
            || self.languages.contains(language)
            || self.extensions.iter().any(|extension| file.path.to_lowercase().ends_with(extension.as_str())))
            && (self.include.is_empty() || fits(&self.include))
            && !fits(&self.exclude)
    }
}
