//! Every linked grammar parses a small file of its language without an error.
#![cfg(feature = "linked")]

use codequarry_grammars::{linked, linked_names};
use tree_sitter::Parser;

/// A grammar's name, and source code of which it must understand every byte.
const SNIPPETS: &[(&str, &str)] = &[
    ("bash", "greet() { local name=\"$1\"; cat <<EOF\nhi ${name}\nEOF\n}\n"),
    ("c", "#include <stdio.h>\nint main(void) { return printf(\"%d\\n\", 1); }\n"),
    ("clojure", "(defn f [x] (inc x))\n"),
    ("cpp", "template <class T> T id(T t) { return t; }\nauto text = R\"(raw)\";\n"),
    ("csharp", "namespace N { class C { string F(int x) => $\"{x}\"; } }\n"),
    ("css", "@media print { a:hover > .b { color: #fff; } }\n"),
    ("dart", "class C {\n  int f(int x) => x + 1;\n}\n"),
    ("dockerfile", "FROM debian:12 AS build\nRUN make\n"),
    ("elixir", "defmodule M do\n  def f(x) when x > 0, do: \"#{x}\"\nend\n"),
    ("erlang", "-module(m).\nf(X) -> X + 1.\n"),
    (
        "fortran",
        "module m\ncontains\n  function f(x) result(y)\n    real, intent(in) :: x\n    real :: y\n    y = x + 1\n  end function f\nend module m\n",
    ),
    ("go", "package p\n\nfunc (s *S) F(x int) error { return nil }\n"),
    ("graphql", "type Query {\n  a(id: ID!): [String!]\n}\n"),
    ("haskell", "module M where\n\nf :: Int -> Int\nf x = x + 1\n"),
    ("hcl", "resource \"a\" \"b\" {\n  c = \"${d.e}\"\n}\n"),
    ("html", "<!doctype html><ul><li>one<li>two</ul><script>f()</script>\n"),
    ("java", "record P(int x) { static <T> T id(T t) { return t; } }\n"),
    ("javascript", "export const f = async (x) => `${x}` ?? <b>{x}</b>\n"),
    ("json", "{ \"a\": [1, true, null] }\n"),
    ("julia", "function f(x)\n    x + 1\nend\n"),
    ("kotlin", "class C(val x: Int) {\n    fun f(): String = \"$x\"\n}\n"),
    ("lua", "local function f(x)\n  return [[raw]] .. x\nend\n"),
    ("make", "all: a.o\n\tcc -o all a.o\n"),
    ("markdown", "# Title\n\n- item\n\n```rust\nfn f() {}\n```\n"),
    ("markdown_inline", "plain *emphasis* `code` [link](https://example.org)\n"),
    ("objc", "@interface C : NSObject\n- (int)f:(int)x;\n@end\n"),
    ("ocaml", "let f x = x + 1\n"),
    ("ocaml_interface", "val f : int -> int\n"),
    ("perl", "package C;\nsub f { return $_[0] + 1 }\n1;\n"),
    ("php", "<p><?php function f(int ...$x): string { return <<<T\nhi {$x[0]}\nT; } ?></p>\n"),
    ("powershell", "function Get-F($x) {\n  $x + 1\n}\n"),
    ("proto", "syntax = \"proto3\";\nmessage M {\n  string a = 1;\n}\n"),
    ("python", "@decorated\nasync def f(x: int) -> str:\n    return f\"{x}\"\n"),
    ("r", "f <- function(x) {\n  x + 1\n}\n"),
    ("ruby", "class C < B\n  def f(x) = <<~T\n    hi #{x}\n  T\nend\n"),
    ("rust", "impl<'a> T for S<'a> { fn f(&self) -> &str { r#\"raw\"# } }\n"),
    ("scala", "class C(x: Int) {\n  def f: String = s\"$x\"\n}\n"),
    ("scss", "$a: 1px;\n.b {\n  .c { margin: $a; }\n}\n"),
    ("solidity", "contract C {\n  function f(uint x) public pure returns (uint) { return x + 1; }\n}\n"),
    ("sql", "CREATE TABLE t (id INT PRIMARY KEY);\nSELECT id FROM t;\n"),
    ("svelte", "<script>let x = 1;</script>\n{#if x}<b>{x}</b>{/if}\n"),
    ("swift", "struct S {\n    func f(_ x: Int) -> String { \"\\(x)\" }\n}\n"),
    ("toml", "[package]\nname = \"x\"\nversions = [1, 2]\n"),
    ("tsx", "const f = <T,>(x: T) => <b key=\"k\">{x}</b>;\n"),
    ("typescript", "abstract class C<T> { constructor(private x: T) {} }\ntype N = `a${string}`;\n"),
    ("vue", "<template><b v-if=\"x\">{{ x }}</b></template>\n<script>export default {}</script>\n"),
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
