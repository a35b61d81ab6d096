//! Integrated gradients of networks that add up embeddings.

use std::sync::Arc;

use burn::tensor::Tensor;
use twinloom_neural::{Pass, WeightId, Weights};

use crate::benchmark::BenchmarkError;
use crate::inputs::Inputs;
use crate::labels::Labels;
use crate::model::OnNetwork;
use crate::network::{Learned, Network, values};
use crate::{ModelKind, TrainerParameters};

/// Steps of the sum along the path; networks with rectifiers are straight but for their kinks.
const STEPS: usize = 64;

/// Integrated gradients by the rows of the tables that a network reads the record through.
///
/// A network that reads codes as sums of their vectors depends on the table of vectors `E` and on what is summed
/// only by way of the sums. So the path on which every code of the record fades in, `alpha` times each vector, is
/// the path `alpha E`, and the gradient by a code's row times that row, integrated over `alpha`, is the code's
/// integrated gradient, whatever the number of sums, steps or encounters that it occurs in. The facts beside the
/// record (demographics, last measurements) fade in with the codes.
///
/// # Source
/// Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks (ICML 2017), equations 1 and 3, the
/// baseline an empty record, the sum by the midpoint rule.
pub(super) struct Gradients<'a> {
    pub kind: ModelKind,
    pub learned: &'a Learned,
    pub inputs: &'a Inputs<'a>,
    pub instance: usize,
    pub outcome: usize,
}

/// What each input added to the log odds.
pub(super) struct Integrated {
    /// Log odds of an empty record.
    pub baseline: f64,
    /// Log odds of the record.
    pub log_odds: f64,
    /// Inputs that matter, with what each adds.
    pub inputs: Vec<(Arc<str>, f64)>,
}

/// A table of vectors with the name of what each row stands for.
struct Table {
    id: WeightId,
    /// Its place among the weights.
    block: usize,
    names: Vec<Arc<str>>,
    width: usize,
}

impl OnNetwork for Gradients<'_> {
    /// Nothing where the network has no such table.
    type Out = Option<Integrated>;

    fn fit<N: Network>(
        &self,
        network: &N,
        _labels: &Labels,
        _parameters: &TrainerParameters,
    ) -> Result<Option<Integrated>, BenchmarkError> {
        let layers = self.learned.trained(network).layers;
        let batch = network.batch(&[self.instance]);
        let score = |pass: &mut Pass| -> Tensor<1> {
            let scored = network.forward(&layers, pass, &batch, 0.0).log_odds;
            scored.narrow(1, self.outcome, 1).sum()
        };
        let whole = &self.learned.weights;
        let tables = tables(self.kind, whole, self.inputs);
        if tables.is_empty() {
            return Ok(None);
        }
        let at =
            |alpha| f64::from(score(&mut Pass::in_use(&faded(whole, &tables, alpha))).into_scalar::<f32>());
        let shift = self.learned.shift(self.outcome);
        let mut found: Vec<Vec<f64>> = tables.iter().map(|table| vec![0.0; table.names.len()]).collect();
        for step in 0..STEPS {
            let alpha = (step as f32 + 0.5) / STEPS as f32;
            let mut pass = Pass::differentiable(&faded(whole, &tables, alpha));
            let gradients = score(&mut pass).backward();
            for (table, found) in tables.iter().zip(&mut found) {
                let Some(slopes) = pass.weight(table.id).grad(&gradients) else { continue };
                let slopes = values(slopes);
                let rows = rows_of(whole, table).chunks(table.width).zip(slopes.chunks(table.width));
                for (sum, (row, slopes)) in found.iter_mut().zip(rows) {
                    let dot: f32 = row.iter().zip(slopes).map(|(value, slope)| value * slope).sum();
                    *sum += f64::from(dot) / STEPS as f64;
                }
            }
        }
        let named = tables.iter().zip(&found).flat_map(|(table, found)| table.names.iter().zip(found));
        let inputs =
            named.filter(|(_, sum)| **sum != 0.0).map(|(name, sum)| (Arc::clone(name), *sum)).collect();
        Ok(Some(Integrated { baseline: at(0.0) - shift, log_odds: at(1.0) - shift, inputs }))
    }
}

fn rows_of<'a>(weights: &'a Weights, table: &Table) -> &'a [f32] {
    &weights.blocks()[table.block].values()[..table.names.len() * table.width]
}

/// The tables that a row's network reads the record through, known by their names; codes first.
fn tables(kind: ModelKind, weights: &Weights, inputs: &Inputs<'_>) -> Vec<Table> {
    // Rows on the task's graph number concepts as the graph does, the others as the sequences do.
    let codes = match kind {
        ModelKind::GraphSage | ModelKind::HypergraphOfVisits => {
            inputs.graph.concepts().iter().map(|code| Arc::from(code.as_str())).collect()
        }
        _ => inputs.words.clone(),
    };
    let facts = inputs.fact_names();
    let of = |wanted: &[&str], names: &[Arc<str>]| -> Vec<Table> {
        let blocks = weights.ids().zip(weights.blocks()).enumerate();
        let named = blocks.filter(|(_, (_, block))| wanted.contains(&block.name()));
        // One row more stands for the patient, where codes are nodes; it does not fade.
        let fits =
            named.filter(|(_, (_, block))| (names.len()..=names.len() + 1).contains(&block.shape()[0]));
        fits.map(|(block, (id, of))| Table { id, block, names: names.to_vec(), width: of.shape()[1] })
            .collect()
    };
    let mut found = of(&["codes", "counts.weight", "concepts", "values", "vectors"], &codes);
    if !found.is_empty() {
        found.extend(of(&["facts.weight", "facts to instance.weight"], &facts));
    }
    found
}

/// The first table of vectors of codes: names, width and numbers.
pub(crate) fn concepts(
    kind: ModelKind,
    weights: &Weights,
    inputs: &Inputs<'_>,
) -> Option<(Vec<Arc<str>>, usize, Vec<f32>)> {
    let table = tables(kind, weights, inputs).into_iter().next()?;
    let values = rows_of(weights, &table).to_vec();
    Some((table.names, table.width, values))
}

/// The weights with the named rows of the tables multiplied.
fn faded(weights: &Weights, tables: &[Table], alpha: f32) -> Weights {
    let mut faded = weights.clone();
    for table in tables {
        for value in &mut faded.values_mut(table.id)[..table.names.len() * table.width] {
            *value *= alpha;
        }
    }
    faded
}
