//! Fictitious direct identifiers: NHS number, name, address, telephone.
//!
//! # Source
//! NHS numbers: see [`NhsNumber`]. Postcodes: `ZZ99` is the pseudo-postcode area that no address has.
//! Telephone: 07700 900000 to 900999 and 01632 960000 to 960999 are Ofcom's ranges for drama. Names: see
//! the name book.

mod address;
mod names;
mod nhs_number;

pub(crate) use address::AddressBook;
pub(crate) use names::NameBook;
pub use nhs_number::NhsNumber;

/// Fictitious direct identifiers of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Valid by its check digit, never issued.
    pub nhs_number: NhsNumber,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// House and street; no such street is meant.
    pub address_line: String,
    /// Town; no such town exists.
    pub town: String,
    /// Postcode of the pseudo area ZZ99.
    pub postcode: String,
    /// Number of a range kept for drama.
    pub telephone: String,
}

/// The NHS number of a subject of a run.
pub(crate) fn nhs_number(seed: u64, subject: u64) -> NhsNumber {
    // 909,091 is prime, so stepping by any smaller number visits each test number once.
    let index = subject.wrapping_mul(514_229) % NhsNumber::TEST_COUNT + seed % NhsNumber::TEST_COUNT;
    NhsNumber::test_number(index)
}
