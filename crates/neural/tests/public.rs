//! Public benchmarks against their published accuracies.

use std::path::PathBuf;
use std::time::Instant;

use twinloom_neural::public::{AttentionNetwork, CitationNetwork, ConvolutionNetwork, node_accuracy};

fn data(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn ref_cora_by_convolution_and_attention() {
    let Some(folder) = data("planetoid/cora") else { return };
    let network = CitationNetwork::read(&folder).unwrap();
    let parts = (&network.train[..], &network.tuning[..], &network.test[..]);
    let start = Instant::now();
    let run = |seed| {
        let (model, weights) = ConvolutionNetwork::new(&network, seed);
        node_accuracy(&model, weights, parts, &ConvolutionNetwork::training(), seed).unwrap()
    };
    let found: Vec<f64> = (0..5).map(run).collect();
    println!("{found:?} {} {:?}", mean(&found), start.elapsed());
    let start = Instant::now();
    let run = |seed| {
        let (model, weights) = AttentionNetwork::new(&network, seed);
        node_accuracy(&model, weights, parts, &AttentionNetwork::training(), seed).unwrap()
    };
    let found: Vec<f64> = (0..3).map(run).collect();
    println!("{found:?} {} {:?}", mean(&found), start.elapsed());
}
