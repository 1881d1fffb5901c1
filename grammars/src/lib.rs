//! tree-sitter grammars for codequarry, and the only place of the project with `unsafe` code.
//!
//! Natively, feature `linked` links the C code of every grammar of `grammars.json` statically: [`linked`]. In WebAssembly no
//! grammar is part of the module. Each is a *side module*, a wasm shared library that the host instantiates into this module's own
//! memory and function table, and hands over as the address of its `TSLanguage`: [`language_from_address`]. Both ways end
//! in the same `tree_sitter::Language`, so nothing above this crate knows which one it was.
//!
//! What a side module imports must be an export of the module: `exports.txt` lists those symbols, the `build.rs` of the
//! root package passes them to the linker, and `libc` here defines the ones that tree-sitter does not bring.
//!
//! This crate knows nothing about languages, file names or queries, and it loads nothing: instantiating a side module is the work
//! of `pkg/src/grammar-loader.ts`.

#[cfg(target_arch = "wasm32")]
mod arena;
#[cfg(target_arch = "wasm32")]
mod ceiling;
#[cfg(target_arch = "wasm32")]
mod libc;
#[cfg(all(feature = "linked", not(target_arch = "wasm32")))]
mod linked;
#[cfg_attr(not(any(target_arch = "wasm32", test)), expect(dead_code, reason = "natively only its tests call it"))]
mod side_module;

#[cfg(target_arch = "wasm32")]
pub use arena::use_arena;
#[cfg(all(feature = "linked", not(target_arch = "wasm32")))]
pub use linked::{linked, linked_names};
pub use side_module::GrammarError;
#[cfg(target_arch = "wasm32")]
pub use side_module::language_from_address;
