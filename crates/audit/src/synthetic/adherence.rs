//! Whether rows obey the schema's constraints.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Constraint, SchemaError, Table};
use twinloom_views::wilson_interval;

use super::coded::check_alike;
use super::error::SyntheticError;
use crate::estimate::Estimate;

/// One constraint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdherenceRow {
    /// What must hold.
    pub constraint: Constraint,
    /// Share of real rows where it does.
    pub real: Estimate,
    /// Share of other rows where it does.
    pub other: Estimate,
}

/// Counts the rows of each table that obey each constraint, with Wilson intervals; of combinations, only those that the
/// real table has.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, or a table has fewer than 2 rows.
///
/// # Limits
/// A row with a missing value breaks nothing.
pub fn adherence(real: &Table, other: &Table) -> Result<Vec<AdherenceRow>, SyntheticError> {
    check_alike(real, other)?;
    let row = |constraint: &Constraint| {
        let seen = combinations(constraint, real)?;
        let known: BTreeSet<&Vec<Option<u32>>> = seen.iter().collect();
        let share = |table: &Table| -> Result<Estimate, SyntheticError> {
            let obeyed = if matches!(constraint, Constraint::Combinations { .. }) {
                let own = combinations(constraint, table)?;
                own.iter().filter(|own| own.iter().any(Option::is_none) || known.contains(own)).count()
            } else {
                let columns = constraint.columns();
                let columns = columns.iter().map(|name| table.number(name)).collect::<Result<Vec<_>, _>>()?;
                let holds = |row: &usize| {
                    constraint.holds(&columns.iter().map(|column| column[*row]).collect::<Vec<_>>())
                };
                (0..table.len()).filter(holds).count()
            };
            let interval = wilson_interval(obeyed as u64, table.len() as u64);
            Ok(Estimate::new(Ok(obeyed as f64 / table.len() as f64), interval))
        };
        Ok(AdherenceRow { constraint: constraint.clone(), real: share(real)?, other: share(other)? })
    };
    real.schema().constraints().iter().map(row).collect()
}

/// Each row's words of a constraint on combinations; nothing for others.
fn combinations(constraint: &Constraint, table: &Table) -> Result<Vec<Vec<Option<u32>>>, SchemaError> {
    let Constraint::Combinations { columns } = constraint else { return Ok(Vec::new()) };
    let columns = columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let word = |column: &&Column, row: usize| match column {
        Column::Category(values) => values[row],
        Column::Number(_) => None,
    };
    Ok((0..table.len()).map(|row| columns.iter().map(|column| word(column, row)).collect()).collect())
}
