//! Partial open, natively, on this project's own sources: an index that is given only what it asks for answers as one that holds everything.

mod common;

use codequarry::engine::{Builder, BuilderOptions, BuiltSegment, Change, Index};
use codequarry::error::{Error, Result};
use codequarry::query::{Mode, SearchOptions};
use codequarry::segment::opening::HEAD_BYTES;
use codequarry::syntax::Grammars;
use std::collections::HashMap;
use std::path::Path;

const QUERIES: &[&str] = &[
    "where are postings decoded",
    "SegmentWriter",
    "how are chunks cut",
    "tombstones",
    "put_varint",
    "fn",
    "read bytes of a section",
    "zzzz qqqq",
];

/// Builds segments of the Rust files below `src`, `per` files each.
fn segments(per: usize) -> Vec<BuiltSegment> {
    let mut grammars = Grammars::new();
    grammars.register("rust", codequarry_grammars::linked("rust").unwrap()).unwrap();
    let files = common::files_below(&["src"]);
    let build = |files: &[(String, Vec<u8>)]| {
        let mut builder = Builder::new(BuilderOptions::default());
        for (path, bytes) in files {
            builder.add_file(path, bytes, &mut grammars).unwrap();
        }
        builder.finish().unwrap().unwrap()
    };
    files.chunks(per).map(build).collect()
}

/// What lies in a store, and how much of it was read.
#[derive(Default)]
struct Host {
    files: HashMap<String, Vec<u8>>,
    bytes: usize,
    passes: usize,
}

impl Host {
    fn serve(&mut self, index: &mut Index) {
        let needs = index.take_needs();
        assert!(!needs.is_empty(), "what is missing is stated");
        self.passes += 1;
        for need in needs {
            for range in need.ranges {
                let bytes = self.files[&need.segment][range.start as usize..range.end as usize].to_vec();
                self.bytes += bytes.len();
                index.supply(&need.segment, range.start as usize, bytes).unwrap();
            }
        }
    }

    fn ask<T>(&mut self, index: &mut Index, ask: impl Fn(&mut Index) -> Result<T>) -> T {
        for _ in 0..20 {
            match ask(index) {
                Err(Error::Missing) => self.serve(index),
                result => return result.unwrap(),
            }
        }
        panic!("it never has enough: {:?}", index.take_needs());
    }

    fn open(&mut self, index: &mut Index, manifest: &[u8]) {
        for name in index.missing_segments(manifest).unwrap() {
            let file = &self.files[&name];
            let start = file[..HEAD_BYTES.min(file.len())].to_vec();
            self.bytes += start.len();
            index.begin_segment(&name, start).unwrap();
        }
        while !index.missing_segments(manifest).unwrap().is_empty() {
            self.serve(index);
        }
        index.open(manifest).unwrap();
    }
}

/// A whole index, and the manifest and files from which to open it in parts.
fn published(segments: Vec<BuiltSegment>, remove: &[&str]) -> (Index, Vec<u8>, Host) {
    let (mut index, mut host) = (Index::default(), Host::default());
    let add = segments.iter().map(|segment| segment.name.clone()).collect();
    for segment in segments {
        host.files.insert(segment.name.clone(), segment.bytes.clone());
        index.add_segment(&segment.name, segment.bytes).unwrap();
    }
    let manifest = index.commit(&Change { add, ..Change::default() }).unwrap();
    index.open(&manifest).unwrap();
    let remove = remove.iter().map(|path| path.to_string()).collect();
    let manifest = index.commit(&Change { remove, ..Change::default() }).unwrap();
    index.open(&manifest).unwrap();
    (index, manifest, host)
}

#[test]
fn parts_answer_as_the_whole_does() {
    for (per, budget) in [(1000, usize::MAX), (9, usize::MAX), (9, 20_000), (1000, 0)] {
        let (mut whole, manifest, mut host) = published(segments(per), &["src/error.rs", "src/segment/text.rs"]);
        let mut parts = Index::new(50_000);
        host.open(&mut parts, &manifest);
        assert_eq!(parts.stats(), whole.stats());
        assert_eq!(parts.paths(), whole.paths());
        for query in QUERIES {
            for (limit, prefix) in [(3, false), (50, true)] {
                let options = SearchOptions { limit, prefix, ..SearchOptions::default() };
                host.passes = 0;
                let found = host.ask(&mut parts, |index| index.search(query, &options));
                assert!(found == whole.search(query, &options).unwrap(), "{query}");
                // Without a budget text is inflated and let go of again while others are fetched.
                assert!(host.passes <= if budget == 0 { 7 } else { 6 }, "{query} took {} passes", host.passes);
                parts.trim(budget);
                assert!(parts.held_bytes() <= budget);
            }
        }
        let path = "src/segment/reader.rs";
        assert_eq!(host.ask(&mut parts, |index| index.file(path)), whole.file(path).unwrap());
        assert_eq!(host.ask(&mut parts, |index| index.file("src/error.rs")), None);
        let names = |index: &mut Index| -> Result<Vec<(String, String, String)>> {
            let symbols = index.symbols(None, 300)?;
            Ok(symbols.into_iter().map(|symbol| (symbol.parent, symbol.row.name, symbol.signature)).collect())
        };
        assert_eq!(host.ask(&mut parts, names), names(&mut whole).unwrap());
    }
}

/// Texts that stand in a few places, nearly everywhere and nowhere; words, parts of words and none.
#[test]
fn texts_are_found_in_few_passes() {
    for per in [1000, 9] {
        let (mut whole, manifest, mut host) = published(segments(per), &["src/error.rs"]);
        let size = host.files.values().map(Vec::len).sum::<usize>();
        for text in ["put_varint(", "self", "return", "pub fn ", "e", "=> {", "&&=", "turn Err(Error", "fn nothing("] {
            let query = format!("\"{text}\"");
            let mut check = |options: SearchOptions, passes: usize| {
                let mut parts = Index::default();
                host.open(&mut parts, &manifest);
                (host.passes, host.bytes) = (0, 0);
                let found = host.ask(&mut parts, |index| index.search(&query, &options));
                let expect = whole.search(&query, &options).unwrap();
                assert_eq!(found.hits, expect.hits, "{query} {:?}", options.mode);
                assert!(found.total == expect.total || !found.complete, "{query} {:?}", options.mode);
                assert!(host.passes <= passes, "{query} {:?} took {} passes", options.mode, host.passes);
                (found.complete, host.bytes)
            };
            check(SearchOptions { mode: Mode::Lexical, ..SearchOptions::default() }, 10);
            let exact = SearchOptions { mode: Mode::Exact, limit: 3, ..SearchOptions::default() };
            let (complete, _) = check(SearchOptions { complete: true, ..exact.clone() }, 12);
            assert!(complete, "{query}");
            let (complete, bytes) = check(exact, 12);
            assert!(complete || bytes < size / 2, "a page of {query} fetches {bytes} of {size} bytes");
        }
    }
}

#[test]
fn one_answer_fetches_little() {
    let (_, manifest, mut host) = published(segments(1000), &[]);
    let size = host.files.values().map(Vec::len).sum::<usize>();
    let mut parts = Index::default();
    host.open(&mut parts, &manifest);
    assert!(host.bytes < size / 10, "opening fetches {} of {size} bytes", host.bytes);
    let options = SearchOptions { limit: 1, ..SearchOptions::default() };
    host.bytes = 0;
    assert_eq!(host.ask(&mut parts, |index| index.search("SegmentWriter", &options)).hits.len(), 1);
    assert!(host.bytes < size / 10, "an answer fetches {} of {size} bytes", host.bytes);
    host.bytes = 0;
    host.ask(&mut parts, |index| index.search("SegmentWriter", &options));
    assert_eq!(host.bytes, 0);
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let (_, manifest, mut host) = published(segments(1000), &[]);
    let mut parts = Index::default();
    host.open(&mut parts, &manifest);
    assert_eq!(parts.search("varint", &SearchOptions::default()), Err(Error::Missing));
    let need = parts.take_needs().remove(0);
    let range = need.ranges[0].start as usize..need.ranges[0].end as usize;
    let mut bytes = host.files[&need.segment][range.clone()].to_vec();
    bytes[3] ^= 1;
    assert_eq!(parts.supply(&need.segment, range.start, bytes).unwrap_err().code(), "SNAPSHOT_CHECKSUM");
    let name = format!("seg-{:032x}", 5);
    assert_eq!(parts.supply(&name, 0, vec![]).unwrap_err().code(), "SNAPSHOT_MISSING_SEGMENT");

    let file = host.files.values().next().unwrap().clone();
    let name = host.files.keys().next().unwrap().clone();
    let mut fresh = Index::default();
    for (bytes, code) in [(&file[..7], "SNAPSHOT_TRUNCATED"), (b"<!doctype html>", "SNAPSHOT_FOREIGN")] {
        assert_eq!(fresh.begin_segment(&name, bytes.to_vec()).unwrap_err().code(), code);
    }
    let mut damaged = file[..HEAD_BYTES].to_vec();
    damaged[40] ^= 1;
    assert_eq!(fresh.begin_segment(&name, damaged).unwrap_err().code(), "SNAPSHOT_CHECKSUM");
    fresh.begin_segment(&name, file[..HEAD_BYTES].to_vec()).unwrap();
    let need = fresh.take_needs().remove(0);
    let mut rest = file[HEAD_BYTES..100_000].to_vec();
    rest[500] ^= 1;
    assert_eq!(fresh.supply(&need.segment, HEAD_BYTES, rest).unwrap_err().code(), "SNAPSHOT_CHECKSUM");
}

/// Snapshots of all releases: the first one's has no checksums of blocks, so its sections are fetched and verified as wholes.
#[test]
fn snapshots_of_all_versions_open_in_parts() {
    for version in ["v1", "v1-parts", "v2"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshots").join(version);
        let (mut whole, mut host, mut manifest) = (Index::default(), Host::default(), Vec::new());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("cqs") => drop(host.files.insert(name, std::fs::read(&path).unwrap())),
                Some("cqm") => manifest = std::fs::read(&path).unwrap(),
                _ => {}
            }
        }
        host.files.iter().for_each(|(name, bytes)| whole.add_segment(name, bytes.clone()).unwrap());
        whole.open(&manifest).unwrap();
        let mut parts = Index::default();
        host.open(&mut parts, &manifest);
        for query in ["queue", "pool of workers", "cache", "\"entry_777 =\""] {
            let options = SearchOptions::default();
            let found = host.ask(&mut parts, |index| index.search(query, &options));
            assert!(found == whole.search(query, &options).unwrap(), "{query} in {version}");
            assert!(found.total > 0 || version == "v1", "{query} in {version}");
        }
    }
}
