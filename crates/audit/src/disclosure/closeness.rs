//! How much a class tells of a secret that its rows hold.

use std::collections::{BTreeMap, BTreeSet};

use twinloom_table::{Column, ColumnKind};

use super::classes::Classes;
use super::error::DisclosureError;
use crate::attack::cell_key;

/// What the classes of a table tell of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitive {
    /// Fewest different values in a class.
    pub distinct_l: usize,
    /// e to the least entropy of a class: l-diverse by entropy for this l.
    pub entropy_l: f64,
    /// Greatest distance of a class's values from the table's, 0 to 1.
    pub t: f64,
}

impl Classes<'_> {
    /// Diversity and closeness of a column's values within classes; a missing value is a value.
    ///
    /// Numbers and ordered categories lie apart by their ranks among the table's values (earth mover's distance),
    /// words by equality (total variation). Of an ordered column with missing values t is the greater of the
    /// distance of those present and the difference of the missing shares.
    ///
    /// # Source
    /// Machanavajjhala et al., l-diversity, ACM TKDD 1 (2007), definitions 4.1 and 4.2; Li, Li and
    /// Venkatasubramanian, t-closeness, ICDE 2007, sections 5.1 and 5.2.
    ///
    /// # Errors
    /// [`DisclosureError::Schema`] where there is no such column.
    pub fn sensitive(&self, column: &str) -> Result<Sensitive, DisclosureError> {
        let ordered =
            !matches!(self.table.schema().column(column)?.kind, ColumnKind::Category { ordered: false, .. });
        let values = self.table.column(column)?;
        let codes = ranks(values, self.table.len());
        let all: Vec<usize> = (0..self.table.len()).collect();
        let categories = codes.iter().map(|code| code + 1).max().unwrap_or(1);
        let missing = (values.missing() > 0).then(|| categories - 1);
        let whole = shares(&codes, &all, categories);
        let mut found = Sensitive { distinct_l: usize::MAX, entropy_l: f64::INFINITY, t: 0.0 };
        for rows in self.rows() {
            let own = shares(&codes, rows, categories);
            let entropy: f64 =
                own.iter().filter(|share| **share > 0.0).map(|share| -share * share.ln()).sum();
            found.distinct_l = found.distinct_l.min(own.iter().filter(|share| **share > 0.0).count());
            found.entropy_l = found.entropy_l.min(entropy.exp());
            let t = if ordered { ordered_distance(&own, &whole, missing) } else { variation(&own, &whole) };
            found.t = found.t.max(t);
        }
        Ok(found)
    }
}

/// Each row's rank among the different values, the missing value last.
fn ranks(column: &Column, rows: usize) -> Vec<usize> {
    // Category places and the bits of a number, turned so that they sort as the numbers do.
    let sortable = |row: usize| match column {
        Column::Category(_) => cell_key(column, row),
        Column::Number(values) => values[row].map_or(u64::MAX, |value| {
            let bits = (value + 0.0).to_bits();
            if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
        }),
    };
    let keys: Vec<u64> = (0..rows).map(sortable).collect();
    let distinct: BTreeSet<u64> = keys.iter().copied().collect();
    let places: BTreeMap<u64, usize> = distinct.into_iter().zip(0..).collect();
    keys.iter().map(|key| places[key]).collect()
}

fn shares(codes: &[usize], rows: &[usize], categories: usize) -> Vec<f64> {
    let mut counts = vec![0_u32; categories];
    for &row in rows {
        counts[codes[row]] += 1;
    }
    counts.iter().map(|count| f64::from(*count) / rows.len() as f64).collect()
}

fn variation(left: &[f64], right: &[f64]) -> f64 {
    0.5 * left.iter().zip(right).map(|(left, right)| (left - right).abs()).sum::<f64>()
}

fn ordered_distance(own: &[f64], whole: &[f64], missing: Option<usize>) -> f64 {
    let present = missing.unwrap_or(own.len());
    let gap = missing.map_or(0.0, |at| (own[at] - whole[at]).abs());
    let (own_total, whole_total): (f64, f64) = (own[..present].iter().sum(), whole[..present].iter().sum());
    if present < 2 || own_total <= 0.0 || whole_total <= 0.0 {
        return gap;
    }
    let (mut excess, mut moved) = (0.0_f64, 0.0);
    for (own, whole) in own[..present - 1].iter().zip(whole) {
        excess += own / own_total - whole / whole_total;
        moved += excess.abs();
    }
    gap.max(moved / (present - 1) as f64)
}
