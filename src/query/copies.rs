//! Files that stand more than once: copies of one content, and older versions beside newer ones. A person wants to see one of them.
//!
//! Both are judged among the candidates of one query, so that nothing has to be known of the whole index: a copy matters only where its original is found too.

use rustc_hash::{FxHashMap, FxHashSet};

/// A file among the candidates.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Its path.
    pub path: &'a str,
    /// The hash of its bytes.
    pub hash: u128,
    /// How well its path fits the query.
    pub path_score: f32,
}

/// For each file whether the same content stands under a path that is to be preferred: the one that fits the query better,
/// is nearer to the root, is shorter, comes first.
pub fn copies(files: &[Found]) -> Vec<bool> {
    let mut originals: FxHashMap<u128, usize> = FxHashMap::default();
    let depth = |file: &Found| file.path.matches('/').count();
    for (at, file) in files.iter().enumerate() {
        let original = originals.entry(file.hash).or_insert(at);
        let known = &files[*original];
        let order = known
            .path_score
            .total_cmp(&file.path_score)
            .then_with(|| depth(file).cmp(&depth(known)))
            .then_with(|| file.path.len().cmp(&known.path.len()))
            .then_with(|| file.path.cmp(known.path));
        if order.is_lt() {
            *original = at;
        }
    }
    files.iter().enumerate().map(|(at, file)| originals[&file.hash] != at).collect()
}

/// For each path whether it lies in a version's folder (`v3`) while a later version (`v4` beside it), or the same file without the version, is among
/// `paths` too. Versions that the query names by a word are never older.
pub fn superseded(paths: &[&str], words: &[String]) -> Vec<bool> {
    let all: FxHashSet<&str> = paths.iter().copied().collect();
    let mut newest: FxHashMap<&str, u32> = FxHashMap::default();
    for path in paths {
        for (parent, version, _) in versions(path) {
            let known = newest.entry(parent).or_default();
            *known = version.max(*known);
        }
    }
    let named = |version: u32| words.iter().any(|word| version_of(word) == Some(version));
    let older = |(parent, version, rest): (&str, u32, &str)| {
        !named(version) && (newest[parent] > version || all.contains(format!("{parent}{rest}").as_str()))
    };
    paths.iter().map(|path| versions(path).any(older)).collect()
}

/// The version folders of a path: what stands before, the version, what stands after.
fn versions(path: &str) -> impl Iterator<Item = (&str, u32, &str)> {
    let mut start = 0;
    path.split_inclusive('/').filter_map(move |part| {
        let before = start;
        start += part.len();
        let version = version_of(part.strip_suffix('/')?)?;
        Some((&path[..before], version, &path[start..]))
    })
}

/// The number in `v3`.
fn version_of(part: &str) -> Option<u32> {
    let digits = part.strip_prefix(['v', 'V'])?;
    (digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_nearer_to_the_root_is_the_original() {
        let file = |path, hash, path_score| Found { path, hash, path_score };
        let files = [file("a/src/core/de.rs", 1, 0.0), file("core/src/de.rs", 1, 0.0), file("core/src/ser.rs", 2, 0.0)];
        assert_eq!(copies(&files), [true, false, false]);
        let files = [file("a/src/core/de.rs", 1, 1.0), file("core/src/de.rs", 1, 0.0)];
        assert_eq!(copies(&files), [false, true]);
    }

    #[test]
    fn older_versions_step_back_unless_they_are_asked_for() {
        let paths = ["src/v3/types.ts", "src/v4/core/types.ts", "lib/v1/a.py", "lib/a.py", "api/v1/b.py"];
        assert_eq!(superseded(&paths, &[]), [true, false, true, false, false]);
        assert_eq!(superseded(&paths, &["v3".to_string()]), [false, false, true, false, false]);
        assert_eq!(superseded(&["v2x/a", "v/b", "v99999/c"], &[]), [false; 3]);
    }
}
