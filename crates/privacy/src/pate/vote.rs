//! Teachers' votes on public questions, entered in the ledger before they are counted.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{Aggregation, PateError, number};
use crate::ledger::{Access, Ledger};
use crate::mechanism::MechanismError;
use crate::noise::NoiseSource;

const MOST_TEACHERS: usize = 1 << 24;
const MOST_CLASSES: usize = 1 << 16;

/// The teacher that each subject's data go to. It depends on the subject's key and the seed alone, so that one subject more
/// or less moves no other.
///
/// # Errors
/// [`PateError::Parameter`] for no teacher or more than 2^24.
pub fn partition(subjects: &[u64], teachers: usize, seed: u64) -> Result<Vec<usize>, PateError> {
    let teachers = number("teachers", teachers, MOST_TEACHERS, "from 1 to 16,777,216")?;
    let keyed = ChaCha20Rng::seed_from_u64(seed);
    Ok(subjects
        .iter()
        .map(|&subject| {
            let mut stream = keyed.clone();
            stream.set_stream(subject);
            // The high word of a product: a share of 2^64 each, to one part in 2^40.
            ((u128::from(stream.next_u64()) * teachers as u128) >> 64) as usize
        })
        .collect())
}

/// Labels of public questions by a vote of teachers; none where teachers disagree, or once `answers` are given.
///
/// Each teacher must have been trained on data of its own subjects only: [`partition`]. Entered is what all questions and
/// `answers` answers cost, before any vote is counted. A vote for no class is an abstention.
///
/// # Errors
/// [`PateError`] for no teacher, no question or more classes than 2^16, or when the claim would no longer hold; nothing is
/// spent then.
pub fn label<X, T: Fn(&X) -> usize>(
    teachers: &[T],
    questions: &[X],
    classes: usize,
    aggregation: &Aggregation,
    answers: usize,
    ledger: &mut Ledger,
    noise: &mut NoiseSource,
) -> Result<Vec<Option<usize>>, PateError> {
    number("teachers", teachers.len(), MOST_TEACHERS, "from 1 to 16,777,216")?;
    number("classes", classes, MOST_CLASSES, "from 1 to 65,536")?;
    number("questions", questions.len(), usize::MAX, "at least 1")?;
    number("answers", answers, usize::MAX, "at least 1")?;
    let rho = aggregation.rho(questions.len(), answers)?;
    let note = format!(
        "votes of {} teachers on {} public questions, at most {} answered",
        teachers.len(),
        questions.len(),
        answers.min(questions.len())
    );
    ledger.spend_zcdp(Access::Training, rho, note)?;
    ledger.draws_from(noise);
    let mut left = answers;
    let answered = questions.iter().map(|question| {
        // How many have been answered was told through noise, so stopping there tells no more.
        if left == 0 {
            return Ok(None);
        }
        let mut votes = vec![0_u32; classes];
        for teacher in teachers {
            if let Some(count) = votes.get_mut(teacher(question)) {
                *count += 1;
            }
        }
        let label = aggregation.one(&votes, noise)?;
        left -= usize::from(label.is_some());
        Ok(label)
    });
    Ok(answered.collect::<Result<_, MechanismError>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Delta, Epsilon};
    use crate::ledger::{Adjacency, Claim, PrivacyUnit};

    fn ledger(epsilon: f64) -> Ledger {
        Ledger::new(Claim {
            epsilon: Epsilon::new(epsilon).unwrap(),
            delta: Delta::new(1e-5).unwrap(),
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        })
    }

    #[test]
    fn law_a_subject_more_moves_no_other_and_teachers_get_even_shares() {
        let subjects: Vec<u64> = (0..20_000).collect();
        let all = partition(&subjects, 50, 3).unwrap();
        let fewer = partition(&subjects[1..], 50, 3).unwrap();
        assert_eq!(all[1..], fewer);
        let mut counts = [0_i32; 50];
        for teacher in all {
            counts[teacher] += 1;
        }
        // 400 each, standard deviation 20: beyond six of them among 50 with chance 1e-7.
        assert!(counts.iter().all(|count| (280..=520).contains(count)), "{counts:?}");
        assert!(partition(&subjects, 0, 3).is_err());
    }

    #[test]
    fn law_the_ledger_is_asked_first_and_answers_end() {
        let teachers: Vec<_> = (0..300).map(|at| move |limit: &usize| usize::from(at < *limit) * 9).collect();
        let aggregation = Aggregation::new(30.0).unwrap().confident(250.0, 30.0).unwrap();
        let (mut noise, mut ledger) = (NoiseSource::from_seed(94), ledger(3.0));
        // All, half and none vote for class 9; the half never reach the threshold.
        let questions = [300, 150, 0, 300, 300];
        let labels = label(&teachers, &questions, 10, &aggregation, 3, &mut ledger, &mut noise).unwrap();
        assert_eq!(labels, [Some(9), None, Some(0), Some(9), None]);
        assert_eq!(ledger.entries().len(), 1);
        let refused =
            label(&teachers, &questions, 10, &Aggregation::new(0.1).unwrap(), 3, &mut ledger, &mut noise);
        assert!(matches!(refused, Err(PateError::Ledger(_))), "{refused:?}");
        assert_eq!(ledger.entries().len(), 1);
        // Votes for no class are abstentions.
        let only = label(&teachers, &[300], 5, &aggregation, 1, &mut ledger, &mut noise).unwrap();
        assert_eq!(only, [None]);
    }

    #[test]
    fn law_bad_input_spends_nothing() {
        let none: [fn(&u8) -> usize; 0] = [];
        let one: [fn(&u8) -> usize; 1] = [|_| 0];
        let (aggregation, mut noise) = (Aggregation::new(30.0).unwrap(), NoiseSource::from_seed(95));
        let mut ledger = ledger(1.0);
        assert!(label(&none, &[1], 2, &aggregation, 1, &mut ledger, &mut noise).is_err());
        assert!(label(&one, &[], 2, &aggregation, 1, &mut ledger, &mut noise).is_err());
        assert!(label(&one, &[1], 0, &aggregation, 1, &mut ledger, &mut noise).is_err());
        assert!(label(&one, &[1], 2, &aggregation, 0, &mut ledger, &mut noise).is_err());
        assert!(ledger.entries().is_empty());
    }
}
