//! What a synthetic table may be used for, and by whom: figures turned into a written recommendation.
//!
//! Two questions are kept apart. **Who may see it** ([`Audience`]) follows from the claim and the attacks; **what it
//! may be used for** ([`Use`]) from how well it stands for the real table. Each answer lists its reasons, and each
//! reason links to the figure that it rests on.
//!
//! # Who may see it
//! | evidence | audience |
//! |---|---|
//! | an audit's bound from below exceeds the claim | nobody |
//! | an attack finds members, or rows are their copies | who may see the real data |
//! | no claim and no attack, or no attack whose controls hold | who may see the real data |
//! | no claim, or epsilon above 10, or delta not below 1 in the number of people; attacks find nobody | people named in an agreement |
//! | epsilon above 1 and at most 10, attacks find nobody | people named in an agreement |
//! | epsilon at most 1, attacks find nobody | anyone |
//!
//! # What it may be used for
//! | use | asks |
//! |---|---|
//! | testing software | constraints hold as often as in real rows, less 0.01; columns cover 0.9 of values |
//! | developing code | the same, and missing shares within 0.1 |
//! | teaching | within 0.15: columns (mean total variation), correlations, associations, and SDMetrics' trends of the pairs that go together |
//! | exploring | the same within 0.10 |
//! | training models | for each question asked, an area under the curve at most 0.05 lower, for sure |
//! | publishing estimates | never from one synthetic table alone |
//!
//! A difference counts beyond what people held out show, where there are some. A use is supported where every figure
//! asked for is there and good, unsupported where one speaks against it, and unknown where one is missing.
//!
//! # Source
//! Tiers of epsilon: Ponomareva et al., How to DP-fy ML, JAIR 77 (2023), section 5.2 (up to 1 strong, up to 10
//! reasonable, above weak). Delta below one in the number of people: Dwork and Roth, The algorithmic foundations of
//! differential privacy (2014), section 2.3. No estimates from one synthetic table as if it were real: Raab, Nowok and
//! Dibben, Practical data synthesis for large samples, Journal of Privacy and Confidentiality 7 (2016).
//!
//! # Limits
//! The limits of fidelity (0.01 to 0.15) are this program's conventions and no one's standard: state others where a use
//! needs them. A recommendation is no permission: who answers for the data gives that.

mod audience;
mod card;
mod evidence;
mod uses;

pub use audience::Audience;
pub use card::{CardSection, CardSubject, ModelCard, model_card};
pub use evidence::{Evidence, Link, Reason, Weighs};
pub use uses::{Judged, Use, UseRow};

use serde::{Deserialize, Serialize};

/// What a synthetic table may be used for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Who may see it.
    pub audience: Audience,
    /// Why.
    pub audience_reasons: Vec<Reason>,
    /// The epsilon that this holds at; none where nothing is claimed.
    pub epsilon: Option<f64>,
    /// Each use.
    pub uses: Vec<UseRow>,
}

impl Recommendation {
    /// The recommendation in paragraphs: who may see it, and each use with its reasons.
    pub fn paragraphs(&self) -> Vec<String> {
        let told = |reasons: &[Reason]| {
            let each = reasons.iter().map(|reason| format!("{} ({})", reason.says, reason.link));
            each.collect::<Vec<_>>().join("; ")
        };
        let at = match self.epsilon {
            Some(epsilon) => format!("At epsilon {epsilon}"),
            None => "With no claim of differential privacy".to_owned(),
        };
        let mut all = vec![format!("{at}: {}. {}.", self.audience, told(&self.audience_reasons))];
        all.extend(
            self.uses.iter().map(|row| format!("{}: {}. {}.", row.used_for, row.judged, told(&row.reasons))),
        );
        all
    }
}

/// Turns figures into a recommendation, by the rules of this module.
pub fn appropriate_use(evidence: &Evidence<'_>) -> Recommendation {
    let (audience, audience_reasons) = audience::audience(evidence);
    let uses = uses::uses(evidence, audience);
    Recommendation {
        audience,
        audience_reasons,
        epsilon: evidence.claimed().map(|claimed| claimed.epsilon),
        uses,
    }
}

#[cfg(test)]
mod tests;
