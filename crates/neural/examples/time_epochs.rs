//! Times training, for `benches/peers/run-graph`: `time_epochs gcn|sage|gat [FOLDER]`.
//!
//! `gcn` trains 200 epochs on the Cora of FOLDER; `sage` and `gat` run eleven epochs on a random graph of 100,000
//! nodes and 1,000,000 edges, of which the first is left out. Prints seconds and peak memory as JSON.

use std::time::Instant;

use serde_json::{Value, json};
use twinloom_neural::public::{CitationNetwork, ConvolutionNetwork, TunedBy, node_accuracy};
use twinloom_neural::{FitParameters, Objective, Weights, fit};

#[path = "../benches/large_graph/mod.rs"]
mod large_graph;

use large_graph::{AttentionEpoch, SageEpoch, graph};

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EPOCHS: usize = 10;

/// Of the clock that Linux counts processor time with.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let found = match arguments.first().map(String::as_str) {
        Some("gcn") => convolution(arguments.get(1).ok_or("the folder of Cora")?)?,
        Some("sage") => {
            let (objective, weights) = SageEpoch::new(&graph());
            epochs(&objective, &weights)?
        }
        Some("gat") => {
            let (objective, weights) = AttentionEpoch::new(&graph());
            epochs(&objective, &weights)?
        }
        _ => return Err("permitted: gcn FOLDER, sage, gat".into()),
    };
    serde_json::to_writer(std::io::stdout(), &found)?;
    Ok(())
}

/// 200 epochs without a look at the tuning nodes, as the peer's.
fn convolution(folder: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let mut data = CitationNetwork::read(folder.as_ref())?;
    data.split.tuning.clear();
    let (network, weights) = ConvolutionNetwork::new(&data, 0);
    let training = ConvolutionNetwork::training();
    let (start, cpu) = (Instant::now(), cpu_s());
    let accuracy = node_accuracy(&network, weights, &data.split, (&training, TunedBy::Loss), 0)?;
    Ok(json!({
        "wall_s": start.elapsed().as_secs_f64(),
        "cpu_s": cpu_s() - cpu,
        "peak_mib": peak_mib(),
        "accuracy": accuracy,
    }))
}

/// The middle of several epochs.
fn epochs(objective: &impl Objective, weights: &Weights) -> Result<Value, Box<dyn std::error::Error>> {
    let parameters = FitParameters { epochs: 1, ..FitParameters::default() };
    let epoch = || fit(objective, weights.clone(), &parameters, 1, None, &|_| {});
    epoch()?;
    let (mut seconds, cpu) = (Vec::new(), cpu_s());
    for _ in 0..EPOCHS {
        let start = Instant::now();
        epoch()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let cpu = (cpu_s() - cpu) / EPOCHS as f64;
    seconds.sort_by(f64::total_cmp);
    let middle = f64::midpoint(seconds[(EPOCHS - 1) / 2], seconds[EPOCHS / 2]);
    Ok(json!({ "wall_s": middle, "cpu_s": cpu, "least_s": seconds[0], "peak_mib": peak_mib() }))
}

/// Processor seconds of all threads so far, to a hundredth; 0 where the system does not tell.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // User and system time are the 14th and 15th fields; the second, in brackets, may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |parts| parts.1).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

/// The most memory that the process has held so far, where the system tells.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}
