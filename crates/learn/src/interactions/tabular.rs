//! Logistic regression and boosted trees on features of pairs.

use twinloom_neural::SparseMatrix;

use super::InteractionError;
use super::folds::{PairSplit, edges};
use super::graph::Pair;
use super::hierarchy::Hierarchy;
use super::neighbourhood::Partners;
use crate::{BoostedTrees, ColumnTable, LogisticParameters, LogisticRegression, TreesParameters};

/// What a table tells of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The levels of both codes.
    Hierarchy,
    /// The same, and the counts of partners.
    HierarchyAndPartners,
}

/// Columns of the counts of partners.
const COUNTS: usize = 3;

struct PairTable {
    labels: Vec<bool>,
    rows: Vec<Vec<(u32, f32)>>,
    columns: usize,
}

impl PairTable {
    /// PairTable of pairs when these edges are known.
    fn new(told: Told, hierarchy: &Hierarchy, known: &Partners, part: &[(Pair, bool)]) -> Self {
        let plain = hierarchy.pair_columns();
        let row = |pair: Pair| {
            let mut row = hierarchy.of_pair(pair);
            if told == Told::HierarchyAndPartners {
                let counts = [known.degree_product(pair), known.common(pair), known.adamic_adar(pair)];
                // Logs, for counts have a long tail.
                row.extend((plain as u32..).zip(counts.map(|count| count.ln_1p() as f32)));
            }
            row
        };
        let columns = plain + if told == Told::HierarchyAndPartners { COUNTS } else { 0 };
        Self {
            labels: part.iter().map(|(_, label)| *label).collect(),
            rows: part.iter().map(|(pair, _)| row(*pair)).collect(),
            columns,
        }
    }

    fn followed_by(&self, other: &Self) -> Self {
        Self {
            labels: [self.labels.clone(), other.labels.clone()].concat(),
            rows: [self.rows.clone(), other.rows.clone()].concat(),
            columns: self.columns,
        }
    }

    fn sparse(&self) -> SparseMatrix {
        SparseMatrix::from_rows(self.columns, self.rows.clone())
            .expect("columns below their number, logs of counts")
    }

    fn dense(&self) -> ColumnTable {
        let rows = self.rows.len();
        let mut values = vec![0.0; rows * self.columns];
        for (place, row) in self.rows.iter().enumerate() {
            for (column, value) in row {
                values[*column as usize * rows + place] += f64::from(*value);
            }
        }
        ColumnTable { values, rows, columns: self.columns }
    }
}

/// PairTable to choose by, to fit on at last, and asked.
struct Tables {
    train: PairTable,
    tuning: PairTable,
    known: PairTable,
    asked: PairTable,
}

impl Tables {
    fn new(told: Told, hierarchy: &Hierarchy, split: &PairSplit) -> Self {
        let first = Partners::new(split.nodes, &edges(&split.train));
        let all = Partners::new(split.nodes, &split.known_edges());
        let rows = |known, part: &[(Pair, bool)]| PairTable::new(told, hierarchy, known, part);
        Self {
            train: rows(&first, &split.train),
            tuning: rows(&first, &split.tuning),
            known: rows(&all, &[split.train.clone(), split.tuning.clone()].concat()),
            asked: rows(&all, &split.asked),
        }
    }
}

/// Probabilities of the pairs asked, by logistic regression whose penalty tuning chose.
pub(super) fn logistic(
    told: Told,
    hierarchy: &Hierarchy,
    split: &PairSplit,
) -> Result<Vec<f64>, InteractionError> {
    let tables = Tables::new(told, hierarchy, split);
    let parameters = LogisticParameters { refit: false, ..LogisticParameters::default() };
    let both = tables.train.followed_by(&tables.tuning);
    let chosen =
        LogisticRegression::fit(&both.sparse(), &both.labels, tables.train.labels.len(), &parameters)?;
    Ok(chosen.refit(&tables.known.sparse(), &tables.known.labels).predict(&tables.asked.sparse()))
}

/// Probabilities of the pairs asked, by boosted trees whose depth and number tuning chose.
pub(super) fn trees(
    told: Told,
    hierarchy: &Hierarchy,
    split: &PairSplit,
    seed: u64,
) -> Result<Vec<f64>, InteractionError> {
    let tables = Tables::new(told, hierarchy, split);
    let parameters = TreesParameters { depths: vec![1, 3], ..TreesParameters::default() };
    let chosen = BoostedTrees::fit(
        (&tables.train.dense(), &tables.train.labels),
        (&tables.tuning.dense(), &tables.tuning.labels),
        &parameters,
        seed,
    )?;
    let last = chosen.refit((&tables.known.dense(), &tables.known.labels), &parameters, seed)?;
    Ok(last.predict(&tables.asked.dense()))
}
