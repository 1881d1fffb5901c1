//! Bytes of unknown encoding to UTF-8.
//!
//! A byte order mark decides; without one the bytes are UTF-8, and what is not valid in it is replaced and flagged.
//! Legacy eight-bit encodings are not guessed: their ASCII part, which is nearly all of a source file, survives.

use std::borrow::Cow;

use crate::limits;

/// How the bytes of a file were encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark, which is not part of the text.
    Utf8Bom,
    /// UTF-16, little endian, with a byte order mark.
    Utf16Le,
    /// UTF-16, big endian, with a byte order mark.
    Utf16Be,
}

/// A decoded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, borrowed from the bytes where those were valid UTF-8.
    pub text: Cow<'a, str>,
    /// What the bytes were.
    pub encoding: Encoding,
    /// Whether something was not valid and stands in the text as U+FFFD.
    pub lossy: bool,
}

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// NUL bytes or a density of control characters that no text has.
    Binary,
    /// More bytes than offsets can address.
    TooLarge,
}

impl Refusal {
    /// The stable code of the refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::TooLarge => "FILE_TOO_LARGE",
        }
    }
}

/// Decodes a file.
///
/// Never fails on invalid encoding (see [`Decoded::lossy`]) and never panics.
///
/// # Errors
/// [`Refusal::Binary`] for bytes that are not text, [`Refusal::TooLarge`] above [`limits::DECODE_BYTES`].
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Refusal> {
    if bytes.len() > limits::DECODE_BYTES {
        return Err(Refusal::TooLarge);
    }
    let decoded = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(Refusal::Binary),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, Encoding::Utf16Le, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, Encoding::Utf16Be, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest, Encoding::Utf8Bom)?,
        _ => decode_utf8(bytes, Encoding::Utf8)?,
    };
    if matches!(decoded.encoding, Encoding::Utf16Le | Encoding::Utf16Be) && is_binary(decoded.text.as_bytes()) {
        return Err(Refusal::Binary);
    }
    Ok(decoded)
}

fn decode_utf8(bytes: &[u8], encoding: Encoding) -> Result<Decoded<'_>, Refusal> {
    if is_binary(bytes) {
        return Err(Refusal::Binary);
    }
    let text = String::from_utf8_lossy(bytes);
    let lossy = matches!(text, Cow::Owned(_));
    Ok(Decoded { text, encoding, lossy })
}

fn decode_utf16(bytes: &[u8], encoding: Encoding, unit: fn([u8; 2]) -> u16) -> Decoded<'static> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut lossy = !odd.is_empty();
    let mut text = String::with_capacity(bytes.len() / 2);
    for unit in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(unit.unwrap_or_else(|_| {
            lossy = true;
            char::REPLACEMENT_CHARACTER
        }));
    }
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text: Cow::Owned(text), encoding, lossy }
}

/// Whether bytes are not text: an early NUL, or too many control characters overall.
fn is_binary(bytes: &[u8]) -> bool {
    let window = &bytes[..bytes.len().min(limits::BINARY_NUL_WINDOW_BYTES)];
    if window.contains(&0) {
        return true;
    }
    let controls = bytes.iter().filter(|byte| is_control(**byte)).count();
    controls * limits::BINARY_CONTROL_SHARE > bytes.len()
}

/// Control characters that text does not use: all but tab, line feed, vertical tab, form feed, carriage return,
/// backspace and escape (terminal recordings).
const fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=7 | 14..=26 | 28..=31 | 127)
}
