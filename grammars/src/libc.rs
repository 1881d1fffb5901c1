//! The symbols that side modules import and that tree-sitter's own libc subset lacks, and the memory they live in.
//!
//! The list is the union over the grammars of `grammars.json` and the published modules of the packages `tree-sitter-wasms` and
//! `@vscode/tree-sitter-wasm`; `tests/grammars/` checks that it stays complete. Everything here is called by wasm code that
//! was linked against these names, never from Rust.

use core::ffi::{c_char, c_int, c_uint, c_void};
use std::alloc::Layout;

unsafe extern "C" {
    // Defined by tree-sitter, over Rust's allocator.
    safe fn malloc(size: usize) -> *mut c_void;
    fn free(payload: *mut c_void);
}

/// Zeroed memory for the data of one side module, or null when there is none or `align_bytes` is not a power of two.
///
/// Never given back: the grammar lives as long as the instance. C's `calloc` would not do, as it aligns to 8 bytes only and the data
/// of a grammar asks for 16.
#[unsafe(no_mangle)]
extern "C" fn codequarry_grammar_alloc(size_bytes: usize, align_bytes: usize) -> *mut u8 {
    match Layout::from_size_align(size_bytes, align_bytes) {
        // SAFETY: the size is not zero.
        Ok(layout) if size_bytes != 0 => unsafe { std::alloc::alloc_zeroed(layout) },
        _ => core::ptr::null_mut(),
    }
}

/// C's `assert` that failed. A scanner that found itself in an impossible state cannot go on: the trap ends the call, and the host
/// discards the instance.
#[unsafe(no_mangle)]
extern "C" fn __assert_fail(_: *const c_char, _: *const c_char, _: c_uint, _: *const c_char) -> ! {
    core::arch::wasm32::unreachable()
}

/// C's `isalpha` in the "C" locale: ASCII letters only.
#[unsafe(no_mangle)]
extern "C" fn isalpha(character: c_int) -> c_int {
    c_int::from(u8::try_from(character).is_ok_and(|byte| byte.is_ascii_alphabetic()))
}

/// C++'s `operator new(unsigned long)`, of old scanners. Never returns null.
#[unsafe(export_name = "_Znwm")]
extern "C" fn operator_new(size: usize) -> *mut c_void {
    let memory = malloc(size.max(1));
    if memory.is_null() {
        core::arch::wasm32::unreachable()
    }
    memory
}

/// C++'s `operator delete(void*)`.
///
/// # Safety
///
/// `memory` is null or came from `operator new` and was not deleted before: the promise of the C++ compiler.
#[unsafe(export_name = "_ZdlPv")]
unsafe extern "C" fn operator_delete(memory: *mut c_void) {
    // SAFETY: the caller's promise, and `operator_new` takes its memory from `malloc`.
    unsafe { free(memory) }
}

/// C++'s `std::__2::__vector_base_common<true>::__throw_length_error() const`: a vector beyond all bounds.
#[unsafe(export_name = "_ZNKSt3__220__vector_base_commonILb1EE20__throw_length_errorEv")]
extern "C" fn vector_length_error(_: *const c_void) -> ! {
    core::arch::wasm32::unreachable()
}
