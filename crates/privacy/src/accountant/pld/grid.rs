//! Sums of losses on a grid, by the fast Fourier transform, and epsilon at a delta with what may be wrong.

use super::step::Step;
use super::transform::{Complex, Transform};

/// Points at whole multiples of a width, as many below 0 as above, on a circle.
pub(super) struct Grid {
    width: f64,
    cells: usize,
}

impl Grid {
    /// `cells` is a power of two.
    pub(super) fn new(window: f64, cells: usize) -> Self {
        // Two cells to spare, for the ends of the last intervals.
        Self { width: window / (cells - 4) as f64, cells }
    }

    pub(super) fn width(&self) -> f64 {
        self.width
    }

    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// The furthest point on either side that an interval may end at.
    pub(super) fn reach(&self) -> i64 {
        (self.cells / 2 - 1) as i64
    }

    /// Where a point is kept.
    pub(super) fn cell(&self, point: i64) -> usize {
        point.rem_euclid(self.cells as i64) as usize
    }
}

/// The distribution of a sum of losses.
pub(super) struct Composed<'a> {
    grid: &'a Grid,
    mass: Vec<f64>,
    infinite: f64,
    raised: f64,
    /// What rounding and wrapping round the circle may be wrong by, in delta.
    error: f64,
}

impl<'a> Composed<'a> {
    /// Composes steps, each so many times over, in both directions: one is the real part of what is transformed, the other the
    /// imaginary.
    ///
    /// The error of rounding is bounded to first order. A transform errs in each frequency by at most its depth in units of the last
    /// place times the Euclidean norm of what it transforms; a power multiplies that by its exponent times the spectrum's size at one power less;
    /// and any partial sum of the inverse is wrong by at most the Euclidean norm over frequencies.
    pub(super) fn both(parts: &[([Step; 2], u64)], grid: &'a Grid, outside: f64) -> [Self; 2] {
        let steps: f64 = parts.iter().map(|(_, count)| *count as f64).sum();
        // Masses are differences of error functions, good to a unit or two in the last place of the whole.
        let masses = 1e-15 * steps;
        let composed = |direction: usize, mass: Vec<f64>, error: f64| {
            let sum = |of: fn(&Step) -> f64| {
                parts.iter().map(|(both, count)| of(&both[direction]) * *count as f64).sum()
            };
            Self { grid, mass, infinite: sum(|step| step.infinite), raised: sum(|step| step.raised), error }
        };
        if let [(both, 1)] = parts {
            return [0, 1].map(|direction| composed(direction, both[direction].mass.clone(), masses));
        }
        let half = grid.cells / 2;
        let transform = Transform::new(grid.cells);
        let unit = 4.0 * f64::from(grid.cells.ilog2()) * f64::EPSILON;
        let mut spectra = vec![[Complex::new(1.0, 0.0); 2]; half + 1];
        let mut relative = vec![[0.0_f64; 2]; half + 1];
        for ([remove, add], count) in parts {
            let mut values: Vec<Complex> =
                remove.mass.iter().zip(&add.mass).map(|(&re, &im)| Complex::new(re, im)).collect();
            let norm = values.iter().map(|value| value.square()).sum::<f64>().sqrt();
            transform.forward(&mut values);
            for (index, (spectrum, relative)) in spectra.iter_mut().zip(&mut relative).enumerate() {
                let (here, mirrored) = (values[index], values[(grid.cells - index) % grid.cells].conjugate());
                let (sum, gap) = (here + mirrored, here - mirrored);
                let parted =
                    [Complex::new(sum.re / 2.0, sum.im / 2.0), Complex::new(gap.im / 2.0, -gap.re / 2.0)];
                for direction in [0, 1] {
                    let size = parted[direction].square().sqrt();
                    spectrum[direction] = spectrum[direction] * parted[direction].power(*count);
                    relative[direction] += *count as f64 * unit * (1.0 + norm / size.max(1e-300));
                }
            }
        }
        // A frequency that is nothing but error is nothing once raised to a power.
        let (mut wrong, mut size) = (0.0, 0.0);
        for (spectrum, relative) in spectra.iter().zip(&relative) {
            for direction in [0, 1] {
                let square = 2.0 * spectrum[direction].square();
                size += square;
                wrong += square * relative[direction].min(1.0).powi(2);
            }
        }
        let error = masses + outside + wrong.sqrt() + unit * size.sqrt();
        let mut values = vec![Complex::new(0.0, 0.0); grid.cells];
        for (index, [remove, add]) in spectra.into_iter().enumerate() {
            values[index] = Complex::new(remove.re - add.im, remove.im + add.re);
            if index > 0 && index < half {
                values[grid.cells - index] = Complex::new(remove.re + add.im, add.re - remove.im);
            }
        }
        transform.inverse(&mut values);
        [
            composed(0, values.iter().map(|value| value.re).collect(), error),
            composed(1, values.iter().map(|value| value.im).collect(), error),
        ]
    }

    /// An epsilon at which delta is at most `delta`; none if error alone may exceed it.
    pub(super) fn upper(&self, delta: f64) -> Option<f64> {
        let given = self.infinite + self.error;
        (given < delta).then(|| self.crossing(delta - given, |mass| mass.max(0.0)))
    }

    /// An epsilon at which the delta of the true losses is at least `delta`, so that theirs is no smaller.
    ///
    /// Spreading moves a loss by a width at most, upwards by width^2 / 8 on average (the mean of e^-loss is kept), independently over
    /// steps: by Hoeffding's inequality a sum lies no more than `shift` above the true one, except with chance `rare`.
    pub(super) fn lower(&self, delta: f64, steps: u64) -> f64 {
        let rare = delta / 1000.0;
        let (width, steps) = (self.grid.width, steps as f64);
        let shift = steps * width * width / 8.0 * width.exp() + width * (steps * -rare.ln() / 2.0).sqrt();
        (self.crossing(delta + rare + self.raised + self.error, |mass| mass) - shift).max(0.0)
    }

    /// The epsilon, at least 0, at which the mean of 1 - e^(epsilon - loss) over losses above epsilon is `delta`.
    fn crossing(&self, delta: f64, keep: impl Fn(f64) -> f64) -> f64 {
        let (mut above, mut weighted) = (0.0, 0.0);
        for point in (1..=self.grid.reach() + 1).rev() {
            let loss = point as f64 * self.grid.width;
            let mass = keep(self.mass[self.grid.cell(point)]);
            above += mass;
            weighted += mass * (-loss).exp();
            let next = loss - self.grid.width;
            if above - next.exp() * weighted >= delta {
                return ((above - delta) / weighted).ln().clamp(next.max(0.0), loss);
            }
        }
        0.0
    }
}
