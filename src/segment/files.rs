//! FILE: the file table, resident in every reader.

use super::codec::{Decoder, put_str, put_varint};
use super::rows::{FileData, FileFlags};
use crate::error::{Error, Result};

/// What the table says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// The path.
    pub path: String,
    /// Index into [`FileTable::languages`].
    pub language: u32,
    /// XXH3-128 of the original bytes.
    pub hash: u128,
    /// Length of the original bytes.
    pub len_bytes: u32,
    /// How it was read.
    pub flags: FileFlags,
    /// First byte of its text within the segment's.
    pub text_start: u32,
    /// Length of its text in bytes.
    pub text_len: u32,
    /// DocId of its first chunk.
    pub first_chunk: u32,
    /// Number of its chunks.
    pub chunks: u32,
    /// Ordinal of its first symbol in the segment.
    pub first_symbol: u32,
    /// Number of its symbols.
    pub symbols: u32,
}

/// All files of a segment, ordered by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTable {
    /// Language ids in order of first use.
    pub languages: Vec<String>,
    /// The files.
    pub entries: Vec<FileEntry>,
}

/// Encodes the table of `files`, which are ordered by path.
pub fn write(files: &[FileData]) -> Vec<u8> {
    let mut languages: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    let mut previous = "";
    for file in files {
        let language = languages.iter().position(|&known| known == file.language).unwrap_or_else(|| {
            languages.push(&file.language);
            languages.len() - 1
        });
        let shared = shared_prefix(previous, &file.path);
        put_varint(&mut rows, shared as u64);
        put_str(&mut rows, &file.path[shared..]);
        put_varint(&mut rows, language as u64);
        rows.extend_from_slice(&file.hash.to_le_bytes());
        for value in [
            file.len_bytes,
            file.text.len() as u32,
            file.chunks.len() as u32,
            file.symbols.len() as u32,
            file.flags.to_bits(),
        ] {
            put_varint(&mut rows, u64::from(value));
        }
        previous = &file.path;
    }
    let mut out = Vec::with_capacity(rows.len() + 64);
    put_varint(&mut out, languages.len() as u64);
    languages.iter().for_each(|language| put_str(&mut out, language));
    out.extend_from_slice(&rows);
    out
}

impl FileTable {
    /// Decodes the table of `count` files.
    pub fn read(bytes: &[u8], count: u32) -> Result<Self> {
        let mut decoder = Decoder::new(bytes);
        let languages = (0..decoder.count()?).map(|_| decoder.str().map(String::from)).collect::<Result<Vec<_>>>()?;
        if count as usize > decoder.remaining() {
            return Err(Error::Corrupt("the file table is shorter than its count"));
        }
        let mut entries: Vec<FileEntry> = Vec::with_capacity(count as usize);
        let (mut text_start, mut first_chunk, mut first_symbol) = (0u32, 0u32, 0u32);
        let overflow = Error::Corrupt("the sizes of the files overflow");
        // Paths share prefixes, so a few bytes could stand for any number of long ones.
        let mut path_bytes_left = (64 * bytes.len()).saturating_add(1 << 16);
        for _ in 0..count {
            let shared = decoder.varint()? as usize;
            let rest = decoder.str()?;
            let previous = entries.last().map_or("", |entry| entry.path.as_str());
            let prefix = previous.get(..shared).ok_or(Error::Corrupt("a path shares more than there is"))?;
            path_bytes_left = path_bytes_left
                .checked_sub(prefix.len() + rest.len())
                .ok_or(Error::Corrupt("the paths are longer than their table can mean"))?;
            let path = format!("{prefix}{rest}");
            if !entries.is_empty() && path.as_str() <= previous {
                return Err(Error::Corrupt("the paths are not in order"));
            }
            let language = decoder.varint32()?;
            if language as usize >= languages.len() {
                return Err(Error::Corrupt("a file has an unknown language"));
            }
            let hash = u128::from_le_bytes(decoder.take(16)?.try_into().expect("16 bytes were taken"));
            let len_bytes = decoder.varint32()?;
            let (text_len, chunks, symbols) = (decoder.varint32()?, decoder.varint32()?, decoder.varint32()?);
            let flags = FileFlags::from_bits(decoder.varint32()?);
            entries.push(FileEntry {
                path,
                language,
                hash,
                len_bytes,
                flags,
                text_start,
                text_len,
                first_chunk,
                chunks,
                first_symbol,
                symbols,
            });
            text_start = text_start.checked_add(text_len).ok_or(overflow.clone())?;
            first_chunk = first_chunk.checked_add(chunks).ok_or(overflow.clone())?;
            first_symbol = first_symbol.checked_add(symbols).ok_or(overflow.clone())?;
        }
        if !decoder.is_empty() {
            return Err(Error::Corrupt("the file table is longer than its count"));
        }
        Ok(Self { languages, entries })
    }

    /// The ordinal of the file that holds chunk `doc`.
    pub fn of_chunk(&self, doc: u32) -> u32 {
        (self.entries.partition_point(|entry| entry.first_chunk <= doc) - 1) as u32
    }

    /// The ordinal of the file with this path.
    pub fn find(&self, path: &str) -> Option<u32> {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok().map(|ordinal| ordinal as u32)
    }
}

/// Length in bytes of the longest common prefix that ends on a character boundary.
pub(super) fn shared_prefix(a: &str, b: &str) -> usize {
    let mut shared = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    while !b.is_char_boundary(shared) {
        shared -= 1;
    }
    shared
}
