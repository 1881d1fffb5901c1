//! Prints the name of the segment that a native build makes of folders: the hash of its bytes. `parity.test.mjs` compares it with WebAssembly's.
//!
//! ```text
//! cargo run --example segment -- FOLDER … [--out FILE]
//! ```

use codequarry::engine::{Builder, BuilderOptions};
use codequarry::syntax::Grammars;
use std::path::{Path, PathBuf};

fn main() {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        grammars.register(name, codequarry_grammars::linked(name).expect("the name is linked")).expect("it fits");
    }
    let mut builder = Builder::new(BuilderOptions::default());
    let mut files = Vec::new();
    let mut args = std::env::args().skip(1);
    let mut out = None;
    while let Some(arg) = args.next() {
        if arg == "--out" { out = args.next() } else { walk(Path::new(&arg), &mut files) }
    }
    for file in files {
        let path = file.to_string_lossy().replace('\\', "/");
        let bytes = std::fs::read(&file).expect("the file can be read");
        builder.add_file(&path, &bytes, &mut grammars).expect("one segment is enough");
    }
    let built = builder.finish().expect("the segment is whole").expect("there are files");
    if let Some(out) = out {
        std::fs::write(out, &built.bytes).expect("the segment can be written");
    }
    println!("{}", built.name);
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
