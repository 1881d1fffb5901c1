//! Postings: for each term the chunks and the file paths that hold it.

use super::codec::{Decoder, put_varint};
use crate::error::{Error, Result};

/// How often a term stands in each field of a chunk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frequencies {
    /// In names of symbols declared in the chunk.
    pub name: u32,
    /// In names of enclosing symbols.
    pub context: u32,
    /// In the documentation comment.
    pub docs: u32,
    /// In the rest.
    pub body: u32,
}

impl Frequencies {
    /// Adds one to field 0 (name), 1 (context), 2 (docs) or 3 (body).
    pub fn count(&mut self, field: u32) {
        match field {
            0 => self.name += 1,
            1 => self.context += 1,
            2 => self.docs += 1,
            _ => self.body += 1,
        }
    }

    const ONCE_IN_BODY: Self = Self { name: 0, context: 0, docs: 0, body: 1 };
}

/// Appends the posting of `doc`, where `next` is the least DocId it can have (the previous one plus 1).
pub fn put_chunk(out: &mut Vec<u8>, next: u32, doc: u32, frequencies: Frequencies) {
    let delta = u64::from(doc - next) + 1;
    if frequencies == Frequencies::ONCE_IN_BODY {
        put_varint(out, delta << 1);
        return;
    }
    put_varint(out, delta << 1 | 1);
    let Frequencies { name, context, docs, body } = frequencies;
    let mask = u8::from(name > 0) | u8::from(context > 0) << 1 | u8::from(docs > 0) << 2 | u8::from(body > 0) << 3;
    out.push(mask | (body.min(15) as u8) << 4);
    if body >= 15 {
        put_varint(out, u64::from(body));
    }
    [name, context, docs]
        .into_iter()
        .filter(|&frequency| frequency > 0)
        .for_each(|frequency| put_varint(out, u64::from(frequency)));
}

/// Appends the posting of a file's path.
pub fn put_path(out: &mut Vec<u8>, next: u32, file: u32, stem: bool) {
    put_varint(out, (u64::from(file - next) + 1) << 1 | u64::from(stem));
}

/// Calls `each` with every chunk posting in `bytes`, whose DocIds must be below `chunks`.
pub fn read_chunks(bytes: &[u8], count: u32, chunks: u32, mut each: impl FnMut(u32, Frequencies)) -> Result<()> {
    let mut decoder = Decoder::new(bytes);
    let mut next = 0u64;
    for _ in 0..count {
        let (doc, frequencies) = read_chunk(&mut decoder, next, chunks)?;
        each(doc, frequencies);
        next = u64::from(doc) + 1;
    }
    if decoder.is_empty() { Ok(()) } else { Err(Error::Corrupt("a list of postings is longer than its count")) }
}

/// The posting that [`put_chunk`] wrote, whose DocId must be below `chunks`.
#[inline(always)]
pub fn read_chunk(decoder: &mut Decoder, next: u64, chunks: u32) -> Result<(u32, Frequencies)> {
    let head = decoder.varint()?;
    let doc = place(head >> 1, next, chunks)?;
    if head & 1 == 0 {
        return Ok((doc, Frequencies::ONCE_IN_BODY));
    }
    let bits = decoder.byte()?;
    let mut field = |bit: u8| if bits & bit != 0 { decoder.varint32() } else { Ok(0) };
    let body = if bits >> 4 == 15 { field(8)? } else { u32::from(bits >> 4) };
    Ok((doc, Frequencies { body, name: field(1)?, context: field(2)?, docs: field(4)? }))
}

/// Calls `each` with every path posting in `bytes`, whose file ordinals must be below `files`.
pub fn read_paths(bytes: &[u8], count: u32, files: u32, mut each: impl FnMut(u32, bool)) -> Result<()> {
    let mut decoder = Decoder::new(bytes);
    let mut next = 0u64;
    for _ in 0..count {
        let head = decoder.varint()?;
        let file = place(head >> 1, next, files)?;
        each(file, head & 1 != 0);
        next = u64::from(file) + 1;
    }
    if decoder.is_empty() { Ok(()) } else { Err(Error::Corrupt("a list of postings is longer than its count")) }
}

fn place(delta: u64, next: u64, end: u32) -> Result<u32> {
    match next.checked_add(delta) {
        Some(sum) if delta > 0 && sum <= u64::from(end) => Ok((sum - 1) as u32),
        _ => Err(Error::Corrupt("a posting is out of order or out of range")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_read_back() {
        let postings = [
            (0, Frequencies::ONCE_IN_BODY),
            (1, Frequencies { name: 1, ..Default::default() }),
            (300, Frequencies { name: 2, context: 1, docs: 3, body: 14 }),
            (301, Frequencies { body: 15, ..Default::default() }),
            (70_000, Frequencies { docs: 1000, body: 100_000, ..Default::default() }),
        ];
        let (mut bytes, mut next) = (Vec::new(), 0);
        for (doc, frequencies) in postings {
            put_chunk(&mut bytes, next, doc, frequencies);
            next = doc + 1;
        }
        let mut found = Vec::new();
        read_chunks(&bytes, 5, 70_001, |doc, frequencies| found.push((doc, frequencies))).unwrap();
        assert_eq!(found, postings);
        assert!(read_chunks(&bytes, 5, 70_000, |_, _| ()).is_err());
        assert!(read_chunks(&bytes, 4, 70_001, |_, _| ()).is_err());
        assert!(read_chunks(&bytes, 6, 70_001, |_, _| ()).is_err());
    }

    #[test]
    fn path_postings_read_back() {
        let (mut bytes, mut found) = (Vec::new(), Vec::new());
        put_path(&mut bytes, 0, 3, true);
        put_path(&mut bytes, 4, 4, false);
        read_paths(&bytes, 2, 5, |file, stem| found.push((file, stem))).unwrap();
        assert_eq!(found, [(3, true), (4, false)]);
        assert!(read_paths(&bytes, 2, 4, |_, _| ()).is_err());
    }
}
