//! The same, opened in parts and given what it asks for.
#![no_main]

use codequarry::engine::manifest::segment_name;
use codequarry::engine::{Change, Index};
use codequarry::error::{Error, Result};
use codequarry::query::SearchOptions;
use codequarry::segment::container::Kind;
use codequarry::segment::opening::HEAD_BYTES;
use libfuzzer_sys::fuzz_target;

fn serve(index: &mut Index, name: &str, file: &[u8]) -> Result<()> {
    for need in index.take_needs() {
        for range in need.ranges {
            index.supply(name, range.start as usize, file[range.start as usize..range.end as usize].to_vec())?;
        }
    }
    Ok(())
}

fn run(file: &[u8]) -> Result<()> {
    let (mut index, name) = (Index::new(1 << 16), segment_name(1));
    index.begin_segment(&name, file[..file.len().min(HEAD_BYTES)].to_vec())?;
    serve(&mut index, &name, file)?;
    let manifest = index.commit(&Change { add: vec![name.clone()], ..Change::default() })?;
    index.open(&manifest)?;
    for _ in 0..20 {
        match index.search("queue open one tw", &SearchOptions { prefix: true, ..SearchOptions::default() }) {
            Err(Error::Missing) => serve(&mut index, &name, file)?,
            result => return result.map(|_| ()),
        }
    }
    Ok(())
}

fuzz_target!(|input: &[u8]| {
    let _ = run(&codequarry_fuzz::build(Kind::Segment, input));
});
