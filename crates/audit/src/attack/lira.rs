//! Membership from a model's own losses, against what models with and without the row lose.

use rayon::prelude::*;
use twinloom_table::Table;

use super::distance::{Points, Scales};
use super::error::AttackError;
use super::exposure::{Controlled, Exposure, joined};
use super::figures::{MembershipFigures, membership_figures};
use super::nearest::nearest_distances;
use crate::bootstrap::{shuffled, stream, uniform};
use crate::evaluate::Options;

/// A model that says how badly it explains each row, as a negative log likelihood or a bound of it.
pub trait RowLoss {
    /// One loss per row.
    ///
    /// # Errors
    /// [`AttackError::Generator`] where it can't.
    fn losses(&self, rows: &Table) -> Result<Vec<f64>, AttackError>;
}

/// Fits models of the kind under attack.
pub trait Trainer: Sync {
    /// Fits one; the same for the same seed.
    ///
    /// # Errors
    /// [`AttackError::Generator`] where it can't.
    fn fit(&self, train: &Table, seed: u64) -> Result<Box<dyn RowLoss>, AttackError>;
}

/// Judges the released model's loss of each row by the losses of shadow models, half of them fitted with
/// the row, as a ratio of two normal likelihoods.
///
/// # Source
/// Carlini et al., Membership inference attacks from first principles, IEEE S&P 2022, algorithm 1 (online). Losses
/// stand as they are, for a log density has no bounds that their logit of a classifier's confidence would lift; the
/// variances are shared by all rows, as theirs with fewer than 64 shadows (section VI-C).
///
/// # Errors
/// [`AttackError`] with fewer than 4 shadows, a loss that is not finite, or as the trainer's.
///
/// # Limits
/// The attacker knows the rows of members and others, and which is to be told. Controls are models that
/// recall all their rows, every tenth, and none.
pub fn lira(
    trainer: &dyn Trainer,
    released: &dyn RowLoss,
    exposure: &Exposure,
    shadows: usize,
    seed: u64,
    options: &Options,
) -> Result<Controlled<MembershipFigures>, AttackError> {
    if shadows < 4 {
        return Err(AttackError::Lengths { what: "shadows", given: shadows, permitted: 4 });
    }
    let pool = joined(exposure.members(), exposure.others())?;
    let game = Game { pool, members: exposure.members().len(), shadows, seed };
    let control = |every: usize| {
        let trainer = Recaller { scales: Scales::of(exposure.reference()), every };
        let released = trainer.fit(exposure.members(), seed)?;
        game.play(&trainer, released.as_ref(), options)
    };
    Ok(Controlled {
        attack: "likelihood ratio (LiRA)".to_owned(),
        release: game.play(trainer, released, options)?,
        copy: control(1)?,
        leak: control(10)?,
        null: control(usize::MAX)?,
    })
}

/// Members first, then others.
struct Game {
    pool: Table,
    members: usize,
    shadows: usize,
    seed: u64,
}

impl Game {
    fn play(
        &self,
        trainer: &dyn Trainer,
        released: &dyn RowLoss,
        options: &Options,
    ) -> Result<MembershipFigures, AttackError> {
        let count = self.pool.len();
        // Every row is in half of the shadows: two halves of one dealing are a pair.
        let halves: Vec<Vec<usize>> = (0..self.shadows.div_ceil(2))
            .flat_map(|pair| {
                let order = shuffled(count, self.seed, 10_000 + pair as u64);
                [order[..count / 2].to_vec(), order[count / 2..].to_vec()]
            })
            .collect();
        let fitted = |(at, rows): (usize, &Vec<usize>)| {
            let model = trainer.fit(&self.pool.rows_of(rows), self.seed.wrapping_add(1 + at as u64))?;
            finite(model.losses(&self.pool)?, count)
        };
        let losses = halves.par_iter().enumerate().map(fitted).collect::<Result<Vec<_>, AttackError>>()?;
        let observed = finite(released.losses(&self.pool)?, count)?;
        let scores = ratios(&observed, &losses, &halves);
        membership_figures(&scores[..self.members], &scores[self.members..], options)
    }
}

/// Log ratio of each row's observed loss under the losses of shadows with it and without.
fn ratios(observed: &[f64], losses: &[Vec<f64>], halves: &[Vec<usize>]) -> Vec<f64> {
    let rows = observed.len();
    let mut sums = vec![[(0.0, 0.0); 2]; rows];
    let mut within = vec![vec![false; rows]; halves.len()];
    for (within, half) in within.iter_mut().zip(halves) {
        for &row in half {
            within[row] = true;
        }
    }
    for (losses, within) in losses.iter().zip(&within) {
        for row in 0..rows {
            let (sum, count) = &mut sums[row][usize::from(within[row])];
            *sum += losses[row];
            *count += 1.0;
        }
    }
    let means: Vec<[f64; 2]> =
        sums.iter().map(|sides| sides.map(|(sum, count): (f64, f64)| sum / count.max(1.0))).collect();
    let mut squares = [(0.0, 0.0); 2];
    for (losses, within) in losses.iter().zip(&within) {
        for row in 0..rows {
            let side = usize::from(within[row]);
            squares[side].0 += (losses[row] - means[row][side]).powi(2);
            squares[side].1 += 1.0;
        }
    }
    let scale: f64 = observed.iter().map(|loss| loss.abs()).sum::<f64>() / rows.max(1) as f64;
    // A variance of nothing, of models that recall exactly, would divide by 0.
    let least = (1e-6 * (1.0 + scale)).powi(2);
    let variances = squares.map(|(sum, count): (f64, f64)| (sum / count.max(1.0)).max(least));
    let log_density =
        |loss: f64, mean: f64, variance: f64| -0.5 * ((loss - mean).powi(2) / variance + variance.ln());
    observed
        .iter()
        .zip(&means)
        .map(|(&loss, means)| {
            log_density(loss, means[1], variances[1]) - log_density(loss, means[0], variances[0])
        })
        .collect()
}

fn finite(losses: Vec<f64>, rows: usize) -> Result<Vec<f64>, AttackError> {
    if losses.len() != rows {
        return Err(AttackError::Lengths { what: "losses", given: losses.len(), permitted: rows });
    }
    match losses.iter().position(|loss| !loss.is_finite()) {
        Some(index) => Err(AttackError::Score { index }),
        None => Ok(losses),
    }
}

/// Recalls every so many rows of its training data, and says chance of the others.
struct Recaller {
    scales: Scales,
    every: usize,
}

impl Trainer for Recaller {
    fn fit(&self, train: &Table, seed: u64) -> Result<Box<dyn RowLoss>, AttackError> {
        let recalled: Vec<usize> = if self.every > train.len() {
            Vec::new()
        } else {
            shuffled(train.len(), seed, 9)[..train.len() / self.every].to_vec()
        };
        Ok(Box::new(Recalled {
            points: self.scales.points(&train.rows_of(&recalled)),
            scales: self.scales.clone(),
            seed,
        }))
    }
}

struct Recalled {
    points: Points,
    scales: Scales,
    seed: u64,
}

impl RowLoss for Recalled {
    fn losses(&self, rows: &Table) -> Result<Vec<f64>, AttackError> {
        let mut random = stream(self.seed, 11);
        let distances = nearest_distances(&self.scales.points(rows), &self.points);
        let loss = |distance: f64| if distance > 0.0 { 1.0 + 0.1 * uniform(&mut random) } else { 0.0 };
        Ok(distances.into_iter().map(loss).collect())
    }
}
