//! Yes-or-no columns for a search for leaks: what is on record before the prediction, what comes after it,
//! and which measurements were made at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use twinloom_event::{Cohort, Event};

use crate::Visible;
use crate::features::{FeatureRole, FeatureTable};
use crate::task::{Instance, TaskError};
use crate::tokens::is_affiliation;

/// Named columns that hold or do not, by instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indicators {
    /// What each column is.
    pub names: Vec<Arc<str>>,
    /// By instance: the columns that hold, in order.
    pub rows: Vec<Vec<u32>>,
}

impl Indicators {
    /// Which codes were on record at the prediction time.
    pub fn on_record(views: &[Visible<'_>]) -> Self {
        let codes = |view: &Visible<'_>| -> BTreeSet<String> {
            let told = view.events().filter(|event| !is_affiliation(event));
            told.map(|event| event.code().as_str().to_owned()).collect()
        };
        Self::of(&views.par_iter().map(codes).collect::<Vec<_>>())
    }

    /// Which codes became known only after the prediction time. None of this may be a feature; the outcome
    /// itself is among it.
    ///
    /// # Errors
    /// [`TaskError::UnknownSubject`] when an instance is of no subject of the cohort.
    pub fn after_prediction(cohort: &Cohort, instances: &[Instance]) -> Result<Self, TaskError> {
        let codes = instances
            .par_iter()
            .map(|instance| {
                let subject_id = instance.subject_id();
                let timeline = cohort.get(subject_id).ok_or(TaskError::UnknownSubject { subject_id })?;
                let later = |event: &&Event| event.known_time() > Some(instance.label.prediction_time);
                Ok(timeline
                    .timed_events()
                    .iter()
                    .filter(later)
                    .map(|event| event.code().as_str().to_owned())
                    .collect())
            })
            .collect::<Result<Vec<BTreeSet<String>>, TaskError>>()?;
        Ok(Self::of(&codes))
    }

    /// Which measurements of a table are known, whatever their value.
    pub fn measured(table: &FeatureTable) -> Self {
        let mut place = vec![None; table.n_columns()];
        let mut names = Vec::new();
        for (column, feature) in table.features().iter().enumerate() {
            if feature.role == FeatureRole::Measurement {
                place[column] = Some(names.len() as u32);
                names.push(Arc::clone(&feature.name));
            }
        }
        let rows = (0..table.n_rows())
            .map(|row| table.row(row).0.iter().filter_map(|&column| place[column as usize]).collect())
            .collect();
        Self { names, rows }
    }

    fn of(codes: &[BTreeSet<String>]) -> Self {
        let mut places: BTreeMap<&str, u32> = codes.iter().flatten().map(|code| (code.as_str(), 0)).collect();
        for (place, at) in places.values_mut().zip(0..) {
            *place = at;
        }
        let rows =
            codes.iter().map(|codes| codes.iter().map(|code| places[code.as_str()]).collect()).collect();
        Self { names: places.keys().map(|&code| code.into()).collect(), rows }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, Label, LabelValue, SubjectId, Timestamp};

    use super::*;

    #[test]
    fn regress_before_and_after() {
        let day = |day| Timestamp::from_ymd(2020, 1, day).unwrap();
        let event = |at, code: &str| Event::new(SubjectId::new(1), Some(day(at)), Code::parse(code).unwrap());
        let cohort = Cohort::from_events(vec![
            event(1, "A"),
            event(1, "A"),
            event(2, "LATE").with_recorded_time(day(8)),
            event(5, "B"),
            event(6, "A"),
        ])
        .unwrap();
        let instance = Instance {
            label: Label {
                subject_id: SubjectId::new(1),
                prediction_time: day(5),
                value: LabelValue::Boolean(true),
            },
            trigger_time: day(5),
            window_end: day(9),
            encounter_id: None,
            comparator: None,
        };
        let names = |found: &Indicators| {
            found.rows[0].iter().map(|&at| found.names[at as usize].to_string()).collect::<Vec<_>>()
        };
        let after = Indicators::after_prediction(&cohort, &[instance]).unwrap();
        assert_eq!(names(&after), ["A", "LATE"]);
        let view = Visible::new(&cohort.timelines()[0], day(5));
        assert_eq!(names(&Indicators::on_record(&[view])), ["A", "B"]);
    }
}
