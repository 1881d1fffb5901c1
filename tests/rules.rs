//! The rules of the languages against the grammars that are built in.

use std::collections::BTreeSet;

use codequarry::language::{self, SymbolKind};
use codequarry::syntax::unknown_names;

/// What tables of references name that not every language of the family has.
const FAMILIES: &[(&[&str], &[&str])] = &[
    (
        &["javascript", "jsx"],
        &[
            "type",
            "extends_clause",
            "extends_type_clause",
            "generic_type",
            "implements_clause",
            "method_signature",
            "nested_identifier",
            "nested_type_identifier",
            "non_null_expression",
            "optional_parameter",
            "property_signature",
            "required_parameter",
            "type_identifier",
        ],
    ),
    (&["typescript"], &["jsx_attribute", "jsx_opening_element", "jsx_self_closing_element"]),
    (
        &["c", "objc"],
        &[
            "base_class_clause",
            "for_range_loop",
            "namespace_identifier",
            "new_expression",
            "optional_parameter_declaration",
            "qualified_identifier",
            "reference_declarator",
            "template_function",
            "template_method",
            "template_type",
            "using_declaration",
        ],
    ),
];

#[test]
fn rules_name_what_the_grammars_have() {
    let mut all = Vec::new();
    for language in language::all().iter().filter(|language| language.grammar.is_some()) {
        let grammar = codequarry_grammars::linked(language.grammar.expect("a grammar")).expect("a linked grammar");
        // One table of references serves several languages: what only some of them have is known where one has it.
        let family =
            |name: &str| FAMILIES.iter().any(|(ids, names)| ids.contains(&language.id) && names.contains(&name));
        let mut unknown = unknown_names(language.rules(), &grammar);
        unknown.retain(|name| !name.rsplit(' ').next().is_some_and(family));
        if !unknown.is_empty() {
            all.push(format!("{}: {unknown:?}", language.id));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn names_of_languages_are_unique() {
    let mut seen = BTreeSet::new();
    for language in language::all() {
        assert!(seen.insert(language.id), "{} is there twice", language.id);
        assert!(language.extensions.iter().chain(language.filenames).all(|name| *name == name.to_lowercase()));
    }
    let mut seen = BTreeSet::new();
    for language in language::all() {
        for name in language
            .extensions
            .iter()
            .map(|name| format!("*.{name}"))
            .chain(language.filenames.iter().map(|name| (*name).to_owned()))
        {
            assert!(seen.insert(name.clone()), "{name} is claimed twice, the second time by {}", language.id);
        }
    }
}

#[test]
fn the_promised_languages_have_grammars() {
    for id in [
        "javascript",
        "jsx",
        "typescript",
        "tsx",
        "python",
        "rust",
        "go",
        "java",
        "c",
        "cpp",
        "csharp",
        "ruby",
        "php",
        "bash",
        "html",
        "css",
        "json",
        "yaml",
        "toml",
        "markdown",
        "kotlin",
        "swift",
        "scala",
        "elixir",
        "lua",
        "haskell",
        "zig",
        "fortran",
    ] {
        assert!(language::by_id(id).is_some_and(|language| language.grammar.is_some()), "{id}");
    }
}

#[test]
fn numbers_of_kinds_are_kept() {
    for kind in SymbolKind::ALL {
        assert_eq!(SymbolKind::from_number(kind.number()), Some(*kind));
    }
    // Persisted: a number never gets another meaning.
    let kept: Vec<String> = SymbolKind::ALL.iter().map(|kind| format!("{}={}", kind.number(), kind.as_str())).collect();
    assert_eq!(
        kept.join(" "),
        "2=module 3=namespace 4=package 5=class 6=method 7=property 8=field 9=constructor 10=enum 11=interface 12=function 13=variable \
         14=constant 20=key 22=enum_member 23=struct 24=event 25=operator 26=type_parameter 64=type 65=trait 66=impl 67=macro \
         68=section 69=selector 70=element"
    );
}

fn check(path: &str, head: &str, expected: Option<&str>) {
    assert_eq!(language::detect(path, head.as_bytes()).map(|language| language.id), expected, "{path} {head:?}");
}

#[test]
fn languages_are_found_by_name() {
    check("src/app.ts", "", Some("typescript"));
    check("src/dgemm.f", "", Some("fortran"));
    check("SRC/DGEMM.FOR", "", Some("fortran"));
    check("src/solver_mod.F90", "", Some("fortran"));
    check("src/app.d.ts", "", Some("typescript"));
    check("SRC\\APP.JS", "", Some("javascript"));
    check("view.jsx", "", Some("jsx"));
    check("view.tsx", "", Some("tsx"));
    check("Makefile", "", Some("makefile"));
    check("Makefile.am", "", Some("makefile"));
    check("Dockerfile.dev", "", Some("dockerfile"));
    check("a/Rakefile", "", Some("ruby"));
    check(".gitignore", "", Some("ignore"));
    check(".env", "", Some("ini"));
    check("Cargo.lock", "", Some("toml"));
    check("package.json", "", Some("json"));
    check("README", "", Some("text"));
    check("README.md", "", Some("markdown"));
    check("CMakeLists.txt", "", Some("cmake"));
    check("jquery.min.js", "", Some("javascript"));
    check("build.gradle.kts", "", Some("kotlin"));
    check("build.sbt", "", Some("scala"));
    check("mix.exs", "", Some("elixir"));
    check("build.zig.zon", "", Some("zig"));
    check("picture.png", "", None);
    check("bin/tool", "", None);
    check("", "", None);
    check(".", "", None);
    check("a/", "", None);
}

#[test]
fn languages_are_found_by_their_interpreter() {
    check("bin/tool", "#!/usr/bin/env python3\n", Some("python"));
    check("bin/tool", "#!/usr/bin/python3.12 -u\n", Some("python"));
    check("bin/tool", "#! /bin/sh\n", Some("bash"));
    check("bin/tool", "#!/usr/bin/env -S FOO=1 node --no-warnings\n", Some("javascript"));
    check("bin/tool", "#!/usr/bin/env\n", None);
    check("bin/tool", "#!\n", None);
    check("bin/tool", "#!/opt/unknown\n", None);
    check("bin/tool", "#!/usr/bin/env luajit\n", Some("lua"));
    check("bin/tool", "#!/usr/bin/env -S scala-cli shebang\n", Some("scala"));
    check("bin/tool", "#!/usr/bin/env elixir\n", Some("elixir"));
    check("bin/tool", "#!/usr/bin/env runghc\n", Some("haskell"));
    check("bin/tool", "#!/usr/bin/swift\n", Some("swift"));
    check("bin/tool", "#!/usr/bin/env lfortran\n", Some("fortran"));
    check("tool.rb", "#!/bin/sh\n", Some("ruby"));
}

#[test]
fn headers_are_cpp_when_they_say_so() {
    check("a.h", "#include <stdio.h>\nint f(void);\n", Some("c"));
    check("a.h", "/* class of things */\nstruct a { int b; };\n", Some("c"));
    check("a.h", "#pragma once\nnamespace a {\n", Some("cpp"));
    check("a.h", "#include <vector>\n", Some("cpp"));
    check("a.h", "int f(std::string name);\n", Some("cpp"));
    check("a.h", "template <typename T> T f();\n", Some("cpp"));
    check("a.hpp", "", Some("cpp"));
}
