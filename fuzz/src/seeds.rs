//! Writes the corpora from which fuzzing starts: `cargo run --bin seeds` in `fuzz`.

use codequarry::embed::Tables;
use codequarry::engine::{Builder, BuilderOptions, Change, Index};
use codequarry::segment::container::Kind;
use codequarry::segment::{Segment, SegmentWriter, TextCache, write_model};
use codequarry::syntax::Grammars;
use codequarry_fuzz::{fixture, input_of};
use std::fs;

fn main() {
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(format!("{folder}/{name}"), bytes).expect("a file");
    };
    let old = Segment::open(fixture().to_vec()).expect("a sound fixture");
    let mut writer = SegmentWriter::default();
    writer.add(old.file_data(0, &mut TextCache::new(1 << 20)).expect("a file"), Vec::new()).expect("room");
    let small = writer.finish().expect("a segment");
    let mut builder = Builder::new(BuilderOptions::default());
    builder.add_file("a.txt", b"one two three\nfour five\n", &mut Grammars::new()).expect("room");
    let tiny = builder.finish().expect("a segment").expect("a file");
    for target in ["segment", "parts"] {
        put(target, "first-release", &input_of(Kind::Segment, fixture()));
        put(target, "small", &input_of(Kind::Segment, &small));
        put(target, "tiny", &input_of(Kind::Segment, &tiny.bytes));
    }
    let mut index = Index::default();
    index.add_segment(&tiny.name, tiny.bytes).expect("a sound segment");
    let manifest = index.commit(&Change { add: vec![tiny.name], ..Change::default() }).expect("a manifest");
    put("manifest", "one", &input_of(Kind::Manifest, &manifest));
    put(
        "manifest",
        "none",
        &input_of(Kind::Manifest, &Index::default().commit(&Change::default()).expect("a manifest")),
    );
    let tokens = ["##s", "a", "code", "get", "open"];
    let mut end = 0;
    let ends = tokens
        .iter()
        .map(|token| {
            end += token.len() as u32;
            end
        })
        .collect();
    let tables = Tables {
        name: "tiny".into(),
        hash: 0,
        dims: 16,
        tokenizer: 1,
        tokens: tokens.concat(),
        ends,
        rows: (0..40u8).map(|byte| byte.wrapping_mul(37)).collect(),
        scales: vec![0x3f80; 5],
        query_weights: vec![64; 5],
    };
    put("model", "tiny", &input_of(Kind::Model, &write_model(&tables)));
    for (name, query) in [
        ("words", "where are retries handled"),
        ("name", "retryWithBackoff"),
        ("snake", "a_b::c->d größe 字符串"),
        ("filters", "\u{1}lang:rs path:src/** \"x y\""),
    ] {
        put("query", name, query.as_bytes());
    }
}
