//! How the hits are spread over languages and folders, counted before any page is cut.

use super::source::LiveSegment;
use std::collections::BTreeMap;

/// Hits by language and by folder, the most first, then by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Language ids.
    pub languages: Vec<(String, u32)>,
    /// Folders, with a slash at the end, one level below the folder that all hits share; files that lie in that one itself are under its own name.
    pub folders: Vec<(String, u32)>,
}

/// Counts hits given as segment, file, number.
pub fn count(files: &[(u32, u32, u32)], sources: &[LiveSegment]) -> Facets {
    let table = |segment: u32| &sources[segment as usize].segment.files;
    let path = |segment: u32, file: u32| table(segment).entries[file as usize].path.as_str();
    let mut shared: Option<&str> = None;
    for &(segment, file, _) in files {
        let folder = path(segment, file).rfind('/').map_or("", |slash| &path(segment, file)[..=slash]);
        shared = Some(shared.map_or(folder, |shared| common_folder(shared, folder)));
    }
    let shared = shared.unwrap_or("");
    let (mut languages, mut folders): (BTreeMap<&str, u32>, BTreeMap<&str, u32>) = Default::default();
    for &(segment, file, hits) in files {
        let (table, path) = (table(segment), path(segment, file));
        *languages.entry(&table.languages[table.entries[file as usize].language as usize]).or_default() += hits;
        let below = &path[shared.len()..];
        let folder = below.find('/').map_or(shared, |slash| &path[..shared.len() + slash + 1]);
        *folders.entry(folder).or_default() += hits;
    }
    Facets { languages: by_count(languages), folders: by_count(folders) }
}

fn by_count(counts: BTreeMap<&str, u32>) -> Vec<(String, u32)> {
    let mut counts: Vec<(String, u32)> = counts.into_iter().map(|(name, count)| (name.to_string(), count)).collect();
    crate::order::sort_by(&mut counts, |a, b| b.1.cmp(&a.1));
    counts
}

/// The folder that both folders are in or are.
fn common_folder<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a.as_bytes()[..same].iter().rposition(|&byte| byte == b'/').map_or("", |slash| &a[..=slash])
}
