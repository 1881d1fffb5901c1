//! HNSW: which chunks are near which, optional. A search goes from neighbour to neighbour towards the query's vector and compares a few thousand chunks in place of all.
//!
//! Chunks with equal rows are one node, the first of them; the others are its copies. A chunk without a vector is no node. The level of a node is a hash of its
//! number. Written by [`super::graph_writer`] for segments with [`MIN_BYTES`] of rows and more; what a walk finds is scored as a scan scores it, so the graph decides only
//! which chunks are compared.

use super::codec::Decoder;
use super::walk::{Space, Walk};
use crate::error::{Error, Result};
use std::ops::Range;

/// Bytes of rows from which a segment has a graph: a scan of 4 MiB takes a millisecond, and below that a graph, which takes 33 bytes a chunk and as long to
/// build as all the rest of the segment, is not worth it.
pub const MIN_BYTES: usize = 4 << 20;
/// Bits of a node's hash that must be zero for each level that it rises: a node in 16 does.
const LEVEL_BITS: u32 = 4;
/// Highest level that there is.
const MAX_LEVEL: usize = (u32::BITS / LEVEL_BITS) as usize;

/// Mixes the bits of a number (the finaliser of MurmurHash3): one to one.
pub fn mix(number: u32) -> u32 {
    let number = (number ^ number >> 16).wrapping_mul(0x85eb_ca6b);
    let number = (number ^ number >> 13).wrapping_mul(0xc2b2_ae35);
    number ^ number >> 16
}

/// The highest level of a node.
pub fn level_of(node: u32) -> usize {
    (mix(node).trailing_zeros() / LEVEL_BITS) as usize
}

/// Where the lists of the graph of an open segment stand in its section.
#[derive(Debug)]
pub struct Graph {
    chunks: u32,
    entry: u32,
    /// Where the list of each chunk on level 0 starts, and where the last one ends.
    starts: Vec<u32>,
    upper: Vec<Level>,
    /// Each node that has copies, with each of them; ascending.
    copies: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct Level {
    /// Ascending.
    nodes: Vec<u32>,
    /// As many, and one more.
    starts: Vec<u32>,
}

const BAD: Error = Error::Corrupt("the graph of neighbours breaks a rule");

impl Graph {
    /// Reads the section of a segment of `chunks` chunks, but for the lists.
    pub fn read(section: &[u8], chunks: u32) -> Result<Self> {
        let mut decoder = Decoder::new(section);
        let (entry, top) = (decoder.varint32()?, decoder.varint32()? as usize);
        if entry >= chunks || top > MAX_LEVEL {
            return Err(BAD);
        }
        let mut copies = Vec::new();
        let mut next = 0u64;
        for _ in 0..decoder.count()? {
            let copy = next + u64::from(decoder.varint32()?);
            let first = copy.checked_sub(u64::from(decoder.varint32()?)).ok_or(BAD)?;
            if copy >= u64::from(chunks) || first == copy {
                return Err(BAD);
            }
            copies.push((first as u32, copy as u32));
            next = copy + 1;
        }
        crate::order::sort(&mut copies);
        let at = |decoder: &Decoder| section.len() - decoder.remaining();
        let lengths = decoder.take(chunks as usize)?;
        let starts = starts(at(&decoder), lengths.iter().copied());
        skip(&mut decoder, &starts)?;
        let mut upper = Vec::new();
        for level in 1..=top {
            let count = decoder.count()?;
            let (mut nodes, mut lengths, mut next) = (Vec::new(), Vec::new(), 0u64);
            for _ in 0..count {
                let node = next + u64::from(decoder.varint32()?);
                if node >= u64::from(chunks) || level_of(node as u32) < level {
                    return Err(BAD);
                }
                nodes.push(node as u32);
                lengths.push(decoder.byte()?);
                next = node + 1;
            }
            let starts = self::starts(at(&decoder), lengths.into_iter());
            skip(&mut decoder, &starts)?;
            upper.push(Level { nodes, starts });
        }
        if !decoder.is_empty() {
            return Err(BAD);
        }
        Ok(Self { chunks, entry, starts, upper, copies })
    }

    /// Where the list of a node stands in the section; empty when it is not on this level.
    fn list(&self, node: u32, level: usize) -> Range<usize> {
        let (slot, starts) = match level.checked_sub(1).map(|level| &self.upper[level]) {
            None => (node as usize, &self.starts),
            Some(level) => match level.nodes.binary_search(&node) {
                Ok(slot) => (slot, &level.starts),
                Err(_) => return 0..0,
            },
        };
        starts[slot] as usize..starts[slot + 1] as usize
    }

    /// Calls `each` with the copies of a node, ascending.
    fn copies(&self, node: u32, each: &mut dyn FnMut(u32)) {
        let from = self.copies.partition_point(|&(first, _)| first < node);
        self.copies[from..].iter().take_while(|(first, _)| *first == node).for_each(|&(_, copy)| each(copy));
    }

    /// About the `keep` nearest of the chunks that `passes` lets through, nearest first, by what `similarities` appends for each of some chunks; nothing when `budget` nodes did not suffice,
    /// or so many cannot be reached.
    pub fn nearest(
        &self,
        section: &[u8],
        similarities: &dyn Fn(&[u32], &mut Vec<f32>),
        keep: usize,
        budget: usize,
        passes: &dyn Fn(u32) -> bool,
    ) -> Result<Option<Vec<(u32, f32)>>> {
        let (mut walk, space) = (Walk::default(), Seeking { graph: self, section, similarities, passes });
        let mut near = self.entry;
        for level in (1..=self.upper.len()).rev() {
            near = walk.descend(&space, level, near)?;
        }
        let mut found = Vec::new();
        // Who keeps more finds more of the nearest.
        let whole = walk.nearest(&space, 0, &[near], (keep + keep / 2, budget), &mut found)?;
        found.truncate(keep);
        Ok(Some(found).filter(|found| whole && found.len() == keep))
    }
}

impl Graph {
    /// Checks what a walk does not: that the nodes are the chunks with vectors that are no copies, each on its levels, and that copies are copies. `rows` is VECS.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT.
    pub(super) fn check(&self, section: &[u8], rows: &[u8], row_bytes: usize) -> Result<()> {
        let row = |chunk: u32| &rows[chunk as usize * row_bytes..][..row_bytes];
        let mut is_node: Vec<bool> = (0..self.chunks).map(|chunk| row(chunk).iter().any(|&byte| byte != 0)).collect();
        for &(first, copy) in &self.copies {
            if !std::mem::take(&mut is_node[copy as usize]) || row(first) != row(copy) {
                return Err(BAD);
            }
        }
        let is_on = |node: u32, level: usize| is_node[node as usize] && level_of(node) >= level;
        let count = is_node.iter().filter(|is_node| **is_node).count();
        let space = Seeking { graph: self, section, similarities: &|_, _| (), passes: &|_| true };
        let mut around = Vec::new();
        for level in 0..=self.upper.len() {
            for node in 0..self.chunks {
                let list = self.list(node, level);
                around.clear();
                space.neighbours(node, level, &mut around)?;
                // On its own level a node may stand alone.
                let fits =
                    if list.is_empty() { level > 0 || count == 1 || !is_on(node, 0) } else { is_on(node, level) };
                if !fits || !around.iter().all(|&neighbour| is_on(neighbour, level)) {
                    return Err(BAD);
                }
            }
        }
        let bottom_is_first = self.copies.iter().all(|&(first, _)| is_node[first as usize]);
        if bottom_is_first && is_on(self.entry, self.upper.len()) { Ok(()) } else { Err(BAD) }
    }
}

/// Where lists of these lengths start, and where the last one ends.
fn starts(first: usize, lengths: impl Iterator<Item = u8>) -> Vec<u32> {
    let mut end = first as u32;
    let mut starts = vec![end];
    starts.extend(lengths.map(|length| {
        end = end.saturating_add(u32::from(length));
        end
    }));
    starts
}

fn skip(decoder: &mut Decoder, starts: &[u32]) -> Result<()> {
    let (first, last) = (starts.first().copied().unwrap_or(0), starts.last().copied().unwrap_or(0));
    decoder.take((last - first) as usize).map(|_| ())
}

struct Seeking<'a> {
    graph: &'a Graph,
    section: &'a [u8],
    similarities: &'a dyn Fn(&[u32], &mut Vec<f32>),
    passes: &'a dyn Fn(u32) -> bool,
}

impl Space for Seeking<'_> {
    fn neighbours(&self, node: u32, level: usize, out: &mut Vec<u32>) -> Result<()> {
        let (mut at, end) = (u64::from(node), u64::from(node) + u64::from(self.graph.chunks));
        let mut bytes = self.section[self.graph.list(node, level)].iter();
        while let Some(&first) = bytes.next() {
            let (mut distance, mut shift, mut byte) = (u64::from(first & 0x7f), 7, first);
            while byte >= 0x80 && shift < 35 {
                byte = *bytes.next().ok_or(BAD)?;
                distance |= u64::from(byte & 0x7f) << shift;
                shift += 7;
            }
            at += 1 + distance;
            if at >= end {
                return Err(BAD);
            }
            out.push((if at < u64::from(self.graph.chunks) { at } else { at - u64::from(self.graph.chunks) }) as u32);
        }
        Ok(())
    }

    fn similarities(&self, nodes: &[u32], out: &mut Vec<f32>) {
        (self.similarities)(nodes, out);
    }

    fn nodes(&self) -> u32 {
        self.graph.chunks
    }

    fn admit(&self, node: u32, mut keep: impl FnMut(u32)) {
        let mut one = |chunk: u32| {
            if (self.passes)(chunk) {
                keep(chunk);
            }
        };
        one(node);
        if !self.graph.copies.is_empty() {
            self.graph.copies(node, &mut one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph_writer::build;
    use super::super::vectors::{QueryVector, VectorSpec, Vectors};
    use super::*;

    struct Sample {
        vectors: Vectors,
        rows: Vec<u8>,
        section: Vec<u8>,
        queries: Vec<QueryVector>,
    }

    /// Rows around a few centres, among them equal ones and empty ones.
    fn sample(count: u32, bits: u32) -> Sample {
        let spec = VectorSpec { name: "test".into(), hash: 1, dims: 64, bits };
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 57) as i32 - 64
        };
        let centres: Vec<Vec<i32>> = (0..20).map(|_| (0..64).map(|_| next()).collect()).collect();
        let mut vector = |at: usize| -> Vec<i8> {
            centres[at % 20].iter().map(|value| (value / 2 + next()).clamp(-127, 127) as i8).collect()
        };
        let mut rows = Vec::new();
        for at in 0..count as usize {
            match at {
                _ if at % 50 == 7 => spec.put_row(None, &mut rows),
                _ if at % 10 == 3 && at > 100 => {
                    rows.extend_from_within(rows.len() - 64 * spec.row_bytes()..rows.len() - 63 * spec.row_bytes())
                }
                _ => spec.put_row(Some(&vector(at)), &mut rows),
            }
        }
        let queries = (0..40).map(|at| QueryVector::new(vector(at))).collect();
        let section = build(&spec, &rows).unwrap();
        assert!(section == build(&spec, &rows).unwrap());
        Sample { vectors: Vectors::read(&spec.write(), rows.len(), count).unwrap(), rows, section, queries }
    }

    impl Sample {
        fn read(&self, section: &[u8]) -> Result<Graph> {
            Graph::read(section, (self.rows.len() / self.vectors.spec.row_bytes()) as u32)
        }

        fn near(
            &self,
            section: &[u8],
            query: &QueryVector,
            keep: usize,
            passes: &dyn Fn(u32) -> bool,
        ) -> Result<Option<Vec<(u32, f32)>>> {
            let similarities =
                |chunks: &[u32], out: &mut Vec<f32>| self.vectors.similarities(&self.rows, chunks, query, out);
            self.read(section)?.nearest(section, &similarities, keep, usize::MAX, passes)
        }

        fn exact(&self, query: &QueryVector, passes: &dyn Fn(u32) -> bool) -> Vec<(u32, f32)> {
            let mut all = Vec::new();
            let chunks = (self.rows.len() / self.vectors.spec.row_bytes()) as u32;
            self.vectors.scan(&self.rows, 0..chunks, query, |chunk, similarity| {
                if passes(chunk) && similarity != 0.0 {
                    all.push((chunk, similarity));
                }
            });
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all
        }
    }

    #[test]
    fn a_walk_finds_what_a_scan_finds_and_scores_it_the_same() {
        for bits in [2, 8] {
            let sample = sample(3000, bits);
            let graph = sample.read(&sample.section).unwrap();
            graph.check(&sample.section, &sample.rows, sample.vectors.spec.row_bytes()).unwrap();
            let filters: [&dyn Fn(u32) -> bool; 3] = [&|_| true, &|chunk| chunk % 3 > 0, &|chunk| mix(chunk) < 1 << 30];
            for passes in filters {
                let (mut hits, mut wanted) = (0, 0);
                for query in &sample.queries {
                    let exact = sample.exact(query, passes);
                    let found = sample.near(&sample.section, query, 60, passes).unwrap().unwrap();
                    assert!(found.is_sorted_by(|a, b| a.1 > b.1 || a.1 == b.1 && a.0 < b.0) && found.len() == 60);
                    assert!(found.iter().all(|found| exact.contains(found)));
                    hits += exact[..10].iter().filter(|exact| found.contains(exact)).count();
                    wanted += 10;
                }
                assert!(hits * 100 >= wanted * 95, "{bits} bits: {hits} of {wanted}");
            }
        }
    }

    #[test]
    fn what_cannot_be_kept_is_left_to_a_scan() {
        let sample = sample(500, 2);
        let query = &sample.queries[0];
        assert!(sample.near(&sample.section, query, 400, &|chunk| chunk < 30).unwrap().is_none());
        let similarities =
            |chunks: &[u32], out: &mut Vec<f32>| sample.vectors.similarities(&sample.rows, chunks, query, out);
        let graph = sample.read(&sample.section).unwrap();
        assert!(graph.nearest(&sample.section, &similarities, 50, 10, &|_| true).unwrap().is_none());
        let none = build(&sample.vectors.spec, &vec![0; 16 * 100]);
        assert!(none.is_none());
    }

    #[test]
    fn damaged_graphs_are_errors_or_give_what_is_there() {
        let sample = sample(300, 2);
        let (mut refused, mut differ) = (0, 0);
        for at in 0..sample.section.len() {
            assert!(sample.read(&sample.section[..at]).is_err());
            for change in [1, 0x80, 0xff] {
                let mut section = sample.section.clone();
                section[at] ^= change;
                let checked = sample.read(&section).and_then(|graph| graph.check(&section, &sample.rows, 16));
                refused += u32::from(checked.is_err());
                if let Ok(Some(found)) = sample.near(&section, &sample.queries[1], 20, &|_| true) {
                    assert!(found.iter().all(|&(chunk, _)| chunk < 300));
                    differ += 1;
                }
            }
        }
        assert!(refused > 500 && differ > 500, "{refused} {differ}");
    }
}
