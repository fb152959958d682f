//! Numbers on their way out, several digits at once: finding them one by one was half of what their lines cost.

/// The longest chunk size, 16 digits, and its line end.
const LINE: usize = 18;

/// `chunk-size CRLF`, in lower-case hexadecimal without leading zeros: padded, and how long it is.
#[inline(never)]
pub(crate) fn chunk_line(size: usize) -> ([u8; LINE], usize) {
    let mut line = [0; LINE];
    let digits = (usize::BITS - (size | 1).leading_zeros()).div_ceil(4) as usize;
    for (place, digit) in line[..digits].iter_mut().enumerate() {
        *digit = HEX[(size >> (4 * (digits - 1 - place))) & 0xf];
    }
    line[digits..digits + 2].copy_from_slice(b"\r\n");
    (line, digits + 2)
}

/// Four digits and their line end, padded to a word.
pub(crate) const SHORT_LINE: usize = 8;

/// [`chunk_line`] for a small chunk, in one word.
#[inline(always)]
pub(crate) fn short_chunk_line(size: u16) -> ([u8; SHORT_LINE], usize) {
    let [high, low] = size
        .to_be_bytes()
        .map(|octet| DIGITS[octet as usize] as u64);
    let word = high | (low << 16) | (LINE_END << 32);
    let zeros = (((size | 1) as u32) << 16).leading_zeros() / 4;
    ((word >> (8 * zeros)).to_le_bytes(), 6 - zeros as usize)
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// CRLF as it lies in memory.
const LINE_END: u64 = u16::from_le_bytes(*b"\r\n") as u64;

/// The two digits of every octet, as they lie in memory.
static DIGITS: [u16; 256] = {
    let mut pairs = [0; 256];
    let mut octet = 0;
    while octet < pairs.len() {
        pairs[octet] = u16::from_le_bytes([HEX[octet >> 4], HEX[octet & 0xf]]);
        octet += 1;
    }
    pairs
};

/// A number of at most four digits, in decimal without leading zeros: padded, and how many digits it has. `None` where it has more.
#[inline]
pub(crate) fn short_decimal(number: u64) -> Option<([u8; 4], usize)> {
    if number >= 10_000 {
        return None;
    }
    // To divide by 100 is to multiply and shift, for a number this small.
    let hundreds = (number * 5_243) >> 19;
    let [high, low] = [hundreds, number - 100 * hundreds].map(|pair| PAIRS[pair as usize] as u32);
    let digits = high | low << 16;
    // Of four zeros the last one stays.
    let zeros = (digits ^ 0x3030_3030 | 1 << 31).trailing_zeros() / 8;
    Some(((digits >> (8 * zeros)).to_le_bytes(), 4 - zeros as usize))
}

/// The digits of the numbers below 100, as they lie in memory.
static PAIRS: [u16; 100] = {
    let mut pairs = [0; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = u16::from_le_bytes([HEX[number / 10], HEX[number % 10]]);
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_line_is_its_size_in_hexadecimal() {
        let around = (0..usize::BITS).flat_map(|bit| {
            let power = 1_usize << bit;
            [power - 1, power, power + 1]
        });
        let spelled = [0x0123_4567, 0x89ab_cdef, 0xfedc_ba98, usize::MAX];
        for size in around.chain(spelled).chain(0..70_000) {
            let expected = format!("{size:x}\r\n");
            let (line, length) = chunk_line(size);
            assert_eq!(&line[..length], expected.as_bytes());
            if let Ok(size) = u16::try_from(size) {
                let (line, length) = short_chunk_line(size);
                assert_eq!(&line[..length], expected.as_bytes());
            }
        }
    }

    #[test]
    fn a_short_decimal_is_its_number_without_leading_zeros() {
        for number in 0..10_000 {
            let (digits, length) = short_decimal(number).unwrap();
            assert_eq!(&digits[..length], number.to_string().as_bytes());
        }
        for number in [10_000, 65_536, 65_537, u64::MAX] {
            assert_eq!(short_decimal(number), None);
        }
    }
}
