//! Verbs that make synthetic tables: `synth schema`, `synth fit`, `synth sample`.

pub(crate) mod arguments;
pub(crate) mod schema;

use crate::failure::BadInput;

pub(crate) fn refused(error: impl std::error::Error + Send + Sync + 'static) -> BadInput {
    BadInput::from_chain(&anyhow::Error::new(error))
}
