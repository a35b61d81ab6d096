//! The graph of small records: its structure, its times, its file, its database.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use twinloom_event::{Artefact, RecordId, SubjectId, Timestamp};
use twinloom_graph::{
    Basis, Database, DatabaseError, EdgeType, GRAPH_FILE, NodeLabel, Origin, Property, PropertyGraph,
    PropertyValue, QueryLanguage, StoreError, StoreFault, Surroundings,
};

#[test]
fn regress_a_small_record_by_hand() {
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    let statistics = graph.statistics();
    let nodes: Vec<(&str, u64)> =
        statistics.nodes_by_label.iter().map(|(label, count)| (label.as_str(), *count)).collect();
    assert_eq!(
        nodes,
        [
            ("Concept", 9),
            ("Condition", 1),
            ("Encounter", 2),
            ("Observation", 4),
            ("Organization", 1),
            ("Patient", 2)
        ]
    );
    let edges: Vec<(&str, u64)> =
        statistics.edges_by_type.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(
        edges,
        [
            ("ANSWERED", 1),
            ("CODED_AS", 8),
            ("CONTAINS", 4),
            ("HAD_ENCOUNTER", 2),
            ("HAS_EVENT", 5),
            ("IS_A", 1),
            ("NEXT", 1),
            ("PART_OF", 2),
            ("REASON", 1),
            ("SERVICE_PROVIDER", 1),
        ]
    );
    assert_eq!(statistics.unresolved.get("performer"), Some(&1));
    assert_eq!(statistics.folded.get("subject"), Some(&1));
    assert_eq!(statistics.patient_facts, 4);
    assert_eq!(statistics.first_time.as_deref(), Some("2020-01-02T09:00:00"));

    let patient = graph.patient(SubjectId::new(1)).unwrap();
    assert_eq!(graph.property(patient, Property::Sex), Some(PropertyValue::Text("female")));
    assert_eq!(graph.property(patient, Property::BirthYear), Some(PropertyValue::Integer(1950)));
    assert_eq!(graph.property(patient, Property::ImdDecile), Some(PropertyValue::Integer(3)));
    let next = graph.edge_tables().iter().find(|table| *table.edge_type() == EdgeType::next()).unwrap();
    assert_eq!(next.edges().next().unwrap().property, Some(PropertyValue::Float(30.0)));
    let systolic = graph.find("Observation/bp#1").unwrap();
    assert_eq!(graph.caption(systolic), "Systolic 150 mm[Hg]");
    let schema = graph.schema_edges();
    assert_eq!(schema.iter().map(|edge| edge.count).sum::<u64>(), statistics.edges);
    assert!(schema.iter().any(|edge| (edge.from.as_str(), edge.edge_type.as_str(), edge.to.as_str())
        == ("Encounter", "REASON", "Condition")));
}

#[test]
fn regress_the_neighbourhood_is_small_and_honest_about_time() {
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    let patient = graph.patient(SubjectId::new(1)).unwrap();
    let all = graph.neighbourhood(patient, 2, 50, None);
    assert_eq!(all.nodes[0].label, "Patient");
    assert!(all.nodes.iter().any(|node| node.label == "Condition"));
    assert!(all.edges.iter().all(|edge| edge.edge_type != "HAS_EVENT" || edge.from == 0));
    let few = graph.neighbourhood(patient, 2, 3, None);
    assert_eq!(few.nodes.len(), 3);
    assert!(few.left_out > 0);
    let before = graph.neighbourhood(patient, 3, 50, Some(Timestamp::from_ymd(2019, 1, 1).unwrap()));
    assert_eq!(before.nodes.len(), 1);
    let early = graph.neighbourhood(patient, 3, 50, Some(Timestamp::from_ymd(2020, 1, 10).unwrap()));
    assert!(early.nodes.iter().filter_map(|node| node.time.as_deref()).all(|time| time < "2020-01-10"));
    // What the full picture says was known by then is what the picture as of then shows.
    let until = Some(Timestamp::from_ymd(2020, 1, 10).unwrap());
    let known_by = |known: Option<Timestamp>| known.is_none_or(|known| Some(known) <= until);
    assert!(early.edges.iter().all(|edge| known_by(edge.known)));
    assert!(
        all.edges.iter().any(|edge| !known_by(edge.known))
            && all.nodes.iter().any(|node| !node.facts.is_empty())
    );
}

#[test]
fn regress_lineage_by_hand() {
    let record = support::small_record();
    let place = |id: &str, line, entry| Artefact {
        record_id: RecordId::new(id).unwrap(),
        file: "bundle.json".into(),
        line,
        entry,
    };
    let artefacts = [place("Condition/htn", 40, 3), place("Encounter/e2", 0, 0), place("Patient/p1", 2, 1)];
    let graph = PropertyGraph::build_within(
        &record,
        &Surroundings { artefacts: &artefacts, ..Surroundings::default() },
    )
    .unwrap();
    let lineage = |edge_type: EdgeType, source: &str| {
        let table = graph.edge_tables().iter().find(|table| *table.edge_type() == edge_type).unwrap();
        let source = graph.find(source).unwrap();
        let edge = table.edges().find(|edge| edge.source == source).unwrap();
        graph.lineage(&edge)
    };
    let coded = lineage(EdgeType::coded_as(), "Condition/htn");
    let condition =
        Origin { record: "Condition/htn", file: Some("bundle.json"), line: Some(40), entry: Some(3) };
    assert_eq!((coded.basis, coded.origins), (Basis::Stated, vec![condition]));
    assert_eq!(lineage(EdgeType::contains(), "Encounter/e2").origins, [condition]);
    let systolic = lineage(EdgeType::coded_as(), "Observation/bp#1").origins;
    assert_eq!(systolic, [Origin { record: "Observation/bp", file: None, line: None, entry: None }]);
    let next = lineage(EdgeType::next(), "Encounter/e1");
    let records: Vec<&str> = next.origins.iter().map(|origin| origin.record).collect();
    assert_eq!((next.basis, records), (Basis::Sequence, vec!["Encounter/e1", "Encounter/e2"]));
    let is_a = lineage(EdgeType::is_a(), "ICD10//I10");
    assert_eq!((is_a.basis, is_a.origins), (Basis::Terminology, vec![]));
    let patient = graph.patient(SubjectId::new(1)).unwrap();
    assert_eq!(
        graph.origin(patient).map(|origin| (origin.record, origin.line)),
        Some(("Patient/p1", Some(2)))
    );
    assert_eq!(graph.origin(graph.find("Organization/o1").unwrap()).unwrap().record, "Organization/o1");
}

#[test]
fn regress_an_empty_dataset_is_an_empty_graph() {
    let folder = tempfile::tempdir().unwrap();
    let graph = PropertyGraph::build(&twinloom_event::Dataset::default()).unwrap();
    assert_eq!((graph.node_count(), graph.edge_count()), (0, 0));
    assert!(graph.statistics().coded_percent.abs() < f64::EPSILON);
    let fingerprint = graph.write(&folder.path().join(GRAPH_FILE)).unwrap();
    assert_eq!(PropertyGraph::read(&folder.path().join(GRAPH_FILE)).unwrap().fingerprint(), fingerprint);
    let database = Database::open_or_build(folder.path()).unwrap();
    let answer = database.query("MATCH (p:Patient) RETURN count(p)", QueryLanguage::Cypher).unwrap();
    assert_eq!(answer.rows, [[0]]);
}

#[test]
fn regress_damaged_files_are_named_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(GRAPH_FILE);
    assert!(matches!(PropertyGraph::read(&path), Err(StoreError::Io { .. })));
    PropertyGraph::build(&support::small_record()).unwrap().write(&path).unwrap();
    let good = std::fs::read(&path).unwrap();
    let fault = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        match PropertyGraph::read(&path) {
            Err(StoreError::Fault { fault, .. }) => fault,
            other => panic!("expected a fault, got {other:?}"),
        }
    };
    assert!(matches!(fault(&good[..30]), StoreFault::Truncated { bytes: 30, .. }));
    assert!(matches!(fault(&good[..good.len() - 1]), StoreFault::Truncated { .. }));
    assert_eq!(fault(&[b"PAR1", &good[4..]].concat()), StoreFault::Magic);
    let mut changed = good.clone();
    changed[8] = 9;
    assert_eq!(fault(&changed), StoreFault::Version { version: 9 });
    changed.clone_from(&good);
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(fault(&changed), StoreFault::Checksum);
}

#[test]
fn regress_the_database_answers_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    graph.write(&folder.path().join(GRAPH_FILE)).unwrap();
    let database = Database::open_or_build(folder.path()).unwrap();
    let ask = |text, language| database.query(text, language).unwrap().rows;
    for language in [QueryLanguage::Cypher, QueryLanguage::Gql] {
        assert_eq!(ask("MATCH (p:Patient) RETURN count(p)", language), [[2]]);
        assert_eq!(
            ask(
                "MATCH (e:Event:Condition)-[r:CODED_AS]->(c:Concept) WHERE r.rank = 0 RETURN c.id, c.display",
                language
            ),
            [["ICD10//I10", "Hypertension"]]
        );
        assert_eq!(
            ask("MATCH (:Encounter)-[n:NEXT]->(e:Encounter) RETURN n.gap_days, e.start", language),
            [[serde_json::json!(30.0), "2020-02-01T10:00:00".into()]]
        );
        assert_eq!(
            ask(
                "MATCH (o:Observation)-[:PART_OF]->(:Observation) WHERE o.value > 100 RETURN o.value, o.unit",
                language
            ),
            [[serde_json::json!(150.0), "mm[Hg]".into()]]
        );
        assert_eq!(
            ask("MATCH (o:Event) WHERE o.time >= datetime('2020-02-01T00:00:00') RETURN count(o)", language),
            [[1]]
        );
    }
    let labels = ask("MATCH (n) RETURN labels(n), count(*)", QueryLanguage::Gql);
    assert!(labels.is_sorted_by_key(|row| row[0].to_string()), "{labels:?}");
    let node = ask("MATCH (p:Patient {subject_id: 1}) RETURN p", QueryLanguage::Cypher);
    assert!(node[0][0].to_string().contains("female"), "{node:?}");
    for language in [QueryLanguage::Cypher, QueryLanguage::Gql] {
        match database.query("MATCH (p:Patient)\nRETURN count(p", language) {
            Err(DatabaseError::Query { line: Some(line), column: Some(column), .. }) => {
                assert!(line == 2 && column > 7, "{line}:{column}");
            }
            other => panic!("expected a query error, got {other:?}"),
        }
        assert!(database.query("CREATE (n:Patient) RETURN n", language).is_err());
    }
}

#[test]
fn regress_the_database_follows_the_stored_graph() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(GRAPH_FILE);
    let count = || {
        let database = Database::open_or_build(folder.path()).unwrap();
        database.query("MATCH (n) RETURN count(n)", QueryLanguage::Cypher).unwrap().rows[0][0].clone()
    };
    assert!(matches!(Database::open_or_build(folder.path()), Err(DatabaseError::Store(_))));
    let bytes = || std::fs::read(folder.path().join("grafeo/database.grafeo")).unwrap();
    let mut record = support::small_record();
    let graph = PropertyGraph::build(&record).unwrap();
    let first = graph.write(&path).unwrap();
    assert_eq!(count(), graph.node_count());
    assert!(Database::is_fresh(folder.path(), first));
    let once = bytes();
    std::fs::remove_dir_all(folder.path().join("grafeo")).unwrap();
    assert_eq!(count(), graph.node_count());
    assert!(once == bytes(), "the same graph gave another database file");
    std::fs::write(folder.path().join("grafeo/database.grafeo"), b"damaged").unwrap();
    assert_eq!(count(), graph.node_count());
    record.entities.clear();
    let second = PropertyGraph::build(&record).unwrap().write(&path).unwrap();
    assert!(!Database::is_fresh(folder.path(), second));
    assert_eq!(count(), graph.node_count() - 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_every_edge_has_both_directions(record in support::any_record()) {
        let graph = PropertyGraph::build(&record).unwrap();
        let mut forward = Vec::new();
        let mut backward = Vec::new();
        for table in graph.node_tables() {
            for node in table.nodes() {
                prop_assert_eq!(graph.table(node).unwrap().label(), table.label());
                let key = |edge: twinloom_graph::Edge<'_>| (edge.source, edge.target, edge.edge_type.clone(), edge.known);
                forward.extend(graph.edges_from(node, None).map(key));
                backward.extend(graph.edges_to(node, None).map(key));
            }
        }
        prop_assert_eq!(forward.len(), graph.edge_count());
        forward.sort();
        backward.sort();
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn law_an_edge_of_artefacts_leads_back_to_one_of_them(record in support::any_record()) {
        let graph = PropertyGraph::build(&record).unwrap();
        let artefacts: BTreeSet<&str> =
            record.cohort.events().filter_map(|event| event.record_id()).map(RecordId::as_str).chain(["Device/1"]).collect();
        for table in graph.edge_tables() {
            for edge in table.edges() {
                let lineage = graph.lineage(&edge);
                prop_assert!(lineage.origins.iter().all(|origin| artefacts.contains(origin.record)), "{lineage:?}");
                let of_artefact = [edge.source, edge.target].iter().any(|node| graph.origin(*node).is_some());
                if of_artefact && lineage.basis == Basis::Stated && edge.edge_type.as_str() == "CODED_AS" {
                    prop_assert_eq!(lineage.origins.len(), 1);
                }
            }
        }
    }

    #[test]
    fn law_no_edge_is_known_before_its_ends(record in support::any_record()) {
        let graph = PropertyGraph::build(&record).unwrap();
        for table in graph.edge_tables() {
            for edge in table.edges() {
                for node in [edge.source, edge.target] {
                    prop_assert!(graph.known(node) <= edge.known, "{} {:?}", edge.edge_type, edge);
                }
            }
        }
    }

    #[test]
    fn law_a_later_as_of_shows_a_superset(record in support::any_record(), first in 0_i64..60, later in 0_i64..60) {
        let graph = PropertyGraph::build(&record).unwrap();
        let at = |day: i64| Some(Timestamp::from_micros(day * twinloom_event::MICROSECONDS_PER_DAY).unwrap());
        for table in graph.node_tables() {
            for node in table.nodes() {
                let targets = |as_of| graph.edges_from(node, as_of).map(|edge| (edge.edge_type.clone(), edge.target)).collect::<Vec<_>>();
                let (early, late) = (targets(at(first)), targets(at(first + later)));
                prop_assert!(early.iter().all(|edge| late.contains(edge)));
                prop_assert!(graph.edges_from(node, at(first)).all(|edge| edge.known <= at(first)));
            }
        }
    }

    #[test]
    fn law_ids_are_unique_within_a_label(record in support::any_record()) {
        let graph = PropertyGraph::build(&record).unwrap();
        for table in graph.node_tables() {
            let mut ids: Vec<String> = table
                .nodes()
                .map(|node| graph.property(node, Property::Id).expect("every node has an id").to_string())
                .collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), table.len(), "{}", table.label().name());
        }
        let events: usize = graph
            .node_tables()
            .iter()
            .filter(|table| matches!(table.label(), NodeLabel::Event(_)))
            .map(twinloom_graph::NodeTable::len)
            .sum();
        let encounter_events =
            record.cohort.events().filter(|event| event.kind() == twinloom_event::EventKind::Encounter).count();
        prop_assert_eq!(
            events + encounter_events + graph.notes().patient_facts as usize,
            record.cohort.event_count()
        );
    }

    #[test]
    fn law_store_round_trips_and_threads_do_not_matter(record in support::any_record()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GRAPH_FILE);
        let graph = PropertyGraph::build(&record).unwrap();
        let fingerprint = graph.write(&path).unwrap();
        prop_assert_eq!(fingerprint, graph.fingerprint());
        prop_assert_eq!(fingerprint, twinloom_graph::Fingerprint::of_file(&path).unwrap());
        let read = PropertyGraph::read(&path).unwrap();
        prop_assert_eq!(read.fingerprint(), fingerprint);
        prop_assert_eq!(read.statistics(), graph.statistics());
        let serial = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let alone = serial.install(|| PropertyGraph::build(&record).unwrap().fingerprint());
        prop_assert_eq!(alone, fingerprint);
    }
}
