//! What the numbers of a hypergraph are worth: intervals, chance, times, standards, differences,
//! and what of them may be told.

mod chance;
mod columns;
mod difference;
mod disclosure;
mod discovery;
mod probability;
pub(crate) mod random;
mod resampling;
mod standard;
mod step;
mod summary;
mod times;

pub use chance::{
    ArcByChance, Family, Mixing, SetByChance, SetsByChance, Trades, order_by_chance, sets_by_chance,
};
pub use difference::Difference;
pub use disclosure::{
    ArcRelease, DisclosureRule, DisclosureRuleError, Release, ReleasedArc, ReleasedSet, Withheld,
    WithheldArc, release_arcs, release_sets,
};
pub use resampling::{Estimate, RankStability, Resampling};
pub use standard::{
    GivenPopulation, StandardPopulation, StandardPopulationError, Standardised, european_2013,
};
pub use summary::{
    ArcDifference, ArcSummary, ComparedGroup, Comparison, ComparisonSummary, ConditionDifference,
    ConditionSummary, SetDifference, SetSummary, Summary, SummaryError, SummaryOptions, summaries_by_level,
    summary,
};
pub use times::{ArcTime, CurvePoint, NextAfter, Outcome, StepTime, next_after, times_along};
