//! An index over segments that are fetched in parts: what it needs, what it is given, and what it lets go.
//!
//! A call that lacks something fails with PARTS_MISSING; [`Index::take_needs`] says what to supply, and the call is made again.

use super::index::{Index, parse_name};
use super::manifest::segment_name;
use crate::analysis::ANALYZER_VERSION;
use crate::error::{Error, Result};
use crate::segment::bytes::Calls;
use crate::segment::{Opening, Segment};
use std::ops::Range;
use std::sync::Arc;

/// What has to be supplied of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The segment's name.
    pub segment: String,
    /// Byte ranges of its file, ascending and disjoint. Each is verified by itself, so each is supplied whole.
    pub ranges: Vec<Range<u64>>,
}

/// Where in a segment's file blocks start and end that are fetched by themselves: who divides the file cuts it there.
///
/// # Errors
/// Those of [`Segment::open`].
pub fn block_edges(segment: Vec<u8>) -> Result<Vec<usize>> {
    Ok(Opening::new(segment)?.finish(&Calls::default())?.edges())
}

impl Index {
    /// Begins to open a segment by the first bytes of its file ([`crate::segment::opening::HEAD_BYTES`] or all of it), to be named by a later manifest. What it
    /// needs before that is among the needs.
    ///
    /// # Errors
    /// OPTION_INVALID for what is no name; those of [`Opening::new`].
    pub fn begin_segment(&mut self, name: &str, start: Vec<u8>) -> Result<()> {
        let hash = parse_name(name)?;
        self.opening.insert(hash, Opening::new(start)?);
        self.finish_opening(hash)
    }

    /// Takes bytes of a segment's file that stand at `at`.
    ///
    /// # Errors
    /// SNAPSHOT_CHECKSUM when they are not what was written; SNAPSHOT_MISSING_SEGMENT when no such segment is open or being opened; those of [`Segment::open`]
    /// and ANALYZER_MISMATCH when they complete the opening.
    pub fn supply(&mut self, name: &str, at: usize, bytes: Vec<u8>) -> Result<()> {
        let hash = parse_name(name)?;
        if let Some(opening) = self.opening.get_mut(&hash) {
            opening.supply(at, bytes);
            return self.finish_opening(hash);
        }
        self.segment(hash).ok_or_else(|| Error::SegmentMissing(name.to_string()))?.supply(at, &bytes)
    }

    fn finish_opening(&mut self, hash: u128) -> Result<()> {
        let segment = match self.opening[&hash].finish(&self.calls) {
            Err(Error::Missing) => return Ok(()),
            opened => {
                self.opening.remove(&hash);
                opened?
            }
        };
        if segment.meta.analyzer != ANALYZER_VERSION {
            return Err(Error::AnalyzerMismatch(segment.meta.analyzer, ANALYZER_VERSION));
        }
        self.parked.insert(hash, Arc::new(segment));
        Ok(())
    }

    /// What the calls that failed with PARTS_MISSING since the last time lacked, and what segments lack that are being opened.
    pub fn take_needs(&self) -> Vec<Need> {
        let opening = self.opening.iter().map(|(&hash, opening)| (segment_name(hash), opening.needs()));
        let live = self.manifest.segments.iter().zip(&self.live);
        let live = live.map(|(entry, live)| (entry.name(), live.segment.take_needs()));
        let mut needs: Vec<Need> = opening.chain(live).map(|(segment, ranges)| Need { segment, ranges }).collect();
        needs.retain(|need| !need.ranges.is_empty());
        crate::order::sort_by(&mut needs, |a, b| a.segment.cmp(&b.segment));
        needs
    }

    /// The ranges that a search by vectors lacks; none when they are there, or when there are no vectors.
    pub fn want_vectors(&self) -> Vec<Need> {
        for live in &self.live {
            // What is missing is recorded.
            live.segment.vector_rows(0..live.segment.meta.chunks).ok();
        }
        self.take_needs()
    }

    /// Bytes of parts that are held.
    pub fn held_bytes(&self) -> usize {
        self.live.iter().map(|live| live.segment.held_bytes()).sum()
    }

    /// Lets the least recently used parts go until at most `budget_bytes` are held, and says how many still are. Segments that are held whole do not count.
    pub fn trim(&mut self, budget_bytes: usize) -> usize {
        let mut held = self.held_bytes();
        if held <= budget_bytes {
            return held;
        }
        let ages = |(at, live): (usize, &crate::query::LiveSegment)| -> Vec<(u32, usize, (usize, usize), usize)> {
            live.segment.ages().map(|(age, part, len)| (age, at, part, len)).collect()
        };
        let mut parts: Vec<_> = self.live.iter().enumerate().flat_map(ages).collect();
        crate::order::sort(&mut parts);
        for (_, at, part, len) in parts {
            if held <= budget_bytes {
                break;
            }
            // A segment that something else holds too keeps its parts until that is over.
            if let Some(segment) = Arc::get_mut(&mut self.live[at].segment) {
                Segment::drop_part(segment, part);
                held -= len;
            }
        }
        held
    }
}
