//! A row of the table of public benchmarks.

use serde::Serialize;

/// Accuracies of one model on one data set over several runs, beside what was published.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicRow {
    /// The data set.
    pub data_set: String,
    /// The model.
    pub model: String,
    /// How it is trained and judged.
    pub protocol: String,
    /// Number of runs.
    pub runs: usize,
    /// Their mean, from 0 to 1.
    pub mean: f64,
    /// Their standard deviation.
    pub standard_deviation: f64,
    /// Student's 95 % interval of the mean.
    pub interval: (f64, f64),
    /// What was published.
    pub published: Option<Published>,
    /// Seconds from the first run's start to the last one's end; they run side by side.
    pub seconds: f64,
}

/// An accuracy that others published.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Published {
    /// The mean, from 0 to 1.
    pub mean: f64,
    /// The standard deviation over their runs.
    pub standard_deviation: Option<f64>,
    /// Where.
    pub source: &'static str,
}

/// What identifies a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) data_set: &'static str,
    pub(super) model: &'static str,
    pub(super) protocol: &'static str,
    pub(super) published: Option<Published>,
}

impl PublicRow {
    pub(super) fn new(label: Label, accuracies: &[f64], seconds: f64) -> Self {
        let runs = accuracies.len();
        let mean = accuracies.iter().sum::<f64>() / runs.max(1) as f64;
        let squares: f64 = accuracies.iter().map(|accuracy| (accuracy - mean).powi(2)).sum();
        let standard_deviation = if runs > 1 { (squares / (runs - 1) as f64).sqrt() } else { 0.0 };
        let half = student_975(runs.saturating_sub(1)) * standard_deviation / (runs.max(1) as f64).sqrt();
        Self {
            data_set: label.data_set.to_owned(),
            model: label.model.to_owned(),
            protocol: label.protocol.to_owned(),
            runs,
            mean,
            standard_deviation,
            interval: (mean - half, mean + half),
            published: label.published,
            seconds,
        }
    }

    /// Whether the published mean is within one published standard deviation of ours, where it has one.
    pub fn is_within_one_deviation(&self) -> Option<bool> {
        let published = self.published?;
        Some((self.mean - published.mean).abs() <= published.standard_deviation?)
    }
}

/// The 97.5th percentile of Student's distribution.
///
/// # Source
/// Printed tables up to 10 degrees of freedom; beyond, Hill, Student's t-quantiles (CACM 1970), as the
/// expansion in the reciprocal of the degrees of freedom to its third term: off by less than 0.001.
fn student_975(degrees_of_freedom: usize) -> f64 {
    const TABLE: [f64; 11] = [0.0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    if let Some(value) = TABLE.get(degrees_of_freedom) {
        return *value;
    }
    let (z, n) = (1.959_963_985_f64, degrees_of_freedom as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / n + second / n.powi(2) + third / n.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_student_percentiles_of_the_tables() {
        for (degrees, expected) in
            [(1, 12.706), (10, 2.228), (11, 2.201), (19, 2.093), (30, 2.042), (120, 1.980)]
        {
            assert!((student_975(degrees) - expected).abs() < 1e-3, "{degrees}: {}", student_975(degrees));
        }
    }

    #[test]
    fn ref_mean_deviation_and_interval() {
        let label = Label { data_set: "d", model: "m", protocol: "p", published: None };
        let row = PublicRow::new(label, &[0.7, 0.8, 0.9], 1.0);
        assert!((row.mean - 0.8).abs() < 1e-12 && (row.standard_deviation - 0.1).abs() < 1e-12);
        assert!((row.interval.1 - (0.8 + 4.303 * 0.1 / 3.0_f64.sqrt())).abs() < 1e-12);
        assert_eq!(row.is_within_one_deviation(), None);
    }
}
