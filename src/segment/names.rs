//! NAME and NIDX: which chunks declare a symbol of a given name, by the hash of the name. Optional: without it a reader decodes chunks and symbols to
//! find out. Names compare without case and without what is neither letter nor digit, as a person types them.

use super::bytes::Bytes;
use super::codec::{Decoder, block_ranges, put_varint};
use super::rows::{FileData, SymbolRow};
use crate::error::{Error, Result};
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Entries of a bucket, on average at most.
const BUCKET: usize = 64;
/// More buckets than that would be 2^30 names.
const MAX_BITS: u32 = 24;

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

/// Encodes NAME and NIDX.
pub fn write(files: &[FileData]) -> (Vec<u8>, Vec<u8>) {
    let mut entries: Vec<(u32, Declaration)> = Vec::new();
    let mut doc = 0;
    for file in files {
        let mut by_name: Vec<&SymbolRow> = file.symbols.iter().collect();
        crate::order::sort_by_key(&mut by_name, |symbol| symbol.name_start);
        let mut named = by_name.into_iter().peekable();
        for chunk in &file.chunks {
            while let Some(symbol) = named.next_if(|symbol| symbol.name_start < chunk.end) {
                let name = normal(&symbol.name);
                if !name.is_empty() {
                    let spelling = spelling(&symbol.name);
                    entries.push((hash(&name), Declaration { chunk: doc, spelling, kind: symbol.kind }));
                }
            }
            doc += 1;
        }
    }
    crate::order::sort(&mut entries);
    entries.dedup();
    let bits = (0..MAX_BITS).find(|bits| entries.len() >> bits <= BUCKET).unwrap_or(MAX_BITS);
    let (mut buckets, mut index) = (Vec::new(), Vec::new());
    put_varint(&mut index, u64::from(bits));
    let mut rest = entries.as_slice();
    for bucket in 0..1u64 << bits {
        let base = bucket << (32 - bits);
        let end = base + (1u64 << (32 - bits));
        let (own, others) = rest.split_at(rest.partition_point(|&(hash, _)| u64::from(hash) < end));
        let start = buckets.len();
        let (mut previous, mut least, mut spelled) = (base, 0, 0);
        for &(hash, Declaration { chunk, spelling, kind }) in own {
            let step = u64::from(hash) - previous;
            put_varint(&mut buckets, step);
            if step > 0 {
                (least, spelled) = (0, 0);
            }
            put_varint(&mut buckets, u64::from(chunk - least));
            put_varint(&mut buckets, u64::from(kind) << 1 | u64::from(spelling != spelled));
            if spelling != spelled {
                buckets.extend_from_slice(&spelling.to_le_bytes());
            }
            (previous, least, spelled) = (u64::from(hash), chunk, spelling);
        }
        put_varint(&mut index, (buckets.len() - start) as u64);
        rest = others;
    }
    (buckets, index)
}

/// The names of an open segment.
#[derive(Debug)]
pub struct Names {
    bits: u32,
    starts: Vec<u32>,
    chunks: u32,
}

impl Names {
    /// Reads the index of the names of a segment with `chunks` chunks, whose buckets take `total` bytes.
    pub fn read(index: &[u8], total: usize, chunks: u32) -> Result<Self> {
        let (&bits, lengths) = index.split_first().ok_or(Error::Corrupt("the names have no index"))?;
        let starts = block_ranges(lengths, total)?;
        if u32::from(bits) > MAX_BITS || starts.len() - 1 != 1 << bits {
            return Err(Error::Corrupt("the names have the wrong number of buckets"));
        }
        Ok(Self { bits: u32::from(bits), starts, chunks })
    }

    /// Where each bucket starts, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The bytes of NAME in which `name` is, if it is there.
    pub fn bucket(&self, name: &str) -> Range<usize> {
        let bucket = (u64::from(hash(name)) >> (32 - self.bits)) as usize;
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }

    /// Where symbols are declared whose [`normal`] name is `name`, by ascending chunk; `section` is NAME.
    pub fn find(&self, name: &str, section: Bytes) -> Result<Vec<Declaration>> {
        let wanted = u64::from(hash(name));
        let bytes = section.read(self.bucket(name))?;
        let mut decoder = Decoder::new(&bytes);
        let mut found = Vec::new();
        let (mut hash, mut chunk, mut spelling) = (wanted >> (32 - self.bits) << (32 - self.bits), 0u32, 0);
        while !decoder.is_empty() && hash <= wanted {
            let step = decoder.varint()?;
            hash = hash.saturating_add(step);
            if step > 0 {
                (chunk, spelling) = (0, 0);
            }
            let next = chunk.checked_add(decoder.varint32()?).filter(|&chunk| chunk < self.chunks);
            chunk = next.ok_or(Error::Corrupt("a name stands in a chunk that is not there"))?;
            let kind = decoder.varint32()?;
            if kind & 1 != 0 {
                spelling = u16::from_le_bytes([decoder.byte()?, decoder.byte()?]);
            }
            if hash == wanted {
                let kind = u8::try_from(kind >> 1).map_err(|_| Error::Corrupt("a symbol has an unknown kind"))?;
                found.push(Declaration { chunk, spelling, kind });
            }
        }
        Ok(found)
    }
}
