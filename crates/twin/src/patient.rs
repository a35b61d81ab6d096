//! One simulated person's state while the clock runs.

use crate::engine::Moment;
use crate::gmf::Value;
use crate::person::{Ethnicity, Sex};
use crate::physiology::{Body, Effect, Traits, VitalSign};

/// A code of the linked pathways, by its place in [`crate::gmf::Names`].
pub(crate) type CodeId = u32;

/// Everything that pathways read and write about one person.
#[derive(Debug)]
pub(crate) struct Patient {
    pub(crate) sex: Sex,
    pub(crate) birth: Moment,
    pub(crate) ethnicity: Ethnicity,
    pub(crate) imd_decile: u8,
    pub(crate) traits: Traits,
    pub(crate) attributes: Vec<Value>,
    /// Conditions, medicines, plans and devices in force.
    pub(crate) entries: Vec<Entry>,
    pub(crate) effects: Vec<(Moment, u32, Effect)>,
    /// Signs that a module has set outright.
    pub(crate) fixed_signs: Vec<(VitalSign, f64)>,
    /// Last value of each code observed.
    pub(crate) observed: Vec<Reading>,
    /// Symptom, the module behind it, and its strength.
    pub(crate) symptoms: Vec<(u32, u16, f64)>,
    /// Last exit of each state of each module.
    pub(crate) visited: Vec<Moment>,
    pub(crate) encounters: Vec<Encounter>,
    pub(crate) facts: Vec<Fact>,
    /// The end of the contact under way or last ended.
    pub(crate) busy_until: Moment,
    /// The stay that is open, whose end nobody knows yet.
    pub(crate) open_stay: Option<u32>,
    pub(crate) death: Option<Moment>,
    /// Cause named by a module, if one did.
    pub(crate) cause_of_death: Option<CodeId>,
    /// Counts changes that guards and hazards may depend on.
    pub(crate) version: u32,
    pub(crate) next_artefact: u32,
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
    /// The state whose encounter will diagnose the condition.
    pub(crate) target: Option<u32>,
    pub(crate) truth: Reading,
    pub(crate) measured: Reading,
    pub(crate) sign: Option<VitalSign>,
    pub(crate) unit: Option<u32>,
    pub(crate) category: Option<u32>,
    pub(crate) text: Option<u32>,
}

/// A contact with a service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Encounter {
    pub(crate) artefact: u32,
    pub(crate) process: u16,
    pub(crate) class: EncounterClass,
    pub(crate) code: CodeId,
    pub(crate) reason: Option<CodeId>,
    pub(crate) start: Moment,
    /// The least it lasts.
    pub(crate) minutes: f64,
    pub(crate) end: Option<Moment>,
}

/// The service and manner of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EncounterClass {
    /// Booked, at the practice.
    GeneralPractice,
    /// Booked, at the practice, by telephone or video.
    Remote,
    /// Booked, at a hospital clinic.
    Outpatient,
    /// Unbooked, at an emergency department.
    Emergency,
    /// A hospital stay.
    Inpatient,
}

impl EncounterClass {
    pub(crate) const fn is_booked(self) -> bool {
        matches!(self, Self::GeneralPractice | Self::Remote | Self::Outpatient)
    }

    pub(crate) const fn is_general_practice(self) -> bool {
        matches!(self, Self::GeneralPractice | Self::Remote)
    }
}

impl Patient {
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
            self.version += 1;
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
        self.version += 1;
    }

    /// Ends a contact, not before it has lasted its least.
    pub(crate) fn end_encounter(&mut self, encounter: u32, at: Moment) {
        let open = self.encounters.get_mut(encounter as usize).filter(|contact| contact.end.is_none());
        if let Some(contact) = open {
            let end = at.max(contact.start.plus_days(contact.minutes / 1440.0));
            contact.end = Some(end);
            self.busy_until = self.busy_until.max(end);
        }
        if self.open_stay == Some(encounter) {
            self.open_stay = None;
            self.version += 1;
        }
    }
}
