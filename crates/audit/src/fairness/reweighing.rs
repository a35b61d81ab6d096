//! Weights that make group and outcome independent in training data.

use std::collections::BTreeMap;

use crate::subgroups::Grouping;

/// Each row's weight: P(group) P(outcome) / P(group and outcome). Rows whose group is not stated weigh 1 and
/// don't count.
///
/// # Source
/// Kamiran and Calders, Data preprocessing techniques for classification without discrimination, Knowledge and
/// Information Systems 33 (2012), algorithm 3.
///
/// # Errors
/// [`ReweighingError`] where labels and groups don't pair.
///
/// # Limits
/// A group none of whose rows has the outcome, or all have, can't be made independent of it: its weights stand.
pub fn reweighing(labels: &[bool], grouping: &Grouping) -> Result<Vec<f64>, ReweighingError> {
    if labels.len() != grouping.groups.len() {
        return Err(ReweighingError { labels: labels.len(), groups: grouping.groups.len() });
    }
    let mut cells: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for (&label, group) in labels.iter().zip(&grouping.groups) {
        if let Some(group) = group {
            cells.entry(group).or_default()[usize::from(label)] += 1.0;
        }
    }
    let totals = cells.values().fold([0.0; 2], |sum, cell| [sum[0] + cell[0], sum[1] + cell[1]]);
    let all = totals[0] + totals[1];
    let weight = |(&label, group): (&bool, &Option<std::sync::Arc<str>>)| match group {
        Some(group) => {
            let cell = cells[&**group];
            let side = usize::from(label);
            (cell[0] + cell[1]) * totals[side] / (all * cell[side])
        }
        None => 1.0,
    };
    Ok(labels.iter().zip(&grouping.groups).map(weight).collect())
}

/// Labels and groups that don't pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{labels} labels and {groups} groups do not pair; permitted: equally many")]
pub struct ReweighingError {
    /// Given.
    pub labels: usize,
    /// Given.
    pub groups: usize,
}
