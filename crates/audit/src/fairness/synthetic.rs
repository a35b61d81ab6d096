//! Whether a synthetic table stands for each group alike, and leaks of each alike.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};

use super::groups::members;
use crate::attack::{AttackError, MembershipFigures, cell_key, membership_figures};
use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};
use crate::evaluate::Options;
use crate::subgroups::Grouping;
use twinloom_event::SubjectId;

/// Fewest people of a group, on either side, for its figures to be shown.
const FEWEST: usize = 10;
/// Bins of a column of numbers, equally filled in the real table.
const BINS: usize = 10;

/// How near a group's synthetic rows are to its real ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupFidelity {
    /// Which group.
    pub group: Arc<str>,
    /// 1 less the total variation between columns, mean over columns; 1 where all agree. Absent where it would tell of
    /// few people.
    pub fidelity: Option<Estimate>,
}

/// The fidelity of each group's columns. Groups are of a column of words.
///
/// # Limits
/// Small groups differ from themselves by chance: their fidelity lies below 1 even where the generator is
/// right. Intervals resample the real people of the group.
///
/// # Errors
/// [`AttackError`] where the tables' columns differ or the column is not one of words.
pub fn fidelity_by_group(
    real: &Table,
    synthetic: &Table,
    column: &str,
    options: &Options,
) -> Result<Vec<GroupFidelity>, AttackError> {
    crate::attack::same_columns(real, synthetic)?;
    let (own, made) = (real.category(column)?, synthetic.category(column)?);
    let categories = real.schema().column(column)?.kind.categories().unwrap_or_default();
    let edges: Vec<Vec<f64>> = real.columns().iter().map(edges).collect();
    let rows_of = |values: &[Option<u32>], category: u32| -> Vec<usize> {
        (0..values.len()).filter(|&row| values[row] == Some(category)).collect()
    };
    let group = |(category, name): (u32, &Arc<str>)| {
        let (real_rows, made_rows) = (rows_of(own, category), rows_of(made, category));
        let fidelity = (real_rows.len() >= FEWEST).then(|| {
            if made_rows.is_empty() {
                return Estimate::new(Err(Undefined::NoInstances), None);
            }
            let bins = |table: &Table, rows: &[usize]| -> Vec<Vec<u64>> {
                let pairs = table.columns().iter().zip(&edges);
                pairs
                    .map(|(column, edges)| rows.iter().map(|&row| bin(column, row, edges)).collect())
                    .collect()
            };
            let (own, made) = (bins(real, &real_rows), bins(synthetic, &made_rows));
            let agreement = |weights: &[f64]| {
                let columns = own.iter().zip(&made).map(|(own, made)| 1.0 - variation(own, weights, made));
                columns.sum::<f64>() / own.len() as f64
            };
            let ids: Vec<SubjectId> = (0..real_rows.len() as i64).map(SubjectId::new).collect();
            let replicates =
                SubjectBootstrap::new(&ids, options.seed).replicates(options.replicates, agreement);
            let interval = percentile_interval(replicates.into_iter().map(Some));
            Estimate::new(Ok(agreement(&vec![1.0; real_rows.len()])), interval)
        });
        GroupFidelity { group: Arc::clone(name), fidelity }
    };
    Ok((0..).zip(categories).map(group).collect())
}

/// An attack's success on one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupMembership {
    /// Which group.
    pub group: Arc<str>,
    /// Its figures; absent where they would tell of few people.
    pub figures: Option<MembershipFigures>,
}

/// How well an attack's scores tell members from others within each group.
///
/// # Errors
/// [`AttackError`] where scores and groups don't pair or a score is not finite.
pub fn attack_by_group(
    member_scores: &[f64],
    member_groups: &Grouping,
    other_scores: &[f64],
    other_groups: &Grouping,
    options: &Options,
) -> Result<Vec<GroupMembership>, AttackError> {
    for (scores, groups) in [(member_scores, member_groups), (other_scores, other_groups)] {
        if scores.len() != groups.groups.len() {
            let (given, permitted) = (groups.groups.len(), scores.len());
            return Err(AttackError::Lengths { what: "groups", given, permitted });
        }
    }
    let others = members(other_groups, other_scores.len());
    members(member_groups, member_scores.len())
        .into_iter()
        .map(|(group, rows)| {
            let other_rows = others.get(&group).cloned().unwrap_or_default();
            let of = |scores: &[f64], rows: &[usize]| rows.iter().map(|&row| scores[row]).collect::<Vec<_>>();
            let figures = (rows.len().min(other_rows.len()) >= FEWEST)
                .then(|| {
                    membership_figures(&of(member_scores, &rows), &of(other_scores, &other_rows), options)
                })
                .transpose()?;
            Ok(GroupMembership { group, figures })
        })
        .collect()
}

fn edges(column: &Column) -> Vec<f64> {
    let Column::Number(values) = column else { return Vec::new() };
    let mut present: Vec<f64> = values.iter().flatten().copied().collect();
    present.sort_unstable_by(f64::total_cmp);
    (1..BINS).filter_map(|bin| present.get(present.len() * bin / BINS).copied()).collect()
}

fn bin(column: &Column, row: usize, edges: &[f64]) -> u64 {
    match column {
        Column::Category(_) => cell_key(column, row),
        Column::Number(values) => {
            values[row].map_or(u64::MAX, |value| edges.partition_point(|edge| *edge < value) as u64)
        }
    }
}

fn variation(own: &[u64], weights: &[f64], made: &[u64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let mut shares = std::collections::BTreeMap::new();
    for (bin, weight) in own.iter().zip(weights) {
        *shares.entry(*bin).or_insert(0.0) += weight / total;
    }
    for bin in made {
        *shares.entry(*bin).or_insert(0.0) -= 1.0 / made.len() as f64;
    }
    0.5 * shares.values().map(|share: &f64| share.abs()).sum::<f64>()
}
