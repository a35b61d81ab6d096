//! What a label learnt privately is worth: teachers' votes against noisy gradients, at the same epsilon.
//!
//! Task: UCI Adult, income above 50,000, logistic regression, area under the ROC curve on 4000 rows that nobody was trained on.
//! PATE has 4000 further rows whose features, but not labels, are public, and asks about some of them; gradient descent with
//! noise on every step needs none. Expect 0.89 without privacy and by noisy gradients at epsilon 1, and 0.84 by 250 teachers:
//! PATE pays by the answer, and each teacher sees a hundred rows. Run with
//! `cargo run --release -p twinloom-synth --example pate_against_dp -- adult.csv`; half a minute of one core. Check
//! independently with any logistic regression without privacy.

use std::path::PathBuf;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_privacy::accountant::zcdp::zcdp_budget;
use twinloom_privacy::pate::{Aggregation, label, partition};
use twinloom_privacy::{
    Access, Adjacency, Claim, Delta, Epsilon, GaussianVector, Ledger, NoiseSource, PrivacyUnit, Rho,
};

type Failure = Box<dyn std::error::Error>;

const BUCKETS: usize = 96;
const WIDTH: usize = BUCKETS + 6;
const DELTA: f64 = 1e-5;
const STEPS: usize = 100;
const RATE: f32 = 20.0;
// Numeric columns, and bounds that are public knowledge.
const NUMBERS: [(usize, f64, f64); 5] =
    [(0, 17.0, 90.0), (4, 1.0, 16.0), (10, 0.0, 1e5), (11, 0.0, 5e3), (12, 1.0, 99.0)];
const WORDS: [usize; 7] = [1, 3, 5, 6, 7, 8, 9];

struct Row {
    features: [f32; WIDTH],
    positive: f32,
}

fn read(path: &PathBuf) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(path)?.records() {
        let record = record?;
        let mut features = [0.0; WIDTH];
        features[BUCKETS] = 1.0;
        for (at, (column, least, greatest)) in NUMBERS.iter().enumerate() {
            let value: f64 = record[*column].trim().parse()?;
            let share = ((value - least) / (greatest - least)).clamp(0.0, 1.0);
            // Money is mostly nought, with a long tail.
            let share = if *greatest > 1e3 { share.powf(0.25) } else { share };
            features[BUCKETS + 1 + at] = share as f32;
        }
        for column in WORDS {
            // Buckets by name need no list of words from the data.
            let key = record[column]
                .trim()
                .bytes()
                .fold(column as u64 + 1, |key, byte| (key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            features[ChaCha8Rng::seed_from_u64(key).next_u32() as usize % BUCKETS] = 1.0;
        }
        // Then no row's gradient is longer than 1.
        let norm = features.iter().map(|value| value * value).sum::<f32>().sqrt();
        for value in &mut features {
            *value /= norm;
        }
        rows.push(Row { features, positive: f32::from(u8::from(record[14].contains('>'))) });
    }
    Ok(rows)
}

fn score(weights: &[f32], features: &[f32; WIDTH]) -> f32 {
    weights.iter().zip(features).map(|(weight, value)| weight * value).sum()
}

/// Features and a label, which need not be the row's own.
type Labelled<'a> = (&'a [f32; WIDTH], f32);

fn own_labels<'a>(rows: &[&'a Row]) -> Vec<Labelled<'a>> {
    rows.iter().map(|row| (&row.features, row.positive)).collect()
}

/// Gradient descent; `disturb` sees each sum of gradients.
fn fit(
    rows: &[Labelled<'_>],
    mut disturb: impl FnMut(&mut [f32]) -> Result<(), Failure>,
) -> Result<Vec<f32>, Failure> {
    let mut weights = vec![0.0; WIDTH];
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; WIDTH];
        for (features, positive) in rows {
            let off = 1.0 / (1.0 + (-score(&weights, features)).exp()) - positive;
            for (sum, value) in gradient.iter_mut().zip(*features) {
                *sum += off * value;
            }
        }
        disturb(&mut gradient)?;
        for (weight, sum) in weights.iter_mut().zip(&gradient) {
            *weight -= RATE * sum / rows.len() as f32;
        }
    }
    Ok(weights)
}

fn area(weights: &[f32], rows: &[&Row]) -> f64 {
    let mut scored: Vec<(f32, f32)> =
        rows.iter().map(|row| (score(weights, &row.features), row.positive)).collect();
    scored.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut below, mut pairs) = (0.0, 0.0);
    for (_, positive) in &scored {
        if *positive > 0.5 { pairs += below } else { below += 1.0 }
    }
    pairs / (below * (rows.len() as f64 - below))
}

fn claim(epsilon: f64) -> Result<Ledger, Failure> {
    let (epsilon, delta) = (Epsilon::new(epsilon)?, Delta::new(DELTA)?);
    let (adjacency, unit) = (Adjacency::AddRemove, PrivacyUnit::Subject);
    Ok(Ledger::new(Claim { epsilon, delta, adjacency, unit }))
}

fn teach(own: &[&Row], teachers: usize, seed: u64) -> Result<Vec<Vec<f32>>, Failure> {
    let places = partition(&(0..own.len() as u64).collect::<Vec<_>>(), teachers, seed)?;
    let mut groups = vec![Vec::new(); teachers];
    for (row, place) in own_labels(own).into_iter().zip(places) {
        groups[place].push(row);
    }
    groups.iter().map(|rows| fit(rows, |_| Ok(()))).collect()
}

fn by_votes(
    trained: &[Vec<f32>],
    public: &[&Row],
    epsilon: f64,
    answers: usize,
) -> Result<Vec<f32>, Failure> {
    let voters: Vec<_> = trained
        .iter()
        .map(|weights| |question: &&Row| usize::from(score(weights, &question.features) > 0.0))
        .collect();
    let rho = zcdp_budget(Epsilon::new(epsilon)?, Delta::new(DELTA)?)?.get();
    let aggregation = Aggregation::new((answers as f64 / rho).sqrt() * (1.0 + 1e-6))?;
    let (mut ledger, mut noise) = (claim(epsilon)?, NoiseSource::from_entropy()?);
    let labels = label(&voters, &public[..answers], 2, &aggregation, answers, &mut ledger, &mut noise)?;
    ledger.certify()?;
    let labelled: Vec<Labelled<'_>> = public
        .iter()
        .zip(labels)
        .filter_map(|(row, label)| label.map(|label| (&row.features, label as f32)))
        .collect();
    fit(&labelled, |_| Ok(()))
}

fn by_gradients(own: &[&Row], epsilon: f64) -> Result<Vec<f32>, Failure> {
    let (mut ledger, mut noise) = (claim(epsilon)?, NoiseSource::from_entropy()?);
    let rho = zcdp_budget(Epsilon::new(epsilon)?, Delta::new(DELTA)?)?.get() * (1.0 - 1e-6);
    // A thousandth more than 1 for what sums in single precision err by.
    let multiplier = (STEPS as f64 / (2.0 * rho)).sqrt();
    let mechanism = GaussianVector::for_noise_multiplier(1.001, multiplier, WIDTH)?;
    let far = mechanism.total_variation().get() * STEPS as f64;
    ledger.allow_distance(Access::Training, Delta::new(far)?, "noise from a table")?;
    let each = 0.5 / mechanism.noise_multiplier().powi(2);
    ledger.spend_zcdp(Access::Training, Rho::new(each * STEPS as f64)?, "noisy gradients")?;
    ledger.draws_from(&noise);
    ledger.certify()?;
    fit(&own_labels(own), |gradient| Ok(mechanism.add_to(gradient, &mut noise)?))
}

#[expect(clippy::print_stdout, reason = "an example that prints what it measured")]
fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).map_or_else(|| "adult.csv".into(), PathBuf::from);
    let rows = read(&path)?;
    let show = |name: &str, areas: &[f64]| {
        let count = areas.len() as f64;
        let mean = areas.iter().sum::<f64>() / count;
        let spread =
            (areas.iter().map(|area| (area - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0)).sqrt();
        // Student's t with 4 degrees of freedom.
        println!("{name:<48} {mean:.3} +- {:.3}", 2.776 * spread / count.sqrt());
    };
    let splits: Vec<Vec<&Row>> = (0..5)
        .map(|seed| {
            let mut order: Vec<&Row> = rows.iter().collect();
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
            order
        })
        .collect();
    let own = |split: usize| &splits[split][8000..];
    let over = |fitted: &dyn Fn(usize) -> Result<Vec<f32>, Failure>| {
        (0..splits.len()).map(|split| Ok(area(&fitted(split)?, &splits[split][..4000]))).collect()
    };
    let plain: Result<Vec<f64>, Failure> = over(&|split| fit(&own_labels(own(split)), |_| Ok(())));
    show("no privacy", &plain?);
    let schools = [100, 250].map(|teachers| {
        let taught = (0..splits.len()).map(|split| teach(own(split), teachers, split as u64));
        taught.collect::<Result<Vec<_>, Failure>>()
    });
    for epsilon in [0.3, 1.0, 3.0] {
        let areas: Result<Vec<f64>, Failure> = over(&|split| by_gradients(own(split), epsilon));
        show(&format!("noisy gradients, epsilon {epsilon}"), &areas?);
        for school in &schools {
            let school = school.as_ref().map_err(ToString::to_string)?;
            for answers in [100, 400] {
                let areas: Result<Vec<f64>, Failure> =
                    over(&|split| by_votes(&school[split], &splits[split][4000..8000], epsilon, answers));
                show(&format!("{} teachers, {answers} answers, epsilon {epsilon}", school[0].len()), &areas?);
            }
        }
    }
    Ok(())
}
