//! What guards and rates read, as a set of 64 topics.
//!
//! A change touches its topics; a waiting guard or rate looks again only when a topic that it reads was
//! touched. Several attributes or codes may share a topic: that costs a look, and changes no answer.

use std::ops::{BitAnd, BitOr, BitOrAssign};

use crate::patient::{CodeId, FactKind};

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Topics(u64);

impl Topics {
    /// Effects on vital signs, and signs that are set.
    pub(crate) const SIGNS: Self = Self(1 << 63);
    pub(crate) const SYMPTOMS: Self = Self(1 << 62);

    pub(crate) const fn attribute(attribute: u32) -> Self {
        Self(1 << (attribute % 24))
    }

    pub(crate) const fn entry(kind: FactKind, code: CodeId) -> Self {
        match kind {
            FactKind::Condition => Self(1 << (24 + code % 18)),
            FactKind::Medication => Self(1 << (42 + code % 10)),
            _ => Self::OTHER_ENTRIES,
        }
    }

    /// Anything in force: what an attribute refers to may be of any kind.
    pub(crate) const ENTRIES: Self = Self(((1 << 28) - 1) << 24 | Self::OTHER_ENTRIES.0);
    const OTHER_ENTRIES: Self = Self(1 << 52);

    pub(crate) const fn reading(code: CodeId) -> Self {
        Self(1 << (53 + code % 9))
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Topics {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Topics {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Topics {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
