//! Two groups whose members are exchanged at random within strata.

use rand_chacha::ChaCha8Rng;

use super::cohort::Cohort;
use crate::statistics::random::below;

impl Cohort {
    /// Masses of this cohort and another when, in each stratum, anybody of the two may be in either.
    ///
    /// The two have the same strata, as [`Strata::alike`](super::Strata::alike) gives them.
    pub(crate) fn exchanged(&self, other: &Self, generator: &mut ChaCha8Rng) -> [Vec<f64>; 2] {
        let (mut first, mut second) = (vec![0.0; self.cells], vec![0.0; other.cells]);
        for (one, two) in self.strata.iter().zip(&other.strata) {
            let mut wanted = one.cell_of.len() as u32;
            let mut left = wanted + two.cell_of.len() as u32;
            for cell in one.cell_of.iter().chain(&two.cell_of) {
                if below(generator, left) < wanted {
                    first[*cell as usize] += one.weight;
                    wanted -= 1;
                } else {
                    second[*cell as usize] += two.weight;
                }
                left -= 1;
            }
        }
        [first, second]
    }
}
