//! From a source's patient identifier to a MEDS subject id.

use sha2::{Digest, Sha256};
use twinloom_event::SubjectId;

/// The subject id for a patient identifier of a source.
///
/// A positive whole number that fits is kept as it is; any other text becomes the first eight bytes
/// of its SHA-256, big-endian, with the sign bit cleared. Two texts may meet in one id: sinks notice.
///
/// ```
/// use twinloom_records::subject_id_from_source;
///
/// assert_eq!(subject_id_from_source("10006").get(), 10006);
/// assert!(subject_id_from_source("002-1039").get() >= 0);
/// ```
pub fn subject_id_from_source(source_id: &str) -> SubjectId {
    if let Some(number) = plain_number(source_id) {
        return SubjectId::new(number);
    }
    let digest = Sha256::digest(source_id.as_bytes());
    let mut first = [0_u8; 8];
    first.copy_from_slice(&digest[..8]);
    SubjectId::new(i64::from_be_bytes(first) & i64::MAX)
}

/// The number a text spells in its only canonical way (`007` and `+7` are texts, not 7).
fn plain_number(text: &str) -> Option<i64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.starts_with('0') {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_sha256_of_fips_180_example() {
        // SHA-256("abc") = ba7816bf 8f01cfea ... (FIPS 180-4 example); sign bit cleared: 3a...
        assert_eq!(subject_id_from_source("abc").get(), 0x3a78_16bf_8f01_cfea);
    }

    #[test]
    fn regress_only_canonical_numbers_stay_numbers() {
        assert_eq!(subject_id_from_source("9223372036854775807").get(), i64::MAX);
        assert_ne!(subject_id_from_source("007"), subject_id_from_source("7"));
        for text in ["", "0", "-5", "9223372036854775808", "7.0"] {
            assert!(subject_id_from_source(text).get() > 99, "{text}");
        }
    }
}
