//! Compaction: several segments and their tombstones become one segment of what is still alive.
//!
//! The text is analysed again and nothing is parsed, so the result is byte for byte what building from the files would have given; a test holds it
//! to that. Merging posting lists instead would be faster and would need a second writer that has to agree with the first one for ever.

use super::reader::Segment;
use super::text::{BLOCK_BYTES, TextCache};
use super::writer::SegmentWriter;
use crate::analysis::ANALYZER_VERSION;
use crate::error::{Error, Result};

/// Writes the live files of `inputs`, each with its dead file ordinals in ascending order, as one segment; nothing when none is alive.
///
/// # Errors
/// ANALYZER_MISMATCH when a segment's terms were made by another analyzer; LIMIT_EXCEEDED when the result would be too large.
pub fn merge(inputs: &[(Segment, Vec<u32>)]) -> Result<Option<Vec<u8>>> {
    let mut writer = SegmentWriter::default();
    let mut cache = TextCache::new(4 * BLOCK_BYTES);
    for (segment, tombstones) in inputs {
        if segment.meta.analyzer != ANALYZER_VERSION {
            return Err(Error::AnalyzerMismatch(segment.meta.analyzer, ANALYZER_VERSION));
        }
        for file in 0..segment.meta.files {
            if tombstones.binary_search(&file).is_err() {
                writer.add(segment.file_data(file, &mut cache)?)?;
            }
        }
    }
    Ok(writer.finish())
}
