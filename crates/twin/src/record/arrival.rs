//! Which facts reach the practice, how and when.

use super::assumptions as assumed;
use super::recorder::Page;
use crate::calendar::OpeningHours;
use crate::contact::Encounter;
use crate::engine::Moment;
use crate::patient::{Fact, FactKind};

const MINUTE_MICROS: i64 = 60_000_000;

/// How a fact reached the practice, and when.
#[derive(Clone, Copy)]
pub(super) enum Arrival {
    /// It never did.
    Never,
    /// It was established at the practice.
    AtOnce,
    /// It came later: a letter, a result, late coding.
    At(Moment),
}

impl Page<'_> {
    /// How a contact reaches the practice.
    pub(super) fn arrival(&mut self, encounter: &Encounter) -> Arrival {
        let stream = &mut self.streams[usize::from(encounter.process)];
        if encounter.service.is_general_practice() {
            let kept = encounter.start >= self.recorder.record_from && encounter.start < self.cutoff;
            return if kept { Arrival::AtOnce } else { Arrival::Never };
        }
        let (lost, days) = (stream.chance(assumed::LETTER_LOST), -stream.uniform_above_zero().ln());
        let end = encounter.end.map(|end| self.patient.death.map_or(end, |death| end.min(death)));
        match end {
            Some(end) if !lost && encounter.start >= self.recorder.record_from => {
                let sent = end.plus_days(0.5 + assumed::LETTER_DAYS * days);
                let filed = self.calendar.slot(sent, OpeningHours::GENERAL_PRACTICE, stream);
                if filed < self.recorder.end { Arrival::At(filed) } else { Arrival::Never }
            }
            _ => Arrival::Never,
        }
    }

    /// How a fact reaches the practice. The same number of draws is made whatever comes of them.
    pub(super) fn fact_arrival(&mut self, fact: &Fact) -> Arrival {
        let stream = &mut self.streams[usize::from(fact.process)];
        let (missed, late, delay) = (stream.uniform(), stream.uniform(), stream.uniform_above_zero());
        let record_from = self.recorder.record_from;
        let before_record = fact.start < record_from;
        let by_contact = fact.encounter.map_or(Arrival::Never, |contact| self.arrivals[contact as usize]);
        let arrival = match fact.kind {
            FactKind::Condition | FactKind::Allergy => {
                match fact.diagnosed.or(fact.encounter.map(|_| fact.start)) {
                    Some(_) if missed < assumed::DIAGNOSIS_NOT_CODED => Arrival::Never,
                    Some(at) if at < record_from => {
                        if fact.end.is_none_or(|end| end > record_from) {
                            Arrival::At(record_from.plus_days(assumed::SUMMARISING_DAYS * (1.0 - delay)))
                        } else {
                            Arrival::Never
                        }
                    }
                    Some(at) => match by_contact {
                        Arrival::AtOnce if late < assumed::DIAGNOSIS_CODED_LATE => {
                            Arrival::At(at.plus_days(-assumed::LATE_CODING_DAYS * delay.ln()))
                        }
                        other => other,
                    },
                    None => Arrival::Never,
                }
            }
            FactKind::Medication | FactKind::Device if before_record => {
                if fact.encounter.is_some() && fact.end.is_none_or(|end| end > record_from) {
                    Arrival::At(record_from)
                } else {
                    Arrival::Never
                }
            }
            FactKind::Medication | FactKind::Device => by_contact,
            _ if before_record => Arrival::Never,
            // Of a hospital contact the letter tells diagnoses and medicines, not each measurement.
            _ if !matches!(by_contact, Arrival::AtOnce) || missed < assumed::MEASUREMENT_NOT_CODED => {
                Arrival::Never
            }
            FactKind::Observation if self.is_laboratory(fact) => {
                let (least, most) = assumed::RESULT_DAYS;
                Arrival::At(fact.start.plus_days(least + (most - least) * delay))
            }
            _ => Arrival::AtOnce,
        };
        let arrival = match arrival {
            Arrival::At(at) => Arrival::At(whole_minute(at)),
            other => other,
        };
        match arrival {
            // Nothing is filed after the end, nor for the dead.
            Arrival::At(at) if at >= self.recorder.end || (at > self.cutoff && !self.is_letter(fact)) => {
                Arrival::Never
            }
            other => other,
        }
    }

    fn is_letter(&self, fact: &Fact) -> bool {
        fact.encounter
            .is_some_and(|contact| !self.patient.encounters[contact as usize].service.is_general_practice())
    }

    fn is_laboratory(&self, fact: &Fact) -> bool {
        fact.category.is_some_and(|category| &*self.recorder.texts[category as usize] == "laboratory")
    }
}

/// The end of the minute: systems stamp filing by the minute.
fn whole_minute(at: Moment) -> Moment {
    Moment::from_micros(at.micros().div_euclid(MINUTE_MICROS) * MINUTE_MICROS).plus_micros(MINUTE_MICROS)
}
