//! Private training: what one row can do to a step is bounded, and noise hides it.
//!
//! Rows are sampled by Poisson's scheme with the secret noise source, each row's gradient by ALL parameters is scaled down
//! to the clipping norm, the sum gets Gaussian noise, and the clipping norm follows a quantile of the norms, told through
//! noise too. Latent draws come from the secret source as well, since places in a batch tell who else is in it.

use rand::Rng;
use twinloom_privacy::{Access, Delta, GaussianVector, Ledger, LedgerError, NoiseSource};

use super::VaeError;
use super::network::{LAYERS, SHARD};

/// Of the joint noise, in the precision 1/z^2, the part that telling the share of unclipped rows takes.
const COUNT_SHARE: f64 = 0.02;
/// How fast the clipping norm follows.
const CLIPPING_RATE: f64 = 0.2;
/// Sampling rates are whole multiples of 2^-32, so that a 32-bit draw hits them exactly.
const RATE_STEPS: f64 = 4_294_967_296.0;
/// The chance that a Poisson batch is beyond its limit; see [`batch_limit`].
const OVERFULL: f64 = 1e-30;
/// Multipliers that calibration looks at.
const MULTIPLIERS: (f64, f64) = (0.1, 1e4);
/// Calibration stops this close to the least multiplier, relative to it.
const SLACK: f64 = 2e-3;
const ROUNDS: usize = 20;
/// Half the distance of neighbouring single-precision numbers at 1.
const ROUNDING: f64 = 1.0 / 16_777_216.0;

/// Which parameters' gradients are clipped and hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// All: what a claim needs.
    All,
    /// The decoder's and the constants', as in NHSSynth: the encoder learns from raw gradients, and every later step of the
    /// decoder from the encoder. It breaks the claim and the ledger is told so. It exists to show that this is caught.
    DecoderOnly,
}

/// What private training does at each step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    /// Steps of the sampling rate.
    threshold: u64,
    pub(super) steps: u64,
    /// Rows of a step in expectation.
    pub(super) batch: f64,
    /// Of the gradient and of the count together.
    pub(super) noise_multiplier: f64,
    size: usize,
    follows: bool,
}

impl Plan {
    /// For `rows` rows, as noise tells them, `batch` of them a step in expectation, and `epochs` passes, at the noise that
    /// spends what the ledger's claim leaves.
    ///
    /// # Errors
    /// [`VaeError::NothingLeft`] where no noise up to a multiplier of 10,000 is enough.
    pub(super) fn calibrated(
        ledger: &Ledger,
        rows: f64,
        (batch, epochs): (usize, usize),
        size: usize,
        follows: bool,
    ) -> Result<Self, VaeError> {
        let wanted = (batch as f64 / rows).min(1.0);
        let threshold = ((wanted * RATE_STEPS) as u64).clamp(1, RATE_STEPS as u64);
        let rate = threshold as f64 / RATE_STEPS;
        let steps = (epochs as f64 / rate).ceil() as u64;
        let mut plan =
            Self { threshold, steps, batch: rate * rows, noise_multiplier: MULTIPLIERS.1, size, follows };
        let cost = |noise_multiplier: f64| {
            let mut trial = ledger.clone();
            Self { noise_multiplier, ..plan }.enter(&mut trial, Coverage::All).is_ok().then_some(trial)
        };
        // Downwards first: what is far from the claim is quickly seen to hold.
        let (mut low, mut high, mut held) = (0.0, f64::NAN, None);
        let mut next = MULTIPLIERS.1;
        while next >= MULTIPLIERS.0 {
            let Some(trial) = cost(next) else {
                low = next;
                break;
            };
            (high, held) = (next, Some(trial));
            next *= 0.5;
        }
        let Some(mut held) = held else { return Err(VaeError::NothingLeft) };
        let delta = ledger.claim().delta;
        for round in 0..ROUNDS {
            if high <= low * (1.0 + SLACK) || low <= 0.0 {
                break;
            }
            // Epsilon falls about as the multiplier grows, so the first guesses are near; halving closes what they leave.
            let guess = high * held.total(delta).epsilon / ledger.claim().epsilon.get() * (1.0 + SLACK / 2.0);
            let middle = (low * high).sqrt();
            let next = if round % 2 == 0 && guess > low && guess < high { guess } else { middle };
            match cost(next) {
                Some(trial) => (high, held) = (next, trial),
                None => low = next,
            }
        }
        plan.noise_multiplier = high;
        Ok(plan)
    }

    /// The chance with which each row is in a step.
    pub(super) fn rate(&self) -> f64 {
        self.threshold as f64 / RATE_STEPS
    }

    /// Enters all steps, before the first is made.
    pub(super) fn enter(&self, ledger: &mut Ledger, coverage: Coverage) -> Result<(), LedgerError> {
        let (rate, steps) = (self.rate(), self.steps);
        let note = format!("DP-SGD over encoder, decoder and scales, {} parameters", self.size);
        ledger.spend_subsampled_gaussian(Access::Training, rate, self.noise_multiplier, steps, note)?;
        let each = |size: usize| {
            let vector = GaussianVector::for_noise_multiplier(1.0, self.gradient_multiplier(), size);
            vector.map_or(1.0, |vector| vector.total_variation().get())
        };
        let far = (each(self.size) + each(1) + OVERFULL) * steps as f64 * (1.0 + 1e-9);
        // A distance of 1 or more is no guarantee at all.
        match Delta::new(far) {
            Ok(far) => {
                ledger.allow_distance(Access::Training, far, "noise of the steps, and batches cut short")?;
            }
            Err(_) => ledger.touch_unaccounted(Access::Training, "noise too far from the one accounted"),
        }
        if coverage == Coverage::DecoderOnly {
            ledger.touch_unaccounted(Access::Training, "gradients of the encoder without noise");
        }
        Ok(())
    }

    /// The gradient's own noise, so that with the count's the two make the joint multiplier.
    ///
    /// # Source
    /// Andrew et al. 2021, *Differentially Private Learning with Adaptive Clipping*, theorem 1:
    /// 1/z^2 = 1/z_gradient^2 + 1/z_count^2.
    fn gradient_multiplier(&self) -> f64 {
        let left = if self.follows { 1.0 - COUNT_SHARE } else { 1.0 };
        self.noise_multiplier * (1.0 + 1e-9) / left.sqrt()
    }

    fn count_multiplier(&self) -> f64 {
        self.noise_multiplier * (1.0 + 1e-9) / COUNT_SHARE.sqrt()
    }

    /// Rows of one step, each in by the sampling rate, in order.
    pub(super) fn sample(&self, rows: usize, noise: &mut NoiseSource, sampled: &mut Vec<u32>) {
        sampled.clear();
        sampled.extend((0..rows as u32).filter(|_| u64::from(noise.next_u32()) < self.threshold));
        sampled.truncate(batch_limit(self.batch));
    }

    /// Adds a step's noise to the sum of clipped gradients.
    pub(super) fn hide(
        &self,
        gradient: &mut [f32],
        clipping_norm: f64,
        noise: &mut NoiseSource,
    ) -> Result<(), VaeError> {
        let sensitivity = clipping_norm * (1.0 + summing_error(self.batch));
        let vector =
            GaussianVector::for_noise_multiplier(sensitivity, self.gradient_multiplier(), gradient.len())?;
        Ok(vector.add_to(gradient, noise)?)
    }

    /// The next clipping norm, by how many of a step's rows were within the last.
    ///
    /// # Source
    /// Andrew et al. 2021, algorithm 1: the share of unclipped rows is told as a sum of (b - 1/2), which one row changes by
    /// 1/2, and the norm moves geometrically.
    pub(super) fn next_norm(
        &self,
        clipping_norm: f64,
        (within, rows): (usize, usize),
        quantile: f64,
        noise: &mut NoiseSource,
    ) -> Result<f64, VaeError> {
        if !self.follows {
            return Ok(clipping_norm);
        }
        let mut sum = [(within as f64 - 0.5 * rows as f64) as f32];
        GaussianVector::for_noise_multiplier(0.5, self.count_multiplier(), 1)?.add_to(&mut sum, noise)?;
        let share = f64::from(sum[0]) / self.batch + 0.5;
        let moved = clipping_norm * (-CLIPPING_RATE * (share.clamp(0.0, 1.0) - quantile)).exp();
        Ok(moved.clamp(1e-6, 1e6))
    }
}

/// How much of each row's gradient is kept, and how many rows keep all of it.
///
/// A gradient that is no number counts as none. The norms are of the very numbers that are summed; only scaling them rounds,
/// by less than the millionth that is taken off.
pub(super) fn factors(squared_norms: &[f64], clipping_norm: f64, kept: &mut Vec<f32>) -> usize {
    kept.clear();
    let mut within = 0;
    for square in squared_norms {
        let norm = square.sqrt();
        within += usize::from(norm <= clipping_norm);
        let factor = if norm.is_finite() { (clipping_norm / norm.max(1e-300)).min(1.0) } else { 0.0 };
        kept.push((factor * (1.0 - 1e-6)) as f32);
    }
    within
}

/// Most rows of a step. By Chernoff's bound a Poisson batch of expectation b is beyond 2 b + 64 with a chance below 1e-30:
/// e^(m - b) (b / m)^m at m = 2 b + 64 is greatest at b = 40, where it is e^-80.
fn batch_limit(expected: f64) -> usize {
    (2.0 * expected + 64.0) as usize
}

/// What a sum in single precision can err by, as a share of the clipping norm, on either of two neighbours.
///
/// # Source
/// Higham 2002, *Accuracy and Stability of Numerical Algorithms*, section 4.2: n terms in any order err by at most n u times
/// the sum of their sizes, which over all rows has at most the norm of rows times the clipping norm. Rows are summed within
/// a shard and then over shards.
fn summing_error(expected: f64) -> f64 {
    let rows = batch_limit(expected) as f64;
    let depth = SHARD as f64 + rows / SHARD as f64 + 8.0;
    2.0 * depth * ROUNDING * rows
}

impl Coverage {
    /// The layers whose gradients are clipped and hidden.
    pub(super) fn layers(self) -> std::ops::Range<usize> {
        match self {
            Self::All => 0..LAYERS,
            Self::DecoderOnly => LAYERS / 2..LAYERS,
        }
    }
}
