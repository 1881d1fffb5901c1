//! Which segments to merge. A pure function of the live segments, so every host decides alike.

use crate::limits;
use crate::query::LiveSegment;

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompactionMode {
    /// As much as keeps the number of segments small: each byte is rewritten about once for every eightfold growth of the index.
    Tiered,
    /// Down to the fewest segments, without dead files: for a snapshot that is published.
    Full,
}

/// Groups of segment indexes, each to be replaced by one merged segment.
pub fn plan(segments: &[LiveSegment], mode: CompactionMode) -> Vec<Vec<usize>> {
    match mode {
        CompactionMode::Tiered => tiered(segments),
        CompactionMode::Full => full(segments),
    }
}

fn live_text_bytes(live: &LiveSegment) -> u64 {
    live.segment
        .files
        .entries
        .iter()
        .zip(&live.dead)
        .filter(|(_, dead)| !**dead)
        .map(|(entry, _)| u64::from(entry.text_len))
        .sum()
}

fn tiered(segments: &[LiveSegment]) -> Vec<Vec<usize>> {
    let mut tiers: Vec<Vec<usize>> = Vec::new();
    let mut groups = Vec::new();
    for (at, live) in segments.iter().enumerate() {
        let text_bytes = live_text_bytes(live);
        if text_bytes * 2 < live.segment.meta.text_bytes {
            groups.push(vec![at]);
            continue;
        }
        let tier = (text_bytes / limits::COMPACTION_BASE_BYTES)
            .checked_ilog(limits::COMPACTION_FAN_IN as u64)
            .map_or(0, |log| log as usize + 1);
        if tiers.len() <= tier {
            tiers.resize(tier + 1, Vec::new());
        }
        tiers[tier].push(at);
    }
    for tier in tiers.into_iter().filter(|tier| tier.len() >= limits::COMPACTION_FAN_IN) {
        groups.extend(pack(segments, tier));
    }
    groups
}

fn full(segments: &[LiveSegment]) -> Vec<Vec<usize>> {
    let mut groups = pack(segments, (0..segments.len()).collect());
    groups.extend(
        (0..segments.len())
            .filter(|&at| !segments[at].tombstones.is_empty())
            .map(|at| vec![at])
            .filter(|lone| !groups.iter().any(|group| group.contains(&lone[0])))
            .collect::<Vec<_>>(),
    );
    groups
}

/// Consecutive runs that fit one segment, those of a single member left out.
fn pack(segments: &[LiveSegment], members: Vec<usize>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for at in members {
        let text_bytes = live_text_bytes(&segments[at]);
        match groups.last_mut() {
            Some(group) if text_bytes <= room => {
                room -= text_bytes;
                group.push(at);
            }
            _ => {
                room = limits::MERGED_SEGMENT_TEXT_BYTES.saturating_sub(text_bytes);
                groups.push(vec![at]);
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}
