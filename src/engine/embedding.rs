//! Vectors of a host's own embedder: the texts of a finished segment's chunks go out, vectors come in, the segment is written again with them.

use super::builder::{BuiltSegment, built};
use crate::embed;
use crate::error::{Error, Result};
use crate::limits;
use crate::segment::text::BLOCK_BYTES;
use crate::segment::{FileData, Segment, SegmentWriter, TextCache, VectorSpec, embedding};

/// A segment that is being given vectors.
pub struct Embedding {
    files: Vec<FileData>,
    /// The next chunk to give out: file, and chunk within it.
    next: (usize, usize),
    spec: VectorSpec,
    rows: Vec<u8>,
}

impl Embedding {
    /// Takes a segment apart. `id` names the embedder: vectors of different ones never mix.
    ///
    /// # Errors
    /// OPTION_INVALID for an empty id or dimensions that are odd, none or over 4,096; those of [`Segment::open`].
    pub fn new(segment: Vec<u8>, id: &str, dims: u32) -> Result<Self> {
        if id.is_empty() || dims == 0 || !dims.is_multiple_of(2) || dims as usize > limits::MAX_VECTOR_DIMS {
            let reason = format!("{id:?} with {dims} dimensions; there must be a name, and 2 to 4,096, an even number");
            return Err(Error::Option { option: "embedder", reason });
        }
        let segment = Segment::open(segment)?;
        let mut cache = TextCache::new(4 * BLOCK_BYTES);
        let files = (0..segment.meta.files).map(|file| segment.file_data(file, &mut cache)).collect::<Result<_>>()?;
        let spec = VectorSpec { name: id.to_string(), hash: 0, dims, bits: 8 };
        Ok(Self { files, next: (0, 0), spec, rows: Vec::new() })
    }

    /// The texts of the next chunks, at most `count`; none when all were given out.
    pub fn texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while let (file, chunk) = self.next
            && file < self.files.len()
            && texts.len() < count
        {
            let data = &self.files[file];
            let Some(row) = data.chunks.get(chunk) else {
                self.next = (file + 1, 0);
                continue;
            };
            let mut text = String::new();
            embedding::texts(data, row, |part| {
                text.push_str(part);
                text.push('\n');
            });
            texts.push(text);
            self.next.1 += 1;
        }
        texts
    }

    /// Takes the vectors of the next chunks, one after the other.
    ///
    /// # Errors
    /// OPTION_INVALID when they do not divide into vectors, or a value is not finite.
    pub fn push(&mut self, vectors: &[f32]) -> Result<()> {
        let dims = self.spec.dims as usize;
        if !vectors.len().is_multiple_of(dims) {
            let reason = format!("{} values are not vectors of {dims} dimensions", vectors.len());
            return Err(Error::Option { option: "vector", reason });
        }
        for vector in vectors.chunks_exact(dims) {
            self.spec.put_row(embed::quantise(vector)?.as_deref(), &mut self.rows);
        }
        Ok(())
    }

    /// The segment with its vectors.
    ///
    /// # Errors
    /// OPTION_INVALID when vectors are missing.
    pub fn finish(self) -> Result<Option<BuiltSegment>> {
        let len = self.spec.row_bytes();
        let chunks: usize = self.files.iter().map(|file| file.chunks.len()).sum();
        if self.rows.len() != chunks * len {
            let reason = format!("{} vectors came for {chunks} chunks", self.rows.len() / len);
            return Err(Error::Option { option: "vector", reason });
        }
        let mut writer = SegmentWriter::new(Some(self.spec));
        let mut rest = self.rows.as_slice();
        for file in self.files {
            let (rows, later) = rest.split_at(file.chunks.len() * len);
            writer.add(file, rows.to_vec())?;
            rest = later;
        }
        writer.finish().map(built).transpose()
    }
}
