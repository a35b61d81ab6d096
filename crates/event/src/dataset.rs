//! A cohort with all that its events refer to.

use crate::{Cohort, Concept, Entity, Link};

/// A cohort, the links between its artefacts, the entities they name and the concepts they use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// The subjects and their events.
    pub cohort: Cohort,
    /// References between artefacts, resolved.
    pub links: Vec<Link>,
    /// Organisations, clinicians, places and the like.
    pub entities: Vec<Entity>,
    /// Descriptions of the codes used.
    pub concepts: Vec<Concept>,
}
