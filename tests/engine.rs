//! The engine from files to hits, natively, on this project's own sources: what the invariants of ARCHITECTURE.md promise.

mod common;

use codequarry::engine::{Builder, BuilderOptions, BuiltSegment, Change, CompactionMode, Index, merge_segments};
use codequarry::query::{Hit, SearchOptions};
use codequarry::syntax::Grammars;

const QUERIES: &[&str] = &[
    "where are postings decoded",
    "SegmentWriter",
    "how are chunks cut",
    "tombstones",
    "varint",
    "fn",
    "merge",
    "zzzz qqqq",
];

fn grammars() -> Grammars {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        grammars.register(name, codequarry_grammars::linked(name).unwrap()).unwrap();
    }
    grammars
}

/// Every Rust file below `src`, in order.
fn sources() -> Vec<(String, Vec<u8>)> {
    common::files_below(&["src"])
}

fn build<'a>(files: impl IntoIterator<Item = &'a (String, Vec<u8>)>, grammars: &mut Grammars) -> BuiltSegment {
    let mut builder = Builder::new(BuilderOptions::default());
    for (path, bytes) in files {
        builder.add_file(path, bytes, grammars).unwrap();
    }
    builder.finish().unwrap().unwrap()
}

fn apply(index: &mut Index, segments: Vec<BuiltSegment>, remove: &[&str], replace: Vec<String>) {
    let add = segments.iter().map(|segment| segment.name.clone()).collect();
    for segment in segments {
        index.add_segment(&segment.name, segment.bytes).unwrap();
    }
    let remove = remove.iter().map(|path| path.to_string()).collect();
    let manifest = index.commit(&Change { add, remove, replace }).unwrap();
    index.open(&manifest).unwrap();
}

fn answers(index: &mut Index) -> Vec<(u32, Vec<Hit>)> {
    let options = SearchOptions { limit: 50, ..SearchOptions::default() };
    let mut found = Vec::new();
    for query in QUERIES {
        let result = index.search(query, &options).unwrap();
        found.push((result.total, result.hits));
    }
    found
}

#[test]
fn answers_do_not_depend_on_segments_nor_on_what_was_deleted() {
    let (files, mut grammars) = (sources(), grammars());
    let mut whole = Index::default();
    apply(&mut whole, vec![build(&files, &mut grammars)], &[], vec![]);
    let expect = answers(&mut whole);
    assert!(
        expect[0].1.len() > 10 && expect[1].1[0].symbol.as_deref() == Some("SegmentWriter"),
        "{:?}",
        expect[1].1.first()
    );
    assert_eq!(expect.last().unwrap().0, 0);

    let mut spread = Index::default();
    for part in files.chunks(7) {
        apply(&mut spread, vec![build(part, &mut grammars)], &[], vec![]);
    }
    assert!(answers(&mut spread) == expect);

    let mut churned = Index::default();
    let noise: Vec<(String, Vec<u8>)> =
        files.iter().take(20).map(|(path, bytes)| (format!("noise/{path}"), bytes.clone())).collect();
    let stale: Vec<(String, Vec<u8>)> =
        files.iter().map(|(path, _)| (path.clone(), b"fn merge() { stale_postings() }".to_vec())).collect();
    apply(&mut churned, vec![build(stale.iter().chain(&noise), &mut grammars)], &[], vec![]);
    apply(&mut churned, vec![build(&files, &mut grammars)], &[], vec![]);
    let gone: Vec<&str> = noise.iter().map(|(path, _)| path.as_str()).collect();
    apply(&mut churned, vec![], &gone[..5], vec![]);
    apply(&mut churned, vec![], &gone[5..], vec![]);
    assert!(answers(&mut churned) == expect);
    assert_eq!(churned.stats().files as usize, files.len());
}

#[test]
fn compaction_changes_nothing_but_the_segments() {
    let (files, mut grammars) = (sources(), grammars());
    let mut index = Index::default();
    let mut kept = std::collections::HashMap::new();
    for part in files.chunks(2) {
        let segment = build(part, &mut grammars);
        kept.insert(segment.name.clone(), segment.bytes.clone());
        apply(&mut index, vec![segment], &[], vec![]);
    }
    apply(&mut index, vec![], &[files[3].0.as_str()], vec![]);
    let expect = answers(&mut index);
    for mode in [CompactionMode::Tiered, CompactionMode::Full] {
        let before = index.stats().segments;
        for group in index.compaction_plan(mode) {
            let inputs =
                group.iter().map(|name| (kept[name].clone(), index.tombstones(name).unwrap().to_vec())).collect();
            let merged = merge_segments(inputs, None).unwrap().unwrap();
            kept.insert(merged.name.clone(), merged.bytes.clone());
            apply(&mut index, vec![merged], &[], group);
        }
        assert!(index.stats().segments < before);
        assert!(answers(&mut index) == expect);
    }
    assert_eq!(index.stats().segments, 1);
    let alive = files.iter().enumerate().filter(|(at, _)| *at != 3).map(|(_, file)| file);
    assert!(kept[&index_segment(&index)] == build(alive, &mut grammars).bytes, "merging equals building");
}

#[test]
fn a_merge_does_not_bring_back_what_changed_meanwhile() {
    let (files, mut grammars) = (sources(), grammars());
    let mut index = Index::default();
    let mut inputs = Vec::new();
    for part in files[..6].chunks(3) {
        let segment = build(part, &mut grammars);
        inputs.push((segment.bytes.clone(), Vec::new()));
        apply(&mut index, vec![segment], &[], vec![]);
    }
    let group = index.compaction_plan(CompactionMode::Full).remove(0);
    let merged = merge_segments(inputs, None).unwrap().unwrap();
    let edited = (files[1].0.clone(), b"fn edited_while_it_was_merged() {}".to_vec());
    apply(&mut index, vec![build(std::slice::from_ref(&edited), &mut grammars)], &[], vec![]);
    apply(&mut index, vec![], &[files[4].0.as_str()], vec![]);
    let expect = answers(&mut index);
    apply(&mut index, vec![merged], &[], group);
    assert_eq!(index.stats().segments, 2);
    assert_eq!(index.stats().files, 5);
    assert_eq!(index.file(&edited.0).unwrap().unwrap().as_bytes(), edited.1);
    assert!(index.file(&files[4].0).unwrap().is_none());
    assert!(answers(&mut index) == expect);
}

fn index_segment(index: &Index) -> String {
    let manifest = index.commit(&Change::default()).unwrap();
    codequarry::engine::Manifest::read(&manifest).unwrap().segments[0].name()
}

#[test]
fn paging_and_filters_cut_nothing_that_fits() {
    let (files, mut grammars) = (sources(), grammars());
    let mut index = Index::default();
    apply(&mut index, vec![build(&files, &mut grammars)], &[], vec![]);
    let mut search = |offset, limit, path: &str| {
        let paths = if path.is_empty() { vec![] } else { vec![path.to_string()] };
        index.search("segment self", &SearchOptions { offset, limit, paths, ..SearchOptions::default() }).unwrap()
    };
    let all = search(0, 60, "");
    let paged: Vec<Hit> = (0..6).flat_map(|page| search(page * 10, 10, "").hits).collect();
    assert!(paged == all.hits && all.total > 60);
    let beyond: Vec<Hit> = (0..10).flat_map(|page| search(page * 97, 97, "").hits).collect();
    let all = search(0, 970, "");
    assert!(beyond == all.hits && all.hits.len() == all.total.min(970) as usize);
    assert!(all.hits.is_sorted_by(|a, b| a.score >= b.score));
    let filtered = search(0, 10, "src/query/**");
    assert!(filtered.total >= 3 && filtered.hits.iter().all(|hit| hit.path.starts_with("src/query/")));
    assert!(search(0, 10, "!src/**").hits.is_empty());
    assert!(search(0, 1000, "codec.rs").hits.iter().all(|hit| hit.path == "src/segment/codec.rs"));
}

#[test]
fn ids_of_chunks_are_stable_and_never_collide() {
    let same =
        "def twin():\n    return 'a rather long line that is repeated so that each copy has a chunk of its own'\n"
            .repeat(40);
    let files = [("a.py".to_string(), same.clone().into_bytes()), ("b.py".to_string(), same.into_bytes())];
    let mut grammars = grammars();
    let mut ids = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        let mut index = Index::default();
        apply(&mut index, vec![build(files, &mut grammars)], &[], vec![]);
        let mut hits = index.search("twin", &SearchOptions { limit: 1000, ..SearchOptions::default() }).unwrap().hits;
        hits.sort_by(|a, b| (&a.path, a.start_byte).cmp(&(&b.path, b.start_byte)));
        hits.into_iter().map(|hit| hit.id).collect()
    };
    let both = ids(&files);
    let mut distinct = both.clone();
    distinct.sort();
    distinct.dedup();
    assert!(both.len() > 4 && distinct.len() == both.len(), "{both:?}");
    assert_eq!(ids(&files[1..]), both[both.len() / 2..]);
}

#[test]
fn a_failed_open_leaves_the_old_generation() {
    let (files, mut grammars) = (sources(), grammars());
    let mut index = Index::default();
    apply(&mut index, vec![build(&files, &mut grammars)], &[], vec![]);
    let expect = answers(&mut index);
    let other = build(&files[..1], &mut grammars);
    let mut foreign = Index::default();
    foreign.add_segment(&other.name, other.bytes.clone()).unwrap();
    let manifest = foreign.commit(&Change { add: vec![other.name.clone()], ..Change::default() }).unwrap();
    assert_eq!(index.open(&manifest).unwrap_err().code(), "SNAPSHOT_MISSING_SEGMENT");
    assert_eq!(index.open(&manifest[..20]).unwrap_err().code(), "SNAPSHOT_TRUNCATED");
    let mut damaged = other.bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    assert_eq!(index.add_segment(&other.name, damaged).unwrap_err().code(), "SNAPSHOT_CHECKSUM");
    assert_eq!(
        index.add_segment("seg-00000000000000000000000000000000", other.bytes).unwrap_err().code(),
        "SNAPSHOT_CHECKSUM"
    );
    assert!(answers(&mut index) == expect);
    assert_eq!(index.generation(), 1);
}
