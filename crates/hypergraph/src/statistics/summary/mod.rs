//! One call for the numbers of a cohort's hypergraphs, with intervals, standardised, and compared.

mod build;
mod measure;
mod options;
#[cfg(test)]
mod tests;
mod values;

pub use build::{SummaryError, summaries_by_level, summary};
pub use options::{Comparison, SummaryOptions};
pub use values::{
    ArcDifference, ArcSummary, ComparedGroup, ComparisonSummary, ConditionDifference, ConditionSummary,
    SetDifference, SetSummary, Summary,
};
