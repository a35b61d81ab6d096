//! What a recommender has to beat: the classes given most, the records most alike, logistic regression.

use std::cmp::Ordering;

use twinloom_neural::SparseMatrix;

use super::MedicationError;
use super::admissions::{Admission, Admissions};
use super::recommending::Fold;
use crate::{LogisticParameters, LogisticRegression};

/// Records that vote.
const ALIKE: usize = 10;

/// The share of admissions learnt from that were given each class, the same for all asked.
pub(super) fn most_given(admissions: &Admissions, fold: &Fold) -> Vec<Vec<f64>> {
    let known = fold.known();
    let share = |class: usize| {
        let given = known.iter().filter(|row| admissions.rows()[**row].given[class]).count();
        given as f64 / known.len().max(1) as f64
    };
    let shares: Vec<f64> = (0..admissions.classes().len()).map(share).collect();
    vec![shares; fold.asked.len()]
}

/// The mean of what the admissions most alike were given, by the overlap of their codes.
pub(super) fn most_alike(admissions: &Admissions, fold: &Fold) -> Vec<Vec<f64>> {
    let known = fold.known();
    let of = |asked: &usize| {
        let asked = &admissions.rows()[*asked];
        let mut alike: Vec<(f64, usize)> =
            known.iter().map(|row| (overlap(asked, &admissions.rows()[*row]), *row)).collect();
        alike.sort_by(|one, other| match other.0.total_cmp(&one.0) {
            Ordering::Equal => one.1.cmp(&other.1),
            order => order,
        });
        alike.truncate(ALIKE);
        let votes = |class: usize| {
            let given = alike.iter().filter(|(_, row)| admissions.rows()[*row].given[class]).count();
            given as f64 / alike.len().max(1) as f64
        };
        (0..admissions.classes().len()).map(votes).collect()
    };
    fold.asked.iter().map(of).collect()
}

/// Codes of both over codes of either.
fn overlap(one: &Admission, other: &Admission) -> f64 {
    let shared =
        |one: &[u32], other: &[u32]| one.iter().filter(|code| other.binary_search(code).is_ok()).count();
    let both = shared(&one.diagnoses, &other.diagnoses) + shared(&one.procedures, &other.procedures);
    let all = [one, other].map(|row| row.diagnoses.len() + row.procedures.len()).iter().sum::<usize>() - both;
    both as f64 / all.max(1) as f64
}

/// A logistic regression for each class on diagnoses, procedures and what the admission before was given.
pub(super) fn one_by_one(admissions: &Admissions, fold: &Fold) -> Result<Vec<Vec<f64>>, MedicationError> {
    let (diagnoses, procedures) = (admissions.diagnoses() as u32, admissions.procedures() as u32);
    let classes = admissions.classes().len();
    let features = |rows: &[usize]| {
        let row = |row: &usize| {
            let own = &admissions.rows()[*row];
            let mut columns: Vec<u32> = own.diagnoses.clone();
            columns.extend(own.procedures.iter().map(|code| diagnoses + code));
            if let Some(before) = admissions.before(*row) {
                let given = (0..).zip(&before.given).filter(|(_, given)| **given);
                columns.extend(given.map(|(class, _): (u32, _)| diagnoses + procedures + class));
            }
            columns.into_iter().map(|column| (column, 1.0)).collect()
        };
        let columns = (diagnoses + procedures) as usize + classes;
        SparseMatrix::from_rows(columns, rows.iter().map(row)).expect("columns of codes and classes")
    };
    // Train first, as fits expect it.
    let known = [fold.train.clone(), fold.tuning.clone()].concat();
    let (learnt, asked) = (features(&known), features(&fold.asked));
    let mut found = vec![vec![0.0; classes]; fold.asked.len()];
    for class in 0..classes {
        let labels: Vec<bool> = known.iter().map(|row| admissions.rows()[*row].given[class]).collect();
        let parameters = LogisticParameters::default();
        let fitted = LogisticRegression::fit(&learnt, &labels, fold.train.len(), &parameters)?;
        for (row, probability) in found.iter_mut().zip(fitted.predict(&asked)) {
            row[class] = probability;
        }
    }
    Ok(found)
}
