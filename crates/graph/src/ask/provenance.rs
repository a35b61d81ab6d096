//! Which artefact of the input states each edge, and where that stands.

use std::collections::BTreeMap;

use super::answer::{Answer, Cell, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question};
use crate::{Basis, Edge, NodeId};

pub(super) const QUESTION: Question = Question {
    name: "provenance",
    asks: "From which resource and line of the input does every edge come?",
    parameters: &[Parameter {
        name: "of",
        meaning: "a patient whose edges are listed one by one; without one only sums are",
        range: Range::PatientOrNone,
        default: None,
    }],
    method: "Every edge's lineage: the artefact that states it with its file, line and entry in a Bundle; the two encounters that a NEXT edge lies between; or the terminology. A patient's edges are those of the patient, of their encounters and of their events.",
    limits: "Lines are those of newline-delimited files and of archives' members as the import kept them; a table's rows have none where the import keeps none.",
    takes_interactions: false,
    answer,
};

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let graph = asked.walk.graph;
    let visible =
        |edge: &Edge<'_>| asked.walk.as_of.is_none_or(|as_of| edge.known.is_none_or(|known| known <= as_of));
    let mut table = Table::new(
        "edges",
        &["edge_type", "basis", "edges", "with_resource", "with_file", "with_line_or_entry"],
    );
    for edges in graph.edge_tables() {
        let mut counts: BTreeMap<Basis, [u64; 4]> = BTreeMap::new();
        for edge in edges.edges().filter(visible) {
            let lineage = graph.lineage(&edge);
            let count = counts.entry(lineage.basis).or_default();
            count[0] += 1;
            count[1] += u64::from(!lineage.origins.is_empty());
            count[2] += u64::from(lineage.origins.iter().any(|origin| origin.file.is_some()));
            count[3] += u64::from(
                lineage.origins.iter().any(|origin| origin.line.is_some() || origin.entry.is_some()),
            );
        }
        for (basis, [all, resource, file, line]) in counts {
            table.push(vec![
                Cell::text(edges.edge_type().as_str()),
                Cell::text(named(basis)),
                Cell::Tally(all),
                Cell::Tally(resource),
                Cell::Tally(file),
                Cell::Tally(line),
            ]);
        }
    }
    let mut answer = asked.answer();
    answer.tables = vec![table];
    if let Some(id) = asked.arguments.word_if_told("of") {
        let patient = asked.walk.patient(id).ok_or(AskError::NoSuchPatient { name: "of" })?;
        let life = asked.walk.life(patient);
        let mut nodes: Vec<NodeId> = vec![patient];
        nodes.extend(life.contacts.iter().map(|contact| contact.node));
        nodes.extend(life.facts.iter().map(|fact| fact.node));
        let mut cases =
            Table::new("cases", &["edge_type", "from", "to", "basis", "resource", "file", "line", "entry"])
                .of_persons();
        for edge in nodes.into_iter().flat_map(|node| graph.edges_from(node, asked.walk.as_of)) {
            push(asked, &mut cases, &edge);
        }
        answer.tables.push(cases);
    }
    Ok(answer)
}

/// A row for each artefact behind an edge, one without if there is none.
fn push(asked: &Asked<'_>, cases: &mut Table, edge: &Edge<'_>) {
    let lineage = asked.walk.graph.lineage(edge);
    let number = |number: Option<u64>| number.map_or(Cell::Empty, Cell::Tally);
    let head = || {
        vec![
            Cell::text(edge.edge_type.as_str()),
            Cell::text(asked.walk.id(edge.source)),
            Cell::text(asked.walk.id(edge.target)),
            Cell::text(named(lineage.basis)),
        ]
    };
    for origin in &lineage.origins {
        let mut row = head();
        let file = origin.file.map_or(Cell::Empty, Cell::text);
        row.extend([Cell::text(origin.record), file, number(origin.line), number(origin.entry)]);
        cases.push(row);
    }
    if lineage.origins.is_empty() {
        let mut row = head();
        row.extend([const { Cell::Empty }; 4]);
        cases.push(row);
    }
}

fn named(basis: Basis) -> &'static str {
    match basis {
        Basis::Stated => "stated",
        Basis::Sequence => "sequence",
        Basis::Terminology => "terminology",
    }
}
