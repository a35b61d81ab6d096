use super::*;
use crate::supply::parameters::SupplyParameters;

const MONDAY: i64 = 18_267; // 2020-01-06

fn reach(day: i64, minute: u16) -> Reach {
    Reach { from_day: day, from_minute: minute, today: day, same_day: false, absences_known: false }
}

fn book(change: impl Fn(&mut SessionParameters)) -> Book {
    let mut sessions = SupplyParameters::default().practice.general_practitioner;
    sessions.session_lost_probability = 0.0;
    sessions.late_minutes_per_hour = 0.0;
    change(&mut sessions);
    let mut book = Book::new(&sessions, 3_000.0, 1, MONDAY);
    book.turn_to(MONDAY, &Calendar::england(), &PlaceDraws::new(1, "absence", 1));
    book
}

#[test]
fn law_slots_are_taken_in_order_once_each_and_within_sessions() {
    let mut book = book(|_| {});
    let mut taken = std::collections::BTreeSet::new();
    let mut last = Moment::EVER;
    for _ in 0..400 {
        let Some(place) = book.find(&reach(MONDAY, 0), 10) else { break };
        book.take(place);
        let (start, called, clinician) = book.times(place);
        assert!(start >= last, "the earliest free slot comes first");
        assert_eq!(start, called);
        last = start;
        assert!(taken.insert((start, clinician)), "no clinician twice at once");
        let minute = start.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE_MICROS;
        assert!((510..720).contains(&minute) || (840..1050).contains(&minute));
    }
    assert_eq!(taken.len(), 400);
}

#[test]
fn law_embargoed_slots_are_released_on_time() {
    let mut book = book(|sessions| {
        (sessions.same_day_share, sessions.soon_share, sessions.extra_share) = (0.5, 0.5, 0.0);
    });
    let after = |days: i64| Reach { from_day: MONDAY + days, ..reach(MONDAY, 0) };
    assert_eq!(book.find(&after(7), 10), None, "no slot is routine and these are not yet released");
    assert_eq!(book.find(&after(1), 10).unwrap().day, MONDAY + 1, "half are released 3 days before");
    let mut on_day = [0; 5];
    while let Some(place) = book.find(&reach(MONDAY, 0), 10) {
        book.take(place);
        on_day[(place.day - MONDAY) as usize] += 1;
    }
    // All of Monday's, 3,000 people's at the default rate; half of Tuesday's to Thursday's.
    let gp = SupplyParameters::default().practice.general_practitioner;
    let slots = |day: usize| gp.slots_per_1000_per_week * 3.0 * gp.weekday_shares[day];
    assert_eq!(on_day[0], slots(0).round() as i64);
    assert!((1..4).all(|day| (on_day[day] as f64 - slots(day) / 2.0).abs() < 2.0), "{on_day:?}");
    assert_eq!(on_day[4], 0);
    let urgent = Reach { same_day: true, ..reach(MONDAY, 0) };
    assert_eq!(book.find(&urgent, 10).unwrap().day, MONDAY + 1, "first in the queue next morning");
}

#[test]
fn law_long_contacts_take_neighbouring_slots_and_come_back_when_cancelled() {
    let mut book = book(|sessions| (sessions.same_day_share, sessions.soon_share) = (0.0, 0.0));
    let long = book.find(&reach(MONDAY, 600), 25).unwrap();
    assert_eq!(long.slots, 3);
    book.take(long);
    assert_ne!(book.find(&reach(MONDAY, 600), 25), Some(long));
    book.give_back(long);
    assert_eq!(book.find(&reach(MONDAY, 600), 25), Some(long));
}

#[test]
fn law_full_and_closed_days_are_jumped() {
    let mut book = book(|sessions| (sessions.same_day_share, sessions.soon_share) = (0.0, 0.0));
    // Friday 10 April 2020 is Good Friday; all slots until then go.
    let good_friday = 18_362;
    assert_eq!(book.today, MONDAY);
    book.turn_to(good_friday - 10, &Calendar::england(), &PlaceDraws::new(1, "absence", 1));
    let mut days = std::collections::BTreeSet::new();
    while let Some(place) = book.find(&reach(good_friday - 10, 0), 10) {
        book.take(place);
        days.insert(place.day);
    }
    assert!(!days.contains(&good_friday) && !days.contains(&(good_friday + 3)), "Easter");
    assert!(days.iter().all(|day| (day + 3).rem_euclid(7) < 5));
    assert!(days.contains(&(good_friday - 1)) && days.contains(&(good_friday + 4)));
}

#[test]
fn law_extra_sessions_are_held_on_the_day_once_the_wait_is_long() {
    let mut book = book(|sessions| (sessions.same_day_share, sessions.soon_share) = (0.0, 0.0));
    let (calendar, draws) = (Calendar::england(), PlaceDraws::new(1, "absence", 1));
    assert_eq!(book.turn_to(MONDAY + 1, &calendar, &draws).1, 0);
    let urgent = |day| Reach { same_day: true, ..reach(day, 0) };
    let next = book.find(&urgent(MONDAY + 1), 10).unwrap();
    // Everything is booked as far ahead as the book goes.
    while let Some(place) = book.find(&reach(MONDAY + 1, 0), 10) {
        book.take(place);
    }
    assert_eq!(book.find(&urgent(MONDAY + 1), 10), None);
    book.turn_to(MONDAY + 2, &calendar, &draws);
    let extra = book.find(&urgent(MONDAY + 2), 10).unwrap();
    assert_eq!(extra.day, MONDAY + 2);
    assert!(book.times(extra).2 > book.times(next).2, "another clinician's");
}
