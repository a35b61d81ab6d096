//! One row a person: a rectangular table of what was known of each at a prediction time.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use twinloom_event::{Code, EventKind, Unit};
use twinloom_table::{Bounds, Column, ColumnKind, ColumnSchema, Missing, Origin, Schema, Table, TableError};

use crate::{Subgroup, Visible};

/// What a [`person_table`] holds.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `conditions` | 12 | commonest conditions, a yes or no each | >= 0 |
/// | `measurements` | 6 | commonest measurements, the last value of each | >= 0 |
/// | `lookback_days` | 730 | how old a last value may be | > 0 |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonTableOptions {
    /// Commonest conditions.
    pub conditions: usize,
    /// Commonest measurements.
    pub measurements: usize,
    /// Days that a measurement stands for.
    pub lookback_days: f64,
}

impl Default for PersonTableOptions {
    fn default() -> Self {
        Self { conditions: 12, measurements: 6, lookback_days: 730.0 }
    }
}

const YEAR_DAYS: f64 = 365.25;
/// The oldest age that a row tells; older people are told as this old.
const OLDEST: f64 = 110.0;
/// The most contacts or drugs of a year that a row tells.
const MOST_OF_A_YEAR: f64 = 366.0;

/// Makes a table of one row a view: age, sex, ethnic group, deprivation, the commonest conditions, the commonest
/// measurements, contacts and drugs of the last year, and the outcome.
///
/// `named` says what people call a code. What was not measured or not said is missing.
///
/// # Errors
/// [`TableError`] where there is no view, or two columns would have one name.
///
/// # Limits
/// Which conditions and measurements have a column is found in the records, and bounds of measurements are: of people's
/// records that is a look at the data, which no claim of privacy covers unless it is paid for.
pub fn person_table(
    views: &[Visible<'_>],
    outcome: (&str, &[bool]),
    options: &PersonTableOptions,
    named: impl Fn(&Code) -> String,
) -> Result<Table, TableError> {
    let rows: Vec<Row<'_>> = views.par_iter().map(|view| Row::of(view, options)).collect();
    let mut columns = Columns::default();
    let years = |row: &Row<'_>| row.age_years.map(|age| age.floor().clamp(0.0, OLDEST));
    columns.whole("age", (0.0, OLDEST), rows.iter().map(years).collect());
    for (place, name) in ["sex", "ethnic group", "deprivation"].into_iter().enumerate() {
        columns.words(name, &rows.iter().map(|row| row.groups[place].clone()).collect::<Vec<_>>());
    }
    for code in commonest(rows.iter().map(|row| row.conditions.iter().copied()), options.conditions) {
        let name = columns.free(named(code), code, None);
        columns.yes(&name, rows.iter().map(|row| row.conditions.binary_search(&code).is_ok()));
    }
    let measured = rows.iter().map(|row| row.measurements.keys().copied());
    for (code, unit) in commonest(measured, options.measurements) {
        let values = rows.iter().map(|row| row.measurements.get(&(code, unit)).copied()).collect();
        let name = columns.free(named(code), code, unit);
        columns.number(&name, unit, values);
    }
    let names = ["contacts in a year", "emergencies in a year", "drugs in a year"];
    for (place, name) in names.into_iter().enumerate() {
        let values = rows.iter().map(|row| Some((row.counts[place] as f64).min(MOST_OF_A_YEAR)));
        columns.whole(name, (0.0, MOST_OF_A_YEAR), values.collect());
    }
    columns.yes(outcome.0, outcome.1.iter().copied());
    Table::new(Schema::new(columns.schema, Vec::new(), None)?, columns.values)
}

/// What is told of one person.
struct Row<'a> {
    age_years: Option<f64>,
    groups: [Option<Arc<str>>; 3],
    conditions: Vec<&'a Code>,
    measurements: BTreeMap<(&'a Code, Option<&'a Unit>), f64>,
    /// Contacts, emergencies, kinds of drugs.
    counts: [usize; 3],
}

impl<'a> Row<'a> {
    fn of(view: &Visible<'a>, options: &PersonTableOptions) -> Self {
        let (mut conditions, mut drugs) = (Vec::new(), Vec::new());
        let mut measurements = BTreeMap::new();
        let mut counts = [0; 3];
        for event in view.events() {
            let days = event.days_before().unwrap_or(f64::INFINITY);
            match event.kind() {
                EventKind::Condition if event.end_time().is_none() => conditions.push(event.code()),
                EventKind::Observation if days <= options.lookback_days => {
                    if let Some(value) = event.numeric_value() {
                        // Events come in order of time: the last one stays.
                        measurements.insert((event.code(), event.unit()), value);
                    }
                }
                EventKind::Encounter if days <= YEAR_DAYS => {
                    counts[0] += 1;
                    let class = event.attribute("class").and_then(|class| class.as_text());
                    counts[1] += usize::from(class == Some("EMER"));
                }
                EventKind::Medication if days <= YEAR_DAYS => drugs.push(event.code()),
                _ => {}
            }
        }
        for codes in [&mut conditions, &mut drugs] {
            codes.sort_unstable();
            codes.dedup();
        }
        counts[2] = drugs.len();
        let groups = [Subgroup::Sex, Subgroup::Ethnicity, Subgroup::Deprivation].map(|group| group.of(view));
        Self { age_years: view.age_years(), groups, conditions, measurements, counts }
    }
}

/// Those that most rows have, the commonest first, and of as common ones the first in order.
fn commonest<T: Ord + Copy>(rows: impl Iterator<Item = impl Iterator<Item = T>>, most: usize) -> Vec<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for item in rows.flatten() {
        *counts.entry(item).or_default() += 1;
    }
    let mut ranked: Vec<(T, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ranked.into_iter().take(most).map(|(item, _)| item).collect()
}

#[derive(Default)]
struct Columns {
    schema: Vec<ColumnSchema>,
    values: Vec<Column>,
}

impl Columns {
    /// The name, with the code and its unit where another column has it already.
    fn free(&self, name: String, code: &Code, unit: Option<&Unit>) -> String {
        match (self.schema.iter().any(|column| *column.name == *name), unit) {
            (false, _) => name,
            (true, None) => format!("{name} ({code})"),
            (true, Some(unit)) => format!("{name} ({code}, {})", unit.as_str()),
        }
    }

    fn push(&mut self, name: &str, kind: ColumnKind, unit: Option<Arc<str>>, values: Column) {
        let missing = if values.missing() == 0 { Missing::Never } else { Missing::Modelled };
        self.schema.push(ColumnSchema { name: name.into(), kind, unit, missing });
        self.values.push(values);
    }

    fn whole(&mut self, name: &str, (least, greatest): (f64, f64), values: Vec<Option<f64>>) {
        let bounds = Some(Bounds { least, greatest, origin: Origin::Declared });
        self.push(name, ColumnKind::Integer { bounds }, None, Column::Number(values));
    }

    /// Numbers between the least and the greatest there are.
    fn number(&mut self, name: &str, unit: Option<&Unit>, values: Vec<Option<f64>>) {
        let known = || values.iter().flatten().copied();
        let (least, greatest) =
            (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
        let bounds = (least <= greatest).then_some(Bounds { least, greatest, origin: Origin::Inferred });
        let unit = unit.map(|unit| unit.as_str().into());
        self.push(name, ColumnKind::Number { bounds, decimals: None }, unit, Column::Number(values));
    }

    fn yes(&mut self, name: &str, values: impl Iterator<Item = bool>) {
        let kind = ColumnKind::Category {
            categories: vec!["no".into(), "yes".into()],
            ordered: true,
            origin: Origin::Declared,
        };
        self.push(name, kind, None, Column::Category(values.map(|value| Some(u32::from(value))).collect()));
    }

    /// Words as found, in order; no column where there is none.
    fn words(&mut self, name: &str, values: &[Option<Arc<str>>]) {
        let mut categories: Vec<Arc<str>> = values.iter().flatten().cloned().collect();
        categories.sort_unstable();
        categories.dedup();
        if categories.is_empty() {
            return;
        }
        let place =
            |word: &Arc<str>| categories.binary_search(word).ok().and_then(|place| u32::try_from(place).ok());
        let column = Column::Category(values.iter().map(|word| word.as_ref().and_then(place)).collect());
        let kind = ColumnKind::Category { categories, ordered: false, origin: Origin::Inferred };
        self.push(name, kind, None, column);
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Attribute, Cohort, Event, SubjectId, Timestamp};

    use super::*;

    #[test]
    fn regress_a_row_tells_what_was_known_and_no_more() {
        let at = |year| Timestamp::from_ymd(year, 7, 1).unwrap();
        let event = |year, code: &str, kind| {
            Event::new(SubjectId::new(1), Some(at(year)), Code::parse(code).unwrap()).with_kind(kind)
        };
        let sex = Event::new(SubjectId::new(1), None, Code::parse("SEX//female").unwrap());
        let visit = event(2019, "GP", EventKind::Encounter);
        let emergency =
            event(2019, "AE", EventKind::Encounter).with_attribute("class", Attribute::Text("EMER".into()));
        let cohort = Cohort::from_events(vec![
            sex.with_kind(EventKind::Demographic),
            event(1960, "MEDS_BIRTH", EventKind::Birth),
            event(2018, "ASTHMA", EventKind::Condition),
            event(2018, "BMI", EventKind::Observation).with_numeric_value(30.0).unwrap(),
            event(2019, "BMI", EventKind::Observation).with_numeric_value(29.0).unwrap(),
            visit,
            emergency,
            event(2021, "COPD", EventKind::Condition),
        ])
        .unwrap();
        let views = [Visible::new(&cohort.timelines()[0], Timestamp::from_ymd(2020, 6, 1).unwrap())];
        let table =
            person_table(&views, ("died", &[true]), &PersonTableOptions::default(), Code::to_string).unwrap();
        let told = |name: &str| table.text(0, name).unwrap();
        assert_eq!([told("age"), told("sex"), told("ASTHMA"), told("BMI")], ["59", "female", "yes", "29"]);
        assert_eq!(
            [told("contacts in a year"), told("emergencies in a year"), told("died")],
            ["2", "1", "yes"]
        );
        assert!(table.column("COPD").is_err() && table.column("ethnic group").is_err());
    }
}
