//! VMOD and VECS: a vector a chunk, optional. VMOD says which model made them and how they are written; VECS is one row a chunk and nothing else.
//!
//! A row is the vector of [`crate::embed`] as it is (8 bits a dimension), in sevenths of 0.6 of its largest value (4 bits), or as sign and size (2 bits). On the
//! evaluation 2 bits lose 0.006 of NDCG by vectors alone and 0.001 beside words, and take half the space of 4, which lose nothing. A row of zeros is a chunk without
//! a vector. Similarity is the cosine between a row and the query's vector, reckoned in integers up to the last step.

use super::codec::{Decoder, put_str, put_varint};
use super::lanes::Codes;
use crate::embed::Model;
use crate::error::{Error, Result};
use crate::limits;
use std::hint::black_box;
use std::ops::Range;
use std::sync::OnceLock;

/// Which model made the vectors of a segment, and how they are written. Only vectors of equal specs can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorSpec {
    /// The model's name, or the id of a host's own embedder.
    pub name: String,
    /// XXH3-128 of the model's file; 0 for a host's own embedder.
    pub hash: u128,
    /// Dimensions, a multiple of 2.
    pub dims: u32,
    /// Bits of a dimension in a row: 2, 4 or 8.
    pub bits: u32,
}

impl VectorSpec {
    /// The spec of what a model makes: 2 bits.
    pub fn of_model(model: &Model) -> Self {
        Self { name: model.name().to_string(), hash: model.hash(), dims: model.dims() as u32, bits: 2 }
    }

    /// Bytes of a row.
    pub fn row_bytes(&self) -> usize {
        (self.dims * self.bits / 8) as usize
    }

    /// Appends the row of a vector, or of none.
    pub fn put_row(&self, vector: Option<&[i8]>, out: &mut Vec<u8>) {
        let Some(vector) = vector else {
            out.resize(out.len() + self.row_bytes(), 0);
            return;
        };
        match self.bits {
            8 => out.extend(vector.iter().map(|&value| value as u8)),
            4 => {
                out.extend(vector.as_chunks::<2>().0.iter().map(|&[even, odd]| seventh(even) & 15 | seventh(odd) << 4))
            }
            _ => {
                let power: i64 = vector.iter().map(|&value| i64::from(value).pow(2)).sum();
                let code = |value: i8| code(value, power, vector.len() as i64);
                let quarters = vector.as_chunks::<4>().0.iter();
                let start = out.len();
                out.extend(quarters.map(|&[a, b, c, d]| code(a) | code(b) << 2 | code(c) << 4 | code(d) << 6));
                // All large and negative would read as no vector at all.
                if out[start..].iter().all(|&byte| byte == 0) {
                    out[start] = 1;
                }
            }
        }
    }

    /// Encodes VMOD.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_str(&mut out, &self.name);
        out.extend_from_slice(&self.hash.to_le_bytes());
        put_varint(&mut out, u64::from(self.dims));
        put_varint(&mut out, u64::from(self.bits));
        out
    }

    /// Decodes VMOD.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::new(bytes);
        let name = decoder.str()?.to_string();
        let hash = u128::from_le_bytes(decoder.take(16)?.try_into().expect("16 bytes were taken"));
        let (dims, bits) = (decoder.varint32()?, decoder.varint32()?);
        if dims == 0
            || dims % 2 != 0
            || dims as usize > limits::MAX_VECTOR_DIMS
            || !matches!(bits, 2 | 4 | 8)
            || dims * bits % 8 != 0
        {
            return Err(Error::Corrupt("the vectors have an impossible shape"));
        }
        Ok(Self { name, hash, dims, bits })
    }
}

/// What 7 stands for in a row of 4 bits. The largest value of a vector is an outlier: cut off at 0.6 of it, the rest has finer steps.
const CLIP: i32 = 76;

/// -127 to 127 in sevenths of [`CLIP`], rounded, at most 7, as two's complement.
fn seventh(value: i8) -> u8 {
    let scaled = i32::from(value) * 14;
    ((scaled + CLIP * scaled.signum()) / (2 * CLIP)).clamp(-7, 7) as u8
}

/// Sign and size: 0 to 3 stand for -3, -1, 1 and 3. Large is what is over 0.98 of the root mean square, which for values that are spread normally is where
/// two levels a sign lose least (Max, Quantizing for Minimum Distortion, 1960).
fn code(value: i8, power: i64, dims: i64) -> u8 {
    let large = i64::from(value).pow(2) * dims * 10_000 > 9_604 * power;
    match (value < 0, large) {
        (true, true) => 0,
        (true, false) => 1,
        (false, false) => 2,
        (false, true) => 3,
    }
}

/// A query's vector, laid out for the scan.
#[derive(Debug, Clone)]
pub struct QueryVector {
    values: Vec<i8>,
    even: Vec<i8>,
    odd: Vec<i8>,
    codes: Codes,
    inverse_norm: f32,
}

impl QueryVector {
    /// Takes a vector of [`crate::embed`].
    pub fn new(values: Vec<i8>) -> Self {
        let norm: i32 = values.iter().map(|&value| i32::from(value) * i32::from(value)).sum();
        let pairs = values.as_chunks::<2>().0;
        Self {
            even: pairs.iter().map(|pair| pair[0]).collect(),
            odd: pairs.iter().map(|pair| pair[1]).collect(),
            codes: Codes::new(&values),
            inverse_norm: inverse_root(norm),
            values,
        }
    }

    /// Dimensions.
    pub fn dims(&self) -> usize {
        self.values.len()
    }

    /// The vector that a row stands for.
    pub fn of_row(row: &[u8], bits: u32) -> Self {
        Self::new(match bits {
            8 => row.iter().map(|&byte| (byte as i8).max(-127)).collect(),
            4 => row.iter().flat_map(|&byte| [low(byte), high(byte)]).collect(),
            _ => row.iter().flat_map(|&byte| [0, 2, 4, 6].map(|shift| 2 * (byte >> shift & 3) as i8 - 3)).collect(),
        })
    }
}

fn low(byte: u8) -> i8 {
    ((byte << 4) as i8) >> 4
}

fn high(byte: u8) -> i8 {
    byte as i8 >> 4
}

fn inverse_root(norm: i32) -> f32 {
    if norm == 0 { 0.0 } else { 1.0 / (norm as f32).sqrt() }
}

/// The vectors of an open segment.
#[derive(Debug)]
pub struct Vectors {
    /// Which model made them.
    pub spec: VectorSpec,
    /// One over the length of each row, 0 for a row of zeros; reckoned at the first use.
    inverse_norms: OnceLock<Vec<f32>>,
}

impl Vectors {
    /// Reads VMOD for `chunks` rows in `len` bytes.
    pub fn read(spec: &[u8], len: usize, chunks: u32) -> Result<Self> {
        let spec = VectorSpec::read(spec)?;
        if spec.row_bytes() as u64 * u64::from(chunks) != len as u64 {
            return Err(Error::Corrupt("the vectors do not fit the chunks"));
        }
        Ok(Self { spec, inverse_norms: OnceLock::new() })
    }

    fn inverse_norms(&self, rows: &[u8]) -> &[f32] {
        self.inverse_norms.get_or_init(|| {
            let norm = match self.spec.bits {
                8 => norm8,
                4 => norm4,
                _ => norm2,
            };
            rows.chunks_exact(self.spec.row_bytes()).map(|row| inverse_root(norm(row))).collect()
        })
    }

    /// The similarity of one chunk to the query, as [`Self::scan`] has it.
    pub fn similarity(&self, rows: &[u8], doc: u32, query: &QueryVector) -> f32 {
        self.of_docs(rows, [doc], query)[0]
    }

    /// Appends the similarities of some chunks, as [`Self::scan`] has them.
    pub fn similarities(&self, rows: &[u8], docs: &[u32], query: &QueryVector, out: &mut Vec<f32>) {
        let (len, norms) = (self.spec.row_bytes(), self.inverse_norms(rows));
        // All rows are on their way from memory before the first is compared.
        let touch = |doc: usize| rows[doc * len] ^ rows[doc * len + len - 1] ^ norms[doc].to_bits() as u8;
        black_box(docs.iter().fold(0, |sum, &doc| sum ^ touch(doc as usize)));
        let (fours, rest) = docs.as_chunks::<AT_ONCE>();
        fours.iter().for_each(|&docs| out.extend(self.of_docs(rows, docs, query)));
        rest.iter().for_each(|&doc| out.extend(self.of_docs(rows, [doc], query)));
    }

    #[inline]
    fn of_docs<const N: usize>(&self, rows: &[u8], docs: [u32; N], query: &QueryVector) -> [f32; N] {
        let (len, norms) = (self.spec.row_bytes(), self.inverse_norms(rows));
        let dots = self.dots(docs.map(|doc| &rows[doc as usize * len..][..len]), query);
        std::array::from_fn(|at| dots[at] as f32 * (norms[docs[at] as usize] * query.inverse_norm))
    }

    #[inline]
    fn dots<const N: usize>(&self, rows: [&[u8]; N], query: &QueryVector) -> [i32; N] {
        match self.spec.bits {
            8 => rows.map(|row| dot8(row, &query.values)),
            4 => rows.map(|row| dot4(row, &query.even, &query.odd)),
            _ => query.codes.dots(rows),
        }
    }

    /// Calls `each` with every chunk of `docs` and its similarity to the query, -1 to 1; `rows` is VECS, and the query is of this spec.
    pub fn scan(&self, rows: &[u8], docs: Range<u32>, query: &QueryVector, mut each: impl FnMut(u32, f32)) {
        let norms = &self.inverse_norms(rows)[docs.start as usize..docs.end as usize];
        let len = self.spec.row_bytes();
        let rows = &rows[docs.start as usize * len..docs.end as usize * len];
        let (fours, rest) = norms.as_chunks::<AT_ONCE>();
        let mut next = docs.start;
        let mut give = |dot: i32, norm: f32| {
            each(next, dot as f32 * (norm * query.inverse_norm));
            next += 1;
        };
        for (norms, rows) in fours.iter().zip(rows.chunks_exact(AT_ONCE * len)) {
            let dots = self.dots(std::array::from_fn::<_, AT_ONCE, _>(|at| &rows[at * len..][..len]), query);
            dots.into_iter().zip(norms).for_each(|(dot, &norm)| give(dot, norm));
        }
        let last = rows.chunks_exact(len).skip(AT_ONCE * fours.len());
        last.zip(rest).for_each(|(row, &norm)| give(self.dots([row], query)[0], norm));
    }
}

/// Rows that are compared at once.
const AT_ONCE: usize = 4;
/// Lanes of the inner loops, which the compiler turns into vector instructions.
const LANES: usize = 16;
/// Blocks after which the 16-bit sums of [`dot4`] are carried over: each adds at most 2 × 8 × 127.
const CARRY: usize = 16;

fn dot4(row: &[u8], even: &[i8], odd: &[i8]) -> i32 {
    let ((blocks, rest), (evens, even_rest), (odds, odd_rest)) =
        (row.as_chunks::<LANES>(), even.as_chunks::<LANES>(), odd.as_chunks::<LANES>());
    let mut total = 0;
    for ((blocks, evens), odds) in blocks.chunks(CARRY).zip(evens.chunks(CARRY)).zip(odds.chunks(CARRY)) {
        let mut sums = [0i16; LANES];
        for ((block, even), odd) in blocks.iter().zip(evens).zip(odds) {
            for lane in 0..LANES {
                sums[lane] += i16::from(low(block[lane])) * i16::from(even[lane]);
            }
            for lane in 0..LANES {
                sums[lane] += i16::from(high(block[lane])) * i16::from(odd[lane]);
            }
        }
        total += sums.iter().map(|&sum| i32::from(sum)).sum::<i32>();
    }
    let rest = rest.iter().zip(even_rest).zip(odd_rest);
    total
        + rest
            .map(|((&byte, &even), &odd)| {
                i32::from(low(byte)) * i32::from(even) + i32::from(high(byte)) * i32::from(odd)
            })
            .sum::<i32>()
}

fn dot8(row: &[u8], query: &[i8]) -> i32 {
    row.iter().zip(query).map(|(&byte, &value)| i32::from(i16::from(byte as i8) * i16::from(value))).sum()
}

fn norm2(row: &[u8]) -> i32 {
    // A code's two bits are equal where it stands for 3 or -3, whose square is 9; else it is 1.
    let large = |bits: u64| (!(bits ^ bits >> 1) & 0x5555_5555_5555_5555).count_ones() as i32;
    let (words, rest) = row.as_chunks::<8>();
    let (mut any, mut norm) = (0, 4 * row.len() as i32);
    for word in words.iter().map(|&word| u64::from_le_bytes(word)) {
        any |= word;
        norm += 8 * large(word);
    }
    for word in rest.iter().map(|&byte| u64::from(byte)) {
        any |= word;
        norm += 8 * (large(word) - 28);
    }
    if any == 0 { 0 } else { norm }
}

fn norm4(row: &[u8]) -> i32 {
    row.iter().map(|&byte| i32::from(low(byte)).pow(2) + i32::from(high(byte)).pow(2)).sum()
}

fn norm8(row: &[u8]) -> i32 {
    row.iter().map(|&byte| i32::from(byte as i8).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(dims: u32, bits: u32) -> VectorSpec {
        VectorSpec { name: "test".into(), hash: 3, dims, bits }
    }

    fn sequence(len: usize, mut state: u32) -> Vec<i8> {
        let next = |state: &mut u32| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((*state >> 20) % 255) as i32 - 127
        };
        (0..len).map(|_| next(&mut state) as i8).collect()
    }

    #[test]
    fn sevenths_are_rounded_evenly() {
        assert_eq!([127, -127, 0, 5, 6, -5, -6, 76].map(|value| seventh(value) as i8), [7, -7, 0, 0, 1, 0, -1, 7]);
    }

    #[test]
    fn similarity_is_the_cosine_of_what_the_rows_stand_for() {
        for (dims, bits) in [
            (4, 2),
            (36, 2),
            (256, 2),
            (4096, 2),
            (2, 4),
            (34, 4),
            (256, 4),
            (4096, 4),
            (2, 8),
            (30, 8),
            (256, 8),
            (4096, 8),
        ] {
            let spec = spec(dims, bits);
            let worst = vec![127; dims as usize];
            let vectors =
                [sequence(dims as usize, 1), vec![-127; dims as usize], worst.clone(), sequence(dims as usize, 9)];
            let mut rows = Vec::new();
            spec.put_row(None, &mut rows);
            vectors.iter().for_each(|vector| spec.put_row(Some(vector), &mut rows));
            let open = Vectors::read(&spec.write(), rows.len(), 5).unwrap();
            for query in [sequence(dims as usize, 5), worst] {
                let mut found = Vec::new();
                open.scan(&rows, 0..5, &QueryVector::new(query.clone()), |doc, score| found.push((doc, score)));
                assert_eq!(found[0], (0, 0.0));
                for (doc, score) in found.into_iter().skip(1) {
                    let row = &rows[doc as usize * spec.row_bytes()..][..spec.row_bytes()];
                    let row = QueryVector::of_row(row, bits).values;
                    let dot =
                        |a: &[i8], b: &[i8]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
                    let exact = dot(&row, &query) / (dot(&row, &row) * dot(&query, &query)).sqrt();
                    assert!((f64::from(score) - exact).abs() < 1e-6, "{dims} {bits} {doc}: {score} {exact}");
                }
            }
        }
    }

    #[test]
    fn a_spec_reads_back_and_an_impossible_one_is_an_error() {
        let written = spec(256, 4).write();
        assert_eq!(VectorSpec::read(&written).unwrap(), spec(256, 4));
        assert!(Vectors::read(&written, 128 * 9, 9).is_ok() && Vectors::read(&spec(256, 2).write(), 64 * 9, 9).is_ok());
        assert!(Vectors::read(&written, 128 * 9, 8).is_err());
        for (dims, bits) in [(0, 8), (3, 8), (6, 2), (4, 1), (5000, 8), (4, 0), (4, 5), (4, u32::MAX)] {
            assert!(VectorSpec::read(&spec(dims, bits).write()).is_err(), "{dims} {bits}");
        }
        (0..written.len()).for_each(|at| assert!(VectorSpec::read(&written[..at]).is_err()));
    }
}
