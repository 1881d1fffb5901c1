//! Everything that can be wrong with a segment whose checksums fit: each section against the others. Reading needs none of this, since what it meets is checked as it is
//! met; this is for whoever wants to know whether a snapshot is sound.

use super::bytes::Calls;
use super::container::{Container, Entry, Kind};
use super::groups::{self, CAPTIONS_LIMIT_BYTES};
use super::inflate::inflate;
use super::meta::Meta;
use super::reader::Segment;
use super::rows::{FileData, SymbolRow};
use super::text::{BLOCK_BYTES, TextCache};
use super::{names, norm, repeats};
use crate::error::{Error, Result};
use crate::language::SymbolKind;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_128;

/// Checks the whole of a segment.
///
/// # Errors
/// Those of [`Segment::open`]; SNAPSHOT_CHECKSUM for a block that does not fit its own checksum; SNAPSHOT_CORRUPT with the first contradiction that was found.
#[cold]
pub fn verify(bytes: Vec<u8>) -> Result<Meta> {
    let segment = Segment::open(bytes)?;
    check_blocks(&segment)?;
    check_postings(&segment)?;
    let mut cache = TextCache::new(4 * BLOCK_BYTES);
    let mut files = Vec::with_capacity(segment.files.entries.len());
    for file in 0..segment.meta.files {
        let data = segment.file_data(file, &mut cache)?;
        check_file(&data)?;
        check_repeats(&segment, file, &data)?;
        // Names are written from symbols and chunks alone.
        files.push(FileData { text: String::new(), ..data });
    }
    if let Some((dictionary, section)) = segment.together() {
        let names = names::write(&files, |name| dictionary.bucket(name), dictionary.buckets());
        if (0..).zip(names).any(|(bucket, names)| section[dictionary.names(bucket)] != names[..]) {
            return Err(Error::Corrupt("the names are not those of the symbols"));
        }
    }
    check_captions(&segment, &files)?;
    segment.check_graph()?;
    Ok(segment.meta)
}

/// The checksums of blocks, which opening the whole does not look at.
#[cold]
fn check_blocks(segment: &Segment) -> Result<()> {
    let bytes = segment.bytes();
    let container = Container::head(Kind::Segment, bytes, None)?;
    let resident = |entry: &Entry| Ok(Cow::Borrowed(&bytes[entry.range.clone()]));
    Segment::assemble(&container, Some(&Calls::default()), &resident)?.check(bytes)
}

/// The dictionary in order, every posting in range, and together as many terms a chunk as its length says.
#[cold]
fn check_postings(segment: &Segment) -> Result<()> {
    let mut lengths = vec![0u32; segment.meta.chunks as usize];
    let mut previous: Option<String> = None;
    let (mut terms, mut hot, mut entries) = (0u32, 0, Vec::new());
    let mut ordered = true;
    segment.terms_with_prefix("", |term, entry| {
        ordered &= previous.as_deref().is_none_or(|previous| previous < term);
        let known = previous.get_or_insert_default();
        known.clear();
        known.push_str(term);
        terms += 1;
        if let (Some(known), _) = segment.hot(term) {
            hot += 1;
            ordered &= *known == entry;
        }
        entries.push(entry);
        ordered
    })?;
    if !ordered || terms != segment.meta.terms || hot != segment.hot("").1 {
        return Err(Error::Corrupt("the terms are not in order, or not what the most frequent ones are said to be"));
    }
    // None lies over another one: what fills as much as there is leaves no gap.
    let mut filled: usize = entries.iter().map(|entry| entry.path_postings.end - entry.chunk_postings.start).sum();
    if let Some((dictionary, _)) = segment.together() {
        filled += dictionary.term_ranges().map(|range| range.len()).sum::<usize>();
        filled += (0..dictionary.buckets()).map(|bucket| dictionary.names(bucket).len()).sum::<usize>();
    }
    if filled != segment.posting_bytes() {
        return Err(Error::Corrupt("the postings have gaps"));
    }
    for entry in entries {
        segment.chunk_postings(&entry, |doc, frequencies| {
            let length = &mut lengths[doc as usize];
            for frequency in [frequencies.name, frequencies.context, frequencies.docs, frequencies.body] {
                *length = length.saturating_add(frequency);
            }
        })?;
        segment.path_postings(&entry, |_, _| ())?;
    }
    if lengths.iter().zip(segment.norms()).any(|(&length, &byte)| norm::encode(length) != byte) {
        return Err(Error::Corrupt("a chunk is not as long as its postings say"));
    }
    Ok(())
}

/// The captions of each group, which are written from chunks and symbols alone, too.
#[cold]
fn check_captions(segment: &Segment, files: &[FileData]) -> Result<()> {
    let Some(places) = &segment.captions else { return Ok(()) };
    let mut next = 0;
    while next < segment.meta.chunks {
        let group = places.block(next)?;
        let chunks = next..places.rows(group).end;
        next = chunks.end;
        let written = groups::captions(chunks.map(|doc| {
            let file = segment.files.of_chunk(doc) as usize;
            let entry = &segment.files.entries[file];
            (&files[file], entry.first_symbol, &files[file].chunks[(doc - entry.first_chunk) as usize])
        }));
        let (text, bytes) = (segment.text.len(group), segment.group(group, places)?);
        let raw = inflate(&bytes, text + CAPTIONS_LIMIT_BYTES)?;
        if raw.get(text..) != Some(&written[..]) {
            return Err(Error::Corrupt("a caption is not that of its chunk"));
        }
    }
    Ok(())
}

/// What the segment says of chunks that stand in a file before.
#[cold]
fn check_repeats(segment: &Segment, file: u32, data: &FileData) -> Result<()> {
    let first = segment.files.entries[file as usize].first_chunk;
    let mut found = repeats::of_file(data).into_iter().peekable();
    let fits = (0..data.chunks.len() as u32).all(|number| {
        let times = found.next_if(|&(repeating, _)| repeating == number).map_or(0, |(_, times)| times);
        segment.repeats(first + number).is_none_or(|known| known == times)
    });
    if fits { Ok(()) } else { Err(Error::Corrupt("a chunk repeats others than it says")) }
}

/// Chunks that are the whole text in order, symbols that lie in it, and a text that is the one that was hashed.
#[cold]
fn check_file(file: &FileData) -> Result<()> {
    let bad = |what| Err(Error::Corrupt(what));
    let (mut end, mut line) = (0, 0);
    for chunk in &file.chunks {
        let text = &file.text[chunk.start as usize..chunk.end as usize];
        let line_feeds = text.bytes().filter(|&byte| byte == b'\n').count() as u32;
        if chunk.start != end || chunk.line != line || chunk.line_feeds != line_feeds {
            return bad("the chunks of a file do not follow each other");
        }
        end = chunk.end;
        line += line_feeds;
    }
    if !file.chunks.is_empty() && end as usize != file.text.len() {
        return bad("the chunks of a file are not its whole text");
    }
    let fits = |symbol: &SymbolRow| {
        let ranges = [(symbol.start, symbol.end), (symbol.signature_start, symbol.signature_end)];
        ranges.iter().all(|&(start, end)| file.text.get(start as usize..end as usize).is_some())
            && file.text.is_char_boundary(symbol.name_start as usize)
            && symbol.start_line <= symbol.end_line
            && SymbolKind::from_number(symbol.kind).is_some()
    };
    if !file.symbols.iter().all(fits) {
        return bad("a symbol does not lie in its file");
    }
    // A text that was converted is not what was hashed.
    if file.text.len() == file.len_bytes as usize && !file.flags.lossy && xxh3_128(file.text.as_bytes()) != file.hash {
        return bad("a text is not the one that was indexed");
    }
    Ok(())
}
