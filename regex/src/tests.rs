//! What is matched, what is refused, and that both end soon.

use super::*;

fn matches(pattern: &str, case: bool, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    Regex::new(pattern, case).unwrap().find(text.as_bytes(), usize::MAX, &mut found).unwrap();
    found.iter().map(|&(start, end)| text[start as usize..end as usize].to_string()).collect()
}

fn check(pattern: &str, text: &str, expect: &[&str]) {
    assert_eq!(matches(pattern, true, text), expect, "{pattern:?}");
}

#[test]
fn regexes_match_within_lines() {
    check(r"fn \w+_test", "fn a_test() fn b() fn xy_test", &["fn a_test", "fn xy_test"]);
    check(r"a.*b", "a1b\na2\nb a3b", &["a1b", "a3b"]);
    check(r"[^x]+", "ab\ncd", &["ab", "cd"]);
    check(r"^\s*b$", "a\n  b\n\nb\r\nb c", &["  b", "b"]);
    check(r"x*", "axxb", &["xx"]);
    check(r"(?s)a.b", "a\nb", &[]);
    check(r"a\nb", "a\nb", &[]);
    check(r"\bfoo\b", "foo food (foo)", &["foo", "foo"]);
    check(r"é+.", "caféé!", &["éé!"]);
    check(r"a|ab", "ab", &["a"]);
    check(r"[\d.]+\S", "v1.2x", &["1.2x"]);
    assert_eq!(matches("straße|FOO[a-c]", false, "STRAßE Foob FOOD"), ["STRAßE", "Foob"]);
    assert_eq!(matches("(?-i)Foo", false, "foo Foo"), ["Foo"]);
    assert_eq!(matches("(?i)foo", true, "foo FOO"), ["foo", "FOO"]);
}

#[test]
fn a_limit_and_positions_hold() {
    let mut found = Vec::new();
    Regex::new("a", true).unwrap().find(b"aaaa", 2, &mut found).unwrap();
    assert_eq!(found, [(0, 1), (1, 2)]);
}

#[test]
fn faults_have_a_column() {
    let column = |pattern: &str| match Regex::new(pattern, true).err() {
        Some(Problem::Invalid { column, .. }) => column,
        other => panic!("{pattern:?}: {other:?}"),
    };
    assert_eq!(column("ab("), 3);
    assert_eq!(column("🙂[a"), 3);
    assert_eq!(column("a**{"), 4);
    assert_eq!(column(r"x\p{Greek}"), 2);
    assert_eq!(column(r"a\z"), 2);
    assert_eq!(column("a(?i)b"), 4);
    assert_eq!(column(r"(a)\1"), 4);
}

#[test]
fn what_is_too_large_is_refused() {
    for pattern in [
        "a{1000}{1000}",
        "(((a{100}){100}){100}){100}",
        &"(".repeat(2000),
        &"a|".repeat(3000),
        "[^a]{60000}",
        r"\w{0,1000}{0,1000}",
    ] {
        let refused = Regex::new(pattern, false).err();
        assert!(matches!(refused, Some(Problem::TooLarge(_) | Problem::Invalid { .. })), "{pattern:.20}: {refused:?}");
    }
}

#[test]
fn adversarial_regexes_end_soon() {
    let (same, mixed) = ("a".repeat(200_000), "ab ".repeat(70_000));
    for pattern in [
        "(a+)+$",
        "(a|a)*b",
        "(a*)*c",
        "[^q]*zzz|a",
        "(?:a?){60}a{60}",
        "(x+x+)+y",
        ".*.*.*=.*",
        r"(\w+\s*)+;",
        "(.{1,300}a.{0,300}){2}b",
    ] {
        let Ok(mut regex) = Regex::new(pattern, false) else { continue };
        for text in [&same, &mixed] {
            let mut found = Vec::new();
            let _ = regex.find(text.as_bytes(), 100_000, &mut found);
        }
    }
}

#[test]
fn required_texts_are_in_every_match() {
    let check = |pattern: &str, expect: &[&[&str]]| {
        assert_eq!(Regex::new(pattern, false).unwrap().required(), expect, "{pattern}");
    };
    check("foo", &[&["foo"]]);
    check(r"fn \w+_test", &[&["fn "], &["_test"]]);
    check("foo|bar", &[&["foo", "bar"]]);
    check("(foo|bar)baz", &[&["foobaz", "barbaz"]]);
    check("(foo|ba.*)x", &[&["foo", "ba"]]);
    check("foo.*(bar|qu.x)", &[&["foo"], &["bar", "qu"]]);
    check("(foo)+", &[&["foo"]]);
    check("(foo)?bar", &[&["bar"]]);
    check(r"\d+", &[]);
    check("gr[ae]y", &[&["gray", "grey"]]);
    check(r"\bnew\s+Map\b", &[&["new\u{1}"], &["\u{1}Map"]]);
}

/// Every answer is that of the crate `regex`, line by line.
#[test]
fn matches_are_those_of_another_engine() {
    let mut seed = 99u32;
    let mut next = |bound: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) as usize % bound
    };
    let atoms = ["a", "b", "ab", ".", "[ab]", "[^a]", "(?:a|bc)", "c", "\\w", "\\s", "\\b", "^", "$", "é"];
    let repeats = ["", "", "", "*", "+", "?", "{2}", "*?", "{1,3}"];
    for _ in 0..3_000 {
        let pattern: String =
            (0..1 + next(4)).map(|_| format!("{}{}", atoms[next(atoms.len())], repeats[next(repeats.len())])).collect();
        let text: String = (0..next(24)).map(|_| ["a", "b", "c", " ", "é", "\n"][next(6)]).collect();
        let Ok(peer) =
            regex::RegexBuilder::new(&pattern.replace("\\w", "[0-9A-Za-z_]").replace("\\b", "(?-u:\\b)")).build()
        else {
            continue;
        };
        let Ok(mut own) = Regex::new(&pattern, true) else { panic!("{pattern} is refused") };
        let mut found = Vec::new();
        own.find(text.as_bytes(), usize::MAX, &mut found).unwrap();
        let (mut expect, mut start) = (Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            expect.extend(
                peer.find_iter(bare)
                    .filter(|m| !m.is_empty())
                    .map(|m| ((start + m.start()) as u32, (start + m.end()) as u32)),
            );
            start += line.len();
        }
        assert_eq!(found, expect, "{pattern:?} in {text:?}");
        for list in own.required() {
            for &(from, to) in &found {
                let matched = text[from as usize..to as usize].to_lowercase();
                assert!(
                    list.iter().any(|text| matched.contains(text.to_lowercase().trim_matches('\u{1}'))),
                    "{pattern:?} needs {list:?}, matched {matched:?}"
                );
            }
        }
    }
}
