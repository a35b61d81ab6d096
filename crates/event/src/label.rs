//! What is to be predicted, for whom, and from when.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{SubjectId, Timestamp};

/// One instance of a task (a row of the MEDS label schema).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Whose outcome it is.
    pub subject_id: SubjectId,
    /// The last moment whose data may be used, inclusive.
    pub prediction_time: Timestamp,
    /// The outcome.
    pub value: LabelValue,
}

/// The outcome in exactly one of the four forms of the MEDS label schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelValue {
    /// It happened or it did not.
    Boolean(bool),
    /// A count.
    Integer(i64),
    /// A quantity.
    Float(f64),
    /// One of several classes.
    Categorical(Arc<str>),
}
