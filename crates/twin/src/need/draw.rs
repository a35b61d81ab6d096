//! The random numbers of need: each condition's own, addressed rather than drawn in turn.
//!
//! A number is a function of (seed, condition's name, subject, the hour at which the year begins,
//! place). Nothing is drawn in order, so one condition's rate, a condition added or left out, and how
//! many events a year holds shift no other number.
//!
//! # Source
//! Squares, a counter-based generator of five rounds of squaring (Widynski, arXiv:2004.06278, 2020),
//! here in its 64-bit form; keys and counters are spread by SplitMix64. Normal quantiles: Wichura's
//! AS 241 (Applied Statistics 1988;37:477), the seven-figure version.

use crate::engine::Moment;

use super::Need;

const HOUR_MICROS: i64 = 3_600_000_000;
/// Places kept for each event of a condition in one year.
pub(crate) const PLACES_PER_EVENT: u64 = 16;

/// The keys of every condition of a table under a seed.
#[derive(Clone, Debug)]
pub(crate) struct NeedStreams {
    keys: Vec<u64>,
    mortality: u64,
}

impl NeedStreams {
    pub(crate) fn new(seed: u64, need: &Need) -> Self {
        let key = |name: &str| spread(seed ^ spread(fnv1a(name.as_bytes()))) | 1;
        Self {
            keys: need.conditions().iter().map(|condition| key(&condition.name)).collect(),
            mortality: key("death: mortality"),
        }
    }

    /// The numbers of one call for one person; `life` tells apart the histories that were tried.
    pub(crate) fn call(&self, subject: u64, life: u32, from: Moment) -> Draws<'_> {
        let person = spread(spread(subject) ^ u64::from(life));
        let hour = from.micros().div_euclid(HOUR_MICROS) as u64;
        Draws { streams: self, base: person.wrapping_add(hour << 16) }
    }
}

/// The random numbers of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws<'a> {
    streams: &'a NeedStreams,
    base: u64,
}

impl Draws<'_> {
    /// A number in (0, 1] of a condition.
    #[inline]
    pub(crate) fn uniform(&self, condition: usize, place: u64) -> f64 {
        to_unit(squares(self.base.wrapping_add(place), self.streams.keys[condition]))
    }

    /// A number in (0, 1] of mortality.
    pub(crate) fn mortality(&self, place: u64) -> f64 {
        to_unit(squares(self.base.wrapping_add(place), self.streams.mortality))
    }
}

fn to_unit(word: u64) -> f64 {
    ((word >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// Widynski's `squares64`.
#[inline]
const fn squares(counter: u64, key: u64) -> u64 {
    let y = counter.wrapping_mul(key);
    let z = y.wrapping_add(key);
    let mut x = y;
    x = x.wrapping_mul(x).wrapping_add(y).rotate_left(32);
    x = x.wrapping_mul(x).wrapping_add(z).rotate_left(32);
    x = x.wrapping_mul(x).wrapping_add(y).rotate_left(32);
    x = x.wrapping_mul(x).wrapping_add(z).rotate_left(32);
    let last = x;
    x = x.wrapping_mul(x).wrapping_add(y);
    last ^ (x >> 32)
}

const fn spread(word: u64) -> u64 {
    let mut word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The standard normal quantile of a probability in (0, 1].
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    let from_middle = probability - 0.5;
    if from_middle.abs() <= 0.425 {
        let r = 0.180_625 - from_middle * from_middle;
        let above = ((59.109_374_72 * r + 159.291_132_02) * r + 50.434_271_938) * r + 3.387_132_717_9;
        let below = ((67.187_563_6 * r + 78.757_757_664) * r + 17.895_169_469) * r + 1.0;
        return from_middle * above / below;
    }
    let tail = probability.min(1.0 - probability).max(1e-16);
    let r = (-tail.ln()).sqrt();
    let size = if r <= 5.0 {
        let r = r - 1.6;
        (((0.170_238_211_03 * r + 1.306_728_481_6) * r + 2.756_815_39) * r + 1.423_437_277_7)
            / ((0.120_211_329_75 * r + 0.737_001_642_5) * r + 1.0)
    } else {
        let r = r - 5.0;
        (((0.017_337_203_997 * r + 0.428_682_943_37) * r + 3.081_226_386) * r + 6.657_905_115)
            / ((0.012_258_202_635 * r + 0.241_978_942_25) * r + 1.0)
    };
    if from_middle < 0.0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_normal_quantiles_of_the_tables() {
        for (probability, expected) in
            [(0.5, 0.0), (0.975, 1.959_964), (0.001, -3.090_232), (0.9, 1.281_552), (1e-6, -4.753_424)]
        {
            assert!((normal_quantile(probability) - expected).abs() < 2e-6, "{probability}");
        }
        assert!(normal_quantile(1.0).is_finite());
    }

    #[test]
    fn law_neighbouring_addresses_are_uniform_and_uncorrelated() {
        // 80,000 numbers over 200 subjects, 20 years, 20 places: mean within 5 standard errors (0.00102
        // each), lag-one correlation along each address within 5 of 1/sqrt(80000). False alarm 1 in
        // 400,000 over the four comparisons.
        let need = Need::england();
        let streams = NeedStreams::new(4, &need);
        let draw = |subject: u64, year: i64, place: u64| {
            let from = Moment::from_micros(year * 8766 * HOUR_MICROS);
            streams.call(subject, 0, from).uniform(3, place) - 0.5
        };
        let (mut sum, mut along) = (0.0, [0.0_f64; 3]);
        for subject in 0..200 {
            for year in 0..20 {
                for place in 0..20 {
                    let here = draw(subject, year, place);
                    sum += here;
                    along[0] += here * draw(subject + 1, year, place);
                    along[1] += here * draw(subject, year + 1, place);
                    along[2] += here * draw(subject, year, place + 1);
                }
            }
        }
        assert!((sum / 80_000.0_f64).abs() < 5.0 * 0.001_02, "{sum}");
        for product in along {
            assert!((product * 12.0 / 80_000.0).abs() < 5.0 / 80_000.0_f64.sqrt(), "{product}");
        }
    }
}
