//! What the services of a locality did.

/// What the services of one or several localities did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// Demands answered.
    pub answered: u64,
}

impl Measures {
    /// Adds what another locality's services did.
    pub fn merge(&mut self, other: &Self) {
        self.answered += other.answered;
    }
}
