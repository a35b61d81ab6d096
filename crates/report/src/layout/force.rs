//! Force-directed layout of small graphs.
//!
//! # Source
//! Fruchterman TMJ, Reingold EM. Graph drawing by force-directed placement. Softw Pract Exp
//! 1991;21:1129-1164, with a pull to the middle so that separate parts stay together.
//!
//! # Limits
//! Work grows with the square of the nodes: for some hundreds, not for thousands.

/// Steps for up to [`FULL_EFFORT_NODES`] nodes; larger graphs get fewer.
const ITERATIONS: usize = 500;
const FULL_EFFORT_NODES: usize = 200;
/// Pull to the middle as a share of the repulsion at unit distance.
const GRAVITY: f64 = 0.6;
/// Cosine and sine of the golden angle, 2.399963 rad: the spiral on which nodes start. Constants,
/// because mathematical libraries differ in the last digit and the layout would carry it on.
const GOLDEN: (f64, f64) = (-0.737_368_878_078_319_7, 0.675_490_294_261_524_3);

/// Places nodes in a box of `width` by `height` with `margin` kept free; the same input always gives
/// the same places. Edges that name no node are ignored.
pub(crate) fn spread(
    nodes: usize,
    edges: &[(usize, usize)],
    width: f64,
    height: f64,
    margin: f64,
) -> Vec<(f64, f64)> {
    let mut places = spiral(nodes);
    let mut links: Vec<(usize, usize)> = edges
        .iter()
        .filter(|(a, b)| a != b && *a < nodes && *b < nodes)
        .map(|&(a, b)| (a.min(b), a.max(b)))
        .collect();
    links.sort_unstable();
    links.dedup();
    let iterations = ITERATIONS * FULL_EFFORT_NODES / nodes.max(FULL_EFFORT_NODES);
    for iteration in 0..iterations {
        // Unit ideal distance; the longest step cools linearly from a tenth of the graph's width.
        let cooling = 1.0 - iteration as f64 / iterations as f64;
        let longest = 0.1 * (nodes as f64).sqrt() * cooling + 1e-3;
        step(&mut places, &links, longest);
    }
    stretch(&mut places, width, height, margin);
    places
}

fn step(places: &mut [(f64, f64)], links: &[(usize, usize)], longest: f64) {
    let mut forces: Vec<(f64, f64)> = places.iter().map(|&(x, y)| (-GRAVITY * x, -GRAVITY * y)).collect();
    for a in 0..places.len() {
        for b in a + 1..places.len() {
            let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
            // Repulsion 1 / d along (dx, dy) / d.
            let push = 1.0 / (dx * dx + dy * dy).max(1e-6);
            forces[a] = (forces[a].0 + dx * push, forces[a].1 + dy * push);
            forces[b] = (forces[b].0 - dx * push, forces[b].1 - dy * push);
        }
    }
    for &(a, b) in links {
        let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
        // Attraction d^2 along (dx, dy) / d.
        let pull = (dx * dx + dy * dy).sqrt();
        forces[a] = (forces[a].0 - dx * pull, forces[a].1 - dy * pull);
        forces[b] = (forces[b].0 + dx * pull, forces[b].1 + dy * pull);
    }
    for (place, force) in places.iter_mut().zip(forces) {
        let size = (force.0 * force.0 + force.1 * force.1).sqrt();
        let factor = if size > longest { longest / size } else { 1.0 };
        *place = (place.0 + force.0 * factor, place.1 + force.1 * factor);
    }
}

fn spiral(nodes: usize) -> Vec<(f64, f64)> {
    let mut direction = (1.0, 0.0);
    let mut places = Vec::with_capacity(nodes);
    for index in 0..nodes {
        let radius = (index as f64).sqrt() * 0.7;
        places.push((direction.0 * radius, direction.1 * radius));
        let (x, y) = direction;
        direction = (x * GOLDEN.0 - y * GOLDEN.1, x * GOLDEN.1 + y * GOLDEN.0);
    }
    places
}

/// Fills the box, keeping the picture's proportions within a factor of 1.6.
fn stretch(places: &mut [(f64, f64)], width: f64, height: f64, margin: f64) {
    let bounds = |pick: fn(&(f64, f64)) -> f64, places: &[(f64, f64)]| {
        let low = places.iter().map(pick).fold(f64::INFINITY, f64::min);
        let high = places.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    };
    if places.is_empty() {
        return;
    }
    let (left, right) = bounds(|place| place.0, places);
    let (top, bottom) = bounds(|place| place.1, places);
    let free = |size: f64| (size - 2.0 * margin).max(1.0);
    let across = free(width) / (right - left).max(1e-3);
    let down = free(height) / (bottom - top).max(1e-3);
    let (across, down) = (across.min(1.6 * down), down.min(1.6 * across));
    let middle = (left.midpoint(right), top.midpoint(bottom));
    for (x, y) in places {
        *x = width / 2.0 + (*x - middle.0) * across;
        *y = height / 2.0 + (*y - middle.1) * down;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
        ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt()
    }

    #[test]
    fn law_two_clusters_come_apart() {
        // Two cliques of six joined by one edge: members stay closer to each other than to the rest.
        let clique = |from: usize| (from..from + 6).flat_map(move |a| (a + 1..from + 6).map(move |b| (a, b)));
        let mut edges: Vec<(usize, usize)> = clique(0).chain(clique(6)).collect();
        edges.push((0, 6));
        let places = spread(12, &edges, 400.0, 400.0, 20.0);
        let mean = |pairs: Vec<(usize, usize)>| {
            pairs.iter().map(|&(a, b)| distance(places[a], places[b])).sum::<f64>() / pairs.len() as f64
        };
        let within = mean(clique(0).chain(clique(6)).collect());
        let between = mean((1..6).flat_map(|a| (7..12).map(move |b| (a, b))).collect());
        assert!(between > 2.0 * within, "within {within}, between {between}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn law_nodes_stay_in_the_box_and_repeat(
            nodes in 0_usize..30, edges in prop::collection::vec((0_usize..35, 0_usize..35), 0..60)
        ) {
            let places = spread(nodes, &edges, 300.0, 200.0, 10.0);
            prop_assert_eq!(places.len(), nodes);
            for &(x, y) in &places {
                prop_assert!((9.9..=290.1).contains(&x) && (9.9..=190.1).contains(&y), "{} {}", x, y);
            }
            prop_assert_eq!(places, spread(nodes, &edges, 300.0, 200.0, 10.0));
        }
    }
}
