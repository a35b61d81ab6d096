//! Masses of cells, checked, and folded into masses of distinct histories.

use std::borrow::Cow;

use crate::Histories;

/// Which history each cell is of.
#[derive(Clone, Debug)]
pub(crate) struct Folding {
    cells: usize,
    histories: usize,
    history_of_cell: Option<Vec<u32>>,
}

impl Folding {
    pub(crate) fn of(histories: &Histories) -> Self {
        let split = histories.cells() != histories.len();
        let history_of_cell =
            split.then(|| (0..histories.cells()).map(|cell| histories.history_of(cell) as u32).collect());
        Self { cells: histories.cells(), histories: histories.len(), history_of_cell }
    }

    /// The mass of each history from that of each cell.
    pub(crate) fn fold<'a>(&self, mass: &'a [f64]) -> Result<Cow<'a, [f64]>, MassError> {
        if mass.len() != self.cells {
            return Err(MassError::OtherCells { found: mass.len(), cells: self.cells });
        }
        if let Some(cell) = mass.iter().position(|mass| !(mass.is_finite() && *mass >= 0.0)) {
            return Err(MassError::NotAMass { cell, found: mass[cell] });
        }
        let Some(history_of_cell) = &self.history_of_cell else {
            return Ok(Cow::Borrowed(mass));
        };
        let mut sums = vec![0.0; self.histories];
        for (history, mass) in history_of_cell.iter().zip(mass) {
            sums[*history as usize] += mass;
        }
        Ok(Cow::Owned(sums))
    }
}

/// Why a mass can't be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MassError {
    /// One mass for each cell is needed.
    #[error("{found} masses were given; permitted: {cells}, one for each cell")]
    OtherCells {
        /// The number given.
        found: usize,
        /// The number of cells.
        cells: usize,
    },
    /// A mass is a finite number of people.
    #[error("the mass of cell {cell} is {found}; permitted: a finite number of at least 0")]
    NotAMass {
        /// The cell.
        cell: usize,
        /// What was given.
        found: f64,
    },
}
