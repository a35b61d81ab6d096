//! Distributions of columns in bins, for drawing tables beside one another.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};

use super::coded::check_alike;
use super::error::SyntheticError;
use super::resample::Resampling;

/// Bins of a column of numbers between its ends.
const BINS: usize = 12;
/// Share of real values beyond either end, which the outer bins take.
const BEYOND: f64 = 0.005;
/// Categories with a bin of their own; the rarer share one.
const COMMON: usize = 8;

/// One column's distribution in several tables, in bins of the real one's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnHistogram {
    /// The column.
    pub column: Arc<str>,
    /// The bins in order, what is missing last where something is.
    pub bins: Vec<Arc<str>>,
    /// Share of rows by table (the real one first), then by bin; those of a table sum to 1.
    pub shares: Vec<Vec<f64>>,
}

/// Bins each column: numbers in 12 bins of equal width between the real table's 0.5th and 99.5th percentile, the outer
/// ones open; categories in the real table's eight commonest, in the schema's order, and one of all others.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has no row, or `resampling` is out of range.
///
/// # Limits
/// A picture, not a measure: within a bin anything may differ. The ends are percentiles of real people; a column of
/// few values shows them as they are.
pub fn histograms(
    real: &Table,
    others: &[&Table],
    resampling: &Resampling,
) -> Result<Vec<ColumnHistogram>, SyntheticError> {
    resampling.check()?;
    for other in others {
        check_alike(real, other)?;
    }
    let tables: Vec<Table> =
        std::iter::once(real).chain(others.iter().copied()).map(|table| resampling.kept(table)).collect();
    if let Some(table) = tables.iter().find(|table| table.is_empty()) {
        return Err(SyntheticError::Rows { rows: table.len(), least: 1 });
    }
    let subject = real.schema().subject();
    let schema = real.schema().columns().iter().enumerate();
    let shown = schema.filter(|(_, column)| subject != Some(&*column.name));
    Ok(shown
        .map(|(place, column)| {
            let columns: Vec<&Column> = tables.iter().map(|table| &table.columns()[place]).collect();
            let binning = match columns[0] {
                Column::Number(values) => of_numbers(values),
                Column::Category(values) => {
                    of_categories(values, column.kind.categories().unwrap_or_default())
                }
            };
            binning.shared(&column.name, &columns)
        })
        .collect())
}

enum Binning {
    /// Upper edges of all bins but the last.
    Numbers { names: Vec<Arc<str>>, edges: Vec<f64> },
    /// Each category's bin.
    Categories { names: Vec<Arc<str>>, places: Vec<usize> },
}

fn of_numbers(values: &[Option<f64>]) -> Binning {
    let mut present: Vec<f64> = values.iter().flatten().copied().collect();
    present.sort_unstable_by(f64::total_cmp);
    let Some(last) = present.len().checked_sub(1) else {
        return Binning::Numbers { names: vec!["any".into()], edges: Vec::new() };
    };
    let at = |share: f64| present[(share * last as f64).round() as usize];
    let (least, greatest) = (at(BEYOND), at(1.0 - BEYOND));
    let step = greatest / BINS as f64 - least / BINS as f64;
    let mut edges: Vec<f64> = (1..BINS).map(|edge| least + step * edge as f64).collect();
    edges.dedup();
    let few = {
        let mut distinct = present.clone();
        distinct.dedup();
        (distinct.len() <= BINS).then_some(distinct)
    };
    if let Some(distinct) = few {
        let names = distinct.iter().map(|value| short(*value, 0.0)).collect();
        let edges = distinct.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
        return Binning::Numbers { names, edges };
    }
    let names = (0..=edges.len()).map(|bin| match (bin.checked_sub(1).map(|at| edges[at]), edges.get(bin)) {
        (None, Some(to)) => format!("below {}", short(*to, step)).into(),
        (Some(from), Some(to)) => format!("{} to {}", short(from, step), short(*to, step)).into(),
        (Some(from), None) => format!("{} and above", short(from, step)).into(),
        (None, None) => "any".into(),
    });
    Binning::Numbers { names: names.collect(), edges }
}

/// As many decimals as tell bins of this width apart.
fn short(value: f64, step: f64) -> Arc<str> {
    let size = if step > 0.0 { step } else { value.abs() };
    if size >= 10.0 || (step <= 0.0 && value.fract() == 0.0) {
        format!("{value:.0}").into()
    } else if size >= 1.0 {
        format!("{value:.1}").into()
    } else if size >= 1e-3 {
        format!("{value:.3}").into()
    } else {
        format!("{value:.2e}").into()
    }
}

fn of_categories(values: &[Option<u32>], categories: &[Arc<str>]) -> Binning {
    let mut counts = vec![0_usize; categories.len()];
    values.iter().flatten().for_each(|place| counts[*place as usize] += 1);
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&place| (std::cmp::Reverse(counts[place]), place));
    let own = if order.len() > COMMON + 1 { COMMON } else { order.len() };
    let mut common = order[..own].to_vec();
    common.sort_unstable();
    let mut names: Vec<Arc<str>> = common.iter().map(|&place| Arc::clone(&categories[place])).collect();
    let mut places = vec![own; categories.len()];
    for (bin, &place) in common.iter().enumerate() {
        places[place] = bin;
    }
    if own < order.len() {
        names.push(format!("{} others", order.len() - own).into());
    }
    Binning::Categories { names, places }
}

impl Binning {
    fn shared(self, column: &Arc<str>, columns: &[&Column]) -> ColumnHistogram {
        let names = match &self {
            Self::Numbers { names, .. } | Self::Categories { names, .. } => names,
        };
        let missing = names.len();
        let bin = |column: &Column, row: usize| match (&self, column) {
            (Self::Numbers { edges, .. }, Column::Number(values)) => {
                values[row].map_or(missing, |value| edges.partition_point(|edge| *edge <= value))
            }
            (Self::Categories { places, .. }, Column::Category(values)) => {
                values[row].and_then(|value| places.get(value as usize).copied()).unwrap_or(missing)
            }
            _ => missing,
        };
        let rows = |column: &Column| match column {
            Column::Number(values) => values.len(),
            Column::Category(values) => values.len(),
        };
        let mut shares: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| {
                let mut shares = vec![0.0; missing + 1];
                let rows = rows(column);
                for row in 0..rows {
                    shares[bin(column, row)] += 1.0 / rows as f64;
                }
                shares
            })
            .collect();
        let mut bins = names.clone();
        if shares.iter().any(|shares| shares[missing] > 0.0) {
            bins.push("missing".into());
        } else {
            for shares in &mut shares {
                shares.truncate(missing);
            }
        }
        ColumnHistogram { column: Arc::clone(column), bins, shares }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_table::{InferParameters, Rows, infer};

    use super::*;

    #[test]
    fn law_shares_sum_to_one_and_extremes_fall_in_the_outer_bins() {
        let row = |at: usize| {
            let number = if at % 10 == 9 { String::new() } else { ((at * 7919) % 1000).to_string() };
            [number, (at % 3).to_string(), format!("code {}", at % 11)]
        };
        let rows = Rows::new(&["number", "few", "code"], (0..1_000).map(row)).unwrap();
        let real = Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap();
        let greatest: Vec<usize> = (0..real.len()).filter(|at| at % 10 == 7).collect();
        let far = real.rows_of(&greatest);
        let found = histograms(&real, &[&far], &Resampling::default()).unwrap();
        assert_eq!(found.len(), 3);
        for one in &found {
            for shares in &one.shares {
                assert_eq!(shares.len(), one.bins.len());
                assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{one:?}");
            }
        }
        assert_eq!(found[0].bins.len(), BINS + 1);
        assert_eq!(found[0].bins.last().map(|name| &**name), Some("missing"));
        assert!((found[0].shares[0][BINS] - 0.1).abs() < 1e-9);
        assert_eq!(found[2].bins.len(), COMMON + 1);
    }
}
