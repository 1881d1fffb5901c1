//! A manifest whose checksums fit.
#![no_main]

use codequarry::engine::Manifest;
use codequarry::segment::container::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let bytes = codequarry_fuzz::build(Kind::Manifest, input);
    if let Ok(manifest) = Manifest::read(&bytes) {
        assert_eq!(Manifest::read(&manifest.write()).expect("what was read is written"), manifest);
    }
});
