//! Transitions.

use crate::ir::Condition;
use crate::names::{AttributeId, StateId, TableId};

/// How probable an option is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Probability {
    Fixed(f64),
    /// An attribute's value, or the default while it has none.
    Attribute {
        attribute: AttributeId,
        default: f64,
    },
}

impl Probability {
    /// What it is while no attribute says otherwise.
    pub(crate) const fn usual(self) -> f64 {
        match self {
            Self::Fixed(probability) | Self::Attribute { default: probability, .. } => probability,
        }
    }
}

/// One option of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    pub(crate) target: StateId,
    pub(crate) probability: Probability,
}

/// Where a branch of a complex transition leads.
#[derive(Clone, Debug)]
pub(crate) enum Branch {
    To(StateId),
    Shares(Box<[Share]>),
}

/// Where a state leads.
#[derive(Clone, Debug)]
pub(crate) enum Transition {
    /// Nowhere: a terminal state.
    None,
    Direct(StateId),
    Distributed(Box<[Share]>),
    /// The first whose condition holds; the last if none does.
    Conditional(Box<[(Option<Condition>, StateId)]>),
    Complex(Box<[(Option<Condition>, Branch)]>),
    Table {
        table: TableId,
        default: Box<[Share]>,
    },
    TypeOfCare {
        ambulatory: StateId,
        emergency: StateId,
        telemedicine: StateId,
    },
}

impl Transition {
    /// Every state it can lead to, in the order written, once each.
    pub(crate) fn targets(&self) -> Vec<StateId> {
        let mut targets = Vec::new();
        let mut add = |target: StateId| {
            if !targets.contains(&target) {
                targets.push(target);
            }
        };
        match self {
            Self::None => {}
            Self::Direct(target) => add(*target),
            Self::Distributed(shares) | Self::Table { default: shares, .. } => {
                shares.iter().for_each(|share| add(share.target));
            }
            Self::Conditional(options) => options.iter().for_each(|(_, target)| add(*target)),
            Self::Complex(options) => options.iter().for_each(|(_, branch)| match branch {
                Branch::To(target) => add(*target),
                Branch::Shares(shares) => shares.iter().for_each(|share| add(share.target)),
            }),
            Self::TypeOfCare { ambulatory, emergency, telemedicine } => {
                [*ambulatory, *emergency, *telemedicine].into_iter().for_each(add);
            }
        }
        targets
    }
}
