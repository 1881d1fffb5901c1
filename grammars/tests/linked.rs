//! Every linked grammar parses a small file of its language without an error.
#![cfg(feature = "linked")]

use codequarry_grammars::{linked, linked_names};
use tree_sitter::Parser;

/// A grammar's name, and source code of which it must understand every byte.
const SNIPPETS: &[(&str, &str)] = &[
    ("bash", "greet() { local name=\"$1\"; cat <<EOF\nhi ${name}\nEOF\n}\n"),
    ("c", "#include <stdio.h>\nint main(void) { return printf(\"%d\\n\", 1); }\n"),
    ("cpp", "template <class T> T id(T t) { return t; }\nauto text = R\"(raw)\";\n"),
    ("csharp", "namespace N { class C { string F(int x) => $\"{x}\"; } }\n"),
    ("css", "@media print { a:hover > .b { color: #fff; } }\n"),
    ("elixir", "defmodule M do\n  def f(x) when x > 0, do: \"#{x}\"\nend\n"),
    ("go", "package p\n\nfunc (s *S) F(x int) error { return nil }\n"),
    ("haskell", "module M where\n\nf :: Int -> Int\nf x = x + 1\n"),
    ("html", "<!doctype html><ul><li>one<li>two</ul><script>f()</script>\n"),
    ("java", "record P(int x) { static <T> T id(T t) { return t; } }\n"),
    ("javascript", "export const f = async (x) => `${x}` ?? <b>{x}</b>\n"),
    ("json", "{ \"a\": [1, true, null] }\n"),
    ("kotlin", "class C(val x: Int) {\n    fun f(): String = \"$x\"\n}\n"),
    ("lua", "local function f(x)\n  return [[raw]] .. x\nend\n"),
    ("markdown", "# Title\n\n- item\n\n```rust\nfn f() {}\n```\n"),
    ("markdown_inline", "plain *emphasis* `code` [link](https://example.org)\n"),
    ("php", "<p><?php function f(int ...$x): string { return <<<T\nhi {$x[0]}\nT; } ?></p>\n"),
    ("python", "@decorated\nasync def f(x: int) -> str:\n    return f\"{x}\"\n"),
    ("ruby", "class C < B\n  def f(x) = <<~T\n    hi #{x}\n  T\nend\n"),
    ("rust", "impl<'a> T for S<'a> { fn f(&self) -> &str { r#\"raw\"# } }\n"),
    ("scala", "class C(x: Int) {\n  def f: String = s\"$x\"\n}\n"),
    ("swift", "struct S {\n    func f(_ x: Int) -> String { \"\\(x)\" }\n}\n"),
    ("toml", "[package]\nname = \"x\"\nversions = [1, 2]\n"),
    ("tsx", "const f = <T,>(x: T) => <b key=\"k\">{x}</b>;\n"),
    ("typescript", "abstract class C<T> { constructor(private x: T) {} }\ntype N = `a${string}`;\n"),
    ("yaml", "a:\n  - b: |\n      text\n  - &anchor c\n"),
    ("zig", "const S = struct {\n    fn f(x: u8) u8 {\n        return x + 1;\n    }\n};\n"),
];

#[test]
fn every_linked_grammar_has_a_snippet() {
    assert!(linked_names().eq(SNIPPETS.iter().map(|&(name, _)| name)));
}

#[test]
fn every_linked_grammar_parses_its_snippet() {
    for (name, source) in SNIPPETS {
        let mut parser = Parser::new();
        parser.set_language(&linked(name).unwrap()).unwrap();
        let tree = parser.parse(source, None).unwrap();
        assert!(!tree.root_node().has_error(), "{name}: {}", tree.root_node().to_sexp());
        assert_eq!(tree.root_node().end_byte(), source.len(), "{name}");
    }
}

#[test]
fn names_that_are_not_linked_have_no_grammar() {
    assert!(linked("cobol").is_none());
    assert!(linked("").is_none());
}
