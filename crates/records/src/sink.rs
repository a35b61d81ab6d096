//! Where importers put what they find.

use std::collections::BTreeMap;
use std::sync::Arc;

use twinloom_event::{
    Artefact, AttributeType, Cohort, Concept, Dataset, Entity, Event, Link, SubjectId, TimelineError,
};

/// Receives an import's findings in input order.
///
/// The order of calls is the order of the input, so a sink may number ties by arrival. A sink decides
/// whether to hold everything ([`MemorySink`]) or to spill to disk.
pub trait Sink {
    /// A subject was found; `source_id` is its identifier in the source.
    ///
    /// # Errors
    /// [`SinkError`] when the finding can't be stored.
    fn subject(&mut self, subject_id: SubjectId, source_id: &str) -> Result<(), SinkError>;

    /// An event was found.
    ///
    /// # Errors
    /// [`SinkError`] when the finding can't be stored.
    fn event(&mut self, event: Event) -> Result<(), SinkError>;

    /// A reference between two artefacts was resolved.
    ///
    /// # Errors
    /// [`SinkError`] when the finding can't be stored.
    fn link(&mut self, link: Link) -> Result<(), SinkError>;

    /// An organisation, clinician, place or the like was found.
    ///
    /// # Errors
    /// [`SinkError`] when the finding can't be stored.
    fn entity(&mut self, entity: Entity) -> Result<(), SinkError>;

    /// A code's description was found; the first description of a code wins.
    ///
    /// # Errors
    /// [`SinkError`] when the finding can't be stored.
    fn concept(&mut self, concept: Concept) -> Result<(), SinkError>;

    /// Something was kept of an artefact, which stood here; the first place of an artefact wins. A sink
    /// that has no use for places need not take them.
    ///
    /// # Errors
    /// [`SinkError`] when the finding can't be stored.
    fn artefact(&mut self, artefact: Artefact) -> Result<(), SinkError> {
        let _ = artefact;
        Ok(())
    }
}

/// Why a finding could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The disk refused.
    #[error("the study folder can't be written")]
    Io(#[from] std::io::Error),
    /// Parquet or Arrow refused.
    #[error("the study's Parquet can't be written")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Two source identifiers got one subject id.
    #[error("two source identifiers hash to subject {subject_id}; permitted: distinct identifiers")]
    SubjectCollision {
        /// The id they share.
        subject_id: SubjectId,
    },
    /// A writer that takes events in order was given one that comes before the last.
    #[error(
        "an event of subject {subject_id} comes out of order; permitted: subjects ascending, each one's events as in a timeline"
    )]
    OutOfOrder {
        /// Whose event.
        subject_id: SubjectId,
    },
    /// A writer whose columns are declared was given an attribute that has none.
    #[error("attribute {attribute:?} of type {found:?} has no column; permitted: what was declared")]
    Undeclared {
        /// The attribute.
        attribute: String,
        /// Its type.
        found: AttributeType,
    },
    /// A subject's events make no timeline.
    #[error(transparent)]
    Timeline(#[from] TimelineError),
}

/// Holds everything in memory; for small inputs and tests.
#[derive(Debug, Default)]
pub struct MemorySink {
    subjects: BTreeMap<SubjectId, Arc<str>>,
    events: Vec<Event>,
    links: Vec<Link>,
    entities: Vec<Entity>,
    concepts: BTreeMap<Arc<str>, Concept>,
    artefacts: Vec<Artefact>,
}

impl MemorySink {
    /// The findings as a dataset: events ordered, links and entities sorted and distinct, concepts in
    /// code order.
    ///
    /// # Errors
    /// [`SinkError::Timeline`] when a subject has more events than can be numbered.
    pub fn into_dataset(mut self) -> Result<Dataset, SinkError> {
        self.links.sort();
        self.links.dedup();
        self.entities.sort_by(|a, b| a.record_id.cmp(&b.record_id));
        self.entities.dedup_by(|later, first| later.record_id == first.record_id);
        Ok(Dataset {
            cohort: Cohort::from_events(self.events)?,
            links: self.links,
            entities: self.entities,
            concepts: self.concepts.into_values().collect(),
        })
    }

    /// Where every artefact stood, in record id order.
    pub fn artefacts(&self) -> Vec<Artefact> {
        let mut artefacts = self.artefacts.clone();
        // The sort is stable, so of several places the first met stays.
        artefacts.sort_by(|one, other| one.record_id.cmp(&other.record_id));
        artefacts.dedup_by(|later, first| later.record_id == first.record_id);
        artefacts
    }

    /// Source identifiers by subject.
    pub fn subjects(&self) -> &BTreeMap<SubjectId, Arc<str>> {
        &self.subjects
    }
}

impl Sink for MemorySink {
    fn subject(&mut self, subject_id: SubjectId, source_id: &str) -> Result<(), SinkError> {
        match self.subjects.get(&subject_id) {
            Some(known) if **known != *source_id => Err(SinkError::SubjectCollision { subject_id }),
            Some(_) => Ok(()),
            None => {
                self.subjects.insert(subject_id, source_id.into());
                Ok(())
            }
        }
    }

    fn event(&mut self, event: Event) -> Result<(), SinkError> {
        self.events.push(event);
        Ok(())
    }

    fn link(&mut self, link: Link) -> Result<(), SinkError> {
        self.links.push(link);
        Ok(())
    }

    fn entity(&mut self, entity: Entity) -> Result<(), SinkError> {
        self.entities.push(entity);
        Ok(())
    }

    fn concept(&mut self, concept: Concept) -> Result<(), SinkError> {
        self.concepts.entry(concept.code.as_str().into()).or_insert(concept);
        Ok(())
    }

    fn artefact(&mut self, artefact: Artefact) -> Result<(), SinkError> {
        self.artefacts.push(artefact);
        Ok(())
    }
}
