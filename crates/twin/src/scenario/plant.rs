//! Effects put into a run on purpose, so that what is found can be held against what was put in.

use serde::{Deserialize, Serialize};

/// The planted effects of a scenario; none unless it says so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plants {
    /// Living with a smoker brings a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household_smoking: Option<HouseholdSmoking>,
}

impl Plants {
    pub(super) fn is_empty(&self) -> bool {
        self.household_smoking.is_none()
    }
}

/// While somebody else of a private household smokes, the hazard of a condition is multiplied.
///
/// The effect acts from the run's start on. What it adds is in proportion to the hazard of somebody of the same
/// age, sex, area and illnesses who never smoked: a person's own smoking neither raises nor lowers it, so nothing
/// of their own record but age and area goes with it. The number of smokers does not matter.
///
/// | field | default | permitted |
/// |---|---|---|
/// | `condition` | `asthma` | a long-term condition of the need table without a season |
/// | `hazard_ratio` | 8 | 1 (no effect) to 100 |
///
/// The truth marks each onset that would not have been without the effect: the attribute `cause` is
/// [`HouseholdSmoking::CAUSE`], `contributing` names the smokers at home (`SUBJECT//12 SUBJECT//15`).
///
/// # Source
/// None: the effect is made up. Passive smoking does bring asthma in children, at a ratio of 1.2 to 1.9
/// (Burke et al., Pediatrics 2012;129:735; from memory, to be checked), too little to be found in 20,000 people.
///
/// # Limits
/// Nothing is taken off beforehand, so that there are more onsets with the effect than without, by one and the
/// ratio less 1 times the share of hazard of those exposed. The added hazard is settled once a year, on the
/// birthday, for exposure as it changes from day to day. Care homes are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HouseholdSmoking {
    /// Name of the condition in the need table.
    pub condition: String,
    /// Hazard while exposed over the hazard while not, of somebody who never smoked.
    pub hazard_ratio: f64,
}

impl HouseholdSmoking {
    /// What the truth gives as the cause of the onsets that the effect brought.
    pub const CAUSE: &'static str = "PLANT//household_smoking";
    pub(super) const MOST_HAZARD_RATIO: f64 = 100.0;
}

impl Default for HouseholdSmoking {
    fn default() -> Self {
        Self { condition: "asthma".to_owned(), hazard_ratio: 8.0 }
    }
}
