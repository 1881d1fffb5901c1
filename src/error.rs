//! The one error type of the engine. Every variant has a stable code, which is what hosts should test for; messages may change.
//!
//! Bad source code is never an error (see `text` and `syntax`, which report refusals). Bad bytes of a snapshot, bad options and bad grammars are.

use std::fmt;

/// The result of every fallible operation of the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, with a stable [`Error::code`].
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a codequarry file of the expected kind.
    #[error("these bytes are not a codequarry {expected}")]
    Foreign {
        /// `segment` or `manifest`.
        expected: &'static str,
    },
    /// The file was written by a later version of the format.
    #[error(
        "this snapshot has format version {found}, the newest this release reads is {supported}; update codequarry"
    )]
    Newer {
        /// The version in the file.
        found: u16,
        /// The newest version that this build reads.
        supported: u16,
    },
    /// The file was written before the first version of the format.
    #[error("this snapshot has format version {0}, which no release has written; index again")]
    Older(u16),
    /// The file ends before its header says it does.
    #[error("the snapshot is cut: {expected} bytes expected, {found} there")]
    Truncated {
        /// Length in bytes that the header states.
        expected: u64,
        /// Length in bytes of what was given.
        found: u64,
    },
    /// A checksum does not fit its bytes.
    #[error("checksum of {section} does not fit: the snapshot was changed or damaged after it was written")]
    Checksum {
        /// The part of the file.
        section: Section,
    },
    /// The bytes pass their checksum but break a rule of the format.
    #[error("the snapshot is corrupt: {0}")]
    Corrupt(&'static str),
    /// The manifest names a segment that was not supplied.
    #[error("the manifest names segment {0}, which was not supplied")]
    SegmentMissing(String),
    /// Segments were built with a different analyzer.
    #[error("the segments were built with different analyzers ({0} and {1}); index again")]
    AnalyzerMismatch(u32, u32),
    /// The bytes are no embedding model that can be used.
    #[error("the embedding model cannot be used: {0}")]
    Model(&'static str),
    /// The embedding model was made for a later version.
    #[error("the embedding model was made for a later version; update codequarry")]
    ModelNewer,
    /// A limit of the engine was exceeded.
    #[error("{what}: {value} is over the limit of {limit}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The value met.
        value: u64,
        /// The limit.
        limit: u64,
    },
    /// An option has a value that makes no sense.
    #[error("option {option}: {reason}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// Why it was refused.
        reason: String,
    },
    /// Something that has to be supplied first; what it is was recorded.
    #[error("parts of the snapshot have to be fetched first")]
    Missing,
    /// A query cannot be understood.
    #[error("the query, at column {column}: {message}")]
    Query {
        /// Where, from 1, in UTF-16 units.
        column: u32,
        /// What is wrong, and a way out.
        message: String,
    },
    /// A regex would take too much memory once compiled.
    #[error("the regex at column {column} is too large: {message}")]
    RegexTooLarge {
        /// Where it begins, from 1, in UTF-16 units.
        column: u32,
        /// Which bound it exceeds.
        message: String,
    },
    /// The query has a regex, and the host has not supplied an engine for them.
    #[error("the query has a regex, and no engine for regexes was supplied")]
    RegexUnavailable,
    /// A regex would take far longer than what it looks through justifies.
    #[error("the regex takes far more steps than the text that it looks through justifies; make it simpler")]
    RegexCostly,
    /// A cursor belongs to a generation that is not open any more.
    #[error("the index has changed since the page before; ask for the first page again")]
    CursorStale,
    /// The host's tokenizer did not count the tokens of a text.
    #[error("the tokenizer did not count the tokens of a text")]
    Tokenizer,
    /// A path is empty, absolute, or leaves its root.
    #[error("path {0:?} is empty, absolute, or leaves its root")]
    Path(String),
}

impl Error {
    /// The stable code of this error. Codes are only ever added.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Foreign { .. } => "SNAPSHOT_FOREIGN",
            Error::Newer { .. } => "FORMAT_NEWER",
            Error::Older(_) => "FORMAT_OLDER",
            Error::Truncated { .. } => "SNAPSHOT_TRUNCATED",
            Error::Checksum { .. } => "SNAPSHOT_CHECKSUM",
            Error::Corrupt(_) => "SNAPSHOT_CORRUPT",
            Error::SegmentMissing(_) => "SNAPSHOT_MISSING_SEGMENT",
            Error::AnalyzerMismatch(..) => "ANALYZER_MISMATCH",
            Error::Model(_) => "MODEL_INVALID",
            Error::ModelNewer => "MODEL_NEWER",
            Error::Limit { .. } | Error::RegexCostly => "LIMIT_EXCEEDED",
            Error::Option { .. } => "OPTION_INVALID",
            Error::Missing => "PARTS_MISSING",
            Error::Query { .. } => "QUERY_INVALID",
            Error::RegexTooLarge { .. } => "REGEX_TOO_LARGE",
            Error::RegexUnavailable => "REGEX_UNAVAILABLE",
            Error::CursorStale => "CURSOR_STALE",
            Error::Tokenizer => "TOKENIZER_FAILED",
            Error::Path(_) => "PATH_INVALID",
        }
    }
}

/// The four-letter name of a section, or `HEAD` for the header and contents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Section(pub [u8; 4]);

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
