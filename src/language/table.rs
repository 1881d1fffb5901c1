//! The table of languages.
//!
//! Order matters: the first language that claims a name has it.

use super::Language;

/// A language with a grammar.
const fn parsed(id: &'static str, grammar: &'static str, extensions: &'static [&'static str]) -> Language {
    Language { id, extensions, filenames: &[], interpreters: &[], grammar: Some(grammar) }
}

/// A language without a grammar: known by name, cut into line windows.
const fn plain(id: &'static str, extensions: &'static [&'static str]) -> Language {
    Language { id, extensions, filenames: &[], interpreters: &[], grammar: None }
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
    parsed("javascript", "javascript", &["js", "mjs", "cjs", "es6"]).run_by(&["node", "nodejs", "bun"]),
    parsed("jsx", "javascript", &["jsx"]),
    parsed("typescript", "typescript", &["ts", "mts", "cts"]).run_by(&["deno", "ts-node", "tsx"]),
    parsed("tsx", "tsx", &["tsx"]),
    parsed("python", "python", &["py", "pyi", "pyw"])
        .named(&["sconstruct", "sconscript", "wscript"])
        .run_by(&["python", "pypy"]),
    parsed("rust", "rust", &["rs"]),
    parsed("go", "go", &["go"]),
    parsed("java", "java", &["java"]),
    parsed("c", "c", &["c", "h"]).run_by(&["tcc"]),
    parsed("cpp", "cpp", &["cpp", "cc", "cxx", "c++", "hpp", "hh", "hxx", "h++", "ipp", "tpp", "inl", "ixx", "cppm"]),
    parsed("csharp", "csharp", &["cs", "csx"]),
    parsed("ruby", "ruby", &["rb", "rake", "gemspec", "ru", "podspec", "jbuilder", "rbw"])
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
    parsed("php", "php", &["php", "phtml", "php3", "php4", "php5", "php7", "phps"]).run_by(&["php"]),
    parsed("bash", "bash", &["sh", "bash", "zsh", "ksh", "bats", "ebuild", "command"])
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
    parsed("html", "html", &["html", "htm", "xhtml"]),
    parsed("css", "css", &["css", "pcss", "postcss"]),
    parsed("json", "json", &["json", "jsonc", "json5", "webmanifest", "geojson", "map", "ipynb", "har"]).named(&[
        ".babelrc",
        ".eslintrc",
        ".prettierrc",
        ".swcrc",
        "composer.lock",
        "pipfile.lock",
        "flake.lock",
        ".jshintrc",
    ]),
    parsed("yaml", "yaml", &["yaml", "yml", "cff"]).named(&[".clang-format", ".clang-tidy", "pubspec.lock"]),
    parsed("toml", "toml", &["toml"]).named(&["cargo.lock", "pipfile", "poetry.lock", "uv.lock", "gopkg.lock"]),
    parsed("markdown", "markdown", &["md", "markdown", "mdown", "mkd", "mdx", "mdc"]),
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
    parsed("dockerfile", "dockerfile", &["dockerfile"]).named(&["dockerfile", "containerfile"]),
    parsed("makefile", "make", &["mk", "mak", "make"])
        .named(&["makefile", "gnumakefile", "bsdmakefile"])
        .run_by(&["make"]),
    plain("cmake", &["cmake"]).named(&["cmakelists.txt"]),
    parsed("sql", "sql", &["sql", "ddl", "dml", "psql", "mysql"]),
    plain(
        "xml",
        &[
            "xml", "xsd", "xsl", "xslt", "svg", "plist", "csproj", "vbproj", "fsproj", "props", "targets", "pom",
            "wsdl", "xaml", "resx", "nuspec",
        ],
    ),
    parsed("vue", "vue", &["vue"]),
    parsed("svelte", "svelte", &["svelte"]),
    plain("astro", &["astro"]),
    parsed("scss", "scss", &["scss"]),
    plain("sass", &["sass"]),
    plain("less", &["less"]),
    plain("stylus", &["styl"]),
    parsed("kotlin", "kotlin", &["kt", "kts", "ktm"]).run_by(&["kotlin", "kotlinc"]),
    parsed("swift", "swift", &["swift", "swiftinterface"]).run_by(&["swift"]),
    parsed("scala", "scala", &["scala", "sc", "sbt", "mill"]).run_by(&["scala", "scala-cli", "amm"]),
    plain("groovy", &["groovy", "gradle", "gvy"]).named(&["jenkinsfile"]),
    parsed("lua", "lua", &["lua", "rockspec", "wlua"]).named(&[".luacheckrc"]).run_by(&["lua", "luajit", "texlua"]),
    parsed("dart", "dart", &["dart"]),
    parsed("r", "r", &["r", "rmd"]).run_by(&["Rscript"]),
    parsed("julia", "julia", &["jl"]).run_by(&["julia"]),
    parsed("perl", "perl", &["pl", "pm", "t", "pod"]).run_by(&["perl"]),
    parsed("powershell", "powershell", &["ps1", "psm1", "psd1"]).run_by(&["pwsh"]),
    plain("batch", &["bat", "cmd"]),
    parsed("elixir", "elixir", &["ex", "exs"]).named(&["mix.lock"]).run_by(&["elixir", "iex"]),
    plain("heex", &["heex"]),
    parsed("erlang", "erlang", &["erl", "hrl", "escript"]).run_by(&["escript"]),
    parsed("haskell", "haskell", &["hs", "hsc", "hs-boot"]).run_by(&["runhaskell", "runghc", "stack"]),
    plain("literate_haskell", &["lhs"]),
    parsed("ocaml", "ocaml", &["ml", "eliom"]).run_by(&["ocaml"]),
    parsed("ocaml_interface", "ocaml_interface", &["mli", "eliomi"]),
    plain("fsharp", &["fs", "fsx", "fsi"]),
    parsed("clojure", "clojure", &["clj", "cljs", "cljc", "edn"]).run_by(&["clojure", "bb"]),
    plain("lisp", &["lisp", "lsp", "el", "scm", "rkt"]),
    parsed("zig", "zig", &["zig", "zon"]),
    plain("nim", &["nim", "nims"]),
    plain("d", &["d", "di"]),
    plain("crystal", &["cr"]),
    parsed("fortran", "fortran", &["f", "for", "ftn", "f77", "f90", "f95", "f03", "f08", "f18", "f23", "fpp", "pf"])
        .run_by(&["lfortran"]),
    plain("pascal", &["pas", "pp", "dpr", "lpr"]),
    plain("ada", &["adb", "ads"]),
    plain("cobol", &["cob", "cbl", "cpy"]),
    parsed("objc", "objc", &["m", "mm"]),
    plain("cuda", &["cu", "cuh"]),
    plain("opencl", &["cl"]),
    plain("glsl", &["glsl", "vert", "frag", "geom", "comp", "tesc", "tese", "hlsl", "fx", "metal", "wgsl"]),
    plain("assembly", &["s", "asm", "nasm"]),
    plain("verilog", &["v", "sv", "svh", "vh"]),
    plain("vhdl", &["vhd", "vhdl"]),
    parsed("solidity", "solidity", &["sol"]),
    plain("move", &["move"]),
    parsed("graphql", "graphql", &["graphql", "gql", "graphqls"]),
    parsed("proto", "proto", &["proto"]),
    plain("thrift", &["thrift"]),
    parsed("hcl", "hcl", &["hcl", "tf", "tfvars", "nomad"]),
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
