//! What a query runs over: segments with their dead files.

use super::place::Place;
use crate::segment::{Segment, norm};
use std::sync::Arc;

/// A segment of the current generation.
#[derive(Debug, Clone)]
pub struct LiveSegment {
    /// The segment.
    pub segment: Arc<Segment>,
    /// Dead file ordinals, ascending.
    pub tombstones: Vec<u32>,
    /// For each file whether it is dead.
    pub dead: Vec<bool>,
    /// For each chunk the ordinal of its file.
    pub file_of: Arc<Vec<u32>>,
    /// For each file what its path says of its role.
    pub places: Arc<Vec<Place>>,
    /// Chunks of files that are alive.
    pub live_chunks: u32,
    /// Files that are alive.
    pub live_files: u32,
    /// Sum of the lengths in terms of the chunks that are alive.
    pub live_terms: u64,
}

impl LiveSegment {
    /// A segment without the files `tombstones`, ascending ordinals.
    pub fn new(segment: Arc<Segment>, tombstones: Vec<u32>) -> Self {
        let entries = &segment.files.entries;
        let mut file_of = Vec::with_capacity(segment.meta.chunks as usize);
        for (ordinal, entry) in entries.iter().enumerate() {
            file_of.resize(file_of.len() + entry.chunks as usize, ordinal as u32);
        }
        let places = entries.iter().map(|entry| Place::of(&entry.path)).collect();
        Self::with_files(segment, Arc::new(file_of), Arc::new(places), tombstones)
    }

    /// The same segment with other tombstones.
    pub fn with_tombstones(&self, tombstones: Vec<u32>) -> Self {
        Self::with_files(self.segment.clone(), self.file_of.clone(), self.places.clone(), tombstones)
    }

    fn with_files(
        segment: Arc<Segment>,
        file_of: Arc<Vec<u32>>,
        places: Arc<Vec<Place>>,
        tombstones: Vec<u32>,
    ) -> Self {
        let entries = &segment.files.entries;
        let mut dead = vec![false; entries.len()];
        tombstones.iter().for_each(|&file| dead[file as usize] = true);
        let lengths: Vec<u32> = (0..=255).map(norm::decode).collect();
        let (mut live_chunks, mut live_files, mut live_terms) = (0, 0, 0u64);
        for (entry, _) in entries.iter().zip(&dead).filter(|(_, dead)| !**dead) {
            let chunks = entry.first_chunk as usize..(entry.first_chunk + entry.chunks) as usize;
            live_files += 1;
            live_chunks += entry.chunks;
            live_terms += segment.norms()[chunks].iter().map(|&byte| u64::from(lengths[byte as usize])).sum::<u64>();
        }
        Self { segment, tombstones, dead, file_of, places, live_chunks, live_files, live_terms }
    }

    /// The ordinal of the live file with this path.
    pub fn file(&self, path: &str) -> Option<u32> {
        self.segment.files.find(path).filter(|&file| !self.dead[file as usize])
    }

    /// Paths and ordinals of the live files, in order.
    pub fn live_paths(&self) -> impl Iterator<Item = (&str, u32)> {
        let entries = self.segment.files.entries.iter().zip(&self.dead).zip(0..);
        entries.filter(|((_, dead), _)| !**dead).map(|((entry, _), file)| (entry.path.as_str(), file))
    }

    /// Whether it is the segment of `other` and no file is alive that is dead there.
    pub fn is_part_of(&self, other: &LiveSegment) -> bool {
        Arc::ptr_eq(&self.segment, &other.segment)
            && self.dead.iter().zip(&other.dead).all(|(dead, known)| *dead || !*known)
    }
}
