//! A model's figures in groups of people, with what would tell of few people held back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bootstrap::SubjectBootstrap;
use crate::estimate::Estimate;
use crate::evaluate::{Options, Prepared, evaluate};
use crate::multiplicity::Adjustment;
use crate::normal::two_sided_p;
use crate::predictions::Predictions;

/// Fewest people of a group, and fewest with and without the outcome, for its figures to be shown.
const FEWEST: usize = 10;
/// Counts are rounded to a multiple of this.
const ROUNDING: usize = 5;
const NOT_STATED: &str = "not stated";

/// The group of each instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    /// What people are grouped by.
    pub name: Arc<str>,
    /// By instance; `None` where it is not stated.
    pub groups: Vec<Option<Arc<str>>>,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupRow {
    /// What people are grouped by.
    pub grouping: Arc<str>,
    /// Which group.
    pub group: Arc<str>,
    /// Its figures; absent where they would tell of few people.
    pub figures: Option<SubgroupFigures>,
}

/// A model's figures in a group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupFigures {
    /// People, to the nearest 5.
    pub subjects: usize,
    /// Instances, to the nearest 5.
    pub instances: usize,
    /// Instances with the outcome, to the nearest 5.
    pub positives: usize,
    /// Mean prediction.
    pub predicted: f64,
    /// Chance that a positive instance is ranked above a negative one.
    pub auroc: Estimate,
    /// Two-sided p value of no difference to the AUROC of all others (DeLong, by subject).
    pub auroc_p: Option<f64>,
    /// The same, adjusted for the number of groups (Benjamini and Hochberg).
    pub auroc_adjusted_p: Option<f64>,
    /// Area under the precision-recall curve, as average precision; depends on how common the outcome is.
    pub auprc: Estimate,
    /// Mean squared error of the probabilities.
    pub brier: Estimate,
    /// Slope of the outcome's log odds on the predicted ones; ideal 1.
    pub calibration_slope: Estimate,
    /// Shift of log odds that sets the mean right; ideal 0, positive when too low.
    pub calibration_in_the_large: Estimate,
}

/// Judges a model in each group of each grouping.
///
/// A group's figures are held back if it has fewer than 10 people, or fewer than 10 with the outcome or
/// without; and where one group only is held back, the next smallest too, lest it be had by subtraction.
/// Counts are rounded to the nearest 5.
///
/// # Limits
/// The test against all others takes them for other people; where a person's group changes between
/// instances (age), it is a little off. A grouping with too few groups given is as if not stated.
pub fn subgroups(predictions: &Predictions, groupings: &[Grouping], options: &Options) -> Vec<SubgroupRow> {
    let mut rows = Vec::new();
    for Grouping { name: grouping, groups } in groupings {
        let mut members: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
        for at in 0..predictions.len() {
            let group = groups.get(at).cloned().flatten().unwrap_or_else(|| NOT_STATED.into());
            members.entry(group).or_default().push(at);
        }
        let sizes: Vec<Size> = members.values().map(|members| Size::of(predictions, members)).collect();
        let shown = shown(&sizes);
        for ((group, members), shown) in members.into_iter().zip(shown) {
            let figures = shown.then(|| figures(predictions, &members, options));
            rows.push(SubgroupRow { grouping: Arc::clone(grouping), group, figures });
        }
    }
    let p: Vec<_> = rows.iter().map(|row| row.figures.and_then(|figures| figures.auroc_p)).collect();
    for (row, adjusted) in rows.iter_mut().zip(Adjustment::BenjaminiHochberg.adjust(&p)) {
        if let Some(figures) = &mut row.figures {
            figures.auroc_adjusted_p = adjusted;
        }
    }
    rows
}

/// How many people a group has, and how many with and without the outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    subjects: usize,
    positive: usize,
    negative: usize,
}

impl Size {
    pub(crate) fn of(predictions: &Predictions, members: &[usize]) -> Self {
        let people = |keep: &dyn Fn(bool) -> bool| {
            let mut people: Vec<_> = members
                .iter()
                .filter(|&&at| keep(predictions.labels()[at]))
                .map(|&at| predictions.subjects()[at])
                .collect();
            people.sort_unstable();
            people.dedup();
            people.len()
        };
        Self {
            subjects: people(&|_| true),
            positive: people(&|label| label),
            negative: people(&|label| !label),
        }
    }

    fn is_small(self) -> bool {
        self.subjects < FEWEST || self.positive < FEWEST || self.negative < FEWEST
    }
}

/// Which groups of one grouping may be shown.
pub(crate) fn shown(sizes: &[Size]) -> Vec<bool> {
    let mut shown: Vec<bool> = sizes.iter().map(|size| !size.is_small()).collect();
    if shown.iter().filter(|shown| !**shown).count() == 1 {
        let next = (0..sizes.len()).filter(|&at| shown[at]).min_by_key(|&at| sizes[at].subjects);
        if let Some(next) = next {
            shown[next] = false;
        }
    }
    shown
}

fn figures(predictions: &Predictions, members: &[usize], options: &Options) -> SubgroupFigures {
    let mut within = vec![false; predictions.len()];
    for &at in members {
        within[at] = true;
    }
    let (own, others) = (part(predictions, &within, true), part(predictions, &within, false));
    let evaluation = evaluate(&own, options);
    let p = || {
        let ((own, own_error), (other, other_error)) = (auroc(&own)?, auroc(&others)?);
        let error = own_error.hypot(other_error);
        (error > 0.0).then(|| two_sided_p((own - other) / error))
    };
    SubgroupFigures {
        subjects: rounded(evaluation.subjects),
        instances: rounded(evaluation.instances),
        positives: rounded(evaluation.positives),
        predicted: own.probabilities().iter().sum::<f64>() / own.len().max(1) as f64,
        auroc: evaluation.auroc,
        auroc_p: p(),
        auroc_adjusted_p: None,
        auprc: evaluation.auprc,
        brier: evaluation.brier,
        calibration_slope: evaluation.calibration_slope,
        calibration_in_the_large: evaluation.calibration_in_the_large,
    }
}

/// The instances inside or outside a group.
fn part(predictions: &Predictions, within: &[bool], inside: bool) -> Predictions {
    let chosen: Vec<usize> = (0..within.len()).filter(|&at| within[at] == inside).collect();
    Predictions::new(
        chosen.iter().map(|&at| predictions.subjects()[at]).collect(),
        chosen.iter().map(|&at| predictions.labels()[at]).collect(),
        chosen.iter().map(|&at| predictions.probabilities()[at]).collect(),
    )
    .expect("a part of valid predictions is valid")
}

/// AUROC and its standard error.
fn auroc(predictions: &Predictions) -> Option<(f64, f64)> {
    let placements = Prepared::new(predictions).placements().ok()?;
    let bootstrap = SubjectBootstrap::new(predictions.subjects(), 0);
    let error =
        placements.standard_error(predictions.labels(), bootstrap.clusters(), bootstrap.subjects()).ok()?;
    Some((placements.auroc, error))
}

fn rounded(count: usize) -> usize {
    (count + ROUNDING / 2) / ROUNDING * ROUNDING
}

#[cfg(test)]
mod tests {
    use twinloom_event::SubjectId;

    use super::*;

    /// 240 people: in group `a` the model ranks well, in `b` not at all; `c` has 9 people.
    fn model() -> (Predictions, Vec<Option<Arc<str>>>) {
        let (mut subjects, mut labels, mut scores, mut groups) = (vec![], vec![], vec![], vec![]);
        for id in 0..240_i64 {
            let group = if id < 9 {
                "c"
            } else if id % 2 == 0 {
                "a"
            } else {
                "b"
            };
            let label = id % 3 == 0;
            let noise = ((id * 7919) % 240) as f64 / 480.0;
            subjects.push(SubjectId::new(id));
            labels.push(label);
            scores.push(if group == "a" && label { noise + 0.3 } else { noise });
            groups.push((id % 40 != 39).then(|| Arc::from(group)));
        }
        (Predictions::new(subjects, labels, scores).unwrap(), groups)
    }

    #[test]
    fn regress_small_groups_are_held_back_and_differences_told() {
        let (predictions, groups) = model();
        let options = Options { replicates: 50, ..Options::default() };
        let rows = subgroups(&predictions, &[Grouping { name: "made up".into(), groups }], &options);
        let shown: Vec<_> = rows.iter().map(|row| (&*row.group, row.figures.is_some())).collect();
        // 9 people, and 6 not stated.
        assert_eq!(shown, [("a", true), ("b", true), ("c", false), ("not stated", false)]);
        let (a, b) = (rows[0].figures.unwrap(), rows[1].figures.unwrap());
        assert_eq!((a.subjects % 5, a.instances % 5, a.positives % 5), (0, 0, 0));
        assert!(a.auroc.value > Some(0.85) && b.auroc.value < Some(0.65), "{a:?} {b:?}");
        assert!(a.auroc_adjusted_p.unwrap() < 0.001 && a.auroc_adjusted_p >= a.auroc_p);
    }

    #[test]
    fn regress_what_subtraction_would_tell_is_held_back() {
        let size = |subjects| Size { subjects, positive: subjects / 2, negative: subjects - subjects / 2 };
        assert_eq!(shown(&[size(100), size(30), size(8)]), [true, false, false]);
        assert_eq!(shown(&[size(100), size(30)]), [true, true]);
        assert_eq!(shown(&[size(100), size(8), size(8)]), [true, false, false]);
        // Nobody with the outcome is as telling as few.
        let none = Size { subjects: 50, positive: 0, negative: 50 };
        assert_eq!(shown(&[none, size(40), size(60)]), [false, false, true]);
        assert_eq!((rounded(12), rounded(13), rounded(10)), (10, 15, 10));
    }

    #[test]
    fn law_a_group_of_everyone_has_everyones_figures() {
        let (predictions, _) = model();
        let options = Options { replicates: 20, ..Options::default() };
        let groups = vec![Some(Arc::from("all")); predictions.len()];
        let rows = subgroups(&predictions, &[Grouping { name: "everyone".into(), groups }], &options);
        let figures = rows[0].figures.unwrap();
        assert_eq!(figures.auroc, evaluate(&predictions, &options).auroc);
        assert_eq!(figures.auroc_p, None);
    }
}
