//! Which chunks declare a symbol of a given name, by the hash of the name: beside the postings of the terms around the name, or in version 1 in NAME. Optional there: without it a
//! reader decodes chunks and symbols to find out. Names compare without case and without what is neither letter nor digit, as a person types them.

use super::codec::{Decoder, block_ranges, put_varint};
use super::rows::{FileData, SymbolRow};
use crate::error::{Error, Result};
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// More buckets of version 1 than that would be 2^30 names.
const MAX_BITS: u32 = 24;
/// Bits of the hash that tell the names of a bucket apart, of which there are some dozens.
const HASH_BITS: u32 = 24;

/// A name as names are compared.
pub fn normal(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn hash(normal: &str) -> u32 {
    xxh3_64(normal.as_bytes()) as u32
}

/// A hash of a name as it is spelled, underscores aside.
pub fn spelling(name: &str) -> u16 {
    (xxh3_64(name.replace('_', "").as_bytes()) >> 48) as u16
}

/// A chunk that declares a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declaration {
    /// The chunk.
    pub chunk: u32,
    /// The [`spelling`] of the name there.
    pub spelling: u16,
    /// The number of the symbol's kind.
    pub kind: u8,
}

/// Encodes the names, in so many buckets; `bucket` says in which a [`normal`] name is.
pub fn write(files: &[FileData], bucket: impl Fn(&str) -> usize, count: usize) -> Vec<Vec<u8>> {
    let mut entries: Vec<(usize, u32, Declaration)> = Vec::new();
    let mut doc = 0;
    for file in files {
        let mut by_name: Vec<&SymbolRow> = file.symbols.iter().collect();
        crate::order::sort_by_key(&mut by_name, |symbol| symbol.name_start);
        let mut named = by_name.into_iter().peekable();
        for chunk in &file.chunks {
            while let Some(symbol) = named.next_if(|symbol| symbol.name_start < chunk.end) {
                let name = normal(&symbol.name);
                if !name.is_empty() {
                    let declaration = Declaration { chunk: doc, spelling: spelling(&symbol.name), kind: symbol.kind };
                    entries.push((bucket(&name), hash(&name) % (1 << HASH_BITS), declaration));
                }
            }
            doc += 1;
        }
    }
    crate::order::sort(&mut entries);
    entries.dedup();
    let mut buckets = vec![Vec::new(); count];
    for own in entries.chunk_by(|(a, ..), (b, ..)| a == b) {
        let Some(bucket) = buckets.get_mut(own[0].0) else { continue };
        let (mut previous, mut least, mut spelled) = (0, 0, 0);
        for &(_, hash, Declaration { chunk, spelling, kind }) in own {
            put_varint(bucket, u64::from(hash - previous));
            if hash > previous {
                (least, spelled) = (0, 0);
            }
            put_varint(bucket, u64::from(chunk - least));
            put_varint(bucket, u64::from(kind) << 1 | u64::from(spelling != spelled));
            if spelling != spelled {
                bucket.extend_from_slice(&spelling.to_le_bytes());
            }
            (previous, least, spelled) = (hash, chunk, spelling);
        }
    }
    buckets
}

/// Where symbols are declared whose [`normal`] name is `name`, by ascending chunk, from its bucket of a segment with `chunks` chunks.
pub fn find(name: &str, bucket: &[u8], chunks: u32) -> Result<Vec<Declaration>> {
    declarations(bucket, 0, hash(name) % (1 << HASH_BITS), chunks)
}

/// The declarations of a bucket with the hash `wanted`; that of the first counts from `base`.
fn declarations(bucket: &[u8], base: u32, wanted: u32, chunks: u32) -> Result<Vec<Declaration>> {
    let mut decoder = Decoder::new(bucket);
    let mut found = Vec::new();
    let (mut hash, mut chunk, mut spelling) = (u64::from(base), 0u32, 0);
    while !decoder.is_empty() && hash <= u64::from(wanted) {
        let step = decoder.varint()?;
        hash = hash.saturating_add(step);
        if step > 0 {
            (chunk, spelling) = (0, 0);
        }
        let next = chunk.checked_add(decoder.varint32()?).filter(|&chunk| chunk < chunks);
        chunk = next.ok_or(Error::Corrupt("a name stands in a chunk that is not there"))?;
        let kind = decoder.varint32()?;
        if kind & 1 != 0 {
            spelling = u16::from_le_bytes([decoder.byte()?, decoder.byte()?]);
        }
        if hash == u64::from(wanted) {
            let kind = u8::try_from(kind >> 1).map_err(|_| Error::Corrupt("a symbol has an unknown kind"))?;
            found.push(Declaration { chunk, spelling, kind });
        }
    }
    Ok(found)
}

/// The names of an open segment of version 1.
#[derive(Debug)]
pub struct Names {
    bits: u32,
    starts: Vec<u32>,
}

impl Names {
    /// Reads NIDX, of a NAME whose buckets take `total` bytes.
    pub fn read(index: &[u8], total: usize) -> Result<Self> {
        let (&bits, lengths) = index.split_first().ok_or(Error::Corrupt("the names have no index"))?;
        let starts = block_ranges(lengths, total)?;
        if u32::from(bits) > MAX_BITS || starts.len() - 1 != 1 << bits {
            return Err(Error::Corrupt("the names have the wrong number of buckets"));
        }
        Ok(Self { bits: u32::from(bits), starts })
    }

    /// Where each bucket starts, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    fn number(&self, name: &str) -> u64 {
        u64::from(hash(name)) >> (32 - self.bits)
    }

    /// The bytes of NAME in which `name` is, if it is there.
    pub fn bucket(&self, name: &str) -> Range<usize> {
        let bucket = self.number(name) as usize;
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }

    /// The same as [`find`].
    pub fn find(&self, name: &str, bucket: &[u8], chunks: u32) -> Result<Vec<Declaration>> {
        declarations(bucket, (self.number(name) << (32 - self.bits)) as u32, hash(name), chunks)
    }
}
