//! The tables of an embedding model, checked, and the second half of the tokenizer: greedy longest-match WordPiece.

use super::words::MAX_CHARS;
use crate::error::{Error, Result};
use crate::limits;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// The tokenizer that this build has.
pub const TOKENIZER_VERSION: u32 = 1;
/// What a continuation piece begins with in the vocabulary.
const CONTINUATION: &str = "##";
/// Query weights are in units of 1 / 64.
pub(super) const QUERY_UNIT: u32 = 64;

/// A model as its file has it, not yet checked.
#[derive(Debug, Default)]
pub struct Tables {
    /// The model's name.
    pub name: String,
    /// XXH3-128 of the file.
    pub hash: u128,
    /// Dimensions of a vector.
    pub dims: u32,
    /// The tokenizer that the vocabulary was made for.
    pub tokenizer: u32,
    /// The tokens one after the other, in ascending order; a token's number is its place.
    pub tokens: String,
    /// Where each token ends in `tokens`.
    pub ends: Vec<u32>,
    /// A row a token, two dimensions a byte, the low half first, each 8 more than its value.
    pub rows: Vec<u8>,
    /// The scale of each row, as the high half of an f32.
    pub scales: Vec<u16>,
    /// What a token weighs in a query, in 64ths.
    pub query_weights: Vec<u8>,
}

/// A model that can be used.
pub struct Model {
    tables: Tables,
    scales: Vec<f32>,
    lookup: HashTable<u32>,
    longest_bytes: usize,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tables.name)
    }
}

impl Model {
    /// Checks the tables.
    ///
    /// # Errors
    /// MODEL_NEWER for a tokenizer that this build does not have; MODEL_INVALID.
    pub fn new(tables: Tables) -> Result<Self> {
        if tables.tokenizer > TOKENIZER_VERSION {
            return Err(Error::ModelNewer);
        }
        let (dims, count) = (tables.dims as usize, tables.ends.len());
        if dims == 0 || !dims.is_multiple_of(16) || dims > limits::MAX_VECTOR_DIMS {
            return Err(Error::Model("its dimensions are no multiple of 16, or too many"));
        }
        let fits = tables.rows.len() == count * dims / 2
            && tables.scales.len() == count
            && tables.query_weights.len() == count;
        if count == 0 || tables.tokenizer == 0 || !fits {
            return Err(Error::Model("its tables do not fit each other"));
        }
        let scales: Vec<f32> = tables.scales.iter().map(|&half| f32::from_bits(u32::from(half) << 16)).collect();
        // Larger scales could overflow a sum; a model that needs them is none.
        if !scales.iter().all(|scale| scale.abs() < 1e9) {
            return Err(Error::Model("a scale is not a number"));
        }
        let mut model = Self { lookup: HashTable::with_capacity(count), tables, scales, longest_bytes: 0 };
        let mut previous = "";
        for id in 0..count as u32 {
            let token = token(&model.tables, id);
            if id > 0 && token <= previous {
                return Err(Error::Model("its tokens are not in order"));
            }
            previous = token;
            let (rest, inside) = split(token);
            model.longest_bytes = model.longest_bytes.max(rest.len());
            let tables = &model.tables;
            model.lookup.insert_unique(hash(rest, inside), id, |&id| {
                let (rest, inside) = split(self::token(tables, id));
                hash(rest, inside)
            });
        }
        Ok(model)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.tables.name
    }

    /// XXH3-128 of the model's file.
    pub fn hash(&self) -> u128 {
        self.tables.hash
    }

    /// Dimensions of a vector.
    pub fn dims(&self) -> usize {
        self.tables.dims as usize
    }

    /// Tokens of the vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.tables.ends.len()
    }

    /// The row of a token and its scale.
    pub(super) fn row(&self, id: u32) -> (&[u8], f32) {
        let len = self.dims() / 2;
        (&self.tables.rows[id as usize * len..][..len], self.scales[id as usize])
    }

    /// What a token weighs in a query, in 64ths.
    pub(super) fn query_weight(&self, id: u32) -> u32 {
        u32::from(self.tables.query_weights[id as usize])
    }

    /// Appends the tokens of a part in lower case; none when some place of it fits no token.
    pub(super) fn pieces(&self, part: &str, out: &mut Vec<u32>) {
        debug_assert!(part.chars().count() <= MAX_CHARS);
        let before = out.len();
        let mut at = 0;
        while at < part.len() {
            let mut end = part.len().min(at + self.longest_bytes);
            let found = loop {
                while !part.is_char_boundary(end) {
                    end -= 1;
                }
                if end == at {
                    out.truncate(before);
                    return;
                }
                if let Some(id) = self.find(&part[at..end], at > 0) {
                    break id;
                }
                end -= 1;
            };
            out.push(found);
            at = end;
        }
    }

    fn find(&self, text: &str, inside: bool) -> Option<u32> {
        self.lookup.find(hash(text, inside), |&id| split(token(&self.tables, id)) == (text, inside)).copied()
    }
}

/// A token's text, and whether it stands inside a word only.
fn split(token: &str) -> (&str, bool) {
    token.strip_prefix(CONTINUATION).map_or((token, false), |rest| (rest, true))
}

fn hash(text: &str, inside: bool) -> u64 {
    FxBuildHasher.hash_one(text).wrapping_add(u64::from(inside).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn token(tables: &Tables, id: u32) -> &str {
    let start = if id == 0 { 0 } else { tables.ends[id as usize - 1] as usize };
    &tables.tokens[start..tables.ends[id as usize] as usize]
}
