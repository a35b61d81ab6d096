//! Which generator to try first, and why.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use crate::GeneratorKind;
use crate::binning::{Binning, BinningError, BinningParameters};
use crate::graphical::{counts, mutual_information};

/// A generator to try first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommended {
    /// Which.
    pub generator: GeneratorKind,
    /// Why, in a sentence.
    pub because: String,
    /// Columns of the table.
    pub columns: usize,
    /// Share of pairs of columns that go together though the tree of closest pairs does not join them; absent where the rows
    /// were not looked at.
    pub dense_share: Option<f64>,
}

/// Columns beyond which choosing pairs one after the other takes too long.
const WIDE: usize = 60;
/// Share of pairs left out by a tree from which a table counts as dense.
const DENSE: f64 = 0.2;
/// Bias-corrected association from which two columns go together.
const TOGETHER: f64 = 0.2;
/// Rows from which an autoencoder has enough to learn from.
const ENOUGH_ROWS: usize = 2_000;
/// Rows looked at.
const MOST_ROWS: usize = 20_000;

/// Recommends a generator by width and, without a claim, by how many columns go together.
///
/// Under a claim (`is_private`) nothing is looked at but the schema: it costs no budget.
///
/// # Source
/// Rules of this house, after benchmarks of others: marginal-based generators keep most per epsilon, AIM before MST
/// (McKenna et al. 2022, section 6), graphical models struggle with wide tables (Ganev et al., arXiv 2305.10994), networks
/// win where many columns go together (MargNet, arXiv 2511.13893).
///
/// # Errors
/// [`BinningError`] where a column has no value.
///
/// # Limits
/// A rule of thumb: compare a few generators by their report.
pub fn recommend(table: &Table, is_private: bool) -> Result<Recommended, BinningError> {
    let columns = table.columns().len();
    let told =
        |generator, because: String, dense_share| Recommended { generator, because, columns, dense_share };
    if columns < 2 {
        return Ok(told(GeneratorKind::Independent, "one column goes with no other".to_owned(), None));
    }
    if is_private {
        return Ok(if columns > WIDE {
            let because = format!(
                "{columns} columns are many: a tree of pairs spends its budget on few of them, chosen at once"
            );
            told(GeneratorKind::Mst, because, None)
        } else {
            let because = format!(
                "{columns} columns are few enough to choose pairs one after the other by what is still wrong"
            );
            told(GeneratorKind::Aim, because, None)
        });
    }
    let share = dense_share(table)?;
    let percent = 100.0 * share;
    Ok(if share >= DENSE && table.len() >= ENOUGH_ROWS {
        let because =
            format!("{percent:.0} % of pairs of columns go together and a tree of pairs leaves them out");
        told(GeneratorKind::Vae, because, Some(share))
    } else {
        let because =
            format!("a tree of pairs leaves out only {percent:.0} % of pairs of columns that go together");
        told(GeneratorKind::Mst, because, Some(share))
    })
}

/// Share of pairs that go together and are not joined by the tree of most mutual information.
fn dense_share(table: &Table) -> Result<f64, BinningError> {
    let rows: Vec<usize> = (0..table.len()).step_by(table.len().div_ceil(MOST_ROWS).max(1)).collect();
    let table = table.rows_of(&rows);
    let binning = Binning::fitted(&table, &BinningParameters { bins: 8, ..BinningParameters::default() })?;
    let (codes, sizes) = (binning.codes(&table)?, binning.sizes());
    let columns = sizes.len();
    let pairs: Vec<(usize, usize)> =
        (0..columns).flat_map(|one| (one + 1..columns).map(move |other| (one, other))).collect();
    let found: Vec<(f64, f64)> = pairs
        .par_iter()
        .map(|&(one, other)| {
            let joint = counts(&codes, &sizes, &[one, other]);
            let shape = (sizes[one], sizes[other]);
            (mutual_information(&joint, shape), association(&joint, shape))
        })
        .collect();
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by(|one, other| found[*other].0.total_cmp(&found[*one].0).then(one.cmp(other)));
    let mut groups: Vec<usize> = (0..columns).collect();
    let mut left_out = 0;
    for place in order {
        let (one, other) = pairs[place];
        let (kept, gone) = (groups[one], groups[other]);
        if kept == gone {
            left_out += usize::from(found[place].1 >= TOGETHER);
        } else {
            groups.iter_mut().filter(|group| **group == gone).for_each(|group| *group = kept);
        }
    }
    Ok(left_out as f64 / pairs.len() as f64)
}

/// Cramér's V with Bergsma's correction of its bias.
///
/// # Source
/// Bergsma, A bias-correction for Cramér's V and Tschuprow's T, Journal of the Korean Statistical Society 42 (2013).
fn association(joint: &[f64], (rows, columns): (usize, usize)) -> f64 {
    let total: f64 = joint.iter().sum();
    let (mut first, mut second) = (vec![0.0; rows], vec![0.0; columns]);
    for (cell, count) in joint.iter().enumerate() {
        first[cell / columns] += count;
        second[cell % columns] += count;
    }
    // Codes that nobody has do not count as levels.
    let levels = |margin: &[f64]| margin.iter().filter(|count| **count > 0.0).count() as f64;
    let (r, k) = (levels(&first), levels(&second));
    if total < 2.0 || r < 2.0 || k < 2.0 {
        return 0.0;
    }
    let term = |(cell, count): (usize, &f64)| {
        let expected = first[cell / columns] * second[cell % columns] / total;
        if expected > 0.0 { (count - expected).powi(2) / expected } else { 0.0 }
    };
    let phi: f64 = joint.iter().enumerate().map(term).sum::<f64>() / total;
    let phi = (phi - (r - 1.0) * (k - 1.0) / (total - 1.0)).max(0.0);
    let (r, k) = (r - (r - 1.0).powi(2) / (total - 1.0), k - (k - 1.0).powi(2) / (total - 1.0));
    (phi / (r - 1.0).min(k - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use twinloom_table::{InferParameters, Rows, infer};

    use super::*;

    fn table(columns: usize, rows: usize, of: impl Fn(f64, f64) -> f64) -> Table {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let cells: Vec<Vec<String>> = (0..rows)
            .map(|_| {
                let common = rng.random::<f64>();
                (0..columns).map(|_| format!("{:.3}", of(common, rng.random()))).collect()
            })
            .collect();
        let rows = Rows::new(&names, cells.iter().map(|row| row.iter())).unwrap();
        Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap()
    }

    #[test]
    fn law_dense_tables_ask_for_a_network_and_others_for_pairs() {
        let together = table(6, 3_000, |common, own| 0.7 * common + 0.3 * own);
        let apart = table(6, 3_000, |_, own| own);
        let dense = recommend(&together, false).unwrap();
        assert_eq!(dense.generator, GeneratorKind::Vae, "{dense:?}");
        assert!(dense.dense_share.unwrap() > 0.5 && dense.because.contains('%'));
        assert_eq!(recommend(&apart, false).unwrap().generator, GeneratorKind::Mst);
        assert_eq!(recommend(&together, true).unwrap().generator, GeneratorKind::Aim);
        assert_eq!(recommend(&table(61, 10, |_, own| own), true).unwrap().generator, GeneratorKind::Mst);
        assert_eq!(
            recommend(&table(1, 10, |_, own| own), true).unwrap().generator,
            GeneratorKind::Independent
        );
    }

    #[test]
    fn ref_association_by_hand() {
        // A table of perfect agreement: V is 1; independent columns: the corrected V is 0.
        assert!((association(&[50.0, 0.0, 0.0, 50.0], (2, 2)) - 1.0).abs() < 1e-9);
        assert!(association(&[25.0, 25.0, 25.0, 25.0], (2, 2)).abs() < 1e-12);
    }
}
