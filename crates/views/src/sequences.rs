//! Code sequences with time gaps, for embedding and sequence models.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::Visible;
use crate::tokens::{for_each_token, is_affiliation, support};

/// How sequences are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceOptions {
    /// Least number of training subjects with a token (default 5); rarer ones become [`Sequences::UNKNOWN`].
    pub minimum_support: u32,
    /// Greatest number of tokens kept of one instance, the latest ones (default 512).
    pub maximum_length: usize,
}

impl Default for SequenceOptions {
    fn default() -> Self {
        Self { minimum_support: 5, maximum_length: 512 }
    }
}

/// A vocabulary fitted on training views.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceMap {
    options: SequenceOptions,
    vocabulary: Vec<Arc<str>>,
}

impl SequenceMap {
    /// Fits the vocabulary, in order of text, on training views only.
    pub fn fit(training: &[Visible<'_>], options: SequenceOptions) -> Self {
        let counts = support(training, |view, take| {
            let mut joined = String::new();
            for event in view.demographics().chain(view.events()) {
                for_each_token(&event, &mut joined, &mut *take);
            }
        });
        let known = counts
            .into_iter()
            .filter(|(_, count)| *count >= options.minimum_support)
            .map(|(word, _)| Arc::from(word));
        let vocabulary = [Arc::from("<padding>"), Arc::from("<unknown>")].into_iter().chain(known).collect();
        Self { options, vocabulary }
    }

    /// Token texts by token id.
    pub fn vocabulary(&self) -> &[Arc<str>] {
        &self.vocabulary
    }

    /// Writes views as sequences: demographics first, then timed facts in order of time.
    pub fn transform(&self, views: &[Visible<'_>]) -> Sequences {
        let ids: FxHashMap<&str, u32> =
            self.vocabulary.iter().enumerate().map(|(id, word)| (&**word, id as u32)).collect();
        let rows: Vec<Row> = views.par_iter().map(|view| self.row(view, &ids)).collect();
        let mut sequences = Sequences { offsets: vec![0], ..Sequences::default() };
        for row in rows {
            sequences.tokens.extend(row.tokens);
            sequences.days_before.extend(row.days_before);
            sequences.visits.extend(row.visits);
            sequences.values.extend(row.values);
            sequences.offsets.push(sequences.tokens.len());
        }
        sequences
    }

    fn row(&self, view: &Visible<'_>, ids: &FxHashMap<&str, u32>) -> Row {
        let mut row = Row::default();
        let mut joined = String::new();
        let mut visit = 0;
        let mut previous: Option<(Option<&str>, i64)> = None;
        for event in view.demographics().chain(view.events()).filter(|event| !is_affiliation(event)) {
            let encounter = event.encounter_id().map(twinloom_event::EncounterId::as_str);
            if let Some(time) = event.time() {
                let day = time.micros().div_euclid(twinloom_event::MICROSECONDS_PER_DAY);
                let same = previous.is_some_and(|(last, last_day)| {
                    if encounter.is_some() || last.is_some() { last == encounter } else { last_day == day }
                });
                visit += u32::from(!same);
                previous = Some((encounter, day));
            }
            let days_before = event.days_before().unwrap_or(0.0) as f32;
            let value = event.numeric_value().map(|value| value as f32).filter(|value| value.is_finite());
            for_each_token(&event, &mut joined, |word| {
                let joined = word.len() > event.code().as_str().len();
                let id = match ids.get(word) {
                    Some(&id) => id,
                    // The code alone already stands for a category too rare to name.
                    None if joined => return,
                    None => Sequences::UNKNOWN,
                };
                row.tokens.push(id);
                row.days_before.push(days_before);
                row.visits.push(visit);
                row.values.push(value.filter(|_| !joined));
            });
        }
        row.keep_latest(self.options.maximum_length);
        row
    }
}

/// Sequences of many instances, one after another.
///
/// # Shapes
/// `offsets` has one more entry than there are instances; instance i owns
/// `offsets[i]..offsets[i + 1]` of the other columns, which are equally long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sequences {
    /// Where each instance begins and ends.
    pub offsets: Vec<usize>,
    /// Token ids into [`SequenceMap::vocabulary`].
    pub tokens: Vec<u32>,
    /// Days from the fact to the prediction time; 0 for demographics.
    pub days_before: Vec<f32>,
    /// Visit number of the fact within its instance: 0 for demographics, 1 for the first visit. Facts
    /// of one encounter, or of one day where no encounter is stated, share a visit.
    pub visits: Vec<u32>,
    /// Number that was stated with the fact, in the unit that it was stated in; none where a category was.
    pub values: Vec<Option<f32>>,
}

impl Sequences {
    /// Token id of padding; never in `tokens`.
    pub const PADDING: u32 = 0;
    /// Token id of codes too rare to name.
    pub const UNKNOWN: u32 = 1;

    /// Number of instances.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no instances.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Token ids of one instance, oldest first; empty past the end.
    pub fn tokens_of(&self, instance: usize) -> &[u32] {
        self.slice(&self.tokens, instance)
    }

    /// Days before the prediction of one instance's tokens.
    pub fn days_before_of(&self, instance: usize) -> &[f32] {
        self.slice(&self.days_before, instance)
    }

    /// Visit numbers of one instance's tokens.
    pub fn visits_of(&self, instance: usize) -> &[u32] {
        self.slice(&self.visits, instance)
    }

    /// Numbers stated with one instance's tokens.
    pub fn values_of(&self, instance: usize) -> &[Option<f32>] {
        self.slice(&self.values, instance)
    }

    /// Days from the token before (0 for the first) of one instance's tokens.
    pub fn gap_days_of(&self, instance: usize) -> Vec<f32> {
        let days = self.days_before_of(instance);
        let visits = self.visits_of(instance);
        let timed = |index: usize| visits[index] > 0;
        (0..days.len())
            .map(|index| {
                if index > 0 && timed(index) && timed(index - 1) {
                    days[index - 1] - days[index]
                } else {
                    0.0
                }
            })
            .collect()
    }

    fn slice<'a, T>(&self, column: &'a [T], instance: usize) -> &'a [T] {
        match (self.offsets.get(instance), self.offsets.get(instance + 1)) {
            (Some(&start), Some(&end)) => column.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}

#[derive(Default)]
struct Row {
    tokens: Vec<u32>,
    days_before: Vec<f32>,
    visits: Vec<u32>,
    values: Vec<Option<f32>>,
}

impl Row {
    /// Demographics stay; of the timed facts the latest that fit do.
    fn keep_latest(&mut self, maximum_length: usize) {
        let excess = self.tokens.len().saturating_sub(maximum_length);
        let demographics = self.visits.partition_point(|&visit| visit == 0).min(maximum_length);
        let dropped = demographics..(demographics + excess).min(self.tokens.len());
        self.tokens.drain(dropped.clone());
        self.days_before.drain(dropped.clone());
        self.visits.drain(dropped.clone());
        self.values.drain(dropped);
    }
}
