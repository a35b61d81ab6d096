//! How far rows of mixed columns lie apart.

use twinloom_table::{Column, ColumnKind, Table};

/// Stands for a missing value: further from every present one than the greatest distance.
const MISSING: f32 = 1e9;
/// Present values lie within this, which keeps them apart from a missing one.
const GREATEST: f64 = 1e6;

/// How one column's values become numbers whose distances, cut off at 1, are the column's.
#[derive(Clone, Debug)]
enum Scale {
    /// Categories: any two lie 1 apart.
    Words,
    /// The first category and the last lie 1 apart.
    Ordered { steps: f64 },
    /// The least and the greatest value lie 1 apart.
    Number { least: f64, range: f64 },
}

/// How rows become points whose distance is Gower's.
///
/// # Source
/// Gower, A general coefficient of similarity and some of its properties, Biometrics 27 (1971), section 2: the mean
/// over columns of |a - b| / range, or 0 and 1 for equal and unequal words. Two changes: a missing value
/// equals a missing one and lies 1 from any other (Gower leaves such columns out, which makes an
/// incomplete row near to everyone, and in health data it tells much who was not measured); ordered categories are
/// as far apart as their ranks.
#[derive(Clone, Debug)]
pub(crate) struct Scales {
    scales: Vec<Scale>,
}

impl Scales {
    /// Ranges are those of `table`, which whoever measures must know.
    pub(crate) fn of(table: &Table) -> Self {
        let scale = |(column, values): (&ColumnKind, &Column)| match (column, values) {
            (ColumnKind::Category { categories, ordered: true, .. }, _) => {
                Scale::Ordered { steps: categories.len().saturating_sub(1).max(1) as f64 }
            }
            (_, Column::Number(values)) => {
                let (least, greatest) = values
                    .iter()
                    .flatten()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), &value| {
                        (least.min(value), greatest.max(value))
                    });
                let range = greatest - least;
                if range > 0.0 && range.is_finite() {
                    Scale::Number { least, range }
                } else {
                    Scale::Number { least: if least.is_finite() { least } else { 0.0 }, range: 1.0 }
                }
            }
            _ => Scale::Words,
        };
        let kinds = table.schema().columns().iter().map(|column| &column.kind);
        Self { scales: kinds.zip(table.columns()).map(scale).collect() }
    }

    /// The points of a table of the same columns.
    pub(crate) fn points(&self, table: &Table) -> Points {
        let column = |(scale, column): (&Scale, &Column)| -> Vec<f32> {
            match (scale, column) {
                (Scale::Number { least, range }, Column::Number(values)) => {
                    let place = |value: f64| ((value - least) / range).clamp(-GREATEST, GREATEST) as f32;
                    values.iter().map(|value| value.map_or(MISSING, place)).collect()
                }
                (Scale::Ordered { steps }, Column::Category(values)) => {
                    let place = |value: u32| (f64::from(value) / steps) as f32;
                    values.iter().map(|value| value.map_or(MISSING, place)).collect()
                }
                (_, Column::Category(values)) => {
                    values.iter().map(|value| value.map_or(MISSING, |value| value as f32)).collect()
                }
                (_, Column::Number(values)) => vec![MISSING; values.len()],
            }
        };
        Points { columns: self.scales.iter().zip(table.columns()).map(column).collect(), rows: table.len() }
    }
}

/// Rows as points, column by column: a column's distance is |a - b|, 1 at most.
#[derive(Clone, Debug)]
pub(crate) struct Points {
    pub(crate) columns: Vec<Vec<f32>>,
    pub(crate) rows: usize,
}

impl Points {
    /// One row's coordinates.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        self.columns.iter().map(|column| column[row]).collect()
    }

    /// The same with some columns only.
    pub(crate) fn of_columns(&self, places: &[usize]) -> Self {
        Self { columns: places.iter().map(|&place| self.columns[place].clone()).collect(), rows: self.rows }
    }
}
