//! Shortest paths in an s-line graph: distance, betweenness, closeness, eccentricity.

use rayon::prelude::*;
use serde::Serialize;

use super::LineGraph;

/// Sources summed together, whatever the number of threads: sums keep one order.
const SOURCES_PER_SUM: usize = 64;
const UNREACHED: u32 = u32::MAX;
/// Numbers of paths are scaled down beyond this.
const MANY_PATHS: f64 = 1e200;

/// Centralities by shortest paths, one value for each vertex.
///
/// A vertex joined to none has 0 throughout. No value is infinite: closeness and eccentricity look at the
/// vertices that can be reached.
///
/// # Source
/// Aksoy et al. 2020, doi:10.1140/epjds/s13688-020-00231-0; betweenness by Brandes, "A faster algorithm for
/// betweenness centrality", Journal of Mathematical Sociology 25, 2001.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathCentralities {
    /// Share of the shortest paths between two others that lead through the vertex, summed over pairs and
    /// divided by `(n - 1)(n - 2) / 2`, `n` being all vertices; as HyperNetX's `s_betweenness_centrality`.
    pub betweenness: Vec<f64>,
    /// Other vertices of the component over the sum of the distances to them.
    pub closeness: Vec<f64>,
    /// Sum of one over the distance to each vertex that can be reached.
    pub harmonic: Vec<f64>,
    /// The largest distance to a vertex that can be reached.
    pub eccentricity: Vec<u32>,
    /// The largest eccentricity.
    pub diameter: u32,
    /// The mean distance over ordered pairs that can be reached; `None` without any.
    pub mean_distance: Option<f64>,
}

impl LineGraph {
    /// The length of the shortest s-walk between two vertices; `None` when there is none.
    ///
    /// # Panics
    /// When a vertex is not below [`Self::len`].
    pub fn distance(&self, from: usize, to: usize) -> Option<u32> {
        let mut search = Search::of(self.len());
        search.paths(self, from);
        Some(search.distance[to]).filter(|distance| *distance != UNREACHED)
    }

    /// Centralities by shortest paths. Costs a search from every vertex.
    pub fn path_centralities(&self) -> PathCentralities {
        let count = self.len();
        let starts: Vec<usize> = (0..count).step_by(SOURCES_PER_SUM).collect();
        let chunks: Vec<Chunk> = starts
            .into_par_iter()
            .map(|start| self.chunk(start, count.min(start + SOURCES_PER_SUM)))
            .collect();
        let mut all = PathCentralities {
            betweenness: vec![0.0; count],
            closeness: Vec::with_capacity(count),
            harmonic: Vec::with_capacity(count),
            eccentricity: Vec::with_capacity(count),
            diameter: 0,
            mean_distance: None,
        };
        let (mut total, mut pairs) = (0_u64, 0_u64);
        for chunk in chunks {
            for (sum, part) in all.betweenness.iter_mut().zip(&chunk.betweenness) {
                *sum += part;
            }
            for reach in chunk.reaches {
                let others = reach.vertices as f64;
                all.closeness.push(if reach.total > 0 { others / reach.total as f64 } else { 0.0 });
                all.harmonic.push(reach.harmonic);
                all.eccentricity.push(reach.farthest);
                total += reach.total;
                pairs += reach.vertices;
            }
        }
        all.diameter = all.eccentricity.iter().copied().max().unwrap_or(0);
        all.mean_distance = (pairs > 0).then(|| total as f64 / pairs as f64);
        if count > 2 {
            // Each pair was met from both ends, so the sum is twice what it should be.
            let scale = ((count - 1) as f64) * ((count - 2) as f64);
            for value in &mut all.betweenness {
                *value /= scale;
            }
        }
        all
    }

    fn chunk(&self, start: usize, end: usize) -> Chunk {
        let mut search = Search::of(self.len());
        let mut chunk = Chunk { betweenness: vec![0.0; self.len()], reaches: Vec::new() };
        for source in start..end {
            let reach = search.paths(self, source);
            search.dependencies(self, &mut chunk.betweenness);
            chunk.reaches.push(reach);
            search.clear();
        }
        chunk
    }
}

struct Chunk {
    betweenness: Vec<f64>,
    reaches: Vec<Reach>,
}

/// What one search finds.
struct Reach {
    vertices: u64,
    total: u64,
    harmonic: f64,
    farthest: u32,
}

/// A search by breadth that counts shortest paths, level by level.
struct Search {
    distance: Vec<u32>,
    paths: Vec<f64>,
    dependency: Vec<f64>,
    order: Vec<u32>,
    /// Where each level ends in `order`.
    ends: Vec<usize>,
    /// What the numbers of paths of each level were divided by: only their ratios matter, and in a long
    /// graph they leave the range of f64.
    scales: Vec<f64>,
}

impl Search {
    fn of(vertices: usize) -> Self {
        Self {
            distance: vec![UNREACHED; vertices],
            paths: vec![0.0; vertices],
            dependency: vec![0.0; vertices],
            order: Vec::new(),
            ends: Vec::new(),
            scales: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for vertex in self.order.drain(..) {
            let vertex = vertex as usize;
            self.distance[vertex] = UNREACHED;
            self.paths[vertex] = 0.0;
            self.dependency[vertex] = 0.0;
        }
        self.ends.clear();
        self.scales.clear();
    }

    fn paths(&mut self, graph: &LineGraph, source: usize) -> Reach {
        let mut reach = Reach { vertices: 0, total: 0, harmonic: 0.0, farthest: 0 };
        self.distance[source] = 0;
        self.paths[source] = 1.0;
        self.order.push(source as u32);
        self.ends.push(1);
        self.scales.push(1.0);
        let (mut begin, mut level) = (0, 0);
        while begin < self.order.len() {
            let end = self.order.len();
            level += 1;
            for place in begin..end {
                let vertex = self.order[place] as usize;
                let ways = self.paths[vertex];
                for other in graph.neighbours(vertex) {
                    let other = *other as usize;
                    if self.distance[other] == UNREACHED {
                        self.distance[other] = level;
                        self.order.push(other as u32);
                    }
                    if self.distance[other] == level {
                        self.paths[other] += ways;
                    }
                }
            }
            let found = &self.order[end..];
            if !found.is_empty() {
                let most = found.iter().map(|vertex| self.paths[*vertex as usize]).fold(0.0, f64::max);
                let scale = if most > MANY_PATHS { most } else { 1.0 };
                if scale > 1.0 {
                    for vertex in found {
                        self.paths[*vertex as usize] /= scale;
                    }
                }
                self.scales.push(scale);
                self.ends.push(self.order.len());
                reach.vertices += found.len() as u64;
                reach.total += found.len() as u64 * u64::from(level);
                reach.harmonic += found.len() as f64 / f64::from(level);
                reach.farthest = level;
            }
            begin = end;
        }
        reach
    }

    /// Adds what the source's paths owe to each vertex between its ends.
    fn dependencies(&mut self, graph: &LineGraph, betweenness: &mut [f64]) {
        for place in (1..self.order.len()).rev() {
            let vertex = self.order[place] as usize;
            let level = self.distance[vertex];
            let ways = self.paths[vertex] * self.scales[level as usize];
            // A number of paths far below its level's largest may have vanished in the scaling.
            if ways <= 0.0 {
                betweenness[vertex] += self.dependency[vertex];
                continue;
            }
            let owed = 1.0 + self.dependency[vertex];
            for other in graph.neighbours(vertex) {
                let other = *other as usize;
                if self.distance[other] + 1 == level {
                    self.dependency[other] += self.paths[other] / ways * owed;
                }
            }
            betweenness[vertex] += self.dependency[vertex];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::incidence::{Hypergraph, Side};

    fn nodes_of(count: u32, edges: &[[u32; 2]]) -> LineGraph {
        LineGraph::of(&Hypergraph::from_edges(count, edges).unwrap(), Side::Nodes, NonZeroU32::MIN)
    }

    /// The path of four: an inner vertex is between 2 of the 3 pairs of others.
    #[test]
    fn ref_a_path_of_four_by_hand() {
        let graph = nodes_of(5, &[[0, 1], [1, 2], [2, 3]]);
        let found = graph.path_centralities();
        for (value, wanted) in found.betweenness.iter().zip([0.0, 2.0, 2.0, 0.0, 0.0]) {
            assert!((value - wanted / 6.0).abs() < 1e-15);
        }
        assert_eq!(found.eccentricity, [3, 2, 2, 3, 0]);
        assert!((found.closeness[1] - 0.75).abs() < 1e-15 && found.closeness[4].abs() < 1e-15);
        assert!((found.harmonic[0] - (1.0 + 0.5 + 1.0 / 3.0)).abs() < 1e-15);
        assert_eq!((found.diameter, graph.distance(0, 3), graph.distance(0, 4)), (3, Some(3), None));
    }

    /// 1,200 diamonds in a row have 2^1200 shortest paths from end to end.
    #[test]
    fn law_numbers_of_paths_beyond_f64_do_no_harm() {
        let mut edges = Vec::new();
        for diamond in 0..1200_u32 {
            let start = 3 * diamond;
            edges.extend([
                [start, start + 1],
                [start, start + 2],
                [start + 1, start + 3],
                [start + 2, start + 3],
            ]);
        }
        let found = nodes_of(3601, &edges).path_centralities();
        assert!(found.betweenness.iter().all(|value| value.is_finite()));
        // By symmetry the two sides of a diamond are equal.
        assert!((found.betweenness[1] / found.betweenness[2] - 1.0).abs() < 1e-12);
    }
}
