//! Encounters: how a contact begins, what it finds out, how it ends.

use super::Value;
use super::encounter_spec::EncounterSpec;
use super::instance::Instance;
use super::interpreter::Interpreter;
use crate::contact::{Encounter, HospitalDetail, Service};
use crate::engine::Moment;
use crate::patient::{FactKind, Patient};

impl Interpreter {
    pub(super) fn begin_encounter(
        spec: &EncounterSpec,
        patient: &mut Patient,
        instance: &mut Instance,
        (start, least_end): (Moment, Moment),
    ) -> u32 {
        let artefact = patient.new_artefact();
        let number = patient.encounters.len() as u32;
        let service = instance.instead.take().unwrap_or(spec.service);
        let has_specialty = matches!(service, Service::Outpatient | Service::Inpatient | Service::DayCase);
        patient.encounters.push(Encounter {
            artefact,
            process: instance.process,
            service,
            code: spec.code,
            reason: spec.reason,
            start,
            least_end,
            end: None,
            specialty: has_specialty.then_some(spec.specialty),
            booked: None,
            hospital: None,
        });
        instance.encounter = Some(number);
        instance.writes_letter = spec.letter && service.is_hospital();
        instance.came_by_emergency = service == Service::Emergency;
        number
    }

    /// Someone comes to the emergency department.
    pub(super) fn arrive(spec: &EncounterSpec, patient: &mut Patient, instance: &mut Instance, now: Moment) {
        let least_end = now.plus_days(spec.minutes / 1440.0);
        Self::begin_encounter(spec, patient, instance, (now, least_end));
        patient.occupied_by = Some(instance.process);
    }

    /// Someone lies down in a bed until a day that is settled on admission.
    pub(super) fn admit(
        spec: &EncounterSpec,
        patient: &mut Patient,
        instance: &mut Instance,
        (from, until): (Moment, Moment),
        detail: HospitalDetail,
    ) {
        let encounter = Self::begin_encounter(spec, patient, instance, (from, until));
        patient.encounters[encounter as usize].hospital = Some(Box::new(detail));
        patient.busy_until = patient.busy_until.max(until);
        if patient.occupied_by == Some(instance.process) {
            patient.occupied_by = None;
        }
    }

    /// What the contact finds out of what the person has; how long they waited for it.
    pub(super) fn find_out(
        &self,
        spec: &EncounterSpec,
        (module, state): (u16, u16),
        patient: &mut Patient,
        instance: &Instance,
        at: Moment,
    ) {
        if let Some(attribute) = self.program.modules[usize::from(module)].waiting_days {
            patient.set_attribute(attribute, Value::Number(at.days_since(instance.asked).max(0.0)));
        }
        let number = self.program.modules[usize::from(module)].offset + u32::from(state);
        let found = |patient: &Patient, fact: u32| {
            let fact = &patient.facts[fact as usize];
            fact.diagnosed.is_none() && (fact.target == Some(number) || spec.diagnoses.contains(&fact.code))
        };
        for place in 0..patient.entries.len() {
            let entry = patient.entries[place];
            if entry.kind == FactKind::Condition && found(patient, entry.fact) {
                let _ = patient.diagnose(entry.fact, instance.encounter, at);
            }
        }
    }

    /// Until when the person stays in the bed that the module's contact gave them.
    pub(super) fn in_bed_until(patient: &Patient, instance: &Instance, now: Moment) -> Option<Moment> {
        let contact = instance.encounter.and_then(|own| patient.encounters.get(own as usize))?;
        let stays = contact.service.is_bed() && contact.end.is_none() && contact.least_end > now;
        stays.then_some(contact.least_end)
    }

    /// Ends the module's contact, if one is under way; a hospital then writes its letter.
    pub(super) fn end_contact(patient: &mut Patient, instance: &mut Instance, at: Moment) {
        let Some(encounter) = instance.encounter.take() else { return };
        patient.end_encounter(encounter, at);
        if std::mem::take(&mut instance.writes_letter) {
            Self::write_letter(patient, instance, encounter, at);
        }
    }
}
