//! What one file contributes to a segment, as the writer takes it and the reader gives it back.

/// A file with everything that the index keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileData {
    /// The path by which the file is known: relative, `/`-separated.
    pub path: String,
    /// Language id.
    pub language: String,
    /// XXH3-128 of the original bytes.
    pub hash: u128,
    /// Length of the original bytes.
    pub len_bytes: u32,
    /// How the file was read.
    pub flags: FileFlags,
    /// The decoded text.
    pub text: String,
    /// Ordered, disjoint, and together the whole text.
    pub chunks: Vec<ChunkRow>,
    /// Ordered by start, outer before inner.
    pub symbols: Vec<SymbolRow>,
    /// What each word is to the code around it: the number of a [`crate::language::Role`] for each of [`crate::text::words`], or none at all of a language without rules
    /// for them; nothing where that is not known, in a segment of an older release.
    pub roles: Option<Vec<u8>>,
}

/// How a file was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileFlags {
    /// Cut by line windows because its grammar could not be used.
    pub fallback: bool,
    /// Invalid sequences were replaced by U+FFFD.
    pub lossy: bool,
}

impl FileFlags {
    pub(super) fn to_bits(self) -> u32 {
        u32::from(self.fallback) | u32::from(self.lossy) << 1
    }

    pub(super) fn from_bits(bits: u32) -> Self {
        Self { fallback: bits & 1 != 0, lossy: bits & 2 != 0 }
    }
}

/// A chunk of a file. Offsets are UTF-8 bytes within the file, lines count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkRow {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line of the first byte.
    pub line: u32,
    /// Line feeds inside the chunk.
    pub line_feeds: u32,
    /// The symbol, within the file, that this chunk is or belongs to.
    pub symbol: Option<u32>,
    /// 0 for the piece with the declaration, then 1, 2, …
    pub piece: u32,
    /// The documentation comment, when the chunk holds it.
    pub docs: Option<(u32, u32)>,
}

/// A symbol of a file. Offsets are UTF-8 bytes within the file, lines count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolRow {
    /// The number of its kind, stable across releases.
    pub kind: u8,
    /// Its own name.
    pub name: String,
    /// What stands before the name where that is not a symbol of this file: a Go receiver, `Foo` of `Foo::bar`; else empty.
    pub qualifier: String,
    /// The enclosing symbol, within the file.
    pub parent: Option<u32>,
    /// First byte of the declaration.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// First byte of the name.
    pub name_start: u32,
    /// Line of the name.
    pub name_line: u32,
    /// Line of the first byte.
    pub start_line: u32,
    /// Line of the last byte.
    pub end_line: u32,
    /// First byte of the signature.
    pub signature_start: u32,
    /// One past the last byte of the signature.
    pub signature_end: u32,
}
