//! Figures of a cohort for people: ages and sexes, prevalence, volumes, one subject's lanes.

mod lanes;
mod prevalence;
mod pyramid;
mod volume;

pub use lanes::{Lane, LaneRow, Reading, ReadingSeries, Span, SubjectLanes, subject_lanes, subject_to_draw};
pub use prevalence::{Prevalence, commonest, prevalence};
pub use pyramid::{Pyramid, PyramidBand, pyramid};
pub use volume::{EncounterVolume, Volume, volume};
