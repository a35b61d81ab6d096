//! Fields joined by a Gaussian copula.

use twinloom_table::Table;

use super::gaussian::{both_below, cholesky, in_box, legendre, quantile};
use super::marginal::Marginal;

/// Groups of about equal size that a field's values are put into to measure mutual information.
const GROUPS: usize = 12;
/// Correlations beyond this are not told from it.
const GREATEST: f64 = 0.98;

/// Distributions of fields and how they go together.
///
/// # Source
/// Rocher, Hendrickx and de Montjoye, Estimating the success of re-identifications in incomplete datasets using
/// generative models, Nature Communications 10, 3069 (2019), methods: marginals by Bayes' criterion, each pair's
/// correlation such that the discretised pair has the mutual information that is seen.
pub(super) struct Copula {
    pub(super) marginals: Vec<Marginal>,
    lower: Vec<Vec<f64>>,
    correlations: Vec<Vec<f64>>,
}

impl Copula {
    pub(super) fn fit(table: &Table, places: &[usize]) -> Self {
        let fit = |&place: &usize| {
            Marginal::fit(&table.schema().columns()[place].kind, &table.columns()[place], table.len())
        };
        let marginals: Vec<Marginal> = places.iter().map(fit).collect();
        let grouped: Vec<Grouped> = marginals.iter().map(Grouped::new).collect();
        let rule = legendre(32);
        let mut correlations = vec![vec![0.0; places.len()]; places.len()];
        for one in 0..places.len() {
            correlations[one][one] = 1.0;
            for other in 0..one {
                let rho = correlation(&grouped[one], &grouped[other], &rule);
                correlations[one][other] = rho;
                correlations[other][one] = rho;
            }
        }
        let (correlations, lower) = positive(correlations);
        Self { marginals, lower, correlations }
    }

    /// The chance of the cell that a row of the sample lies in.
    pub(super) fn cell(&self, row: usize) -> f64 {
        let limits: Vec<(f64, f64)> = self
            .marginals
            .iter()
            .map(|marginal| {
                let (from, to) = marginal.limits(marginal.codes[row]);
                (quantile(from), quantile(to))
            })
            .collect();
        cell_chance(&limits, &self.lower, &self.correlations)
    }
}

/// The chance of a cell: by quadrature for two fields, on a lattice for more.
fn cell_chance(limits: &[(f64, f64)], lower: &[Vec<f64>], correlations: &[Vec<f64>]) -> f64 {
    match limits {
        [one, other] => rectangle(*one, *other, correlations[0][1], &legendre(32)),
        _ => in_box(limits, lower),
    }
}

pub(super) fn rectangle(one: (f64, f64), other: (f64, f64), rho: f64, rule: &[(f64, f64)]) -> f64 {
    let at = |h: f64, k: f64| both_below(h, k, rho, rule);
    (at(one.1, other.1) - at(one.0, other.1) - at(one.1, other.0) + at(one.0, other.0)).max(0.0)
}

/// A field's values in a few groups of neighbours.
struct Grouped {
    groups: Vec<usize>,
    /// Normal quantiles of the groups' upper ends, but the last.
    ends: Vec<f64>,
}

impl Grouped {
    fn new(marginal: &Marginal) -> Self {
        let n = marginal.codes.len() as f64;
        let size = marginal.codes.iter().map(|code| code + 1).max().unwrap_or(1);
        let mut counts = vec![0_usize; size];
        for &code in &marginal.codes {
            counts[code] += 1;
        }
        let (mut group, mut held, mut sum) = (0, 0.0, 0.0);
        let mut places = vec![0; size];
        let mut ends = Vec::new();
        for (code, &count) in counts.iter().enumerate() {
            places[code] = group;
            held += count as f64 / n;
            sum += count as f64 / n;
            if held >= 1.0 / GROUPS as f64 && code + 1 < size {
                ends.push(quantile(sum));
                group += 1;
                held = 0.0;
            }
        }
        Self { groups: marginal.codes.iter().map(|&code| places[code]).collect(), ends }
    }

    fn count(&self) -> usize {
        self.ends.len() + 1
    }

    fn limits(&self, group: usize) -> (f64, f64) {
        let from = group.checked_sub(1).map_or(quantile(0.0), |before| self.ends[before]);
        (from, self.ends.get(group).copied().unwrap_or(quantile(1.0)))
    }
}

/// The correlation whose mutual information between groups is the one seen, less what chance adds (Miller and Madow
/// 1955); its sign is that of the groups' covariance.
fn correlation(one: &Grouped, other: &Grouped, rule: &[(f64, f64)]) -> f64 {
    let n = one.groups.len() as f64;
    let mut table = vec![vec![0.0; other.count()]; one.count()];
    for (&row, &column) in one.groups.iter().zip(&other.groups) {
        table[row][column] += 1.0 / n;
    }
    let free = (one.count() - 1) as f64 * (other.count() - 1) as f64;
    let seen = information(&table) - free / (2.0 * n);
    if seen <= 0.0 || free <= 0.0 {
        return 0.0;
    }
    let mean = |groups: &[usize]| groups.iter().map(|&group| group as f64).sum::<f64>() / n;
    let (centre, other_centre) = (mean(&one.groups), mean(&other.groups));
    let pairs = one.groups.iter().zip(&other.groups);
    let covariance: f64 =
        pairs.map(|(&row, &column)| (row as f64 - centre) * (column as f64 - other_centre)).sum();
    let sign = if covariance < 0.0 { -1.0 } else { 1.0 };
    let model = |rho: f64| {
        let row = |group: usize| {
            let cell = |column: usize| rectangle(one.limits(group), other.limits(column), sign * rho, rule);
            (0..other.count()).map(cell).collect::<Vec<f64>>()
        };
        information(&(0..one.count()).map(row).collect::<Vec<_>>())
    };
    let (mut low, mut high) = (0.0, GREATEST);
    for _ in 0..18 {
        let middle = 0.5 * (low + high);
        if model(middle) < seen {
            low = middle;
        } else {
            high = middle;
        }
    }
    sign * 0.5 * (low + high)
}

/// Mutual information of a table of chances, in nats.
fn information(table: &[Vec<f64>]) -> f64 {
    let columns = table.first().map_or(0, Vec::len);
    let totals: Vec<f64> = (0..columns).map(|column| table.iter().map(|row| row[column]).sum()).collect();
    let mut sum = 0.0;
    for row in table {
        let total: f64 = row.iter().sum();
        for (&chance, column) in row.iter().zip(&totals) {
            if chance > 0.0 && total > 0.0 && *column > 0.0 {
                sum += chance * (chance / (total * column)).ln();
            }
        }
    }
    sum
}

/// Pairs fitted one by one may contradict each other: all correlations are shrunk until they don't.
fn positive(correlations: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut shrunk = correlations;
    for _ in 0..200 {
        if let Some(lower) = cholesky(&shrunk) {
            return (shrunk, lower);
        }
        for (at, row) in shrunk.iter_mut().enumerate() {
            for (column, value) in row.iter_mut().enumerate() {
                if at != column {
                    *value *= 0.97;
                }
            }
        }
    }
    let lower = cholesky(&shrunk).expect("after 200 shrinkings by 3 % no correlation is above 0.003");
    (shrunk, lower)
}
