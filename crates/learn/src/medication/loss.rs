//! SafeDrug's loss: what was given, and a penalty for pairs that interact once there are too many.

use burn::tensor::activation::{log_sigmoid, sigmoid};
use burn::tensor::{Tensor, TensorData};
use serde::Serialize;
use twinloom_neural::product;

use super::MedicationError;

/// `beta (alpha L_bce + (1 - alpha) L_multi) + (1 - beta) L_ddi`, of each admission.
///
/// - `L_bce`, the mean over classes of the binary cross-entropy.
/// - `L_multi`, the margin between each class given and each not given, `max(0, 1 - (p_i - p_j))`, over the number
///   of classes.
/// - `L_ddi`, the sum over interacting classes of `p_i p_j`, times a scale.
/// - `beta` is 1 while the interaction rate of the classes with `p >= 0.5` is at most `gamma`, else
///   `max(0, 1 - (rate - gamma) / correction)`. It has no gradient.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `alpha` | 0.95 | share of the cross-entropy | 0 to 1 |
/// | `gamma` | 0.06 | accepted share of interacting pairs | 0 to 1; 1: no penalty |
/// | `correction` | 0.05 | excess over gamma at which only the penalty is left | > 0 |
/// | `scale` | 0.0005 | factor of the penalty | >= 0 |
///
/// # Source
/// Yang et al., SafeDrug (IJCAI 2021), section 3.4, losses and controllable loss function; from memory, with the
/// defaults of the authors' program (`SafeDrug.py` and `models.py`). That program takes `min(0, ..)` where the
/// paper has `max(0, ..)`, so that above gamma it rewards wrong sets; this is the paper's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SafeDrugLoss {
    /// Share of the cross-entropy beside the margin.
    pub alpha: f32,
    /// Accepted share of interacting pairs.
    pub gamma: f32,
    /// Excess over gamma at which only the penalty is left.
    pub correction: f32,
    /// Factor of the penalty.
    pub scale: f32,
}

impl Default for SafeDrugLoss {
    fn default() -> Self {
        Self { alpha: 0.95, gamma: 0.06, correction: 0.05, scale: 5e-4 }
    }
}

/// Which classes interact, as a symmetric table of ones.
///
/// # Shapes
/// `[classes, classes]`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Interacting {
    classes: usize,
    table: Vec<f32>,
}

/// Probability from which a class is recommended.
pub(super) const THRESHOLD: f32 = 0.5;

impl Interacting {
    pub(super) fn new(classes: usize, pairs: &[(u32, u32)]) -> Self {
        let mut table = vec![0.0; classes * classes];
        for (a, b) in pairs {
            table[*a as usize * classes + *b as usize] = 1.0;
            table[*b as usize * classes + *a as usize] = 1.0;
        }
        Self { classes, table }
    }

    /// The share of interacting pairs among the recommended classes; 0 where there is no pair.
    pub(super) fn rate(&self, probabilities: &[f32]) -> f32 {
        let chosen: Vec<usize> =
            (0..self.classes).filter(|class| probabilities[*class] >= THRESHOLD).collect();
        let pairs = chosen.len() * chosen.len().saturating_sub(1) / 2;
        let with_later = |(place, class): (usize, &usize)| -> f32 {
            chosen[place + 1..].iter().map(|other| self.table[class * self.classes + other]).sum()
        };
        let interacting: f32 = chosen.iter().enumerate().map(with_later).sum();
        if pairs == 0 { 0.0 } else { interacting / pairs as f32 }
    }
}

impl SafeDrugLoss {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`MedicationError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), MedicationError> {
        let share = |value: f32| (0.0..=1.0).contains(&value);
        let checks = [
            (share(self.alpha), "alpha", self.alpha, "0 to 1"),
            (share(self.gamma), "gamma", self.gamma, "0 to 1"),
            (self.correction.is_finite() && self.correction > 0.0, "correction", self.correction, "above 0"),
            (self.scale.is_finite() && self.scale >= 0.0, "scale", self.scale, "0 or more"),
        ];
        match checks.into_iter().find(|check| !check.0) {
            Some((_, name, value, permitted)) => {
                Err(MedicationError::Parameter { name, value: value.into(), permitted })
            }
            None => Ok(()),
        }
    }

    /// The weight of what was given at an interaction rate, from 0 to 1.
    pub fn beta(&self, rate: f32) -> f32 {
        if rate <= self.gamma { 1.0 } else { (1.0 - (rate - self.gamma) / self.correction).clamp(0.0, 1.0) }
    }

    /// The mean over admissions.
    ///
    /// # Shapes
    /// log odds `[admissions, classes] -> [1]`; `given` row after row
    pub(super) fn of(&self, log_odds: Tensor<2>, given: &[bool], interacting: &Interacting) -> Tensor<1> {
        let [rows, classes] = log_odds.dims();
        let device = log_odds.device();
        let tensor = |values: Vec<f32>, shape: [usize; 2]| -> Tensor<2> {
            Tensor::from_data(TensorData::new(values, shape), &device)
        };
        let probabilities = sigmoid(log_odds.clone());
        let current: Vec<f32> =
            probabilities.clone().into_data().try_to_vec().expect("networks compute in f32");
        let beta: Vec<f32> = current.chunks(classes).map(|row| self.beta(interacting.rate(row))).collect();
        let beta = tensor(beta, [rows, 1]);
        let yes = tensor(given.iter().map(|given| f32::from(u8::from(*given))).collect(), [rows, classes]);
        let no = yes.clone().neg().add_scalar(1.0);

        let likelihood =
            yes.clone() * log_sigmoid(log_odds.clone()) + no.clone() * log_sigmoid(log_odds.neg());
        let cross_entropy = likelihood.mean_dim(1).neg();

        // Probabilities lie within 0 and 1, so that 1 - (p_i - p_j) is never negative and the sum over pairs
        // falls apart: n1 n0 - n0 (sum of p given) + n1 (sum of p not given).
        let (count_yes, count_no) = (yes.clone().sum_dim(1), no.clone().sum_dim(1));
        let given_sum = (probabilities.clone() * yes).sum_dim(1);
        let other_sum = (probabilities.clone() * no).sum_dim(1);
        let margin = count_yes.clone() * count_no.clone() - count_no * given_sum + count_yes * other_sum;
        let margin = margin.mul_scalar(1.0 / classes as f32);

        let table = tensor(interacting.table.clone(), [classes, classes]);
        let penalty =
            (product(probabilities.clone(), table) * probabilities).sum_dim(1).mul_scalar(self.scale);

        let wanted = cross_entropy.mul_scalar(self.alpha) + margin.mul_scalar(1.0 - self.alpha);
        (beta.clone() * wanted + beta.neg().add_scalar(1.0) * penalty).mean()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use proptest::prelude::*;

    use super::*;

    const CLASSES: usize = 5;

    fn interacting() -> Interacting {
        Interacting::new(CLASSES, &[(0, 1), (1, 2), (3, 4)])
    }

    /// Two admissions: the first recommends 0, 1 and 2 (rate 2/3), the second 0 and 3 (rate 0).
    const LOG_ODDS: [f32; 10] = [1.5, 0.8, 0.6, -1.0, -2.0, 2.0, -0.7, -0.9, 0.4, -1.1];
    const GIVEN: [bool; 10] = [true, false, true, true, false, true, true, false, false, false];

    fn value(loss: &SafeDrugLoss, log_odds: &[f32]) -> f64 {
        let odds = Tensor::from_data(TensorData::new(log_odds.to_vec(), [2, CLASSES]), &Device::flex());
        f64::from(loss.of(odds, &GIVEN, &interacting()).into_scalar::<f32>())
    }

    /// By the definition, pair by pair.
    fn expected(loss: &SafeDrugLoss, log_odds: &[f32]) -> f64 {
        let table = interacting().table;
        let of_row = |row: usize| {
            let range = row * CLASSES..(row + 1) * CLASSES;
            let p: Vec<f64> =
                log_odds[range.clone()].iter().map(|z| 1.0 / (1.0 + f64::from(-z).exp())).collect();
            let y = &GIVEN[range];
            let (mut entropy, mut margin, mut penalty) = (0.0, 0.0, 0.0);
            for i in 0..CLASSES {
                entropy -= if y[i] { p[i].ln() } else { (1.0 - p[i]).ln() };
                for j in 0..CLASSES {
                    if y[i] && !y[j] {
                        margin += (1.0 - (p[i] - p[j])).max(0.0);
                    }
                    penalty += f64::from(table[i * CLASSES + j]) * p[i] * p[j];
                }
            }
            let rate = interacting().rate(&p.iter().map(|p| *p as f32).collect::<Vec<f32>>());
            let (alpha, beta) = (f64::from(loss.alpha), f64::from(loss.beta(rate)));
            let wanted = (alpha * entropy + (1.0 - alpha) * margin) / CLASSES as f64;
            beta * wanted + (1.0 - beta) * f64::from(loss.scale) * penalty
        };
        f64::midpoint(of_row(0), of_row(1))
    }

    fn losses() -> [SafeDrugLoss; 3] {
        let usual = SafeDrugLoss { scale: 0.3, ..SafeDrugLoss::default() };
        [
            usual,
            SafeDrugLoss { gamma: 0.4, correction: 0.5, alpha: 0.7, ..usual },
            SafeDrugLoss { gamma: 1.0, ..usual },
        ]
    }

    #[test]
    fn ref_the_loss_is_that_of_the_definition() {
        for loss in losses() {
            let (found, expected) = (value(&loss, &LOG_ODDS), expected(&loss, &LOG_ODDS));
            assert!((found - expected).abs() < 1e-5, "{found} {expected} {loss:?}");
        }
    }

    #[test]
    fn law_the_gradient_agrees_with_finite_differences() {
        for loss in losses() {
            let device = Device::flex().autodiff();
            let odds = Tensor::<2>::from_data(TensorData::new(LOG_ODDS.to_vec(), [2, CLASSES]), &device);
            let odds = odds.require_grad();
            let slopes = loss.of(odds.clone(), &GIVEN, &interacting()).backward();
            let slopes: Vec<f32> = odds.grad(&slopes).unwrap().into_data().try_to_vec().unwrap();
            for (place, slope) in slopes.iter().enumerate() {
                // No probability crosses the threshold on the way, so that beta stays.
                let at = |step: f32| {
                    let mut moved = LOG_ODDS;
                    moved[place] += step;
                    expected(&loss, &moved)
                };
                let numeric = (at(0.01) - at(-0.01)) / 0.02;
                assert!((f64::from(*slope) - numeric).abs() < 1e-4, "{place}: {slope} {numeric}");
            }
        }
    }

    #[test]
    fn law_the_penalty_is_off_at_or_below_gamma() {
        let rate = interacting().rate(&LOG_ODDS.map(|z| 1.0 / (1.0 + (-z).exp()))[..CLASSES]);
        assert!((rate - 2.0 / 3.0).abs() < 1e-6);
        let at = |gamma: f32, scale: f32| {
            value(&SafeDrugLoss { gamma, scale, ..SafeDrugLoss::default() }, &LOG_ODDS)
        };
        assert!((at(rate, 0.0) - at(rate, 9.0)).abs() < 1e-7, "off");
        assert!((at(rate - 0.01, 0.0) - at(rate - 0.01, 9.0)).abs() > 0.1, "on");
    }

    #[test]
    fn regress_values_out_of_range_are_refused() {
        let usual = SafeDrugLoss::default();
        assert!(usual.check().is_ok());
        assert!(SafeDrugLoss { gamma: -0.1, ..usual }.check().is_err());
        assert!(SafeDrugLoss { correction: 0.0, ..usual }.check().is_err());
        assert!(SafeDrugLoss { scale: f32::NAN, ..usual }.check().is_err());
    }

    proptest! {
        #[test]
        fn law_beta_lies_within_0_and_1_and_never_rises(
            gamma in 0.0_f32..=1.0, correction in 0.001_f32..2.0, rate in 0.0_f32..=1.0, more in 0.0_f32..=1.0
        ) {
            let loss = SafeDrugLoss { gamma, correction, ..SafeDrugLoss::default() };
            let beta = loss.beta(rate);
            prop_assert!((0.0..=1.0).contains(&beta));
            prop_assert!(loss.beta((rate + more).min(1.0)) <= beta);
            prop_assert!(rate > gamma || beta >= 1.0);
        }
    }
}
