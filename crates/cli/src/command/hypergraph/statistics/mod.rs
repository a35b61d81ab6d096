//! Options of `twinloom hypergraph undirected|directed` that say what their numbers are worth.

mod tables;
mod told;

pub(crate) use told::{ToldArcs, ToldSets};

use std::fs::File;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use twinloom_hypergraph::statistics::{
    Comparison, DisclosureRule, Family, Mixing, NextAfter, Resampling, StandardPopulation, Summary,
    SummaryOptions, Trades, next_after, order_by_chance, sets_by_chance, summaries_by_level, summary,
};
use twinloom_hypergraph::{ConditionId, Node, People, Trait};

use super::source::bad;
use crate::failure::BadInput;

/// Rows of each table for people.
const SHOWN: usize = 10;
/// Tails whose next conditions are followed, those of most people first.
const TAILS: usize = 20;
/// Days at which what came next is told: a year, five and ten.
const HORIZONS: [i64; 3] = [365, 1_826, 3_652];

/// How sure, how standardised, how different, how likely by chance, and what may be told.
#[derive(Clone, Debug, Args)]
pub(crate) struct StatisticsArguments {
    /// Intervals and ranks over this many resamples of the people.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// The share of intervals meant to hold the truth.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    interval: f64,
    /// Traits by which people are standardised, with commas between.
    #[arg(long, value_name = "TRAITS", value_delimiter = ',')]
    standardise: Vec<String>,
    /// The standard population: a CSV file with a column for each trait and one called people, or esp2013
    /// for the European one of 2013, by age band and perhaps sex; otherwise the people themselves, all
    /// levels of --strata together, whose numbers as a whole are then as they were.
    #[arg(long, value_name = "FILE", requires = "standardise")]
    standard: Option<PathBuf>,
    /// The numbers of each level of a trait as well.
    #[arg(long, value_name = "TRAIT")]
    strata: Option<String>,
    /// Compare two levels of a trait, such as deprivation_fifth=1:5.
    #[arg(long, value_name = "TRAIT=A:B")]
    compare: Option<String>,
    /// Compare with chance: this many random tables with every person's number of conditions and every
    /// condition's number of people (undirected), or all orders of each person's conditions (directed,
    /// exact whatever the number). No p is below 2 / (N + 1), and no q of a pair or three below that: the
    /// smallest there can be are stated. --null alone is 2000.
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        default_missing_value = "2000",
        value_parser = clap::value_parser!(u32).range(1..=10_000_000)
    )]
    null: Option<u32>,
    /// A trait whose levels the random tables keep apart.
    #[arg(long, value_name = "TRAIT", requires = "null")]
    null_within: Option<String>,
    /// Tell no count below this, nor others that would tell of it, and print only what may be told. Sets
    /// that are not listed are withheld or nobody's; which, or why, is not said. It covers this one
    /// output: two of them can be subtracted, and pairs and measure know no suppression.
    #[arg(
        long,
        value_name = "K",
        conflicts_with_all = ["bootstrap", "standardise", "compare", "null", "edge_weights", "min_people"]
    )]
    suppress: Option<u64>,
    /// Round the counts told to this base, which keeps small ones with less withheld.
    #[arg(long, value_name = "B", requires = "suppress")]
    round: Option<u64>,
    /// Sets and steps of fewer people get no intervals, tests or times.
    #[arg(long, value_name = "N", default_value_t = 10)]
    least_people: u32,
    /// Sets and steps that get them, those of most people first.
    #[arg(long, value_name = "N", default_value_t = 100)]
    most: usize,
    /// The seed of every random number.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

/// What was found beyond the numbers themselves.
#[derive(Serialize)]
pub(crate) struct Statistics {
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    levels: Vec<LevelRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mixing: Option<Mixing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<Reach>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by_chance: Vec<ChanceRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<NextRow>,
}

/// How small a p and q as many random tables can give.
#[derive(Serialize)]
struct Reach {
    random_tables: u32,
    smallest_p: f64,
    families: Vec<Family>,
}

/// What was found against chance.
#[derive(Default)]
struct Chance {
    mixing: Option<Mixing>,
    reach: Option<Reach>,
    rows: Vec<ChanceRow>,
}

#[derive(Serialize)]
struct LevelRow {
    level: String,
    summary: Summary,
}

/// A set, or a step with its head, against chance.
#[derive(Serialize)]
struct ChanceRow {
    conditions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    observed: f64,
    expected: f64,
    standard_deviation: f64,
    ratio: Option<f64>,
    z: Option<f64>,
    p: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    p_fitted: Option<f64>,
    q: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    q_fitted: Option<f64>,
}

/// What came next after some conditions, by a year, five and ten.
#[derive(Serialize)]
struct NextRow {
    tail: Vec<String>,
    people: f64,
    median_days: Option<i64>,
    outcomes: Vec<OutcomeRow>,
}

#[derive(Serialize)]
struct OutcomeRow {
    /// The condition, or death.
    next: String,
    events: f64,
    median_days: Option<i64>,
    by: Vec<ByRow>,
}

#[derive(Serialize)]
struct ByRow {
    days: i64,
    incidence: f64,
    low: f64,
    high: f64,
    /// What would be promised if death and other conditions were taken for leaving.
    naive: f64,
}

/// The statistics of sets or of steps.
pub(crate) struct Asked<'a> {
    pub(crate) people: &'a People,
    /// Which hypergraphs, weights and histories.
    pub(crate) options: SummaryOptions,
    /// Sets with their counts.
    pub(crate) sets: Vec<(Vec<Node>, f64)>,
    /// Tails and heads with their counts.
    pub(crate) arcs: Vec<(Vec<Node>, Node, f64)>,
    /// Whether times are asked for.
    pub(crate) times: bool,
}

impl StatisticsArguments {
    /// The rule of disclosure, if one is asked for.
    pub(crate) fn rule(&self) -> Result<Option<DisclosureRule>> {
        let Some(threshold) = self.suppress else { return Ok(None) };
        let rule = DisclosureRule::new(threshold).map_err(bad)?;
        Ok(Some(rule.rounded(self.round.unwrap_or(1)).map_err(bad)?))
    }

    /// The trait whose levels are told apart, if any.
    pub(crate) fn level_trait<'a>(&self, people: &'a People) -> Result<Option<&'a Trait>> {
        self.strata.as_deref().map(|name| people.trait_named(name).map_err(bad)).transpose()
    }

    /// The statistics asked for; none when none are.
    pub(crate) fn find(&self, asked: &Asked<'_>) -> Result<Option<Statistics>> {
        if !(self.interval > 0.0 && self.interval < 1.0) {
            let message = format!("--interval is {}; permitted: above 0 and below 1", self.interval);
            return Err(BadInput::new(message).into());
        }
        let summarised = self.bootstrap > 0
            || !self.standardise.is_empty()
            || self.strata.is_some()
            || self.compare.is_some()
            || asked.times;
        if !summarised && self.null.is_none() {
            return Ok(None);
        }
        let people = asked.people;
        let options = SummaryOptions {
            least_people: f64::from(self.least_people),
            most: self.most,
            top: SHOWN,
            resampling: Resampling { replicates: self.bootstrap, level: self.interval, seed: self.seed },
            standardise: self.standardise.clone(),
            standard: self.standard(people)?,
            compare: self.comparison()?,
            ..asked.options.clone()
        };
        let levels = match &self.strata {
            None => Vec::new(),
            Some(by) => {
                let each = SummaryOptions { compare: None, ..options.clone() };
                let row = |(level, summary)| LevelRow { level, summary };
                summaries_by_level(people, by, &each).map_err(bad)?.into_iter().map(row).collect()
            }
        };
        let Chance { mixing, reach, rows: by_chance } = self.chance(asked)?;
        Ok(Some(Statistics {
            next: if asked.times { self.next(asked) } else { Vec::new() },
            summary: if summarised { Some(summary(people, &options).map_err(bad)?) } else { None },
            levels,
            mixing,
            reach,
            by_chance,
        }))
    }

    fn comparison(&self) -> Result<Option<Comparison>> {
        let Some(text) = self.compare.as_deref() else { return Ok(None) };
        let parts = text.split_once('=').and_then(|(by, levels)| Some((by, levels.split_once(':')?)));
        match parts {
            Some((by, (first, second))) if !by.is_empty() && first != second => {
                Ok(Some(Comparison { by: by.into(), first: first.into(), second: second.into() }))
            }
            _ => {
                Err(BadInput::new(format!("--compare is {text}; permitted: TRAIT=A:B with two levels"))
                    .into())
            }
        }
    }

    fn standard(&self, people: &People) -> Result<StandardPopulation> {
        let Some(path) = self.standard.as_deref() else { return Ok(StandardPopulation::Pooled) };
        let traits: Vec<&str> = self.standardise.iter().map(String::as_str).collect();
        if path.as_os_str() == "esp2013" {
            return StandardPopulation::european_2013(people, &self.standardise).map_err(bad);
        }
        let unreadable = |error: String| BadInput::new(format!("{} can't be read: {error}", path.display()));
        let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers().map_err(|error| unreadable(error.to_string()))?.clone();
        let column = |name: &str| {
            header.iter().position(|known| known == name).ok_or_else(|| {
                let found = header.iter().collect::<Vec<_>>().join(", ");
                unreadable(format!("it has no column {name}, only {found}"))
            })
        };
        let places = traits.iter().map(|name| column(name)).collect::<std::result::Result<Vec<_>, _>>()?;
        let number = column("people")?;
        let mut rows = Vec::new();
        for (line, record) in reader.records().enumerate() {
            let record = record.map_err(|error| unreadable(error.to_string()))?;
            let text = record.get(number).unwrap_or_default();
            let people: f64 = text.parse().map_err(|_| {
                unreadable(format!("row {} has people {text}; permitted: a number from 0", line + 1))
            })?;
            let levels =
                places.iter().map(|place| record.get(*place).unwrap_or_default().to_owned()).collect();
            rows.push((levels, people));
        }
        StandardPopulation::given(&traits, rows).map_err(bad)
    }

    fn chance(&self, asked: &Asked<'_>) -> Result<Chance> {
        let Some(replicates) = self.null else { return Ok(Chance::default()) };
        let people = asked.people;
        let within =
            self.null_within.as_deref().map(|name| people.trait_named(name).map_err(bad)).transpose()?;
        let ids: Vec<ConditionId> = people.conditions().ids().collect();
        let names = |conditions: &[ConditionId]| -> Vec<String> {
            conditions.iter().map(|id| people.conditions().name(*id).to_owned()).collect()
        };
        let listed = |members: &[Node], people: f64| {
            people >= f64::from(self.least_people) && members.iter().all(|node| (*node as usize) < ids.len())
        };
        let identified = |members: &[Node]| -> Vec<ConditionId> {
            members.iter().map(|node| ids[*node as usize]).collect()
        };
        let mut sets: Vec<&(Vec<Node>, f64)> =
            asked.sets.iter().filter(|(set, people)| set.len() > 1 && listed(set, *people)).collect();
        sets.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let sets: Vec<Vec<ConditionId>> =
            sets.into_iter().take(self.most).map(|(set, _)| identified(set)).collect();
        if !sets.is_empty() {
            let trades = Trades { replicates, seed: self.seed, ..Trades::default() };
            let found = sets_by_chance(people, &sets, within, trades);
            let rows = found.sets.iter().map(|set| ChanceRow {
                conditions: names(&set.conditions),
                head: None,
                observed: set.observed as f64,
                expected: set.expected,
                standard_deviation: set.standard_deviation,
                ratio: set.ratio,
                z: set.z,
                p: set.p,
                p_fitted: Some(set.p_fitted),
                q: set.q,
                q_fitted: Some(set.q_fitted),
            });
            let rows = rows.collect();
            let reach = Reach {
                random_tables: found.replicates,
                smallest_p: found.smallest_p,
                families: found.families,
            };
            return Ok(Chance { mixing: Some(found.mixing), reach: Some(reach), rows });
        }
        let mut arcs: Vec<&(Vec<Node>, Node, f64)> = asked
            .arcs
            .iter()
            .filter(|(tail, head, people)| {
                !tail.contains(head) && listed(tail, *people) && listed(&[*head], *people)
            })
            .collect();
        arcs.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
        let arcs: Vec<(Vec<ConditionId>, ConditionId)> = arcs
            .into_iter()
            .take(self.most)
            .map(|(tail, head, _)| (identified(tail), ids[*head as usize]))
            .collect();
        let rows = order_by_chance(people, &arcs).into_iter().map(|arc| ChanceRow {
            conditions: names(&arc.tail),
            head: Some(people.conditions().name(arc.head).to_owned()),
            observed: arc.observed,
            expected: arc.expected,
            standard_deviation: arc.standard_deviation,
            ratio: arc.ratio,
            z: arc.z,
            p: arc.p,
            p_fitted: None,
            q: arc.q,
            q_fitted: None,
        });
        Ok(Chance { rows: rows.collect(), ..Chance::default() })
    }

    /// What came next after the tails that most people had.
    fn next(&self, asked: &Asked<'_>) -> Vec<NextRow> {
        let people = asked.people;
        let ids: Vec<ConditionId> = people.conditions().ids().collect();
        let mut tails: std::collections::BTreeMap<&[Node], f64> = std::collections::BTreeMap::new();
        for (tail, head, count) in &asked.arcs {
            if !tail.contains(head) && tail.iter().all(|node| (*node as usize) < ids.len()) {
                *tails.entry(tail).or_insert(0.0) += count;
            }
        }
        let mut tails: Vec<(&[Node], f64)> =
            tails.into_iter().filter(|(_, count)| *count >= f64::from(self.least_people)).collect();
        tails.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        tails.truncate(TAILS);
        tails
            .into_iter()
            .map(|(tail, _)| {
                let tail: Vec<ConditionId> = tail.iter().map(|node| ids[*node as usize]).collect();
                next_row(people, &next_after(people, &tail, None, self.interval))
            })
            .collect()
    }
}

fn next_row(people: &People, found: &NextAfter) -> NextRow {
    let name = |id: &ConditionId| people.conditions().name(*id).to_owned();
    let outcomes = found.outcomes.iter().map(|outcome| OutcomeRow {
        next: outcome.next.as_ref().map_or_else(|| "death".to_owned(), name),
        events: outcome.events,
        median_days: outcome.median_days,
        by: HORIZONS
            .iter()
            .filter_map(|days| outcome.at(*days).map(|point| (days, point)))
            .map(|(days, point)| ByRow {
                days: *days,
                incidence: point.incidence,
                low: point.low,
                high: point.high,
                naive: point.naive,
            })
            .collect(),
    });
    NextRow {
        tail: found.tail.iter().map(name).collect(),
        people: found.people,
        median_days: found.median_days,
        outcomes: outcomes.collect(),
    }
}
