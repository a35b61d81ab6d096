//! A number as a line of its numeric causes, with normal residuals, for each combination of the others.

use serde::{Deserialize, Serialize};

use crate::causal::linear::Moments;
use crate::causal::linear::solve;

/// A line and the spread about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    centre: f64,
    /// Of each numeric cause: the value at which it adds nothing, and what one more adds.
    slopes: Vec<(f64, f64)>,
    spread: f64,
}

impl Line {
    /// The line of least squares; none with fewer than 5 rows more than slopes, or where causes say the same thing
    /// twice. A cause that is missing in any of the rows adds nothing.
    ///
    /// # Source
    /// Koller and Friedman 2009, section 17.2.4; the spread over rows less slopes less 1.
    pub(super) fn of(values: &[f64], causes: &[Vec<Option<f64>>]) -> Option<Self> {
        let rows = values.len();
        let mut known: Vec<(usize, Vec<f64>)> = Vec::new();
        for (place, cause) in causes.iter().enumerate() {
            if let Some(cause) = cause.iter().copied().collect::<Option<Vec<f64>>>() {
                let first = cause.first().copied();
                if cause.iter().any(|&value| Some(value) != first) {
                    known.push((place, cause));
                }
            }
        }
        if rows < known.len() + 5 {
            return None;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / rows as f64;
        let columns: Vec<Vec<f64>> =
            known.iter().map(|(_, cause)| cause.clone()).chain([values.to_vec()]).collect();
        let covariances = Moments::of(&columns).covariances;
        let last = known.len();
        let matrix = covariances[..last].iter().map(|row| row[..last].to_vec()).collect();
        let right = covariances[..last].iter().map(|row| vec![row[last]]).collect();
        let found = solve(matrix, right)?;
        let explained: f64 = found.iter().zip(&covariances).map(|(slope, row)| slope[0] * row[last]).sum();
        let residual = (covariances[last][last] - explained).max(0.0);
        let mut slopes = vec![(0.0, 0.0); causes.len()];
        for ((place, cause), slope) in known.iter().zip(&found) {
            slopes[*place] = (mean(cause), slope[0]);
        }
        let spread = (residual * rows as f64 / (rows - last - 1) as f64).sqrt();
        let line = Self { centre: mean(values), slopes, spread };
        line.is_finite().then_some(line)
    }

    /// The same number always, as where there is none to learn from.
    pub(super) fn constant(centre: f64, causes: usize) -> Self {
        let centre = if centre.is_finite() { centre } else { 0.0 };
        Self { centre, slopes: vec![(0.0, 0.0); causes], spread: 0.0 }
    }

    fn is_finite(&self) -> bool {
        let slopes = self.slopes.iter().all(|(at, slope)| at.is_finite() && slope.is_finite());
        slopes && self.centre.is_finite() && self.spread.is_finite()
    }

    /// A number at its causes, so many spreads above the line.
    pub(super) fn at(&self, causes: impl Iterator<Item = Option<f64>>, residual: f64) -> f64 {
        let along: f64 = self
            .slopes
            .iter()
            .zip(causes)
            .map(|(&(at, slope), cause)| cause.map_or(0.0, |cause| slope * (cause - at)))
            .sum();
        let drawn = self.centre + along + self.spread * residual;
        if drawn.is_finite() { drawn } else { self.centre }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_a_line_by_hand() {
        // y = 2 + 3 x with residuals of 1, -1, -1, 1, 0, 0, which the constant and x don't see.
        let x = [0.0, 1.0, 2.0, 3.0, 4.0, -1.0];
        let residuals = [1.0, -1.0, -1.0, 1.0, 0.0, 0.0];
        let y: Vec<f64> = x.iter().zip(residuals).map(|(x, residual)| 2.0 + 3.0 * x + residual).collect();
        let line = Line::of(&y, &[x.into_iter().map(Some).collect()]).unwrap();
        assert!((line.slopes[0].1 - 3.0).abs() < 1e-12 && (line.slopes[0].0 - 1.5).abs() < 1e-12);
        assert!((line.spread - 1.0).abs() < 1e-12 && (line.centre - 6.5).abs() < 1e-12);
        assert!(Line::of(&y[..5], &[x[..5].iter().copied().map(Some).collect()]).is_none());
        let twice: Vec<Option<f64>> = x.into_iter().map(Some).collect();
        assert!(Line::of(&[y.clone(), y].concat(), &vec![[twice.clone(), twice].concat(); 2]).is_none());
    }
}
