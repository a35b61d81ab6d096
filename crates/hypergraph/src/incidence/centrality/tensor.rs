//! Products with the adjacency tensor of a hypergraph, without forming it.
//!
//! The tensor's order `r` is the size of the largest hyperedge. A hyperedge of `l` nodes fills every place
//! whose indices name exactly its nodes, with repetitions where `l < r`, each with the same value, chosen
//! so that the row sums are those of an ordinary hyperedge. Then the product in all modes but one is
//!
//! `(T x^(r-1))_v = sum over e with v of w_e (l / r) c_v / n`, where
//! `c_v = [t^(r-1)] exp(x_v t) product over u in e without v of (exp(x_u t) - 1)` and
//! `n = [t^r] (exp(t) - 1)^l`,
//!
//! a hyperedge of size `r` giving the product of its other entries. Every coefficient is positive, so
//! nothing cancels; expanding the product over subsets instead has alternating signs.
//!
//! # Source
//! Aksoy, Amburg and Young, "Scalable tensor methods for nonuniform hypergraphs", SIAM Journal on
//! Mathematics of Data Science, 2024, doi:10.1137/23M1584472 (generating functions); Banerjee, Char and
//! Mondal, "Spectra of general hypergraphs", doi:10.1016/j.laa.2016.12.022 (the padded tensor).

use super::parts::CentralityError;
use crate::incidence::body::Body;

/// Hyperedges of more nodes are refused: series in `t` of such a length leave the range of f64.
pub(super) const MAXIMUM_RANK: usize = 400;

/// A number with its derivative in one direction, so that one routine gives a product and its derivative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Dual {
    pub(super) value: f64,
    pub(super) slope: f64,
}

impl Dual {
    fn times(self, other: Self) -> Self {
        Self { value: self.value * other.value, slope: self.value * other.slope + self.slope * other.value }
    }

    fn plus(self, other: Self) -> Self {
        Self { value: self.value + other.value, slope: self.slope + other.slope }
    }

    fn scaled(self, factor: f64) -> Self {
        Self { value: self.value * factor, slope: self.slope * factor }
    }
}

/// The terms of one hyperedge in the product of a tensor of order `rank`.
pub(super) struct Terms {
    rank: usize,
    /// For each size below `rank`: `(l / r) tau / [t^r] (exp(tau t) - 1)^l`, with `tau = r / l`.
    factors: Vec<Option<f64>>,
    before: Vec<Dual>,
    after: Vec<Dual>,
    series: Vec<Dual>,
}

impl Terms {
    /// Prepares for hyperedges of up to `rank` nodes.
    pub(super) fn of(rank: usize) -> Result<Self, CentralityError> {
        if rank > MAXIMUM_RANK {
            return Err(CentralityError::Rank { rank, permitted: MAXIMUM_RANK });
        }
        let factors = vec![None; rank.max(1)];
        Ok(Self { rank, factors, before: Vec::new(), after: Vec::new(), series: Vec::new() })
    }

    /// The factor of a size below the rank, worked out when first needed.
    fn factor(&mut self, size: usize) -> f64 {
        let rank = self.rank;
        *self.factors[size].get_or_insert_with(|| {
            let tau = rank as f64 / size as f64;
            let length = rank - size + 1;
            let mut square = vec![Dual::default(); length];
            fill(&mut square, Dual { value: tau, slope: 0.0 }, true);
            let mut power = vec![Dual::default(); length];
            power[0].value = 1.0;
            let mut left = size;
            while left > 0 {
                if left % 2 == 1 {
                    power = multiplied(&power, &square);
                }
                square = multiplied(&square, &square);
                left /= 2;
            }
            // tau l / r is 1.
            1.0 / power[length - 1].value
        })
    }

    /// Writes the term of each node. `x` are the entries of the hyperedge's nodes, scaled so that none
    /// exceeds 1 by much.
    pub(super) fn write(&mut self, x: &[Dual], terms: &mut Vec<Dual>) {
        terms.clear();
        if x.len() == self.rank {
            products_of_others(x, terms);
            return;
        }
        let (size, length) = (x.len(), self.rank - x.len() + 1);
        let tau = self.rank as f64 / size as f64;
        let nothing = Dual::default();
        for side in [&mut self.before, &mut self.after] {
            side.clear();
            side.resize((size + 1) * length, nothing);
        }
        self.series.clear();
        self.series.resize(length, nothing);
        self.before[0].value = 1.0;
        self.after[size * length].value = 1.0;
        for (place, entry) in x.iter().enumerate() {
            fill(&mut self.series, entry.scaled(tau), true);
            let (known, next) = self.before.split_at_mut((place + 1) * length);
            multiply(&known[place * length..], &self.series, &mut next[..length]);
        }
        for (place, entry) in x.iter().enumerate().rev() {
            fill(&mut self.series, entry.scaled(tau), true);
            let (next, known) = self.after.split_at_mut((place + 1) * length);
            multiply(&known[..length], &self.series, &mut next[place * length..]);
        }
        let factor = self.factor(size);
        for (place, entry) in x.iter().enumerate() {
            fill(&mut self.series, entry.scaled(tau), false);
            let own = multiplied(&self.before[place * length..(place + 1) * length], &self.series);
            let others = &self.after[(place + 1) * length..(place + 2) * length];
            let mut term = nothing;
            for (left, right) in own.iter().zip(others.iter().rev()) {
                term = term.plus(left.times(*right));
            }
            terms.push(term.scaled(factor));
        }
    }
}

/// For each entry the product of the others.
fn products_of_others(x: &[Dual], products: &mut Vec<Dual>) {
    let one = Dual { value: 1.0, slope: 0.0 };
    let mut before = one;
    for entry in x {
        products.push(before);
        before = before.times(*entry);
    }
    let mut after = one;
    for (product, entry) in products.iter_mut().zip(x).rev() {
        *product = product.times(after);
        after = after.times(*entry);
    }
}

/// The series of `exp(a t)`, or of `(exp(a t) - 1) / t`.
fn fill(series: &mut [Dual], a: Dual, without_first: bool) {
    let mut term = Dual { value: 1.0, slope: 0.0 };
    let skip = usize::from(without_first);
    if without_first {
        term = a;
    }
    for (power, entry) in series.iter_mut().enumerate() {
        *entry = term;
        term = term.times(a).scaled(1.0 / (power + skip + 1) as f64);
    }
}

fn multiply(left: &[Dual], right: &[Dual], product: &mut [Dual]) {
    for (power, entry) in product.iter_mut().enumerate() {
        *entry = Dual::default();
        for place in 0..=power {
            *entry = entry.plus(left[place].times(right[power - place]));
        }
    }
}

fn multiplied(left: &[Dual], right: &[Dual]) -> Vec<Dual> {
    let mut product = vec![Dual::default(); right.len()];
    multiply(left, right, &mut product);
    product
}

/// Products with the whole tensor.
pub(super) struct Tensor<'b> {
    body: &'b Body,
    rank: usize,
    terms: Terms,
    entries: Vec<Dual>,
    found: Vec<Dual>,
}

impl<'b> Tensor<'b> {
    pub(super) fn of(body: &'b Body, rank: usize) -> Result<Self, CentralityError> {
        Ok(Self { body, rank, terms: Terms::of(rank)?, entries: Vec::new(), found: Vec::new() })
    }

    /// Calls `take` with node, exponent `p` and term `c` for every incidence: the product is the sum of
    /// `w_e exp(p) c`, `p` being `(r - 1) ln` of the largest entry in the hyperedge, and 0 if `plain`.
    pub(super) fn each(
        &mut self,
        x: impl Fn(usize) -> Dual,
        plain: bool,
        mut take: impl FnMut(usize, f64, Dual),
    ) {
        for (members, weight) in self.body.members.iter().zip(&self.body.weights) {
            if members.is_empty() {
                continue;
            }
            self.entries.clear();
            self.entries.extend(members.iter().map(|node| x(*node as usize)));
            let mut power = 0.0;
            if !plain {
                // Entries are logarithms here.
                let largest =
                    self.entries.iter().fold(f64::NEG_INFINITY, |most, entry| most.max(entry.value));
                power = (self.rank - 1) as f64 * largest;
                for entry in &mut self.entries {
                    entry.value = (entry.value - largest).exp();
                }
            }
            self.terms.write(&self.entries, &mut self.found);
            for (node, term) in members.iter().zip(&self.found) {
                take(*node as usize, power, term.scaled(*weight));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tensor written out: every index of `rank` places over the nodes of one hyperedge.
    fn brute(x: &[f64], rank: usize, node: usize) -> f64 {
        let size = x.len();
        let covers = |word: &[usize]| (0..size).all(|place| word.contains(&place));
        let words = |length: usize| {
            (0..size.pow(length as u32)).map(move |mut number| {
                (0..length)
                    .map(|_| {
                        let place = number % size;
                        number /= size;
                        place
                    })
                    .collect::<Vec<_>>()
            })
        };
        let places = words(rank).filter(|word| covers(word)).count() as f64;
        let sum: f64 = words(rank - 1)
            .filter(|word| {
                let mut whole = word.clone();
                whole.push(node);
                covers(&whole)
            })
            .map(|word| word.iter().map(|place| x[*place]).product::<f64>())
            .sum();
        sum * size as f64 / places
    }

    #[test]
    fn ref_terms_are_those_of_the_tensor_written_out() {
        let x = [0.9, 0.3, 1.0, 0.05, 0.6];
        for rank in 1..=6_usize {
            let mut terms = Terms::of(rank).unwrap();
            for size in 1..=rank.min(5) {
                let entries: Vec<Dual> =
                    x[..size].iter().map(|value| Dual { value: *value, slope: 0.0 }).collect();
                let mut found = Vec::new();
                terms.write(&entries, &mut found);
                for (node, term) in found.iter().enumerate() {
                    let wanted = brute(&x[..size], rank, node);
                    assert!((term.value - wanted).abs() < 1e-13 * wanted, "{rank} {size} {node}");
                }
            }
        }
    }

    #[test]
    fn law_slopes_are_differences() {
        let (x, q, step) = ([0.9, 0.3, 0.7], [0.2, -0.5, 1.0], 1e-6);
        for rank in 3..=6 {
            let mut terms = Terms::of(rank).unwrap();
            let mut at = |move_by: f64| {
                let entry = |place: usize| Dual { value: x[place] + move_by * q[place], slope: q[place] };
                let mut found = Vec::new();
                terms.write(&[entry(0), entry(1), entry(2)], &mut found);
                found
            };
            let (here, low, high) = (at(0.0), at(-step), at(step));
            for place in 0..3 {
                let difference = (high[place].value - low[place].value) / (2.0 * step);
                assert!((here[place].slope - difference).abs() < 1e-8, "{rank}");
            }
        }
    }

    #[test]
    fn law_the_largest_rank_stays_finite() {
        let mut terms = Terms::of(MAXIMUM_RANK).unwrap();
        for size in [1, 2, 3, 50, MAXIMUM_RANK - 1, MAXIMUM_RANK] {
            let entries: Vec<Dual> =
                (0..size).map(|place| Dual { value: 1.0 / (1.0 + place as f64), slope: 1.0 }).collect();
            let mut found = Vec::new();
            terms.write(&entries, &mut found);
            assert!(found.iter().all(|term| term.value.is_finite() && term.value >= 0.0), "{size}");
        }
    }
}
