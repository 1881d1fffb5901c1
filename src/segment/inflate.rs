//! Reading raw DEFLATE (RFC 1951), for which opening, showing and looking through text wait: faster than a decoder that can be fed piece by piece, since all
//! that is there lies in memory, and so does what comes out. Bits come eight bytes at a time, codes from tables of two levels, copies eight bytes at a time.

use crate::error::{Error, Result};

const BAD: Error = Error::Corrupt("a compressed block cannot be read");

/// Bits of a code that the first level of a table takes.
const FIRST_BITS: u32 = 10;
/// Longest code.
const MAX_CODE_BITS: usize = 15;

/// Entries of a table: the bits of the code, these marks, the extra bits that follow (of a link the bits that the second level takes), and in the upper half the value.
const LITERAL: u32 = 0x20;
const END: u32 = 0x40;
const LINK: u32 = 0x80;

/// Inflates a stream to at most `limit` bytes.
pub fn inflate(stream: &[u8], limit: usize) -> Result<Vec<u8>> {
    let mut out = vec![0; limit.min(4 * stream.len() + 64)];
    let len = Inflater { bits: Bits::new(stream), out: &mut out, at: 0, limit, prefix: false }.run()?;
    out.truncate(len);
    Ok(out)
}

/// Inflates the first `wanted` bytes of a stream, of which nothing more has to be there; with `all` the stream ends with them.
pub fn inflate_prefix(stream: &[u8], wanted: usize, all: bool) -> Result<Vec<u8>> {
    // Room for all of it, unless that is more than can be expected of so short a stream.
    let mut out = vec![0; wanted.min(16 * stream.len() + 64)];
    let len = Inflater { bits: Bits::new(stream), out: &mut out, at: 0, limit: wanted, prefix: !all }.run()?;
    if len == wanted { Ok(out) } else { Err(BAD) }
}

/// The bits of a stream, from the lowest of its first byte on.
struct Bits<'a> {
    stream: &'a [u8],
    next: usize,
    /// What was read of the stream and not taken; above `count` there may be bits of the next byte.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(stream: &'a [u8]) -> Self {
        Self { stream, next: 0, held: 0, count: 0 }
    }

    /// Makes 56 bits or more be held, as far as there are so many.
    #[inline(always)]
    fn fill(&mut self) {
        if let Some(&word) = self.stream.get(self.next..).and_then(<[u8]>::first_chunk) {
            self.held |= u64::from_le_bytes(word) << self.count;
            self.next += (63 - self.count as usize) / 8;
            self.count |= 56;
            return;
        }
        while let (0..=55, Some(&byte)) = (self.count, self.stream.get(self.next)) {
            self.held |= u64::from(byte) << self.count;
            self.next += 1;
            self.count += 8;
        }
    }

    /// Lets go of bits that are held.
    #[inline(always)]
    fn drop(&mut self, count: u32) -> Result<()> {
        self.count = self.count.checked_sub(count).ok_or(BAD)?;
        self.held >>= count;
        Ok(())
    }

    #[inline(always)]
    fn take(&mut self, count: u32) -> Result<usize> {
        let bits = self.held & ((1 << count) - 1);
        self.drop(count)?;
        Ok(bits as usize)
    }

    /// The same where bits may have to be read first.
    fn read(&mut self, count: u32) -> Result<usize> {
        self.fill();
        self.take(count)
    }

    /// The entry of the code that comes next.
    #[inline(always)]
    fn entry(&self, first: &[u32; 1 << FIRST_BITS], all: &[u32]) -> u32 {
        let entry = first[self.held as usize % (1 << FIRST_BITS)];
        if entry & LINK == 0 {
            return entry;
        }
        let rest = (self.held >> FIRST_BITS) as usize & ((1 << (entry >> 8 & 31)) - 1);
        all.get((entry >> 16) as usize + rest).copied().unwrap_or(END | 1 << 16)
    }

    /// The next `len` bytes, from the next whole one on.
    fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        self.next -= self.count as usize / 8;
        (self.held, self.count) = (0, 0);
        let bytes = self.stream.get(self.next..).and_then(|rest| rest.get(..len)).ok_or(BAD)?;
        self.next += len;
        Ok(bytes)
    }
}

/// Codes with what they stand for.
#[derive(Default)]
struct Table {
    entries: Vec<u32>,
}

impl Table {
    fn first(&self) -> &[u32; 1 << FIRST_BITS] {
        self.entries.first_chunk().expect("a table is as large as its first level")
    }

    /// Makes the table of codes of these lengths, 0 for none; `entry` says what the code of a number stands for.
    fn set(&mut self, lengths: &[u8], entry: impl Fn(usize) -> u32) -> Result<()> {
        let mut counts = [0u32; MAX_CODE_BITS + 1];
        lengths.iter().for_each(|&length| counts[length as usize] += 1);
        counts[0] = 0;
        let mut next = [0u32; MAX_CODE_BITS + 2];
        for bits in 1..=MAX_CODE_BITS {
            next[bits + 1] = (next[bits] + counts[bits]) << 1;
            if next[bits] + counts[bits] > 1 << bits {
                return Err(BAD);
            }
        }
        // Codes stand in the stream from their highest bit on.
        let codes = lengths.iter().enumerate().filter(|(_, length)| **length > 0).map(|(number, &length)| {
            let code = next[length as usize];
            next[length as usize] += 1;
            (number, u32::from(length), code.reverse_bits() >> (32 - u32::from(length)))
        });
        let codes: Vec<(usize, u32, u32)> = codes.collect();
        self.entries.clear();
        // What no code leads to is an error.
        self.entries.resize(1 << FIRST_BITS, END | 1 << 16);
        let start = |code: u32| (code % (1 << FIRST_BITS)) as usize;
        for &(_, length, code) in codes.iter().filter(|(_, length, _)| *length > FIRST_BITS) {
            let bits = (self.entries[start(code)] & LINK > 0).then(|| self.entries[start(code)] >> 8 & 31);
            let more = (length - FIRST_BITS).max(bits.unwrap_or(0));
            self.entries[start(code)] = LINK | more << 8;
        }
        for at in 0..1 << FIRST_BITS {
            if self.entries[at] & LINK > 0 {
                let (second, bits) = (self.entries.len(), self.entries[at] >> 8 & 31);
                self.entries[at] |= (second as u32) << 16;
                self.entries.resize(second + (1 << bits), END | 1 << 16);
            }
        }
        for &(number, length, code) in &codes {
            let entry = entry(number) | length;
            if length <= FIRST_BITS {
                self.entries[..1 << FIRST_BITS][code as usize..]
                    .iter_mut()
                    .step_by(1 << length)
                    .for_each(|slot| *slot = entry);
            } else {
                let link = self.entries[start(code)];
                let (second, bits) = ((link >> 16) as usize, link >> 8 & 31);
                let slots = self.entries[second..second + (1 << bits)][(code >> FIRST_BITS) as usize..].iter_mut();
                slots.step_by(1 << (length - FIRST_BITS)).for_each(|slot| *slot = entry);
            }
        }
        Ok(())
    }
}

/// Literals, the end of a block, and lengths.
fn literal_or_length(number: usize) -> u32 {
    const BASES: [u16; 29] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ];
    match number {
        0..=255 => LITERAL | (number as u32) << 16,
        256 => END,
        257..=285 => {
            let at = number - 257;
            let extra = if (8..28).contains(&at) { at as u32 / 4 - 1 } else { 0 };
            extra << 8 | u32::from(BASES[at]) << 16
        }
        _ => END | 1 << 16,
    }
}

fn distance(number: usize) -> u32 {
    let number = number as u32;
    match number {
        0..=3 => (number + 1) << 16,
        4..=29 => {
            let extra = number / 2 - 1;
            extra << 8 | (((2 + number % 2) << extra) + 1) << 16
        }
        _ => END | 1 << 16,
    }
}

struct Inflater<'a> {
    bits: Bits<'a>,
    out: &'a mut Vec<u8>,
    at: usize,
    /// Bytes that may come out.
    limit: usize,
    /// Whether it is done when so many have.
    prefix: bool,
}

impl Inflater<'_> {
    /// Returns how many bytes came out.
    fn run(mut self) -> Result<usize> {
        let (mut literals, mut distances) = (Table::default(), Table::default());
        loop {
            if self.is_full() {
                return Ok(self.at);
            }
            let last = self.bits.read(1)? == 1;
            match self.bits.take(2)? {
                0 => {
                    let head = self.bits.bytes(4)?;
                    let (len, inverse) =
                        (u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]));
                    if len != !inverse {
                        return Err(BAD);
                    }
                    self.store(len as usize)?;
                }
                1 => {
                    let length = |number| match number {
                        144..=255 => 9,
                        256..=279 => 7,
                        _ => 8,
                    };
                    literals.set(&std::array::from_fn::<u8, 288, _>(length), literal_or_length)?;
                    distances.set(&[5; 32], distance)?;
                    self.block(&literals, &distances)?;
                }
                2 => {
                    self.tables(&mut literals, &mut distances)?;
                    self.block(&literals, &distances)?;
                }
                _ => return Err(BAD),
            }
            if last {
                return Ok(self.at);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.prefix && self.at == self.limit
    }

    /// Makes room for `len` more bytes, as far as that is allowed; returns for how many there is.
    #[inline(always)]
    fn room(&mut self, len: usize) -> usize {
        if self.out.len() - self.at < len && self.out.len() < self.limit {
            let more = (2 * self.out.len()).max(self.at + len).min(self.limit);
            self.out.resize(more, 0);
        }
        len.min(self.out.len() - self.at)
    }

    fn store(&mut self, len: usize) -> Result<()> {
        let room = self.room(len);
        if room < len && !self.prefix {
            return Err(BAD);
        }
        // Of a part that is wanted no more than that has to be there.
        let bytes = self.bits.bytes(room)?;
        self.out[self.at..self.at + room].copy_from_slice(bytes);
        self.at += room;
        Ok(())
    }

    /// The codes of a block that brings its own.
    fn tables(&mut self, literals: &mut Table, distances: &mut Table) -> Result<()> {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let (literal_count, distance_count) = (self.bits.read(5)? + 257, self.bits.take(5)? + 1);
        let count = self.bits.take(4)? + 4;
        let mut lengths = [0u8; 19];
        for &at in &ORDER[..count] {
            lengths[at] = self.bits.read(3)? as u8;
        }
        literals.set(&lengths, |number| (number as u32) << 16)?;
        let mut all = [0u8; 288 + 32];
        let (mut at, end) = (0, literal_count + distance_count);
        while at < end {
            self.bits.fill();
            let entry = self.bits.entry(literals.first(), &literals.entries);
            self.bits.drop(entry & 31)?;
            let (value, times) = match entry >> 16 {
                _ if entry & END > 0 => return Err(BAD),
                length @ 0..=15 => (length as u8, 1),
                16 => (*all[..at].last().ok_or(BAD)?, 3 + self.bits.take(2)?),
                17 => (0, 3 + self.bits.take(3)?),
                _ => (0, 11 + self.bits.take(7)?),
            };
            all[at..end].get_mut(..times).ok_or(BAD)?.fill(value);
            at += times;
        }
        literals.set(&all[..literal_count], literal_or_length)?;
        distances.set(&all[literal_count..end], distance)
    }

    fn block(&mut self, literals: &Table, distances: &Table) -> Result<()> {
        // Bits that are nobody else's stay in registers.
        let bits = std::mem::replace(&mut self.bits, Bits::new(&[]));
        self.bits = self.codes(bits, literals, distances)?;
        Ok(())
    }

    fn codes<'b>(&mut self, mut bits: Bits<'b>, literals: &Table, distances: &Table) -> Result<Bits<'b>> {
        let (first, first_distance) = (literals.first(), distances.first());
        loop {
            bits.fill();
            let mut entry = bits.entry(first, &literals.entries);
            while entry & LITERAL > 0 {
                if self.room(1) == 0 {
                    return if self.prefix { Ok(bits) } else { Err(BAD) };
                }
                bits.drop(entry & 31)?;
                self.out[self.at] = (entry >> 16) as u8;
                self.at += 1;
                // A length and a distance take 48 bits at most.
                if bits.count < 48 {
                    bits.fill();
                }
                entry = bits.entry(first, &literals.entries);
            }
            if self.is_full() {
                return Ok(bits);
            }
            bits.drop(entry & 31)?;
            if entry & END > 0 {
                return if entry >> 16 == 0 { Ok(bits) } else { Err(BAD) };
            }
            let len = (entry >> 16) as usize + bits.take(entry >> 8 & 31)?;
            let entry = bits.entry(first_distance, &distances.entries);
            bits.drop(entry & 31)?;
            let distance = (entry >> 16) as usize + bits.take(entry >> 8 & 31)?;
            let room = self.room(len);
            if entry & END > 0 || distance > self.at || room < len && !self.prefix {
                return Err(BAD);
            }
            self.copy(distance, room);
        }
    }

    /// Repeats what stands `distance` bytes before.
    #[inline(always)]
    fn copy(&mut self, distance: usize, len: usize) {
        let (from, end) = (self.at - distance, self.at + len);
        let out = &mut self.out[..];
        let (mut from, mut to) = (from, self.at);
        if distance >= 8 && end + 8 <= out.len() {
            // Writes up to seven bytes too many, which are written again.
            while to < end {
                let word: [u8; 8] = out[from..from + 8].try_into().expect("eight bytes");
                out[to..to + 8].copy_from_slice(&word);
                (from, to) = (from + 8, to + 8);
            }
        } else {
            while to < end {
                out[to] = out[from];
                (from, to) = (from + 1, to + 1);
            }
        }
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};
    use miniz_oxide::inflate::decompress_to_vec_with_limit;

    struct Numbers(u32);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) as usize % limit
        }
    }

    /// Flags of miniz: how many tries, with stored blocks only, with fixed codes only.
    fn deflated(data: &[u8], flags: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let mut state = CompressorOxide::new(flags);
        compress_to_output(&mut state, data, TDEFLFlush::Finish, |bytes| {
            out.extend_from_slice(bytes);
            true
        });
        out
    }

    fn samples(numbers: &mut Numbers) -> Vec<Vec<u8>> {
        let text = include_bytes!("inflate.rs").to_vec();
        let noise: Vec<u8> = (0..40_000).map(|_| numbers.below(256) as u8).collect();
        let runs = (0..60_000).map(|at| if at % 5000 < 4000 { b'a' } else { b'a' + numbers.below(3) as u8 }).collect();
        let skewed = (0..30_000).map(|_| (numbers.below(1 << 24) as u32).trailing_zeros() as u8).collect();
        vec![Vec::new(), b"a".to_vec(), [&text[..], &noise[..3000], &text].concat(), noise, runs, skewed]
    }

    #[test]
    fn streams_are_read_as_the_library_reads_them() {
        let mut numbers = Numbers(1);
        for data in samples(&mut numbers) {
            for flags in [16, 16 | 0x8_0000, 16 | 0x4_0000, 1 | 0x1_0000] {
                let stream = deflated(&data, flags);
                assert_eq!(inflate(&stream, data.len()).unwrap(), data);
                assert_eq!(inflate(&stream, data.len() + 9).unwrap(), data);
                assert_eq!(inflate_prefix(&stream, data.len(), true).unwrap(), data);
                assert!(inflate_prefix(&stream, data.len() + 1, true).is_err());
                assert!(data.is_empty() || inflate(&stream, data.len() - 1).is_err());
                for _ in 0..10 {
                    let wanted = numbers.below(data.len() + 1);
                    assert_eq!(inflate_prefix(&stream, wanted, false).unwrap(), data[..wanted]);
                    assert!(wanted == data.len() || inflate_prefix(&stream, wanted, true).is_err());
                    let cut = numbers.below(stream.len());
                    assert!(data.is_empty() || inflate_prefix(&stream[..cut], data.len(), true).is_err());
                }
            }
        }
    }

    #[test]
    fn damaged_streams_are_errors_or_what_the_library_reads() {
        let (mut numbers, mut same) = (Numbers(2), 0);
        for data in samples(&mut numbers).into_iter().map(|data| data[..data.len().min(3000)].to_vec()) {
            for flags in [16, 16 | 0x8_0000, 16 | 0x4_0000] {
                let stream = deflated(&data, flags);
                for _ in 0..300 {
                    let mut damaged = stream.clone();
                    for _ in 0..1 + numbers.below(3) {
                        let at = numbers.below(damaged.len().min(60));
                        damaged[at] = numbers.below(256) as u8;
                    }
                    let found = inflate(&damaged, 1 << 16);
                    if let Ok(expected) = decompress_to_vec_with_limit(&damaged, 1 << 16) {
                        assert_eq!(found.unwrap(), expected);
                        same += 1;
                    }
                }
            }
        }
        assert!(same > 500, "{same}");
    }
}
