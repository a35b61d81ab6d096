//! A table as cells for a network, and back.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::{Column, ColumnKind, Missing, Table};

use super::VaeError;
use super::head::{Cell, Head};
use super::scale::{Scale, Scaling, cuts_of};
use crate::binning::{Binning, Bins, rounded};

/// How each column is told to the network and read from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Encoding {
    binning: Binning,
    heads: Vec<Head>,
    /// Of columns with numbers between their spikes.
    scales: Vec<Option<Scale>>,
}

/// A table's cells, row after row.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) columns: usize,
    pub(super) cells: Vec<Cell>,
}

impl Cells {
    pub(super) fn rows(&self) -> usize {
        self.cells.len().checked_div(self.columns).unwrap_or(0)
    }

    pub(super) fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.columns..][..self.columns]
    }
}

impl Encoding {
    /// By how many rows have each code, exactly or through noise; what a code lacks is all that a column's start can err by.
    ///
    /// # Shapes
    /// `counts: [columns][codes]`
    pub(super) fn new(binning: Binning, counts: &[Vec<f64>], scaling: Scaling) -> Self {
        let columns = binning.columns().iter().zip(binning.schema().columns()).zip(counts);
        let (heads, scales) = columns
            .map(|((bins, column), counts)| {
                let whole: f64 = counts.iter().sum();
                let even = 1.0 / counts.len().max(1) as f64;
                let share = |count: &f64| if whole > 0.0 { count / whole } else { even };
                let shares: Vec<f64> = counts.iter().map(share).collect();
                let ordered = matches!(column.kind, ColumnKind::Category { ordered: true, .. });
                // A column that never lacks a value has no part for it, even where it could.
                let may_lack = column.missing != Missing::Never && shares.len() > bins.count();
                let cuts = cuts_of(bins);
                if cuts.is_empty() {
                    return (Head::new(shares, 0, may_lack, ordered), None);
                }
                let spikes = bins.count() + 1 - cuts.len();
                let between = &shares[spikes..bins.count()];
                let light: f64 = between.iter().sum();
                let within: Vec<f64> = between
                    .iter()
                    .map(|own| if light > 0.0 { own / light } else { 1.0 / between.len() as f64 })
                    .collect();
                let scale = Scale::new(scaling, cuts, &within);
                let modes = scale.shares();
                let parts = shares[..spikes]
                    .iter()
                    .copied()
                    .chain(modes.iter().map(|mode| mode * light))
                    .chain(shares[bins.count()..].iter().copied())
                    .collect();
                (Head::new(parts, modes.len(), may_lack, false), Some(scale))
            })
            .unzip();
        Self { binning, heads, scales }
    }

    pub(super) fn binning(&self) -> &Binning {
        &self.binning
    }

    pub(super) fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Inputs, and outputs, of a network.
    pub(super) fn width(&self) -> usize {
        self.heads.iter().map(Head::width).sum()
    }

    /// Numbers learned for columns whatever the row.
    pub(super) fn constants(&self) -> usize {
        self.heads.iter().map(Head::constants).sum()
    }

    /// Least and greatest of each constant.
    pub(super) fn constant_bounds(&self) -> Vec<(f32, f32)> {
        self.heads.iter().flat_map(Head::constant_bounds).collect()
    }

    /// What outputs and constants start at.
    pub(super) fn start(&self, outputs: &mut [f32], constants: &mut [f32]) {
        let (mut output, mut constant) = (0, 0);
        for head in &self.heads {
            let (width, own) = (head.width(), head.constants());
            head.start(&mut outputs[output..output + width], &mut constants[constant..constant + own]);
            output += width;
            constant += own;
        }
    }

    /// Whether one read from a file belongs together.
    pub(super) fn check(&self) -> Result<(), VaeError> {
        let columns = self.binning.columns().iter().zip(self.binning.schema().columns());
        let sound = |(((bins, column), head), scale): (((&Bins, _), &Head), &Option<Scale>)| {
            let column: &twinloom_table::ColumnSchema = column;
            let cuts = cuts_of(bins);
            let spikes = if cuts.is_empty() { bins.count() } else { bins.count() + 1 - cuts.len() };
            let numeric = matches!(bins, Bins::Numbers { .. });
            head.is_sound()
                && numeric == column.kind.is_numeric()
                && head.values() == spikes + head.modes()
                && column.kind.categories().is_none_or(|own| own.len() == bins.count())
                && match scale {
                    None => head.modes() == 0,
                    Some(scale) => {
                        !cuts.is_empty() && scale.is_sound(cuts) && scale.shares().len() == head.modes()
                    }
                }
        };
        let lengths = self.heads.len() == self.scales.len() && self.heads.len() == columns.len();
        if lengths && columns.zip(&self.heads).zip(&self.scales).all(sound) {
            Ok(())
        } else {
            Err(VaeError::Contradiction)
        }
    }

    /// The cells of a table of the same schema.
    pub(super) fn cells(&self, table: &Table) -> Result<Cells, VaeError> {
        if table.schema() != self.binning.schema() {
            return Err(VaeError::Schema);
        }
        let columns: Vec<Vec<Cell>> = (0..self.heads.len())
            .into_par_iter()
            .map(|place| self.column_cells(place, &table.columns()[place]))
            .collect();
        let cells = (0..table.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        Ok(Cells { columns: columns.len(), cells })
    }

    fn column_cells(&self, place: usize, values: &Column) -> Vec<Cell> {
        let (bins, head) = (&self.binning.columns()[place], &self.heads[place]);
        let kind = &self.binning.schema().columns()[place].kind;
        let plain = |part: u32| Cell { part, score: 0.0 };
        let missing = plain(head.values() as u32);
        match values {
            Column::Category(values) => values.iter().map(|value| value.map_or(missing, plain)).collect(),
            Column::Number(values) => {
                let spikes = (head.values() - head.modes()) as u32;
                let cell = |value: f64| {
                    let code = bins.code(value);
                    match &self.scales[place] {
                        Some(scale) if code >= spikes => {
                            let (mode, score) = scale.score(value, cuts_of(bins), kind);
                            Cell { part: spikes + mode as u32, score }
                        }
                        _ => plain(code),
                    }
                };
                values.iter().map(|value| value.map_or(missing, cell)).collect()
            }
        }
    }

    /// The table of drawn cells.
    pub(super) fn decode(&self, cells: &Cells) -> Result<Table, VaeError> {
        let column = |place: usize| {
            let (bins, head) = (&self.binning.columns()[place], &self.heads[place]);
            let kind = &self.binning.schema().columns()[place].kind;
            let own = (0..cells.rows()).map(|row| cells.row(row)[place]);
            let known = own.map(|cell| ((cell.part as usize) < head.values()).then_some(cell));
            match bins {
                Bins::Categories { .. } => Column::Category(known.map(|cell| Some(cell?.part)).collect()),
                Bins::Numbers { spikes, cuts } => {
                    let value = |cell: Cell| {
                        if let Some(spike) = spikes.get(cell.part as usize) {
                            return *spike;
                        }
                        let mode = cell.part as usize - spikes.len();
                        let scale = self.scales[place].as_ref();
                        let value = scale.map_or(cuts[0], |scale| scale.value(mode, cell.score, cuts, kind));
                        within_bounds(value, kind)
                    };
                    Column::Number(known.map(|cell| cell.map(value)).collect())
                }
            }
        };
        let columns = (0..self.heads.len()).into_par_iter().map(column).collect();
        Ok(Table::new(self.binning.schema().clone(), columns)?)
    }
}

/// Cuts may lie between the values that a column can have.
fn within_bounds(value: f64, kind: &ColumnKind) -> f64 {
    let value = rounded(value, kind);
    kind.bounds().map_or(value, |bounds| value.clamp(bounds.least, bounds.greatest))
}

#[cfg(test)]
mod tests {
    use twinloom_table::{InferParameters, Rows, infer};

    use super::*;
    use crate::binning::BinningParameters;

    fn table() -> Table {
        let rows = (0..400).map(|row: i32| {
            let word =
                if row % 7 == 0 { String::new() } else { ["a", "b", "c"][row as usize % 3].to_owned() };
            let heavy = if row % 3 == 0 { 0.0 } else { f64::from(row * row) / 8.0 };
            [
                word,
                (row % 90).to_string(),
                format!("{heavy:.3}"),
                format!("20{:02}-01-{:02}", row % 30, row % 28 + 1),
            ]
        });
        let rows = Rows::new(&["word", "age", "cost", "day"], rows).unwrap();
        Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap()
    }

    fn counts(binning: &Binning, table: &Table) -> Vec<Vec<f64>> {
        let codes = binning.codes(table).unwrap();
        let sizes = binning.sizes();
        let count = |(codes, size): (&Vec<u32>, usize)| {
            let mut counts = vec![0.0; size];
            for code in codes {
                counts[*code as usize] += 1.0;
            }
            counts
        };
        codes.iter().zip(sizes).map(count).collect()
    }

    #[test]
    fn law_a_table_comes_back_from_its_cells() {
        let table = table();
        let binning = Binning::fitted(&table, &BinningParameters::default()).unwrap();
        for scaling in [Scaling::Quantiles, Scaling::Standard, Scaling::Modes] {
            let encoding = Encoding::new(binning.clone(), &counts(&binning, &table), scaling);
            encoding.check().unwrap();
            let back = encoding.decode(&encoding.cells(&table).unwrap()).unwrap();
            assert_eq!(back.category("word").unwrap(), table.category("word").unwrap());
            for name in ["age", "cost", "day"] {
                let pairs = back.number(name).unwrap().iter().zip(table.number(name).unwrap());
                for (back, value) in pairs {
                    let (back, value) = (back.unwrap(), value.unwrap());
                    // The outermost ten-thousandth on each side is drawn in, and single precision rounds.
                    assert!(
                        (back - value).abs() <= 1e-3 * value.abs() + 0.02,
                        "{scaling:?} {name} {value}: {back}"
                    );
                }
            }
        }
    }

    #[test]
    fn law_what_is_told_is_as_wide_as_what_is_read() {
        let table = table();
        let binning = Binning::fitted(&table, &BinningParameters::default()).unwrap();
        let encoding = Encoding::new(binning.clone(), &counts(&binning, &table), Scaling::Quantiles);
        let (mut outputs, mut constants) =
            (vec![f32::NAN; encoding.width()], vec![f32::NAN; encoding.constants()]);
        outputs.fill(0.0);
        constants.fill(0.0);
        encoding.start(&mut outputs, &mut constants);
        assert!(outputs.iter().chain(&constants).all(|number| number.is_finite()));
        assert_eq!(encoding.constant_bounds().len(), constants.len());
    }
}
