//! What terminologies say of codes: what is a case of what, what means what, what harms with what.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Code, Concept};

/// How one code stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RelationKind {
    /// The first is a case of the second.
    IsA,
    /// The first is expressed by the second in another system.
    MapsTo,
    /// The two harm when taken together; it holds both ways.
    InteractsWith,
}

impl RelationKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::IsA, Self::MapsTo, Self::InteractsWith];

    /// The name in upper snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IsA => "IS_A",
            Self::MapsTo => "MAPS_TO",
            Self::InteractsWith => "INTERACTS_WITH",
        }
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One thing a terminology says of two codes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Relation {
    /// The first code.
    pub from: Code,
    /// How it stands to the second.
    pub kind: RelationKind,
    /// The second code.
    pub to: Code,
    /// The release or table that says so.
    pub source: Arc<str>,
    /// How grave an interaction is, in the source's word.
    pub severity: Option<Arc<str>>,
}

/// Everything that a user's terminologies say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminology {
    relations: Vec<Relation>,
    concepts: Vec<Concept>,
}

impl Terminology {
    /// Orders relations and descriptions, each once. An interaction is kept with its lesser code first,
    /// a relation of a code to itself not at all; of several descriptions of a code the first counts.
    pub fn new(mut relations: Vec<Relation>, mut concepts: Vec<Concept>) -> Self {
        relations.retain(|relation| relation.from != relation.to);
        for relation in &mut relations {
            if relation.kind == RelationKind::InteractsWith && relation.from > relation.to {
                std::mem::swap(&mut relation.from, &mut relation.to);
            }
        }
        relations.sort_unstable();
        relations.dedup();
        concepts.sort_by(|one, other| one.code.cmp(&other.code));
        concepts.dedup_by(|later, first| later.code == first.code);
        Self { relations, concepts }
    }

    /// All relations, by first code, kind and second code.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The relations whose first code this is.
    pub fn relations_of(&self, code: &Code) -> &[Relation] {
        let start = self.relations.partition_point(|relation| relation.from < *code);
        let length = self.relations[start..].partition_point(|relation| relation.from == *code);
        &self.relations[start..start + length]
    }

    /// What a code means in words.
    pub fn description(&self, code: &Code) -> Option<&Arc<str>> {
        let place = self.concepts.binary_search_by(|concept| concept.code.cmp(code)).ok()?;
        self.concepts[place].description.as_ref()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.relations.is_empty() && self.concepts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_relations_are_ordered_and_interactions_are_kept_once() {
        let code = |text: &str| Code::parse(text).unwrap();
        let relation = |from: &str, kind, to: &str| Relation {
            from: code(from),
            kind,
            to: code(to),
            source: "t".into(),
            severity: None,
        };
        let terminology = Terminology::new(
            vec![
                relation("B//2", RelationKind::InteractsWith, "A//1"),
                relation("A//1", RelationKind::InteractsWith, "B//2"),
                relation("B//2", RelationKind::IsA, "B//2"),
                relation("B//2", RelationKind::IsA, "B//1"),
            ],
            vec![],
        );
        assert_eq!(terminology.relations().len(), 2);
        assert_eq!(terminology.relations_of(&code("A//1"))[0].to, code("B//2"));
        assert_eq!(terminology.relations_of(&code("B//2")).len(), 1);
        assert!(terminology.relations_of(&code("C//1")).is_empty());
    }
}
