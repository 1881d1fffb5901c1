//! Every bound of the engine, with its unit and its reason.

/// Sections of a container: far more than any version needs, few enough to check before reading the contents.
pub const MAX_SECTIONS: usize = 64;
/// Text of one segment in bytes: keeps a segment's file under the 25 MiB that one value of an edge store may have.
pub const MAX_SEGMENT_TEXT_BYTES: u64 = 48 * 1024 * 1024;
/// Name of a symbol in bytes: longer ones are cut; they come from generated code and are never typed.
pub const MAX_NAME_BYTES: usize = 256;
/// Text in bytes that compaction puts into one segment: even text that hardly compresses then stays under 25 MiB.
pub const MERGED_SEGMENT_TEXT_BYTES: u64 = 32 * 1024 * 1024;
/// Text in bytes of the smallest tier of segments, below which rewriting costs nothing worth counting.
pub const COMPACTION_BASE_BYTES: u64 = 128 * 1024;
/// Segments of a tier that are merged together, and the ratio of one tier's size to the next.
pub const COMPACTION_FAN_IN: usize = 8;
/// Inflated text in bytes that an index keeps: enough for all hits of a session over a large project.
pub const TEXT_CACHE_BYTES: usize = 32 * 1024 * 1024;
/// File in bytes: larger ones are data.
pub const MAX_FILE_BYTES: u32 = 8 * 1024 * 1024;
/// Text in bytes that is parsed: a parser takes up to 27 bytes of memory for each, and an isolate has 128 MB.
pub const MAX_PARSE_BYTES: u32 = 2 * 1024 * 1024;
/// Query in bytes.
pub const MAX_QUERY_BYTES: usize = 64 * 1024;
/// Distinct terms of a query: each is looked up in every segment.
pub const MAX_QUERY_TERMS: usize = 256;
/// Hits of one page.
pub const MAX_HITS: u32 = 1_000;
/// Hits that paging reaches.
pub const MAX_OFFSET: u32 = 10_000;
/// Completions of the word being typed: the most frequent ones.
pub const MAX_PREFIX_EXPANSIONS: usize = 32;
/// Candidates that are ranked, at least, however few hits are wanted.
pub const MIN_RANK_POOL: usize = 400;
