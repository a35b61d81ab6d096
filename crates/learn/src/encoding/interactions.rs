//! When a patient met which concept, with what value.

use std::ops::Range;

use twinloom_neural::{Aggregator, SparseError, SparseMatrix};
use twinloom_views::Sequences;

use super::steps::slot;
use crate::scales::Scales;

/// Meetings that a patient's embedding attends to, the latest; Rossi et al. take 10 on graphs whose nodes meet
/// one other at a time, where a visit brings many codes.
const LATEST: usize = 32;

/// Meetings of every instance with concepts up to its prediction: by time slot, and the latest one by one.
///
/// Within a slot the latest meeting with a concept counts. Undated demographics are no meeting; the facts
/// beside hold them.
pub(crate) struct Interactions {
    slots: Timed,
    latest: Timed,
}

/// Rows of every instance, one after another.
struct Timed {
    offsets: Vec<usize>,
    concepts: SparseMatrix,
    values: SparseMatrix,
    days: Vec<f32>,
}

/// Rows of some instances.
///
/// # Shapes
/// `counts` has one number per instance, of its rows; concepts and values are `[rows, tokens]`
pub(crate) struct TimedBatch {
    pub counts: Vec<usize>,
    /// Shares that sum to 1 in each row.
    pub concepts: Aggregator,
    /// Standardised values, times the same shares.
    pub values: Aggregator,
    /// Of a slot, days since the slot before, 0 for the first; of a meeting, days before the prediction.
    pub days: Vec<f32>,
}

#[derive(Clone, Copy)]
struct Meeting {
    concept: u32,
    /// Standardised.
    value: Option<f32>,
    days_before: f32,
}

impl Interactions {
    /// Reads the sequences of all instances; values are scaled as the training instances have them.
    pub(crate) fn new(sequences: &Sequences, tokens: usize, train: &[usize]) -> Result<Self, SparseError> {
        let values = train.iter().flat_map(|&instance| {
            let tokens = sequences.tokens_of(instance).iter().copied();
            tokens.zip(sequences.values_of(instance)).filter_map(|(token, value)| Some((token, (*value)?)))
        });
        let scales = Scales::fit(tokens, values);
        let (mut slots, mut latest) = (Rows::default(), Rows::default());
        for instance in 0..sequences.len() {
            let meetings = meetings(sequences, instance, &scales);
            let mut changed = None;
            for together in meetings.chunk_by(|one, other| slot(one.days_before) == slot(other.days_before)) {
                let days = together.last().map_or(0.0, |meeting| meeting.days_before);
                slots.push(&latest_of_each(together), changed.map_or(0.0, |before: f32| before - days));
                changed = Some(days);
            }
            for meeting in &meetings[meetings.len().saturating_sub(LATEST)..] {
                latest.push(&[*meeting], meeting.days_before);
            }
            slots.end_instance();
            latest.end_instance();
        }
        Ok(Self { slots: slots.into_timed(tokens)?, latest: latest.into_timed(tokens)? })
    }

    /// Number of concepts that there are.
    pub(crate) fn tokens(&self) -> usize {
        self.slots.concepts.columns()
    }

    /// The slots of these instances, oldest first.
    pub(crate) fn slots(&self, instances: &[usize]) -> TimedBatch {
        self.slots.batch(instances)
    }

    /// The latest meetings of these instances, oldest first.
    pub(crate) fn latest(&self, instances: &[usize]) -> TimedBatch {
        self.latest.batch(instances)
    }
}

/// The dated meetings of an instance up to its prediction, oldest first.
fn meetings(sequences: &Sequences, instance: usize, scales: &Scales) -> Vec<Meeting> {
    let (tokens, days) = (sequences.tokens_of(instance), sequences.days_before_of(instance));
    let (visits, values) = (sequences.visits_of(instance), sequences.values_of(instance));
    let meeting = |place: usize| {
        let concept = tokens[place];
        let value = values.get(place).copied().flatten();
        let value = value.and_then(|value| scales.standardised(concept, value));
        (visits[place] > 0 && days[place] >= 0.0).then(|| Meeting {
            concept,
            value,
            days_before: days[place],
        })
    };
    (0..tokens.len()).filter_map(meeting).collect()
}

/// The latest meeting with each concept, in order of concept.
fn latest_of_each(meetings: &[Meeting]) -> Vec<Meeting> {
    let mut latest: Vec<Meeting> = meetings.iter().rev().copied().collect();
    // A stable sort leaves the latest first among those with one concept.
    latest.sort_by_key(|meeting| meeting.concept);
    latest.dedup_by_key(|meeting| meeting.concept);
    latest
}

impl Timed {
    fn batch(&self, instances: &[usize]) -> TimedBatch {
        let range = |instance: usize| -> Range<usize> { self.offsets[instance]..self.offsets[instance + 1] };
        let rows: Vec<usize> = instances.iter().flat_map(|&instance| range(instance)).collect();
        TimedBatch {
            counts: instances.iter().map(|&instance| range(instance).len()).collect(),
            concepts: Aggregator::new(self.concepts.select_rows(&rows)),
            values: Aggregator::new(self.values.select_rows(&rows)),
            days: rows.iter().map(|&row| self.days[row]).collect(),
        }
    }
}

/// Rows on the way.
#[derive(Default)]
struct Rows {
    ends: Vec<usize>,
    concepts: Vec<Vec<(u32, f32)>>,
    values: Vec<Vec<(u32, f32)>>,
    days: Vec<f32>,
}

impl Rows {
    fn push(&mut self, meetings: &[Meeting], days: f32) {
        let share = 1.0 / meetings.len().max(1) as f32;
        self.concepts.push(meetings.iter().map(|meeting| (meeting.concept, share)).collect());
        let valued = |meeting: &Meeting| Some((meeting.concept, share * meeting.value?));
        self.values.push(meetings.iter().filter_map(valued).collect());
        self.days.push(days);
    }

    fn end_instance(&mut self) {
        self.ends.push(self.days.len());
    }

    fn into_timed(self, tokens: usize) -> Result<Timed, SparseError> {
        Ok(Timed {
            offsets: std::iter::once(0).chain(self.ends).collect(),
            concepts: SparseMatrix::from_rows(tokens, self.concepts)?,
            values: SparseMatrix::from_rows(tokens, self.values)?,
            days: self.days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_a_slot_is_the_mean_of_its_latest_meetings() {
        // Demographic 2; 30 and 29.9 days before 3 with 1.0 then 5.0, and 4 between; an hour before 5. Another
        // instance, on which nothing is fitted, has nothing.
        let sequences = Sequences {
            offsets: vec![0, 5, 5],
            tokens: vec![2, 3, 4, 3, 5],
            days_before: vec![0.0, 30.0, 29.95, 29.9, 1.0 / 24.0],
            visits: vec![0, 1, 1, 1, 1],
            values: vec![None, Some(1.0), None, Some(5.0), None],
        };
        let interactions = Interactions::new(&sequences, 6, &[0]).unwrap();
        let slots = interactions.slots(&[1, 0]);
        assert_eq!(slots.counts, [0, 2]);
        assert_eq!(slots.concepts.adjacency().row(0), (&[3, 4][..], &[0.5, 0.5][..]));
        // Mean 3, standard deviation 2: the latest, 5, is 1 above; half of the row's share.
        assert_eq!(slots.values.adjacency().row(0), (&[3][..], &[0.5][..]));
        assert!(slots.days[0].abs() < 1e-6 && (slots.days[1] - (29.9 - 1.0 / 24.0)).abs() < 1e-4);
        let latest = interactions.latest(&[0]);
        assert_eq!((latest.counts[0], latest.days[0]), (4, 30.0));
        assert_eq!(latest.values.adjacency().row(0), (&[3][..], &[-1.0][..]));
    }

    #[test]
    fn law_the_latest_meetings_are_few_and_the_newest() {
        let many = 3 * LATEST;
        let sequences = Sequences {
            offsets: vec![0, many],
            tokens: vec![2; many],
            days_before: (0..many).rev().map(|day| day as f32).collect(),
            visits: vec![1; many],
            ..Sequences::default()
        };
        let latest = Interactions::new(&sequences, 3, &[0]).unwrap().latest(&[0]);
        assert_eq!(latest.days, (0..LATEST).rev().map(|day| day as f32).collect::<Vec<_>>());
    }
}
