//! Verbs that make synthetic tables: `synth schema`, `synth fit`, `synth sample`.

pub(crate) mod arguments;
pub(crate) mod compare;
pub(crate) mod fit;
pub(crate) mod recommend;
pub(crate) mod report;
pub(crate) mod sample;
pub(crate) mod schema;
pub(crate) mod source;

use crate::failure::BadInput;

pub(crate) fn refused(error: impl std::error::Error + Send + Sync + 'static) -> BadInput {
    BadInput::from_chain(&anyhow::Error::new(error))
}
