//! When a cohort's data end.

use twinloom_event::{Cohort, Event, Timeline, Timestamp};

/// The time by which 99 in 100 living subjects have their last event (nearest rank), so that one
/// misdated row does not move it; of all subjects when none is living. `None` without timed events.
pub fn data_end(cohort: &Cohort) -> Option<Timestamp> {
    let last = |timeline: &Timeline| timeline.timed_events().last().and_then(Event::time);
    let living = cohort.timelines().iter().filter(|timeline| timeline.death().is_none());
    let mut ends: Vec<Timestamp> = living.filter_map(last).collect();
    if ends.is_empty() {
        ends = cohort.timelines().iter().filter_map(last).collect();
    }
    ends.sort_unstable();
    let rank = (ends.len() * 99).div_ceil(100);
    ends.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, SubjectId};

    use super::*;

    #[test]
    fn regress_one_misdated_row_does_not_move_the_end() {
        let year = |year| Timestamp::from_ymd(year, 1, 1).unwrap();
        let event = |id: i64| {
            let time = if id == 7 { year(2099) } else { year(2020) };
            Event::new(SubjectId::new(id), Some(time), Code::parse("A").unwrap())
        };
        let cohort = Cohort::from_events((0..200).map(event).collect()).unwrap();
        assert_eq!(data_end(&cohort), Some(year(2020)));
        assert_eq!(data_end(&Cohort::default()), None);
    }
}
