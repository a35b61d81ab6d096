//! Bytes that no graph wrote must be refused, never believed or panicked at.

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use twinloom_event::{
    Code, Cohort, Dataset, EncounterId, Entity, Event, EventKind, RecordId, SubjectId, Timestamp,
};

use super::*;

fn payload() -> Vec<u8> {
    let event = |subject, day, code: &str, kind| {
        Event::new(
            SubjectId::new(subject),
            Some(Timestamp::from_ymd(2020, 1, day).unwrap()),
            Code::parse(code).unwrap(),
        )
        .with_kind(kind)
        .with_encounter_id(EncounterId::new(format!("Encounter/{subject}")).unwrap())
    };
    let dataset = Dataset {
        cohort: Cohort::from_events(vec![
            event(1, 1, "SNOMED//1", EventKind::Encounter),
            event(1, 2, "ICD10//E11.9", EventKind::Condition),
            event(1, 3, "LOINC//2", EventKind::Observation).with_numeric_value(1.5).unwrap(),
            event(2, 2, "LOINC//2", EventKind::Observation).with_text_value("é"),
        ])
        .unwrap(),
        entities: vec![Entity {
            record_id: RecordId::new("Device/1").unwrap(),
            kind: "Device".into(),
            name: Some("A pump".into()),
            attributes: std::collections::BTreeMap::new(),
        }],
        ..Dataset::default()
    };
    let mut out = Writer::new(Vec::new());
    payload::write(&PropertyGraph::build(&dataset).unwrap(), &mut out).unwrap();
    out.into_inner()
}

/// Uses everything a caller could reach, so that an accepted graph is shown to be sound.
fn exercise(graph: &PropertyGraph) {
    let _ = graph.statistics();
    let _ = graph.schema_edges();
    let _ = graph.patient(SubjectId::new(1));
    for table in graph.node_tables() {
        for node in table.nodes().take(50) {
            let _ = graph.neighbourhood(node, 2, 20, None);
            let _ = graph.origin(node);
        }
    }
    let at = Timestamp::from_ymd(2020, 1, 2).unwrap();
    let _ = graph.as_of(at).to_graph().statistics();
    let _ = graph.diff(graph, 3);
    for table in graph.edge_tables() {
        for edge in table.edges() {
            let _ = graph.lineage(&edge);
        }
    }
}

fn sealed(payload: &[u8]) -> Vec<u8> {
    let header =
        Header { length: payload.len() as u64, fingerprint: Fingerprint(Sha256::digest(payload).into()) };
    [&header.write()[..], payload].concat()
}

/// The bytes as a file, opened both ways; what is accepted must be usable.
fn try_bytes(bytes: &[u8]) -> Result<PropertyGraph, StoreError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph");
    std::fs::write(&path, bytes).unwrap();
    if let Ok(graph) = PropertyGraph::open(&path) {
        exercise(&graph);
    }
    let graph = PropertyGraph::read(&path)?;
    exercise(&graph);
    Ok(graph)
}

#[test]
fn regress_the_payload_itself_is_accepted() {
    let graph = try_bytes(&sealed(&payload())).unwrap();
    assert_eq!(graph.node_count(), 2 + 2 + 3 + 4 + 1);
}

#[test]
fn law_every_truncation_is_refused() {
    let payload = payload();
    for length in 0..payload.len() {
        assert!(try_bytes(&sealed(&payload[..length])).is_err(), "{length} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn law_arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = try_bytes(&bytes);
        let _ = try_bytes(&sealed(&bytes));
    }

    #[test]
    fn law_changed_bytes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut payload = payload();
        for (place, value) in changes {
            let length = payload.len();
            payload[place.index(length)] = value;
        }
        let _ = try_bytes(&sealed(&payload));
    }
}
