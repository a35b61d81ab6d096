//! Cumulative incidence when one event keeps the others from happening.
//!
//! # Source
//! Aalen and Johansen 1978, Scandinavian Journal of Statistics 5:141. Variance by the delta method:
//! Marubini and Valsecchi 1995, Analysing Survival Data, section 10.2; without censoring it is the
//! binomial p (1 - p) / n. Interval on the complementary log-log scale: Kalbfleisch and Prentice 2002,
//! section 8.2.

use serde::Serialize;

use crate::statistics::probability::normal_quantile;

/// A time spent waiting, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spell {
    pub days: i64,
    /// The event's place; `None` when nothing had happened by then.
    pub cause: Option<usize>,
    pub weight: f64,
}

/// Cumulative incidence of one event at one time.
///
/// # Units
/// Days; probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Days since the last of the conditions before.
    pub days: i64,
    /// Probability that the event has happened, before any other, by then.
    pub incidence: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
    /// One less Kaplan and Meier's estimate with other events taken for censoring: what the
    /// probability would be in a world without them, and never less than the incidence.
    pub naive: f64,
}

/// The curves of every cause, each with a point at every time at which anything happened.
pub(crate) struct Curves {
    pub of_cause: Vec<Vec<CurvePoint>>,
    /// Days, and the probability that nothing has happened by then.
    pub without: Vec<(i64, f64)>,
}

/// Running sums of one cause's variance.
#[derive(Clone, Copy, Default)]
struct Sums {
    incidence: f64,
    naive_without: f64,
    a: [f64; 3],
    b: f64,
    c: [f64; 2],
}

impl Sums {
    fn step(&mut self, at_risk: f64, events: f64, of_cause: f64, without_before: f64) {
        self.incidence += without_before * of_cause / at_risk;
        self.naive_without *= 1.0 - of_cause / at_risk;
        let incidence = self.incidence;
        // When nobody is left, no later incidence differs from this one and the term is nothing.
        let remaining = at_risk - events;
        if remaining > 1e-9 {
            let a = events / (at_risk * remaining);
            self.a[0] += a;
            self.a[1] += a * incidence;
            self.a[2] += a * incidence * incidence;
        }
        self.b += without_before.powi(2) * of_cause * (at_risk - of_cause).max(0.0) / at_risk.powi(3);
        let c = without_before * of_cause / at_risk.powi(2);
        self.c[0] += c;
        self.c[1] += c * incidence;
    }

    fn variance(&self) -> f64 {
        let f = self.incidence;
        let spread = f * f * self.a[0] - 2.0 * f * self.a[1] + self.a[2];
        (spread + self.b - 2.0 * (f * self.c[0] - self.c[1])).max(0.0)
    }

    fn point(&self, days: i64, at_risk: f64, level: f64, z: f64) -> CurvePoint {
        let incidence = self.incidence.clamp(0.0, 1.0);
        let standard_error = self.variance().sqrt();
        // At the ends no event (or nothing else) was seen; the exact binomial bound for that is used, of
        // those still at risk: who was censored before tells nothing of this day.
        let bound = (0.5 * (1.0 - level)).powf(1.0 / at_risk.max(1.0));
        let (low, high) = if incidence <= 1e-12 {
            (0.0, 1.0 - bound)
        } else if incidence >= 1.0 - 1e-12 {
            (bound, 1.0)
        } else {
            let width = z * standard_error / (incidence * incidence.ln());
            (incidence.powf((-width).exp()), incidence.powf(width.exp()))
        };
        let naive = 1.0 - self.naive_without;
        CurvePoint {
            days,
            incidence,
            standard_error,
            low: low.min(incidence),
            high: high.max(incidence),
            naive,
        }
    }
}

/// Estimates every cause's cumulative incidence; those censored on a day were at risk that day.
pub(crate) fn curves(spells: &mut [Spell], causes: usize, level: f64) -> Curves {
    let level = level.clamp(0.0, 1.0 - 1e-12);
    let z = normal_quantile(0.5 + 0.5 * level);
    spells
        .sort_by(|a, b| a.days.cmp(&b.days).then(a.cause.cmp(&b.cause)).then(a.weight.total_cmp(&b.weight)));
    let mut at_risk = spells.iter().map(|spell| spell.weight).sum::<f64>();
    let mut without = 1.0;
    let mut sums = vec![Sums { naive_without: 1.0, ..Sums::default() }; causes];
    let mut found = Curves { of_cause: vec![Vec::new(); causes], without: Vec::new() };
    for day in spells.chunk_by(|a, b| a.days == b.days) {
        let mut of_cause = vec![0.0; causes];
        let mut leaving = 0.0;
        for spell in day {
            leaving += spell.weight;
            if let Some(cause) = spell.cause {
                of_cause[cause] += spell.weight;
            }
        }
        let events: f64 = of_cause.iter().sum();
        if events > 0.0 && at_risk > 1e-9 {
            let days = day[0].days;
            // Rounding in sums of shares must not leave a trace of somebody where nobody is.
            let at_risk = at_risk.max(events);
            let last = at_risk - events < 1e-9;
            for (sums, of_cause) in sums.iter_mut().zip(&of_cause) {
                sums.step(at_risk, events, *of_cause, without);
            }
            without = if last { 0.0 } else { without * (1.0 - events / at_risk) };
            for (curve, sums) in found.of_cause.iter_mut().zip(&sums) {
                curve.push(sums.point(days, at_risk, level, z));
            }
            found.without.push((days, without));
        }
        at_risk -= leaving;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spells(rows: &[(i64, usize)]) -> Vec<Spell> {
        rows.iter()
            .map(|(days, cause)| Spell { days: *days, cause: cause.checked_sub(1), weight: 1.0 })
            .collect()
    }

    #[expect(clippy::unreadable_literal, reason = "as the other program prints them")]
    #[test]
    fn ref_incidence_variance_and_interval_of_another_program() {
        // lifelines 0.30.3, AalenJohansenFitter(calculate_variance=True) on these 20 people.
        let rows = [
            (31, 1),
            (45, 2),
            (60, 1),
            (77, 0),
            (91, 1),
            (120, 2),
            (133, 1),
            (150, 0),
            (188, 2),
            (200, 1),
            (241, 1),
            (260, 0),
            (300, 2),
            (333, 0),
            (390, 1),
            (401, 0),
            (455, 2),
            (500, 1),
            (512, 0),
            (600, 0),
        ];
        let found = curves(&mut spells(&rows), 2, 0.95);
        for (cause, days, incidence, variance, low, high) in [
            (0, 91, 0.153125, 0.0066395263671875015, 0.03795389298388843, 0.3408267327949488),
            (0, 200, 0.2638020833333334, 0.010357320432309755, 0.0953449254568436, 0.4697579098049884),
            (0, 333, 0.3213541666666667, 0.011840523048683457, 0.13043009648625745, 0.531169540108446),
            (0, 500, 0.4913126627604168, 0.0172022764174337, 0.22674706739719713, 0.7115183098756851),
            (1, 91, 0.049999999999999996, 0.0023750000000000004, 0.003454016084682753, 0.20529929457039642),
            (1, 200, 0.16067708333333336, 0.007277384722674338, 0.03954750342990821, 0.35527216453018023),
            (1, 333, 0.22542317708333337, 0.010018546824102057, 0.0691217508096577, 0.4357610305631121),
            (1, 500, 0.3198445638020834, 0.015048250112751571, 0.1103297074463141, 0.5546061148334701),
        ] {
            let curve = &found.of_cause[cause];
            let point = curve[curve.partition_point(|point| point.days <= days) - 1];
            for (ours, theirs) in [
                (point.incidence, incidence),
                (point.standard_error.powi(2), variance),
                (point.low, low),
                (point.high, high),
            ] {
                assert!((ours - theirs).abs() < 1e-9, "{point:?} {theirs}");
            }
        }
    }

    proptest! {
        #[test]
        fn law_without_censoring_the_curves_are_proportions(
            rows in proptest::collection::vec((0_i64..30, 1_usize..4), 1..60),
        ) {
            let found = curves(&mut spells(&rows), 3, 0.95);
            let n = rows.len() as f64;
            for (cause, curve) in found.of_cause.iter().enumerate() {
                for point in curve {
                    let share = rows.iter().filter(|row| row.0 <= point.days && row.1 == cause + 1).count() as f64 / n;
                    prop_assert!((point.incidence - share).abs() < 1e-9);
                    let binomial = (share * (1.0 - share) / n).sqrt();
                    prop_assert!((point.standard_error - binomial).abs() < 1e-6, "{point:?} {binomial}");
                }
            }
        }

        #[test]
        fn law_incidences_and_survival_sum_to_one(
            rows in proptest::collection::vec((0_i64..30, 0_usize..4, 1_u32..5), 0..60),
        ) {
            let mut spells: Vec<Spell> = rows
                .iter()
                .map(|(days, cause, share)| {
                    Spell { days: *days, cause: cause.checked_sub(1), weight: 1.0 / f64::from(*share) }
                })
                .collect();
            let found = curves(&mut spells, 3, 0.9);
            for (place, (_, without)) in found.without.iter().enumerate() {
                let points: Vec<CurvePoint> = found.of_cause.iter().map(|curve| curve[place]).collect();
                let sum: f64 = points.iter().map(|point| point.incidence).sum();
                prop_assert!((sum + without - 1.0).abs() < 1e-9, "{sum} {without}");
                for point in points {
                    prop_assert!(point.naive >= point.incidence - 1e-9);
                    prop_assert!(0.0 <= point.low && point.low <= point.incidence && point.incidence <= point.high);
                    prop_assert!(point.high <= 1.0 && point.standard_error.is_finite());
                }
            }
        }
    }
}
