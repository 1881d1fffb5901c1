//! CSUM: checksums of the blocks of the large sections, so that a reader can verify a part without the rest. Optional: without it a section is
//! fetched and verified as a whole.

use super::bytes::{Blocks, Calls, Sums};
use super::codec::{Decoder, put_varint};
use super::container::Entry;
use crate::error::{Error, Result};
use xxhash_rust::xxh3::xxh3_64;

/// Length of a page of a section without blocks of its own, for readers that know no better.
pub const PAGE_BYTES: usize = 4096;

/// How a section is divided.
pub enum Division<'a> {
    /// Into blocks of its own: where each starts, and where the last one ends.
    Blocks(&'a [u32]),
    /// Into pages of [`PAGE_BYTES`].
    Pages,
}

/// Encodes the checksums of some sections.
pub fn write(sections: &[([u8; 4], &[u8], Division)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (id, bytes, division) in sections {
        let (page, starts) = match division {
            Division::Blocks(starts) => (0, starts.to_vec()),
            Division::Pages => (PAGE_BYTES, pages(bytes.len(), PAGE_BYTES)),
        };
        out.extend_from_slice(id);
        put_varint(&mut out, page as u64);
        put_varint(&mut out, starts.len() as u64 - 1);
        for at in starts.windows(2) {
            out.extend_from_slice(&(xxh3_64(&bytes[at[0] as usize..at[1] as usize]) as u32).to_le_bytes());
        }
    }
    out
}

fn pages(len: usize, page: usize) -> Vec<u32> {
    (0..len).step_by(page).chain([len]).map(|at| at as u32).collect()
}

/// The checksums of an open segment.
#[derive(Debug, Default)]
pub struct Checksums<'a> {
    sections: Vec<([u8; 4], usize, &'a [u8])>,
}

impl<'a> Checksums<'a> {
    /// Decodes the section.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut decoder = Decoder::new(bytes);
        let mut sections = Vec::new();
        while !decoder.is_empty() {
            let id = decoder.take(4)?.try_into().expect("4 bytes were taken");
            let page = decoder.varint32()? as usize;
            let count = decoder.count()?;
            sections.push((id, page, decoder.take(4 * count)?));
        }
        Ok(Self { sections })
    }

    /// The section `entry`, of which nothing is there yet. `own`: where its own blocks start, and where the last one ends.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when there are not as many checksums as blocks.
    pub fn blocks(&self, entry: &Entry, own: Option<&[u32]>, calls: &Calls) -> Result<Blocks> {
        let len = entry.range.len();
        let divided =
            self.sections.iter().find(|(known, ..)| *known == entry.id).and_then(|&(_, page, sums)| match own {
                Some(own) if page == 0 => Some((own.to_vec(), sums)),
                // No page is so short that the checksums would outweigh it.
                _ if page >= 64 => Some((pages(len, page), sums)),
                _ => None,
            });
        let Some((starts, sums)) = divided else {
            let starts = if len == 0 { vec![0] } else { vec![0, len as u32] };
            return Ok(Blocks::new(entry.id, entry.range.start, starts, Sums::Section(entry.checksum), calls.clone()));
        };
        if starts.len() - 1 != sums.len() / 4 {
            return Err(Error::Corrupt("a section has the wrong number of checksums"));
        }
        let sums = sums.chunks_exact(4).map(|sum| u32::from_le_bytes([sum[0], sum[1], sum[2], sum[3]])).collect();
        Ok(Blocks::new(entry.id, entry.range.start, starts, Sums::Blocks(sums), calls.clone()))
    }
}
