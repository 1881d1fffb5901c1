//! Syntax trees and what is declared in them.
//!
//! This is the only module that talks to the parser. It hands upwards plain values: the [`Outline`] (declarations with
//! their docs, signatures and bodies) and the boundaries at which a text may be cut. No function here recurses over a tree: a
//! file can nest deeper than any stack.

mod boundary;
mod budget;
mod cards;
mod compile;
mod damage;
mod embedded;
mod grammars;
mod names;
mod nesting;
mod outline;
mod parts;
mod prefix;
mod references;
#[cfg(feature = "trees")]
mod trees;
mod unknown;
mod walk;

pub use boundary::Boundary;
pub use budget::ParseBudget;
#[cfg(feature = "trees")]
pub use cards::free_form;
pub use grammars::{Clock, GrammarProblem, Grammars, ParseRefusal, Tree};
pub use outline::{Declaration, Outline, Reference};
#[cfg(feature = "trees")]
pub use trees::{TreeDigest, tree_digest, tree_rows};
pub use unknown::unknown_names;
