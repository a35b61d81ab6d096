//! One simulated person's state while the clock runs.

use crate::contact::{Appointment, Encounter, Letter, Referral, Service};
use crate::engine::Moment;
use crate::gmf::{Dispensing, Topics, Value};
use crate::person::{Ethnicity, Sex};
use crate::physiology::{Body, Effect, Traits, VitalSign};

/// A code of the linked pathways, by its place in [`crate::gmf::Names`].
pub(crate) type CodeId = u32;

/// Everything that pathways read and write about one person.
#[derive(Clone, Debug)]
pub(crate) struct Patient {
    pub(crate) sex: Sex,
    pub(crate) birth: Moment,
    pub(crate) ethnicity: Ethnicity,
    pub(crate) imd_decile: u8,
    pub(crate) traits: Traits,
    /// Share of prescribed doses that the person takes.
    pub(crate) adherence: f64,
    /// Tendency to miss appointments, as a ratio to the average.
    pub(crate) missing_ratio: f64,
    /// Names the person's random streams: the subject, and in a fork the future.
    pub(crate) stream: u64,
    /// The practice of the person within the locality.
    pub(crate) practice: u16,
    pub(crate) attributes: Vec<Value>,
    /// Conditions, medicines, plans and devices in force.
    pub(crate) entries: Vec<Entry>,
    pub(crate) effects: Vec<(Moment, u32, Effect)>,
    /// Signs that a module has set outright.
    pub(crate) fixed_signs: Vec<(VitalSign, f64)>,
    /// Last value of each code that a condition reads.
    pub(crate) readings: Vec<Reading>,
    /// Symptom, the module behind it, and its strength.
    pub(crate) symptoms: Vec<(u32, u16, f64)>,
    /// Last exit of each state that a condition refers to.
    pub(crate) visited: Vec<Moment>,
    pub(crate) encounters: Vec<Encounter>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) appointments: Vec<Appointment>,
    pub(crate) referrals: Vec<Referral>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) tests: Vec<TestTimes>,
    /// Medicines sent to the pharmacy, in order of their being ordered.
    pub(crate) dispensings: Vec<Dispensing>,
    /// The end of the contact under way or last ended.
    pub(crate) busy_until: Moment,
    /// The process that keeps the person in an emergency department, or waiting there for a bed.
    pub(crate) occupied_by: Option<u16>,
    pub(crate) death: Option<Moment>,
    pub(crate) cause_of_death: Option<CodeId>,
    pub(crate) contributing: Vec<CodeId>,
    /// Onsets that a planted effect brought.
    pub(crate) planted: Vec<Planted>,
    /// What has changed since guards and rates last looked.
    pub(crate) changed: Topics,
    /// Conditions begun since modules were last started.
    pub(crate) begun: Vec<CodeId>,
    pub(crate) next_artefact: u32,
}

/// An onset that would not have been without an effect that was planted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planted {
    /// The onset's artefact.
    pub(crate) artefact: u32,
    /// The subjects to whom it goes back.
    pub(crate) sources: Vec<u64>,
}

/// When a test was ordered, done and resulted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TestTimes {
    pub(crate) requested: Moment,
    /// Specimen or image taken.
    pub(crate) taken: Moment,
    /// At the laboratory; for an image, when it was taken.
    pub(crate) received: Moment,
    /// Authorised or reported.
    pub(crate) resulted: Moment,
    pub(crate) modality: Option<crate::supply::Modality>,
}

/// Something in force until ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) kind: FactKind,
    pub(crate) code: CodeId,
    pub(crate) fact: u32,
    /// The state that began it, over all modules.
    pub(crate) state: u32,
}

/// The sort of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactKind {
    Condition,
    Observation,
    Medication,
    Procedure,
    CarePlan,
    Document,
    Allergy,
    Immunisation,
    Device,
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Reading {
    #[default]
    None,
    Number(f64),
    Code(CodeId),
}

/// Something that was true of the person or done to them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    pub(crate) kind: FactKind,
    /// The artefact's number within the person; parts of one artefact share it.
    pub(crate) artefact: u32,
    pub(crate) process: u16,
    pub(crate) code: CodeId,
    pub(crate) start: Moment,
    pub(crate) end: Option<Moment>,
    /// The contact it belongs to; for a condition, the one at which it was diagnosed.
    pub(crate) encounter: Option<u32>,
    /// For a condition: when it was diagnosed.
    pub(crate) diagnosed: Option<Moment>,
    pub(crate) diagnosed_by: Option<Service>,
    /// The state whose encounter will diagnose the condition.
    pub(crate) target: Option<u32>,
    pub(crate) truth: Reading,
    pub(crate) measured: Reading,
    pub(crate) sign: Option<VitalSign>,
    pub(crate) unit: Option<u32>,
    pub(crate) category: Option<u32>,
    pub(crate) text: Option<u32>,
    /// The test behind it, by its place in [`Patient::tests`].
    pub(crate) test: Option<u32>,
    /// For a medicine: days that an issue lasts.
    pub(crate) issue_days: Option<u16>,
    /// For a medicine: prescribed by a hospital.
    pub(crate) hospital: bool,
}

impl Fact {
    /// Something that begins, with nothing else known of it.
    pub(crate) fn new(kind: FactKind, artefact: u32, process: u16, code: CodeId, start: Moment) -> Self {
        Self {
            kind,
            artefact,
            process,
            code,
            start,
            end: None,
            encounter: None,
            diagnosed: None,
            diagnosed_by: None,
            target: None,
            truth: Reading::None,
            measured: Reading::None,
            sign: None,
            unit: None,
            category: None,
            text: None,
            test: None,
            issue_days: None,
            hospital: false,
        }
    }
}

impl Patient {
    pub(crate) fn new(sex: Sex, birth: Moment, ethnicity: Ethnicity, imd_decile: u8, traits: Traits) -> Self {
        Self {
            sex,
            birth,
            ethnicity,
            imd_decile,
            traits,
            adherence: 1.0,
            missing_ratio: 1.0,
            stream: 0,
            practice: 0,
            attributes: Vec::new(),
            entries: Vec::new(),
            effects: Vec::new(),
            fixed_signs: Vec::new(),
            readings: Vec::new(),
            symptoms: Vec::new(),
            visited: Vec::new(),
            encounters: Vec::new(),
            facts: Vec::new(),
            appointments: Vec::new(),
            referrals: Vec::new(),
            letters: Vec::new(),
            tests: Vec::new(),
            dispensings: Vec::new(),
            busy_until: Moment::EVER,
            occupied_by: None,
            death: None,
            cause_of_death: None,
            contributing: Vec::new(),
            planted: Vec::new(),
            changed: Topics::default(),
            begun: Vec::new(),
            next_artefact: 0,
        }
    }

    pub(crate) fn age_years(&self, at: Moment) -> f64 {
        at.years_since(self.birth)
    }

    pub(crate) fn new_artefact(&mut self) -> u32 {
        self.next_artefact += 1;
        self.next_artefact
    }

    /// Sets an attribute and tells waiting modules if it changed.
    pub(crate) fn set_attribute(&mut self, attribute: u32, value: Value) {
        let slot = &mut self.attributes[attribute as usize];
        if *slot != value {
            *slot = value;
            self.changed |= Topics::attribute(attribute);
        }
    }

    /// The true value of a sign.
    pub(crate) fn vital_sign(&self, sign: VitalSign, at: Moment) -> f64 {
        if let Some((_, value)) = self.fixed_signs.iter().rev().find(|fixed| fixed.0 == sign) {
            return *value;
        }
        let body = Body {
            sex: self.sex,
            age_years: self.age_years(at),
            imd_decile: self.imd_decile,
            traits: self.traits,
        };
        let shift = |sign| {
            let own = self.effects.iter().filter(|(_, _, effect)| effect.sign == sign);
            own.map(|(since, _, effect)| effect.change + effect.change_per_year * at.years_since(*since))
                .sum()
        };
        body.value(sign, &shift)
    }

    /// Ends an entry: the fact is closed and its effects cease.
    pub(crate) fn end_entry(&mut self, index: usize, at: Moment) {
        let entry = self.entries.remove(index);
        if let Some(fact) = self.facts.get_mut(entry.fact as usize) {
            fact.end = Some(at.max(fact.start));
        }
        self.effects.retain(|(_, fact, _)| *fact != entry.fact);
        self.changed |= Topics::entry(entry.kind, entry.code) | Topics::SIGNS;
    }

    /// Puts something in force.
    pub(crate) fn begin_entry(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.changed |= Topics::entry(entry.kind, entry.code);
        if entry.kind == FactKind::Condition {
            self.begun.push(entry.code);
        }
    }

    /// Shifts a sign as long as a fact is in force.
    pub(crate) fn begin_effect(&mut self, at: Moment, fact: u32, effect: Effect) {
        self.effects.push((at, fact, effect));
        self.changed |= Topics::SIGNS;
    }

    /// When something done now at a contact is dated: a contact that is over dates it by its end.
    pub(crate) fn time_of_contact(&self, encounter: Option<u32>, now: Moment) -> Moment {
        let contact = encounter.and_then(|contact| self.encounters.get(contact as usize));
        match contact {
            Some(contact) if contact.hospital.is_some() => now.min(contact.least_end).max(contact.start),
            _ => now,
        }
    }

    /// Notes that a condition was found out at a contact; false when it was known.
    pub(crate) fn diagnose(&mut self, fact: u32, encounter: Option<u32>, at: Moment) -> bool {
        let by = encounter.and_then(|contact| self.encounters.get(contact as usize));
        let by = by.map(|contact| contact.service);
        let unknown = self.facts.get_mut(fact as usize).filter(|fact| fact.diagnosed.is_none());
        let Some(fact) = unknown else { return false };
        fact.diagnosed = Some(at);
        fact.diagnosed_by = by;
        fact.encounter = encounter;
        self.changed |= Topics::entry(FactKind::Condition, fact.code);
        true
    }

    /// Ends a contact. Appointments and stays last as long as was settled when they began; an attendance at
    /// an emergency department at least as long.
    pub(crate) fn end_encounter(&mut self, encounter: u32, at: Moment) {
        let open = self.encounters.get_mut(encounter as usize).filter(|contact| contact.end.is_none());
        let Some(contact) = open else { return };
        let open_ended = contact.service == Service::Emergency;
        let end = if open_ended { at.max(contact.least_end) } else { contact.least_end };
        contact.end = Some(end);
        let process = contact.process;
        self.busy_until = self.busy_until.max(end);
        if self.occupied_by == Some(process) {
            self.occupied_by = None;
        }
    }

    /// Drops contacts that are over and what was measured or done at them: the practice's record has not
    /// begun, and conditions, medicines and the like in force or lasting stay.
    pub(crate) fn forget_before(&mut self) {
        let ended = |fact: &Fact| fact.end.is_some();
        let kept = |fact: &Fact| match fact.kind {
            FactKind::Observation | FactKind::Document => false,
            FactKind::Medication | FactKind::CarePlan => !ended(fact),
            _ => true,
        };
        let mut places = vec![u32::MAX; self.facts.len()];
        let mut next = 0;
        for (place, fact) in self.facts.iter().enumerate() {
            if kept(fact) {
                places[place] = next;
                next += 1;
            }
        }
        let moved = |fact: u32| places.get(fact as usize).copied().unwrap_or(u32::MAX);
        self.facts.retain(kept);
        for entry in &mut self.entries {
            entry.fact = moved(entry.fact);
        }
        for effect in &mut self.effects {
            effect.1 = moved(effect.1);
        }
        for attribute in &mut self.attributes {
            if let Value::Fact(fact) = attribute {
                *fact = moved(*fact);
            }
        }
    }

    /// Gives back memory that the coming year will not need.
    pub(crate) fn trim(&mut self) {
        fn trim<T>(list: &mut Vec<T>) {
            let wanted = list.len() + list.len() / 8 + 8;
            if list.capacity() > wanted + list.len() / 8 {
                list.shrink_to(wanted);
            }
        }
        trim(&mut self.facts);
        trim(&mut self.encounters);
        trim(&mut self.appointments);
        trim(&mut self.letters);
        trim(&mut self.tests);
        trim(&mut self.dispensings);
    }
}
