//! The record as a sequence of steps in time.

use std::ops::Range;

use twinloom_neural::layer::Runs;
use twinloom_neural::{Aggregator, SparseError, SparseMatrix};
use twinloom_views::Sequences;

/// Slots that one doubling of the time before the prediction is cut into.
const SLOTS_PER_DOUBLING: f32 = 4.0;

/// What is told of a step besides its codes.
pub(crate) const STEP_FACTS: usize = 3;

/// The slot of a moment: an hour before the prediction is in the fourth, a year in the 52nd.
///
/// Recent times are told apart finely and distant ones coarsely, so that a day in intensive care and a life
/// in general practice both make a few dozen steps.
pub(crate) fn slot(days_before: f32) -> u32 {
    (SLOTS_PER_DOUBLING * (1.0 + 24.0 * days_before.max(0.0)).log2()) as u32
}

/// The slot of the longest life, and a little more: 150 years.
pub(crate) const SLOTS: usize = 84;

/// Steps of every instance, oldest first: the codes of one time slot, and when it was.
///
/// Undated demographics are no step; the facts beside hold them.
///
/// # Shapes
/// codes `[steps, tokens]`, each row summing to 1; facts `[steps, 3]`: how long before the prediction, how
/// long after the step before, how much it holds, on a scale of about 0 to 1
pub(crate) struct Steps {
    offsets: Vec<usize>,
    codes: SparseMatrix,
    facts: SparseMatrix,
}

impl Steps {
    pub(crate) fn new(sequences: &Sequences, tokens: usize) -> Result<Self, SparseError> {
        let (mut offsets, mut codes, mut facts) = (vec![0], Vec::new(), Vec::new());
        for instance in 0..sequences.len() {
            let mut last_days = None;
            let timed: Vec<(u32, f32)> = timed(sequences, instance).collect();
            for step in timed.chunk_by(|one, other| slot(one.1) == slot(other.1)) {
                let days = step.iter().map(|(_, days)| *days).fold(f32::INFINITY, f32::min);
                let gap = last_days.map_or(0.0, |last: f32| (last - days).max(0.0));
                last_days = Some(days);
                let scale =
                    [days.max(0.0).ln_1p() / 8.0, gap.ln_1p() / 8.0, (step.len() as f32).ln_1p() / 4.0];
                facts.push((0..).zip(scale).collect());
                codes.push(counts(step));
            }
            offsets.push(codes.len());
        }
        let codes = SparseMatrix::from_rows(tokens, codes)?.into_row_means();
        Ok(Self { offsets, codes, facts: SparseMatrix::from_rows(STEP_FACTS, facts)? })
    }

    fn range(&self, instance: usize) -> Range<usize> {
        self.offsets[instance]..self.offsets[instance + 1]
    }

    pub(crate) fn tokens(&self) -> usize {
        self.codes.columns()
    }

    /// The steps of these instances, one instance's after the other's.
    pub(crate) fn batch(&self, instances: &[usize]) -> StepsBatch {
        let rows: Vec<usize> = instances.iter().flat_map(|&instance| self.range(instance)).collect();
        let runs = Runs::of_lengths(instances.iter().map(|&instance| self.range(instance).len()));
        let of = |matrix: &SparseMatrix| Aggregator::new(matrix.select_rows(&rows));
        StepsBatch { runs, codes: of(&self.codes), facts: of(&self.facts) }
    }
}

/// Dated tokens with the days before the prediction, oldest first.
pub(crate) fn timed(
    sequences: &Sequences,
    instance: usize,
) -> impl DoubleEndedIterator<Item = (u32, f32)> + Clone {
    let (tokens, days) = (sequences.tokens_of(instance), sequences.days_before_of(instance));
    let dated = sequences.visits_of(instance).iter().map(|visit| *visit > 0);
    tokens.iter().zip(days).zip(dated).filter(|(_, dated)| *dated).map(|((token, days), _)| (*token, *days))
}

/// ln(1 + n) of each token.
fn counts(step: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let mut tokens: Vec<u32> = step.iter().map(|(token, _)| *token).collect();
    tokens.sort_unstable();
    tokens.chunk_by(|one, other| one == other).map(|run| (run[0], (run.len() as f32).ln_1p())).collect()
}

/// Steps of some instances.
pub(crate) struct StepsBatch {
    pub runs: Runs,
    pub codes: Aggregator,
    pub facts: Aggregator,
}

impl StepsBatch {
    /// Takes each instance's last step; nothing of an instance without any.
    pub(crate) fn last(&self) -> Aggregator {
        let row = |run| self.runs.range(run).next_back().map(|last| (last as u32, 1.0)).into_iter().collect();
        Aggregator::new(self.rows(row))
    }

    /// From each instance to all its steps.
    pub(crate) fn all(&self) -> SparseMatrix {
        self.rows(|run| self.runs.range(run).map(|step| (step as u32, 1.0)).collect())
    }

    fn rows(&self, row: impl Fn(usize) -> Vec<(u32, f32)>) -> SparseMatrix {
        SparseMatrix::from_rows(self.runs.rows(), (0..self.runs.len()).map(row)).expect("steps of the batch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_slots_rise_with_time_and_are_few() {
        let days: Vec<f32> = (0..2000).map(|i| i as f32 * i as f32 * 0.0137).collect();
        let slots: Vec<u32> = days.iter().map(|days| slot(*days)).collect();
        assert!(slots.is_sorted() && (slot(150.0 * 365.25) as usize) < SLOTS, "{}", slot(150.0 * 365.25));
        assert_eq!([slot(0.0), slot(1.0 / 24.0), slot(365.0)], [0, 4, 52]);
    }

    #[test]
    fn ref_steps_hold_the_codes_of_one_slot() {
        // Demographic 2, then 3 and 3 a day before, 4 an hour before; another instance with nothing.
        let sequences = Sequences {
            offsets: vec![0, 4, 4],
            tokens: vec![2, 3, 3, 4],
            days_before: vec![0.0, 1.0, 1.0, 1.0 / 24.0],
            visits: vec![0, 1, 1, 1],
            ..Sequences::default()
        };
        let steps = Steps::new(&sequences, 5).unwrap();
        let batch = steps.batch(&[1, 0]);
        assert_eq!((batch.runs.range(0), batch.runs.range(1)), (0..0, 0..2));
        assert_eq!(batch.codes.adjacency().row(0), (&[3][..], &[1.0][..]));
        assert_eq!(batch.codes.adjacency().row(1), (&[4][..], &[1.0][..]));
        let facts = batch.facts.adjacency().row(1).1;
        assert!((facts[1] - (23.0_f32 / 24.0).ln_1p() / 8.0).abs() < 1e-6, "{facts:?}");
        assert_eq!(batch.last().adjacency().row(1).0, [1]);
        assert!(batch.last().adjacency().row(0).0.is_empty());
    }
}
