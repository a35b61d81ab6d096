//! Membership of one outlier at a time, by an attacker who can run the generator.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::distance::Scales;
use super::error::AttackError;
use super::exposure::{Controlled, joined};
use super::features::{Features, Logistic};
use super::figures::{MembershipFigures, membership_figures};
use super::nearest::nearest;
use crate::bootstrap::shuffled;
use crate::evaluate::Options;

/// Makes synthetic rows of a table.
pub trait Generator: Sync {
    /// Fits to a table and samples rows of the same columns; the same for the same seed.
    ///
    /// # Errors
    /// [`AttackError::Generator`] where it can't.
    fn fit_and_sample(&self, train: &Table, rows: usize, seed: u64) -> Result<Table, AttackError>;
}

/// How the game is played.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `shadows` | 20 | generators that the attacker fits with the target and as many without | >= 2 |
/// | `trials` | 50 | generators attacked with the target and as many without | >= 2 |
/// | `train_rows` | 500 | rows that each is fitted to | >= 20, at most a third of the population |
/// | `rows` | 500 | synthetic rows of each | >= 20 |
/// | `seed` | 0 | of every draw | |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowParameters {
    /// Generators that the attacker fits with the target, and as many without.
    pub shadows: usize,
    /// Generators attacked with the target, and as many without.
    pub trials: usize,
    /// Rows that each is fitted to.
    pub train_rows: usize,
    /// Synthetic rows of each.
    pub rows: usize,
    /// Seed of every draw.
    pub seed: u64,
}

impl Default for ShadowParameters {
    fn default() -> Self {
        Self { shadows: 20, trials: 50, train_rows: 500, rows: 500, seed: 0 }
    }
}

/// How well one target's membership is told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetFigures {
    /// The target's row in the population.
    pub target: usize,
    /// Generators with it told from generators without.
    pub figures: MembershipFigures,
}

/// The rows furthest from their five nearest, furthest first: those whose membership shows most.
pub fn outliers(table: &Table, count: usize) -> Vec<usize> {
    let points = Scales::of(table).points(table);
    let distance = |found: &Vec<_>| {
        found.iter().map(|neighbour: &super::nearest::Neighbour| neighbour.distance).sum::<f64>()
    };
    let far: Vec<f64> = nearest(&points, &points, 5, true).iter().map(distance).collect();
    let mut order: Vec<usize> = (0..far.len()).collect();
    order.sort_by(|&left, &right| far[right].total_cmp(&far[left]).then(left.cmp(&right)));
    order.truncate(count);
    order
}

/// Tells generators fitted with a target from those fitted without it, by features of what they make.
///
/// A third of the population is the attacker's, who fits shadows to samples of it and learns a logistic classifier of
/// marginals, missing shares and correlations; another is the real data that the attacked generators are fitted
/// to. The controls are generators that copy all rows, copy a tenth and make up the rest, and copy none.
///
/// # Source
/// Stadler, Oprisanu and Troncoso, Synthetic data: anonymisation groundhog day, USENIX Security 2022, sections 3
/// and 5 (game and feature sets); Shokri et al., IEEE S&P 2017, for shadow models.
///
/// # Errors
/// [`AttackError`] where parameters are out of range, a target is no row, or a generator gives up.
///
/// # Limits
/// Two generators are fitted per shadow and trial of each target (those without it once for all). With few trials,
/// shares found at 1 false alarm in 100 are at none at all.
pub fn shadow_attack(
    generator: &dyn Generator,
    population: &Table,
    targets: &[usize],
    parameters: &ShadowParameters,
    options: &Options,
) -> Result<Controlled<Vec<TargetFigures>>, AttackError> {
    check(population, targets, parameters)?;
    let game = Game::new(population, targets, parameters);
    let fresh = Copier { leak: parameters.train_rows, fresh: game.fresh.clone() };
    let copy = Copier { leak: 1, fresh: game.fresh.clone() };
    let leak = Copier { leak: 10, fresh: game.fresh.clone() };
    let run = |generator: &dyn Generator| game.play(generator, targets, options);
    Ok(Controlled {
        attack: "shadow models (Groundhog)".to_owned(),
        release: run(generator)?,
        copy: run(&copy)?,
        leak: run(&leak)?,
        null: run(&fresh)?,
    })
}

/// Copies every `leak`th row of its training data and makes the rest of others, whom nobody knows.
struct Copier {
    leak: usize,
    fresh: Table,
}

impl Generator for Copier {
    fn fit_and_sample(&self, train: &Table, rows: usize, seed: u64) -> Result<Table, AttackError> {
        let copied = if self.leak >= train.len() { 0 } else { train.len() / self.leak };
        let kept = &shuffled(train.len(), seed, 7)[..copied.min(rows)];
        let others = shuffled(self.fresh.len(), seed, 8);
        let made: Vec<usize> = others.iter().cycle().take(rows - kept.len()).copied().collect();
        joined(&train.rows_of(kept), &self.fresh.rows_of(&made))
    }
}

struct Game<'a> {
    population: &'a Table,
    parameters: &'a ShadowParameters,
    /// Rows that shadows are fitted to, and those that the attacked generators are; no target among either.
    shadow_rows: Vec<usize>,
    real_rows: Vec<usize>,
    fresh: Table,
}

impl<'a> Game<'a> {
    fn new(population: &'a Table, targets: &[usize], parameters: &'a ShadowParameters) -> Self {
        let mut order = shuffled(population.len(), parameters.seed, 4);
        order.retain(|row| !targets.contains(row));
        let third = order.len() / 3;
        Self {
            population,
            parameters,
            shadow_rows: order[..third].to_vec(),
            real_rows: order[third..2 * third].to_vec(),
            fresh: population.rows_of(&order[2 * third..]),
        }
    }

    /// What a generator makes of a sample of rows, with a target in place of one or without.
    fn made(
        &self,
        generator: &dyn Generator,
        rows: &[usize],
        target: Option<usize>,
        run: u64,
    ) -> Result<Table, AttackError> {
        let seed = self.parameters.seed;
        let mut sample: Vec<usize> = shuffled(rows.len(), seed, run)[..self.parameters.train_rows]
            .iter()
            .map(|&at| rows[at])
            .collect();
        if let Some(target) = target {
            sample[0] = target;
        }
        // With and without differ in the generator's own chance too, as two real runs would.
        let own = run * 2 + u64::from(target.is_some());
        let train = self.population.rows_of(&sample);
        let made = generator.fit_and_sample(&train, self.parameters.rows, seed.wrapping_add(own))?;
        super::exposure::same_columns(self.population, &made)?;
        Ok(made)
    }

    fn features(
        &self,
        generator: &dyn Generator,
        features: &Features,
        rows: &[usize],
        target: Option<usize>,
        runs: std::ops::Range<usize>,
    ) -> Result<Vec<Vec<f64>>, AttackError> {
        let of = |run: usize| Ok(features.of(&self.made(generator, rows, target, 1000 + run as u64)?));
        runs.into_par_iter().map(of).collect()
    }

    fn play(
        &self,
        generator: &dyn Generator,
        targets: &[usize],
        options: &Options,
    ) -> Result<Vec<TargetFigures>, AttackError> {
        let features = Features::of_columns(self.population);
        let ShadowParameters { shadows, trials, .. } = *self.parameters;
        let all = |rows: &[usize], target, runs| self.features(generator, &features, rows, target, runs);
        let shadows_without = all(&self.shadow_rows, None, 0..shadows)?;
        let trials_without = all(&self.real_rows, None, shadows..shadows + trials)?;
        let figures = |&target: &usize| {
            let with = all(&self.shadow_rows, Some(target), 0..shadows)?;
            let classifier = Logistic::fit(&with, &shadows_without);
            let scores =
                |rows: &[Vec<f64>]| rows.iter().map(|row| classifier.score(row)).collect::<Vec<f64>>();
            let with = scores(&all(&self.real_rows, Some(target), shadows..shadows + trials)?);
            let figures = membership_figures(&with, &scores(&trials_without), options)?;
            Ok(TargetFigures { target, figures })
        };
        targets.iter().map(figures).collect()
    }
}

fn check(population: &Table, targets: &[usize], parameters: &ShadowParameters) -> Result<(), AttackError> {
    let ShadowParameters { shadows, trials, train_rows, rows, .. } = *parameters;
    for (what, value, least) in
        [("shadows", shadows, 2), ("trials", trials, 2), ("train_rows", train_rows, 20), ("rows", rows, 20)]
    {
        if value < least {
            return Err(AttackError::Lengths { what, given: value, permitted: least });
        }
    }
    let left = population.len().saturating_sub(targets.len());
    if left / 3 < train_rows {
        let least = 3 * train_rows + targets.len();
        return Err(AttackError::TooFew { table: "population", rows: population.len(), least });
    }
    match targets.iter().find(|target| **target >= population.len()) {
        Some(&target) => Err(AttackError::Lengths {
            what: "as a target's row",
            given: target,
            permitted: population.len() - 1,
        }),
        None => Ok(()),
    }
}
