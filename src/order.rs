//! Sorting, compiled once. The standard library's sort is copied for each type and comparison it is used with, some 3 KB to 10 KB each: a fifth of the
//! module, before everything but the hottest loops came here.

use crate::error::Result;
use std::cmp::Ordering;

/// Sorts items, stably, by a comparison.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    sort_indices(&mut order, &mut |a, b| compare(&items[a as usize], &items[b as usize]));
    // Each cycle of the permutation is walked once: `order[at]` is where the item comes from that belongs at `at`.
    for start in 0..items.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at as u32) as usize;
            if from == start || from == at {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Sorts items, stably, by a key.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts items, stably.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts indices, stably, by a comparison of what they stand for.
pub fn sort_indices(indices: &mut [u32], compare: &mut dyn FnMut(u32, u32) -> Ordering) {
    indices.sort_by(|&a, &b| compare(a, b));
}

/// The first of `0..count` for which `before` is false, or `count`; it is true for all in front of that one.
pub fn partition_point(count: u32, before: impl Fn(u32) -> Result<bool>) -> Result<u32> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        if before(middle)? { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// The `count`-th largest of more than `count` numbers, `count` at least 1.
pub fn nth_largest(numbers: impl Iterator<Item = f32>, count: usize) -> f32 {
    // Numbers in the order of `total_cmp`, as integers, largest first.
    let key = |number: f32| {
        let bits = number.to_bits();
        if bits >> 31 == 0 { !(bits | 1 << 31) } else { bits }
    };
    let mut keys: Vec<u32> = numbers.map(key).collect();
    let (_, &mut key, _) = keys.select_nth_unstable(count - 1);
    f32::from_bits(if key >> 31 == 0 { !key & !(1 << 31) } else { key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut state = 1u64;
        for len in 0..200usize {
            let mut items: Vec<(u64, String)> = (0..len)
                .map(|at| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 60, at.to_string())
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by_key(&mut items, |item| item.0);
            assert_eq!(items, expected);
            expected.sort();
            sort(&mut items);
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn the_nth_largest_is_found() {
        let numbers = [3.0, -1.5, 0.0, 7.25, -0.0, 3.0, f32::MIN_POSITIVE, -8.0];
        let mut sorted = numbers.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        for count in 1..=numbers.len() {
            assert_eq!(nth_largest(numbers.into_iter(), count).to_bits(), sorted[count - 1].to_bits(), "{count}");
        }
    }
}
