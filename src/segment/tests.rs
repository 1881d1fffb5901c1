//! The segment as a whole: what is written reads back, merging equals building, damage is noticed.

use super::bytes::Calls;
use super::*;
use crate::error::Error;
use crate::text::words;

/// A small generator, so that tests need no other source of randomness.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % end
    }
}

const WORDS: [&str; 10] =
    ["handleRequest", "retry", "größe", "HTTP_SERVER", "x", "字符串", "parse", "// note", "sha256", "\n"];

fn sample_file(path: &str, random: &mut Random) -> FileData {
    let (mut text, mut chunks, mut symbols) = (String::new(), Vec::new(), Vec::new());
    let mut line = 0;
    for chunk in 0..random.below(12) {
        let start = text.len() as u32;
        let name_start = text.len() as u32;
        let words: Vec<&str> = (0..1 + random.below(40)).map(|_| WORDS[random.below(WORDS.len())]).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
        let end = text.len() as u32;
        let line_feeds = text[start as usize..].matches('\n').count() as u32;
        let symbol = (random.below(3) > 0).then(|| {
            let parent = (!symbols.is_empty() && random.below(2) == 0).then(|| random.below(symbols.len()) as u32);
            symbols.push(SymbolRow {
                kind: random.below(20) as u8,
                name: words[0].trim().to_string(),
                qualifier: if parent.is_none() && chunk == 3 { "Router".into() } else { String::new() },
                parent,
                start,
                end,
                name_start,
                name_line: line,
                start_line: line,
                end_line: line + line_feeds - 1,
                signature_start: start,
                signature_end: start + words[0].len() as u32,
            });
            symbols.len() as u32 - 1
        });
        let docs = (random.below(2) == 0).then(|| (start, start + words[0].len() as u32));
        chunks.push(ChunkRow { start, end, line, line_feeds, symbol, piece: random.below(2) as u32, docs });
        line += line_feeds;
    }
    let language = ["rust", "python", "go"][random.below(3)].to_string();
    let flags = FileFlags { fallback: random.below(5) == 0, lossy: random.below(5) == 0 };
    let words = words(&text).count();
    let roles = (random.below(3) > 0 && words > 0).then(|| (0..words).map(|_| random.below(10) as u8).collect());
    FileData {
        path: path.into(),
        roles,
        language,
        hash: random.below(1 << 30) as u128,
        len_bytes: text.len() as u32,
        flags,
        text,
        chunks,
        symbols,
    }
}

fn sample_files(count: usize, seed: u64) -> Vec<FileData> {
    let mut random = Random(seed);
    (0..count).map(|n| sample_file(&format!("src/{}/module{n:03}_é.rs", n % 7), &mut random)).collect()
}

fn build(files: impl IntoIterator<Item = FileData>) -> Vec<u8> {
    let mut writer = SegmentWriter::default();
    files.into_iter().for_each(|file| writer.add(file, Vec::new()).unwrap());
    writer.finish().expect("there are files")
}

#[test]
fn files_read_back() {
    let mut files = sample_files(200, 1);
    let segment = Segment::open(build(files.clone())).unwrap();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut cache = TextCache::new(100_000);
    for (ordinal, file) in files.iter().enumerate() {
        assert_eq!(&segment.file_data(ordinal as u32, &mut cache).unwrap(), file);
        assert_eq!(segment.files.find(&file.path), Some(ordinal as u32));
    }
    assert_eq!(segment.files.find("absent"), None);
}

#[test]
fn postings_equal_a_plain_count() {
    let mut files = sample_files(60, 2);
    let segment = Segment::open(build(files.clone())).unwrap();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for term in ["retri", "handlerequest", "handl", "größ", "größe", "字符", "sha256", "x", "note"] {
        let mut expect = Vec::new();
        let mut doc = 0;
        for file in &files {
            for chunk in &file.chunks {
                let count = |range: std::ops::Range<u32>| {
                    let mut count = 0;
                    crate::analysis::Analyzer::default()
                        .terms(&file.text[range.start as usize..range.end as usize], |found, _, _| {
                            count += u32::from(found == term)
                        });
                    count
                };
                let (docs_start, docs_end) = chunk.docs.unwrap_or((chunk.start, chunk.start));
                let (docs, body) =
                    (count(docs_start..docs_end), count(chunk.start..docs_start) + count(docs_end..chunk.end));
                if docs + body > 0 {
                    expect.push((doc, docs, body));
                }
                doc += 1;
            }
        }
        let mut found = Vec::new();
        if let Some(entry) = segment.term(term).unwrap() {
            segment
                .chunk_postings(&entry, |doc, f| {
                    if f.docs + f.body > 0 {
                        found.push((doc, f.docs, f.body))
                    }
                })
                .unwrap();
        }
        assert_eq!(found, expect, "{term}");
    }
}

#[test]
fn the_order_of_adding_does_not_matter() {
    let files = sample_files(50, 3);
    let forward = build(files.clone());
    assert_eq!(forward, build(files.into_iter().rev()));
}

#[test]
fn merging_equals_building() {
    let files = sample_files(120, 4);
    let dead = ["src/1/module001_é.rs", "src/5/module103_é.rs"];
    let parts: Vec<(Segment, Vec<u32>)> = files
        .chunks(31)
        .map(|part| {
            let segment = Segment::open(build(part.to_vec())).unwrap();
            let mut tombstones: Vec<u32> = dead.iter().filter_map(|path| segment.files.find(path)).collect();
            tombstones.sort_unstable();
            (segment, tombstones)
        })
        .collect();
    let merged = merge(parts, None).unwrap().unwrap();
    let alive = files.into_iter().filter(|file| !dead.contains(&file.path.as_str()));
    assert!(merged == build(alive));
}

#[test]
fn a_file_added_again_replaces_the_first() {
    let files = sample_files(2, 5);
    let newer = FileData { path: files[0].path.clone(), ..files[1].clone() };
    assert_eq!(build([files[0].clone(), newer.clone()]), build([newer]));
}

#[test]
fn an_empty_file_is_a_file_without_chunks() {
    let empty =
        FileData { chunks: vec![], symbols: vec![], text: String::new(), len_bytes: 0, ..sample_files(1, 6).remove(0) };
    let mut files = sample_files(3, 7);
    files.push(FileData { path: "a".into(), ..empty.clone() });
    files.push(FileData { path: "src/3/zz".into(), ..empty.clone() });
    files.push(FileData { path: "zzz".into(), ..empty });
    let segment = Segment::open(build(files)).unwrap();
    for doc in 0..segment.meta.chunks {
        let entry = &segment.files.entries[segment.files.of_chunk(doc) as usize];
        assert!(entry.chunks > 0 && segment.chunk(doc).unwrap().end <= entry.text_len);
    }
}

/// Sections rewritten with right checksums, so that decoding itself is what must hold.
#[test]
fn damage_behind_a_right_checksum_is_an_error_or_a_value() {
    let bytes = build(sample_files(20, 8));
    let container = container::Container::open(container::Kind::Segment, &bytes).unwrap();
    let sections: Vec<([u8; 4], Vec<u8>)> =
        container.entries.iter().map(|entry| (entry.id, bytes[entry.range.clone()].to_vec())).collect();
    assert_eq!(sections.len(), 16);
    let mut random = Random(9);
    let mut refused = 0;
    for _ in 0..4000 {
        let mut sections = sections.clone();
        for _ in 0..1 + random.below(3) {
            let section = &mut sections[random.below(16)].1;
            let at = random.below(section.len().max(1));
            match random.below(4) {
                0 => section.truncate(at),
                1 => section.insert(at, random.below(256) as u8),
                _ if section.is_empty() => {}
                _ => section[at] = random.below(256) as u8,
            }
        }
        let bytes = container::write(container::Kind::Segment, &sections);
        let _ = exercise(in_parts(&bytes));
        refused += u32::from(exercise(Segment::open(bytes)).is_err());
    }
    assert!(refused > 1000, "only {refused} refused");
}

/// Everything that a searcher and a merge do with a segment.
fn exercise(segment: Result<Segment, Error>) -> Result<(), Error> {
    let segment = segment?;
    let mut entries = Vec::new();
    segment.terms_with_prefix("", |_, entry| {
        entries.push(entry);
        true
    })?;
    for entry in entries {
        segment.chunk_postings(&entry, |_, _| ())?;
        segment.path_postings(&entry, |_, _| ())?;
    }
    for file in 0..segment.meta.files {
        for symbol in 0..segment.files.entries[file as usize].symbols {
            segment.parent_name(file, symbol)?;
        }
    }
    for word in WORDS {
        for declaration in segment.declaring(&names::normal(word))?.unwrap_or_default() {
            segment.chunk(declaration.chunk)?;
        }
    }
    merge(vec![(segment, vec![])], None).map(|_| ())
}

/// A segment that is opened by its resident sections and given all of its parts.
fn in_parts(bytes: &[u8]) -> Result<Segment, Error> {
    let mut opening = Opening::new(bytes[..bytes.len().min(opening::HEAD_BYTES)].to_vec())?;
    for need in opening.needs() {
        opening.supply(need.start as usize, bytes[need.start as usize..need.end as usize].to_vec());
    }
    let segment = opening.finish(&Calls::default())?;
    segment.supply(0, bytes)?;
    Ok(segment)
}

type Sections = Vec<([u8; 4], Vec<u8>)>;

/// A segment of real code, and its sections.
fn real() -> (Vec<u8>, Sections) {
    let text = include_str!("codec.rs");
    let lines = text.matches('\n').count() as u32;
    let at = text.find("put_varint").unwrap() as u32;
    let symbol = SymbolRow {
        kind: 12,
        name: "put_varint".into(),
        qualifier: String::new(),
        parent: None,
        start: at,
        end: at + 100,
        name_start: at,
        name_line: 9,
        start_line: 9,
        end_line: 12,
        signature_start: at,
        signature_end: at + 20,
    };
    let half = text[..text.len() / 2].rfind('\n').unwrap() as u32 + 1;
    let feeds = text[..half as usize].matches('\n').count() as u32;
    let chunk =
        |start, end, line, line_feeds, symbol| ChunkRow { start, end, line, line_feeds, symbol, piece: 0, docs: None };
    let file = FileData {
        path: "src/codec.rs".into(),
        roles: None,
        language: "rust".into(),
        hash: xxhash_rust::xxh3::xxh3_128(text.as_bytes()),
        len_bytes: text.len() as u32,
        flags: FileFlags::default(),
        text: text.into(),
        chunks: vec![chunk(0, half, 0, feeds, Some(0)), chunk(half, text.len() as u32, feeds, lines - feeds, None)],
        symbols: vec![symbol],
    };
    let bytes = build([file]);
    let container = container::Container::open(container::Kind::Segment, &bytes).unwrap();
    let sections = container.entries.iter().map(|entry| (entry.id, bytes[entry.range.clone()].to_vec())).collect();
    (bytes, sections)
}

#[test]
fn verifying_finds_what_no_checksum_can() {
    let (bytes, sections) = real();
    assert_eq!(verify(bytes.clone()).unwrap().files, 1);
    let check = |id: &[u8; 4], change: &dyn Fn(&mut Vec<u8>), code: &str| {
        let mut sections = sections.clone();
        change(&mut sections.iter_mut().find(|(found, _)| found == id).unwrap().1);
        let bytes = container::write(container::Kind::Segment, &sections);
        assert!(Segment::open(bytes.clone()).is_ok(), "reading does not look");
        assert_eq!(verify(bytes).unwrap_err().code(), code, "{}", String::from_utf8_lossy(id));
    };
    check(b"NORM", &|norms| norms[0] ^= 1, "SNAPSHOT_CORRUPT");
    check(b"FILE", &|files| *files.iter_mut().rev().nth(9).unwrap() ^= 1, "SNAPSHOT_CORRUPT");
    check(b"CSUM", &|sums| *sums.last_mut().unwrap() ^= 1, "SNAPSHOT_CHECKSUM");
    check(b"DICT", &|dictionary| *dictionary.last_mut().unwrap() ^= 1, "SNAPSHOT_CHECKSUM");
    let text = container::Container::open(container::Kind::Segment, &bytes).unwrap().find(b"BODY").unwrap().range.start;
    let mut damaged = bytes;
    damaged[text] ^= 1;
    assert_eq!(verify(damaged).unwrap_err().code(), "SNAPSHOT_CHECKSUM");
}

#[test]
fn declarations_are_found_by_name() {
    let files = sample_files(80, 10);
    let segment = Segment::open(build(files)).unwrap();
    for word in WORDS {
        let mut expect = Vec::new();
        for doc in 0..segment.meta.chunks {
            let file = segment.files.of_chunk(doc);
            let chunk = segment.chunk(doc).unwrap();
            for symbol in 0..segment.files.entries[file as usize].symbols {
                let row = segment.symbol(file, symbol).unwrap();
                let inside = row.name_start >= chunk.start && row.name_start < chunk.end;
                let name = names::normal(word);
                if inside && !name.is_empty() && names::normal(&row.name) == name {
                    expect.push(names::Declaration {
                        chunk: doc,
                        spelling: names::spelling(&row.name),
                        kind: row.kind,
                    });
                }
            }
        }
        assert_eq!(segment.declaring(&names::normal(word)).unwrap(), Some(expect), "{word}");
    }
    assert_eq!(segment.declaring("absent").unwrap(), Some(vec![]));
}
