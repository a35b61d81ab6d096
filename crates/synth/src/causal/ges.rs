//! A class of graphs by its score: greedy search over classes.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::cpdag::Cpdag;
use super::dag::{Dag, class_of};
use super::knowledge::{Knowledge, KnowledgeError, Rules};
use super::pdag::{Pdag, subsets};
use super::score::Score;

/// Gains below this are of rounding.
const LEAST_GAIN: f64 = 1e-6;

/// How the search goes about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GesParameters {
    /// Most causes of a column (default 6).
    pub most_causes: usize,
    /// What is known before.
    pub knowledge: Knowledge,
}

impl Default for GesParameters {
    fn default() -> Self {
        Self { most_causes: 6, knowledge: Knowledge::default() }
    }
}

/// What the search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GesFindings {
    /// The class; with knowledge, its graphs that agree with it.
    pub class: Cpdag,
    /// Its score.
    pub score: f64,
    /// Edges added in the forward phase.
    pub added: usize,
    /// Edges taken away in the backward phase.
    pub removed: usize,
}

/// Adds the edge that helps the score most while one does, then takes away the one whose loss helps most while one does;
/// each step leads from one class of graphs to another.
///
/// # Source
/// Chickering, Optimal structure identification with greedy search, JMLR 3 (2002): operators Insert and Delete
/// (definitions 12 and 13), when they are valid (theorems 15 and 17), what they change the score by (corollaries 16
/// and 18).
///
/// # Limits
/// Finds the class of the truth as rows grow without bound, if the truth is a graph of these columns; with few rows, a
/// local best. With knowledge only classes are visited that hold a graph which agrees with it, and a way through others is
/// not found. Sets of neighbours are all tried up to `most_causes` of them.
///
/// # Errors
/// [`KnowledgeError`] where knowledge contradicts itself.
pub fn ges(score: &impl Score, parameters: &GesParameters) -> Result<GesFindings, KnowledgeError> {
    let columns = score.columns();
    let rules = parameters.knowledge.rules(columns)?;
    let mut parents = vec![Vec::new(); columns.len()];
    for &(from, to) in rules.required() {
        parents[to].push(from);
    }
    let start = Dag::of_parents(columns.to_vec(), parents)?;
    let graph = start.class();
    let mut search =
        Search { score, rules, most_causes: parameters.most_causes, known: FxHashMap::default(), graph };
    let added = search.climb(Search::insertions);
    let removed = search.climb(Search::deletions);
    let total = search.total();
    let graph = search.rules.within(&search.graph).unwrap_or(search.graph);
    Ok(GesFindings { class: Cpdag::of(columns.to_vec(), graph), score: total, added, removed })
}

/// A step to another class.
#[derive(Clone, Debug)]
struct Step {
    from: usize,
    to: usize,
    /// Neighbours that become causes on insertion, or effects on deletion.
    turned: Vec<usize>,
    /// Causes of `to` without `from` that the change of score is reckoned with.
    causes: Vec<usize>,
    insertion: bool,
}

type Local = (usize, Vec<usize>);

struct Search<'a, S> {
    score: &'a S,
    rules: Rules,
    most_causes: usize,
    known: FxHashMap<Local, f64>,
    graph: Pdag,
}

impl<S: Score> Search<'_, S> {
    /// Takes the best step while one helps; how many were taken.
    fn climb(&mut self, steps: impl Fn(&Self) -> Vec<Step>) -> usize {
        let mut taken = 0;
        loop {
            let steps = steps(self);
            self.learn(&steps);
            let mut gains: Vec<(f64, &Step)> = steps.iter().map(|step| (self.gain(step), step)).collect();
            gains.retain(|(gain, _)| *gain > LEAST_GAIN);
            gains.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            let Some(next) = gains.iter().find_map(|(_, step)| self.after(step)) else {
                return taken;
            };
            self.graph = next;
            taken += 1;
        }
    }

    /// Scores what the steps need and is not known, side by side.
    fn learn(&mut self, steps: &[Step]) {
        let needed: BTreeSet<Local> = steps
            .iter()
            .flat_map(|step| [(step.to, step.causes.clone()), (step.to, with(&step.causes, step.from))])
            .filter(|local| !self.known.contains_key(local))
            .collect();
        let needed: Vec<Local> = needed.into_iter().collect();
        let scores: Vec<f64> =
            needed.par_iter().map(|(column, causes)| self.score.local(*column, causes)).collect();
        self.known.extend(needed.into_iter().zip(scores));
    }

    fn gain(&self, step: &Step) -> f64 {
        let without = self.known[&(step.to, step.causes.clone())];
        let with = self.known[&(step.to, with(&step.causes, step.from))];
        let gain = if step.insertion { with - without } else { without - with };
        if gain.is_nan() { f64::NEG_INFINITY } else { gain }
    }

    /// The class after a step; none where none comes of it, or none that agrees with what is known.
    fn after(&self, step: &Step) -> Option<Pdag> {
        let mut graph = self.graph.clone();
        if step.insertion {
            graph.set_arrow(step.from, step.to);
            for &cause in &step.turned {
                graph.set_arrow(cause, step.to);
            }
        } else {
            graph.cut(step.from, step.to);
            for &effect in &step.turned {
                graph.set_arrow(step.to, effect);
                if graph.line(step.from, effect) {
                    graph.set_arrow(step.from, effect);
                }
            }
        }
        let class = class_of(&graph.extension()?)?;
        self.rules.within(&class).map(|_| class)
    }

    /// Neighbours of `to` that are adjacent to `from`.
    fn shared(&self, from: usize, to: usize) -> Vec<usize> {
        let own = self.graph.neighbours(to).into_iter();
        own.filter(|&at| at != from && self.graph.adjacent(at, from)).collect()
    }

    fn insertions(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (from, to) in self.ordered(|from, to| !self.graph.adjacent(from, to)) {
            if self.rules.parts(from, to) {
                continue;
            }
            let (shared, parents) = (self.shared(from, to), self.graph.parents(to));
            let others: Vec<usize> =
                self.graph.neighbours(to).into_iter().filter(|&at| !self.graph.adjacent(at, from)).collect();
            let room = self.most_causes.checked_sub(shared.len() + parents.len() + 1);
            for size in 0..=room.map_or(0, |room| room.min(others.len())) {
                if room.is_none() {
                    break;
                }
                for turned in subsets(&others, size) {
                    let both: Vec<usize> = shared.iter().chain(&turned).copied().collect();
                    if self.graph.is_clique(&both) && !self.graph.leads(to, from, &both) {
                        let causes = union(&both, &parents);
                        steps.push(Step { from, to, turned, causes, insertion: true });
                    }
                }
            }
        }
        steps
    }

    fn deletions(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let edge = |from: usize, to: usize| self.graph.arrow(from, to) || self.graph.line(from, to);
        for (from, to) in self.ordered(edge) {
            if self.rules.requires(from, to) {
                continue;
            }
            let (shared, parents) = (self.shared(from, to), self.graph.parents(to));
            for size in 0..=shared.len() {
                for turned in subsets(&shared, size) {
                    let kept: Vec<usize> = shared.iter().copied().filter(|at| !turned.contains(at)).collect();
                    if self.graph.is_clique(&kept) {
                        let mut causes = union(&kept, &parents);
                        causes.retain(|&at| at != from);
                        steps.push(Step { from, to, turned, causes, insertion: false });
                    }
                }
            }
        }
        steps
    }

    fn ordered(&self, holds: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
        let size = self.graph.size();
        let pairs = (0..size).flat_map(|from| (0..size).map(move |to| (from, to)));
        pairs.filter(|&(from, to)| from != to && holds(from, to)).collect()
    }

    fn total(&self) -> f64 {
        let Some(parents) = self.graph.extension() else { return f64::NEG_INFINITY };
        parents.iter().enumerate().map(|(column, causes)| self.score.local(column, causes)).sum()
    }
}

fn with(causes: &[usize], another: usize) -> Vec<usize> {
    union(causes, &[another])
}

fn union(one: &[usize], other: &[usize]) -> Vec<usize> {
    let all: BTreeSet<usize> = one.iter().chain(other).copied().collect();
    all.into_iter().collect()
}
