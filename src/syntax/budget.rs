//! How much work a file may be.
//!
//! A parse is stopped by what depends on text and grammar alone: the number of its progress callbacks, and how far scanners run ahead. So the same text is
//! refused everywhere or nowhere. A clock, where the host gives one, is the last resort.

use std::cell::Cell;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser};

use crate::limits;

/// How much work a parse may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBudget {
    /// Largest text in bytes.
    pub max_bytes: usize,
    /// Most progress callbacks, whatever the size.
    pub base_ticks: u64,
    /// Bytes for each of which one more progress callback may be taken; at least 1.
    pub bytes_per_tick: u64,
    /// Bytes that scanners may run over, whatever the size.
    pub base_scan_bytes: u64,
    /// How often scanners may run over each byte besides.
    pub scans_per_byte: u64,
    /// Most milliseconds, whatever the size, where the host gave a clock. Some steps of the parser take time in proportion to what it has parsed, which
    /// callbacks do not show; this stops what should have been stopped long before, so that it is far above what any sane text takes. From one callback to the
    /// next no more than a quarter of it passes: a machine that slept, or a clock that was set, ends no parse.
    pub base_millis: u64,
    /// Bytes for each of which one more millisecond may pass; at least 1.
    pub bytes_per_milli: u64,
}

impl Default for ParseBudget {
    fn default() -> Self {
        Self {
            max_bytes: limits::MAX_PARSE_BYTES as usize,
            base_ticks: limits::PARSE_BASE_TICKS,
            bytes_per_tick: limits::PARSE_BYTES_PER_TICK,
            base_scan_bytes: limits::PARSE_BASE_SCAN_BYTES,
            scans_per_byte: limits::PARSE_SCANS_PER_BYTE,
            base_millis: limits::PARSE_BASE_MILLIS,
            bytes_per_milli: limits::PARSE_BYTES_PER_MILLI,
        }
    }
}

/// What is left of the time.
struct Time<'c> {
    clock: &'c dyn Fn() -> u64,
    last: Cell<u64>,
    left: Cell<u64>,
    /// What passes at most from one look at the clock to the next.
    step: u64,
}

impl Time<'_> {
    fn is_left(&self) -> bool {
        let now = (self.clock)();
        let step = now.saturating_sub(self.last.replace(now)).min(self.step);
        self.left.set(self.left.get().saturating_sub(step));
        self.left.get() > 0
    }
}

/// What is left of a budget for one file and all its parts.
pub(super) struct Meter<'c> {
    ticks: Cell<u64>,
    scan_bytes: Cell<u64>,
    time: Option<Time<'c>>,
    spent: Cell<bool>,
}

impl<'c> Meter<'c> {
    /// The budget for a file of `len` bytes, from now on.
    pub fn start(budget: ParseBudget, len: usize, clock: Option<&'c dyn Fn() -> u64>) -> Self {
        let len = len as u64;
        let millis = budget.base_millis.saturating_add(len / budget.bytes_per_milli.max(1));
        Self {
            ticks: Cell::new(budget.base_ticks.saturating_add(len / budget.bytes_per_tick.max(1))),
            scan_bytes: Cell::new(budget.base_scan_bytes.saturating_add(len.saturating_mul(budget.scans_per_byte))),
            time: clock.map(|clock| Time {
                clock,
                last: Cell::new(clock()),
                left: Cell::new(millis),
                step: millis / 4,
            }),
            spent: Cell::new(false),
        }
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// Parses within what is left; nothing when that is not enough.
    pub fn parse(&self, parser: &mut Parser, text: &str) -> Option<tree_sitter::Tree> {
        let bytes = text.as_bytes();
        // The text is handed out in pieces, so that a scanner that looks far ahead, again and again, is seen to do so. Going on behind a piece is
        // counted; going elsewhere costs an operation, which is counted anyway.
        let mut next = 0;
        let mut read = |offset: usize, _| {
            if offset == next && offset > 0 && !self.take(&self.scan_bytes, limits::SCAN_PIECE_BYTES as u64) {
                // To the scanner this is the end of the text.
                return &bytes[..0];
            }
            next = (offset + limits::SCAN_PIECE_BYTES).min(bytes.len());
            bytes.get(offset..next).unwrap_or_default()
        };
        let mut tick = |_: &ParseState| {
            let in_time = self.time.as_ref().is_none_or(Time::is_left);
            if self.take(&self.ticks, 1) && in_time {
                return ControlFlow::Continue(());
            }
            self.spent.set(true);
            ControlFlow::Break(())
        };
        let options = ParseOptions::new().progress_callback(&mut tick);
        let tree = parser.parse_with_options(&mut read, None, Some(options));
        // A parse that was stopped would otherwise be taken up again by the next one.
        parser.reset();
        tree.filter(|_| !self.is_spent())
    }

    fn take(&self, left: &Cell<u64>, amount: u64) -> bool {
        let rest = left.get().checked_sub(amount);
        left.set(rest.unwrap_or(0));
        self.spent.set(self.is_spent() || rest.is_none());
        !self.is_spent()
    }
}
