//! Times one measure of the library on a file, without reading the file: the peers' bench calls it.
//!
//!     cargo run --release -p twinloom-hypergraph --example time_measures -- MEASURE FILE
//!
//! MEASURE is clique, h, s-betweenness (with s = 2; FILE holds hyperedges as lists), undirected or directed
//! (FILE is CSV with person, condition and ISO date). Prints one JSON document: repeats, wall seconds and CPU
//! seconds of one call, and what was found, by name.

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use twinloom_hypergraph::incidence::{
    Hypergraph, LineGraph, Side, clique_eigenvector, h_eigenvector, read_list,
};
use twinloom_hypergraph::{Histories, HistoryOptions, Onset, People, Weighting, directed, undirected};

/// How long to repeat.
const LONG_ENOUGH: Duration = Duration::from_millis(600);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (measure, path) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let bytes = std::fs::read(path)?;
    let document = match measure.as_str() {
        "clique" | "h" | "s-betweenness" => {
            let hypergraph = read_list(&bytes)?;
            timed(|| of_hypergraph(&measure, &hypergraph))
        }
        "undirected" | "directed" => {
            let people = people(&bytes)?;
            timed(|| of_people(&measure, &people))
        }
        _ => return Err("MEASURE is clique, h, s-betweenness, undirected or directed".into()),
    };
    #[expect(clippy::print_stdout, reason = "an example's output")]
    {
        println!("{document}");
    }
    Ok(())
}

fn of_hypergraph(measure: &str, hypergraph: &Hypergraph) -> Vec<(String, f64)> {
    let by_node = |values: Vec<f64>| {
        hypergraph.nodes().iter().map(|node| node.id.to_string()).zip(values).collect::<Vec<_>>()
    };
    match measure {
        "clique" => by_node(clique_eigenvector(hypergraph).map(|found| found.values).unwrap_or_default()),
        "h" => by_node(h_eigenvector(hypergraph).map(|found| found.values).unwrap_or_default()),
        _ => {
            let two = NonZeroU32::MIN.saturating_add(1);
            let found = LineGraph::of(hypergraph, Side::Edges, two).path_centralities();
            found.betweenness.into_iter().enumerate().map(|(edge, value)| (edge.to_string(), value)).collect()
        }
    }
}

fn of_people(measure: &str, people: &People) -> Vec<(String, f64)> {
    let Ok(histories) = Histories::of(people, &HistoryOptions::default()) else {
        return Vec::new();
    };
    let name = |set: &[u32]| {
        let mut names: Vec<&str> = set.iter().map(|node| &*histories.names()[*node as usize]).collect();
        names.sort_unstable();
        names.join("+")
    };
    if measure == "undirected" {
        let Ok(structure) = undirected::Structure::of(&histories, &undirected::Options::default()) else {
            return Vec::new();
        };
        let Ok(model) = structure.evaluate(histories.mass(), Weighting::Overlap) else {
            return Vec::new();
        };
        let sets: Vec<&[u32]> = structure.sets().collect();
        structure.edges(&model).map(|set| (name(sets[set]), model.set_weights[set])).collect()
    } else {
        let Ok(structure) = directed::Structure::of(&histories, &directed::Options::default()) else {
            return Vec::new();
        };
        let Ok(model) = structure.evaluate(histories.mass(), Weighting::Complete) else {
            return Vec::new();
        };
        structure.sets().map(name).zip(model.set_weights.iter().copied()).collect()
    }
}

/// Calls until long enough; names are made within, which costs us a little.
fn timed(mut call: impl FnMut() -> Vec<(String, f64)>) -> Value {
    let found: BTreeMap<String, f64> = call().into_iter().collect();
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let mut walls = Vec::new();
    while began.elapsed() < LONG_ENOUGH || walls.len() < 3 {
        let start = Instant::now();
        std::hint::black_box(call());
        walls.push(start.elapsed().as_secs_f64());
    }
    let cpu = (cpu_seconds() - cpu) / walls.len() as f64;
    walls.sort_by(f64::total_cmp);
    json!({ "repeats": walls.len(), "wall_s": walls[walls.len() / 2], "cpu_s": cpu, "found": found })
}

/// CPU seconds of all threads so far, from the kernel's scheduler; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return 0.0;
    };
    let nanoseconds = |path: std::path::PathBuf| -> Option<f64> {
        std::fs::read_to_string(path.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.flatten().filter_map(|thread| nanoseconds(thread.path())).sum::<f64>() / 1e9
}

fn people(bytes: &[u8]) -> Result<People, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows: Vec<(String, String, String)> = reader.deserialize().collect::<Result<_, _>>()?;
    let mut days: Vec<&str> = rows.iter().map(|(_, _, date)| &**date).collect();
    days.sort_unstable();
    days.dedup();
    let mut builder = People::builder();
    let mut of_person: BTreeMap<&str, Vec<Onset>> = BTreeMap::new();
    for (person, condition, date) in &rows {
        let onsets = of_person.entry(person).or_default();
        if !condition.is_empty() {
            let day = days.partition_point(|known| *known < &**date) as i32;
            onsets.push(Onset::on(builder.condition(condition), day));
        }
    }
    for onsets in of_person.values() {
        builder.person(onsets, None);
    }
    Ok(builder.build())
}
