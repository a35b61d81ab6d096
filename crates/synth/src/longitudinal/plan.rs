//! What is counted of records, and how much of it one patient may be.

use twinloom_table::{ColumnKind, ColumnSchema, Missing, Origin, Table};

use super::codes::{CodeModel, Seen};
use super::parameters::{LongitudinalError, LongitudinalParameters};
use super::records::{History, Layout, Records, numbers};
use crate::causal::Coding;

/// Gaps of no time, of up to 2^-10, and so on by factors of two up to 2^16.
pub(super) const GAPS: usize = 28;

/// Which gap a time is of.
pub(super) fn gap(time: f64) -> usize {
    if time <= 0.0 { 0 } else { (time.log2().ceil() as i64 + 11).clamp(1, GAPS as i64 - 1) as usize }
}

/// Counts, and by how much one patient changes them in Euclidean norm at most.
pub(super) struct Counts {
    pub(super) what: String,
    pub(super) cells: Vec<f64>,
    pub(super) levels: usize,
    pub(super) bound: f64,
}

impl Counts {
    fn new(
        what: &str,
        wide: usize,
        levels: usize,
        bound: usize,
        most: usize,
    ) -> Result<Self, LongitudinalError> {
        let cells = wide.saturating_mul(levels);
        if cells > most {
            return Err(LongitudinalError::Cells { what: what.to_owned(), cells, most });
        }
        Ok(Self { what: what.to_owned(), cells: vec![0.0; cells], levels, bound: bound as f64 })
    }

    fn add(&mut self, place: usize, level: usize) {
        self.cells[place * self.levels + level] += 1.0;
    }
}

/// How columns are coded, and their levels by row.
pub(super) struct Plan {
    pub(super) conditions: Vec<(String, Coding)>,
    pub(super) start: Coding,
    pub(super) kind: Option<Coding>,
    pub(super) code: Coding,
    pub(super) encounter_features: Vec<(String, Coding)>,
    pub(super) event_features: Vec<(String, Coding)>,
    classes: Vec<usize>,
    class_count: usize,
    starts: Vec<u32>,
    kinds: Vec<u32>,
    codes: Vec<u32>,
}

/// All counts, in the order of the rules.
pub(super) struct AllCounts {
    pub(super) rules: [Counts; 5],
    pub(super) encounter_features: Vec<Counts>,
    pub(super) event_features: Vec<Counts>,
    pub(super) codes: Option<Counts>,
}

impl Plan {
    pub(super) fn new(
        records: &Records<'_>,
        layout: &Layout,
        parameters: &LongitudinalParameters,
        private: bool,
    ) -> Result<Self, LongitudinalError> {
        let coding = |table: &Table, name: &str, bins: usize, coarse: usize| {
            let column = table.schema().column(name)?;
            if private {
                check_declared(column)?;
                return Ok(Coding::declared(column, bins, coarse));
            }
            Ok::<_, LongitudinalError>(Coding::of(column, table.column(name)?, bins, coarse))
        };
        let fine = |table: &Table, name: &str| coding(table, name, parameters.bins, parameters.bins);
        let features = |table: &Table, named: &[&str]| -> Result<Vec<(String, Coding)>, LongitudinalError> {
            let columns = table.schema().columns().iter().map(|column| column.name.to_string());
            let others = columns.filter(|name| !named.contains(&name.as_str()));
            others.map(|name| fine(table, &name).map(|coding| (name, coding))).collect()
        };
        let condition = |name: &String| {
            let bins = (parameters.bins, parameters.condition_bins);
            Ok((name.clone(), coding(records.patients, name, bins.0, bins.1)?))
        };
        let conditions: Vec<(String, Coding)> =
            parameters.conditions.iter().map(condition).collect::<Result<_, LongitudinalError>>()?;
        if parameters.conditions.contains(&layout.patient) {
            return Err(LongitudinalError::Key { column: layout.patient.clone() });
        }
        let kind_name = layout.kind.as_deref().unwrap_or_default();
        let time = layout.time.as_deref().unwrap_or_default();
        let kind = layout.kind.as_deref().map(|name| fine(records.encounters, name)).transpose()?;
        // That no start is missing is checked, so there is no level for it.
        let mut own = records.encounters.schema().column(&layout.start)?.clone();
        own.missing = Missing::Never;
        numbers(records.encounters, "encounters", &layout.start)?;
        let start = if private {
            check_declared(&own)?;
            Coding::declared(&own, parameters.bins, parameters.bins)
        } else {
            Coding::of(&own, records.encounters.column(&layout.start)?, parameters.bins, parameters.bins)
        };
        let code = fine(records.events, &layout.code)?;
        let levels = |table: &Table, name: &str, coding: &Coding| {
            Ok::<_, LongitudinalError>(coding.all(table.column(name)?))
        };
        let mut classes = vec![0_usize; records.patients.len()];
        let mut class_count = 1_usize;
        for (name, coding) in &conditions {
            class_count = class_count.saturating_mul(coding.coarse_levels());
            for (class, level) in classes.iter_mut().zip(levels(records.patients, name, coding)?) {
                *class = class.saturating_mul(coding.coarse_levels()) + coding.coarse(level) as usize;
            }
        }
        let kinds = match (&kind, &layout.kind) {
            (Some(coding), Some(name)) => levels(records.encounters, name, coding)?,
            _ => vec![0; records.encounters.len()],
        };
        Ok(Self {
            encounter_features: features(
                records.encounters,
                &[&layout.patient, &layout.encounter, &layout.start, kind_name],
            )?,
            event_features: features(records.events, &[&layout.encounter, &layout.code, time])?,
            starts: levels(records.encounters, &layout.start, &start)?,
            codes: levels(records.events, &layout.code, &code)?,
            conditions,
            start,
            kind,
            code,
            classes,
            class_count,
            kinds,
        })
    }

    fn kind_count(&self) -> usize {
        self.kind.as_ref().map_or(1, Coding::levels)
    }

    pub(super) fn counts(
        &self,
        parameters: &LongitudinalParameters,
        private: bool,
    ) -> Result<AllCounts, LongitudinalError> {
        let (encounters, events) = (parameters.most_encounters, parameters.most_events);
        let (classes, kinds, codes) = (self.class_count, self.kind_count(), self.code.levels());
        let new =
            |what: &str, wide, levels, bound| Counts::new(what, wide, levels, bound, parameters.most_cells);
        let feature =
            |(name, coding): &(String, Coding), wide, bound| new(name, wide, coding.levels(), bound);
        let last = if parameters.order > 0 { codes.saturating_add(kinds) } else { 1 };
        Ok(AllCounts {
            rules: [
                new("encounters", classes, encounters + 1, 1)?,
                new("first starts", classes, self.start.levels(), 1)?,
                new("kinds", classes.saturating_mul(kinds + 1), kinds, encounters)?,
                new("gaps between encounters", kinds, GAPS, encounters)?,
                new("gaps between events", kinds, GAPS, events)?,
            ],
            encounter_features: self
                .encounter_features
                .iter()
                .map(|own| feature(own, kinds, encounters))
                .collect::<Result<_, _>>()?,
            event_features: self
                .event_features
                .iter()
                .map(|own| feature(own, codes, events))
                .collect::<Result<_, _>>()?,
            // An encounter's end counts as a code of its own.
            codes: private.then(|| new("codes", last, codes + 1, events + encounters)).transpose()?,
        })
    }

    pub(super) fn count(
        &self,
        counts: &mut AllCounts,
        records: &Records<'_>,
        layout: &Layout,
        histories: &[History],
        parameters: &LongitudinalParameters,
    ) -> Result<(), LongitudinalError> {
        let starts = numbers(records.encounters, "encounters", &layout.start)?;
        let times = match &layout.time {
            Some(time) => Some(numbers(records.events, "events", time)?),
            None => None,
        };
        let levels =
            |table: &Table, features: &[(String, Coding)]| -> Result<Vec<Vec<u32>>, LongitudinalError> {
                features.iter().map(|(name, coding)| Ok(coding.all(table.column(name)?))).collect()
            };
        let encounter_levels = levels(records.encounters, &self.encounter_features)?;
        let event_levels = levels(records.events, &self.event_features)?;
        let kinds = self.kind_count();
        let [by_class, first, kind_counts, gaps, event_gaps] = &mut counts.rules;
        for (history, &class) in histories.iter().zip(&self.classes) {
            by_class.add(class, history.encounters.len());
            let mut before: Option<usize> = None;
            for (row, own) in &history.encounters {
                let kind = self.kinds[*row] as usize;
                kind_counts.add(
                    class * (kinds + 1) + before.map_or(kinds, |before| self.kinds[before] as usize),
                    kind,
                );
                match before {
                    None => first.add(class, self.starts[*row] as usize),
                    Some(before) => gaps.add(kind, gap(starts[*row] - starts[before])),
                }
                before = Some(*row);
                for (feature, levels) in counts.encounter_features.iter_mut().zip(&encounter_levels) {
                    feature.add(kind, levels[*row] as usize);
                }
                let mut last = self.code.levels() + kind;
                let mut at = starts[*row];
                for &event in own {
                    let code = self.codes[event] as usize;
                    if let Some(codes) = &mut counts.codes {
                        codes.add(if parameters.order > 0 { last } else { 0 }, code);
                    }
                    last = code;
                    if let Some(times) = &times {
                        event_gaps.add(kind, gap(times[event] - at));
                        at = times[event];
                    }
                    for (feature, levels) in counts.event_features.iter_mut().zip(&event_levels) {
                        feature.add(code, levels[event] as usize);
                    }
                }
                if let Some(codes) = &mut counts.codes {
                    codes.add(if parameters.order > 0 { last } else { 0 }, self.code.levels());
                }
            }
        }
        Ok(())
    }

    pub(super) fn contexts(&self, histories: &[History], parameters: &LongitudinalParameters) -> CodeModel {
        let end = self.code.levels() as u32;
        // A patient's codes and starts, and after how many of them which code came, or the end.
        let mut timelines = Vec::new();
        for (patient, history) in histories.iter().enumerate() {
            let (mut tokens, mut next): (Vec<u32>, Vec<(usize, u32)>) = (Vec::new(), Vec::new());
            for (row, own) in &history.encounters {
                tokens.push(end + self.kinds[*row]);
                for &event in own {
                    next.push((tokens.len(), self.codes[event]));
                    tokens.push(self.codes[event]);
                }
                next.push((tokens.len(), end));
            }
            timelines.push((patient, tokens, next));
        }
        let seen = timelines.iter().flat_map(|(patient, tokens, next)| {
            next.iter().map(|&(at, code)| Seen { patient: *patient, before: &tokens[..at], code })
        });
        CodeModel::of(seen, parameters.order, parameters.fewest_patients, parameters.prior_rows)
    }
}

fn check_declared(column: &ColumnSchema) -> Result<(), LongitudinalError> {
    let what = match &column.kind {
        ColumnKind::Category { origin: Origin::Inferred, .. } => "categories",
        ColumnKind::Category { .. } => return Ok(()),
        kind if kind.bounds().is_some_and(|bounds| bounds.origin == Origin::Declared) => return Ok(()),
        _ => "bounds",
    };
    Err(LongitudinalError::Undeclared { column: column.name.to_string(), what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_gaps_by_factors_of_two() {
        assert_eq!([0.0, -1.0, 1e-9, 1.0, 1.5, 2.0, 30.0, 1e9].map(gap), [0, 0, 1, 11, 12, 12, 16, 27]);
    }
}
