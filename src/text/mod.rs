//! Bytes to text: decoding, spans, lines, and the signs of text that nobody wrote by hand.
//!
//! The rest of the engine sees only `&str` and offsets into it. Everything that depends on how a file was encoded ends
//! here; nothing here knows about languages.

mod decode;
mod lines;
mod minified;
mod span;
mod words;

pub use decode::{Decoded, Encoding, Refusal, decode};
pub use lines::{LineIndex, floor_char_boundary, is_blank, line_start};
pub use minified::{is_minified_name, looks_minified};
pub use span::Span;
pub use words::words;

#[cfg(test)]
mod tests;
