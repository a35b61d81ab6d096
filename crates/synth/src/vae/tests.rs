//! The whole autoencoder: its gradients, its laws, what it costs, and that broken ones are caught.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_privacy::{Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
use twinloom_table::{Column, InferParameters, Rows, Schema, infer};

use super::encoding::Cells;
use super::network::{LAYERS, SHARD, Shard};
use super::private::factors;
use super::*;
use crate::binning::{BinningParameters, declare};

/// A word, an ordered word that goes with it, a number by both that may be missing, and a number of its own.
fn table(rows: usize) -> Table {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let rows: Vec<[String; 4]> = (0..rows)
        .map(|_| {
            let word = rng.random_range(0..3_usize);
            let grade = (word + rng.random_range(0..2_usize)).min(3);
            let noise = rng.random_range(-1.0..1.0_f64) + rng.random_range(-1.0..1.0);
            let number = if word == 2 && rng.random::<bool>() {
                String::new()
            } else {
                format!("{:.2}", 20.0 + 10.0 * grade as f64 + 5.0 * noise)
            };
            let own = (rng.random_range(0.0..4.0_f64)).exp();
            [
                ["a", "b", "c"][word].into(),
                ["I", "II", "III", "IV"][grade].into(),
                number,
                format!("{own:.1}"),
            ]
        })
        .collect();
    let rows = Rows::new(&["word", "grade", "number", "own"], rows.iter().map(|row| row.iter())).unwrap();
    let found = declare(&infer(&rows, &InferParameters::default()).unwrap());
    let mut columns = found.columns().to_vec();
    if let twinloom_table::ColumnKind::Category { ordered, .. } = &mut columns[1].kind {
        *ordered = true;
    }
    for place in [0, 1, 3] {
        columns[place].missing = Missing::Never;
    }
    Table::read(&Schema::new(columns, Vec::new(), None).unwrap(), &rows).unwrap()
}

fn small() -> VaeParameters {
    VaeParameters { hidden: 24, latent: 4, epochs: 60, batch: 64, learning_rate: 3e-3, ..Default::default() }
}

fn encoded(table: &Table, parameters: &VaeParameters) -> (Encoding, Cells, Network) {
    let binning = Binning::fitted(table, &parameters.binning).unwrap();
    let counts = histogram::exact(&binning.codes(table).unwrap(), &binning.sizes());
    let encoding = Encoding::new(binning, &counts, parameters.scaling);
    let cells = encoding.cells(table).unwrap();
    let network = Network::new(&encoding, parameters.hidden, parameters.latent, parameters.activation);
    (encoding, cells, network)
}

fn claim(epsilon: f64) -> Ledger {
    Ledger::new(Claim {
        epsilon: Epsilon::new(epsilon).unwrap(),
        delta: Delta::new(1e-5).unwrap(),
        adjacency: Adjacency::AddRemove,
        unit: PrivacyUnit::Subject,
    })
}

/// Latent noise of one row, the same wherever the row stands.
fn noise_of(row: u32) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(1000 + u64::from(row))
}

fn shake(weights: &mut [f32]) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for weight in weights {
        *weight += rng.random_range(-0.2..0.2);
    }
}

fn one(network: &Network, encoding: &Encoding, cells: &Cells, weights: &[f32], row: u32) -> Shard {
    let mut shard = Shard::default();
    network.pass(weights, (encoding, cells), &[row], 0.7, &mut noise_of(row), &mut shard);
    shard
}

#[test]
fn ref_gradients_are_those_of_finite_differences() {
    let table = table(50);
    for activation in [Activation::Relu, Activation::Tanh] {
        for scaling in [Scaling::Quantiles, Scaling::Modes] {
            let parameters = VaeParameters {
                hidden: 7,
                latent: 3,
                activation,
                scaling,
                binning: BinningParameters { bins: 8, ..Default::default() },
                ..Default::default()
            };
            let (encoding, cells, network) = encoded(&table, &parameters);
            let mut weights = network.start(&encoding, &mut ChaCha8Rng::seed_from_u64(1));
            // Off the even start, so that the last layer's weights have slopes of some size below them.
            shake(&mut weights);
            let loss = |weights: &[f32]| -> f64 {
                let terms = |row: u32| one(&network, &encoding, &cells, weights, row).terms()[0];
                let term = |row: u32| 0.7 * terms(row).divergence - terms(row).reconstruction;
                (0..3).map(term).sum()
            };
            let shards: Vec<Shard> =
                (0..3).map(|row| one(&network, &encoding, &cells, &weights, row)).collect();
            let mut gradient = vec![f32::NAN; network.size()];
            network.gradient(&shards, &mut gradient);
            let mut off = 0;
            for place in (0..weights.len()).step_by(3).chain(network.constants()) {
                let step = 4e-3_f32;
                let at = |by: f32| {
                    let mut moved = weights.clone();
                    moved[place] += by;
                    loss(&moved)
                };
                let found = (at(step) - at(-step)) / f64::from(2.0 * step);
                let own = f64::from(gradient[place]);
                off += usize::from((found - own).abs() > 5e-3 + 5e-3 * own.abs());
            }
            // A step over a ReLU's kink is no slope: two of some 200 may be.
            assert!(off <= 2, "{activation:?} {scaling:?}: {off} of {} are off", weights.len());
        }
    }
}

#[test]
fn ref_norms_and_clipped_sums_are_those_of_each_row_by_itself() {
    let table = table(100);
    let (encoding, cells, network) = encoded(&table, &small());
    let mut weights = network.start(&encoding, &mut ChaCha8Rng::seed_from_u64(1));
    shake(&mut weights);
    let rows: Vec<u32> = (0..SHARD as u32).collect();
    let mut shard = Shard::default();
    network.pass(&weights, (&encoding, &cells), &rows, 0.7, &mut noise_of(7), &mut shard);
    // The shard's rows by themselves, their latent noise in the order of the shard.
    let mut source = noise_of(7);
    let explicit: Vec<Vec<f32>> = rows
        .iter()
        .map(|row| {
            let mut alone = [Shard::default()];
            network.pass(&weights, (&encoding, &cells), &[*row], 0.7, &mut source, &mut alone[0]);
            let mut gradient = vec![0.0; network.size()];
            network.gradient(&alone, &mut gradient);
            gradient
        })
        .collect();
    let norm = |gradient: &[f32]| gradient.iter().map(|slope| f64::from(*slope).powi(2)).sum::<f64>().sqrt();
    for coverage in [Coverage::All, Coverage::DecoderOnly] {
        let from = if coverage == Coverage::All { 0 } else { network.decoder() };
        let mut squares = Vec::new();
        shard.squared_norms(coverage.layers(), &mut squares);
        let norms: Vec<f64> = explicit.iter().map(|gradient| norm(&gradient[from..])).collect();
        for (square, norm) in squares.iter().zip(&norms) {
            assert!((square.sqrt() / norm - 1.0).abs() < 1e-5, "{} {norm}", square.sqrt());
        }
        // At the median norm half the rows are scaled down.
        let mut sorted = norms.clone();
        sorted.sort_by(f64::total_cmp);
        let clipping = sorted[SHARD / 2];
        let mut kept = Vec::new();
        let within = factors(&squares, clipping, &mut kept);
        assert!(within.abs_diff(SHARD / 2) <= 1, "{within}");
        if coverage == Coverage::All {
            shard.weigh(coverage.layers(), &kept);
            let mut sum = vec![0.0; network.size()];
            network.gradient(std::slice::from_ref(&shard), &mut sum);
            let mut expected = vec![0.0_f64; network.size()];
            for (gradient, norm) in explicit.iter().zip(&norms) {
                let factor = (clipping / norm).min(1.0);
                expected.iter_mut().zip(gradient).for_each(|(sum, slope)| *sum += factor * f64::from(*slope));
            }
            let size = expected.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
            let far = sum.iter().zip(&expected).map(|(one, other)| (f64::from(*one) - other).powi(2));
            assert!(far.sum::<f64>().sqrt() / size < 1e-5);
            // Weigh changed the slopes: pass again for the other coverage.
            network.pass(&weights, (&encoding, &cells), &rows, 0.7, &mut noise_of(7), &mut shard);
        }
    }
    assert_eq!(LAYERS, 6);
}

#[test]
fn regress_a_gradient_that_is_no_number_adds_nothing() {
    let table = table(10);
    let (encoding, cells, network) = encoded(&table, &small());
    let mut weights = network.start(&encoding, &mut ChaCha8Rng::seed_from_u64(1));
    weights[3] = f32::MAX;
    weights[network.decoder() + 2] = f32::MAX;
    let mut shard = [Shard::default()];
    network.pass(&weights, (&encoding, &cells), &[0, 1, 2], 1.0, &mut noise_of(1), &mut shard[0]);
    let (mut squares, mut kept) = (Vec::new(), Vec::new());
    shard[0].squared_norms(0..LAYERS, &mut squares);
    factors(&squares, 1.0, &mut kept);
    shard[0].weigh(0..LAYERS, &kept);
    let mut gradient = vec![0.0; network.size()];
    network.gradient(&shard, &mut gradient);
    let norm = gradient.iter().map(|slope| f64::from(*slope).powi(2)).sum::<f64>().sqrt();
    assert!(norm <= 3.0, "{norm} {squares:?}");
}

/// SynthVAE and NHSSynth take the mean over the batch of the categorical term and the sum of the others, so that categories
/// weigh the less the larger the batch.
#[test]
fn law_no_term_weighs_less_in_a_larger_batch() {
    let table = table(100);
    let (encoding, cells, network) = encoded(&table, &small());
    // Weights of zero: outputs are the biases and the posterior the prior, whatever the latent draw.
    let mut weights = vec![0.0; network.size()];
    let constants = network.constants();
    let (outputs, fixed) = weights.split_at_mut(constants.start);
    let last = outputs.len() - encoding.width();
    encoding.start(&mut outputs[last..], fixed);
    let mean = |count: usize| {
        let shards: Vec<Shard> = vec![5_u32; count]
            .chunks(SHARD)
            .map(|rows| {
                let mut shard = Shard::default();
                network.pass(&weights, (&encoding, &cells), rows, 1.0, &mut noise_of(3), &mut shard);
                shard
            })
            .collect();
        let mut gradient = vec![0.0; network.size()];
        network.gradient(&shards, &mut gradient);
        let term: f64 = shards.iter().flat_map(Shard::terms).map(Elbo::bound).sum();
        (gradient[last..].iter().map(|slope| slope / count as f32).collect::<Vec<_>>(), term / count as f64)
    };
    let (one, bound) = mean(1);
    for count in [8, 64, 256] {
        let (many, other) = mean(count);
        assert!((bound - other).abs() < 1e-5);
        assert!(one.iter().zip(&many).all(|(one, many)| (one - many).abs() < 1e-5), "{one:?} {many:?}");
    }
    // Of the first column, of three words, the slope is the softmax less the word.
    let counts = histogram::exact(&encoding.binning().codes(&table).unwrap(), &encoding.binning().sizes());
    for (place, slope) in one[..3].iter().enumerate() {
        let word = f64::from(u8::from(cells.row(5)[0].part as usize == place));
        assert!((f64::from(*slope) - (counts[0][place] / 100.0 - word)).abs() < 1e-5, "{one:?}");
    }
}

#[test]
fn law_the_same_seed_gives_the_same_weights_on_any_number_of_threads() {
    let table = table(500);
    let parameters = VaeParameters { epochs: 3, batch: 200, ..small() };
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let fitted = fit(&table, &parameters, Privacy::None, seed, &|_, _| ()).unwrap();
            let made = fitted.sample(3000, 9).unwrap().0;
            (fitted, made)
        })
    };
    let one = on(1, 4);
    assert_eq!(one, on(2, 4));
    assert_eq!(one, on(3, 4));
    assert_ne!(one.0, on(2, 5).0);
}

fn share(table: &Table, holds: impl Fn(usize) -> bool) -> f64 {
    (0..table.len()).filter(|row| holds(*row)).count() as f64 / table.len() as f64
}

#[test]
fn law_what_goes_together_stays_together() {
    let real = table(3000);
    for scaling in [Scaling::Quantiles, Scaling::Standard, Scaling::Modes] {
        let parameters = VaeParameters { scaling, ..small() };
        let fitted = fit(&real, &parameters, Privacy::None, 1, &|_, _| ()).unwrap();
        let (made, repairs) = fitted.sample(6000, 2).unwrap();
        assert_eq!(repairs, Repairs::default());
        let elbo = fitted.elbo().unwrap();
        assert!(elbo.divergence > 0.3 && elbo.bound() < 0.0, "{elbo:?}");
        for word in 0..3 {
            for grade in 0..4 {
                let of = |table: &Table| {
                    let (words, grades) = (table.category("word").unwrap(), table.category("grade").unwrap());
                    share(table, |row| words[row] == Some(word) && grades[row] == Some(grade))
                };
                let (one, other) = (of(&real), of(&made));
                assert!((one - other).abs() < 0.06, "{scaling:?} {word} {grade}: {one} {other}");
            }
            let lacks = |table: &Table| {
                let (words, numbers) = (table.category("word").unwrap(), table.number("number").unwrap());
                share(table, |row| words[row] == Some(word) && numbers[row].is_none())
            };
            assert!((lacks(&real) - lacks(&made)).abs() < 0.06, "{scaling:?} {word}");
        }
        let slope = |table: &Table| {
            let (grades, numbers) = (table.category("grade").unwrap(), table.number("number").unwrap());
            let of = |grade: u32| {
                let own: Vec<f64> = (0..table.len())
                    .filter(|row| grades[*row] == Some(grade))
                    .filter_map(|row| numbers[row])
                    .collect();
                own.iter().sum::<f64>() / own.len().max(1) as f64
            };
            of(2) - of(0)
        };
        assert!((slope(&made) - slope(&real)).abs() < 5.0, "{scaling:?}: {} {}", slope(&made), slope(&real));
    }
}

#[test]
fn law_a_private_fit_spends_its_claim_and_says_so() {
    let real = table(2000);
    let parameters = VaeParameters { epochs: 5, ..small() };
    let mut ledger = claim(2.0);
    let mut noise = NoiseSource::from_entropy().unwrap();
    let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    let told = std::cell::Cell::new(0);
    let fitted = fit(&real, &parameters, privacy, 1, &|epoch, elbo| {
        assert!(elbo.is_none());
        told.set(epoch);
    })
    .unwrap();
    assert_eq!(told.get(), 5);
    let bound = ledger.certify().unwrap().bound().epsilon;
    assert!(bound > 1.97 && bound <= 2.0, "{bound}");
    assert!(fitted.elbo().is_none());
    let made = fitted.sample(4000, 3).unwrap().0;
    // Histograms' noise has a deviation of at most 2 / sqrt(2 rho) rows, rho about 0.02: some 10 of 2000.
    for word in 0..3 {
        let of = |table: &Table| share(table, |row| table.category("word").unwrap()[row] == Some(word));
        assert!((of(&real) - of(&made)).abs() < 0.15, "{} {}", of(&real), of(&made));
    }
}

#[test]
fn law_noise_on_the_decoder_only_is_caught_by_the_ledger() {
    let real = table(500);
    let parameters = VaeParameters { epochs: 2, ..small() };
    let mut noise = NoiseSource::from_entropy().unwrap();
    for (coverage, certified) in [(Coverage::All, true), (Coverage::DecoderOnly, false)] {
        let mut ledger = claim(2.0);
        let privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        fit_covering(&real, &parameters, privacy, 1, &|_, _| (), coverage).unwrap();
        assert_eq!(ledger.certify().is_ok(), certified, "{coverage:?}: {}", ledger.claim_sheet());
    }
}

#[test]
fn law_poisson_batches_vary_and_may_be_empty() {
    let plan = Plan::calibrated(&claim(1.0), 40.0, (1, 2), 1000, true).unwrap();
    let (mut noise, mut rows, mut sizes) = (NoiseSource::from_seed(1), Vec::new(), vec![0_usize; 41]);
    for _ in 0..4000 {
        plan.sample(40, &mut noise, &mut rows);
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        sizes[rows.len()] += 1;
    }
    // Binomial of 40 at 1/40: none with chance 0.3632, one with 0.3726; 1453 and 1490 of 4000, deviation 31 each.
    assert!(sizes[0].abs_diff(1453) < 155 && sizes[1].abs_diff(1490) < 155, "{sizes:?}");
    // An empty batch is a step all the same: noise alone moves the weights.
    let table = table(40);
    let (encoding, cells, network) = encoded(&table, &small());
    let mut trainer = Trainer::new(&network, &encoding, &cells, 1e-3, 1);
    let before = trainer.weights.clone();
    let plan = Plan::calibrated(&claim(1.0), 40.0, (1, 2), network.size(), true).unwrap();
    let norm = trainer.private_step(&[], 1.0, (&plan, Coverage::All), (1.0, 0.5), &mut noise).unwrap();
    assert!(trainer.weights.iter().all(|weight| weight.is_finite()) && norm.is_finite());
    let moved =
        trainer.weights.iter().zip(&before).filter(|(one, other)| one.to_bits() != other.to_bits()).count();
    assert!(moved > before.len() / 2, "{moved}");
}

#[test]
fn law_the_clipping_norm_goes_to_its_quantile() {
    let plan = Plan::calibrated(&claim(8.0), 10_000.0, (512, 5), 1000, true).unwrap();
    let mut noise = NoiseSource::from_seed(2);
    // Norms even between 0 and 8: the quantile 0.25 is 2.
    let mut norm = 0.1;
    let mut last = Vec::new();
    for step in 0..400 {
        let within = (512.0 * (norm / 8.0_f64).min(1.0)) as usize;
        norm = plan.next_norm(norm, (within, 512), 0.25, &mut noise).unwrap();
        if step >= 200 {
            last.push(norm);
        }
    }
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    assert!((mean - 2.0).abs() < 0.3, "{mean}");
}

#[test]
fn law_a_saved_autoencoder_draws_the_same_and_holds_no_row() {
    let real = table(300);
    let fitted = fit(&real, &VaeParameters { epochs: 3, ..small() }, Privacy::None, 1, &|_, _| ()).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    let back: FittedVae = serde_json::from_str(&text).unwrap();
    assert!(back.weights == fitted.weights && back.network == fitted.network);
    let ((one, _), (other, _)) = (back.sample(50, 1).unwrap(), fitted.sample(50, 1).unwrap());
    assert_eq!(one.category("word"), other.category("word"));
    // Text may lose the last bit of a double.
    let pairs = one.number("own").unwrap().iter().zip(other.number("own").unwrap());
    assert!(pairs.clone().all(|(one, other)| (one.unwrap() - other.unwrap()).abs() < 1e-9));
    // Twice the rows, each there twice, leave a file of the same size but for digits of shares: nothing grows with rows.
    let twice: Vec<usize> = (0..600).map(|row| row % 300).collect();
    let other =
        fit(&real.rows_of(&twice), &VaeParameters { epochs: 1, ..small() }, Privacy::None, 1, &|_, _| ());
    let longer = serde_json::to_string(&other.unwrap()).unwrap();
    assert!(longer.len().abs_diff(text.len()) < 200, "{} {}", longer.len(), text.len());
    for wrong in [
        text.replacen("\"hidden\":24", "\"hidden\":25", 1),
        text.replacen("\"latent\":4", "\"latent\":99999999", 1),
        text.replacen("\"values\":3", "\"values\":4", 1),
        text.replacen("\"weights\":\"", "\"weights\":\"7fc00000", 1),
        text.replacen("\"weights\":\"", "\"weights\":\"00000000", 1),
    ] {
        assert!(wrong != text && serde_json::from_str::<FittedVae>(&wrong).is_err());
    }
}

#[test]
fn regress_bad_input_is_refused_before_anything_is_spent() {
    let real = table(200);
    let mut ledger = claim(1.0);
    let mut noise = NoiseSource::from_seed(1);
    let mut refused = |table: &Table, parameters: &VaeParameters, ledger: &mut Ledger| {
        let before = ledger.clone();
        let privacy = Privacy::Private { ledger, noise: &mut noise };
        let error = fit(table, parameters, privacy, 1, &|_, _| ()).unwrap_err();
        assert_eq!(*ledger, before, "{error}");
        error
    };
    for wrong in [
        VaeParameters { hidden: 0, ..small() },
        VaeParameters { latent: 2000, ..small() },
        VaeParameters { learning_rate: f64::NAN, ..small() },
        VaeParameters { clipping_norm: f64::INFINITY, ..small() },
        VaeParameters { histogram_share: 1.0, ..small() },
        VaeParameters { batch: 0, ..small() },
    ] {
        assert!(matches!(refused(&real, &wrong, &mut ledger), VaeError::Parameter { .. }));
    }
    assert_eq!(refused(&real.rows_of(&[]), &small(), &mut ledger), VaeError::NoRow);
    let rows = Rows::new(&["x"], (0..50).map(|at| [at.to_string()])).unwrap();
    let inferred =
        Table::read(&infer(&rows, &InferParameters { few: 0, ..Default::default() }).unwrap(), &rows);
    let error = refused(&inferred.unwrap(), &small(), &mut ledger);
    assert!(matches!(error, VaeError::Binning(BinningError::Inferred { .. })), "{error}");
    let spent = ledger.remaining().rho.unwrap();
    ledger.spend_zcdp(Access::Other("all".into()), spent, "").unwrap();
    let mut none = ledger.clone();
    none.spend_zcdp(Access::Other("rest".into()), Rho::new(1e-9).unwrap(), "").ok();
    let error = refused(&real, &small(), &mut ledger);
    assert!(matches!(error, VaeError::NothingLeft | VaeError::Ledger(_)), "{error}");
}

#[test]
fn regress_odd_tables_are_fitted() {
    let parameters = VaeParameters { epochs: 2, hidden: 8, latent: 2, ..Default::default() };
    let odd = |names: &[&str], rows: Vec<Vec<String>>| {
        let rows = Rows::new(names, rows).unwrap();
        let table = Table::read(&infer(&rows, &InferParameters::default()).unwrap(), &rows).unwrap();
        let made = fit(&table, &parameters, Privacy::None, 1, &|_, _| ()).unwrap().sample(20, 1).unwrap().0;
        assert_eq!(made.len(), 20);
        made
    };
    // One row; a constant column; ten thousand words.
    odd(&["a", "b"], vec![vec!["3.5".into(), "x".into()]]);
    let made = odd(&["a", "b"], (0..30).map(|at| vec!["7.25".into(), (at * at).to_string()]).collect());
    assert!(made.number("a").unwrap().iter().all(|value| *value == Some(7.25)));
    odd(&["a"], (0..10_000).map(|at| vec![format!("w{at}")]).collect());
    // A column of words that is missing throughout.
    let schema = table(100).schema().clone();
    let empty = Table::new(
        Schema::new(vec![schema.columns()[2].clone()], Vec::new(), None).unwrap(),
        vec![Column::Number(vec![None; 10])],
    );
    let error = fit(&empty.unwrap(), &parameters, Privacy::None, 1, &|_, _| ()).unwrap_err();
    assert!(matches!(error, VaeError::Binning(BinningError::AllMissing { .. })), "{error}");
}

#[test]
fn law_rows_keep_the_constraints_of_the_schema() {
    let rows = Rows::new(
        &["start", "end"],
        (0..500).map(|at| [(at % 40).to_string(), (at % 40 + at % 7).to_string()]),
    );
    let rows = rows.unwrap();
    let found = infer(&rows, &InferParameters { few: 0, ..Default::default() }).unwrap();
    let schema = Schema::new(found.columns().to_vec(), vec!["start <= end".parse().unwrap()], None).unwrap();
    let table = Table::read(&schema, &rows).unwrap();
    let parameters =
        VaeParameters { binning: BinningParameters { bins: 8, ..Default::default() }, epochs: 5, ..small() };
    let (made, repairs) =
        fit(&table, &parameters, Privacy::None, 1, &|_, _| ()).unwrap().sample(2000, 1).unwrap();
    assert_eq!((made.violations(), repairs.left), (Vec::new(), 0));
    assert!(repairs.redrawn > 0);
}
