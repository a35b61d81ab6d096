//! Trees of decisions as plain numbers, to be explained.

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TreeNode {
    /// Asks one column.
    Split {
        /// Which column.
        column: usize,
        /// Values less than this go `below`, others `above`.
        threshold: f64,
        /// The child of lesser values.
        below: usize,
        /// The child of others.
        above: usize,
        /// The child of rows without the value: one of the two, or a third.
        missing: usize,
        /// Weight of the training rows that came here.
        cover: f64,
    },
    /// Answers.
    Leaf {
        /// What is added to the prediction.
        value: f64,
        /// Weight of the training rows that came here.
        cover: f64,
    },
}

impl TreeNode {
    fn cover(&self) -> f64 {
        match self {
            Self::Split { cover, .. } | Self::Leaf { cover, .. } => *cover,
        }
    }

    fn children(&self) -> impl Iterator<Item = usize> + use<> {
        let children = match *self {
            Self::Split { below, above, missing, .. } => {
                [Some(below), Some(above), (missing != below && missing != above).then_some(missing)]
            }
            Self::Leaf { .. } => [None; 3],
        };
        children.into_iter().flatten()
    }
}

/// A tree of decisions, node 0 its root.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<TreeNode>,
}

/// Deepest tree that is explained; the work grows with the square of the depth.
const DEEPEST: usize = 64;

impl Tree {
    /// A tree of these nodes.
    ///
    /// # Errors
    /// [`TreeError`] where a child does not come after its parent, is nobody's or two nodes' child, or a number is not finite.
    pub fn new(nodes: Vec<TreeNode>) -> Result<Self, TreeError> {
        if nodes.is_empty() {
            return Err(TreeError::Empty);
        }
        let mut depths = vec![None; nodes.len()];
        depths[0] = Some(1);
        for (number, node) in nodes.iter().enumerate() {
            let (own, cover) =
                (if let TreeNode::Leaf { value, .. } = node { *value } else { 0.0 }, node.cover());
            if !(own.is_finite() && cover.is_finite() && cover >= 0.0) {
                return Err(TreeError::Number { node: number, value: own, cover });
            }
            let Some(depth) = depths[number].filter(|depth| *depth <= DEEPEST) else {
                return Err(TreeError::Depth { node: number });
            };
            for child in node.children() {
                match depths.get_mut(child) {
                    Some(place) if child > number && place.is_none() => *place = Some(depth + 1),
                    _ => return Err(TreeError::Child { node: number, child, nodes: nodes.len() }),
                }
            }
        }
        Ok(Self { nodes })
    }

    pub(super) fn node(&self, node: usize) -> &TreeNode {
        &self.nodes[node]
    }

    /// The child that a row goes to from a split.
    pub(super) fn next(&self, node: usize, row: &[f64]) -> Option<usize> {
        match self.nodes[node] {
            TreeNode::Leaf { .. } => None,
            TreeNode::Split { column, threshold, below, above, missing, .. } => {
                let value = row.get(column).copied().unwrap_or(f64::NAN);
                Some(if value.is_nan() {
                    missing
                } else if value < threshold {
                    below
                } else {
                    above
                })
            }
        }
    }

    /// The children of a node with the share of the training rows that went to each.
    pub(super) fn shares(&self, node: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let cover = |child: usize| self.nodes[child].cover();
        let children = move || self.nodes[node].children();
        let (count, total) = (children().count(), children().map(cover).sum::<f64>());
        let share = move |child| if total > 0.0 { cover(child) / total } else { 1.0 / count as f64 };
        children().map(move |child| (child, share(child)))
    }

    /// Mean over the training rows that came to a node, as the covers have it.
    fn mean(&self, node: usize) -> f64 {
        match self.nodes[node] {
            TreeNode::Leaf { value, .. } => value,
            TreeNode::Split { .. } => self.shares(node).map(|(child, share)| share * self.mean(child)).sum(),
        }
    }

    fn answer(&self, row: &[f64]) -> f64 {
        let mut node = 0;
        while let Some(next) = self.next(node, row) {
            node = next;
        }
        match self.nodes[node] {
            TreeNode::Leaf { value, .. } => value,
            TreeNode::Split { .. } => 0.0,
        }
    }

    fn columns(&self) -> usize {
        let column = |node: &TreeNode| match node {
            TreeNode::Split { column, .. } => column + 1,
            TreeNode::Leaf { .. } => 0,
        };
        self.nodes.iter().map(column).max().unwrap_or(0)
    }
}

/// Trees whose answers are added up.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeEnsemble {
    base: f64,
    trees: Vec<Tree>,
    columns: usize,
}

impl TreeEnsemble {
    /// Trees that ask the first of `columns` columns, and what is predicted without any of them.
    ///
    /// # Errors
    /// [`TreeError`] where a tree asks a column past the last, or the base is not finite.
    pub fn new(base: f64, trees: Vec<Tree>, columns: usize) -> Result<Self, TreeError> {
        if !base.is_finite() {
            return Err(TreeError::Number { node: 0, value: base, cover: 0.0 });
        }
        match trees.iter().map(Tree::columns).find(|asked| *asked > columns) {
            Some(asked) => Err(TreeError::Column { column: asked - 1, columns }),
            None => Ok(Self { base, trees, columns }),
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// What is predicted of a row, NaN where a value is missing.
    pub fn predict(&self, row: &[f64]) -> f64 {
        self.base + self.trees.iter().map(|tree| tree.answer(row)).sum::<f64>()
    }

    /// What is predicted knowing nothing.
    pub fn expected(&self) -> f64 {
        self.base + self.trees.iter().map(|tree| tree.mean(0)).sum::<f64>()
    }
}

/// Why nodes are no tree.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TreeError {
    /// No node at all.
    #[error("no node; permitted: a root at least")]
    Empty,
    /// A child out of place.
    #[error(
        "child {child} of node {node} among {nodes}; permitted: after its parent, below {nodes}, of one parent"
    )]
    Child {
        /// The parent.
        node: usize,
        /// The child.
        child: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// A node too deep, or of no parent.
    #[error(
        "node {node} is too deep or no node's child; permitted: 64 levels, each node but the root a child"
    )]
    Depth {
        /// The node.
        node: usize,
    },
    /// A number that can't be used.
    #[error("value {value} or cover {cover} of node {node}; permitted: finite, cover 0 or more")]
    Number {
        /// The node.
        node: usize,
        /// Its value.
        value: f64,
        /// Its cover.
        cover: f64,
    },
    /// A column that there is not.
    #[error("column {column}; permitted: below {columns}")]
    Column {
        /// Which column.
        column: usize,
        /// Number of columns.
        columns: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_loops_orphans_and_odd_numbers_are_refused() {
        let leaf = |value| TreeNode::Leaf { value, cover: 1.0 };
        let split = |below, above| TreeNode::Split {
            column: 0,
            threshold: 0.5,
            below,
            above,
            missing: below,
            cover: 2.0,
        };
        assert!(Tree::new(vec![split(1, 2), leaf(0.0), leaf(1.0)]).is_ok());
        for nodes in [
            vec![],
            vec![split(0, 1), leaf(0.0)],
            vec![split(1, 1), leaf(0.0)],
            vec![split(1, 3), leaf(0.0), leaf(1.0)],
            vec![split(1, 2), leaf(0.0), leaf(1.0), leaf(2.0)],
            vec![leaf(f64::NAN)],
        ] {
            assert!(Tree::new(nodes.clone()).is_err(), "{nodes:?}");
        }
        let tree = Tree::new(vec![split(1, 2), leaf(0.0), leaf(1.0)]).unwrap();
        assert!(TreeEnsemble::new(0.0, vec![tree], 0).is_err());
    }
}
