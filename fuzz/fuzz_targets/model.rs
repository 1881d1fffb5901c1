//! A model's file whose checksums fit, used on a text.
#![no_main]

use codequarry::embed::Embedder;
use codequarry::segment::container::Kind;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|input: &[u8]| {
    if let Ok(model) = codequarry::segment::read_model(&codequarry_fuzz::build(Kind::Model, input)) {
        let mut embedder = Embedder::new(Arc::new(model));
        embedder.push("openCode gets a_code");
        embedder.finish();
        embedder.query("get codes");
    }
});
