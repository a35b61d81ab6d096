//! Bins of about as many values each, and values so frequent that they have one of their own.

use serde::{Deserialize, Serialize};

use super::QueryError;
use super::quantile::{Line, quantiles};
use crate::budget::Rho;
use crate::noise::NoiseSource;

/// Bins that cover a line: each from one edge to below the next, the last with its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    edges: Vec<f64>,
    spikes: Vec<f64>,
}

impl Bins {
    /// Where bins begin, rising, and where the last ends.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Values that have a bin to themselves.
    pub fn spikes(&self) -> &[f64] {
        &self.spikes
    }

    /// How many there are.
    pub fn number(&self) -> usize {
        self.edges.len() - 1
    }

    /// Which one a value lies in; the outer ones take what lies beyond.
    pub fn place(&self, value: f64) -> usize {
        self.edges[1..self.edges.len() - 1].partition_point(|&edge| edge <= value)
    }
}

/// About `number` bins with an equal share of `values` each, with noise that costs `rho` in all.
///
/// Cut points are private quantiles. A point of the line that several of them fall on is frequent: it gets a bin up to
/// the next point.
///
/// # Source
/// [`quantiles`](super::quantiles); what is made of them is post-processing.
///
/// # Errors
/// [`QueryError`] for no bin or more than 65,536, or as [`quantiles`](super::quantiles).
pub fn bins(
    values: &[f64],
    line: &Line,
    number: usize,
    rho: Rho,
    noise: &mut NoiseSource,
) -> Result<Bins, QueryError> {
    if !(1..=65_536).contains(&number) {
        let range = "from 1 to 65,536";
        return Err(QueryError::Parameter { parameter: "bins", value: number as f64, range });
    }
    let probabilities: Vec<f64> = (1..number).map(|cut| cut as f64 / number as f64).collect();
    let cuts = quantiles(values, line, &probabilities, rho, noise)?;
    let mut spikes: Vec<f64> =
        cuts.windows(2).filter(|pair| pair[0].to_bits() == pair[1].to_bits()).map(|pair| pair[0]).collect();
    spikes.dedup();
    let (least, greatest) = line.ends();
    let after = spikes.iter().map(|&spike| line.after(spike));
    let mut edges: Vec<f64> =
        cuts.into_iter().chain(after).filter(|cut| *cut > least && *cut < greatest).collect();
    edges.extend([least, greatest]);
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    Ok(Bins { edges, spikes })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn law_bins_hold_about_equal_shares_and_spikes_stand_apart() {
        let values: Vec<f64> =
            (0..8000).map(|at| if at % 2 == 0 { 0.0 } else { f64::from(at) / 80.0 }).collect();
        let line = Line::new(0.0, 100.0, 1001).unwrap();
        let found = bins(&values, &line, 8, Rho::new(1.0).unwrap(), &mut NoiseSource::from_seed(71)).unwrap();
        assert_eq!(found.spikes(), [0.0]);
        let mut counts = vec![0; found.number()];
        for &value in &values {
            counts[found.place(value)] += 1;
        }
        // Half of all at 0, and eighths of what is left above it.
        assert!(counts[0] >= 4000 && counts[0] < 4200, "{counts:?}");
        assert!(counts[1..].iter().all(|&count| count < 1400), "{counts:?}");
        assert_eq!((found.place(-5.0), found.place(1e9)), (0, found.number() - 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn law_no_input_panics(
            values in proptest::collection::vec(any::<f64>(), 0..20),
            ends in (any::<f64>(), any::<f64>()),
            points: u32,
            number in 0_usize..20,
        ) {
            if let Ok(line) = Line::new(ends.0, ends.1, points) {
                let made = bins(&values, &line, number, Rho::new(0.1)?, &mut NoiseSource::from_seed(72));
                if let Ok(made) = made {
                    prop_assert!(made.number() >= 1 && made.edges().is_sorted());
                    prop_assert!(values.iter().all(|&value| made.place(value) < made.number()));
                }
            }
        }
    }
}
