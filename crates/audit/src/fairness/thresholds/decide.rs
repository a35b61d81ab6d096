//! What rules decide, so that they can be judged.

use super::GroupThreshold;
use crate::bootstrap::stream;
use crate::predictions::{Predictions, PredictionsError};
use crate::subgroups::Grouping;

/// What the rules decide of each instance: 1 selected, 0 not, tosses drawn by the seed. Instances whose group has no
/// rule are decided by the threshold `otherwise`.
///
/// # Errors
/// [`PredictionsError`] as [`Predictions::new`]'s, which decisions do not meet.
pub fn decide(
    predictions: &Predictions,
    grouping: &Grouping,
    rules: &[GroupThreshold],
    otherwise: f64,
    seed: u64,
) -> Result<Predictions, PredictionsError> {
    let mut tosses = stream(seed, 0);
    let decision = |(row, &probability): (usize, &f64)| {
        // A toss for each row, used or not, so that one group's rule shifts no other's draws.
        let toss: f64 = rand::RngExt::random(&mut tosses);
        let group = grouping.groups.get(row).and_then(Option::as_ref);
        let selected = match group.and_then(|group| rules.iter().find(|rule| rule.group == *group)) {
            Some(rule) => toss < rule.chance_selected(probability),
            None => probability >= otherwise,
        };
        f64::from(u8::from(selected))
    };
    let decided = predictions.probabilities().iter().enumerate().map(decision).collect();
    Predictions::new(predictions.subjects().to_vec(), predictions.labels().to_vec(), decided)
}

#[cfg(test)]
mod tests {
    use twinloom_event::SubjectId;

    use super::*;
    use crate::evaluate::Options;
    use crate::fairness::{equal_opportunity_thresholds, fairness};

    #[test]
    fn law_rules_give_each_group_the_same_chance_where_they_were_chosen() {
        // In group b the same outcome is predicted lower, so that one threshold overlooks it.
        let rows = 4_000_usize;
        let label = |row: usize| (row / 2).is_multiple_of(3);
        let probability = |row: usize| {
            let noise = ((row * 7919) % 1000) as f64 / 2000.0;
            let lifted = if label(row) { noise + 0.45 } else { noise };
            if row.is_multiple_of(2) { lifted } else { 0.6 * lifted }
        };
        let predictions = Predictions::new(
            (0..rows as i64).map(SubjectId::new).collect(),
            (0..rows).map(label).collect(),
            (0..rows).map(probability).collect(),
        )
        .unwrap();
        let groups =
            (0..rows).map(|row| Some(if row.is_multiple_of(2) { "a".into() } else { "b".into() })).collect();
        let grouping = Grouping { name: "group".into(), groups };
        let options = Options { replicates: 0, ..Options::default() };
        let before = fairness(&predictions, &grouping, 0.5, &options);
        let rules = equal_opportunity_thresholds(&predictions, &grouping);
        let decided = decide(&predictions, &grouping, &rules, 0.5, 3).unwrap();
        let after = fairness(&decided, &grouping, 0.5, &options);
        assert!(before.equal_opportunity.value > Some(0.3), "{:?}", before.equal_opportunity);
        // Tosses of some hundred people: a standard error of at most 0.03.
        assert!(after.equal_opportunity.value < Some(0.1), "{:?}", after.equal_opportunity);
        assert_eq!(decide(&predictions, &grouping, &rules, 0.5, 3).unwrap(), decided);
    }
}
