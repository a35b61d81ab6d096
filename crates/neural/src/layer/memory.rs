//! Nodes that remember their events, and what they know at a time.

use std::collections::BTreeMap;

use burn::tensor::activation::sigmoid;
use burn::tensor::{IndexingUpdateOp, Int, Tensor, TensorData};
use rand::Rng;

use super::edge_attention::OwnEdges;
use super::time::{TimeEncoding, TimeFunctions};
use super::{EdgeAttention, Linear};
use crate::sampling::EventLog;
use crate::{Pass, Weights};

/// A gated recurrent unit, one step.
///
/// # Source
/// Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (EMNLP 2014), equations 5 to 8, with the
/// reset gate after the product and the update gate keeping the old state, as PyTorch and cuDNN compute it.
///
/// # Shapes
/// inputs `[rows, inputs]`, state `[rows, width] -> [rows, width]`
#[derive(Clone, Copy, Debug)]
pub struct GatedCell {
    from_input: Linear,
    from_state: Linear,
    width: usize,
}

impl GatedCell {
    /// A unit of a width.
    pub fn new(weights: &mut Weights, name: &str, inputs: usize, width: usize, rng: &mut impl Rng) -> Self {
        let from_input = Linear::new(weights, &format!("{name}.input"), inputs, 3 * width, rng);
        let from_state = Linear::new(weights, &format!("{name}.state"), width, 3 * width, rng);
        Self { from_input, from_state, width }
    }

    /// The state after the inputs.
    pub fn forward(&self, pass: &Pass, inputs: Tensor<2>, state: Tensor<2>) -> Tensor<2> {
        let new = self.from_input.forward(pass, inputs);
        let old = self.from_state.forward(pass, state.clone());
        let part = |rows: &Tensor<2>, place: usize| rows.clone().narrow(1, place * self.width, self.width);
        let reset = sigmoid(part(&new, 0) + part(&old, 0));
        let update = sigmoid(part(&new, 1) + part(&old, 1));
        let candidate = (part(&new, 2) + reset * part(&old, 2)).tanh();
        candidate.clone() + update * (state - candidate)
    }
}

/// What every node remembers.
#[derive(Clone, Debug)]
pub struct Memory {
    /// `[nodes, width]`
    state: Tensor<2>,
    /// When each node last changed; none before its first event.
    changed_days: Vec<Option<f64>>,
    /// Events taken in.
    events: usize,
}

impl Memory {
    /// The vectors.
    pub fn state(&self) -> Tensor<2> {
        self.state.clone()
    }

    /// Number of events taken in.
    pub fn events(&self) -> usize {
        self.events
    }

    /// The same numbers, through which no gradient goes back to earlier events.
    #[must_use]
    pub fn detached(self) -> Self {
        Self { state: self.state.detach(), ..self }
    }
}

/// A temporal graph network: a memory that events change, and attention to the latest events.
///
/// An event's message to either end is both memories, the time since the end last changed, and the event's
/// features; of several messages of one batch to one node the last counts; a gated recurrent unit takes it
/// in. What a node is at a time is its attention to its latest events before that time. Nothing at or after the
/// time asked for is ever seen.
///
/// # Source
/// Rossi et al., Temporal Graph Networks for Deep Learning on Dynamic Graphs (2020), equations 1 to 3 (identity
/// messages, last message), 4 with a GRU, and the temporal graph attention of section 3.1 with one layer;
/// attention is [`EdgeAttention`].
///
/// # Shapes
/// memory `[nodes, width]`, event features `[events, features]`, answers `[asked, heads * head_width]`
#[derive(Clone, Copy, Debug)]
pub struct TemporalGraphNetwork {
    time: TimeEncoding,
    cell: GatedCell,
    attention: EdgeAttention,
    width: usize,
    batch: usize,
    neighbours: usize,
}

/// How large a temporal graph network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemporalSizes {
    /// Numbers that a node remembers.
    pub width: usize,
    /// Numbers known of an event.
    pub features: usize,
    /// Functions of time.
    pub time: usize,
    /// Heads and their width.
    pub heads: (usize, usize),
    /// Events that change the memory at once; 1 is exact, more is faster.
    pub batch: usize,
    /// Latest events that a node attends to.
    pub neighbours: usize,
}

impl TemporalGraphNetwork {
    /// A network of these sizes.
    pub fn new(weights: &mut Weights, name: &str, sizes: TemporalSizes, rng: &mut impl Rng) -> Self {
        let TemporalSizes { width, features, time, heads, batch, neighbours } = sizes;
        let known = time + features;
        Self {
            time: TimeEncoding::new(weights, &format!("{name}.time"), TimeFunctions::Cosines, time),
            cell: GatedCell::new(weights, &format!("{name}.cell"), 2 * width + known, width, rng),
            attention: EdgeAttention::new(
                weights,
                &format!("{name}.attention"),
                (width, known),
                heads,
                0.0,
                rng,
            ),
            width,
            batch: batch.max(1),
            neighbours,
        }
    }

    /// The memory before any event: zeros.
    pub fn start(&self, pass: &Pass, nodes: usize) -> Memory {
        let state = Tensor::zeros([nodes, self.width], &pass.device());
        Memory { state, changed_days: vec![None; nodes], events: 0 }
    }

    /// The memory after all events before a time that it has not taken in yet.
    ///
    /// Batches start where the memory stands; a batch never holds events of the time or later.
    ///
    /// # Panics
    /// When there are not features for each event of the log.
    pub fn advance(
        &self,
        pass: &Pass,
        mut memory: Memory,
        log: &EventLog,
        features: &Tensor<2>,
        before_days: f64,
    ) -> Memory {
        let end = log.before(before_days);
        while memory.events < end {
            let first = memory.events;
            let last = end.min(first + self.batch);
            // The last event of each node, as seen from that node.
            let mut messages: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
            for event in first..last {
                let edge = log.events()[event];
                messages.insert(edge.source, (edge.target, event));
                messages.insert(edge.target, (edge.source, event));
            }
            memory = self.take_in(pass, memory, log, features, &messages);
            memory.events = last;
        }
        memory
    }

    fn take_in(
        &self,
        pass: &Pass,
        mut memory: Memory,
        log: &EventLog,
        features: &Tensor<2>,
        messages: &BTreeMap<u32, (u32, usize)>,
    ) -> Memory {
        let device = pass.device();
        let rows = |from: &Tensor<2>, rows: Vec<usize>| from.clone().select(0, places(&rows, &device));
        let nodes: Vec<usize> = messages.keys().map(|node| *node as usize).collect();
        let others = messages.values().map(|message| message.0 as usize).collect();
        let events = messages.values().map(|message| message.1).collect();
        let mut since = Vec::with_capacity(nodes.len());
        for (node, (_, event)) in nodes.iter().zip(messages.values()) {
            let now = log.events()[*event].time_days;
            since.push((now - memory.changed_days[*node].unwrap_or(now)) as f32);
            memory.changed_days[*node] = Some(now);
        }
        let own = rows(&memory.state, nodes.clone());
        let parts = vec![
            own.clone(),
            rows(&memory.state, others),
            self.time.forward(pass, &since),
            rows(features, events),
        ];
        let new = self.cell.forward(pass, Tensor::cat(parts, 1), own.clone());
        let places = places(&nodes, &device);
        memory.state = memory.state.select_assign(0, places, new - own, IndexingUpdateOp::Add);
        memory
    }

    /// What nodes are at a time, from their memories and their latest events before it.
    ///
    /// # Panics
    /// When the memory has taken in events of that time or later; when a node is not of the log.
    pub fn at(
        &self,
        pass: &mut Pass,
        memory: &Memory,
        (log, features): (&EventLog, &Tensor<2>),
        nodes: &[u32],
        time_days: f64,
    ) -> Tensor<2> {
        assert!(memory.events <= log.before(time_days), "a memory of what was before the time asked for");
        let device = pass.device();
        let latest: Vec<Vec<(u32, u32)>> =
            nodes.iter().map(|node| log.latest(*node, time_days, self.neighbours)).collect();
        let edges = OwnEdges::of_counts(&latest.iter().map(Vec::len).collect::<Vec<_>>());
        let all: Vec<(u32, u32)> = latest.into_iter().flatten().collect();
        let state = memory.state.clone();
        let own: Vec<usize> = nodes.iter().map(|node| *node as usize).collect();
        let targets = state.clone().select(0, places(&own, &device));
        let (sources, known) = if all.is_empty() {
            (targets.clone(), targets.clone())
        } else {
            let others: Vec<usize> = all.iter().map(|(other, _)| *other as usize).collect();
            let events: Vec<usize> = all.iter().map(|(_, event)| *event as usize).collect();
            let since: Vec<f32> =
                events.iter().map(|event| (time_days - log.events()[*event].time_days) as f32).collect();
            let known =
                vec![self.time.forward(pass, &since), features.clone().select(0, places(&events, &device))];
            (state.select(0, places(&others, &device)), Tensor::cat(known, 1))
        };
        self.attention.forward(pass, &edges, targets, sources, known)
    }
}

fn places(rows: &[usize], device: &burn::tensor::Device) -> Tensor<1, Int> {
    let rows: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
    let count = rows.len();
    Tensor::from_data(TensorData::new(rows, [count]), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::numbers as values;
    use crate::sampling::TimedEdge;
    use crate::stream;
    use crate::trainer::numbers;
    use burn::tensor::Device;

    const NODES: usize = 4;
    const SIZES: TemporalSizes =
        TemporalSizes { width: 3, features: 2, time: 2, heads: (2, 2), batch: 1, neighbours: 3 };

    fn tensor(values: Vec<f32>, width: usize) -> Tensor<2> {
        let rows = values.len() / width;
        Tensor::from_data(TensorData::new(values, [rows, width]), &Device::flex())
    }

    fn events() -> Vec<TimedEdge> {
        [(0, 1, 1.0), (1, 2, 2.0), (0, 1, 4.5), (3, 3, 5.0), (2, 0, 9.0)]
            .map(|(source, target, time_days)| TimedEdge { source, target, time_days })
            .to_vec()
    }

    fn network(batch: usize) -> (TemporalGraphNetwork, Weights) {
        let mut weights = Weights::new();
        let sizes = TemporalSizes { batch, ..SIZES };
        let network = TemporalGraphNetwork::new(&mut weights, "t", sizes, &mut stream(11, 0));
        (network, weights)
    }

    fn linear(weights: &Weights, name: &str, row: &[f32]) -> Vec<f32> {
        let find = |end: &str| {
            let name = format!("{name}.{end}");
            weights.blocks().iter().find(|block| block.name() == name).unwrap()
        };
        let (matrix, bias) = (find("weight"), find("bias"));
        let outputs = matrix.shape()[1];
        let sum = |out| -> f32 {
            row.iter().enumerate().map(|(i, x)| x * matrix.values()[i * outputs + out]).sum()
        };
        (0..outputs).map(|out| bias.values()[out] + sum(out)).collect()
    }

    #[test]
    fn ref_memory_is_what_its_equations_give_event_by_event() {
        let (network, weights) = network(1);
        let log = EventLog::new(NODES, events()).unwrap();
        let features = values(10, 2);
        let pass = Pass::in_use(&weights);
        let start = network.start(&pass, NODES);
        let found = numbers(network.advance(&pass, start, &log, &tensor(features.clone(), 2), 100.0).state());
        let mut state = vec![vec![0.0_f32; 3]; NODES];
        let mut changed = [f64::NAN; NODES];
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        for (place, TimedEdge { source, target, time_days }) in events().into_iter().enumerate() {
            let old = state.clone();
            for (node, other) in [(source, target), (target, source)] {
                let (node, other) = (node as usize, other as usize);
                let since = if changed[node].is_nan() { 0.0 } else { (time_days - changed[node]) as f32 };
                // Frequencies 1 and 1/1000, no phases, over the square root of 2.
                let time = [since.cos() / 2.0_f32.sqrt(), (since / 1000.0).cos() / 2.0_f32.sqrt()];
                let message =
                    [&old[node][..], &old[other][..], &time[..], &features[place * 2..][..2]].concat();
                let x = linear(&weights, "t.cell.input", &message);
                let h = linear(&weights, "t.cell.state", &old[node]);
                for i in 0..3 {
                    let (r, z) = (sigmoid(x[i] + h[i]), sigmoid(x[3 + i] + h[3 + i]));
                    let n = (x[6 + i] + r * h[6 + i]).tanh();
                    state[node][i] = (1.0 - z) * n + z * old[node][i];
                }
            }
            for node in [source, target] {
                changed[node as usize] = time_days;
            }
        }
        for (found, expected) in found.iter().zip(state.concat()) {
            assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
        }
    }

    #[test]
    fn law_a_planted_future_changes_no_bit_of_the_past() {
        for batch in [1, 2, 100] {
            let (network, weights) = network(batch);
            let plain = EventLog::new(NODES, events()).unwrap();
            for time_days in [0.5, 2.0, 4.5, 4.6, 9.0] {
                let mut planted: Vec<TimedEdge> =
                    events().into_iter().filter(|event| event.time_days < time_days).collect();
                let known = planted.len();
                let future = (0..7).map(|node| TimedEdge { source: node % 4, target: 1, time_days });
                planted.extend(future);
                let wild = [values(10, 2)[..known * 2].to_vec(), vec![1e3; 14]].concat();
                let planted = EventLog::new(NODES, planted).unwrap();
                let answer = |log: &EventLog, features: Vec<f32>| {
                    let mut pass = Pass::in_use(&weights);
                    let features = tensor(features, 2);
                    let start = network.start(&pass, NODES);
                    let memory = network.advance(&pass, start, log, &features, time_days);
                    assert_eq!(memory.events(), known);
                    numbers(network.at(&mut pass, &memory, (log, &features), &[0, 1, 2, 3], time_days))
                };
                let found = answer(&plain, values(10, 2));
                assert_eq!(found, answer(&planted, wild), "{batch} {time_days}");
                assert!(found.iter().all(|value| value.is_finite()));
            }
        }
    }

    #[test]
    fn law_the_past_does_change_the_answer_and_has_slopes() {
        let (network, weights) = network(2);
        let log = EventLog::new(NODES, events()).unwrap();
        let answer = |features: Vec<f32>| {
            let mut pass = Pass::differentiable(&weights);
            let device = pass.device();
            let features = Tensor::<2>::from_data(TensorData::new(features, [5, 2]), &device).require_grad();
            let start = network.start(&pass, NODES);
            let memory = network.advance(&pass, start, &log, &features, 9.5);
            let found = network.at(&mut pass, &memory, (&log, &features), &[0, 2], 9.5);
            let weighed = Tensor::<2>::from_data(TensorData::new(values(8, 5), [2, 4]), &device);
            let sum = (found * weighed).sum();
            let slopes = sum.backward();
            (f64::from(sum.into_scalar::<f32>()), numbers(features.grad(&slopes).unwrap()))
        };
        let (_, slopes) = answer(values(10, 2));
        for (place, slope) in slopes.iter().enumerate() {
            let at = |step: f32| {
                let mut moved = values(10, 2);
                moved[place] += step;
                answer(moved).0
            };
            let numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((numeric - f64::from(*slope)).abs() < 2e-3, "{place}: {slope} against {numeric}");
        }
        // The first event reaches node 2's answer only through the memory of its neighbours.
        assert!(slopes[0].abs() > 1e-6, "{slopes:?}");
    }
}
