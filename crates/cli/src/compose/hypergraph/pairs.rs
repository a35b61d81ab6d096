//! Pairs of conditions found together more often than age and sex explain, as a network.

use anyhow::Result;
use twinloom_hypergraph::network::{CommunityParams, Edge, NetworkParams, PairsParams};
use twinloom_report::{ConditionNetwork, Estimate, NetworkNode, NetworkTie, Section};

use super::{Found, LEAST_PEOPLE, STANDARD};
use crate::output::grouped;

/// Ties drawn; more hide one another.
const DRAWN: usize = 60;
/// Adjusted p below which a pair is tied.
const ALPHA: f64 = 0.01;

/// The section; none when no pair stands out.
pub(super) fn section(found: &Found<'_>, seed: u64) -> Result<Option<Section>> {
    let known = |name: &&str| found.people.trait_named(name).is_ok();
    let strata = STANDARD.iter().map(|(name, _)| *name).filter(known).map(str::to_owned).collect();
    let pairs =
        PairsParams { strata, fewest_people: found.least, ..PairsParams::default() }.measure(found.people)?;
    let communities = CommunityParams { seed, ..CommunityParams::default() };
    let params = NetworkParams { alpha: ALPHA, fewest_together: LEAST_PEOPLE, directed: false, communities };
    let network = params.join(&pairs)?;
    let mut ties: Vec<(&Edge, Estimate)> =
        network.edges.iter().filter_map(|edge| Some((edge, strength(edge)?))).collect();
    // By what is sure of them, so that a high but vague ratio does not push a surer one out.
    ties.sort_by(|a, b| b.1.lower.total_cmp(&a.1.lower));
    let all = ties.len();
    ties.truncate(DRAWN);
    if ties.is_empty() {
        return Ok(None);
    }
    let people = found.people.len().max(1) as f64;
    let drawn = ConditionNetwork {
        population: found.population.clone(),
        method: format!(
            "{} between pairs that at least {LEAST_PEOPLE} people have: odds ratios above 1 pooled \
             over strata of age and sex (Mantel and Haenszel), false discovery rate {:.0}%; order where significant; \
             communities of all ties by the Leiden method.",
            if ties.len() < all {
                format!("The {} surest of {} ties", ties.len(), grouped(all as u64))
            } else {
                "Ties".to_owned()
            },
            100.0 * ALPHA
        ),
        measure: "Odds ratio".to_owned(),
        nodes: network
            .nodes
            .iter()
            .map(|node| NetworkNode {
                name: node.condition.to_string(),
                community: node.community,
                prevalence: (node.people as f64 / people * 1000.0).round() / 1000.0,
            })
            .collect(),
        ties: ties
            .into_iter()
            .map(|(edge, strength)| {
                let (from, to) = edge.arc().unwrap_or((edge.first, edge.second));
                NetworkTie { from, to, strength, directed: edge.direction.is_some() }
            })
            .collect(),
    };
    Ok(Some(Section::new(drawn).heading("Pairs that age and sex do not explain").introduction(
        "An odds ratio of 2 says that among people of the same age and sex the odds of having the one condition are \
         twice as high in those who have the other.",
    )))
}

fn strength(edge: &Edge) -> Option<Estimate> {
    let ratio = &edge.odds_ratio;
    let interval = ratio.interval.as_ref()?;
    let upper = interval.upper.unwrap_or(f64::INFINITY);
    Some(Estimate::new(ratio.estimate?, interval.lower, upper))
}
