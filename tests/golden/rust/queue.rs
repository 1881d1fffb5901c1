//! A bounded queue.
//!
//! Why another one: it never allocates after it was made.
#![deny(missing_docs)]

use std::collections::VecDeque;
use std::fmt;

/// How many items a queue holds by default.
pub const CAPACITY: usize = 64;

static QUEUES: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Why an item was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushError<T> {
    /// The queue is full.
    Full(T),
    /// The queue was closed.
    Closed { item: T },
}

#[derive(Debug)]
pub struct Queue<T> {
    items: VecDeque<T>,
    /// No more items are taken.
    pub closed: bool,
}

/// Something that items can be taken from.
pub trait Source {
    /// What it yields.
    type Item;
    const NAME: &'static str;
    fn pull(&mut self) -> Option<Self::Item>;
    /// Whether nothing is left.
    fn is_empty(&self) -> bool {
        false
    }
}

impl<T> Queue<T> {
    /// An empty queue for `capacity` items.
    ///
    /// # Panics
    /// When `capacity` is zero.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        assert!(capacity > 0, "a queue holds something");
        QUEUES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Self { items: VecDeque::with_capacity(capacity), closed: false }
    }

    /// Adds an item at the end.
    ///
    /// # Errors
    /// Gives the item back when the queue is full or closed.
    pub fn push(&mut self, item: T) -> Result<(), PushError<T>> {
        if self.closed {
            return Err(PushError::Closed { item });
        }
        if self.items.len() == self.items.capacity() {
            return Err(PushError::Full(item));
        }
        self.items.push_back(item);
        Ok(())
    }

    pub fn len(&self) -> usize { self.items.len() }
    pub fn close(&mut self) { self.closed = true }

    pub fn drain_into(&mut self, other: &mut Vec<T>) -> usize {
        fn moved<T>(from: &mut VecDeque<T>, to: &mut Vec<T>) -> usize {
            let count = from.len();
            to.extend(from.drain(..));
            count
        }
        moved(&mut self.items, other)
    }

    /// The item that was added first, which stays in the queue; the one that [`Source::pull`] would yield next. A closed queue
    /// goes on to give what it holds.
    pub fn peek(&self) -> Option<&T> {
        self.items.front()
    }
}

impl<T> Source for Queue<T> {
    type Item = T;
    const NAME: &'static str = "queue";

    fn pull(&mut self) -> Option<T> {
        self.items.pop_front()
    }
}

impl<T: fmt::Debug> fmt::Display for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(item) => write!(f, "no room for {item:?}"),
            Self::Closed { item } => write!(f, "closed before {item:?}"),
        }
    }
}

/// Makes a queue of the given items.
#[macro_export]
macro_rules! queue {
    ($($item:expr),* $(,)?) => {{
        let mut queue = $crate::Queue::with_capacity($crate::CAPACITY);
        $(let _ = queue.push($item);)*
        queue
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_gives_the_item_back() {
        let mut queue = Queue::with_capacity(1);
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Err(PushError::Full(2)));
        assert_eq!(queue.pull(), Some(1));
    }
}
