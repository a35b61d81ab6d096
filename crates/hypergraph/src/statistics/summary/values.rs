//! A summary: plain values, with names instead of numbers, ready to be drawn or written.

use serde::Serialize;

use crate::statistics::difference::Difference;
use crate::statistics::resampling::{Estimate, RankStability};
use crate::statistics::standard::Standardised;
use crate::statistics::times::StepTime;

/// The hypergraphs of a cohort, with intervals.
///
/// # Units
/// Prevalences, weights and centralities are shares from 0 to 1; people are counts as recorded, never
/// standardised, and fractions where conditions of one day leave the order open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Everybody.
    pub people: u64,
    /// Those with an undated condition among several, who are in no progression.
    pub people_without_order: u64,
    /// How people were standardised; none when they were not.
    pub standardised: Option<Standardised>,
    /// Resamples that intervals rest on.
    pub replicates: u32,
    /// The share of intervals meant to hold the truth.
    pub level: f64,
    /// Conditions that somebody has, the most prevalent first.
    pub conditions: Vec<ConditionSummary>,
    /// Sets of two conditions or more, the heaviest first.
    pub sets: Vec<SetSummary>,
    /// Hyperarcs, the heaviest first.
    pub arcs: Vec<ArcSummary>,
    /// Two groups compared.
    pub comparison: Option<ComparisonSummary>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionSummary {
    /// Its name.
    pub condition: String,
    /// People with it.
    pub people: f64,
    /// The share of people with it.
    pub prevalence: Estimate,
    /// Eigenvector centrality in the undirected hypergraph.
    pub centrality: Option<Estimate>,
    /// The rank of that.
    pub centrality_rank: Option<RankStability>,
    /// How often it came last rather than before another (the head node weight).
    pub head_share: Option<Estimate>,
    /// PageRank of what follows: high for late conditions.
    pub successor: Option<Estimate>,
    /// The rank of that.
    pub successor_rank: Option<RankStability>,
    /// PageRank of what came before: high for early conditions.
    pub predecessor: Option<Estimate>,
    /// The rank of that.
    pub predecessor_rank: Option<RankStability>,
}

/// One set of conditions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetSummary {
    /// Their names.
    pub conditions: Vec<String>,
    /// People who count towards the set.
    pub people: f64,
    /// Its weight.
    pub weight: Estimate,
    /// The rank of that among the sets listed.
    pub rank: RankStability,
}

/// One hyperarc.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArcSummary {
    /// The conditions before.
    pub tail: Vec<String>,
    /// The next one.
    pub head: String,
    /// People who count towards the arc.
    pub people: f64,
    /// Its weight.
    pub weight: Estimate,
    /// The rank of that among the arcs listed.
    pub rank: RankStability,
    /// How long it took, days; of the aggregate progression without terminals only.
    pub time: Option<StepTime>,
}

/// Two groups compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonSummary {
    /// The trait.
    pub by: String,
    /// The smallest `p` that so many exchanges can give, and the smallest `q`, which only numbers that all
    /// reach it have: of n numbers, one alone has n times that. None without replicates. `p_normal` and
    /// `q_normal` go lower.
    pub smallest_p: Option<f64>,
    /// The first group.
    pub first: ComparedGroup,
    /// The second.
    pub second: ComparedGroup,
    /// Every condition, that which differs most first.
    pub conditions: Vec<ConditionDifference>,
    /// Every set listed, that which differs most first.
    pub sets: Vec<SetDifference>,
    /// Every arc listed, that which differs most first.
    pub arcs: Vec<ArcDifference>,
}

/// One of two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedGroup {
    /// The level of the trait.
    pub level: String,
    /// How it was made like the other: with one stratum and weight when not standardised.
    pub standardised: Standardised,
}

/// One condition in two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionDifference {
    /// Its name.
    pub condition: String,
    /// Prevalence.
    pub prevalence: Difference,
    /// Eigenvector centrality.
    pub centrality: Option<Difference>,
    /// PageRank of what follows.
    pub successor: Option<Difference>,
    /// PageRank of what came before.
    pub predecessor: Option<Difference>,
}

/// One set in two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetDifference {
    /// The conditions.
    pub conditions: Vec<String>,
    /// The weight.
    pub weight: Difference,
}

/// One hyperarc in two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArcDifference {
    /// The conditions before.
    pub tail: Vec<String>,
    /// The next one.
    pub head: String,
    /// The weight.
    pub weight: Difference,
}
