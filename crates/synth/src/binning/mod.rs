//! A table as a few codes a column, and back.

mod bins;
mod repair;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use twinloom_privacy::query::{self, Line, QueryError};
use twinloom_privacy::{Access, BudgetError, LedgerError, Rho};
use twinloom_table::{Column, ColumnKind, ColumnSchema, Constraint, Missing, Schema, Table, TableError};

use crate::Privacy;

pub use bins::Bins;
pub(crate) use bins::{rounded, step};
pub use repair::Repairs;

/// How columns are binned.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `bins` | 32 | intervals of a column of numbers; so many distinct numbers or fewer have a code each | 2 to 10,000 |
/// | `heavy_share` | 0.02 | share of a value that has a code of its own, where rows may be looked at | 0 to 1 |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BinningParameters {
    /// Intervals of a column of numbers.
    pub bins: usize,
    /// Share of a value that has a code of its own.
    pub heavy_share: f64,
}

impl Default for BinningParameters {
    fn default() -> Self {
        Self { bins: 32, heavy_share: 0.02 }
    }
}

/// A table's columns as codes. What is missing has the last code of a column where values may be missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binning {
    schema: Schema,
    columns: Vec<Bins>,
}

impl Binning {
    /// Bins by what the schema declares, and by nothing else: costs no privacy.
    ///
    /// Whole numbers of few possible values have a code each. Other numbers have intervals between their bounds: of one
    /// width, or, where bounds from 0 or above reach a thousand or more, growing by one factor. The lower bound and zero
    /// have codes of their own, since what piles up does so there.
    ///
    /// # Errors
    /// [`BinningError`] where bounds or categories were found in the data, or there are no bounds.
    pub fn declared(schema: &Schema, parameters: &BinningParameters) -> Result<Self, BinningError> {
        parameters.check()?;
        check_constraints(schema)?;
        let of = |column: &ColumnSchema| {
            let name = || column.name.to_string();
            if column.kind.is_inferred() {
                return Err(BinningError::Inferred { column: name() });
            }
            if let ColumnKind::Category { categories, .. } = &column.kind {
                return Ok(Bins::Categories { count: categories.len() });
            }
            let bounds = column.kind.bounds().ok_or_else(|| BinningError::NoBounds { column: name() })?;
            Ok(by_bounds((bounds.least, bounds.greatest), &column.kind, parameters.bins))
        };
        Ok(Self {
            columns: schema.columns().iter().map(of).collect::<Result<_, _>>()?,
            schema: schema.clone(),
        })
    }

    /// Bins by what the schema declares, the cut points of long columns of numbers by private quantiles: intervals of about
    /// as many rows each, which noise hides alike.
    ///
    /// `share` of what the claim leaves is spent, in equal parts; nothing where no column is long.
    ///
    /// # Errors
    /// [`BinningError`] as of [`declared`](Self::declared), before anything is spent, and where the share is out of range
    /// or the claim leaves nothing.
    pub fn paid(
        table: &Table,
        parameters: &BinningParameters,
        mut privacy: Privacy<'_>,
        share: f64,
    ) -> Result<Self, BinningError> {
        if privacy.replaces_one() {
            return Err(BinningError::ReplaceOne);
        }
        let mut binning = Self::declared(table.schema(), parameters)?;
        if !(share > 0.0 && share < 1.0) {
            return Err(BinningError::Parameter {
                name: "share",
                value: share,
                permitted: "above 0, below 1",
            });
        }
        let is_long =
            |place: &usize| matches!(&binning.columns[*place], Bins::Numbers { cuts, .. } if cuts.len() > 1);
        let long: Vec<usize> = (0..binning.columns.len()).filter(is_long).collect();
        if long.is_empty() {
            return Ok(binning);
        }
        let rho = privacy.remaining().ok_or(BinningError::NothingLeft)?.get() * share;
        let note = format!("cut points of {} columns by quantiles", long.len());
        let each = Rho::new(rho / long.len() as f64)?;
        let Some(noise) = privacy.spend(Access::Binning, Rho::new(rho)?, note)? else { return Ok(binning) };
        for place in long {
            let (column, values) = (&table.schema().columns()[place], &table.columns()[place]);
            let (Column::Number(values), Some(bounds)) = (values, column.kind.bounds()) else { continue };
            let known: Vec<f64> = values.iter().flatten().copied().collect();
            let range = bounds.greatest - bounds.least;
            let steps = bins::step(&column.kind).map_or(f64::INFINITY, |step| (range / step).round());
            let line = Line::new(bounds.least, bounds.greatest, steps.min(MOST_POINTS) as u32 + 1)?;
            let found = query::bins(&known, &line, parameters.bins, each, noise)?;
            let whole = bins::step(&column.kind) == Some(1.0);
            let spikes = if whole { found.spikes().to_vec() } else { Vec::new() };
            let cuts = between_values(found.edges().to_vec(), &column.kind);
            binning.columns[place] = Bins::Numbers { spikes, cuts };
        }
        Ok(binning)
    }

    /// Bins by the rows as they are: heavy values have a code of their own, the others fall into intervals of as many rows
    /// each.
    ///
    /// # Errors
    /// [`BinningError`] for a parameter out of range, or a column without any value.
    pub fn fitted(table: &Table, parameters: &BinningParameters) -> Result<Self, BinningError> {
        parameters.check()?;
        check_constraints(table.schema())?;
        let columns: Vec<(&ColumnSchema, &Column)> =
            table.schema().columns().iter().zip(table.columns()).collect();
        let of = |(column, values): &(&ColumnSchema, &Column)| match values {
            Column::Category(_) => {
                Ok(Bins::Categories { count: column.kind.categories().unwrap_or_default().len() })
            }
            Column::Number(values) => by_values(values, &column.kind, parameters)
                .ok_or_else(|| BinningError::AllMissing { column: column.name.to_string() }),
        };
        Ok(Self {
            columns: columns.par_iter().map(of).collect::<Result<_, _>>()?,
            schema: table.schema().clone(),
        })
    }

    /// What is binned.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Each column's bins.
    pub fn columns(&self) -> &[Bins] {
        &self.columns
    }

    /// Number of codes of each column.
    pub fn sizes(&self) -> Vec<usize> {
        let size = |(bins, column): (&Bins, &ColumnSchema)| {
            bins.count() + usize::from(column.missing != Missing::Never)
        };
        self.columns.iter().zip(self.schema.columns()).map(size).collect()
    }

    /// The codes of a table, column by column.
    ///
    /// # Errors
    /// [`BinningError::Schema`] where the table is of another schema.
    ///
    /// # Shapes
    /// `[columns][rows]`
    pub fn codes(&self, table: &Table) -> Result<Vec<Vec<u32>>, BinningError> {
        if table.schema() != &self.schema {
            return Err(BinningError::Schema);
        }
        let of = |(bins, values): (&Bins, &Column)| -> Vec<u32> {
            let missing = bins.count() as u32;
            match values {
                Column::Category(values) => values.iter().map(|value| value.unwrap_or(missing)).collect(),
                Column::Number(values) => {
                    values.iter().map(|value| value.map_or(missing, |value| bins.code(value))).collect()
                }
            }
        };
        Ok(self.columns.par_iter().zip(table.columns()).map(of).collect())
    }

    /// Whether bins fit the schema and rise, as bins read from a file may not.
    fn is_sound(&self) -> bool {
        let rising = |values: &[f64]| {
            values.iter().all(|value| value.is_finite()) && values.windows(2).all(|pair| pair[0] <= pair[1])
        };
        let fits = |(bins, column): (&Bins, &ColumnSchema)| match (bins, &column.kind) {
            (Bins::Categories { count }, ColumnKind::Category { categories, .. }) => {
                *count == categories.len()
            }
            (Bins::Numbers { spikes, cuts }, kind) => {
                kind.is_numeric() && rising(spikes) && rising(cuts) && cuts.len() != 1
            }
            _ => false,
        };
        self.columns.len() == self.schema.columns().len()
            && self.columns.iter().zip(self.schema.columns()).all(fits)
    }

    /// A table of codes: numbers are drawn evenly within their intervals, the same for a seed, and rows that break a
    /// constraint of the schema are mended as far as they can be, and counted.
    ///
    /// # Errors
    /// [`BinningError`] where codes are no codes of this binning.
    pub fn decode(&self, codes: &[Vec<u32>], seed: u64) -> Result<(Table, Repairs), BinningError> {
        let sizes = self.sizes();
        let fits = self.is_sound()
            && codes.len() == sizes.len()
            && codes.windows(2).all(|pair| pair[0].len() == pair[1].len())
            && codes.iter().zip(&sizes).all(|(own, size)| own.iter().all(|code| (*code as usize) < *size));
        if !fits {
            return Err(BinningError::Codes);
        }
        let column = |place: usize| {
            let (bins, kind) = (&self.columns[place], &self.schema.columns()[place].kind);
            let missing = bins.count() as u32;
            let known = |code: &u32| (*code != missing).then_some(*code);
            match bins {
                Bins::Categories { .. } => Column::Category(codes[place].iter().map(known).collect()),
                Bins::Numbers { .. } => {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed);
                    rng.set_stream(place as u64);
                    let draw = |code: &u32| known(code).map(|code| bins.draw(code, kind, &mut rng));
                    Column::Number(codes[place].iter().map(draw).collect())
                }
            }
        };
        let mut columns: Vec<Column> = (0..codes.len()).into_par_iter().map(column).collect();
        let repairs = repair::mend(self, codes, &mut columns, seed);
        Ok((Table::new(self.schema.clone(), columns)?, repairs))
    }
}

/// Which combinations of words are real nobody has said, and to look them up gives people away.
fn check_constraints(schema: &Schema) -> Result<(), BinningError> {
    let combined = schema.constraints().iter().find(|own| matches!(own, Constraint::Combinations { .. }));
    combined.map_or(Ok(()), |own| Err(BinningError::Combinations { constraint: own.to_string() }))
}

/// Cut points half a step below the values of a column that has a grid, the last half a step above: no value lies on a cut.
fn between_values(cuts: Vec<f64>, kind: &ColumnKind) -> Vec<f64> {
    let Some(step) = bins::step(kind) else { return cuts };
    let last = cuts.len().saturating_sub(1);
    let place = |(place, cut): (usize, f64)| {
        let near = (cut / step).round();
        let on_grid = (cut / step - near).abs() < 1e-6;
        let below = if on_grid { near } else { (cut / step).ceil() } - 0.5;
        let above = if on_grid { near } else { (cut / step).floor() } + 0.5;
        (if place == last { above } else { below }) * step
    };
    let mut placed: Vec<f64> = cuts.into_iter().enumerate().map(place).collect();
    placed.dedup();
    placed
}

/// Points of a line among which private quantiles are chosen.
const MOST_POINTS: f64 = 10_000.0;
/// Possible values that have a code each, relative to the number of intervals.
const FEW: usize = 2;
/// Bounds from this on, where the lower one is not below zero, make intervals that grow.
const LONG: f64 = 1_000.0;

fn by_bounds((least, greatest): (f64, f64), kind: &ColumnKind, bins: usize) -> Bins {
    let whole = bins::step(kind) == Some(1.0);
    if least >= greatest {
        return Bins::Numbers { spikes: vec![least], cuts: Vec::new() };
    }
    if whole && greatest - least < (FEW * bins) as f64 {
        let count = (greatest - least) as usize;
        return Bins::Numbers {
            spikes: (0..=count).map(|place| least + place as f64).collect(),
            cuts: Vec::new(),
        };
    }
    let is_date = matches!(kind, ColumnKind::Date { .. });
    let cut = |place: usize| {
        let share = place as f64 / bins as f64;
        let cut = if least >= 0.0 && greatest >= LONG && !is_date {
            ((least.ln_1p() + share * (greatest.ln_1p() - least.ln_1p())).exp() - 1.0).clamp(least, greatest)
        } else {
            least + share * (greatest - least)
        };
        if whole && place > 0 && place < bins { cut.ceil() } else { cut }
    };
    let mut cuts: Vec<f64> = (0..=bins).map(cut).collect();
    (cuts[0], cuts[bins]) = (least, greatest);
    cuts.dedup();
    let cuts = between_values(cuts, kind);
    let mut spikes = vec![least];
    if least < 0.0 && greatest > 0.0 {
        spikes.push(0.0);
    }
    Bins::Numbers { spikes, cuts }
}

/// None where there is no value.
fn by_values(values: &[Option<f64>], kind: &ColumnKind, parameters: &BinningParameters) -> Option<Bins> {
    let mut known: Vec<f64> = values.iter().flatten().copied().collect();
    known.sort_unstable_by(f64::total_cmp);
    let (first, last) = (*known.first()?, *known.last()?);
    let mut counts: Vec<(f64, usize)> = Vec::new();
    for value in &known {
        match counts.last_mut() {
            Some((own, count)) if own.total_cmp(value).is_eq() => *count += 1,
            _ => counts.push((*value, 1)),
        }
    }
    if counts.len() <= parameters.bins {
        return Some(Bins::Numbers {
            spikes: counts.into_iter().map(|(value, _)| value).collect(),
            cuts: Vec::new(),
        });
    }
    let least = (parameters.heavy_share * known.len() as f64).max(2.0);
    let spikes: Vec<f64> =
        counts.iter().filter(|(_, count)| *count as f64 >= least).map(|(value, _)| *value).collect();
    let heavy: FxHashSet<u64> = spikes.iter().map(|value| value.to_bits()).collect();
    let light: Vec<f64> = known.into_iter().filter(|value| !heavy.contains(&value.to_bits())).collect();
    let cut = |place: usize| light[(place * light.len() / parameters.bins).min(light.len() - 1)];
    let mut cuts: Vec<f64> =
        if light.is_empty() { Vec::new() } else { (0..parameters.bins).map(cut).chain([last]).collect() };
    if let Some(lowest) = cuts.first_mut() {
        *lowest = first;
    }
    cuts.dedup();
    if cuts.len() == 1 {
        cuts.push(cuts[0]);
    }
    Some(Bins::Numbers { spikes, cuts: between_values(cuts, kind) })
}

impl BinningParameters {
    fn check(&self) -> Result<(), BinningError> {
        let refused = |name, value, permitted| Err(BinningError::Parameter { name, value, permitted });
        if !(2..=10_000).contains(&self.bins) {
            return refused("bins", self.bins as f64, "2 to 10,000");
        }
        if !(0.0..=1.0).contains(&self.heavy_share) {
            return refused("heavy_share", self.heavy_share, "0 to 1");
        }
        Ok(())
    }
}

/// Marks what was found in the data as declared: for tests of what is private once it is.
#[cfg(test)]
pub(crate) fn declare(schema: &Schema) -> Schema {
    use twinloom_table::Origin;

    let declared = |column: &ColumnSchema| {
        let mut column = column.clone();
        match &mut column.kind {
            ColumnKind::Category { origin, .. } => *origin = Origin::Declared,
            ColumnKind::Integer { bounds }
            | ColumnKind::Number { bounds, .. }
            | ColumnKind::Date { bounds, .. } => {
                if let Some(bounds) = bounds {
                    bounds.origin = Origin::Declared;
                }
            }
        }
        column
    };
    let columns = schema.columns().iter().map(declared).collect();
    Schema::new(columns, schema.constraints().to_vec(), schema.subject().map(Into::into)).unwrap()
}

/// Why a table can't be binned.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BinningError {
    /// A parameter out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// What a private fit may not use.
    #[error(
        "bounds or categories of column {column} were found in the data; permitted: declared ones, or ones paid for"
    )]
    Inferred {
        /// Which.
        column: String,
    },
    /// Numbers without bounds.
    #[error("column {column} has no bounds; permitted: declared ones, or ones paid for")]
    NoBounds {
        /// Which.
        column: String,
    },
    /// Nothing to learn from.
    #[error("column {column} is missing throughout; permitted: 1 value or more")]
    AllMissing {
        /// Which.
        column: String,
    },
    /// Another table.
    #[error("the table is of another schema than the bins")]
    Schema,
    /// Other codes.
    #[error("the codes are none of these bins")]
    Codes,
    /// Values that are no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A claim that the counts here do not bound.
    #[error("the claim is about one person in another's place; permitted: one person more or less")]
    ReplaceOne,
    /// A constraint that would not be kept.
    #[error("no generator keeps \"{constraint}\" yet; leave it out, or make the columns one")]
    Combinations {
        /// Which.
        constraint: String,
    },
    /// The claim is used up.
    #[error("the claim leaves no budget for cut points")]
    NothingLeft,
    /// A budget out of range.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Quantiles can't be had.
    #[error(transparent)]
    Query(#[from] QueryError),
}

#[cfg(test)]
mod tests {
    use twinloom_table::{InferParameters, Rows, infer};

    use super::*;

    fn table(rows: &[[&str; 3]], constraints: &[&str]) -> Table {
        let rows = Rows::new(&["start", "end", "word"], rows.iter().copied()).unwrap();
        let found = infer(&rows, &InferParameters { few: 0, ..Default::default() }).unwrap();
        let constraints = constraints.iter().map(|text| text.parse().unwrap()).collect();
        Table::read(&Schema::new(found.columns().to_vec(), constraints, None).unwrap(), &rows).unwrap()
    }

    #[test]
    fn law_codes_of_a_decoded_table_are_the_codes_it_was_decoded_from() {
        let rows: Vec<[String; 3]> = (0..500)
            .map(|row| {
                let value = f64::from(row * row % 977) / 7.0;
                let end = if row % 9 == 0 { String::new() } else { format!("{}", row % 200) };
                [format!("{value:.3}"), end, ["a", "b", ""][row as usize % 3].to_owned()]
            })
            .collect();
        let rows: Vec<[&str; 3]> = rows.iter().map(|row| [&*row[0], &*row[1], &*row[2]]).collect();
        let real = table(&rows, &[]);
        let parameters = BinningParameters { bins: 16, ..Default::default() };
        let fitted = Binning::fitted(&real, &parameters).unwrap();
        let declared_schema = declare(real.schema());
        let declared = Binning::declared(&declared_schema, &parameters).unwrap();
        let same = Table::new(declared_schema, real.columns().to_vec()).unwrap();
        for (binning, table) in [(&fitted, &real), (&declared, &same)] {
            let codes = binning.codes(table).unwrap();
            let (made, repairs) = binning.decode(&codes, 7).unwrap();
            assert_eq!(repairs, Repairs::default());
            for (place, (again, codes)) in binning.codes(&made).unwrap().iter().zip(&codes).enumerate() {
                let row = again.iter().zip(codes).position(|(again, code)| again != code);
                let bins = &binning.columns()[place];
                assert_eq!(row, None, "{bins:?}");
            }
            assert_eq!(made.column("word").unwrap(), table.column("word").unwrap());
            assert_eq!(made.column("end").unwrap().missing(), table.column("end").unwrap().missing());
            let text = serde_json::to_string(binning).unwrap();
            assert_eq!(serde_json::from_str::<Binning>(&text).unwrap().sizes(), binning.sizes());
        }
        assert!(fitted.decode(&[vec![0], vec![0]], 1).is_err());
        assert!(matches!(Binning::declared(real.schema(), &parameters), Err(BinningError::Inferred { .. })));
    }

    #[test]
    fn law_constraints_hold_in_what_is_decoded() {
        let rows: Vec<[String; 3]> =
            (0..200).map(|row| [row.to_string(), format!("{}", row + 1 + row % 5), "a".to_owned()]).collect();
        let rows: Vec<[&str; 3]> = rows.iter().map(|row| [&*row[0], &*row[1], &*row[2]]).collect();
        let real = table(&rows, &["end > start", "start in [0, 199]"]);
        let binning = Binning::fitted(&real, &BinningParameters { bins: 8, ..Default::default() }).unwrap();
        let mut codes = binning.codes(&real).unwrap();
        codes[0].reverse();
        let (made, repairs) = binning.decode(&codes, 3).unwrap();
        assert!(repairs.moved > 0 && repairs.left == 0, "{repairs:?}");
        assert!(made.violations().is_empty());
    }
}
