//! Transitions: direct, conditional, distributed (also by attribute), complex.

use super::condition::Condition;
use super::names::Names;
use super::node::Node;
use super::{PathwayError, States, Value};
use crate::engine::Moment;
use crate::patient::Patient;
use crate::stream::Stream;

/// How far probabilities may miss 1 in sum.
const SUM_TOLERANCE: f64 = 1e-3;

/// Where a module goes from a state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Transition {
    Direct(u16),
    Distributed(Shares),
    /// The first branch whose condition holds.
    Conditional(Vec<(Option<Condition>, u16)>),
    /// The first branch whose condition holds, then by chance within it.
    Complex(Vec<(Option<Condition>, Shares)>),
}

/// Targets by probability.
type Shares = Vec<(Share, u16)>;

/// A probability, or the attribute that holds it and its default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Share {
    Fixed(f64),
    Attribute(u32, f64),
}

impl Transition {
    /// The transition of a state; `None` where a state has none.
    pub(crate) fn read(
        state: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Option<Self>, PathwayError> {
        for unsupported in ["lookup_table_transition", "type_of_care_transition"] {
            if let Some(node) = state.get(unsupported) {
                return Err(node.error(
                    "is not supported; permitted: direct, distributed, conditional and complex transitions",
                ));
            }
        }
        if let Some(target) = state.get("direct_transition") {
            return Ok(Some(Self::Direct(states.local(&target)?)));
        }
        if let Some(list) = state.get("distributed_transition") {
            return Ok(Some(Self::Distributed(read_shares(&list, names, states)?)));
        }
        if let Some(list) = state.get("conditional_transition") {
            let branch = |node: &Node<'_>, names: &mut Names| {
                Ok((read_condition(node, names, states)?, states.local(&node.need("transition")?)?))
            };
            let branches = list.list()?.iter().map(|node| branch(node, names)).collect::<Result<_, _>>()?;
            return Ok(Some(Self::Conditional(branches)));
        }
        if let Some(list) = state.get("complex_transition") {
            let branch = |node: &Node<'_>, names: &mut Names| {
                let shares = match node.get("distributions") {
                    Some(shares) => read_shares(&shares, names, states)?,
                    None => vec![(Share::Fixed(1.0), states.local(&node.need("transition")?)?)],
                };
                Ok((read_condition(node, names, states)?, shares))
            };
            let branches = list.list()?.iter().map(|node| branch(node, names)).collect::<Result<_, _>>()?;
            return Ok(Some(Self::Complex(branches)));
        }
        Ok(None)
    }

    /// Chooses the next state; `None` when no branch applies.
    pub(crate) fn choose(
        &self,
        patient: &Patient,
        now: Moment,
        names: &Names,
        stream: &mut Stream,
    ) -> Option<u16> {
        let applies = |condition: &Option<Condition>| {
            condition.as_ref().is_none_or(|own| own.holds(patient, now, names))
        };
        match self {
            Self::Direct(target) => Some(*target),
            Self::Distributed(shares) => pick(shares, patient, stream),
            Self::Conditional(branches) => {
                branches.iter().find(|(condition, _)| applies(condition)).map(|(_, target)| *target)
            }
            Self::Complex(branches) => {
                let (_, shares) = branches.iter().find(|(condition, _)| applies(condition))?;
                pick(shares, patient, stream)
            }
        }
    }

    /// Every state that may come next.
    pub(crate) fn targets(&self) -> Vec<u16> {
        match self {
            Self::Direct(target) => vec![*target],
            Self::Distributed(shares) => shares.iter().map(|(_, target)| *target).collect(),
            Self::Conditional(branches) => branches.iter().map(|(_, target)| *target).collect(),
            Self::Complex(branches) => {
                branches.iter().flat_map(|(_, shares)| shares.iter().map(|(_, target)| *target)).collect()
            }
        }
    }
}

fn read_condition(
    node: &Node<'_>,
    names: &mut Names,
    states: &States<'_>,
) -> Result<Option<Condition>, PathwayError> {
    node.get("condition").map(|condition| Condition::read(&condition, names, states)).transpose()
}

fn read_shares(node: &Node<'_>, names: &mut Names, states: &States<'_>) -> Result<Shares, PathwayError> {
    let mut shares = Vec::new();
    for branch in node.list()? {
        let distribution = branch.need("distribution")?;
        let share = match distribution.text_of("attribute")? {
            Some(attribute) => Share::Attribute(
                names.attribute(attribute),
                distribution.number_of("default")?.unwrap_or(0.0),
            ),
            None => Share::Fixed(distribution.number()?),
        };
        shares.push((share, states.local(&branch.need("transition")?)?));
    }
    let fixed: Option<Vec<f64>> = shares
        .iter()
        .map(|(share, _)| match share {
            Share::Fixed(probability) => Some(*probability),
            Share::Attribute(..) => None,
        })
        .collect();
    if let Some(probabilities) = fixed {
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE || probabilities.iter().any(|share| !(0.0..=1.0).contains(share))
        {
            return Err(node.error(format!("probabilities sum to {sum}; permitted: 0 to 1 each, 1 in sum")));
        }
    }
    Ok(shares)
}

fn pick(shares: &[(Share, u16)], patient: &Patient, stream: &mut Stream) -> Option<u16> {
    let mut left = stream.uniform();
    for (share, target) in shares {
        left -= match share {
            Share::Fixed(probability) => *probability,
            Share::Attribute(attribute, default) => match patient.attributes[*attribute as usize] {
                Value::Number(probability) => probability,
                _ => *default,
            },
        };
        if left < 0.0 {
            return Some(*target);
        }
    }
    shares.last().map(|(_, target)| *target)
}
