//! Going on where something is missing, so that one pass states all that has to be fetched rather than the first of it.

use crate::error::{Error, Result};

/// Remembers whether anything was missing.
#[derive(Debug, Default)]
pub struct Gather {
    missing: bool,
}

impl Gather {
    /// The value, or nothing where it is missing. Other errors pass through.
    pub fn of<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Missing) => {
                self.missing = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether anything was missing.
    pub fn is_missing(&self) -> bool {
        self.missing
    }

    /// # Errors
    /// PARTS_MISSING when anything was.
    pub fn done(&self) -> Result<()> {
        if self.missing { Err(Error::Missing) } else { Ok(()) }
    }
}
