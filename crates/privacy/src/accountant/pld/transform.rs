//! The fast Fourier transform of lengths that are powers of two.
//!
//! Ours, since the crates for it would have the networks' matrix library built with other features.
//!
//! # Source
//! Cooley and Tukey 1965, *An Algorithm for the Machine Calculation of Complex Fourier Series*. Each root of unity is
//! computed by itself, which keeps the error of a transform at its depth in units of the last place (Higham 2002, *Accuracy and
//! Stability of Numerical Algorithms*, theorem 24.2).

use std::f64::consts::PI;
use std::ops::{Add, Mul, Sub};

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f64,
    pub(super) im: f64,
}

impl Complex {
    pub(super) fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    pub(super) fn conjugate(self) -> Self {
        Self::new(self.re, -self.im)
    }

    pub(super) fn square(self) -> f64 {
        self.re * self.re + self.im * self.im
    }

    /// A whole power, by squaring.
    pub(super) fn power(mut self, mut exponent: u64) -> Self {
        let mut result = Self::new(1.0, 0.0);
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * self;
            }
            self = self * self;
            exponent /= 2;
        }
        result
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

/// Roots of unity for one length.
pub(super) struct Transform {
    roots: Vec<Complex>,
}

impl Transform {
    /// `length` is a power of two and at least 2.
    pub(super) fn new(length: usize) -> Self {
        let angle = |index: usize| -2.0 * PI * index as f64 / length as f64;
        Self {
            roots: (0..length / 2)
                .map(|index| Complex::new(angle(index).cos(), angle(index).sin()))
                .collect(),
        }
    }

    /// Sum over j of values\[j\] e^(-2 pi i j k / length), in place.
    pub(super) fn forward(&self, values: &mut [Complex]) {
        let length = values.len();
        let shift = usize::BITS - length.ilog2();
        for index in 0..length {
            let mirrored = index.reverse_bits() >> shift;
            if index < mirrored {
                values.swap(index, mirrored);
            }
        }
        let mut half = 1;
        while half < length {
            let stride = length / (2 * half);
            for block in values.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((a, b), root) in low.iter_mut().zip(high).zip(self.roots.iter().step_by(stride)) {
                    let turned = *b * *root;
                    (*a, *b) = (*a + turned, *a - turned);
                }
            }
            half *= 2;
        }
    }

    /// Undoes [`Transform::forward`].
    pub(super) fn inverse(&self, values: &mut [Complex]) {
        let scale = 1.0 / values.len() as f64;
        for value in values.iter_mut() {
            *value = value.conjugate();
        }
        self.forward(values);
        for value in values.iter_mut() {
            *value = Complex::new(value.re * scale, -value.im * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_it_is_the_sum_it_says_and_can_be_undone() {
        let values: Vec<Complex> =
            (0..16).map(|index| Complex::new(f64::from(index * index % 7), f64::from(index % 3))).collect();
        let mut found = values.clone();
        let transform = Transform::new(16);
        transform.forward(&mut found);
        for (k, found) in found.iter().enumerate() {
            let sum = values.iter().enumerate().fold(Complex::new(0.0, 0.0), |sum, (j, value)| {
                let angle = -2.0 * PI * (j * k) as f64 / 16.0;
                sum + *value * Complex::new(angle.cos(), angle.sin())
            });
            assert!((sum - *found).square() < 1e-24, "{k}: {found:?} {sum:?}");
        }
        transform.inverse(&mut found);
        assert!(found.iter().zip(&values).all(|(found, value)| (*found - *value).square() < 1e-26));
    }
}
