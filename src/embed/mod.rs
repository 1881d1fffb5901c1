//! Static embeddings: a text becomes the weighted sum of its tokens' rows.
//!
//! Everything is integers but the sum, which is f32 in a fixed order without fused operations; so the same text gives the same bytes natively, in
//! WebAssembly, and in the trainer's reference (`model/reference.py`). The host passes the model's bytes in; `segment::model` takes its file apart.

mod model;
#[cfg(test)]
mod tests;
mod words;

pub use model::{Model, TOKENIZER_VERSION, Tables};

use crate::error::{Error, Result};
use hashbrown::HashTable;
use model::QUERY_UNIT;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;
use std::sync::Arc;

/// 256 × (1 + ln n), rounded: what n occurrences of a token weigh. A table, since logarithms differ between platforms in the last bit.
#[rustfmt::skip]
const OCCURRENCE_WEIGHTS: [u16; 256] = [
    0, 256, 433, 537, 611, 668, 715, 754, 788, 818, 845, 870, 892, 913, 932, 949, 966, 981, 996, 1010, 1023, 1035,
    1047, 1059, 1070, 1080, 1090, 1100, 1109, 1118, 1127, 1135, 1143, 1151, 1159, 1166, 1173, 1180, 1187, 1194, 1200,
    1207, 1213, 1219, 1225, 1231, 1236, 1242, 1247, 1252, 1257, 1263, 1268, 1272, 1277, 1282, 1286, 1291, 1295, 1300,
    1304, 1308, 1313, 1317, 1321, 1325, 1329, 1332, 1336, 1340, 1344, 1347, 1351, 1354, 1358, 1361, 1365, 1368, 1371,
    1375, 1378, 1381, 1384, 1387, 1390, 1393, 1396, 1399, 1402, 1405, 1408, 1411, 1414, 1416, 1419, 1422, 1424, 1427,
    1430, 1432, 1435, 1437, 1440, 1442, 1445, 1447, 1450, 1452, 1455, 1457, 1459, 1462, 1464, 1466, 1468, 1471, 1473,
    1475, 1477, 1479, 1482, 1484, 1486, 1488, 1490, 1492, 1494, 1496, 1498, 1500, 1502, 1504, 1506, 1508, 1510, 1512,
    1514, 1516, 1517, 1519, 1521, 1523, 1525, 1526, 1528, 1530, 1532, 1534, 1535, 1537, 1539, 1540, 1542, 1544, 1545,
    1547, 1549, 1550, 1552, 1554, 1555, 1557, 1558, 1560, 1562, 1563, 1565, 1566, 1568, 1569, 1571, 1572, 1574, 1575,
    1577, 1578, 1580, 1581, 1583, 1584, 1585, 1587, 1588, 1590, 1591, 1592, 1594, 1595, 1597, 1598, 1599, 1601, 1602,
    1603, 1605, 1606, 1607, 1609, 1610, 1611, 1612, 1614, 1615, 1616, 1617, 1619, 1620, 1621, 1622, 1624, 1625, 1626,
    1627, 1628, 1630, 1631, 1632, 1633, 1634, 1636, 1637, 1638, 1639, 1640, 1641, 1643, 1644, 1645, 1646, 1647, 1648,
    1649, 1650, 1651, 1653, 1654, 1655, 1656, 1657, 1658, 1659, 1660, 1661, 1662, 1663, 1664, 1665, 1666, 1667, 1668,
    1669, 1671, 1672, 1673, 1674, 1675,
];
/// Bytes of distinct parts that are remembered with their tokens: a large project's vocabulary; then remembering starts over.
const REMEMBERED_BYTES: usize = 512 * 1024;
/// Lanes that are added at a time.
const LANES: usize = 16;

/// Embeds texts; keeps its buffers and the tokens of the parts it has met.
pub struct Embedder {
    model: Arc<Model>,
    buffer: String,
    memory: Memory,
    /// How often the text at hand has each token, and which ones it has.
    counts: Vec<u32>,
    met: Vec<u32>,
    even: Vec<f32>,
    odd: Vec<f32>,
}

/// The parts met so far and their tokens.
#[derive(Default)]
struct Memory {
    table: HashTable<Known>,
    parts: String,
    tokens: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Known {
    part: (u32, u32),
    tokens: (u32, u32),
}

impl Memory {
    /// The tokens of `part`.
    fn tokens(&mut self, part: &str, model: &Model) -> &[u32] {
        let hash = FxBuildHasher.hash_one(part);
        let slice = |parts: &str, known: &Known| -> u64 {
            FxBuildHasher.hash_one(&parts[known.part.0 as usize..known.part.1 as usize])
        };
        let same = |known: &Known| &self.parts[known.part.0 as usize..known.part.1 as usize] == part;
        let known = match self.table.find(hash, same) {
            Some(known) => *known,
            None => {
                if self.parts.len() > REMEMBERED_BYTES {
                    *self = Self::default();
                }
                let (part_start, token_start) = (self.parts.len() as u32, self.tokens.len() as u32);
                self.parts.push_str(part);
                model.pieces(part, &mut self.tokens);
                let known = Known {
                    part: (part_start, self.parts.len() as u32),
                    tokens: (token_start, self.tokens.len() as u32),
                };
                let parts = &self.parts;
                self.table.insert_unique(hash, known, |known| slice(parts, known));
                known
            }
        };
        &self.tokens[known.tokens.0 as usize..known.tokens.1 as usize]
    }
}

impl std::fmt::Debug for Embedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.model.fmt(f)
    }
}

impl Embedder {
    /// An embedder with this model.
    pub fn new(model: Arc<Model>) -> Self {
        Self {
            buffer: String::new(),
            memory: Memory::default(),
            counts: vec![0; model.vocabulary()],
            met: Vec::new(),
            even: vec![0.0; model.dims() / 2],
            odd: vec![0.0; model.dims() / 2],
            model,
        }
    }

    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Counts the tokens of `text` towards the next vector.
    pub fn push(&mut self, text: &str) {
        let Self { model, buffer, memory, counts, met, .. } = self;
        words::parts(text, buffer, |part| {
            for &id in memory.tokens(part, model) {
                let count = &mut counts[id as usize];
                if *count == 0 {
                    met.push(id);
                }
                *count += 1;
            }
        });
    }

    /// The vector of what was pushed, each dimension from -127 to 127, one of them at an end; nothing when no token was met, or what was met cancels out.
    pub fn finish(&mut self) -> Option<Vec<i8>> {
        self.sum(|_, weight| weight)
    }

    /// The vector of a query: tokens weigh as the model says.
    pub fn query(&mut self, text: &str) -> Option<Vec<i8>> {
        self.push(text);
        self.sum(|query_weight, weight| (weight * query_weight + QUERY_UNIT / 2) / QUERY_UNIT)
    }

    fn sum(&mut self, weigh: impl Fn(u32, u32) -> u32) -> Option<Vec<i8>> {
        let Self { model, counts, met, even, odd, .. } = self;
        even.fill(0.0);
        odd.fill(0.0);
        met.sort_unstable();
        for &id in met.iter() {
            let count = std::mem::take(&mut counts[id as usize]);
            let weight = weigh(model.query_weight(id), u32::from(OCCURRENCE_WEIGHTS[count.min(255) as usize]));
            let (row, scale) = model.row(id);
            add_row(even, odd, row, weight as f32 * scale);
        }
        met.clear();
        let largest = even.iter().chain(odd.iter()).fold(0f32, |largest, value| largest.max(value.abs()));
        if largest == 0.0 {
            return None;
        }
        let factor = 127.0 / largest;
        let quantise = |value: f32| (value * factor + 0.5).floor().clamp(-127.0, 127.0) as i8;
        Some(even.iter().zip(odd.iter()).flat_map(|(&even, &odd)| [quantise(even), quantise(odd)]).collect())
    }
}

/// Adds a row, scaled: even dimensions stand in the low halves of its bytes, odd ones in the high halves. Sums by lane, so the order of lanes is of no account.
fn add_row(even: &mut [f32], odd: &mut [f32], row: &[u8], factor: f32) {
    let halves = even.as_chunks_mut::<LANES>().0.iter_mut().zip(odd.as_chunks_mut::<LANES>().0);
    let (blocks, rest) = row.as_chunks::<LANES>();
    for ((even, odd), block) in halves.zip(blocks) {
        for lane in 0..LANES {
            even[lane] += factor * (i32::from(block[lane] & 15) - 8) as f32;
            odd[lane] += factor * (i32::from(block[lane] >> 4) - 8) as f32;
        }
    }
    let done = row.len() - rest.len();
    for ((even, odd), byte) in even[done..].iter_mut().zip(&mut odd[done..]).zip(rest) {
        *even += factor * (i32::from(byte & 15) - 8) as f32;
        *odd += factor * (i32::from(byte >> 4) - 8) as f32;
    }
}

/// A vector of a host's own embedder in the same form; nothing when it is all zeros.
///
/// # Errors
/// OPTION_INVALID when a value is not finite.
pub fn quantise(vector: &[f32]) -> Result<Option<Vec<i8>>> {
    if !vector.iter().all(|value| value.is_finite()) {
        return Err(Error::Option { option: "vector", reason: "a value is not a finite number".into() });
    }
    let largest = vector.iter().fold(0f32, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return Ok(None);
    }
    // Divided first: 127 / largest overflows where largest is subnormal.
    Ok(Some(vector.iter().map(|value| (value / largest * 127.0 + 0.5).floor().clamp(-127.0, 127.0) as i8).collect()))
}
