//! `twinloom hypergraph directed`: progression as a directed B-hypergraph.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use twinloom_hypergraph::directed::{
    Direction, Model, Options, PageRank, Progression, Structure, correct_for_terminals,
};
use twinloom_hypergraph::read::ReadReport;
use twinloom_hypergraph::statistics::SummaryOptions;
use twinloom_hypergraph::{Histories, HistoryOptions, People};

use super::source::{self, HistoryArguments, SetArguments, SourceArguments, WeightsWord, bad};
use super::statistics::{Asked, Statistics, StatisticsArguments, ToldArcs};
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_compact_json, print_text, table};

/// Rows of each table for people.
const SHOWN: usize = 10;

/// Arguments of `hypergraph directed`.
#[derive(Debug, Args)]
pub(crate) struct DirectedArguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    history: HistoryArguments,
    #[command(flatten)]
    sets: SetArguments,
    /// Which steps a history is taken apart into.
    #[arg(long, value_enum, default_value_t = ProgressionWord::Aggregate)]
    progression: ProgressionWord,
    /// How long each step took, and what came next after the most frequent conditions, death competing.
    #[arg(long, conflicts_with = "suppress")]
    times: bool,
    #[command(flatten)]
    statistics: StatisticsArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum ProgressionWord {
    /// All conditions so far lead to the next.
    Aggregate,
    /// Every ordered sub-sequence.
    Power,
    /// Every ordered pair: a directed graph.
    Simple,
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
    people_with_long_ties: f64,
    progression: ProgressionWord,
    weights: WeightsWord,
    nodes: Vec<NodeRow<'a>>,
    sets: Vec<SetRow<'a>>,
    arcs: Vec<ArcRow<'a>>,
    successor: Walk<'a>,
    predecessor: Walk<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics>,
}

#[derive(Serialize)]
struct NodeRow<'a> {
    name: &'a str,
    terminal: bool,
    people: f64,
    tail_count: f64,
    head_count: f64,
    tail_weight: f64,
    head_weight: f64,
    tail_degree: f64,
    head_degree: f64,
}

#[derive(Serialize)]
struct SetRow<'a> {
    members: Vec<&'a str>,
    count: f64,
    weight: f64,
}

#[derive(Serialize)]
struct ArcRow<'a> {
    tail: Vec<&'a str>,
    head: &'a str,
    count: f64,
    weight: f64,
}

#[derive(Serialize)]
struct Walk<'a> {
    transitions: Vec<Transition<'a>>,
    page_rank: Vec<f64>,
    residual: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_rank_without_terminals: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_rank_corrected: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct Transition<'a> {
    from: &'a str,
    to: &'a str,
    probability: f64,
}

/// A hypergraph with numbers, and the walks on it.
struct Found {
    histories: Histories,
    structure: Structure,
    model: Model,
    ranks: [Ranks; 2],
}

struct Ranks {
    direction: Direction,
    found: PageRank,
    without: Option<PageRank>,
}

/// Runs `hypergraph directed`.
pub(crate) fn run(context: &Context, arguments: &DirectedArguments) -> Result<ExitCode> {
    let (people, read) = source::people(context, &arguments.source)?;
    if let Some(rule) = arguments.statistics.rule()? {
        if !matches!(arguments.progression, ProgressionWord::Aggregate)
            || arguments.history.terminal.is_some()
        {
            let message = "--suppress is for --progression aggregate without --terminal";
            return Err(BadInput::new(message).into());
        }
        if arguments.statistics.level_trait(&people)?.is_some() {
            let message = "--suppress of directed knows no levels; permitted: no --strata";
            return Err(BadInput::new(message).into());
        }
        let told = ToldArcs::of(&people, rule);
        if context.common.json {
            print_compact_json(&told);
        } else {
            print_text(&told.describe());
        }
        return Ok(ExitCode::SUCCESS);
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

fn statistics(people: &People, found: &Found, arguments: &DirectedArguments) -> Result<Option<Statistics>> {
    let Found { structure, model, .. } = found;
    let arcs = structure.arcs().iter().zip(&model.arc_counts);
    let options = SummaryOptions {
        histories: arguments.history.options(people)?,
        undirected: None,
        directed: Some((
            enumeration(arguments),
            arguments.sets.weights.unwrap_or(WeightsWord::Complete).into(),
        )),
        ..SummaryOptions::default()
    };
    let asked = Asked {
        people,
        options,
        sets: Vec::new(),
        arcs: arcs.map(|(arc, count)| (structure.tail(*arc).collect(), arc.head, *count)).collect(),
        times: arguments.times,
    };
    arguments.statistics.find(&asked)
}

fn enumeration(arguments: &DirectedArguments) -> Options {
    Options {
        progression: match arguments.progression {
            ProgressionWord::Aggregate => Progression::Aggregate,
            ProgressionWord::Power => Progression::Power,
            ProgressionWord::Simple => Progression::Simple,
        },
        limits: arguments.sets.limits(),
    }
}

fn model(people: &People, arguments: &DirectedArguments) -> Result<Found> {
    let options = arguments.history.options(people)?;
    let (histories, structure, model) = evaluate(people, &options, arguments)?;
    let without = if options.terminal.is_some() {
        let options = HistoryOptions { without_ends: true, ..options };
        Some(evaluate(people, &options, arguments)?)
    } else {
        None
    };
    let ranks = [Direction::Successor, Direction::Predecessor].map(|direction| Ranks {
        direction,
        found: structure.page_rank(&model, direction),
        without: without.as_ref().map(|(_, structure, model)| structure.page_rank(model, direction)),
    });
    Ok(Found { histories, structure, model, ranks })
}

fn evaluate(
    people: &People,
    options: &HistoryOptions,
    arguments: &DirectedArguments,
) -> Result<(Histories, Structure, Model)> {
    let histories = Histories::of(people, options).map_err(bad)?;
    let options = enumeration(arguments);
    let structure = Structure::of(&histories, &options).map_err(bad)?;
    let weights = arguments.sets.weights.unwrap_or(WeightsWord::Complete);
    let mut model = structure.evaluate(histories.mass(), weights.into())?;
    let find = |members: &[u32]| structure.find_set(members);
    let computed = std::mem::take(&mut model.set_weights);
    let adjusted = arguments.sets.adjusted(&histories, find, &model.set_counts, computed)?;
    structure.reweigh(&mut model, adjusted);
    Ok((histories, structure, model))
}

fn document<'a>(
    people: &People,
    read: Option<ReadReport>,
    found: &'a Found,
    arguments: &DirectedArguments,
) -> Result<Document<'a>> {
    let Found { histories, structure, model, .. } = found;
    let names = histories.names();
    let name = |node: u32| &*names[node as usize];
    let members: Vec<&[u32]> = structure.sets().collect();
    let least = f64::from(arguments.sets.min_people);
    let mut sets: Vec<usize> = (0..members.len())
        .filter(|set| model.set_counts[*set] > 0.0 && model.set_counts[*set] >= least)
        .collect();
    source::order(&mut sets, &members);
    let mut place_of = vec![usize::MAX; members.len()];
    for (place, set) in sets.iter().enumerate() {
        place_of[*set] = place;
    }
    let is_self = |arc: usize| arc < structure.nodes();
    let is_terminal = |node: u32| histories.terminals().contains(&node);
    let mut arcs: Vec<usize> = (0..structure.arcs().len())
        .filter(|arc| {
            is_self(*arc) && !is_terminal(*arc as u32)
                || model.arc_counts[*arc] > 0.0 && place_of[structure.arcs()[*arc].set as usize] != usize::MAX
        })
        .collect();
    arcs.sort_by_key(|arc| {
        let known = structure.arcs()[*arc];
        (!is_self(*arc), if is_self(*arc) { 0 } else { place_of[known.set as usize] }, known.head)
    });
    let mass = histories.mass();
    Ok(Document {
        read,
        people: people.len(),
        people_without_order: histories.without_order(),
        conditions_after_terminal: histories.after_terminal(),
        largest_size: structure.largest_size(),
        people_with_larger_sets: structure.truncated(mass)?,
        people_with_long_ties: structure.with_long_ties(mass)?,
        progression: arguments.progression,
        weights: arguments.sets.weights.unwrap_or(WeightsWord::Complete),
        nodes: (0..structure.nodes())
            .map(|node| NodeRow {
                name: name(node as u32),
                terminal: is_terminal(node as u32),
                people: model.with_node[node],
                tail_count: model.tail_counts[node],
                head_count: model.head_counts[node],
                tail_weight: model.tail_node_weights[node],
                head_weight: model.head_node_weights[node],
                tail_degree: model.tail_degrees[node],
                head_degree: model.head_degrees[node],
            })
            .collect(),
        sets: sets
            .iter()
            .map(|set| SetRow {
                members: members[*set].iter().map(|node| name(*node)).collect(),
                count: model.set_counts[*set],
                weight: model.set_weights[*set],
            })
            .collect(),
        arcs: arcs
            .iter()
            .map(|arc| ArcRow {
                tail: structure.tail(structure.arcs()[*arc]).map(name).collect(),
                head: name(structure.arcs()[*arc].head),
                count: model.arc_counts[*arc],
                weight: model.arc_weights[*arc],
            })
            .collect(),
        successor: walk(found, &found.ranks[0]),
        predecessor: walk(found, &found.ranks[1]),
        statistics: None,
    })
}

fn walk<'a>(found: &'a Found, ranks: &Ranks) -> Walk<'a> {
    let names = found.histories.names();
    let rows = found.structure.transitions(&found.model, ranks.direction);
    let transitions = rows.iter().enumerate().flat_map(|(from, row)| {
        row.iter().map(move |(to, probability)| Transition {
            from: &names[from],
            to: &names[*to],
            probability: *probability,
        })
    });
    let corrected = ranks.without.as_ref().map(|without| correct_for_terminals(&ranks.found, without));
    Walk {
        transitions: transitions.collect(),
        page_rank: ranks.found.probabilities.clone(),
        residual: ranks.found.residual,
        page_rank_without_terminals: ranks.without.as_ref().map(|without| without.probabilities.clone()),
        page_rank_corrected: corrected.map(|corrected| corrected.probabilities),
    }
}

fn describe(people: &People, found: &Found) -> Result<String> {
    let Found { histories, structure, model, ranks } = found;
    let names = histories.names();
    let mass = histories.mass();
    let mut lines = vec![format!(
        "{} people, {} conditions; {} sets and {} steps observed.",
        grouped(people.len() as u64),
        grouped(people.conditions().len() as u64),
        grouped(model.set_counts.iter().filter(|count| **count > 0.0).count() as u64),
        grouped(model.arc_counts.iter().filter(|count| **count > 0.0).count() as u64),
    )];
    let left_out = [
        (
            histories.without_order() as f64,
            "people are in no progression: a condition has no date".to_owned(),
        ),
        (
            structure.truncated(mass)?,
            format!(
                "people have sets of more than {} left out; weights compare with those of the same limit only",
                structure.largest_size().unwrap_or_default()
            ),
        ),
        (
            histories.after_terminal() as f64,
            "conditions are dated after their person's end and left out".to_owned(),
        ),
        (
            structure.with_long_ties(mass)?,
            "people began more on one day than all orders are counted of".into(),
        ),
    ];
    for (count, what) in left_out.iter().filter(|(count, _)| *count > 0.0) {
        lines.push(format!("{} {what}.", grouped(*count as u64)));
    }
    let mut rows = vec![["step", "people", "weight"].map(str::to_owned).to_vec()];
    for place in source::top(&model.arc_weights, SHOWN) {
        let arc = structure.arcs()[place];
        let tail: Vec<&str> = structure.tail(arc).map(|node| &*names[node as usize]).collect();
        rows.push(vec![
            format!("{} → {}", tail.join(", "), names[arc.head as usize]),
            format!("{:.1}", model.arc_counts[place]),
            format!("{:.4}", model.arc_weights[place]),
        ]);
    }
    lines.push(format!("\n{}", table(&rows)));
    let mut rows =
        vec![["condition", "people", "as what follows", "as what came before"].map(str::to_owned).to_vec()];
    let rank = |place: usize| match &ranks[place].without {
        Some(without) => correct_for_terminals(&ranks[place].found, without).probabilities,
        None => ranks[place].found.probabilities.clone(),
    };
    let (successor, predecessor) = (rank(0), rank(1));
    for node in source::top(&successor, SHOWN) {
        rows.push(vec![
            names[node].to_string(),
            grouped(model.with_node[node] as u64),
            format!("{:.4}", successor[node]),
            format!("{:.4}", predecessor[node]),
        ]);
    }
    lines.push(format!("\n{}", table(&rows)));
    Ok(lines.join("\n"))
}
