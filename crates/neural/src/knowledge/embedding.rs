//! Entities and relations as vectors, and four ways to score a triple by them.

use burn::tensor::{Int, Tensor, TensorData};
use rand::Rng;

use super::{KnowledgeGraph, Triple};
use crate::{Pass, WeightId, Weights};

/// How likely a triple is by its vectors.
///
/// | scoring | score | symmetric | antisymmetric | inverse | composed |
/// |---|---|---|---|---|---|
/// | `TransE` | margin - \|h + r - t\|, the sum of absolute values | no | yes | yes | yes |
/// | `DistMult` | sum of h r t | yes | no | no | no |
/// | `ComplEx` | real part of the sum of h r conj(t) | yes | yes | yes | no |
/// | `RotatE` | margin - \|h r - t\|, r a rotation, the sum of moduli | yes | yes | yes | yes |
///
/// # Source
/// Bordes et al., Translating Embeddings for Modeling Multi-relational Data (NeurIPS 2013), equation of
/// section 2; Yang et al., Embedding Entities and Relations (ICLR 2015), equation 2 with a diagonal matrix;
/// Trouillon et al., Complex Embeddings for Simple Link Prediction (ICML 2016), equation 9; Sun et al.,
/// RotatE (ICLR 2019), equation 3. The four columns on the right are table 2 of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scoring {
    /// A relation is a shift.
    TransE,
    /// A relation weighs the coordinates of a real inner product.
    DistMult,
    /// A relation weighs the coordinates of a complex inner product.
    ComplEx,
    /// A relation turns every coordinate of the complex plane by an angle.
    RotatE,
}

/// The vectors of a knowledge graph.
///
/// # Shapes
/// Entities `[entities, width]`, of complex vectors `[entities, 2 * width]` with the real parts first;
/// relations likewise, but `RotatE`'s are `[relations, width]` angles.
#[derive(Clone, Copy, Debug)]
pub struct KnowledgeEmbedding {
    scoring: Scoring,
    entities: WeightId,
    relations: WeightId,
    entity_count: usize,
    width: usize,
    margin: f32,
}

/// Keeps the slope of a modulus finite at 0.
const LEAST_SQUARE: f32 = 1e-12;

impl KnowledgeEmbedding {
    /// Vectors of a width for all of a graph; `margin` is the score of a perfect triple where the score is
    /// a distance.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        graph: &KnowledgeGraph,
        scoring: Scoring,
        (width, margin): (usize, f32),
        rng: &mut impl Rng,
    ) -> Self {
        let (entity_width, relation_width) = match scoring {
            Scoring::TransE | Scoring::DistMult => (width, width),
            Scoring::ComplEx => (2 * width, 2 * width),
            Scoring::RotatE => (2 * width, width),
        };
        let bound = match scoring {
            // As the authors of RotatE start distances: everything within about the margin of everything.
            Scoring::TransE | Scoring::RotatE => (margin + 2.0) / width.max(1) as f32,
            Scoring::DistMult | Scoring::ComplEx => 1.0 / (width.max(1) as f32).sqrt(),
        };
        let angle = if scoring == Scoring::RotatE { std::f32::consts::PI } else { bound };
        let entities =
            weights.uniform(&format!("{name}.entities"), [graph.entities(), entity_width], bound, rng);
        let relations =
            weights.uniform(&format!("{name}.relations"), [graph.relations(), relation_width], angle, rng);
        Self { scoring, entities, relations, entity_count: graph.entities(), width, margin }
    }

    /// How it scores.
    pub fn scoring(&self) -> Scoring {
        self.scoring
    }

    /// The entities' vectors.
    pub fn entities(&self) -> WeightId {
        self.entities
    }

    /// The relations' vectors.
    pub fn relations(&self) -> WeightId {
        self.relations
    }

    pub(super) fn entity_count(&self) -> usize {
        self.entity_count
    }

    /// The score of each triple; more is likelier.
    ///
    /// # Shapes
    /// `[triples, 1]`
    ///
    /// # Panics
    /// When an entity or relation is not of the graph; when there is no triple.
    pub fn scores(&self, pass: &Pass, triples: &[Triple]) -> Tensor<2> {
        let rows = |id: WeightId, row: &dyn Fn(&Triple) -> u32| {
            let rows: Vec<i64> = triples.iter().map(|triple| i64::from(row(triple))).collect();
            let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [triples.len()]), &pass.device());
            pass.weight(id).select(0, rows)
        };
        let head = rows(self.entities, &|triple| triple.head);
        let relation = rows(self.relations, &|triple| triple.relation);
        let tail = rows(self.entities, &|triple| triple.tail);
        match self.scoring {
            Scoring::TransE => (head + relation - tail).abs().sum_dim(1).neg().add_scalar(self.margin),
            Scoring::DistMult => (head * relation * tail).sum_dim(1),
            Scoring::ComplEx => {
                let (head, relation, tail) = (self.parts(head), self.parts(relation), self.parts(tail));
                let (real, imaginary) = times(head, relation);
                (real * tail.0 + imaginary * tail.1).sum_dim(1)
            }
            Scoring::RotatE => {
                let (head, tail) = (self.parts(head), self.parts(tail));
                let (real, imaginary) = times(head, (relation.clone().cos(), relation.sin()));
                let (real, imaginary) = (real - tail.0, imaginary - tail.1);
                let squares = real.clone() * real + imaginary.clone() * imaginary;
                squares.add_scalar(LEAST_SQUARE).sqrt().sum_dim(1).neg().add_scalar(self.margin)
            }
        }
    }

    /// The real and the imaginary half.
    fn parts(&self, rows: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        (rows.clone().narrow(1, 0, self.width), rows.narrow(1, self.width, self.width))
    }
}

/// The product of complex numbers.
fn times(one: (Tensor<2>, Tensor<2>), other: (Tensor<2>, Tensor<2>)) -> (Tensor<2>, Tensor<2>) {
    (one.0.clone() * other.0.clone() - one.1.clone() * other.1.clone(), one.0 * other.1 + one.1 * other.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;
    use crate::trainer::numbers;

    const MARGIN: f32 = 6.0;

    fn embedding(scoring: Scoring) -> (KnowledgeEmbedding, Weights) {
        let graph = KnowledgeGraph::new(3, 3, []).unwrap();
        let mut weights = Weights::new();
        let embedding =
            KnowledgeEmbedding::new(&mut weights, "kg", &graph, scoring, (2, MARGIN), &mut stream(4, 0));
        (embedding, weights)
    }

    fn score(embedding: &KnowledgeEmbedding, weights: &Weights, head: u32, relation: u32, tail: u32) -> f32 {
        numbers(embedding.scores(&Pass::in_use(weights), &[Triple { head, relation, tail }]))[0]
    }

    #[test]
    fn ref_scores_computed_by_hand() {
        // Head (1 + 2i, 3 - i), relation (2 + i, -1 + 2i), tail (1 - i, 2 + 2i); h r = (5i, -1 + 7i), so that
        // the real part of h r conj(t) is -5 + (-2 + 14) = 7.
        let complex = [1.0, 3.0, 2.0, -1.0, /* tail */ 1.0, 2.0, -1.0, 2.0];
        let (embedding, mut weights) = self::embedding(Scoring::ComplEx);
        weights.values_mut(embedding.entities())[..8].copy_from_slice(&complex);
        weights.values_mut(embedding.relations())[..4].copy_from_slice(&[2.0, -1.0, 1.0, 2.0]);
        assert!((score(&embedding, &weights, 0, 0, 1) - 7.0).abs() < 1e-5);
        // A quarter turn and none: h r = (-2 + i, 3 - i); less the tail (-3 + 2i, 1 - 3i), of moduli root 13
        // and root 10.
        let (embedding, mut weights) = self::embedding(Scoring::RotatE);
        weights.values_mut(embedding.entities())[..8].copy_from_slice(&complex);
        weights.values_mut(embedding.relations())[..2].copy_from_slice(&[std::f32::consts::FRAC_PI_2, 0.0]);
        let expected = MARGIN - 13.0_f32.sqrt() - 10.0_f32.sqrt();
        assert!((score(&embedding, &weights, 0, 0, 1) - expected).abs() < 1e-5);
        for (scoring, expected) in [(Scoring::TransE, MARGIN - 2.5 - 1.0), (Scoring::DistMult, -0.5 - 6.0)] {
            let (embedding, mut weights) = self::embedding(scoring);
            weights.values_mut(embedding.entities())[..4].copy_from_slice(&[1.0, 2.0, -1.0, 3.0]);
            weights.values_mut(embedding.relations())[..2].copy_from_slice(match scoring {
                Scoring::TransE => &[0.5, 0.0],
                _ => &[0.5, -1.0],
            });
            assert!((score(&embedding, &weights, 0, 0, 1) - expected).abs() < 1e-5, "{scoring:?}");
        }
    }

    #[test]
    fn law_what_each_scoring_can_tell_is_table_2_of_rotate() {
        // DistMult tells no direction, whatever the vectors.
        let (embedding, weights) = self::embedding(Scoring::DistMult);
        assert!((score(&embedding, &weights, 0, 1, 2) - score(&embedding, &weights, 2, 1, 0)).abs() < 1e-6);
        // The others do; in ComplEx the conjugate of a relation is its inverse, in TransE minus it, in RotatE
        // the turn back; half turns are symmetric, and turns compose.
        let (embedding, mut weights) = self::embedding(Scoring::ComplEx);
        weights.values_mut(embedding.relations())[..8].copy_from_slice(&[2., -1., 1., 2., 2., -1., -1., -2.]);
        let (there, back) = (score(&embedding, &weights, 0, 0, 2), score(&embedding, &weights, 2, 1, 0));
        assert!((there - back).abs() < 1e-5 && (there - score(&embedding, &weights, 2, 0, 0)).abs() > 1e-3);
        let (embedding, mut weights) = self::embedding(Scoring::TransE);
        weights.values_mut(embedding.relations())[..4].copy_from_slice(&[2.0, -1.0, -2.0, 1.0]);
        let (there, back) = (score(&embedding, &weights, 0, 0, 2), score(&embedding, &weights, 2, 1, 0));
        assert!((there - back).abs() < 1e-5);
        // Both ways can't both be nearer than nowhere: |h + r - t| + |t + r - h| is at least 2 |r|.
        let both = there + score(&embedding, &weights, 2, 0, 0);
        assert!(both <= 2.0 * score(&embedding, &weights, 0, 0, 0) + 1e-5);
        let (embedding, mut weights) = self::embedding(Scoring::RotatE);
        let turn = |weights: &mut Weights, angles: [f32; 6]| {
            weights.values_mut(embedding.relations()).copy_from_slice(&angles);
        };
        turn(&mut weights, [std::f32::consts::PI, 0.0, 0.3, 1.2, -0.3, -1.2]);
        let close = |one: (u32, u32, u32), other: (u32, u32, u32), weights: &Weights| {
            let one = score(&embedding, weights, one.0, one.1, one.2);
            (one - score(&embedding, weights, other.0, other.1, other.2)).abs() < 1e-5
        };
        assert!(close((0, 0, 2), (2, 0, 0), &weights) && close((0, 1, 2), (2, 2, 0), &weights));
        assert!(!close((0, 1, 2), (2, 1, 0), &weights));
        // If entity 1 is entity 0 turned by the first angles, and 2 is 1 turned by the second, then 2 is 0
        // turned by their sums: the score of a perfect triple is the margin, less the modulus's own least.
        turn(&mut weights, [0.4, -1.0, 1.1, 0.7, 1.5, -0.3]);
        let start = [(0.5_f32, 0.2_f32), (1.3, -0.9)];
        let places = [[0.0, 0.0], [0.4, -1.0], [1.5, -0.3]];
        let values = weights.values_mut(embedding.entities());
        for (entity, angles) in places.iter().enumerate() {
            for (coordinate, angle) in angles.iter().enumerate() {
                let (radius, at) = start[coordinate];
                values[entity * 4 + coordinate] = radius * (at + angle).cos();
                values[entity * 4 + 2 + coordinate] = radius * (at + angle).sin();
            }
        }
        for (head, relation, tail) in [(0, 0, 1), (1, 1, 2), (0, 2, 2)] {
            assert!((score(&embedding, &weights, head, relation, tail) - MARGIN).abs() < 1e-4);
        }
    }
}
