//! Who refers to what, over small projects in several languages: imports under other names, local names, members, callers and callees.

use codequarry::engine::refer::{Ask, Page, Referring, Which};

const ALL: Page = Page { limit: 1000, confidence: 0.1, from: None };
use codequarry::engine::{Builder, BuilderOptions, Change, Index};
use codequarry::syntax::Grammars;

fn index(files: &[(&str, &str)]) -> Index {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        grammars.register(name, codequarry_grammars::linked(name).expect("linked")).expect("usable");
    }
    let mut builder = Builder::new(BuilderOptions::default());
    for (path, text) in files {
        builder.add_file(path, text.as_bytes(), &mut grammars).expect("one segment is enough");
    }
    let built = builder.finish().expect("a segment").expect("files");
    let mut index = Index::default();
    index.add_segment(&built.name, built.bytes).expect("whole");
    let manifest = index.commit(&Change { add: vec![built.name], ..Change::default() }).expect("a manifest");
    index.open(&manifest).expect("it opens");
    index
}

fn ask(index: &mut Index, ask: Ask, name: &str, path: Option<&str>) -> Referring {
    let which = Which { name: Some(name.into()), path: path.map(String::from), line: None };
    index.refer(ask, &which, &ALL).expect("an answer")
}

/// `path:line role in confidence`, of all places.
fn places(found: &Referring) -> Vec<String> {
    let within = |at: &codequarry::engine::refer::FoundReference| {
        at.within.as_ref().map_or("-".to_string(), |symbol| symbol.row.name.clone())
    };
    found
        .references
        .iter()
        .map(|at| {
            format!(
                "{}:{} {} in {} {} {}",
                at.path,
                at.line + 1,
                at.role.as_str(),
                within(at),
                at.confidence,
                at.because
            )
        })
        .collect()
}

#[test]
fn imports_are_followed_and_local_names_shadow() {
    let mut index = index(&[
        (
            "src/format.ts",
            "export function format(value: number): string {\n  return pad(value);\n}\nfunction pad(n: number) { return String(n) }\n",
        ),
        (
            "src/table.ts",
            "import { format as show } from './format';\n\nexport function table(rows: number[]) {\n  return rows.map((row) => show(row));\n}\n",
        ),
        (
            "src/page.ts",
            "import { format } from './format.js';\n\nexport function page() { return format(1) }\nexport function other(format: (n: number) => string) {\n  return format(2);\n}\n",
        ),
        (
            "lib/dates.ts",
            "export function format(date: Date) { return date.toISOString() }\nexport const now = () => format(new Date());\n",
        ),
    ]);
    let found = ask(&mut index, Ask::Definitions, "format", None);
    assert_eq!(
        found.definitions.iter().map(|at| at.path.as_str()).collect::<Vec<_>>(),
        ["lib/dates.ts", "src/format.ts"]
    );
    let found = ask(&mut index, Ask::References, "format", Some("src/format.ts"));
    assert_eq!(
        places(&found),
        [
            "src/page.ts:1 import in - 0.99 imported",
            "src/page.ts:3 call in page 0.99 imported",
            "src/table.ts:1 import in - 0.99 imported",
            "src/table.ts:4 call in table 0.99 imported",
        ]
    );
    let found = ask(&mut index, Ask::Callers, "format", Some("lib/dates.ts"));
    assert_eq!(places(&found), ["lib/dates.ts:2 call in now 0.99 same file"]);
    let found = ask(&mut index, Ask::Callees, "table", None);
    let called: Vec<_> =
        found.references.iter().map(|at| (at.name.as_str(), at.target.as_ref().map(|to| to.path.as_str()))).collect();
    assert_eq!(called, [("map", None), ("show", Some("src/format.ts"))]);
}

#[test]
fn members_are_told_by_their_object_and_types_by_their_place() {
    let mut index = index(&[
        (
            "app/shapes.py",
            "class Shape:\n    def area(self):\n        return 0\n\n    def twice(self):\n        return 2 * self.area()\n\n\nclass Square(Shape):\n    def area(self):\n        return 1\n",
        ),
        (
            "app/main.py",
            "from app.shapes import Square\nimport shapes\n\n\ndef run():\n    area = 3\n    print(area)\n    return Square().area() + shapes.Shape().twice()\n",
        ),
    ]);
    let found = ask(&mut index, Ask::References, "Shape", None);
    assert_eq!(
        places(&found),
        [
            "app/main.py:8 call in run 0.94 member of what is imported",
            "app/shapes.py:9 inherit in Square 0.99 same file"
        ]
    );
    let found = ask(&mut index, Ask::References, "Shape.area", None);
    assert!(
        places(&found).contains(&"app/shapes.py:6 call in twice 0.95 member of the same type".to_string()),
        "{:?}",
        places(&found)
    );
    // A variable of a function is no reference to a method of its name.
    assert!(
        found.references.iter().all(|at| at.line != 5 && at.line != 6 || at.path != "app/main.py"),
        "{:?}",
        places(&found)
    );
}

#[test]
fn each_import_has_its_own_module() {
    let files = [
        ("shop/basket/sums.py", "def total(items):\n    return 0\n"),
        ("shop/web/models.py", "class Response:\n    pass\n"),
        (
            "shop/web/page.py",
            "import os\nfrom shop.basket.sums import total\nfrom framework.answers import Response\nfrom shop import Response as Own\n\n\ndef page():\n    Own()\n    return Response(total([]))\n",
        ),
        (
            "shop/web/other.py",
            "from shop.basket.sums import (\n    total,\n)\nfrom framework.answers import Response\n\n\ndef other():\n    return Response(total([]))\n",
        ),
    ];
    let mut index = index(&files);
    let found = ask(&mut index, Ask::References, "total", None);
    assert_eq!(
        places(&found),
        [
            "shop/web/other.py:2 import in - 0.99 imported",
            "shop/web/other.py:8 call in other 0.99 imported",
            "shop/web/page.py:2 import in - 0.99 imported",
            "shop/web/page.py:9 call in page 0.99 imported",
        ]
    );
    // What comes from elsewhere is not what only has the name.
    assert_eq!(places(&ask(&mut index, Ask::References, "Response", None)), [""; 0]);
}

#[test]
fn names_in_braces_have_the_path_before_them() {
    let mut index = index(&[
        ("src/routing/mod.rs", "mod route;\npub use self::route::Route;\n"),
        ("src/routing/route.rs", "pub struct Route;\n"),
        ("src/fast/future.rs", "pub struct Route;\n"),
        (
            "src/boxed.rs",
            "use std::fmt;\nuse crate::{\n    handler::{self, Handler},\n    routing::{future::{Own as Other, One}, Route},\n    Router,\n};\n\npub fn make() -> Route {\n    Route\n}\n",
        ),
    ]);
    let found = ask(&mut index, Ask::References, "Route", Some("src/routing/route.rs"));
    assert_eq!(
        places(&found)[..2],
        ["src/boxed.rs:4 import in - 0.99 imported", "src/boxed.rs:8 type in make 0.99 imported"]
    );
    assert!(ask(&mut index, Ask::References, "Route", Some("src/fast/future.rs")).references.is_empty());
}

#[test]
fn packages_are_folders_where_nothing_is_imported() {
    let mut index = index(&[
        ("pool/pool.go", "package pool\n\ntype Pool struct{}\n\nfunc New() *Pool { return &Pool{} }\n"),
        ("pool/use.go", "package pool\n\nfunc use() { p := New(); _ = p }\n"),
        ("cmd/main.go", "package main\n\nimport \"example.org/x/pool\"\n\nfunc main() { pool.New() }\n"),
        ("other/new.go", "package other\n\nfunc New() int { return 1 }\n\nfunc f() int { return New() }\n"),
    ]);
    let found = ask(&mut index, Ask::Callers, "New", Some("pool/pool.go"));
    assert_eq!(
        places(&found),
        ["cmd/main.go:5 call in main 0.94 member of what is imported", "pool/use.go:3 call in use 0.99 same folder"]
    );
}

#[test]
fn a_language_without_rules_has_no_references_and_lines_find_symbols() {
    let mut index =
        index(&[("a.sql", "create table t (x int);\nselect x from t;\n"), ("b.rs", "fn a() { b() }\n\nfn b() {}\n")]);
    let found = ask(&mut index, Ask::References, "t", None);
    assert!(found.references.is_empty() && found.complete);
    let which = Which { name: None, path: Some("b.rs".into()), line: Some(2) };
    let found = index.refer(Ask::Callers, &which, &ALL).expect("an answer");
    assert_eq!(places(&found), ["b.rs:1 call in a 0.99 same file"]);
    assert_eq!(found.references[0].text, "fn a() { b() }");
}

/// What a language says of a name, in one small project each: the files, the symbol with its file, and the places that mean it, each with its ground.
type Case =
    (&'static str, &'static [(&'static str, &'static str)], (&'static str, &'static str), &'static [&'static str]);

const CASES: &[Case] = &[
    (
        "a name that is handed on is followed to where it is declared",
        &[
            ("src/shapes/square.ts", "export function area() { return 1 }\n"),
            ("src/shapes/index.ts", "export { area } from './square.js';\n"),
            ("src/all.ts", "export * from './shapes';\n"),
            ("src/page.ts", "import { area } from './all';\nexport const page = () => area();\n"),
            ("lib/area.ts", "export function area() { return 2 }\n"),
        ],
        ("area", "src/shapes/square.ts"),
        &["src/page.ts:1 imported", "src/page.ts:2 imported", "src/shapes/index.ts:1 imported"],
    ),
    (
        "a package hands on what its modules declare",
        &[
            ("shop/base.py", "class Box:\n    pass\n"),
            ("shop/__init__.py", "from .base import Box\n"),
            ("shop/web/page.py", "from .. import Box\nimport shop\n\nBox()\nshop.Box()\n"),
            ("other/box.py", "class Box:\n    pass\n"),
        ],
        ("Box", "shop/base.py"),
        &[
            "shop/__init__.py:1 imported",
            "shop/web/page.py:1 imported",
            "shop/web/page.py:4 imported",
            "shop/web/page.py:5 member of what is imported",
        ],
    ),
    (
        "`pub use` hands on, and `self` and `super` are followed",
        &[
            ("src/net/mod.rs", "mod socket;\npub use socket::{Socket, other};\n"),
            ("src/net/socket.rs", "pub struct Socket;\n"),
            ("src/lib.rs", "pub mod net;\nuse crate::net::Socket;\nfn f(s: Socket) {}\n"),
            ("src/net/udp.rs", "use super::Socket;\nfn g(s: Socket) {}\n"),
            ("src/fake.rs", "pub struct Socket;\n"),
        ],
        ("Socket", "src/net/socket.rs"),
        &[
            "src/lib.rs:2 imported",
            "src/lib.rs:3 imported",
            "src/net/mod.rs:2 imported",
            "src/net/udp.rs:1 imported",
            "src/net/udp.rs:2 imported",
        ],
    ),
    (
        "a relative import names one file, not each of that name",
        &[
            ("a/format.ts", "export const format = () => 1;\n"),
            ("b/format.ts", "export const format = () => 2;\n"),
            ("b/c/page.ts", "import { format } from '../format';\nformat();\n"),
        ],
        ("format", "a/format.ts"),
        &[],
    ),
    (
        "a module as a whole is none of its names",
        &[
            ("Patch.ts", "export interface Patch {}\n"),
            ("use.ts", "import * as Patch from './Patch';\nexport const f = (p: Patch.Patch) => p;\n"),
        ],
        ("Patch", "Patch.ts"),
        &["use.ts:2 member of what is imported"],
    ),
    (
        "what `require` brings is imported",
        &[
            ("lib/hash.js", "class Hash {}\nmodule.exports = Hash;\n"),
            ("old/hash.js", "class Hash {}\nmodule.exports = Hash;\n"),
            ("lib/use.js", "const { Hash } = require('./hash');\nfunction f() { return new Hash(); }\n"),
        ],
        ("Hash", "lib/hash.js"),
        &["lib/hash.js:2 same file", "lib/use.js:2 imported"],
    ),
    (
        "a member belongs to the type that its object is declared with",
        &[(
            "pool.go",
            "package pool\n\ntype Pool struct{ size int }\ntype Other struct{ size int }\n\nfunc (p *Pool) Grow() { p.size++ }\nfunc (o *Other) Grow() { o.size++ }\nfunc New() *Pool { return &Pool{size: 1} }\n",
        )],
        ("Pool.size", "pool.go"),
        &["pool.go:6 member of its declared type", "pool.go:8 member, same file"],
    ),
    (
        "parameters and variables say their type",
        &[
            ("a.ts", "export class Client { send() {} }\nexport class Server { send() {} }\n"),
            (
                "b.ts",
                "import { Client, Server } from './a';\nexport function f(c: Client, s: Server) { c.send(); s.send(); }\nexport function g() { const d = new Client(); d.send(); }\n",
            ),
        ],
        ("Client.send", "a.ts"),
        &["b.ts:2 member of its declared type", "b.ts:3 member of its declared type"],
    ),
    (
        "a package has no methods",
        &[
            ("log/log.go", "package log\n\ntype Log struct{}\n\nfunc (l Log) Errorf() {}\n"),
            ("use.go", "package use\n\nimport \"fmt\"\n\nfunc f() { fmt.Errorf() }\n"),
        ],
        ("Errorf", "log/log.go"),
        &[],
    ),
    (
        "`super` is what is inherited, and an object has no strangers' members",
        &[(
            "a.py",
            "class Base:\n    def area(self):\n        return 0\n\n\nclass Square(Base):\n    def area(self):\n        return super().area()\n\n\nclass Alone:\n    def f(self):\n        return self.area\n",
        )],
        ("Base.area", "a.py"),
        &["a.py:8 inherited"],
    ),
    (
        "what a namespace declares is seen in it",
        &[(
            "a.ts",
            "export interface Lookup {}\nexport declare namespace f { type Lookup = string; type Args = Lookup }\nexport type Own = Lookup;\n",
        )],
        ("f.Lookup", "a.ts"),
        &["a.ts:2 same file"],
    ),
    (
        "a variable of the file shadows another file's name",
        &[("a.js", "export function mime() {}\n"), ("b.js", "var { mime } = window.tools;\nmime();\n")],
        ("mime", "a.js"),
        &[],
    ),
    (
        "annotations may be strings",
        &[("a.py", "class Box:\n    def copy(self) -> \"Box\":\n        pass\n")],
        ("Box", "a.py"),
        &["a.py:2 same file"],
    ),
    (
        "a header and its source declare one function",
        &[
            ("src/text.h", "int trim(char *text);\n"),
            ("src/text.c", "#include \"text.h\"\n\nint trim(char *text) { return 0; }\n"),
            ("src/use.c", "#include \"text.h\"\n\nint use(char *t) { return trim(t); }\n"),
        ],
        ("trim", "src/text.c"),
        &["src/use.c:3 member of what is imported"],
    ),
    (
        "keys of literals are fields, macros need no import",
        &[
            (
                "src/a.rs",
                "macro_rules! show { () => {} }\npub struct Point { x: u32 }\nimpl Point { fn new() -> Self { Self { x: 1 } } }\n",
            ),
            ("src/b.rs", "fn f() { show!(); }\n"),
        ],
        ("Point.x", "src/a.rs"),
        &["src/a.rs:3 member of the same type"],
    ),
];

#[test]
fn places_mean_what_their_language_says() {
    for (what, files, (name, path), expected) in CASES {
        let mut index = index(files);
        let found = ask(&mut index, Ask::References, name, Some(path));
        let places: Vec<String> =
            found.references.iter().map(|at| format!("{}:{} {}", at.path, at.line + 1, at.because)).collect();
        assert_eq!(places, *expected, "{what}");
    }
}
