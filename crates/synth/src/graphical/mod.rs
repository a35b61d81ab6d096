//! Graphical models of discrete columns, fitted to noisy marginals.

mod aim;
mod belief;
mod counts;
mod estimate;
mod factor;
mod junction;
mod mst;
mod sample;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use twinloom_privacy::{BudgetError, LedgerError, MechanismError};

pub(crate) use self::counts::{counts, mutual_information};

use self::aim::Workload;
use self::estimate::{Estimate, STEPS};
use self::factor::Factor;
use self::junction::JunctionTree;
use crate::Privacy;

/// Which marginals a model is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Structure {
    /// Single columns.
    Independent,
    /// A tree of pairs, chosen at once.
    Tree,
    /// Pairs chosen one after the other.
    Adaptive,
}

/// A distribution over the codes of a table's columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GraphicalModel {
    picture: Picture,
    cliques: Vec<Vec<usize>>,
    parents: Vec<Option<usize>>,
    separators: Vec<Vec<usize>>,
    /// Expected counts of each clique's combinations of codes.
    counts: Vec<Vec<f64>>,
    total: f64,
}

/// Bytes of a cell.
const BYTES: f64 = 8.0;

impl GraphicalModel {
    /// Fits to codes; pairs with the target are measured, or weigh more.
    pub(crate) fn fit(
        codes: &[Vec<u32>],
        sizes: &[usize],
        (structure, target, target_weight): (Structure, Option<usize>, f64),
        most_megabytes: f64,
        mut privacy: Privacy<'_>,
    ) -> Result<Self, GraphicalError> {
        let most_cells = most_megabytes * 1e6 / BYTES;
        let widest = sizes.iter().copied().max().unwrap_or_default() as f64;
        if structure == Structure::Tree && widest * widest > most_cells {
            return Err(GraphicalError::TooLarge {
                megabytes: widest * widest * BYTES / 1e6,
                permitted: most_megabytes,
            });
        }
        let (picture, found) = match structure {
            Structure::Independent => {
                let rho = if privacy.is_private() {
                    Some(privacy.remaining().ok_or(GraphicalError::NothingLeft)?.get())
                } else {
                    None
                };
                let singles: Vec<Vec<usize>> = (0..sizes.len()).map(|column| vec![column]).collect();
                let measured = mst::measure(codes, sizes, &singles, rho, "each column", &mut privacy)?;
                let total = mst::total(&measured);
                (Picture::whole(sizes), estimate::estimate(sizes, &measured, total, STEPS))
            }
            Structure::Tree => mst::fit(codes, sizes, target, privacy)?,
            Structure::Adaptive => {
                let sets = Workload::pairs(sizes.len(), target, target_weight);
                let workload = Workload { sets, most_cells, most_rounds: 16 * sizes.len() };
                aim::fit(codes, sizes, &workload, privacy)?
            }
        };
        Ok(Self {
            picture,
            counts: found.marginals.into_iter().map(|factor| factor.values).collect(),
            cliques: found.tree.cliques,
            parents: found.tree.parents,
            separators: found.tree.separators,
            total: found.total,
        })
    }

    /// Whether its parts fit each other and the table's codes, as those read from a file may not.
    pub(crate) fn is_sound(&self, sizes: &[usize]) -> bool {
        let Picture { maps, sizes: own, rare } = &self.picture;
        let columns = sizes.len();
        let told = |column: usize| {
            maps[column].len() == sizes[column]
                && maps[column].iter().all(|code| (*code as usize) < own[column])
                && rare[column].iter().all(|code| (*code as usize) < sizes[column])
        };
        let joined = |(place, clique): (usize, &Vec<usize>)| {
            let separator = &self.separators[place];
            let held = |parent: usize| {
                parent < place && separator.iter().all(|column| self.cliques[parent].contains(column))
            };
            clique.iter().all(|column| *column < columns)
                && clique.windows(2).all(|pair| pair[0] < pair[1])
                && self.counts[place].len() == clique.iter().map(|column| own[*column]).product::<usize>()
                && separator.iter().all(|column| clique.contains(column))
                && self.parents[place].map_or(separator.is_empty(), held)
        };
        [maps.len(), own.len(), rare.len()] == [columns; 3]
            && (0..columns).all(told)
            && [self.parents.len(), self.separators.len(), self.counts.len()] == [self.cliques.len(); 3]
            && self.cliques.iter().enumerate().all(joined)
            && (0..columns).all(|column| self.cliques.iter().any(|clique| clique.contains(&column)))
    }

    /// Rows that it was fitted to, as far as noise tells.
    pub(crate) fn rows(&self) -> usize {
        self.total.round() as usize
    }

    /// Sets of columns whose combinations it knows.
    pub(crate) fn cliques(&self) -> &[Vec<usize>] {
        &self.cliques
    }

    /// Codes of so many rows.
    pub(crate) fn sample(&self, rows: usize, seed: u64) -> Vec<Vec<u32>> {
        let sizes = &self.picture.sizes;
        let factor = |(columns, values): (&Vec<usize>, &Vec<f64>)| Factor {
            sizes: columns.iter().map(|column| sizes[*column]).collect(),
            columns: columns.clone(),
            values: values.clone(),
        };
        let marginals: Vec<Factor> = self.cliques.iter().zip(&self.counts).map(factor).collect();
        let tree = JunctionTree {
            cliques: self.cliques.clone(),
            parents: self.parents.clone(),
            separators: self.separators.clone(),
        };
        let model = Estimate { tree, marginals, potentials: Vec::new(), total: self.total };
        self.picture.spread(&model.sample(sizes, rows, seed), seed)
    }
}

/// Which codes of each column a model tells apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Picture {
    /// The model's code of each code.
    maps: Vec<Vec<u32>>,
    /// The model's codes of each column.
    sizes: Vec<usize>,
    /// The codes that are told together as the last of the model's.
    rare: Vec<Vec<u32>>,
}

impl Picture {
    /// Every code told apart.
    pub(crate) fn whole(sizes: &[usize]) -> Self {
        Self {
            maps: sizes.iter().map(|size| (0..*size as u32).collect()).collect(),
            sizes: sizes.to_vec(),
            rare: vec![Vec::new(); sizes.len()],
        }
    }

    /// The model's codes of a table's.
    fn merged(&self, codes: &[Vec<u32>]) -> Vec<Vec<u32>> {
        let of = |(map, own): (&Vec<u32>, &Vec<u32>)| own.iter().map(|code| map[*code as usize]).collect();
        self.maps.iter().zip(codes).map(of).collect()
    }

    /// A table's codes of the model's: one of the rare ones at random where they are told together.
    fn spread(&self, codes: &[Vec<u32>], seed: u64) -> Vec<Vec<u32>> {
        let of = |(column, own): (usize, &Vec<u32>)| {
            let mut back = vec![0; self.sizes[column]];
            for (code, merged) in self.maps[column].iter().enumerate() {
                back[*merged as usize] = code as u32;
            }
            let rare = &self.rare[column];
            let together = (!rare.is_empty()).then(|| self.sizes[column] as u32 - 1);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream((1 << 41) | column as u64);
            own.iter()
                .map(|code| {
                    if Some(*code) == together {
                        rare[rng.random_range(0..rare.len())]
                    } else {
                        back[*code as usize]
                    }
                })
                .collect()
        };
        codes.iter().enumerate().map(of).collect()
    }
}

/// Why a graphical model can't be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphicalError {
    /// The claim is used up.
    #[error("the claim leaves no budget to fit with")]
    NothingLeft,
    /// Too many cells.
    #[error("the model would have {megabytes:.0} MB of cells; permitted: {permitted:.0}")]
    TooLarge {
        /// Its size.
        megabytes: f64,
        /// The limit.
        permitted: f64,
    },
    /// A budget out of range.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Noise can't be drawn.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
}
