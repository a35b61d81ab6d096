//! What a model's inputs were in the record, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{Code, EncounterId, RecordId, SubjectId, Timestamp, Unit};
use twinloom_views::{Visible, VisibleEvent};

use crate::ModelKind;

/// An entry of the record that a model could read.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRecord {
    /// What it states.
    pub code: Code,
    /// Since when; none for a demographic.
    pub time: Option<Timestamp>,
    /// In which encounter, where that is stated.
    pub encounter_id: Option<EncounterId>,
    /// The artefact that it was imported from.
    pub record_id: Option<RecordId>,
    /// The number measured.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Option<Unit>,
}

impl SourceRecord {
    pub(super) fn of(event: &VisibleEvent<'_>) -> Self {
        Self {
            code: event.code().clone(),
            time: event.time(),
            encounter_id: event.encounter_id().cloned(),
            record_id: event.record_id().cloned(),
            value: event.numeric_value(),
            unit: event.unit().cloned(),
        }
    }
}

impl fmt::Display for SourceRecord {
    /// `on 2019-12-12 (120 mm[Hg]) in encounter e7`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(at) => write!(formatter, "on {:04}-{:02}-{:02}", at.year(), at.month(), at.day())?,
            None => write!(formatter, "without a date")?,
        }
        // Three decimals, since imported numbers carry the noise of their binary form.
        let value = self.value.map(|value| (value * 1000.0).round() / 1000.0);
        match (value, &self.unit) {
            (Some(value), Some(unit)) => write!(formatter, " ({value} {})", unit.as_str())?,
            (Some(value), None) => write!(formatter, " ({value})")?,
            (None, _) => {}
        }
        match &self.encounter_id {
            Some(id) => write!(formatter, " in encounter {}", id.as_str()),
            None => Ok(()),
        }
    }
}

/// A probability as clinicians read it: `31 %`, and with a decimal below 10 %.
pub fn percent(probability: f64) -> String {
    let percent = 100.0 * probability;
    if percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// What one code, or a quantity such as age, did to a prediction, and where it stands in the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The code, or the quantity's name.
    pub what: Arc<str>,
    /// What it added to the log odds.
    pub weight: f64,
    /// The entries that hold it, oldest first; none where its absence, or a quantity, is meant.
    pub records: Vec<SourceRecord>,
}

impl Evidence {
    /// In a sentence, under another name than its code.
    pub fn sentence(&self, name: &str) -> String {
        let verb = if self.weight < 0.0 { "lowers" } else { "raises" };
        // Past e to the 20th the number says nothing, and past the 700th it is none.
        let factor = self.weight.abs().min(20.0).exp();
        let effect = format!("{verb} the odds by a factor of {factor:.2}");
        match self.records.as_slice() {
            [] => format!("{name} (no entry of the record): {effect}"),
            [one] => format!("{name}, recorded {one}: {effect}"),
            [.., last] => format!("{name}, recorded {} times, last {last}: {effect}", self.records.len()),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence(&self.what))
    }
}

/// A part of the record with a share of what a network listens to; shares say where it looks, not which way that
/// moves the prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The code or concept.
    pub what: Arc<str>,
    /// Its share.
    pub share: f64,
    /// The entries that hold it, oldest first.
    pub records: Vec<SourceRecord>,
}

impl fmt::Display for Share {
    /// `SNOMED//1, last on 2019-12-12 in encounter e7: 31 %`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        if let Some(last) = self.records.last() {
            write!(formatter, ", last {last}")?;
        }
        write!(formatter, ": {:.0} %", 100.0 * self.share)
    }
}

/// How a prediction was taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Shapley values of a linear model, in closed form.
    LinearShapley,
    /// Shapley values of trees.
    TreeShapley,
    /// Integrated gradients along embeddings that grow from nothing.
    IntegratedGradients,
}

/// Why a model gave one instance the probability that it gave.
///
/// `expected`, the weights and `remainder` add up to the log odds of `probability`.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Whose prediction.
    pub subject_id: SubjectId,
    /// The last moment whose data were used.
    pub prediction_time: Timestamp,
    /// By which model.
    pub model: ModelKind,
    /// Taken apart how.
    pub method: Method,
    /// What was predicted.
    pub probability: f64,
    /// Log odds of what is predicted knowing nothing.
    pub expected: f64,
    /// What adding up leaves over: for integrated gradients, the error of the sum along the path.
    pub remainder: f64,
    /// By what: the most telling first.
    pub evidence: Vec<Evidence>,
}

impl fmt::Display for Explanation {
    /// The prediction and its five most telling reasons, a line each.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.prediction_time;
        let (year, month, day) = (at.year(), at.month(), at.day());
        let percent = percent(self.probability);
        write!(formatter, "{} as of {year:04}-{month:02}-{day:02}: {percent}", self.model.name())?;
        self.evidence.iter().take(5).try_for_each(|evidence| write!(formatter, "\n  {evidence}"))
    }
}

/// How a person's record names what models read.
///
/// Inputs are words of the record (`SNOMED//1`, `SNOMED//1=yes`, a question and its answer) or names of feature
/// columns (`count 30 d SNOMED//1`, `last LOINC//1 in mg`).
pub(super) struct Naming {
    records: BTreeMap<Arc<str>, Vec<SourceRecord>>,
    code_of: FxHashMap<String, Arc<str>>,
}

impl Naming {
    pub fn of(view: &Visible<'_>) -> Self {
        let mut records: BTreeMap<Arc<str>, Vec<SourceRecord>> = BTreeMap::new();
        let mut code_of: FxHashMap<String, Arc<str>> = FxHashMap::default();
        for event in view.demographics().chain(view.events()) {
            let text = event.code().as_str();
            let code: Arc<str> = text.into();
            records.entry(Arc::clone(&code)).or_default().push(SourceRecord::of(&event));
            for word in words_of(&event) {
                code_of.entry(word).or_insert_with(|| Arc::clone(&code));
            }
        }
        Self { records, code_of }
    }

    /// The code that an input is of; its own word where the record holds none.
    pub fn what(&self, input: &str) -> Arc<str> {
        let word = word_of(input);
        self.code_of.get(word).map_or_else(|| Arc::from(word), Arc::clone)
    }

    /// Adds up contributions by what they are of, with the entries of the record that hold it.
    pub fn gathered(mut self, inputs: impl IntoIterator<Item = (Arc<str>, f64)>) -> Vec<Evidence> {
        let mut weights: BTreeMap<Arc<str>, f64> = BTreeMap::new();
        for (input, weight) in inputs {
            *weights.entry(self.what(&input)).or_default() += weight;
        }
        let evidence = |(what, weight): (Arc<str>, f64)| {
            let records = self.records.remove(&what).unwrap_or_default();
            Evidence { what, weight, records }
        };
        let mut found: Vec<Evidence> =
            weights.into_iter().filter(|(_, weight)| *weight != 0.0).map(evidence).collect();
        found.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
        found
    }
}

/// Whether an event is of a concept: its code, or its question and coded answer.
pub(super) fn concept_matches(event: &VisibleEvent<'_>, concept: &Code) -> bool {
    let (code, concept) = (event.code().as_str(), concept.as_str());
    let answer = || concept.strip_prefix(code).and_then(|rest| rest.strip_prefix("//"));
    code == concept || event.text_value().is_some_and(|text| answer() == Some(text))
}

/// Codes of a view that have a date, in order.
pub(super) fn dated_codes(view: &Visible<'_>) -> BTreeSet<Arc<str>> {
    let dated = view.events().filter(|event| !event.code().is_birth());
    dated.map(|event| Arc::from(event.code().as_str())).collect()
}

/// The ways in which an event is named as an input.
fn words_of(event: &VisibleEvent<'_>) -> Vec<String> {
    let code = event.code().as_str();
    let mut words = vec![code.to_owned()];
    if let Some(text) = event.text_value() {
        words.extend([format!("{code}={text}"), format!("{code}//{text}")]);
    }
    if let (Some(_), Some(unit)) = (event.numeric_value(), event.unit()) {
        words.push(format!("{code} in {}", unit.as_str()));
    }
    // A number without a date is a column by its system.
    if let (Some(_), None, Some(system)) = (event.numeric_value(), event.time(), event.code().system()) {
        words.push(system.to_owned());
    }
    words
}

/// The word that a feature column is about; other inputs are words already.
fn word_of(input: &str) -> &str {
    let windowed = |rest: &'static str| {
        let rest = input.strip_prefix(rest)?;
        rest.strip_prefix("ever ").or_else(|| rest.split_once(" d ").map(|(_, word)| word))
    };
    let plain = ["measured ", "last "].iter().find_map(|prefix| input.strip_prefix(prefix));
    windowed("count ")
        .or_else(|| windowed("least "))
        .or_else(|| windowed("greatest "))
        .or(plain)
        .unwrap_or(input)
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Event, Timeline};

    use super::*;

    #[test]
    fn ref_inputs_of_one_code_are_one_reason_with_its_records() {
        let subject_id = SubjectId::new(1);
        let at = |day| Timestamp::from_ymd(2020, 1, day).unwrap();
        let event = |code, day| Event::new(subject_id, Some(at(day)), Code::new("TEST", code).unwrap());
        let kilograms = Unit::new("kg").unwrap();
        let events = vec![
            event("AF", 1).with_encounter_id(EncounterId::new("e1").unwrap()),
            event("SMOKING", 2).with_text_value("never"),
            event("WEIGHT", 3).with_numeric_value(80.0).unwrap().with_unit(kilograms),
            event("AF", 4).with_encounter_id(EncounterId::new("e2").unwrap()),
            event("AF", 9),
        ];
        let timeline = Timeline::from_unordered(subject_id, events).unwrap();
        let view = Visible::new(&timeline, at(5));
        let inputs = [
            ("count ever TEST//AF", 0.5),
            ("count 30 d TEST//AF", 0.25),
            ("TEST//SMOKING=never", -1.0),
            ("last TEST//WEIGHT in kg", 0.1),
            ("measured TEST//WEIGHT in kg", 0.1),
            ("age in years", 0.05),
            ("count ever TEST//STROKE", -0.01),
            ("TEST//NOTHING", 0.0),
        ];
        let found = Naming::of(&view).gathered(inputs.map(|(input, weight)| (input.into(), weight)));
        let names: Vec<&str> = found.iter().map(|evidence| &*evidence.what).collect();
        assert_eq!(names, ["TEST//SMOKING", "TEST//AF", "TEST//WEIGHT", "age in years", "TEST//STROKE"]);
        assert_eq!(
            found[1].to_string(),
            "TEST//AF, recorded 2 times, last on 2020-01-04 in encounter e2: raises the odds by a factor of 2.12"
        );
        assert_eq!(
            found[2].sentence("Weight"),
            "Weight, recorded on 2020-01-03 (80 kg): raises the odds by a factor of 1.22"
        );
        assert!(found[4].to_string().starts_with("TEST//STROKE (no entry of the record): lowers"));
        assert_eq!(dated_codes(&view).len(), 3);
    }
}
