//! An appointment book: sessions of slots, some of them embargoed, with a cursor over free days.

use super::draws::PlaceDraws;
use super::measures::MINUTE_MICROS;
use super::parameters::SessionParameters;
use crate::calendar::Calendar;
use crate::engine::Moment;
use twinloom_event::MICROSECONDS_PER_DAY;

/// Days in the ring of pages: more than can be booked ahead.
const RING_DAYS: usize = 256;
const WORDS: usize = RING_DAYS / 64;
/// However small a practice, it has a slot on each working day.
const LEAST_SLOTS_PER_DAY: usize = 1;

/// Which slots of a day someone may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// Not before this day (counted from 1970-01-01) and minute.
    pub(crate) from_day: i64,
    pub(crate) from_minute: u16,
    /// Today, on which same-day slots are released.
    pub(crate) today: i64,
    /// Same-day slots on later days too, for those who could not be seen today.
    pub(crate) same_day: bool,
    /// Sessions whose clinician is away today are known.
    pub(crate) absences_known: bool,
}

/// Slots in a session of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) day: i64,
    pub(crate) session: u16,
    pub(crate) slot: u8,
    pub(crate) slots: u8,
}

/// One clinician's morning or afternoon, as planned for a weekday.
#[derive(Clone, Copy, Debug)]
struct Session {
    clinician: u16,
    first_minute: u16,
    slots: u8,
    /// Slots that can be booked as far ahead as the book goes, one bit each.
    routine: u64,
    soon: u64,
    same_day: u64,
    /// Held only on days on which the wait is long.
    extra: bool,
}

/// A session on a day.
#[derive(Clone, Copy, Debug)]
struct Page {
    free: u64,
    lost: bool,
    /// Minutes late after each hour.
    late: f32,
}

/// The appointment book of one clinic.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    part: u32,
    weekdays: [Vec<Session>; 5],
    stride: usize,
    pages: Vec<Page>,
    /// Days with a free routine slot, one bit each, by day modulo the ring.
    days_with_routine: [u64; WORDS],
    opened_until: i64,
    today: i64,
    slot_minutes: u16,
    horizon_days: i64,
    soon_release_days: i64,
    lost_probability: f64,
    late_minutes_per_hour: f64,
    extra_above_days: i64,
}

impl Book {
    /// The book of a clinic for `people`, numbered `part` within the locality.
    pub(crate) fn new(sessions: &SessionParameters, people: f64, part: u32, first_day: i64) -> Self {
        let mut pattern = Pattern::new(sessions);
        let weekdays: [Vec<Session>; 5] = sessions.weekday_shares.map(|share| {
            let slots = sessions.slots_per_1000_per_week * people / 1000.0 * share;
            let least = if slots > 0.0 { LEAST_SLOTS_PER_DAY } else { 0 };
            let mut planned = plan(sessions, (slots.round() as usize).max(least), &mut pattern);
            let first_extra = planned.iter().map(|session| session.clinician + 1).max().unwrap_or(0);
            let extra = plan(sessions, (slots * sessions.extra_share).round() as usize, &mut pattern);
            planned.extend(extra.into_iter().map(|session| session.into_extra(first_extra)));
            planned
        });
        let stride = weekdays.iter().map(Vec::len).max().unwrap_or(0);
        Self {
            part,
            stride,
            pages: vec![Page { free: 0, lost: true, late: 0.0 }; stride * RING_DAYS],
            days_with_routine: [0; WORDS],
            opened_until: first_day,
            today: first_day - 1,
            slot_minutes: sessions.slot_minutes,
            horizon_days: i64::from(sessions.horizon_days),
            soon_release_days: i64::from(sessions.soon_release_days),
            lost_probability: sessions.session_lost_probability,
            late_minutes_per_hour: sessions.late_minutes_per_hour,
            extra_above_days: i64::from(sessions.extra_above_days),
            weekdays,
        }
    }

    /// Turns to `today` and opens pages up to the horizon; returns minutes of slots held on the days
    /// since the last call and minutes of them that were used.
    pub(crate) fn turn_to(&mut self, today: i64, calendar: &Calendar, draws: &PlaceDraws) -> (u64, u64) {
        let mut minutes = (0, 0);
        if today <= self.today {
            return minutes;
        }
        for day in self.today.max(self.opened_until - RING_DAYS as i64)..today {
            if day < self.opened_until {
                let (offered, used) = self.held(day);
                minutes = (minutes.0 + offered, minutes.1 + used);
            }
        }
        self.today = today;
        for day in self.opened_until.max(today)..today + self.horizon_days {
            self.open_page(day, calendar, draws);
        }
        self.opened_until = self.opened_until.max(today + self.horizon_days);
        let next_routine = self.next_with_routine(today, self.opened_until).unwrap_or(self.opened_until);
        if next_routine - today > self.extra_above_days && calendar.is_working_day(today) {
            self.hold_extra(today);
        }
        minutes
    }

    /// Holds the day's extra sessions.
    fn hold_extra(&mut self, day: i64) {
        let base = self.base(day);
        for place in 0..self.sessions(day).len() {
            let session = self.sessions(day)[place];
            if session.extra {
                let page = &mut self.pages[base + place];
                (page.free, page.lost) = (session.same_day, false);
            }
        }
    }

    fn held(&self, day: i64) -> (u64, u64) {
        let base = self.base(day);
        let mut slots = (0, 0);
        for (place, session) in self.sessions(day).iter().enumerate() {
            let page = &self.pages[base + place];
            // Pages of closed days, and pages never opened, are marked lost.
            if !page.lost {
                slots.0 += u64::from(session.slots);
                slots.1 += u64::from(session.slots) - u64::from(page.free.count_ones());
            }
        }
        (slots.0 * u64::from(self.slot_minutes), slots.1 * u64::from(self.slot_minutes))
    }

    fn open_page(&mut self, day: i64, calendar: &Calendar, draws: &PlaceDraws) {
        let open = calendar.is_working_day(day);
        let base = self.base(day);
        let mut stream = draws.open(self.part, day);
        let count = self.sessions(day).len();
        let mut routine = false;
        for place in 0..count {
            let (lost, late) = (stream.uniform() < self.lost_probability, stream.uniform());
            let session = self.sessions(day)[place];
            let held = open && !session.extra;
            let free = if held { session.routine | session.soon | session.same_day } else { 0 };
            let late = (late * self.late_minutes_per_hour) as f32;
            self.pages[base + place] = Page { free, lost: lost || !held, late };
            routine |= free & session.routine != 0;
        }
        self.mark(day, routine);
    }

    /// How far ahead can be booked.
    pub(crate) fn horizon_days(&self) -> i64 {
        self.horizon_days
    }

    /// The earliest run of free slots, without booking it.
    pub(crate) fn find(&self, reach: &Reach, minutes: u16) -> Option<Place> {
        let slots = minutes.div_ceil(self.slot_minutes).max(1);
        let end = self.opened_until;
        let mut day = reach.from_day.max(self.today);
        let first_minute = |day: i64| if day == reach.from_day { reach.from_minute } else { 0 };
        while day < end {
            // Further ahead only routine slots can be had, and days without one are jumped.
            if day > reach.today + self.soon_release_days {
                day = self.next_with_routine(day, end)?;
            }
            if let Some(place) = self.find_on(day, first_minute(day), reach, slots) {
                return Some(place);
            }
            day += 1;
        }
        None
    }

    fn find_on(&self, day: i64, from_minute: u16, reach: &Reach, slots: u16) -> Option<Place> {
        let base = self.base(day);
        let soon = day <= reach.today + self.soon_release_days;
        let today = day == reach.today;
        let all = reach.same_day || today;
        let mut best: Option<(u16, Place)> = None;
        for (place, session) in self.sessions(day).iter().enumerate() {
            let page = &self.pages[base + place];
            if page.lost && today && reach.absences_known {
                continue;
            }
            let mut allowed = session.routine;
            if all {
                allowed |= session.soon | session.same_day;
            } else if soon {
                allowed |= session.soon;
            }
            let skipped = from_minute.saturating_sub(session.first_minute).div_ceil(self.slot_minutes);
            if skipped >= u16::from(session.slots) || slots > u16::from(session.slots) {
                continue;
            }
            let free = page.free & allowed & (u64::MAX << skipped);
            let run = (1..slots).fold(free, |run, offset| run & (free >> offset));
            if run != 0 {
                let slot = run.trailing_zeros() as u16;
                let minute = session.first_minute + slot * self.slot_minutes;
                if best.is_none_or(|(earliest, _)| minute < earliest) {
                    let found = Place { day, session: place as u16, slot: slot as u8, slots: slots as u8 };
                    best = Some((minute, found));
                }
            }
        }
        best.map(|(_, place)| place)
    }

    /// Books what [`Book::find`] found.
    pub(crate) fn take(&mut self, place: Place) {
        let page = self.base(place.day) + usize::from(place.session);
        self.pages[page].free &= !bits(place);
        if self.days_with_routine[word(place.day)] & bit(place.day) != 0 {
            self.mark(place.day, self.has_routine(place.day));
        }
    }

    /// Gives a booking back.
    pub(crate) fn give_back(&mut self, place: Place) {
        if place.day < self.today {
            return;
        }
        let page = self.base(place.day) + usize::from(place.session);
        self.pages[page].free |= bits(place);
        if self.has_routine(place.day) {
            self.mark(place.day, true);
        }
    }

    /// When the slots start, when the person is called in, and who sees them.
    pub(crate) fn times(&self, place: Place) -> (Moment, Moment, u16) {
        let session = &self.sessions(place.day)[usize::from(place.session)];
        let page = &self.pages[self.base(place.day) + usize::from(place.session)];
        let elapsed = i64::from(place.slot) * i64::from(self.slot_minutes);
        let minute = i64::from(session.first_minute) + elapsed;
        let start = Moment::from_micros(place.day * MICROSECONDS_PER_DAY + minute * MINUTE_MICROS);
        // Grows with the slots before, so that a clinician never has two people at once.
        let late = (elapsed as f64 / 60.0 * f64::from(page.late)).floor() as i64;
        (start, start.plus_micros(late * MINUTE_MICROS), session.clinician)
    }

    /// Whether the session's clinician will be away.
    pub(crate) fn is_lost(&self, place: Place) -> bool {
        self.pages[self.base(place.day) + usize::from(place.session)].lost
    }

    fn has_routine(&self, day: i64) -> bool {
        let base = self.base(day);
        let sessions = self.sessions(day).iter().enumerate();
        sessions.into_iter().any(|(place, session)| self.pages[base + place].free & session.routine != 0)
    }

    fn mark(&mut self, day: i64, routine: bool) {
        let (word, bit) = (word(day), bit(day));
        if routine {
            self.days_with_routine[word] |= bit;
        } else {
            self.days_with_routine[word] &= !bit;
        }
    }

    fn next_with_routine(&self, from: i64, end: i64) -> Option<i64> {
        let mut day = from;
        while day < end {
            let ahead = self.days_with_routine[word(day)] >> (day.rem_euclid(64));
            if ahead != 0 {
                let found = day + i64::from(ahead.trailing_zeros());
                return (found < end).then_some(found);
            }
            day += 64 - day.rem_euclid(64);
        }
        None
    }

    fn sessions(&self, day: i64) -> &[Session] {
        // 1970-01-01 was a Thursday.
        self.weekdays.get((day + 3).rem_euclid(7) as usize).map_or(&[], Vec::as_slice)
    }

    fn base(&self, day: i64) -> usize {
        day.rem_euclid(RING_DAYS as i64) as usize * self.stride
    }
}

impl Session {
    /// As a session by another clinician that is held at short notice: all its slots are for the day.
    fn into_extra(self, first_clinician: u16) -> Self {
        Self {
            clinician: first_clinician + self.clinician,
            routine: 0,
            soon: 0,
            same_day: self.routine | self.soon | self.same_day,
            extra: true,
            ..self
        }
    }
}

fn word(day: i64) -> usize {
    (day.rem_euclid(RING_DAYS as i64) / 64) as usize
}

fn bit(day: i64) -> u64 {
    1 << day.rem_euclid(64)
}

fn bits(place: Place) -> u64 {
    low_bits(u32::from(place.slots)) << place.slot
}

/// The lowest `count` bits set.
fn low_bits(count: u32) -> u64 {
    u64::MAX.checked_shr(64 - count.min(64)).unwrap_or(0)
}

/// Shares out embargoed slots over sessions.
struct Pattern {
    same_day_share: f64,
    soon_share: f64,
    same_day_owed: f64,
    soon_owed: f64,
}

impl Pattern {
    fn new(sessions: &SessionParameters) -> Self {
        let (same_day_share, soon_share) = (sessions.same_day_share, sessions.soon_share);
        Self { same_day_share, soon_share, same_day_owed: 0.5, soon_owed: 0.5 }
    }

    fn session(&mut self, clinician: u16, first_minute: u16, slots: u8) -> Session {
        let (routine, soon, same_day, extra) = (0, 0, 0, false);
        let mut session = Session { clinician, first_minute, slots, routine, soon, same_day, extra };
        self.same_day_owed += self.same_day_share * f64::from(slots);
        self.soon_owed += self.soon_share * f64::from(slots);
        let same_day = (self.same_day_owed.floor().max(0.0) as u8).min(slots);
        let soon = (self.soon_owed.floor().max(0.0) as u8).min(slots - same_day);
        self.same_day_owed -= f64::from(same_day);
        self.soon_owed -= f64::from(soon);
        // In blocks, so that long contacts find neighbouring slots; the day's own come last.
        let routine = slots - same_day - soon;
        let block = |first: u8, count: u8| low_bits(u32::from(count)) << first.min(63);
        session.routine = block(0, routine);
        session.soon = block(routine, soon);
        session.same_day = block(routine + soon, same_day);
        session
    }
}

/// A weekday's sessions for a number of slots, shared over the parts of the day by their length.
fn plan(sessions: &SessionParameters, slots: usize, pattern: &mut Pattern) -> Vec<Session> {
    let room: Vec<usize> =
        sessions.sessions.iter().map(|hours| usize::from(hours.minutes() / sessions.slot_minutes)).collect();
    let total: usize = room.iter().sum();
    let (mut planned, mut before, mut given) = (Vec::new(), 0, 0);
    for (hours, room) in sessions.sessions.iter().zip(&room) {
        before += room;
        let share = (slots * before).div_ceil(total) - given;
        given += share;
        for clinician in 0..share.div_ceil(*room) {
            let slots = (share - clinician * room).min(*room);
            planned.push(pattern.session(clinician as u16, hours.first_minute(), slots as u8));
        }
    }
    planned
}

#[cfg(test)]
mod tests;
