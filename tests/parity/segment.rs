//! Prints the name of the segment that a native build makes of folders: the hash of its bytes. `parity.test.mjs` compares it with WebAssembly's.
//!
//! ```text
//! cargo run --example segment -- FOLDER … [--model FILE] [--out FILE]
//! ```

use codequarry::engine::{Builder, BuilderOptions};
use codequarry::segment::read_model;
use codequarry::syntax::Grammars;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn main() {
    let mut grammars = Grammars::new();
    for name in codequarry_grammars::linked_names() {
        grammars.register(name, codequarry_grammars::linked(name).expect("the name is linked")).expect("it fits");
    }
    let mut files = Vec::new();
    let mut args = std::env::args().skip(1);
    let (mut out, mut model) = (None, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--out" => out = args.next(),
            "--model" => model = args.next(),
            folder => walk(Path::new(folder), &mut files),
        }
    }
    let model = model.map(|file| {
        let bytes = std::fs::read(file).expect("the model can be read");
        Arc::new(read_model(&bytes).expect("the model is whole"))
    });
    let options = BuilderOptions::default();
    let mut builder = model.map_or_else(|| Builder::new(options), |model| Builder::with_model(options, model));
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
