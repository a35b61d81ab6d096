//! The database file without the time of its making, so that equal graphs give equal files.
//!
//! # Source
//! grafeo-storage 0.5.44, `file/format.rs`: a 4 KiB file header whose fourth field, and two 4 KiB slots
//! whose eighth field, are milliseconds since 1970, in bincode's variable-length integers. Neither
//! header has a checksum.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const HEADER_BYTES: usize = 4096;
const MAGIC_BYTES: usize = 4;
/// Marks an integer of eight bytes.
const EIGHT_BYTES: u8 = 253;
/// 2001-09-09: any fixed time of eight bytes.
const FIXED_MILLISECONDS: u64 = 1_000_000_000_000;

/// Sets the times in the file's headers to a fixed one; a header of another shape is left alone.
pub(super) fn fix(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut headers = vec![0; 3 * HEADER_BYTES];
    file.read_exact(&mut headers)?;
    let (file_header, slots) = headers.split_at_mut(HEADER_BYTES);
    set_field(&mut file_header[MAGIC_BYTES..], 2);
    for slot in slots.chunks_exact_mut(HEADER_BYTES) {
        set_field(slot, 7);
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&headers)?;
    file.sync_all()
}

/// Sets the integer after `before` others, if it has eight bytes.
fn set_field(bytes: &mut [u8], before: usize) {
    let mut position = 0;
    for _ in 0..before {
        position += match bytes.get(position) {
            Some(251) => 3,
            Some(252) => 5,
            Some(&EIGHT_BYTES) => 9,
            Some(..251) => 1,
            _ => return,
        };
    }
    if let Some([EIGHT_BYTES, value @ ..]) = bytes.get_mut(position..position + 9) {
        value.copy_from_slice(&FIXED_MILLISECONDS.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_only_the_field_changes() {
        let mut bytes = [7, 251, 1, 2, 253, 9, 9, 9, 9, 9, 9, 9, 9, 5];
        set_field(&mut bytes, 2);
        assert_eq!(bytes[..5], [7, 251, 1, 2, 253]);
        assert_eq!(bytes[5..13], FIXED_MILLISECONDS.to_le_bytes());
        assert_eq!(bytes[13], 5);
        let mut empty_slot = [0; 20];
        set_field(&mut empty_slot, 7);
        assert_eq!(empty_slot, [0; 20]);
        set_field(&mut [253], 1);
    }
}
