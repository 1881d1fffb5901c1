//! Link arguments of the WebAssembly module: its function table and the symbols that grammar side modules import.
//!
//! They belong to this package because only its cdylib is what side modules are instantiated against. Native builds need none.

/// The symbols to export, one a line; `#` begins a comment line.
const EXPORTS: &str = include_str!("grammars/exports.txt");

/// Memory of the module that parses, at most: a sane batch takes a fraction of it, and a scanner that allocates without end shall not take the machine's.
const BUILDER_MEMORY_BYTES: u32 = 512 << 20;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=grammars/exports.txt");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return;
    }
    // A side module puts its functions into the module's own table, so that the table must be reachable and able to grow.
    for argument in ["--export-table", "--growable-table"] {
        println!("cargo::rustc-link-arg-cdylib={argument}");
    }
    let has = |feature: &str| std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    if has("BUILDER") && !has("SEARCHER") {
        println!("cargo::rustc-link-arg-cdylib=--max-memory={BUILDER_MEMORY_BYTES}");
    }
    for symbol in EXPORTS.lines().map(str::trim) {
        if !symbol.is_empty() && !symbol.starts_with('#') {
            println!("cargo::rustc-link-arg-cdylib=--export={symbol}");
        }
    }
}
