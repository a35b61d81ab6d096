//! Public benchmarks against their published accuracies.

use std::path::PathBuf;

use twinloom_neural::public::{AttentionNetwork, CitationNetwork, ConvolutionNetwork, node_accuracy};

fn data(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// Asserts that the mean over the seeds is within a margin of the published one.
fn near(accuracies: &[f64], published: f64, margin: f64) {
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    assert!((mean - published).abs() < margin, "{mean} of {accuracies:?}, published {published}");
}

// Seeds 0 and 1. Runs differ with a standard deviation of about 0.7 points, so that a mean of two has 0.5;
// the margin of 2 points is four of them: a false alarm in fewer than one of 10,000 changes of the streams.
const MARGIN: f64 = 0.02;

#[test]
fn ref_cora_by_graph_convolution() {
    let Some(folder) = data("planetoid/cora") else { return };
    let network = CitationNetwork::read(&folder).unwrap();
    let run = |seed| {
        let (model, weights) = ConvolutionNetwork::new(&network, seed);
        node_accuracy(&model, weights, &network.split, &ConvolutionNetwork::training(), seed).unwrap()
    };
    near(&[0, 1].map(run), 0.815, MARGIN);
}

#[test]
fn ref_cora_by_graph_attention() {
    let Some(folder) = data("planetoid/cora") else { return };
    let network = CitationNetwork::read(&folder).unwrap();
    let run = |seed| {
        let (model, weights) = AttentionNetwork::new(&network, seed);
        node_accuracy(&model, weights, &network.split, &AttentionNetwork::training(), seed).unwrap()
    };
    near(&[0, 1].map(run), 0.830, MARGIN);
}
