//! Ages by sex at a date.

use serde::Serialize;
use twinloom_event::{Cohort, Timeline, Timestamp};

const BAND_YEARS: u32 = 5;
const OPEN_BAND_FROM: u32 = 90;

/// The living at one date, by five-year age band and sex; who is counted nowhere is counted here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pyramid {
    /// The date at which ages are taken.
    pub at: Timestamp,
    /// Bands from the youngest to 90 and over.
    pub bands: Vec<PyramidBand>,
    /// Subjects who died by the date.
    pub dead: u64,
    /// Subjects born after the date.
    pub unborn: u64,
    /// Living subjects without a date of birth.
    pub without_birth: u64,
}

/// One age band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PyramidBand {
    /// Youngest age.
    pub from_years: u32,
    /// Oldest age; `None` in the open band.
    pub to_years: Option<u32>,
    /// Females.
    pub female: u64,
    /// Males.
    pub male: u64,
    /// Other or unknown sex.
    pub other: u64,
}

/// Counts the living of a cohort at a date.
pub fn pyramid(cohort: &Cohort, at: Timestamp) -> Pyramid {
    let bands = (0..=OPEN_BAND_FROM / BAND_YEARS)
        .map(|band| {
            let from_years = band * BAND_YEARS;
            let to_years = (from_years < OPEN_BAND_FROM).then_some(from_years + BAND_YEARS - 1);
            PyramidBand { from_years, to_years, female: 0, male: 0, other: 0 }
        })
        .collect();
    let mut pyramid = Pyramid { at, bands, dead: 0, unborn: 0, without_birth: 0 };
    for timeline in cohort.timelines() {
        if timeline.death().is_some_and(|death| death <= at) {
            pyramid.dead += 1;
            continue;
        }
        let Some(birth) = timeline.birth() else {
            pyramid.without_birth += 1;
            continue;
        };
        let Ok(age) = u32::try_from(at.years_since(birth)) else {
            pyramid.unborn += 1;
            continue;
        };
        let band = &mut pyramid.bands[(age.min(OPEN_BAND_FROM) / BAND_YEARS) as usize];
        match sex(timeline) {
            Some("female") => band.female += 1,
            Some("male") => band.male += 1,
            _ => band.other += 1,
        }
    }
    pyramid
}

fn sex(timeline: &Timeline) -> Option<&str> {
    timeline.static_events().iter().find_map(|event| event.code().as_str().strip_prefix("SEX//"))
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, Event, SubjectId};

    use super::*;

    #[test]
    fn regress_everyone_is_counted_once() {
        let year = |year| Timestamp::from_ymd(year, 6, 1).unwrap();
        let mut events = Vec::new();
        for (id, born, died, sex) in [
            (1, Some(1930), None, Some("female")),
            (2, Some(1976), None, Some("male")),
            (3, Some(1950), Some(2000), Some("male")),
            (4, None, None, None),
            (5, Some(2021), None, None),
            (6, Some(2019), None, None),
        ] {
            let subject = SubjectId::new(id);
            events.extend(born.map(|born| Event::new(subject, Some(year(born)), Code::birth())));
            events.extend(died.map(|died| Event::new(subject, Some(year(died)), Code::death())));
            events.push(Event::new(subject, None, Code::new("SEX", sex.unwrap_or("unknown")).unwrap()));
        }
        let pyramid = pyramid(&Cohort::from_events(events).unwrap(), year(2020));
        assert_eq!((pyramid.dead, pyramid.unborn, pyramid.without_birth), (1, 1, 1));
        assert_eq!((pyramid.bands[18].female, pyramid.bands[8].male, pyramid.bands[0].other), (1, 1, 1));
        let counted: u64 = pyramid.bands.iter().map(|band| band.female + band.male + band.other).sum();
        assert_eq!(counted, 3);
    }
}
