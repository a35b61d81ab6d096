//! Generators of synthetic tables.
//!
//! Each generator is fitted to a [`Table`](twinloom_table::Table) and then draws rows of the same schema. What a fit may
//! know of the real rows is stated by [`Privacy`]: everything, or what noise lets through, each access entered in the
//! ledger before it happens. A fitted generator holds parameters, never a row.
//!
//! Missing values are values to a generator: it learns when they are missing, and draws them so.

pub mod binning;
pub mod causal;
mod contribution;
pub mod copula;
mod generator;
mod graphical;
pub mod longitudinal;
pub mod marginal;
pub mod paid;
mod privacy;
mod recommend;
mod release;
pub mod vae;

pub use contribution::{halves, one_row_each};
pub use generator::{Generator, GeneratorError, GeneratorKind};
pub use privacy::Privacy;
pub use recommend::{Recommended, recommend};
pub use release::Release;
