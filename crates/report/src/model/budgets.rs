//! A figure of several models at several budgets.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// One panel a model: a figure of it at each budget of privacy, beside what real data give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budgets {
    /// What they show, and of how many.
    pub caption: String,
    /// How to read them.
    pub reading: String,
    /// What runs along the bottom (`epsilon`).
    pub across: String,
    /// What runs upwards (`AUROC`).
    pub upwards: String,
    /// The budgets in order, as words (`1`, `no privacy`).
    pub budgets: Vec<String>,
    /// What real data give, with its name.
    pub reference: Option<(String, Estimate)>,
    /// The models, each with a figure at each budget; absent where it was not run.
    pub models: Vec<(String, Vec<Option<Estimate>>)>,
}
