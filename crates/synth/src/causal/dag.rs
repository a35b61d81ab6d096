//! A directed graph without cycles between columns.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cpdag::Cpdag;
use super::pdag::Pdag;

/// What of a table's columns depends on what: an arrow from each cause to its effects, no cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Edges", into = "Edges")]
pub struct Dag {
    columns: Vec<Arc<str>>,
    /// Of each column, in ascending order.
    parents: Vec<Vec<usize>>,
    /// Columns, each after its parents.
    order: Vec<usize>,
}

/// An arrow, the cause first, or a line, in no order.
pub type Edge = (Arc<str>, Arc<str>);

/// A graph as it is written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edges {
    pub(super) columns: Vec<Arc<str>>,
    #[serde(default)]
    pub(super) arrows: Vec<Edge>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) lines: Vec<Edge>,
}

impl TryFrom<Edges> for Dag {
    type Error = GraphError;

    fn try_from(from: Edges) -> Result<Self, GraphError> {
        match from.lines.first() {
            Some((one, other)) => Err(GraphError::Line { one: one.to_string(), other: other.to_string() }),
            None => Self::new(from.columns, from.arrows),
        }
    }
}

impl From<Dag> for Edges {
    fn from(dag: Dag) -> Self {
        Self { arrows: dag.arrows(), columns: dag.columns, lines: Vec::new() }
    }
}

impl Dag {
    /// Takes columns and arrows between them, the cause first.
    ///
    /// # Errors
    /// [`GraphError`] where a name stands twice among the columns, an arrow names none of them or leads to where it starts, or
    /// arrows make a cycle.
    pub fn new<N: AsRef<str>>(
        columns: Vec<Arc<str>>,
        arrows: impl IntoIterator<Item = (N, N)>,
    ) -> Result<Self, GraphError> {
        check_names(&columns)?;
        let mut parents = vec![Vec::new(); columns.len()];
        for (from, to) in arrows {
            let (from, to) = ends(&columns, from.as_ref(), to.as_ref())?;
            parents[to].push(from);
        }
        Self::of_parents(columns, parents)
    }

    pub(crate) fn of_parents(
        columns: Vec<Arc<str>>,
        mut parents: Vec<Vec<usize>>,
    ) -> Result<Self, GraphError> {
        for parents in &mut parents {
            parents.sort_unstable();
            parents.dedup();
        }
        match order(&parents) {
            Ok(order) => Ok(Self { columns, parents, order }),
            Err(at) => Err(GraphError::Cycle { column: columns[at].to_string() }),
        }
    }

    /// The columns.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// The arrows, by effect and then cause.
    pub fn arrows(&self) -> Vec<Edge> {
        let name = |at: usize| Arc::clone(&self.columns[at]);
        let of = |(child, parents): (usize, &Vec<usize>)| {
            parents.iter().map(|&parent| (name(parent), name(child))).collect::<Vec<_>>()
        };
        self.parents.iter().enumerate().flat_map(of).collect()
    }

    /// The causes of a column.
    ///
    /// # Errors
    /// [`GraphError::NoSuchColumn`].
    pub fn parents(&self, column: &str) -> Result<Vec<Arc<str>>, GraphError> {
        let at = place(&self.columns, column)?;
        Ok(self.parents[at].iter().map(|&parent| Arc::clone(&self.columns[parent])).collect())
    }

    pub(crate) fn all_parents(&self) -> &[Vec<usize>] {
        &self.parents
    }

    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    pub(crate) fn children(&self, of: usize) -> Vec<usize> {
        (0..self.parents.len()).filter(|&at| self.parents[at].contains(&of)).collect()
    }

    /// Whether the graph makes two columns independent given others.
    ///
    /// # Errors
    /// [`GraphError::NoSuchColumn`].
    pub fn separates(&self, one: &str, other: &str, given: &[&str]) -> Result<bool, GraphError> {
        let at = |name: &str| place(&self.columns, name);
        let given: Vec<usize> = given.iter().map(|name| at(name)).collect::<Result<_, _>>()?;
        Ok(self.separated(at(one)?, at(other)?, &given))
    }

    /// Walks from one column along every trail that is open given others.
    ///
    /// # Source
    /// Koller and Friedman, Probabilistic Graphical Models (2009), algorithm 3.1.
    pub(crate) fn separated(&self, one: usize, other: usize, given: &[usize]) -> bool {
        if one == other {
            return false;
        }
        let size = self.columns.len();
        let mut known = vec![false; size];
        for &at in given {
            known[at] = true;
        }
        // Those that lead to what is given: there a common effect opens the trail.
        let mut leads = known.clone();
        for &at in self.order.iter().rev() {
            if leads[at] {
                for &parent in &self.parents[at] {
                    leads[parent] = true;
                }
            }
        }
        let mut seen = vec![[false; 2]; size];
        // Whether the trail comes from a child, and so goes up.
        let mut open = vec![(one, true)];
        while let Some((at, up)) = open.pop() {
            if std::mem::replace(&mut seen[at][usize::from(up)], true) {
                continue;
            }
            if at == other && !known[at] {
                return false;
            }
            if !known[at] {
                open.extend(self.children(at).into_iter().map(|child| (child, false)));
            }
            if (up && !known[at]) || (!up && leads[at]) {
                open.extend(self.parents[at].iter().map(|&parent| (parent, true)));
            }
        }
        true
    }

    /// All graphs that imply the same independences, as one: arrows where they agree, lines where they don't.
    ///
    /// # Source
    /// Chickering, A transformational characterization of equivalent Bayesian network structures, UAI 1995, algorithms
    /// Order-Edges and Label-Edges.
    pub fn cpdag(&self) -> Cpdag {
        Cpdag::of(self.columns.clone(), self.class())
    }

    pub(crate) fn class(&self) -> Pdag {
        compelled(&self.parents, &self.order)
    }
}

/// The equivalence class of a directed graph.
pub(crate) fn class_of(parents: &[Vec<usize>]) -> Option<Pdag> {
    let order = order(parents).ok()?;
    Some(compelled(parents, &order))
}

fn compelled(parents: &[Vec<usize>], order: &[usize]) -> Pdag {
    let size = parents.len();
    let mut rank = vec![0; size];
    order.iter().enumerate().for_each(|(at, &column)| rank[column] = at);
    // By effect from the first, and by cause from the last.
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for &to in order {
        let mut causes = parents[to].clone();
        causes.sort_unstable_by_key(|&cause| std::cmp::Reverse(rank[cause]));
        edges.extend(causes.into_iter().map(|from| (from, to)));
    }
    let mut label: Vec<Option<bool>> = vec![None; size * size];
    for &(x, y) in &edges {
        if label[x * size + y].is_some() {
            continue;
        }
        let compelled_causes: Vec<usize> =
            parents[x].iter().copied().filter(|w| label[w * size + x] == Some(true)).collect();
        let all = compelled_causes.iter().any(|w| !parents[y].contains(w));
        if !all {
            for w in compelled_causes {
                label[w * size + y] = Some(true);
            }
        }
        let other_cause = || parents[y].iter().any(|&z| z != x && !parents[x].contains(&z));
        let compelled = all || other_cause();
        for &from in &parents[y] {
            label[from * size + y].get_or_insert(compelled);
        }
    }
    let mut graph = Pdag::empty(size);
    for (x, y) in edges {
        if label[x * size + y] == Some(true) {
            graph.set_arrow(x, y);
        } else {
            graph.set_line(x, y);
        }
    }
    graph
}

/// Columns after their parents, the first first; or one on a cycle.
fn order(parents: &[Vec<usize>]) -> Result<Vec<usize>, usize> {
    let mut placed = vec![false; parents.len()];
    let mut order = Vec::with_capacity(parents.len());
    while order.len() < parents.len() {
        let ready = |at: &usize| !placed[*at] && parents[*at].iter().all(|&parent| placed[parent]);
        let Some(next) = (0..parents.len()).find(ready) else {
            return Err(placed.iter().position(|placed| !placed).expect("some is not placed yet"));
        };
        placed[next] = true;
        order.push(next);
    }
    Ok(order)
}

pub(super) fn place(columns: &[Arc<str>], name: &str) -> Result<usize, GraphError> {
    let place = columns.iter().position(|column| **column == *name);
    place.ok_or_else(|| GraphError::NoSuchColumn { name: name.to_owned() })
}

pub(super) fn ends(columns: &[Arc<str>], from: &str, to: &str) -> Result<(usize, usize), GraphError> {
    if from == to {
        return Err(GraphError::Cycle { column: from.to_owned() });
    }
    Ok((place(columns, from)?, place(columns, to)?))
}

pub(super) fn check_names(columns: &[Arc<str>]) -> Result<(), GraphError> {
    for (at, name) in columns.iter().enumerate() {
        if columns[..at].contains(name) {
            return Err(GraphError::NameTwice { name: name.to_string() });
        }
    }
    Ok(())
}

/// Why edges make no such graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// No column has that name.
    #[error("there is no column {name}")]
    NoSuchColumn {
        /// The name.
        name: String,
    },
    /// Two columns have one name.
    #[error("column {name} stands twice; permitted: once")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// A column would be among its own causes.
    #[error("arrows lead from column {column} back to it; permitted: no cycle")]
    Cycle {
        /// One on the cycle.
        column: String,
    },
    /// An edge without direction where each needs one.
    #[error("the edge between {one} and {other} has no direction; permitted: arrows")]
    Line {
        /// One end.
        one: String,
        /// The other.
        other: String,
    },
    /// No directed graph has these edges without new common effects.
    #[error("no directed graph agrees with all edges found; loosen the tests, or say more of what is known")]
    NoExtension,
}
