//! NORM: the length of a chunk in one byte, as Lucene's `SmallFloat.intToByte4` has it: small values exactly, larger ones with
//! three bits of mantissa after the leading one. A coarser length moves no ranking that matters and keeps the column resident.

const FREE: u32 = 24;

/// The byte for a length in terms, rounded down.
pub fn encode(len: u32) -> u8 {
    if len < FREE {
        return len as u8;
    }
    let value = len - FREE;
    let bits = 32 - value.leading_zeros();
    let code = if bits < 4 { value } else { ((value >> (bits - 4)) & 7) | (bits - 3) << 3 };
    (FREE + code).min(255) as u8
}

/// The length for a byte.
pub fn decode(byte: u8) -> u32 {
    let byte = u32::from(byte);
    if byte < FREE {
        return byte;
    }
    let code = byte - FREE;
    let (shift, mantissa) = (code >> 3, code & 7);
    FREE + if shift == 0 { mantissa } else { (mantissa | 8) << (shift - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_round_down_and_keep_their_order() {
        let mut previous = 0;
        for len in 0..100_000 {
            let decoded = decode(encode(len));
            assert!(decoded <= len && decoded * 9 >= len.saturating_sub(FREE) * 8, "{len} became {decoded}");
            assert!(decoded >= previous);
            previous = decoded;
        }
        assert!((0..=255).all(|byte| encode(decode(byte)) == byte));
    }
}
