//! Slips of a hand on a keyboard.

use chrono::{DateTime, Datelike, NaiveDate};

/// Leading digits among which two may change places.
const LEADING_DIGITS: usize = 3;

/// A number with two neighbouring leading digits exchanged, or its decimal point shifted; none for
/// numbers that no slip changes.
pub(super) fn mis_keyed(number: f64, draw: f64) -> Option<f64> {
    if number == 0.0 || !number.is_finite() {
        return None;
    }
    let shift = || Some(if draw < 0.25 { number * 10.0 } else { number / 10.0 });
    if draw < 0.5 {
        return shift();
    }
    let mut text = format!("{number}").into_bytes();
    let digits: Vec<usize> =
        (0..text.len()).filter(|place| text[*place].is_ascii_digit()).take(LEADING_DIGITS).collect();
    // A leading zero would shorten the number: that is a slip of another kind.
    let pairs: Vec<(usize, usize)> = digits
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .filter(|(left, right)| text[*left] != text[*right] && text[*right] != b'0')
        .collect();
    let Some((left, right)) = pairs.get(((draw - 0.5) * 2.0 * pairs.len() as f64) as usize).copied() else {
        return shift();
    };
    text.swap(left, right);
    String::from_utf8(text).ok()?.parse().ok()
}

/// A date of birth with day and month exchanged where that is a date, else a year or a day off.
pub(super) fn mistaken_birth_date(day: i32, draw: f64) -> i32 {
    let Some(date) = DateTime::from_timestamp(i64::from(day) * 86_400, 0).map(|at| at.date_naive()) else {
        return day + 1;
    };
    let exchanged = NaiveDate::from_ymd_opt(date.year(), date.day(), date.month());
    let year_off = NaiveDate::from_ymd_opt(date.year() + 1, date.month(), date.day());
    let mistaken = match (draw < 0.4, exchanged.filter(|other| *other != date), year_off) {
        (true, Some(other), _) => other,
        (_, _, Some(other)) if draw < 0.7 => other,
        _ => return day + 1,
    };
    mistaken.signed_duration_since(NaiveDate::default()).num_days() as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_slips() {
        assert_eq!(mis_keyed(61.0, 0.6), Some(16.0));
        assert_eq!(mis_keyed(61.0, 0.1), Some(610.0));
        assert_eq!(mis_keyed(7.0, 0.9), Some(0.7));
        assert_eq!(mis_keyed(0.0, 0.9), None);
        // 1970-02-01 for 1970-01-02; 1971-01-02 when the year slips.
        assert_eq!(mistaken_birth_date(1, 0.1), 31);
        assert_eq!(mistaken_birth_date(1, 0.5), 366);
        assert_eq!(mistaken_birth_date(1, 0.9), 2);
    }

    proptest! {
        #[test]
        fn law_a_slip_changes_the_number(number in 0.01_f64..1e6, draw in 0.0_f64..1.0) {
            let slipped = mis_keyed(number, draw).unwrap();
            prop_assert!(slipped.is_finite() && slipped > 0.0 && (slipped / number - 1.0).abs() > 1e-9);
        }

        #[test]
        fn law_a_birth_date_changes(day in -40_000_i32..30_000, draw in 0.0_f64..1.0) {
            prop_assert_ne!(mistaken_birth_date(day, draw), day);
        }
    }
}
