//! Logical ids: what of a record id can stand in a FHIR `id`.
//!
//! # Source
//! FHIR R4 data type `id`: 1 to 64 of the letters, digits, `-` and `.`.

use std::io::Write;

const LONGEST: usize = 64;

/// The id of a record within its type: `4f2a` for `Observation/4f2a`; the whole text when the record
/// id names no type or another one.
pub(super) fn logical_id<'r>(record_id: &'r str, type_name: &str) -> &'r str {
    record_id.strip_prefix(type_name).and_then(|rest| rest.strip_prefix('/')).unwrap_or(record_id)
}

/// Appends an id as it is if FHIR permits it, else a hash of it.
pub(super) fn append_id(out: &mut Vec<u8>, id: &str) {
    if is_permitted(id) {
        out.extend_from_slice(id.as_bytes());
    } else {
        write!(out, "x{:016x}", fnv1a(id)).expect("writing to memory does not end badly");
    }
}

fn is_permitted(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

/// # Source
/// Fowler, Noll, Vo: FNV-1a, 64 bits.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(id: &str) -> String {
        let mut out = Vec::new();
        append_id(&mut out, id);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ref_published_fnv_vector() {
        // draft-eastlake-fnv, test vector for "foobar".
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn regress_ids_are_kept_where_permitted() {
        assert_eq!(appended("4f-2.A"), "4f-2.A");
        assert_eq!(appended("a/b").len(), 17);
        assert_eq!(appended(&"a".repeat(65)).len(), 17);
        assert_eq!(logical_id("Observation/4f2a", "Observation"), "4f2a");
        assert_eq!(logical_id("labs/4f2a", "Observation"), "labs/4f2a");
    }
}
