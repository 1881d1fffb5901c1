//! EQUL: chunks whose text stands in their file before, optional. The id of a chunk numbers equal ones; without this section a reader looks at every chunk before it.

use super::codec::{Decoder, put_varint};
use super::rows::FileData;
use crate::error::{Error, Result};
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What tells the texts of chunks apart. The length seeds the hash, so only chunks of the same length can share one.
pub fn text_hash(text: &str) -> u64 {
    xxh3_64_with_seed(text.as_bytes(), text.len() as u64)
}

/// For each chunk of a file that repeats earlier ones its number in the file, and how many there are.
pub fn of_file(file: &FileData) -> Vec<(u32, u32)> {
    let mut seen: FxHashMap<u64, u32> = FxHashMap::default();
    let mut repeats = Vec::new();
    for (number, chunk) in (0..).zip(&file.chunks) {
        let times = seen.entry(text_hash(&file.text[chunk.start as usize..chunk.end as usize])).or_default();
        if *times > 0 {
            repeats.push((number, *times));
        }
        *times += 1;
    }
    repeats
}

/// Encodes EQUL.
pub fn write(files: &[FileData]) -> Vec<u8> {
    let (mut out, mut first_chunk, mut next) = (Vec::new(), 0, 0);
    for file in files {
        for (number, times) in of_file(file) {
            put_varint(&mut out, u64::from(first_chunk + number - next));
            put_varint(&mut out, u64::from(times));
            next = first_chunk + number + 1;
        }
        first_chunk += file.chunks.len() as u32;
    }
    out
}

/// Decodes EQUL of a segment with `chunks` chunks: DocIds, ascending, and how many chunks each repeats.
pub fn read(bytes: &[u8], chunks: u32) -> Result<Vec<(u32, u32)>> {
    let mut decoder = Decoder::new(bytes);
    let (mut repeats, mut next) = (Vec::new(), 0u64);
    while !decoder.is_empty() {
        let doc = next.saturating_add(decoder.varint()?);
        let times = decoder.varint32()?;
        if doc >= u64::from(chunks) || times == 0 || u64::from(times) > doc {
            return Err(Error::Corrupt("a chunk repeats what is not there"));
        }
        repeats.push((doc as u32, times));
        next = doc + 1;
    }
    Ok(repeats)
}
