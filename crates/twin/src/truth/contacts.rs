//! Contacts in the truth: encounters, appointments, referrals, letters.

use twinloom_event::{Attribute, EncounterId, Event, EventKind};

use super::words::acuity;
use super::writer::Page;
use crate::contact::{Encounter, HospitalDetail, Service};
use crate::engine::Moment;
use crate::supply::ClosedSet;

impl Page<'_> {
    pub(super) fn write_encounters(&mut self) {
        let patient = self.patient;
        for encounter in &patient.encounters {
            let record_id = self.record_id("Encounter", encounter.artefact);
            let encounter_id = EncounterId::new(record_id.as_str()).expect("holds at least a slash");
            self.encounter_ids.push((record_id.clone(), encounter_id.clone()));
            if encounter.start >= self.cutoff {
                continue;
            }
            let words = &self.writer.words;
            // Death ends a contact too.
            let end = match (encounter.ends(), patient.death) {
                (Some(end), Some(death)) => self.known(Some(end.min(death))),
                (end, death) => self.known(end.or(death)),
            };
            let status = if end.is_some() { &words.finished } else { &words.in_progress };
            let mut event = self
                .event(encounter.start, &self.writer.codes[encounter.code as usize], EventKind::Encounter)
                .with_record_id(record_id)
                .with_encounter_id(encounter_id)
                .with_attribute(words.name.class.clone(), words.class(encounter.service))
                .with_attribute(words.name.service.clone(), words.service(encounter.service))
                .with_attribute(words.name.status.clone(), status.clone());
            if let Some(reason) = encounter.reason {
                let reason = Attribute::Text(self.writer.codes[reason as usize].as_str().into());
                event = event.with_attribute(words.name.reason.clone(), reason);
            }
            event = self.with_detail(event, encounter);
            if let Some(end) = end {
                event = event.with_end_time(end).expect("a contact ends after it starts");
            }
            self.events.push(event);
        }
    }

    fn with_detail(&self, mut event: Event, encounter: &Encounter) -> Event {
        let (words, name) = (&self.writer.words, &self.writer.words.name);
        let time = |at: Moment| Attribute::Time(at.min(self.cutoff).timestamp());
        let organisation = match self.organisation(encounter.service, encounter.start) {
            Some(practice) => Some(practice),
            None if encounter.service.is_hospital() => Some(self.hospital),
            None => None,
        };
        if let Some(organisation) = organisation {
            event = event.with_attribute(name.organisation.clone(), Attribute::Text(organisation.into()));
        }
        if let Some(specialty) = encounter.specialty {
            event = event.with_attribute(name.specialty.clone(), words.specialty(specialty));
        }
        if let Some(booked) = encounter.booked {
            event = event.with_attribute(name.booked.clone(), time(booked));
        }
        match encounter.hospital.as_deref() {
            Some(HospitalDetail::Emergency { triaged, seen, acuity: own, by_ambulance, left_unseen }) => {
                event = event
                    .with_attribute(name.triaged.clone(), time(*triaged))
                    .with_attribute(name.acuity.clone(), acuity(*own))
                    .with_attribute(name.by_ambulance.clone(), Attribute::Boolean(*by_ambulance))
                    .with_attribute(name.left_unseen.clone(), Attribute::Boolean(*left_unseen));
                if *left_unseen { event } else { event.with_attribute(name.seen.clone(), time(*seen)) }
            }
            Some(HospitalDetail::Stay { requested, ward, bed, admission_method }) => event
                .with_attribute(name.requested.clone(), time(*requested))
                .with_attribute(name.ward.clone(), words.ward(*ward))
                .with_attribute(name.bed.clone(), Attribute::Integer(i64::from(*bed)))
                .with_attribute(
                    name.admission_method.clone(),
                    Attribute::Text(admission_method.to_string().into()),
                ),
            None => event,
        }
    }

    pub(super) fn write_appointments(&mut self) {
        let patient = self.patient;
        for appointment in &patient.appointments {
            // One that lies ahead at a death is not kept by anyone.
            if appointment.start >= self.cutoff || appointment.booked >= self.cutoff {
                continue;
            }
            let record_id = self.record_id("Appointment", appointment.artefact);
            let (words, name) = (&self.writer.words, &self.writer.words.name);
            let code = &self.writer.appointments[appointment.attendance.index()];
            let mut event = self
                .event(appointment.start, code, EventKind::Administrative)
                .with_record_id(record_id)
                .with_attribute(name.booked.clone(), Attribute::Time(appointment.booked.timestamp()))
                .with_attribute(name.service.clone(), words.service(appointment.service))
                .with_attribute(name.minutes.clone(), Attribute::Integer(i64::from(appointment.minutes)))
                .with_attribute(name.clinician.clone(), Attribute::Integer(i64::from(appointment.clinician)));
            if let Some(specialty) = appointment.specialty {
                event = event.with_attribute(name.specialty.clone(), words.specialty(specialty));
            }
            let organisation = match self.organisation(appointment.service, appointment.start) {
                Some(practice) => Some(practice),
                None if appointment.service == Service::Outpatient => Some(self.hospital),
                None => None,
            };
            if let Some(organisation) = organisation {
                event = event.with_attribute(name.organisation.clone(), Attribute::Text(organisation.into()));
            }
            if let Some(id) = self.encounter_id(appointment.encounter) {
                event = event.with_encounter_id(id);
            }
            self.events.push(event);
        }
    }

    pub(super) fn write_referrals_and_letters(&mut self) {
        let patient = self.patient;
        let cutoff = self.cutoff;
        for referral in patient.referrals.iter().filter(|own| own.made < cutoff) {
            let record_id = self.record_id("ServiceRequest", referral.artefact);
            let (words, name) = (&self.writer.words, &self.writer.words.name);
            let code = &self.writer.referrals[referral.specialty.index()];
            let mut event = self
                .event(referral.made, code, EventKind::CarePlan)
                .with_record_id(record_id)
                .with_attribute(name.priority.clone(), words.priority(referral.priority));
            if let Some(stop) = self.known(referral.clock_stop) {
                event = event.with_attribute(name.clock_stop.clone(), Attribute::Time(stop));
            }
            if let Some(id) = self.encounter_id(referral.encounter) {
                event = event.with_encounter_id(id);
            }
            self.events.push(event);
        }
        // The hospital writes about the dead as well.
        let end = self.writer.end;
        for letter in patient.letters.iter().filter(|own| own.written < end) {
            let begun = letter.encounter.and_then(|own| patient.encounters.get(own as usize));
            if begun.is_some_and(|contact| contact.start >= self.cutoff) || letter.written >= self.cutoff {
                continue;
            }
            let record_id = self.record_id("DocumentReference", letter.artefact);
            let name = &self.writer.words.name;
            let mut event = self
                .event(letter.written, &self.writer.letters[letter.kind as usize], EventKind::Document)
                .with_record_id(record_id);
            for (name, at) in [(&name.sent, letter.sent), (&name.received, letter.received)] {
                if at < self.writer.end {
                    event = event.with_attribute(name.clone(), Attribute::Time(at.timestamp()));
                }
            }
            if let Some(id) = self.encounter_id(letter.encounter) {
                event = event.with_encounter_id(id);
            }
            self.events.push(event);
        }
    }
}
