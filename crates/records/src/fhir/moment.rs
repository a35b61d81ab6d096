//! Dates and times as FHIR writes them, with as much precision as was stated.
//!
//! # Source
//! FHIR R4 §2.24.0.1 (date, dateTime, instant), Period and Timing (§2.24.0.9, §2.24.0.13).
//!
//! # Units
//! The local clock of the writer: an offset is dropped, not applied (MEDS is timezone-naive).

use twinloom_event::{TimePrecision, Timestamp};

use super::tape::Json;

/// A stated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Its start.
    pub(crate) start: Timestamp,
    /// How much of it was stated.
    pub(crate) precision: TimePrecision,
}

impl Moment {
    /// The last instant that it may mean.
    pub(crate) fn latest(self) -> Timestamp {
        self.precision.latest(self.start)
    }
}

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MomentError {
    /// It is written as a date, but no calendar has it (2013-13-40).
    Impossible,
    /// It is not written as FHIR writes dates.
    Unreadable,
}

impl MomentError {
    /// The reason stated in reports.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Impossible => "impossible date; permitted: a Gregorian date of the years 1 to 9999",
            Self::Unreadable => {
                "unreadable date; permitted: YYYY, YYYY-MM, YYYY-MM-DD, with or without a time"
            }
        }
    }
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm[:ss[.fff]][Z|+hh:mm]`.
///
/// # Errors
/// [`MomentError`].
pub(crate) fn parse(text: &str) -> Result<Moment, MomentError> {
    let bytes = text.trim().as_bytes();
    let year = digits(bytes, 0, 4)? as i32;
    let moment = |month, day, precision| {
        let start = Timestamp::from_ymd(year, month, day).map_err(|_| MomentError::Impossible)?;
        Ok(Moment { start, precision })
    };
    if bytes.len() == 4 {
        return moment(1, 1, TimePrecision::Year);
    }
    separator(bytes, 4, b'-')?;
    let month = digits(bytes, 5, 2)?;
    if bytes.len() == 7 {
        return moment(month, 1, TimePrecision::Month);
    }
    separator(bytes, 7, b'-')?;
    let day = digits(bytes, 8, 2)?;
    if bytes.len() == 10 {
        return moment(month, day, TimePrecision::Day);
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') {
        return Err(MomentError::Unreadable);
    }
    let hour = digits(bytes, 11, 2)?;
    separator(bytes, 13, b':')?;
    let minute = digits(bytes, 14, 2)?;
    let mut at = 16;
    let mut second = 0;
    let mut micros = 0;
    if bytes.get(at) == Some(&b':') {
        second = digits(bytes, 17, 2)?;
        at = 19;
        if bytes.get(at) == Some(&b'.') {
            let fraction = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if fraction == 0 {
                return Err(MomentError::Unreadable);
            }
            for place in 0..6 {
                let digit = if place < fraction { bytes[at + 1 + place] - b'0' } else { 0 };
                micros = micros * 10 + i64::from(digit);
            }
            at += 1 + fraction;
        }
    }
    offset(bytes.get(at..).unwrap_or_default())?;
    // A leap second is the instant before the next minute.
    let leap = i64::from(second == 60) * 1_000_000;
    Timestamp::from_ymd_hms(year, month, day, hour, minute, second.min(if leap > 0 { 59 } else { second }))
        .and_then(|start| start.plus_micros(micros + leap))
        .map(|start| Moment { start, precision: TimePrecision::Instant })
        .map_err(|_| MomentError::Impossible)
}

fn offset(bytes: &[u8]) -> Result<(), MomentError> {
    match bytes {
        [] | [b'Z' | b'z'] => Ok(()),
        [b'+' | b'-', ..] if bytes.len() == 6 => {
            digits(bytes, 1, 2)?;
            separator(bytes, 3, b':')?;
            digits(bytes, 4, 2).map(drop)
        }
        _ => Err(MomentError::Unreadable),
    }
}

fn separator(bytes: &[u8], at: usize, wanted: u8) -> Result<(), MomentError> {
    if bytes.get(at) == Some(&wanted) { Ok(()) } else { Err(MomentError::Unreadable) }
}

fn digits(bytes: &[u8], at: usize, count: usize) -> Result<u32, MomentError> {
    let digits = bytes.get(at..at + count).ok_or(MomentError::Unreadable)?;
    digits.iter().try_fold(0, |number, byte| {
        if byte.is_ascii_digit() {
            Ok(number * 10 + u32::from(byte - b'0'))
        } else {
            Err(MomentError::Unreadable)
        }
    })
}

/// When something was, from the elements that may say so.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Span {
    /// Its time, or its start.
    pub(crate) start: Option<Moment>,
    /// Its end.
    pub(crate) end: Option<Moment>,
    /// The element that gave the time.
    pub(crate) element: Option<&'static str>,
    /// Whether only an end was stated, which then is the time.
    pub(crate) from_end: bool,
    /// What was wrong with the dates passed over.
    pub(crate) problems: Vec<MomentError>,
}

impl Span {
    /// Takes the first element that states a usable time.
    pub(crate) fn find(resource: Json<'_>, elements: &[&'static str]) -> Self {
        let mut span = Self::default();
        for element in elements {
            if let Some(value) = resource.at(element) {
                span.read(value);
                if span.start.is_some() {
                    span.element = Some(element);
                    break;
                }
            }
        }
        span
    }

    fn read(&mut self, value: Json<'_>) {
        if value.text().is_some() {
            self.start = self.moment(value);
            return;
        }
        // Timing: the first stated event, else its bounds.
        if let Some(event) = value.get("event") {
            self.start = self.moment(event.first());
            return;
        }
        let period = value.at("repeat.boundsPeriod").unwrap_or(value);
        self.start = period.get("start").and_then(|start| self.moment(start));
        self.end = period.get("end").and_then(|end| self.moment(end));
        if self.start.is_none() && period.get("start").is_none() {
            self.start = self.end.take();
            self.from_end = self.start.is_some();
        }
    }

    fn moment(&mut self, value: Json<'_>) -> Option<Moment> {
        match parse(value.text()?) {
            Ok(moment) => Some(moment),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Option<(String, TimePrecision)> {
        parse(text).ok().map(|moment| (moment.start.to_string(), moment.precision))
    }

    #[test]
    fn ref_fhir_r4_datatype_examples() {
        // FHIR R4 §2.24.0.1: "2018, 1973-06, 1905-08-23, 2015-02-07T13:28:17-05:00", and the instant.
        let at = |text: &str| shown(text).map(|(start, precision)| (start, precision.as_str()));
        assert_eq!(at("2018"), Some(("2018-01-01T00:00:00".to_owned(), "year")));
        assert_eq!(at("1973-06"), Some(("1973-06-01T00:00:00".to_owned(), "month")));
        assert_eq!(at("1905-08-23"), Some(("1905-08-23T00:00:00".to_owned(), "day")));
        assert_eq!(at("2015-02-07T13:28:17-05:00"), Some(("2015-02-07T13:28:17".to_owned(), "instant")));
        assert_eq!(
            at("2015-02-07T13:28:17.239+02:00"),
            Some(("2015-02-07T13:28:17.239000".to_owned(), "instant"))
        );
    }

    #[test]
    fn regress_impossible_is_not_unreadable() {
        assert_eq!(parse("2013-13-40"), Err(MomentError::Impossible));
        assert_eq!(parse("2013-02-29"), Err(MomentError::Impossible));
        assert_eq!(parse("2013-02-28T24:00:00Z"), Err(MomentError::Impossible));
        assert_eq!(parse("last week"), Err(MomentError::Unreadable));
        assert_eq!(parse("2013-1-1"), Err(MomentError::Unreadable));
        assert_eq!(shown("2016-12-31T23:59:60Z").unwrap().0, "2017-01-01T00:00:00");
    }

    proptest! {
        #[test]
        fn law_any_text_gives_a_moment_or_a_reason(text in ".{0,30}") {
            let _ = parse(&text);
        }

        #[test]
        fn law_written_instants_read_back(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            let at = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(parse(&format!("{at}Z")).unwrap().start, at);
        }
    }
}
