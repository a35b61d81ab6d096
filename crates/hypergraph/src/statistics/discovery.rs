//! The false discovery rate when more was looked at than is listed.

use crate::FalseDiscovery;

/// P-values adjusted by Benjamini and Hochberg, the tests not listed counting as p = 1.
///
/// # Arguments
/// `tests`: how many were made, listed or not; fewer than listed counts as those listed.
pub(crate) fn adjusted(p: &[f64], tests: f64) -> Vec<f64> {
    let tested: Vec<Option<f64>> = p.iter().map(|p| Some(p.clamp(0.0, 1.0))).collect();
    let listed =
        FalseDiscovery::BenjaminiHochberg.adjust(&tested).expect("every p value was held between 0 and 1");
    // Unlisted tests stand last, so that they change no rank but only the number of tests.
    let more = (tests / p.len().max(1) as f64).max(1.0);
    listed.into_iter().map(|q| (q.unwrap_or(1.0) * more).min(1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_unlisted_tests_count_as_if_listed_with_p_of_one() {
        let p = [0.03, 0.0004, 0.2, 0.0019, 0.9];
        let mut padded = p.to_vec();
        padded.extend([1.0; 45]);
        let (short, long) = (adjusted(&p, 50.0), adjusted(&padded, 0.0));
        assert!(
            short.iter().zip(&long).all(|(short, long)| (short - long).abs() < 1e-12),
            "{short:?} {long:?}"
        );
        assert_eq!(adjusted(&[], 7.0), Vec::<f64>::new());
    }
}
