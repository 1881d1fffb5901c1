//! The words of a text as code has them: what the roles of references are counted by.

/// The words of `text`, as byte ranges: runs of letters, digits, `_` and `$` that do not begin with a digit. What is not ASCII is a letter.
pub fn words(text: &str) -> impl Iterator<Item = (u32, u32)> {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80;
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            if at == start {
                at += 1;
            } else if !bytes[start].is_ascii_digit() {
                return Some((start as u32, at as u32));
            }
        }
        None
    })
}
