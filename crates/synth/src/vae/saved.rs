//! Weights in a file: eight hexadecimal digits each, every bit kept.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

const DIGITS: usize = 8;

pub(super) fn serialize<S: Serializer>(weights: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::with_capacity(weights.len() * DIGITS);
    for weight in weights {
        let bits = weight.to_bits();
        let digit = |place: u32| char::from_digit((bits >> (28 - 4 * place)) & 15, 16);
        text.extend((0..DIGITS as u32).filter_map(digit));
    }
    serializer.serialize_str(&text)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() % DIGITS != 0 {
        return Err(D::Error::custom(format!("{} digits of weights; permitted: eight each", text.len())));
    }
    let weight = |digits: &[u8]| {
        let bits = digits
            .iter()
            .try_fold(0_u32, |bits, digit| char::from(*digit).to_digit(16).map(|digit| (bits << 4) | digit));
        let weight = bits.map(f32::from_bits).filter(|weight| weight.is_finite());
        weight.ok_or_else(|| D::Error::custom("a weight that is no finite number in hexadecimal"))
    };
    text.as_bytes().chunks_exact(DIGITS).map(weight).collect()
}
