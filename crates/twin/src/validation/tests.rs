use twinloom_event::{Attribute, Code, Event, EventKind, SubjectId, Timeline, Timestamp};

use super::{Catalogue, Observer, Recorded, Targets, TargetsError, Verdict};
use crate::measure::{Followed, History};

const CATALOGUE: &str = r#"
[[condition]]
name = "hypertension"
snomed = "59621000"
icd10 = "I10"
group = "physical"
morbidity = "hypertension"
[[condition]]
name = "depression"
snomed = "35489007"
icd10 = "F32.9"
group = "mental"
morbidity = "depression"
"#;

fn target(name: &str, quantity: &str, value: f64, held_out: bool) -> String {
    format!(
        "[[target]]\nname = \"{name}\"\ntitle = \"{name}\"\ngroup = \"g\"\nquantity = {{ {quantity} }}\nvalue = {value:?}\n\
         unit = \"share\"\nband = {{ from = {:?}, to = {:?} }}\nheld_out = {held_out}\nsource = \"s\"\nstanding = \"cited\"\n",
        value - 0.1,
        value + 0.1,
    )
}

fn catalogue() -> Catalogue {
    Catalogue::parse(CATALOGUE).unwrap()
}

fn at(year: i32, month: u32, day: u32, hour: u32) -> Timestamp {
    Timestamp::from_ymd_hms(year, month, day, hour, 0, 0).unwrap()
}

fn event(subject: i64, when: Timestamp, kind: EventKind, system: &str, value: &str) -> Event {
    Event::new(SubjectId::new(subject), Some(when), Code::new(system, value).unwrap()).with_kind(kind)
}

/// Four people born in 1950: the first has both conditions, the second hypertension that nobody knows.
fn histories() -> Vec<(History, Recorded)> {
    (1..=4)
        .map(|subject| {
            let birth = Event::new(SubjectId::new(subject), Some(at(1950, 1, 1, 0)), Code::birth())
                .with_kind(EventKind::Birth);
            let mut truth = vec![
                Event::new(SubjectId::new(subject), None, Code::new("SEX", "female").unwrap())
                    .with_kind(EventKind::Demographic),
                birth,
            ];
            let mut record = Vec::new();
            let mut ill = |code: &str, known: bool| {
                let onset = event(subject, at(2010, 1, 1, 0), EventKind::Condition, "SNOMED", code);
                let diagnosed = Attribute::Time(at(2012, 1, 1, 0));
                truth.push(if known { onset.with_attribute("diagnosed", diagnosed) } else { onset });
                if known {
                    record.push(event(subject, at(2012, 1, 1, 0), EventKind::Condition, "SNOMED", code));
                }
            };
            match subject {
                1 => {
                    ill("59621000", true);
                    ill("35489007", true);
                }
                2 => ill("59621000", false),
                _ => {}
            }
            let slot = event(
                subject,
                at(2020, 3, 3, 10),
                EventKind::Administrative,
                "APPOINTMENT",
                if subject == 1 { "did_not_attend" } else { "attended" },
            );
            truth.push(
                slot.with_attribute("booked", Attribute::Time(at(2020, 3, 3, 8)))
                    .with_attribute("service", Attribute::Text("nurse".into())),
            );
            let truth = Timeline::from_unordered(SubjectId::new(subject), truth).unwrap();
            let record = Timeline::from_unordered(SubjectId::new(subject), record).unwrap();
            (History::of(&truth), Recorded::of(&record, at(2021, 1, 1, 0)))
        })
        .collect()
}

#[test]
fn regress_targets_are_measured_from_histories() {
    let text = [
        target(
            "known",
            "of = \"prevalence\", conditions = [\"hypertension\"], record = \"practice\"",
            0.25,
            false,
        ),
        target("true", "of = \"prevalence\", conditions = [\"hypertension\"], record = \"truth\"", 0.5, true),
        target("many", "of = \"morbidities\", at_least = 2", 0.25, true),
        target("missed", "of = \"missed\", services = [\"nurse\"], lead_days_to = 0", 0.25, false),
        target("late", "of = \"missed\", services = [\"nurse\"], lead_days_from = 1", 0.25, true),
        target(
            "young",
            "of = \"prevalence\", conditions = [\"depression\"], record = \"truth\", age_below = 50",
            0.9,
            true,
        ),
    ]
    .concat();
    let catalogue = catalogue();
    let targets = Targets::parse(&text, "t.toml", &catalogue).unwrap();
    let followed = Followed { from: at(2020, 1, 1, 0), to: at(2021, 1, 1, 0) };
    let mut observer = Observer::new(&targets, &catalogue, followed);
    for (history, recorded) in histories() {
        observer.add(&history, Some(&recorded));
    }
    let table = observer.finish();
    let found: Vec<Option<f64>> = table.rows.iter().map(|row| row.simulated.value).collect();
    assert_eq!(found, [Some(0.25), Some(0.5), Some(0.25), Some(0.25), None, None]);
    assert_eq!(table.rows[4].verdict, Verdict::NotMeasured);
    assert_eq!(table.passed(), (4, 6));
    assert_eq!(table.passed_held_out(), (2, 4));
    let interval = table.rows[0].simulated.interval.unwrap();
    assert!(interval.lower < 0.25 && interval.upper > 0.25);
    assert_eq!(table.loss(false), Some(0.0));
}

#[test]
fn regress_faulty_targets_are_refused_by_name() {
    let refused = |text: &str| Targets::parse(text, "t.toml", &catalogue()).unwrap_err();
    let unknown = "of = \"prevalence\", conditions = [\"gout\"], record = \"truth\"";
    let message = refused(&target("a", unknown, 0.5, true)).to_string();
    assert!(message.contains("t.toml: target \"a\": quantity.conditions holds gout"), "{message}");
    let good = "of = \"bed_days\"";
    let none_held_out = target("a", good, 0.5, false);
    assert!(matches!(refused(&none_held_out), TargetsError::TooFewHeldOut { held_out: 0, targets: 1, .. }));
    let twice = target("a", good, 0.5, true).repeat(2);
    assert!(matches!(refused(&twice), TargetsError::Value { field: "name", .. }));
    let backwards = target("a", good, 0.5, true).replace("from = 0.4", "from = 0.9");
    assert!(matches!(refused(&backwards), TargetsError::Value { field: "band", .. }));
    assert!(matches!(refused(&target("a", "of = \"happiness\"", 0.5, true)), TargetsError::Syntax { .. }));
}

#[test]
fn regress_the_shipped_targets_hold_out_a_third_and_name_their_source() {
    let targets = Targets::embedded();
    let held_out = targets.targets.iter().filter(|target| target.held_out).count();
    assert!(3 * held_out >= targets.targets.len());
    assert!(targets.targets.iter().all(|target| !target.source.is_empty()));
    assert!(targets.targets.iter().all(|target| target.band.admits(target.value)));
    assert!(targets.tuned().count() + held_out == targets.targets.len());
}

#[test]
fn ref_admission_targets_are_those_of_the_published_table() {
    let mut rows = std::collections::BTreeMap::new();
    for line in include_str!("../../data/hes_admissions.csv").lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split(',').collect();
        if let Ok(admissions) = cells[1].parse::<f64>() {
            rows.insert(cells[0], (admissions, cells[2].parse::<f64>().unwrap()));
        }
    }
    assert_eq!(rows.len(), 215);
    let pneumonia = rows["J09-J18"].1 / 58.62e6;
    let targets = Targets::embedded();
    let target = targets.targets.iter().find(|target| target.name == "admissions_pneumonia").unwrap();
    assert!((target.value / pneumonia - 1.0).abs() < 0.005);
}
