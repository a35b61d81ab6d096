//! A class of graphs from tests of independence: the PC algorithm, whatever the order of the columns.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cpdag::Cpdag;
use super::independence::Independence;
use super::knowledge::{Knowledge, KnowledgeError, Rules};
use super::meek::{Triples, close, triple};
use super::pdag::{Pdag, subsets};

/// How PC goes about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PcParameters {
    /// Two columns are taken as independent where a test's p value lies above this (default 0.01, permitted 0 to below 1).
    pub alpha: f64,
    /// Most columns that a test is given (default 4).
    pub most_given: usize,
    /// What is known before.
    pub knowledge: Knowledge,
}

impl Default for PcParameters {
    fn default() -> Self {
        Self { alpha: 0.01, most_given: 4, knowledge: Knowledge::default() }
    }
}

/// What PC found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PcFindings {
    /// The class.
    pub class: Cpdag,
    /// Triples whose middle is a common effect by some tests and not by as many others: not oriented.
    pub ambiguous: Vec<[Arc<str>; 3]>,
    /// Edges for which there are reasons either way: left as lines.
    pub conflicts: Vec<[Arc<str>; 2]>,
    /// How many tests were made.
    pub tests: usize,
}

/// Finds the class of graphs whose independences a test tells.
///
/// Edges go that some test separates, the neighbours of each level taken as they were before it. A triple's middle is a
/// common effect if fewer than half of the sets that separate its ends hold it. What is known is oriented first.
///
/// # Source
/// Spirtes, Glymour and Scheines 2000, section 5.4.2; Colombo and Maathuis, Order-independent constraint-based causal
/// structure learning, JMLR 15 (2014), algorithm 4.1 (PC-stable) and section 4.2 (majority rule); Meek 1995.
///
/// # Limits
/// Right where no common cause is left out, every independence of the data is one of the graph, and no test errs. Each
/// test errs at `alpha`; there are many. Every set that separates a triple's ends is tried: costs grow as 2 to the
/// number of neighbours, up to `most_given`.
///
/// # Errors
/// [`PcError`] where alpha is out of range or knowledge contradicts itself.
pub fn pc(test: &impl Independence, parameters: &PcParameters) -> Result<PcFindings, PcError> {
    if !(0.0..1.0).contains(&parameters.alpha) {
        return Err(PcError::Alpha { alpha: parameters.alpha });
    }
    let columns = test.columns();
    let rules = parameters.knowledge.rules(columns)?;
    let search = Search { test, parameters, rules, tests: AtomicUsize::new(0) };
    let mut graph = search.skeleton();
    let (effects, ambiguous) = search.common_effects(&graph);
    search.rules.orient(&mut graph);
    let mut conflicts = point(&mut graph, &effects);
    conflicts.extend(close(&mut graph, &ambiguous));
    let name = |at: usize| Arc::clone(&columns[at]);
    Ok(PcFindings {
        ambiguous: ambiguous.into_iter().map(|triple| triple.map(name)).collect(),
        conflicts: conflicts.into_iter().map(|(one, other)| [name(one), name(other)]).collect(),
        tests: search.tests.into_inner(),
        class: Cpdag::of(columns.to_vec(), graph),
    })
}

struct Search<'a, T> {
    test: &'a T,
    parameters: &'a PcParameters,
    rules: Rules,
    tests: AtomicUsize,
}

impl<T: Independence> Search<'_, T> {
    fn separates(&self, one: usize, other: usize, given: &[usize]) -> bool {
        self.tests.fetch_add(1, Ordering::Relaxed);
        // The lesser first: a sum in another order may differ in its last digit.
        let (one, other) = (one.min(other), one.max(other));
        self.test.p_value(one, other, given).is_some_and(|p| p > self.parameters.alpha)
    }

    /// Neighbours that may be causes: a cause of one of the two always separates them if anything does.
    fn candidates(&self, graph: &Pdag, of: usize, but: usize) -> Vec<usize> {
        let own = graph.adjacents(of).into_iter();
        own.filter(|&at| at != but && !self.rules.forbids(at, of)).collect()
    }

    fn skeleton(&self) -> Pdag {
        let size = self.test.columns().len();
        let mut graph = Pdag::complete(size);
        for (one, other) in graph.pairs() {
            if self.rules.parts(one, other) {
                graph.cut(one, other);
            }
        }
        for level in 0..=self.parameters.most_given {
            let pairs: Vec<(usize, usize)> =
                graph.pairs().into_iter().filter(|&(one, other)| !self.rules.requires(one, other)).collect();
            let separated = |&(one, other): &(usize, usize)| {
                let (own, others) =
                    (self.candidates(&graph, one, other), self.candidates(&graph, other, one));
                let mut sets = subsets(&own, level);
                if level > 0 {
                    sets.extend(subsets(&others, level));
                }
                sets.iter().any(|given| self.separates(one, other, given))
            };
            let gone: Vec<bool> = pairs.par_iter().map(separated).collect();
            for (&(one, other), _) in pairs.iter().zip(gone).filter(|(_, gone)| *gone) {
                graph.cut(one, other);
            }
            if (0..size).all(|at| graph.adjacents(at).len() <= level + 1) {
                break;
            }
        }
        graph
    }

    /// Triples whose middle is a common effect, and those of which it can't be told.
    fn common_effects(&self, graph: &Pdag) -> (Vec<[usize; 3]>, Triples) {
        let mut triples = Vec::new();
        for middle in 0..graph.size() {
            for ends in subsets(&graph.adjacents(middle), 2) {
                if !graph.adjacent(ends[0], ends[1]) {
                    triples.push(triple(ends[0], middle, ends[1]));
                }
            }
        }
        let verdict = |&[one, middle, other]: &[usize; 3]| {
            let mut sets = BTreeSet::new();
            for candidates in [self.candidates(graph, one, other), self.candidates(graph, other, one)] {
                for level in 0..=self.parameters.most_given.min(candidates.len()) {
                    sets.extend(subsets(&candidates, level));
                }
            }
            let separating: Vec<bool> = sets
                .iter()
                .filter(|given| self.separates(one, other, given))
                .map(|given| given.contains(&middle))
                .collect();
            // None where knowledge parts the ends: then no set need separate them.
            let with = separating.iter().filter(|holds| **holds).count();
            (2 * with != separating.len()).then_some(2 * with < separating.len())
        };
        let verdicts: Vec<Option<bool>> = triples.par_iter().map(verdict).collect();
        let (mut effects, mut ambiguous) = (Vec::new(), Triples::new());
        for (triple, verdict) in triples.into_iter().zip(verdicts) {
            match verdict {
                Some(true) => effects.push(triple),
                Some(false) => {}
                None => {
                    ambiguous.insert(triple);
                }
            }
        }
        (effects, ambiguous)
    }
}

/// Points both edges of each triple at its middle, unless the one or the other is wanted both ways or known otherwise.
fn point(graph: &mut Pdag, effects: &[[usize; 3]]) -> BTreeSet<(usize, usize)> {
    let arrows: BTreeSet<(usize, usize)> =
        effects.iter().flat_map(|&[one, middle, other]| [(one, middle), (other, middle)]).collect();
    let mut conflicts = BTreeSet::new();
    for &(from, to) in &arrows {
        if arrows.contains(&(to, from)) || graph.arrow(to, from) {
            conflicts.insert((from.min(to), from.max(to)));
        }
    }
    for (from, to) in arrows {
        if !conflicts.contains(&(from.min(to), from.max(to))) {
            graph.set_arrow(from, to);
        }
    }
    conflicts
}

/// Why PC can't start.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PcError {
    /// Alpha out of range.
    #[error("alpha {alpha} is out of range; permitted: 0 to below 1")]
    Alpha {
        /// What was given.
        alpha: f64,
    },
    /// Knowledge that contradicts itself.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
}
