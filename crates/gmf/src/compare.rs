//! Our visits against those of another engine.
//!
//! # Source
//! Two-sample chi-square test of destinations given the state, with the smallest cells joined until
//! every expected count is at least 5; two-sided. It takes every visit for independent, which the
//! hundredth visit of one person is not; so each difference it finds is asked again as a question of
//! populations: ours is simulated several times, and the other engine's fraction must lie outside what
//! populations of that size scatter (Student's t on replicates, never less than binomial scatter).
//! Durations: means are compared by their ratio, as counts of time hold no variances. Several tests:
//! Holm 1979.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::visits::{StateVisits, VisitTable};

/// The smallest expected count of a cell.
const SMALLEST_CELL: f64 = 5.0;
/// Leavings of a state in both engines that make its mean duration worth comparing.
const ENOUGH: u64 = 30;
const WEEK_HOURS: f64 = 168.0;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Where the state leads.
    Destinations,
    /// How long it lasts.
    Duration,
}

/// One difference beyond chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The module, by the other engine's name for it.
    pub module: String,
    /// The state.
    pub state: String,
    /// What differs.
    pub kind: DifferenceKind,
    /// Leavings here and there.
    pub left: [u64; 2],
    /// The destination that differs most and its fraction here and there, or the mean hours.
    pub what: String,
    /// The two numbers.
    pub values: [f64; 2],
    /// The p-value before correction; none for durations.
    pub p_value: Option<f64>,
    /// Holm's corrected p-value.
    pub corrected: Option<f64>,
    /// The p-value when populations scatter as ours do from seed to seed, corrected for all states
    /// tested; none with fewer than three populations.
    pub by_population: Option<f64>,
}

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// States that left often enough in both engines to be tested.
    pub states_tested: usize,
    /// States with one destination in both, which agree by construction.
    pub states_certain: usize,
    /// States visited in one engine only: ours, then theirs.
    pub only: [usize; 2],
    /// Differences in destinations by visits, the most significant first.
    pub destinations: Vec<Difference>,
    /// How many of them lie beyond what populations scatter.
    pub beyond_populations: usize,
    /// States whose mean durations were compared.
    pub durations_compared: usize,
    /// Mean durations that differ by more than `duration_tolerance`.
    pub durations: Vec<Difference>,
    /// The largest relative difference of means that is not listed.
    pub duration_tolerance: f64,
    /// The level of the corrected tests.
    pub level: f64,
}

/// Holds our visits, one table for each simulated population, against another engine's. `names` gives
/// each of our modules' name, by which the other engine may have joined several.
pub fn compare(
    ours: &[VisitTable],
    theirs: &VisitTable,
    names: &BTreeMap<String, String>,
    level: f64,
    duration_tolerance: f64,
) -> Comparison {
    let mut comparison = Comparison { duration_tolerance, level, ..Comparison::default() };
    let populations: Vec<VisitTable> = ours.iter().map(|ours| join(ours, theirs, names)).collect();
    let mut joined = VisitTable::new();
    for population in &populations {
        add(&mut joined, population);
    }
    let empty = BTreeMap::new();
    // Modules of one name share their visits in the other engine; they are compared under one key.
    let repeated = |key: &String| {
        names
            .get(key)
            .is_some_and(|name| key_of_name(theirs, names).get(name.as_str()) != Some(&key.as_str()))
    };
    for module in joined.keys().chain(theirs.keys().filter(|key| !repeated(key))).collect::<BTreeSet<_>>() {
        let (here, there) = (joined.get(module).unwrap_or(&empty), theirs.get(module).unwrap_or(&empty));
        for state in here.keys().chain(there.keys()).collect::<BTreeSet<_>>() {
            match (here.get(state), there.get(state)) {
                (Some(here), Some(there)) => {
                    let replicates: Vec<&StateVisits> = populations
                        .iter()
                        .filter_map(|population| population.get(module)?.get(state))
                        .collect();
                    state_against(&mut comparison, module, state, here, there, &replicates);
                }
                (Some(_), None) => comparison.only[0] += 1,
                (None, _) => comparison.only[1] += 1,
            }
        }
    }
    holm(&mut comparison);
    comparison
}

/// Our modules under the other engine's keys: modules of one name together.
fn join(ours: &VisitTable, theirs: &VisitTable, names: &BTreeMap<String, String>) -> VisitTable {
    let key_of_name = key_of_name(theirs, names);
    let mut joined = VisitTable::new();
    for (path, states) in ours {
        let key = names.get(path).and_then(|name| key_of_name.get(name.as_str()).copied()).unwrap_or(path);
        add(&mut joined, &VisitTable::from([(key.to_owned(), states.clone())]));
    }
    joined
}

fn add(sums: &mut VisitTable, more: &VisitTable) {
    for (module, states) in more {
        let module = sums.entry(module.clone()).or_default();
        for (name, visits) in states {
            let sum: &mut StateVisits = module.entry(name.clone()).or_default();
            sum.entered += visits.entered;
            sum.people += visits.people;
            sum.duration_ms += visits.duration_ms;
            for (target, count) in &visits.to {
                *sum.to.entry(target.clone()).or_default() += count;
            }
        }
    }
}

/// The key under which the other engine keeps modules of a name: the last of several.
fn key_of_name<'t>(
    theirs: &'t VisitTable,
    names: &'t BTreeMap<String, String>,
) -> BTreeMap<&'t str, &'t str> {
    theirs.keys().filter_map(|key| names.get(key).map(|name| (name.as_str(), key.as_str()))).collect()
}

fn state_against(
    comparison: &mut Comparison,
    module: &str,
    state: &str,
    here: &StateVisits,
    there: &StateVisits,
    replicates: &[&StateVisits],
) {
    let left = [here.to.values().sum::<u64>(), there.to.values().sum::<u64>()];
    if left[0] == 0 || left[1] == 0 {
        return;
    }
    let targets: BTreeSet<&String> = here.to.keys().chain(there.to.keys()).collect();
    let difference = |kind, what: String, values, p_value| Difference {
        module: module.to_owned(),
        state: state.to_owned(),
        kind,
        left,
        what,
        values,
        p_value,
        corrected: None,
        by_population: None,
    };
    if targets.len() == 1 {
        comparison.states_certain += 1;
    } else {
        let count =
            |visits: &StateVisits, target: &String| visits.to.get(target).copied().unwrap_or(0) as f64;
        let cells: Vec<[f64; 2]> =
            targets.iter().map(|target| [count(here, target), count(there, target)]).collect();
        if let Some(p_value) = chi_square(&cells, left.map(|left| left as f64)) {
            comparison.states_tested += 1;
            let fractions: Vec<[f64; 2]> =
                cells.iter().map(|cell| [cell[0] / left[0] as f64, cell[1] / left[1] as f64]).collect();
            let widest = (0..cells.len())
                .max_by(|a, b| gap(fractions[*a]).total_cmp(&gap(fractions[*b])))
                .unwrap_or(0);
            let what = targets.iter().nth(widest).map(|target| (*target).clone()).unwrap_or_default();
            let mut found = difference(DifferenceKind::Destinations, what, fractions[widest], Some(p_value));
            found.by_population = targets
                .iter()
                .filter_map(|target| against_populations(target, there, replicates))
                .min_by(f64::total_cmp)
                .map(|p_value| (p_value * targets.len() as f64).min(1.0));
            comparison.destinations.push(found);
        }
    }
    if left.iter().all(|left| *left >= ENOUGH) {
        comparison.durations_compared += 1;
        let hours = |visits: &StateVisits, left: u64| visits.duration_ms as f64 / 3_600_000.0 / left as f64;
        let means = [hours(here, left[0]), hours(there, left[1])];
        // A mean over n visits scatters by about 1/sqrt(n) of itself when every visit waits, and by more
        // when few do, for whole weeks: what counts is how many waits there were. Three times that
        // scatter is allowed beyond the tolerance.
        let waits = |n: u64, mean: f64| (n as f64).min(n as f64 * mean / WEEK_HOURS).max(1.0);
        let scatter = 3.0 * (1.0 / waits(left[0], means[0]) + 1.0 / waits(left[1], means[1])).sqrt();
        let largest = means[0].max(means[1]);
        if largest > 0.0 && gap(means) / largest > comparison.duration_tolerance + scatter {
            comparison.durations.push(difference(
                DifferenceKind::Duration,
                "mean hours".to_owned(),
                means,
                None,
            ));
        }
    }
}

/// The p-value of the other engine's fraction among the fractions of our populations.
fn against_populations(target: &str, there: &StateVisits, replicates: &[&StateVisits]) -> Option<f64> {
    let part = |visits: &StateVisits| {
        let left = visits.to.values().sum::<u64>() as f64;
        (visits.to.get(target).copied().unwrap_or(0) as f64, left)
    };
    let parts: Vec<(f64, f64)> =
        replicates.iter().map(|one| part(one)).filter(|(_, left)| *left > 0.0).collect();
    if parts.len() < 3 {
        return None;
    }
    let count = parts.len() as f64;
    let (yes, left) = parts.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let (pooled, usual) = (yes / left, left / count);
    // Larger populations scatter less: each deviation is brought to the usual size.
    let scatter = parts.iter().map(|(yes, left)| (yes / left - pooled).powi(2) * left / usual).sum::<f64>()
        / (count - 1.0);
    let smallest = (pooled * (1.0 - pooled)).max(1.0 / left) / usual;
    let variance = scatter.max(smallest);
    let (theirs, their_left) = part(there);
    let error = (variance * (usual / their_left + 1.0 / count)).sqrt();
    Some(student_two_sided((theirs / their_left - pooled) / error, count - 1.0))
}

/// The probability of a Student's t at least this far from 0: numerical integration of the density,
/// which is exact to nine digits for the few degrees of freedom here.
fn student_two_sided(t: f64, degrees: f64) -> f64 {
    // With x = sqrt(degrees) tan(angle) the density becomes a power of the cosine.
    let angle = (t.abs() / degrees.sqrt()).atan();
    let power = |angle: f64| angle.cos().max(0.0).powf(degrees - 1.0);
    let integral = |from: f64, to: f64| {
        let steps = 2000;
        let width = (to - from) / f64::from(steps);
        let inner: f64 = (1..steps)
            .map(|step| power(from + width * f64::from(step)) * if step % 2 == 0 { 2.0 } else { 4.0 })
            .sum();
        (power(from) + inner + power(to)) * width / 3.0
    };
    let half = std::f64::consts::FRAC_PI_2;
    (integral(angle, half) / integral(0.0, half)).clamp(0.0, 1.0)
}

fn gap(pair: [f64; 2]) -> f64 {
    (pair[0] - pair[1]).abs()
}

/// The p-value of a two-column table, small cells joined; `None` when too little is left.
fn chi_square(cells: &[[f64; 2]], sums: [f64; 2]) -> Option<f64> {
    let total = sums[0] + sums[1];
    let smaller = sums[0].min(sums[1]) / total;
    let mut order: Vec<[f64; 2]> = cells.to_vec();
    order.sort_by(|a, b| (a[0] + a[1]).total_cmp(&(b[0] + b[1])));
    let mut joined: Vec<[f64; 2]> = Vec::new();
    let mut open = [0.0, 0.0];
    for cell in order {
        open = [open[0] + cell[0], open[1] + cell[1]];
        if (open[0] + open[1]) * smaller >= SMALLEST_CELL {
            joined.push(open);
            open = [0.0, 0.0];
        }
    }
    if let Some(last) = joined.last_mut() {
        *last = [last[0] + open[0], last[1] + open[1]];
    }
    if joined.len() < 2 {
        return None;
    }
    let statistic: f64 = joined
        .iter()
        .flat_map(|cell| {
            let row = cell[0] + cell[1];
            (0..2).map(move |column| {
                let expected = row * sums[column] / total;
                (cell[column] - expected).powi(2) / expected
            })
        })
        .sum();
    Some(upper_gamma((joined.len() - 1) as f64 / 2.0, statistic / 2.0))
}

/// The regularised upper incomplete gamma function (series below a + 1, continued fraction above).
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (a * x.ln() - x - log_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term.abs() > sum.abs() * 1e-15 && n < a + 10_000.0 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return (1.0 - sum * scale).clamp(0.0, 1.0);
    }
    // Lentz's method.
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..10_000 {
        let n = f64::from(n);
        let an = -n * (n - a);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        let step = d * c;
        fraction *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (fraction * scale).clamp(0.0, 1.0)
}

/// Lanczos's approximation with g = 7 and nine terms.
fn log_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - log_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = TERMS.iter().enumerate().skip(1).fold(TERMS[0], |sum, (n, term)| sum + term / (x + n as f64));
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Corrects the p-values and keeps what stays below the level.
fn holm(comparison: &mut Comparison) {
    let level = comparison.level;
    let found = &mut comparison.destinations;
    correct(found, |each| each.by_population, |each, p_value| each.by_population = Some(p_value));
    correct(found, |each| each.p_value, |each, p_value| each.corrected = Some(p_value));
    found.retain(|difference| difference.corrected.is_some_and(|corrected| corrected < level));
    comparison.beyond_populations = found
        .iter()
        .filter(|difference| difference.by_population.is_some_and(|p_value| p_value < level))
        .count();
}

/// Orders by a p-value and gives it back corrected.
fn correct(
    found: &mut [Difference],
    p_value: impl Fn(&Difference) -> Option<f64>,
    set: impl Fn(&mut Difference, f64),
) {
    found.sort_by(|a, b| p_value(a).unwrap_or(1.0).total_cmp(&p_value(b).unwrap_or(1.0)));
    let tests = found.iter().filter(|each| p_value(each).is_some()).count();
    let mut largest: f64 = 0.0;
    for (place, difference) in found.iter_mut().enumerate().take(tests) {
        if let Some(p_value) = p_value(difference) {
            largest = largest.max((p_value * (tests - place) as f64).min(1.0));
            set(difference, largest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK_MS: i64 = 604_800_000;

    fn table(counts: &[(&str, u64)], duration_ms: i64) -> VisitTable {
        let to: BTreeMap<String, u64> =
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let visits = StateVisits { entered: to.values().sum(), people: 1, duration_ms, to };
        BTreeMap::from([("m".to_owned(), BTreeMap::from([("s".to_owned(), visits)]))])
    }

    #[test]
    fn ref_chi_square_tail() {
        // Abramowitz and Stegun, table 26.8: 3.841 at one degree, 9.488 at four, 5 %.
        assert!((upper_gamma(0.5, 3.841_458_820_694_124 / 2.0) - 0.05).abs() < 1e-9);
        assert!((upper_gamma(2.0, 9.487_729_036_781_154 / 2.0) - 0.05).abs() < 1e-9);
        assert!((log_gamma(5.0) - 24_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn regress_equal_fractions_agree_and_unequal_ones_do_not() {
        let names = BTreeMap::new();
        let run = |ours: &VisitTable, theirs: &VisitTable| {
            compare(std::slice::from_ref(ours), theirs, &names, 0.01, 0.02)
        };
        let base = table(&[("a", 500), ("b", 500)], 1000 * WEEK_MS);
        let same = run(&base, &table(&[("a", 52), ("b", 48)], 100 * WEEK_MS));
        assert!(same.destinations.is_empty() && same.durations.is_empty() && same.states_tested == 1);
        let other = run(&base, &table(&[("a", 80), ("b", 20)], 300 * WEEK_MS));
        assert_eq!((other.destinations.len(), other.durations.len()), (1, 1));
        assert!(other.destinations[0].corrected.unwrap() < 1e-6);
    }

    #[test]
    fn ref_student_tail() {
        // Abramowitz and Stegun, table 26.10: 2.262 at nine degrees, 3.182 at three, 5 % two-sided.
        assert!((student_two_sided(2.262_157, 9.0) - 0.05).abs() < 1e-6);
        assert!((student_two_sided(-3.182_446, 3.0) - 0.05).abs() < 1e-6);
        assert!((student_two_sided(0.0, 5.0) - 1.0).abs() < 1e-12);
    }

    /// Five populations in which the same few people decide: their fractions scatter by 0.2, so that one
    /// more at 0.9 is nothing new although its hundred visits are far from the mean.
    #[test]
    fn regress_what_few_people_decide_is_no_difference_between_populations() {
        let ours: Vec<VisitTable> =
            [10, 30, 50, 70, 90].map(|a| table(&[("a", a), ("b", 100 - a)], 0)).to_vec();
        let found = compare(&ours, &table(&[("a", 90), ("b", 10)], 0), &BTreeMap::new(), 0.01, 0.02);
        assert_eq!((found.destinations.len(), found.beyond_populations), (1, 0));
        let steady: Vec<VisitTable> =
            [49, 50, 51, 50, 50].map(|a| table(&[("a", a), ("b", 100 - a)], 0)).to_vec();
        let found = compare(&steady, &table(&[("a", 90), ("b", 10)], 0), &BTreeMap::new(), 0.01, 0.02);
        assert_eq!((found.destinations.len(), found.beyond_populations), (1, 1));
    }

    #[test]
    fn regress_modules_of_one_name_are_joined() {
        let names: BTreeMap<String, String> =
            [("x/m", "n"), ("y/m", "n")].map(|(path, name)| (path.to_owned(), name.to_owned())).into();
        let states = table(&[("a", 5)], 0).remove("m").unwrap();
        let ours: VisitTable =
            [("x/m".to_owned(), states.clone()), ("y/m".to_owned(), states.clone())].into();
        let theirs: VisitTable = [("y/m".to_owned(), states)].into();
        assert_eq!(join(&ours, &theirs, &names)["y/m"]["s"].entered, 10);
    }
}
