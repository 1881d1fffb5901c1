//! Chunks of small texts, case by case.

use super::*;

fn windows(text: &str, max_bytes: u32) -> Vec<&str> {
    let chunks = chunk(
        text,
        None,
        &Outline::default(),
        &ChunkOptions { max_bytes, cut_bytes: max_bytes, ..ChunkOptions::with_max_bytes(max_bytes) },
    );
    chunks.iter().map(|chunk| chunk.span.of(text)).collect()
}

#[test]
fn nothing_has_no_chunks() {
    assert!(windows("", 100).is_empty());
}

#[test]
fn what_fits_is_one_chunk() {
    assert_eq!(windows("a\n\nb\n", 100), ["a\n\nb\n"]);
    assert_eq!(windows("\n\n \n", 100), ["\n\n \n"]);
}

#[test]
fn windows_are_cut_at_blank_lines_before_text_that_is_not_indented() {
    let paragraph = "some words here\nand some more\n  an indented line\n\n";
    let text = paragraph.repeat(10);
    let pieces = windows(&text, 150);
    assert!(pieces.iter().all(|piece| piece.starts_with("some words") && piece.ends_with("\n\n")), "{pieces:#?}");
}

#[test]
fn windows_are_cut_where_indentation_ends_rather_than_inside() {
    let block = "start of it\n    inner line\n    inner line\n    inner line\n";
    let text = block.repeat(10);
    assert!(windows(&text, 150).iter().all(|piece| piece.starts_with("start")), "{:#?}", windows(&text, 150));
}

#[test]
fn lines_that_are_too_long_are_cut_at_blanks() {
    let text = "word ".repeat(100);
    assert!(windows(&text, 64).iter().all(|piece| piece.ends_with("word ")), "{:#?}", windows(&text, 64));
}

#[test]
fn characters_are_never_cut() {
    let text = "🦀".repeat(100);
    let pieces = windows(&text, 66);
    assert!(pieces.iter().all(|piece| piece.len() % 4 == 0 && piece.len() <= 66));
    assert_eq!(pieces.concat(), text);
}

#[test]
fn sizes_below_the_least_are_raised() {
    let text = "a\n".repeat(100);
    assert!(windows(&text, 0).iter().all(|piece| piece.len() <= limits::CHUNK_MIN_BYTES as usize));
    let odd = ChunkOptions { max_bytes: 100, cut_bytes: 0, target_bytes: 0, lone_bytes: 0, tiny_bytes: u32::MAX };
    let chunks = chunk(&text, None, &Outline::default(), &odd);
    assert!(chunks.iter().all(|chunk| chunk.span.len() <= 100));
}

#[test]
fn comments_are_told_by_their_marks() {
    assert!(comment::is_only("// a\n\n  // b\n"));
    assert!(comment::is_only("/*\n * a\n */\n"));
    assert!(comment::is_only("# -- section --\n"));
    assert!(!comment::is_only("// a\nb\n"));
    assert!(!comment::is_only("#include <a>\n"));
    assert!(!comment::is_only("\n\n"));
}

#[test]
fn a_comment_closes_a_run_behind_a_blank_line() {
    assert_eq!(comment::closing("a\n\n// b\n// c\n\n"), "// b\n// c\n\n".len());
    assert_eq!(comment::closing("a\n\n// b"), "// b".len());
    assert_eq!(comment::closing("a\n// b\n"), 0);
    assert_eq!(comment::closing("a\n\nb\n"), 0);
    assert_eq!(comment::closing("// a\n"), 0);
    assert_eq!(comment::closing(""), 0);
}
