//! Attacks on a synthetic table: what it gives away of the people it was made from.
//!
//! Who attacks has the synthetic table and a reference table of other people. An [`Exposure`] holds both, with
//! the [members](Exposure::members) that the generator was trained on and others that it was not; attacks are asked to
//! tell them apart ([`membership`]) or to guess what the training data alone would tell ([`guessing`]).
//!
//! An attack that finds nothing shows nothing unless it would have found something. So each runs four times through
//! the same code: on the release, on a verbatim copy of the members, on other people with a tenth of the members
//! among them, and on other people alone.
//!
//! Membership figures are about people whose data leak most, by the share found at few false alarms: an
//! area under the curve of 0.55 hides one in ten copied verbatim.
//!
//! # Limits
//! No attack that fails proves privacy: another may succeed. Distances to the closest record are a check of sanity
//! alone (Yao et al., The DCR delusion, arXiv 2505.01524). A bound from above needs differential privacy; [`verdict`]
//! sets the bounds from below that audits find against it.

mod copies;
mod density;
mod distance;
mod distance_ratio;
mod epsilon;
mod error;
mod exposure;
mod features;
mod figures;
mod guessing;
mod inference;
mod linkability;
mod lira;
mod marginals;
mod nearest;
mod shadow;
mod singling_out;
mod split;

pub(crate) use copies::cell_key;
pub use copies::{Copies, copies};
pub use density::DensityRatio;
pub use distance_ratio::{ClosestRecord, DistanceRatio};
pub use epsilon::{
    AuditError, AuditMethod, AuditedEpsilon, Claimed, Outcomes, Verdict, classic_audit, one_run_audit,
    one_run_bound, one_run_p_value, verdict,
};
pub use error::AttackError;
pub(crate) use exposure::same_columns;
pub use exposure::{Controlled, Exposure, Knowledge, MembershipAttack, membership};
pub use figures::{MembershipFigures, membership_figures};
pub use guessing::{GuessAttack, GuessFigures, Tally, guessing};
pub use inference::AttributeInference;
pub use linkability::Linkability;
pub use lira::{RowLoss, Trainer, lira};
pub use marginals::MarginalReconstruction;
pub use shadow::{Generator, ShadowParameters, TargetFigures, outliers, shadow_attack};
pub use singling_out::SinglingOut;
pub use split::{SplitAudit, split_audit};
