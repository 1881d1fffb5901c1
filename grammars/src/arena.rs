//! The memory of tree-sitter: small blocks from chunks that are all free again when the last block is.
//!
//! A parse makes a block for every node and frees them together, with the tree. A general allocator joins what was freed; here a block goes to the free ones of its size,
//! and when nothing is alive any more, the chunks are begun anew, all but one given back. Nobody has to say when: whoever frees the last block does. So no parser may outlive its
//! file, or the chunks only grow. Large blocks are the system's, as are those of the scanners of side modules, which call `malloc` themselves.

use core::ffi::c_void;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::sync::Once;

use tree_sitter::Allocator;

/// What stands before the payload: its size. A payload is aligned to as much, which is all that tree-sitter asks for.
const HEADER_BYTES: usize = 8;
/// Sizes of small blocks are multiples of this.
const STEP_BYTES: usize = 8;
/// The largest payload that is taken from a chunk, in bytes: nodes and the arrays of the parser's stack are smaller; what grows beyond it grows on.
const SMALL_BYTES: usize = 512;
/// A chunk in bytes: what most files take.
const CHUNK_BYTES: usize = 1 << 20;
const CHUNK: Layout = match Layout::from_size_align(CHUNK_BYTES, HEADER_BYTES) {
    Ok(layout) => layout,
    Err(_) => panic!("a chunk has a layout"),
};

struct Arena {
    /// Where the next block of the current chunk begins, and the chunk ends.
    next: *mut u8,
    end: *mut u8,
    /// Blocks that were given out and not freed, large ones included.
    live: usize,
    /// Free blocks by size; the payload of each begins with the address of another one.
    free: [*mut u8; SMALL_BYTES / STEP_BYTES],
    /// The current chunk; each begins with the address of the one before.
    chunk: *mut u8,
}

static mut ARENA: Arena = Arena {
    next: core::ptr::null_mut(),
    end: core::ptr::null_mut(),
    live: 0,
    free: [core::ptr::null_mut(); SMALL_BYTES / STEP_BYTES],
    chunk: core::ptr::null_mut(),
};

/// Has tree-sitter take its memory from here. To be called before a parser, tree or cursor is made; later calls change nothing.
pub fn use_arena() {
    static ONCE: Once = Once::new();
    // SAFETY: the four functions are one family, return no null (a refused allocation traps), and align to 8 bytes as `malloc` does. The module has one thread. Its only
    // caller is what makes the module's grammars, without which there is no parser, and so nothing that another allocator has made.
    ONCE.call_once(|| unsafe {
        tree_sitter::set_allocator(Some(Allocator { malloc: take, calloc: take_zeroed, realloc: resize, free: give }))
    });
}

fn large(payload_bytes: usize) -> Layout {
    Layout::from_size_align(payload_bytes.saturating_add(HEADER_BYTES), HEADER_BYTES).expect("less than the memory")
}

/// The arena. One at a time: none of the functions below calls another one while it holds it.
#[expect(static_mut_refs, reason = "one thread, and never two at a time")]
fn arena() -> &'static mut Arena {
    // SAFETY: WebAssembly without threads; nothing that is called while the reference lives comes back here.
    unsafe { &mut ARENA }
}

unsafe extern "C" fn take(bytes: usize) -> *mut c_void {
    if bytes == 0 {
        return core::ptr::null_mut();
    }
    let arena = arena();
    arena.live += 1;
    if bytes > SMALL_BYTES {
        // SAFETY: the layout is not empty; the header is written within it.
        return unsafe { headed(alloc(large(bytes)), bytes) };
    }
    let class = (bytes - 1) / STEP_BYTES;
    let block = arena.free[class];
    if !block.is_null() {
        // SAFETY: a free block begins with the address of the next one, and is of this size.
        arena.free[class] = unsafe { block.cast::<*mut u8>().read() };
        return block.cast();
    }
    let size = (class + 1) * STEP_BYTES;
    if (arena.end as usize) - (arena.next as usize) < size + HEADER_BYTES {
        arena.grow();
    }
    let start = arena.next;
    // SAFETY: so much is left of the chunk.
    unsafe {
        arena.next = start.add(size + HEADER_BYTES);
        headed(start, size)
    }
}

/// Writes the size of a payload before it.
///
/// # Safety
///
/// `start` is aligned to the header, and the header and the payload lie behind it.
unsafe fn headed(start: *mut u8, payload_bytes: usize) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe {
        start.cast::<usize>().write(payload_bytes);
        start.add(HEADER_BYTES).cast()
    }
}

/// # Safety
///
/// `payload` came from one of these functions and is alive.
unsafe fn size_of(payload: *mut c_void) -> usize {
    // SAFETY: the header stands before it.
    unsafe { payload.cast::<u8>().sub(HEADER_BYTES).cast::<usize>().read() }
}

unsafe extern "C" fn take_zeroed(count: usize, bytes: usize) -> *mut c_void {
    let bytes = count.saturating_mul(bytes);
    // SAFETY: what was taken has so many bytes; none were taken when there are none.
    unsafe {
        let payload = take(bytes);
        payload.cast::<u8>().write_bytes(0, bytes);
        payload
    }
}

unsafe extern "C" fn resize(payload: *mut c_void, bytes: usize) -> *mut c_void {
    // SAFETY: tree-sitter's promise: null, or a live block of these functions. A large block goes from the system to the system; anything else is copied, no more than both have.
    unsafe {
        if payload.is_null() {
            return take(bytes);
        }
        let before = size_of(payload);
        if before > SMALL_BYTES && bytes > SMALL_BYTES {
            let start = payload.cast::<u8>().sub(HEADER_BYTES);
            return headed(realloc(start, large(before), large(bytes).size()), bytes);
        }
        if bytes != 0 && bytes <= before && before <= SMALL_BYTES {
            return payload;
        }
        let moved = take(bytes);
        moved.cast::<u8>().copy_from_nonoverlapping(payload.cast(), before.min(bytes));
        give(payload);
        moved
    }
}

unsafe extern "C" fn give(payload: *mut c_void) {
    if payload.is_null() {
        return;
    }
    let arena = arena();
    // SAFETY: tree-sitter's promise: a live block of these functions. A small one is at least as large as an address.
    unsafe {
        let bytes = size_of(payload);
        if bytes > SMALL_BYTES {
            dealloc(payload.cast::<u8>().sub(HEADER_BYTES), large(bytes));
        } else {
            let free = &mut arena.free[bytes / STEP_BYTES - 1];
            payload.cast::<*mut u8>().write(*free);
            *free = payload.cast();
        }
    }
    arena.live -= 1;
    if arena.live == 0 {
        arena.rewind();
    }
}

impl Arena {
    /// Begins a chunk.
    fn grow(&mut self) {
        // SAFETY: the layout is not empty, and its memory is there: a refused allocation traps. The first word of a chunk holds an address.
        unsafe {
            let chunk = alloc(CHUNK);
            chunk.cast::<*mut u8>().write(self.chunk);
            self.chunk = chunk;
            self.next = chunk.add(HEADER_BYTES);
            self.end = chunk.add(CHUNK_BYTES);
        }
    }

    /// Gives all chunks back but one, which is begun anew. Nothing may be alive.
    fn rewind(&mut self) {
        self.free.fill(core::ptr::null_mut());
        if self.chunk.is_null() {
            return;
        }
        // SAFETY: each chunk was taken with this layout and begins with the address of the one before, or null.
        unsafe {
            loop {
                let before = self.chunk.cast::<*mut u8>().read();
                if before.is_null() {
                    break;
                }
                dealloc(self.chunk, CHUNK);
                self.chunk = before;
            }
            self.next = self.chunk.add(HEADER_BYTES);
            self.end = self.chunk.add(CHUNK_BYTES);
        }
    }
}
