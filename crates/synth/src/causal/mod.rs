//! Causal structure: what of a table's columns depends on what, and tables drawn from it.
//!
//! A [`Dag`] is given or learned. Data alone tell of a class of graphs only, a [`Cpdag`]: by tests of independence
//! ([`pc`]) or by a score ([`ges`]); what is known besides, in [`Knowledge`], narrows it, and
//! [`extension`](Cpdag::extension) chooses one graph of it.
//!
//! Columns of words and of numbers together are tested and scored as [`Levels`], numbers in bins; columns of numbers alone
//! may be by correlation.
//!
//! # Limits
//! What is learned is causal only where no common cause is left out; where one is, it shows as edges between its effects.
//!
//! ```
//! use twinloom_synth::causal::{CountTest, Knowledge, Levels, PcParameters, Statistic, pc};
//! use twinloom_table::{Rows, Table, infer};
//!
//! let cells = (0..400).map(|row| match row % 4 {
//!     0 => ["no", "no", "never"],
//!     1 => ["no", "yes", "once"],
//!     2 => ["yes", "no", "once"],
//!     _ => ["yes", "yes", "twice"],
//! });
//! let rows = Rows::new(&["smokes", "drinks", "admitted"], cells)?;
//! let table = Table::read(&infer(&rows, &Default::default())?, &rows)?;
//! let levels = Levels::of(&table, &Default::default())?;
//! let found = pc(&CountTest::new(&levels, Statistic::GSquare), &PcParameters::default())?;
//! let names = |one: &str, other: &str| (one.into(), other.into());
//! assert_eq!(found.class.arrows(), [names("smokes", "admitted"), names("drinks", "admitted")]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cpdag;
mod dag;
mod fair;
mod ges;
mod independence;
mod knowledge;
mod levels;
mod linear;
mod meek;
mod model;
mod pc;
mod pdag;
mod random;
mod score;

pub use cpdag::Cpdag;
pub use dag::{Dag, Edge, GraphError};
pub use fair::{Beside, CostOptions, Criterion, FairCost, FairError, FairRule, fair_cost};
pub use ges::{GesFindings, GesParameters, ges};
pub use independence::{CorrelationTest, CountTest, Independence, Statistic};
pub use knowledge::{Knowledge, KnowledgeError};
pub use levels::{Levels, LevelsError, LevelsParameters};
pub use model::{
    CausalError, CausalParameters, EffectOptions, Figure, FittedCausal, Intervention, Numbers, Outcome,
    Structure, average_effect, fit,
};
pub(crate) use model::{Coding, ShareTable, fitting};
pub use pc::{PcError, PcFindings, PcParameters, pc};
pub(crate) use random::{choose, stream, uniform};
pub use score::{CountScore, CountScoreKind, GaussianScore, Score};
