//! Decoding, lines and spans, case by case.

use super::*;

fn text(bytes: &[u8]) -> (String, Encoding, bool) {
    let decoded = decode(bytes).expect("text");
    (decoded.text.into_owned(), decoded.encoding, decoded.lossy)
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn utf8_is_borrowed() {
    let decoded = decode("fn é() {}\r\n".as_bytes()).expect("text");
    assert!(matches!(decoded.text, std::borrow::Cow::Borrowed("fn é() {}\r\n")));
    assert_eq!((decoded.encoding, decoded.lossy), (Encoding::Utf8, false));
    assert_eq!(text(b""), (String::new(), Encoding::Utf8, false));
}

#[test]
fn byte_order_marks_are_not_text() {
    assert_eq!(text(b"\xEF\xBB\xBFa"), ("a".to_owned(), Encoding::Utf8Bom, false));
    assert_eq!(text(&utf16("aé🦀\n", false)), ("aé🦀\n".to_owned(), Encoding::Utf16Le, false));
    assert_eq!(text(&utf16("aé🦀\n", true)), ("aé🦀\n".to_owned(), Encoding::Utf16Be, false));
    assert_eq!(text(b"\xFF\xFE"), (String::new(), Encoding::Utf16Le, false));
}

#[test]
fn what_is_not_valid_is_replaced_and_flagged() {
    assert_eq!(text(b"caf\xE9"), ("caf\u{FFFD}".to_owned(), Encoding::Utf8, true));
    assert_eq!(text(b"\xFF\xFEa\0\x00\xD8b\0"), ("a\u{FFFD}b".to_owned(), Encoding::Utf16Le, true));
    assert_eq!(text(b"\xFE\xFF\xDC\x00\0a\0"), ("\u{FFFD}a\u{FFFD}".to_owned(), Encoding::Utf16Be, true));
}

#[test]
fn binary_is_refused() {
    assert_eq!(decode(b"\x7FELF\x02\x01\x01\0\0\0").err(), Some(Refusal::Binary));
    assert_eq!(decode(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR").err(), Some(Refusal::Binary));
    assert_eq!(decode(b"\xFF\xFE\0\0a\0\0\0").err(), Some(Refusal::Binary));
    assert_eq!(decode(&[1, 2, 3, 4, 5, 6].repeat(100)).err(), Some(Refusal::Binary));
    assert_eq!(decode(&utf16(&"\u{1}\u{2}".repeat(100), false)).err(), Some(Refusal::Binary));
    assert_eq!(Refusal::Binary.code(), "BINARY");
}

#[test]
fn a_late_nul_and_rare_controls_are_text() {
    let mut late = "a line\n".repeat(2000).into_bytes();
    late.push(0);
    assert!(decode(&late).is_ok());
    assert!(decode(format!("{}\u{1b}[0m\u{c}\u{8}", "a line\n".repeat(20)).as_bytes()).is_ok());
}

#[test]
fn minified_text_stands_in_long_dense_lines() {
    let bundle = "function a(b){return b.c(d=>d+1)};".repeat(400);
    assert!(looks_minified(&bundle));
    assert!(looks_minified(&format!("/*! licence */\n{bundle}\n//# sourceMappingURL=x")));
    assert!(!looks_minified(&bundle[..4000]), "too small to tell");
    assert!(!looks_minified(&"function a(b) {\n  return b\n}\n".repeat(400)));
    assert!(!looks_minified(
        &"Prose goes on and on in a single line, and that is how some people write it. ".repeat(200)
    ));
    let code = "let a = 1\n".repeat(2000);
    assert!(!looks_minified(&format!("{code}const data = '{}'\n{code}", "QUJD".repeat(2000))), "one long literal");
}

#[test]
fn minified_files_are_known_by_their_names() {
    for name in ["jquery.min.js", "dist/app.bundle.css", "a/b-min.js", "x.min.mjs", "x.min.js.map"] {
        assert!(is_minified_name(name), "{name}");
    }
    for name in ["min.js", "a.js", "admin.js", "x.min.rs", "a.min.d/b.js"] {
        assert!(!is_minified_name(name), "{name}");
    }
}

#[test]
fn lines_start_after_line_feeds() {
    let lines = LineIndex::new("a\r\n\nb");
    assert_eq!(lines.count(), 3);
    assert_eq!([0, 1, 2, 3, 4, 5, 9].map(|offset| lines.line(offset)), [0, 0, 0, 1, 2, 2, 2]);
    assert_eq!(lines.span(0), Span::new(0, 3));
    assert_eq!(lines.span(2), Span::new(4, 5));
    assert!(lines.span(3).is_empty());
    assert_eq!(lines.last_line(Span::new(0, 3)), 0);
    assert_eq!(lines.last_line(Span::new(3, 3)), 1);
}

#[test]
fn only_blanks_lead_to_the_start_of_a_line() {
    assert_eq!(line_start("ab\n\t  c", 6), 3);
    assert_eq!(line_start("  c", 2), 0);
    assert_eq!(line_start("a c", 2), 2);
    assert_eq!(line_start("", 0), 0);
}

#[test]
fn characters_are_not_split() {
    assert_eq!([0, 1, 2, 3, 4, 9].map(|offset| floor_char_boundary("aé🦀", offset)), [0, 1, 1, 3, 3, 7]);
}
