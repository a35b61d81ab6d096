//! Writes one person's facts down twice: as they were, and as the practice recorded them.

use std::fmt::Write as _;
use std::sync::Arc;

use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId, Source, SubjectId,
    TimePrecision, Timeline, Timestamp, Unit,
};

use super::arrival::Arrival;
use super::assumptions as assumed;
use super::vocabulary::imd_decile_code;
use super::words::Words;
use crate::calendar::Calendar;
use crate::contact::Encounter;
use crate::engine::Moment;
use crate::gmf::Program;
use crate::parameters::TwinParameters;
use crate::patient::{Fact, FactKind, Patient, Reading};
use crate::person::Person;
use crate::stream::{Stream, StreamKey};

/// What the writing of all people shares; texts are made once.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(super) end: Moment,
    pub(super) record_from: Moment,
    codes: Vec<Code>,
    pub(super) texts: Vec<Arc<str>>,
    units: Vec<Option<Unit>>,
    /// Of process 0 (registration), then of each module.
    keys: Vec<StreamKey>,
    gp: Source,
    words: Words,
    birth: Code,
    death: Code,
    deciles: Vec<Code>,
}

impl Recorder {
    pub(crate) fn new(parameters: &TwinParameters, program: &Program) -> Self {
        let mut keys = vec![StreamKey::new(parameters.seed, "record")];
        keys.extend(program.roots.iter().map(|root| {
            let module = &program.modules[usize::from(*root)].name;
            StreamKey::new(parameters.seed, &format!("record/{module}"))
        }));
        Self {
            end: parameters.end.into(),
            record_from: parameters.record_from.into(),
            codes: program.names.codes().iter().map(|(code, _)| code.clone()).collect(),
            texts: program.names.texts().iter().map(|text| text.as_str().into()).collect(),
            units: program.names.texts().iter().map(|text| Unit::new(text.as_str()).ok()).collect(),
            keys,
            gp: Source::new("gp").expect("not empty"),
            words: Words::new(),
            birth: Code::birth(),
            death: Code::death(),
            deciles: (1..=10).map(imd_decile_code).collect(),
        }
    }

    /// What the practice recorded of a person.
    pub(crate) fn gp_record(&self, person: &Person, patient: &Patient, calendar: &Calendar) -> Timeline {
        let mut page = Page::new(self, person, patient, calendar);
        page.write_demographics();
        page.write_encounters();
        page.write_facts();
        page.write_death();
        Timeline::from_unordered(person.subject_id, page.gp).expect("one subject's few events")
    }
}

/// The writing of one person.
pub(super) struct Page<'a> {
    pub(super) recorder: &'a Recorder,
    person: &'a Person,
    pub(super) patient: &'a Patient,
    pub(super) calendar: &'a Calendar,
    subject: SubjectId,
    /// Nothing is known at or after it.
    pub(super) cutoff: Moment,
    pub(super) streams: Vec<Stream>,
    encounter_ids: Vec<(RecordId, EncounterId)>,
    pub(super) arrivals: Vec<Arrival>,
    gp: Vec<Event>,
    buffer: String,
}

impl<'a> Page<'a> {
    fn new(recorder: &'a Recorder, person: &'a Person, patient: &'a Patient, calendar: &'a Calendar) -> Self {
        let subject = person.subject_id;
        let events = patient.facts.len() + patient.encounters.len() + 8;
        Self {
            recorder,
            person,
            patient,
            calendar,
            subject,
            cutoff: patient.death.unwrap_or(recorder.end).min(recorder.end),
            streams: recorder.keys.iter().map(|key| key.open(subject.get() as u64)).collect(),
            encounter_ids: Vec::with_capacity(patient.encounters.len()),
            arrivals: Vec::with_capacity(patient.encounters.len()),
            gp: Vec::with_capacity(events),
            buffer: String::new(),
        }
    }

    fn event(&self, at: Moment, code: &Code, kind: EventKind, source: &Source) -> Event {
        Event::new(self.subject, Some(at.timestamp()), code.clone())
            .with_kind(kind)
            .with_source(source.clone())
    }

    /// A moment before the cutoff, as the record writes it.
    fn known(&self, at: Option<Moment>) -> Option<Timestamp> {
        at.filter(|at| *at <= self.cutoff && *at < self.recorder.end).map(Moment::timestamp)
    }

    fn text_id(&mut self, resource: &str, artefact: u32) -> Arc<str> {
        self.buffer.clear();
        // Writing to a String can't fail.
        let _ = write!(self.buffer, "{resource}/{}-{artefact}", self.subject);
        self.buffer.as_str().into()
    }

    fn record_id(&mut self, resource: &str, artefact: u32) -> RecordId {
        RecordId::new(self.text_id(resource, artefact)).expect("holds at least a slash")
    }

    fn write_demographics(&mut self) {
        let recorder = self.recorder;
        let ethnicity_known = !self.streams[0].chance(assumed::ETHNICITY_NOT_RECORDED);
        let decile = self.person.imd_decile;
        let fact = |code: Code| {
            Event::new(self.subject, None, code)
                .with_kind(EventKind::Demographic)
                .with_source(recorder.gp.clone())
        };
        let mut events = vec![fact(self.person.sex.code())];
        if ethnicity_known {
            events.push(fact(self.person.ethnicity.code()));
        }
        let code = recorder.deciles[usize::from(decile) - 1].clone();
        events.push(fact(code).with_numeric_value(f64::from(decile)).expect("a decile is finite"));
        events.push(
            self.event(self.patient.birth, &recorder.birth, EventKind::Birth, &recorder.gp)
                .with_time_precision(TimePrecision::Day),
        );
        self.gp.extend(events);
    }

    fn write_encounters(&mut self) {
        let patient = self.patient;
        for encounter in &patient.encounters {
            let record_id = self.record_id("Encounter", encounter.artefact);
            let encounter_id = EncounterId::new(record_id.as_str()).expect("holds at least a slash");
            self.encounter_ids.push((record_id.clone(), encounter_id.clone()));
            let arrival = self.arrival(encounter);
            self.arrivals.push(arrival);
            if encounter.start >= self.cutoff {
                continue;
            }
            let end = self.encounter_end(encounter);
            let write = |source: &Source| {
                let words = &self.recorder.words;
                let class = match encounter.service.class() {
                    "VR" => &words.remote,
                    "EMER" => &words.emergency,
                    "IMP" => &words.inpatient,
                    _ => &words.ambulatory,
                };
                let code = &self.recorder.codes[encounter.code as usize];
                let status = if end.is_some() { &words.finished } else { &words.in_progress };
                let mut event = self
                    .event(encounter.start, code, EventKind::Encounter, source)
                    .with_record_id(record_id.clone())
                    .with_encounter_id(encounter_id.clone())
                    .with_attribute(words.class.clone(), class.clone())
                    .with_attribute(words.status.clone(), status.clone());
                if let Some(reason) = encounter.reason {
                    let reason = Attribute::Text(self.recorder.codes[reason as usize].as_str().into());
                    event = event.with_attribute(words.reason.clone(), reason);
                }
                match end {
                    Some(end) => event.with_end_time(end).expect("a contact ends after it starts"),
                    None => event,
                }
            };
            let gp = match arrival {
                Arrival::Never => None,
                Arrival::AtOnce => Some(write(&self.recorder.gp)),
                Arrival::At(at) => Some(write(&self.recorder.gp).with_recorded_time(at.timestamp())),
            };
            self.gp.extend(gp);
        }
    }

    /// The end of a contact that ended within the run; death ends it too.
    fn encounter_end(&self, encounter: &Encounter) -> Option<Timestamp> {
        match (encounter.end, self.patient.death) {
            (Some(end), None) => self.known(Some(end)),
            (Some(end), Some(death)) => self.known(Some(end.min(death))),
            (None, Some(death)) => self.known(Some(death)),
            (None, None) => None,
        }
    }

    fn write_facts(&mut self) {
        let patient = self.patient;
        let mut last: Option<(u32, RecordId, Arrival)> = None;
        for fact in &patient.facts {
            if fact.start >= self.cutoff {
                continue;
            }
            let (record_id, arrival) = match &last {
                Some((artefact, record_id, arrival)) if *artefact == fact.artefact => {
                    (record_id.clone(), *arrival)
                }
                _ => {
                    let record_id = self.record_id(fact.kind.resource(), fact.artefact);
                    let arrival = self.fact_arrival(fact);
                    last = Some((fact.artefact, record_id.clone(), arrival));
                    (record_id, arrival)
                }
            };
            let event = self.gp_event(fact, &record_id, arrival);
            self.gp.extend(event);
        }
    }

    fn gp_event(&mut self, fact: &Fact, record_id: &RecordId, arrival: Arrival) -> Option<Event> {
        let recorded = match arrival {
            Arrival::Never => return None,
            Arrival::AtOnce => None,
            Arrival::At(at) => Some(at),
        };
        let stream = &mut self.streams[usize::from(fact.process)];
        let (stop_missed, by_year) =
            (stream.chance(assumed::STOP_NOT_RECORDED), stream.chance(assumed::DATED_BY_YEAR));
        let words = &self.recorder.words;
        let mut at = fact.diagnosed.unwrap_or(fact.start);
        if at >= self.cutoff {
            return None;
        }
        let mut precision = TimePrecision::Instant;
        if at < self.recorder.record_from {
            (at, precision) = coarse(at, by_year && fact.kind == FactKind::Condition);
        }
        let mut event = self
            .fact_event(fact, at, &self.recorder.gp, record_id, fact.measured)
            .with_time_precision(precision);
        if let Some(recorded) = recorded {
            event = event.with_recorded_time(recorded.timestamp());
        }
        // An end is known by its day.
        let day_end = fact.end.map(|end| coarse(end, false).0.max(at));
        let end = self.known(day_end).filter(|_| !stop_missed);
        event = match fact.kind {
            FactKind::Condition | FactKind::Allergy => event
                .with_attribute(
                    words.clinical_status.clone(),
                    if end.is_some() { words.resolved.clone() } else { words.active.clone() },
                )
                .with_attribute(words.verification_status.clone(), words.confirmed.clone()),
            FactKind::Medication => event
                .with_attribute(
                    words.status.clone(),
                    if end.is_some() { words.stopped.clone() } else { words.active.clone() },
                )
                .with_attribute(words.intent.clone(), words.order.clone()),
            FactKind::CarePlan => event
                .with_attribute(
                    words.status.clone(),
                    if end.is_some() { words.completed.clone() } else { words.active.clone() },
                )
                .with_attribute(words.intent.clone(), words.order.clone()),
            FactKind::Observation | FactKind::Document => {
                event.with_attribute(words.status.clone(), words.final_.clone())
            }
            FactKind::Procedure | FactKind::Immunisation | FactKind::Device => {
                event.with_attribute(words.status.clone(), words.completed.clone())
            }
        };
        Some(match end {
            Some(end) if end >= at.timestamp() => event.with_end_time(end).expect("checked to come after"),
            _ => event,
        })
    }

    fn fact_event(
        &self,
        fact: &Fact,
        at: Moment,
        source: &Source,
        record_id: &RecordId,
        reading: Reading,
    ) -> Event {
        let recorder = self.recorder;
        let mut event = self
            .event(at, &recorder.codes[fact.code as usize], fact.kind.event_kind(), source)
            .with_record_id(record_id.clone());
        let within = fact
            .encounter
            .filter(|contact| self.patient.encounters[*contact as usize].start >= recorder.record_from);
        if let Some(contact) = within {
            event = event.with_encounter_id(self.encounter_ids[contact as usize].1.clone());
        }
        if fact.kind == FactKind::Observation {
            match reading {
                Reading::Number(number) => {
                    // Readings are finite: bounded curves plus bounded scatter.
                    event = event.clone().with_numeric_value(number).unwrap_or(event);
                    if let Some(unit) = fact.unit.and_then(|unit| recorder.units[unit as usize].clone()) {
                        event = event.with_unit(unit);
                    }
                }
                Reading::Code(code) => {
                    event = event.with_text_value(recorder.codes[code as usize].as_str());
                }
                Reading::None => {}
            }
        }
        if let Some(text) = fact.text {
            event = event.with_text_value(recorder.texts[text as usize].clone());
        }
        if let Some(category) = fact.category {
            let category = Attribute::Text(recorder.texts[category as usize].clone());
            event = event.with_attribute(recorder.words.category.clone(), category);
        }
        event
    }

    fn write_death(&mut self) {
        let Some(death) = self.patient.death.filter(|death| *death < self.recorder.end) else { return };
        let recorder = self.recorder;
        let (least, most) = assumed::DEATH_NOTICE_DAYS;
        let notice = death.plus_days(least + (most - least) * self.streams[0].uniform());
        if notice < recorder.end {
            self.gp.push(
                self.event(death, &recorder.death, EventKind::Death, &recorder.gp)
                    .with_recorded_time(notice.timestamp()),
            );
        }
    }
}

/// A date as old notes give it.
fn coarse(at: Moment, by_year: bool) -> (Moment, TimePrecision) {
    if let (true, Ok(first)) = (by_year, Timestamp::from_ymd(at.timestamp().year(), 1, 1)) {
        return (first.into(), TimePrecision::Year);
    }
    let day = at.micros().div_euclid(MICROSECONDS_PER_DAY) * MICROSECONDS_PER_DAY;
    (Moment::from_micros(day), TimePrecision::Day)
}
