//! Which conditions lie between others, and which are close to all, along lengths of edges.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::adjacency::Adjacency;

/// Sources worked on before their shares are added up, which bounds memory.
const CHUNK: usize = 256;

/// Betweenness and closeness of every node.
pub(crate) struct Centralities {
    /// Share of the shortest paths of other pairs that pass through, from 0 to 1.
    pub(crate) betweenness: Vec<f64>,
    /// Inverse mean length of the paths from a node to those it reaches, times the share reached.
    pub(crate) closeness: Vec<f64>,
}

/// One source's shortest paths.
struct Paths {
    dependencies: Vec<f64>,
    reached: usize,
    total_length: f64,
}

impl Centralities {
    /// Measures a graph whose weights are lengths above 0. Of ordered pairs, so that an undirected graph and
    /// the same graph with arcs both ways have the same values.
    ///
    /// # Source
    /// Brandes, J Math Sociol 2001;25:163; closeness over several components: Wasserman and Faust,
    /// Social Network Analysis, 1994, p. 201.
    ///
    /// # Limits
    /// Two paths share their traffic when their lengths are equal to the last bit.
    pub(crate) fn of(lengths: &Adjacency) -> Self {
        let nodes = lengths.len();
        let mut betweenness = vec![0.0; nodes];
        let mut closeness = Vec::with_capacity(nodes);
        for first in (0..nodes).step_by(CHUNK) {
            let sources = first..(first + CHUNK).min(nodes);
            let paths: Vec<Paths> =
                sources.into_par_iter().map(|source| shortest_paths(lengths, source)).collect();
            for path in &paths {
                for (sum, dependency) in betweenness.iter_mut().zip(&path.dependencies) {
                    *sum += dependency;
                }
                closeness.push(closeness_of(path, nodes));
            }
        }
        let pairs = (nodes.saturating_sub(1) * nodes.saturating_sub(2)) as f64;
        for sum in &mut betweenness {
            *sum = if pairs > 0.0 { *sum / pairs } else { 0.0 };
        }
        Self { betweenness, closeness }
    }
}

fn closeness_of(paths: &Paths, nodes: usize) -> f64 {
    let others = (paths.reached - 1) as f64;
    if paths.total_length > 0.0 { others / paths.total_length * others / (nodes - 1) as f64 } else { 0.0 }
}

/// A length as a key of a heap: lengths are not negative, so their bits are in their order.
const fn key(length: f64) -> u64 {
    length.to_bits()
}

fn shortest_paths(lengths: &Adjacency, source: usize) -> Paths {
    let nodes = lengths.len();
    let mut distance = vec![f64::INFINITY; nodes];
    let mut paths = vec![0.0_f64; nodes];
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    let mut settled = vec![false; nodes];
    let mut order = Vec::with_capacity(nodes);
    let mut heap = BinaryHeap::from([(Reverse(key(0.0)), source)]);
    (distance[source], paths[source]) = (0.0, 1.0);
    while let Some((_, node)) = heap.pop() {
        if std::mem::replace(&mut settled[node], true) {
            continue;
        }
        order.push(node);
        for (next, length) in lengths.neighbours(node) {
            let candidate = distance[node] + length;
            if candidate < distance[next] {
                distance[next] = candidate;
                paths[next] = paths[node];
                before[next].clear();
                before[next].push(node as u32);
                heap.push((Reverse(key(candidate)), next));
            } else if !settled[next] && key(candidate) == key(distance[next]) {
                paths[next] += paths[node];
                before[next].push(node as u32);
            }
        }
    }
    let mut dependencies = vec![0.0; nodes];
    for node in order.iter().rev() {
        let share = (1.0 + dependencies[*node]) / paths[*node];
        for previous in &before[*node] {
            dependencies[*previous as usize] += paths[*previous as usize] * share;
        }
    }
    dependencies[source] = 0.0;
    let total_length = order.iter().map(|node| distance[*node]).sum();
    Paths { dependencies, reached: order.len(), total_length }
}
