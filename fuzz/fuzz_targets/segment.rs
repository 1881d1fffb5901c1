//! A segment whose checksums fit and whose sections are anything: opened, verified, searched.
#![no_main]

use codequarry::query::SearchOptions;
use codequarry::segment::container::Kind;
use codequarry_fuzz::{build, index_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let bytes = build(Kind::Segment, input);
    let _ = codequarry::segment::verify(bytes.clone());
    if let Ok(mut index) = index_of(&bytes) {
        let options = SearchOptions { limit: 20, prefix: true, ..SearchOptions::default() };
        let _ = index.search("queue open one tw", &options);
        let _ = index.symbols(None, 100);
        index.stats();
    }
});
