//! The task graph with its concept edges exchanged at random, as a null for "does the graph help?".
//!
//! # Source
//! Maslov and Sneppen, Science 296:910 (2002): random exchanges of edge ends keep every degree.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Csr, TaskGraph};

/// Attempted exchanges per edge. Milo et al. (arXiv cond-mat/0312028) find the chain mixed at 100 and
/// well mixed near 10 for sparse graphs; a null for model comparison needs no more.
const EXCHANGES_PER_EDGE: usize = 10;

impl TaskGraph {
    /// The graph with the ends of its concept edges exchanged: every encounter and instance keeps
    /// its number of concepts, every concept its number of encounters, no edge is doubled.
    ///
    /// Counts and times stay with the encounter, the measured value goes with its concept.
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut shuffled = self.clone();
        shuffled.encounter_to_concept =
            exchange(&self.encounter_to_concept, &mut shuffled.encounter_features.value, &mut rng);
        shuffled.instance_to_concept =
            exchange(&self.instance_to_concept, &mut shuffled.instance_features.value, &mut rng);
        shuffled
    }
}

fn exchange(edges: &Csr, values: &mut [f32], rng: &mut ChaCha8Rng) -> Csr {
    let mut targets = edges.targets().to_vec();
    let count = targets.len();
    if count < 2 {
        return edges.clone();
    }
    let sources = edges.sources();
    for _ in 0..EXCHANGES_PER_EDGE * count {
        let (one, other) = (rng.random_range(0..count), rng.random_range(0..count));
        let (row_one, row_other) = (edges.range(sources[one] as usize), edges.range(sources[other] as usize));
        let clash = targets[row_one].contains(&targets[other]) || targets[row_other].contains(&targets[one]);
        if !clash {
            targets.swap(one, other);
            values.swap(one, other);
        }
    }
    edges.with_targets(targets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twinloom_event::Code;

    use super::super::EdgeFeatures;
    use super::*;

    fn graph(rows: &[Vec<u32>]) -> TaskGraph {
        let mut offsets = vec![0];
        let mut targets = Vec::new();
        for row in rows {
            targets.extend(row);
            offsets.push(targets.len() as u32);
        }
        let features = EdgeFeatures {
            log_count: vec![1.0; targets.len()],
            days_before: vec![0.0; targets.len()],
            value: targets.iter().map(|target| *target as f32).collect(),
        };
        TaskGraph {
            instance_to_encounter: Csr::new(
                vec![0, rows.len() as u32],
                (0..rows.len() as u32).collect(),
                rows.len(),
            )
            .unwrap(),
            encounter_to_concept: Csr::new(offsets, targets, 12).unwrap(),
            instance_to_concept: Csr::new(vec![0, 0], vec![], 12).unwrap(),
            concepts: (0..12).map(|code| Code::parse(format!("C{code:02}")).unwrap()).collect(),
            encounter_days_before: vec![0.0; rows.len()],
            encounter_features: features,
            instance_features: EdgeFeatures::default(),
            out_of_vocabulary: 0,
        }
    }

    fn column_degrees(edges: &Csr) -> Vec<u32> {
        edges.transposed().0.offsets().windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn regress_shuffling_moves_most_edges() {
        let rows: Vec<Vec<u32>> =
            (0..60).map(|row| (0..4).map(|step| (row + step * 3) % 12).collect()).collect();
        let original = graph(&rows);
        let shuffled = original.shuffled(7);
        let kept = (0..60)
            .flat_map(|row| rows[row].iter().map(move |target| (row, target)))
            .filter(|(row, target)| shuffled.encounter_to_concept().row(*row).contains(target))
            .count();
        // By chance 4 of 12 concepts in each row: 80 of 240 edges; seed 7, five standard deviations.
        assert!(kept < 120, "{kept} of 240 edges stayed");
        assert_ne!(shuffled, original.shuffled(8));
    }

    proptest! {
        #[test]
        fn law_shuffling_preserves_degrees(
            rows in prop::collection::vec(prop::collection::btree_set(0_u32..12, 0..7), 1..30),
            seed in any::<u64>()
        ) {
            let rows: Vec<Vec<u32>> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
            let original = graph(&rows);
            let shuffled = original.shuffled(seed);
            let (before, after) = (original.encounter_to_concept(), shuffled.encounter_to_concept());
            prop_assert_eq!(before.offsets(), after.offsets());
            prop_assert_eq!(column_degrees(before), column_degrees(after));
            for row in 0..after.rows() {
                let mut targets = after.row(row).to_vec();
                targets.sort_unstable();
                targets.dedup();
                prop_assert_eq!(targets.len(), after.row(row).len());
            }
            for (target, value) in after.targets().iter().zip(&shuffled.encounter_features().value) {
                prop_assert_eq!(*target, *value as u32);
            }
            prop_assert_eq!(&shuffled, &original.shuffled(seed));
        }
    }
}
