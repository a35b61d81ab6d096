//! How a causal generator is fitted, and why it can't be.

use serde::{Deserialize, Serialize};
use twinloom_privacy::{LedgerError, MechanismError, Rho};
use twinloom_table::{SchemaError, TableError};

use crate::causal::{Dag, GesParameters, GraphError, KnowledgeError};

/// Where the graph is from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Structure {
    /// Given by who knows, without looking at people's values: costs no privacy.
    Given(Dag),
    /// Learned from real rows before, without noise. A private fit refuses it.
    Learned(Dag),
    /// To be learned by greedy search with BIC. A private fit learns it from counts of pairs with noise, and so with one
    /// cause at most for each column.
    Search(GesParameters),
}

/// How numbers follow their causes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// In bins, any number of a bin alike.
    #[default]
    Bins,
    /// As a line of their numeric causes with normal residuals, one for each combination of the others. Not under a claim
    /// of privacy.
    Lines,
}

/// How a causal generator is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CausalParameters {
    /// Where the graph is from (default: to be learned).
    pub structure: Structure,
    /// How numbers follow their causes (default bins).
    pub numbers: Numbers,
    /// Bins of a column of numbers (default 20, permitted 2 to 1,000).
    pub bins: usize,
    /// Coarser bins, and half as many as categories, that effects and the search see of a column (default 5, permitted 2 to
    /// `bins`).
    pub cause_bins: usize,
    /// Rows of prior knowledge that a combination of causes is as all are together (default 1, permitted 0 to 1e6).
    pub prior_rows: f64,
    /// Most cells of a column's table with its causes (default 2^20, permitted 4 to 2^24).
    pub most_cells: usize,
    /// Budget of a private fit (default: what the claim leaves).
    pub rho: Option<Rho>,
    /// Share of it that learning the graph takes (default 0.3, permitted above 0 to below 1).
    pub structure_share: f64,
}

impl Default for CausalParameters {
    fn default() -> Self {
        Self {
            structure: Structure::Search(GesParameters::default()),
            numbers: Numbers::default(),
            bins: 20,
            cause_bins: 5,
            prior_rows: 1.0,
            most_cells: 1 << 20,
            rho: None,
            structure_share: 0.3,
        }
    }
}

impl CausalParameters {
    pub(super) fn check(&self) -> Result<(), CausalError> {
        let within = |name, value: f64, least: f64, most: f64| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(CausalError::Parameter { name, value, least, most })
            }
        };
        within("bins", self.bins as f64, 2.0, 1000.0)?;
        within("cause_bins", self.cause_bins as f64, 2.0, self.bins as f64)?;
        within("prior_rows", self.prior_rows, 0.0, 1e6)?;
        within("most_cells", self.most_cells as f64, 4.0, f64::from(1 << 24))?;
        within("structure_share", self.structure_share, 0.001, 0.999)
    }
}

/// Why a causal generator can't be fitted or drawn from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CausalError {
    /// A parameter out of range.
    #[error("{name} {value} is out of range; permitted: {least} to {most}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Least permitted.
        least: f64,
        /// Most permitted.
        most: f64,
    },
    /// Too few rows.
    #[error("{rows} rows are too few to fit; permitted: {least} or more")]
    Rows {
        /// How many there are.
        rows: usize,
        /// How many it takes.
        least: usize,
    },
    /// The graph is of other columns.
    #[error("the graph has {graph} columns and the table {table}, or names differ; permitted: the same")]
    Columns {
        /// The graph's.
        graph: usize,
        /// The table's.
        table: usize,
    },
    /// A column's table with its causes is too large.
    #[error(
        "column {column} with its causes has more than {most} combinations; give it fewer causes, or cause_bins fewer bins"
    )]
    Cells {
        /// Which.
        column: String,
        /// What is permitted.
        most: usize,
    },
    /// Bounds or categories that looking at people's values made, under a claim.
    #[error("column {column} has no declared {what}; under a claim of privacy, declare or pay for them")]
    Undeclared {
        /// Which.
        column: String,
        /// What it lacks.
        what: &'static str,
    },
    /// A graph that was learned without noise, under a claim.
    #[error(
        "the graph was learned without noise; under a claim of privacy, give one that was not, or let it be learned"
    )]
    OpenStructure,
    /// Lines under a claim.
    #[error("lines are not fitted under a claim of privacy; permitted: bins")]
    OpenLines,
    /// Nothing is left to spend.
    #[error("the budget is used up, or its delta is 0; nothing is left to fit with")]
    NoBudget,
    /// More is asked for than is left.
    #[error("rho {asked} is above what the claim leaves, {left}")]
    Budget {
        /// Asked for.
        asked: Rho,
        /// Left.
        left: Rho,
    },
    /// What an intervention sets can't be.
    #[error("column {column} can't be set so: {reason}")]
    Intervention {
        /// Which.
        column: String,
        /// Why.
        reason: TableError,
    },
    /// The graph is none.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Knowledge contradicts itself.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The noise can't be made.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
    /// The table can't be made.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<SchemaError> for CausalError {
    fn from(error: SchemaError) -> Self {
        Self::Table(error.into())
    }
}
