//! Examinations with their reports.

use std::fmt::Write as _;

use twinloom_event::Timestamp;

use super::{Page, later, text, text_value, time};
use crate::systems::field::{Field, FieldValue};
use crate::systems::system::{ArtefactKind, System};

const RADIOLOGY: System = System::Radiology;
/// Conditions that one report mentions, at most.
const MOST_FINDINGS: usize = 2;

/// A short code for each modality's unspecified examination, in the manner of NICIP.
fn unspecified(modality: Option<&str>) -> &'static str {
    match modality {
        Some("plain_film") => "XUNSP",
        Some("ultrasound") => "UUNSP",
        Some("computed_tomography") => "CUNSP",
        Some("magnetic_resonance") => "MUNSP",
        Some("mammography") => "ZMMAB",
        Some("echocardiography") => "UECHO",
        Some("endoscopy") => "EUNSP",
        _ => "ZUNSP",
    }
}

impl Page<'_> {
    /// One examination: requested, done, reported in words.
    pub(super) fn write_examination(&mut self, place: usize, done: Timestamp) {
        let event = &self.truth[place];
        let modality = text(event, "modality");
        let is_imaging = modality.is_some() || text(event, "category") == Some("imaging");
        if !is_imaging || !self.holds(RADIOLOGY, done) {
            return;
        }
        let reported = time(event, "reported").filter(|at| *at < self.end);
        let code = self
            .observer
            .terms
            .get(event.code().as_str())
            .and_then(|term| term.examination)
            .unwrap_or_else(|| unspecified(modality));
        let report = reported.map(|_| self.report(place, done));
        let event = &self.truth[place];
        self.open(RADIOLOGY, ArtefactKind::Examination, reported.unwrap_or_else(|| later(done, 0.0)), place);
        self.set(Field::Code, FieldValue::Word(code));
        self.set(Field::FreeText, report.map_or(FieldValue::Absent, |text| FieldValue::Text(text.into())));
        self.set_time(RADIOLOGY, Field::Started, Some(done));
        self.set_told_time(RADIOLOGY, Field::Requested, event, "requested");
        self.set_time(RADIOLOGY, Field::Reported, reported);
        self.set(Field::Status, FieldValue::Word(if reported.is_some() { "final" } else { "preliminary" }));
        self.set(Field::Modality, text_value(event, "modality"));
    }

    /// A report's words: what was examined, and what conditions are known.
    fn report(&self, place: usize, done: Timestamp) -> String {
        let terms = &self.observer.terms;
        let mut report = String::with_capacity(160);
        // Writing to a String can't fail.
        let _ = write!(report, "EXAMINATION: {}.", terms.display(self.truth[place].code().as_str()));
        let found = self
            .diagnoses
            .iter()
            .rev()
            .map(|known| (known.at, &self.truth[known.event]))
            .filter(|(at, event)| *at <= done && event.end_time().is_none_or(|end| end > done));
        let mut mentioned = 0;
        for (_, event) in found.take(MOST_FINDINGS) {
            report.push_str(if mentioned == 0 { " HISTORY: " } else { "; " });
            report.push_str(&terms.display(event.code().as_str()));
            mentioned += 1;
        }
        report.push_str(if mentioned == 0 { " CONCLUSION: normal." } else { ". CONCLUSION: as described." });
        report
    }
}
