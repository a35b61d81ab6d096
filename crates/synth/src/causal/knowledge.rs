//! What is known of causes before the data are asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dag::{Dag, GraphError, ends, place};
use super::meek::{Triples, close};
use super::pdag::Pdag;

/// Edges that must or can't be, and an order in time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Knowledge {
    /// Arrows that can't be, the cause first.
    pub forbidden: Vec<(Arc<str>, Arc<str>)>,
    /// Arrows that must be, the cause first.
    pub required: Vec<(Arc<str>, Arc<str>)>,
    /// Columns by when they come to be: none causes one of an earlier tier. Columns of no tier may stand anywhere.
    pub tiers: Vec<Vec<Arc<str>>>,
}

/// Knowledge of numbered columns, free of contradictions.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    size: usize,
    forbidden: Vec<bool>,
    required: Vec<(usize, usize)>,
}

impl Knowledge {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.forbidden.is_empty() && self.required.is_empty() && self.tiers.iter().all(Vec::is_empty)
    }

    pub(crate) fn rules(&self, columns: &[Arc<str>]) -> Result<Rules, KnowledgeError> {
        let size = columns.len();
        let mut tier = vec![None; size];
        for (number, names) in self.tiers.iter().enumerate() {
            for name in names {
                if tier[place(columns, name)?].replace(number).is_some() {
                    return Err(KnowledgeError::TwoTiers { column: name.to_string() });
                }
            }
        }
        let later = |at: usize| match (tier[at / size], tier[at % size]) {
            (Some(from), Some(to)) => from > to,
            _ => false,
        };
        let mut forbidden: Vec<bool> = (0..size * size).map(later).collect();
        for (from, to) in &self.forbidden {
            let (from, to) = ends(columns, from, to)?;
            forbidden[from * size + to] = true;
        }
        let required = self.required.iter().map(|(from, to)| ends(columns, from, to));
        let required: Vec<(usize, usize)> =
            required.collect::<Result<BTreeSet<_>, _>>()?.into_iter().collect();
        if let Some(&(from, to)) = required.iter().find(|&&(from, to)| forbidden[from * size + to]) {
            let (from, to) = (columns[from].to_string(), columns[to].to_string());
            return Err(KnowledgeError::RequiredAndForbidden { from, to });
        }
        Dag::new(columns.to_vec(), self.required.iter().map(|(from, to)| (&**from, &**to)))?;
        Ok(Rules { size, forbidden, required })
    }
}

impl Rules {
    pub(crate) fn required(&self) -> &[(usize, usize)] {
        &self.required
    }

    pub(crate) fn forbids(&self, from: usize, to: usize) -> bool {
        self.forbidden[from * self.size + to]
    }

    /// Whether no edge can be between two.
    pub(crate) fn parts(&self, one: usize, other: usize) -> bool {
        self.forbids(one, other) && self.forbids(other, one)
    }

    pub(crate) fn requires(&self, one: usize, other: usize) -> bool {
        self.required.iter().any(|&pair| pair == (one, other) || pair == (other, one))
    }

    fn is_empty(&self) -> bool {
        self.required.is_empty() && !self.forbidden.contains(&true)
    }

    /// Gives lines the direction that knowledge asks for.
    pub(crate) fn orient(&self, graph: &mut Pdag) {
        for (one, other) in graph.pairs() {
            for (from, to) in [(one, other), (other, one)] {
                let must = self.forbids(to, from) || self.required.contains(&(from, to));
                if must && graph.line(from, to) {
                    graph.set_arrow(from, to);
                }
            }
        }
    }

    /// The graphs of a class that agree with what is known, as one; none where none does.
    pub(crate) fn within(&self, class: &Pdag) -> Option<Pdag> {
        let mut graph = class.clone();
        if self.is_empty() {
            return Some(graph);
        }
        self.orient(&mut graph);
        let conflicts = close(&mut graph, &Triples::new());
        let held = |&(one, other): &(usize, usize)| {
            (!graph.arrow(one, other) || !self.forbids(one, other))
                && (!graph.arrow(other, one) || !self.forbids(other, one))
                && !self.parts(one, other)
        };
        let all = conflicts.is_empty()
            && graph.pairs().iter().all(held)
            && self.required.iter().all(|&(from, to)| graph.arrow(from, to));
        let parents = if all { graph.extension() } else { None }?;
        // An extension of arrows that knowledge made may still have a common effect that the class has not.
        (super::dag::class_of(&parents)? == *class).then_some(graph)
    }
}

/// Knowledge that contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnowledgeError {
    /// An arrow that must be and can't.
    #[error(
        "the arrow from {from} to {to} is required, and forbidden by name or tier; permitted: one of them"
    )]
    RequiredAndForbidden {
        /// The cause.
        from: String,
        /// The effect.
        to: String,
    },
    /// A column in two tiers.
    #[error("column {column} stands in two tiers; permitted: one")]
    TwoTiers {
        /// Which.
        column: String,
    },
    /// Required arrows that make no graph, or names that are none.
    #[error(transparent)]
    Graph(#[from] GraphError),
}
