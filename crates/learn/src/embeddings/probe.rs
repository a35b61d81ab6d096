//! What can be read from vectors by a line.

use twinloom_event::Split;
use twinloom_neural::{SparseError, SparseMatrix};

use super::Vectors;
use crate::{LogisticError, LogisticParameters, LogisticRegression};

/// A property predicted from vectors alone, for people whom the prediction never saw.
///
/// Areas and their intervals belong to whoever judges.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Places of the held-out vectors.
    pub rows: Vec<usize>,
    /// The property's probability for each.
    pub probabilities: Vec<f64>,
    /// Whether it holds.
    pub labels: Vec<bool>,
}

/// Predicts a property (a sex, an age band, a condition) from vectors by logistic regression, fitted on training
/// subjects with the penalty that the tuning subjects choose.
///
/// What a line can read is in the vectors plainly; what it can't may still be there.
///
/// # Source
/// Alain and Bengio, Understanding intermediate layers using linear classifier probes (2016), arXiv 1610.01644.
///
/// # Shapes
/// `labels` and `splits` have an entry per vector; vectors without a label are left out.
///
/// # Errors
/// [`ProbeError`] where lengths differ, or the training or held-out vectors' labels agree.
pub fn probe(vectors: &Vectors, labels: &[Option<bool>], splits: &[Split]) -> Result<Probe, ProbeError> {
    if labels.len() != vectors.len() || splits.len() != vectors.len() {
        return Err(ProbeError::Lengths {
            vectors: vectors.len(),
            labels: labels.len(),
            splits: splits.len(),
        });
    }
    let part = |wanted| -> (Vec<usize>, Vec<bool>) {
        let known = labels.iter().zip(splits).enumerate().filter(|(_, (_, split))| **split == wanted);
        known.filter_map(|(row, (label, _))| Some((row, (*label)?))).unzip()
    };
    let [(mut rows, mut known), tuning, held_out] = [Split::Train, Split::Tuning, Split::HeldOut].map(part);
    for labels in [&known, &held_out.1] {
        let positives = labels.iter().filter(|label| **label).count();
        if positives == 0 || positives == labels.len() {
            return Err(ProbeError::OneClass { positives, vectors: labels.len() });
        }
    }
    let scales = scales(vectors, &rows);
    let matrix = |rows: &[usize]| {
        let scaled = |&row: &usize| {
            let values = vectors.row(row).iter().zip(&scales);
            (0..).zip(values.map(|(value, (mean, spread))| (f64::from(*value) - mean) / spread))
        };
        let rows = rows.iter().map(|row| scaled(row).map(|(column, value)| (column, value as f32)).collect());
        SparseMatrix::from_rows(vectors.width(), rows)
    };
    let train = rows.len();
    rows.extend(&tuning.0);
    known.extend(&tuning.1);
    let parameters = LogisticParameters { refit: false, ..LogisticParameters::default() };
    let model = LogisticRegression::fit(&matrix(&rows)?, &known, train, &parameters)?;
    let probabilities = model.predict(&matrix(&held_out.0)?);
    Ok(Probe { rows: held_out.0, probabilities, labels: held_out.1 })
}

/// Mean and spread of each number in training, 1 where it does not vary.
fn scales(vectors: &Vectors, rows: &[usize]) -> Vec<(f64, f64)> {
    let count = rows.len().max(1) as f64;
    let scale = |column: usize| {
        let values = || rows.iter().map(|&row| f64::from(vectors.row(row)[column]));
        let mean = values().sum::<f64>() / count;
        let spread = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        (mean, if spread > 1e-9 { spread } else { 1.0 })
    };
    (0..vectors.width()).map(scale).collect()
}

/// Why a property can't be probed for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProbeError {
    /// Lengths differ.
    #[error("{labels} labels and {splits} splits of {vectors} vectors; permitted: one each")]
    Lengths {
        /// Number of vectors.
        vectors: usize,
        /// Number of labels.
        labels: usize,
        /// Number of splits.
        splits: usize,
    },
    /// Nothing to tell apart.
    #[error("{positives} of {vectors} labels to fit on or judge by are positive; permitted: some of either")]
    OneClass {
        /// Labels that hold.
        positives: usize,
        /// Labels known.
        vectors: usize,
    },
    /// The regression refused.
    #[error("logistic regression")]
    Logistic(#[from] LogisticError),
    /// The vectors are no matrix.
    #[error("vectors")]
    Sparse(#[from] SparseError),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn law_a_line_is_read_and_noise_is_not() {
        let value = |row: usize, column: usize| ((row * 7919 + column * 104_729) % 1009) as f32 / 504.5 - 1.0;
        let names = (0..600).map(|row| Arc::from(row.to_string())).collect();
        let values = (0..600).flat_map(|row| (0..4).map(move |column| value(row, column))).collect();
        let vectors = Vectors::new(names, 4, values).unwrap();
        let parts = [Split::Train, Split::Train, Split::Tuning, Split::HeldOut];
        let splits: Vec<Split> = (0..600).map(|row| parts[row % 4]).collect();
        let right = |labels: &[Option<bool>]| {
            let found = probe(&vectors, labels, &splits).unwrap();
            let right =
                found.probabilities.iter().zip(&found.labels).filter(|(p, label)| (**p > 0.5) == **label);
            right.count() as f64 / found.labels.len() as f64
        };
        let line: Vec<Option<bool>> =
            (0..600).map(|row| (row % 10 != 0).then(|| vectors.row(row)[0] > vectors.row(row)[2])).collect();
        assert!(right(&line) > 0.9, "{}", right(&line));
        // 150 labels at chance: 0.5 with a standard error of 0.04, the bound five of them off.
        let noise: Vec<Option<bool>> = (0..600).map(|row| Some((row * row * 31) % 17 < 8)).collect();
        assert!((right(&noise) - 0.5).abs() < 0.2, "{}", right(&noise));
        assert!(matches!(probe(&vectors, &[Some(true); 600], &splits), Err(ProbeError::OneClass { .. })));
        assert!(matches!(probe(&vectors, &[None; 3], &splits), Err(ProbeError::Lengths { .. })));
    }
}
