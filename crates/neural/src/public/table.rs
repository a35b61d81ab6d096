//! The public benchmarks, row by row.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::protocol::{
    CITATIONS, CitationProtocol, GRAPHS, PAPERS, PUBLIC_DATA_SETS, PaperProtocol, PaperSettings,
};
use super::row::Label;
use super::{
    AttentionNetwork, CitationNetwork, ConvolutionNetwork, GraphCollection, NodeSplit, PaperHypergraph,
    PaperNetwork, PublicDataError, PublicRow, TunedBy, node_accuracy, ten_folds,
};
use crate::{FitError, side_by_side};

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicParameters {
    /// Runs of each network on papers, each with a seed of its own.
    pub runs: u64,
    /// Epochs of the isomorphism network in each fold.
    pub fold_epochs: usize,
    /// The first seed.
    pub seed: u64,
    /// Data sets by the last part of their folder, such as `cora`, or by its first, such as `hypergcn`; all
    /// when there is none.
    pub only: Vec<String>,
}

impl Default for PublicParameters {
    /// 20 runs, 350 epochs, from seed 0, as published.
    fn default() -> Self {
        Self { runs: 20, fold_epochs: 350, seed: 0, only: Vec::new() }
    }
}

/// What is told on the way.
#[derive(Clone, Debug, PartialEq)]
pub enum PublicNote {
    /// A row is begun.
    Begun {
        /// Its data set.
        data_set: &'static str,
        /// Its model.
        model: &'static str,
    },
    /// A row is there.
    Found(PublicRow),
}

/// Why the table can't be had.
#[derive(Debug, thiserror::Error)]
pub enum PublicError {
    /// A data set that there is not.
    #[error("no data set {name}; permitted: {}", permitted_names().join(", "))]
    Name {
        /// What was asked for.
        name: String,
    },
    /// The data.
    #[error(transparent)]
    Data(#[from] PublicDataError),
    /// A fit.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// The two parts of each folder, the collections first.
fn permitted_names() -> Vec<&'static str> {
    let parts = || PUBLIC_DATA_SETS.into_iter().filter_map(|folder| folder.split_once('/'));
    let mut names: Vec<&str> = parts().map(|part| part.0).collect();
    names.dedup();
    names.extend(parts().map(|part| part.1));
    names
}

/// Runs every benchmark asked for whose data are in the folder, and tells of each row.
///
/// # Errors
/// [`PublicError`] when a name is unknown, data can't be read or a fit fails.
pub fn public_table(
    folder: &Path,
    parameters: &PublicParameters,
    tell: &mut dyn FnMut(PublicNote),
) -> Result<(), PublicError> {
    if let Some(name) = parameters.only.iter().find(|name| !permitted_names().contains(&name.as_str())) {
        return Err(PublicError::Name { name: name.clone() });
    }
    let wanted = |data: &str| -> Option<PathBuf> {
        let only = &parameters.only;
        let asked = only.is_empty() || data.split('/').any(|part| only.iter().any(|name| name == part));
        Some(folder.join(data)).filter(|path| asked && path.exists())
    };
    let mut table = Table { parameters, tell };
    for protocol in &CITATIONS {
        if let Some(folder) = wanted(protocol.folder) {
            table.citations(&folder, protocol)?;
        }
    }
    for protocol in &PAPERS {
        if let Some(folder) = wanted(protocol.folder) {
            table.papers(&folder, protocol)?;
        }
    }
    for (folder, data_set, published) in GRAPHS {
        if let Some(folder) = wanted(folder) {
            table.graphs(
                &folder,
                Label { data_set, model: "GIN", protocol: FOLDS, published: Some(published) },
            )?;
        }
    }
    Ok(())
}

const FOLDS: &str = "ten folds, the epoch best on the held-out (as published, optimistic)";
const FEW: &str = "published splits, 5 % to train on, their program's settings, self-loops";
const FEW_AS_USUAL: &str = "the same splits, dropout of words, no rectifier on scores, self-loops";
const FEW_WITHOUT_LOOPS: &str = "the same splits, their program's settings, no self-loops";
const HALF: &str = "random halves to train on, self-loops";

struct Table<'a> {
    parameters: &'a PublicParameters,
    tell: &'a mut dyn FnMut(PublicNote),
}

impl Table<'_> {
    /// Seeds side by side.
    fn repeated(
        &mut self,
        runs: u64,
        label: Label,
        run: impl Fn(u64) -> Result<f64, FitError> + Sync,
    ) -> Result<(), FitError> {
        (self.tell)(PublicNote::Begun { data_set: label.data_set, model: label.model });
        let start = Instant::now();
        let seeds: Vec<u64> = (0..runs).collect();
        let accuracies = side_by_side(&seeds, |place| run(*place))?;
        (self.tell)(PublicNote::Found(PublicRow::new(label, &accuracies, start.elapsed().as_secs_f64())));
        Ok(())
    }

    fn citations(&mut self, folder: &Path, protocol: &CitationProtocol) -> Result<(), PublicError> {
        let data = CitationNetwork::read(folder)?;
        let (runs, first) = (self.parameters.runs, self.parameters.seed);
        let label = |model, published| Label {
            data_set: protocol.data_set,
            model,
            protocol: "public split",
            published: Some(published),
        };
        self.repeated(runs, label("GCN", protocol.convolution), |run| {
            let (network, weights) = ConvolutionNetwork::new(&data, first + run);
            let training = ConvolutionNetwork::training();
            node_accuracy(&network, weights, &data.split, (&training, TunedBy::Loss), first + run)
        })?;
        self.repeated(runs, label("GAT", protocol.attention), |run| {
            let (network, weights) = AttentionNetwork::new(&data, first + run);
            let training = AttentionNetwork::training();
            node_accuracy(&network, weights, &data.split, (&training, TunedBy::Loss), first + run)
        })?;
        Ok(())
    }

    fn papers(&mut self, folder: &Path, protocol: &PaperProtocol) -> Result<(), PublicError> {
        let unlooped = PaperHypergraph::read(folder)?;
        let mut data = unlooped.clone();
        // Nearly half of the papers are in no hyperedge: without one of their own they would hear nothing, not
        // even themselves.
        data.hypergraph = data.hypergraph.with_self_loops();
        let splits: Vec<NodeSplit> =
            (0..data.train.len()).filter_map(|split| data.published_split(split)).collect();
        let of_splits = |run: u64| splits[run as usize].clone();
        let count = splits.len() as u64;
        self.paper_row(&data, (protocol, &protocol.few()), (count, FEW), of_splits)?;
        self.paper_row(&data, (protocol, &protocol.few_as_usual()), (count, FEW_AS_USUAL), of_splits)?;
        self.paper_row(&unlooped, (protocol, &protocol.few()), (count, FEW_WITHOUT_LOOPS), of_splits)?;
        let (runs, first) = (self.parameters.runs, self.parameters.seed);
        let data = data.with_whole_words();
        for settings in protocol.halves() {
            let half = |run: u64| data.random_split(first + run);
            self.paper_row(&data, (protocol, &settings), (runs, HALF), half)?;
        }
        Ok(())
    }

    fn paper_row(
        &mut self,
        data: &PaperHypergraph,
        (protocol, settings): (&PaperProtocol, &PaperSettings),
        (runs, how): (u64, &'static str),
        split: impl Fn(u64) -> NodeSplit + Sync,
    ) -> Result<(), FitError> {
        let first = self.parameters.seed;
        let label = Label {
            data_set: protocol.data_set,
            model: settings.name,
            protocol: how,
            published: Some(settings.published),
        };
        self.repeated(runs, label, |run| {
            let (network, weights) = PaperNetwork::new(data, settings.model, settings.shape, first + run);
            let training = (&settings.training, settings.tuned_by);
            node_accuracy(&network, weights, &split(run), training, first + run)
        })
    }

    fn graphs(&mut self, folder: &Path, label: Label) -> Result<(), PublicError> {
        (self.tell)(PublicNote::Begun { data_set: label.data_set, model: label.model });
        let data = GraphCollection::read(folder)?;
        let start = Instant::now();
        let found = ten_folds(&data, self.parameters.fold_epochs, self.parameters.seed)?;
        let seconds = start.elapsed().as_secs_f64();
        let unpublished = |protocol| Label { protocol, published: None, ..label };
        let mut tell = |label, accuracies: &[f64]| {
            (self.tell)(PublicNote::Found(PublicRow::new(label, accuracies, seconds)));
        };
        tell(label, &found.best_epoch);
        tell(unpublished("ten folds, the epoch best in the nine others"), &found.by_the_others);
        tell(unpublished("ten folds, last epoch"), &found.last);
        Ok(())
    }
}
