//! Numbers, dates and spans of time as people in Britain read them.

use std::fmt::{self, Write as _};

use twinloom_event::Timestamp;

use crate::model::Estimate;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS_PER_YEAR: f64 = 365.25;

/// What stands for a number that is not there.
pub(crate) const ABSENT: &str = "–";

/// Adds words to a sentence.
pub(crate) fn add(sentence: &mut String, words: fmt::Arguments<'_>) {
    sentence.write_fmt(words).expect("writing to a string can't fail");
}

/// The sum of counts; beyond what can be counted, the most that can.
pub(crate) fn total(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

/// A count with a comma every three digits.
pub(crate) fn count(value: u64) -> String {
    group(&value.to_string())
}

/// A number with fixed decimals, commas and a true minus sign.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut shown = String::new();
    // A value that rounds to zero has no sign.
    if value < 0.0 && text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0') {
        shown.push('−');
    }
    shown.push_str(&group(whole));
    if !fraction.is_empty() {
        shown.push('.');
        shown.push_str(fraction);
    }
    shown
}

/// A number to so many significant figures, never in powers of ten.
pub(crate) fn significant(value: f64, figures: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    // The exponent after rounding: 9.996 to three figures is 10.0.
    let scientific = format!("{:.*e}", figures.saturating_sub(1), value);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, text)| text.parse().ok()).unwrap_or(0);
    let decimals = (figures as i32 - 1 - exponent).clamp(0, 12);
    let rounded: f64 = scientific.parse().unwrap_or(value);
    fixed(rounded, decimals as usize)
}

/// A number to at most so many significant figures, without zeros after the decimal point that say
/// nothing: 56, 7.2, 0.012.
pub(crate) fn compact(value: f64, figures: usize) -> String {
    let mut text = significant(value, figures);
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
    text
}

/// A share of 0 to 1 as a percentage with one decimal, two significant figures below 1%; what is not
/// quite all never reads 100%, nor what is not quite nothing 0%.
pub(crate) fn percent(share: f64) -> String {
    match share {
        most if (0.9995..1.0).contains(&most) => "> 99.9%".to_owned(),
        least if least > 0.0 && least < 0.000_005 => "< 0.001%".to_owned(),
        _ => percent_with(share, percent_decimals(share)),
    }
}

/// A share as a percentage with fixed decimals.
pub(crate) fn percent_with(share: f64, decimals: usize) -> String {
    if share.is_finite() { format!("{}%", fixed(share * 100.0, decimals)) } else { ABSENT.to_owned() }
}

/// Decimals with which [`percent`] shows a share.
pub(crate) fn percent_decimals(share: f64) -> usize {
    match share.abs() {
        size if size == 0.0 || size >= 0.00995 => 1,
        size if size >= 0.000_995 => 2,
        _ => 3,
    }
}

/// `0.801 to 0.879`.
pub(crate) fn bounds(estimate: &Estimate, decimals: usize) -> String {
    format!("{} to {}", fixed(estimate.lower, decimals), fixed(estimate.upper, decimals))
}

/// Decimals that leave a weight between 0 and 1 two significant figures, from two to five.
pub(crate) fn weight_decimals(weight: f64) -> usize {
    match weight.abs() {
        size if size == 0.0 || size >= 0.0995 => 2,
        size if size >= 0.00995 => 3,
        size if size >= 0.000_995 => 4,
        _ => 5,
    }
}

/// `0.23 (0.20 to 0.26)`; decimals follow the point estimate.
pub(crate) fn weight_estimate(estimate: &Estimate) -> String {
    if !estimate.value.is_finite() {
        return ABSENT.to_owned();
    }
    let decimals = weight_decimals(estimate.value);
    if !estimate.is_finite() {
        return fixed(estimate.value, decimals);
    }
    format!("{} ({})", fixed(estimate.value, decimals), bounds(estimate, decimals))
}

/// `12.3% (11.0% to 13.7%)`; decimals follow the point estimate.
pub(crate) fn percent_estimate(estimate: &Estimate) -> String {
    if !estimate.is_finite() {
        return ABSENT.to_owned();
    }
    let decimals = percent_decimals(estimate.value);
    format!(
        "{} ({} to {})",
        percent_with(estimate.value, decimals),
        percent_with(estimate.lower, decimals),
        percent_with(estimate.upper, decimals)
    )
}

/// `1 patient`, `1,000 patients`.
pub(crate) fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A size in bytes, decimal multiples.
pub(crate) fn bytes(size: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let exact = size as f64;
    UNITS.iter().find(|(_, factor)| exact >= *factor).map_or_else(
        || plural(size, "byte", "bytes"),
        |(unit, factor)| format!("{} {unit}", significant(exact / factor, 3)),
    )
}

/// `3 Mar 2021`.
pub(crate) fn date(at: Timestamp) -> String {
    format!("{} {} {}", at.day(), month(at), at.year())
}

/// `3 Mar`.
pub(crate) fn day_and_month(at: Timestamp) -> String {
    format!("{} {}", at.day(), month(at))
}

/// `Mar 2021`.
pub(crate) fn month_and_year(at: Timestamp) -> String {
    format!("{} {}", month(at), at.year())
}

/// `14:05`.
pub(crate) fn clock(at: Timestamp) -> String {
    let minutes = at.micros().div_euclid(60_000_000).rem_euclid(60);
    format!("{:02}:{minutes:02}", at.hour())
}

/// `3 Mar 2021` at midnight, else `3 Mar 2021, 14:05`.
pub(crate) fn date_time(at: Timestamp) -> String {
    match clock(at).as_str() {
        "00:00" => date(at),
        clock => format!("{}, {clock}", date(at)),
    }
}

/// A span: `3.2 hours`, `1 day`, `214 days`, `2.1 years`; its sign is dropped.
pub(crate) fn span(days: f64) -> String {
    let days = days.abs();
    if days < 2.0 {
        let hours = days * 24.0;
        let shown = significant(hours, 2);
        return if shown == "1.0" { "1 hour".to_owned() } else { format!("{shown} hours") };
    }
    if days < 2.0 * DAYS_PER_YEAR {
        return format!("{} days", fixed(days, 0));
    }
    format!("{} years", fixed(days / DAYS_PER_YEAR, 1))
}

fn month(at: Timestamp) -> &'static str {
    MONTHS[(at.month() as usize).saturating_sub(1).min(11)]
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_numbers() {
        assert_eq!([count(0), count(999), count(1000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([fixed(-0.001, 2), fixed(-1234.5, 1), fixed(f64::NAN, 1)], ["0.00", "−1,234.5", "–"]);
        assert_eq!(
            [0.012_345, 9.996, 123_456.0, 0.0, 1.0].map(|value| significant(value, 3)),
            ["0.0123", "10.0", "123,000", "0", "1.00"]
        );
        assert_eq!([percent(0.1234), percent(0.0042), percent(0.0)], ["12.3%", "0.42%", "0.0%"]);
        assert_eq!([percent(0.99984), percent(1.0), percent(1e-9)], ["> 99.9%", "100.0%", "< 0.001%"]);
        assert_eq!([compact(56.0, 3), compact(7.204, 3), compact(1500.0, 3)], ["56", "7.2", "1,500"]);
        let around = |value: f64| weight_estimate(&Estimate::new(value, value - 0.1, value + 0.1));
        assert_eq!(
            [around(0.234), around(0.0561), around(0.0), around(f64::NAN)],
            ["0.23 (0.13 to 0.33)", "0.056 (−0.044 to 0.156)", "0.00 (−0.10 to 0.10)", "–"]
        );
        assert_eq!([bytes(1), bytes(1_500), bytes(25_000_000)], ["1 byte", "1.50 kB", "25.0 MB"]);
    }

    #[test]
    fn regress_dates_and_spans() {
        let at = Timestamp::from_ymd_hms(2021, 3, 3, 14, 5, 59).unwrap();
        assert_eq!(date_time(at), "3 Mar 2021, 14:05");
        assert_eq!(date_time(Timestamp::from_ymd(1969, 12, 31).unwrap()), "31 Dec 1969");
        assert_eq!([span(0.25), span(-214.0), span(800.0)], ["6.0 hours", "214 days", "2.2 years"]);
    }

    proptest! {
        #[test]
        fn law_grouped_digits_read_back(value in any::<u64>()) {
            prop_assert_eq!(count(value).replace(',', "").parse::<u64>().unwrap(), value);
        }

        #[test]
        fn law_significant_figures_stay_within_half_a_unit(value in 1e-6_f64..1e9, figures in 1_usize..6) {
            let shown: f64 = significant(value, figures).replace(',', "").parse().unwrap();
            let unit = 10_f64.powf(value.log10().floor() + 1.0 - figures as f64);
            prop_assert!((shown - value).abs() <= 0.5001 * unit, "{} {}", value, shown);
        }
    }
}
