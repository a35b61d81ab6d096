//! Distributions that durations, values and choices are drawn from.

use crate::stream::Stream;

/// A distribution of a number.
///
/// # Source
/// The Generic Module Framework's kinds (EXACT, UNIFORM, GAUSSIAN, EXPONENTIAL, TRIANGULAR); the
/// Gaussian is drawn by Box and Muller's transform (1958), the triangular by inversion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Exact {
        /// The value.
        value: f64,
    },
    /// Any value between two bounds alike.
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Normal, clipped to bounds if given.
    Gaussian {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        standard_deviation: f64,
        /// Least value.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Triangular.
    Triangular {
        /// Lower bound.
        min: f64,
        /// Most likely value.
        mode: f64,
        /// Upper bound.
        max: f64,
    },
}

impl Distribution {
    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match *self {
            Self::Exact { value } => value,
            Self::Uniform { low, high } => low + (high - low) * stream.uniform(),
            Self::Gaussian { mean, standard_deviation, min, max } => {
                let drawn = mean + standard_deviation * standard_normal(stream);
                drawn.max(min.unwrap_or(f64::NEG_INFINITY)).min(max.unwrap_or(f64::INFINITY))
            }
            Self::Exponential { mean } => -mean * stream.uniform_above_zero().ln(),
            Self::Triangular { min, mode, max } => {
                let (drawn, width) = (stream.uniform(), max - min);
                let rise = if width > 0.0 { (mode - min) / width } else { 0.0 };
                if drawn < rise {
                    min + (drawn * width * (mode - min)).sqrt()
                } else {
                    max - ((1.0 - drawn) * width * (max - mode)).sqrt()
                }
            }
        }
    }

    /// The mean, without clipping.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Exact { value } => value,
            Self::Uniform { low, high } => f64::midpoint(low, high),
            Self::Gaussian { mean, .. } | Self::Exponential { mean } => mean,
            Self::Triangular { min, mode, max } => (min + mode + max) / 3.0,
        }
    }
}

/// A draw from the standard normal distribution.
pub fn standard_normal(stream: &mut Stream) -> f64 {
    let radius = (-2.0 * stream.uniform_above_zero().ln()).sqrt();
    radius * (std::f64::consts::TAU * stream.uniform()).cos()
}

/// The index of a weighted choice; weights need not sum to 1. With no positive weight, the last.
pub fn weighted_choice(weights: &[f64], stream: &mut Stream) -> usize {
    let total: f64 = weights.iter().sum();
    let mut left = stream.uniform() * total;
    for (index, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return index;
        }
    }
    weights.len().saturating_sub(1)
}

/// The time of an event whose hazard is constant within each piece.
///
/// `pieces` gives (start, rate) in order of start, rates per unit time, the last piece for ever;
/// the clock starts at `from`. `None` when the hazard runs out before the event.
pub fn event_time(
    pieces: impl IntoIterator<Item = (f64, f64)>,
    from: f64,
    stream: &mut Stream,
) -> Option<f64> {
    let mut budget = -stream.uniform_above_zero().ln();
    let mut pieces = pieces.into_iter().peekable();
    while let Some((start, rate)) = pieces.next() {
        let end = pieces.peek().map_or(f64::INFINITY, |next| next.0);
        let start = start.max(from);
        if end <= start {
            continue;
        }
        if rate > 0.0 && budget <= rate * (end - start) {
            return Some(start + budget / rate);
        }
        budget -= rate.max(0.0) * (end - start).min(f64::MAX);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    const DRAWS: usize = 20_000;

    fn draws(distribution: &Distribution) -> Vec<f64> {
        let mut stream = StreamKey::new(11, "distribution").open(1);
        (0..DRAWS).map(|_| distribution.sample(&mut stream)).collect()
    }

    #[test]
    fn ref_means_and_variances_are_the_textbook_ones() {
        // Seed 11; each mean within 5 of its standard errors: false alarm 1 in 1.7 million each.
        let cases = [
            (Distribution::Uniform { low: 2.0, high: 8.0 }, 3.0),
            (Distribution::Gaussian { mean: -1.0, standard_deviation: 2.0, min: None, max: None }, 4.0),
            (Distribution::Exponential { mean: 4.0 }, 16.0),
            (Distribution::Triangular { min: 0.0, mode: 1.0, max: 5.0 }, 21.0 / 18.0),
        ];
        for (distribution, variance) in cases {
            let values = draws(&distribution);
            let mean = values.iter().sum::<f64>() / DRAWS as f64;
            let spread = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / DRAWS as f64;
            assert!((mean - distribution.mean()).abs() < 5.0 * (variance / DRAWS as f64).sqrt());
            assert!((spread / variance - 1.0).abs() < 0.12, "{distribution:?}: {spread} for {variance}");
        }
    }

    #[test]
    fn ref_event_times_follow_the_survival_function() {
        // Rates 0.1 until 5, then 0.4: S(5) = exp(-0.5), S(7) = exp(-1.3). Seed 2; 5 standard errors.
        let mut stream = StreamKey::new(2, "hazard").open(1);
        let pieces = [(0.0, 0.1), (5.0, 0.4)];
        let times: Vec<f64> = (0..DRAWS).map(|_| event_time(pieces, 0.0, &mut stream).unwrap()).collect();
        for (at, survival) in [(5.0, (-0.5_f64).exp()), (7.0, (-1.3_f64).exp())] {
            let alive = times.iter().filter(|time| **time > at).count() as f64 / DRAWS as f64;
            assert!((alive - survival).abs() < 5.0 * (survival * (1.0 - survival) / DRAWS as f64).sqrt());
        }
        assert_eq!(event_time([(0.0, 0.0)], 0.0, &mut stream), None);
    }

    #[test]
    fn ref_weighted_choice_shares() {
        let mut stream = StreamKey::new(4, "choice").open(1);
        let picked = (0..DRAWS).filter(|_| weighted_choice(&[1.0, 3.0], &mut stream) == 1).count() as f64;
        assert!((picked / DRAWS as f64 - 0.75).abs() < 5.0 * (0.75 * 0.25 / DRAWS as f64).sqrt());
        assert_eq!(weighted_choice(&[0.0, 0.0], &mut stream), 1);
    }
}
