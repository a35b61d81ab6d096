//! Models of marginals: independent columns, a tree of pairs, pairs chosen adaptively.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_privacy::Access;
use twinloom_table::{Missing, SchemaError, Table};

use crate::Privacy;
use crate::binning::{Binning, BinningError, BinningParameters, Repairs};
use crate::graphical::{GraphicalError, GraphicalModel, Structure};

/// Which marginals are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Marginals {
    /// Each column by itself.
    Independent,
    /// MST: a spanning tree of pairs.
    Mst,
    /// AIM: pairs chosen one after the other by what is still wrong.
    Aim,
}

/// How a model of marginals is fitted.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `marginals` | MST | what is measured | - |
/// | `binning` | 32 intervals | codes of numbers | as there |
/// | `binning_share` | 0.1 | share of a claim's budget that finds cut points of numbers | above 0, below 1 |
/// | `target` | none | a column that a model will be taught to predict: its pairs are measured, or weigh more | a column |
/// | `target_weight` | 1 | how much more pairs with the target weigh in AIM | 1 to 1,000 |
/// | `most_megabytes` | 2 | memory of the model's cells | > 0 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarginalParameters {
    /// What is measured.
    pub marginals: Marginals,
    /// Codes of numbers.
    pub binning: BinningParameters,
    /// Share of a claim's budget that finds cut points.
    pub binning_share: f64,
    /// A column that a model will be taught to predict.
    pub target: Option<Arc<str>>,
    /// How much more its pairs weigh.
    pub target_weight: f64,
    /// Memory of the model's cells.
    pub most_megabytes: f64,
}

impl Default for MarginalParameters {
    fn default() -> Self {
        Self {
            marginals: Marginals::Mst,
            binning: BinningParameters::default(),
            binning_share: 0.1,
            target: None,
            target_weight: 1.0,
            most_megabytes: 2.0,
        }
    }
}

/// A fitted model of marginals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedMarginals {
    parameters: MarginalParameters,
    binning: Binning,
    model: GraphicalModel,
}

/// Fits to a table, one row a person.
///
/// # Errors
/// [`MarginalError`] before anything is spent where a parameter is out of range, the table has no row, a column has no
/// value or only what a private fit may not use; and where the claim leaves no budget or the model grows too large.
pub fn fit(
    table: &Table,
    parameters: &MarginalParameters,
    mut privacy: Privacy<'_>,
) -> Result<FittedMarginals, MarginalError> {
    let refused = |name, value, permitted| Err(MarginalError::Parameter { name, value, permitted });
    if !(1.0..=1_000.0).contains(&parameters.target_weight) {
        return refused("target_weight", parameters.target_weight, "1 to 1,000");
    }
    if parameters.most_megabytes.is_nan() || parameters.most_megabytes <= 0.0 {
        return refused("most_megabytes", parameters.most_megabytes, "above 0");
    }
    if !(parameters.binning_share > 0.0 && parameters.binning_share < 1.0) {
        return refused("binning_share", parameters.binning_share, "above 0, below 1");
    }
    if table.is_empty() {
        return Err(MarginalError::NoRow);
    }
    let target = parameters.target.as_ref().map(|name| table.schema().place(name)).transpose()?;
    if privacy.replaces_one() {
        return Err(BinningError::ReplaceOne.into());
    }
    let binning = match &mut privacy {
        Privacy::None => Binning::fitted(table, &parameters.binning)?,
        Privacy::Private { ledger, .. } => {
            Binning::declared(table.schema(), &parameters.binning)?;
            let may_lack = table.schema().columns().iter().filter(|column| column.missing != Missing::Never);
            ledger.declare(
                Access::Bounds,
                format!("bounds and categories of {} columns", table.columns().len()),
            );
            ledger.declare(Access::Missingness, format!("{} columns may lack values", may_lack.count()));
            Binning::paid(table, &parameters.binning, privacy.reborrow(), parameters.binning_share)?
        }
    };
    let codes = binning.codes(table)?;
    let structure = match parameters.marginals {
        Marginals::Independent => Structure::Independent,
        Marginals::Mst => Structure::Tree,
        Marginals::Aim => Structure::Adaptive,
    };
    let asked = (structure, target, parameters.target_weight);
    let model = GraphicalModel::fit(&codes, &binning.sizes(), asked, parameters.most_megabytes, privacy)?;
    Ok(FittedMarginals { parameters: parameters.clone(), binning, model })
}

impl FittedMarginals {
    /// How it was fitted.
    pub fn parameters(&self) -> &MarginalParameters {
        &self.parameters
    }

    /// The codes of its columns.
    pub fn binning(&self) -> &Binning {
        &self.binning
    }

    /// Rows that it was fitted to, as far as noise tells.
    pub fn rows(&self) -> usize {
        self.model.rows()
    }

    /// Names of the columns of each set whose combinations it knows.
    pub fn cliques(&self) -> Vec<Vec<Arc<str>>> {
        let columns = self.binning.schema().columns();
        let names =
            |clique: &Vec<usize>| clique.iter().map(|place| Arc::clone(&columns[*place].name)).collect();
        self.model.cliques().iter().map(names).collect()
    }

    /// Draws rows, the same for a seed, and says how many had to be mended to keep the schema's constraints.
    ///
    /// # Errors
    /// [`MarginalError::Binning`] where the model, read from a file, does not fit its bins.
    pub fn sample(&self, rows: usize, seed: u64) -> Result<(Table, Repairs), MarginalError> {
        if !self.model.is_sound(&self.binning.sizes()) {
            return Err(BinningError::Codes.into());
        }
        Ok(self.binning.decode(&self.model.sample(rows, seed), seed)?)
    }
}

/// Why a model of marginals can't be fitted or drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MarginalError {
    /// A parameter out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// Nothing to learn from.
    #[error("the table has no row; permitted: 1 or more")]
    NoRow,
    /// A column that there is not.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Columns that can't be binned.
    #[error(transparent)]
    Binning(#[from] BinningError),
    /// Marginals that can't be measured.
    #[error(transparent)]
    Graphical(#[from] GraphicalError),
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
    use twinloom_table::{InferParameters, Rows, Schema, infer};

    use super::*;
    use crate::binning::declare;
    use crate::{Generator, Release};

    /// A chain: each column goes with the one before; the last with the first too.
    fn chain(rows: usize) -> Table {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut flip =
            |likely: bool| if rng.random::<f64>() < if likely { 0.85 } else { 0.15 } { "yes" } else { "no" };
        let rows: Vec<[String; 4]> = (0..rows)
            .map(|row| {
                let first = flip(row % 2 == 0);
                let second = flip(first == "yes");
                let third = flip(second == "yes");
                let number = if row % 10 == 0 {
                    String::new()
                } else {
                    format!("{}", row % 40 + usize::from(third == "yes") * 40)
                };
                [first.to_owned(), second.to_owned(), third.to_owned(), number]
            })
            .collect();
        let rows = Rows::new(&["a", "b", "c", "n"], rows.iter().map(|row| row.iter())).unwrap();
        let schema = declare(&infer(&rows, &InferParameters::default()).unwrap());
        Table::read(&schema, &rows).unwrap()
    }

    fn ledger(epsilon: f64) -> Ledger {
        Ledger::new(Claim {
            epsilon: Epsilon::new(epsilon).unwrap(),
            delta: Delta::new(1e-6).unwrap(),
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        })
    }

    fn agreement(table: &Table, one: &str, other: &str) -> f64 {
        let (one, other) = (table.category(one).unwrap(), table.category(other).unwrap());
        one.iter().zip(other).filter(|(one, other)| one == other).count() as f64 / table.len() as f64
    }

    #[test]
    fn law_pairs_stay_together_and_the_claim_is_spent_to_within_a_hair() {
        let real = chain(20_000);
        for marginals in [Marginals::Independent, Marginals::Mst, Marginals::Aim] {
            let parameters = MarginalParameters { marginals, ..Default::default() };
            let open = fit(&real, &parameters, Privacy::None).unwrap();
            let mut noise = NoiseSource::from_entropy().unwrap();
            let mut ledger = ledger(1.0);
            let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
            let private = fit(&real, &parameters, privacy).unwrap();
            let bound = ledger.certify().unwrap().bound().epsilon;
            assert!(bound > 0.98, "{marginals:?} leaves budget: {bound}");
            for (fitted, tolerance) in [(&open, 0.02), (&private, 0.04)] {
                let (made, _) = fitted.sample(20_000, 5).unwrap();
                assert_eq!(made, fitted.sample(20_000, 5).unwrap().0);
                let lacking = made.column("n").unwrap().missing() as f64 / 20_000.0;
                assert!((lacking - 0.1).abs() < tolerance, "{marginals:?}: {lacking} missing");
                // Standard deviation of a share of 20,000 rows is at most 0.0035, of the private counts' noise less.
                let expected = |pair: (&str, &str)| match marginals {
                    Marginals::Independent => 0.5,
                    _ => agreement(&real, pair.0, pair.1),
                };
                for pair in [("a", "b"), ("b", "c")] {
                    let found = agreement(&made, pair.0, pair.1);
                    assert!((found - expected(pair)).abs() < tolerance, "{marginals:?} {pair:?}: {found}");
                }
            }
            assert!((private.rows() as f64 - 20_000.0).abs() < 500.0);
            let release = Release::private(Generator::Marginals(private.clone()), &ledger).unwrap();
            let text = serde_json::to_string(&release).unwrap();
            let back: Release = serde_json::from_str(&text).unwrap();
            assert!(back.remarks().contains("The claim HOLDS"), "{}", back.remarks());
            assert_eq!(back.generator().sample(100, 1).unwrap().0.len(), 100);
        }
    }

    #[test]
    fn law_what_went_past_the_ledger_is_no_private_release() {
        let real = chain(500);
        let mut noise = NoiseSource::from_entropy().unwrap();
        let mut ledger = ledger(1.0);
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let fitted = fit(&real, &MarginalParameters::default(), privacy).unwrap();
        ledger.touch_unaccounted(Access::Tuning, "number of intervals, by trial");
        assert!(Release::private(Generator::Marginals(fitted), &ledger).is_err());
        let mut seeded = NoiseSource::from_seed(1);
        let mut ledger = self::ledger(1.0);
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut seeded };
        let fitted = fit(&real, &MarginalParameters::default(), privacy).unwrap();
        assert!(Release::private(Generator::Marginals(fitted), &ledger).is_err());
    }

    #[test]
    fn regress_a_pair_too_wide_for_the_first_rounds_ends_no_private_fit() {
        // 22,500 cells: more than the share of the limit that the first rounds may use.
        let words: Vec<[String; 2]> =
            (0..20_000).map(|row| [format!("w{}", row % 150), format!("v{}", row % 150)]).collect();
        let rows = Rows::new(&["one", "other"], words.iter().map(|row| row.iter())).unwrap();
        let schema = declare(&infer(&rows, &InferParameters::default()).unwrap());
        let real = Table::read(&schema, &rows).unwrap();
        let (mut ledger, mut noise) = (ledger(1.0), NoiseSource::from_entropy().unwrap());
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let parameters = MarginalParameters { marginals: Marginals::Aim, ..Default::default() };
        fit(&real, &parameters, privacy).unwrap();
        assert!(ledger.certify().unwrap().bound().epsilon > 0.98);
    }

    #[test]
    fn regress_a_broken_file_is_an_error() {
        let fitted = fit(&chain(300), &MarginalParameters::default(), Privacy::None).unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        for (whole, broken) in [("\"parents\":[null", "\"parents\":[0"), ("\"sizes\":[", "\"sizes\":[1,")] {
            assert!(text.contains(whole), "{text}");
            let read: FittedMarginals = serde_json::from_str(&text.replacen(whole, broken, 1)).unwrap();
            assert!(read.sample(10, 1).is_err());
        }
    }

    #[test]
    fn regress_what_can_not_be_fitted_is_refused_before_anything_is_spent() {
        let rows = Rows::new(&["a", "b"], [["1", "x"], ["2", "y"]]).unwrap();
        let inferred = infer(&rows, &InferParameters::default()).unwrap();
        let table = Table::read(&inferred, &rows).unwrap();
        let refused = |table: &Table, parameters: &MarginalParameters| {
            let (mut ledger, mut noise) = (ledger(1.0), NoiseSource::from_seed(1));
            let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
            let error = fit(table, parameters, privacy).unwrap_err();
            assert!(ledger.entries().is_empty(), "{error}");
            error.to_string()
        };
        let parameters = MarginalParameters::default();
        assert!(refused(&table, &parameters).contains("found in the data"));
        let declared = Table::read(&declare(&inferred), &rows).unwrap();
        assert!(refused(&declared.rows_of(&[]), &parameters).contains("no row"));
        let unknown = MarginalParameters { target: Some("z".into()), ..Default::default() };
        assert!(refused(&declared, &unknown).contains("no column z"));
        let bins = BinningParameters { bins: 1, ..Default::default() };
        assert!(
            refused(&declared, &MarginalParameters { binning: bins, ..Default::default() })
                .contains("2 to 10,000")
        );
        // One row and a constant column can be fitted; there is little to learn.
        let one = fit(&declared.rows_of(&[0]), &parameters, Privacy::None).unwrap();
        assert_eq!(one.sample(3, 1).unwrap().0.len(), 3);
        let kind = twinloom_table::ColumnKind::Number { bounds: None, decimals: None };
        let column =
            twinloom_table::ColumnSchema { name: "n".into(), kind, unit: None, missing: Missing::Modelled };
        let schema = Schema::new(vec![column], Vec::new(), None).unwrap();
        let empty = Table::new(schema, vec![twinloom_table::Column::Number(vec![None, None])]).unwrap();
        let error = fit(&empty, &parameters, Privacy::None).unwrap_err();
        assert!(error.to_string().contains("missing throughout"), "{error}");
    }
}
