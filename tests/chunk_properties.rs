//! What holds for every input: chunks cover the text byte for byte, in order, within the limit; outlines are well formed; nothing
//! panics and nothing recurses.
//!
//! Inputs are random bytes, real code with random damage, and the shapes that break parsers. The generator is seeded, so that a
//! failure can be repeated.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use codequarry::chunk::{Chunk, ChunkOptions, TokenLimit, chunk, chunk_within};
use codequarry::language::{self, Language};
use codequarry::symbol::symbols;
use codequarry::syntax::{Grammars, Outline, ParseBudget, ParseRefusal, Tree};
use codequarry::text::{Decoded, LineIndex, decode};

/// xorshift64*: enough for picking places.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn grammars() -> Grammars {
    let mut grammars = Grammars::new();
    for name in language::all().iter().filter_map(|language| language.grammar) {
        let linked = codequarry_grammars::linked(name).expect("every grammar of the table is linked");
        grammars.register(name, linked).expect("linked grammars are usable");
    }
    grammars
}

fn parsed() -> impl Iterator<Item = &'static Language> {
    language::all().iter().filter(|language| language.grammar.is_some())
}

fn check_chunks(text: &str, chunks: &[Chunk], options: &ChunkOptions, what: &str) {
    let mut at = 0;
    for chunk in chunks {
        assert_eq!(chunk.span.start, at, "{what}: a gap or an overlap");
        assert!(chunk.span.end > at, "{what}: an empty chunk at {at}");
        assert!(text.is_char_boundary(chunk.span.end as usize), "{what}: cut in a character at {}", chunk.span.end);
        assert!(
            chunk.span.len() <= options.max_bytes.max(64),
            "{what}: {} bytes at {at}, at most {} are allowed",
            chunk.span.len(),
            options.max_bytes
        );
        if let Some(docs) = chunk.docs {
            assert!(chunk.span.contains(docs), "{what}: docs outside of their chunk");
        }
        at = chunk.span.end;
    }
    assert_eq!(at as usize, text.len(), "{what}: the end is missing");
}

fn check_outline(text: &str, outline: &Outline, what: &str) {
    let whole = codequarry::text::Span::new(0, text.len() as u32);
    let mut last_start = 0;
    for (index, declaration) in outline.declarations.iter().enumerate() {
        for span in [declaration.range, declaration.unit, declaration.name_range, declaration.signature]
            .into_iter()
            .chain(declaration.docs)
            .chain(declaration.body)
        {
            assert!(whole.contains(span) && span.start <= span.end, "{what}: {span:?} of {}", declaration.name);
            assert!(
                text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize),
                "{what}: {span:?} splits a character"
            );
        }
        assert!(!declaration.name.is_empty(), "{what}: a declaration without a name");
        assert!(declaration.unit.contains(declaration.range), "{what}: a unit smaller than its declaration");
        assert!(
            declaration.range.contains(declaration.signature),
            "{what}: a signature outside of {}",
            declaration.name
        );
        assert!(declaration.unit.end >= last_start, "{what}: out of order");
        last_start = declaration.signature.start;
        if let Some(parent) = declaration.parent {
            assert!((parent as usize) < index, "{what}: a parent after its child");
            let parent = &outline.declarations[parent as usize];
            assert!(
                parent.range.contains(declaration.name_range),
                "{what}: {} outside of {}",
                declaration.name,
                parent.name
            );
        }
    }
}

fn check(grammars: &mut Grammars, language: &'static Language, text: &str, what: &str) -> Option<Tree> {
    check_within(grammars, language, text, ParseBudget::default(), what)
}

fn check_within(
    grammars: &mut Grammars,
    language: &'static Language,
    text: &str,
    budget: ParseBudget,
    what: &str,
) -> Option<Tree> {
    let tree = match grammars.parse(language, text, budget) {
        Ok(tree) => Some(tree),
        Err(ParseRefusal::Deadline | ParseRefusal::Depth) => None,
        Err(refusal) => panic!("{what}: {refusal:?}"),
    };
    let outline = tree.as_ref().map(|tree| tree.outline(text)).unwrap_or_default();
    check_outline(text, &outline, what);
    assert_eq!(symbols(&outline).len(), outline.declarations.len());
    for max_bytes in [1, 100, 500, 1500, 100_000] {
        let options = ChunkOptions::with_max_bytes(max_bytes);
        check_chunks(text, &chunk(text, tree.as_ref(), &outline, &options), &options, what);
    }
    check_chunks(
        text,
        &chunk(text, None, &Outline::default(), &ChunkOptions::default()),
        &ChunkOptions::default(),
        what,
    );
    tree
}

fn golden_sources() -> Vec<(&'static Language, PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut sources = Vec::new();
    for language in parsed() {
        for entry in std::fs::read_dir(folder.join(language.id)).expect("a folder a language") {
            let path = entry.expect("a readable entry").path();
            if path.extension().is_some_and(|extension| extension != "expect") {
                let text = std::fs::read_to_string(&path).expect("golden sources are UTF-8");
                sources.push((language, path, text));
            }
        }
    }
    sources.sort_by(|left, right| left.1.cmp(&right.1));
    sources
}

#[test]
fn golden_sources_are_covered() {
    let mut grammars = grammars();
    for (language, path, text) in golden_sources() {
        let what = path.display().to_string();
        check(&mut grammars, language, &text, &what);
        check(&mut grammars, language, &text.replace('\n', "\r\n"), &format!("{what} with CRLF"));
        check(&mut grammars, language, &text.replace('\n', " "), &format!("{what} in one line"));
        check(&mut grammars, language, &text.repeat(20), &format!("{what} twenty times"));
    }
}

/// Runs of letters and digits in pieces of four, everything else one by one: about what tokenizers do.
fn tokens(text: &str) -> u32 {
    let (mut count, mut run) = (0, 0);
    for char in text.chars() {
        run = if char.is_ascii_alphanumeric() { (run + 1) % 4 } else { 1 };
        count += u32::from(run == 1);
    }
    count
}

#[test]
fn chunks_stay_within_tokens() {
    let mut grammars = grammars();
    let options = ChunkOptions::default();
    for (language, path, text) in golden_sources() {
        let text = text.repeat(3) + &"🦀".repeat(300);
        let tree = grammars.parse(language, &text, ParseBudget::default()).ok();
        let outline = tree.as_ref().map(|tree| tree.outline(&text)).unwrap_or_default();
        let within = |max: u32, tree: Option<&Tree>| {
            let mut limit = TokenLimit { max, count: Box::new(|text| Some(tokens(text))) };
            chunk_within(&text, tree, &outline, &options, &mut limit).expect("the tokenizer does not fail")
        };
        for max in [16, 50, 200] {
            let what = format!("{} within {max}", path.display());
            for tree in [tree.as_ref(), None] {
                let chunks = within(max, tree);
                check_chunks(&text, &chunks, &options, &what);
                assert!(chunks.iter().all(|chunk| tokens(chunk.span.of(&text)) <= max), "{what}");
                assert_eq!(chunks, within(max, tree), "{what}");
            }
        }
        assert_eq!(within(u32::MAX, tree.as_ref()), chunk(&text, tree.as_ref(), &outline, &options));
    }
}

#[test]
fn chunks_within_tokens_are_cut_where_something_starts() {
    let method =
        |name: &str| format!("    /** Says {name}. */\n    {name}(a: number) {{\n        return a + 1;\n    }}\n\n");
    let text = format!("class Greeter {{\n{}}}\n", ["hello", "bye", "thanks"].map(method).concat());
    let mut grammars = grammars();
    let language = language::by_id("typescript").expect("known");
    let tree = grammars.parse(language, &text, ParseBudget::default()).expect("small");
    let outline = tree.outline(&text);
    let options = ChunkOptions::default();
    assert_eq!(chunk(&text, Some(&tree), &outline, &options).len(), 1, "by bytes it is one chunk");
    let mut limit = TokenLimit { max: 60, count: Box::new(|text| Some(tokens(text))) };
    let chunks = chunk_within(&text, Some(&tree), &outline, &options, &mut limit).expect("it counts");
    let starts: Vec<&str> =
        chunks.iter().map(|chunk| chunk.span.of(&text).trim_start().lines().next().unwrap()).collect();
    assert_eq!(starts, ["class Greeter {", "/** Says hello. */", "/** Says bye. */", "/** Says thanks. */"]);
}

#[test]
fn a_tokenizer_that_fails_is_an_error() {
    let (text, options) = ("word ".repeat(100), ChunkOptions::default());
    let check = |count: fn(&str) -> Option<u32>| {
        let mut limit = TokenLimit { max: 16, count: Box::new(count) };
        let error = chunk_within(&text, None, &Outline::default(), &options, &mut limit).expect_err("it fails");
        assert_eq!(error.code(), "TOKENIZER_FAILED");
    };
    check(|_| None);
    check(|_| Some(17));
    check(|_| Some(u32::MAX));
    check(|text| if text.len() < 100 { None } else { Some(1_000) });
}

#[test]
fn damaged_sources_are_covered() {
    const SCRAPS: &[&str] = &[
        "{", "}", "(", ")", "[", "]", "\"", "'", "`", "/*", "*/", "//", "#", "<", ">", "\n\n", "\\", "é", "🦀", "\0",
        ";", "end\n",
    ];
    let mut grammars = grammars();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (language, path, text) in golden_sources() {
        for round in 0..40 {
            let mut damaged = text.clone();
            for _ in 0..=random.below(6) {
                let mut at = random.below(damaged.len());
                let mut end = (at + random.below(200)).min(damaged.len());
                while !damaged.is_char_boundary(at) {
                    at -= 1;
                }
                while !damaged.is_char_boundary(end) {
                    end += 1;
                }
                let piece = damaged[at..end].to_owned();
                match random.below(4) {
                    0 => damaged.replace_range(at..end, ""),
                    1 => damaged.insert_str(at, &piece),
                    2 => damaged.truncate(end),
                    _ => damaged.insert_str(at, SCRAPS[random.below(SCRAPS.len())]),
                }
            }
            check(&mut grammars, language, &damaged, &format!("{} damaged, round {round}", path.display()));
        }
    }
}

#[test]
fn sources_in_another_language_are_covered() {
    let mut grammars = grammars();
    let sources = golden_sources();
    for language in parsed() {
        for (_, path, text) in &sources {
            check(&mut grammars, language, text, &format!("{} as {}", path.display(), language.id));
        }
    }
}

#[test]
fn random_bytes_are_refused_or_covered() {
    let mut grammars = grammars();
    let mut random = Random(42);
    let languages: Vec<_> = parsed().collect();
    for round in 0..300 {
        let len = random.below(4000);
        let printable = round % 2 == 0;
        let bytes: Vec<u8> = (0..len)
            .map(|_| {
                let byte = random.next() as u8;
                if printable { b" \n\t{}()[]<>;:,.'\"`/*#=+-ab01_\xC3\xA9\xFF"[byte as usize % 32] } else { byte }
            })
            .collect();
        for prefix in [&b""[..], b"\xFF\xFE", b"\xFE\xFF", b"\xEF\xBB\xBF"] {
            let bytes = [prefix, &bytes].concat();
            if let Ok(Decoded { text, .. }) = decode(&bytes) {
                check(
                    &mut grammars,
                    languages[random.below(languages.len())],
                    &text,
                    &format!("random bytes, round {round}"),
                );
            }
        }
    }
}

/// Runs on a stack of a quarter of WebAssembly's: whatever recursed over a deep tree would overflow it.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread");
    thread.join().expect("no panic");
}

/// A parse that takes longer than this is left: what is tested is that nothing overflows, not how fast garbage is parsed.
fn patient(grammars: &mut Grammars) -> ParseBudget {
    let start = std::time::Instant::now();
    grammars.set_clock(Box::new(move || start.elapsed().as_millis() as u64));
    ParseBudget { base_millis: 300, bytes_per_milli: u64::MAX, ..ParseBudget::default() }
}

#[test]
fn deep_nesting_needs_no_stack() {
    const EVERYWHERE: &[(&str, &str)] = &[("(", ")"), ("[", "]"), ("{", "}")];
    const SOMEWHERE: &[(&str, &str, &str)] = &[
        ("json", "{\"a\":", "}"),
        ("yaml", "- ", ""),
        ("yaml", "{a: ", "}"),
        ("markdown", "> ", ""),
        ("markdown", "- ", ""),
        ("html", "<a>", "</a>"),
        ("jsx", "<a>", "</a>"),
        ("typescript", "A<", ">"),
        ("cpp", "a<", ">"),
        ("ruby", "%w(", ")"),
        ("csharp", "$\"{", "}\""),
        ("bash", "$(", ")"),
        ("php", "<?php [", "]"),
    ];
    on_a_small_stack(|| {
        let mut grammars = grammars();
        let budget = patient(&mut grammars);
        let everywhere =
            parsed().flat_map(|language| EVERYWHERE.iter().map(|(open, close)| (language.id, *open, *close)));
        for (id, open, close) in everywhere.chain(SOMEWHERE.iter().copied()) {
            let language = language::by_id(id).expect("a known language");
            for closed in [true, false] {
                let text = open.repeat(100_000) + &close.repeat(if closed { 100_000 } else { 0 });
                check_within(
                    &mut grammars,
                    language,
                    &text,
                    budget,
                    &format!("100,000 {open} as {id}, closed: {closed}"),
                );
            }
        }
    });
}

#[test]
fn deep_indentation_is_refused_where_a_scanner_would_overflow() {
    let mut grammars = grammars();
    let yaml = language::by_id("yaml").expect("a known language");
    let python = language::by_id("python").expect("a known language");
    let steps = |levels: usize, line: &str| {
        (0..levels).map(|level| format!("{}{line}\n", " ".repeat(level))).collect::<String>()
    };
    for (language, text) in [
        (yaml, "- ".repeat(1000)),
        (yaml, steps(1000, "a:")),
        (yaml, steps(1000, "- b:")),
        (python, steps(1000, "if a:")),
    ] {
        let refused = grammars.parse(language, &text, ParseBudget::default());
        assert_eq!(refused.err(), Some(ParseRefusal::Depth), "{}", &text[..40]);
    }
    check(&mut grammars, yaml, &steps(150, "a:"), "150 levels of YAML");
    check(&mut grammars, python, &steps(150, "if a:"), "150 levels of Python");
}

#[test]
fn deep_declarations_need_no_stack() {
    on_a_small_stack(|| {
        let mut grammars = grammars();
        let budget = patient(&mut grammars);
        for (id, open, close) in [
            ("javascript", "function f(){\n", "}\n"),
            ("javascript", "class A { m() { return ", "1 } }\n"),
            ("rust", "mod m {\n", "}\n"),
            ("cpp", "namespace n {\n", "}\n"),
            ("python", "def f(): return (", ")"),
            ("java", "class A {\n", "}\n"),
            ("html", "<div id=\"a\">\n", "</div>\n"),
            ("css", "@media a {\n", "}\n"),
        ] {
            let language = language::by_id(id).expect("a known language");
            let text = open.repeat(20_000) + &close.repeat(20_000);
            check_within(&mut grammars, language, &text, budget, &format!("20,000 nested {open:?}"));
        }
    });
}

#[test]
fn long_lines_are_cut_between_characters() {
    let mut grammars = grammars();
    let budget = patient(&mut grammars);
    for language in parsed() {
        for unit in ["a", "é", "🦀", "a b ", "x=1;", "\"s\","] {
            let text = unit.repeat((1 << 15) / unit.len());
            check_within(
                &mut grammars,
                language,
                &text,
                budget,
                &format!("one long line of {unit:?} as {}", language.id),
            );
        }
    }
    let javascript = language::by_id("javascript").expect("a known language");
    check(&mut grammars, javascript, &"f(1);".repeat((1 << 20) / 5), "1 MiB in one line");
}

#[test]
fn small_texts_are_covered() {
    let mut grammars = grammars();
    for language in parsed() {
        for text in
            ["", "\n", " ", "\r\n\r\n", "a", "é", "#", "//", "/*", "{", "\u{feff}", "\u{2028}", "x\0y", "\n\n\n\n"]
        {
            check(&mut grammars, language, text, &format!("{text:?} as {}", language.id));
        }
    }
}

#[test]
fn a_parse_out_of_budget_is_refused_and_the_parser_still_works() {
    let mut grammars = grammars();
    let rust = language::by_id("rust").expect("a known language");
    let text = "fn f() { let x = 1; }\n".repeat(2000);
    let budget = ParseBudget { base_ticks: 3, bytes_per_tick: u64::MAX, ..ParseBudget::default() };
    assert_eq!(grammars.parse(rust, &text, budget).err(), Some(ParseRefusal::Deadline));
    let budget = ParseBudget { base_scan_bytes: 2048, scans_per_byte: 0, ..ParseBudget::default() };
    assert_eq!(grammars.parse(rust, &text, budget).err(), Some(ParseRefusal::Deadline));
    let tree = grammars.parse(rust, "fn g() {}", ParseBudget::default()).expect("a small text");
    assert_eq!(tree.outline("fn g() {}").declarations[0].name, "g");
    let small = ParseBudget { max_bytes: 10, ..ParseBudget::default() };
    assert_eq!(grammars.parse(rust, &text, small).err(), Some(ParseRefusal::TooLarge));
    let text_only = language::by_id("asciidoc").expect("a known language");
    assert_eq!(grammars.parse(text_only, "= Title", ParseBudget::default()).err(), Some(ParseRefusal::NoGrammar));
}

#[test]
fn scanners_that_run_ahead_again_and_again_are_stopped_without_a_clock() {
    let mut grammars = grammars();
    for (id, text) in
        [("lua", "not ".repeat(100_000)), ("svelte", "<script>\n".repeat(100_000) + &"</script>\n".repeat(100_000))]
    {
        let language = language::by_id(id).expect("a known language");
        let refused = grammars.parse(language, &text, ParseBudget::default());
        assert_eq!(refused.err(), Some(ParseRefusal::Deadline), "{id}");
    }
}

#[test]
fn lines_agree_with_counting() {
    let mut random = Random(7);
    for _ in 0..200 {
        let text: String = (0..random.below(60)).map(|_| ['a', '\n', '\r', 'é'][random.below(4)]).collect();
        let lines = LineIndex::new(&text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let counted = text[..offset].matches('\n').count() as u32;
            assert_eq!(lines.line(offset as u32), counted, "{text:?} at {offset}");
            let span = lines.span(counted);
            assert!(span.start as usize <= offset && offset <= span.end as usize);
        }
        assert_eq!(lines.count() as usize, text.matches('\n').count() + 1);
    }
}

#[test]
fn time_ends_a_parse_but_one_long_stop_does_not() {
    let rust = language::by_id("rust").expect("rust");
    let text = "fn f() { g(1); }\n".repeat(5_000);
    // Milliseconds that pass between the looks at the clock: one stop of an hour, and half a second each time.
    for (passes, sound) in [([3_600_000, 0], true), ([500, 500], false)] {
        let (now, looks) = (Cell::new(0), Cell::new(0));
        let clock = move || {
            now.set(now.get() + passes[usize::from(looks.replace(looks.get() + 1) != 1)]);
            now.get()
        };
        let mut grammars = grammars();
        grammars.set_clock(Box::new(clock));
        assert_eq!(grammars.parse(rust, &text, ParseBudget::default()).is_ok(), sound, "{passes:?}");
    }
}
