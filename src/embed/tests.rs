//! The embedder against a naive twin, and tables that break the rules.

use super::*;

/// A model of `tokens` with rows and scales from a fixed sequence.
fn tables(tokens: &[&str], dims: u32) -> Tables {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let mut ends = Vec::new();
    let mut all = String::new();
    for token in tokens {
        all.push_str(token);
        ends.push(all.len() as u32);
    }
    Tables {
        name: "test".into(),
        hash: 7,
        dims,
        tokenizer: 1,
        tokens: all,
        ends,
        rows: (0..tokens.len() * dims as usize / 2).map(|_| next() as u8).collect(),
        scales: (0..tokens.len()).map(|_| ((0.01 + next() as f32 / 65_536.0).to_bits() >> 16) as u16).collect(),
        query_weights: (0..tokens.len()).map(|_| next() as u8).collect(),
    }
}

const TOKENS: &[&str] = &["##able", "##s", "##é", "1", "2", "caf", "car", "cart", "read", "the", "write"];

fn embedder(dims: u32) -> Embedder {
    Embedder::new(Arc::new(Model::new(tables(TOKENS, dims)).unwrap()))
}

/// The same by the book: one dimension after the other.
fn naive(model: &Model, ids: &[u32], query: bool) -> Option<Vec<i8>> {
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let mut sums = vec![0f32; model.dims()];
    for id in distinct {
        let count = ids.iter().filter(|&&other| other == id).count().min(255);
        let mut weight = (256.0 * (1.0 + (count as f64).ln()) + 0.5).floor() as u32;
        if query {
            weight = (weight * model.query_weight(id) + 32) / 64;
        }
        let (row, scale) = model.row(id);
        for (dim, sum) in sums.iter_mut().enumerate() {
            let byte = row[dim / 2];
            let nibble = if dim % 2 == 0 { byte & 15 } else { byte >> 4 };
            *sum += (weight as f32 * scale) * (f32::from(nibble) - 8.0);
        }
    }
    let largest = sums.iter().fold(0f32, |largest, sum| largest.max(sum.abs()));
    (largest > 0.0).then(|| sums.iter().map(|sum| (sum * (127.0 / largest) + 0.5).floor() as i8).collect())
}

#[test]
fn weights_of_occurrences_are_what_they_are_said_to_be() {
    for (count, &weight) in OCCURRENCE_WEIGHTS.iter().enumerate().skip(1) {
        assert_eq!(f64::from(weight), (256.0 * (1.0 + (count as f64).ln())).round());
    }
}

#[test]
fn parts_become_the_longest_tokens_or_none() {
    let model = Model::new(tables(TOKENS, 16)).unwrap();
    let check = |part: &str, expect: &[&str]| {
        let mut ids = vec![99];
        model.pieces(part, &mut ids);
        let found: Vec<&str> = ids[1..].iter().map(|&id| TOKENS[id as usize]).collect();
        assert_eq!(found, expect, "{part}");
    };
    check("carts", &["cart", "##s"]);
    check("cars", &["car", "##s"]);
    check("readables", &["read", "##able", "##s"]);
    check("café", &["caf", "##é"]);
    check("carx", &[]);
    check("able", &[]);
    check("thee", &[]);
    check("", &[]);
}

#[test]
fn vectors_are_those_of_the_naive_twin() {
    for dims in [16, 48, 256] {
        let mut embedder = embedder(dims);
        let model = embedder.model().clone();
        let text = "readTheCarts(); café = WRITE_1 + the2 the unknown carx";
        let ids: Vec<u32> = ["read", "the", "cart", "##s", "caf", "##é", "write", "1", "the", "2", "the"]
            .map(|token| TOKENS.iter().position(|&known| known == token).unwrap() as u32)
            .to_vec();
        assert_eq!(embedder.query(text), naive(&model, &ids, true));
        // In pieces, and with what was met before remembered.
        text.split_inclusive(' ').for_each(|piece| embedder.push(piece));
        let vector = embedder.finish();
        assert_eq!(vector, naive(&model, &ids, false));
        assert!(vector.unwrap().iter().any(|value| value.abs() == 127));
    }
}

#[test]
fn what_holds_no_token_has_no_vector() {
    let mut embedder = embedder(16);
    for text in ["", "?!{}", "carx", "\u{10ffff}"] {
        assert_eq!(embedder.query(text), None, "{text:?}");
    }
    assert_eq!(embedder.finish(), None);
}

#[test]
fn many_distinct_words_do_not_change_the_vector_of_a_text() {
    let mut embedder = embedder(16);
    let expect = embedder.query("read the cars");
    for word in 0..40_000u32 {
        let letters: String = format!("{word:020}").bytes().map(|digit| (digit - b'0' + b'a') as char).collect();
        assert_eq!(embedder.query(&letters), None);
    }
    assert_eq!(embedder.query("read the cars"), expect);
}

#[test]
fn a_hosts_vector_is_quantised_by_its_largest_value() {
    assert_eq!(quantise(&[0.0, -2.0, 1.0, 2.0]), Ok(Some(vec![0, -127, 64, 127])));
    assert_eq!(quantise(&[0.0; 4]), Ok(None));
    assert_eq!(quantise(&[f32::from_bits(1), 0.0]), Ok(Some(vec![127, 0])));
    assert_eq!(quantise(&[f32::MAX, f32::MIN]), Ok(Some(vec![127, -127])));
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert_eq!(quantise(&[1.0, value]).unwrap_err().code(), "OPTION_INVALID");
    }
}

#[test]
fn tables_that_break_a_rule_are_refused() {
    let check = |change: fn(&mut Tables), code: &str| {
        let mut broken = tables(TOKENS, 32);
        change(&mut broken);
        assert_eq!(Model::new(broken).unwrap_err().code(), code);
    };
    check(|tables| tables.tokenizer = 2, "MODEL_NEWER");
    check(|tables| tables.tokenizer = 0, "MODEL_INVALID");
    check(|tables| tables.dims = 0, "MODEL_INVALID");
    check(|tables| tables.dims = 24, "MODEL_INVALID");
    check(|tables| tables.dims = 1 << 20, "MODEL_INVALID");
    check(|tables| tables.rows.truncate(1), "MODEL_INVALID");
    check(|tables| tables.scales.truncate(1), "MODEL_INVALID");
    check(|tables| tables.query_weights.truncate(1), "MODEL_INVALID");
    check(|tables| tables.scales[1] = 0x7fc0, "MODEL_INVALID");
    check(|tables| tables.scales[1] = 0x7f80, "MODEL_INVALID");
    check(|tables| tables.ends[2] = tables.ends[1], "MODEL_INVALID");
    check(|tables| *tables = self::tables(&["b", "a"], 32), "MODEL_INVALID");
    check(|tables| *tables = self::tables(&[], 32), "MODEL_INVALID");
}
