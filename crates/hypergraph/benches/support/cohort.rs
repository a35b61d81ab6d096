//! Made-up people, the same for every run.

use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Days over which conditions begin.
const DAYS: i32 = 7_000;

/// Calls `person` for each person with their conditions by number and days, in the order of the numbers.
///
/// Conditions are rare and go together: each person's rates are multiplied by a frailty of their own, and
/// one in four conditions by that of a cluster. `mean` is about the number of conditions a person.
pub fn cohort(people: u32, conditions: u32, mean: f64, mut person: impl FnMut(&[(u32, i32)])) {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    // Zipf-like rates: the commonest condition is some 25 times as common as the rarest of 200.
    let rates: Vec<f64> = (0..conditions).map(|number| 1.0 / (f64::from(number) + 8.0)).collect();
    let scale = mean / rates.iter().sum::<f64>();
    let mut onsets = Vec::new();
    for _ in 0..people {
        let frailty: f64 = -(1.0 - random.random::<f64>()).ln();
        let cluster = random.random_range(0..4);
        onsets.clear();
        for (number, rate) in (0..conditions).zip(&rates) {
            let lift = if number % 4 == cluster { 2.0 } else { 0.67 };
            if random.random::<f64>() < 1.0 - (-scale * rate * frailty * lift).exp() {
                onsets.push((number, random.random_range(0..DAYS)));
            }
        }
        person(&onsets);
    }
}
