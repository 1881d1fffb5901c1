//! What the engine needs of a regex engine. It has none of its own: one that runs in linear time is larger than everything else here together, and few
//! queries need it, so the host brings it when the first such query comes.

use crate::error::Result;

/// A compiled regex.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompiledRegex {
    /// Names it to its engine.
    pub handle: u32,
    /// Texts that every match holds: one of each list, without regard to case. None where nothing is certain. A control character stands at an end of a text that no word
    /// goes on over.
    pub required: Vec<Vec<String>>,
}

/// Finds matches of regexes line by line: no match reaches over a line feed.
pub trait RegexEngine: std::fmt::Debug {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// QUERY_INVALID with a column within the pattern; REGEX_TOO_LARGE.
    fn compile(&mut self, pattern: &str, case: bool) -> Result<CompiledRegex>;

    /// Appends the matches in `text`, whole lines of UTF-8, as byte ranges in order, none empty, at most `limit`.
    ///
    /// # Errors
    /// LIMIT_EXCEEDED when looking would take far longer than the text justifies.
    fn find(&mut self, handle: u32, text: &[u8], limit: u32, out: &mut Vec<(u32, u32)>) -> Result<()>;

    /// Forgets a compiled regex.
    fn release(&mut self, handle: u32);
}
