//! The semantic lane: how near every chunk's vector is to the query's, by an exact scan.
//!
//! A scan of 50,000 vectors takes less time than the rest of a search, takes every filter, and needs nothing built. Vectors of different models are never
//! compared: the lane answers when all live segments have vectors of one spec, else it says why not.

use super::conditions::Conditions;
use super::gather::Gather;
use super::retrieve::Candidate;
use super::source::LiveSegment;
use crate::embed::Embedder;
use crate::error::Result;
use crate::limits;
use crate::order;
use crate::segment::{QueryVector, VectorSpec};

/// What a search knows of vectors.
pub enum Semantic<'a> {
    /// Nothing, and why.
    Unavailable(&'static str),
    /// The model that made the segments' vectors.
    Model(&'a mut Embedder),
    /// The query's vector, by a host's own embedder.
    Vector(QueryVector),
}

/// No model is at hand.
pub const MODEL_UNAVAILABLE: &str = "MODEL_UNAVAILABLE";
/// Some live segment has no vectors.
pub const VECTORS_MISSING: &str = "VECTORS_MISSING";
/// The vectors were made by another model than the one at hand.
pub const MODEL_MISMATCH: &str = "MODEL_MISMATCH";
/// The query holds nothing that the model knows.
pub const QUERY_UNKNOWN: &str = "QUERY_UNKNOWN";

/// The spec that the vectors of all live chunks have.
///
/// # Errors
/// The reason why there is none.
pub fn common_spec(sources: &[LiveSegment]) -> std::result::Result<&VectorSpec, &'static str> {
    let mut specs = sources.iter().filter(|source| source.live_chunks > 0).map(|source| source.segment.vector_spec());
    let first = specs.next().flatten().ok_or(VECTORS_MISSING)?;
    for spec in specs {
        match spec {
            None => return Err(VECTORS_MISSING),
            Some(spec) if spec != first => return Err(MODEL_MISMATCH),
            Some(_) => {}
        }
    }
    Ok(first)
}

impl Semantic<'_> {
    /// The vector of a query for segments of this spec.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn vector(self, query: &str, sources: &[LiveSegment]) -> std::result::Result<QueryVector, &'static str> {
        let spec = common_spec(sources)?;
        let vector = match self {
            Semantic::Unavailable(reason) => return Err(reason),
            Semantic::Model(embedder) if *spec != VectorSpec::of_model(embedder.model()) => return Err(MODEL_MISMATCH),
            Semantic::Model(embedder) => QueryVector::new(embedder.query(query).ok_or(QUERY_UNKNOWN)?),
            Semantic::Vector(vector) => vector,
        };
        if vector.dims() == spec.dims as usize { Ok(vector) } else { Err(MODEL_MISMATCH) }
    }
}

/// A chunk and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Index of its segment.
    pub segment: u32,
    /// Its DocId.
    pub doc: u32,
    /// The cosine, -1 to 1.
    pub similarity: f32,
}

/// What the lane found.
pub struct Lane {
    query: QueryVector,
    /// Similarity of every chunk by segment and DocId; NaN for those that the filter keeps out, and dead ones. Nothing of a segment whose graph was asked.
    similarities: Vec<Option<Vec<f32>>>,
    /// The nearest chunks, nearest first; ties by path and place.
    pub nearest: Vec<Neighbour>,
    /// Chunks that are nearer than nothing at all; where a graph was asked, of those that it found.
    pub total: u32,
    /// How many of the nearest are kept.
    want: usize,
    threshold: f32,
    /// Neighbours at which the farthest are dropped.
    room: usize,
}

impl Lane {
    /// A lane that has compared nothing, and will keep the `want` nearest that are nearer than nothing at all.
    pub fn new(query: QueryVector, want: usize) -> Self {
        let room = 4 * want + 1024;
        let (similarities, nearest) = (Vec::new(), Vec::new());
        Self { query, similarities, nearest, total: 0, want, threshold: f32::MIN_POSITIVE, room }
    }

    /// Compares `query` with every live chunk that meets `conditions`.
    pub fn scan(query: QueryVector, sources: &[LiveSegment], conditions: &Conditions, want: usize) -> Result<Self> {
        let mut lane = Self::new(query, want);
        let mut gather = Gather::default();
        for source in sources {
            gather.of(lane.add(source, conditions))?;
        }
        gather.done()?;
        lane.finish(sources);
        Ok(lane)
    }

    /// The same by graphs where segments have them and that takes less than comparing all. `candidates` are the chunks, in order of segment, whose similarity will be asked for.
    pub fn near(
        query: QueryVector,
        sources: &[LiveSegment],
        conditions: &Conditions,
        want: usize,
        candidates: &[Candidate],
    ) -> Result<Self> {
        let mut lane = Self::new(query, want);
        let mut gather = Gather::default();
        let mut from = 0;
        for (segment, source) in sources.iter().enumerate() {
            let until = candidates.partition_point(|candidate| candidate.segment <= segment as u32);
            let asked = std::mem::replace(&mut from, until);
            let found = gather.of(lane.by_graph(source, conditions, until - asked))?;
            if found == Some(false) {
                gather.of(lane.add(source, conditions))?;
            }
        }
        gather.done()?;
        lane.finish(sources);
        Ok(lane)
    }

    /// Asks the graph of the next segment, if it has one and that pays; `others` chunks will be compared in any case.
    fn by_graph(&mut self, source: &LiveSegment, conditions: &Conditions, others: usize) -> Result<bool> {
        let (segment, chunks) = (self.similarities.len(), source.segment.meta.chunks as usize);
        if !source.segment.has_graph() {
            return Ok(false);
        }
        let docs = conditions.ranges(segment, source)?;
        let passing: usize = docs.iter().map(ExactSizeIterator::len).sum();
        // The fewer pass, the more a walk meets for each that it keeps; and each takes it longer than a row takes a scan.
        let row_bytes = source.segment.vector_spec().map_or(1, VectorSpec::row_bytes) as u64;
        let met = (limits::GRAPH_MET * self.want) as u64 * chunks as u64 / passing.max(1) as u64;
        if met * (row_bytes + limits::GRAPH_STEP_BYTES) / row_bytes + others as u64 >= passing as u64 {
            return Ok(false);
        }
        let mut passes = vec![passing == chunks; chunks];
        docs.into_iter().for_each(|docs| passes[docs.start as usize..docs.end as usize].fill(true));
        let passes = |doc: u32| passes[doc as usize];
        let Some(found) = source.segment.near_vectors(&self.query, self.want, passing, &passes)? else {
            return Ok(false);
        };
        found.into_iter().for_each(|(doc, similarity)| self.take(segment, doc, similarity));
        self.similarities.push(None);
        Ok(true)
    }

    /// Compares the next segment.
    ///
    /// # Errors
    /// PARTS_MISSING, after which the lane is of no use but to state what else is missing.
    pub fn add(&mut self, source: &LiveSegment, conditions: &Conditions) -> Result<()> {
        let segment = self.similarities.len();
        let mut similarities = vec![f32::NAN; source.segment.meta.chunks as usize];
        let docs = conditions.ranges(segment, source);
        let query = self.query.clone();
        let scanned = docs.and_then(|docs| {
            source.segment.scan_vectors(docs.into_iter(), &query, |doc, similarity| {
                similarities[doc as usize] = similarity;
                self.take(segment, doc, similarity);
            })
        });
        self.similarities.push(Some(similarities));
        scanned
    }

    /// Counts a chunk, and keeps it if it is among the nearest.
    #[inline]
    fn take(&mut self, segment: usize, doc: u32, similarity: f32) {
        self.total += u32::from(similarity > 0.0);
        if similarity >= self.threshold {
            self.nearest.push(Neighbour { segment: segment as u32, doc, similarity });
            if self.nearest.len() > self.room {
                self.threshold = self.threshold.max(cut(&mut self.nearest, self.want));
                // Ties stay: the more there are, the more have to come before the next cut.
                self.room = self.room.max(2 * self.nearest.len());
            }
        }
    }

    /// How many segments were compared.
    pub fn segments(&self) -> usize {
        self.similarities.len()
    }

    /// Puts the nearest in order.
    pub fn finish(&mut self, sources: &[LiveSegment]) {
        cut(&mut self.nearest, self.want);
        let path = |found: &Neighbour| {
            let source = &sources[found.segment as usize];
            source.segment.files.entries[source.file_of[found.doc as usize] as usize].path.as_str()
        };
        order::sort_by(&mut self.nearest, |a, b| {
            b.similarity.total_cmp(&a.similarity).then_with(|| path(a).cmp(path(b))).then(a.doc.cmp(&b.doc))
        });
        self.nearest.truncate(self.want);
    }

    /// How near a chunk is that passes the filter.
    ///
    /// # Errors
    /// PARTS_MISSING when vectors that were there are not there any more.
    pub fn similarity(&self, sources: &[LiveSegment], segment: u32, doc: u32) -> Result<f32> {
        match &self.similarities[segment as usize] {
            Some(similarities) => Ok(similarities[doc as usize]),
            None => sources[segment as usize].segment.similarity(doc, &self.query),
        }
    }

    /// The largest similarity.
    pub fn best(&self) -> f32 {
        self.nearest.first().map_or(0.0, |nearest| nearest.similarity)
    }
}

/// Drops those that are farther than the `want`-th; who ties with it stays until the order of places decides. Returns how near that is.
fn cut(nearest: &mut Vec<Neighbour>, want: usize) -> f32 {
    if want == 0 || nearest.len() <= want {
        return f32::MIN_POSITIVE;
    }
    let threshold = order::nth_largest(nearest.iter().map(|found| found.similarity), want);
    nearest.retain(|found| found.similarity >= threshold);
    threshold
}
