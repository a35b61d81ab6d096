//! A column as its network sees it: which of its parts a cell is of, and the number within a part.
//!
//! The parts are a column's categories, or its spikes and then its modes; missing is the last part where it may be. One
//! likelihood scores a cell and draws one: there is nothing else to set at generation.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// A cell: its part, and the standardised number where the part is a mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) part: u32,
    pub(super) score: f32,
}

/// How a cell's part is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Selection {
    /// There is one part.
    Certain,
    /// Two parts: the logit of the second.
    Bernoulli,
    /// A logit each.
    Softmax,
    /// Ordered parts by one score between learned thresholds, after the logit of missing where that may be.
    Ordinal,
}

/// The likelihood of one column.
///
/// # Source
/// Of numbers within a mode: normal with a standard deviation learned per mode, as Kingma and Welling 2014 (appendix C.2)
/// have it per output. Of ordered parts: cumulative logits, McCullagh 1980, *Regression Models for Ordinal Data*, equation 2.4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    selection: Selection,
    /// Parts that are values.
    values: usize,
    /// How many of them, the last ones, hold numbers.
    modes: usize,
    may_lack: bool,
    /// Share of each part among rows.
    shares: Vec<f64>,
}

const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;
/// A part that was never seen starts at this share.
const LEAST_SHARE: f64 = 1e-5;
/// Logarithm of a mode's standard deviation.
const LOG_DEVIATION: (f32, f32) = (-4.0, 1.5);
const THRESHOLD: (f32, f32) = (-20.0, 20.0);
/// Logarithm of the distance of thresholds.
const LOG_GAP: (f32, f32) = (-7.0, 3.5);

impl Head {
    /// Takes the share of each part; missing is the last one where it may be.
    pub(super) fn new(shares: Vec<f64>, modes: usize, may_lack: bool, ordered: bool) -> Self {
        let values = shares.len() - usize::from(may_lack);
        let selection = match shares.len() {
            _ if ordered && values >= 3 && modes == 0 => Selection::Ordinal,
            0 | 1 => Selection::Certain,
            2 => Selection::Bernoulli,
            _ => Selection::Softmax,
        };
        Self { selection, values, modes, may_lack, shares }
    }

    pub(super) fn values(&self) -> usize {
        self.values
    }

    pub(super) fn modes(&self) -> usize {
        self.modes
    }

    /// Whether a file's head contradicts itself.
    pub(super) fn is_sound(&self) -> bool {
        let made = Self::new(
            self.shares.clone(),
            self.modes,
            self.may_lack && !self.shares.is_empty(),
            self.selection == Selection::Ordinal,
        );
        made == *self && self.modes <= self.values && self.shares.iter().all(|share| share.is_finite())
    }

    fn selectors(&self) -> usize {
        match self.selection {
            Selection::Certain => 0,
            Selection::Bernoulli => 1,
            Selection::Softmax => self.shares.len(),
            Selection::Ordinal => 1 + usize::from(self.may_lack),
        }
    }

    /// Outputs of the network that it reads; as many inputs tell the network of a cell.
    pub(super) fn width(&self) -> usize {
        self.selectors() + self.modes
    }

    /// Numbers learned for the column whatever the row.
    pub(super) fn constants(&self) -> usize {
        self.modes + if self.selection == Selection::Ordinal { self.values - 1 } else { 0 }
    }

    /// Least and greatest of each constant.
    pub(super) fn constant_bounds(&self) -> impl Iterator<Item = (f32, f32)> {
        let thresholds = self.constants() - self.modes;
        let threshold = |place: usize| if place == 0 { THRESHOLD } else { LOG_GAP };
        (0..thresholds).map(threshold).chain((0..self.modes).map(|_| LOG_DEVIATION))
    }

    fn lacks(&self, part: usize) -> bool {
        self.may_lack && part == self.values
    }

    /// The place of a part among the modes.
    fn mode(&self, part: usize) -> Option<usize> {
        (part < self.values).then(|| (part + self.modes).checked_sub(self.values)).flatten()
    }

    /// What the network is told of a cell; `input` is zero before.
    pub(super) fn tell(&self, cell: Cell, input: &mut [f32]) {
        let part = cell.part as usize;
        match self.selection {
            Selection::Certain => {}
            Selection::Bernoulli => input[0] = part as f32,
            Selection::Softmax => input[part] = 1.0,
            Selection::Ordinal if self.lacks(part) => input[0] = 1.0,
            Selection::Ordinal => {
                input[self.selectors() - 1] = (2.0 * part as f32 / (self.values - 1) as f32 - 1.0) * 1.7;
            }
        }
        if let Some(mode) = self.mode(part) {
            input[self.selectors() + mode] = cell.score;
        }
    }

    /// What outputs and constants start at, so that the column is drawn as it is spread over all rows.
    pub(super) fn start(&self, outputs: &mut [f32], constants: &mut [f32]) {
        let share = |part: usize| self.shares[part].max(LEAST_SHARE);
        match self.selection {
            Selection::Certain => {}
            Selection::Bernoulli => outputs[0] = (share(1) / share(0)).ln() as f32,
            Selection::Softmax => {
                outputs
                    .iter_mut()
                    .zip(0..self.shares.len())
                    .for_each(|(o, part)| *o = share(part).ln() as f32);
            }
            Selection::Ordinal => {
                let known: f64 = (0..self.values).map(share).sum();
                if self.may_lack {
                    outputs[0] = (share(self.values) / known).ln() as f32;
                }
                let mut below = 0.0;
                let mut last = 0.0;
                for (place, constant) in constants.iter_mut().enumerate().take(self.values - 1) {
                    below += share(place) / known;
                    let threshold = (below / (1.0 - below).max(1e-12)).ln();
                    *constant = if place == 0 {
                        (threshold as f32).clamp(THRESHOLD.0, THRESHOLD.1)
                    } else {
                        ((threshold - last).max(1e-6).ln() as f32).clamp(LOG_GAP.0, LOG_GAP.1)
                    };
                    last = threshold;
                }
            }
        }
    }

    /// The negative logarithm of a cell's likelihood, and its slopes by outputs and constants. Slopes by the constants are
    /// added to zeros.
    pub(super) fn loss(
        &self,
        cell: Cell,
        outputs: &[f32],
        constants: &[f32],
        by_outputs: &mut [f32],
        by_constants: &mut [f32],
    ) -> f64 {
        let part = cell.part as usize;
        let mut loss = match self.selection {
            Selection::Certain => 0.0,
            Selection::Bernoulli => {
                let is_second = part == 1;
                by_outputs[0] = logistic(outputs[0]) - f32::from(u8::from(is_second));
                softplus(if is_second { -outputs[0] } else { outputs[0] })
            }
            Selection::Softmax => {
                let logits = &outputs[..self.shares.len()];
                let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut sum = 0.0_f32;
                for (slope, logit) in by_outputs.iter_mut().zip(logits) {
                    *slope = libm::expf(logit - greatest);
                    sum += *slope;
                }
                let scale = 1.0 / sum;
                by_outputs[..logits.len()].iter_mut().for_each(|slope| *slope *= scale);
                by_outputs[part] -= 1.0;
                f64::from(libm::logf(sum) + greatest - logits[part])
            }
            Selection::Ordinal => self.ordinal_loss(part, outputs, constants, by_outputs, by_constants),
        };
        let (selectors, thresholds) = (self.selectors(), self.constants() - self.modes);
        by_outputs[selectors..].fill(0.0);
        if let Some(mode) = self.mode(part) {
            let log_deviation = constants[thresholds + mode];
            let inverse = libm::expf(-log_deviation);
            let residual = (cell.score - outputs[selectors + mode]) * inverse;
            by_outputs[selectors + mode] = -residual * inverse;
            by_constants[thresholds + mode] = 1.0 - residual * residual;
            loss += f64::from(0.5 * residual * residual + log_deviation) + HALF_LOG_TAU;
        }
        loss
    }

    /// With a and b the thresholds above and below a part less the score, its chance is l(a) - l(b)
    /// = l(a) l(-b) (1 - e^-(a-b)), l the logistic function.
    fn ordinal_loss(
        &self,
        part: usize,
        outputs: &[f32],
        constants: &[f32],
        by_outputs: &mut [f32],
        by_constants: &mut [f32],
    ) -> f64 {
        let mut loss = 0.0;
        if self.may_lack {
            by_outputs[0] = logistic(outputs[0]) - f32::from(u8::from(self.lacks(part)));
            loss += softplus(if self.lacks(part) { -outputs[0] } else { outputs[0] });
        }
        let place = self.selectors() - 1;
        by_outputs[place] = 0.0;
        if self.lacks(part) {
            return loss;
        }
        let (score, last) = (outputs[place], self.values - 1);
        let above = (part < last).then(|| threshold(part, constants) - score);
        let below = (part > 0).then(|| threshold(part - 1, constants) - score);
        let mut pull = |slope: f32, threshold: usize| {
            by_constants[0] += slope;
            for (by_constant, constant) in by_constants[1..=threshold].iter_mut().zip(&constants[1..]) {
                *by_constant += slope * libm::expf(*constant);
            }
        };
        if let Some(above) = above {
            let slope = -logistic(-above);
            by_outputs[place] -= slope;
            pull(slope, part);
            loss += softplus(-above);
        }
        if let Some(below) = below {
            let slope = logistic(below);
            by_outputs[place] -= slope;
            pull(slope, part - 1);
            loss += softplus(below);
        }
        if above.is_some() && below.is_some() {
            let gap = libm::exp(f64::from(constants[part]));
            loss -= libm::log(-libm::expm1(-gap));
            by_constants[part] -= (gap / libm::expm1(gap)) as f32;
        }
        loss
    }

    /// A cell by its likelihood.
    pub(super) fn draw(&self, outputs: &[f32], constants: &[f32], rng: &mut impl Rng) -> Cell {
        let part = match self.selection {
            Selection::Certain => 0,
            Selection::Bernoulli => usize::from(rng.random::<f32>() < logistic(outputs[0])),
            Selection::Softmax => {
                let logits = &outputs[..self.shares.len()];
                let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let chance = |logit: &f32| libm::expf(logit - greatest);
                let mut left = rng.random::<f32>() * logits.iter().map(chance).sum::<f32>();
                let passed = |logit: &f32| {
                    left -= chance(logit);
                    left < 0.0
                };
                logits.iter().position(passed).unwrap_or(logits.len() - 1)
            }
            Selection::Ordinal => {
                let score = outputs[self.selectors() - 1];
                let uniform = rng.random::<f32>();
                if self.may_lack && rng.random::<f32>() < logistic(outputs[0]) {
                    self.values
                } else {
                    let below = |place: &usize| uniform < logistic(threshold(*place, constants) - score);
                    (0..self.values - 1).find(below).unwrap_or(self.values - 1)
                }
            }
        };
        let score = self.mode(part).map_or(0.0, |mode| {
            let deviation = libm::expf(constants[self.constants() - self.modes + mode]);
            let normal: f32 = StandardNormal.sample(rng);
            outputs[self.selectors() + mode] + deviation * normal
        });
        Cell { part: part as u32, score }
    }
}

/// The threshold above a part: the first, and the distances to it.
fn threshold(place: usize, constants: &[f32]) -> f32 {
    constants[0] + constants[1..=place].iter().map(|gap| libm::expf(*gap)).sum::<f32>()
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

fn softplus(x: f32) -> f64 {
    let x = f64::from(x);
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn heads() -> Vec<Head> {
        vec![
            Head::new(vec![1.0], 0, false, false),
            Head::new(vec![0.3, 0.7], 0, false, false),
            Head::new(vec![0.2, 0.5, 0.3], 0, true, false),
            Head::new(vec![0.1, 0.2, 0.3, 0.2, 0.2], 0, true, true),
            Head::new(vec![0.4, 0.3, 0.3], 0, false, true),
            Head::new(vec![1.0], 1, false, false),
            Head::new(vec![0.8, 0.2], 1, true, false),
            Head::new(vec![0.3, 0.3, 0.2, 0.2], 2, true, false),
        ]
    }

    /// Outputs and constants of some size, different for each head.
    fn numbers(count: usize, from: f32) -> Vec<f32> {
        (0..count).map(|place| 0.9 * (from + 1.7 * place as f32).sin()).collect()
    }

    fn loss(head: &Head, cell: Cell, outputs: &[f32], constants: &[f32]) -> f64 {
        let (mut by_outputs, mut by_constants) = (vec![0.0; outputs.len()], vec![0.0; constants.len()]);
        head.loss(cell, outputs, constants, &mut by_outputs, &mut by_constants)
    }

    #[test]
    fn ref_slopes_are_those_of_finite_differences() {
        for head in heads() {
            let (outputs, constants) = (numbers(head.width(), 0.3), numbers(head.constants(), 1.1));
            for part in 0..head.shares.len() as u32 {
                let cell = Cell { part, score: 0.4 };
                let (mut by_outputs, mut by_constants) =
                    (vec![9.0; outputs.len()], vec![0.0; constants.len()]);
                head.loss(cell, &outputs, &constants, &mut by_outputs, &mut by_constants);
                let step = 1e-2_f32;
                for (place, slope) in by_outputs.iter().enumerate() {
                    let at = |by: f32| {
                        let mut moved = outputs.clone();
                        moved[place] += by;
                        loss(&head, cell, &moved, &constants)
                    };
                    let found = (at(step) - at(-step)) / f64::from(2.0 * step);
                    assert!((found - f64::from(*slope)).abs() < 1e-3, "{head:?} {part}: {found} {slope}");
                }
                for (place, slope) in by_constants.iter().enumerate() {
                    let at = |by: f32| {
                        let mut moved = constants.clone();
                        moved[place] += by;
                        loss(&head, cell, &outputs, &moved)
                    };
                    let found = (at(step) - at(-step)) / f64::from(2.0 * step);
                    assert!((found - f64::from(*slope)).abs() < 1e-3, "{head:?} {part}: {found} {slope}");
                }
            }
        }
    }

    #[test]
    fn law_the_chances_of_parts_sum_to_one() {
        for head in heads().into_iter().filter(|head| head.modes == 0) {
            let (outputs, constants) = (numbers(head.width(), 0.3), numbers(head.constants(), 1.1));
            let chance = |part: usize| {
                (-loss(&head, Cell { part: part as u32, score: 0.0 }, &outputs, &constants)).exp()
            };
            let sum: f64 = (0..head.shares.len()).map(chance).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{head:?}: {sum}");
        }
    }

    #[test]
    fn law_draws_follow_the_likelihood_and_start_at_the_shares() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for head in heads() {
            let (mut outputs, mut constants) = (vec![0.0; head.width()], vec![0.0; head.constants()]);
            head.start(&mut outputs, &mut constants);
            let mut counts = vec![0_u32; head.shares.len()];
            let (mut sum, mut squares, mut numbers) = (0.0, 0.0, 0.0);
            for _ in 0..20_000 {
                let cell = head.draw(&outputs, &constants, &mut rng);
                counts[cell.part as usize] += 1;
                if head.mode(cell.part as usize).is_some() {
                    sum += f64::from(cell.score);
                    squares += f64::from(cell.score).powi(2);
                    numbers += 1.0;
                }
            }
            // Five standard deviations of a share of 20,000 draws: at most 0.018; false alarm 6e-7 each.
            for (count, share) in counts.iter().zip(&head.shares) {
                assert!((f64::from(*count) / 2e4 - share).abs() < 0.018, "{head:?}: {counts:?}");
            }
            if numbers > 0.0 {
                assert!((sum / numbers).abs() < 5.0 / f64::sqrt(numbers), "{head:?}");
                assert!((squares / numbers - 1.0).abs() < 5.0 * f64::sqrt(2.0 / numbers), "{head:?}");
            }
        }
    }
}
