//! Attention between nodes of several types along relations of several types.

use burn::tensor::Tensor;
use burn::tensor::activation::gelu;
use rand::Rng;

use super::Linear;
use crate::{Edges, Pass, SparseError, SparseMatrix, WeightId, Weights, product};

/// Edges of one relation from nodes of one type to nodes of one type.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Type of the sources.
    pub source: usize,
    /// Type of the targets.
    pub target: usize,
    /// One row per target, one column per source; values are not used.
    pub adjacency: SparseMatrix,
}

/// Nodes of several types, and for each type all edges that come in, of all relations together.
#[derive(Clone, Debug)]
pub struct TypedGraph {
    ends: Vec<(usize, usize)>,
    /// Of each type, the relations that come in, and their edges with the relations' sources one after the
    /// other.
    incoming: Vec<(Vec<usize>, Option<Edges>)>,
}

impl TypedGraph {
    /// A graph of so many nodes of each type.
    ///
    /// # Errors
    /// [`TypedGraphError`] when a relation's type or size does not fit.
    pub fn new(nodes: &[usize], relations: &[Relation]) -> Result<Self, TypedGraphError> {
        for (place, relation) in relations.iter().enumerate() {
            let sizes = (relation.adjacency.columns(), relation.adjacency.rows());
            let expected = (nodes.get(relation.source), nodes.get(relation.target));
            if expected != (Some(&sizes.0), Some(&sizes.1)) {
                return Err(TypedGraphError::Relation {
                    relation: place,
                    sources: sizes.0,
                    targets: sizes.1,
                });
            }
        }
        let incoming = |(node_type, count): (usize, &usize)| {
            let own: Vec<usize> =
                (0..relations.len()).filter(|r| relations[*r].target == node_type).collect();
            if own.is_empty() {
                return Ok((own, None));
            }
            let mut rows = vec![Vec::new(); *count];
            let mut before = 0;
            for relation in &own {
                let adjacency = &relations[*relation].adjacency;
                for (target, row) in rows.iter_mut().enumerate() {
                    row.extend(adjacency.row(target).0.iter().map(|source| (before + source, 1.0)));
                }
                before += adjacency.columns() as u32;
            }
            let edges = Edges::of(&SparseMatrix::from_rows(before as usize, rows)?);
            Ok((own, Some(edges)))
        };
        let incoming = nodes.iter().enumerate().map(incoming).collect::<Result<Vec<_>, TypedGraphError>>()?;
        Ok(Self { ends: relations.iter().map(|r| (r.source, r.target)).collect(), incoming })
    }
}

/// Why nodes and relations make no graph.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TypedGraphError {
    /// A relation between types that are not there, or of other sizes.
    #[error(
        "relation {relation} has {sources} sources and {targets} targets; permitted: as many as nodes of its types"
    )]
    Relation {
        /// Which.
        relation: usize,
        /// Its sources.
        sources: usize,
        /// Its targets.
        targets: usize,
    },
    /// The edges of a type together.
    #[error(transparent)]
    Sparse(#[from] SparseError),
}

/// A layer of the heterogeneous graph Transformer.
///
/// Keys, queries and messages are of the node's type, the bilinear forms between them of the relation; the
/// shares of a target are over its neighbours of all relations together. A type to which no relation comes
/// stays as it is.
///
/// # Source
/// Hu et al., Heterogeneous Graph Transformer (WWW 2020), equations 3 to 5; the activation of equation 5 is
/// GELU, as in the authors' code; forms are per relation as given, so that one name between two pairs of
/// types is two relations (the paper's meta relations).
///
/// # Shapes
/// Of each type `[nodes, heads * width] -> [nodes, heads * width]`
#[derive(Clone, Debug)]
pub struct HeterogeneousAttention {
    types: Vec<OfType>,
    relations: Vec<OfRelation>,
    heads: usize,
    width: usize,
}

#[derive(Clone, Copy, Debug)]
struct OfType {
    key: Linear,
    query: Linear,
    message: Linear,
    out: Linear,
}

/// A square for each head, one under the other, and the relation's prior for each head.
#[derive(Clone, Copy, Debug)]
struct OfRelation {
    attention: WeightId,
    message: WeightId,
    prior: WeightId,
}

impl HeterogeneousAttention {
    /// A layer for a graph's types and relations.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        graph: &TypedGraph,
        (heads, width): (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let size = heads * width;
        let mut types = Vec::new();
        for place in 0..graph.incoming.len() {
            let mut linear =
                |part| Linear::new(weights, &format!("{name}.type{place}.{part}"), size, size, rng);
            let (key, query) = (linear("key"), linear("query"));
            types.push(OfType { key, query, message: linear("message"), out: linear("out") });
        }
        let mut relations = Vec::new();
        for place in 0..graph.ends.len() {
            let bound = (3.0 / width.max(1) as f32).sqrt();
            let mut square =
                |part| weights.uniform(&format!("{name}.relation{place}.{part}"), [size, width], bound, rng);
            let (attention, message) = (square("attention"), square("message"));
            let prior = weights.filled(&format!("{name}.relation{place}.prior"), [1, heads], 1.0);
            relations.push(OfRelation { attention, message, prior });
        }
        Self { types, relations, heads, width }
    }

    /// The nodes of each type after hearing their neighbours.
    ///
    /// # Panics
    /// When the nodes are not those of the graph that the layer was made for.
    pub fn forward(&self, pass: &Pass, graph: &TypedGraph, nodes: &[Tensor<2>]) -> Vec<Tensor<2>> {
        assert_eq!(nodes.len(), self.types.len(), "nodes of each type");
        let scale = 1.0 / (self.width as f32).sqrt();
        // Keys and messages are of the type, so relations from one type share them.
        let mut sources: Vec<Option<(Tensor<2>, Tensor<2>)>> = vec![None; nodes.len()];
        for &(source, _) in &graph.ends {
            let (rows, of_type) = (&nodes[source], self.types[source]);
            sources[source].get_or_insert_with(|| {
                (of_type.key.forward(pass, rows.clone()), of_type.message.forward(pass, rows.clone()))
            });
        }
        let hear = |(place, (relations, edges)): (usize, &(Vec<usize>, Option<Edges>))| {
            let own = nodes[place].clone();
            let Some(edges) = edges else { return own };
            let (mut keys, mut messages) = (Vec::new(), Vec::new());
            for relation in relations {
                let (source, form) = (graph.ends[*relation].0, self.relations[*relation]);
                let (key, message) = sources[source].as_ref().expect("a relation comes from this type");
                let prior = pass.weight(form.prior).mul_scalar(scale);
                keys.push(self.through(key, &pass.weight(form.attention), Some(&prior)));
                messages.push(self.through(message, &pass.weight(form.message), None));
            }
            let queries = self.types[place].query.forward(pass, own.clone());
            let shares = edges.softmax(edges.dotted(Tensor::cat(keys, 0), queries, self.heads));
            let heard = edges.weighted_sum(shares, Tensor::cat(messages, 0));
            self.types[place].out.forward(pass, gelu(heard)) + own
        };
        graph.incoming.iter().enumerate().map(hear).collect()
    }

    /// Each head's part through its square, times its number.
    fn through(&self, rows: &Tensor<2>, squares: &Tensor<2>, numbers: Option<&Tensor<2>>) -> Tensor<2> {
        let head = |head: usize| {
            let own = rows.clone().narrow(1, head * self.width, self.width);
            let turned = product(own, squares.clone().narrow(0, head * self.width, self.width));
            match numbers {
                Some(numbers) => turned * numbers.clone().narrow(1, head, 1),
                None => turned,
            }
        };
        Tensor::cat((0..self.heads).map(head).collect(), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::numbers as values;
    use crate::stream;
    use crate::trainer::numbers;
    use burn::tensor::{Device, TensorData};

    const HEADS: usize = 2;
    const WIDTH: usize = 2;
    const SIZE: usize = HEADS * WIDTH;

    fn tensor(values: &[f32], width: usize) -> Tensor<2> {
        let shape = [values.len() / width, width];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    fn block<'a>(weights: &'a Weights, name: &str) -> &'a [f32] {
        weights.blocks().iter().find(|block| block.name() == name).unwrap().values()
    }

    fn linear(weights: &Weights, name: &str, row: &[f32]) -> Vec<f32> {
        let (matrix, bias) =
            (block(weights, &format!("{name}.weight")), block(weights, &format!("{name}.bias")));
        (0..SIZE)
            .map(|out| bias[out] + (0..SIZE).map(|i| row[i] * matrix[i * SIZE + out]).sum::<f32>())
            .collect()
    }

    /// One head of a row through its square.
    fn form(square: &[f32], row: &[f32], head: usize) -> Vec<f32> {
        (0..WIDTH)
            .map(|out| {
                (0..WIDTH).map(|i| row[head * WIDTH + i] * square[(head * WIDTH + i) * WIDTH + out]).sum()
            })
            .collect()
    }

    #[test]
    fn ref_layer_is_the_softmax_of_its_definition() {
        // Two patients, three drugs; drug to patient by two relations, patient to patient by a third; nothing
        // comes to the drugs.
        let pairs: [(usize, &[(usize, usize)]); 3] =
            [(1, &[(0, 0), (0, 2)]), (1, &[(0, 1), (1, 1)]), (0, &[(0, 1), (1, 0), (1, 1)])];
        let counts = [2, 3];
        let relations = pairs.map(|(source, pairs)| {
            let row = |target| pairs.iter().filter(|p| p.0 == target).map(|p| (p.1 as u32, 1.0)).collect();
            let rows: Vec<Vec<(u32, f32)>> = (0..2).map(row).collect();
            Relation { source, target: 0, adjacency: SparseMatrix::from_rows(counts[source], rows).unwrap() }
        });
        let graph = TypedGraph::new(&counts, &relations).unwrap();
        let mut weights = Weights::new();
        let mut rng = stream(6, 0);
        let layer = HeterogeneousAttention::new(&mut weights, "h", &graph, (HEADS, WIDTH), &mut rng);
        for (relation, of_relation) in layer.relations.iter().enumerate() {
            weights.values_mut(of_relation.prior).copy_from_slice(&[0.5 + relation as f32, 2.0]);
        }
        let nodes = [values(2 * SIZE, 1), values(3 * SIZE, 2)];
        let found = layer.forward(
            &Pass::in_use(&weights),
            &graph,
            &[tensor(&nodes[0], SIZE), tensor(&nodes[1], SIZE)],
        );
        assert_eq!(numbers(found[1].clone()), nodes[1]);
        let found = numbers(found[0].clone());
        let row = |node_type: usize, node: usize| &nodes[node_type][node * SIZE..(node + 1) * SIZE];
        for target in 0..2 {
            let query = linear(&weights, "h.type0.query", row(0, target));
            let mut heard = vec![0.0; SIZE];
            for head in 0..HEADS {
                let (mut total, mut sums) = (0.0, [0.0; WIDTH]);
                for (relation, (source, pairs)) in pairs.iter().enumerate() {
                    let part = |part: &str| block(&weights, &format!("h.relation{relation}.{part}"));
                    for (_, other) in pairs.iter().filter(|pair| pair.0 == target) {
                        let of = |part: &str| {
                            linear(&weights, &format!("h.type{source}.{part}"), row(*source, *other))
                        };
                        let key = form(part("attention"), &of("key"), head);
                        let dot: f32 = key.iter().zip(&query[head * WIDTH..]).map(|(k, q)| k * q).sum();
                        let share = (dot * part("prior")[head] / (WIDTH as f32).sqrt()).exp();
                        total += share;
                        let message = form(part("message"), &of("message"), head);
                        sums.iter_mut().zip(message).for_each(|(sum, value)| *sum += share * value);
                    }
                }
                (0..WIDTH).for_each(|i| heard[head * WIDTH + i] = sums[i] / total);
            }
            let out = linear(&weights, "h.type0.out", &numbers(gelu(tensor(&heard, SIZE))));
            for i in 0..SIZE {
                let expected = out[i] + row(0, target)[i];
                assert!((found[target * SIZE + i] - expected).abs() < 1e-5, "{found:?}: {expected}");
            }
        }
    }

    #[test]
    fn regress_relations_that_do_not_fit_are_named() {
        let adjacency = SparseMatrix::from_rows(3, [vec![], vec![]]).unwrap();
        let error = TypedGraph::new(&[2, 2], &[Relation { source: 1, target: 0, adjacency }]).unwrap_err();
        assert!(error.to_string().starts_with("relation 0 has 3 sources and 2 targets"));
    }
}
