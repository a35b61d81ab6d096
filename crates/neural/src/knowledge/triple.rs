//! Facts of a knowledge graph.

use std::collections::BTreeSet;

/// A fact: the head is in a relation to the tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Triple {
    /// Entity.
    pub head: u32,
    /// Relation.
    pub relation: u32,
    /// Entity.
    pub tail: u32,
}

/// The end of a triple that is asked for or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Head,
    Tail,
}

impl Triple {
    /// The triple with another entity at one end.
    pub(super) fn with(self, end: End, entity: u32) -> Self {
        match end {
            End::Head => Self { head: entity, ..self },
            End::Tail => Self { tail: entity, ..self },
        }
    }
}

/// Entities, relations, and what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowledgeGraph {
    entities: usize,
    relations: usize,
    facts: BTreeSet<Triple>,
}

impl KnowledgeGraph {
    /// The graph of these facts; one told twice counts once.
    ///
    /// # Errors
    /// [`KnowledgeError`] when an entity or relation is out of range.
    pub fn new(
        entities: usize,
        relations: usize,
        facts: impl IntoIterator<Item = Triple>,
    ) -> Result<Self, KnowledgeError> {
        let facts: BTreeSet<Triple> = facts.into_iter().collect();
        for Triple { head, relation, tail } in &facts {
            for (what, number, limit) in
                [("head", head, entities), ("relation", relation, relations), ("tail", tail, entities)]
            {
                if *number as usize >= limit {
                    return Err(KnowledgeError { what, number: *number, limit });
                }
            }
        }
        Ok(Self { entities, relations, facts })
    }

    /// Number of entities.
    pub fn entities(&self) -> usize {
        self.entities
    }

    /// Number of relations.
    pub fn relations(&self) -> usize {
        self.relations
    }

    /// The facts, sorted.
    pub fn facts(&self) -> impl Iterator<Item = Triple> + '_ {
        self.facts.iter().copied()
    }

    /// Whether a fact is known.
    pub fn holds(&self, triple: Triple) -> bool {
        self.facts.contains(&triple)
    }
}

/// Why triples make no knowledge graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {number}; permitted: 0 to {limit}, the last excluded")]
pub struct KnowledgeError {
    /// The part of the triple.
    pub what: &'static str,
    /// Its number.
    pub number: u32,
    /// How many there are.
    pub limit: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_parts_out_of_range_are_named() {
        let wrong = |head, relation, tail| {
            KnowledgeGraph::new(3, 2, [Triple { head, relation, tail }]).unwrap_err().to_string()
        };
        assert_eq!(wrong(3, 0, 0), "head 3; permitted: 0 to 3, the last excluded");
        assert!(wrong(0, 2, 0).starts_with("relation 2") && wrong(0, 0, 9).starts_with("tail 9"));
    }
}
