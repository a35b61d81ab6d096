//! Patients, their encounters and the events of these, made together.
//!
//! Patients are drawn by any [`RowSource`]. What a patient is decides, by combinations of chosen columns, how many encounters
//! there are and of which kind; codes follow one another along the patient's whole timeline, by the longest context that
//! enough patients share. Every encounter has its patient and every event its encounter, since they are made that way.
//!
//! # Limits
//! Encounters see of a patient only the columns named as conditions, in coarse bins; columns of an encounter see its kind,
//! and those of an event its code. Times are as days, or whatever unit they are in: gaps are kept to a factor of two.
//!
//! ```
//! use twinloom_synth::Privacy;
//! use twinloom_synth::causal::{self, CausalParameters};
//! use twinloom_synth::longitudinal::{Layout, LongitudinalParameters, Records, fit};
//! use twinloom_table::{Rows, Table, infer};
//!
//! let read = |names: &[&str], rows: Vec<[String; 3]>| -> Result<Table, Box<dyn std::error::Error>> {
//!     let rows = Rows::new(names, rows)?;
//!     Ok(Table::read(&infer(&rows, &Default::default())?, &rows)?)
//! };
//! let row = |one: usize, two: String, three: usize| [one.to_string(), two, three.to_string()];
//! let patients = read(&["patient", "sex", "age"], (0..40).map(|at| row(at, "f".into(), 40 + at)).collect())?;
//! let visits = read(&["patient", "visit", "day"], (0..80).map(|at| row(at / 2, at.to_string(), 3 * at)).collect())?;
//! let events = read(&["visit", "code", "n"], (0..80).map(|at| row(at, format!("c{}", at % 2), 1)).collect())?;
//! let layout = Layout::new("patient", "visit", "day", "code");
//! let parents = causal::fit(&patients.without(&["patient"])?, &CausalParameters::default(), Privacy::None, 0)?;
//! let records = Records { patients: &patients, encounters: &visits, events: &events };
//! let fitted = fit(&records, &layout, parents, &LongitudinalParameters::default(), Privacy::None, 0)?;
//! let made = fitted.sample(10, 1)?;
//! assert_eq!((made.patients.len(), made.encounters.len()), (10, 20));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codes;
mod fit;
mod parameters;
mod plan;
mod records;
mod sample;

pub use fit::{FittedLongitudinal, fit};
pub use parameters::{LongitudinalError, LongitudinalParameters};
pub use records::{Layout, Records};
pub use sample::{Drawn, RowSource};
