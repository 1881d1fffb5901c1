//! The trees of plain native tree-sitter: no text in pieces, no budget, no side modules; of Fortran the text in free form, which is all that its grammar reads. `trees.mjs` compares them with those of the WebAssembly engine.
//!
//! ```text
//! cargo run --release --features trees --example trees [-- --rows] < JOBS
//! ```
//!
//! A job is a line: grammar, first and last byte in the decoded text, path, with tabs between. For each it prints nodes and hash; with `--rows` every node.

use codequarry::language::Rules;
use codequarry::syntax::{free_form, tree_digest, tree_rows};
use codequarry::text::decode;
use std::io::{BufRead, Write};

fn main() {
    let rows = std::env::args().any(|argument| argument == "--rows");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for job in std::io::stdin().lock().lines() {
        let job = job.expect("jobs can be read");
        let [grammar, start, end, path] = job.splitn(4, '\t').collect::<Vec<_>>()[..] else { panic!("no job: {job}") };
        let place = |number: &str| number.parse::<usize>().expect("a place is a number");
        let bytes = std::fs::read(path).expect("the file can be read");
        let decoded = decode(&bytes).expect("the file is text");
        let text = &decoded.text[place(start)..place(end)];
        let text = if Rules::of(grammar).cards { free_form(text) } else { text.into() };
        let mut parser = tree_sitter::Parser::new();
        let grammar = codequarry_grammars::linked(grammar).expect("the grammar is linked");
        parser.set_language(&grammar).expect("its version fits");
        let tree = parser.parse(&*text, None).expect("nothing stops the parser");
        if rows {
            write!(out, "{}", tree_rows(&tree)).expect("the output can be written");
        } else {
            let digest = tree_digest(&tree);
            writeln!(out, "{} {:032x}", digest.nodes, digest.hash).expect("the output can be written");
        }
    }
}
