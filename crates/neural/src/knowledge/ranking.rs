//! Where the true entity comes among all that could stand at an end of a triple.

use std::cmp::Ordering;

use super::triple::End;
use super::{KnowledgeEmbedding, KnowledgeGraph, Triple};
use crate::Pass;
use crate::trainer::numbers;

/// How well true triples rank among those with another head or another tail.
///
/// # Source
/// Bordes et al. (NeurIPS 2013), section 4.1: both ends are asked for, and other triples that are known to
/// hold are left out ("filtered"). Ties have their mean rank, as Sun et al., A Re-evaluation of Knowledge
/// Graph Completion Methods (ACL 2020), find fair: a model that scores everything alike gains nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankingQuality {
    /// Mean of 1 / rank.
    pub mean_reciprocal_rank: f64,
    /// Share of ranks of at most 1; a tie for the first place is not one.
    pub hits_at_1: f64,
    /// Share of ranks of at most 3.
    pub hits_at_3: f64,
    /// Share of ranks of at most 10.
    pub hits_at_10: f64,
    /// Mean rank.
    pub mean_rank: f64,
    /// Ranks: two for each triple.
    pub queries: usize,
}

/// The rank of one candidate among those that are not left out: 1, plus those that score more, plus half of
/// the others that score the same.
///
/// # Panics
/// When there is no such candidate.
pub fn filtered_rank(scores: &[f32], candidate: usize, left_out: impl Fn(usize) -> bool) -> f64 {
    let own = scores[candidate];
    let (mut more, mut same) = (0_usize, 0_usize);
    for (other, score) in scores.iter().enumerate() {
        if other == candidate || left_out(other) {
            continue;
        }
        match score.partial_cmp(&own) {
            Some(Ordering::Less) => {}
            Some(Ordering::Equal) => same += 1,
            // What can't be compared never helps.
            Some(Ordering::Greater) | None => more += 1,
        }
    }
    1.0 + more as f64 + same as f64 / 2.0
}

impl RankingQuality {
    /// Of ranks; nothing where there are none.
    pub fn of_ranks(ranks: &[f64]) -> Option<Self> {
        let mean = |value: &dyn Fn(f64) -> f64| {
            ranks.iter().map(|rank| value(*rank)).sum::<f64>() / ranks.len() as f64
        };
        let hits = |most: f64| mean(&|rank| f64::from(u8::from(rank <= most)));
        (!ranks.is_empty()).then(|| Self {
            mean_reciprocal_rank: mean(&|rank| 1.0 / rank),
            hits_at_1: hits(1.0),
            hits_at_3: hits(3.0),
            hits_at_10: hits(10.0),
            mean_rank: mean(&|rank| rank),
            queries: ranks.len(),
        })
    }

    /// Of the asked triples, leaving out what `known` holds; nothing where none is asked.
    pub fn of(
        embedding: &KnowledgeEmbedding,
        pass: &Pass,
        asked: &[Triple],
        known: &KnowledgeGraph,
    ) -> Option<Self> {
        let entities = embedding.entity_count() as u32;
        let mut ranks = Vec::with_capacity(2 * asked.len());
        for triple in asked {
            for (end, own) in [(End::Head, triple.head), (End::Tail, triple.tail)] {
                let candidates: Vec<Triple> = (0..entities).map(|entity| triple.with(end, entity)).collect();
                let scores = numbers(embedding.scores(pass, &candidates));
                ranks.push(filtered_rank(&scores, own as usize, |other| known.holds(candidates[other])));
            }
        }
        Self::of_ranks(&ranks)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "ranks are multiples of a half, and the scores small whole numbers")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_ranks_counted_by_hand() {
        // Scores of six candidates; candidate 1 is asked for. 5 scores more; 2 ties; 3 scores more but is
        // known to hold and left out: rank 1 + 1 + 1/2.
        let scores = [0.1, 0.7, 0.7, 0.9, 0.3, 0.8];
        assert_eq!(filtered_rank(&scores, 1, |other| other == 3), 2.5);
        assert_eq!(filtered_rank(&scores, 1, |_| false), 3.5);
        assert_eq!(filtered_rank(&[0.5; 5], 2, |_| false), 3.0);
        let quality = RankingQuality::of_ranks(&[1.0, 2.5, 4.0, 20.0]).unwrap();
        assert!((quality.mean_reciprocal_rank - (1.0 + 0.4 + 0.25 + 0.05) / 4.0).abs() < 1e-12);
        assert_eq!([quality.hits_at_1, quality.hits_at_3, quality.hits_at_10], [0.25, 0.5, 0.75]);
        assert_eq!(RankingQuality::of_ranks(&[]), None);
    }

    proptest! {
        #[test]
        fn ref_ranks_are_mean_places_in_the_sorted_table(
            scores in prop::collection::vec(0_u8..6, 1..30), left_out in prop::collection::vec(any::<bool>(), 30)
        ) {
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            for asked in 0..scores.len() {
                let mut table: Vec<usize> =
                    (0..scores.len()).filter(|other| *other == asked || !left_out[*other]).collect();
                table.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
                let places: Vec<f64> = table
                    .iter()
                    .enumerate()
                    .filter(|(_, other)| scores[**other] == scores[asked])
                    .map(|(place, _)| place as f64 + 1.0)
                    .collect();
                let expected = places.iter().sum::<f64>() / places.len() as f64;
                prop_assert_eq!(filtered_rank(&scores, asked, |other| left_out[other]), expected);
            }
        }
    }
}
