//! Ranking quality on `queries.json`, natively and for many weights at once: what `codequarry eval` with the scorer says of the
//! shipped weights, this says of any, in seconds. Usage:
//!
//! ```text
//! cargo run --release --example evaluate -- QUERIES.json CORPORA_DIR [name=value …] [--model FILE] [--mode hybrid|lexical|semantic] [--misses] [--search ROUNDS]
//! ```
//!
//! With `--model` chunks get vectors, and the default mode is hybrid. //! `name=value` overrides a weight. `--search` tries changes of single weights and keeps those that raise the mean over all libraries, with the gain of each.

use codequarry::embed::Model;
use codequarry::engine::{Builder, BuilderOptions, Change, Index};
use codequarry::query::{Detail, Mode, SearchOptions, Weights};
use codequarry::segment::read_model;
use codequarry::syntax::Grammars;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

#[derive(Deserialize)]
struct Queries {
    corpora: BTreeMap<String, Corpus>,
    queries: Vec<Query>,
}

#[derive(Deserialize)]
struct Corpus {
    index_root: String,
}

#[derive(Deserialize, Clone)]
struct Query {
    id: String,
    corpus: String,
    query: String,
    category: String,
    relevant: Vec<String>,
}

macro_rules! weights {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        fn weight<'a>(weights: &'a mut Weights, name: &str) -> &'a mut f32 {
            match name {
                $(stringify!($name) => &mut weights.$name,)*
                _ => panic!("no weight is called {name}; there are {NAMES:?}"),
            }
        }
    };
}
weights!(k1 b name context docs body whole part prefix path_stem path_folder coherence definition mention member loose_case name_coverage title title_near coverage tests aside prose copy superseded repeat
    semantic semantic_names semantic_floor semantic_least);

/// How every query is asked.
static MODE: OnceLock<Mode> = OnceLock::new();

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(queries), Some(corpora)) = (args.next(), args.next()) else {
        panic!("usage: evaluate QUERIES.json CORPORA_DIR [name=value …] [--misses] [--search ROUNDS]")
    };
    let queries: Queries = serde_json::from_str(&std::fs::read_to_string(queries).expect("the queries can be read"))
        .expect("the queries are JSON");
    let (mut weights, mut misses, mut rounds, mut folds) = (Weights::default(), false, 0, 0);
    let mut model = None;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--misses" => misses = true,
            "--model" => {
                let bytes = std::fs::read(args.next().expect("--model takes a file")).expect("the model can be read");
                model = Some(Arc::new(read_model(&bytes).expect("the model is whole")));
            }
            "--mode" => {
                let mode = match args.next().as_deref() {
                    Some("hybrid") => Mode::Hybrid,
                    Some("lexical") => Mode::Lexical,
                    Some("semantic") => Mode::Semantic,
                    other => panic!("there is no mode {other:?}"),
                };
                MODE.set(mode).expect("--mode comes once");
            }
            "--cross-validate" => {
                folds = args.next().and_then(|folds| folds.parse().ok()).expect("--cross-validate takes a number")
            }
            "--search" => rounds = args.next().and_then(|rounds| rounds.parse().ok()).expect("--search takes a number"),
            pair => {
                let (name, value) = pair.split_once('=').expect("an override is name=value");
                *weight(&mut weights, name) = value.parse().expect("a weight is a number");
            }
        }
    }
    let mut indexes: BTreeMap<String, Index> = queries
        .corpora
        .iter()
        .map(|(name, corpus)| {
            (name.clone(), index(&Path::new(&corpora).join(name), &corpus.index_root, model.as_ref()))
        })
        .collect();
    if folds > 0 {
        return cross_validate(&queries.queries, &mut indexes, folds);
    }
    if rounds > 0 {
        search(&queries.queries, &mut indexes, &mut weights, rounds);
    }
    report(&queries.queries, &mut indexes, &weights, misses);
}

fn index(root: &Path, index_root: &str, model: Option<&Arc<Model>>) -> Index {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        grammars
            .register(name, codequarry_grammars::linked(name).expect("the name is linked"))
            .expect("linked grammars fit");
    }
    let mut files = Vec::new();
    walk(&root.join(index_root), &mut files);
    files.sort();
    let options = BuilderOptions::default();
    let mut builder = model.map_or_else(|| Builder::new(options), |model| Builder::with_model(options, model.clone()));
    for file in files {
        let path = file.strip_prefix(root).expect("files lie below the root").to_string_lossy().replace('\\', "/");
        let bytes = std::fs::read(&file).expect("the file can be read");
        builder.add_file(&path, &bytes, &mut grammars).expect("one segment is enough");
    }
    let built = builder.finish().expect("the segment is whole").expect("there are files");
    let mut index = Index::default();
    model.into_iter().for_each(|model| index.set_model(model.clone()));
    index.add_segment(&built.name, built.bytes).expect("the segment opens");
    let manifest = index.commit(&Change { add: vec![built.name], ..Change::default() }).expect("the change is sound");
    index.open(&manifest).expect("the manifest opens");
    index
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

fn ndcg(query: &Query, index: &mut Index, weights: &Weights) -> (f64, Vec<String>) {
    let options = SearchOptions {
        mode: MODE.get().copied().unwrap_or_default(),
        weights: weights.clone(),
        detail: Detail { text: false, snippet_lines: 0, explain: false },
        ..SearchOptions::default()
    };
    let hits: Vec<String> = index
        .search(&query.query, &options)
        .expect("the query is answered")
        .hits
        .into_iter()
        .map(|hit| hit.path)
        .collect();
    let gain: f64 = query
        .relevant
        .iter()
        .filter_map(|path| hits.iter().position(|hit| hit == path))
        .map(|rank| 1.0 / (rank as f64 + 2.0).log2())
        .sum();
    let ideal: f64 = (0..query.relevant.len().min(10)).map(|rank| 1.0 / (rank as f64 + 2.0).log2()).sum();
    (gain / ideal, hits)
}

fn scores(queries: &[Query], indexes: &mut BTreeMap<String, Index>, weights: &Weights) -> Vec<f64> {
    queries
        .iter()
        .map(|query| ndcg(query, indexes.get_mut(&query.corpus).expect("every query has a corpus"), weights).0)
        .collect()
}

fn mean(scores: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = scores.fold((0.0, 0), |(sum, count), score| (sum + score, count + 1));
    sum / f64::from(count.max(1))
}

fn report(queries: &[Query], indexes: &mut BTreeMap<String, Index>, weights: &Weights, misses: bool) {
    let mut groups: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for query in queries {
        let (score, hits) = ndcg(query, indexes.get_mut(&query.corpus).expect("every query has a corpus"), weights);
        for group in ["all".to_string(), format!("category {}", query.category), format!("corpus {}", query.corpus)] {
            groups.entry(group).or_default().push(score);
        }
        if misses && score < 0.7 {
            println!(
                "{score:.2} {} {} {:?}\n     want {:?}\n     got  {:?}",
                query.id,
                query.category,
                query.query,
                query.relevant,
                &hits[..hits.len().min(5)]
            );
        }
    }
    for (group, scores) in &groups {
        println!("{group:28} {:.4}  ({} queries)", mean(scores.iter().copied()), scores.len());
    }
}

/// Weights as one would guess them: field weights of 1 or 2, shares of 1, factors of a half.
fn first_guess() -> Weights {
    let mut weights = Weights::default();
    for name in NAMES {
        *weight(&mut weights, name) = match *name {
            "k1" => 1.2,
            "b" => 0.75,
            "name" => 2.0,
            "definition" | "title" | "context" | "docs" | "body" | "whole" | "part" | "path_stem" | "path_folder"
            | "member" => 1.0,
            "copy" => 0.1,
            "semantic_floor" => 0.2,
            _ => 0.5,
        };
    }
    weights
}

/// Searches weights from a first guess on all libraries but a fold of them, and measures them on that fold.
fn cross_validate(queries: &[Query], indexes: &mut BTreeMap<String, Index>, folds: usize) {
    let libraries: Vec<String> = indexes.keys().cloned().collect();
    let guess = first_guess();
    let (mut seen, mut unseen, mut guessed, mut shipped) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for fold in 0..folds {
        let held = |query: &Query| {
            libraries.iter().position(|name| *name == query.corpus).is_some_and(|at| at % folds == fold)
        };
        let (test, train): (Vec<Query>, Vec<Query>) = queries.iter().cloned().partition(|query| held(query));
        let (found, _) = climb(&train, indexes, &guess, 2);
        seen.push(mean(scores(&train, indexes, &found).into_iter()));
        let of_fold = scores(&test, indexes, &found);
        println!("fold {fold}: {:.4} on {} queries", mean(of_fold.iter().copied()), of_fold.len());
        unseen.extend(of_fold);
        guessed.extend(scores(&test, indexes, &guess));
        shipped.extend(scores(&test, indexes, &Weights::default()));
    }
    println!(
        "first guess {:.4}; found, on seen libraries {:.4}, on unseen ones {:.4}; shipped weights {:.4}",
        mean(guessed.into_iter()),
        mean(seen.into_iter()),
        mean(unseen.into_iter()),
        mean(shipped.into_iter())
    );
}

/// Coordinate search on everything.
fn search(queries: &[Query], indexes: &mut BTreeMap<String, Index>, weights: &mut Weights, rounds: usize) {
    let start = scores(queries, indexes, weights);
    let (found, trace) = climb(queries, indexes, weights, rounds);
    println!(
        "start {:.4}  end {:.4}\n{trace}",
        mean(start.iter().copied()),
        mean(scores(queries, indexes, &found).into_iter())
    );
    *weights = found;
}

fn climb(queries: &[Query], indexes: &mut BTreeMap<String, Index>, from: &Weights, rounds: usize) -> (Weights, String) {
    let mut best = from.clone();
    let mut best_score = mean(scores(queries, indexes, &best).into_iter());
    let mut trace = String::new();
    for round in 0..rounds {
        let before = best_score;
        for name in NAMES {
            for factor in [0.6, 0.8, 1.25, 1.6] {
                let mut tried = best.clone();
                *weight(&mut tried, name) *= factor;
                let score = mean(scores(queries, indexes, &tried).into_iter());
                // A gain too small to mean anything is not worth a weight that looks fitted.
                if score > best_score + 0.0005 {
                    trace += &format!("round {round}: {name}={:.3} {score:.4}\n", *weight(&mut tried, name));
                    (best, best_score) = (tried, score);
                }
            }
        }
        if best_score == before {
            break;
        }
    }
    (best, trace)
}
