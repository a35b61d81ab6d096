//! Whether what is true of one synthetic row alone is true of one person alone.

use rand_chacha::ChaCha8Rng;
use twinloom_table::{Column, Table};

use super::copies::cell_key;
use super::error::AttackError;
use super::guessing::{GuessAttack, Tally};
use crate::bootstrap::{below, shuffled, stream};

/// How often a predicate is drawn for each that is wanted, before the attack makes do with fewer.
const TRIES: usize = 50;

/// Singles out people by what singles out a synthetic row.
///
/// # Source
/// Giomi et al., PoPETs 2023(2), section 4.1: by one column, a value that one row has, or the least or greatest; by
/// several, a row's values in columns drawn at random, numbers as at least or at most (by the
/// median) the row's. Only predicates that hold for exactly one synthetic row are tried, and right
/// are those that hold for exactly one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinglingOut {
    /// Columns of a predicate; 1 for the attack by one column.
    pub columns: usize,
    /// Predicates tried, or fewer where there are none.
    pub attempts: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// What is said of one column.
#[derive(Clone, Copy, Debug)]
enum Clause {
    Equals(u64),
    AtLeast(f64),
    AtMost(f64),
}

impl Clause {
    fn holds(self, column: &Column, row: usize) -> bool {
        match (self, column) {
            (Self::Equals(key), column) => cell_key(column, row) == key,
            (Self::AtLeast(limit), Column::Number(values)) => values[row].is_some_and(|value| value >= limit),
            (Self::AtMost(limit), Column::Number(values)) => values[row].is_some_and(|value| value <= limit),
            _ => false,
        }
    }
}

type Predicate = Vec<(usize, Clause)>;

/// Whether a predicate holds for exactly one row.
fn singles_out(predicate: &Predicate, table: &Table) -> bool {
    let holds =
        |row: &usize| predicate.iter().all(|(place, clause)| clause.holds(&table.columns()[*place], *row));
    (0..table.len()).filter(holds).take(2).count() == 1
}

impl SinglingOut {
    fn by_one_column(&self, synthetic: &Table) -> Vec<Predicate> {
        let mut all = Vec::new();
        for (place, column) in synthetic.columns().iter().enumerate() {
            let mut keys: Vec<u64> = (0..synthetic.len()).map(|row| cell_key(column, row)).collect();
            keys.sort_unstable();
            let alone = keys.chunk_by(|left, right| left == right).filter(|same| same.len() == 1);
            all.extend(alone.map(|same| vec![(place, Clause::Equals(same[0]))]));
            if let Column::Number(values) = column {
                let present = || values.iter().flatten().copied();
                if present().next().is_some() {
                    all.push(vec![(place, Clause::AtMost(present().fold(f64::INFINITY, f64::min)))]);
                    all.push(vec![(place, Clause::AtLeast(present().fold(f64::NEG_INFINITY, f64::max)))]);
                }
            }
        }
        let order = shuffled(all.len(), self.seed, 2);
        let singles = order.into_iter().filter(|&at| singles_out(&all[at], synthetic));
        singles.take(self.attempts).map(|at| all[at].clone()).collect()
    }

    fn by_several(&self, synthetic: &Table) -> Vec<Predicate> {
        let medians: Vec<f64> = synthetic.columns().iter().map(median).collect();
        let mut random = stream(self.seed, 3);
        let mut found = Vec::new();
        for _ in 0..self.attempts.saturating_mul(TRIES) {
            if found.len() == self.attempts {
                break;
            }
            let predicate = self.draw(synthetic, &medians, &mut random);
            if singles_out(&predicate, synthetic) {
                found.push(predicate);
            }
        }
        found
    }

    fn draw(&self, synthetic: &Table, medians: &[f64], random: &mut ChaCha8Rng) -> Predicate {
        let row = below(random, synthetic.len() as u32) as usize;
        let mut places: Vec<usize> = (0..medians.len()).collect();
        for at in 0..self.columns {
            let other = at + below(random, (places.len() - at) as u32) as usize;
            places.swap(at, other);
        }
        let clause = |place: usize| {
            let column = &synthetic.columns()[place];
            match column {
                Column::Number(values) => match values[row] {
                    Some(value) if value > medians[place] => Clause::AtLeast(value),
                    Some(value) => Clause::AtMost(value),
                    None => Clause::Equals(cell_key(column, row)),
                },
                Column::Category(_) => Clause::Equals(cell_key(column, row)),
            }
        };
        places[..self.columns].iter().map(|&place| (place, clause(place))).collect()
    }
}

impl GuessAttack for SinglingOut {
    fn name(&self) -> &'static str {
        if self.columns == 1 { "singling out by one column" } else { "singling out by several columns" }
    }

    fn guess(&self, targets: &Table, synthetic: &Table) -> Result<Tally, AttackError> {
        let permitted = synthetic.columns().len();
        if self.columns == 0 || self.columns > permitted || synthetic.is_empty() {
            return Err(AttackError::Lengths {
                what: "columns of a predicate",
                given: self.columns,
                permitted,
            });
        }
        let predicates =
            if self.columns == 1 { self.by_one_column(synthetic) } else { self.by_several(synthetic) };
        let right = predicates.iter().filter(|predicate| singles_out(predicate, targets)).count();
        Ok(Tally { right, of: predicates.len() })
    }
}

fn median(column: &Column) -> f64 {
    let Column::Number(values) = column else { return 0.0 };
    let mut present: Vec<f64> = values.iter().flatten().copied().collect();
    present.sort_unstable_by(f64::total_cmp);
    present.get(present.len() / 2).copied().unwrap_or(0.0)
}
