//! A graph whose nodes may stand for several, and a division of it.

use crate::network::adjacency::Adjacency;

/// A graph at some level of aggregation.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) graph: Adjacency,
    /// Weight of the edges inside each node.
    pub(crate) inner: Vec<f64>,
    /// What each node counts against a community: its strength or the nodes it stands for.
    pub(crate) mass: Vec<f64>,
    /// Cost of two units of mass in one community.
    pub(crate) cost: f64,
}

impl Level {
    pub(crate) fn len(&self) -> usize {
        self.mass.len()
    }

    /// The quality of a division, less a constant.
    pub(crate) fn quality(&self, division: &[u32]) -> f64 {
        let mut masses = vec![0.0; self.len()];
        let mut inside = 0.0;
        for (node, community) in division.iter().enumerate() {
            masses[*community as usize] += self.mass[node];
            inside += self.inner[node];
            let within = self.graph.neighbours(node).filter(|(other, _)| division[*other] == *community);
            inside += within.map(|(_, weight)| weight).sum::<f64>() / 2.0;
        }
        inside - self.cost / 2.0 * masses.iter().map(|mass| mass * mass).sum::<f64>()
    }

    /// One node for each of `groups` groups of nodes.
    pub(crate) fn aggregated(&self, group_of: &[u32], groups: usize) -> Self {
        let mut members = vec![Vec::new(); groups];
        for (node, group) in group_of.iter().enumerate() {
            members[*group as usize].push(node);
        }
        let mut inner = vec![0.0; groups];
        let mut mass = vec![0.0; groups];
        let mut arcs = Vec::new();
        let mut towards = Sums::new(groups);
        for (group, nodes) in members.iter().enumerate() {
            for node in nodes {
                inner[group] += self.inner[*node];
                mass[group] += self.mass[*node];
                for (other, weight) in self.graph.neighbours(*node) {
                    towards.add(group_of[other], weight);
                }
            }
            for (other, weight) in towards.drain() {
                if other as usize == group {
                    inner[group] += weight / 2.0;
                } else {
                    arcs.push((group as u32, other, weight));
                }
            }
        }
        Self { graph: Adjacency::directed(groups, &arcs), inner, mass, cost: self.cost }
    }
}

/// Sums of weights by community, of the few communities that were met.
pub(crate) struct Sums {
    totals: Vec<f64>,
    met: Vec<u32>,
    is_met: Vec<bool>,
}

impl Sums {
    pub(crate) fn new(communities: usize) -> Self {
        Self { totals: vec![0.0; communities], met: Vec::new(), is_met: vec![false; communities] }
    }

    pub(crate) fn add(&mut self, community: u32, weight: f64) {
        let place = community as usize;
        if !self.is_met[place] {
            self.is_met[place] = true;
            self.met.push(community);
        }
        self.totals[place] += weight;
    }

    pub(crate) fn get(&self, community: u32) -> f64 {
        self.totals[community as usize]
    }

    /// Communities met, in the order met.
    pub(crate) fn met(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.met.iter().map(|community| (*community, self.totals[*community as usize]))
    }

    pub(crate) fn clear(&mut self) {
        for community in self.met.drain(..) {
            self.totals[community as usize] = 0.0;
            self.is_met[community as usize] = false;
        }
    }

    fn drain(&mut self) -> Vec<(u32, f64)> {
        let all = self.met().collect();
        self.clear();
        all
    }
}

/// Numbers communities from 0 in the order of their first nodes; returns how many there are.
pub(crate) fn renumber(division: &mut [u32]) -> usize {
    let mut numbers = vec![u32::MAX; division.iter().max().map_or(0, |most| *most as usize + 1)];
    let mut count = 0;
    for community in division {
        let number = &mut numbers[*community as usize];
        if *number == u32::MAX {
            *number = count;
            count += 1;
        }
        *community = *number;
    }
    count as usize
}
