//! The walk through a graph of neighbours that both building and searching it are made of: from one chunk to those nearest to it that is nearest to
//! what is sought, until no neighbour is nearer than the farthest of those kept (Malkov, Yashunin: Efficient and Robust Approximate Nearest Neighbor
//! Search Using Hierarchical Navigable Small World Graphs, 2016, algorithm 2).

use crate::error::Result;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a walk goes through.
pub trait Space {
    /// Puts the neighbours of `node` on a level into `out`, which is empty. Each is below [`Self::nodes`].
    fn neighbours(&self, node: u32, level: usize, out: &mut Vec<u32>) -> Result<()>;
    /// How near `node` is to what is sought; larger is nearer.
    fn similarity(&self, node: u32) -> f32;
    /// Nodes are numbered from 0 up to here.
    fn nodes(&self) -> u32;
}

/// Calls its second argument with each node to keep in place of one that was met: itself, its copies, or none. A walk goes through nodes that it does not keep.
pub type Admit<'a> = dyn Fn(u32, &mut dyn FnMut(u32)) + 'a;

/// Which nodes a walk keeps, and when it gives up.
pub struct Bounds<'a> {
    /// Nodes to keep, at least 1.
    pub keep: usize,
    /// Which nodes to keep.
    pub admit: &'a Admit<'a>,
    /// Nodes to meet before giving up.
    pub budget: usize,
}

/// The memory of a walk, kept from one to the next.
#[derive(Default)]
pub struct Walk {
    /// A bit a node.
    met: Vec<u64>,
    touched: Vec<u32>,
    frontier: BinaryHeap<u64>,
    kept: BinaryHeap<Reverse<u64>>,
    around: Vec<u32>,
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

impl Walk {
    /// The nodes nearest to what `space` seeks on a level, nearest first, of those that can be reached from `entries`; nothing when the budget is spent.
    pub fn nearest(
        &mut self,
        space: &impl Space,
        level: usize,
        entries: &[u32],
        bounds: &Bounds,
        out: &mut Vec<(u32, f32)>,
    ) -> Result<bool> {
        self.met.resize((space.nodes() as usize).div_ceil(64), 0);
        self.frontier.clear();
        self.kept.clear();
        let mut around = std::mem::take(&mut self.around);
        around.clear();
        around.extend_from_slice(entries);
        let whole = loop {
            for &node in &around {
                let (word, bit) = (node as usize / 64, 1 << (node % 64));
                if self.met[word] & bit != 0 {
                    continue;
                }
                self.met[word] |= bit;
                self.touched.push(node);
                let similarity = space.similarity(node);
                if self.kept.len() < bounds.keep
                    || self.kept.peek().is_some_and(|worst| key(similarity, node) > worst.0)
                {
                    self.frontier.push(key(similarity, node));
                    let kept = &mut self.kept;
                    (bounds.admit)(node, &mut |node| {
                        kept.push(Reverse(key(similarity, node)));
                        if kept.len() > bounds.keep {
                            kept.pop();
                        }
                    });
                }
            }
            if self.touched.len() > bounds.budget {
                break false;
            }
            let Some(next) = self.frontier.pop() else { break true };
            if self.kept.len() == bounds.keep && self.kept.peek().is_some_and(|worst| next < worst.0) {
                break true;
            }
            around.clear();
            space.neighbours(unkey(next).0, level, &mut around)?;
        };
        self.around = around;
        for node in self.touched.drain(..) {
            self.met[node as usize / 64] = 0;
        }
        out.clear();
        out.extend(std::iter::from_fn(|| self.kept.pop()).map(|Reverse(key)| unkey(key)));
        out.reverse();
        Ok(whole)
    }

    /// The node nearest to what `space` seeks that can be reached over ever nearer ones on a level.
    pub fn descend(&mut self, space: &impl Space, level: usize, from: u32) -> Result<u32> {
        let (mut best, mut at) = (key(space.similarity(from), from), from);
        loop {
            self.around.clear();
            space.neighbours(at, level, &mut self.around)?;
            best = self.around.iter().map(|&node| key(space.similarity(node), node)).fold(best, u64::max);
            if unkey(best).0 == at {
                return Ok(at);
            }
            at = unkey(best).0;
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
}
