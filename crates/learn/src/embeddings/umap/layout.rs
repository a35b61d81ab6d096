//! Moves points until those that are surely neighbours lie together and others apart.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::fuzzy::Pair;

/// The curve `1 / (1 + a d^(2 b))` that lies nearest to 1 up to a distance of 0.1 and to `exp(-(d - 0.1))` beyond.
///
/// # Source
/// McInnes et al. (2018), section 3.2 and definition 11; the test fits it.
const A: f64 = 1.576_943_460_405_378;
const B: f64 = 0.895_060_878_122_785_9;

/// Points pushed away for each that is pulled.
const PUSHED: usize = 5;
/// No coordinate moves further at once, times the rate.
const FURTHEST: f64 = 4.0;
/// Keeps the push finite between points in one place.
const SOFT: f64 = 1e-3;

/// What is laid out.
pub(super) struct Layout {
    pub start: Vec<[f64; 2]>,
    pub pairs: Vec<Pair>,
    pub epochs: usize,
}

impl Layout {
    /// Moves the points; each pass has a stream of its own.
    ///
    /// # Source
    /// McInnes et al. (2018), algorithm 5 with section 3.2's gradients of the cross entropy; pairs are taken as often
    /// as they weigh, at steady intervals, and both ends move.
    pub fn run(self, stream: &dyn Fn(usize) -> ChaCha8Rng) -> Vec<[f64; 2]> {
        let Self { start: mut points, pairs, epochs } = self;
        let heaviest = pairs.iter().map(|pair| pair.weight).fold(0.0, f64::max);
        // A pair due less than once in all passes is never due.
        let pairs: Vec<Pair> =
            pairs.into_iter().filter(|pair| pair.weight * epochs as f64 >= heaviest).collect();
        let every: Vec<f64> = pairs.iter().map(|pair| heaviest / pair.weight).collect();
        let mut due = every.clone();
        for epoch in 0..epochs {
            let rate = 1.0 - epoch as f64 / epochs as f64;
            let mut rng = stream(epoch);
            for ((pair, due), every) in pairs.iter().zip(&mut due).zip(&every) {
                if *due > (epoch + 1) as f64 {
                    continue;
                }
                *due += every;
                for (own, other) in [(pair.one, pair.other), (pair.other, pair.one)] {
                    let moved = step(points[own], points[other], pull, rate);
                    points[own] = [points[own][0] + moved[0], points[own][1] + moved[1]];
                    points[other] = [points[other][0] - moved[0], points[other][1] - moved[1]];
                    for _ in 0..PUSHED {
                        let drawn = rng.random_range(0..points.len());
                        if drawn != own {
                            let moved = step(points[own], points[drawn], push, rate);
                            points[own] = [points[own][0] + moved[0], points[own][1] + moved[1]];
                        }
                    }
                }
            }
        }
        points
    }
}

/// How far a point moves along the line to another.
fn step(own: [f64; 2], other: [f64; 2], force: fn(f64) -> f64, rate: f64) -> [f64; 2] {
    let apart = [own[0] - other[0], own[1] - other[1]];
    let force = force(apart[0] * apart[0] + apart[1] * apart[1]);
    apart.map(|apart| rate * (force * apart).clamp(-FURTHEST, FURTHEST))
}

/// What pulls neighbours together, by the squared distance; nothing where they are in one place.
fn pull(squared: f64) -> f64 {
    if squared <= 0.0 {
        return 0.0;
    }
    let power = squared.powf(B);
    -2.0 * A * B * power / squared / (1.0 + A * power)
}

/// What pushes others away, by the squared distance.
fn push(squared: f64) -> f64 {
    2.0 * B / ((SOFT + squared) * (1.0 + A * squared.powf(B)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far a curve is from the one wanted, over 300 distances to 3.
    fn error(a: f64, b: f64) -> f64 {
        let off = |place: usize| {
            let distance = 3.0 * place as f64 / 299.0;
            let wanted = if distance <= 0.1 { 1.0 } else { (-(distance - 0.1)).exp() };
            (1.0 / (1.0 + a * distance.powf(2.0 * b)) - wanted).powi(2)
        };
        (0..300).map(off).sum()
    }

    #[test]
    fn ref_the_curve_fits_best() {
        let best = error(A, B);
        for (a, b) in [(1.002, 1.0), (0.998, 1.0), (1.0, 1.002), (1.0, 0.998), (1.002, 0.998), (0.998, 1.002)]
        {
            assert!(error(A * a, B * b) > best, "{a}, {b}");
        }
    }

    #[test]
    fn ref_forces_are_the_slopes_of_the_cross_entropy() {
        let near = |distance: f64| 1.0 / (1.0 + A * distance.powf(2.0 * B));
        let slope = |of: &dyn Fn(f64) -> f64, at: f64| (of(at + 1e-5) - of(at - 1e-5)) / 2e-5;
        for distance in [0.3, 1.0, 2.5] {
            let pulled = slope(&|d| near(d).ln(), distance);
            assert!((pull(distance * distance) * distance - pulled).abs() < 1e-6, "{distance}");
            let pushed = slope(&|d| (1.0 - near(d)).ln(), distance);
            let soft = distance * distance / (SOFT + distance * distance);
            assert!((push(distance * distance) * distance - pushed * soft).abs() < 1e-6, "{distance}");
        }
    }
}
