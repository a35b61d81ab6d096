//! Small counts held back.

/// Holds back counts above 0 and below `least`; where one only is held back, the next smallest too, lest the total
/// tell it. The others are rounded to the nearest 5.
pub fn suppress_small(counts: &[usize], least: usize) -> Vec<Option<usize>> {
    let mut shown: Vec<bool> = counts.iter().map(|count| *count == 0 || *count >= least).collect();
    if shown.iter().filter(|shown| !**shown).count() == 1 {
        let next = (0..counts.len()).filter(|&at| shown[at] && counts[at] > 0).min_by_key(|&at| counts[at]);
        if let Some(next) = next {
            shown[next] = false;
        }
    }
    counts.iter().zip(shown).map(|(count, shown)| shown.then_some((count + 2) / 5 * 5)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_small_counts_and_what_subtraction_tells() {
        assert_eq!(suppress_small(&[100, 31, 4], 10), [Some(100), None, None]);
        assert_eq!(suppress_small(&[100, 4, 3, 0], 10), [Some(100), None, None, Some(0)]);
        assert_eq!(suppress_small(&[12, 13], 10), [Some(10), Some(15)]);
        assert_eq!(suppress_small(&[], 10), []);
    }
}
