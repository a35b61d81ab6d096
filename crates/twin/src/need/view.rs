//! What need reads of a person.

use crate::engine::Moment;
use crate::person::{EthnicGroup, Sex};
use crate::physiology::VitalSign;

use super::condition::{ConditionId, ConditionSet};

/// The signs that rates may depend on, in the order of [`NeedView::signs`].
pub(crate) const NEED_SIGNS: [VitalSign; 6] = [
    VitalSign::BodyMassIndex,
    VitalSign::SystolicBloodPressure,
    VitalSign::Hba1c,
    VitalSign::LdlCholesterol,
    VitalSign::Egfr,
    VitalSign::Fev1PercentPredicted,
];

/// Smoking, as rates see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tobacco {
    #[default]
    Never,
    Former,
    Current,
}

/// One person at the beginning of a year of life.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NeedView<'a> {
    /// The subject's number in the run.
    pub(crate) subject: u64,
    /// [`super::History::life`] of the person; 0 for those born within the run.
    pub(crate) life: u32,
    pub(crate) sex: Sex,
    pub(crate) birth: Moment,
    pub(crate) ethnicity: EthnicGroup,
    pub(crate) imd_decile: u8,
    pub(crate) tobacco: Tobacco,
    /// True values of [`NEED_SIGNS`].
    pub(crate) signs: [f64; NEED_SIGNS.len()],
    /// What the person has.
    pub(crate) active: ConditionSet,
    /// When those of `active` that end by themselves will.
    pub(crate) ends: &'a [(ConditionId, Moment)],
}

impl NeedView<'_> {
    /// Whole years of age.
    pub(crate) fn age(&self, at: Moment) -> usize {
        // A birthday computed from the birth may fall a microsecond short of the whole year.
        (at.years_since(self.birth) + 1e-6).max(0.0) as usize
    }

    /// Place of the sex in tables: female, male.
    pub(crate) fn sex_index(&self) -> usize {
        usize::from(self.sex == Sex::Male)
    }
}
