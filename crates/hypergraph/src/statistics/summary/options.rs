//! What to summarise, and how surely.

use crate::statistics::resampling::Resampling;
use crate::statistics::standard::StandardPopulation;
use crate::{HistoryOptions, Limits, Weighting, directed, undirected};

/// Two groups of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The trait.
    pub by: String,
    /// The level of the first group.
    pub first: String,
    /// The level of the second group.
    pub second: String,
}

/// What a [`summary`](super::summary) holds.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryOptions {
    /// How people's histories are read.
    pub histories: HistoryOptions,
    /// The undirected hypergraph and its weights; none leaves it out.
    pub undirected: Option<(undirected::Options, Weighting)>,
    /// The directed hypergraph and its weights; none leaves it out.
    pub directed: Option<(directed::Options, Weighting)>,
    /// Sets and arcs of fewer people are not listed.
    pub least_people: f64,
    /// Sets and arcs listed of each, those of most people first.
    pub most: usize,
    /// How many are the top, whose probability of being there is given.
    pub top: usize,
    /// How intervals are made.
    pub resampling: Resampling,
    /// Traits by which people are standardised; none leaves them as they are.
    pub standardise: Vec<String>,
    /// The population to standardise to.
    pub standard: StandardPopulation,
    /// Two groups to compare.
    pub compare: Option<Comparison>,
}

impl Default for SummaryOptions {
    /// Pairs and threes by overlap, hyperarcs by complete Sørensen-Dice, of ten people or more, up to 100
    /// of each, 200 resamples; neither standardised nor compared.
    fn default() -> Self {
        let limits = Limits { max_size: Some(3), ..Limits::default() };
        Self {
            histories: HistoryOptions::default(),
            undirected: Some((undirected::Options { limits, ..Default::default() }, Weighting::Overlap)),
            directed: Some((directed::Options::default(), Weighting::Complete)),
            least_people: 10.0,
            most: 100,
            top: 10,
            resampling: Resampling::default(),
            standardise: Vec::new(),
            standard: StandardPopulation::Pooled,
            compare: None,
        }
    }
}
