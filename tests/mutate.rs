//! Hostile bytes: real snapshots, changed at random, with checksums that fit again, so that what is behind them is reached. Nothing may panic, and nothing may allocate
//! more than twice its input and 1 MB.
//!
//! `cargo test` runs a part of it. All of it, minutes:
//!
//! ```text
//! MUTATIONS=1000000 cargo test --release --test mutate -- --nocapture
//! ```

use codequarry::embed::{Embedder, Model, Tables};
use codequarry::engine::manifest::{Manifest, segment_name};
use codequarry::engine::{Builder, BuilderOptions, Change, Index};
use codequarry::error::{Error, Result};
use codequarry::query::SearchOptions;
use codequarry::segment::codec::{Decoder, Deflater, put_varint};
use codequarry::segment::container::{self, Container, Kind};
use codequarry::segment::inflate::inflate;
use codequarry::segment::opening::HEAD_BYTES;
use codequarry::segment::{
    Opening, QueryVector, Segment, VectorSpec, graph_writer, names, read_model, verify, write_model,
};
use codequarry::syntax::Grammars;
use peak_alloc::PeakAlloc;
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const DEFAULT_MUTATIONS: u64 = 20_000;
const SLACK_BYTES: usize = 1 << 20;

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff, 0x40];
        if self.below(2) == 0 { EDGES[self.below(8)] } else { self.below(256) as u8 }
    }

    /// Changes some bytes: sets, inserts, removes, copies or cuts.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(8) / 5 {
            let at = self.below(bytes.len());
            match self.below(8) {
                0 => bytes.insert(at, self.byte()),
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 => bytes.truncate(at),
                3 => {
                    let end = (at + self.below(16)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ if bytes.is_empty() => {}
                4 => bytes[at] ^= 1 << self.below(8),
                5 => {
                    let end = (at + 5).min(bytes.len());
                    bytes[at..end].fill(0xff);
                }
                _ => bytes[at] = self.byte(),
            }
        }
    }
}

type Sections = Vec<([u8; 4], Vec<u8>)>;

fn sections_of(kind: Kind, bytes: &[u8]) -> Sections {
    let container = Container::open(kind, bytes).unwrap();
    container.entries.iter().map(|entry| (entry.id, bytes[entry.range.clone()].to_vec())).collect()
}

struct Seeds {
    segments: Vec<(Vec<u8>, Sections)>,
    manifest: (Vec<u8>, Sections),
    model: (Vec<u8>, Sections),
    /// What the segments with vectors were made with.
    used_model: Arc<Model>,
    healthy: Index,
}

/// A model of a few words with random rows.
fn model() -> Vec<u8> {
    let mut random = Random(7);
    let mut tokens: Vec<String> = ('a'..='z').flat_map(|letter| [letter.to_string(), format!("##{letter}")]).collect();
    tokens.extend(["bytes", "decode", "error", "index", "limit", "section", "varint"].map(String::from));
    tokens.sort();
    let mut ends = Vec::new();
    tokens.iter().fold(0, |end, token| {
        ends.push(end + token.len() as u32);
        end + token.len() as u32
    });
    write_model(&Tables {
        name: "tiny".into(),
        hash: 0,
        dims: 16,
        tokenizer: 1,
        rows: (0..ends.len() * 8).map(|_| random.below(256) as u8).collect(),
        scales: vec![0x3f80; ends.len()],
        query_weights: vec![64; ends.len()],
        tokens: tokens.concat(),
        ends,
    })
}

fn seeds() -> Seeds {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut grammars = Grammars::new();
    grammars.register("rust", codequarry_grammars::linked("rust").unwrap()).unwrap();
    let model = model();
    let used_model = Arc::new(read_model(&model).unwrap());
    let mut build = |vectors: bool, paths: &[&str]| {
        let mut builder = if vectors {
            Builder::with_model(BuilderOptions::default(), used_model.clone())
        } else {
            Builder::new(BuilderOptions::default())
        };
        for path in paths {
            builder.add_file(path, &std::fs::read(root.join(path)).unwrap(), &mut grammars).unwrap();
        }
        builder.finish().unwrap().unwrap()
    };
    let built = [
        build(true, &["src/limits.rs"]),
        build(true, &["src/segment/codec.rs", "src/segment/norm.rs", "src/error.rs"]),
        build(false, &["src/engine/index.rs", "src/query/parse.rs", "src/query/rank.rs", "FORMAT.md", "Cargo.toml"]),
    ];
    let mut sources = Vec::new();
    for folder in ["src/segment", "src/query", "src/engine", "src/syntax", "src/chunk", "src/language"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
        sources.extend(files.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())));
    }
    let large = build(true, &sources.iter().map(String::as_str).collect::<Vec<_>>());
    let mut healthy = Index::default();
    for segment in &built {
        healthy.add_segment(&segment.name, segment.bytes.clone()).unwrap();
    }
    let add = built.iter().map(|segment| segment.name.clone()).collect();
    healthy.open(&healthy.commit(&Change { add, ..Change::default() }).unwrap()).unwrap();
    let change = Change { remove: vec!["src/error.rs".into(), "Cargo.toml".into()], ..Change::default() };
    let manifest = healthy.commit(&change).unwrap();
    healthy.open(&manifest).unwrap();
    let mut segments: Vec<Vec<u8>> = built.into_iter().map(|segment| segment.bytes).collect();
    for version in ["v1", "v1-parts"] {
        let old = std::fs::read_dir(root.join("tests/fixtures/snapshots").join(version)).unwrap();
        let old = old.map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|end| end == "cqs"));
        segments.push(std::fs::read(old.unwrap()).unwrap());
    }
    segments.push(with_graph(&segments[1]));
    segments.push(large.bytes);
    Seeds {
        segments: segments.into_iter().map(|bytes| (bytes.clone(), sections_of(Kind::Segment, &bytes))).collect(),
        manifest: (manifest.clone(), sections_of(Kind::Manifest, &manifest)),
        model: (model.clone(), sections_of(Kind::Model, &model)),
        used_model,
        healthy,
    }
}

/// A segment with a graph, which only larger ones get.
fn with_graph(segment: &[u8]) -> Vec<u8> {
    let mut sections = sections_of(Kind::Segment, segment);
    let find = |id: &[u8; 4]| sections.iter().find(|(found, _)| found == id).map(|(_, bytes)| bytes).unwrap();
    let graph = graph_writer::build(&VectorSpec::read(find(b"VMOD")).unwrap(), find(b"VECS")).unwrap();
    sections.push((*b"HNSW", graph));
    let bytes = container::write(Kind::Segment, &sections);
    assert!(Segment::open(bytes.clone()).unwrap().has_graph() && verify(bytes.clone()).is_ok());
    bytes
}

/// Changes what a compressed block of a section holds, and writes section and index anew.
fn mutate_block(sections: &mut Sections, random: &mut Random, deflater: &mut Deflater) {
    // Of how many numbers a block the last one is its compressed length.
    let (index_id, id, columns) =
        [(b"CIDX", b"CHNK", 1), (b"SIDX", b"SYMB", 1), (b"XIDX", b"TEXT", 1), (b"BIDX", b"BODY", 3)][random.below(4)];
    let find = |sections: &Sections, id: &[u8; 4]| sections.iter().position(|(found, _)| found == id);
    let (Some(index_at), Some(at)) = (find(sections, index_id), find(sections, id)) else { return };
    let mut decoder = Decoder::new(&sections[index_at].1);
    let mut numbers = Vec::new();
    while !decoder.is_empty() {
        let Ok(number) = decoder.varint() else { return };
        numbers.push(number);
    }
    if numbers.is_empty() || numbers.len() % columns > 0 {
        return;
    }
    let chosen = random.below(numbers.len() / columns);
    let (mut blocks, mut index, mut from) = (Vec::new(), Vec::new(), 0);
    for (block, numbers) in numbers.chunks(columns).enumerate() {
        let len = numbers[columns - 1] as usize;
        let Some(own) = sections[at].1.get(from..).and_then(|rest| rest.get(..len)) else { return };
        let start = blocks.len();
        match inflate(own, 1 << 20) {
            Ok(mut raw) if block == chosen => {
                // The captions of a group are short, and behind its text.
                let text = if columns > 1 && random.below(4) > 0 { numbers[1] as usize } else { 0 };
                let mut tail = raw.split_off(text.min(raw.len()));
                random.mutate(&mut tail);
                raw.append(&mut tail);
                deflater.append(&raw, &mut blocks);
            }
            _ => blocks.extend_from_slice(own),
        }
        numbers[..columns - 1].iter().for_each(|&number| put_varint(&mut index, number));
        put_varint(&mut index, (blocks.len() - start) as u64);
        from += len;
    }
    sections[at].1 = blocks;
    sections[index_at].1 = index;
}

/// One hostile file: what it is, and its bytes.
fn hostile(seeds: &Seeds, random: &mut Random, deflater: &mut Deflater) -> (Kind, Vec<u8>) {
    let choice = random.below(20);
    let (kind, (bytes, sections)) = match choice {
        0 | 1 => (Kind::Manifest, &seeds.manifest),
        2 => (Kind::Model, &seeds.model),
        // The last one is large and slow.
        _ if random.below(200) == 0 => (Kind::Segment, seeds.segments.last().expect("there are some")),
        _ => (Kind::Segment, &seeds.segments[random.below(seeds.segments.len() - 1)]),
    };
    if random.below(10) == 0 {
        let mut bytes = bytes.clone();
        random.mutate(&mut bytes);
        return (kind, bytes);
    }
    let mut sections = sections.clone();
    // Without checksums of blocks, what is fetched in parts gets past them.
    if random.below(3) > 0 {
        sections.retain(|(id, _)| id != b"CSUM");
    }
    for _ in 0..1 + random.below(4) / 3 {
        if kind == Kind::Segment && random.below(3) == 0 {
            mutate_block(&mut sections, random, deflater);
        } else {
            let at = random.below(sections.len());
            random.mutate(&mut sections[at].1);
        }
    }
    if random.below(50) == 0 {
        sections.remove(random.below(sections.len()));
    }
    (kind, container::write(kind, &sections))
}

const QUERIES: [&str; 3] = ["put_varint decode bytes", "Index", "segm"];

fn alone(bytes: &[u8]) -> Result<()> {
    let segment = Segment::open(bytes.to_vec())?;
    for word in ["index", "putvarint", "error"] {
        for declaration in segment.declaring(&names::normal(word))?.unwrap_or_default() {
            segment.chunk(declaration.chunk)?;
        }
    }
    if let Some(dims) = segment.vector_spec().map(|spec| spec.dims as usize).filter(|_| segment.has_graph()) {
        let query = QueryVector::new((0..dims).map(|at| at as i8 * 5).collect());
        segment.near_vectors(&query, 5, 1000, &|chunk| chunk % 2 == 0)?;
    }
    for file in 0..segment.meta.files {
        for symbol in 0..segment.files.entries[file as usize].symbols {
            segment.parent_name(file, symbol)?;
        }
    }
    Ok(())
}

fn ask(index: &mut Index) -> Result<()> {
    let mut result = Ok(());
    for query in QUERIES {
        let options = SearchOptions { limit: 20, prefix: true, ..SearchOptions::default() };
        result = index.search(query, &options).map(|_| ()).and(result);
        if result == Err(Error::Missing) {
            return result;
        }
    }
    index.symbols(None, 50).map(|_| ()).and(result)
}

fn in_index(bytes: &[u8], model: &Arc<Model>) -> Result<()> {
    let mut index = Index::new(1 << 16);
    index.set_model(model.clone());
    let name = segment_name(xxh3_128(bytes));
    index.add_segment(&name, bytes.to_vec())?;
    let manifest = index.commit(&Change { add: vec![name], ..Change::default() })?;
    index.open(&manifest)?;
    index.stats();
    ask(&mut index)
}

fn in_parts(bytes: &[u8]) -> Result<()> {
    let mut index = Index::new(1 << 16);
    let name = segment_name(xxh3_128(bytes));
    let length = Opening::new(bytes[..bytes.len().min(HEAD_BYTES)].to_vec())?.needs().len();
    index.begin_segment(&name, bytes[..bytes.len().min(HEAD_BYTES)].to_vec())?;
    assert!(length <= 16);
    let serve = |index: &mut Index| -> Result<bool> {
        let needs = index.take_needs();
        for need in &needs {
            for range in &need.ranges {
                let bytes = bytes.get(range.start as usize..range.end as usize).ok_or(Error::Corrupt("cut"))?;
                index.supply(&name, range.start as usize, bytes.to_vec())?;
            }
        }
        Ok(!needs.is_empty())
    };
    serve(&mut index)?;
    let manifest = index.commit(&Change { add: vec![name.clone()], ..Change::default() })?;
    index.open(&manifest)?;
    for _ in 0..40 {
        match ask(&mut index) {
            Err(Error::Missing) if serve(&mut index)? => {
                index.trim(1 << 14);
            }
            result => return result,
        }
    }
    // A cache this small may have to fetch some parts again and again.
    Ok(())
}

fn use_manifest(bytes: &[u8], healthy: &Index) -> Result<()> {
    let read = Manifest::read(bytes)?;
    healthy.missing_segments(bytes)?;
    Manifest::renumber(bytes, read.generation + 1).map(|_| ())
}

#[test]
fn hostile_bytes_are_an_error_or_a_value_and_cost_no_more_than_they_are() {
    let count = std::env::var("MUTATIONS").map_or(DEFAULT_MUTATIONS, |count| count.parse().unwrap());
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut seeds = seeds();
    let (mut random, mut deflater) = (Random(seed), Deflater::default());
    let (mut refused, mut opened, mut worst, mut worst_by_step) = (0u64, 0u64, 0f64, [0usize; 4]);
    for round in 0..count {
        let state = random.0;
        let (kind, bytes) = hostile(&seeds, &mut random, &mut deflater);
        let text = random.below(40) == 0;
        type Step<'a> = (&'a str, &'a mut dyn FnMut() -> Result<()>);
        let (healthy, used) = (&mut seeds.healthy, seeds.used_model.clone());
        let query = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
        let (mut whole, mut parts, mut lone, mut check) =
            (|| in_index(&bytes, &used), || in_parts(&bytes), || alone(&bytes), || verify(bytes.clone()).map(|_| ()));
        let mut manifest = || use_manifest(&bytes, healthy);
        let mut model = || {
            let model = read_model(&bytes)?;
            Embedder::new(Arc::new(model)).query("how are bytes decoded into an index");
            Ok(())
        };
        let mut steps: Vec<Step> = match kind {
            Kind::Segment => {
                vec![("whole", &mut whole), ("parts", &mut parts), ("alone", &mut lone), ("verify", &mut check)]
            }
            Kind::Manifest => vec![("manifest", &mut manifest)],
            Kind::Model => vec![("model", &mut model)],
        };
        let mut bad = false;
        for (at, (name, step)) in steps.iter_mut().enumerate() {
            ALLOCATOR.reset_peak_usage();
            let before = ALLOCATOR.current_usage();
            bad |= step().is_err();
            let taken = ALLOCATOR.peak_usage().saturating_sub(before);
            let share = taken.saturating_sub(SLACK_BYTES) as f64 / bytes.len().max(1) as f64;
            worst_by_step[at] = worst_by_step[at].max(taken);
            worst = worst.max(share);
            assert!(share <= 2.0, "round {round}, SEED={state}: {name} of {} bytes took {taken}", bytes.len());
        }
        drop(steps);
        refused += u64::from(bad);
        opened += u64::from(kind == Kind::Segment && Segment::open(bytes.clone()).is_ok());
        if text {
            let _ = healthy.search(&query, &SearchOptions { prefix: true, ..SearchOptions::default() });
        }
    }
    println!(
        "{count} mutations, {refused} refused, {opened} segments that open; at most {worst_by_step:?} bytes, {worst:.2} times the input over 1 MiB"
    );
    assert!(
        refused > count / 2 && opened > count / 4,
        "{refused} of {count} refused, {opened} opened: are the mutations any good?"
    );
}
