//! What the fuzz targets share: inputs are lists of sections, from which files with right checksums are made.

use codequarry::engine::manifest::segment_name;
use codequarry::engine::{Change, Index};
use codequarry::segment::container::{self, Container, Kind};
use std::sync::OnceLock;
use xxhash_rust::xxh3::xxh3_128;

/// Ids of all sections, so that an input names one by a byte.
const IDS: [&[u8; 4]; 32] = [
    b"META", b"FILE", b"NORM", b"TIDX", b"CIDX", b"SIDX", b"XIDX", b"NIDX", b"CSUM", b"TERM", b"POST", b"NAME",
    b"CHNK", b"SYMB", b"TEXT", b"VMOD", b"VECS", b"MANI", b"VOCB", b"EMBD", b"SCAL", b"QWGT", b"SKIP", b"HOTT",
    b"XCUT", b"EQUL", b"REFS", b"HNSW", b"BIDX", b"DICT", b"BODY", b"RESI",
];

/// A container with right checksums from an input: for each section a byte for its id, its length in two bytes, and its bytes.
pub fn build(kind: Kind, mut input: &[u8]) -> Vec<u8> {
    let mut sections = Vec::new();
    while let [id, low, high, rest @ ..] = input {
        let len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        sections.push((*IDS[*id as usize % IDS.len()], rest[..len].to_vec()));
        input = &rest[len..];
    }
    container::write(kind, &sections)
}

/// The input from which [`build`] makes a file.
pub fn input_of(kind: Kind, file: &[u8]) -> Vec<u8> {
    let container = Container::open(kind, file).expect("a sound file");
    let mut input = Vec::new();
    for entry in container.entries {
        let id = IDS.iter().position(|id| **id == entry.id).expect("a known section");
        let len = u16::try_from(entry.range.len()).expect("a small section");
        input.push(id as u8);
        input.extend_from_slice(&len.to_le_bytes());
        input.extend_from_slice(&file[entry.range]);
    }
    input
}

/// An index that holds one segment.
pub fn index_of(bytes: &[u8]) -> codequarry::error::Result<Index> {
    let mut index = Index::new(1 << 16);
    let name = segment_name(xxh3_128(bytes));
    index.add_segment(&name, bytes.to_vec())?;
    let manifest = index.commit(&Change { add: vec![name], ..Change::default() })?;
    index.open(&manifest)?;
    Ok(index)
}

/// The segment of the first release's fixture.
pub fn fixture() -> &'static [u8] {
    static FIXTURE: OnceLock<Vec<u8>> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/snapshots/v1");
        let mut files = std::fs::read_dir(folder).expect("the fixture").map(|entry| entry.expect("an entry").path());
        let segment = files.find(|path| path.extension().is_some_and(|extension| extension == "cqs"));
        std::fs::read(segment.expect("a segment")).expect("the segment")
    })
}
