//! Realisations against those of ACES itself (es-aces 0.7.3), as written by `aces/reference.py`, and
//! records small enough to check by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::path::Path;

use serde_json::Value;
use twinloom_event::{Code, Cohort, Event, SubjectId, Timestamp};

use twinloom_views::task::Exclusion;
use twinloom_views::task::aces::{Configuration, ConfigurationError, Realisation, Shortfall};
use twinloom_views::{Task, instances};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aces").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// A moment written as Python writes it: `2020-01-31 06:00:00`.
fn moment(text: &str) -> Timestamp {
    let numbers: Vec<u32> = text.split(['-', ' ', ':']).map(|part| part.parse().unwrap()).collect();
    let [year, month, day, hour, minute, second] = numbers[..] else { panic!("{text} is no moment") };
    Timestamp::from_ymd_hms(i32::try_from(year).unwrap(), month, day, hour, minute, second).unwrap()
}

fn cohort() -> Cohort {
    let events = read("events.csv").lines().skip(1).map(row).collect();
    Cohort::from_events(events).unwrap()
}

fn row(line: &str) -> Event {
    let cells: Vec<&str> = line.split(',').collect();
    let time = (!cells[1].is_empty()).then(|| moment(cells[1]));
    let subject = SubjectId::new(cells[0].parse().unwrap());
    let mut event = Event::new(subject, time, Code::parse(cells[2]).unwrap());
    if !cells[3].is_empty() {
        event = event.with_numeric_value(cells[3].parse().unwrap()).unwrap();
    }
    if !cells[4].is_empty() {
        event = event.with_text_value(cells[4]);
    }
    event
}

fn text(time: Timestamp) -> String {
    let seconds = time.micros().rem_euclid(3_600_000_000) / 1_000_000;
    let (minute, second) = (seconds / 60, seconds % 60);
    let (year, month, day, hour) = (time.year(), time.month(), time.day(), time.hour());
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// A realisation as a row of `expected.json`: who, when, from when, label, and the counts asked for.
fn in_words(configuration: &Configuration, found: &Realisation, asked: &Value) -> Value {
    let window = |name: &Value| configuration.window_names().position(|other| name == other).unwrap();
    let predicate = |name: &Value| configuration.predicate_names().position(|other| name == other).unwrap();
    let mut row = vec![
        Value::from(found.subject_id.get()),
        text(found.trigger).into(),
        found.index_timestamp.map(text).into(),
        found.label.into(),
    ];
    row.extend(
        asked
            .as_array()
            .unwrap()
            .iter()
            .map(|asked| Value::from(found.windows[window(&asked[0])].counts[predicate(&asked[1])])),
    );
    row.into()
}

#[test]
fn ref_realisations_are_those_of_the_program() {
    let cohort = cohort();
    let expected: Value = serde_json::from_str(&read("expected.json")).unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 9);
    for (name, expected) in expected {
        let configuration = Configuration::parse(&read(&format!("{name}.yaml"))).unwrap();
        let found: Vec<Value> = configuration
            .realisations(&cohort)
            .iter()
            .map(|found| in_words(&configuration, found, &expected["counts"]))
            .collect();
        let rows = expected["rows"].as_array().unwrap();
        assert!(!rows.is_empty(), "{name} tells nothing");
        for (found, row) in found.iter().zip(rows) {
            assert_eq!(found, row, "{name}");
        }
        assert_eq!(found.len(), rows.len(), "{name}");
    }
}

/// A record of one subject: day, code and number of each event.
fn record(events: &[(f64, &str, Option<f64>)]) -> Cohort {
    let start = Timestamp::from_ymd(2021, 3, 1).unwrap();
    let event = |&(day, code, value): &(f64, &str, Option<f64>)| {
        let time = start.plus_days(day).unwrap();
        let event = Event::new(SubjectId::new(1), Some(time), Code::parse(code).unwrap());
        value.map_or(event.clone(), |value| event.with_numeric_value(value).unwrap())
    };
    Cohort::from_events(events.iter().map(event).collect()).unwrap()
}

/// What becomes of each trigger: day of the prediction and label, or why not.
fn outcomes(yaml: &str, cohort: &Cohort) -> Vec<Result<(f64, u64), Shortfall>> {
    let configuration = Configuration::parse(yaml).unwrap();
    let start = Timestamp::from_ymd(2021, 3, 1).unwrap();
    configuration
        .triggers(&cohort.timelines()[0])
        .into_iter()
        .map(|found| {
            found.map(|found| (found.index_timestamp.unwrap().days_since(start), found.label.unwrap()))
        })
        .collect()
}

#[test]
fn regress_readmission_by_hand() {
    let cohort = record(&[
        (0.0, "ADMISSION//emergency", None),
        (4.0, "DISCHARGE//home", None),
        // Exactly 30 days after the discharge: the end is inclusive.
        (34.0, "ADMISSION//elective", None),
        (36.0, "DISCHARGE//home", None),
        // A day too late; then admitted and discharged at the same moment: the discharge that bounds the
        // stay stands at its start, since the end is inclusive.
        (67.0, "ADMISSION//emergency", None),
        (67.0, "DISCHARGE//home", None),
        // Never discharged.
        (90.0, "ADMISSION//emergency", None),
    ]);
    let found = outcomes(&read("readmission.yaml"), &cohort);
    let never = Err(Shortfall::Unbounded(0));
    assert_eq!(found, [Ok((4.0, 1)), Ok((36.0, 0)), Ok((67.0, 1)), never]);
}

#[test]
fn regress_abnormal_results_by_hand() {
    let spo2 = "LOINC//59408-5";
    let cohort = record(&[
        (0.0, spo2, Some(95.0)),
        // In the gap, its end included: neither makes a label.
        (1.0, spo2, Some(80.0)),
        // 90 and 98 are normal, 98.5 is not; without a number it is a result and neither.
        (3.0, spo2, Some(90.0)),
        (5.0, spo2, Some(98.5)),
        (8.0, spo2, None),
        (20.0, spo2, Some(98.0)),
    ]);
    let found = outcomes(&read("abnormal_lab.yaml"), &cohort);
    // The last has no later result.
    assert_eq!(found, [Ok((0.0, 1)), Ok((3.0, 1)), Err(Shortfall::Constraint(2))]);
}

#[test]
fn regress_a_configuration_becomes_a_task() {
    let cohort = record(&[
        (0.0, "ADMISSION//emergency", None),
        (4.0, "DISCHARGE//home", None),
        (20.0, "ADMISSION//emergency", None),
    ]);
    let task = Task::from_aces("readmission", &read("readmission.yaml")).unwrap();
    let (found, report) = instances(&task, &cohort);
    assert_eq!((found.len(), report.triggers, report.positives), (1, 2, 1));
    assert_eq!(report.excluded.get(&Exclusion::Unbounded("input".into())), Some(&1));
    // What a model may see ends with the prediction time.
    let views = task.views(&cohort, &found).unwrap();
    assert_eq!(views[0].events().count(), 2);
    let copy: Task = serde_json::from_str(&serde_json::to_string(&task).unwrap()).unwrap();
    assert_eq!(copy, task);

    // A label that is counted from before the prediction time predicts nothing.
    let early = read("readmission.yaml").replace("start: input.end", "start: trigger");
    let (found, report) = instances(&Task::from_aces("early", &early).unwrap(), &cohort);
    assert!(found.is_empty());
    assert_eq!(report.excluded.get(&Exclusion::LabelVisible), Some(&1));

    let weaning = Task::from_aces("weaning", &read("intervention_weaning.yaml"));
    assert_eq!(weaning, Err(ConfigurationError::NotPredictive { key: "label" }));
}

#[test]
fn regress_what_is_no_configuration_is_refused_with_its_line() {
    let whole = read("readmission.yaml");
    for (from, to, part) in [
        ("trigger: admission", "trigger: nobody", "line 8: trigger is \"nobody\""),
        ("start -> discharge", "start -> death", "line 13: input is \"death\""),
        ("start -> discharge", "trigger -> discharge", "exactly one of them"),
        ("start + 30 days", "start - 30 days", "against time"),
        ("start + 30 days", "start + 30 fortnights", "a duration"),
        ("start: input.end", "start: target.end", "defined by each other"),
        ("start_inclusive: False", "start_inclusive: maybe", "permitted: true or false"),
        ("    start_inclusive: False\n", "", "lacks start_inclusive"),
        ("    label: admission", "    labels: admission", "permitted: start, end"),
        ("    label: admission", "    has: {admission: (2, 1)}", "the first not above the second"),
        ("{ regex: \"DISCHARGE//.*\" }", "{ regex: \"(\" }", "a regular expression"),
        ("{ regex: \"DISCHARGE//.*\" }", "{ any: [] }", "{any: [CODE, ..]}"),
        ("index_timestamp: end", "index_timestamp: middle", "permitted: start or end"),
    ] {
        assert!(whole.contains(from), "{from}");
        let Err(error) = Configuration::parse(&whole.replacen(from, to, 1)) else { panic!("{to} was taken") };
        assert!(error.to_string().contains(part), "{to}: {error}");
    }
}
