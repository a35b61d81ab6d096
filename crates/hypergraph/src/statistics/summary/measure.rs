//! The numbers that are summarised, as functions of a mass.

use std::ops::Range;

use crate::directed::{self, Direction};
use crate::statistics::resampling::Measure;
use crate::undirected::{self, Centrality, Normalisation};
use crate::{Histories, LimitError, Weighting};

use super::options::SummaryOptions;

/// The structures of a cohort, and which of their sets, arcs and nodes are told of.
pub(super) struct Hypergraphs {
    pub undirected: Option<Undirected>,
    pub directed: Option<Directed>,
    /// Conditions that somebody has.
    pub nodes: Vec<usize>,
    /// People with each of them.
    pub people_with: Vec<f64>,
}

pub(super) struct Undirected {
    pub structure: undirected::Structure,
    weighting: Weighting,
    pub sets: Vec<usize>,
    pub people: Vec<f64>,
}

pub(super) struct Directed {
    pub structure: directed::Structure,
    weighting: Weighting,
    pub arcs: Vec<usize>,
    pub people: Vec<f64>,
}

/// Where each kind of number stands among the values; empty where it is left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub prevalence: Range<usize>,
    pub sets: Range<usize>,
    pub centrality: Range<usize>,
    pub arcs: Range<usize>,
    pub head_share: Range<usize>,
    pub successor: Range<usize>,
    pub predecessor: Range<usize>,
}

impl Places {
    pub(super) fn families(&self) -> [Range<usize>; 7] {
        [
            &self.prevalence,
            &self.sets,
            &self.centrality,
            &self.arcs,
            &self.head_share,
            &self.successor,
            &self.predecessor,
        ]
        .map(Clone::clone)
    }
}

impl Hypergraphs {
    pub(super) fn of(histories: &Histories, options: &SummaryOptions) -> Result<Self, LimitError> {
        let mass = histories.mass();
        let mut with_node = vec![0.0; histories.names().len()];
        for (cell, mass) in mass.iter().enumerate() {
            let history = histories.history(histories.history_of(cell));
            for node in history.conditions().map(|(node, _)| node).chain(history.terminal()) {
                with_node[node as usize] += mass;
            }
        }
        let nodes: Vec<usize> = (0..with_node.len()).filter(|node| with_node[*node] > 0.0).collect();
        let mut found = Self {
            undirected: None,
            directed: None,
            people_with: nodes.iter().map(|node| with_node[*node]).collect(),
            nodes,
        };
        let chosen = |counts: &[f64], skip: usize| {
            let mut places: Vec<usize> = (skip..counts.len())
                .filter(|place| counts[*place] > 0.0 && counts[*place] >= options.least_people)
                .collect();
            places.sort_by(|a, b| counts[*b].total_cmp(&counts[*a]).then(a.cmp(b)));
            places.truncate(options.most);
            let people: Vec<f64> = places.iter().map(|place| counts[*place]).collect();
            (places, people)
        };
        if let Some((enumeration, weighting)) = &options.undirected {
            let structure = undirected::Structure::of(histories, enumeration)?;
            let model = structure.evaluate(mass, *weighting).expect("the histories' own mass is one");
            let (sets, people) = chosen(&model.set_counts, structure.nodes());
            found.undirected = Some(Undirected { structure, weighting: *weighting, sets, people });
        }
        if let Some((enumeration, weighting)) = &options.directed {
            let structure = directed::Structure::of(histories, enumeration)?;
            let model = structure.evaluate(mass, *weighting).expect("the histories' own mass is one");
            let (arcs, people) = chosen(&model.arc_counts, structure.nodes());
            found.directed = Some(Directed { structure, weighting: *weighting, arcs, people });
        }
        Ok(found)
    }

    pub(super) fn places(&self) -> Places {
        let mut end = 0;
        let mut next = |length: usize| {
            end += length;
            end - length..end
        };
        let nodes = self.nodes.len();
        let mut places = Places { prevalence: next(nodes), ..Places::default() };
        if let Some(undirected) = &self.undirected {
            places.sets = next(undirected.sets.len());
            places.centrality = next(nodes);
        }
        if let Some(directed) = &self.directed {
            places.arcs = next(directed.arcs.len());
            places.head_share = next(nodes);
            places.successor = next(nodes);
            places.predecessor = next(nodes);
        }
        places
    }
}

impl Measure for Hypergraphs {
    fn values(&self, mass: &[f64]) -> Vec<f64> {
        let why = "a resample is a mass of every cell";
        let mut values = Vec::new();
        let people: f64 = mass.iter().sum();
        let share = |with: f64| crate::weight::ratio(with, people);
        if let Some(Undirected { structure, weighting, sets, .. }) = &self.undirected {
            let model = structure.evaluate(mass, *weighting).expect(why);
            values.extend(self.nodes.iter().map(|node| share(model.with_node[*node])));
            values.extend(sets.iter().map(|set| model.set_weights[*set]));
            let centrality = structure.centrality(&model, Centrality::Standard, Normalisation::Unit).vector;
            values.extend(self.nodes.iter().map(|node| centrality[*node]));
        }
        if let Some(Directed { structure, weighting, arcs, .. }) = &self.directed {
            let model = structure.evaluate(mass, *weighting).expect(why);
            if values.is_empty() {
                values.extend(self.nodes.iter().map(|node| share(model.with_node[*node])));
            }
            values.extend(arcs.iter().map(|arc| model.arc_weights[*arc]));
            values.extend(self.nodes.iter().map(|node| model.head_node_weights[*node]));
            for direction in [Direction::Successor, Direction::Predecessor] {
                let rank = structure.page_rank(&model, direction).probabilities;
                values.extend(self.nodes.iter().map(|node| rank[*node]));
            }
        }
        if self.undirected.is_none() && self.directed.is_none() {
            values.resize(self.nodes.len(), 0.0);
        }
        values
    }
}
