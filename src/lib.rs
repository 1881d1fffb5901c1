//! codequarry: code search that runs where the code is read.
//!
//! The engine is plain Rust without I/O, clock, randomness or global state: the host passes bytes in and takes
//! bytes out. The layers, each naming only those before it, are described in `ARCHITECTURE.md`.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod chunk;
pub mod embed;
pub mod engine;
pub mod error;
pub mod language;
pub mod limits;
pub mod order;
pub mod query;
pub mod segment;
pub mod symbol;
pub mod syntax;
pub mod text;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
