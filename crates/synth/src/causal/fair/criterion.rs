//! Which arrows stand against a criterion of fairness.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use crate::causal::dag::{Edge, place};
use crate::causal::{CausalError, Dag, FittedCausal, GraphError};

/// When a table is fair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The protected column has no arrow to the outcome, nor the outcome to it. What goes by way of others stays.
    Unawareness,
    /// The protected column and the outcome are independent.
    DemographicParity,
    /// They are independent given columns that may explain a difference.
    Conditional {
        /// Those columns.
        given: Vec<Arc<str>>,
    },
}

/// What is to be fair, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FairRule {
    /// What must not decide.
    pub protected: Arc<str>,
    /// What it must not decide.
    pub outcome: Arc<str>,
    /// In which sense.
    pub criterion: Criterion,
}

impl FairRule {
    /// The arrows to be severed, the cause first.
    ///
    /// For parity, given columns or not: while a column of the outcome's Markov boundary depends on the protected one, its
    /// arrow to the outcome goes, or the outcome's to it, or, if it is another cause of an effect of the outcome, the
    /// outcome's to that effect.
    ///
    /// # Source
    /// van Breugel, Kyono, Berrevoets and van der Schaar, DECAF: generating fair synthetic data using causally-aware
    /// generative networks, NeurIPS 2021, definitions 1 to 3 and proposition 1: then what predicts the outcome from its
    /// boundary is fair where it is used, too.
    ///
    /// # Errors
    /// [`FairError`] where a column is none, or is named twice.
    pub fn severed(&self, dag: &Dag) -> Result<Vec<Edge>, FairError> {
        let name = |at: usize| Arc::clone(&dag.columns()[at]);
        Ok(self.places(dag)?.into_iter().map(|(effect, cause)| (name(cause), name(effect))).collect())
    }

    /// The same as places, the effect first.
    fn places(&self, dag: &Dag) -> Result<Vec<(usize, usize)>, FairError> {
        let protected = place(dag.columns(), &self.protected)?;
        let outcome = place(dag.columns(), &self.outcome)?;
        let mut given = Vec::new();
        if let Criterion::Conditional { given: names } = &self.criterion {
            for name in names {
                given.push(place(dag.columns(), name)?);
            }
        }
        for column in given.iter().chain([&outcome]) {
            if *column == protected || (*column == outcome && given.contains(column)) {
                return Err(FairError::Twice { column: dag.columns()[*column].to_string() });
            }
        }
        let mut parents = dag.all_parents().to_vec();
        let mut severed = Vec::new();
        let mut cut = |parents: &mut Vec<Vec<usize>>, effect: usize, cause: usize| {
            let before = parents[effect].len();
            parents[effect].retain(|&own| own != cause);
            if parents[effect].len() < before {
                severed.push((effect, cause));
            }
        };
        if self.criterion == Criterion::Unawareness {
            cut(&mut parents, outcome, protected);
            cut(&mut parents, protected, outcome);
            return Ok(severed);
        }
        loop {
            let now = Dag::of_parents(dag.columns().to_vec(), parents.clone())?;
            let effects = now.children(outcome);
            let depends =
                |&at: &usize| at != outcome && !given.contains(&at) && !now.separated(at, protected, &given);
            let cause = parents[outcome].iter().copied().find(depends);
            let effect = effects
                .iter()
                .copied()
                .find(|&effect| depends(&effect) || parents[effect].iter().any(depends));
            match (cause, effect) {
                (Some(cause), _) => cut(&mut parents, outcome, cause),
                (None, Some(effect)) => cut(&mut parents, effect, outcome),
                (None, None) => {
                    severed.sort_unstable();
                    return Ok(severed);
                }
            }
        }
    }
}

impl FittedCausal {
    /// Draws rows of a world in which arrows are severed: there an effect sees the cause of another person, drawn by the
    /// same graph, in place of its own.
    ///
    /// # Source
    /// van Breugel et al. 2021, section 5.2: a severed cause is drawn from its marginal distribution. Here severed causes of
    /// one effect are one person's, so that they go together as they do in people.
    ///
    /// # Limits
    /// Fair in the sense of the graph: a wrong graph, or coarse bins of what explains a difference, leave some of it.
    ///
    /// # Errors
    /// [`FairError`] where a column is none, or rows can't be drawn.
    pub fn sample_fair(&self, rows: usize, seed: u64, rule: &FairRule) -> Result<Table, FairError> {
        Ok(self.draw_severed(rows, seed, rule.places(self.dag())?)?)
    }
}

/// Why rows can't be drawn so.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FairError {
    /// One column in two roles.
    #[error("column {column} is named in two roles; permitted: protected, outcome or given")]
    Twice {
        /// Which.
        column: String,
    },
    /// A column that is not one of categories.
    #[error("column {column} has no categories; groups and outcomes are of categories")]
    NoCategories {
        /// Which.
        column: String,
    },
    /// A combination so rare that weights would throw nearly everything away.
    #[error(
        "a combination of {protected} and {outcome} is {times} times rarer than if they were independent; permitted: 1,000"
    )]
    Rare {
        /// The protected column.
        protected: String,
        /// The outcome.
        outcome: String,
        /// How much rarer.
        times: f64,
    },
    /// A parameter out of range.
    #[error("{name} {value} is out of range; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: u64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// The graph has no such column.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Rows can't be drawn.
    #[error(transparent)]
    Causal(#[from] CausalError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(criterion: Criterion) -> FairRule {
        FairRule { protected: "c0".into(), outcome: "c1".into(), criterion }
    }

    fn without(dag: &Dag, severed: &[(Arc<str>, Arc<str>)]) -> Dag {
        let arrows = dag.arrows().into_iter().filter(|arrow| !severed.contains(arrow));
        Dag::new(dag.columns().to_vec(), arrows).unwrap()
    }

    fn dag(arrows: &[(&str, &str)]) -> Dag {
        let columns = (0..5).map(|at| Arc::from(format!("c{at}"))).collect();
        Dag::new(columns, arrows.iter().copied()).unwrap()
    }

    #[test]
    fn ref_severed_arrows_by_hand() {
        // c0 to c1 directly and by c2; c3 is a cause of its own, c4 an effect of both ends.
        let dag = dag(&[("c0", "c1"), ("c0", "c2"), ("c2", "c1"), ("c3", "c1"), ("c1", "c4"), ("c0", "c4")]);
        let severed = |criterion| {
            let found = rule(criterion).severed(&dag).unwrap();
            found.iter().map(|(cause, effect)| format!("{cause}{effect}")).collect::<Vec<_>>()
        };
        assert_eq!(severed(Criterion::Unawareness), ["c0c1"]);
        assert_eq!(severed(Criterion::DemographicParity), ["c0c1", "c2c1", "c1c4"]);
        assert_eq!(severed(Criterion::Conditional { given: vec!["c2".into()] }), ["c0c1", "c1c4"]);
        assert!(rule(Criterion::Conditional { given: vec!["c0".into()] }).severed(&dag).is_err());
        assert!(rule(Criterion::Conditional { given: vec!["c9".into()] }).severed(&dag).is_err());
    }

    proptest! {
        #[test]
        fn law_nothing_is_left_of_the_dependence(bits in proptest::collection::vec(any::<bool>(), 15), given in any::<bool>()) {
            let names: Vec<Arc<str>> = (0..6).map(|at| Arc::from(format!("c{at}"))).collect();
            // The protected column and the outcome stand in the middle.
            let order = [3, 0, 4, 1, 5, 2];
            let pairs = (0..6).flat_map(|later| (0..later).map(move |earlier| (earlier, later)));
            let arrows = pairs.zip(&bits).filter(|(_, bit)| **bit);
            let arrows: Vec<_> = arrows
                .map(|((earlier, later), _)| (Arc::clone(&names[order[earlier]]), Arc::clone(&names[order[later]])))
                .collect();
            let dag = Dag::new(names, arrows).unwrap();
            let (criterion, explains) = if given {
                (Criterion::Conditional { given: vec!["c2".into(), "c4".into()] }, vec!["c2", "c4"])
            } else {
                (Criterion::DemographicParity, vec![])
            };
            let left = without(&dag, &rule(criterion).severed(&dag).unwrap());
            prop_assert!(left.separates("c0", "c1", &explains).unwrap());
        }
    }
}
