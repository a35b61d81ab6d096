//! Something that begins.

use crate::engine::Moment;

use super::condition::{Condition, ConditionId};
use super::draw::{Draws, PLACES_PER_EVENT, normal_quantile};

/// The beginning of a condition or problem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Onset {
    pub(crate) at: Moment,
    pub(crate) condition: ConditionId,
    /// Around 1; multiplies the condition's effects.
    pub(crate) severity: f64,
    /// When it ends by itself, if it does.
    pub(crate) until: Option<Moment>,
    /// When it kills, if it does and nothing else does before.
    pub(crate) fatal_at: Option<Moment>,
}

impl Onset {
    /// Settles everything about an onset from the numbers of its event.
    pub(crate) fn settle(
        id: ConditionId,
        condition: &Condition,
        at: Moment,
        age: usize,
        draws: &Draws<'_>,
        event: u64,
    ) -> Self {
        let draw = |place: u64| draws.uniform(id.index(), event * PLACES_PER_EVENT + place);
        let spread = condition.severity;
        let severity = if spread.standard_deviation > 0.0 {
            (spread.mean + spread.standard_deviation * normal_quantile(draw(1)))
                .clamp(spread.least, spread.greatest)
        } else {
            spread.mean
        };
        let until = condition.duration.map(|duration| {
            let days = if duration.spread > 0.0 {
                duration.median_days * (duration.spread * normal_quantile(draw(2))).exp()
            } else {
                duration.median_days
            };
            at.plus_days(days.clamp(0.25, 36_500.0))
        });
        let fatal_at = condition.fatality.get(age.min(condition.fatality.len().saturating_sub(1)));
        let fatal_at = fatal_at.filter(|probability| draw(3) <= f64::from(**probability)).map(|_| {
            let days = condition.fatal_after_days * (0.8 * normal_quantile(draw(4))).exp();
            at.plus_days(days.clamp(0.01, 365.0))
        });
        Self { at, condition: id, severity, until, fatal_at }
    }
}
