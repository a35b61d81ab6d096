//! The citation networks of Planetoid with their public split.

use std::path::Path;

use super::NodeSplit;
use super::files::{PublicDataError, number, rows};
use crate::SparseMatrix;

/// Nodes with words, citations and subjects.
///
/// # Source
/// Yang, Cohen and Salakhutdinov, Revisiting Semi-Supervised Learning with Graph Embeddings (ICML 2016).
#[derive(Clone, Debug)]
pub struct CitationNetwork {
    /// Ones where two papers cite one another, either way.
    pub adjacency: SparseMatrix,
    /// Words of each paper, summing to 1 in each.
    pub features: SparseMatrix,
    /// The subject of each paper; Citeseer does not know those of fifteen papers that nobody cites.
    pub classes: Vec<Option<usize>>,
    /// Number of subjects.
    pub class_count: usize,
    /// The public split.
    pub split: NodeSplit,
}

/// A subject that is not known, and the split of papers in no part of it.
const UNKNOWN: &str = "-1";
const UNUSED: &str = "unused";

/// More than any of these data sets has.
const MOST_NODES: usize = 1 << 24;

impl CitationNetwork {
    /// Reads `nodes.csv` (node, label, split), `edges.csv` (src, dst) and `features.csv` (node, feature, value).
    ///
    /// # Errors
    /// [`PublicDataError`] with file and line.
    pub fn read(folder: &Path) -> Result<Self, PublicDataError> {
        let file = folder.join("nodes.csv");
        let listed = rows(&file, ["node", "label", "split"])?;
        let count = listed.len();
        let mut classes = vec![None; count];
        let mut parts = NodeSplit::default();
        for (row, [node, label, split]) in listed.iter().enumerate() {
            let node = number(&file, row, node, count)?;
            if label == UNKNOWN && split == UNUSED {
                continue;
            }
            let class = number(&file, row, label, count)?;
            classes[node] = Some(class);
            match split.as_str() {
                "train" => parts.train.push((node, class)),
                "val" => parts.tuning.push((node, class)),
                "test" => parts.test.push((node, class)),
                _ => {}
            }
        }
        let file = folder.join("edges.csv");
        let edge = |(row, [one, other]): (usize, &[String; 2])| {
            let end = |text| number(&file, row, text, count).map(|end| end as u32);
            Ok((end(one)?, end(other)?))
        };
        let edges = rows(&file, ["src", "dst"])?
            .iter()
            .enumerate()
            .map(edge)
            .collect::<Result<Vec<_>, PublicDataError>>()?;
        Ok(Self {
            adjacency: SparseMatrix::from_edges(count, &edges)?,
            features: read_features(&folder.join("features.csv"), count)?.into_row_means(),
            class_count: classes.iter().flatten().max().map_or(0, |class| class + 1),
            classes,
            split: parts,
        })
    }
}

/// A row of features for each node.
pub(super) fn read_features(file: &Path, nodes: usize) -> Result<SparseMatrix, PublicDataError> {
    let mut features: Vec<Vec<(u32, f32)>> = vec![Vec::new(); nodes];
    let mut columns = 0;
    for (row, [node, feature, value]) in rows(file, ["node", "feature", "value"])?.iter().enumerate() {
        let (node, feature) = (number(file, row, node, nodes)?, number(file, row, feature, MOST_NODES)?);
        let value = value.trim().parse().map_err(|_| PublicDataError::Malformed {
            file: file.into(),
            line: row as u64 + 2,
            reason: format!("value {value}; permitted: a number"),
        })?;
        columns = columns.max(feature + 1);
        features[node].push((feature as u32, value));
    }
    Ok(SparseMatrix::from_rows(columns, features)?)
}
