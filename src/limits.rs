//! Every bound of the engine, with its unit and its reason.

/// Sections of a container: far more than any version needs, few enough to check before reading the contents.
pub const MAX_SECTIONS: usize = 64;
/// Text of one segment in bytes: keeps a segment's file under the 25 MiB that one value of an edge store may have.
pub const MAX_SEGMENT_TEXT_BYTES: u64 = 48 * 1024 * 1024;
/// Name of a symbol in bytes: longer ones are cut; they come from generated code and are never typed.
pub const MAX_NAME_BYTES: usize = 256;
/// Enclosing symbols whose names are words of a chunk, from the inside out: code has a handful, a file made to nest without end would otherwise cost the square of its size.
pub const MAX_CONTEXT_LEVELS: usize = 32;
/// Text in bytes that compaction puts into one segment: even text that hardly compresses then stays under 25 MiB.
pub const MERGED_SEGMENT_TEXT_BYTES: u64 = 32 * 1024 * 1024;
/// Text in bytes of the smallest tier of segments, below which rewriting costs nothing worth counting.
pub const COMPACTION_BASE_BYTES: u64 = 128 * 1024;
/// Segments of a tier that are merged together, and the ratio of one tier's size to the next.
pub const COMPACTION_FAN_IN: usize = 8;
/// Inflated text in bytes that an index keeps: enough for all hits of a session over a large project, and for looking through all of one of 60 MB again.
pub const TEXT_CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Text in bytes that is read for one page of references: some tens of milliseconds.
pub const REFER_BYTES: usize = 2 * 1024 * 1024;
/// Declarations that are read by lines where a parser lost its way: more come from a text that is something else.
pub const MAX_MENDED_DECLARATIONS: usize = 20_000;
/// File in bytes: larger ones are data.
pub const MAX_FILE_BYTES: u32 = 8 * 1024 * 1024;
/// Text in bytes that is parsed: a parser takes up to 27 bytes of memory for each, and an isolate has 128 MB.
pub const MAX_PARSE_BYTES: u32 = 2 * 1024 * 1024;
/// Query in bytes.
pub const MAX_QUERY_BYTES: usize = 64 * 1024;
/// Distinct terms of a query: each is looked up in every segment.
pub const MAX_QUERY_TERMS: usize = 256;
/// Operators of a query: phrases, regexes, fields and exclusions.
pub const MAX_QUERY_OPERATORS: usize = 64;
/// Text in bytes that is inflated beside each place that an exact search looks through: half of what is compressed together.
pub const EXACT_BESIDE_BYTES: usize = 8 * 1024;
/// Text in bytes behind which an exact search that has its page stops: some twenty milliseconds where nothing is inflated yet, a few where it is.
pub const EXACT_BYTES: usize = 8 * 1024 * 1024;
/// The same where text has to be fetched; and the text that is fetched at once when there is no page yet, or as much as was looked through so far.
pub const EXACT_FETCH_BYTES: usize = 256 * 1024;
/// Places of one pattern that are looked for in one file, and in one segment where a pattern only restricts; a result says so when there are more.
pub const MAX_OCCURRENCES: usize = 100_000;
/// Bytes of a line that are shown on either side of a match.
pub const MAX_SHOWN_LINE_BYTES: u32 = 512;
/// Hits of one page.
pub const MAX_HITS: u32 = 1_000;
/// Hits that paging reaches.
pub const MAX_OFFSET: u32 = 10_000;
/// Words of a query that is corrected: longer ones are questions, and each unknown word takes a look through the dictionary.
pub const MAX_CORRECTED_WORDS: usize = 3;
/// Terms that are searched for in place of a word that stands nowhere.
pub const MAX_CORRECTIONS: usize = 3;
/// Completions of the word being typed: the most frequent ones.
pub const MAX_PREFIX_EXPANSIONS: usize = 32;
/// Candidates that are ranked; the others keep the order of retrieval behind them.
pub const RANK_POOL: usize = 400;
/// Chunks that a walk through a graph compares for each that is wanted of it, of 100,000 chunks of code.
pub const GRAPH_MET: usize = 16;
/// Bytes of rows that a scan goes through in the time that a walk needs for a chunk besides comparing it: finding the next one, and waiting for its row. An estimate.
pub const GRAPH_STEP_BYTES: u64 = 160;
/// Dimensions of a vector: the largest that embedding services give.
pub const MAX_VECTOR_DIMS: usize = 4096;

/// Largest input that [`crate::text::decode`] accepts, in bytes. Offsets are `u32`, and a lossy conversion can triple
/// the size, so a third of `u32::MAX` can always be addressed.
pub const DECODE_BYTES: usize = (u32::MAX / 3) as usize;

/// Share of control characters, as one in this many bytes, from which an input counts as binary. Text has almost
/// none; random or compressed bytes have one in nine.
pub const BINARY_CONTROL_SHARE: usize = 48;

/// Bytes at the start of a file in which one NUL makes it binary: the rule and the number are git's.
pub const BINARY_NUL_WINDOW_BYTES: usize = 8_000;

/// Smallest text, in bytes, that can be called minified: below this a long line is just a long line.
pub const MINIFIED_TEXT_BYTES: usize = 4_096;

/// A line longer than this many bytes is not written by hand.
pub const MINIFIED_LINE_BYTES: usize = 1_000;

/// Bytes at the start of a file that language detection may look at.
pub const DETECT_HEAD_BYTES: usize = 8_192;

/// Progress callbacks that a parse may take whatever its size. The parser calls back once per hundred operations.
pub const PARSE_BASE_TICKS: u64 = 1_000;

/// Source bytes for each of which a parse may take one more progress callback. Of 4,900 real files the hungriest took one for 45
/// bytes, minified code and headers full of macros included; what takes five times as much is recovering from garbage.
pub const PARSE_BYTES_PER_TICK: u64 = 8;

/// Bytes of text that a scanner gets at once: it is seen to run ahead when it asks for the next ones.
pub const SCAN_PIECE_BYTES: usize = 1_024;

/// Bytes that scanners may run over whatever the size of a text.
pub const PARSE_BASE_SCAN_BYTES: u64 = 4 * 1024 * 1024;

/// How often scanners may run over each byte of a text besides.
pub const PARSE_SCANS_PER_BYTE: u64 = 16;

/// Milliseconds that a parse may take whatever its size, where the host gives a clock.
pub const PARSE_BASE_MILLIS: u64 = 2_000;

/// Source bytes for each of which a parse may take one more millisecond: a twentieth of the usual speed, so that only a machine that hardly runs at
/// all refuses what another one accepts.
pub const PARSE_BYTES_PER_MILLI: u64 = 400;

/// Levels of indentation from which a text is not parsed by a grammar that keeps a stack of them: such scanners save theirs in 1,024
/// bytes, two to four a level, and two of them write past the end.
pub const MAX_INDENT_LEVELS: usize = 200;

/// Most parts of a file that are parsed as another language; what comes after them is text.
pub const MAX_EMBEDDED_PARTS: usize = 1_000;

/// Longest signature of a declaration, in bytes.
pub const SIGNATURE_BYTES: u32 = 400;

/// Lines of the longest function that stands in one chunk where its bytes allow it: a screen.
pub const WHOLE_FUNCTION_LINES: usize = 60;
/// Smallest value of [`crate::chunk::ChunkOptions::max_bytes`].
pub const CHUNK_MIN_BYTES: u32 = 64;
/// Smallest limit of a chunk in tokens: below, a chunk says nothing.
pub const CHUNK_MIN_TOKENS: u32 = 16;

/// Longest qualified name, in bytes: twice [`MAX_NAME_BYTES`], and never more than a qualifier and a name.
pub const QUALIFIED_NAME_BYTES: usize = 2 * MAX_NAME_BYTES;
