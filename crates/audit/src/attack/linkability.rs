//! Whether a synthetic table links two halves of what is known of someone.

use twinloom_table::Table;

use super::distance::Scales;
use super::error::AttackError;
use super::guessing::{GuessAttack, Tally};
use super::nearest::nearest;

/// Links two halves of a person's row, held by two parties, where both are near to one synthetic row.
///
/// # Source
/// Giomi et al., PoPETs 2023(2), section 4.2: right if the closest rows by one half and by the other share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linkability {
    /// Columns that one party holds.
    pub first: Vec<String>,
    /// Columns that the other holds.
    pub second: Vec<String>,
    /// How many of the closest rows count; 1 is the strictest.
    pub neighbours: usize,
}

impl GuessAttack for Linkability {
    fn name(&self) -> &'static str {
        "linkability"
    }

    fn guess(&self, targets: &Table, synthetic: &Table) -> Result<Tally, AttackError> {
        if self.neighbours == 0 || self.first.is_empty() || self.second.is_empty() {
            let given = self.neighbours.min(self.first.len()).min(self.second.len());
            return Err(AttackError::Lengths { what: "columns or neighbours", given, permitted: 1 });
        }
        let scales = Scales::of(synthetic);
        let (from, among) = (scales.points(targets), scales.points(synthetic));
        let closest = |names: &[String]| -> Result<_, AttackError> {
            let places =
                names.iter().map(|name| synthetic.schema().place(name)).collect::<Result<Vec<usize>, _>>()?;
            Ok(nearest(&from.of_columns(&places), &among.of_columns(&places), self.neighbours, false))
        };
        let (first, second) = (closest(&self.first)?, closest(&self.second)?);
        let linked = first.iter().zip(&second).filter(|(first, second)| {
            first.iter().any(|one| second.iter().any(|other| one.place == other.place))
        });
        Ok(Tally { right: linked.count(), of: targets.len() })
    }
}
