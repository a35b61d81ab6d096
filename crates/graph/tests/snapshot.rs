//! The graph as of a time and the difference between two graphs.

#![expect(clippy::unwrap_used, reason = "a test may fail on what it made itself")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use twinloom_event::{
    Code, Cohort, Dataset, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId, SubjectId,
    Timestamp,
};
use twinloom_graph::{EdgeType, Property, PropertyGraph};

fn day(day: i64) -> Timestamp {
    Timestamp::from_micros(day * MICROSECONDS_PER_DAY).unwrap()
}

/// Records in which every artefact is known whole: encounters are stated once and before what happens
/// in them, each event is an artefact of its own.
fn whole_artefacts() -> impl Strategy<Value = Vec<Event>> {
    let event = (0_i64..3, 0_i64..40, 0_i64..20, 0_usize..3, prop::option::of(0_usize..3), any::<bool>());
    prop::collection::vec(event, 0..40).prop_map(|drawn| {
        let codes = ["SNOMED//1", "ICD10//E11.9", "ATC//A10BA02"].map(|code| Code::parse(code).unwrap());
        let kinds = [EventKind::Condition, EventKind::Observation, EventKind::Medication];
        let mut encounters: BTreeMap<(i64, usize), (i64, i64)> = BTreeMap::new();
        for (subject, time, delay, _, encounter, _) in &drawn {
            if let Some(encounter) = encounter {
                let (start, known) =
                    encounters.entry((*subject, *encounter)).or_insert((*time, time + delay));
                (*start, *known) = ((*start).min(*time), (*known).min(time + delay));
            }
        }
        let mut events: Vec<Event> = encounters
            .iter()
            .map(|((subject, encounter), (start, known))| {
                let id = format!("Encounter/{subject}-{encounter}");
                Event::new(SubjectId::new(*subject), Some(day(*start)), codes[0].clone())
                    .with_kind(EventKind::Encounter)
                    .with_record_id(RecordId::new(id.as_str()).unwrap())
                    .with_encounter_id(EncounterId::new(id).unwrap())
                    .with_end_time(day(start + 5))
                    .unwrap()
                    .with_recorded_time(day(*known))
            })
            .collect();
        for (place, (subject, time, delay, kind, encounter, ends)) in drawn.into_iter().enumerate() {
            let mut event =
                Event::new(SubjectId::new(subject), Some(day(time)), codes[(place + kind) % 3].clone())
                    .with_kind(kinds[kind])
                    .with_record_id(RecordId::new(format!("Thing/{place}")).unwrap())
                    .with_recorded_time(day(time + delay));
            if let Some(encounter) = encounter {
                let id = format!("Encounter/{subject}-{encounter}");
                event = event.with_encounter_id(EncounterId::new(id).unwrap());
            }
            if ends {
                event = event.with_end_time(day(time + 7)).unwrap();
            }
            events.push(event);
        }
        events
    })
}

/// All that a graph says, by names: nodes with their properties, edges with what they carry. Ends later
/// than `at` are left out.
fn said(graph: &PropertyGraph, at: Option<Timestamp>) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let name = |node| {
        let id = graph.property(node, Property::Id).map(|id| id.to_string()).unwrap_or_default();
        format!("{}:{id}", graph.table(node).unwrap().label().name())
    };
    for table in graph.node_tables() {
        for node in table.nodes() {
            let mut line = name(node);
            for property in Property::ALL {
                let value = graph.property(node, property);
                let is_ahead = property == Property::End
                    && value.and_then(twinloom_graph::PropertyValue::as_time) > at
                    && at.is_some();
                if let Some(value) = value.filter(|_| !is_ahead) {
                    line = format!("{line} {}={value}", property.as_str());
                }
            }
            said.insert(line);
        }
    }
    for table in graph.edge_tables() {
        for edge in table.edges() {
            let gap = *edge.edge_type == EdgeType::next();
            let carried = edge.property.filter(|_| !gap);
            let line = format!(
                "{} {} {} {:?} {carried:?}",
                name(edge.source),
                edge.edge_type,
                name(edge.target),
                edge.known
            );
            assert!(said.insert(line.clone()), "{line} twice");
        }
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_a_snapshot_is_the_graph_of_what_was_known(events in whole_artefacts(), at in 0_i64..70) {
        let at = day(at);
        let of = |events: Vec<Event>| {
            let cohort = Cohort::from_events(events).unwrap();
            PropertyGraph::build(&Dataset { cohort, ..Dataset::default() }).unwrap()
        };
        let known: Vec<Event> =
            events.iter().filter(|event| event.known_time().is_none_or(|known| known <= at)).cloned().collect();
        let (whole, expected) = (of(events), of(known));
        let snapshot = whole.as_of(at);
        let graph = snapshot.to_graph();
        prop_assert_eq!(said(&graph, None), said(&expected, Some(at)));
        prop_assert_eq!(graph.node_count(), snapshot.node_count());
        prop_assert_eq!(graph.edge_count(), snapshot.edge_count());
        prop_assert_eq!(graph.statistics().edges_by_type, snapshot.edges_by_type());
        let outgoing: usize = whole
            .node_tables()
            .iter()
            .flat_map(twinloom_graph::NodeTable::nodes)
            .map(|node| snapshot.edges_from(node).count())
            .sum();
        prop_assert_eq!(outgoing, snapshot.edge_count());
        // The materialised graph must satisfy all that the store checks.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph");
        graph.write(&path).unwrap();
        prop_assert_eq!(PropertyGraph::read(&path).unwrap().fingerprint(), graph.fingerprint());
    }

    #[test]
    fn law_nothing_known_later_is_shown(record in support::any_record(), at in 0_i64..90) {
        let whole = PropertyGraph::build(&record).unwrap();
        let at = day(at);
        let graph = whole.as_of(at).to_graph();
        for table in graph.node_tables() {
            for node in table.nodes() {
                prop_assert!(graph.known(node).is_none_or(|known| known <= at));
                let end = graph.property(node, Property::End).and_then(twinloom_graph::PropertyValue::as_time);
                prop_assert!(end.is_none_or(|end| end <= at));
            }
        }
        for edge in graph.edge_tables().iter().flat_map(twinloom_graph::EdgeTable::edges) {
            prop_assert!(edge.known.is_none_or(|known| known <= at), "{:?}", edge);
        }
    }

    #[test]
    fn law_a_difference_leads_from_one_graph_to_the_other(
        one in support::any_record(),
        other in support::any_record()
    ) {
        let before = PropertyGraph::build(&one).unwrap();
        let after = PropertyGraph::build(&other).unwrap();
        prop_assert!(before.diff(&before, 5).is_empty());
        let diff = before.diff(&after, usize::MAX);
        prop_assert_eq!(diff.is_empty(), before.statistics().edges_by_type == after.statistics().edges_by_type
            && said(&before, None) == said(&after, None));
        let back = after.diff(&before, usize::MAX);
        for (label, changes) in &diff.nodes {
            let mut ids = ids(&before, label);
            for id in &changes.removed_ids {
                prop_assert!(ids.remove(id), "{id} was not there");
            }
            for id in &changes.added_ids {
                prop_assert!(ids.insert(id.clone()), "{id} was there");
            }
            prop_assert_eq!(ids, self::ids(&after, label));
            prop_assert_eq!((changes.added, changes.removed), (back.nodes[label].removed, back.nodes[label].added));
            prop_assert_eq!(changes.changed, back.nodes[label].changed);
        }
        for (edge_type, changes) in &diff.edges {
            let mut ends = ends(&before, edge_type);
            for pair in &changes.removed_ends {
                *ends.entry(pair.clone()).or_default() -= 1;
            }
            for pair in &changes.added_ends {
                *ends.entry(pair.clone()).or_default() += 1;
            }
            ends.retain(|_, count| *count != 0);
            prop_assert_eq!(ends, self::ends(&after, edge_type));
        }
    }
}

#[test]
fn regress_a_snapshot_by_hand() {
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    let snapshot = graph.as_of(Timestamp::from_ymd(2020, 1, 10).unwrap());
    let edges: Vec<(String, u64)> = snapshot.edges_by_type().into_iter().collect();
    let expected = [("CODED_AS", 4), ("CONTAINS", 3), ("HAD_ENCOUNTER", 1), ("HAS_EVENT", 3), ("PART_OF", 2)];
    assert_eq!(edges, expected.map(|(name, count)| (name.to_owned(), count)));
    assert!(!snapshot.contains(graph.find("Condition/htn").unwrap()));
    assert!(!snapshot.contains(graph.find("ICD10//I10").unwrap()));
    assert!(snapshot.contains(graph.patient(SubjectId::new(2)).unwrap()), "sex is known at all times");
    let diff = snapshot.to_graph().diff(&graph, 1);
    assert_eq!((diff.nodes["Condition"].added, diff.nodes["Encounter"].added), (1, 1));
    assert_eq!(diff.nodes["Condition"].added_ids, ["Condition/htn"]);
    assert_eq!(
        diff.edges["REASON"].added_ends,
        [("Encounter:Encounter/e2".into(), "Condition:Condition/htn".into())]
    );
    assert!(diff.nodes.values().all(|changes| changes.removed == 0));
}

fn ids(graph: &PropertyGraph, label: &str) -> BTreeSet<String> {
    graph
        .node_tables()
        .iter()
        .filter(|table| table.label().name() == label)
        .flat_map(twinloom_graph::NodeTable::nodes)
        .map(|node| graph.property(node, Property::Id).unwrap().to_string())
        .collect()
}

fn ends(graph: &PropertyGraph, edge_type: &str) -> BTreeMap<(String, String), i64> {
    let mut ends: BTreeMap<(String, String), i64> = BTreeMap::new();
    let name = |node| {
        let id = graph.property(node, Property::Id).unwrap();
        format!("{}:{id}", graph.table(node).unwrap().label().name())
    };
    for table in graph.edge_tables().iter().filter(|table| table.edge_type().as_str() == edge_type) {
        for edge in table.edges() {
            *ends.entry((name(edge.source), name(edge.target))).or_default() += 1;
        }
    }
    ends
}
