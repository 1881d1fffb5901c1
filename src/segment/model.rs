//! The file of an embedding model: a container like a segment's, whose tables `embed` checks and uses.

use super::codec::{Decoder, put_str, put_varint};
use super::container::{self, Container, Kind};
use super::files::shared_prefix;
use crate::embed::{Model, Tables};
use crate::error::{Error, Result};
use xxhash_rust::xxh3::xxh3_128;

/// Reads a model's file.
///
/// # Errors
/// MODEL_NEWER, MODEL_INVALID.
pub fn read_model(bytes: &[u8]) -> Result<Model> {
    let tables = read_tables(bytes).map_err(|error| match error {
        Error::Foreign { .. } => Error::Model("it is no codequarry model"),
        Error::Newer { .. } => Error::ModelNewer,
        Error::Truncated { .. } => Error::Model("it is cut"),
        Error::Checksum { .. } => Error::Model("it was changed or damaged after it was written"),
        Error::Corrupt(reason) => Error::Model(reason),
        error => error,
    })?;
    Model::new(tables)
}

fn read_tables(bytes: &[u8]) -> Result<Tables> {
    let container = Container::open(Kind::Model, bytes)?;
    let part = |id: &[u8; 4]| container.section(id).map(|range| &bytes[range]);
    let mut meta = Decoder::new(part(b"META")?);
    let name = meta.str()?.to_string();
    let (dims, count, tokenizer) = (meta.varint32()?, meta.varint32()?, meta.varint32()?);
    let mut vocabulary = Decoder::new(part(b"VOCB")?);
    // A token takes at least two bytes, so the section bounds what is reserved.
    if count as usize > vocabulary.remaining() / 2 {
        return Err(Error::Corrupt("its vocabulary is shorter than its count"));
    }
    let (mut tokens, mut ends) = (String::new(), Vec::with_capacity(count as usize));
    let mut previous = String::new();
    for _ in 0..count {
        let shared = vocabulary.varint()?;
        let rest = vocabulary.str()?;
        if usize::try_from(shared).is_ok_and(|shared| previous.is_char_boundary(shared)) {
            previous.truncate(shared as usize);
        } else {
            return Err(Error::Corrupt("a token shares more than there is"));
        }
        previous.push_str(rest);
        if previous.len() > MAX_TOKEN_BYTES {
            return Err(Error::Corrupt("a token is too long"));
        }
        tokens.push_str(&previous);
        ends.push(tokens.len() as u32);
    }
    let halves = part(b"SCAL")?.as_chunks::<2>().0;
    Ok(Tables {
        name,
        hash: xxh3_128(bytes),
        dims,
        tokenizer,
        tokens,
        ends,
        rows: part(b"EMBD")?.to_vec(),
        scales: halves.iter().map(|half| u16::from_le_bytes(*half)).collect(),
        query_weights: part(b"QWGT")?.to_vec(),
    })
}

/// Longest token in bytes, its `##` included: 40 characters of four bytes.
const MAX_TOKEN_BYTES: usize = 162;

/// Writes a model's file.
pub fn write_model(tables: &Tables) -> Vec<u8> {
    let (mut meta, mut vocabulary) = (Vec::new(), Vec::new());
    put_str(&mut meta, &tables.name);
    for value in [tables.dims, tables.ends.len() as u32, tables.tokenizer] {
        put_varint(&mut meta, u64::from(value));
    }
    let (mut start, mut previous) = (0, "");
    for &end in &tables.ends {
        let token = &tables.tokens[start..end as usize];
        let shared = shared_prefix(previous, token);
        put_varint(&mut vocabulary, shared as u64);
        put_str(&mut vocabulary, &token[shared..]);
        (start, previous) = (end as usize, token);
    }
    container::write(
        Kind::Model,
        &[
            (*b"META", meta),
            (*b"VOCB", vocabulary),
            (*b"EMBD", tables.rows.clone()),
            (*b"SCAL", tables.scales.iter().flat_map(|scale| scale.to_le_bytes()).collect()),
            (*b"QWGT", tables.query_weights.clone()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let tokens = ["##s", "car", "cart", "é", "été"];
        let ends = tokens.iter().scan(0, |end, token| {
            *end += token.len() as u32;
            Some(*end)
        });
        write_model(&Tables {
            name: "sample".into(),
            hash: 0,
            dims: 32,
            tokenizer: 1,
            tokens: tokens.concat(),
            ends: ends.collect(),
            rows: vec![0x5a; 5 * 16],
            scales: vec![0x3f80; 5],
            query_weights: vec![64; 5],
        })
    }

    #[test]
    fn a_model_reads_back() {
        let bytes = sample();
        let model = read_model(&bytes).unwrap();
        assert_eq!((model.name(), model.dims(), model.vocabulary()), ("sample", 32, 5));
        assert_eq!(model.hash(), xxh3_128(&bytes));
        assert_eq!(read_tables(&bytes).unwrap().tokens, "##scarcartéété");
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let bytes = sample();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x41;
            assert!(matches!(read_model(&changed).unwrap_err().code(), "MODEL_INVALID" | "MODEL_NEWER"), "byte {at}");
            assert_eq!(read_model(&bytes[..at]).unwrap_err().code(), "MODEL_INVALID", "cut at {at}");
        }
    }

    #[test]
    fn tables_behind_right_checksums_may_say_anything() {
        let sections = |meta: &[u8], vocabulary: &[u8]| {
            let part = |id: &[u8; 4], bytes: &[u8]| (*id, bytes.to_vec());
            container::write(
                Kind::Model,
                &[
                    part(b"META", meta),
                    part(b"VOCB", vocabulary),
                    part(b"EMBD", &[0; 16]),
                    part(b"SCAL", &[0; 4]),
                    part(b"QWGT", &[0; 2]),
                ],
            )
        };
        let code = |meta: &[u8], vocabulary: &[u8]| read_model(&sections(meta, vocabulary)).unwrap_err().code();
        assert!(read_model(&sections(&[1, b'm', 16, 2, 1], &[0, 1, b'a', 1, 1, b'b'])).is_ok());
        assert_eq!(code(&[1, b'm', 16, 2, 2], &[0, 1, b'a', 1, 1, b'b']), "MODEL_NEWER");
        for (meta, vocabulary) in [
            (&[1, b'm', 16, 2, 1][..], &[0, 1, b'a', 2, 1, b'b'][..]),
            (&[1, b'm', 16, 2, 1], &[0, 1, b'a', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1, b'b']),
            (&[1, b'm', 16, 2, 1], &[0, 2, 0xc3, 0xa9, 1, 1, b'b']),
            (&[1, b'm', 16, 0xff, 0xff, 0xff, 0xff, 15, 1], &[0, 1, b'a']),
            (&[1, b'm', 32, 2, 1], &[0, 1, b'a', 1, 1, b'b']),
            (&[9, b'm'], &[]),
            (&[], &[]),
        ] {
            assert_eq!(code(meta, vocabulary), "MODEL_INVALID", "{meta:?} {vocabulary:?}");
        }
    }
}
