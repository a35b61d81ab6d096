//! Drawing rows, as things are or as an intervention makes them.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use twinloom_table::{Column, Rows, Schema, Table};

use super::coding::fitting;
use super::fit::{FittedCausal, Rule, line_place};
use super::parameters::CausalError;
use crate::causal::random::{normal, stream, uniform};

/// Rows drawn by one stream of random numbers.
const BLOCK: usize = 4096;

/// A column set to a value whatever its causes: Pearl's do-operator.
///
/// # Source
/// Pearl, Causality (2nd edition, 2009), section 3.2.1: the arrows into the column go, all else stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// Which column.
    pub column: String,
    /// The value as a file would have it; nothing to make it missing.
    pub value: String,
}

impl Intervention {
    /// Sets a column to a value as a file would have it.
    pub fn new(column: impl Into<String>, value: impl Into<String>) -> Self {
        Self { column: column.into(), value: value.into() }
    }
}

/// A cell: its level, and its number if it is of numbers and there.
#[derive(Clone, Copy, Debug)]
struct Cell {
    level: u32,
    number: Option<f64>,
}

/// What is drawn otherwise than as the graph says.
#[derive(Clone, Debug, Default)]
struct Changes {
    /// Cells that are set.
    set: Vec<(usize, Cell)>,
    /// Effects and causes between which the arrow is severed: there the cause is another person's.
    severed: Vec<(usize, usize)>,
}

impl FittedCausal {
    /// Draws rows.
    ///
    /// # Errors
    /// [`CausalError::Table`] where a row can't stand in the schema; a schema with constraints may be broken by rows,
    /// see [`Table::violations`].
    pub fn sample(&self, rows: usize, seed: u64) -> Result<Table, CausalError> {
        self.draw(rows, seed, &Changes::default())
    }

    /// Draws rows of the world in which columns are set. The same seed draws the same people in each such world, as far as
    /// what is set does not change them.
    ///
    /// # Errors
    /// [`CausalError::Intervention`] where a column can't hold the value.
    pub fn sample_do(
        &self,
        rows: usize,
        seed: u64,
        interventions: &[Intervention],
    ) -> Result<Table, CausalError> {
        let set = interventions.iter().map(|one| self.cell(one)).collect::<Result<_, _>>()?;
        self.draw(rows, seed, &Changes { set, severed: Vec::new() })
    }

    fn cell(&self, one: &Intervention) -> Result<(usize, Cell), CausalError> {
        let because = |reason: twinloom_table::TableError| CausalError::Intervention {
            column: one.column.clone(),
            reason,
        };
        let place = self.schema.place(&one.column).map_err(|error| because(error.into()))?;
        let schema = Schema::new(vec![self.schema.columns()[place].clone()], Vec::new(), None)
            .map_err(|error| because(error.into()))?;
        let rows = Rows::new(&[&one.column], [[&one.value]]).map_err(|error| because(error.into()))?;
        let table = Table::read(&schema, &rows).map_err(because)?;
        let coding = &self.nodes[place].coding;
        let cell = match &table.columns()[0] {
            Column::Category(values) => Cell { level: coding.level_of_category(values[0]), number: None },
            Column::Number(values) => Cell { level: coding.level_of_number(values[0]), number: values[0] },
        };
        Ok((place, cell))
    }

    fn draw(&self, rows: usize, seed: u64, changes: &Changes) -> Result<Table, CausalError> {
        let blocks: Vec<Vec<Vec<Cell>>> = (0..rows.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                let mut random = stream(seed, block as u64);
                let count = BLOCK.min(rows - block * BLOCK);
                (0..count).map(|_| self.row(&mut random, changes)).collect()
            })
            .collect();
        let all: Vec<&Vec<Cell>> = blocks.iter().flatten().collect();
        let column = |at: usize| {
            let coding = &self.nodes[at].coding;
            if self.schema.columns()[at].kind.is_numeric() {
                Column::Number(all.iter().map(|row| row[at].number).collect())
            } else {
                let word = |cell: Cell| (!coding.is_missing(cell.level)).then_some(cell.level);
                Column::Category(all.iter().map(|row| word(row[at])).collect())
            }
        };
        Ok(Table::new(self.schema.clone(), (0..self.nodes.len()).map(column).collect())?)
    }

    /// As `sample`, arrows between effects and their causes severed.
    pub(crate) fn draw_severed(
        &self,
        rows: usize,
        seed: u64,
        severed: Vec<(usize, usize)>,
    ) -> Result<Table, CausalError> {
        self.draw(rows, seed, &Changes { set: Vec::new(), severed })
    }

    fn row(&self, random: &mut ChaCha8Rng, changes: &Changes) -> Vec<Cell> {
        let mut effects: Vec<usize> = changes.severed.iter().map(|&(effect, _)| effect).collect();
        effects.sort_unstable();
        effects.dedup();
        // Another person for each effect: one for several would tie them to each other.
        let others: Vec<(usize, Vec<Cell>)> =
            effects.into_iter().map(|effect| (effect, self.person(random, &[], &[], &[]))).collect();
        self.person(random, &changes.set, &changes.severed, &others)
    }

    /// One row; along severed arrows, the cause is of the effect's person among `others`.
    fn person(
        &self,
        random: &mut ChaCha8Rng,
        set: &[(usize, Cell)],
        severed: &[(usize, usize)],
        others: &[(usize, Vec<Cell>)],
    ) -> Vec<Cell> {
        let mut row = vec![Cell { level: 0, number: None }; self.nodes.len()];
        for &at in self.dag.order() {
            // Drawn whether they are used or not, so that setting one column moves no other's.
            let drawn = std::array::from_fn(|_| uniform(random));
            if let Some((_, cell)) = set.iter().rfind(|(column, _)| *column == at) {
                row[at] = *cell;
                continue;
            }
            let other = others.iter().find(|(effect, _)| *effect == at);
            let cause = |cause: usize| match other {
                Some((_, other)) if severed.contains(&(at, cause)) => other[cause],
                _ => row[cause],
            };
            row[at] = self.cell_given(at, cause, drawn);
        }
        row
    }

    fn cell_given(&self, at: usize, cause: impl Fn(usize) -> Cell, drawn: [f64; 3]) -> Cell {
        let (node, causes, kind) =
            (&self.nodes[at], &self.dag.all_parents()[at], &self.schema.columns()[at].kind);
        let coarse = |of: usize| self.nodes[of].coding.coarse(cause(of).level);
        match &node.rule {
            Rule::Table(shares) => {
                let place = causes.iter().fold(0, |place, &of| {
                    place * self.nodes[of].coding.coarse_levels() + coarse(of) as usize
                });
                let level = shares.draw(place, drawn[0]);
                let there = kind.is_numeric() && !node.coding.is_missing(level);
                Cell { level, number: there.then(|| node.coding.number(level, kind, drawn[1])) }
            }
            Rule::Lines { there, lines } => {
                let level = |of: usize| (self.nodes[of].coding.coarse_levels(), coarse(of));
                let place = line_place(causes, &self.schema, level, |of| cause(of).number.is_some());
                if there.draw(place, drawn[0]) == 0 {
                    return Cell { level: node.coding.missing_level(), number: None };
                }
                let numeric = causes.iter().filter(|&&of| self.schema.columns()[of].kind.is_numeric());
                let residual = normal(drawn[1], drawn[2]);
                let found = lines[place].at(numeric.map(|&of| cause(of).number), residual);
                let number = fitting(found, kind);
                Cell { level: node.coding.level_of_number(Some(number)), number: Some(number) }
            }
        }
    }
}
