//! From the address of a side module's `TSLanguage` to a `tree_sitter::Language`.
//!
//! The address comes from JavaScript, so it is checked before anything is read through it, and the head of the struct is
//! checked before tree-sitter uses it. The checks find mistakes (a stale address after a reset, a wrong export, a grammar of
//! another age); they cannot prove that tables written by somebody else are sound. What a hostile grammar can reach stays inside
//! the module's own memory, which is disposable.

use thiserror::Error;

/// The range of grammar ABI versions that the linked tree-sitter reads.
const ABI: std::ops::RangeInclusive<usize> =
    tree_sitter::MIN_COMPATIBLE_LANGUAGE_VERSION..=tree_sitter::LANGUAGE_VERSION;

/// Why an address is not taken as a grammar.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrammarError {
    /// The address is zero: the side module's entry point returned nothing.
    #[error("the grammar's address is null")]
    Null,
    /// The address is not one that a C compiler gives to a `TSLanguage`.
    #[error("the grammar's address {address:#x} is not aligned to 4 bytes")]
    Misaligned {
        /// The address as given.
        address: usize,
    },
    /// The struct would reach past the end of memory.
    #[error("the grammar's address {address:#x} lies outside of {memory_bytes} bytes of memory")]
    OutOfBounds {
        /// The address as given.
        address: usize,
        /// The size of the memory at the time of the check.
        memory_bytes: usize,
    },
    /// The grammar was generated for another generation of tree-sitter.
    #[error("the grammar has ABI version {found}, this build reads {oldest} to {newest}")]
    Abi {
        /// The version that the grammar states.
        found: u32,
        /// The oldest version that is read.
        oldest: usize,
        /// The newest version that is read.
        newest: usize,
    },
    /// What lies at the address is not a grammar.
    #[error("no grammar lies at the address: {field} is impossible")]
    Malformed {
        /// The first field of `TSLanguage` that cannot be right.
        field: &'static str,
    },
}

impl GrammarError {
    /// The stable code under which this error reaches JavaScript.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Abi { .. } => "GRAMMAR_ABI",
            _ => "GRAMMAR_INVALID",
        }
    }
}

/// The leading 32-bit words of a `TSLanguage` on wasm32, where a pointer is one word. See `parser.h` of any generated grammar:
/// these fields are the same in every ABI version that is read.
type Head = [u32; 24];

/// The size of the longest `TSLanguage` on wasm32, that of ABI 15. tree-sitter copies the struct as a whole, also for a grammar of
/// an older ABI, whose own struct is shorter.
const LANGUAGE_BYTES: usize = 42 * 4;

/// Fields of [`Head`] that point to a table which every grammar has.
const TABLES: [(usize, &str); 6] = [
    (10, "parse_table"),
    (13, "parse_actions"),
    (14, "symbol_names"),
    (18, "symbol_metadata"),
    (19, "public_symbol_map"),
    (22, "lex_modes"),
];

/// Checks an address without reading through it.
fn check_address(address: usize, memory_bytes: usize) -> Result<(), GrammarError> {
    if address == 0 {
        return Err(GrammarError::Null);
    }
    if !address.is_multiple_of(4) {
        return Err(GrammarError::Misaligned { address });
    }
    match address.checked_add(LANGUAGE_BYTES) {
        Some(end) if end <= memory_bytes => Ok(()),
        _ => Err(GrammarError::OutOfBounds { address, memory_bytes }),
    }
}

/// Checks the version and whether counts and pointers can be those of a grammar.
fn check_head(head: &Head, memory_bytes: usize) -> Result<(), GrammarError> {
    let [abi, symbols, _, tokens, external_tokens, states, large_states, ..] = *head;
    if !ABI.contains(&(abi as usize)) {
        return Err(GrammarError::Abi { found: abi, oldest: *ABI.start(), newest: *ABI.end() });
    }
    let malformed = |field| Err(GrammarError::Malformed { field });
    // Symbols and states are 16-bit numbers in the parse tables.
    if symbols == 0 || symbols > 1 << 16 {
        return malformed("symbol_count");
    }
    if tokens > symbols {
        return malformed("token_count");
    }
    if external_tokens > symbols {
        return malformed("external_token_count");
    }
    if states == 0 || states > 1 << 16 {
        return malformed("state_count");
    }
    if large_states > states {
        return malformed("large_state_count");
    }
    for (word, field) in TABLES {
        if head[word] == 0 || head[word] as usize >= memory_bytes {
            return malformed(field);
        }
    }
    if head[23] == 0 {
        return malformed("lex_fn");
    }
    Ok(())
}

/// The grammar whose `TSLanguage` lies at `address`, as returned by the `tree_sitter_<name>()` of a side module that was
/// instantiated into this module's memory and table.
///
/// The side module must have been relocated and initialised, and its memory is never given back: a `Language` and all its
/// copies live as long as the instance.
///
/// # Errors
///
/// [`GrammarError`], when no grammar that this build can use lies there. Nothing outside of memory is read.
#[cfg(target_arch = "wasm32")]
pub fn language_from_address(address: usize) -> Result<tree_sitter::Language, GrammarError> {
    const PAGE_BYTES: usize = 1 << 16;
    // Saturates when all 65,536 pages are in use, where the last byte is then taken as out of bounds.
    let memory_bytes = core::arch::wasm32::memory_size::<0>().saturating_mul(PAGE_BYTES);
    check_address(address, memory_bytes)?;
    // SAFETY: the address is not null, is aligned to the 4 bytes that `u32` needs, and `LANGUAGE_BYTES`, which is more than
    // the size of `Head`, lie between it and the end of memory. Any bit pattern is a valid `u32`. The words are copied, so
    // no reference into the side module's data outlives this expression.
    let head = unsafe { *(address as *const Head) };
    check_head(&head, memory_bytes)?;
    // SAFETY: the pointer is not null, which is what `from_raw` asks for. That it points to a `TSLanguage` was checked as
    // far as it can be; the memory was allocated by `codequarry_grammar_alloc`, which is never undone, so it stays there.
    Ok(unsafe { tree_sitter::Language::from_raw(address as *const tree_sitter::ffi::TSLanguage) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY_BYTES: usize = 1 << 20;

    /// The head of a small grammar, as a compiler lays it out.
    fn head() -> Head {
        let mut head = [0; 24];
        (head[0], head[1], head[3], head[5], head[6]) = (15, 20, 10, 30, 4);
        for (word, _) in TABLES {
            head[word] = 1024;
        }
        head[23] = 1;
        head
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Head), expect: Result<(), GrammarError>) {
        let mut head = head();
        change(&mut head);
        assert_eq!(check_head(&head, MEMORY_BYTES), expect);
    }

    #[test]
    fn addresses_are_checked_before_they_are_read() {
        assert_eq!(check_address(0, MEMORY_BYTES), Err(GrammarError::Null));
        assert_eq!(check_address(1026, MEMORY_BYTES), Err(GrammarError::Misaligned { address: 1026 }));
        let last = MEMORY_BYTES - LANGUAGE_BYTES;
        assert_eq!(check_address(last, MEMORY_BYTES), Ok(()));
        for address in [last + 4, MEMORY_BYTES, usize::MAX - 3] {
            let expect = GrammarError::OutOfBounds { address, memory_bytes: MEMORY_BYTES };
            assert_eq!(check_address(address, MEMORY_BYTES), Err(expect));
        }
    }

    #[test]
    fn the_abi_must_be_one_that_tree_sitter_reads() {
        check(|_| (), Ok(()));
        check(|head| head[0] = 13, Ok(()));
        for found in [0, 12, 16, u32::MAX] {
            check(|head| head[0] = found, Err(GrammarError::Abi { found, oldest: 13, newest: 15 }));
        }
    }

    #[test]
    fn impossible_counts_and_pointers_are_refused() {
        let malformed = |field| Err(GrammarError::Malformed { field });
        check(|head| head[1] = 0, malformed("symbol_count"));
        check(|head| head[3] = 21, malformed("token_count"));
        check(|head| head[4] = 21, malformed("external_token_count"));
        check(|head| head[5] = 1 << 17, malformed("state_count"));
        check(|head| head[6] = 31, malformed("large_state_count"));
        check(|head| head[13] = MEMORY_BYTES as u32, malformed("parse_actions"));
        check(|head| head[22] = 0, malformed("lex_modes"));
        check(|head| head[23] = 0, malformed("lex_fn"));
    }
}
