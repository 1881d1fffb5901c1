//! Cursors: where the next page of an answer begins. One belongs to a generation and to a query with its options, and is refused for others: pages of different
//! generations do not fit together.

use crate::error::{Error, Result};
use crate::query::SearchOptions;
use xxhash_rust::xxh3::xxh3_64;

/// What tells a query with its options from others; not its limit, which may change from page to page.
pub fn key(query: &str, options: &SearchOptions) -> u32 {
    let mut text = query.to_string();
    for part in options.languages.iter().chain(&options.paths) {
        text.push('\0');
        text.push_str(part);
    }
    text.push((b'0' + options.mode as u8) as char);
    text.push(if options.prefix { '+' } else { '-' });
    xxh3_64(text.as_bytes()) as u32
}

/// The cursor of a page from `offset` on.
pub fn write(generation: u64, key: u32, offset: u32) -> String {
    format!("{generation}-{key}-{offset}")
}

/// The offset of a cursor.
///
/// # Errors
/// CURSOR_STALE when it is of another generation, OPTION_INVALID when it is of another query or no cursor at all.
pub fn read(cursor: &str, generation: u64, key: u32) -> Result<u32> {
    let invalid = |reason: &str| Error::Option { option: "cursor", reason: reason.into() };
    let mut parts = cursor.split('-').map(|part| part.parse::<u64>().ok());
    let (Some(Some(of)), Some(Some(found)), Some(Some(offset)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid("this is none"));
    };
    if of != generation {
        return Err(Error::CursorStale);
    }
    if found != u64::from(key) {
        return Err(invalid("it belongs to another query, or to other options"));
    }
    u32::try_from(offset).map_err(|_| invalid("this is none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_one_generation_and_one_query() {
        let options = SearchOptions::default();
        let cursor = write(3, key("a", &options), 20);
        assert_eq!(read(&cursor, 3, key("a", &options)), Ok(20));
        assert_eq!(read(&cursor, 4, key("a", &options)), Err(Error::CursorStale));
        let code = |cursor: &str, query: &str| read(cursor, 3, key(query, &options)).unwrap_err().code();
        assert_eq!(code(&cursor, "b"), "OPTION_INVALID");
        for bad in ["", "x", "1-2", "3-1-99999999999999", "3-1-1-1", "🙂"] {
            assert_eq!(code(bad, "a"), "OPTION_INVALID", "{bad}");
        }
    }
}
