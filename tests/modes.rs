//! The query language and the modes over this project's own sources, natively: exact search against a plain scan of every file, filters, and queries that mean harm.

mod common;

use codequarry::engine::{Builder, BuilderOptions, Change, Index};
use codequarry::error::{Error, Result};
use codequarry::query::{CompiledRegex, Mode, RegexEngine, SearchOptions, SearchResult};
use codequarry::syntax::Grammars;
use codequarry_regex::{Problem, Regex};
use std::collections::HashMap;

/// The module for regexes as a host supplies it.
#[derive(Default)]
struct Engine {
    compiled: HashMap<u32, Regex>,
    next: u32,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

fn error(problem: Problem) -> Error {
    match problem {
        Problem::Invalid { column, message } => Error::Query { column, message },
        Problem::TooLarge(message) => Error::RegexTooLarge { column: 1, message },
        Problem::Costly => Error::RegexCostly,
    }
}

impl RegexEngine for Engine {
    fn compile(&mut self, pattern: &str, case: bool) -> Result<CompiledRegex> {
        let regex = Regex::new(pattern, case).map_err(error)?;
        self.next += 1;
        let required = regex.required().to_vec();
        self.compiled.insert(self.next, regex);
        Ok(CompiledRegex { handle: self.next, required })
    }

    fn find(&mut self, handle: u32, text: &[u8], limit: u32, out: &mut Vec<(u32, u32)>) -> Result<()> {
        self.compiled.get_mut(&handle).unwrap().find(text, limit as usize, out).map_err(error)
    }

    fn release(&mut self, handle: u32) {
        self.compiled.remove(&handle);
    }
}

/// Odd files beside the project's own: long words, long lines, other scripts, carriage returns, words cut by chunks.
fn files() -> Vec<(String, String)> {
    let texts = common::files_below(&["src", "pkg/src"]).into_iter();
    let mut files: Vec<_> = texts.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect();
    let hash = "0123456789abcdefDEADBEEF".repeat(20);
    let long: String = (0..6000).map(|n| format!("word{n}tail")).collect();
    files.push(("odd/hash.js".into(), format!("const integrity = \"{hash}\";\nconst needleHidden = 1;\n")));
    files.push(("odd/long.js".into(), format!("var x = \"{long}\";\n")));
    files.push(("odd/minified.js".into(), "function retries(a){return a+handlers(b)};".repeat(3000)));
    files.push(("odd/one_line.js".into(), one_line()));
    files.push((
        "odd/scripts.py".into(),
        "# 検索する関数を定義する\n# Größe und Straße\ndef größe_ändern():\r\n    return 'ПРИВЕТ'\r\n".into(),
    ));
    files.push(("odd/repeat.txt".into(), "aaaa aaaaaaa\n".repeat(500)));
    files.sort();
    files
}

/// Many declarations in one line: its words are in chunks that are far apart, and none has a line feed.
fn one_line() -> String {
    let class = |n: usize| format!("class Part{n} {{ method{n}() {{ return \"{}\"; }} }} ", "filler ".repeat(120));
    format!("alphaStart(); {} omegaEnd();\nclass Behind {{}}\n", (0..30).map(class).collect::<String>())
}

fn index(files: &[(String, String)], per: usize) -> Index {
    let mut grammars = Grammars::new();
    for name in ["rust", "typescript", "javascript", "python"] {
        grammars.register(name, codequarry_grammars::linked(name).unwrap()).unwrap();
    }
    let mut index = Index::default();
    for part in files.chunks(per) {
        let mut builder = Builder::new(BuilderOptions::default());
        for (path, text) in part {
            builder.add_file(path, text.as_bytes(), &mut grammars).unwrap();
        }
        let built = builder.finish().unwrap().unwrap();
        index.add_segment(&built.name, built.bytes).unwrap();
        let manifest = index.commit(&Change { add: vec![built.name], ..Change::default() }).unwrap();
        index.open(&manifest).unwrap();
    }
    index.set_regex(Box::new(Engine::default()));
    index
}

fn ask(index: &mut Index, query: &str, mode: Mode) -> Result<SearchResult> {
    index.search(query, &SearchOptions { mode, limit: 1000, facets: true, complete: true, ..SearchOptions::default() })
}

/// Every place, as path and bytes, of all pages.
fn places(index: &mut Index, query: &str) -> Vec<(String, u32, u32)> {
    let result = ask(index, query, Mode::Exact).unwrap_or_else(|error| panic!("{query:?}: {error}"));
    assert!(result.complete);
    let mut options = SearchOptions { mode: Mode::Exact, limit: 1000, ..SearchOptions::default() };
    let mut hits = result.hits;
    let mut cursor = result.cursor;
    while let Some(next) = cursor {
        options.cursor = Some(next);
        let page = index.search(query, &options).unwrap();
        hits.extend(page.hits);
        cursor = page.cursor;
    }
    assert_eq!(hits.len(), (result.total as usize).min(10_000), "{query:?}");
    assert_eq!(result.facets.unwrap().languages.iter().map(|(_, count)| count).sum::<u32>(), result.total);
    hits.into_iter().map(|hit| (hit.path, hit.start_byte, hit.end_byte)).collect()
}

fn plain_scan(files: &[(String, String)], find: impl Fn(&str) -> Vec<(usize, usize)>) -> Vec<(String, u32, u32)> {
    let all = files.iter().flat_map(|(path, text)| {
        find(text).into_iter().map(move |(start, end)| (path.clone(), start as u32, end as u32))
    });
    all.take(10_000).collect()
}

#[test]
fn texts_are_found_wherever_a_plain_scan_finds_them() {
    let files = files();
    let (mut one, mut many) = (index(&files, 1000), index(&files, 9));
    let texts = [
        "put_varint",
        "Segment",
        "segment::",
        "fn read(",
        "ed",
        "s",
        "retries",
        "handler",
        "ndlers(b",
        "DEADBEEF0123",
        "cdefdead",
        "word17tail",
        "tailword2",
        "needleHidden",
        "needlehid",
        "検索",
        "索す",
        "関数を定義",
        "größe_ä",
        "STRAßE",
        "привет",
        "aaaa",
        "aaa",
        "=> {",
        "\tx",
        "()",
        "Result<Self> {\n",
        "{\n        let",
        "testing",
        "runs",
        "ies",
        "ing of",
        "nothing that stands anywhere at all",
        "limits::MAX_",
        "_bytes",
        "pub(super)",
        "'ПРИ",
        "():\r\n    return",
        "e y",
        "CodequarryError('",
        "b)};function retries(a){return a+handlers",
        "\"; } } class Part7 { method7() { return \"filler",
        "filler \"; } }  omegaEnd();\nclass Behind",
    ];
    let line = one_line();
    let texts = texts.into_iter().chain([&line[..6_000], &line[20..9_000], &line[line.len() - 5_000..]]);
    for text in texts {
        for case in [false, true] {
            let lower = |text: &str| if case { text.to_string() } else { text.to_lowercase() };
            // Where lower case has the same length, offsets in it are offsets in the text.
            let needle = lower(text);
            let expect = plain_scan(&files, |text| {
                lower(text).match_indices(&needle).map(|(at, found)| (at, at + found.len())).collect()
            });
            let quoted = format!(
                "\"{}\" {}",
                text.replace('\\', "\\\\").replace('"', "\\\""),
                if case { "case:yes" } else { "" }
            );
            assert!(places(&mut one, &quoted) == expect, "{text:?} case {case}");
            assert!(places(&mut many, &quoted) == expect, "{text:?} case {case}, many segments");
        }
    }
    assert!(!places(&mut one, "put_varint(").is_empty(), "a text needs no quotes");
}

#[test]
fn regexes_are_found_wherever_a_plain_scan_finds_them() {
    let files = files();
    let (mut one, mut many) = (index(&files, 1000), index(&files, 9));
    for pattern in [
        r"fn \w+_bytes",
        r"put_(varint|str)\(",
        r"^use crate::\w+",
        r"\bretries\b",
        r"[A-Z]{3,}_[A-Z]+",
        r"word\d+7tail",
        r"größe|straße",
        r"return 'ПР.*'$",
        r"\d{4}",
        r"needle[A-Z]\w+",
        r"handlers?\(b",
        r"async \w+\(.*\): Promise",
        r"x{3}",
        r"検.する",
        r"alphaStart\(.*omegaEnd",
        r"alphaStart\(.*class Part20 ",
        r"method3\(.*method29\(",
        r"omegaEnd.*class Behind",
        r"handlers\(b\).*retries\(a",
    ] {
        let own = Regex::new(pattern, true).unwrap();
        let own = std::cell::RefCell::new(own);
        let expect = plain_scan(&files, |text| {
            let mut found = Vec::new();
            own.borrow_mut().find(text.as_bytes(), usize::MAX, &mut found).unwrap();
            found.into_iter().map(|(start, end)| (start as usize, end as usize)).collect()
        });
        let query = format!("/{pattern}/ case:yes");
        assert!(places(&mut one, &query) == expect, "{pattern}");
        assert!(places(&mut many, &query) == expect, "{pattern}, many segments");
    }
}

/// An answer that stops early is the beginning of the whole one, page after page, over one segment and over many.
#[test]
fn an_answer_that_stops_is_the_beginning_of_the_whole() {
    let mut files = files();
    let copies = files.iter().map(|(path, text)| (format!("copy/{path}"), text.clone())).collect::<Vec<_>>();
    files.extend(copies.iter().map(|(path, text)| (format!("second/{path}"), text.clone())));
    files.extend(copies);
    files.sort();
    for per in [5000, 40] {
        let mut index = index(&files, per);
        for query in [
            "\"e\"",
            "fn",
            "\"self\" -\"pub\"",
            "\"let\" OR \"const\" lang:rust,ts",
            "/\\w+/",
            "\"return\" kind:function,method",
        ] {
            let whole = ask(&mut index, query, Mode::Exact).unwrap();
            assert!(whole.complete && whole.total > 100, "{query:?}: {}", whole.total);
            let options = SearchOptions { mode: Mode::Exact, limit: 30, facets: true, ..SearchOptions::default() };
            let first = index.search(query, &options).unwrap();
            assert!(first.total > 30 && first.total <= whole.total, "{query:?}: {} of {}", first.total, whole.total);
            assert_eq!(first.complete, first.total == whole.total, "{query:?}");
            assert_eq!(index.search(query, &options).unwrap(), first, "asked again, {query:?} is answered alike");
            let counted = first.facets.unwrap().languages.iter().map(|(_, count)| count).sum::<u32>();
            assert_eq!(counted, first.total, "{query:?}");
            let (mut hits, mut cursor) = (first.hits, first.cursor);
            while hits.len() < 100 {
                let page = index.search(query, &SearchOptions { cursor, ..options.clone() }).unwrap();
                hits.extend(page.hits);
                cursor = page.cursor;
            }
            assert_eq!(hits[..], whole.hits[..hits.len()], "{query:?}");
        }
        let stops = index.search("\"e\"", &SearchOptions { mode: Mode::Exact, ..SearchOptions::default() }).unwrap();
        assert!(!stops.complete, "what stands everywhere is not counted to its end");
    }
}

#[test]
fn places_have_lines_and_columns() {
    let files = vec![("a.py".to_string(), "x = 1\n# 🙂 größe\r\ny = größe\n".to_string())];
    let mut index = index(&files, 10);
    let hits = ask(&mut index, "größe", Mode::Exact).unwrap().hits;
    let shown: Vec<_> =
        hits.iter().map(|hit| (hit.start_line, hit.column, hit.text.clone().unwrap(), hit.matches.clone())).collect();
    assert_eq!(
        shown,
        [(2, Some(6), "# 🙂 größe".to_string(), vec![(5, 10)]), (3, Some(5), "y = größe".to_string(), vec![(4, 9)]),]
    );
}

#[test]
fn conditions_hold_of_every_hit() {
    let mut index = index(&files(), 20);
    let mut check = |query: &str, mode: Mode, holds: &dyn Fn(&codequarry::query::Hit) -> bool| {
        let result = ask(&mut index, query, mode).unwrap();
        assert!(!result.hits.is_empty(), "{query:?} finds nothing");
        for hit in &result.hits {
            assert!(holds(hit), "{query:?} gave {} {:?}", hit.path, hit.symbol);
        }
    };
    let text = |hit: &codequarry::query::Hit| hit.text.clone().unwrap().to_lowercase();
    let lexical = Mode::Lexical;
    check("\"checked_add\" bytes", lexical, &|hit| text(hit).contains("checked_add"));
    check("\"checked_add\" OR \"checked_sub\"", lexical, &|hit| {
        text(hit).contains("checked_add") || text(hit).contains("checked_sub")
    });
    check("segment -varint -\"pub fn\"", lexical, &|hit| {
        !text(hit).contains("put_varint") && !text(hit).contains("pub fn")
    });
    check("/fn \\w+_at\\b/", lexical, &|hit| text(hit).contains("_at"));
    check("segment lang:rust path:src/segment/** -path:**/tests.rs", lexical, &|hit| {
        hit.path.starts_with("src/segment/") && hit.path.ends_with(".rs") && !hit.path.ends_with("tests.rs")
    });
    check("segment lang:ts,py", lexical, &|hit| hit.path.ends_with(".ts") || hit.path.ends_with(".py"));
    check("kind:struct segment", lexical, &|hit| text(hit).contains("struct "));
    check("kind:enum", lexical, &|hit| hit.kind == "enum" || text(hit).contains("enum "));
    check("path:pkg/src/stores/**", lexical, &|hit| hit.path.starts_with("pkg/src/stores/"));
    check("symbol:varint", lexical, &|hit| text(hit).contains("varint"));
    check("symbol:Decoder.varint", lexical, &|hit| hit.path == "src/segment/codec.rs");
    check("symbol:Varint case:yes OR symbol:put_varint", lexical, &|hit| text(hit).contains("put_varint"));
    check("put_varint lang:rust -path:**/codec.rs", Mode::Exact, &|hit| {
        hit.path.ends_with(".rs") && !hit.path.ends_with("codec.rs")
    });
    check("segment kind:struct", Mode::Symbol, &|hit| hit.kind == "struct");
}

#[test]
fn symbols_are_ordered_by_how_their_names_fit() {
    let mut index = index(&files(), 20);
    let mut first = |query: &str| {
        let hits = ask(&mut index, &format!("{query} path:src/segment/**"), Mode::Symbol).unwrap().hits;
        hits.into_iter().next().unwrap_or_else(|| panic!("{query:?} finds nothing"))
    };
    for (query, name) in [
        ("put_varint", "put_varint"),
        ("putVarint", "put_varint"),
        ("put_var", "put_varint"),
        ("pva", "put_varint"),
        ("put_varnit", "put_varint"),
        ("Decoder.varint", "varint"),
        ("symbol:Segment kind:struct", "Segment"),
        ("segment writer", "SegmentWriter"),
    ] {
        let hit = first(query);
        assert_eq!(hit.symbol.as_deref(), Some(name), "{query:?}");
        let (text, marked) = (hit.text.unwrap(), hit.matches[0]);
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(String::from_utf16(&units[marked.0 as usize..marked.1 as usize]).unwrap(), name, "{query:?}");
    }
}

#[test]
fn pages_fit_together_and_go_stale() {
    let files = files();
    let mut index = index(&files, 20);
    for mode in [Mode::Lexical, Mode::Exact, Mode::Symbol] {
        let whole = index.search("segment", &SearchOptions { mode, limit: 30, ..SearchOptions::default() }).unwrap();
        let (mut ids, mut cursor) = (Vec::new(), None);
        for _ in 0..3 {
            let page = index
                .search("segment", &SearchOptions { mode, limit: 10, cursor, ..SearchOptions::default() })
                .unwrap();
            ids.extend(page.hits.into_iter().map(|hit| hit.id));
            cursor = page.cursor;
        }
        assert_eq!(ids, whole.hits.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>());
        let options = SearchOptions { mode, cursor: cursor.clone(), ..SearchOptions::default() };
        assert_eq!(index.search("other", &options).unwrap_err().code(), "OPTION_INVALID");
        let manifest = index.commit(&Change { remove: vec!["odd/hash.js".into()], ..Change::default() }).unwrap();
        index.open(&manifest).unwrap();
        assert_eq!(index.search("segment", &options).unwrap_err().code(), "CURSOR_STALE");
    }
}

#[test]
fn errors_have_codes_and_columns() {
    let mut index = index(&files()[..20], 20);
    let mut check = |query: &str, mode: Mode, code: &str, column: u32| {
        let error = ask(&mut index, query, mode).unwrap_err();
        assert_eq!(error.code(), code, "{query:?}: {error}");
        if let Error::Query { column: found, .. } = error {
            assert_eq!(found, column, "{query:?}: {error}");
        }
    };
    check("x /a(b/", Mode::Lexical, "QUERY_INVALID", 5);
    check("kind:nonsense", Mode::Symbol, "QUERY_INVALID", 6);
    check("", Mode::Exact, "QUERY_INVALID", 1);
    check("lang:rust", Mode::Exact, "QUERY_INVALID", 1);
    check("?!", Mode::Symbol, "QUERY_INVALID", 1);
    check("/a{1000}{1000}/", Mode::Exact, "REGEX_TOO_LARGE", 0);
    check(&"x".repeat(1 << 20), Mode::Lexical, "LIMIT_EXCEEDED", 0);
    check(&format!("/{}/", "a|b".repeat(20_000)), Mode::Exact, "REGEX_TOO_LARGE", 0);
}

/// Nobody can make a query panic, and no query takes long.
#[test]
fn any_query_gives_a_value_or_a_code() {
    let mut index = index(&files(), 30);
    let parts = [
        "\"",
        "/",
        "-",
        "\\",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "*",
        "+",
        "?",
        "|",
        "^",
        "$",
        ".",
        ":",
        "symbol:",
        "kind:",
        "lang:",
        "path:",
        "case:",
        "yes",
        "OR",
        " ",
        "  ",
        "\n",
        "\t",
        "fn",
        "Segment",
        "put_varint",
        "class",
        "rust",
        "**",
        "!",
        "é",
        "検索",
        "🙂",
        "\u{0}",
        "\u{301}",
        "\u{202e}",
        "ﬁ",
        "İ",
        "ß",
        "\\d",
        "\\w+",
        "\\b",
        "{2,3}",
        "(?i)",
        "[^",
        "'",
        ",",
        "_",
        "0",
        "a",
    ];
    let mut seed = 2024u64;
    let mut next = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % bound
    };
    let known = ["QUERY_INVALID", "REGEX_TOO_LARGE", "LIMIT_EXCEEDED", "OPTION_INVALID"];
    for round in 0..600 {
        let query: String = (0..next(9)).map(|_| parts[next(parts.len())]).collect();
        let mode = [Mode::Lexical, Mode::Exact, Mode::Symbol][round % 3];
        let options = SearchOptions { mode, prefix: next(2) == 0, facets: true, ..SearchOptions::default() };
        if let Err(error) = index.search(&query, &options) {
            assert!(known.contains(&error.code()), "{query:?}: {error}");
            if let Error::Query { column, .. } = error {
                assert!(column >= 1 && column as usize <= query.encode_utf16().count() + 1, "{query:?}: {error}");
            }
        }
    }
    for query in [
        "(a+)+$",
        "/(a+)+$/",
        "/(a|a)*b/",
        "/(?:a?){50}a{50}/",
        "/[^q]*zzz|a/",
        "/.*.*.*=.*/",
        &"\"".repeat(5000),
        &"a ".repeat(30_000),
        &"-".repeat(60_000),
        &"/a/ ".repeat(60),
        &"{[(".repeat(9000),
    ] {
        for mode in [Mode::Lexical, Mode::Exact, Mode::Symbol] {
            let _ = index.search(query, &SearchOptions { mode, ..SearchOptions::default() });
        }
    }
}

#[test]
fn a_typo_in_a_longer_word_is_tolerated() {
    let mut index = index(&files(), 1000);
    let result = ask(&mut index, "segmnet writer", Mode::Lexical).unwrap();
    assert_eq!(result.corrected, [("segmnet".to_string(), vec!["segment".to_string()])]);
    assert!(
        result.hits.iter().take(3).any(|hit| hit.symbol.as_deref() == Some("SegmentWriter")),
        "{:?}",
        result.hits[0].symbol
    );
    for known in ["segment", "fnn", "where are segmnet writers kept in the store"] {
        assert_eq!(ask(&mut index, known, Mode::Lexical).unwrap().corrected, [], "{known:?}");
    }
}
