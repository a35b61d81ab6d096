//! People by stratum, each stratum with a weight: what is resampled, and what masses are made of.

use rand_chacha::ChaCha8Rng;

use crate::Histories;
use crate::statistics::random::below;

/// Some of the people, in strata of equal weight.
#[derive(Clone, Debug)]
pub(crate) struct Cohort {
    pub(super) cells: usize,
    pub(super) strata: Vec<Stratum>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stratum {
    /// The cell of each person.
    pub cell_of: Vec<u32>,
    pub weight: f64,
}

impl Cohort {
    pub(crate) fn new(cells: usize, strata: Vec<Stratum>) -> Self {
        Self { cells, strata: strata.into_iter().filter(|stratum| !stratum.cell_of.is_empty()).collect() }
    }

    /// Everybody, each counting once.
    pub(crate) fn everybody(histories: &Histories) -> Self {
        let cell_of = histories.cell_of_person().to_vec();
        Self::new(histories.cells(), vec![Stratum { cell_of, weight: 1.0 }])
    }

    /// Number of people.
    pub(crate) fn people(&self) -> usize {
        self.strata.iter().map(|stratum| stratum.cell_of.len()).sum()
    }

    /// The number of people of one weight who would say as much (Kish 1965).
    pub(crate) fn effective_people(&self) -> f64 {
        let sum = |power: i32| -> f64 {
            self.strata.iter().map(|stratum| stratum.weight.powi(power) * stratum.cell_of.len() as f64).sum()
        };
        crate::weight::ratio(sum(1) * sum(1), sum(2))
    }

    pub(crate) fn largest_weight(&self) -> f64 {
        self.strata.iter().map(|stratum| stratum.weight).fold(0.0, f64::max)
    }

    /// Mass of each cell.
    pub(crate) fn mass(&self) -> Vec<f64> {
        let mut mass = vec![0.0; self.cells];
        for stratum in &self.strata {
            for cell in &stratum.cell_of {
                mass[*cell as usize] += stratum.weight;
            }
        }
        mass
    }

    /// Mass of as many people drawn again, with replacement, from each stratum.
    pub(crate) fn resampled(&self, generator: &mut ChaCha8Rng) -> Vec<f64> {
        let mut mass = vec![0.0; self.cells];
        for stratum in &self.strata {
            let number = stratum.cell_of.len() as u32;
            for _ in 0..number {
                let person = below(generator, number) as usize;
                mass[stratum.cell_of[person] as usize] += stratum.weight;
            }
        }
        mass
    }

    /// Mass of the people but every `parts`-th, counted from `part`; the rest of a stratum stand for it.
    pub(crate) fn without(&self, part: usize, parts: usize) -> Vec<f64> {
        let mut mass = vec![0.0; self.cells];
        let mut place = 0;
        for stratum in &self.strata {
            let places = place..place + stratum.cell_of.len();
            place = places.end;
            let kept = places.clone().filter(|place| place % parts != part).count();
            let weight = crate::weight::ratio(stratum.weight * stratum.cell_of.len() as f64, kept as f64);
            for (cell, _) in stratum.cell_of.iter().zip(places).filter(|(_, place)| place % parts != part) {
                mass[*cell as usize] += weight;
            }
        }
        mass
    }
}
