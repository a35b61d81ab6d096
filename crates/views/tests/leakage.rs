//! Nothing that became known after the prediction time reaches a feature, a sequence or a view.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use proptest::prelude::*;
use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, SubjectId, TimePrecision, Timeline, Timestamp, Unit,
};
use twinloom_views::{
    FeatureMap, FeatureOptions, FeatureTable, SequenceMap, SequenceOptions, Sequences, Visible,
};

const SUBJECT: SubjectId = SubjectId::new(1);

fn at(hours: i64) -> Timestamp {
    Timestamp::from_micros(1_600_000_000_000_000 + hours * 3_600_000_000).unwrap()
}

fn prediction_time() -> Timestamp {
    at(5_000)
}

/// What an event may hold; hours count from a fixed point, the prediction is at hour 5,000.
#[derive(Clone, Debug)]
struct Draft {
    hour: Option<i64>,
    precision: TimePrecision,
    lasts_hours: Option<i64>,
    recorded_hour: Option<i64>,
    code: u8,
    kind: EventKind,
    value: Option<f64>,
    text: Option<u8>,
    encounter: Option<u8>,
    status: u8,
}

impl Draft {
    fn event(&self) -> Event {
        let mut event =
            Event::new(SUBJECT, self.hour.map(at), Code::new("C", &self.code.to_string()).unwrap())
                .with_kind(self.kind)
                .with_time_precision(self.precision)
                .with_attribute("class", Attribute::Text("AMB".into()))
                .with_attribute("status", Attribute::Text(self.status.to_string().into()));
        if let Some(hours) = self.lasts_hours.filter(|_| self.hour.is_some()) {
            event = event.with_end_time(at(self.hour.unwrap() + hours)).unwrap();
        }
        if let Some(hour) = self.recorded_hour {
            event = event.with_recorded_time(at(hour));
        }
        if let Some(value) = self.value {
            event = event.with_numeric_value(value).unwrap().with_unit(Unit::new("mg").unwrap());
        }
        if let Some(text) = self.text {
            event = event.with_text_value(text.to_string());
        }
        if let Some(encounter) = self.encounter {
            event = event.with_encounter_id(EncounterId::new(encounter.to_string()).unwrap());
        }
        event
    }

    /// Whether it could be read at the prediction time.
    fn is_known(&self) -> bool {
        match self.event().known_time() {
            Some(known) => known <= prediction_time(),
            None => self.kind == EventKind::Demographic,
        }
    }
}

fn draft() -> impl Strategy<Value = Draft> {
    let time = (
        prop::option::weighted(0.9, 0_i64..10_000),
        prop::sample::select(vec![
            TimePrecision::Instant,
            TimePrecision::Day,
            TimePrecision::Month,
            TimePrecision::Year,
        ]),
        prop::option::of(0_i64..4_000),
        prop::option::weighted(0.3, 0_i64..10_000),
    );
    let content = (
        0_u8..6,
        prop::sample::select(EventKind::ALL.to_vec()),
        prop::option::of(-5.0..5.0),
        prop::option::weighted(0.3, 0_u8..3),
        prop::option::of(0_u8..4),
        0_u8..3,
    );
    (time, content).prop_map(
        |((hour, precision, lasts_hours, recorded_hour), (code, kind, value, text, encounter, status))| {
            Draft { hour, precision, lasts_hours, recorded_hour, code, kind, value, text, encounter, status }
        },
    )
}

fn timeline(drafts: &[Draft]) -> Timeline {
    Timeline::from_unordered(SUBJECT, drafts.iter().map(Draft::event).collect()).unwrap()
}

/// All that a model may be given of a timeline, the vocabularies fitted on it included.
fn given_to_models(timeline: &Timeline) -> (String, FeatureMap, FeatureTable, SequenceMap, Sequences) {
    let view = Visible::new(timeline, prediction_time());
    let features = FeatureMap::fit(
        &[view],
        FeatureOptions { minimum_support: 1, lookback_days: vec![365.0, 30.0, 1.0], extremes: true },
    );
    let sequences = SequenceMap::fit(&[view], SequenceOptions { minimum_support: 1, maximum_length: 50 });
    let table = features.transform(&[view]);
    let tokens = sequences.transform(&[view]);
    (format!("{view:?}"), features, table, sequences, tokens)
}

proptest! {
    #[test]
    fn law_the_unknown_changes_nothing(
        drafts in prop::collection::vec(draft(), 0..40),
        others in prop::collection::vec(draft(), 0..40),
        cut in 0_usize..40,
    ) {
        let known: Vec<Draft> = drafts.iter().filter(|draft| draft.is_known()).cloned().collect();
        let unknown = |drafts: &[Draft]| -> Vec<Draft> {
            drafts.iter().filter(|draft| !draft.is_known()).cloned().collect()
        };
        // Removed, replaced, and set among the known ones.
        let alone = given_to_models(&timeline(&known));
        let as_drawn = given_to_models(&timeline(&drafts));
        let cut = cut.min(known.len());
        let among: Vec<Draft> =
            [&known[..cut], &unknown(&others)[..], &known[cut..]].concat();
        let replaced = given_to_models(&timeline(&among));
        prop_assert_eq!(&alone, &as_drawn);
        prop_assert_eq!(&alone, &replaced);
    }

    #[test]
    fn law_a_future_end_or_status_changes_nothing(
        drafts in prop::collection::vec(draft(), 1..40), later in 0_i64..4_000
    ) {
        let altered: Vec<Draft> = drafts
            .iter()
            .map(|draft| {
                let mut altered = draft.clone();
                altered.status = 9;
                if let (Some(hour), Some(hours)) = (draft.hour, draft.lasts_hours)
                    && draft.precision.latest(at(hour + hours)) > prediction_time()
                {
                    // A later end is still in the future; no end looks the same.
                    altered.lasts_hours = (later % 2 == 0).then_some(hours + later);
                }
                altered
            })
            .collect();
        prop_assert_eq!(given_to_models(&timeline(&drafts)), given_to_models(&timeline(&altered)));
    }

    #[test]
    fn law_an_earlier_prediction_sees_no_more(
        drafts in prop::collection::vec(draft(), 0..40), hours in 0_i64..5_000
    ) {
        let timeline = timeline(&drafts);
        let count = |at| Visible::new(&timeline, at).events().count();
        prop_assert!(count(at(5_000 - hours)) <= count(prediction_time()));
    }
}

#[test]
fn regress_the_past_does_change_something() {
    // The laws above would hold of views that show nothing.
    let draft = |hour, value| Draft {
        hour: Some(hour),
        precision: TimePrecision::Instant,
        lasts_hours: Some(10),
        recorded_hour: None,
        code: 1,
        kind: EventKind::Observation,
        value: Some(value),
        text: None,
        encounter: None,
        status: 0,
    };
    let one = given_to_models(&timeline(&[draft(10, 1.0)]));
    let other = given_to_models(&timeline(&[draft(10, 2.0)]));
    assert_ne!(one.2, other.2);
    let longer = given_to_models(&timeline(&[draft(10, 1.0), draft(20, 1.0)]));
    assert_ne!(one.4, longer.4);
}
