//! A synthetic table in a few hundred numbers, and a classifier of them.

use twinloom_table::{Column, Table};

/// Categories whose frequencies count, from the first.
const MOST_CATEGORIES: usize = 20;
/// Columns whose correlations count, from the first.
const MOST_CORRELATED: usize = 20;
/// Steps of the classifier's descent, and the weight that keeps it small.
const STEPS: usize = 300;
const RIDGE: f64 = 0.05;

/// How a table becomes features: means, deviations and missing shares of numbers, frequencies of words, and
/// correlations.
///
/// # Source
/// Stadler et al., USENIX Security 2022, section 5.1: their naive, histogram and correlation sets together.
pub(crate) struct Features {
    /// Centre and spread of each column of numbers (its codes, for words).
    scales: Vec<(f64, f64)>,
}

impl Features {
    pub(crate) fn of_columns(table: &Table) -> Self {
        let scale = |column: &Column| {
            let present: Vec<f64> = codes(column).into_iter().flatten().collect();
            let count = present.len().max(1) as f64;
            let mean = present.iter().sum::<f64>() / count;
            let spread = (present.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
            (mean, if spread > 0.0 { spread } else { 1.0 })
        };
        Self { scales: table.columns().iter().map(scale).collect() }
    }

    pub(crate) fn of(&self, table: &Table) -> Vec<f64> {
        let rows = table.len().max(1) as f64;
        let mut features = Vec::new();
        let mut standard: Vec<Vec<f64>> = Vec::new();
        for ((column, &(centre, spread)), schema) in
            table.columns().iter().zip(&self.scales).zip(table.schema().columns())
        {
            // A missing value is average, so that it neither adds to a correlation nor takes from it.
            let values: Vec<f64> = codes(column)
                .into_iter()
                .map(|value| value.map_or(0.0, |value| (value - centre) / spread))
                .collect();
            features.push(column.missing() as f64 / rows);
            match column {
                Column::Number(_) => {
                    features.push(values.iter().sum::<f64>() / rows);
                    features.push((values.iter().map(|value| value * value).sum::<f64>() / rows).sqrt());
                    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                    features
                        .extend([least, greatest].map(|value| if value.is_finite() { value } else { 0.0 }));
                }
                Column::Category(places) => {
                    let categories = schema.kind.categories().map_or(0, <[_]>::len).min(MOST_CATEGORIES);
                    let mut counts = vec![0.0; categories];
                    for place in places.iter().flatten() {
                        if let Some(count) = counts.get_mut(*place as usize) {
                            *count += 1.0 / rows;
                        }
                    }
                    features.extend(counts);
                }
            }
            standard.push(values);
        }
        standard.truncate(MOST_CORRELATED);
        for (at, one) in standard.iter().enumerate() {
            for other in &standard[..at] {
                features.push(one.iter().zip(other).map(|(one, other)| one * other).sum::<f64>() / rows);
            }
        }
        features
    }
}

fn codes(column: &Column) -> Vec<Option<f64>> {
    match column {
        Column::Number(values) => values.clone(),
        Column::Category(values) => values.iter().map(|value| value.map(f64::from)).collect(),
    }
}

/// Logistic regression on standardised features, kept small by a ridge.
pub(crate) struct Logistic {
    centres: Vec<f64>,
    spreads: Vec<f64>,
    weights: Vec<f64>,
}

impl Logistic {
    pub(crate) fn fit(with: &[Vec<f64>], without: &[Vec<f64>]) -> Self {
        let all: Vec<&Vec<f64>> = with.iter().chain(without).collect();
        let width = all.first().map_or(0, |row| row.len());
        let count = all.len() as f64;
        let mean = |at: usize| all.iter().map(|row| row[at]).sum::<f64>() / count;
        let centres: Vec<f64> = (0..width).map(mean).collect();
        let spread = |at: usize| {
            (all.iter().map(|row| (row[at] - centres[at]).powi(2)).sum::<f64>() / count).sqrt().max(1e-12)
        };
        let spreads: Vec<f64> = (0..width).map(spread).collect();
        let mut fitted = Self { centres, spreads, weights: vec![0.0; width] };
        let rows: Vec<Vec<f64>> = all.iter().map(|row| fitted.standard(row)).collect();
        // The steepest curvature is at most the mean square length / 4, which makes this step safe.
        let squares: f64 = rows.iter().flatten().map(|value| value * value).sum::<f64>() / count;
        let step = 1.0 / (0.25 * squares + RIDGE);
        for _ in 0..STEPS {
            let mut gradient: Vec<f64> = fitted.weights.iter().map(|weight| RIDGE * weight).collect();
            for (at, row) in rows.iter().enumerate() {
                let label = f64::from(u8::from(at < with.len()));
                let error = 1.0 / (1.0 + (-dot(&fitted.weights, row)).exp()) - label;
                for (gradient, value) in gradient.iter_mut().zip(row) {
                    *gradient += error * value / count;
                }
            }
            for (weight, gradient) in fitted.weights.iter_mut().zip(gradient) {
                *weight -= step * gradient;
            }
        }
        fitted
    }

    pub(crate) fn score(&self, row: &[f64]) -> f64 {
        dot(&self.weights, &self.standard(row))
    }

    fn standard(&self, row: &[f64]) -> Vec<f64> {
        let both = row.iter().zip(self.centres.iter().zip(&self.spreads));
        // A feature constant among the shadows tells nothing, however far off it is later.
        both.map(
            |(value, (centre, spread))| {
                if *spread > 1e-9 { ((value - centre) / spread).clamp(-10.0, 10.0) } else { 0.0 }
            },
        )
        .collect()
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
