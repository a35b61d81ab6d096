//! From views to features: columns fitted on training views, rows made from any.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize, Serializer};
use twinloom_event::EventKind;

use super::table::{Feature, FeatureRole, FeatureTable};
use crate::task::{PredictionWindow, Task};
use crate::tokens::{for_each_token, is_affiliation, support};
use crate::{Visible, VisibleEvent};

/// How features are made.
///
/// | option | default | purpose |
/// |---|---|---|
/// | `minimum_support` | 5 subjects | rarer words give no column |
/// | `lookback_days` | 365, 30 | windows for counts, besides the whole record |
/// | `extremes` | no | least and greatest value within the shortest window |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureOptions {
    /// Least number of training subjects with a word.
    pub minimum_support: u32,
    /// Windows that end at the prediction time, in days.
    pub lookback_days: Vec<f64>,
    /// Whether to add the least and the greatest value within the shortest window.
    pub extremes: bool,
}

impl Default for FeatureOptions {
    fn default() -> Self {
        Self { minimum_support: 5, lookback_days: vec![365.0, 30.0], extremes: false }
    }
}

impl FeatureOptions {
    /// Windows that suit the task: the last day, with extremes, for tasks within an encounter.
    pub fn for_task(task: &Task) -> Self {
        match task.window {
            PredictionWindow::Days(_) | PredictionWindow::Configured(_) => Self::default(),
            PredictionWindow::UntilEnd { .. } | PredictionWindow::OwnEnd { .. } => {
                Self { lookback_days: vec![1.0], extremes: true, ..Self::default() }
            }
        }
    }
}

/// Columns fitted on training views; makes feature tables of any views.
///
/// Columns: age, length of record, encounters and events by window, days since the last encounter;
/// an indicator per demographic; counts per word (a code, or a code with a categorical answer) and
/// window; per numeric code and unit whether it was measured and its last value. Codes in different
/// units are different columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureMap {
    options: FeatureOptions,
    features: Arc<[Feature]>,
    /// First column of each demographic, word and numeric key, keyed by its family and text.
    #[serde(serialize_with = "in_order")]
    columns: FxHashMap<String, u32>,
}

fn in_order<S: Serializer>(columns: &FxHashMap<String, u32>, serializer: S) -> Result<S::Ok, S::Error> {
    columns.iter().collect::<BTreeMap<_, _>>().serialize(serializer)
}

const AGE: u32 = 0;
const RECORD_DAYS: u32 = 1;
const LAST_ENCOUNTER: u32 = 2;
const ENCOUNTERS: u32 = 3;

impl FeatureMap {
    /// Fits the columns on training views only, each family in order of text.
    pub fn fit(training: &[Visible<'_>], options: FeatureOptions) -> Self {
        let counts = support(training, |view, take| {
            let mut buffers = Buffers::default();
            for event in view.demographics().chain(view.events()) {
                buffers.for_each_key(&event, |key| take(key));
            }
        });
        let mut features = fixed_features(&options);
        let mut columns = FxHashMap::default();
        let names = window_names(&options);
        for (key, count) in counts {
            if count < options.minimum_support {
                continue;
            }
            let Some((family, word)) = key.split_once(' ') else { continue };
            columns.insert(key.clone(), features.len() as u32);
            let mut add = |name: String, role| features.push(Feature { name: name.into(), role });
            match family {
                DEMOGRAPHIC => add(word.to_owned(), FeatureRole::Indicator),
                WORD => {
                    for window in &names {
                        add(format!("count {window} {word}"), FeatureRole::Count);
                    }
                }
                _ => {
                    add(format!("measured {word}"), FeatureRole::Indicator);
                    add(format!("last {word}"), FeatureRole::Measurement);
                    if options.extremes {
                        let window = names.last().map_or("ever", String::as_str);
                        add(format!("least {window} {word}"), FeatureRole::Measurement);
                        add(format!("greatest {window} {word}"), FeatureRole::Measurement);
                    }
                }
            }
        }
        Self { options, features: features.into(), columns }
    }

    /// The columns.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Makes a row of each view, in the order given.
    pub fn transform(&self, views: &[Visible<'_>]) -> FeatureTable {
        let rows = views.par_iter().map(|view| self.row(view)).collect();
        FeatureTable::from_rows(Arc::clone(&self.features), rows)
    }

    fn row(&self, view: &Visible<'_>) -> Vec<(u32, f32)> {
        let windows = self.options.lookback_days.len() as u32 + 1;
        let shortest = self.shortest_days();
        let events_column = ENCOUNTERS + windows;
        let mut counts: FxHashMap<u32, f32> = FxHashMap::default();
        let mut measured: FxHashMap<u32, Measured> = FxHashMap::default();
        let mut row = Vec::new();
        let mut buffers = Buffers::default();
        let mut record_days = None;
        let mut last_encounter = None;

        for event in view.demographics() {
            buffers.for_each_key(&event, |key| {
                if let Some(&column) = self.columns.get(key) {
                    match event.numeric_value() {
                        Some(value) if key.starts_with(NUMBER) => {
                            measured.entry(column).or_default().take(value, true);
                        }
                        _ => {
                            counts.insert(column, 1.0);
                        }
                    }
                }
            });
        }
        let told = |event: &VisibleEvent<'_>| event.kind() != EventKind::Birth && !is_affiliation(event);
        for event in view.events().filter(told) {
            let Some(days) = event.days_before() else { continue };
            record_days.get_or_insert(days);
            let mut count = |first: u32| {
                *counts.entry(first).or_insert(0.0) += 1.0;
                for (index, lookback) in self.options.lookback_days.iter().enumerate() {
                    if days <= *lookback {
                        *counts.entry(first + 1 + index as u32).or_insert(0.0) += 1.0;
                    }
                }
            };
            count(events_column);
            if event.kind() == EventKind::Encounter {
                count(ENCOUNTERS);
                last_encounter = Some(days);
            }
            buffers.for_each_key(&event, |key| {
                if let Some(&column) = self.columns.get(key) {
                    match event.numeric_value() {
                        Some(value) if key.starts_with(NUMBER) => {
                            measured.entry(column).or_default().take(value, days <= shortest);
                        }
                        _ => count(column),
                    }
                }
            });
        }

        let quantities =
            [(AGE, view.age_years()), (RECORD_DAYS, record_days), (LAST_ENCOUNTER, last_encounter)];
        row.extend(quantities.into_iter().filter_map(|(column, value)| Some((column, value? as f32))));
        row.extend(counts);
        for (column, values) in measured {
            row.push((column, 1.0));
            row.push((column + 1, values.last as f32));
            if let Some((least, greatest)) = values.extremes.filter(|_| self.options.extremes) {
                row.push((column + 2, least as f32));
                row.push((column + 3, greatest as f32));
            }
        }
        row.sort_unstable_by_key(|(column, _)| *column);
        row
    }

    fn shortest_days(&self) -> f64 {
        self.options.lookback_days.last().copied().unwrap_or(f64::INFINITY)
    }
}

fn window_names(options: &FeatureOptions) -> Vec<String> {
    std::iter::once("ever".to_owned())
        .chain(options.lookback_days.iter().map(|days| format!("{days} d")))
        .collect()
}

fn fixed_features(options: &FeatureOptions) -> Vec<Feature> {
    let mut features: Vec<Feature> = ["age in years", "days of record", "days since last encounter"]
        .into_iter()
        .map(|name| Feature { name: name.into(), role: FeatureRole::Measurement })
        .collect();
    for noun in ["encounters", "events"] {
        features.extend(
            window_names(options)
                .into_iter()
                .map(|window| Feature { name: format!("{noun} {window}").into(), role: FeatureRole::Count }),
        );
    }
    features
}

const DEMOGRAPHIC: &str = "1demographic";
const WORD: &str = "2word";
const NUMBER: &str = "3number";

#[derive(Default)]
struct Buffers {
    joined: String,
    key: String,
}

impl Buffers {
    /// Calls `take` with `family word` for each column family that the event bears on.
    fn for_each_key(&mut self, event: &VisibleEvent<'_>, mut take: impl FnMut(&str)) {
        let Self { joined, key } = self;
        let mut give = |family: &str, parts: [&str; 3]| {
            key.clear();
            key.push_str(family);
            key.push(' ');
            for part in parts {
                key.push_str(part);
            }
            take(key);
        };
        if event.kind() == EventKind::Birth {
            return;
        }
        if event.time().is_none() {
            for_each_token(event, joined, |word| give(DEMOGRAPHIC, [word, "", ""]));
            if let Some(system) = event.code().system().filter(|_| event.numeric_value().is_some()) {
                give(NUMBER, [system, "", ""]);
            }
            return;
        }
        for_each_token(event, joined, |word| give(WORD, [word, "", ""]));
        if event.numeric_value().is_some() {
            match event.unit() {
                Some(unit) => give(NUMBER, [event.code().as_str(), " in ", unit.as_str()]),
                None => give(NUMBER, [event.code().as_str(), "", ""]),
            }
        }
    }
}

#[derive(Default)]
struct Measured {
    last: f64,
    extremes: Option<(f64, f64)>,
}

impl Measured {
    fn take(&mut self, value: f64, recent: bool) {
        self.last = value;
        if recent {
            let (least, greatest) = self.extremes.unwrap_or((value, value));
            self.extremes = Some((least.min(value), greatest.max(value)));
        }
    }
}
