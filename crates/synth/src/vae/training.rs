//! Steps of training, open and private.

use rand::Rng;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use twinloom_privacy::NoiseSource;

use super::VaeError;
use super::elbo::{Elbo, divergence_weight};
use super::encoding::{Cells, Encoding};
use super::network::{Network, SHARD, Shard};
use super::optimiser::Adam;
use super::parameters::VaeParameters;
use super::private::{Coverage, Plan, factors};

/// Streams of random numbers of one seed: the start, the order of rows of each epoch, the latent noise of each shard.
const ORDERS: u64 = 1 << 61;
const LATENTS: u64 = 1 << 62;
/// More shards than a batch can have.
const SHARDS: u64 = 1 << 12;

/// Told after each epoch: its number, and the mean bound of its rows where that is nobody's secret.
pub type Progress<'a> = &'a dyn Fn(usize, Option<Elbo>);

/// A network in training.
pub(super) struct Trainer<'a> {
    pub(super) network: &'a Network,
    pub(super) encoding: &'a Encoding,
    pub(super) cells: &'a Cells,
    pub(super) weights: Vec<f32>,
    adam: Adam,
    gradient: Vec<f32>,
    shards: Vec<Shard>,
    bounds: Vec<(f32, f32)>,
}

impl<'a> Trainer<'a> {
    pub(super) fn new(
        network: &'a Network,
        encoding: &'a Encoding,
        cells: &'a Cells,
        learning_rate: f64,
        seed: u64,
    ) -> Self {
        let weights = network.start(encoding, &mut ChaCha8Rng::seed_from_u64(seed));
        Self {
            network,
            encoding,
            cells,
            adam: Adam::new(weights.len(), learning_rate as f32),
            gradient: vec![0.0; weights.len()],
            weights,
            shards: Vec::new(),
            bounds: encoding.constant_bounds(),
        }
    }

    /// Runs rows through the network, a source of latent noise for each shard.
    fn pass<R: Rng + Send>(&mut self, rows: &[u32], weight: f32, sources: Vec<R>) {
        self.shards.resize_with(rows.len().div_ceil(SHARD), Shard::default);
        let (network, encoding, cells, weights) = (self.network, self.encoding, self.cells, &self.weights);
        let shards = self.shards.par_iter_mut().zip(rows.par_chunks(SHARD)).zip(sources);
        shards.for_each(|((shard, rows), mut source)| {
            network.pass(weights, (encoding, cells), rows, weight, &mut source, shard);
        });
    }

    fn moves(&mut self, scale: f64) {
        self.adam.step(&mut self.weights, &self.gradient, scale as f32);
        let constants = self.network.constants();
        for (constant, (least, greatest)) in self.weights[constants].iter_mut().zip(&self.bounds) {
            *constant = constant.clamp(*least, *greatest);
        }
    }

    /// One step down the mean loss of some rows; gives the sum of their bounds.
    pub(super) fn open_step(&mut self, rows: &[u32], weight: f32, step: u64, seed: u64) -> Elbo {
        let source = |shard: usize| {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            stream.set_stream(LATENTS + step * SHARDS + shard as u64);
            stream
        };
        self.pass(rows, weight, (0..rows.len().div_ceil(SHARD)).map(source).collect());
        self.network.gradient(&self.shards, &mut self.gradient);
        self.moves(1.0 / rows.len().max(1) as f64);
        let mut sum = Elbo::default();
        for term in self.shards.iter().flat_map(Shard::terms) {
            sum.reconstruction += term.reconstruction;
            sum.divergence += term.divergence;
        }
        sum
    }

    /// Passes over all rows in an order of their own each; gives the last one's mean bound.
    pub(super) fn open(
        &mut self,
        parameters: &VaeParameters,
        seed: u64,
        progress: Progress<'_>,
    ) -> Result<Elbo, VaeError> {
        let rows = self.cells.rows();
        let mut order: Vec<u32> = (0..rows as u32).collect();
        let steps = (rows.div_ceil(parameters.batch) * parameters.epochs) as u64;
        let (mut step, mut mean) = (0, Elbo::default());
        for epoch in 1..=parameters.epochs {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            stream.set_stream(ORDERS + epoch as u64);
            order.shuffle(&mut stream);
            mean = Elbo::default();
            for batch in order.chunks(parameters.batch) {
                let weight = divergence_weight(step, steps, parameters.warm_up);
                let sum = self.open_step(batch, weight, step, seed);
                mean.reconstruction += sum.reconstruction / rows as f64;
                mean.divergence += sum.divergence / rows as f64;
                step += 1;
            }
            if !mean.bound().is_finite() {
                return Err(VaeError::Diverged { epoch });
            }
            progress(epoch, Some(mean));
        }
        Ok(mean)
    }

    /// Clips each row's gradient of the last pass, sums them, and gives how many were within the norm.
    ///
    /// Norms come from what the pass left, so there is neither a second pass back nor any row's gradient by itself.
    pub(super) fn clip(&mut self, clipping_norm: f64, coverage: Coverage) -> usize {
        let layers = coverage.layers();
        let within = self.shards.par_iter_mut().map(|shard| {
            let (mut norms, mut kept) = (Vec::new(), Vec::new());
            shard.squared_norms(layers.clone(), &mut norms);
            let within = factors(&norms, clipping_norm, &mut kept);
            shard.weigh(layers.clone(), &kept);
            within
        });
        let within = within.sum();
        self.network.gradient(&self.shards, &mut self.gradient);
        within
    }

    /// One private step over the rows sampled for it; gives the next clipping norm.
    pub(super) fn private_step(
        &mut self,
        rows: &[u32],
        weight: f32,
        (plan, coverage): (&Plan, Coverage),
        (clipping_norm, quantile): (f64, f64),
        noise: &mut NoiseSource,
    ) -> Result<f64, VaeError> {
        let sources = (0..rows.len().div_ceil(SHARD)).map(|_| noise.split()).collect();
        self.pass(rows, weight, sources);
        let within = self.clip(clipping_norm, coverage);
        let hidden = match coverage {
            Coverage::All => 0,
            Coverage::DecoderOnly => self.network.decoder(),
        };
        plan.hide(&mut self.gradient[hidden..], clipping_norm, noise)?;
        self.moves(1.0 / plan.batch);
        plan.next_norm(clipping_norm, (within, rows.len()), quantile, noise)
    }

    /// All steps of a plan, which the ledger holds already.
    pub(super) fn private(
        &mut self,
        parameters: &VaeParameters,
        (plan, coverage): (&Plan, Coverage),
        noise: &mut NoiseSource,
        progress: Progress<'_>,
    ) -> Result<(), VaeError> {
        let mut norm = parameters.clipping_norm;
        let mut rows = Vec::new();
        let per_epoch = plan.steps.div_ceil(parameters.epochs as u64).max(1);
        for step in 0..plan.steps {
            let weight = divergence_weight(step, plan.steps, parameters.warm_up);
            plan.sample(self.cells.rows(), noise, &mut rows);
            let clipping = (norm, parameters.clipping_quantile);
            norm = self.private_step(&rows, weight, (plan, coverage), clipping, noise)?;
            if (step + 1) % per_epoch == 0 || step + 1 == plan.steps {
                progress((step / per_epoch + 1) as usize, None);
            }
        }
        Ok(())
    }
}
