//! Makes summaries.

use std::cmp::Ordering;

use super::measure::{Hypergraphs, Places};
use super::options::{Comparison, SummaryOptions};
use super::values::{
    ArcDifference, ArcSummary, ComparedGroup, ComparisonSummary, ConditionDifference, ConditionSummary,
    SetDifference, SetSummary, Summary,
};
use crate::directed::Progression;
use crate::statistics::difference::{Difference, differences};
use crate::statistics::resampling::{Resampled, resample};
use crate::statistics::standard::{Cohort, StandardPopulationError, Strata};
use crate::statistics::times::{StepTime, times_along};
use crate::{ConditionId, Histories, HistoryError, LimitError, People, TraitError};

/// The hypergraphs of a cohort: who has what with what, what leads to what, each with its interval.
///
/// Intervals are over resamples of people within the strata of standardisation, so the make-up of the
/// cohort is taken as given. Sets and arcs are listed by how many people they have in the whole cohort,
/// which neither group of a comparison decides.
///
/// # Errors
/// [`SummaryError`] when a trait or level is not there, when nobody is in a stratum of both groups, or
/// when the sets are too many.
///
/// # Limits
/// Intervals of sets with few people are too short, as all of the bootstrap's are.
pub fn summary(people: &People, options: &SummaryOptions) -> Result<Summary, SummaryError> {
    let strata = Strata::of(people, &options.standardise)?;
    let shares = strata.shares(&options.standard)?;
    summarised(people, options, &strata, &shares)
}

/// A summary of people in strata that are given, each with its share of the standard population.
fn summarised(
    people: &People,
    options: &SummaryOptions,
    strata: &Strata,
    shares: &[f64],
) -> Result<Summary, SummaryError> {
    let histories = Histories::of(people, &options.histories)?;
    let hypergraphs = Hypergraphs::of(&histories, options)?;
    let places = hypergraphs.places();
    let (cohort, standardised) = if options.standardise.is_empty() {
        (Cohort::everybody(&histories), None)
    } else {
        let mut alike = strata.alike(&histories, shares, 1, |_| Some(0));
        let (cohort, account) = alike.remove(0);
        if cohort.people() == 0 && !people.is_empty() {
            return Err(SummaryError::Nobody { by: options.standardise.join(", ") });
        }
        (cohort, Some(account))
    };
    let first_alone = |mut values: Vec<Vec<f64>>| values.swap_remove(0);
    let resampled = resample(&[&cohort], &hypergraphs, &first_alone, options.resampling);
    let names = Names { histories: &histories, hypergraphs: &hypergraphs };
    let comparison = options
        .compare
        .as_ref()
        .map(|compare| compared(people, &histories, &names, compare, options, (strata, shares)))
        .transpose()?;
    Ok(Summary {
        people: people.len() as u64,
        people_without_order: histories.without_order(),
        standardised,
        replicates: options.resampling.replicates,
        level: options.resampling.level,
        conditions: names.conditions(&resampled, &places, options.top),
        sets: names.sets(&resampled, &places, options.top),
        arcs: names.arcs(&resampled, &places, options, people),
        comparison,
    })
}

/// A summary for each level of a trait.
///
/// All levels are standardised to one population, by default everybody of all levels, so that they can be
/// compared. Strata in which a level has nobody are left out of that level, which its `share_missing`
/// says: how far it is from comparable.
///
/// # Errors
/// [`SummaryError`] as for [`summary`].
pub fn summaries_by_level(
    people: &People,
    by: &str,
    options: &SummaryOptions,
) -> Result<Vec<(String, Summary)>, SummaryError> {
    let known = people.trait_named(by)?;
    let strata = Strata::of(people, &options.standardise)?;
    let shares = strata.shares(&options.standard)?;
    let of_level = |(place, level): (usize, &std::sync::Arc<str>)| {
        let of_this = |person: usize| known.level_of(person) == Some(place);
        let part = people.filtered(of_this);
        Ok((level.to_string(), summarised(&part, options, &strata.filtered(of_this), &shares)?))
    };
    known.levels().iter().enumerate().map(of_level).collect()
}

struct Names<'a> {
    histories: &'a Histories,
    hypergraphs: &'a Hypergraphs,
}

impl Names<'_> {
    fn of(&self, node: usize) -> String {
        self.histories.names()[node].to_string()
    }

    fn of_set(&self, place: usize) -> Vec<String> {
        let Some(undirected) = &self.hypergraphs.undirected else { return Vec::new() };
        let members = undirected.structure.sets().nth(undirected.sets[place]).unwrap_or_default();
        members.iter().map(|node| self.of(*node as usize)).collect()
    }

    /// Tail and head of a listed arc.
    fn arc(&self, place: usize) -> (Vec<u32>, u32) {
        let Some(directed) = &self.hypergraphs.directed else { return Default::default() };
        let arc = directed.structure.arcs()[directed.arcs[place]];
        (directed.structure.tail(arc).collect(), arc.head)
    }

    fn of_arc(&self, place: usize) -> (Vec<String>, String) {
        let (tail, head) = self.arc(place);
        (tail.iter().map(|node| self.of(*node as usize)).collect(), self.of(head as usize))
    }

    fn conditions(&self, resampled: &Resampled, places: &Places, top: usize) -> Vec<ConditionSummary> {
        let ranks = |range: &std::ops::Range<usize>| resampled.ranks(range.clone(), top);
        let (centrality, successor, predecessor) =
            (ranks(&places.centrality), ranks(&places.successor), ranks(&places.predecessor));
        let estimate = |range: &std::ops::Range<usize>, place: usize| {
            (place < range.len()).then(|| resampled.estimate(range.start + place))
        };
        let mut found: Vec<ConditionSummary> = self
            .hypergraphs
            .nodes
            .iter()
            .zip(&self.hypergraphs.people_with)
            .enumerate()
            .map(|(place, (node, people))| ConditionSummary {
                condition: self.of(*node),
                people: *people,
                prevalence: resampled.estimate(places.prevalence.start + place),
                centrality: estimate(&places.centrality, place),
                centrality_rank: centrality.get(place).copied(),
                head_share: estimate(&places.head_share, place),
                successor: estimate(&places.successor, place),
                successor_rank: successor.get(place).copied(),
                predecessor: estimate(&places.predecessor, place),
                predecessor_rank: predecessor.get(place).copied(),
            })
            .collect();
        found.sort_by(|a, b| largest_first(a.prevalence.value, b.prevalence.value));
        found
    }

    fn sets(&self, resampled: &Resampled, places: &Places, top: usize) -> Vec<SetSummary> {
        let people = self.hypergraphs.undirected.as_ref().map_or(&[][..], |undirected| &undirected.people);
        let ranks = resampled.ranks(places.sets.clone(), top);
        let mut found: Vec<SetSummary> = people
            .iter()
            .zip(ranks)
            .enumerate()
            .map(|(place, (people, rank))| SetSummary {
                conditions: self.of_set(place),
                people: *people,
                weight: resampled.estimate(places.sets.start + place),
                rank,
            })
            .collect();
        found.sort_by(|a, b| a.rank.rank.total_cmp(&b.rank.rank));
        found
    }

    fn arcs(
        &self,
        resampled: &Resampled,
        places: &Places,
        options: &SummaryOptions,
        people: &People,
    ) -> Vec<ArcSummary> {
        let counts = self.hypergraphs.directed.as_ref().map_or(&[][..], |directed| &directed.people);
        let ranks = resampled.ranks(places.arcs.clone(), options.top);
        let mut times = self.times(options, people).into_iter();
        let mut found: Vec<ArcSummary> = counts
            .iter()
            .zip(ranks)
            .enumerate()
            .map(|(place, (people, rank))| {
                let (tail, head) = self.of_arc(place);
                let weight = resampled.estimate(places.arcs.start + place);
                ArcSummary { tail, head, people: *people, weight, rank, time: times.next() }
            })
            .collect();
        found.sort_by(|a, b| a.rank.rank.total_cmp(&b.rank.rank));
        found
    }

    /// Times of every listed arc; none where arcs are other than steps from all conditions so far.
    fn times(&self, options: &SummaryOptions, people: &People) -> Vec<StepTime> {
        let aggregate = options.directed.is_some_and(|(of, _)| of.progression == Progression::Aggregate);
        if !aggregate || options.histories.terminal.is_some() {
            return Vec::new();
        }
        let listed = self.hypergraphs.directed.as_ref().map_or(0, |directed| directed.arcs.len());
        let arcs: Vec<(Vec<ConditionId>, ConditionId)> = (0..listed)
            .map(|place| {
                let (tail, head) = self.arc(place);
                (tail.into_iter().map(ConditionId).collect(), ConditionId(head))
            })
            .collect();
        times_along(people, &arcs, options.resampling.level).into_iter().map(|arc| arc.time).collect()
    }
}

fn largest_first(one: f64, other: f64) -> Ordering {
    other.total_cmp(&one)
}

fn compared(
    people: &People,
    histories: &Histories,
    names: &Names<'_>,
    compare: &Comparison,
    options: &SummaryOptions,
    (strata, shares): (&Strata, &[f64]),
) -> Result<ComparisonSummary, SummaryError> {
    let by = people.trait_named(&compare.by)?;
    let level = |wanted: &str| {
        by.levels().iter().position(|level| &**level == wanted).ok_or_else(|| SummaryError::Level {
            by: compare.by.clone(),
            level: wanted.to_owned(),
            permitted: by.levels().join(", "),
        })
    };
    let levels = [level(&compare.first)?, level(&compare.second)?];
    let hypergraphs = names.hypergraphs;
    let group =
        |person: usize| by.level_of(person).and_then(|level| levels.iter().position(|known| *known == level));
    let mut alike = strata.alike(histories, shares, 2, group);
    let ((second, of_second), (first, of_first)) = match (alike.pop(), alike.pop()) {
        (Some(second), Some(first)) if first.0.people() > 0 && second.0.people() > 0 => (second, first),
        _ => return Err(SummaryError::Nobody { by: compare.by.clone() }),
    };
    let places = hypergraphs.places();
    let found = differences(&first, &second, hypergraphs, &places.families(), options.resampling);
    let optional = |range: &std::ops::Range<usize>, place: usize| {
        found.get(range.clone()).and_then(|part| part.get(place)).copied()
    };
    let by_size =
        |a: &Difference, b: &Difference| largest_first(a.difference.value.abs(), b.difference.value.abs());
    let mut conditions: Vec<ConditionDifference> = hypergraphs
        .nodes
        .iter()
        .enumerate()
        .map(|(place, node)| ConditionDifference {
            condition: names.of(*node),
            prevalence: found[places.prevalence.start + place],
            centrality: optional(&places.centrality, place),
            successor: optional(&places.successor, place),
            predecessor: optional(&places.predecessor, place),
        })
        .collect();
    conditions.sort_by(|a, b| by_size(&a.prevalence, &b.prevalence));
    let mut sets: Vec<SetDifference> = (0..places.sets.len())
        .map(|place| SetDifference {
            conditions: names.of_set(place),
            weight: found[places.sets.start + place],
        })
        .collect();
    sets.sort_by(|a, b| by_size(&a.weight, &b.weight));
    let mut arcs: Vec<ArcDifference> = (0..places.arcs.len())
        .map(|place| {
            let (tail, head) = names.of_arc(place);
            ArcDifference { tail, head, weight: found[places.arcs.start + place] }
        })
        .collect();
    arcs.sort_by(|a, b| by_size(&a.weight, &b.weight));
    Ok(ComparisonSummary {
        by: compare.by.clone(),
        smallest_p: (options.resampling.replicates > 0)
            .then(|| 1.0 / (f64::from(options.resampling.replicates) + 1.0)),
        first: ComparedGroup { level: compare.first.clone(), standardised: of_first },
        second: ComparedGroup { level: compare.second.clone(), standardised: of_second },
        conditions,
        sets,
        arcs,
    })
}

/// Why a summary can't be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SummaryError {
    /// The histories.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Too many sets.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A trait is not there.
    #[error(transparent)]
    Trait(#[from] TraitError),
    /// The standard population does not fit.
    #[error(transparent)]
    Standard(#[from] StandardPopulationError),
    /// Nobody has the level.
    #[error("{by} has no level {level}; permitted: {permitted}")]
    Level {
        /// The trait.
        by: String,
        /// The level asked for.
        level: String,
        /// The levels there are.
        permitted: String,
    },
    /// Nobody is left.
    #[error("by {by}, no stratum has people of every group; permitted: at least one that has")]
    Nobody {
        /// The traits.
        by: String,
    },
}
