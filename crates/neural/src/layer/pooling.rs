//! From the nodes of many graphs to one row per graph.

use burn::tensor::Tensor;

use crate::{Aggregator, Edges, SparseMatrix};

/// How the nodes of a graph are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Their sum, which tells how many there are of each sort.
    Sum,
    /// Their mean, which tells in what shares.
    Mean,
    /// Number by number the largest, which tells what there is at all.
    Max,
}

/// A row for each graph of a batch whose nodes lie graph after graph; zeros for a graph without nodes.
///
/// # Source
/// Xu et al., How Powerful are Graph Neural Networks? (ICLR 2019), equation 2.4 and section 5.3, which
/// compares the three.
///
/// # Shapes
/// `[nodes, width] -> [graphs, width]`
#[derive(Clone, Debug)]
pub struct ReadOut {
    map: Map,
}

#[derive(Clone, Debug)]
enum Map {
    Weighted(Aggregator),
    Largest(Edges),
}

impl ReadOut {
    /// Of graphs of so many nodes each, in the order of the batch.
    pub fn new(nodes_of_graphs: &[usize], pooling: Pooling) -> Self {
        let members = members(nodes_of_graphs);
        let map = match pooling {
            Pooling::Sum => Map::Weighted(Aggregator::new(members)),
            Pooling::Mean => Map::Weighted(Aggregator::new(members.into_row_means())),
            Pooling::Max => Map::Largest(Edges::of(&members)),
        };
        Self { map }
    }

    /// The graphs.
    ///
    /// # Panics
    /// When there is not one row per node.
    pub fn forward(&self, nodes: Tensor<2>) -> Tensor<2> {
        match &self.map {
            Map::Weighted(sums) => sums.aggregate(nodes),
            Map::Largest(edges) => edges.max(nodes),
        }
    }
}

/// Ones where a node, the columns, is of a graph, the rows.
fn members(nodes_of_graphs: &[usize]) -> SparseMatrix {
    let mut first = 0;
    let rows = nodes_of_graphs.iter().map(|own| {
        let range = first..first + own;
        first = range.end;
        range.map(|node| (node as u32, 1.0)).collect()
    });
    SparseMatrix::from_rows(nodes_of_graphs.iter().sum(), rows)
        .expect("nodes of the graphs are within their number")
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::{numbers as some, slopes_agree};
    use crate::trainer::numbers;

    const ALL: [Pooling; 3] = [Pooling::Sum, Pooling::Mean, Pooling::Max];

    fn rows(values: &[f32], width: usize) -> Tensor<2> {
        let shape = [values.len() / width, width];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    #[test]
    fn ref_a_pair_nothing_and_one_node_by_hand() {
        let nodes = rows(&[1.0, -2.0, 3.0, -6.0, 5.0, 0.5], 2);
        let expected = [
            [4.0, -8.0, 0.0, 0.0, 5.0, 0.5],
            [2.0, -4.0, 0.0, 0.0, 5.0, 0.5],
            [3.0, -2.0, 0.0, 0.0, 5.0, 0.5],
        ];
        for (pooling, expected) in ALL.into_iter().zip(expected) {
            assert_eq!(numbers(ReadOut::new(&[2, 0, 1], pooling).forward(nodes.clone())), expected);
        }
    }

    #[test]
    fn ref_sum_tells_apart_what_mean_and_max_do_not() {
        // Figure 3 of the paper: a graph and twice the graph have one mean and one maximum.
        let nodes = rows(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0], 1);
        let told_apart = ALL.map(|pooling| {
            let found = numbers(ReadOut::new(&[2, 4], pooling).forward(nodes.clone()));
            (found[0] - found[1]).abs() > 1e-6
        });
        assert_eq!(told_apart, [true, false, false]);
    }

    #[test]
    fn law_a_batch_pools_each_graph_as_alone() {
        let values = some(21, 4);
        for pooling in ALL {
            let together = numbers(ReadOut::new(&[2, 1, 4], pooling).forward(rows(&values, 3)));
            let mut alone = Vec::new();
            for (first, own) in [(0, 2), (2, 1), (3, 4)] {
                let nodes = rows(&values[first * 3..(first + own) * 3], 3);
                alone.extend(numbers(ReadOut::new(&[own], pooling).forward(nodes)));
            }
            assert_eq!(together, alone, "{pooling:?}");
        }
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        for pooling in ALL {
            slopes_agree([[5, 3]], |[nodes]| ReadOut::new(&[2, 0, 3], pooling).forward(nodes));
        }
    }
}
