//! What is known of a synthetic table, and reasons that point to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::attack::{Claimed, Controlled, Copies, GuessFigures, MembershipFigures, Verdict};
use crate::synthetic::SyntheticReport;

/// What is known of a synthetic table; what was not looked at is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// People behind the real table; 0 where unknown.
    pub people: usize,
    /// The claim and what audits say of it.
    pub verdict: Option<Verdict>,
    /// How it stands for the real table.
    pub fidelity: Option<&'a SyntheticReport>,
    /// Attacks that tell members from others.
    pub membership: &'a [Controlled<MembershipFigures>],
    /// Attacks that guess.
    pub guesses: &'a [Controlled<GuessFigures>],
    /// Rows that are people's own.
    pub copies: Option<&'a Controlled<Copies>>,
}

impl Evidence<'_> {
    /// What is claimed, if anything.
    pub fn claimed(&self) -> Option<Claimed> {
        match self.verdict? {
            Verdict::NothingClaimed => None,
            Verdict::NotRefuted { claimed, .. } | Verdict::Refused { claimed, .. } => Some(claimed),
        }
    }
}

/// Where a figure stands: the command that gives it, and its place in that command's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The command.
    pub command: String,
    /// The place, names joined by dots.
    pub figure: String,
}

impl Link {
    pub(super) fn evaluated(figure: &str) -> Self {
        Self { command: "synth evaluate".to_owned(), figure: figure.to_owned() }
    }

    pub(super) fn attacked(figure: &str) -> Self {
        Self { command: "audit privacy".to_owned(), figure: figure.to_owned() }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.command, self.figure)
    }
}

/// Which way a reason speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighs {
    /// For it.
    For,
    /// Against it.
    Against,
    /// Neither: what it asks for was not looked at.
    Missing,
}

/// One sentence and the figure that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which way it speaks.
    pub weighs: Weighs,
    /// What it says, without a full stop.
    pub says: String,
    /// Where its figure stands.
    pub link: Link,
}

impl Reason {
    pub(super) fn new(weighs: Weighs, says: impl Into<String>, link: Link) -> Self {
        Self { weighs, says: says.into(), link }
    }
}
