//! Parquet's hybrid of run lengths and packed bits, for places in a dictionary and for levels.
//!
//! # Source
//! Apache Parquet format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)".

/// Numbers of one packed group.
const GROUP: usize = 8;
/// Groups under one header; more would ask much of a reader's integers.
const GROUPS: usize = 1 << 20;

/// The least width in bits that holds every number up to `most`.
pub(super) fn width_bits(most: u32) -> u32 {
    32 - most.leading_zeros()
}

/// Appends numbers of at most `width_bits` each. Eight equal ones or more become a run.
pub(super) fn encode(numbers: &[u32], width_bits: u32, out: &mut Vec<u8>) {
    let mut packed_from = 0;
    let mut place = 0;
    while place < numbers.len() {
        let number = numbers[place];
        let mut end = place + 1;
        while end < numbers.len() && numbers[end] == number {
            end += 1;
        }
        // What is packed before a run must fill its last group, if need be from the run.
        let fill = (place - packed_from).wrapping_neg() % GROUP;
        if end - place >= fill + GROUP {
            pack(&numbers[packed_from..place + fill], width_bits, out);
            run(number, end - place - fill, width_bits, out);
            packed_from = end;
        }
        place = end;
    }
    pack(&numbers[packed_from..], width_bits, out);
}

/// Appends one number `times` over.
pub(super) fn run(number: u32, times: usize, width_bits: u32, out: &mut Vec<u8>) {
    if times > 0 {
        header((times as u64) << 1, out);
        out.extend_from_slice(&number.to_le_bytes()[..width_bits.div_ceil(8) as usize]);
    }
}

/// Appends one bit for each of `rows`, given as bytes whose lowest bit comes first.
pub(super) fn encode_bits(bits: &[u8], rows: usize, out: &mut Vec<u8>) {
    let whole = rows / GROUP;
    let mut packed_from = 0;
    let mut place = 0;
    while place < whole {
        let byte = bits[place];
        let mut end = place + 1;
        while end < whole && bits[end] == byte {
            end += 1;
        }
        if byte == 0 || byte == u8::MAX {
            pack_bytes(&bits[packed_from..place], out);
            run(u32::from(byte & 1), (end - place) * GROUP, 1, out);
            packed_from = end;
        }
        place = end;
    }
    pack_bytes(&bits[packed_from..rows.div_ceil(GROUP)], out);
}

fn pack_bytes(bits: &[u8], out: &mut Vec<u8>) {
    for bits in bits.chunks(GROUPS) {
        header((bits.len() as u64) << 1 | 1, out);
        out.extend_from_slice(bits);
    }
}

fn pack(numbers: &[u32], width_bits: u32, out: &mut Vec<u8>) {
    for numbers in numbers.chunks(GROUPS * GROUP) {
        let groups = numbers.len().div_ceil(GROUP);
        header((groups as u64) << 1 | 1, out);
        let end = out.len() + groups * width_bits as usize;
        out.reserve(end - out.len() + 8);
        match width_bits {
            8 => out.extend(numbers.iter().map(|number| *number as u8)),
            16 => numbers.iter().for_each(|number| out.extend_from_slice(&(*number as u16).to_le_bytes())),
            _ => pack_bits(numbers, width_bits, out),
        }
        out.resize(end, 0);
    }
}

fn pack_bits(numbers: &[u32], width_bits: u32, out: &mut Vec<u8>) {
    let (mut held, mut held_bits) = (0_u64, 0);
    for number in numbers {
        held |= u64::from(*number) << held_bits;
        held_bits += width_bits;
        while held_bits >= 32 {
            out.extend_from_slice(&(held as u32).to_le_bytes());
            held >>= 32;
            held_bits -= 32;
        }
    }
    out.extend_from_slice(&held.to_le_bytes()[..held_bits.div_ceil(8) as usize]);
}

fn header(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads back as the format says, with as many numbers as asked for.
    fn decode(bytes: &[u8], width_bits: u32, count: usize) -> Vec<u32> {
        let (mut at, mut numbers) = (0, Vec::new());
        while numbers.len() < count {
            let (mut head, mut shift) = (0_u64, 0);
            loop {
                head |= u64::from(bytes[at] & 0x7f) << shift;
                shift += 7;
                at += 1;
                if bytes[at - 1] < 0x80 {
                    break;
                }
            }
            if head & 1 == 0 {
                let bytes_wide = width_bits.div_ceil(8) as usize;
                let mut number = [0; 4];
                number[..bytes_wide].copy_from_slice(&bytes[at..at + bytes_wide]);
                at += bytes_wide;
                numbers.extend(std::iter::repeat_n(u32::from_le_bytes(number), (head >> 1) as usize));
            } else {
                let bits = |from: usize| {
                    (0..width_bits as usize)
                        .map(|bit| u32::from(bytes[at + (from + bit) / 8] >> ((from + bit) % 8) & 1) << bit)
                        .sum::<u32>()
                };
                let groups = (head >> 1) as usize;
                numbers.extend((0..groups * GROUP).map(|number| bits(number * width_bits as usize)));
                at += groups * width_bits as usize;
            }
        }
        assert_eq!(at, bytes.len());
        numbers.truncate(count);
        numbers
    }

    #[test]
    fn ref_the_formats_own_example_of_packed_bits() {
        // Encodings.md: the numbers 0 to 7 at 3 bits are 10001000 11000110 11111010.
        let mut bytes = Vec::new();
        encode(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut bytes);
        assert_eq!(bytes, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }

    proptest! {
        #[test]
        fn law_numbers_come_back(
            runs in prop::collection::vec((0_u32..70_000, 1_usize..40), 0..60),
            width_bits in 17_u32..=32,
        ) {
            let numbers: Vec<u32> = runs.iter().flat_map(|(number, times)| vec![*number; *times]).collect();
            let mut bytes = Vec::new();
            encode(&numbers, width_bits, &mut bytes);
            prop_assert_eq!(decode(&bytes, width_bits, numbers.len()), numbers);
        }

        #[test]
        fn law_bits_come_back(runs in prop::collection::vec((0_u32..2, 1_usize..40), 0..40)) {
            let numbers: Vec<u32> = runs.iter().flat_map(|(bit, times)| vec![*bit; *times]).collect();
            let bits: Vec<u8> = numbers
                .chunks(8)
                .map(|byte| byte.iter().enumerate().map(|(place, bit)| (*bit as u8) << place).sum())
                .collect();
            let mut bytes = Vec::new();
            encode_bits(&bits, numbers.len(), &mut bytes);
            prop_assert_eq!(decode(&bytes, 1, numbers.len()), numbers);
        }

        #[test]
        fn law_small_numbers_come_back(numbers in prop::collection::vec(0_u32..4, 0..400), width_bits in 2_u32..=16) {
            let mut bytes = Vec::new();
            encode(&numbers, width_bits, &mut bytes);
            prop_assert_eq!(decode(&bytes, width_bits, numbers.len()), numbers);
        }
    }
}
