//! The native side of `parse.mjs`: parse, walk, chunk and, for comparison, collect the words of every file below a folder; prints the CPU seconds of the best round as one JSON object.
//!
//! ```text
//! cargo run --release --example bench-parse -- FOLDER [ROUNDS]
//! ```

use codequarry::engine::unit::analyze;
use codequarry::engine::{Builder, BuilderOptions};
use codequarry::syntax::Grammars;
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("usage: bench-parse FOLDER [ROUNDS]"));
    let rounds: u32 = args.next().map_or(5, |rounds| rounds.parse().expect("ROUNDS is a number"));
    let mut files = Vec::new();
    walk(&folder, &mut files);
    files.sort();
    let files: Vec<(String, Vec<u8>)> = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&folder).expect("it lies below the folder").to_string_lossy().into_owned();
            (path, std::fs::read(file).expect("the file can be read"))
        })
        .collect();
    let mut grammars = Grammars::new();
    for name in ["typescript", "tsx"] {
        grammars.register(name, codequarry_grammars::linked(name).expect("it is linked")).expect("its version fits");
    }
    let options = BuilderOptions::default();
    let (mut best_analyze, mut best_build, mut chunks) = (f64::MAX, f64::MAX, 0);
    let mut best_walk = f64::MAX;
    for _ in 0..rounds {
        let started = cpu_seconds();
        std::hint::black_box(files.iter().map(|(path, bytes)| visit_tree(path, bytes)).sum::<usize>());
        best_walk = best_walk.min(cpu_seconds() - started);
        chunks = 0;
        let started = cpu_seconds();
        for (path, bytes) in &files {
            let (_, unit) = analyze(path, bytes, &mut grammars, &options);
            chunks += unit.map_or(0, |unit| unit.chunks.len());
        }
        best_analyze = best_analyze.min(cpu_seconds() - started);
        let mut builder = Builder::new(options);
        let started = cpu_seconds();
        for (path, bytes) in &files {
            builder.add_file(path, bytes, &mut grammars).expect("one segment is enough");
        }
        best_build = best_build.min(cpu_seconds() - started);
    }
    println!(
        "{{\"files\":{},\"chunks\":{chunks},\"walk\":{best_walk:.4},\"analyze\":{best_analyze:.4},\"build\":{best_build:.4}}}",
        files.len()
    );
}

/// Parses with tree-sitter alone and visits every node, reading its kind and place: what any tool does at least.
fn visit_tree(path: &str, bytes: &[u8]) -> usize {
    let grammar = if path.ends_with(".tsx") { "tsx" } else { "typescript" };
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&codequarry_grammars::linked(grammar).expect("it is linked")).expect("its version fits");
    let Some(tree) = parser.parse(bytes, None) else { return 0 };
    let mut cursor = tree.walk();
    let mut sum = 0;
    loop {
        let node = cursor.node();
        sum += usize::from(node.kind_id()) + node.start_byte() + node.end_byte();
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return sum;
            }
        }
    }
}

/// CPU time of this process in seconds where the system tells it, the wall clock elsewhere.
fn cpu_seconds() -> f64 {
    thread_local!(static START: Instant = Instant::now());
    let wall = START.with(|start| start.elapsed().as_secs_f64());
    // The first field is the time on the processor in nanoseconds.
    std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or(wall, |nanos| nanos / 1e9)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
