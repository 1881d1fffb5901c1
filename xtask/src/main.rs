//! Build steps that need a Rust library.
//!
//! `bindgen <in.wasm> <outdir> <stem>` turns a compiled module into `<stem>.wasm` and its JavaScript glue. It is `wasm-bindgen` as a library
//! rather than as a command: its version must equal that of the `wasm-bindgen` crate, and so Cargo.lock pins both.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["bindgen", input, output, stem] => bindgen(input.as_ref(), output.as_ref(), stem),
        _ => Err("usage: xtask bindgen <in.wasm> <outdir> <stem>".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `<stem>.wasm`, `<stem>.js`, `<stem>.d.ts` and `<stem>_bg.wasm.d.ts` to `output`.
///
/// The glue names no default location for the module: the package knows where it put it, and bundlers that follow such a
/// default would add a second copy.
fn bindgen(input: &Path, output: &Path, stem: &str) -> Result<(), String> {
    if !input.is_file() {
        return Err(format!("{} is not there: build it first", input.display()));
    }
    Bindgen::new()
        .input_path(input)
        .out_name(stem)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .omit_default_module_path(true)
                .reset_state_function(true)
                .remove_producers_section(true)
                .generate(output)
        })
        .map_err(|error| format!("{error:#}"))?;
    let finish = || -> io::Result<()> {
        fs::rename(output.join(format!("{stem}_bg.wasm")), output.join(format!("{stem}.wasm")))?;
        // The declarations have `[Symbol.dispose]()`, which a project may not know that asks for no newer library.
        let types = output.join(format!("{stem}.d.ts"));
        fs::write(&types, format!("/// <reference lib=\"esnext.disposable\" />\n{}", fs::read_to_string(&types)?))
    };
    finish().map_err(|error| format!("{}: {error}", output.display()))
}
