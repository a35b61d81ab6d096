//! Issues of medicines: made at the practice, sent to the pharmacy, handed out.

use std::sync::Arc;

use twinloom_event::Timestamp;

use super::practice_facts::USUAL_ISSUE_DAYS;
use super::{Page, code_value, float, integer, later, text_value, time};
use crate::systems::book::ArtefactId;
use crate::systems::draws::identity;
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

/// Issues of one medicine, at most: a century of months.
const MOST_ISSUES: i64 = 1300;
/// Minutes from the issue to the prescription's reaching the pharmacy's system.
const SENDING_MINUTES: f64 = 2.0;
/// Share of issues collected by somebody whose adherence the truth does not tell.
const USUAL_ADHERENCE: f64 = 0.95;

impl Page<'_> {
    /// Every issue of a medicine from its start to its end, with prescription and dispensing.
    ///
    /// Issues stand a whole number of issue lengths after the start, moved to the next working day. Each
    /// is collected with the person's adherence as its probability: the truth tells of the adherence,
    /// and of the collection of the first only.
    pub(super) fn write_issues(&mut self, place: usize, start: Timestamp, medication: Option<ArtefactId>) {
        let event = &self.truth[place];
        let days = integer(event, "issue_days").unwrap_or(USUAL_ISSUE_DAYS).max(1);
        let until = event.end_time().unwrap_or(self.cutoff).min(self.cutoff);
        let held_from = self.observer.held_from[System::Prescribing as usize];
        if until <= held_from.min(self.observer.issues_from) && start < held_from {
            return;
        }
        let identity = identity(event);
        let adherence = float(event, "adherence").unwrap_or(USUAL_ADHERENCE);
        let earliest = held_from.min(self.observer.issues_from);
        let first = (earliest.days_since(start) / days as f64).ceil().max(0.0) as i64;
        let term = self.observer.terms.get(event.code().as_str());
        let products = term.map(|term| &term.products);
        let dosage = event.text_value().map_or(FieldValue::Absent, |text| FieldValue::Text(Arc::from(text)));
        let prescriber = text_value(event, "prescriber");
        let first_dispensed = time(event, "dispensed");
        let code = code_value(event);
        let dispensing_days = self.observer.rates.workings.dispensing_days_mean;
        for number in first..first + MOST_ISSUES {
            let due = later(start, (number * days) as f64);
            if due >= until {
                break;
            }
            let issued = if number == 0 { due } else { self.observer.practice_opens(due) };
            if issued >= until {
                break;
            }
            let issue_number = FieldValue::Integer(number + 1);
            if issued >= self.observer.issues_from && medication.is_some() {
                self.open(System::GeneralPractice, ArtefactKind::Issue, issued, place);
                self.set(Field::Code, code.clone());
                self.set_time(System::GeneralPractice, Field::Started, Some(issued));
                if let Some(id) = medication {
                    self.set(Field::Follows, FieldValue::Integer(id.get()));
                }
                self.set(Field::IssueNumber, issue_number.clone());
                self.set(Field::IssueDays, FieldValue::Integer(days));
            }
            if !self.holds(System::Prescribing, issued) {
                continue;
            }
            let mut draws = self.keys.draws(System::Prescribing, identity, number as u64 + 1);
            let (collected, delay, product) =
                (draws.uniform() < adherence, dispensing_days * draws.exponential(), draws.below(3));
            let fetched = first_dispensed.filter(|_| number == 0);
            let collected = collected || fetched.is_some();
            let received = later(issued, SENDING_MINUTES / 1440.0);
            if received >= self.end {
                continue;
            }
            let prescription = self.open(System::Prescribing, ArtefactKind::Prescription, received, place);
            self.set(Field::Code, code.clone());
            self.set_time(System::Prescribing, Field::Started, Some(issued));
            self.set(Field::Status, FieldValue::Word(if collected { "dispensed" } else { "expired" }));
            self.set(Field::IssueNumber, issue_number);
            self.set(Field::IssueDays, FieldValue::Integer(days));
            self.set(Field::Dosage, dosage.clone());
            self.set(Field::Prescriber, prescriber.clone());
            let dispensed =
                fetched.unwrap_or_else(|| self.observer.practice_opens(later(received, delay))).max(received);
            if collected && dispensed < self.cutoff {
                self.open(System::Prescribing, ArtefactKind::Dispensing, dispensed, place);
                if let Some(products) = products {
                    self.set(Field::Code, FieldValue::Text(products[product].0.clone()));
                    self.set(Field::FreeText, FieldValue::Text(products[product].1.clone()));
                } else {
                    self.set(Field::Code, code.clone());
                }
                self.set_time(System::Prescribing, Field::Started, Some(dispensed));
                self.set(Field::Follows, FieldValue::Integer(prescription.get()));
                self.set(Field::IssueDays, FieldValue::Integer(days));
            }
        }
    }
}
