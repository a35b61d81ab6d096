//! The evidence lower bound of one row: every term per row, in nats, on the same scale.
//!
//! The reconstruction is a sum over columns, the divergence a sum over latent dimensions, and a batch's loss the mean over
//! its rows: no term is a mean where another is a sum, and none depends on the size of a batch.

use serde::{Deserialize, Serialize};

use super::encoding::Encoding;
use super::head::Cell;

/// Logarithms of latent variances are kept within this of 0.
const LOG_VARIANCE: f32 = 10.0;

/// The two terms, of one row or a mean over several, in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Elbo {
    /// Expected logarithm of the likelihood of the columns, given a latent draw.
    pub reconstruction: f64,
    /// Kullback-Leibler divergence of the latent posterior from the prior.
    pub divergence: f64,
}

impl Elbo {
    /// The bound on the logarithm of the row's probability.
    pub fn bound(&self) -> f64 {
        self.reconstruction - self.divergence
    }
}

/// The weight of the divergence at a step: grows evenly from 0 to 1 over the first `warm_up` share of the steps.
///
/// # Source
/// Bowman et al. 2016, *Generating Sentences from a Continuous Space*, section 3.1, with a straight line for the sigmoid.
pub(super) fn divergence_weight(step: u64, steps: u64, warm_up: f64) -> f32 {
    let ramp = warm_up * steps as f64;
    if ramp <= 0.0 { 1.0 } else { ((step as f64 + 1.0) / ramp).min(1.0) as f32 }
}

/// The latent draw of a posterior: `mean + deviation * noise`.
///
/// # Shapes
/// `moments: [2 latent]`, means then logarithms of variances; `noise`, `latent: [latent]`
pub(super) fn draw_latent(moments: &[f32], noise: &[f32], latent: &mut [f32]) {
    let (means, logs) = moments.split_at(latent.len());
    for (((z, mean), log), noise) in latent.iter_mut().zip(means).zip(logs).zip(noise) {
        *z = mean + libm::expf(0.5 * log.clamp(-LOG_VARIANCE, LOG_VARIANCE)) * noise;
    }
}

/// The divergence of the posterior from the standard normal prior, and the slopes of `weight` times it and of the
/// reconstruction through the latent draw.
///
/// # Source
/// Kingma and Welling 2014, appendix B: -KL = 1/2 sum of (1 + ln v - m^2 - v); the slopes through the draw, section 2.4.
///
/// # Shapes
/// `by_latent: [latent]` -> `slopes: [2 latent]`
pub(super) fn divergence(
    moments: &[f32],
    noise: &[f32],
    weight: f32,
    by_latent: &[f32],
    slopes: &mut [f32],
) -> f64 {
    let latent = by_latent.len();
    let (means, logs) = moments.split_at(latent);
    let (by_means, by_logs) = slopes.split_at_mut(latent);
    let mut sum = 0.0_f32;
    for place in 0..latent {
        let log = logs[place].clamp(-LOG_VARIANCE, LOG_VARIANCE);
        let deviation = libm::expf(0.5 * log);
        let variance = deviation * deviation;
        sum += means[place] * means[place] + variance - log - 1.0;
        by_means[place] = by_latent[place] + weight * means[place];
        let slope = 0.5 * (by_latent[place] * noise[place] * deviation + weight * (variance - 1.0));
        by_logs[place] = if log.to_bits() == logs[place].to_bits() { slope } else { 0.0 };
    }
    0.5 * f64::from(sum)
}

/// The negative logarithm of the likelihood of a row's cells, summed over columns, and its slopes.
pub(super) fn reconstruction(
    encoding: &Encoding,
    cells: &[Cell],
    outputs: &[f32],
    constants: &[f32],
    by_outputs: &mut [f32],
    by_constants: &mut [f32],
) -> f64 {
    by_constants.fill(0.0);
    let (mut output, mut constant, mut loss) = (0, 0, 0.0);
    for (head, cell) in encoding.heads().iter().zip(cells) {
        let own = output..output + head.width();
        let fixed = constant..constant + head.constants();
        (output, constant) = (own.end, fixed.end);
        loss += head.loss(
            *cell,
            &outputs[own.clone()],
            &constants[fixed.clone()],
            &mut by_outputs[own],
            &mut by_constants[fixed],
        );
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTS: [f32; 6] = [0.7, -1.2, 0.0, 0.3, -0.8, 0.0];

    #[test]
    fn ref_divergence_of_normals() {
        // KL(N(m, s^2) || N(0, 1)) = ln(1/s) + (s^2 + m^2)/2 - 1/2 by quadrature of its integral.
        let mut slopes = [0.0; 6];
        let found = divergence(&MOMENTS, &[0.0; 3], 1.0, &[0.0; 3], &mut slopes);
        let expected: f64 = (0..3)
            .map(|place| {
                let (mean, deviation) =
                    (f64::from(MOMENTS[place]), f64::from(MOMENTS[place + 3] / 2.0).exp());
                let (from, step) = (mean - 12.0 * deviation, 24.0 * deviation / 20_000.0);
                let term = |at: i32| {
                    let x = from + (f64::from(at) + 0.5) * step;
                    let z = (x - mean) / deviation;
                    let log_density = -0.5 * z * z - deviation.ln();
                    let density = (log_density - 0.5 * std::f64::consts::TAU.ln()).exp();
                    density * (log_density + 0.5 * x * x) * step
                };
                (0..20_000).map(term).sum::<f64>()
            })
            .sum();
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }

    #[test]
    fn ref_slopes_through_the_draw_are_those_of_finite_differences() {
        let (noise, weight) = ([0.4, -1.1, 0.9], 0.6);
        // A reconstruction that is the sum of sines of the latents.
        let loss = |moments: &[f32; 6]| {
            let mut latent = [0.0; 3];
            draw_latent(moments, &noise, &mut latent);
            let fit: f64 = latent.iter().map(|z| f64::from(*z).sin()).sum();
            fit + f64::from(weight) * divergence(moments, &noise, weight, &[0.0; 3], &mut [0.0; 6])
        };
        let mut latent = [0.0; 3];
        draw_latent(&MOMENTS, &noise, &mut latent);
        let mut slopes = [0.0; 6];
        divergence(&MOMENTS, &noise, weight, &latent.map(f32::cos), &mut slopes);
        for (place, slope) in slopes.iter().enumerate() {
            let at = |by: f32| {
                let mut moved = MOMENTS;
                moved[place] += by;
                loss(&moved)
            };
            let found = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((found - f64::from(*slope)).abs() < 1e-3, "{place}: {found} {slope}");
        }
    }

    #[test]
    fn law_the_weight_grows_to_one_and_stays() {
        let is = |found: f32, expected: f32| (found - expected).abs() < 1e-6;
        assert!(is(divergence_weight(0, 100, 0.0), 1.0) && is(divergence_weight(4, 100, 0.1), 0.5));
        assert!((9..100).all(|step| is(divergence_weight(step, 100, 0.1), 1.0)));
    }
}
