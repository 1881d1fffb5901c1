//! Every version of the snapshot format that ever landed still opens and answers. The fixtures are never rewritten.

use codequarry::engine::{CompactionMode, Index};
use codequarry::query::SearchOptions;
use std::fs;
use std::path::Path;

/// Opens a snapshot folder.
fn open(folder: &Path) -> Index {
    let mut index = Index::default();
    let manifest = fs::read(folder.join("manifest.cqm")).unwrap();
    for name in index.missing_segments(&manifest).unwrap() {
        index.add_segment(&name, fs::read(folder.join(format!("{name}.cqs"))).unwrap()).unwrap();
    }
    index.open(&manifest).unwrap();
    index
}

#[test]
fn snapshots_of_all_versions_open_and_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshots");
    let mut versions = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut index = open(&path);
        let stats = index.stats();
        assert_eq!((stats.files, stats.generation, stats.segments), (5, 1, 1), "{}", path.display());
        for (query, expect) in
            [("queue", "rust/queue.rs"), ("connection pool", "go/pool.go"), ("cache", "python/cache.py")]
        {
            let hits = index.search(query, &SearchOptions::default()).unwrap().hits;
            assert_eq!(hits[0].path, expect, "{query} in {}", path.display());
            let text = index.file(&hits[0].path).unwrap().unwrap();
            assert_eq!(hits[0].text.as_deref(), text.get(hits[0].start_byte as usize..hits[0].end_byte as usize));
        }
        assert!(index.symbols(None, usize::MAX).unwrap().len() > 50);
        assert!(index.compaction_plan(CompactionMode::Full).is_empty());
        versions += 1;
    }
    assert!(versions >= 1);
}
