//! Anything as a query, over a sound index.
#![no_main]

use codequarry::engine::Index;
use codequarry::query::SearchOptions;
use codequarry_fuzz::{fixture, index_of};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static INDEX: RefCell<Index> = RefCell::new(index_of(fixture()).expect("a sound fixture"));
}

fuzz_target!(|input: &[u8]| {
    let query = String::from_utf8_lossy(input);
    INDEX.with_borrow_mut(|index| {
        for prefix in [false, true] {
            let _ = index.search(&query, &SearchOptions { prefix, limit: 30, ..SearchOptions::default() });
        }
    });
});
