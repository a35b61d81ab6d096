//! People from files and from the record.

mod date;
mod people;
mod record;
mod weights;

pub use people::{PeopleFiles, ReadError, ReadReport, read_people};
pub use record::{RecordOptions, people_of_record};
pub use weights::{WeightsError, read_weights};
