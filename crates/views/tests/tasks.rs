//! Labels and exclusions of the named tasks on records small enough to check by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use twinloom_event::{
    Attribute, Code, Cohort, EncounterId, Event, EventKind, SubjectId, TimePrecision, Timestamp,
};
use twinloom_views::task::{Exclusion, Occurrence, Rule};
use twinloom_views::{CodeSet, FeatureMap, FeatureOptions, Predicate, Task, TaskReport, instances};

fn hour(hours: f64) -> Timestamp {
    Timestamp::from_ymd(2015, 1, 1).unwrap().plus_days(hours / 24.0).unwrap()
}

fn event(subject: i64, time: Timestamp, code: &str) -> Event {
    Event::new(SubjectId::new(subject), Some(time), Code::parse(code).unwrap())
}

/// A fact of a hospital stay.
fn stay(subject: i64, hours: f64, code: &str) -> Event {
    event(subject, hour(hours), code)
        .with_encounter_id(EncounterId::new(format!("hospitalstay/{subject}")).unwrap())
}

/// A fact of a unit stay, which has an encounter of its own.
fn unit(subject: i64, visit: u8, hours: f64, code: &str) -> Event {
    event(subject, hour(hours), code)
        .with_encounter_id(EncounterId::new(format!("unitstay/{subject}{visit}")).unwrap())
        .with_attribute("unitvisitnumber", Attribute::Text(visit.to_string().into()))
}

fn count(report: &TaskReport, exclusion: &Exclusion) -> u64 {
    report.excluded.get(exclusion).copied().unwrap_or(0)
}

const ADMISSION: &str = "EICU//UNIT_ADMISSION";
const ALIVE: &str = "EICU//HOSPITAL_DISCHARGE//ALIVE";
const EXPIRED: &str = "EICU//HOSPITAL_DISCHARGE//EXPIRED";

#[test]
fn regress_in_hospital_mortality() {
    let prediction = "EICU//APACHE_IVA//PREDICTED_HOSPITAL_MORTALITY";
    let cohort = Cohort::from_events(vec![
        // 1 dies in hospital after two days.
        unit(1, 1, 0.0, ADMISSION),
        unit(1, 1, 24.0, prediction).with_numeric_value(0.4).unwrap(),
        stay(1, 48.0, EXPIRED),
        event(1, hour(48.0), "MEDS_DEATH"),
        // 2 goes home and dies later; the second unit stay does not count, nor its prediction.
        unit(2, 1, 0.0, ADMISSION),
        unit(2, 2, 30.0, ADMISSION),
        unit(2, 1, 24.0, prediction).with_numeric_value(-1.0).unwrap(),
        unit(2, 2, 54.0, prediction).with_numeric_value(0.9).unwrap(),
        stay(2, 72.0, ALIVE),
        event(2, hour(500.0), "MEDS_DEATH"),
        // 3 goes home, 4 dies, both within the first day.
        unit(3, 1, 0.0, ADMISSION),
        stay(3, 20.0, ALIVE),
        unit(4, 1, 0.0, ADMISSION),
        stay(4, 20.0, EXPIRED),
        event(4, hour(20.0), "MEDS_DEATH"),
        // 5 has no discharge, 6 no unit admission, 7 a discharge of unknown outcome before another stay.
        unit(5, 1, 0.0, ADMISSION),
        stay(6, 0.0, "LAB//K"),
        unit(7, 1, 0.0, ADMISSION),
        stay(7, 60.0, "EICU//HOSPITAL_DISCHARGE//UNKNOWN"),
        unit(7, 1, 200.0, ADMISSION),
        stay(7, 260.0, ALIVE),
        // 8 has two unit stays that are not numbered.
        stay(8, 0.0, ADMISSION),
        stay(8, 30.0, ADMISSION),
        stay(8, 60.0, ALIVE),
        // 9 goes home and dies on the same day, of which only the date is known.
        unit(9, 1, 0.0, ADMISSION),
        stay(9, 60.0, ALIVE),
        event(9, hour(48.0), "MEDS_DEATH").with_time_precision(TimePrecision::Day),
    ])
    .unwrap();
    let task = Task::named("in-hospital-mortality").unwrap();
    let (instances, report) = instances(&task, &cohort);
    let outcomes: Vec<_> = instances
        .iter()
        .map(|instance| (instance.subject_id().get(), instance.is_positive(), instance.comparator))
        .collect();
    assert_eq!(
        outcomes,
        [(1, true, Some(0.4)), (2, false, None), (7, false, None), (8, false, None), (9, false, None)]
    );
    assert_eq!(instances[0].label.prediction_time, hour(24.0));
    assert_eq!((report.subjects, report.triggers, report.positives, report.comparators), (9, 11, 1, 1));
    for (exclusion, expected) in [
        (Exclusion::NotFirst, 2),
        (Exclusion::OutcomeUnknown, 1),
        (Exclusion::EndedBeforePrediction, 1),
        (Exclusion::DiedBeforePrediction, 1),
        (Exclusion::EndUnknown, 1),
        (Exclusion::NoTrigger, 1),
    ] {
        assert_eq!(count(&report, &exclusion), expected, "{exclusion}");
    }

    // The other model's prediction, known at hour 24, is no feature.
    let views = task.views(&cohort, &instances).unwrap();
    let map =
        FeatureMap::fit(&views, FeatureOptions { minimum_support: 1, ..FeatureOptions::for_task(&task) });
    assert!(map.features().iter().any(|feature| feature.name.contains(ADMISSION)));
    assert!(map.features().iter().all(|feature| !feature.name.contains("APACHE")));
}

fn year(year: i32) -> Timestamp {
    Timestamp::from_ymd(year, 3, 1).unwrap()
}

fn visit(subject: i64, at: Timestamp, class: &str) -> Event {
    event(subject, at, "SNOMED//185345009")
        .with_kind(EventKind::Encounter)
        .with_attribute("class", Attribute::Text(class.into()))
}

fn condition(subject: i64, at: Timestamp, snomed: &str) -> Event {
    event(subject, at, &format!("SNOMED//{snomed}")).with_kind(EventKind::Condition)
}

#[test]
fn regress_new_long_term_condition() {
    let (hypertension, diabetes, copd) = ("59621000", "44054006", "13645005");
    let cohort = Cohort::from_events(vec![
        // 1 gets a first one, 2 only repeats an old one, 3 had all three.
        visit(1, year(2011), "AMB"),
        condition(1, year(2013), diabetes),
        visit(1, year(2016), "AMB"),
        condition(2, year(2005), copd),
        visit(2, year(2011), "AMB"),
        condition(2, year(2013), copd),
        visit(2, year(2016), "AMB"),
        condition(3, year(2005), copd),
        condition(3, year(2006), hypertension),
        condition(3, year(2007), diabetes),
        visit(3, year(2011), "AMB"),
        visit(3, year(2016), "AMB"),
        // 4 falls silent, 5 dies without one, 6 comes after enrolment, 7 before it.
        visit(4, year(2011), "AMB"),
        visit(5, year(2011), "AMB"),
        event(5, year(2012), "MEDS_DEATH"),
        visit(6, year(2015), "AMB"),
        visit(7, year(2009), "AMB"),
        // 8 gets one after the window.
        visit(8, year(2011), "AMB"),
        condition(8, year(2017), copd),
    ])
    .unwrap();
    let task = Task::named("new-long-term-condition").unwrap().index_date(year(2010)).data_end(year(2018));
    let (instances, report) = instances(&task, &cohort);
    let outcomes: Vec<_> =
        instances.iter().map(|instance| (instance.subject_id().get(), instance.is_positive())).collect();
    assert_eq!(outcomes, [(1, true), (2, false), (5, false), (8, false)]);
    for (exclusion, expected) in [
        (Exclusion::OutcomeAlready, 1),
        (Exclusion::Censored, 1),
        // The later visits of 1, 2 and 3, and all visits of 6 and 7.
        (Exclusion::OutsideEnrolment, 5),
    ] {
        assert_eq!(count(&report, &exclusion), expected, "{exclusion}");
    }
}

#[test]
fn regress_the_default_index_date_leaves_room_for_the_window() {
    let mut events = Vec::new();
    for subject in 0..50 {
        events.extend((2000..2020).map(|at| visit(subject, year(at), "AMB")));
    }
    let (instances, report) =
        instances(&Task::named("mortality-5-years").unwrap(), &Cohort::from_events(events).unwrap());
    assert_eq!((instances.len(), report.positives), (50, 0));
    assert_eq!(count(&report, &Exclusion::Censored), 0);
}

#[test]
fn regress_emergency_admission_and_mortality() {
    let cohort = Cohort::from_events(vec![
        visit(1, year(2010), "AMB"),
        visit(1, hour(0.0), "AMB"),
        visit(2, year(2010), "AMB"),
        visit(2, year(2010).plus_days(100.0).unwrap(), "EMER"),
        visit(3, year(2010), "AMB"),
        event(3, year(2010).plus_days(100.0).unwrap(), "MEDS_DEATH"),
        visit(4, year(2010), "AMB"),
        event(4, year(2010).plus_days(0.5).unwrap(), "MEDS_DEATH"),
    ])
    .unwrap();
    for (name, expected) in [
        ("emergency-admission-12-months", vec![(1, false), (2, true), (3, false)]),
        // Subject 2 falls silent and counts as alive: the dead are not asked for later contacts either.
        ("mortality-5-years", vec![(1, false), (2, false), (3, true)]),
    ] {
        let task = Task::named(name).unwrap().index_date(year(2010)).data_end(year(2018));
        let (instances, report) = instances(&task, &cohort);
        let outcomes: Vec<_> =
            instances.iter().map(|instance| (instance.subject_id().get(), instance.is_positive())).collect();
        assert_eq!(outcomes, expected, "{name}: {report:?}");
        assert_eq!(count(&report, &Exclusion::DiedBeforePrediction), 1);
    }
}

#[test]
fn regress_gaps_and_rules_exclude() {
    let after = |days| year(2010).plus_days(days).unwrap();
    let history = |subject| event(subject, after(-100.0), "HISTORY");
    let mut events: Vec<Event> = (1..=6).map(|subject| visit(subject, year(2010), "AMB")).collect();
    events.extend([
        // 1 dies after the gap, 2 in it; 3 has no history, 4 one too old, 5 one recorded too late.
        history(1),
        event(1, after(90.0), "MEDS_DEATH"),
        history(2),
        event(2, after(20.0), "MEDS_DEATH"),
        event(4, after(-400.0), "HISTORY"),
        history(5).with_recorded_time(after(50.0)),
        // 6 is in palliative care, though that was recorded later.
        history(6),
        event(6, after(-10.0), "PALLIATIVE").with_recorded_time(after(50.0)),
    ]);
    let rule = |code: &str, within_days| Rule {
        name: code.into(),
        predicate: Predicate::Codes(CodeSet::of([code])),
        within_days,
    };
    let mut task = Task::named("mortality-5-years").unwrap().index_date(year(2010)).data_end(year(2018));
    task.follow_up.permitted_silence_days = None;
    task.gap_days = 30.0;
    task.required = vec![rule("HISTORY", Some(365.0))];
    task.excluded = vec![rule("PALLIATIVE", None)];
    let (instances, report) = instances(&task, &Cohort::from_events(events).unwrap());
    let outcomes: Vec<_> =
        instances.iter().map(|instance| (instance.subject_id().get(), instance.is_positive())).collect();
    assert_eq!(outcomes, [(1, true)]);
    for (exclusion, expected) in [
        (Exclusion::Required("HISTORY".into()), 3),
        (Exclusion::Excluded("PALLIATIVE".into()), 1),
        (Exclusion::OutcomeInGap, 1),
    ] {
        assert_eq!(count(&report, &exclusion), expected, "{exclusion}");
    }
}

/// A stay of the class of inpatients, known when its letter arrives.
fn admission(subject: i64, start: f64, end: f64, letter: f64) -> Event {
    visit(subject, hour(start * 24.0), "IMP")
        .with_end_time(hour(end * 24.0))
        .unwrap()
        .with_recorded_time(hour(letter * 24.0))
}

fn outcomes(found: &[twinloom_views::Instance]) -> Vec<(i64, bool)> {
    found.iter().map(|instance| (instance.subject_id().get(), instance.is_positive())).collect()
}

#[test]
fn regress_readmission_is_predicted_when_the_discharge_is_known() {
    let cohort = Cohort::from_events(vec![
        // 1 comes back 20 days after the letter; the second stay is followed by none.
        admission(1, 0.0, 5.0, 7.0),
        admission(1, 27.0, 30.0, 31.0),
        // 2 comes back before the letter arrives, and again after 31 days.
        admission(2, 0.0, 5.0, 9.0),
        admission(2, 8.0, 9.0, 10.0),
        admission(2, 41.5, 42.0, 43.0),
        // 3 dies in hospital, 4 has a discharge as an event of its own, 5 dies at discharge.
        admission(3, 0.0, 5.0, 6.0),
        event(3, hour(5.0 * 24.0), "MEDS_DEATH"),
        event(4, hour(0.0), "HOSPITAL_ADMISSION//EW EMER."),
        event(4, hour(48.0), "HOSPITAL_DISCHARGE//HOME"),
        event(4, hour(96.0), "HOSPITAL_ADMISSION//ELECTIVE"),
        event(5, hour(48.0), "HOSPITAL_DISCHARGE//DIED"),
        // 6 has a stay whose end is not stated.
        visit(6, hour(0.0), "IMP"),
    ])
    .unwrap();
    let task = Task::named("readmission-30-days").unwrap().data_end(year(2018));
    let (found, report) = instances(&task, &cohort);
    assert_eq!(outcomes(&found), [(1, true), (1, false), (2, false), (2, false), (4, true)]);
    assert_eq!(found[0].label.prediction_time, hour(7.0 * 24.0));
    for (exclusion, expected) in [
        (Exclusion::OutcomeInGap, 1),
        (Exclusion::DiedBeforePrediction, 1),
        (Exclusion::EndUnknown, 1),
        (Exclusion::NoTrigger, 1),
    ] {
        assert_eq!(count(&report, &exclusion), expected, "{exclusion}: {report:?}");
    }
    // The letter is seen, its stay too.
    assert_eq!(task.views(&cohort, &found).unwrap()[0].events().count(), 1);
}

#[test]
fn regress_another_unit_stay_before_discharge() {
    let stays = |subject, visit: u8, start, end: f64| {
        unit(subject, visit, start, ADMISSION).with_end_time(hour(end)).unwrap()
    };
    let cohort = Cohort::from_events(vec![
        // 1 comes back to the unit, 2 goes home, 3 is moved to another unit at once, 4 dies in the unit.
        stays(1, 1, 0.0, 30.0),
        stays(1, 2, 50.0, 60.0),
        stay(1, 90.0, ALIVE),
        stays(2, 1, 0.0, 30.0),
        stay(2, 90.0, ALIVE),
        stays(3, 1, 0.0, 30.0),
        stays(3, 2, 30.0, 60.0),
        stay(3, 90.0, ALIVE),
        stays(4, 1, 0.0, 30.0),
        stay(4, 30.0, EXPIRED),
    ])
    .unwrap();
    let (found, report) = instances(&Task::named("unit-readmission").unwrap(), &cohort);
    assert_eq!(outcomes(&found), [(1, true), (2, false)]);
    assert_eq!(found[0].label.prediction_time, hour(30.0));
    assert_eq!(count(&report, &Exclusion::OutcomeInGap), 1);
    assert_eq!(count(&report, &Exclusion::EndedBeforePrediction), 1);
}

#[test]
fn regress_length_of_stay() {
    let long =
        |subject, days: f64| visit(subject, hour(0.0), "IMP").with_end_time(hour(24.0 * days)).unwrap();
    let cohort = Cohort::from_events(vec![
        // Seven days are not more than seven; 3 leaves within the day; 4's letter comes too late to
        // predict from; 5's end is an event of its own.
        long(1, 7.0),
        long(2, 7.5),
        long(3, 0.9),
        admission(4, 0.0, 9.0, 10.0),
        event(5, hour(0.0), "EICU//HOSPITAL_ADMISSION"),
        event(5, hour(200.0), ALIVE),
    ])
    .unwrap();
    let (found, report) = instances(&Task::named("length-of-stay-7-days").unwrap(), &cohort);
    assert_eq!(outcomes(&found), [(1, false), (2, true), (5, true)]);
    assert_eq!(count(&report, &Exclusion::EndedBeforePrediction), 1);
    assert_eq!(count(&report, &Exclusion::TriggerUnknown), 1);
}

#[test]
fn regress_the_next_diagnosis_is_of_the_first_day_with_any() {
    let (asthma, cold, gout) = ("195967001", "82272006", "90560007");
    let after = |days| year(2010).plus_days(days).unwrap();
    let cohort = Cohort::from_events(vec![
        visit(1, year(2010), "AMB"),
        // Known at the prediction; then two of one day, and a later one that does not count.
        condition(1, after(0.5), gout),
        condition(1, after(40.0), asthma),
        condition(1, after(40.2), cold),
        condition(1, after(60.0), gout),
        // 2 has a diagnosis that is not sought, 3 has none within the year.
        visit(2, year(2010), "AMB"),
        condition(2, after(10.0), "1"),
        condition(2, after(20.0), asthma),
        visit(3, year(2010), "AMB"),
        condition(3, after(400.0), cold),
    ])
    .unwrap();
    let groups = twinloom_views::task::top_conditions(&cohort, 2, |subject| subject.get() != 2);
    assert_eq!(
        groups.iter().map(|group| &*group.name).collect::<Vec<_>>(),
        ["SNOMED//82272006", "SNOMED//195967001"]
    );
    let task = Task::named("next-diagnosis").unwrap().index_date(year(2010)).data_end(year(2018));
    let task = task.conditions(groups);
    let (found, _) = instances(&task, &cohort);
    assert_eq!(outcomes(&found), [(1, true), (2, false), (3, false)]);
    let labels = task.condition_labels(&cohort, &found).unwrap();
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(labels.labels, [[yes, yes], [no, no], [no, no]]);
}

#[test]
fn regress_onset_of_a_condition_that_is_set() {
    let cohort = Cohort::from_events(vec![
        visit(1, year(2010), "AMB"),
        condition(1, year(2012), "44054006"),
        visit(1, year(2014), "AMB"),
        visit(2, year(2010), "AMB"),
        condition(2, year(2009), "44054006"),
        visit(2, year(2014), "AMB"),
    ])
    .unwrap();
    for (name, expected) in [("onset-1-year", false), ("onset-3-years", true)] {
        let task = Task::named(name).unwrap().index_date(year(2010)).data_end(year(2018));
        let (found, report) = instances(&task, &cohort);
        assert_eq!(outcomes(&found), [(1, expected)], "{name}");
        assert_eq!(count(&report, &Exclusion::OutcomeAlready), 1);
        assert_eq!(task.condition_labels(&cohort, &found).unwrap().labels, [[Some(expected)]]);
    }
    // Another condition: both are at risk.
    let other = twinloom_views::task::ConditionGroup {
        name: "asthma".into(),
        codes: CodeSet::of(["SNOMED//195967001"]),
    };
    let task = Task::named("onset-3-years").unwrap().conditions(vec![other]);
    let (found, _) = instances(&task.index_date(year(2010)).data_end(year(2018)), &cohort);
    assert_eq!(outcomes(&found), [(1, false), (2, false)]);
}

#[test]
fn law_every_trigger_is_an_instance_or_counted() {
    let mut events = Vec::new();
    for subject in 0..30 {
        for number in 0..subject {
            let at = hour(f64::from(u16::try_from(subject * 97 + number * 1009).unwrap()));
            events.push(visit(subject, at, if number % 7 == 3 { "EMER" } else { "AMB" }));
        }
        if subject % 4 == 1 {
            events.push(event(subject, hour(f64::from(u16::try_from(subject * 900).unwrap())), "MEDS_DEATH"));
        }
    }
    let cohort = Cohort::from_events(events).unwrap();
    for name in Task::NAMES {
        let mut task = Task::named(name).unwrap();
        for occurrence in [task.trigger.occurrence.clone(), Occurrence::Every, Occurrence::FirstPerSubject] {
            task.trigger.occurrence = occurrence;
            let (instances, report) = instances(&task, &cohort);
            let without = count(&report, &Exclusion::NoTrigger);
            let excluded = report.excluded.values().sum::<u64>() - without;
            assert_eq!(report.triggers, report.instances + excluded, "{name}");
            assert_eq!(report.instances, instances.len() as u64);
        }
    }
    assert!(Task::named("no-such-task").unwrap_err().to_string().contains("in-hospital-mortality"));
}
