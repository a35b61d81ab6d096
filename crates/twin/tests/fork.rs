//! One person's futures, with and without an intervention.

use twinloom_event::{Attribute, Code, EventKind, Timestamp};
use twinloom_twin::{
    ForkError, Intervention, Journey, Scenario, SmokingStatus, TwinError, TwinParameters, fork, run,
};

fn parameters() -> TwinParameters {
    let day = |year| Timestamp::from_ymd(year, 1, 1).expect("1 January of these years exists");
    TwinParameters { population: 300, seed: 4, start: day(2021), ..TwinParameters::default() }
}

fn at() -> Timestamp {
    Timestamp::from_ymd_hms(2022, 5, 4, 9, 30, 0).expect("a moment of 2022")
}

/// Somebody old who lives beyond the fork, and their journey in the study.
fn somebody() -> (u64, Journey) {
    let mut found = None;
    run::<TwinError>(
        &parameters(),
        |journey| {
            let alive = journey.person.death.is_none_or(|death| death > at());
            if found.is_none() && alive && journey.person.birth.year() < 1955 {
                found = Some(journey);
            }
            Ok(())
        },
        |_| {},
    )
    .expect("the parameters are sound");
    let journey = found.expect("somebody of 300 is old");
    (journey.person.subject_id.get() as u64, journey)
}

#[test]
fn law_futures_share_the_past_and_differ_in_nothing_but_what_the_intervention_does() {
    let (subject, study) = somebody();
    let futures = fork(&parameters(), subject, at(), &Intervention::Nothing, 4).unwrap();
    // A specimen or an image of the last weeks may be reported only after the fork.
    let settled = at().plus_days(-90.0).expect("within the calendar");
    let past = |journey: &Journey| {
        let before = journey.truth.events().iter().filter(|event| event.time() < Some(settled));
        before.map(|event| (event.time(), event.code().clone(), event.numeric_value())).collect::<Vec<_>>()
    };
    assert_eq!(futures.len(), 4);
    for future in &futures {
        assert!(!future.acted);
        assert!(future.without == future.with, "nothing was done, yet the arms differ");
        let (own, of_study) = (past(&future.without), past(&study));
        let differs = own.iter().zip(&of_study).find(|(own, of_study)| own != of_study);
        assert!(own.len() == of_study.len() && differs.is_none(), "the past differs: {differs:?}");
    }
    assert!(futures[0].without != futures[1].without, "all futures are alike");
    let again =
        fork(&TwinParameters { threads: 1, ..parameters() }, subject, at(), &Intervention::Nothing, 4);
    assert!(again.unwrap() == futures, "threads change the futures");
}

#[test]
fn law_an_intervention_acts_from_the_fork_on() {
    let (subject, _) = somebody();
    let futures = fork(&parameters(), subject, at(), &Intervention::LoseWeight(20.0), 12).unwrap();
    let mut lighter = 0;
    for future in &futures {
        let before = |journey: &Journey| {
            let events = journey.truth.events().iter().take_while(|event| event.time() < Some(at()));
            events.map(|event| event.record_id().cloned()).collect::<Vec<_>>()
        };
        assert_eq!(before(&future.without), before(&future.with));
        lighter += usize::from(future.with != future.without);
    }
    assert!(lighter > 0, "twenty kilograms change nothing in twelve futures");
}

#[test]
fn law_a_medicine_is_on_the_list_of_one_arm() {
    let (subject, _) = somebody();
    let mut library = twinloom_twin::concepts(&parameters().pathways).unwrap();
    library.retain(|concept| concept.code.system() == Some("DMD"));
    let medicine: Code = library.first().expect("the library prescribes").code.clone();
    let taken = |journey: &Journey| {
        let events = journey.truth.events().iter();
        events
            .filter(|event| event.kind() == EventKind::Medication && event.time() == Some(at()))
            .filter(|event| *event.code() == medicine)
            .count()
    };
    let change = Intervention::StartMedication(medicine.clone());
    for future in fork(&parameters(), subject, at(), &change, 3).unwrap() {
        assert!(future.acted);
        assert_eq!((taken(&future.without), taken(&future.with)), (0, 1));
    }
}

/// Paired thinning: of the onsets of one arm, each is averted in the other with the protection of its day.
#[test]
fn ref_a_vaccine_averts_its_share_of_onsets() {
    // Influenza about once a year, in people whom no campaign has invited.
    let often = Scenario::parse("name = \"often\"\n[need.rates]\ninfluenza = 100", "often.toml").unwrap();
    let from = Timestamp::from_ymd(2022, 11, 1).unwrap();
    let until = from.plus_days(150.0).unwrap();
    let parameters = TwinParameters { population: 10, end: until, ..parameters() };
    let parameters = parameters.with_scenario(often).unwrap();
    let influenza = |journey: &Journey| -> Vec<f64> {
        let events = journey.truth.events().iter();
        let onsets = events.filter(|event| event.code().as_str() == "SNOMED//6142004");
        let times = onsets.filter_map(twinloom_event::Event::time);
        times.filter(|at| (from..until).contains(at)).map(|at| at.days_since(from)).collect()
    };
    let vaccine = Intervention::Vaccinate(Code::parse("ATC//J07BB02").unwrap());
    let (mut expected, mut variance, mut averted) = (0.0, 0.0, 0.0);
    for subject in 1..=10 {
        let Ok(futures) = fork(&parameters, subject, from, &vaccine, 200) else { continue };
        for future in futures {
            let (without, with) = (influenza(&future.without), influenza(&future.with));
            let given = |journey: &Journey| {
                let events = journey.truth.events().iter();
                events.filter(|event| event.code().as_str().starts_with("ATC//J07BB0")).count()
            };
            // Who is vaccinated anyway is no comparison.
            if given(&future.without) > 0 {
                continue;
            }
            for days in &without {
                let share = 0.45 * (-days / 150.0).exp2();
                expected += share;
                variance += share * (1.0 - share);
            }
            averted += without.len() as f64 - with.len() as f64;
        }
    }
    // Seed 4; four standard deviations, and the few onsets that an illness averted makes room for.
    let tolerance = 4.0 * f64::sqrt(variance) + 0.06 * expected;
    assert!(expected > 40.0, "{expected}");
    assert!((averted - expected).abs() < tolerance, "{averted} averted for {expected}, within {tolerance}");
}

#[test]
fn regress_impossible_forks_are_refused() {
    let nothing = Intervention::Nothing;
    let refused = |subject, at, change: &Intervention, futures| {
        fork(&parameters(), subject, at, change, futures).unwrap_err()
    };
    assert!(matches!(refused(301, at(), &nothing, 1), ForkError::Subject { .. }));
    assert!(matches!(refused(1, parameters().end, &nothing, 1), ForkError::Time { .. }));
    assert!(matches!(refused(1, at(), &nothing, 0), ForkError::Futures { .. }));
    let code = Code::new("SNOMED", "1").unwrap();
    assert!(matches!(refused(1, at(), &Intervention::Diagnose(code), 1), ForkError::Code { .. }));
    let hypertension = Intervention::Vaccinate(Code::parse("SNOMED//59621000").unwrap());
    assert!(matches!(refused(1, at(), &hypertension, 1), ForkError::Code { what: "vaccine", .. }));
    let weight = Intervention::LoseWeight(f64::NAN);
    assert!(matches!(refused(1, at(), &weight, 1), ForkError::Value { .. }));
    let attribute = Intervention::SetFlag("no such attribute".to_owned(), true);
    assert!(matches!(refused(1, at(), &attribute, 1), ForkError::Attribute { .. }));
}

/// Everybody of the study who is alive and at home when the fork comes, with their journeys.
fn everybody() -> Vec<(u64, Journey)> {
    let mut found = Vec::new();
    run::<TwinError>(
        &parameters(),
        |journey| {
            if journey.person.birth < at() && journey.person.death.is_none_or(|death| death > at()) {
                found.push((journey.person.subject_id.get() as u64, journey));
            }
            Ok(())
        },
        |_| {},
    )
    .expect("the parameters are sound");
    found
}

#[test]
fn law_stopping_to_smoke_acts_on_those_who_smoke_and_on_nobody_else() {
    let all = everybody();
    let with_status = |status| all.iter().find(|(_, own)| own.person.smoking.status_at(at()) == status);
    let (smoker, _) = with_status(SmokingStatus::Current).expect("somebody of 300 smokes");
    let stopped = |journey: &Journey| journey.person.smoking.stopped;
    for future in fork(&parameters(), *smoker, at(), &Intervention::StopSmoking, 4).unwrap() {
        assert!(future.acted);
        assert_eq!(stopped(&future.with), Some(at()));
        assert_ne!(stopped(&future.without), Some(at()));
    }
    let (never, _) = with_status(SmokingStatus::Never).expect("somebody of 300 never smoked");
    for future in fork(&parameters(), *never, at(), &Intervention::StopSmoking, 2).unwrap() {
        assert!(!future.acted && future.with == future.without);
    }
}

#[test]
fn law_a_diagnosis_finds_what_nobody_knew_and_nothing_else() {
    let hypertension = Code::new("SNOMED", "59621000").unwrap();
    let change = Intervention::Diagnose(hypertension.clone());
    let all = everybody();
    let is_it =
        |event: &twinloom_event::Event| event.kind() == EventKind::Condition && *event.code() == hypertension;
    let (has, has_not): (Vec<_>, Vec<_>) = all.iter().partition(|(_, own)| {
        own.truth.events().iter().any(|event| is_it(event) && event.time() < Some(at()))
    });
    for (subject, _) in has_not.iter().take(2) {
        let future = &fork(&parameters(), *subject, at(), &change, 1).unwrap()[0];
        assert!(!future.acted && future.with == future.without, "nothing to find in {subject}");
    }
    // Of those who have it most are known; somebody is not.
    let known_since = |journey: &Journey| {
        let own = journey.truth.events().iter().find(|event| is_it(event));
        own.and_then(|event| event.attribute("diagnosed").cloned())
    };
    let mut found = 0;
    for (subject, _) in has.iter().take(40) {
        let future = &fork(&parameters(), *subject, at(), &change, 1).unwrap()[0];
        if future.acted {
            found += 1;
            assert_eq!(known_since(&future.with), Some(Attribute::Time(at())));
            assert_ne!(known_since(&future.without), Some(Attribute::Time(at())));
        }
        if found == 2 {
            return;
        }
    }
    panic!("of {} people with raised pressure nobody is unknown", has.len());
}

#[test]
fn law_an_attribute_that_is_set_steers_the_pathway_that_reads_it() {
    // The threshold at which this person is offered a statin: 0 % against the 10 % of everybody.
    let threshold = "statin_primary_prevention.risk_threshold_percent".to_owned();
    let begins_statin = |journey: &Journey| {
        let mut events = journey.truth.events().iter();
        events.any(|event| {
            event.kind() == EventKind::Medication
                && event.time() >= Some(at())
                && event.code().as_str().ends_with("//C10AA05")
        })
    };
    let all = everybody();
    let middle_aged = all.iter().filter(|(_, own)| (1970..1980).contains(&own.person.birth.year()));
    let (mut without, mut with) = (0, 0);
    for (subject, _) in middle_aged.take(6) {
        let change = Intervention::SetNumber(threshold.clone(), 0.0);
        for future in fork(&parameters(), *subject, at(), &change, 8).unwrap() {
            assert!(future.acted);
            without += usize::from(begins_statin(&future.without));
            with += usize::from(begins_statin(&future.with));
        }
    }
    assert!(with > without, "{with} of 48 futures with a statin against {without}");
}
