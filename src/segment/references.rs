//! REFS: what each word of each file is to the code around it. Optional: without it nothing is known of who refers to what.
//!
//! Neither names nor places are stored: the text has them, and the dictionary says which chunks hold a name. Nor are most roles: a word mostly is what it was before, between
//! the same neighbours, so [`Guess`] tells it from the text and only what it has wrong is written. Nothing of it is resident: it is asked for by those alone who ask for references.

use super::bytes::Bytes;
use super::codec::{Decoder, Deflater, put_varint};
use super::inflate::inflate;
use super::rows::FileData;
use crate::error::{Error, Result};
use crate::language::Role;
use crate::text::words;
use std::ops::Range;
use std::sync::{Mutex, OnceLock};

/// A block closes with the file that fills it with so many words.
const BLOCK_WORDS: usize = 8192;
/// A block inflates to at most this: more than the words of the largest file.
const BLOCK_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// Encodes REFS.
pub fn write(files: &[FileData], deflater: &mut Deflater) -> Vec<u8> {
    let (mut index, mut blocks) = (Vec::new(), Vec::new());
    let (mut counts, mut coded, mut inside) = (Vec::new(), Vec::new(), 0);
    for (at, file) in files.iter().enumerate() {
        let roles = file.roles.as_deref().unwrap_or_default();
        put_varint(&mut counts, file.roles.as_ref().map_or(0, |roles| roles.len() as u64 + 1));
        let mut guess = Guess::default();
        for ((from, to), role) in words(&file.text).zip(roles) {
            let guessed = guess.role(file.text.as_bytes(), from as usize, to as usize);
            coded.push(if guessed == *role { 0 } else { role + 1 });
            guess.learn(*role);
        }
        inside += 1;
        if coded.len() >= BLOCK_WORDS || at + 1 == files.len() {
            counts.append(&mut coded);
            let len = deflater.append(&counts, &mut blocks);
            counts.clear();
            put_varint(&mut index, inside);
            put_varint(&mut index, len as u64);
            inside = 0;
        }
    }
    [&(index.len() as u32).to_le_bytes(), &index[..], &blocks[..]].concat()
}

/// Tells the role of a word from the words before it.
struct Guess {
    /// By a word and the bytes around it: one more than its last role, 0 where there is none.
    by_word: [u8; 4096],
    /// By the bytes around a word and the role of the one before it.
    by_place: [u8; 4096],
    slots: (usize, usize),
    last: u8,
}

impl Default for Guess {
    fn default() -> Self {
        Self { by_word: [0; 4096], by_place: [0; 4096], slots: (0, 0), last: 0 }
    }
}

impl Guess {
    fn role(&mut self, text: &[u8], from: usize, to: usize) -> u8 {
        let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let around = [from.checked_sub(1).map_or(0, |at| text[at]), text.get(to).copied().unwrap_or(0)];
        let place = around.iter().fold(0x811c_9dc5, |hash, byte| mix(hash, *byte));
        let word = text[from..to].iter().fold(place, |hash, byte| mix(hash, *byte));
        let slot = |hash: u32| (hash.wrapping_mul(0x9e37_79b1) >> 20) as usize;
        self.slots = (slot(word), slot(mix(place, self.last)));
        match (self.by_word[self.slots.0], self.by_place[self.slots.1]) {
            (0, 0) => 0,
            (0, guess) | (guess, _) => guess - 1,
        }
    }

    fn learn(&mut self, role: u8) {
        self.by_word[self.slots.0] = role + 1;
        self.by_place[self.slots.1] = role + 1;
        self.last = role;
    }
}

/// The references of an open segment.
#[derive(Debug, Default)]
pub struct References {
    index: OnceLock<Vec<Stretch>>,
    /// The block that was read last, by where it starts: files are mostly asked for in order.
    last: Mutex<(usize, Vec<u8>)>,
}

/// A block: its files, and where it stands in the section.
#[derive(Debug)]
struct Stretch {
    files: Range<u32>,
    bytes: Range<usize>,
}

impl References {
    /// The role numbers of the [`words`] of file `file`: none at all of a language without rules for them, nothing where they are not known. `text` is the file's, or nothing while it
    /// has to be supplied: then only what else is needed is stated. `section` is REFS.
    ///
    /// # Errors
    /// PARTS_MISSING when the section has to be supplied first; SNAPSHOT_CORRUPT.
    pub fn get(&self, file: u32, text: Option<&str>, section: Bytes) -> Result<Option<Vec<u8>>> {
        let index = match self.index.get() {
            Some(index) => index,
            None => {
                let read = read_index(section)?;
                self.index.get_or_init(|| read)
            }
        };
        let block = index.get(index.partition_point(|block| block.files.end <= file));
        let block = block.ok_or(Error::Corrupt("the references end too early"))?;
        let mut last = self.last.lock().expect("no panic while it is held");
        if last.0 != block.bytes.start {
            *last = (block.bytes.start, inflate(&section.read(block.bytes.clone())?, BLOCK_LIMIT_BYTES)?);
        }
        let mut decoder = Decoder::new(&last.1);
        let counts = decoder.column(block.files.len())?;
        let (before, own) = counts.split_at((file - block.files.start) as usize);
        for count in before {
            decoder.take(count.saturating_sub(1) as usize)?;
        }
        let (Some(count), Some(text)) = (own[0].checked_sub(1), text) else { return Ok(None) };
        let coded = decoder.take(count as usize)?;
        let mut guess = Guess::default();
        let mut roles = Vec::with_capacity(coded.len());
        let mut words = words(text);
        let unfit = Error::Corrupt("the references of a file are not those of its words");
        for code in coded {
            let (from, to) = words.next().ok_or(unfit.clone())?;
            let guessed = guess.role(text.as_bytes(), from as usize, to as usize);
            let role = if *code == 0 { guessed } else { code - 1 };
            Role::from_number(role).ok_or(Error::Corrupt("a word has an unknown role"))?;
            guess.learn(role);
            roles.push(role);
        }
        if !coded.is_empty() && words.next().is_some() { Err(unfit) } else { Ok(Some(roles)) }
    }
}

fn read_index(section: Bytes) -> Result<Vec<Stretch>> {
    let head = section.read(0..4)?;
    let end = 4 + u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let index = section.read(4..end)?;
    let mut decoder = Decoder::new(&index);
    let (mut blocks, mut files, mut at) = (Vec::new(), 0u32, end);
    while !decoder.is_empty() {
        let (count, len) = (decoder.varint32()?, decoder.varint32()? as usize);
        let bytes = at..at.saturating_add(len);
        let inside = files..files.checked_add(count).ok_or(Error::Corrupt("the references have too many files"))?;
        (files, at) = (inside.end, bytes.end);
        blocks.push(Stretch { files: inside, bytes });
    }
    Ok(blocks)
}
