//! Brings features to like size for models that need it.

use serde::{Deserialize, Serialize};

use super::table::{FeatureRole, FeatureTable};

/// Limit of scaled measurements, in standard deviations: a mistyped weight must not rule a model.
const CLIP: f32 = 5.0;

/// Scaling fitted on training rows: counts become ln(1 + count) over its standard deviation,
/// indicators stay, measurements are centred, divided by their standard deviation and clipped to +-5.
///
/// Absent entries stay absent, so that 0 in a dense table means the training mean of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// Centre and standard deviation by column.
    columns: Vec<(f32, f32)>,
}

impl Scaling {
    /// Fits on training rows.
    pub fn fit(training: &FeatureTable) -> Self {
        let mut sums = vec![(0.0_f64, 0.0_f64, 0_u64); training.n_columns()];
        for (&column, &value) in training.indices.iter().zip(&training.values) {
            let role = training.features[column as usize].role;
            let value = f64::from(if role == FeatureRole::Count { value.ln_1p() } else { value });
            let (sum, squares, entries) = &mut sums[column as usize];
            *sum += value;
            *squares += value * value;
            *entries += 1;
        }
        let rows = training.n_rows() as f64;
        let columns = training
            .features
            .iter()
            .zip(sums)
            .map(|(feature, (sum, squares, entries))| match feature.role {
                FeatureRole::Indicator => (0.0, 1.0),
                FeatureRole::Count => (0.0, deviation(sum, squares, rows)),
                FeatureRole::Measurement if entries == 0 => (0.0, 1.0),
                FeatureRole::Measurement => {
                    ((sum / entries as f64) as f32, deviation(sum, squares, entries as f64))
                }
            })
            .collect();
        Self { columns }
    }

    /// Scales a table of the same columns.
    #[must_use]
    pub fn apply(&self, table: &FeatureTable) -> FeatureTable {
        let mut scaled = table.clone();
        for (&column, value) in table.indices.iter().zip(&mut scaled.values) {
            let Some(&(centre, deviation)) = self.columns.get(column as usize) else { continue };
            *value = match table.features[column as usize].role {
                FeatureRole::Count => value.ln_1p() / deviation,
                FeatureRole::Indicator => *value,
                FeatureRole::Measurement => ((*value - centre) / deviation).clamp(-CLIP, CLIP),
            };
        }
        scaled
    }
}

fn deviation(sum: f64, squares: f64, count: f64) -> f32 {
    if count < 1.0 {
        return 1.0;
    }
    let mean = sum / count;
    let variance = squares / count - mean * mean;
    // A column that hardly varies carries rounding, not information, in its deviation.
    if variance > 1e-9 * (1.0 + mean * mean) { variance.sqrt() as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::table::Feature;
    use super::*;

    #[test]
    fn law_scaled_measurements_have_mean_0_and_deviation_1() {
        let roles = [FeatureRole::Measurement, FeatureRole::Count, FeatureRole::Indicator];
        let features = roles.into_iter().map(|role| Feature { name: "x".into(), role }).collect();
        let rows = (0..50_u16)
            .map(|row| {
                let mut entries = vec![];
                if row % 3 > 0 {
                    entries.push((0, 100.0 + f32::from(row % 7)));
                }
                entries.push((1, f32::from(row % 5)));
                entries.push((2, 1.0));
                entries
            })
            .collect();
        let table = FeatureTable::from_rows(features, rows);
        let scaled = Scaling::fit(&table).apply(&table);
        let column = |wanted: u32| -> Vec<f64> {
            scaled
                .indices
                .iter()
                .zip(&scaled.values)
                .filter(|(c, _)| **c == wanted)
                .map(|(_, v)| f64::from(*v))
                .collect()
        };
        let measured = column(0);
        let mean = measured.iter().sum::<f64>() / measured.len() as f64;
        let variance = measured.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / measured.len() as f64;
        assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
        assert!(column(1).iter().all(|value| *value >= 0.0));
        assert!(column(2).iter().all(|value| (*value - 1.0).abs() < 1e-9));
    }
}
