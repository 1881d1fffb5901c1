//! The table of languages.
//!
//! Order matters: the first language that claims a name has it.

use super::Language;
use super::rules::{
    Rules, bash, c, clojure, cpp, csharp, css, dart, dockerfile, elixir, erlang, go, graphql, haskell, hcl, html, java,
    javascript, json, julia, kotlin, lua, make, markdown, objc, ocaml, perl, php, powershell, proto, python, r, ruby,
    rust, scala, scss, solidity, sql, svelte, swift, toml, typescript, vue, yaml, zig,
};

/// A language with a grammar.
const fn parsed(
    id: &'static str,
    grammar: &'static str,
    rules: &'static Rules,
    extensions: &'static [&'static str],
) -> Language {
    Language { id, extensions, filenames: &[], interpreters: &[], grammar: Some(grammar), rules }
}

/// A language without a grammar: known by name, cut into line windows.
const fn plain(id: &'static str, extensions: &'static [&'static str]) -> Language {
    Language { id, extensions, filenames: &[], interpreters: &[], grammar: None, rules: &Rules::NONE }
}

impl Language {
    const fn named(mut self, filenames: &'static [&'static str]) -> Self {
        self.filenames = filenames;
        self
    }

    const fn run_by(mut self, interpreters: &'static [&'static str]) -> Self {
        self.interpreters = interpreters;
        self
    }
}

/// Every language, in a fixed order.
pub fn all() -> &'static [Language] {
    LANGUAGES
}

const LANGUAGES: &[Language] = &[
    parsed("javascript", "javascript", &javascript::RULES, &["js", "mjs", "cjs", "es6"])
        .run_by(&["node", "nodejs", "bun"]),
    parsed("jsx", "javascript", &javascript::RULES, &["jsx"]),
    parsed("typescript", "typescript", &typescript::RULES, &["ts", "mts", "cts"]).run_by(&["deno", "ts-node", "tsx"]),
    parsed("tsx", "tsx", &typescript::RULES, &["tsx"]),
    parsed("python", "python", &python::RULES, &["py", "pyi", "pyw"])
        .named(&["sconstruct", "sconscript", "wscript"])
        .run_by(&["python", "pypy"]),
    parsed("rust", "rust", &rust::RULES, &["rs"]),
    parsed("go", "go", &go::RULES, &["go"]),
    parsed("java", "java", &java::RULES, &["java"]),
    parsed("c", "c", &c::RULES, &["c", "h"]).run_by(&["tcc"]),
    parsed(
        "cpp",
        "cpp",
        &cpp::RULES,
        &["cpp", "cc", "cxx", "c++", "hpp", "hh", "hxx", "h++", "ipp", "tpp", "inl", "ixx", "cppm"],
    ),
    parsed("csharp", "csharp", &csharp::RULES, &["cs", "csx"]),
    parsed("ruby", "ruby", &ruby::RULES, &["rb", "rake", "gemspec", "ru", "podspec", "jbuilder", "rbw"])
        .named(&[
            "rakefile",
            "gemfile",
            "guardfile",
            "vagrantfile",
            "capfile",
            "podfile",
            "brewfile",
            "fastfile",
            "thorfile",
        ])
        .run_by(&["ruby", "jruby", "rake"]),
    parsed("php", "php", &php::RULES, &["php", "phtml", "php3", "php4", "php5", "php7", "phps"]).run_by(&["php"]),
    parsed("bash", "bash", &bash::RULES, &["sh", "bash", "zsh", "ksh", "bats", "ebuild", "command"])
        .named(&[
            ".bashrc",
            ".bash_profile",
            ".bash_aliases",
            ".bash_logout",
            ".profile",
            ".zshrc",
            ".zprofile",
            ".zshenv",
            ".envrc",
            "pkgbuild",
            "apkbuild",
        ])
        .run_by(&["sh", "bash", "dash", "zsh", "ksh", "ash", "bats"]),
    parsed("html", "html", &html::RULES, &["html", "htm", "xhtml"]),
    parsed("css", "css", &css::RULES, &["css", "pcss", "postcss"]),
    parsed("json", "json", &json::RULES, &["json", "jsonc", "json5", "webmanifest", "geojson", "map", "ipynb", "har"])
        .named(&[
            ".babelrc",
            ".eslintrc",
            ".prettierrc",
            ".swcrc",
            "composer.lock",
            "pipfile.lock",
            "flake.lock",
            ".jshintrc",
        ]),
    parsed("yaml", "yaml", &yaml::RULES, &["yaml", "yml", "cff"]).named(&[
        ".clang-format",
        ".clang-tidy",
        "pubspec.lock",
    ]),
    parsed("toml", "toml", &toml::RULES, &["toml"]).named(&[
        "cargo.lock",
        "pipfile",
        "poetry.lock",
        "uv.lock",
        "gopkg.lock",
    ]),
    parsed("markdown", "markdown", &markdown::RULES, &["md", "markdown", "mdown", "mkd", "mdx", "mdc"]),
    plain("text", &["txt", "text", "log"]).named(&[
        "readme",
        "license",
        "licence",
        "copying",
        "authors",
        "notice",
        "changelog",
        "changes",
        "todo",
        "copyright",
        "contributors",
        "maintainers",
        "codeowners",
        "install",
        "news",
        "version",
    ]),
    plain("restructuredtext", &["rst", "rest"]),
    plain("asciidoc", &["adoc", "asciidoc"]),
    plain("org", &["org"]),
    plain("tex", &["tex", "sty", "cls", "bib"]),
    plain("ini", &["ini", "cfg", "conf", "properties", "editorconfig", "desktop", "service", "env", "prefs"]).named(&[
        ".editorconfig",
        ".gitconfig",
        ".gitmodules",
        ".npmrc",
        ".pylintrc",
        ".flake8",
        ".env",
        ".coveragerc",
    ]),
    plain("ignore", &["gitignore", "dockerignore", "npmignore", "eslintignore", "prettierignore", "gitattributes"])
        .named(&[".gitignore", ".dockerignore", ".npmignore", ".eslintignore", ".prettierignore", ".gitattributes"]),
    parsed("dockerfile", "dockerfile", &dockerfile::RULES, &["dockerfile"]).named(&["dockerfile", "containerfile"]),
    parsed("makefile", "make", &make::RULES, &["mk", "mak", "make"])
        .named(&["makefile", "gnumakefile", "bsdmakefile"])
        .run_by(&["make"]),
    plain("cmake", &["cmake"]).named(&["cmakelists.txt"]),
    parsed("sql", "sql", &sql::RULES, &["sql", "ddl", "dml", "psql", "mysql"]),
    plain(
        "xml",
        &[
            "xml", "xsd", "xsl", "xslt", "svg", "plist", "csproj", "vbproj", "fsproj", "props", "targets", "pom",
            "wsdl", "xaml", "resx", "nuspec",
        ],
    ),
    parsed("vue", "vue", &vue::RULES, &["vue"]),
    parsed("svelte", "svelte", &svelte::RULES, &["svelte"]),
    plain("astro", &["astro"]),
    parsed("scss", "scss", &scss::RULES, &["scss"]),
    plain("sass", &["sass"]),
    plain("less", &["less"]),
    plain("stylus", &["styl"]),
    parsed("kotlin", "kotlin", &kotlin::RULES, &["kt", "kts", "ktm"]).run_by(&["kotlin", "kotlinc"]),
    parsed("swift", "swift", &swift::RULES, &["swift", "swiftinterface"]).run_by(&["swift"]),
    parsed("scala", "scala", &scala::RULES, &["scala", "sc", "sbt", "mill"]).run_by(&["scala", "scala-cli", "amm"]),
    plain("groovy", &["groovy", "gradle", "gvy"]).named(&["jenkinsfile"]),
    parsed("lua", "lua", &lua::RULES, &["lua", "rockspec", "wlua"])
        .named(&[".luacheckrc"])
        .run_by(&["lua", "luajit", "texlua"]),
    parsed("dart", "dart", &dart::RULES, &["dart"]),
    parsed("r", "r", &r::RULES, &["r", "rmd"]).run_by(&["Rscript"]),
    parsed("julia", "julia", &julia::RULES, &["jl"]).run_by(&["julia"]),
    parsed("perl", "perl", &perl::RULES, &["pl", "pm", "t", "pod"]).run_by(&["perl"]),
    parsed("powershell", "powershell", &powershell::RULES, &["ps1", "psm1", "psd1"]).run_by(&["pwsh"]),
    plain("batch", &["bat", "cmd"]),
    parsed("elixir", "elixir", &elixir::RULES, &["ex", "exs"]).named(&["mix.lock"]).run_by(&["elixir", "iex"]),
    plain("heex", &["heex"]),
    parsed("erlang", "erlang", &erlang::RULES, &["erl", "hrl", "escript"]).run_by(&["escript"]),
    parsed("haskell", "haskell", &haskell::RULES, &["hs", "hsc", "hs-boot"]).run_by(&["runhaskell", "runghc", "stack"]),
    plain("literate_haskell", &["lhs"]),
    parsed("ocaml", "ocaml", &ocaml::RULES, &["ml", "eliom"]).run_by(&["ocaml"]),
    parsed("ocaml_interface", "ocaml_interface", &ocaml::RULES, &["mli", "eliomi"]),
    plain("fsharp", &["fs", "fsx", "fsi"]),
    parsed("clojure", "clojure", &clojure::RULES, &["clj", "cljs", "cljc", "edn"]).run_by(&["clojure", "bb"]),
    plain("lisp", &["lisp", "lsp", "el", "scm", "rkt"]),
    parsed("zig", "zig", &zig::RULES, &["zig", "zon"]),
    plain("nim", &["nim", "nims"]),
    plain("d", &["d", "di"]),
    plain("crystal", &["cr"]),
    plain("fortran", &["f", "for", "f77", "f90", "f95", "f03", "f08"]),
    plain("pascal", &["pas", "pp", "dpr", "lpr"]),
    plain("ada", &["adb", "ads"]),
    plain("cobol", &["cob", "cbl", "cpy"]),
    parsed("objc", "objc", &objc::RULES, &["m", "mm"]),
    plain("cuda", &["cu", "cuh"]),
    plain("opencl", &["cl"]),
    plain("glsl", &["glsl", "vert", "frag", "geom", "comp", "tesc", "tese", "hlsl", "fx", "metal", "wgsl"]),
    plain("assembly", &["s", "asm", "nasm"]),
    plain("verilog", &["v", "sv", "svh", "vh"]),
    plain("vhdl", &["vhd", "vhdl"]),
    parsed("solidity", "solidity", &solidity::RULES, &["sol"]),
    plain("move", &["move"]),
    parsed("graphql", "graphql", &graphql::RULES, &["graphql", "gql", "graphqls"]),
    parsed("proto", "proto", &proto::RULES, &["proto"]),
    plain("thrift", &["thrift"]),
    parsed("hcl", "hcl", &hcl::RULES, &["hcl", "tf", "tfvars", "nomad"]),
    plain("nix", &["nix"]),
    plain("bazel", &["bzl", "bazel", "star"]).named(&["build", "workspace", "module.bazel"]),
    plain("meson", &[]).named(&["meson.build", "meson_options.txt"]),
    plain("just", &["just"]).named(&["justfile"]),
    plain("starlark", &["sky"]),
    plain("jinja", &["j2", "jinja", "jinja2", "njk"]),
    plain("handlebars", &["hbs", "handlebars", "mustache"]),
    plain("erb", &["erb", "eex", "leex"]),
    plain("twig", &["twig"]),
    plain("pug", &["pug", "jade"]),
    plain("haml", &["haml", "slim"]),
    plain("coffeescript", &["coffee", "litcoffee"]),
    plain("diff", &["diff", "patch"]),
    plain("csv", &["csv", "tsv"]),
    plain("vim", &["vim"]).named(&[".vimrc"]),
    plain("awk", &["awk"]).run_by(&["awk", "gawk"]),
    plain("sed", &["sed"]),
    plain("tcl", &["tcl", "tk"]).run_by(&["tclsh", "wish"]),
    plain("fish", &["fish"]).run_by(&["fish"]),
    plain("smalltalk", &["st"]),
    plain("prolog", &["pro", "prolog"]).run_by(&["swipl"]),
    plain("matlab", &["mat", "mlx"]),
    plain("webassembly", &["wat", "wast"]),
    plain("qml", &["qml"]),
    plain("hack", &["hack", "hhi"]),
    plain("elm", &["elm"]),
    plain("purescript", &["purs"]),
    plain("reason", &["re", "rei", "res", "resi"]),
    plain("gleam", &["gleam"]),
    plain("odin", &["odin"]),
    plain("vala", &["vala", "vapi"]),
    plain("haxe", &["hx"]),
    plain("gdscript", &["gd"]),
    plain("applescript", &["applescript"]),
    plain("visualbasic", &["vb", "vbs", "bas"]),
];
