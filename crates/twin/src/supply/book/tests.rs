use super::*;
use crate::supply::parameters::SupplyParameters;

const MONDAY: i64 = 18_267; // 2020-01-06

fn reach(day: i64, minute: u16) -> Reach {
    Reach {
        from_day: day,
        from_minute: minute,
        today: day,
        same_day: false,
        leftovers: false,
        absences_known: false,
    }
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
    let mut book = book(|sessions| (sessions.same_day_share, sessions.soon_share) = (0.5, 0.5));
    let soon = book.find(&reach(MONDAY, 0), 10).unwrap();
    assert_eq!(soon.day, MONDAY);
    let far = Reach { from_day: MONDAY + 7, ..reach(MONDAY, 0) };
    assert_eq!(book.find(&far, 10), None, "no slot is routine and these are not yet released");
    let today = Reach { same_day: true, ..reach(MONDAY, 0) };
    let mut seen = 0;
    while let Some(place) = book.find(&today, 10).filter(|place| place.day == MONDAY) {
        book.take(place);
        seen += 1;
    }
    // 3,000 people at the default rate.
    let share = SupplyParameters::default().practice.general_practitioner;
    assert_eq!(seen, (share.slots_per_1000_per_week * 3.0 * share.weekday_shares[0]).round() as i64);
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
