//! Where numbered things stand that lie in consecutive blocks: chunks, or bytes of text.

use crate::error::{Error, Result};
use std::ops::Range;

/// Blocks of consecutive rows, each in its place of a section.
#[derive(Debug)]
pub struct Places {
    /// The first row of each block, and how many rows there are.
    firsts: Vec<u32>,
    /// Where each block starts in its section, and where the last one ends.
    starts: Vec<u32>,
}

impl Places {
    /// Blocks with these first rows and places, both with one more at the end than there are blocks; neither descends.
    pub fn new(firsts: Vec<u32>, starts: Vec<u32>) -> Self {
        Self { firsts, starts }
    }

    /// The block that holds a row.
    ///
    /// # Errors
    /// SNAPSHOT_CORRUPT when there is no such row.
    pub fn block(&self, row: u32) -> Result<usize> {
        let after = self.firsts.partition_point(|&first| first <= row);
        if after < self.firsts.len() { Ok(after - 1) } else { Err(Error::Corrupt("what is named is not there")) }
    }

    /// The rows of a block.
    pub fn rows(&self, block: usize) -> Range<u32> {
        self.firsts[block]..self.firsts[block + 1]
    }

    /// Where a block stands in its section.
    pub fn bytes(&self, block: usize) -> Range<usize> {
        self.starts[block] as usize..self.starts[block + 1] as usize
    }

    /// Where all blocks start, and where the last one ends.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row is in the block that a look at all blocks finds.
    #[test]
    fn rows_are_found_in_blocks_of_any_size() {
        for sizes in [vec![], vec![0], vec![1], vec![3, 0, 0, 5, 1, 0], vec![0, 0, 7], vec![1000, 1, 1, 40]] {
            let mut firsts = vec![0u32];
            sizes.iter().for_each(|size| firsts.push(firsts[firsts.len() - 1] + size));
            let rows = firsts[sizes.len()];
            let places = Places::new(firsts, (0..=sizes.len() as u32).collect());
            for row in 0..rows {
                let found = (0..sizes.len()).find(|&block| places.rows(block).contains(&row));
                assert_eq!(places.block(row).ok(), found, "row {row} of {sizes:?}");
            }
            assert!(places.block(rows).is_err());
        }
    }
}
