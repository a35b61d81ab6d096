//! Every recommender on the same folds of patients.

use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;
use twinloom_event::SubjectId;
use twinloom_neural::stream;

use super::MedicationError;
use super::admissions::Admissions;
use super::baselines::{most_alike, most_given, one_by_one};
use super::loss::{SafeDrugLoss, THRESHOLD};
use super::network::{MemoryModel, remember};

/// How medication is learnt and asked.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `repeats` | 2 | divisions of the patients | >= 1 |
/// | `folds` | 5 | parts of them, each asked once a repeat | 2 to 10 |
/// | `epochs` | 60 | most epochs of a network | >= 1 |
/// | `patience` | 12 | epochs without a better tuning loss before stopping | >= 1 |
/// | `width` | 32 | numbers of a visit and of a class | >= 1 |
/// | `loss` | SafeDrug's | alpha, correction and scale; gamma is each row's own | |
/// | `seed` | 0 | what all draws follow from | |
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MedicationParameters {
    /// Divisions of the patients.
    pub repeats: usize,
    /// Parts of them.
    pub folds: usize,
    /// Most epochs of a network.
    pub epochs: usize,
    /// Epochs without a better tuning loss before stopping.
    pub patience: usize,
    /// Numbers of a visit and of a class.
    pub width: usize,
    /// The loss.
    pub loss: SafeDrugLoss,
    /// What all draws follow from.
    pub seed: u64,
}

impl Default for MedicationParameters {
    fn default() -> Self {
        Self {
            repeats: 2,
            folds: 5,
            epochs: 60,
            patience: 12,
            width: 32,
            loss: SafeDrugLoss::default(),
            seed: 0,
        }
    }
}

impl MedicationParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`MedicationError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), MedicationError> {
        self.loss.check()?;
        if !(2..=10).contains(&self.folds) {
            let value = self.folds as f64;
            return Err(MedicationError::Parameter { name: "folds", value, permitted: "2 to 10" });
        }
        let checks = [
            ("repeats", self.repeats),
            ("epochs", self.epochs),
            ("patience", self.patience),
            ("width", self.width),
        ];
        match checks.into_iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(MedicationError::Parameter { name, value: 0.0, permitted: "1 or more" }),
            None => Ok(()),
        }
    }
}

/// A row of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MedicationModel {
    /// The classes given most, to everybody.
    MostGiven,
    /// What the ten records most alike were given.
    MostAlike,
    /// A logistic regression for each class.
    Logistic,
    /// The network without graphs and penalty.
    WithoutGraphs,
    /// The network with the memory of both graphs, without penalty.
    Memory,
    /// The same with SafeDrug's penalty above an accepted rate.
    Safe {
        /// The accepted share of interacting pairs.
        gamma: f32,
    },
}

impl MedicationModel {
    /// The rows of the table.
    pub const ALL: [Self; 8] = [
        Self::MostGiven,
        Self::MostAlike,
        Self::Logistic,
        Self::WithoutGraphs,
        Self::Memory,
        Self::Safe { gamma: 0.06 },
        Self::Safe { gamma: 0.04 },
        Self::Safe { gamma: 0.02 },
    ];

    /// In words.
    pub fn name(self) -> String {
        match self {
            Self::MostGiven => "classes given most".to_owned(),
            Self::MostAlike => "ten records most alike".to_owned(),
            Self::Logistic => "logistic regression by class".to_owned(),
            Self::WithoutGraphs => "network without graphs".to_owned(),
            Self::Memory => "network with two graphs".to_owned(),
            Self::Safe { gamma } => format!("the same, penalty above {gamma}"),
        }
    }
}

/// Rows to learn from, to stop by and to ask; a patient's rows lie in one of them.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    pub train: Vec<usize>,
    pub tuning: Vec<usize>,
    pub asked: Vec<usize>,
}

/// One patient in so many of those known is kept for tuning.
const TUNING_PART: usize = 5;

impl Fold {
    pub(super) fn new(
        admissions: &Admissions,
        seed: u64,
        (repeat, fold, folds): (usize, usize, usize),
    ) -> Self {
        let mut patients = admissions.patients();
        patients.shuffle(&mut stream(seed, (1 << 44) + repeat as u64));
        let part = |subject: SubjectId| {
            let place = patients.iter().position(|other| *other == subject).unwrap_or(0);
            if place % folds == fold { 2 } else { usize::from((place / folds) % TUNING_PART == 0) }
        };
        let mut rows = [vec![], vec![], vec![]];
        for (place, row) in admissions.rows().iter().enumerate() {
            rows[part(row.subject)].push(place);
        }
        let [train, tuning, asked] = rows;
        Self { train, tuning, asked }
    }

    /// Rows to learn from and to stop by.
    pub(super) fn known(&self) -> Vec<usize> {
        [self.train.clone(), self.tuning.clone()].concat()
    }

    /// Rows by patient.
    pub(super) fn patients_of(admissions: &Admissions, rows: &[usize]) -> Vec<Vec<usize>> {
        let same =
            |one: &usize, other: &usize| admissions.rows()[*one].subject == admissions.rows()[*other].subject;
        rows.chunk_by(same).map(<[usize]>::to_vec).collect()
    }

    /// Of each class the log odds of its share among the rows learnt from, half a case added on either side.
    pub(super) fn prior_log_odds(&self, admissions: &Admissions) -> Vec<f32> {
        let prior = |class: usize| {
            let given = self.train.iter().filter(|row| admissions.rows()[**row].given[class]).count() as f32;
            ((given + 0.5) / (self.train.len() as f32 - given + 0.5)).ln()
        };
        (0..admissions.classes().len()).map(prior).collect()
    }
}

/// What one model recommended at one admission.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecommendedSet {
    /// Whose.
    pub subject: SubjectId,
    /// The division of the patients.
    pub repeat: usize,
    /// Whether each class was given.
    pub given: Vec<bool>,
    /// Probability of each class.
    pub scores: Vec<f64>,
    /// Whether each class is recommended: its probability is a half or more.
    pub chosen: Vec<bool>,
}

/// Sets recommended to patients that no fit saw, by model; within, in the order of repeats, folds and
/// admissions. `progress` is called after each fit.
///
/// # Errors
/// [`MedicationError`] on parameters out of range or a fit that fails.
pub fn recommend(
    admissions: &Admissions,
    models: &[MedicationModel],
    parameters: &MedicationParameters,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<Vec<RecommendedSet>>, MedicationError> {
    parameters.check()?;
    let jobs: Vec<(usize, usize, usize)> = (0..models.len())
        .flat_map(|model| {
            let folds = move |repeat| (0..parameters.folds).map(move |fold| (model, repeat, fold));
            (0..parameters.repeats).flat_map(folds)
        })
        .collect();
    let run = |(model, repeat, place): &(usize, usize, usize)| {
        let fold = Fold::new(admissions, parameters.seed, (*repeat, *place, parameters.folds));
        // The same seed for all models of a fold: penalties are compared on the same start.
        let seed = stream(parameters.seed, (1 << 45) + (repeat * 1000 + place) as u64).next_u64();
        let scores = scores(models[*model], admissions, &fold, parameters, seed)?;
        progress();
        let set = |(row, scores): (&usize, Vec<f64>)| {
            let row = &admissions.rows()[*row];
            let chosen = scores.iter().map(|score| *score >= f64::from(THRESHOLD)).collect();
            RecommendedSet { subject: row.subject, repeat: *repeat, given: row.given.clone(), scores, chosen }
        };
        Ok((*model, fold.asked.iter().zip(scores).map(set).collect::<Vec<RecommendedSet>>()))
    };
    let found: Vec<(usize, Vec<RecommendedSet>)> =
        jobs.par_iter().map(run).collect::<Result<_, MedicationError>>()?;
    let mut by_model = vec![Vec::new(); models.len()];
    for (model, sets) in found {
        by_model[model].extend(sets);
    }
    Ok(by_model)
}

fn scores(
    model: MedicationModel,
    admissions: &Admissions,
    fold: &Fold,
    parameters: &MedicationParameters,
    seed: u64,
) -> Result<Vec<Vec<f64>>, MedicationError> {
    // At a gamma of 1 nothing is penalised.
    let network = |graphs, gamma| {
        let loss = SafeDrugLoss { gamma, ..parameters.loss };
        remember(MemoryModel { graphs, loss }, admissions, fold, parameters, seed)
    };
    match model {
        MedicationModel::MostGiven => Ok(most_given(admissions, fold)),
        MedicationModel::MostAlike => Ok(most_alike(admissions, fold)),
        MedicationModel::Logistic => one_by_one(admissions, fold),
        MedicationModel::WithoutGraphs => network(false, 1.0),
        MedicationModel::Memory => network(true, 1.0),
        MedicationModel::Safe { gamma } => network(true, gamma),
    }
}
