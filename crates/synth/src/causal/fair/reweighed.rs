//! Rows drawn by weights that make group and outcome independent.

use rand::Rng;
use twinloom_table::{Column, Table};

use super::criterion::FairError;
use crate::causal::random::{stream, uniform};
use crate::causal::{CausalError, FittedCausal};

/// Rows by which weights are reckoned, and which are drawn at once.
const BLOCK: usize = 20_000;
/// The greatest weight that is worth drawing by.
const GREATEST_WEIGHT: f64 = 1000.0;

impl FittedCausal {
    /// Draws rows by weights P(group) P(outcome) / P(group and outcome): each row drawn is kept with a chance in proportion to
    /// its weight. Nothing but the shares of combinations changes.
    ///
    /// # Source
    /// Kamiran and Calders, Data preprocessing techniques for classification without discrimination, Knowledge and
    /// Information Systems 33 (2012), algorithm 3; kept by rejection (von Neumann 1951).
    ///
    /// # Limits
    /// Makes the outcome as common in every group, and says nothing of columns that stand for the group: a predictor may
    /// still tell groups by them. Shares are those of 20,000 rows drawn first.
    ///
    /// # Errors
    /// [`FairError`] where a column is none or has no categories, or a combination is a thousand times rarer than it would
    /// be.
    pub fn sample_reweighed(
        &self,
        rows: usize,
        seed: u64,
        protected: &str,
        outcome: &str,
    ) -> Result<Table, FairError> {
        let mut random = stream(seed, 0);
        let pilot = self.sample(BLOCK, random.next_u64())?;
        let first = levels(&pilot, protected)?;
        let second = levels(&pilot, outcome)?;
        let (wide, high) = (size(&first), size(&second));
        let mut cells = vec![0.0_f64; wide * high];
        for (&group, &label) in first.iter().zip(&second) {
            cells[group * high + label] += 1.0;
        }
        let groups: Vec<f64> = cells.chunks_exact(high).map(|row| row.iter().sum()).collect();
        let labels: Vec<f64> = (0..high).map(|label| cells.iter().skip(label).step_by(high).sum()).collect();
        let weight = |place: usize| {
            let cell = cells[place];
            if cell > 0.0 { groups[place / high] * labels[place % high] / (cell * BLOCK as f64) } else { 0.0 }
        };
        let weights: Vec<f64> = (0..cells.len()).map(weight).collect();
        let greatest = weights.iter().copied().fold(0.0, f64::max);
        if greatest > GREATEST_WEIGHT {
            let (protected, outcome) = (protected.to_owned(), outcome.to_owned());
            return Err(FairError::Rare { protected, outcome, times: greatest });
        }
        let mut kept: Vec<Table> = Vec::new();
        let mut count = 0;
        while count < rows {
            let drawn = self.sample(BLOCK, random.next_u64())?;
            let (first, second) = (levels(&drawn, protected)?, levels(&drawn, outcome)?);
            let places: Vec<usize> = first
                .iter()
                .zip(&second)
                .map(|(&group, &label)| {
                    // A combination that the first rows had not is as rare as none.
                    let known = group < wide && label < high;
                    if known { weights[group * high + label] / greatest } else { 0.0 }
                })
                .enumerate()
                .filter_map(|(row, chance)| (uniform(&mut random) < chance).then_some(row))
                .take(rows - count)
                .collect();
            count += places.len();
            kept.push(drawn.rows_of(&places));
        }
        let columns = (0..self.schema().columns().len()).map(|at| together(&kept, at));
        let columns = columns.collect::<Option<Vec<Column>>>();
        let table = match columns {
            Some(columns) => Table::new(self.schema().clone(), columns).map_err(CausalError::from)?,
            None => self.sample(0, seed)?,
        };
        Ok(table)
    }
}

/// Categories of a column by row, what is missing being 0.
pub(super) fn levels(table: &Table, column: &str) -> Result<Vec<usize>, FairError> {
    match table.column(column).map_err(CausalError::from)? {
        Column::Category(values) => {
            Ok(values.iter().map(|value| value.map_or(0, |value| value as usize + 1)).collect())
        }
        Column::Number(_) => Err(FairError::NoCategories { column: column.to_owned() }),
    }
}

fn size(levels: &[usize]) -> usize {
    levels.iter().max().map_or(0, |most| most + 1)
}

/// A column of several tables, one after the other; none of no table.
fn together(tables: &[Table], at: usize) -> Option<Column> {
    let mut all = tables.first()?.columns()[at].clone();
    for table in &tables[1..] {
        match (&mut all, &table.columns()[at]) {
            (Column::Category(all), Column::Category(own)) => all.extend(own),
            (Column::Number(all), Column::Number(own)) => all.extend(own),
            _ => return None,
        }
    }
    Some(all)
}
