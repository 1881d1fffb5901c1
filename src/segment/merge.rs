//! Compaction: several segments and their tombstones become one segment of what is still alive.
//!
//! The text is analysed again and nothing is parsed, so the result is byte for byte what building from the files would have given; a test holds it
//! to that. Merging posting lists instead would be faster and would need a second writer that has to agree with the first one for ever.

use super::reader::Segment;
use super::text::{BLOCK_BYTES, TextCache};
use super::vectors::VectorSpec;
use super::writer::SegmentWriter;
use super::{FileData, embedding};
use crate::analysis::ANALYZER_VERSION;
use crate::embed::Embedder;
use crate::error::{Error, Result};

/// Writes the live files of `inputs`, each of which goes when it was read, with its dead file ordinals in ascending order, as one segment; nothing when none is alive.
///
/// With an embedder the result has its vectors: rows that its model made are copied, others made. Without one the inputs' vectors are kept, if all have
/// vectors of one spec: others could not be searched together, and are not kept together.
///
/// # Errors
/// ANALYZER_MISMATCH when a segment's terms were made by another analyzer; LIMIT_EXCEEDED when the result would be too large.
pub fn merge(inputs: Vec<(Segment, Vec<u32>)>, mut embedder: Option<&mut Embedder>) -> Result<Option<Vec<u8>>> {
    let spec = match &embedder {
        Some(embedder) => Some(VectorSpec::of_model(embedder.model())),
        None => common_spec(&inputs),
    };
    let mut writer = SegmentWriter::new(spec.clone());
    let mut cache = TextCache::new(4 * BLOCK_BYTES);
    for (segment, tombstones) in inputs {
        if segment.meta.analyzer != ANALYZER_VERSION {
            return Err(Error::AnalyzerMismatch(segment.meta.analyzer, ANALYZER_VERSION));
        }
        for file in 0..segment.meta.files {
            if tombstones.binary_search(&file).is_err() {
                let data = segment.file_data(file, &mut cache)?;
                let rows = rows(&segment, file, &data, spec.as_ref(), embedder.as_deref_mut())?;
                writer.add(data, rows)?;
            }
        }
    }
    Ok(writer.finish())
}

/// The spec that all inputs have.
fn common_spec(inputs: &[(Segment, Vec<u32>)]) -> Option<VectorSpec> {
    let mut specs = inputs.iter().map(|(segment, _)| segment.vector_spec());
    let first = specs.next().flatten()?;
    specs.all(|spec| spec == Some(first)).then(|| first.clone())
}

/// The vectors of a file: those of its segment, when they are of the spec.
fn rows(
    segment: &Segment,
    file: u32,
    data: &FileData,
    spec: Option<&VectorSpec>,
    embedder: Option<&mut Embedder>,
) -> Result<Vec<u8>> {
    match (spec, embedder) {
        (Some(spec), Some(embedder)) if segment.vector_spec() != Some(spec) => {
            Ok(embedding::rows(data, spec, embedder))
        }
        (Some(_), _) => {
            let entry = &segment.files.entries[file as usize];
            Ok(segment.vector_rows(entry.first_chunk..entry.first_chunk + entry.chunks)?.to_vec())
        }
        (None, _) => Ok(Vec::new()),
    }
}
