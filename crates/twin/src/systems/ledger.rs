//! The error ledger: every way in which the record departs from what a perfect recorder would write.

use super::book::{ArtefactId, Book};
use super::field::{Field, FieldValue};
use super::system::{ArtefactKind, ErrorKind, System};

/// One deviation of one artefact.
///
/// Without a field it concerns the artefact as a whole: `recorded` absent means that it was never
/// written; `recorded` the id of another artefact means that this one was written a second time under
/// that id.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerEntry {
    /// The system in which it happened.
    pub system: System,
    /// The artefact concerned.
    pub artefact: ArtefactId,
    /// Its sort.
    pub artefact_kind: ArtefactKind,
    /// The field, or none for the artefact as a whole.
    pub field: Option<Field>,
    /// What a perfect recorder would have written.
    pub truth: FieldValue,
    /// What was written.
    pub recorded: FieldValue,
    /// The sort of error.
    pub kind: ErrorKind,
}

/// Applies a ledger to what a perfect recorder would have written: the record as it is.
///
/// # Errors
/// [`ReplayError`] at the first entry that does not fit the book.
pub fn replay(faithful: &Book, ledger: &[LedgerEntry]) -> Result<Book, ReplayError> {
    let mut book = faithful.clone();
    for (number, entry) in ledger.iter().enumerate() {
        let entry_number = number as u64 + 1;
        let place =
            book.place_of(entry.artefact).ok_or(ReplayError::NoSuchArtefact { entry: entry_number })?;
        match (entry.field, &entry.recorded) {
            (Some(field), recorded) => {
                if book.value(place, field) != entry.truth {
                    return Err(ReplayError::OtherValue { entry: entry_number, field });
                }
                book.set(place, field, recorded.clone());
            }
            (None, FieldValue::Absent) => book.remove(place),
            (None, FieldValue::Integer(copy)) => {
                let placed = book.copy(place);
                if book.at(placed).heading.id != ArtefactId::from_file(*copy) {
                    return Err(ReplayError::OtherCopy { entry: entry_number });
                }
            }
            (None, _) => return Err(ReplayError::OtherCopy { entry: entry_number }),
        }
    }
    Ok(book)
}

/// Why a ledger does not fit a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The artefact named is not in the book.
    #[error("entry {entry} of the ledger names an artefact that the truth does not give rise to")]
    NoSuchArtefact {
        /// Which entry, from 1.
        entry: u64,
    },
    /// The field holds something else than the ledger says was true.
    #[error("entry {entry} of the ledger tells another true value of {field} than the truth gives")]
    OtherValue {
        /// Which entry, from 1.
        entry: u64,
        /// The field.
        field: Field,
    },
    /// A copy has another id than the ledger says, or none.
    #[error("entry {entry} of the ledger names a copy out of turn")]
    OtherCopy {
        /// Which entry, from 1.
        entry: u64,
    },
}
