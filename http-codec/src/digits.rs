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

/// Where content is too large for eight digits.
const LARGE: u64 = 100_000_000;

/// The longest `content-length` line of eight digits.
const LENGTH_LINE: usize = 26;

/// `content-length: n CRLF`, in decimal without leading zeros: padded, and how long it is. `None` where it is longer.
#[inline]
pub(crate) fn length_line(length: u64) -> Option<([u8; LENGTH_LINE], usize)> {
    const NAME: &[u8; 16] = b"content-length: ";
    if length >= LARGE {
        return None;
    }
    let digits = decimal(length as u32);
    // Of eight zeros the last one stays.
    let zeros = ((digits | 1 << 63).trailing_zeros() / 8) as usize;
    let text = (digits | 0x3030_3030_3030_3030) >> (8 * zeros);
    let mut line = [b'\n'; LENGTH_LINE];
    line[..16].copy_from_slice(NAME);
    line[16..24].copy_from_slice(&text.to_le_bytes());
    let end = LENGTH_LINE - 2 - zeros;
    line[end] = b'\r';
    line[end + 1] = b'\n';
    Some((line, end + 2))
}

/// Eight digits, the first in the lowest octet: fours, then pairs, then digits move to the octets of their own. To divide by 100 and
/// by 10 is to multiply and shift, for numbers this small.
#[inline]
const fn decimal(number: u32) -> u64 {
    let (first, last) = (number as u64 / 10_000, number as u64 % 10_000);
    let fours = first | last << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | (fours - 100 * hundreds) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (pairs - 10 * tens) << 8
}

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
    fn a_length_line_is_its_number_in_decimal() {
        let around = (0..19).flat_map(|digits| {
            let power = 10_u64.pow(digits);
            [power - 1, power, power + 1, 7 * power, (power / 9) * 8]
        });
        let far = (0..LARGE + 10_000).step_by(9_973);
        for number in around.chain(far).chain(0..70_000).chain([u64::MAX]) {
            let expected = format!("content-length: {number}\r\n");
            match length_line(number) {
                Some((line, length)) => assert_eq!(&line[..length], expected.as_bytes()),
                None => assert!(number >= LARGE, "{number}"),
            }
        }
    }
}
