//! Prediction instances among the people they live with, their practices, and what is known of all of them.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use twinloom_event::{Code, Cohort, Event, EventKind, Timeline};

use super::affiliation::{Affiliations, deaths};
use super::task_graph::Rows;
use super::vocabulary::{concept, known_events};
use super::{Csr, CsrError, Instance, Vocabulary};

/// Code of the event by which a subject joins a household; its text names the household.
pub const HOUSEHOLD: &str = "HOUSEHOLD";

/// Code of the event by which a subject is registered with a practice; its text names the practice.
pub const PRACTICE: &str = "PRACTICE";

/// Of a larger home, say a care home, only so many are heard, the first by subject.
pub const MOST_HOUSEMATES: usize = 16;

/// When a person met a concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A static demographic fact.
    Undated,
    /// In the year before the instance's time.
    LastYear,
    /// Before that.
    Earlier,
}

impl When {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Undated, Self::LastYear, Self::Earlier];

    fn of(days_before: Option<f64>) -> Self {
        match days_before {
            None => Self::Undated,
            Some(days) if days <= 365.0 => Self::LastYear,
            Some(_) => Self::Earlier,
        }
    }
}

/// Instances, the people each lived with at its time, their practices, and the concepts each person had met.
///
/// A person here is a subject as of a time: the instances come first, then the snapshots of their housemates as of
/// the instances' times, each once. A housemate's snapshot holds what the record could tell of the housemate at
/// that time and never a label. Who has died is nobody's housemate. A household with its listener taken out would
/// be a node of that listener's own, so person to household to person is one edge here.
///
/// A subject's household at a time is the text of the latest event with code [`HOUSEHOLD`] known by then, the
/// practice likewise with [`PRACTICE`]; where there are none, no edge joins two people.
///
/// # Shapes
/// [`PatientGraph::housemates`] is instances x people, [`PatientGraph::practices_of`] instances x practices,
/// [`PatientGraph::met`] people x concepts. Edges of a row are in column order, without repeats.
///
/// # Limits
/// At most [`MOST_HOUSEMATES`] housemates each. Concepts that the vocabulary lacks are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientGraph {
    housemates: Csr,
    practices_of: Csr,
    practices: Vec<Arc<str>>,
    met: [Csr; 3],
    log_counts: [Vec<f32>; 3],
    age_years: Vec<Option<f32>>,
    concepts: Vec<Code>,
}

impl PatientGraph {
    /// Gathers what the record could tell at each instance's time of its subject and of those at home.
    ///
    /// # Errors
    /// [`CsrError::TooLarge`] beyond 4,294,967,295 people or edges.
    pub fn build(cohort: &Cohort, instances: &[Instance], vocabulary: &Vocabulary) -> Result<Self, CsrError> {
        let (people, housemates) = people(cohort, instances)?;
        let (practices, practices_of) = practices(cohort, instances)?;
        let parts: Vec<Person> =
            people.par_iter().map(|person| Person::of(cohort, *person, vocabulary)).collect();
        let mut rows = [Rows::default(), Rows::default(), Rows::default()];
        let mut log_counts = [Vec::new(), Vec::new(), Vec::new()];
        let mut age_years = Vec::with_capacity(people.len());
        for part in parts {
            for ((rows, counts), met) in rows.iter_mut().zip(&mut log_counts).zip(part.met) {
                rows.push(met.iter().map(|(concept, _)| *concept))?;
                counts.extend(met.iter().map(|(_, count)| (*count as f32).ln_1p()));
            }
            age_years.push(part.age_years);
        }
        let concepts = vocabulary.concepts().to_vec();
        let [undated, last_year, earlier] = rows.map(|rows| rows.finish(concepts.len()));
        let met = [undated?, last_year?, earlier?];
        Ok(Self { housemates, practices_of, practices, met, log_counts, age_years, concepts })
    }

    /// Number of instances, the first people.
    pub fn instances(&self) -> usize {
        self.housemates.rows()
    }

    /// Number of instances and snapshots of housemates.
    pub fn people(&self) -> usize {
        self.housemates.columns()
    }

    /// The people each instance lived with.
    pub fn housemates(&self) -> &Csr {
        &self.housemates
    }

    /// The practice of each instance, where one is known.
    pub fn practices_of(&self) -> &Csr {
        &self.practices_of
    }

    /// The practices by number, in order of name.
    pub fn practices(&self) -> &[Arc<str>] {
        &self.practices
    }

    /// The concepts each person met then.
    pub fn met(&self, when: When) -> &Csr {
        &self.met[when as usize]
    }

    /// ln(1 + number of events) of each edge of [`PatientGraph::met`].
    pub fn log_counts(&self, when: When) -> &[f32] {
        &self.log_counts[when as usize]
    }

    /// Age of each person at its time, in years of 365.25 days, where the birth is known.
    pub fn age_years(&self) -> &[Option<f32>] {
        &self.age_years
    }

    /// The concepts by number, in code order.
    pub fn concepts(&self) -> &[Code] {
        &self.concepts
    }
}

/// The instances and their housemates' snapshots, and who lives with whom.
fn people(cohort: &Cohort, instances: &[Instance]) -> Result<(Vec<Instance>, Csr), CsrError> {
    let (homes, deaths) = (Affiliations::of(cohort, HOUSEHOLD), deaths(cohort));
    let at_home = |&instance: &Instance| -> Vec<Instance> {
        let alive = |id: &_| deaths.get(id).is_none_or(|&known| known > instance.as_of);
        let others = homes.companions(instance).filter(alive).take(MOST_HOUSEMATES);
        others.map(|subject_id| Instance { subject_id, ..instance }).collect()
    };
    let at_home: Vec<Vec<Instance>> = instances.par_iter().map(at_home).collect();
    let mut people = instances.to_vec();
    let mut numbers: FxHashMap<Instance, u32> = FxHashMap::default();
    for (number, instance) in (0..).zip(instances) {
        numbers.entry(*instance).or_insert(number);
    }
    let mut rows = Rows::default();
    for others in at_home {
        let mut row = Vec::with_capacity(others.len());
        for snapshot in others {
            row.push(*numbers.entry(snapshot).or_insert_with(|| {
                people.push(snapshot);
                people.len() as u32 - 1
            }));
        }
        row.sort_unstable();
        rows.push(row)?;
    }
    let housemates = rows.finish(people.len())?;
    Ok((people, housemates))
}

/// The practices that instances were registered with, and with which each was.
fn practices(cohort: &Cohort, instances: &[Instance]) -> Result<(Vec<Arc<str>>, Csr), CsrError> {
    let registered = Affiliations::of(cohort, PRACTICE);
    let of_instances: Vec<Option<&str>> = instances.iter().map(|&instance| registered.at(instance)).collect();
    let mut names: Vec<&str> = of_instances.iter().flatten().copied().collect();
    names.sort_unstable();
    names.dedup();
    let mut rows = Rows::default();
    for practice in of_instances {
        rows.push(practice.map(|name| names.partition_point(|other| *other < name) as u32))?;
    }
    let of_instances = rows.finish(names.len())?;
    Ok((names.into_iter().map(Arc::from).collect(), of_instances))
}

/// What is known of one person.
struct Person {
    /// By when: concepts in order, with their number of events.
    met: [Vec<(u32, u32)>; 3],
    age_years: Option<f32>,
}

impl Person {
    fn of(cohort: &Cohort, person: Instance, vocabulary: &Vocabulary) -> Self {
        let mut met = [Vec::new(), Vec::new(), Vec::new()];
        for event in known_events(cohort, person) {
            if let Some(number) = vocabulary.number(&concept(event)) {
                let when = When::of(event.time().map(|time| person.as_of.days_since(time)));
                met[when as usize].push((number, 1));
            }
        }
        for concepts in &mut met {
            concepts.sort_unstable();
            concepts.dedup_by(|later, first| {
                let same = later.0 == first.0;
                first.1 += u32::from(same);
                same
            });
        }
        let born = cohort
            .get(person.subject_id)
            .map_or(&[][..], Timeline::timed_events)
            .iter()
            .filter(|event| event.kind() == EventKind::Birth || event.code().is_birth())
            .find(|event| event.known_time() <= Some(person.as_of))
            .and_then(Event::time);
        let age_years = born.map(|born| (person.as_of.days_since(born) / 365.25) as f32);
        Self { met, age_years }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::{SubjectId, Timestamp};

    use super::*;

    fn day(day: u32) -> Timestamp {
        Timestamp::from_ymd(2020, 1, day).unwrap()
    }

    fn event(subject: i64, at: u32, code: &str) -> Event {
        Event::new(SubjectId::new(subject), Some(day(at)), Code::parse(code).unwrap())
    }

    fn instance(subject: i64, at: u32) -> Instance {
        Instance { subject_id: SubjectId::new(subject), as_of: day(at) }
    }

    /// Three live in one home, one in another; the last of the home dies on the 20th.
    fn events() -> Vec<Event> {
        let long_ago = Timestamp::from_ymd(2000, 1, 1).unwrap();
        let a_while_ago = Timestamp::from_ymd(2018, 1, 1).unwrap();
        let mut events = vec![
            event(1, 2, "A"),
            event(1, 3, "A"),
            event(2, 4, "B"),
            event(2, 9, "A"),
            event(3, 5, "C"),
            event(4, 5, "C"),
            event(3, 20, "MEDS_DEATH").with_kind(EventKind::Death),
            Event::new(SubjectId::new(2), Some(a_while_ago), Code::parse("B").unwrap()),
            Event::new(SubjectId::new(1), Some(long_ago), Code::birth()).with_kind(EventKind::Birth),
            Event::new(SubjectId::new(2), None, Code::parse("SEX//female").unwrap())
                .with_kind(EventKind::Demographic),
        ];
        for (subject, home) in [(1, "x"), (2, "x"), (3, "x"), (4, "y")] {
            events.push(event(subject, 1, HOUSEHOLD).with_text_value(home));
            events.push(event(subject, 1, PRACTICE).with_text_value(if subject == 4 { "Q" } else { "P" }));
        }
        events
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary::new(["A", "B", "C", "SEX//female"].map(|code| Code::parse(code).unwrap()).to_vec())
    }

    fn graph(events: Vec<Event>, instances: &[Instance]) -> PatientGraph {
        PatientGraph::build(&Cohort::from_events(events).unwrap(), instances, &vocabulary()).unwrap()
    }

    #[test]
    fn regress_housemates_are_known_as_of_the_instance() {
        let instances = [instance(1, 8), instance(2, 8), instance(1, 25), instance(4, 8), instance(9, 8)];
        let graph = graph(events(), &instances);
        // Further people: 3 as of the 8th, 2 as of the 25th; 2 as of the 8th is an instance itself.
        assert_eq!((graph.instances(), graph.people()), (5, 7));
        let housemates: Vec<&[u32]> = (0..5).map(|row| graph.housemates().row(row)).collect();
        assert_eq!(housemates, [&[1, 5][..], &[0, 5], &[6], &[], &[]]);
        let (year, earlier) = (graph.met(When::LastYear), graph.met(When::Earlier));
        assert_eq!((year.row(0), year.row(1), year.row(5)), (&[0][..], &[1][..], &[2][..]));
        assert_eq!((year.row(6), earlier.row(6)), (&[0, 1][..], &[1][..]));
        assert_eq!((graph.met(When::Undated).row(6), earlier.edges()), (&[3][..], 2));
        assert!((graph.log_counts(When::LastYear)[0] - 3.0_f32.ln()).abs() < 1e-6);
        assert_eq!(graph.practices().iter().map(|name| &**name).collect::<Vec<_>>(), ["P", "Q"]);
        assert_eq!(graph.practices_of().targets(), [0, 0, 0, 1]);
        assert!((graph.age_years()[0].unwrap() - 20.0).abs() < 0.1 && graph.age_years()[1].is_none());
    }

    #[test]
    fn law_nothing_that_comes_later_reaches_an_instance() {
        let instances = [instance(1, 8), instance(2, 8), instance(4, 8)];
        let before = graph(events(), &instances);
        let mut later = events();
        later.extend((1..=4).map(|subject| event(subject, 9, "B")));
        later.push(event(4, 9, HOUSEHOLD).with_text_value("x"));
        later.push(event(2, 10, HOUSEHOLD).with_text_value("y"));
        later.push(event(1, 11, PRACTICE).with_text_value("Z"));
        later.push(event(3, 9, "MEDS_DEATH").with_kind(EventKind::Death));
        later.push(event(3, 7, "A").with_recorded_time(day(9)));
        later.push(event(2, 7, HOUSEHOLD).with_text_value("y").with_recorded_time(day(9)));
        assert_eq!(graph(later, &instances), before);
    }

    #[test]
    fn regress_a_record_without_homes_has_people_without_links() {
        let plain: Vec<Event> = events().into_iter().filter(|event| event.text_value().is_none()).collect();
        let graph = graph(plain, &[instance(1, 8), instance(2, 8)]);
        assert_eq!((graph.people(), graph.housemates().edges(), graph.practices().len()), (2, 0, 0));
    }

    #[test]
    fn regress_of_a_large_home_the_first_are_heard() {
        let home = (1..=40).map(|subject| event(subject, 1, HOUSEHOLD).with_text_value("home")).collect();
        let graph = graph(home, &[instance(3, 8)]);
        assert_eq!(graph.housemates().row(0).len(), MOST_HOUSEMATES);
        assert_eq!(graph.people(), 1 + MOST_HOUSEMATES);
    }
}
