//! How long the noise of one DP-SGD step takes, for a network of 350,771 parameters.
//!
//! Expect the fast sampler tens of times faster than the exact one, and their spreads equal to three digits: both are to have
//! sigma 1. Run with `cargo run --release -p twinloom-privacy --example vector_noise`; `RAYON_NUM_THREADS=1` for one thread.

use std::time::Instant;

use twinloom_privacy::{GaussianMechanism, GaussianVector, NoiseSource};

const PARAMETERS: usize = 350_771;

fn spread(values: impl Iterator<Item = f64>) -> f64 {
    (values.map(|value| value * value).sum::<f64>() / PARAMETERS as f64).sqrt()
}

#[expect(clippy::print_stdout, reason = "an example that prints what it measured")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut noise = NoiseSource::from_entropy()?;
    let fast = GaussianVector::for_noise_multiplier(1.0, 1.0, PARAMETERS)?;
    let mut gradient = vec![0.0_f32; PARAMETERS];
    fast.add_to(&mut gradient, &mut noise)?;
    let mut least = f64::INFINITY;
    for _ in 0..20 {
        gradient.fill(0.0);
        let start = Instant::now();
        fast.add_to(&mut gradient, &mut noise)?;
        least = least.min(start.elapsed().as_secs_f64());
    }
    println!(
        "table: {:.2} ms, spread {:.4}",
        least * 1e3,
        spread(gradient.iter().map(|&value| value.into()))
    );

    let exact = GaussianMechanism::new(1.0, 1.0)?;
    let start = Instant::now();
    let released = exact.release(&vec![0.0; PARAMETERS], &mut noise)?;
    println!(
        "exact: {:.0} ms, spread {:.4}",
        start.elapsed().as_secs_f64() * 1e3,
        spread(released.into_iter())
    );
    Ok(())
}
