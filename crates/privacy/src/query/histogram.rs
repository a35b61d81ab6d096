//! Counts with noise, of cells known beforehand and of cells that the data bring.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{QueryError, share};
use crate::accountant::gaussian::log_normal;
use crate::budget::{Delta, Rho};
use crate::mechanism::exact::LARGEST_SCALE;
use crate::mechanism::integer::discrete_gaussian;
use crate::noise::NoiseSource;
use crate::rounding::{down, up};

/// How much of a histogram one subject may make up; theirs to hold who count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Most cells that they count in.
    pub cells: u32,
    /// Most that they add to one.
    pub per_cell: u32,
}

impl Contribution {
    /// One count in one cell.
    pub const ONE: Self = Self { cells: 1, per_cell: 1 };

    /// What one subject can change in Euclidean norm: per cell times the root of cells.
    fn sensitivity(self) -> Result<f64, QueryError> {
        for (parameter, value) in [("cells", self.cells), ("per cell", self.per_cell)] {
            if value == 0 {
                return Err(QueryError::Parameter { parameter, value: 0.0, range: "at least 1" });
            }
        }
        Ok(up(f64::from(self.per_cell) * f64::from(self.cells).sqrt()))
    }

    /// Standard deviation of the noise that costs `rho`.
    pub(super) fn sigma(self, rho: Rho) -> Result<f64, QueryError> {
        let sigma = up(self.sensitivity()? / down((2.0 * rho.get()).sqrt()));
        if sigma <= LARGEST_SCALE {
            Ok(sigma)
        } else {
            Err(QueryError::Parameter {
                parameter: "rho",
                value: rho.get(),
                range: "large enough for noise below 2^52",
            })
        }
    }
}

/// A count with noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// The count, which noise may have made negative.
    pub value: i64,
    /// Standard deviation of the noise.
    pub sigma: f64,
}

impl Counted {
    /// Where the true count lies with a chance of 95 %, as far as the noise goes.
    pub fn interval(&self) -> (f64, f64) {
        let reach = 1.959_964 * self.sigma;
        (self.value as f64 - reach, self.value as f64 + reach)
    }
}

/// How many there are, with noise that costs `rho`.
///
/// # Errors
/// [`QueryError`] for a contribution of nothing, or a rho so small that the noise can't be drawn.
pub fn count(
    number: u64,
    contribution: Contribution,
    rho: Rho,
    noise: &mut NoiseSource,
) -> Result<Counted, QueryError> {
    let sigma = contribution.sigma(rho)?;
    Ok(Counted { value: noisy(number, sigma, noise)?, sigma })
}

/// Counts of cells known beforehand, empty ones too, with noise that costs `rho` in all.
///
/// # Source
/// Dwork, McSherry, Nissim and Smith 2006, section 3 (histograms); Canonne, Kamath and Steinke 2020, theorem 4: a subject
/// moves the vector of counts by at most sqrt(cells) per_cell in Euclidean norm, and noise of sigma costs half the square of
/// that over sigma.
///
/// # Errors
/// [`QueryError`] for a contribution of nothing, or a rho so small that the noise can't be drawn.
pub fn histogram(
    counts: &[u64],
    contribution: Contribution,
    rho: Rho,
    noise: &mut NoiseSource,
) -> Result<Vec<Counted>, QueryError> {
    let sigma = contribution.sigma(rho)?;
    counts.iter().map(|&number| Ok(Counted { value: noisy(number, sigma, noise)?, sigma })).collect()
}

/// The cells that enough subjects are in, with their counts; which cells there may be need not be known.
///
/// The cost is `delta`-approximate `rho`-zCDP, [`Ledger::spend_approximate_zcdp`](crate::Ledger::spend_approximate_zcdp).
///
/// # Source
/// Korolova, Kenthapadi, Mishra and Ntoulas 2009, *Releasing Search Queries and Clicks Privately*, algorithm 1; Bun, Nissim
/// and Stemmer 2016, *Simultaneous Private Learning of Multiple Concepts*, section 3 (stability-based histogram); with
/// Gaussian noise, Bun and Steinke 2016, section 8 (approximate zCDP). Cells in one neighbour only hold at most
/// per_cell each, and there are at most `cells` of them. Each passes the threshold t with at most the chance that noise
/// reaches t - per_cell, below delta / cells by Canonne, Kamath and Steinke 2020, proposition 25 (a discrete Gaussian
/// reaches m no likelier than the continuous one m - 1). Unless one does, only cells in both are told of, with the noise of
/// [`histogram`].
///
/// # Errors
/// [`QueryError`] for a contribution of nothing, a delta of 0, or a rho so small that the noise can't be drawn.
pub fn discover<K: Ord + Clone>(
    counts: &BTreeMap<K, u64>,
    contribution: Contribution,
    rho: Rho,
    delta: Delta,
    noise: &mut NoiseSource,
) -> Result<BTreeMap<K, Counted>, QueryError> {
    let sigma = contribution.sigma(rho)?;
    let each = down(share("delta", delta.get())? / f64::from(contribution.cells));
    let threshold = reached(sigma, each).saturating_add(i64::from(contribution.per_cell));
    let mut found = BTreeMap::new();
    for (cell, &number) in counts {
        // What is not there must stay unseen whatever the noise.
        if number == 0 {
            continue;
        }
        let value = noisy(number, sigma, noise)?;
        if value >= threshold {
            found.insert(cell.clone(), Counted { value, sigma });
        }
    }
    Ok(found)
}

/// The least whole m that a discrete Gaussian reaches with at most `chance`, up to the slack of the bound.
pub(super) fn reached(sigma: f64, chance: f64) -> i64 {
    let log = chance.ln();
    // Drawing rounds sigma up to 24 significant bits.
    let sigma = sigma * (1.0 + 2e-7) + 1e-7;
    let rare = |steps: f64| log_normal(-steps / sigma) <= log - 1e-9;
    let (mut low, mut high) = (0.0, 1.0);
    while !rare(high) {
        (low, high) = (high, high * 2.0);
    }
    while high - low > 0.5 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if rare(middle) { high = middle } else { low = middle }
    }
    (high + 1.0).ceil() as i64
}

fn noisy(number: u64, sigma: f64, noise: &mut NoiseSource) -> Result<i64, QueryError> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    Ok(number.saturating_add(discrete_gaussian(sigma, noise)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rho(value: f64) -> Rho {
        Rho::new(value).unwrap()
    }

    #[test]
    fn ref_noise_of_a_count_costs_what_is_said() {
        // rho 0.5 is sigma 1 for one count; four cells of two take four times two.
        let one = Contribution::ONE.sigma(rho(0.5)).unwrap();
        let more = Contribution { cells: 4, per_cell: 2 }.sigma(rho(0.5)).unwrap();
        assert!((one - 1.0).abs() < 1e-12 && (more - 4.0).abs() < 1e-12, "{one} {more}");
        let mut noise = NoiseSource::from_seed(41);
        let draws: f64 = (0..20_000)
            .map(|_| count(1000, Contribution::ONE, rho(0.005), &mut noise).unwrap().value as f64 - 1000.0)
            .map(|off| off * off / 100.0)
            .sum();
        // 5 standard errors of a mean of 20,000 squares, false alarm 6e-7.
        assert!((draws / 20_000.0 - 1.0).abs() < 0.05, "{draws}");
    }

    #[test]
    fn ref_the_threshold_is_the_quantile_of_the_normal() {
        // 4.7534 standard deviations are passed with a chance of 1e-6.
        for sigma in [1.0, 10.0, 1e4] {
            let found = reached(sigma, 1e-6) as f64;
            assert!(found >= 4.7534 * sigma + 1.0 && found <= 4.7535 * sigma + 3.0, "{sigma}: {found}");
        }
    }

    #[test]
    fn law_a_cell_of_one_subject_shows_no_oftener_than_delta() {
        // With a chance of 0.01 a run: above 140 of 10,000 is 4 standard deviations, false alarm below 1e-4, seed fixed.
        let (mut noise, mut shown) = (NoiseSource::from_seed(42), 0);
        let cells = BTreeMap::from([("rare", 1), ("none", 0)]);
        for _ in 0..10_000 {
            let found =
                discover(&cells, Contribution::ONE, rho(0.1), Delta::new(0.01).unwrap(), &mut noise).unwrap();
            assert!(!found.contains_key("none"));
            shown += found.len();
        }
        assert!(shown > 0 && shown < 140, "{shown}");
    }

    #[test]
    fn law_common_cells_are_found_and_bad_input_is_not_answered() {
        let mut noise = NoiseSource::from_seed(43);
        let cells: BTreeMap<u32, u64> =
            (0..10_000).map(|cell| (cell, if cell < 7 { 500 } else { 1 })).collect();
        let delta = Delta::new(1e-9).unwrap();
        let found = discover(&cells, Contribution::ONE, rho(0.1), delta, &mut noise).unwrap();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), (0..7).collect::<Vec<_>>());
        let nothing = Contribution { cells: 0, per_cell: 1 };
        assert!(histogram(&[1], nothing, rho(0.1), &mut noise).is_err());
        assert!(histogram(&[1], Contribution::ONE, rho(1e-40), &mut noise).is_err());
        assert!(discover(&cells, Contribution::ONE, rho(0.1), Delta::new(0.0).unwrap(), &mut noise).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn law_no_input_panics(number: u64, cells: u32, per_cell: u32, log_rho in -80.0..30.0_f64, delta in 0.0..1.0_f64) {
            let mut noise = NoiseSource::from_seed(44);
            let contribution = Contribution { cells, per_cell };
            let given = BTreeMap::from([(1, number)]);
            let _ = count(number, contribution, rho(log_rho.exp()), &mut noise);
            let _ = discover(&given, contribution, rho(log_rho.exp()), Delta::new(delta).unwrap(), &mut noise);
        }
    }
}
