//! Co-citation and co-authorship hypergraphs.

use std::path::Path;

use rand::seq::SliceRandom;

use super::NodeSplit;
use super::files::{PublicDataError, number, rows};
use super::planetoid::read_features;
use crate::layer::Hypergraph;
use crate::{SparseMatrix, stream};

/// Papers with words and subjects, and which are cited, or written, together.
///
/// # Source
/// Yadati et al., HyperGCN (NeurIPS 2019), section 6.
#[derive(Clone, Debug)]
pub struct PaperHypergraph {
    /// The papers and their hyperedges.
    pub hypergraph: Hypergraph,
    /// Words of each paper, summing to 1 in each as read.
    pub features: SparseMatrix,
    /// The subject of each paper.
    pub classes: Vec<usize>,
    /// Number of subjects.
    pub class_count: usize,
    /// The papers that each of the published splits trains on.
    pub train: Vec<Vec<usize>>,
}

/// More than any of these data sets has.
const MOST: usize = 1 << 24;

impl PaperHypergraph {
    /// Reads `labels.csv` (node, label), `hyperedges.csv` (hyperedge, node), `features.csv` and
    /// `split_1_train.txt` to `split_10_train.txt` of which those that are there.
    ///
    /// # Errors
    /// [`PublicDataError`] with file and line.
    pub fn read(folder: &Path) -> Result<Self, PublicDataError> {
        let file = folder.join("labels.csv");
        let listed = rows(&file, ["node", "label"])?;
        let nodes = listed.len();
        let mut classes = vec![0; nodes];
        for (row, [node, label]) in listed.iter().enumerate() {
            classes[number(&file, row, node, nodes)?] = number(&file, row, label, nodes)?;
        }
        let file = folder.join("hyperedges.csv");
        let mut members: Vec<Vec<u32>> = Vec::new();
        for (row, [hyperedge, node]) in rows(&file, ["hyperedge", "node"])?.iter().enumerate() {
            let (edge, node) = (number(&file, row, hyperedge, MOST)?, number(&file, row, node, nodes)?);
            if members.len() <= edge {
                members.resize(edge + 1, Vec::new());
            }
            members[edge].push(node as u32);
        }
        let mut train = Vec::new();
        for split in 1..=10 {
            let file = folder.join(format!("split_{split}_train.txt"));
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let node = |(row, line): (usize, &str)| number(&file, row.saturating_sub(1), line, nodes);
            let own: Result<Vec<usize>, _> =
                text.lines().filter(|line| !line.is_empty()).enumerate().map(node).collect();
            train.push(own?);
        }
        Ok(Self {
            hypergraph: Hypergraph::new(nodes, members)?,
            features: read_features(&folder.join("features.csv"), nodes)?.into_row_means(),
            class_count: classes.iter().max().map_or(0, |class| class + 1),
            classes,
            train,
        })
    }

    /// The same papers with 1 for each word, as Chien et al. give them to their networks.
    ///
    /// # Source
    /// The authors' program of Chien et al. (ICLR 2022), which reads the words and scales nothing.
    #[must_use]
    pub fn with_whole_words(mut self) -> Self {
        self.features = self.features.map_values(|_, _, _| 1.0);
        self
    }

    /// A published split: trains on its papers and tests on all others.
    ///
    /// # Source
    /// Yadati et al. (NeurIPS 2019), section 6.1.
    pub fn published_split(&self, number: usize) -> Option<NodeSplit> {
        let train = self.train.get(number)?;
        let labelled = |node: usize| (node, self.classes[node]);
        let mut taken = vec![false; self.classes.len()];
        for node in train {
            taken[*node] = true;
        }
        Some(NodeSplit {
            train: train.iter().map(|node| labelled(*node)).collect(),
            tuning: Vec::new(),
            test: (0..taken.len()).filter(|node| !taken[*node]).map(labelled).collect(),
        })
    }

    /// Half of the papers to train on, a quarter each to tune by and to test on, at random.
    ///
    /// # Source
    /// Chien et al. (ICLR 2022), section 5.
    pub fn random_split(&self, seed: u64) -> NodeSplit {
        let mut nodes: Vec<(usize, usize)> = self.classes.iter().copied().enumerate().collect();
        nodes.shuffle(&mut stream(seed, SPLIT_STREAM));
        let (half, quarter) = (nodes.len() / 2, nodes.len() / 4);
        let test = nodes.split_off(half + quarter);
        let tuning = nodes.split_off(half);
        NodeSplit { train: nodes, tuning, test }
    }
}

/// Streams of splits, apart from those of weights.
const SPLIT_STREAM: u64 = 1 << 20;
