//! The builder: files in, one segment out. Disposable: after a trap the host throws the whole instance away.

use super::manifest::segment_name;
use super::unit::{BuilderOptions, FileReport, Unit, analyze_within};
use crate::analysis::ANALYZER_VERSION;
use crate::chunk::TokenLimit;
use crate::embed::{Embedder, Model};
use crate::error::{Error, Result, Section};
use crate::segment::meta::Meta;
use crate::segment::{self, Segment, SegmentWriter, VectorSpec, embedding};
use crate::syntax::Grammars;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Collects files for one segment.
#[derive(Default)]
pub struct Builder {
    options: BuilderOptions,
    writer: SegmentWriter,
    pending_bytes: u64,
    vectors: Option<(VectorSpec, Embedder)>,
    tokens: Option<TokenLimit>,
}

/// A finished segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltSegment {
    /// Its name: the hash of its bytes.
    pub name: String,
    /// The segment.
    pub bytes: Vec<u8>,
    /// Who made its vectors, when it has any.
    pub embedder: Option<String>,
    /// Files in it.
    pub files: u32,
    /// Chunks in it.
    pub chunks: u32,
    /// Length of its files in bytes.
    pub source_bytes: u64,
}

impl Builder {
    /// A builder with these options.
    pub fn new(options: BuilderOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// A builder that also makes a vector of each chunk.
    pub fn with_model(options: BuilderOptions, model: Arc<Model>) -> Self {
        let spec = VectorSpec::of_model(&model);
        let writer = SegmentWriter::new(Some(spec.clone()));
        Self { options, writer, vectors: Some((spec, Embedder::new(model))), ..Self::default() }
    }

    /// Has chunks stay within a number of tokens, too, from now on.
    pub fn limit_tokens(&mut self, limit: TokenLimit) {
        self.tokens = Some(limit);
    }

    /// Takes a file apart as [`Self::add_file`] does.
    ///
    /// # Errors
    /// TOKENIZER_FAILED.
    pub fn analyze(&mut self, path: &str, bytes: &[u8], grammars: &mut Grammars) -> Result<(FileReport, Option<Unit>)> {
        analyze_within(path, bytes, grammars, &self.options, self.tokens.as_mut())
    }

    /// Adds a file. What became of it is in the report; bad source code is never an error.
    ///
    /// # Errors
    /// LIMIT_EXCEEDED when the segment is full: finish it and add the file again; TOKENIZER_FAILED.
    pub fn add_file(&mut self, path: &str, bytes: &[u8], grammars: &mut Grammars) -> Result<FileReport> {
        let (report, unit) = self.analyze(path, bytes, grammars)?;
        if let Some(unit) = unit {
            let file = unit.into_file_data(&report, bytes);
            let rows = self.vectors.as_mut().map(|(spec, embedder)| embedding::rows(&file, spec, embedder));
            self.writer.add(file, rows.unwrap_or_default())?;
            self.pending_bytes += bytes.len() as u64;
        }
        Ok(report)
    }

    /// Bytes of the files added since the last [`Self::finish`].
    pub fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    /// The segment of the files so far, if there are any; the builder starts afresh.
    ///
    /// # Errors
    /// None that a caller can cause: the segment is opened once to be sure that it can be.
    pub fn finish(&mut self) -> Result<Option<BuiltSegment>> {
        self.pending_bytes = 0;
        let fresh = SegmentWriter::new(self.vectors.as_ref().map(|(spec, _)| spec.clone()));
        std::mem::replace(&mut self.writer, fresh).finish().map(built).transpose()
    }
}

/// Merges segments, each with its dead file ordinals in ascending order; nothing when no file is alive. With a model the result has its vectors.
///
/// # Errors
/// Those of [`Segment::open`], ANALYZER_MISMATCH, LIMIT_EXCEEDED.
pub fn merge_segments(inputs: Vec<(Vec<u8>, Vec<u32>)>, model: Option<Arc<Model>>) -> Result<Option<BuiltSegment>> {
    let opened = inputs
        .into_iter()
        .map(|(bytes, tombstones)| Ok((Segment::open(bytes)?, tombstones)))
        .collect::<Result<Vec<_>>>()?;
    segment::merge(opened, model.map(Embedder::new).as_mut())?.map(built).transpose()
}

pub(super) fn built(bytes: Vec<u8>) -> Result<BuiltSegment> {
    let name = segment_name(xxh3_128(&bytes));
    let segment = Segment::open(bytes)?;
    let meta = segment.meta;
    Ok(BuiltSegment {
        name,
        embedder: segment.vector_spec().map(|spec| spec.name.clone()),
        bytes: segment.into_bytes(),
        files: meta.files,
        chunks: meta.chunks,
        source_bytes: meta.source_bytes,
    })
}

/// Checks the whole of a segment, and that it is the one of this name.
///
/// # Errors
/// Those of [`segment::verify`]; SNAPSHOT_CHECKSUM when the bytes do not fit the name; ANALYZER_MISMATCH.
pub fn verify_segment(name: &str, bytes: Vec<u8>) -> Result<Meta> {
    let found = segment_name(xxh3_128(&bytes));
    let meta = segment::verify(bytes)?;
    if found != name {
        return Err(Error::Checksum { section: Section(*b"NAME") });
    }
    if meta.analyzer != ANALYZER_VERSION {
        return Err(Error::AnalyzerMismatch(meta.analyzer, ANALYZER_VERSION));
    }
    Ok(meta)
}
