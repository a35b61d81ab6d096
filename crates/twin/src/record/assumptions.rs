//! How imperfectly a practice records: rates of what is missed, late or left standing.
//!
//! # Source
//! Assumptions, of the order that studies of English GP data report (completeness of coded diagnoses
//! mostly above 90 %; hospital letters within days to weeks; about one in twenty patients without coded
//! ethnicity). They are not estimates; a later release reads them from a file.

/// A diagnosis made at the practice that nobody codes.
pub(crate) const DIAGNOSIS_NOT_CODED: f64 = 0.03;
/// A diagnosis coded some time after it was made.
pub(crate) const DIAGNOSIS_CODED_LATE: f64 = 0.10;
/// Mean days by which it is late.
pub(crate) const LATE_CODING_DAYS: f64 = 30.0;
/// A hospital contact of which no letter reaches the record.
pub(crate) const LETTER_LOST: f64 = 0.06;
/// Mean days from a discharge or clinic to its letter being filed.
pub(crate) const LETTER_DAYS: f64 = 6.0;
/// A measurement that is written as free text only.
pub(crate) const MEASUREMENT_NOT_CODED: f64 = 0.02;
/// Days from a specimen to its result being filed: between these.
pub(crate) const RESULT_DAYS: (f64, f64) = (0.8, 3.0);
/// A medicine that was stopped but stays on the list.
pub(crate) const STOP_NOT_RECORDED: f64 = 0.03;
/// A person whose ethnicity is not recorded.
pub(crate) const ETHNICITY_NOT_RECORDED: f64 = 0.05;
/// Days after the practice's system went live within which old notes are summarised.
pub(crate) const SUMMARISING_DAYS: f64 = 270.0;
/// An old problem dated by its year only.
pub(crate) const DATED_BY_YEAR: f64 = 0.25;
/// Days from a death to its being recorded: between these.
pub(crate) const DEATH_NOTICE_DAYS: (f64, f64) = (0.5, 6.0);
