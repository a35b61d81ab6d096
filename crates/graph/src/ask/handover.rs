//! Those between whom patients are handed over, and through whom most handovers run.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::answer::{Answer, Cell, Happenings, Table};
use super::interval::days;
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question};
use super::walk::Contact;
use crate::{EdgeType, NodeId, NodeLabel, Property};

pub(super) const QUESTION: Question = Question {
    name: "handover-hubs",
    asks: "Through which practitioners do most handovers of patients run?",
    parameters: &[
        Parameter {
            name: "between",
            meaning: "what is handed over between; services are the codes of encounters; `first-named` is the first of these that the record names more than one of",
            range: Range::Choice(&["first-named", "practitioners", "organisations", "services"]),
            default: Some("first-named"),
        },
        Parameter {
            name: "gap-days",
            meaning: "days between two encounters of a patient within which the second takes over from the first",
            range: Range::Whole(0, 36_500),
            default: Some("365"),
        },
        Parameter {
            name: "top",
            meaning: "how many are shown",
            range: Range::Whole(1, 100_000),
            default: Some("20"),
        },
    ],
    method: "Each patient's encounters by start, then id; an arc from all who took part in one to all who took part in the next, themselves left out, if the gap from the first's end to the second's start is at most `gap-days`. Betweenness of the directed graph, unweighted, exact (Brandes 2001), divided by (n - 1)(n - 2).",
    limits: "Who takes part is who the encounter names. An arc counts once however often it is used; the counts of handovers stand beside it.",
    takes_interactions: false,
    answer,
};

/// Sources in one parallel piece: fixed, so that sums are the same for any number of threads.
const PIECE: usize = 64;

#[derive(Default)]
struct Vertex {
    patients: BTreeSet<NodeId>,
    received: Happenings,
    given: Happenings,
}

#[expect(clippy::unnecessary_wraps, reason = "every question has the same signature")]
fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let told = asked.arguments.word("between");
    let between = if told == FIRST_NAMED { first_named(asked) } else { told };
    let gap = asked.arguments.whole("gap-days") as f64;
    let mut vertices: BTreeMap<NodeId, Vertex> = BTreeMap::new();
    let mut arcs: BTreeSet<(NodeId, NodeId)> = BTreeSet::new();
    let mut handovers = Happenings::default();
    for life in &asked.lives {
        let mut contacts: Vec<(_, &Contact)> =
            life.contacts.iter().filter_map(|contact| Some((contact.start?, contact))).collect();
        contacts.sort_by_cached_key(|(start, contact)| (*start, asked.walk.id(contact.node)));
        let present: Vec<BTreeSet<NodeId>> =
            contacts.iter().map(|(_, contact)| participants(asked, contact, between)).collect();
        for vertex in present.iter().flatten() {
            vertices.entry(*vertex).or_default().patients.insert(life.patient);
        }
        for (place, pair) in contacts.windows(2).enumerate() {
            let left = pair[0].1.end.unwrap_or(pair[0].0);
            if days(left, pair[1].0).max(0.0) > gap {
                continue;
            }
            for giver in &present[place] {
                for taker in present[place + 1].iter().filter(|taker| *taker != giver) {
                    handovers.add(life.patient);
                    arcs.insert((*giver, *taker));
                    vertices.entry(*giver).or_default().given.add(life.patient);
                    vertices.entry(*taker).or_default().received.add(life.patient);
                }
            }
        }
    }
    let nodes: Vec<NodeId> = vertices.keys().copied().collect();
    let place = |node: &NodeId| nodes.binary_search(node).expect("every end of an arc is a vertex");
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (giver, taker) in &arcs {
        out[place(giver)].push(place(taker));
    }
    let centrality = betweenness(&out);
    let mut rows: Vec<(i64, std::cmp::Reverse<u64>, String, usize)> = vertices
        .values()
        .enumerate()
        .map(|(index, vertex)| {
            let rank = -(centrality[index] * 1e12).round() as i64;
            (
                rank,
                std::cmp::Reverse(vertex.given.count + vertex.received.count),
                asked.walk.id(nodes[index]),
                index,
            )
        })
        .collect();
    rows.sort_unstable();
    rows.truncate(asked.arguments.whole("top") as usize);
    let mut table = Table::new(
        "hubs",
        &["id", "name", "patients", "handovers_received", "handovers_given", "betweenness"],
    )
    .found();
    for (_, _, id, index) in rows {
        let vertex = &vertices[&nodes[index]];
        let name = asked
            .walk
            .words(nodes[index], Property::Name)
            .or_else(|| asked.walk.words(nodes[index], Property::Display));
        table.push(vec![
            Cell::text(id),
            Cell::text(name.unwrap_or_default()),
            Cell::Count(vertex.patients.len() as u64),
            vertex.received.cell(),
            vertex.given.cell(),
            Cell::Number(centrality[index]),
        ]);
    }
    let mut size = Table::new("graph", &["vertices", "arcs", "handovers"]);
    size.push(vec![Cell::Tally(nodes.len() as u64), Cell::Tally(arcs.len() as u64), handovers.cell()]);
    let mut answer = asked.answer();
    if told != between {
        answer.notes.push(format!(
            "handovers are between {between}, the first of {} that the encounters of this record name more than one of",
            KINDS.join(", ")
        ));
    }
    if nodes.is_empty() {
        answer.notes.push(format!("no encounter of this record names {between}; try another `between`"));
    }
    answer.tables = vec![table, size];
    Ok(answer)
}

/// The default: the first of the kinds that tells anything.
const FIRST_NAMED: &str = "first-named";

/// What may be handed over between, from the narrowest sense to the widest.
const KINDS: [&str; 3] = ["practitioners", "organisations", "services"];

/// The first kind that encounters name more than one of, else the last.
fn first_named(asked: &Asked<'_>) -> &'static str {
    let several = |kind: &&str| {
        let mut all = asked.lives.iter().flat_map(|life| &life.contacts).filter(|own| own.start.is_some());
        let mut named = BTreeSet::new();
        all.any(|contact| {
            named.extend(participants(asked, contact, kind));
            named.len() > 1
        })
    };
    KINDS.into_iter().find(several).unwrap_or(KINDS[KINDS.len() - 1])
}

/// Who or what took part in an encounter.
fn participants(asked: &Asked<'_>, contact: &Contact, between: &str) -> BTreeSet<NodeId> {
    let label = match between {
        "practitioners" => ["Practitioner", "PractitionerRole"].as_slice(),
        "organisations" => &["Organization"],
        _ => return contact.concepts.first().copied().into_iter().collect(),
    };
    let graph = asked.walk.graph;
    let named = |node: NodeId| matches!(graph.table(node).map(crate::NodeTable::label), Some(NodeLabel::Entity(kind)) if label.contains(&&**kind));
    let coded_as = EdgeType::coded_as();
    let edges = graph.edges_from(contact.node, asked.walk.as_of).filter(|edge| *edge.edge_type != coded_as);
    edges.map(|edge| edge.target).filter(|node| named(*node)).collect()
}

/// Betweenness of every vertex of a directed graph without weights, by Brandes' accumulation.
///
/// # Source
/// Brandes U. A faster algorithm for betweenness centrality. J Math Sociol 2001;25:163-77.
fn betweenness(out: &[Vec<usize>]) -> Vec<f64> {
    let n = out.len();
    let sources: Vec<usize> = (0..n).collect();
    let pieces: Vec<Vec<f64>> = sources
        .par_chunks(PIECE)
        .map(|piece| {
            let mut sum = vec![0.0; n];
            for source in piece {
                accumulate(out, *source, &mut sum);
            }
            sum
        })
        .collect();
    let scale = if n > 2 { 1.0 / ((n - 1) as f64 * (n - 2) as f64) } else { 0.0 };
    let mut total = vec![0.0; n];
    for piece in pieces {
        for (own, part) in total.iter_mut().zip(piece) {
            *own += part;
        }
    }
    for own in &mut total {
        *own *= scale;
    }
    total
}

/// Adds every vertex's dependency of the shortest paths from one source.
fn accumulate(out: &[Vec<usize>], source: usize, sum: &mut [f64]) {
    let n = out.len();
    let (mut distance, mut paths) = (vec![usize::MAX; n], vec![0.0_f64; n]);
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut order = vec![source];
    (distance[source], paths[source]) = (0, 1.0);
    let mut next = 0;
    while let Some(vertex) = order.get(next).copied() {
        next += 1;
        for &near in &out[vertex] {
            if distance[near] == usize::MAX {
                distance[near] = distance[vertex] + 1;
                order.push(near);
            }
            if distance[near] == distance[vertex] + 1 {
                paths[near] += paths[vertex];
                before[near].push(vertex);
            }
        }
    }
    let mut dependency = vec![0.0; n];
    for vertex in order.into_iter().rev() {
        for &earlier in &before[vertex] {
            dependency[earlier] += paths[earlier] / paths[vertex] * (1.0 + dependency[vertex]);
        }
        if vertex != source {
            sum[vertex] += dependency[vertex];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_betweenness_of_small_graphs() {
        // networkx 3: betweenness_centrality of the directed path 0-1-2-3 and of a diamond 0-{1,2}-3.
        let path = betweenness(&[vec![1], vec![2], vec![3], vec![]]);
        assert_eq!(path, [0.0, 2.0 / 6.0, 2.0 / 6.0, 0.0]);
        let diamond = betweenness(&[vec![1, 2], vec![3], vec![3], vec![]]);
        assert_eq!(diamond, [0.0, 0.5 / 6.0, 0.5 / 6.0, 0.0]);
        assert_eq!(betweenness(&[]), Vec::<f64>::new());
        assert_eq!(betweenness(&[vec![1], vec![]]), [0.0, 0.0]);
    }
}
