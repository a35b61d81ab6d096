//! Vectors of a fitted row.

use std::sync::Arc;

use twinloom_neural::{Pass, stream};

use super::Vectors;
use crate::TrainerParameters;
use crate::benchmark::BenchmarkError;
use crate::explain::{ExplainError, Explainer};
use crate::labels::Labels;
use crate::model::OnNetwork;
use crate::network::{Learned, Network, values};

/// Asks a kept network for what its last hidden layer says of instances.
struct Hidden<'a> {
    learned: &'a Learned,
    instances: &'a [usize],
}

/// Instances of one batch; bounds the memory.
const INSTANCES_PER_BATCH: usize = 512;

impl OnNetwork for Hidden<'_> {
    /// `[instances, width]` with the width; nothing where the network has no last layer as the others have.
    type Out = Option<(usize, Vec<f32>)>;

    /// A network whose last layer is one to one has its hidden units for log odds.
    fn fit<N: Network>(
        &self,
        network: &N,
        _labels: &Labels,
        _parameters: &TrainerParameters,
    ) -> Result<Self::Out, BenchmarkError> {
        let kept = self.learned.weights.blocks();
        let Some(width) =
            kept.iter().find(|block| block.name() == "output.weight").map(|block| block.shape()[0])
        else {
            return Ok(None);
        };
        let (layers, mut weights) = network.initial(&vec![0.0; width], &mut stream(0, 0));
        let ids: Vec<_> = weights.ids().zip(kept).collect();
        for (id, block) in ids {
            match block.name() {
                "output.bias" => weights.values_mut(id).fill(0.0),
                "output.weight" => {
                    let one_to_one =
                        (0..width * width).map(|place| f32::from(u8::from(place.is_multiple_of(width + 1))));
                    weights.values_mut(id).iter_mut().zip(one_to_one).for_each(|(value, one)| *value = one);
                }
                _ => weights.values_mut(id).copy_from_slice(block.values()),
            }
        }
        let mut pass = Pass::in_use(&weights);
        let mut found = Vec::with_capacity(self.instances.len() * width);
        for part in self.instances.chunks(INSTANCES_PER_BATCH) {
            found.extend(values(network.forward(&layers, &mut pass, &network.batch(part), 0.0).log_odds));
        }
        Ok(Some((width, found)))
    }
}

impl Explainer<'_> {
    /// What the row's last hidden layer says of instances, each named by its subject and prediction time.
    ///
    /// # Errors
    /// [`ExplainError`] past the last instance, or where the row is no network.
    pub fn patient_vectors(&self, instances: &[usize]) -> Result<Vectors, ExplainError> {
        let nothing = || ExplainError::Unread { kind: self.kind() };
        instances.iter().try_for_each(|&instance| self.check(instance))?;
        let learned = self.learned().ok_or_else(nothing)?;
        let found = self.on_own_network(&Hidden { learned, instances })?;
        let (width, values) = found.ok_or_else(nothing)?;
        let names = instances.iter().map(|&instance| self.name(instance)).collect();
        Ok(Vectors::new(names, width, values)?)
    }

    /// The vectors that the row learned of codes, each named by its code.
    ///
    /// # Errors
    /// [`ExplainError`] where the row has none.
    pub fn concept_vectors(&self) -> Result<Vectors, ExplainError> {
        let table = self
            .learned()
            .and_then(|learned| crate::explain::concepts(self.kind(), &learned.weights, self.inputs()));
        let (names, width, values) = table.ok_or(ExplainError::Unread { kind: self.kind() })?;
        // Padding and the unknown stand for no code.
        let is_code = |name: &Arc<str>| !(name.starts_with('<') && name.ends_with('>'));
        let rows = names.iter().zip(values.chunks(width)).filter(|(name, _)| is_code(name));
        let (names, values): (Vec<Arc<str>>, Vec<&[f32]>) =
            rows.map(|(name, row)| (Arc::clone(name), row)).unzip();
        Ok(Vectors::new(names, width, values.concat())?)
    }
}
