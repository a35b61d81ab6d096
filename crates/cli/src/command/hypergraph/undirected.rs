//! `twinloom hypergraph undirected`: which conditions go together.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use twinloom_hypergraph::read::ReadReport;
use twinloom_hypergraph::statistics::{DisclosureRule, SummaryOptions};
use twinloom_hypergraph::undirected::{Centrality, Contribution, Model, Normalisation, Options, Structure};
use twinloom_hypergraph::{Eigen, Histories, Limits, People};

use super::source::{self, HistoryArguments, SetArguments, SourceArguments, WeightsWord, bad};
use super::statistics::{Asked, Statistics, StatisticsArguments, ToldSets};
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_compact_json, print_text, table};

/// Rows of each table for people.
const SHOWN: usize = 10;

/// Conditions up to which the number of their sets is a number that can be divided by.
const MOST_ELEMENTS: usize = 1000;

/// Arguments of `hypergraph undirected`.
#[derive(Debug, Args)]
pub(crate) struct UndirectedArguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    history: HistoryArguments,
    #[command(flatten)]
    sets: SetArguments,
    /// Which sets a person counts towards.
    #[arg(long, value_enum, default_value_t = ContributionWord::Power)]
    contribution: ContributionWord,
    /// Whether a single condition is a hyperedge; by default not for `--contribution power`.
    #[arg(long, value_name = "BOOL")]
    singles: Option<bool>,
    /// Let all conditions that there are be a hyperedge together, which Rafferty's package never does.
    #[arg(long)]
    full_set: bool,
    /// Weights of conditions instead of prevalences: CSV, a condition and a weight.
    #[arg(long, value_name = "FILE")]
    node_weights: Option<PathBuf>,
    /// How long an eigenvector is.
    #[arg(long, value_enum, default_value_t = NormalisationWord::Unit)]
    normalisation: NormalisationWord,
    #[command(flatten)]
    statistics: StatisticsArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum ContributionWord {
    /// Every subset of a person's conditions.
    Power,
    /// All of them together.
    Exclusive,
    /// The sets that the history passed through.
    Progression,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum NormalisationWord {
    /// 1.
    Unit,
    /// By the number of elements there could be, as Rafferty's package does.
    Elements,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<ReadReport>,
    people: usize,
    people_without_order: u64,
    conditions_after_terminal: u64,
    /// The largest set enumerated, where larger ones there are.
    largest_size: Option<usize>,
    people_with_larger_sets: f64,
    contribution: ContributionWord,
    weights: WeightsWord,
    normalisation: NormalisationWord,
    nodes: Vec<NodeRow<'a>>,
    sets: Vec<SetRow<'a>>,
    centrality: Centralities,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics>,
}

#[derive(Serialize)]
struct NodeRow<'a> {
    name: &'a str,
    people: f64,
    weight: f64,
    degree: f64,
}

#[derive(Serialize)]
struct SetRow<'a> {
    members: Vec<&'a str>,
    count: f64,
    weight: f64,
    degree: f64,
}

/// Vectors in the order of the nodes, of the sets, or of nodes then sets.
#[derive(Serialize)]
struct Centralities {
    standard: Eigen,
    standard_weighted: Eigen,
    dual: Eigen,
    dual_weighted: Eigen,
    bipartite: Eigen,
}

/// A hypergraph with numbers.
struct Found {
    histories: Histories,
    structure: Structure,
    model: Model,
    weights: WeightsWord,
}

/// Runs `hypergraph undirected`.
pub(crate) fn run(context: &Context, arguments: &UndirectedArguments) -> Result<ExitCode> {
    let (people, read) = source::people(context, &arguments.source)?;
    if let Some(rule) = arguments.statistics.rule()? {
        return tell(context, &people, arguments, rule);
    }
    let found = model(&people, arguments)?;
    let statistics = statistics(&people, &found, arguments)?;
    if context.common.json {
        print_compact_json(&Document { statistics, ..document(&people, read, &found, arguments)? });
    } else {
        let described = statistics.map(|statistics| format!("\n\n{}", statistics.describe()));
        print_text(&(describe(&people, &found)? + &described.unwrap_or_default()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what may be told: counts of people with at least each set, and weights made of those alone.
fn tell(
    context: &Context,
    people: &People,
    arguments: &UndirectedArguments,
    rule: DisclosureRule,
) -> Result<ExitCode> {
    if !matches!(arguments.contribution, ContributionWord::Power) {
        let message =
            "--suppress is for --contribution power: only counts of people with at least a set are kept";
        return Err(BadInput::new(message).into());
    }
    // Weights from outside name sets, and whether somebody has one would be told by their being taken.
    if arguments.node_weights.is_some() {
        return Err(
            BadInput::new("--suppress tells weights of counts told; permitted: no --node-weights").into()
        );
    }
    let found = model(people, arguments)?;
    let sets: Vec<Vec<u32>> = found.structure.sets().map(<[u32]>::to_vec).collect();
    let told = ToldSets::of(people, &sets, arguments.statistics.level_trait(people)?, rule);
    if context.common.json {
        print_compact_json(&told);
    } else {
        print_text(&told.describe());
    }
    Ok(ExitCode::SUCCESS)
}

fn statistics(people: &People, found: &Found, arguments: &UndirectedArguments) -> Result<Option<Statistics>> {
    let counted = found.structure.sets().zip(&found.model.set_counts);
    let sets = counted
        .filter(|(set, _)| set.len() <= arguments.sets.statistics_limits().max_size.unwrap_or(usize::MAX))
        .map(|(set, count)| (set.to_vec(), *count));
    let options = SummaryOptions {
        histories: arguments.history.options(people)?,
        undirected: Some((enumeration(arguments, arguments.sets.statistics_limits()), found.weights.into())),
        directed: None,
        ..SummaryOptions::default()
    };
    let asked = Asked { people, options, sets: sets.collect(), arcs: Vec::new(), times: false };
    arguments.statistics.find(&asked)
}

fn enumeration(arguments: &UndirectedArguments, limits: Limits) -> Options {
    let contribution = match arguments.contribution {
        ContributionWord::Power => Contribution::Power,
        ContributionWord::Exclusive => Contribution::Exclusive,
        ContributionWord::Progression => Contribution::Progression,
    };
    Options { contribution, singles: arguments.singles, full_set: arguments.full_set, limits }
}

fn model(people: &People, arguments: &UndirectedArguments) -> Result<Found> {
    let histories = Histories::of(people, &arguments.history.options(people)?).map_err(bad)?;
    let options = enumeration(arguments, arguments.sets.limits());
    if matches!(arguments.normalisation, NormalisationWord::Elements)
        && histories.names().len() > MOST_ELEMENTS
    {
        let message = format!(
            "--normalisation elements divides by the square root of 2^{}; permitted: at most {MOST_ELEMENTS} \
             conditions",
            histories.names().len()
        );
        return Err(BadInput::new(message).into());
    }
    let structure = Structure::of(&histories, &options).map_err(bad)?;
    let weights = arguments.sets.weights.unwrap_or(WeightsWord::Overlap);
    let mut model = structure.evaluate(histories.mass(), weights.into())?;
    let find = |members: &[u32]| structure.find_set(members);
    let computed = std::mem::take(&mut model.set_weights);
    model.set_weights = arguments.sets.adjusted(&histories, find, &model.set_counts, computed)?;
    for (members, weight) in source::outside_weights(arguments.node_weights.as_deref(), &histories)? {
        let [node] = members[..] else {
            return Err(BadInput::new("a node weight is of several conditions; permitted: one").into());
        };
        model.node_weights[node as usize] = weight;
    }
    Ok(Found { histories, structure, model, weights })
}

fn document<'a>(
    people: &People,
    read: Option<ReadReport>,
    found: &'a Found,
    arguments: &UndirectedArguments,
) -> Result<Document<'a>> {
    let Found { histories, structure, model, weights } = found;
    let names = histories.names();
    let members: Vec<&[u32]> = structure.sets().collect();
    let edges: Vec<usize> = structure.edges(model).collect();
    let mut sets = edges.clone();
    source::order(&mut sets, &members);
    let mut place_of = vec![usize::MAX; members.len()];
    for (place, edge) in edges.iter().enumerate() {
        place_of[*edge] = place;
    }
    let edge_degrees = structure.edge_degrees(model);
    let node_degrees = structure.node_degrees(model);
    let normalisation = match arguments.normalisation {
        NormalisationWord::Unit => Normalisation::Unit,
        NormalisationWord::Elements => Normalisation::Elements,
    };
    let eigen = |which| structure.centrality(model, which, normalisation);
    // Sets are listed by size, not as they were found.
    let relisted = |mut eigen: Eigen, nodes: usize| {
        let of_sets = eigen.vector.split_off(nodes);
        eigen.vector.extend(sets.iter().map(|set| of_sets[place_of[*set]]));
        eigen
    };
    Ok(Document {
        read,
        people: people.len(),
        people_without_order: histories.without_order(),
        conditions_after_terminal: histories.after_terminal(),
        largest_size: structure.largest_size(),
        people_with_larger_sets: structure.truncated(histories.mass())?,
        contribution: arguments.contribution,
        weights: *weights,
        normalisation: arguments.normalisation,
        nodes: (0..structure.nodes())
            .map(|node| NodeRow {
                name: &names[node],
                people: model.with_node[node],
                weight: model.node_weights[node],
                degree: node_degrees[node],
            })
            .collect(),
        sets: sets
            .iter()
            .map(|set| SetRow {
                members: members[*set].iter().map(|node| &*names[*node as usize]).collect(),
                count: model.set_counts[*set],
                weight: model.set_weights[*set],
                degree: edge_degrees[place_of[*set]],
            })
            .collect(),
        centrality: Centralities {
            standard: eigen(Centrality::Standard),
            standard_weighted: eigen(Centrality::StandardWeighted),
            dual: relisted(eigen(Centrality::Dual), 0),
            dual_weighted: relisted(eigen(Centrality::DualWeighted), 0),
            bipartite: relisted(eigen(Centrality::Bipartite), structure.nodes()),
        },
        statistics: None,
    })
}

fn describe(people: &People, found: &Found) -> Result<String> {
    let Found { histories, structure, model, .. } = found;
    let names = histories.names();
    let edges: Vec<usize> = structure.edges(model).collect();
    let mut lines = vec![format!(
        "{} people, {} conditions, {} hyperedges.",
        grouped(people.len() as u64),
        grouped(people.conditions().len() as u64),
        grouped(edges.len() as u64),
    )];
    let truncated = structure.truncated(histories.mass())?;
    if truncated > 0.0 {
        lines.push(format!(
            "{} people have sets of more than {} left out; weights compare with those of the same limit only.",
            grouped(truncated as u64),
            structure.largest_size().unwrap_or_default()
        ));
    }
    if edges.is_empty() && people.conditions().len() == 2 {
        lines.push("Of two conditions both together are a hyperedge with --full-set only.".to_owned());
    }
    if histories.after_terminal() > 0 {
        let after = grouped(histories.after_terminal());
        lines.push(format!("{after} conditions are dated after their person's end and left out."));
    }
    let members: Vec<&[u32]> = structure.sets().collect();
    let mut rows = vec![["conditions", "people", "weight"].map(str::to_owned).to_vec()];
    let edge_weights: Vec<f64> = edges.iter().map(|edge| model.set_weights[*edge]).collect();
    for place in source::top(&edge_weights, SHOWN) {
        let set = edges[place];
        let all: Vec<&str> = members[set].iter().map(|node| &*names[*node as usize]).collect();
        rows.push(vec![
            all.join(", "),
            format!("{:.1}", model.set_counts[set]),
            format!("{:.4}", model.set_weights[set]),
        ]);
    }
    lines.push(format!("\n{}", table(&rows)));
    let eigen = structure.centrality(model, Centrality::StandardWeighted, Normalisation::Unit);
    let mut rows = vec![["condition", "people", "prevalence", "centrality"].map(str::to_owned).to_vec()];
    for node in source::top(&eigen.vector, SHOWN) {
        rows.push(vec![
            names[node].to_string(),
            grouped(model.with_node[node] as u64),
            format!("{:.4}", model.node_weights[node]),
            format!("{:.4}", eigen.vector[node]),
        ]);
    }
    lines.push(format!("\n{}", table(&rows)));
    if eigen.parts > 1 {
        lines.push(format!(
            "\nThe hypergraph has {} unconnected parts; the centrality is that of the strongest.",
            eigen.parts
        ));
    }
    Ok(lines.join("\n"))
}
