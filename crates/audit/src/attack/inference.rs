//! What a synthetic table tells of someone's secret to who knows the rest.

use twinloom_table::{Column, Table};

use super::copies::cell_key;
use super::distance::Scales;
use super::error::AttackError;
use super::guessing::{GuessAttack, Tally};
use super::nearest::nearest;

/// A number is guessed right within this share of it.
const TOLERANCE: f64 = 0.05;

/// Guesses a person's secret as that of the synthetic row nearest in what is known.
///
/// # Source
/// Giomi et al., PoPETs 2023(2), section 4.3: numbers within 5 %; the guess about others, whom the release was not
/// made from, takes out what anyone could learn from any such table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeInference {
    /// The column to be guessed.
    pub secret: String,
    /// Columns that the attacker knows; all but the secret if none is named.
    pub known: Vec<String>,
}

impl GuessAttack for AttributeInference {
    fn name(&self) -> &'static str {
        "attribute inference"
    }

    fn guess(&self, targets: &Table, synthetic: &Table) -> Result<Tally, AttackError> {
        let secret = synthetic.schema().place(&self.secret)?;
        let mut known = self
            .known
            .iter()
            .map(|name| synthetic.schema().place(name))
            .collect::<Result<Vec<usize>, _>>()?;
        if known.is_empty() {
            known = (0..synthetic.columns().len()).collect();
        }
        known.retain(|&place| place != secret);
        if known.is_empty() {
            return Err(AttackError::Lengths { what: "known columns", given: 0, permitted: 1 });
        }
        let scales = Scales::of(synthetic);
        let (from, among) = (scales.points(targets), scales.points(synthetic));
        let found = nearest(&from.of_columns(&known), &among.of_columns(&known), 1, false);
        let mut tally = Tally::default();
        for (row, found) in found.iter().enumerate() {
            let Some(nearest) = found.first() else { continue };
            if let Some(right) = is_right(
                &targets.columns()[secret],
                row,
                &synthetic.columns()[secret],
                nearest.place as usize,
            ) {
                tally.of += 1;
                tally.right += usize::from(right);
            }
        }
        Ok(tally)
    }
}

/// Whether a guess is right; nothing where there is no secret.
fn is_right(truth: &Column, row: usize, guesses: &Column, guess: usize) -> Option<bool> {
    match (truth, guesses) {
        (Column::Number(truth), Column::Number(guesses)) => {
            let truth = truth[row]?;
            Some(guesses[guess].is_some_and(|guess| (guess - truth).abs() <= TOLERANCE * truth.abs()))
        }
        (Column::Category(values), guesses) => {
            values[row]?;
            Some(cell_key(truth, row) == cell_key(guesses, guess))
        }
        (Column::Number(_), Column::Category(_)) => None,
    }
}
