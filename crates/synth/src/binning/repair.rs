//! Rows that break a constraint, mended.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use twinloom_table::{Bounds, Column, Constraint, Missing, Operand, Relation};

use super::{Binning, bins};

/// How often a row's numbers are drawn again within their intervals.
const TRIES: usize = 20;
/// Times that all constraints are gone through, since to mend one may break another.
const ROUNDS: usize = 4;
/// The stream of draws, apart from those of columns.
const STREAM: u64 = 1 << 40;

/// How many rows were mended, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repairs {
    /// Numbers drawn again within the same intervals.
    pub redrawn: usize,
    /// A number moved to the nearest that is allowed.
    pub moved: usize,
    /// A number taken out, since none is allowed beside the row's others.
    pub emptied: usize,
    /// Still breaking a constraint.
    pub left: usize,
}

pub(super) fn mend(binning: &Binning, codes: &[Vec<u32>], columns: &mut [Column], seed: u64) -> Repairs {
    let mut repairs = Repairs::default();
    let schema = binning.schema();
    let constraints: Vec<(&Constraint, Vec<usize>)> = schema
        .constraints()
        .iter()
        .filter(|constraint| !matches!(constraint, Constraint::Combinations { .. }))
        .map(|constraint| {
            let places = constraint.columns().into_iter().filter_map(|name| schema.place(name).ok());
            (constraint, places.collect())
        })
        .collect();
    if constraints.is_empty() {
        return repairs;
    }
    let broken = |columns: &[Column], row: usize| {
        constraints.iter().position(|(constraint, places)| {
            let values: Vec<Option<f64>> = places.iter().map(|place| number(columns, *place, row)).collect();
            !constraint.holds(&values)
        })
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STREAM);
    let rows = columns.first().map_or(0, Column::len);
    let bad: Vec<usize> = (0..rows).filter(|row| broken(columns, *row).is_some()).collect();
    for row in bad {
        let redrawn = (0..TRIES).any(|_| {
            if let Some(place) = broken(columns, row) {
                for &column in &constraints[place].1 {
                    if number(columns, column, row).is_some() {
                        let kind = &schema.columns()[column].kind;
                        let value = binning.columns()[column].draw(codes[column][row], kind, &mut rng);
                        set(columns, column, row, Some(value));
                    }
                }
            }
            broken(columns, row).is_none()
        });
        if redrawn {
            repairs.redrawn += 1;
            continue;
        }
        let (mut moved, mut emptied) = (false, false);
        for _ in 0..ROUNDS * constraints.len() {
            let Some(place) = broken(columns, row) else { break };
            let (constraint, places) = &constraints[place];
            let column = places[0];
            let own = &schema.columns()[column];
            match allowed(constraint, columns, places, row, binning) {
                Some(value) => {
                    set(columns, column, row, Some(value));
                    moved = true;
                }
                None if own.missing != Missing::Never => {
                    set(columns, column, row, None);
                    emptied = true;
                }
                None => break,
            }
        }
        repairs.left += usize::from(broken(columns, row).is_some());
        repairs.emptied += usize::from(emptied);
        repairs.moved += usize::from(moved && !emptied);
    }
    repairs
}

fn number(columns: &[Column], place: usize, row: usize) -> Option<f64> {
    match &columns[place] {
        Column::Number(values) => values[row],
        Column::Category(_) => None,
    }
}

fn set(columns: &mut [Column], place: usize, row: usize, value: Option<f64>) {
    if let Column::Number(values) = &mut columns[place] {
        values[row] = value;
    }
}

/// The value of the constraint's first column that is nearest to its own and allowed, if there is one within its bounds.
fn allowed(
    constraint: &Constraint,
    columns: &[Column],
    places: &[usize],
    row: usize,
    binning: &Binning,
) -> Option<f64> {
    let kind = &binning.schema().columns()[places[0]].kind;
    let value = number(columns, places[0], row)?;
    // A column without a grid is moved by a thousandth of its range.
    let range = kind.bounds().map_or(1.0, |own: &Bounds| own.greatest - own.least);
    let step = bins::step(kind).unwrap_or(range / 1_000.0);
    let on_grid = |value: f64, up: bool| match bins::step(kind) {
        Some(step) if up => (value / step).ceil() * step,
        Some(step) => (value / step).floor() * step,
        None => value,
    };
    let near = match constraint {
        Constraint::Compare { relation, right, .. } => {
            let right = match right {
                Operand::Number(right) => *right,
                Operand::Column(_) => number(columns, *places.get(1)?, row)?,
            };
            match relation {
                Relation::Less => on_grid(right - step, false),
                Relation::LessOrEqual => on_grid(right, false),
                Relation::Greater => on_grid(right + step, true),
                Relation::GreaterOrEqual => on_grid(right, true),
            }
        }
        Constraint::Within { least, greatest, .. } => {
            if value <= least.0 {
                on_grid(if least.1 { least.0 } else { least.0 + step }, true)
            } else {
                on_grid(if greatest.1 { greatest.0 } else { greatest.0 - step }, false)
            }
        }
        Constraint::Combinations { .. } => return None,
    };
    let inside = kind.bounds().is_none_or(|own| near >= own.least && near <= own.greatest);
    inside.then_some(near)
}
