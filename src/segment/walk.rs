//! The walk through a graph of neighbours that both building and searching it are made of: from one chunk to those nearest to it that is nearest to
//! what is sought, until no neighbour is nearer than the farthest of those kept (Malkov, Yashunin: Efficient and Robust Approximate Nearest Neighbor
//! Search Using Hierarchical Navigable Small World Graphs, 2016, algorithm 2).
//!
//! Most nodes that are met are compared and never seen again, so that is what has to be fast: all new neighbours of a node are compared together, and how far the farthest
//! that is kept may be is read from a count of the kept by nearness. Only the nodes to go on from are in a heap.

use crate::error::Result;
use crate::order;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a walk goes through.
pub trait Space {
    /// Appends the neighbours of `node` on a level to `out`. Each is below [`Self::nodes`].
    fn neighbours(&self, node: u32, level: usize, out: &mut Vec<u32>) -> Result<()>;
    /// Appends how near each of `nodes` is to what is sought, -1 to 1; larger is nearer.
    fn similarities(&self, nodes: &[u32], out: &mut Vec<f32>);
    /// Nodes are numbered from 0 up to here.
    fn nodes(&self) -> u32;
    /// Calls `keep` with each node to keep in place of one that was met: itself, its copies, or none. A walk goes through nodes that it does not keep.
    fn admit(&self, node: u32, keep: impl FnMut(u32));
}

/// Steps of nearness in which the kept are counted: those on one step are told apart only at the end.
const STEPS: usize = 1 << 13;

/// Nodes that are left at once: while the neighbours of one come from memory, so do those of the others.
const AT_ONCE: usize = 4;

/// The memory of a walk, kept from one to the next.
#[derive(Default)]
pub struct Walk {
    /// A bit a node.
    met: Vec<u64>,
    touched: Vec<u32>,
    frontier: BinaryHeap<u64>,
    kept: Kept,
    around: Vec<u32>,
    similarities: Vec<f32>,
}

/// The nearest nodes so far, and some that were when they came.
#[derive(Default)]
struct Kept {
    want: usize,
    keys: Vec<u64>,
    /// How many there are on each step.
    counts: Vec<u32>,
    /// The step of the farthest of the nearest, once there are as many as are wanted; until then of the farthest.
    floor: usize,
    /// How many there are on it and above.
    held: usize,
}

impl Kept {
    fn begin(&mut self, want: usize) {
        self.keys.clear();
        self.counts.clear();
        self.counts.resize(STEPS, 0);
        (self.want, self.floor, self.held) = (want, STEPS - 1, 0);
    }

    /// Whether what is so near may be among the nearest.
    fn takes(&self, similarity: f32) -> bool {
        self.held < self.want || step(similarity) >= self.floor
    }

    fn add(&mut self, similarity: f32, node: u32) {
        let step = step(similarity);
        self.keys.push(key(similarity, node));
        self.counts[step] += 1;
        self.held += 1;
        self.floor = self.floor.min(step);
        while self.held - self.counts[self.floor] as usize >= self.want {
            self.held -= self.counts[self.floor] as usize;
            self.floor += 1;
        }
    }

    /// Puts the nearest into `out`, nearest first.
    fn give(&mut self, out: &mut Vec<(u32, f32)>) {
        out.clear();
        out.resize(self.held, (0, 0.0));
        // What a step has room for begins where the steps above it end.
        let mut end = 0;
        for count in self.counts[self.floor..].iter_mut().rev() {
            end += std::mem::replace(count, end);
        }
        for found in self.keys.drain(..).map(unkey).filter(|found| step(found.1) >= self.floor) {
            let slot = &mut self.counts[step(found.1)];
            out[*slot as usize] = found;
            *slot += 1;
        }
        for run in out.chunk_by_mut(|a, b| step(a.1) == step(b.1)).filter(|run| run.len() > 1) {
            order::sort_by_key(run, |&(node, similarity)| Reverse(key(similarity, node)));
        }
        out.truncate(self.want);
    }
}

/// Nearer nodes have larger keys; of equally near ones the first.
fn key(similarity: f32, node: u32) -> u64 {
    let bits = similarity.to_bits();
    let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
    u64::from(ordered) << 32 | u64::from(!node)
}

fn unkey(key: u64) -> (u32, f32) {
    let ordered = (key >> 32) as u32;
    (!(key as u32), f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered }))
}

fn step(similarity: f32) -> usize {
    (((similarity + 1.0) * (STEPS / 2) as f32) as usize).min(STEPS - 1)
}

impl Walk {
    /// The `keep` nodes nearest to what `space` seeks on a level, nearest first, of those that can be reached from `entries`; false when it met more than `budget` nodes, and gave up.
    pub fn nearest(
        &mut self,
        space: &impl Space,
        level: usize,
        entries: &[u32],
        (keep, budget): (usize, usize),
        out: &mut Vec<(u32, f32)>,
    ) -> Result<bool> {
        let Self { met, touched, frontier, kept, around, similarities } = self;
        met.resize((space.nodes() as usize).div_ceil(64), 0);
        frontier.clear();
        kept.begin(keep);
        around.clear();
        around.extend_from_slice(entries);
        let whole = loop {
            let mut new = 0;
            for at in 0..around.len() {
                let node = around[at];
                let (word, bit) = (&mut met[node as usize / 64], 1 << (node % 64));
                // Without a branch, which nobody could foretell.
                around[new] = node;
                new += usize::from(*word & bit == 0);
                *word |= bit;
            }
            around.truncate(new);
            touched.extend_from_slice(around);
            similarities.clear();
            space.similarities(around, similarities);
            for (&node, &similarity) in around.iter().zip(&*similarities) {
                if kept.takes(similarity) {
                    frontier.push(key(similarity, node));
                    space.admit(node, |node| kept.add(similarity, node));
                }
            }
            if touched.len() > budget {
                break false;
            }
            around.clear();
            let mut left = 0;
            while left < AT_ONCE {
                let Some((next, similarity)) = frontier.pop().map(unkey) else { break };
                if !kept.takes(similarity) {
                    break;
                }
                space.neighbours(next, level, around)?;
                left += 1;
            }
            if left == 0 {
                break true;
            }
        };
        for node in touched.drain(..) {
            met[node as usize / 64] = 0;
        }
        kept.give(out);
        Ok(whole)
    }

    /// The node nearest to what `space` seeks that can be reached over ever nearer ones on a level.
    pub fn descend(&mut self, space: &impl Space, level: usize, from: u32) -> Result<u32> {
        let Self { around, similarities, .. } = self;
        let (mut best, mut left) = (0, None);
        around.clear();
        around.push(from);
        loop {
            similarities.clear();
            space.similarities(around, similarities);
            best = around.iter().zip(&*similarities).map(|(&node, &near)| key(near, node)).fold(best, u64::max);
            let (near, _) = unkey(best);
            if left.replace(near) == Some(near) {
                return Ok(near);
            }
            around.clear();
            space.neighbours(near, level, around)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_by_nearness_then_by_number() {
        let nodes = [(7, 1.0), (2, 0.5), (3, 0.5), (0, 0.0), (1, -0.25), (9, -1.0)];
        let keys: Vec<u64> = nodes.iter().map(|&(node, similarity)| key(similarity, node)).collect();
        assert!(keys.is_sorted_by(|a, b| a > b));
        assert_eq!(keys.into_iter().map(unkey).collect::<Vec<_>>(), nodes);
    }

    #[test]
    fn the_nearest_are_kept_as_sorting_all_keeps_them() {
        let mut state = 1u32;
        for (count, spread) in [(5, 1.0), (20, 1.0), (700, 1.0), (3000, 0.001), (3000, 0.0)] {
            let mut kept = Kept::default();
            kept.begin(20);
            let (mut all, mut out) = (Vec::new(), Vec::new());
            for node in 0..count {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let similarity = (state as f32 / 2f32.powi(31) - 1.0) * spread;
                all.push((node, similarity));
                if kept.takes(similarity) {
                    kept.add(similarity, node);
                }
            }
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(20);
            kept.give(&mut out);
            assert_eq!(out, all, "{count} of {spread}");
        }
    }
}
