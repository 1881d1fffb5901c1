//! The engine's exact scan and graph of neighbours over rows of 2 bits, and instant-distance over the same rows, for `vectors.mjs` to call.

use codequarry::embed::Embedder;
use codequarry::segment::graph::Graph;
use codequarry::segment::graph_writer::{self, Pairs};
use codequarry::segment::vectors::Vectors;
use codequarry::segment::{QueryVector, VectorSpec, read_model};
use instant_distance::{Builder, Hnsw, Point, PointId, Search};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// Rows, and what was built over them.
#[wasm_bindgen]
pub struct Rows {
    rows: Vec<u8>,
    vectors: Vectors,
    section: Vec<u8>,
    graph: Option<Graph>,
    compared: Cell<u32>,
}

#[wasm_bindgen]
impl Rows {
    /// Rows of 2 bits a dimension.
    #[wasm_bindgen(constructor)]
    pub fn new(rows: Vec<u8>, dims: u32) -> Rows {
        let spec = spec(dims);
        let count = (rows.len() / spec.row_bytes()) as u32;
        let vectors = Vectors::read(&spec.write(), rows.len(), count).expect("whole rows");
        Rows { rows, vectors, section: Vec::new(), graph: None, compared: Cell::new(0) }
    }

    fn count(&self) -> u32 {
        (self.rows.len() / self.vectors.spec.row_bytes()) as u32
    }

    /// Builds the graph; its bytes as they are stored.
    pub fn build(&mut self) -> usize {
        self.section = graph_writer::build(&self.vectors.spec, &self.rows).expect("there are rows");
        self.graph = Some(Graph::read(&self.section, self.count()).expect("it was just written"));
        self.section.len()
    }

    /// A row as values from -3 to 3.
    pub fn row(&self, at: u32) -> Vec<i8> {
        let row = &self.rows[at as usize * self.vectors.spec.row_bytes()..][..self.vectors.spec.row_bytes()];
        row.iter().flat_map(|&byte| [0, 2, 4, 6].map(|shift| 2 * (byte >> shift & 3) as i8 - 3)).collect()
    }

    /// The `count` nearest of all, compared with each, nearest first.
    pub fn scan(&self, query: &[i8], count: usize) -> Vec<u32> {
        let mut found: Vec<(f32, u32)> = Vec::with_capacity(4 * count + 1024);
        let mut threshold = f32::NEG_INFINITY;
        let cut = |found: &mut Vec<(f32, u32)>| {
            found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            found.truncate(count);
            found.last().map_or(f32::NEG_INFINITY, |last| last.0)
        };
        self.vectors.scan(&self.rows, 0..self.count(), &QueryVector::new(query.to_vec()), |doc, similarity| {
            if similarity >= threshold {
                found.push((similarity, doc));
                if found.len() == found.capacity() {
                    threshold = cut(&mut found);
                }
            }
        });
        cut(&mut found);
        found.into_iter().map(|(_, doc)| doc).collect()
    }

    /// The nearest by the graph, nearest first; `share` of the rows, spread evenly, pass the filter.
    pub fn near(&self, query: &[i8], ef: usize, count: usize, share: u32) -> Option<Vec<u32>> {
        let query = QueryVector::new(query.to_vec());
        self.compared.set(0);
        let similarities = |docs: &[u32], out: &mut Vec<f32>| {
            self.compared.set(self.compared.get() + docs.len() as u32);
            self.vectors.similarities(&self.rows, docs, &query, out);
        };
        let graph = self.graph.as_ref().expect("it was built");
        let passes = |doc: u32| codequarry::segment::graph::mix(doc) % 100 < share;
        let found = graph.nearest(&self.section, &similarities, ef, usize::MAX, &passes).expect("it is whole")?;
        Some(found.into_iter().take(count).map(|(doc, _)| doc).collect())
    }

    /// Rows that the last search by the graph compared.
    pub fn compared(&self) -> u32 {
        self.compared.get()
    }
}

/// The default model, for the vectors of real queries.
#[wasm_bindgen]
pub struct Queries(Embedder);

#[wasm_bindgen]
impl Queries {
    /// Takes the model's file.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &[u8]) -> Queries {
        Queries(Embedder::new(Arc::new(read_model(model).expect("a model"))))
    }

    /// The vector of a query.
    pub fn vector(&mut self, query: &str) -> Option<Vec<i8>> {
        self.0.query(query)
    }
}

fn spec(dims: u32) -> VectorSpec {
    VectorSpec { name: "bench".into(), hash: 1, dims, bits: 2 }
}

/// What the points of instant-distance are handles into: it clones them while it builds.
struct Arena {
    rows: Vec<u8>,
    vectors: Vectors,
    pairs: Pairs,
    query: QueryVector,
}

thread_local! {
    static ARENA: RefCell<Option<Arena>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Handle(u32);

const QUERY: u32 = u32::MAX;

impl Point for Handle {
    fn distance(&self, other: &Self) -> f32 {
        ARENA.with_borrow(|arena| {
            let Arena { rows, vectors, pairs, query } = arena.as_ref().expect("it was filled");
            1.0 - match (self.0, other.0) {
                (QUERY, doc) | (doc, QUERY) => vectors.similarity(rows, doc, query),
                (a, b) => pairs.similarity(a, b),
            }
        })
    }
}

/// instant-distance over rows.
#[wasm_bindgen]
pub struct Instant {
    hnsw: Hnsw<Handle>,
    rows: Vec<u32>,
}

#[wasm_bindgen]
impl Instant {
    /// Builds its graph over rows of 2 bits a dimension.
    #[wasm_bindgen(constructor)]
    pub fn new(rows: Vec<u8>, dims: u32, ef_construction: usize, ef_search: usize, heuristic: bool) -> Instant {
        let spec = spec(dims);
        let count = (rows.len() / spec.row_bytes()) as u32;
        let vectors = Vectors::read(&spec.write(), rows.len(), count).expect("whole rows");
        let pairs = Pairs::new(&spec, &rows);
        ARENA.set(Some(Arena { rows, vectors, pairs, query: QueryVector::new(vec![0; dims as usize]) }));
        let mut builder = Builder::default().seed(1).ef_construction(ef_construction).ef_search(ef_search);
        if !heuristic {
            builder = builder.select_heuristic(None);
        }
        let (hnsw, ids) = builder.build_hnsw((0..count).map(Handle).collect());
        let mut rows = vec![0; count as usize];
        ids.iter().enumerate().for_each(|(row, id): (usize, &PointId)| rows[id.into_inner() as usize] = row as u32);
        Instant { hnsw, rows }
    }

    /// Bytes of its lowest layer, in memory and as it would be stored: 64 numbers of 32 bits a point.
    pub fn size(&self) -> usize {
        self.rows.len() * 64 * 4
    }

    /// The nearest, nearest first.
    pub fn near(&self, query: &[i8], count: usize) -> Vec<u32> {
        ARENA.with_borrow_mut(|arena| {
            arena.as_mut().expect("it was filled").query = QueryVector::new(query.to_vec());
        });
        let mut search = Search::default();
        self.hnsw
            .search(&Handle(QUERY), &mut search)
            .take(count)
            .map(|item| self.rows[item.pid.into_inner() as usize])
            .collect()
    }
}
