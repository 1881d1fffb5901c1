//! Eight numbers of 16 bits at once, as instructions of WebAssembly where there are such and one by one elsewhere, and with them what scans and walks take most of their
//! time for: the scalar product of rows of 2 bits with a query. The compiler finds no such form of it by itself: it takes rows apart byte by byte.

#[cfg(target_feature = "simd128")]
mod eight {
    use core::arch::wasm32::*;

    /// Eight numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Eight(v128);

    impl Eight {
        #[inline(always)]
        pub fn new(n: [i16; 8]) -> Self {
            Self(i16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]))
        }

        #[inline(always)]
        pub fn of_bytes(bytes: &[u8; 16]) -> Self {
            let half = |from: usize| u64::from_le_bytes(std::array::from_fn(|at| bytes[from + at]));
            Self(u64x2(half(0), half(8)))
        }

        #[inline(always)]
        pub fn shifted<const BITS: u32>(self) -> Self {
            Self(u16x8_shr(self.0, BITS))
        }

        #[inline(always)]
        pub fn masked(self, mask: i16) -> Self {
            Self(v128_and(self.0, i16x8_splat(mask)))
        }

        #[inline(always)]
        pub fn plus_product(self, a: Self, b: Self) -> Self {
            Self(i16x8_add(self.0, i16x8_mul(a.0, b.0)))
        }

        #[inline(always)]
        pub fn sum(self) -> i32 {
            let pairs = i32x4_extadd_pairwise_i16x8(self.0);
            let pairs = i32x4_add(pairs, i32x4_shuffle::<2, 3, 0, 1>(pairs, pairs));
            i32x4_extract_lane::<0>(pairs) + i32x4_extract_lane::<1>(pairs)
        }
    }
}

#[cfg(not(target_feature = "simd128"))]
mod eight {
    use std::array::from_fn;

    /// Eight numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Eight([i16; 8]);

    impl Eight {
        #[inline(always)]
        pub fn new(numbers: [i16; 8]) -> Self {
            Self(numbers)
        }

        #[inline(always)]
        pub fn of_bytes(bytes: &[u8; 16]) -> Self {
            Self(from_fn(|at| i16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]])))
        }

        #[inline(always)]
        pub fn shifted<const BITS: u32>(self) -> Self {
            Self(self.0.map(|number| (number as u16 >> BITS) as i16))
        }

        #[inline(always)]
        pub fn masked(self, mask: i16) -> Self {
            Self(self.0.map(|number| number & mask))
        }

        #[inline(always)]
        pub fn plus_product(self, a: Self, b: Self) -> Self {
            Self(from_fn(|at| self.0[at].wrapping_add(a.0[at].wrapping_mul(b.0[at]))))
        }

        #[inline(always)]
        pub fn sum(self) -> i32 {
            self.0.iter().map(|&number| i32::from(number)).sum()
        }
    }
}

use eight::Eight;

/// Bytes of a row that are taken at once: eight words of eight codes.
const BLOCK: usize = 16;
/// Blocks after which the sums of 16 bits are carried over: each adds at most 8 × 3 × 127.
const CARRY: usize = 10;

/// The values of a query as rows of 2 bits are compared with them: for each block of a row the values of the first codes of its words, of the second, and so on.
#[derive(Debug, Clone)]
pub struct Codes {
    blocks: Vec<[Eight; 8]>,
    sum: i32,
}

impl Codes {
    /// Takes the values of a query, -127 to 127.
    pub fn new(values: &[i8]) -> Self {
        let at = |dim: usize| values.get(dim).map_or(0, |&value| i16::from(value));
        let code = |block: usize, code: usize| {
            Eight::new([0, 1, 2, 3, 4, 5, 6, 7].map(|word| at(64 * block + 8 * word + code)))
        };
        let blocks = (0..values.len().div_ceil(64)).map(|block| [0, 1, 2, 3, 4, 5, 6, 7].map(|at| code(block, at)));
        Self { blocks: blocks.collect(), sum: values.iter().map(|&value| i32::from(value)).sum() }
    }

    /// The products with some rows. Codes are 0 to 3; what they stand for is twice that less 3. Several rows are read at once, so that waiting for one is not added to waiting for the next.
    #[inline]
    pub fn dots<const N: usize>(&self, rows: [&[u8]; N]) -> [i32; N] {
        let mut totals = [0; N];
        for (number, codes) in self.blocks.chunks(CARRY).enumerate() {
            let from = number * CARRY * BLOCK;
            let ends = rows.map(|row| row.get(from..).unwrap_or(&[]).as_chunks::<BLOCK>());
            let whole = ends.iter().map(|(blocks, _)| blocks.len()).min().unwrap_or(0).min(codes.len());
            let mut sums = [Eight::new([0; 8]); N];
            for (at, codes) in codes[..whole].iter().enumerate() {
                add(&mut sums, ends.map(|(blocks, _)| Eight::of_bytes(&blocks[at])), codes);
            }
            if let Some(codes) = codes.get(whole) {
                let rest = ends.map(|(_, rest)| {
                    let mut block = [0; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    Eight::of_bytes(&block)
                });
                add(&mut sums, rest, codes);
            }
            totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum.sum());
        }
        totals.map(|total| 2 * total - 3 * self.sum)
    }
}

#[inline(always)]
fn add<const N: usize>(sums: &mut [Eight; N], words: [Eight; N], codes: &[Eight; 8]) {
    let mut add = |words: [Eight; N], at: usize| {
        for row in 0..N {
            sums[row] = sums[row].plus_product(words[row].masked(3), codes[at]);
        }
    };
    add(words, 0);
    add(words.map(Eight::shifted::<2>), 1);
    add(words.map(Eight::shifted::<4>), 2);
    add(words.map(Eight::shifted::<6>), 3);
    add(words.map(Eight::shifted::<8>), 4);
    add(words.map(Eight::shifted::<10>), 5);
    add(words.map(Eight::shifted::<12>), 6);
    add(words.map(Eight::shifted::<14>), 7);
}
