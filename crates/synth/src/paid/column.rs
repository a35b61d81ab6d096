//! One column's bounds, decimals or categories through noise, and its values moved inside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use twinloom_privacy::query::{self, Contribution, Counted, Span};
use twinloom_privacy::{Delta, NoiseSource, Rho};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing, Origin};

use super::PaidError;

/// Of a numeric column's budget, the part that goes to its decimals.
const DECIMALS_SHARE: f64 = 0.125;
/// The chance that noise alone puts a bound past every value.
const FAILURE: f64 = 1e-3;
/// Digits after the point beyond which a number is not rounded.
const MOST_DECIMALS: u8 = 6;
/// Standard deviations of noise beyond which a count is taken for real: reached by noise with a chance of 0.0013.
const REAL: f64 = 3.0;

/// A numeric column with bounds and decimals through noise.
pub(super) fn numbers(
    column: &ColumnSchema,
    values: &[Option<f64>],
    rho: Rho,
    noise: &mut NoiseSource,
) -> Result<(ColumnSchema, Column), PaidError> {
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    let for_bounds = Rho::new(rho.get() * (1.0 - DECIMALS_SHARE))?;
    let span = query::bounds(&present, Contribution::ONE, for_bounds, FAILURE, noise)?;
    let Some(span) = span else { return Err(PaidError::Hidden { column: column.name.to_string() }) };
    let whole = matches!(column.kind, ColumnKind::Integer { .. });
    let bounds = bounds(span, whole);
    let kind = match &column.kind {
        ColumnKind::Integer { .. } => ColumnKind::Integer { bounds: Some(bounds) },
        ColumnKind::Date { with_time, .. } => {
            ColumnKind::Date { bounds: Some(bounds), with_time: *with_time }
        }
        // The caller sends numeric columns only.
        ColumnKind::Number { .. } | ColumnKind::Category { .. } => {
            let for_decimals = Rho::new(rho.get() * DECIMALS_SHARE)?;
            ColumnKind::Number { bounds: Some(bounds), decimals: decimals(&present, for_decimals, noise)? }
        }
    };
    let inside = values.iter().map(|value| value.map(|value| value.clamp(bounds.least, bounds.greatest)));
    let inside = Column::Number(inside.collect());
    Ok((ColumnSchema { kind, missing: missing(column), ..column.clone() }, inside))
}

/// A column of words with those that enough people share, by noisy counts.
pub(super) fn categories(
    column: &ColumnSchema,
    places: &[Option<u32>],
    rows: Counted,
    rho: Rho,
    delta: Delta,
    noise: &mut NoiseSource,
) -> Result<(ColumnSchema, Column), PaidError> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for place in places.iter().flatten() {
        *counts.entry(*place).or_default() += 1;
    }
    let found = query::discover(&counts, Contribution::ONE, rho, delta, noise)?;
    let known = column.kind.categories().unwrap_or_default();
    let kept: Vec<u32> = found.keys().copied().filter(|&place| (place as usize) < known.len()).collect();
    let mut words: Vec<Arc<str>> = kept.iter().map(|&place| Arc::clone(&known[place as usize])).collect();
    let ordered = matches!(&column.kind, ColumnKind::Category { ordered: true, .. });
    if kept.is_empty() && ordered {
        return Err(PaidError::Hidden { column: column.name.to_string() });
    }
    // Rows that no kept word accounts for hold rare words or nothing; only through noise is it known how many.
    let told: f64 = found.values().map(|count| count.value as f64).sum();
    let spread = found.values().fold(rows.sigma * rows.sigma, |sum, count| sum + count.sigma * count.sigma);
    let rest = rows.value as f64 - told;
    let other = (!ordered && (kept.is_empty() || rest > REAL * spread.sqrt())).then(|| {
        words.push(other_word(&words));
        kept.len() as u32
    });
    let moved = |place: u32| match kept.binary_search(&place) {
        Ok(at) => Some(at as u32),
        // The nearest kept word of an order stands for a rare one.
        Err(at) if ordered => {
            let above = kept.get(at).map(|next| next - place);
            let below = at.checked_sub(1).map(|before| place - kept[before]);
            let lower = below.is_some_and(|below| above.is_none_or(|above| below <= above));
            Some(if lower { at as u32 - 1 } else { at as u32 })
        }
        Err(_) => other,
    };
    let inside = Column::Category(places.iter().map(|place| place.and_then(moved)).collect());
    let kind = ColumnKind::Category { categories: words, ordered, origin: Origin::Declared };
    Ok((ColumnSchema { kind, missing: missing(column), ..column.clone() }, inside))
}

/// That nothing is missing was seen in the data too, and can't be relied on.
fn missing(column: &ColumnSchema) -> Missing {
    match column.missing {
        Missing::Never => Missing::Modelled,
        other => other,
    }
}

fn other_word(words: &[Arc<str>]) -> Arc<str> {
    let mut word = "other".to_owned();
    while words.iter().any(|own| **own == *word) {
        word.push('*');
    }
    word.into()
}

fn bounds(span: Span, whole: bool) -> Bounds {
    // The smallest bin lies on either side of nought, and its edges stand for it.
    let tiny = libm::exp2(-40.0);
    let least = if span.least.abs() <= tiny { 0.0 } else { span.least };
    let greatest = if span.greatest.abs() <= tiny { 0.0 } else { span.greatest };
    let (least, greatest) = if whole { (least.floor(), greatest.ceil()) } else { (least, greatest) };
    Bounds { least, greatest, origin: Origin::Declared }
}

/// Digits after the point that most values do with; none where they need more than six, or noise hides it.
fn decimals(present: &[f64], rho: Rho, noise: &mut NoiseSource) -> Result<Option<u8>, PaidError> {
    let mut counts = vec![0; usize::from(MOST_DECIMALS) + 2];
    for &value in present {
        let digits =
            (0..=MOST_DECIMALS).find(|&digits| does_with(value, digits)).unwrap_or(MOST_DECIMALS + 1);
        counts[usize::from(digits)] += 1;
    }
    let counted = query::histogram(&counts, Contribution::ONE, rho, noise)?;
    let all: f64 = counted.iter().map(|count| count.value as f64).sum();
    // Most digits that a hundredth of values needs, and more than noise makes up.
    let real = |count: &Counted| count.value as f64 > (REAL * count.sigma).max(all / 100.0);
    let most = counted.iter().rposition(real).and_then(|digits| u8::try_from(digits).ok());
    Ok(most.filter(|&digits| digits <= MOST_DECIMALS))
}

fn does_with(value: f64, digits: u8) -> bool {
    let scaled = value * 10_f64.powi(digits.into());
    (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0)
}
