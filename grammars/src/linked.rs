//! The grammars that are linked into a native build, by the names of `grammars.json`.
//!
//! Needs no `unsafe` of its own: the grammar crates wrap their C entry points in `LanguageFn`.

use tree_sitter::Language;
use tree_sitter_language::LanguageFn;

/// Every linked grammar, ordered by name.
const LINKED: &[(&str, LanguageFn)] = &[
    ("bash", tree_sitter_bash::LANGUAGE),
    ("c", tree_sitter_c::LANGUAGE),
    ("clojure", arborium_clojure::language()),
    ("cpp", tree_sitter_cpp::LANGUAGE),
    ("csharp", tree_sitter_c_sharp::LANGUAGE),
    ("css", tree_sitter_css::LANGUAGE),
    ("dart", tree_sitter_dart::LANGUAGE),
    ("dockerfile", arborium_dockerfile::language()),
    ("elixir", tree_sitter_elixir::LANGUAGE),
    ("erlang", tree_sitter_erlang::LANGUAGE),
    ("fortran", tree_sitter_fortran::LANGUAGE),
    ("go", tree_sitter_go::LANGUAGE),
    ("graphql", tree_sitter_graphql::LANGUAGE),
    ("haskell", tree_sitter_haskell::LANGUAGE),
    ("hcl", tree_sitter_hcl::LANGUAGE),
    ("html", tree_sitter_html::LANGUAGE),
    ("java", tree_sitter_java::LANGUAGE),
    ("javascript", tree_sitter_javascript::LANGUAGE),
    ("json", tree_sitter_json::LANGUAGE),
    ("julia", arborium_julia::language()),
    ("kotlin", tree_sitter_kotlin_ng::LANGUAGE),
    ("lua", tree_sitter_lua::LANGUAGE),
    ("make", tree_sitter_make::LANGUAGE),
    ("markdown", tree_sitter_md::LANGUAGE),
    ("markdown_inline", tree_sitter_md::INLINE_LANGUAGE),
    ("objc", tree_sitter_objc::LANGUAGE),
    ("ocaml", tree_sitter_ocaml::LANGUAGE_OCAML),
    ("ocaml_interface", tree_sitter_ocaml::LANGUAGE_OCAML_INTERFACE),
    ("perl", ts_parser_perl::LANGUAGE),
    ("php", tree_sitter_php::LANGUAGE_PHP),
    ("powershell", tree_sitter_powershell::LANGUAGE),
    ("proto", tree_sitter_proto::LANGUAGE),
    ("python", tree_sitter_python::LANGUAGE),
    ("r", tree_sitter_r::LANGUAGE),
    ("ruby", tree_sitter_ruby::LANGUAGE),
    ("rust", tree_sitter_rust::LANGUAGE),
    ("scala", tree_sitter_scala::LANGUAGE),
    ("scss", arborium_scss::language()),
    ("solidity", tree_sitter_solidity::LANGUAGE),
    ("sql", tree_sitter_sequel::LANGUAGE),
    ("svelte", tree_sitter_svelte_ng::LANGUAGE),
    ("swift", tree_sitter_swift::LANGUAGE),
    ("toml", tree_sitter_toml_ng::LANGUAGE),
    ("tsx", tree_sitter_typescript::LANGUAGE_TSX),
    ("typescript", tree_sitter_typescript::LANGUAGE_TYPESCRIPT),
    ("vue", arborium_vue::language()),
    ("yaml", tree_sitter_yaml::LANGUAGE),
    ("zig", tree_sitter_zig::LANGUAGE),
];

/// The grammar called `name`, or `None` when no such grammar is linked.
pub fn linked(name: &str) -> Option<Language> {
    let at = LINKED.binary_search_by_key(&name, |&(known, _)| known).ok()?;
    Some(Language::new(LINKED[at].1))
}

/// The names of all linked grammars, in ascending order.
pub fn linked_names() -> impl ExactSizeIterator<Item = &'static str> {
    LINKED.iter().map(|&(name, _)| name)
}
