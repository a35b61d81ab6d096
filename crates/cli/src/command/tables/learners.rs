//! What learns from tables: the audit's own small learners and boosted trees.

use clap::ValueEnum;
use twinloom_audit::synthetic::{Encoded, Learner, RidgeLogistic, VectorMachine};
use twinloom_learn::{BoostedTrees, ColumnTable, TreesParameters};

/// A learner by its word on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LearnerKind {
    /// Logistic regression with a small penalty.
    Logistic,
    /// Boosted trees of depth 3, stopped on a fifth of the rows.
    Trees,
    /// Support vector classifier with a Gaussian kernel, on at most 2,000 rows.
    Vectors,
}

impl LearnerKind {
    /// The learner.
    pub(crate) fn learner(self) -> Box<dyn Learner> {
        match self {
            Self::Logistic => Box::new(RidgeLogistic::default()),
            Self::Trees => Box::new(Trees),
            Self::Vectors => Box::new(VectorMachine::default()),
        }
    }
}

/// One row in so many is kept from the trees, to stop them.
const TUNING: usize = 5;

/// Boosted trees seen as the audit sees a learner.
#[derive(Clone, Copy, Debug)]
struct Trees;

impl Learner for Trees {
    fn name(&self) -> String {
        "boosted trees".to_owned()
    }

    fn fit_predict(&self, train: &Encoded, labels: &[bool], test: &Encoded) -> Vec<f64> {
        // Every fifth row of each class stops the trees, so that both parts hold both where there are enough.
        let mut seen = [0_usize; 2];
        let is_tuning: Vec<bool> = labels
            .iter()
            .map(|&label| {
                let place = &mut seen[usize::from(label)];
                *place += 1;
                *place % TUNING == 0
            })
            .collect();
        let part = |tuning: bool| {
            let rows: Vec<usize> = (0..labels.len()).filter(|&row| is_tuning[row] == tuning).collect();
            let labels: Vec<bool> = rows.iter().map(|&row| labels[row]).collect();
            (columns(train, &rows), labels)
        };
        let (own, tuning) = (part(false), part(true));
        let parameters =
            TreesParameters { depths: vec![3], trees: 150, patience: 10, ..TreesParameters::default() };
        let fitted = BoostedTrees::fit((&own.0, &own.1), (&tuning.0, &tuning.1), &parameters, 0);
        // The audit takes a list of another length for a learner that gave up, and says that there is no figure.
        fitted.map_or_else(
            |_| Vec::new(),
            |trees| trees.predict(&columns(test, &(0..test.len()).collect::<Vec<_>>())),
        )
    }
}

fn columns(encoded: &Encoded, rows: &[usize]) -> ColumnTable {
    let values =
        (0..encoded.width()).flat_map(|column| rows.iter().map(move |&row| encoded.row(row)[column]));
    ColumnTable { values: values.collect(), rows: rows.len(), columns: encoded.width() }
}

#[cfg(test)]
mod tests {
    use twinloom_audit::synthetic::Encoder;
    use twinloom_table::{InferParameters, Rows, Table, infer};

    use super::*;

    #[test]
    fn law_trees_see_what_no_line_divides() {
        // The outcome is a number in the middle.
        let outcome = |at: usize| (3..7).contains(&(at % 10));
        let row =
            |at: usize| [(at % 10).to_string(), (at % 7).to_string(), u8::from(outcome(at)).to_string()];
        let rows = Rows::new(&["number", "noise", "middle"], (0..800).map(row)).unwrap();
        let table = Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap();
        let encoded = Encoder::new(&table, &["middle"]).unwrap().encode(&table).unwrap();
        let labels: Vec<bool> = (0..800).map(outcome).collect();
        let right = |kind: LearnerKind| {
            let scores = kind.learner().fit_predict(&encoded, &labels, &encoded);
            let hits = scores.iter().zip(&labels).filter(|(score, label)| (**score > 0.5) == **label);
            hits.count() as f64 / 800.0
        };
        assert!(right(LearnerKind::Trees) > 0.95, "{}", right(LearnerKind::Trees));
    }
}
