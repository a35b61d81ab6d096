//! `twinloom hypergraph pairs`: the network of pairs of conditions.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use twinloom_hypergraph::network::{
    CommunityParams, Edge, Enrichment, EnrichmentParams, Network, NetworkParams, Pair, Pairs, PairsParams,
    Quality, Ratio,
};
use twinloom_hypergraph::read::ReadReport;
use twinloom_hypergraph::{FalseDiscovery, People};

use super::source::{self, SourceArguments, bad};
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_compact_json, print_text, table};

/// Rows of each table for people.
const SHOWN: usize = 15;

/// Arguments of `hypergraph pairs`.
#[derive(Debug, Args)]
pub(crate) struct PairsArguments {
    #[command(flatten)]
    source: SourceArguments,
    /// Traits whose levels make the strata, with commas between.
    #[arg(long, value_name = "TRAITS", value_delimiter = ',')]
    strata: Vec<String>,
    /// Leave conditions of fewer people out of every pair.
    #[arg(long, value_name = "N", default_value_t = 1)]
    least_each: u64,
    /// Fewest people with both conditions of an edge.
    #[arg(long, value_name = "N", default_value_t = 10)]
    least_together: u64,
    /// Adjusted p values of at most this make an edge, and a direction.
    #[arg(long, value_name = "P", default_value_t = 0.01)]
    alpha: f64,
    /// How p values are adjusted for the number of tests.
    #[arg(long, value_enum, default_value_t = ProcedureWord::Bh)]
    procedure: ProcedureWord,
    /// Keep only edges with a direction, and follow it along paths.
    #[arg(long)]
    directed: bool,
    /// What communities have more of than chance.
    #[arg(long, value_enum, default_value_t = QualityWord::Modularity)]
    communities: QualityWord,
    /// How fine communities are; more makes smaller ones.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    resolution: f64,
    /// Runs of the search for communities, each on random numbers of its own.
    #[arg(long, value_name = "N", default_value_t = 20)]
    runs: u32,
    /// Traits tested for enrichment, with commas between; the traits of the strata without it.
    #[arg(long, value_name = "TRAITS", value_delimiter = ',')]
    enrich: Option<Vec<String>>,
    /// Permutations drawn to check the p values of enrichment with.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    permutations: u32,
    /// Also write the network as GraphML.
    #[arg(long, value_name = "FILE")]
    graphml: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProcedureWord {
    /// Benjamini and Hochberg.
    Bh,
    /// Benjamini and Yekutieli, under any dependence.
    By,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum QualityWord {
    /// Modularity.
    Modularity,
    /// The constant Potts model.
    Cpm,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<ReadReport>,
    params: Params<'a>,
    people: u64,
    people_without_stratum: u64,
    strata: &'a [twinloom_hypergraph::network::Stratum],
    pairs: Vec<Row<'a>>,
    network: &'a Network,
    enrichment: &'a [Enrichment],
}

#[derive(Serialize)]
struct Params<'a> {
    pairs: &'a PairsParams,
    network: &'a NetworkParams,
    enrichment: &'a EnrichmentParams,
}

#[derive(Serialize)]
struct Row<'a> {
    conditions: [&'a str; 2],
    #[serde(flatten)]
    pair: &'a Pair,
}

/// Runs `hypergraph pairs`.
pub(crate) fn run(context: &Context, arguments: &PairsArguments) -> Result<ExitCode> {
    let (people, read) = source::people(context, &arguments.source)?;
    let seed = context.common.seed;
    let pairs_params = arguments.pairs_params();
    let network_params = arguments.network_params(seed);
    let enrichment_params = arguments.enrichment_params(seed);
    let pairs = pairs_params.measure(&people).map_err(bad)?;
    let network = network_params.join(&pairs).map_err(bad)?;
    let enrichment = enrichment_params.test(&people, &network.groups(&pairs)).map_err(bad)?;
    if let Some(path) = &arguments.graphml {
        std::fs::write(path, network.graphml())
            .map_err(|error| BadInput::new(format!("{} can't be written: {error}", path.display())))?;
    }
    if context.common.json {
        let name =
            |pair: &Pair| [pair.first, pair.second].map(|condition| &*pairs.conditions[condition.index()]);
        print_compact_json(&Document {
            read,
            params: Params { pairs: &pairs_params, network: &network_params, enrichment: &enrichment_params },
            people: pairs.people,
            people_without_stratum: pairs.people_without_stratum,
            strata: &pairs.strata,
            pairs: pairs.pairs.iter().map(|pair| Row { conditions: name(pair), pair }).collect(),
            network: &network,
            enrichment: &enrichment,
        });
    } else {
        print_text(&describe(&people, &pairs, &network, &enrichment));
    }
    Ok(ExitCode::SUCCESS)
}

impl PairsArguments {
    fn procedure(&self) -> FalseDiscovery {
        match self.procedure {
            ProcedureWord::Bh => FalseDiscovery::BenjaminiHochberg,
            ProcedureWord::By => FalseDiscovery::BenjaminiYekutieli,
        }
    }

    fn pairs_params(&self) -> PairsParams {
        PairsParams {
            strata: self.strata.clone(),
            fewest_people: self.least_each,
            procedure: self.procedure(),
        }
    }

    fn network_params(&self, seed: u64) -> NetworkParams {
        NetworkParams {
            alpha: self.alpha,
            fewest_together: self.least_together,
            directed: self.directed,
            communities: CommunityParams {
                quality: match self.communities {
                    QualityWord::Modularity => Quality::Modularity,
                    QualityWord::Cpm => Quality::ConstantPotts,
                },
                resolution: self.resolution,
                runs: self.runs,
                seed,
            },
        }
    }

    fn enrichment_params(&self, seed: u64) -> EnrichmentParams {
        EnrichmentParams {
            traits: self.enrich.clone().unwrap_or_else(|| self.strata.clone()),
            permutations: self.permutations,
            seed,
            procedure: self.procedure(),
        }
    }
}

fn describe(people: &People, pairs: &Pairs, network: &Network, enrichment: &[Enrichment]) -> String {
    let mut text = format!(
        "{} people in {} strata, {} conditions, {} pairs, {} edges.",
        grouped(pairs.people),
        grouped(pairs.strata.len() as u64),
        grouped(people.conditions().len() as u64),
        grouped(pairs.pairs.len() as u64),
        grouped(network.edges.len() as u64),
    );
    if pairs.people_without_stratum > 0 {
        let left_out = grouped(pairs.people_without_stratum);
        say(&mut text, format_args!("\n{left_out} people left out, because a trait of theirs is not known."));
    }
    say(&mut text, format_args!("\n\n{}", table(&edge_rows(network))));
    if !network.edges.is_empty() {
        say(&mut text, format_args!("\n\n{}", table(&node_rows(network))));
        say(&mut text, format_args!("\n\n{}", table(&community_rows(network))));
    }
    if let Some(agreement) = network.communities.agreement.filter(|_| !network.edges.is_empty()) {
        say(
            &mut text,
            format_args!("\nThe runs agree with the best to {agreement:.3} (adjusted Rand index)."),
        );
    }
    if !enrichment.is_empty() {
        say(&mut text, format_args!("\n\n{}", table(&enrichment_rows(enrichment))));
    }
    text
}

fn edge_rows(network: &Network) -> Vec<Vec<String>> {
    let mut edges: Vec<&Edge> = network.edges.iter().collect();
    edges.sort_by(|one, other| one.length.total_cmp(&other.length));
    let header = ["nearest conditions", "people", "odds ratio", "95 %", "q", "median days"];
    let rows = edges.into_iter().take(SHOWN).map(|edge| {
        let (from, to) = edge.arc().unwrap_or((edge.first, edge.second));
        let join = if edge.direction.is_some() { "->" } else { "-" };
        vec![
            format!("{} {join} {}", network.nodes[from].condition, network.nodes[to].condition),
            grouped(edge.together),
            edge.odds_ratio.estimate.map_or_else(|| "unbounded".to_owned(), |ratio| format!("{ratio:.2}")),
            interval(&edge.odds_ratio),
            p_value(Some(edge.q)),
            edge.days.map_or_else(|| "-".to_owned(), |days| format!("{:.0}", days.median)),
        ]
    });
    headed(&header, rows)
}

fn node_rows(network: &Network) -> Vec<Vec<String>> {
    let mut nodes: Vec<_> = network.nodes.iter().collect();
    nodes.sort_by(|one, other| {
        other.betweenness.total_cmp(&one.betweenness).then(other.strength.total_cmp(&one.strength))
    });
    let header = ["most between", "people", "edges", "earlier", "later", "betweenness", "closeness"];
    let rows = nodes.into_iter().take(SHOWN).map(|node| {
        vec![
            node.condition.to_string(),
            grouped(node.people),
            node.degree.to_string(),
            node.from_earlier.to_string(),
            node.to_later.to_string(),
            format!("{:.4}", node.betweenness),
            format!("{:.4}", node.closeness),
        ]
    });
    headed(&header, rows)
}

fn community_rows(network: &Network) -> Vec<Vec<String>> {
    let communities = network.communities.communities.iter().enumerate();
    let rows = communities.filter(|(_, community)| community.nodes.len() > 1).take(SHOWN).map(
        |(number, community)| {
            let names: Vec<&str> =
                community.nodes.iter().map(|node| &*network.nodes[*node].condition).collect();
            vec![
                (number + 1).to_string(),
                community.stability.map_or_else(|| "-".to_owned(), |stability| format!("{stability:.2}")),
                names.join(", "),
            ]
        },
    );
    headed(&["community", "stability", "conditions"], rows)
}

fn enrichment_rows(enrichment: &[Enrichment]) -> Vec<Vec<String>> {
    let mut tested: Vec<&Enrichment> = enrichment.iter().filter(|row| row.z.is_some()).collect();
    tested.sort_by(|one, other| {
        let far = |row: &Enrichment| row.z.map_or(0.0, f64::abs);
        far(other).total_cmp(&far(one))
    });
    let rows = tested.into_iter().take(SHOWN).map(|row| {
        vec![
            row.group.to_string(),
            format!("{} {}", row.of_trait, row.level),
            grouped(row.observed),
            format!("{:.1}", row.expected),
            row.z.map_or_else(|| "-".to_owned(), |z| format!("{z:+.1}")),
            p_value(row.q),
        ]
    });
    headed(&["more or fewer than chance", "level", "people", "expected", "z", "q"], rows)
}

fn headed(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    std::iter::once(header.iter().map(|&name| name.to_owned()).collect()).chain(rows).collect()
}

fn interval(ratio: &Ratio) -> String {
    ratio.interval.map_or_else(
        || "-".to_owned(),
        |limits| match limits.upper {
            Some(upper) => format!("{:.2} to {upper:.2}", limits.lower),
            None => format!("from {:.2}", limits.lower),
        },
    )
}

fn p_value(p: Option<f64>) -> String {
    match p {
        None => "-".to_owned(),
        Some(p) if p < 1e-4 => format!("{p:.0e}"),
        Some(p) => format!("{p:.4}"),
    }
}

fn say(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("a string takes any text");
}
