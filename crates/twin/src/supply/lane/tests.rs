use super::*;
use crate::stream::StreamKey;
use crate::supply::measures::day_of;

const MONDAY: i64 = 18_267; // 2020-01-06

fn rules(rule: Rule) -> LaneRules {
    LaneRules {
        hours: Hours::new(540, 1020).unwrap(),
        rule,
        notice_days: 14,
        least_notice_days: 5,
        urgent_notice_days: 2,
        held_share: 0.2,
        held_release_days: 6,
        backlog_weeks: 0.0,
        initiative_above_weeks: 500.0,
        initiative_extra_share: 0.0,
    }
}

fn entry(rule: Rule, person: u64, at: Moment, urgent: bool) -> Entry {
    Entry {
        rank: rule.rank(at, at, if urgent { 1 } else { 3 }, 5),
        person,
        sequence: 0,
        process: 0,
        quintile: 2,
        urgent,
        attempt: 0,
        missing_thousandths: 1000,
        at,
        clock: at,
    }
}

/// Everybody who got a slot: entry, slot, day of booking.
fn work_off(
    rule: Rule,
    slots_per_year: f64,
    days: i64,
    ask: impl Fn(i64) -> Vec<Entry>,
) -> Vec<(Entry, Slot, i64)> {
    let calendar = Calendar::england();
    let mut lane = Lane::new(rules(rule), slots_per_year, 30, 0.0, MONDAY);
    let mut given = Vec::new();
    for day in MONDAY..MONDAY + days {
        for entry in ask(day) {
            lane.add(entry, entry.at);
        }
        if calendar.is_working_day(day) {
            lane.open_until(day, &calendar);
            let now = Moment::from_micros(day * MICROSECONDS_PER_DAY + MICROSECONDS_PER_DAY - 1);
            lane.fill(now, |entry, slot| given.push((entry, slot, day)));
        }
    }
    given
}

fn two_a_day(rule: Rule) -> impl Fn(i64) -> Vec<Entry> {
    move |day| {
        let mut stream = StreamKey::new(9, "lane").open(day as u64);
        let at = |part: f64| Moment::from_micros(day * MICROSECONDS_PER_DAY).plus_days(part);
        (0..2)
            .map(|number| entry(rule, day as u64 * 2 + number, at(stream.uniform()), stream.chance(0.2)))
            .collect()
    }
}

#[test]
fn law_slots_are_given_once_in_clinic_hours_with_notice() {
    let calendar = Calendar::england();
    let given = work_off(Rule::ClinicalPriority, 253.0 * 2.5, 400, two_a_day(Rule::ClinicalPriority));
    assert!(given.len() > 500);
    let mut taken = std::collections::BTreeSet::new();
    for (entry, slot, booked) in &given {
        assert!(taken.insert((slot.start, slot.clinician)), "no clinician twice at once");
        let minute = slot.start.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE_MICROS;
        assert!((540..1020).contains(&minute) && calendar.is_working_day(slot.day));
        assert_eq!(day_of(slot.start), slot.day);
        let notice = slot.day - booked;
        assert!((if entry.urgent { 2 } else { 5 }..=14).contains(&notice), "{notice}");
    }
}

#[test]
fn law_first_come_first_served_gives_slots_in_order_of_asking() {
    let rule = Rule::FirstComeFirstServed;
    // Without kept slots and with equal notice the order of slots is that of asking.
    let ask = |day| two_a_day(rule)(day).into_iter().map(|entry| Entry { urgent: false, ..entry }).collect();
    let mut given = work_off(rule, 253.0 * 1.5, 300, ask);
    given.sort_by_key(|(entry, _, _)| entry.at);
    // Kept slots are released late, so compare by day of booking.
    assert!(given.windows(2).all(|pair| pair[0].2 <= pair[1].2));
}

#[test]
fn law_the_urgent_wait_less_under_clinical_priority_but_not_when_first_come_first_served() {
    let mean = |given: &[(Entry, Slot, i64)], urgent: bool| {
        let waits: Vec<f64> = given
            .iter()
            .filter(|(entry, _, _)| entry.urgent == urgent)
            .map(|(entry, slot, _)| slot.start.days_since(entry.at))
            .collect();
        waits.iter().sum::<f64>() / waits.len() as f64
    };
    let by_priority = work_off(Rule::ClinicalPriority, 253.0 * 2.4, 700, two_a_day(Rule::ClinicalPriority));
    assert!(mean(&by_priority, true) + 20.0 < mean(&by_priority, false));
    let in_order =
        work_off(Rule::FirstComeFirstServed, 253.0 * 2.4, 700, two_a_day(Rule::FirstComeFirstServed));
    assert!((mean(&in_order, true) - mean(&in_order, false)).abs() < 15.0);
}

#[test]
fn law_more_slots_make_nobodys_mean_wait_longer() {
    // Same people, first come, first served. Under other rules a single person may wait longer.
    let rule = Rule::FirstComeFirstServed;
    let mut last = f64::INFINITY;
    for slots_per_day in [2.2, 2.6, 3.0, 4.0] {
        let given = work_off(rule, 253.0 * slots_per_day, 600, two_a_day(rule));
        // Those who asked in the first year; all have been given a slot.
        let waits: Vec<f64> = given
            .iter()
            .filter(|(entry, _, _)| day_of(entry.at) < MONDAY + 300)
            .map(|(entry, slot, _)| slot.start.days_since(entry.at))
            .collect();
        assert_eq!(waits.len(), 600);
        let mean = waits.iter().sum::<f64>() / 600.0;
        assert!(mean <= last, "{slots_per_day}: {mean} after {last}");
        last = mean;
    }
}

#[test]
fn law_slots_given_back_are_given_again() {
    let calendar = Calendar::england();
    let mut lane = Lane::new(rules(Rule::FirstComeFirstServed), 253.0, 30, 0.0, MONDAY);
    lane.open_until(MONDAY, &calendar);
    let now = Moment::from_micros(MONDAY * MICROSECONDS_PER_DAY);
    let mut slots = Vec::new();
    lane.add(entry(Rule::FirstComeFirstServed, 1, now, false), now);
    lane.fill(now, |_, slot| slots.push(slot));
    lane.give_back(slots[0].day, slots[0].number);
    lane.add(entry(Rule::FirstComeFirstServed, 2, now, false), now);
    lane.add(entry(Rule::FirstComeFirstServed, 3, now, false), now);
    lane.remove(3);
    lane.fill(now, |entry, slot| {
        assert_eq!(entry.person, 2);
        slots.push(slot);
    });
    assert_eq!(slots.len(), 2);
    assert_eq!(slots[0], slots[1]);
}
