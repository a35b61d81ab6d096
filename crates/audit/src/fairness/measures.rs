//! Measures of fairness of a model's decisions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::groups::members;
use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};
use crate::evaluate::Options;
use crate::predictions::Predictions;
use crate::subgroups::{Grouping, Size, shown};

/// One group's rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupFairness {
    /// Which group.
    pub group: Arc<str>,
    /// Its rates; absent where they would tell of few people.
    pub rates: Option<[Estimate; RATES]>,
}

/// How many rates there are.
const RATES: usize = 5;

/// A group's rates, those that are defined.
type Rates = [Option<f64>; RATES];

impl GroupFairness {
    /// Share that the decision selects.
    pub fn selected(&self) -> Option<Estimate> {
        self.rates.map(|rates| rates[0])
    }

    /// Share selected of those with the outcome.
    pub fn true_positives(&self) -> Option<Estimate> {
        self.rates.map(|rates| rates[1])
    }

    /// Share selected of those without.
    pub fn false_positives(&self) -> Option<Estimate> {
        self.rates.map(|rates| rates[2])
    }

    /// Share with the outcome of those selected.
    pub fn precision(&self) -> Option<Estimate> {
        self.rates.map(|rates| rates[3])
    }

    /// Share with the outcome less the mean prediction; 0 where the group is calibrated in the large.
    pub fn calibration(&self) -> Option<Estimate> {
        self.rates.map(|rates| rates[4])
    }
}

/// How far groups differ; differences are of the greatest and the least of the groups shown, ideal 0.
///
/// # Source
/// Barocas, Hardt and Narayanan, Fairness and machine learning (2023), chapter 3; Hardt, Price and Srebro, Equality of
/// opportunity in supervised learning, NeurIPS 2016, definitions 2.1 and 2.2; Chouldechova, Big Data 5
/// (2017), for predictive parity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fairness {
    /// What people are grouped by.
    pub grouping: Arc<str>,
    /// Predictions from which on the decision selects.
    pub threshold: f64,
    /// Each group.
    pub groups: Vec<GroupFairness>,
    /// Of the shares selected (demographic parity).
    pub demographic_parity: Estimate,
    /// The least share selected over the greatest (disparate impact); ideal 1.
    pub demographic_parity_ratio: Estimate,
    /// Of the shares selected of those with the outcome (equal opportunity).
    pub equal_opportunity: Estimate,
    /// The greater of those of the shares selected of those with and without the outcome (equalised odds).
    pub equalised_odds: Estimate,
    /// Of precision (predictive parity).
    pub predictive_parity: Estimate,
    /// Of how far the mean prediction is off (calibration in the large).
    pub calibration: Estimate,
}

/// Judges decisions at a threshold by group.
///
/// # Limits
/// A difference of greatest and least is never below 0, and is above it by chance alone, the more so the more groups there
/// are and the smaller; its interval therefore seldom holds 0. Rows whose group is not stated don't count.
pub fn fairness(
    predictions: &Predictions,
    grouping: &Grouping,
    threshold: f64,
    options: &Options,
) -> Fairness {
    let members = members(grouping, predictions.len());
    let sizes: Vec<Size> = members.values().map(|rows| Size::of(predictions, rows)).collect();
    let shown = shown(&sizes);
    let kept: Vec<&Vec<usize>> =
        members.values().zip(&shown).filter(|(_, shown)| **shown).map(|(rows, _)| rows).collect();
    let all = |weights: &[f64]| -> Vec<Rates> {
        kept.iter().map(|rows| rates(predictions, rows, weights, threshold)).collect()
    };
    let point = all(&vec![1.0; predictions.len()]);
    let bootstrap = SubjectBootstrap::new(predictions.subjects(), options.seed);
    let replicates = bootstrap.replicates(options.replicates, all);
    let estimate = |figure: &dyn Fn(&[Rates]) -> Option<f64>| {
        let interval = percentile_interval(replicates.iter().map(|replicate| figure(replicate)));
        Estimate::new(figure(&point).ok_or(Undefined::TooFew), interval)
    };
    let mut places = 0..kept.len();
    let groups = members.keys().zip(&shown).map(|(group, shown)| {
        let place = if *shown { places.next() } else { None };
        let rates = place.map(|place| std::array::from_fn(|which| estimate(&|groups| groups[place][which])));
        GroupFairness { group: Arc::clone(group), rates }
    });
    Fairness {
        grouping: Arc::clone(&grouping.name),
        threshold,
        groups: groups.collect(),
        demographic_parity: estimate(&|groups| gap(groups, 0)),
        demographic_parity_ratio: estimate(&|groups| {
            let (least, greatest) = range(groups, 0)?;
            (greatest > 0.0).then(|| least / greatest)
        }),
        equal_opportunity: estimate(&|groups| gap(groups, 1)),
        equalised_odds: estimate(&|groups| Some(gap(groups, 1)?.max(gap(groups, 2)?))),
        predictive_parity: estimate(&|groups| gap(groups, 3)),
        calibration: estimate(&|groups| gap(groups, 4)),
    }
}

fn range(groups: &[Rates], which: usize) -> Option<(f64, f64)> {
    if groups.len() < 2 {
        return None;
    }
    let values = groups.iter().map(|rates| rates[which]).collect::<Option<Vec<f64>>>()?;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    Some((least, values.into_iter().fold(f64::NEG_INFINITY, f64::max)))
}

fn gap(groups: &[Rates], which: usize) -> Option<f64> {
    range(groups, which).map(|(least, greatest)| greatest - least)
}

fn rates(predictions: &Predictions, rows: &[usize], weights: &[f64], threshold: f64) -> Rates {
    let (mut all, mut with, mut selected, mut hits, mut predicted) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &row in rows {
        let (weight, probability) = (weights[row], predictions.probabilities()[row]);
        let (label, chosen) = (predictions.labels()[row], probability >= threshold);
        all += weight;
        predicted += weight * probability;
        with += if label { weight } else { 0.0 };
        selected += if chosen { weight } else { 0.0 };
        hits += if label && chosen { weight } else { 0.0 };
    }
    let share = |part: f64, of: f64| (of > 0.0).then(|| part / of);
    [
        share(selected, all),
        share(hits, with),
        share(selected - hits, all - with),
        share(hits, selected),
        share(with - predicted, all),
    ]
}
