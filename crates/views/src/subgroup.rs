//! The groups of people that models are judged in separately.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Visible;

/// What people are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subgroup {
    /// Sex as stated.
    Sex,
    /// Age at the prediction time: 0-17, 18-39, 40-64, 65-79, 80 and over.
    AgeBand,
    /// The five groups of the 2001 census in England for its letters; other codings as stated.
    Ethnicity,
    /// National fifths of the Index of Multiple Deprivation.
    Deprivation,
}

impl Subgroup {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sex, Self::AgeBand, Self::Ethnicity, Self::Deprivation];

    /// What people call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sex => "sex",
            Self::AgeBand => "age band",
            Self::Ethnicity => "ethnicity",
            Self::Deprivation => "deprivation",
        }
    }

    /// The person's group, from what was known at the prediction time; `None` if it was not.
    pub fn of(self, view: &Visible<'_>) -> Option<Arc<str>> {
        let stated = |system: &str| {
            let mut facts = view.demographics();
            facts.find(|fact| fact.code().system() == Some(system)).map(|fact| fact.code().value().to_owned())
        };
        match self {
            Self::Sex => stated("SEX").map(Into::into),
            Self::AgeBand => view.age_years().map(|years| age_band(years).into()),
            Self::Ethnicity => {
                stated("ETHNICITY").map(|code| ethnic_group(&code).map_or(code.into(), Into::into))
            }
            Self::Deprivation => {
                let decile: u8 = stated("IMD_DECILE")?.parse().ok()?;
                fifth(decile).map(Into::into)
            }
        }
    }
}

fn age_band(years: f64) -> &'static str {
    match years {
        ..18.0 => "0-17",
        18.0..40.0 => "18-39",
        40.0..65.0 => "40-64",
        65.0..80.0 => "65-79",
        _ => "80 and over",
    }
}

/// # Source
/// NHS Data Dictionary, ETHNIC CATEGORY (2001 census), its national code groups.
fn ethnic_group(code: &str) -> Option<&'static str> {
    match code {
        "A" | "B" | "C" => Some("White"),
        "D" | "E" | "F" | "G" => Some("Mixed"),
        "H" | "J" | "K" | "L" => Some("Asian or Asian British"),
        "M" | "N" | "P" => Some("Black or Black British"),
        "R" | "S" => Some("Other ethnic groups"),
        "Z" | "99" => Some("not stated"),
        _ => None,
    }
}

fn fifth(decile: u8) -> Option<&'static str> {
    match decile {
        1 | 2 => Some("1 (most deprived)"),
        3 | 4 => Some("2"),
        5 | 6 => Some("3"),
        7 | 8 => Some("4"),
        9 | 10 => Some("5 (least deprived)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, Event, EventKind, SubjectId, Timeline, Timestamp};

    use super::*;

    #[test]
    fn regress_groups_are_of_the_prediction_time() {
        let stated = |code: &str| {
            Event::new(SubjectId::new(1), None, Code::parse(code).unwrap()).with_kind(EventKind::Demographic)
        };
        let birth =
            Event::new(SubjectId::new(1), Some(Timestamp::from_ymd(1960, 6, 1).unwrap()), Code::birth());
        let events = vec![stated("SEX//female"), stated("ETHNICITY//N"), stated("IMD_DECILE//3"), birth];
        let timeline = Timeline::from_unordered(SubjectId::new(1), events).unwrap();
        let of = |year| {
            let view = Visible::new(&timeline, Timestamp::from_ymd(year, 7, 1).unwrap());
            Subgroup::ALL.map(|subgroup| subgroup.of(&view).map(|group| group.to_string()))
        };
        let words =
            |age: &str| ["female", age, "Black or Black British", "2"].map(|word| Some(word.to_owned()));
        assert_eq!(of(1999), words("18-39"));
        assert_eq!(of(2026), words("65-79"));
        let nobody = Timeline::from_unordered(SubjectId::new(2), Vec::new()).unwrap();
        let view = Visible::new(&nobody, Timestamp::from_ymd(2020, 1, 1).unwrap());
        assert_eq!(Subgroup::ALL.map(|subgroup| subgroup.of(&view)), [None, None, None, None]);
    }
}
