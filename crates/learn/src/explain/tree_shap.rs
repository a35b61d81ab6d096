//! Shapley values of trees, exact and in polynomial time.

use super::ShapleyValues;
use super::tree::{Tree, TreeEnsemble, TreeNode};

/// A column met on the way from the root, with what follows from knowing it or not.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// None stands for the root.
    column: Option<usize>,
    /// Share of the rows that follow this way when the column is not known.
    unknown: f64,
    /// 1 if the row follows this way when it is known, else 0.
    known: f64,
    /// Weight of the subsets with as many columns known as the step's place.
    weight: f64,
}

impl TreeEnsemble {
    /// Shares a row's prediction out among the columns.
    ///
    /// A column that is not known is averaged over as the training rows divide at each split
    /// ("path-dependent"), so no other data are needed.
    ///
    /// # Source
    /// Lundberg et al., From local explanations to global understanding with explainable AI for trees (Nature
    /// Machine Intelligence 2020), algorithm 2 of the methods; correct in `O(trees * leaves * depth^2)`.
    ///
    /// # Shapes
    /// `row` has a number per column, NaN where it is missing; columns past its end count as missing.
    ///
    /// # Limits
    /// Correlated columns share what either could say; nothing here is causal.
    pub fn shapley(&self, row: &[f64]) -> ShapleyValues {
        let mut contributions = vec![0.0; self.columns()];
        for tree in self.trees() {
            follow(
                tree,
                row,
                0,
                &[],
                Step { column: None, unknown: 1.0, known: 1.0, weight: 0.0 },
                &mut contributions,
            );
        }
        ShapleyValues { expected: self.expected(), contributions }
    }
}

fn follow(tree: &Tree, row: &[f64], node: usize, before: &[Step], step: Step, contributions: &mut [f64]) {
    let path = extended(before, step);
    let (asked, next) = match *tree.node(node) {
        TreeNode::Leaf { value, .. } => {
            for (place, step) in path.iter().enumerate() {
                if let Some(column) = step.column {
                    let weight: f64 = unwound(&path, place).iter().map(|step| step.weight).sum();
                    contributions[column] += weight * (step.known - step.unknown) * value;
                }
            }
            return;
        }
        TreeNode::Split { column, .. } => (column, tree.next(node, row)),
    };
    // A column asked twice is one player: its first step is taken back and joined to this one.
    let earlier = path.iter().position(|step| step.column == Some(asked));
    let (unknown, known) = earlier.map_or((1.0, 1.0), |place| (path[place].unknown, path[place].known));
    let path = earlier.map_or(path.clone(), |place| unwound(&path, place));
    for (child, share) in tree.shares(node) {
        let known = if Some(child) == next { known } else { 0.0 };
        let unknown = unknown * share;
        // No subset leads where neither knowing nor not knowing does.
        if known > 0.0 || unknown > 0.0 {
            let step = Step { column: Some(asked), unknown, known, weight: 0.0 };
            follow(tree, row, child, &path, step, contributions);
        }
    }
}

/// The path with one more step: EXTEND.
fn extended(path: &[Step], step: Step) -> Vec<Step> {
    let length = path.len();
    let mut path = path.to_vec();
    path.push(Step { weight: if length == 0 { 1.0 } else { 0.0 }, ..step });
    let whole = (length + 1) as f64;
    for place in (0..length).rev() {
        path[place + 1].weight += step.known * path[place].weight * (place + 1) as f64 / whole;
        path[place].weight *= step.unknown * (length - place) as f64 / whole;
    }
    path
}

/// The path as it would be without one of its steps: UNWIND.
fn unwound(path: &[Step], taken: usize) -> Vec<Step> {
    let last = path.len() - 1;
    let Step { unknown, known, .. } = path[taken];
    let mut found = path.to_vec();
    let whole = (last + 1) as f64;
    let mut next = path[last].weight;
    for place in (0..last).rev() {
        if known == 0.0 {
            found[place].weight = path[place].weight * whole / (unknown * (last - place) as f64);
        } else {
            found[place].weight = next * whole / ((place + 1) as f64 * known);
            next = path[place].weight - found[place].weight * unknown * (last - place) as f64 / whole;
        }
    }
    for place in taken..last {
        let Step { column, unknown, known, .. } = path[place + 1];
        found[place] = Step { column, unknown, known, ..found[place] };
    }
    found.truncate(last);
    found
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use twinloom_neural::stream;

    use super::*;
    use crate::explain::tests::shapley_by_all_subsets;

    /// What the tree says knowing some columns only: the recursion of the paper's algorithm 1.
    fn partly_known(tree: &Tree, node: usize, row: &[f64], known: &[bool]) -> f64 {
        match *tree.node(node) {
            TreeNode::Leaf { value, .. } => value,
            TreeNode::Split { column, .. } if known[column] => {
                partly_known(tree, tree.next(node, row).unwrap(), row, known)
            }
            TreeNode::Split { .. } => {
                tree.shares(node).map(|(child, share)| share * partly_known(tree, child, row, known)).sum()
            }
        }
    }

    /// A tree of random splits; columns are asked again and again, and some splits have a third child.
    fn random_tree(columns: usize, depth: usize, key: u64) -> Tree {
        let mut rng = stream(11, key);
        let mut nodes = vec![TreeNode::Leaf { value: 0.0, cover: 1.0 }];
        let mut open = vec![(0, 0)];
        while let Some((node, level)) = open.pop() {
            let cover = if rng.random_bool(0.05) { 0.0 } else { rng.random_range(0.1..9.0) };
            if level == depth || (level > 1 && rng.random_bool(0.2)) {
                nodes[node] = TreeNode::Leaf { value: rng.random_range(-2.0..2.0), cover };
                continue;
            }
            let first = nodes.len();
            let children = if rng.random_bool(0.3) { 3 } else { 2 };
            for child in first..first + children {
                nodes.push(TreeNode::Leaf { value: 0.0, cover: 1.0 });
                open.push((child, level + 1));
            }
            nodes[node] = TreeNode::Split {
                column: rng.random_range(0..columns),
                threshold: rng.random_range(-0.8..0.8),
                below: first,
                above: first + 1,
                missing: if children == 3 { first + 2 } else { first + rng.random_range(0..2) },
                cover,
            };
        }
        Tree::new(nodes).unwrap()
    }

    fn random_row(columns: usize, key: u64) -> Vec<f64> {
        let mut rng = stream(12, key);
        let value = |_| if rng.random_bool(0.2) { f64::NAN } else { rng.random_range(-1.0..1.0) };
        (0..columns).map(value).collect()
    }

    #[test]
    fn ref_agrees_with_all_subsets() {
        let columns = 6;
        for key in 0..60 {
            let tree = random_tree(columns, 5, key);
            let row = random_row(columns, key);
            let expected = shapley_by_all_subsets(columns, |known| partly_known(&tree, 0, &row, known));
            let found = TreeEnsemble::new(0.0, vec![tree], columns).unwrap().shapley(&row);
            for (found, expected) in found.contributions.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-9, "tree {key}: {found} against {expected}");
            }
        }
    }

    #[test]
    fn ref_fever_and_cough_as_published() {
        // Lundberg, Erion and Lee (arXiv 1802.03888), figure 1: 30 and 30 where both are needed; 30 and 35
        // where a cough adds ten by itself.
        let split = |column, below, above| TreeNode::Split {
            column,
            threshold: 0.5,
            below,
            above,
            missing: below,
            cover: 2.0,
        };
        let leaf = |value| TreeNode::Leaf { value, cover: 1.0 };
        let both = |no_fever_cough: f64, fever_cough: f64| {
            let nodes = [
                split(0, 1, 2),
                split(1, 3, 4),
                split(1, 5, 6),
                leaf(0.0),
                leaf(no_fever_cough),
                leaf(0.0),
                leaf(fever_cough),
            ];
            TreeEnsemble::new(0.0, vec![Tree::new(nodes.to_vec()).unwrap()], 2).unwrap().shapley(&[1.0, 1.0])
        };
        for (found, expected, mean) in
            [(both(0.0, 80.0), [30.0, 30.0], 20.0), (both(10.0, 90.0), [30.0, 35.0], 25.0)]
        {
            assert!((found.expected - mean).abs() < 1e-12);
            for (found, expected) in found.contributions.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
            }
        }
    }

    #[test]
    fn law_contributions_add_up_to_the_prediction() {
        let columns = 12;
        for key in 0..20 {
            let trees = (0..40).map(|tree| random_tree(columns, 7, 1000 + 40 * key + tree)).collect();
            let ensemble = TreeEnsemble::new(-1.3, trees, columns).unwrap();
            let row = random_row(columns, 100 + key);
            let found = ensemble.shapley(&row);
            let sum = found.expected + found.contributions.iter().sum::<f64>();
            assert!((sum - ensemble.predict(&row)).abs() < 1e-9, "{sum} against {}", ensemble.predict(&row));
        }
    }
}
