//! The embedder against the trainer's reference (`model/reference.py`), to the byte: `tests/fixtures/model/texts.jsonl` holds texts with their vectors as
//! reference and as query, made with `model/code.cqmodel`. `CODEQUARRY_TEXTS` names another file of that form.

use codequarry::embed::Embedder;
use codequarry::segment::read_model;
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

#[derive(Deserialize)]
struct Text {
    text: String,
    code: Option<Vec<i8>>,
    query: Option<Vec<i8>>,
}

#[test]
fn vectors_are_those_of_the_reference() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = std::fs::read(root.join("model/code.cqmodel")).unwrap();
    let mut embedder = Embedder::new(Arc::new(read_model(&model).unwrap()));
    let texts = std::env::var_os("CODEQUARRY_TEXTS").map_or(root.join("tests/fixtures/model/texts.jsonl"), Into::into);
    let texts = std::fs::read_to_string(texts).unwrap();
    assert!(texts.lines().count() >= 15);
    for line in texts.lines() {
        let Text { text, code, query } = serde_json::from_str(line).unwrap();
        embedder.push(&text);
        assert_eq!(embedder.finish(), code, "{text:?}");
        assert_eq!(embedder.query(&text), query, "{text:?}");
    }
}
