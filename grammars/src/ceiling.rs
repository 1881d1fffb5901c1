//! What happens when memory cannot be had: a trap, at once.
//!
//! The linker bounds the memory of the module that parses. C code that gets no memory goes on with a null pointer, and address 0 is writable in
//! WebAssembly: a scanner that allocates without end would write over the engine's data or never stop. So there is no null; the host discards the instance.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

struct Ceiling;

#[global_allocator]
static ALLOCATOR: Ceiling = Ceiling;

// SAFETY: everything is done by the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Ceiling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        or_trap(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        or_trap(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size_bytes: usize) -> *mut u8 {
        // SAFETY: as above.
        or_trap(unsafe { System.realloc(memory, layout, size_bytes) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Whether memory was refused: tells the host one trap from another.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// 1 when memory was refused to this instance.
#[unsafe(no_mangle)]
extern "C" fn codequarry_memory_refused() -> i32 {
    i32::from(REFUSED.load(Ordering::Relaxed))
}

fn or_trap(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        REFUSED.store(true, Ordering::Relaxed);
        core::arch::wasm32::unreachable()
    }
    memory
}
