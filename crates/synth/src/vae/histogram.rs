//! How many rows have each code of each column: exactly, or through noise.

use twinloom_privacy::{Access, GaussianVector, Ledger, NoiseSource, Rho};

use super::VaeError;

/// Beyond this, single precision no longer tells one row from none.
const MOST_ROWS: usize = 1 << 24;

/// Rows of each code.
///
/// # Shapes
/// `codes: [columns][rows]` -> `[columns][sizes]`
pub(super) fn exact(codes: &[Vec<u32>], sizes: &[usize]) -> Vec<Vec<f64>> {
    let count = |(codes, size): (&Vec<u32>, &usize)| {
        let mut counts = vec![0.0; *size];
        for code in codes {
            counts[*code as usize] += 1.0;
        }
        counts
    };
    codes.iter().zip(sizes).map(count).collect()
}

/// The same through Gaussian noise at a cost of `rho`, entered first, and the number of rows that all columns together
/// tell. A person's row is one count of each column, so that its presence moves them by the root of the number of columns.
///
/// # Source
/// Bun and Steinke 2016, *Concentrated Differential Privacy*, proposition 1.6; the noise is of continuous tails, so that it
/// enters as one step of a sampled Gaussian at rate 1.
pub(super) fn noisy(
    codes: &[Vec<u32>],
    sizes: &[usize],
    rho: Rho,
    ledger: &mut Ledger,
    noise: &mut NoiseSource,
) -> Result<(Vec<Vec<f64>>, f64), VaeError> {
    let rows = codes.first().map_or(0, Vec::len);
    if rows > MOST_ROWS {
        return Err(VaeError::TooManyRows { rows, most: MOST_ROWS });
    }
    let multiplier = 1.0 / (2.0 * rho.get()).sqrt();
    let sensitivity = (codes.len() as f64).sqrt() * (1.0 + 1e-12);
    // A multiplier beyond the mechanism's grid is one that tells nothing any more.
    let vector = GaussianVector::for_noise_multiplier(sensitivity, multiplier, sizes.iter().sum())
        .map_err(|_| VaeError::NothingLeft)?;
    let mut trial = ledger.clone();
    let note = format!("histograms of {} columns", codes.len());
    trial.spend_subsampled_gaussian(Access::Marginals, 1.0, vector.noise_multiplier(), 1, note)?;
    trial.allow_distance(Access::Marginals, vector.total_variation(), "noise of the histograms")?;
    *ledger = trial;
    ledger.draws_from(noise);

    let mut counts: Vec<f32> = exact(codes, sizes).into_iter().flatten().map(|count| count as f32).collect();
    vector.add_to(&mut counts, noise)?;
    let mut rest = counts.iter().map(|count| f64::from(*count));
    let columns: Vec<Vec<f64>> = sizes.iter().map(|size| rest.by_ref().take(*size).collect()).collect();
    // Each column's sum is the number of rows, with a variance in proportion to its codes.
    let weighed: f64 = columns.iter().map(|own| own.iter().sum::<f64>() / own.len().max(1) as f64).sum();
    let weights: f64 = sizes.iter().map(|size| 1.0 / (*size).max(1) as f64).sum();
    let total = (weighed / weights).max(1.0);
    Ok((columns.into_iter().map(|own| projected(own, total)).collect(), total))
}

/// The nearest counts that are not negative and sum to `total`.
///
/// # Source
/// Held, Wolfe and Crowder 1974; as in Duchi et al. 2008, *Efficient Projections onto the l1-Ball*, figure 1.
fn projected(counts: Vec<f64>, total: f64) -> Vec<f64> {
    let mut sorted = counts.clone();
    sorted.sort_unstable_by(|one, other| other.total_cmp(one));
    let (mut sum, mut level) = (0.0, 0.0);
    for (place, count) in sorted.iter().enumerate() {
        sum += count;
        let own = (sum - total) / (place + 1) as f64;
        if *count > own {
            level = own;
        }
    }
    counts.into_iter().map(|count| (count - level).max(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, PrivacyUnit};

    use super::*;

    #[test]
    fn law_noisy_counts_tell_the_rows_and_what_they_cost_stands_in_the_ledger() {
        let codes: Vec<Vec<u32>> = (2..6).map(|size| (0..5000).map(|row| row % size).collect()).collect();
        let sizes = [2, 3, 4, 5];
        let mut ledger = Ledger::new(Claim {
            epsilon: Epsilon::new(1.0).unwrap(),
            delta: Delta::new(1e-6).unwrap(),
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        });
        let rho = Rho::new(0.005).unwrap();
        let mut noise = NoiseSource::from_seed(4);
        let (counts, total) = noisy(&codes, &sizes, rho, &mut ledger, &mut noise).unwrap();
        assert_eq!(ledger.entries().len(), 2);
        // Deviation 2 / sqrt(0.01) = 20 a count: five of them, false alarm 6e-7 each.
        for (own, exact) in counts.iter().zip(exact(&codes, &sizes)) {
            assert!(own.iter().zip(&exact).all(|(one, other)| (one - other).abs() < 110.0), "{own:?}");
            assert!((own.iter().sum::<f64>() - total).abs() < 1e-6);
        }
        assert!((total - 5000.0).abs() < 100.0, "{total}");
        let all = Rho::new(1.0).unwrap();
        assert!(noisy(&codes, &sizes, all, &mut ledger, &mut noise).is_err());
        assert_eq!(ledger.entries().len(), 2);
    }

    proptest! {
        #[test]
        fn law_projection_keeps_the_total_and_no_count_is_negative(
            counts in proptest::collection::vec(-50.0..50.0_f64, 1..20),
            total in 1.0..100.0_f64,
        ) {
            let found = projected(counts, total);
            prop_assert!(found.iter().all(|count| *count >= 0.0));
            prop_assert!((found.iter().sum::<f64>() - total).abs() < 1e-9);
        }
    }
}
