//! Build steps that need a Rust library.
//!
//! `bindgen <in.wasm> <outdir>` turns the compiled engine into the module and its JavaScript glue. It is `wasm-bindgen` as a library
//! rather than as a command: its version must equal that of the `wasm-bindgen` crate, and so Cargo.lock pins both.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use wasm_bindgen_cli_support::Bindgen;

/// The name of the generated files: `engine.js`, `engine.d.ts`, `engine.wasm`.
const STEM: &str = "engine";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["bindgen", input, output] => bindgen(input.as_ref(), output.as_ref()),
        _ => Err("usage: xtask bindgen <in.wasm> <outdir>".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `engine.wasm`, `engine.js`, `engine.d.ts` and `engine_bg.wasm.d.ts` to `output`.
///
/// The glue names no default location for the module: the package knows where it put it, and bundlers that follow such a
/// default would add a second copy.
fn bindgen(input: &Path, output: &Path) -> Result<(), String> {
    if !input.is_file() {
        return Err(format!("{} is not there: build the engine first", input.display()));
    }
    Bindgen::new()
        .input_path(input)
        .out_name(STEM)
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
    let rename = || -> io::Result<()> {
        fs::rename(output.join(format!("{STEM}_bg.wasm")), output.join(format!("{STEM}.wasm")))
    };
    rename().map_err(|error| format!("{}: {error}", output.display()))
}
