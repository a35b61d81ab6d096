//! People from the canonical record.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{Code, Dataset, EventKind, Timeline, Timestamp};

use crate::{Day, Onset, People, Trait, TraitError};

/// How people are read off a record.
#[derive(Clone, Debug, Default)]
pub struct RecordOptions {
    /// Conditions that fewer people have do not count. They do not make anybody leave.
    pub least_people: u64,
    /// The only conditions that count, those that nobody has included; `None` for all that there are.
    pub conditions: Option<Vec<String>>,
}

/// Everybody of a record, with the first onset of each condition, death, and the traits `sex`,
/// `age_band`, `ethnicity` and `deprivation_fifth` where the record states them.
///
/// `condition_of` names the condition that a code of a condition stands for, if it counts. An age is that
/// at the last event of the whole record, or at death, in bands of ten years up to 90; deprivation fifth
/// 1 is the most deprived.
///
/// # Errors
/// [`TraitError`] never in practice: the traits have names and are of everybody.
pub fn people_of_record(
    dataset: &Dataset,
    options: &RecordOptions,
    condition_of: impl Fn(&Code) -> Option<Arc<str>>,
) -> Result<People, TraitError> {
    let timelines = dataset.cohort.timelines();
    let last = timelines.iter().filter_map(|timeline| timeline.events().last()?.time()).max();
    let mut names: FxHashMap<&str, Option<u32>> = FxHashMap::default();
    let mut conditions: Vec<Arc<str>> = Vec::new();
    let mut numbers: FxHashMap<Arc<str>, u32> = FxHashMap::default();
    let mut rows: Vec<Vec<(u32, Option<Day>)>> = Vec::with_capacity(timelines.len());
    for timeline in timelines {
        let mut own: Vec<(u32, Option<Day>)> = Vec::new();
        for event in timeline.events().iter().filter(|event| event.kind() == EventKind::Condition) {
            let number = *names.entry(event.code().as_str()).or_insert_with(|| {
                let name = condition_of(event.code())?;
                let chosen = options.conditions.as_ref();
                if chosen.is_some_and(|chosen| !chosen.iter().any(|known| **known == *name)) {
                    return None;
                }
                Some(*numbers.entry(Arc::clone(&name)).or_insert_with(|| {
                    conditions.push(name);
                    conditions.len() as u32 - 1
                }))
            });
            if let Some(number) = number
                && !own.iter().any(|(known, day)| *known == number && day.is_some())
            {
                own.retain(|(known, _)| *known != number);
                own.push((number, event.time().map(day_of)));
            }
        }
        rows.push(own);
    }
    let mut having = vec![0_u64; conditions.len()];
    for (number, _) in rows.iter().flatten() {
        having[*number as usize] += 1;
    }
    let mut builder = People::builder();
    let ids: Vec<_> = conditions
        .iter()
        .zip(&having)
        .map(|(name, people)| (*people >= options.least_people).then(|| builder.condition(name)))
        .collect();
    for name in options.conditions.iter().flatten() {
        builder.condition(name);
    }
    let mut onsets: Vec<Onset> = Vec::new();
    for (timeline, own) in timelines.iter().zip(rows) {
        onsets.clear();
        onsets.extend(own.iter().filter_map(|(number, day)| {
            ids[*number as usize].map(|condition| Onset { condition, day: *day })
        }));
        builder.person(&onsets, timeline.death().map(day_of));
    }
    let mut people = builder.build();
    for (name, of) in [
        ("sex", sex as fn(&Timeline) -> Option<String>),
        ("ethnicity", ethnicity),
        ("deprivation_fifth", deprivation_fifth),
    ] {
        people = with_trait(people, name, &timelines.iter().map(of).collect::<Vec<_>>())?;
    }
    let bands: Vec<_> = timelines.iter().map(|timeline| age_band(timeline, last)).collect();
    with_trait(people, "age_band", &bands)
}

fn with_trait(people: People, name: &str, levels: &[Option<String>]) -> Result<People, TraitError> {
    if levels.iter().all(Option::is_none) {
        return Ok(people);
    }
    people.with_trait(Trait::new(name, levels.iter().map(Option::as_deref))?)
}

fn day_of(time: Timestamp) -> Day {
    time.micros().div_euclid(24 * 60 * 60 * 1_000_000) as Day
}

/// The last value of a system of codes among the person's demographic facts.
fn stated<'a>(timeline: &'a Timeline, systems: &[&str]) -> Option<&'a str> {
    let facts = timeline.events().iter().filter(|event| event.kind() == EventKind::Demographic);
    let of_system =
        |code: &'a Code| code.system().filter(|system| systems.contains(system)).map(|_| code.value());
    facts.rev().find_map(|event| of_system(event.code()))
}

fn sex(timeline: &Timeline) -> Option<String> {
    stated(timeline, &["SEX", "GENDER"]).map(str::to_lowercase)
}

fn ethnicity(timeline: &Timeline) -> Option<String> {
    stated(timeline, &["ETHNICITY"]).map(str::to_owned)
}

fn deprivation_fifth(timeline: &Timeline) -> Option<String> {
    let decile: u32 = stated(timeline, &["IMD_DECILE"])?.parse().ok()?;
    (1..=10).contains(&decile).then(|| decile.div_ceil(2).to_string())
}

fn age_band(timeline: &Timeline, last: Option<Timestamp>) -> Option<String> {
    let at = timeline.death().or(last)?;
    let age = at.years_since(timeline.birth()?).clamp(0, 90) / 10 * 10;
    Some(if age == 90 { "90+".to_owned() } else { format!("{age:02}-{:02}", age + 9) })
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Cohort, Event, SubjectId};

    use super::*;

    fn event(subject: i64, kind: EventKind, code: &str, year: Option<i32>) -> Event {
        let time = year.map(|year| Timestamp::from_ymd(year, 1, 1).unwrap());
        Event::new(SubjectId::new(subject), time, Code::parse(code).unwrap()).with_kind(kind)
    }

    #[test]
    fn regress_first_onsets_traits_and_deaths() {
        use EventKind::{Birth, Condition, Death, Demographic, Procedure};
        let events = vec![
            event(1, Demographic, "SEX//female", None),
            event(1, Demographic, "IMD_DECILE//3", None),
            event(1, Condition, "SNOMED//1", None),
            event(1, Birth, "MEDS_BIRTH", Some(1950)),
            event(1, Condition, "SNOMED//1", Some(2001)),
            event(1, Condition, "SNOMED//2", Some(2003)),
            event(1, Condition, "SNOMED//1", Some(2004)),
            event(1, Condition, "SNOMED//3", Some(2005)),
            event(1, Procedure, "SNOMED//2", Some(2006)),
            event(2, Condition, "SNOMED//2", Some(2007)),
            event(2, Death, "MEDS_DEATH", Some(2010)),
        ];
        let dataset = Dataset { cohort: Cohort::from_events(events).unwrap(), ..Dataset::default() };
        let name = |code: &Code| (code.value() != "3").then(|| Arc::from(format!("c{}", code.value())));
        let people = people_of_record(&dataset, &RecordOptions::default(), name).unwrap();
        let names: Vec<&str> = people.conditions().names().collect();
        assert_eq!(names, ["c1", "c2"]);
        let first: Vec<Onset> = people.person(0).onsets().collect();
        let day = |year| Some(day_of(Timestamp::from_ymd(year, 1, 1).unwrap()));
        assert_eq!(first.iter().map(|onset| onset.day).collect::<Vec<_>>(), [day(2001), day(2003)]);
        assert_eq!(people.person(1).death(), day(2010));
        let level = |name: &str| {
            let known = people.trait_named(name).unwrap();
            (0..2)
                .map(|person| known.level_of(person).map(|at| known.levels()[at].to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(level("sex"), [Some("female".into()), None]);
        assert_eq!(level("deprivation_fifth"), [Some("2".into()), None]);
        assert_eq!(level("age_band"), [Some("60-69".into()), None]);
        assert!(people.trait_named("ethnicity").is_err());
        let options = RecordOptions { least_people: 2, conditions: None };
        let people = people_of_record(&dataset, &options, name).unwrap();
        assert_eq!(people.conditions().names().collect::<Vec<_>>(), ["c2"]);
        assert_eq!(people.len(), 2);
    }
}
