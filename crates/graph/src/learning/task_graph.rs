//! Prediction instances with the encounters and concepts known to each.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use twinloom_event::{Code, Cohort, Event, SubjectId, Timestamp};

use super::vocabulary::{concept, known_events};
use super::{Csr, CsrError, Vocabulary};

/// One prediction: who, and the last moment whose data may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instance {
    /// Whose outcome is to be predicted.
    pub subject_id: SubjectId,
    /// The last usable moment, inclusive.
    pub as_of: Timestamp,
}

/// What is known of each edge to a concept, one entry per edge.
///
/// # Units
/// Days; values in the source's unit, not standardised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EdgeFeatures {
    /// ln(1 + number of events).
    pub log_count: Vec<f32>,
    /// Days from the last event to the instance's time; 0 for static facts.
    pub days_before: Vec<f32>,
    /// The last number measured; NaN when none was.
    pub value: Vec<f32>,
}

impl EdgeFeatures {
    fn push(&mut self, edge: &ConceptEdge) {
        self.log_count.push((edge.count as f32).ln_1p());
        self.days_before.push(edge.days_before);
        self.value.push(edge.value);
    }

    fn extend(&mut self, other: &Self) {
        self.log_count.extend_from_slice(&other.log_count);
        self.days_before.extend_from_slice(&other.days_before);
        self.value.extend_from_slice(&other.value);
    }
}

/// Instances, the encounters each had by its time, and the concepts met in and outside them.
///
/// An encounter belongs to one instance: a subject predicted twice has its encounters twice, each
/// holding only what was known then, so no message can carry a later fact to an earlier instance.
///
/// # Shapes
/// `instance_to_encounter` is instances x encounters, `encounter_to_concept` encounters x concepts,
/// `instance_to_concept` (events without encounter) instances x concepts. Edges of a row are in
/// column order, without repeats.
///
/// # Limits
/// Events whose concept is not in the vocabulary are left out and counted.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskGraph {
    pub(super) instance_to_encounter: Csr,
    pub(super) encounter_to_concept: Csr,
    pub(super) instance_to_concept: Csr,
    pub(super) concepts: Vec<Code>,
    pub(super) encounter_days_before: Vec<f32>,
    pub(super) encounter_features: EdgeFeatures,
    pub(super) instance_features: EdgeFeatures,
    pub(super) out_of_vocabulary: usize,
}

impl TaskGraph {
    /// Gathers what the record could tell of each instance at its time.
    ///
    /// # Errors
    /// [`CsrError::TooLarge`] beyond 4,294,967,295 encounters or edges.
    pub fn build(cohort: &Cohort, instances: &[Instance], vocabulary: &Vocabulary) -> Result<Self, CsrError> {
        let parts: Vec<Part> =
            instances.par_iter().map(|instance| Part::of(cohort, *instance, vocabulary)).collect();
        let mut to_encounter = Rows::default();
        let mut in_encounter = Rows::default();
        let mut outside = Rows::default();
        let mut graph = Self {
            instance_to_encounter: Csr::default(),
            encounter_to_concept: Csr::default(),
            instance_to_concept: Csr::default(),
            concepts: vocabulary.concepts().to_vec(),
            encounter_days_before: Vec::new(),
            encounter_features: EdgeFeatures::default(),
            instance_features: EdgeFeatures::default(),
            out_of_vocabulary: 0,
        };
        for part in parts {
            let first = graph.encounter_days_before.len() as u32;
            to_encounter.push(first..first + part.encounter_days_before.len() as u32)?;
            graph.encounter_days_before.extend(part.encounter_days_before);
            for row in part.encounter_concepts {
                in_encounter.push(row)?;
            }
            outside.push(part.instance_concepts)?;
            graph.encounter_features.extend(&part.encounter_features);
            graph.instance_features.extend(&part.instance_features);
            graph.out_of_vocabulary += part.out_of_vocabulary;
        }
        graph.instance_to_encounter = to_encounter.finish(graph.encounter_days_before.len())?;
        graph.encounter_to_concept = in_encounter.finish(graph.concepts.len())?;
        graph.instance_to_concept = outside.finish(graph.concepts.len())?;
        Ok(graph)
    }

    /// Each instance's encounters, earliest first.
    pub fn instance_to_encounter(&self) -> &Csr {
        &self.instance_to_encounter
    }

    /// Each encounter's concepts.
    pub fn encounter_to_concept(&self) -> &Csr {
        &self.encounter_to_concept
    }

    /// Each instance's concepts met outside encounters, static demographics among them.
    pub fn instance_to_concept(&self) -> &Csr {
        &self.instance_to_concept
    }

    /// The concepts by number, in code order.
    pub fn concepts(&self) -> &[Code] {
        &self.concepts
    }

    /// Days from each encounter's first known event to its instance's time.
    pub fn encounter_days_before(&self) -> &[f32] {
        &self.encounter_days_before
    }

    /// Features of the edges of [`TaskGraph::encounter_to_concept`].
    pub fn encounter_features(&self) -> &EdgeFeatures {
        &self.encounter_features
    }

    /// Features of the edges of [`TaskGraph::instance_to_concept`].
    pub fn instance_features(&self) -> &EdgeFeatures {
        &self.instance_features
    }

    /// Number of events left out because the vocabulary lacks their concept.
    pub fn out_of_vocabulary(&self) -> usize {
        self.out_of_vocabulary
    }
}

/// One instance's share of the graph, its encounters numbered from 0.
#[derive(Default)]
struct Part {
    encounter_days_before: Vec<f32>,
    encounter_concepts: Vec<Vec<u32>>,
    encounter_features: EdgeFeatures,
    instance_concepts: Vec<u32>,
    instance_features: EdgeFeatures,
    out_of_vocabulary: usize,
}

impl Part {
    fn of(cohort: &Cohort, instance: Instance, vocabulary: &Vocabulary) -> Self {
        let mut part = Self::default();
        let mut encounters: FxHashMap<&str, u32> = FxHashMap::default();
        let mut edges: Vec<ConceptEdge> = Vec::new();
        for event in known_events(cohort, instance) {
            let days_before = event.time().map_or(0.0, |time| instance.as_of.days_since(time) as f32);
            // Events come by time, so the first of an encounter numbers the encounters by time too.
            let encounter = event.encounter_id().map(|id| {
                *encounters.entry(id.as_str()).or_insert_with(|| {
                    part.encounter_days_before.push(days_before);
                    part.encounter_days_before.len() as u32 - 1
                })
            });
            match vocabulary.number(&concept(event)) {
                Some(number) => edges.push(ConceptEdge::new(encounter, number, event, days_before)),
                None => part.out_of_vocabulary += 1,
            }
        }
        part.encounter_concepts = vec![Vec::new(); part.encounter_days_before.len()];
        edges.sort_by_key(|edge| (edge.encounter, edge.concept));
        for edge in merge(edges) {
            if let Some(encounter) = edge.encounter {
                part.encounter_concepts[encounter as usize].push(edge.concept);
                part.encounter_features.push(&edge);
            } else {
                part.instance_concepts.push(edge.concept);
                part.instance_features.push(&edge);
            }
        }
        part
    }
}

struct ConceptEdge {
    encounter: Option<u32>,
    concept: u32,
    count: u32,
    days_before: f32,
    value: f32,
}

impl ConceptEdge {
    fn new(encounter: Option<u32>, concept: u32, event: &Event, days_before: f32) -> Self {
        let value = event.numeric_value().map_or(f32::NAN, |value| value as f32);
        Self { encounter, concept, count: 1, days_before, value }
    }
}

/// Joins edges of one encounter and concept; the input is sorted by them, and by time within them.
fn merge(edges: Vec<ConceptEdge>) -> Vec<ConceptEdge> {
    let mut merged: Vec<ConceptEdge> = Vec::with_capacity(edges.len());
    for edge in edges {
        match merged.last_mut() {
            Some(last) if (last.encounter, last.concept) == (edge.encounter, edge.concept) => {
                last.count += 1;
                last.days_before = edge.days_before;
                if !edge.value.is_nan() {
                    last.value = edge.value;
                }
            }
            _ => merged.push(edge),
        }
    }
    merged
}

/// Rows in the making.
pub(super) struct Rows {
    offsets: Vec<u32>,
    targets: Vec<u32>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { offsets: vec![0], targets: Vec::new() }
    }
}

impl Rows {
    pub(super) fn push(&mut self, row: impl IntoIterator<Item = u32>) -> Result<(), CsrError> {
        self.targets.extend(row);
        let count = self.targets.len();
        self.offsets.push(u32::try_from(count).map_err(|_| CsrError::TooLarge { count })?);
        Ok(())
    }

    pub(super) fn finish(self, columns: usize) -> Result<Csr, CsrError> {
        Csr::new(self.offsets, self.targets, columns)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twinloom_event::{EncounterId, EventKind};

    use super::*;

    pub(crate) fn cohort() -> Cohort {
        let day = |day| Timestamp::from_ymd(2020, 1, day).unwrap();
        let event = |subject, at: u32, code: &str, encounter: Option<&str>| {
            let event = Event::new(SubjectId::new(subject), Some(day(at)), Code::parse(code).unwrap());
            match encounter {
                Some(id) => event.with_encounter_id(EncounterId::new(id).unwrap()),
                None => event,
            }
        };
        Cohort::from_events(vec![
            event(1, 2, "A", Some("e1")).with_numeric_value(3.0).unwrap(),
            event(1, 3, "A", Some("e1")).with_numeric_value(5.0).unwrap(),
            event(1, 3, "B", Some("e1")),
            event(1, 6, "B", Some("e2")),
            event(1, 7, "C", None),
            event(2, 1, "B", None),
            Event::new(SubjectId::new(2), None, Code::parse("SEX//male").unwrap())
                .with_kind(EventKind::Demographic),
        ])
        .unwrap()
    }

    fn instance(subject: i64, day: u32) -> Instance {
        Instance { subject_id: SubjectId::new(subject), as_of: Timestamp::from_ymd(2020, 1, day).unwrap() }
    }

    #[test]
    fn regress_edges_merge_and_wait_for_their_time() {
        let cohort = cohort();
        let instances = [instance(1, 5), instance(1, 8), instance(2, 5), instance(9, 5)];
        let vocabulary = Vocabulary::of_instances(&cohort, &instances[..3], 1);
        let graph = TaskGraph::build(&cohort, &instances, &vocabulary).unwrap();
        assert_eq!(graph.concepts().len(), 4);
        assert_eq!(graph.instance_to_encounter().offsets(), [0, 1, 3, 3, 3]);
        assert_eq!(graph.encounter_to_concept().row(0), [0, 1]);
        assert_eq!(graph.encounter_to_concept().row(2), [1]);
        assert_eq!(graph.instance_to_concept().row(0), [] as [u32; 0]);
        assert_eq!(graph.instance_to_concept().row(1), [2]);
        assert_eq!(graph.instance_to_concept().row(2), [1, 3]);
        assert!((graph.encounter_features().log_count[0] - 3.0_f32.ln()).abs() < 1e-6);
        assert_eq!(graph.encounter_features().days_before[..2], [2.0, 2.0]);
        assert!((graph.encounter_features().value[0] - 5.0).abs() < 1e-6);
        assert!(graph.encounter_features().value[1].is_nan());
        assert_eq!(graph.encounter_days_before(), [3.0, 6.0, 2.0]);
        assert_eq!(graph.out_of_vocabulary(), 0);
    }

    proptest! {
        #[test]
        fn law_a_later_time_never_knows_less(first in 1_u32..10, later in 0_u32..10) {
            let cohort = cohort();
            let instances = [instance(1, first), instance(1, first + later)];
            let vocabulary = Vocabulary::of_instances(&cohort, &[instance(1, 20)], 1);
            let graph = TaskGraph::build(&cohort, &instances, &vocabulary).unwrap();
            prop_assert!(graph.instance_to_encounter().row(0).len() <= graph.instance_to_encounter().row(1).len());
            for concept in graph.instance_to_concept().row(0) {
                prop_assert!(graph.instance_to_concept().row(1).contains(concept));
            }
        }
    }
}
