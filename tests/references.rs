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
            "src/page.ts:1 import in - 0.95 imported",
            "src/page.ts:3 call in page 0.95 imported",
            "src/table.ts:1 import in - 0.95 imported",
            "src/table.ts:4 call in table 0.95 imported",
        ]
    );
    let found = ask(&mut index, Ask::Callers, "format", Some("lib/dates.ts"));
    assert_eq!(places(&found), ["lib/dates.ts:2 call in now 0.95 same file"]);
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
            "app/main.py:8 call in run 0.8 member of what is imported",
            "app/shapes.py:9 inherit in Square 0.95 same file"
        ]
    );
    let found = ask(&mut index, Ask::References, "Shape.area", None);
    assert!(
        places(&found).contains(&"app/shapes.py:6 call in twice 0.9 member of the same type".to_string()),
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
            "shop/web/other.py:2 import in - 0.95 imported",
            "shop/web/other.py:8 call in other 0.95 imported",
            "shop/web/page.py:2 import in - 0.95 imported",
            "shop/web/page.py:9 call in page 0.95 imported",
        ]
    );
    // What comes from elsewhere is not what only has the name; what comes from a folder above may be.
    let found = ask(&mut index, Ask::References, "Response", None);
    assert_eq!(
        places(&found),
        [
            "shop/web/page.py:4 import in - 0.6 imported from a module of that name",
            "shop/web/page.py:8 call in page 0.6 imported from a module of that name"
        ]
    );
}

#[test]
fn names_in_braces_have_the_path_before_them() {
    let mut index = index(&[
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
        ["src/boxed.rs:4 import in - 0.95 imported", "src/boxed.rs:8 type in make 0.95 imported"]
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
        ["cmd/main.go:5 call in main 0.8 member of what is imported", "pool/use.go:3 call in use 0.7 same folder"]
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
    assert_eq!(places(&found), ["b.rs:1 call in a 0.95 same file"]);
    assert_eq!(found.references[0].text, "fn a() { b() }");
}
