//! Tests of specimens, under the laboratory's own codes.

use twinloom_event::Timestamp;

use super::{Page, later, reading, text, time, whole_minute};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const LABORATORY: System = System::Laboratory;
/// Days from the specimen to its arrival where the truth does not tell.
const TRANSPORT_DAYS: f64 = 0.2;

impl Page<'_> {
    /// One test: requested, collected, received, reported.
    pub(super) fn write_test(&mut self, place: usize, collected: Timestamp) {
        let event = &self.truth[place];
        if text(event, "category") != Some("laboratory") || !self.holds(LABORATORY, collected) {
            return;
        }
        let Some(number) = reading(event) else { return };
        let workings = self.observer.rates.workings;
        let (least, most) = (workings.result_days_least, workings.result_days_most);
        let share = self.draws(System::GeneralPractice, place, 0).uniform();
        let drawn = whole_minute(later(collected, least + (most - least) * share));
        let received = time(event, "received").unwrap_or_else(|| later(collected, TRANSPORT_DAYS));
        let reported = time(event, "resulted").unwrap_or(drawn);
        if reported >= self.end {
            return;
        }
        let code = self.observer.terms.get(event.code().as_str()).map(|term| term.laboratory.clone());
        self.open(LABORATORY, ArtefactKind::Test, reported, place);
        self.set(Field::Code, FieldValue::Text(code.unwrap_or_else(|| event.code().value().into())));
        self.set_time(LABORATORY, Field::Started, Some(collected));
        self.set_told_time(LABORATORY, Field::Requested, event, "requested");
        self.set_time(LABORATORY, Field::Received, Some(received.min(reported)));
        self.set_time(LABORATORY, Field::Reported, Some(reported));
        self.set(Field::Value, FieldValue::Number(number));
        let unit = event.unit().map(|unit| FieldValue::Text(unit.clone().into()));
        self.set(Field::Unit, unit.unwrap_or_default());
    }
}
