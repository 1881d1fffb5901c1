//! Vectors from files to hits, natively, with a small model made here: what the invariants of ARCHITECTURE.md promise holds for them, too.

mod common;

use codequarry::chunk::ChunkOptions;
use codequarry::embed::{Model, Tables};
use codequarry::engine::{Builder, BuilderOptions, BuiltSegment, Change, Index, merge_segments, verify_segment};
use codequarry::query::{Hit, Mode, SearchOptions, SearchResult, Similar, Weights};
use codequarry::segment::{QueryVector, Segment, read_model, write_model};
use codequarry::syntax::Grammars;
use std::collections::BTreeSet;
use std::sync::Arc;

const QUERIES: &[&str] = &["where are postings decoded", "SegmentWriter", "cut a long line into pieces", "merge"];

/// Every Rust file below `src`, in order.
fn sources() -> Vec<(String, Vec<u8>)> {
    common::files_below(&["src"])
}

/// A model whose tokens are the words of this project, with random rows: texts that share rare words are near each other.
fn model(name: &str, dims: u32) -> Arc<Model> {
    let mut tokens: BTreeSet<String> =
        ('a'..='z').flat_map(|letter| [letter.to_string(), format!("##{letter}")]).collect();
    for (_, bytes) in sources() {
        let text = String::from_utf8(bytes).unwrap().to_lowercase();
        tokens.extend(
            text.split(|char: char| !char.is_ascii_lowercase()).filter(|word| !word.is_empty()).map(String::from),
        );
    }
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let ends = tokens.iter().scan(0, |end, token| {
        *end += token.len() as u32;
        Some(*end)
    });
    let tables = Tables {
        name: name.into(),
        dims,
        tokenizer: 1,
        ends: ends.collect(),
        rows: (0..tokens.len() * dims as usize / 2).map(|_| next()).collect(),
        scales: vec![0x3c00; tokens.len()],
        query_weights: vec![64; tokens.len()],
        tokens: tokens.into_iter().collect(),
        ..Tables::default()
    };
    Arc::new(read_model(&write_model(&tables)).unwrap())
}

/// Files of one segment, and the model that makes their vectors.
type Part<'a> = (&'a [(String, Vec<u8>)], Option<&'a Arc<Model>>);

struct Bench {
    grammars: Grammars,
    model: Arc<Model>,
}

impl Bench {
    fn new() -> Self {
        let mut grammars = Grammars::new();
        for name in codequarry_grammars::linked_names() {
            grammars.register(name, codequarry_grammars::linked(name).unwrap()).unwrap();
        }
        Self { grammars, model: model("test", 64) }
    }

    fn build(&mut self, files: &[(String, Vec<u8>)], model: Option<&Arc<Model>>) -> BuiltSegment {
        let options = BuilderOptions::default();
        let mut builder = match model {
            Some(model) => Builder::with_model(options, model.clone()),
            None => Builder::new(options),
        };
        for (path, bytes) in files {
            builder.add_file(path, bytes, &mut self.grammars).unwrap();
        }
        builder.finish().unwrap().unwrap()
    }

    /// An index of segments with and without vectors, as `models` says, that has the model.
    fn index(&mut self, parts: &[Part]) -> Index {
        let mut index = Index::default();
        index.set_model(self.model.clone());
        for (files, model) in parts {
            let segment = self.build(files, *model);
            add(&mut index, segment, &[]);
        }
        index
    }
}

fn add(index: &mut Index, segment: BuiltSegment, remove: &[&str]) {
    index.add_segment(&segment.name, segment.bytes).unwrap();
    let remove = remove.iter().map(|path| path.to_string()).collect();
    let manifest = index.commit(&Change { add: vec![segment.name], remove, ..Change::default() }).unwrap();
    index.open(&manifest).unwrap();
}

/// The random model makes nothing very near: whatever is nearest counts.
fn near_or_not() -> Weights {
    Weights { semantic_least: 0.0, ..Weights::default() }
}

fn ask(index: &mut Index, query: &str, mode: Mode, limit: u32, path: &str) -> SearchResult {
    let paths = if path.is_empty() { vec![] } else { vec![path.to_string()] };
    index
        .search(query, &SearchOptions { mode, limit, paths, weights: near_or_not(), ..SearchOptions::default() })
        .unwrap()
}

fn answers(index: &mut Index) -> Vec<(u32, Vec<Hit>)> {
    let mut found = Vec::new();
    for mode in [Mode::Hybrid, Mode::Semantic] {
        for query in QUERIES {
            let result = ask(index, query, mode, 50, "");
            assert_eq!((result.mode, result.semantic), (mode, None), "{query}");
            found.push((result.total, result.hits));
        }
    }
    found
}

#[test]
fn answers_do_not_depend_on_segments_nor_on_what_was_deleted() {
    let (files, mut bench) = (sources(), Bench::new());
    let model = bench.model.clone();
    let mut whole = bench.index(&[(&files, Some(&model))]);
    let expect = answers(&mut whole);
    assert!(expect.iter().all(|(total, hits)| *total >= 50 && hits.len() == 50));
    let parts: Vec<_> = files.chunks(9).map(|part| (part, Some(&model))).collect();
    assert!(answers(&mut bench.index(&parts)) == expect);

    let stale: Vec<_> = files.iter().map(|(path, _)| (path.clone(), b"fn merge() { stale() }".to_vec())).collect();
    let noise: Vec<_> = files.iter().take(9).map(|(path, bytes)| (format!("noise/{path}"), bytes.clone())).collect();
    let mut churned = bench.index(&[(&stale, Some(&model)), (&noise, Some(&model))]);
    let gone: Vec<&str> = noise.iter().map(|(path, _)| path.as_str()).collect();
    add(&mut churned, bench.build(&files, Some(&model)), &gone);
    assert!(answers(&mut churned) == expect);
}

#[test]
fn merging_with_and_without_the_model_gives_what_building_gives() {
    let (files, mut bench) = (sources(), Bench::new());
    let (model, other) = (bench.model.clone(), model("other", 32));
    let expect = bench.build(&files, Some(&model));
    let (a, b) = files.split_at(files.len() / 3);
    let mut parts = |left, right| vec![(bench.build(b, left).bytes, vec![]), (bench.build(a, right).bytes, vec![])];
    let (ours, mixed, foreign) =
        (parts(Some(&model), Some(&model)), parts(Some(&model), None), parts(Some(&model), Some(&other)));
    let plain = parts(None, None);
    assert!(merge_segments(ours, None).unwrap().unwrap() == expect);
    for inputs in [mixed.clone(), foreign.clone(), plain.clone()] {
        assert!(merge_segments(inputs, Some(model.clone())).unwrap().unwrap() == expect);
    }
    for inputs in [mixed, foreign] {
        assert!(merge_segments(inputs, None).unwrap().unwrap() == bench.build(&files, None));
    }
    assert!(merge_segments(plain, None).unwrap().unwrap() == bench.build(&files, None));
}

#[test]
fn filters_come_before_the_cut() {
    let (files, mut bench) = (sources(), Bench::new());
    let model = bench.model.clone();
    let mut index = bench.index(&[(&files, Some(&model))]);
    for mode in [Mode::Semantic, Mode::Hybrid] {
        let found = ask(&mut index, "zebra stripes of a postings list", mode, 10, "src/text/**");
        assert!(found.hits.len() == 10 && found.hits.iter().all(|hit| hit.path.starts_with("src/text/")));
    }
    let everything = ask(&mut index, "postings", Mode::Semantic, 1000, "");
    assert!(everything.total > 100 && everything.total <= index.stats().chunks);
    assert!(everything.hits.len() == everything.total.min(1000) as usize);
    assert!(everything.hits.is_sorted_by(|a, b| a.score >= b.score));
    assert!(ask(&mut index, "postings", Mode::Semantic, 10, "!src/**").hits.is_empty());
}

#[test]
fn a_chunk_that_holds_no_word_of_the_query_is_found_by_its_vector() {
    let (files, mut bench) = (sources(), Bench::new());
    let model = bench.model.clone();
    let mut index = bench.index(&[(&files, Some(&model))]);
    let explained = SearchOptions {
        limit: 1000,
        weights: near_or_not(),
        detail: codequarry::query::Detail { text: false, snippet_lines: 0, explain: true },
        ..SearchOptions::default()
    };
    let hybrid = index.search("tombstones", &explained).unwrap();
    let lexical = index.search("tombstones", &SearchOptions { mode: Mode::Lexical, ..explained }).unwrap();
    assert!(hybrid.total > lexical.total && lexical.semantic.is_none());
    assert!(lexical.hits.iter().all(|hit| hit.explain.iter().all(|(step, _)| *step != "semantic")));
    assert!(hybrid.hits.iter().take(20).any(|hit| hit.explain.iter().any(|(step, _)| *step == "semantic")));
}

#[test]
fn without_vectors_the_answer_is_lexical_and_says_why() {
    let (files, mut bench) = (sources(), Bench::new());
    let files = &files[..6];
    let (model, other) = (bench.model.clone(), model("other", 64));
    let mut check = |parts: &[Part], query: &str, reason: Option<&str>| {
        let mut index = bench.index(parts);
        for mode in [Mode::Hybrid, Mode::Semantic] {
            let found = ask(&mut index, query, mode, 10, "");
            assert_eq!(found.semantic, reason);
            assert_eq!(found.mode, if reason.is_some() { Mode::Lexical } else { mode });
            if reason.is_some() {
                assert_eq!(found.hits, ask(&mut index, query, Mode::Lexical, 10, "").hits);
            }
        }
    };
    let (a, b) = files.split_at(3);
    check(&[(files, Some(&model))], "stem", None);
    check(&[(files, None)], "stem", Some("VECTORS_MISSING"));
    check(&[], "stem", Some("VECTORS_MISSING"));
    check(&[(a, Some(&model)), (b, None)], "stem", Some("VECTORS_MISSING"));
    check(&[(a, Some(&model)), (b, Some(&other))], "stem", Some("MODEL_MISMATCH"));
    check(&[(files, Some(&other))], "stem", Some("MODEL_MISMATCH"));
    check(&[(files, Some(&model))], "?! 42 é", Some("QUERY_UNKNOWN"));
    let mut index = Index::default();
    add(&mut index, bench.build(files, Some(&model)), &[]);
    assert_eq!(ask(&mut index, "stem", Mode::Hybrid, 10, "").semantic, Some("MODEL_UNAVAILABLE"));
}

#[test]
fn vectors_behind_right_checksums_may_say_anything() {
    let (files, mut bench) = (sources(), Bench::new());
    let model = bench.model.clone();
    let built = bench.build(&files[..3], Some(&model));
    for at in (0..built.bytes.len()).rev().take(3000) {
        let mut changed = built.bytes.clone();
        changed[at] ^= 0x55;
        assert!(codequarry::segment::Segment::open(changed).is_err(), "byte {at}");
    }
}

/// Enough small chunks for a graph, some of them copies of others: this project's own lines.
fn many() -> Vec<(String, Vec<u8>)> {
    let all: String = sources().into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
    let lines: Vec<&str> = all.lines().filter(|line| line.len() > 36 && line.is_ascii()).collect();
    // Each line, and the beginning of each with the end of the next.
    let mixed = lines.windows(2).map(|two| format!("{}{}", &two[0][..two[0].len() / 2], &two[1][two[1].len() / 2..]));
    let lines: Vec<String> = lines.iter().map(|line| line.to_string()).chain(mixed).collect();
    let files = lines.chunks(40).enumerate().map(|(at, lines)| (format!("part{}/{at}.txt", at % 10), lines.join("\n")));
    let mut files: Vec<_> = files.map(|(path, text)| (path, text.into_bytes())).collect();
    let copies: Vec<_> = files.iter().step_by(7).map(|(path, bytes)| (format!("copy/{path}"), bytes.clone())).collect();
    files.extend(copies);
    files.sort();
    files
}

#[test]
fn a_graph_gives_what_a_scan_gives_and_fills_every_page() {
    let (files, mut bench) = (many(), Bench::new());
    // Rows as long as this make 4 MiB, from which a segment has a graph.
    bench.model = model("wide", 1280);
    let model = bench.model.clone();
    let chunk = ChunkOptions::with_max_bytes(64);
    let mut build = |files: &[(String, Vec<u8>)]| {
        let mut builder = Builder::with_model(BuilderOptions { chunk, ..BuilderOptions::default() }, model.clone());
        for (path, bytes) in files {
            builder.add_file(path, bytes, &mut bench.grammars).unwrap();
        }
        builder.finish().unwrap().unwrap()
    };
    let parts: Vec<BuiltSegment> = files.chunks(files.len().div_ceil(4)).map(&mut build).collect();
    let large = build(&files);
    let segment = Segment::open(large.bytes.clone()).unwrap();
    assert!(large.chunks > 14_000 && segment.has_graph(), "{} chunks", large.chunks);
    assert!(parts.iter().all(|part| !Segment::open(part.bytes.clone()).unwrap().has_graph()));
    let inputs = parts.iter().map(|part| (part.bytes.clone(), Vec::new())).collect();
    assert!(merge_segments(inputs, None).unwrap().unwrap() == large);
    verify_segment(&large.name, large.bytes.clone()).unwrap();

    let index = |segments: Vec<BuiltSegment>| {
        let mut index = Index::default();
        index.set_model(bench.model.clone());
        segments.into_iter().for_each(|segment| add(&mut index, segment, &[]));
        index
    };
    let (mut exact, mut graph) = (index(parts), index(vec![large]));
    let queries: Vec<String> = (0..30).map(|at| format!("zyx{at} {}", QUERIES[at % QUERIES.len()])).collect();
    // Whatever the sources of the day: what the narrow filter leaves stays.
    let gone = files.iter().map(|(path, _)| path.as_str()).step_by(6).filter(|path| !path.starts_with("part5/7"));
    let gone: Vec<&str> = gone.collect();
    for round in 0..2 {
        let (mut wanted, mut same) = (0, 0);
        for query in &queries {
            for (path, mode) in
                [("", Mode::Hybrid), ("!part3/**", Mode::Hybrid), ("part5/7*", Mode::Hybrid), ("", Mode::Semantic)]
            {
                let (expect, found) = (ask(&mut exact, query, mode, 20, path), ask(&mut graph, query, mode, 20, path));
                assert_eq!((found.hits.len(), expect.hits.len(), found.mode), (20, 20, mode), "{query} {path}");
                assert!(round == 0 || found.hits.iter().all(|hit| !gone.contains(&hit.path.as_str())));
                wanted += 20;
                // Scores are in units of the nearest chunk, which a walk may miss.
                let place = |hit: &Hit| (hit.path.clone(), hit.start_line);
                let places: Vec<_> = expect.hits.iter().map(place).collect();
                same += found.hits.iter().filter(|hit| places.contains(&place(hit))).count();
                if mode == Mode::Semantic || path.starts_with("part5") {
                    assert!((found.total, &found.hits) == (expect.total, &expect.hits), "{query} {path}");
                }
            }
        }
        assert!(same * 100 >= wanted * 97, "round {round}: {same} of {wanted}");
        for index in [&mut exact, &mut graph] {
            let remove = gone.iter().map(|path| path.to_string()).collect();
            let manifest = index.commit(&Change { remove, ..Change::default() }).unwrap();
            index.open(&manifest).unwrap();
        }
    }
    // What the graph finds is scored as the scan scores it.
    let spec = segment.vector_spec().unwrap().clone();
    for doc in (0..segment.meta.chunks).step_by(500) {
        let query = QueryVector::of_row(&segment.vector_rows(doc..doc + 1).unwrap(), spec.bits);
        let mut all = vec![0f32; segment.meta.chunks as usize];
        let whole = 0..segment.meta.chunks;
        segment.scan_vectors([whole].into_iter(), &query, |doc, similarity| all[doc as usize] = similarity).unwrap();
        let found = segment.near_vectors(&query, 100, usize::MAX, &|_| true).unwrap().unwrap();
        assert!(found.len() == 100 && found.iter().all(|&(doc, similarity)| all[doc as usize] == similarity));
        let near = segment.near_vectors(&query, 20, usize::MAX, &|doc| doc % 4 == 0).unwrap().unwrap();
        assert!(near.len() == 20 && near.iter().all(|(doc, _)| doc % 4 == 0));
    }
}

fn similar(index: &mut Index, path: &str, line: u32, options: SearchOptions) -> (u32, SearchResult) {
    let mut question = Similar::new(path, line, options);
    for step in 1.. {
        if let Some(result) = index.similar(&mut question).unwrap() {
            return (step, result);
        }
    }
    unreachable!()
}

#[test]
fn more_like_a_chunk_is_found_step_by_step_and_is_not_the_chunk_itself() {
    let (files, mut bench) = (sources(), Bench::new());
    let model = bench.model.clone();
    let twin: Vec<_> = files.iter().filter(|(path, _)| path == "src/segment/codec.rs").cloned().collect();
    let twin = vec![("twin/codec.rs".to_string(), twin[0].1.clone())];
    for model in [Some(&model), None] {
        let mut index = bench.index(&[(&files[..30], model), (&files[30..], model), (&twin, model)]);
        let (steps, found) = similar(&mut index, "src/segment/codec.rs", 14, SearchOptions::default());
        assert_eq!(steps, if model.is_some() { 4 } else { 1 });
        assert_eq!((found.hits.len(), found.hits[0].path.as_str()), (10, "twin/codec.rs"));
        assert!(found.hits.iter().all(|hit| (hit.path.as_str(), hit.start_line) != ("src/segment/codec.rs", 11)));
        let only = SearchOptions { paths: vec!["src/text/**".into()], limit: 3, ..SearchOptions::default() };
        let (_, found) = similar(&mut index, "src/segment/codec.rs", 14, only);
        assert!(found.hits.len() == 3 && found.hits.iter().all(|hit| hit.path.starts_with("src/text/")));
        for (path, line) in [("src/none.rs", 1), ("src/segment/codec.rs", 0), ("src/segment/codec.rs", 100_000)] {
            let mut question = Similar::new(path, line, SearchOptions::default());
            assert_eq!(index.similar(&mut question).unwrap_err().code(), "OPTION_INVALID");
        }
    }
}

#[test]
fn a_generation_that_comes_between_two_steps_starts_over() {
    let (files, mut bench) = (sources(), Bench::new());
    let model = bench.model.clone();
    let mut index = bench.index(&[(&files[..40], Some(&model)), (&files[40..], Some(&model))]);
    let (path, line) = (files[45].0.clone(), 3);
    let mut question = Similar::new(&path, line, SearchOptions::default());
    assert!(index.similar(&mut question).unwrap().is_none());
    add(&mut index, bench.build(&files[..5], Some(&model)), &[&files[6].0]);
    let mut result = None;
    while result.is_none() {
        result = index.similar(&mut question).unwrap();
    }
    assert!(result == Some(similar(&mut index, &path, line, SearchOptions::default()).1));
}
