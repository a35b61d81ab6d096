//! The Leiden algorithm.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;

use super::level::{Level, Sums, renumber};
use crate::statistics::random::{shuffle, unit};

/// How freely nodes join in the refinement, in mean edge weights.
const RANDOMNESS: f64 = 0.01;

/// Gains below this share of the mean edge weight are rounding.
const LEAST_GAIN: f64 = 1e-10;

/// Rounds at most; each but the last improves the quality, and a handful is common.
const MOST_ROUNDS: usize = 100;

/// A division into communities that no round improves, every community connected in itself.
///
/// # Source
/// Traag, Waltman and van Eck, From Louvain to Leiden, Sci Rep 2019;9:5233, algorithms A.2 (fast local
/// moves, refinement, aggregation of the refined division), repeated until nothing improves.
pub(crate) fn leiden(start: &Level, generator: &mut ChaCha8Rng) -> Vec<u32> {
    let edges = (0..start.len()).map(|node| start.graph.neighbours(node).len()).sum::<usize>();
    let scale = if edges > 0 { start.graph.total() / edges as f64 } else { 1.0 };
    let mut best: Vec<u32> = (0..start.len() as u32).collect();
    let mut best_quality = start.quality(&best);
    for _ in 0..MOST_ROUNDS {
        let division = round(start, &best, scale, generator);
        let quality = start.quality(&division);
        if quality <= best_quality + LEAST_GAIN * scale {
            break;
        }
        (best, best_quality) = (division, quality);
    }
    renumber(&mut best);
    best
}

/// Moves, refines and aggregates until every community is one node.
fn round(start: &Level, division: &[u32], scale: f64, generator: &mut ChaCha8Rng) -> Vec<u32> {
    let mut level = start.clone();
    let mut division = division.to_vec();
    let mut node_of: Vec<u32> = (0..start.len() as u32).collect();
    loop {
        move_nodes(&level, &mut division, scale, generator);
        let communities = renumber(&mut division);
        let mut refined = refine(&level, &division, scale, generator);
        let parts = renumber(&mut refined);
        if communities == level.len() || parts == level.len() {
            return node_of.iter().map(|node| division[*node as usize]).collect();
        }
        let mut next = vec![0; parts];
        for (part, community) in refined.iter().zip(&division) {
            next[*part as usize] = *community;
        }
        level = level.aggregated(&refined, parts);
        division = next;
        for node in &mut node_of {
            *node = refined[*node as usize];
        }
    }
}

/// Moves each node to the community where it gains most, and again those whose neighbours moved.
fn move_nodes(level: &Level, division: &mut [u32], scale: f64, generator: &mut ChaCha8Rng) {
    let nodes = level.len();
    let mut mass = vec![0.0; nodes];
    let mut members = vec![0_u32; nodes];
    for (node, community) in division.iter().enumerate() {
        mass[*community as usize] += level.mass[node];
        members[*community as usize] += 1;
    }
    let mut empty: Vec<u32> = (0..nodes as u32).filter(|place| members[*place as usize] == 0).collect();
    let mut order: Vec<u32> = (0..nodes as u32).collect();
    shuffle(generator, &mut order);
    let mut queue = VecDeque::from(order);
    let mut queued = vec![true; nodes];
    let mut towards = Sums::new(nodes);
    while let Some(node) = queue.pop_front() {
        let node = node as usize;
        queued[node] = false;
        let home = division[node];
        for (other, weight) in level.graph.neighbours(node) {
            towards.add(division[other], weight);
        }
        mass[home as usize] -= level.mass[node];
        members[home as usize] -= 1;
        if members[home as usize] == 0 {
            mass[home as usize] = 0.0;
            empty.push(home);
        }
        let price = level.cost * level.mass[node];
        let (mut best, mut most) = (home, towards.get(home) - price * mass[home as usize]);
        for (community, weight) in towards.met() {
            let gain = weight - price * mass[community as usize];
            if gain > most + LEAST_GAIN * scale {
                (best, most) = (community, gain);
            }
        }
        if most < -LEAST_GAIN * scale {
            // One at least is empty, for there are as many communities as nodes and this one has none.
            best = *empty.last().unwrap_or(&home);
        }
        towards.clear();
        if members[best as usize] == 0 {
            empty.retain(|place| *place != best);
        }
        mass[best as usize] += level.mass[node];
        members[best as usize] += 1;
        if best == home {
            continue;
        }
        division[node] = best;
        for (other, _) in level.graph.neighbours(node) {
            if division[other] != best && !queued[other] {
                queued[other] = true;
                queue.push_back(other as u32);
            }
        }
    }
}

/// Builds each community anew from single nodes, joining only what is well connected to the rest of
/// it, at random but never at a loss. What can't be joined so was not one community.
fn refine(level: &Level, division: &[u32], scale: f64, generator: &mut ChaCha8Rng) -> Vec<u32> {
    let nodes = level.len();
    let mut whole = vec![0.0; nodes];
    for (node, community) in division.iter().enumerate() {
        whole[*community as usize] += level.mass[node];
    }
    let mut refined: Vec<u32> = (0..nodes as u32).collect();
    let mut mass = level.mass.clone();
    let mut alone = vec![true; nodes];
    // Weight from each refined community to the rest of its community.
    let mut outside: Vec<f64> = (0..nodes)
        .map(|node| {
            let within = level.graph.neighbours(node).filter(|(other, _)| division[*other] == division[node]);
            within.map(|(_, weight)| weight).sum()
        })
        .collect();
    let own: Vec<f64> = outside.clone();
    let well_connected = |outside: f64, mass: f64, whole: f64| {
        outside >= level.cost * mass * (whole - mass) - LEAST_GAIN * scale
    };
    let mut order: Vec<u32> = (0..nodes as u32).collect();
    shuffle(generator, &mut order);
    let mut towards = Sums::new(nodes);
    let mut choices: Vec<(u32, f64)> = Vec::new();
    for node in order.into_iter().map(|node| node as usize) {
        let whole = whole[division[node] as usize];
        if !alone[node] || !well_connected(own[node], level.mass[node], whole) {
            continue;
        }
        let home = refined[node];
        for (other, weight) in
            level.graph.neighbours(node).filter(|(other, _)| division[*other] == division[node])
        {
            towards.add(refined[other], weight);
        }
        choices.clear();
        choices.push((home, 0.0));
        for (community, weight) in towards.met() {
            let place = community as usize;
            let gain = weight - level.cost * level.mass[node] * mass[place];
            if gain >= 0.0 && well_connected(outside[place], mass[place], whole) {
                choices.push((community, gain));
            }
        }
        let chosen = choose(&choices, scale, generator);
        if chosen != home {
            let place = chosen as usize;
            // Whoever is joined is alone no longer, and so does not move again.
            alone[place] = false;
            alone[node] = false;
            outside[place] += own[node] - 2.0 * towards.get(chosen);
            mass[place] += level.mass[node];
            (mass[node], outside[node]) = (0.0, 0.0);
            refined[node] = chosen;
        }
        towards.clear();
    }
    refined
}

/// One community with a chance proportional to exp(gain / randomness).
fn choose(choices: &[(u32, f64)], scale: f64, generator: &mut ChaCha8Rng) -> u32 {
    let most = choices.iter().map(|(_, gain)| *gain).fold(0.0, f64::max);
    let chance = |gain: f64| ((gain - most) / (RANDOMNESS * scale)).exp();
    let total: f64 = choices.iter().map(|(_, gain)| chance(*gain)).sum();
    let mut left = unit(generator) * total;
    for (community, gain) in choices {
        left -= chance(*gain);
        if left < 0.0 {
            return *community;
        }
    }
    choices[choices.len() - 1].0
}
