//! AIM: marginals chosen one round after the other, by what the model so far gets wrong.

use std::collections::BTreeSet;
use std::f64::consts::PI;

use rayon::prelude::*;
use twinloom_privacy::{Access, Epsilon, Rho, exponential_mechanism};

use super::counts::counts;
use super::estimate::{Estimate, Measurement, estimate};
use super::factor::Factor;
use super::junction::JunctionTree;
use super::mst::{EXACT, measure, total};
use super::{GraphicalError, Picture};
use crate::Privacy;

/// What AIM answers, and within which limits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Workload {
    /// Sets of columns with their weights, each set in order.
    pub(super) sets: Vec<(Vec<usize>, f64)>,
    /// Cells that the model's cliques may have together.
    pub(super) most_cells: f64,
    /// Rounds at most.
    pub(super) most_rounds: usize,
}

impl Workload {
    /// All columns and pairs of them; pairs with the target weigh more.
    pub(super) fn pairs(columns: usize, target: Option<usize>, weight: f64) -> Vec<(Vec<usize>, f64)> {
        let of = |one: usize, other: usize| {
            let own = if target == Some(one) || target == Some(other) { weight } else { 1.0 };
            (vec![one, other], own)
        };
        // Single columns are part of every pair, and fit when no pair does yet.
        let singles = (0..columns).map(|column| (vec![column], 1.0));
        let pairs = (0..columns).flat_map(|one| (one + 1..columns).map(move |other| (one, other)));
        singles.chain(pairs.map(|(one, other)| of(one, other))).collect()
    }
}

/// Steps of a fit between rounds, which starts where the one before ended.
const ROUND_STEPS: usize = 30;
/// Steps of the last fit.
const LAST_STEPS: usize = 300;
/// Share of each round's budget that measures; the rest chooses.
const MEASURING: f64 = 0.9;
/// Rounds that the budget is planned for, by column.
const ROUNDS_BY_COLUMN: f64 = 16.0;

/// Fits by rounds.
///
/// # Source
/// McKenna, Mullins, Sheldon and Miklau, AIM: an adaptive and iterative mechanism for differentially private synthetic
/// data (VLDB 2022), algorithms 2 (initialisation by single columns), 3 (budget annealing) and 4 (the rounds): sigma and
/// epsilon planned for 16 rounds a column, a tenth of the budget to choose by, scores less the noise's own expected error,
/// candidates within a size that grows with what is spent. Not private, the pair that is worst so far is counted
/// exactly in each of as many rounds as there are columns.
pub(super) fn fit(
    codes: &[Vec<u32>],
    sizes: &[usize],
    workload: &Workload,
    mut privacy: Privacy<'_>,
) -> Result<(Picture, Estimate), GraphicalError> {
    let columns = sizes.len();
    let picture = Picture::whole(sizes);
    let singles: Vec<Vec<usize>> = (0..columns).map(|column| vec![column]).collect();
    let budget = if privacy.is_private() {
        Some(privacy.remaining().ok_or(GraphicalError::NothingLeft)?.get())
    } else {
        None
    };
    let rounds = ROUNDS_BY_COLUMN * columns as f64;
    // Each measurement costs rho = 1 / (2 sigma^2).
    let planned = budget.map(|rho| MEASURING * rho / rounds);
    let first = planned.map(|each| each * columns as f64);
    let mut measured = measure(codes, sizes, &singles, first, "each column", &mut privacy)?;
    let mut spent = first.unwrap_or(0.0);
    let mut each = planned;
    let rows = total(&measured);
    let mut model = estimate(sizes, &measured, rows, LAST_STEPS);
    let exact: Vec<Vec<f64>> = workload.sets.par_iter().map(|(set, _)| counts(codes, sizes, set)).collect();
    let most_rounds = if budget.is_some() { workload.most_rounds } else { columns.min(workload.most_rounds) };
    for _ in 0..most_rounds {
        let (measuring, choosing, is_last) = match (budget, each) {
            (Some(budget), Some(own)) => {
                let choosing = own * (1.0 - MEASURING) / MEASURING;
                // Too little for two more rounds: all that is left goes into this one.
                let left = budget - spent;
                if left <= 0.0 {
                    break;
                }
                if left < 2.0 * (own + choosing) {
                    (Some(MEASURING * left), Some((1.0 - MEASURING) * left), true)
                } else {
                    (Some(own), Some(choosing), false)
                }
            }
            _ => (None, None, false),
        };
        let share = budget.map_or(1.0, |budget| {
            ((spent + measuring.unwrap_or(0.0) + choosing.unwrap_or(0.0)) / budget).min(1.0)
        });
        let sigma = measuring.map_or(EXACT, |rho| (1.0 / (2.0 * rho)).sqrt());
        let taken: Vec<Vec<usize>> = measured.iter().map(|own| own.columns.clone()).collect();
        let fits: Vec<usize> = (0..workload.sets.len())
            .filter(|place| {
                let set = &workload.sets[*place].0;
                // Exact counts need not be counted again.
                if budget.is_none() && taken.contains(set) {
                    return false;
                }
                let cells: f64 = set.iter().map(|column| sizes[*column] as f64).product();
                cells <= workload.most_cells * share && {
                    let mut sets = taken.clone();
                    sets.push(set.clone());
                    JunctionTree::new(columns, sizes, &sets).cells(sizes) <= workload.most_cells * share
                }
            })
            .collect();
        if fits.is_empty() {
            break;
        }
        let score = |place: &usize| {
            let (set, weight) = &workload.sets[*place];
            let told = answered(&model, set, sizes);
            let error: f64 = told.iter().zip(&exact[*place]).map(|(told, exact)| (told - exact).abs()).sum();
            let noise = if budget.is_some() { (2.0 / PI).sqrt() * sigma * told.len() as f64 } else { 0.0 };
            weight * (error - noise)
        };
        let scores: Vec<f64> = fits.par_iter().map(score).collect();
        let chosen = match choosing {
            None => {
                let best = scores.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
                fits[best.map_or(0, |(place, _)| place)]
            }
            Some(rho) => {
                // A row more or less changes one count by 1, times the greatest weight.
                let sensitivity = workload.sets.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
                let epsilon = Epsilon::new((8.0 * rho).sqrt())?;
                let Some(noise) =
                    privacy.spend(Access::Selection, Rho::new(rho)?, "choice of a pair of columns")?
                else {
                    break;
                };
                fits[exponential_mechanism(&scores, sensitivity, epsilon, noise)?]
            }
        };
        let set = workload.sets[chosen].0.clone();
        let before = answered(&model, &set, sizes);
        measured.extend(measure(
            codes,
            sizes,
            std::slice::from_ref(&set),
            measuring,
            "a pair of columns",
            &mut privacy,
        )?);
        spent += measuring.unwrap_or(0.0) + choosing.unwrap_or(0.0);
        model = continued(&model, sizes, &measured, rows, ROUND_STEPS);
        // Rounding may leave a trace of the budget, too little for any mechanism.
        if is_last {
            break;
        }
        if let Some(own) = each {
            let after = answered(&model, &set, sizes);
            let moved: f64 = before.iter().zip(&after).map(|(before, after)| (before - after).abs()).sum();
            // The round told less than its noise: later ones have a quarter of the variance.
            if moved <= (2.0 / PI).sqrt() * sigma * after.len() as f64 {
                each = Some(4.0 * own);
            }
        }
    }
    let found = continued(&model, sizes, &measured, rows, LAST_STEPS);
    Ok((picture, found))
}

/// A fit that starts from the one before: its potentials, on the new tree.
fn continued(
    before: &Estimate,
    sizes: &[usize],
    measured: &[Measurement],
    rows: f64,
    steps: usize,
) -> Estimate {
    super::estimate::estimate_from(sizes, measured, rows, steps, Some(before))
}

/// The counts of a set's combinations by the model; by multiplying along the tree where no clique holds it.
fn answered(model: &Estimate, set: &[usize], sizes: &[usize]) -> Vec<f64> {
    match model.marginal(set, sizes) {
        Some(factor) => factor.values,
        None => along(model, set, sizes).values,
    }
}

/// The marginal of columns of several cliques: columns that are not asked for are summed out as soon as no clique that is
/// still to come shares them.
///
/// # Source
/// Variable elimination along the tree: Koller and Friedman 2009, section 10.3.3.
fn along(model: &Estimate, set: &[usize], sizes: &[usize]) -> Factor {
    let tree = &model.tree;
    // Only cliques on the ways between those that hold asked columns matter; the others' marginals sum to their separators.
    let mut needed: BTreeSet<usize> = set
        .iter()
        .filter_map(|column| tree.holder(&[*column]))
        .flat_map(|place| ancestors(tree, place))
        .collect();
    needed.insert(0);
    let mut sent: Vec<Vec<Factor>> = vec![Vec::new(); tree.cliques.len()];
    let mut last = Factor::filled(&[], sizes, model.total.ln());
    for &place in needed.iter().rev() {
        let mut columns: BTreeSet<usize> = tree.separators[place].iter().copied().collect();
        columns.extend(set.iter().copied().filter(|column| tree.cliques[place].contains(column)));
        columns.extend(sent[place].iter().flat_map(|factor| factor.columns.iter().copied()));
        // What neither a question nor a neighbour shares is summed out before anything is multiplied.
        let own: Vec<usize> =
            tree.cliques[place].iter().copied().filter(|column| columns.contains(column)).collect();
        let columns: Vec<usize> = columns.into_iter().collect();
        let mut all = Factor::filled(&columns, sizes, 0.0);
        let logs = |factor: &Factor| Factor {
            values: factor.values.iter().map(|value| value.ln()).collect(),
            ..factor.clone()
        };
        all.add(&logs(&model.marginals[place].sum(&own, sizes)));
        // Conditional on what it shares with its parent.
        if tree.parents[place].is_some() {
            let mut shared = logs(&model.marginals[place].sum(&tree.separators[place], sizes));
            shared.values.iter_mut().for_each(|value| *value = if value.is_finite() { -*value } else { 0.0 });
            all.add(&shared);
        }
        for factor in std::mem::take(&mut sent[place]) {
            all.add(&factor);
        }
        let kept: Vec<usize> = columns
            .iter()
            .copied()
            .filter(|column| set.contains(column) || tree.separators[place].contains(column))
            .collect();
        let told = all.log_sum(&kept, sizes);
        match tree.parents[place] {
            Some(parent) => sent[parent].push(told),
            None => last = told,
        }
    }
    last.log_sum(set, sizes).normalised(model.total)
}

fn ancestors(tree: &JunctionTree, place: usize) -> Vec<usize> {
    let mut all = vec![place];
    while let Some(parent) = all.last().and_then(|last| tree.parents[*last]) {
        all.push(parent);
    }
    all
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use twinloom_privacy::{Adjacency, Claim, Cost, Delta, Ledger, NoiseSource, PrivacyUnit};

    use super::*;

    #[test]
    fn regress_rounding_of_what_is_left_neither_fails_a_fit_nor_adds_a_round() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let sizes = [2, 3, 2];
        let codes: Vec<Vec<u32>> =
            sizes.iter().map(|size| (0..200).map(|_| rng.random_range(0..*size as u32)).collect()).collect();
        let sets = Workload::pairs(3, None, 1.0);
        let workload = Workload { sets, most_cells: 1e6, most_rounds: 48 };
        for step in 1..=40_u32 {
            let claim = Claim {
                epsilon: Epsilon::new(0.05 * f64::from(step)).unwrap(),
                delta: Delta::new(1e-6).unwrap(),
                adjacency: Adjacency::AddRemove,
                unit: PrivacyUnit::Subject,
            };
            let (mut ledger, mut noise) = (Ledger::new(claim), NoiseSource::from_seed(u64::from(step)));
            let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
            let budget = privacy.remaining().unwrap().get();
            let (_, found) = fit(&codes, &sizes, &workload, privacy).unwrap();
            assert!(found.marginals.iter().all(|own| own.values.iter().all(|value| value.is_finite())));
            let costs = ledger.entries().iter().filter_map(|entry| match entry.cost() {
                Cost::Zcdp { rho } => Some(rho.get()),
                _ => None,
            });
            let costs: Vec<f64> = costs.collect();
            assert!(costs.iter().all(|cost| *cost > 1e-9 * budget), "{costs:?}");
            assert!(costs.iter().sum::<f64>() > 0.999_999 * budget, "{costs:?} of {budget}");
        }
    }

    #[test]
    fn ref_answers_across_cliques_are_sums_over_all_cells() {
        let sizes = [3, 2, 4, 2, 3, 2];
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let sets = [vec![0, 1], vec![1, 2], vec![2, 3], vec![1, 4], vec![5]];
        let tree = JunctionTree::new(6, &sizes, &sets);
        let mut potentials: Vec<Factor> =
            tree.cliques.iter().map(|clique| Factor::filled(clique, &sizes, 0.0)).collect();
        for factor in &mut potentials {
            factor.values.iter_mut().for_each(|value| *value = 3.0 * rng.random::<f64>());
        }
        let mut all = Factor::filled(&[0, 1, 2, 3, 4, 5], &sizes, 0.0);
        for factor in &potentials {
            all.add(factor);
        }
        let all = all.normalised(50.0);
        let marginals = super::super::belief::marginals(&tree, &sizes, &potentials, 50.0);
        let model = Estimate { tree, marginals, potentials, total: 50.0 };
        for set in [vec![0, 3], vec![3, 4], vec![0, 5], vec![0, 2, 4], vec![3, 4, 5]] {
            let expected = all.sum(&set, &sizes);
            for (found, expected) in answered(&model, &set, &sizes).iter().zip(&expected.values) {
                assert!((found - expected).abs() < 1e-9, "{set:?}: {found} {expected}");
            }
        }
    }
}
