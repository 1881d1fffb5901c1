//! Builds the graph of neighbours of [`super::graph`] from the rows of a segment: an HNSW (Malkov, Yashunin, 2016). The same rows give the same graph: nodes are
//! inserted in an order, and have levels, that are hashes of their numbers, and what is compared are integers and correctly rounded quotients.

use super::codec::put_varint;
use super::graph::{MIN_BYTES, level_of, mix};
use super::vectors::VectorSpec;
use super::walk::{Space, Walk};
use crate::error::Result;
use crate::order;

/// Neighbours of a node above level 0; twice as many on level 0.
const M: usize = 16;
/// Nodes from which the neighbours of a new one are chosen.
const EF_CONSTRUCTION: usize = 160;

/// The section HNSW of these rows; nothing where a scan does, or rows cannot be compared with each other.
pub fn write(spec: &VectorSpec, rows: &[u8]) -> Option<Vec<u8>> {
    if rows.len() < MIN_BYTES || spec.bits == 4 {
        return None;
    }
    build(spec, rows)
}

/// The section of any number of rows of 2 or 8 bits; nothing when all are empty.
pub fn build(spec: &VectorSpec, rows: &[u8]) -> Option<Vec<u8>> {
    let pairs = Pairs::new(spec, rows);
    let (mut nodes, copies) = distinct(rows, spec.row_bytes(), &pairs);
    // Files stand beside each other by path, and so do neighbours: in that order the graph would grow from one end.
    order::sort_by_key(&mut nodes, |&node| mix(node));
    let (&first, rest) = nodes.split_first()?;
    let mut building = Building::new(pairs, first, &nodes);
    rest.iter().for_each(|&node| building.insert(node));
    Some(building.encode(&copies))
}

/// The first of each group of equal rows, and for each other one, ascending, itself and the first. Rows of zeros are none.
fn distinct(rows: &[u8], row_bytes: usize, pairs: &Pairs) -> (Vec<u32>, Vec<(u32, u32)>) {
    let row = |node: u32| &rows[node as usize * row_bytes..][..row_bytes];
    let mut order: Vec<u32> = (0..pairs.nodes()).filter(|&node| pairs.inverse_norms[node as usize] > 0.0).collect();
    order::sort_indices(&mut order, &mut |a, b| row(a).cmp(row(b)));
    let (mut nodes, mut copies) = (Vec::new(), Vec::new());
    for group in order.chunk_by(|&a, &b| row(a) == row(b)) {
        nodes.push(group[0]);
        copies.extend(group[1..].iter().map(|&copy| (copy, group[0])));
    }
    order::sort(&mut copies);
    (nodes, copies)
}

/// Rows as they are compared with each other.
pub struct Pairs {
    form: Form,
    /// Of rows of 2 bits: half the dimensions, and 2 for each that is large.
    halves: Vec<i32>,
    inverse_norms: Vec<f32>,
}

enum Form {
    /// 8 bits: as many values a row.
    Bytes(Vec<u8>, usize),
    /// 2 bits: for each 64 dimensions the signs and the sizes, padded with zeros; as many pairs a row.
    Planes(Vec<[u64; 2]>, usize),
}

impl Pairs {
    /// Takes rows of 2 or 8 bits a dimension.
    pub fn new(spec: &VectorSpec, rows: &[u8]) -> Self {
        let rows_of = || rows.chunks_exact(spec.row_bytes());
        let form = match spec.bits {
            8 => Form::Bytes(rows.to_vec(), spec.row_bytes()),
            _ => {
                let planes = rows_of().flat_map(|row| row.chunks(16)).map(planes).collect();
                Form::Planes(planes, spec.row_bytes().div_ceil(16))
            }
        };
        let halves = match &form {
            Form::Planes(planes, len) => {
                let large = |row: &[[u64; 2]]| row.iter().map(|[_, sizes]| 2 * sizes.count_ones() as i32).sum::<i32>();
                planes.chunks_exact(*len).map(|row| spec.dims as i32 / 2 + large(row)).collect()
            }
            Form::Bytes(..) => Vec::new(),
        };
        let mut pairs = Self { form, halves, inverse_norms: Vec::new() };
        let inverse_norm = |(node, row): (usize, &[u8])| match pairs.dot(node, node) {
            norm if norm == 0 || row.iter().all(|&byte| byte == 0) => 0.0,
            norm => 1.0 / (norm as f32).sqrt(),
        };
        pairs.inverse_norms = rows_of().enumerate().map(inverse_norm).collect();
        pairs
    }

    fn dot(&self, a: usize, b: usize) -> i32 {
        match &self.form {
            Form::Bytes(rows, len) => {
                let pairs = rows[a * len..][..*len].iter().zip(&rows[b * len..][..*len]);
                pairs.map(|(&a, &b)| i32::from(i16::from(a as i8) * i16::from(b as i8))).sum()
            }
            Form::Planes(planes, len) => {
                // The product of two sizes is (1 + 2 a)(1 + 2 b); it is taken away twice where the signs differ.
                let count = |bits: u64| bits.count_ones() as i32;
                let words = planes[a * len..][..*len].iter().zip(&planes[b * len..][..*len]);
                let changes = words.map(|(&[a_signs, a_sizes], &[b_signs, b_sizes])| {
                    let (differ, both) = (a_signs ^ b_signs, a_sizes & b_sizes);
                    let sizes = count(differ & a_sizes) + count(differ & b_sizes) - count(both);
                    2 * count(differ) + 4 * sizes + 8 * count(differ & both)
                });
                self.halves[a] + self.halves[b] - changes.sum::<i32>()
            }
        }
    }

    /// The cosine of two rows.
    pub fn similarity(&self, a: u32, b: u32) -> f32 {
        let norms = self.inverse_norms[a as usize] * self.inverse_norms[b as usize];
        self.dot(a as usize, b as usize) as f32 * norms
    }

    fn nodes(&self) -> u32 {
        self.inverse_norms.len() as u32
    }
}

/// Signs and sizes of 64 dimensions or fewer. Codes 0 to 3 stand for -3, -1, 1 and 3: the high bit is the sign, the low one the size, inverted where the sign is minus.
fn planes(block: &[u8]) -> [u64; 2] {
    let (mut signs, mut sizes) = (0u64, 0u64);
    for (at, byte) in block.iter().enumerate() {
        for lane in 0..4 {
            let (high, low) = (u64::from(byte >> (2 * lane + 1) & 1), u64::from(byte >> (2 * lane) & 1));
            signs |= high << (4 * at + lane);
            sizes |= (1 ^ high ^ low) << (4 * at + lane);
        }
    }
    [signs, sizes]
}

/// The neighbours on one level, `room` at most of each node.
struct Level {
    room: usize,
    links: Vec<u32>,
    counts: Vec<u8>,
}

impl Level {
    fn of(&self, slot: usize) -> &[u32] {
        &self.links[slot * self.room..][..self.counts[slot] as usize]
    }

    fn set(&mut self, slot: usize, neighbours: &[u32]) {
        self.links[slot * self.room..][..neighbours.len()].copy_from_slice(neighbours);
        self.counts[slot] = neighbours.len() as u8;
    }
}

struct Building {
    pairs: Pairs,
    levels: Vec<Level>,
    /// Nodes above level 0, ascending; where one stands here is its slot on those levels.
    upper: Vec<u32>,
    entry: u32,
    walk: Walk,
}

struct Seeking<'a> {
    building: &'a Building,
    node: u32,
}

impl Space for Seeking<'_> {
    fn neighbours(&self, node: u32, level: usize, out: &mut Vec<u32>) -> Result<()> {
        out.extend_from_slice(self.building.levels[level].of(self.building.slot(level, node)));
        Ok(())
    }

    fn similarities(&self, nodes: &[u32], out: &mut Vec<f32>) {
        out.extend(nodes.iter().map(|&node| self.building.pairs.similarity(self.node, node)));
    }

    fn nodes(&self) -> u32 {
        self.building.pairs.nodes()
    }

    fn admit(&self, node: u32, mut keep: impl FnMut(u32)) {
        keep(node);
    }
}

impl Building {
    fn new(pairs: Pairs, first: u32, nodes: &[u32]) -> Self {
        let mut upper: Vec<u32> = nodes.iter().copied().filter(|&node| level_of(node) > 0).collect();
        order::sort(&mut upper);
        let top = nodes.iter().map(|&node| level_of(node)).max().unwrap_or(0);
        let level = |level: usize| {
            let (room, slots) = if level == 0 { (2 * M, pairs.nodes() as usize) } else { (M, upper.len()) };
            Level { room, links: vec![0; slots * room], counts: vec![0; slots] }
        };
        Self { levels: (0..=top).map(level).collect(), pairs, upper, entry: first, walk: Walk::default() }
    }

    fn slot(&self, level: usize, node: u32) -> usize {
        if level == 0 { node as usize } else { self.upper.partition_point(|&upper| upper < node) }
    }

    fn insert(&mut self, node: u32) {
        let mut walk = std::mem::take(&mut self.walk);
        let (own, top) = (level_of(node), level_of(self.entry));
        let mut near = self.entry;
        for level in (own + 1..=top).rev() {
            near = self.descend(&mut walk, node, level, near);
        }
        let mut entries = vec![near];
        let mut found = Vec::new();
        for level in (0..=own.min(top)).rev() {
            let (seeking, bounds) = (Seeking { building: self, node }, (EF_CONSTRUCTION, usize::MAX));
            walk.nearest(&seeking, level, &entries, bounds, &mut found).expect("links in memory can be read");
            let chosen = self.choose(&found, M);
            let slot = self.slot(level, node);
            self.levels[level].set(slot, &chosen);
            chosen.iter().for_each(|&neighbour| self.link(level, neighbour, node));
            entries.clear();
            entries.extend(found.iter().map(|&(node, _)| node));
        }
        if own > top {
            self.entry = node;
        }
        self.walk = walk;
    }

    fn descend(&self, walk: &mut Walk, node: u32, level: usize, from: u32) -> u32 {
        walk.descend(&Seeking { building: self, node }, level, from).expect("links in memory can be read")
    }

    /// At most `room` of `found`, nearest first: those that are nearer to what is sought than to any chosen before, so that they lie in different directions (algorithm 4).
    fn choose(&self, found: &[(u32, f32)], room: usize) -> Vec<u32> {
        let mut chosen: Vec<u32> = Vec::with_capacity(room);
        for &(node, similarity) in found {
            if chosen.len() == room {
                break;
            }
            if chosen.iter().all(|&before| self.pairs.similarity(before, node) < similarity) {
                chosen.push(node);
            }
        }
        chosen
    }

    /// Makes `node` a neighbour of `of`; when it has no room left, chooses anew.
    fn link(&mut self, level: usize, of: u32, node: u32) {
        let slot = self.slot(level, of);
        let Level { room, links, counts } = &mut self.levels[level];
        let count = counts[slot] as usize;
        if count < *room {
            links[slot * *room + count] = node;
            counts[slot] += 1;
            return;
        }
        let room = *room;
        let neighbours = self.levels[level].of(slot).iter().copied().chain([node]);
        let mut found: Vec<(u32, f32)> =
            neighbours.map(|neighbour| (neighbour, self.pairs.similarity(of, neighbour))).collect();
        order::sort_by(&mut found, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let chosen = self.choose(&found, room);
        self.levels[level].set(slot, &chosen);
    }

    fn encode(&self, copies: &[(u32, u32)]) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, u64::from(self.entry));
        put_varint(&mut out, level_of(self.entry) as u64);
        put_varint(&mut out, copies.len() as u64);
        let mut next = 0;
        for &(copy, first) in copies {
            put_varint(&mut out, u64::from(copy - next));
            put_varint(&mut out, u64::from(copy - first));
            next = copy + 1;
        }
        for level in 0..=level_of(self.entry) {
            let mut lists = Vec::new();
            let mut put = |node: u32, slot: usize| {
                let start = lists.len();
                put_list(&mut lists, node, self.levels[level].of(slot), self.pairs.nodes());
                (lists.len() - start) as u8
            };
            if level == 0 {
                out.extend((0..self.pairs.nodes()).map(|node| put(node, node as usize)));
            } else {
                let nodes = || self.upper.iter().enumerate().filter(|(_, node)| level_of(**node) >= level);
                put_varint(&mut out, nodes().count() as u64);
                let mut next = 0;
                for (slot, &node) in nodes() {
                    put_varint(&mut out, u64::from(node - next));
                    out.push(put(node, slot));
                    next = node + 1;
                }
            }
            out.append(&mut lists);
        }
        out
    }
}

/// Neighbours in the order in which they come behind `node`, around the end: many stand close behind it, in the same file.
fn put_list(out: &mut Vec<u8>, node: u32, neighbours: &[u32], nodes: u32) {
    let mut distances: Vec<u32> = neighbours
        .iter()
        .map(|&neighbour| if neighbour > node { neighbour - node } else { neighbour + nodes - node })
        .collect();
    order::sort(&mut distances);
    let mut last = 0;
    for distance in distances {
        put_varint(out, u64::from(distance - last - 1));
        last = distance;
    }
}
