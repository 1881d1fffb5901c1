//! META: the counts by which every other section is checked.

use super::codec::{Decoder, put_varint};
use crate::error::{Error, Result};

/// The counts of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Files.
    pub files: u32,
    /// Chunks, over all files.
    pub chunks: u32,
    /// Symbols, over all files.
    pub symbols: u32,
    /// Terms in the dictionary.
    pub terms: u32,
    /// Length of the original files in bytes.
    pub source_bytes: u64,
    /// Length of the decoded texts in bytes.
    pub text_bytes: u64,
    /// The analyzer that made the terms.
    pub analyzer: u32,
}

impl Meta {
    /// Encodes the section.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for value in [self.files, self.chunks, self.symbols, self.terms] {
            put_varint(&mut out, u64::from(value));
        }
        put_varint(&mut out, self.source_bytes);
        put_varint(&mut out, self.text_bytes);
        put_varint(&mut out, u64::from(self.analyzer));
        out
    }

    /// Decodes the section.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::new(bytes);
        let meta = Self {
            files: decoder.varint32()?,
            chunks: decoder.varint32()?,
            symbols: decoder.varint32()?,
            terms: decoder.varint32()?,
            source_bytes: decoder.varint()?,
            text_bytes: decoder.varint()?,
            analyzer: decoder.varint32()?,
        };
        if meta.text_bytes > u64::from(u32::MAX) || meta.files == 0 {
            return Err(Error::Corrupt("the counts of a segment are impossible"));
        }
        Ok(meta)
    }
}
