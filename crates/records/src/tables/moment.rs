//! Dates and times as tables write them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use twinloom_event::{TimePrecision, Timestamp};

/// Reads `2020-01-02`, `2020-01-02 03:04[:05[.678]]`, `2020-01-02T03:04:05Z`, `20200102`, `2020-01`
/// and `2020`; the local clock is kept and a zone's offset dropped. `None` for impossible dates.
pub(super) fn parse_time(text: &str) -> Option<(Timestamp, TimePrecision)> {
    let bytes = text.as_bytes();
    let year = digits(bytes.get(..4)?)? as i32;
    match bytes.len() {
        4 => return at(year, 1, 1, [0; 4]).map(|time| (time, TimePrecision::Year)),
        7 if bytes[4] == b'-' => {
            return at(year, digits(&bytes[5..7])?, 1, [0; 4]).map(|time| (time, TimePrecision::Month));
        }
        8 if bytes.iter().all(u8::is_ascii_digit) => {
            let (month, day) = (digits(&bytes[4..6])?, digits(&bytes[6..8])?);
            return at(year, month, day, [0; 4]).map(|time| (time, TimePrecision::Day));
        }
        _ => {}
    }
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (month, day) = (digits(&bytes[5..7])?, digits(&bytes[8..10])?);
    if bytes.len() == 10 {
        return at(year, month, day, [0; 4]).map(|time| (time, TimePrecision::Day));
    }
    if !matches!(bytes[10], b' ' | b'T') {
        return None;
    }
    at(year, month, day, clock(&bytes[11..])?).map(|time| (time, TimePrecision::Instant))
}

/// Reads a time in a chrono format (`%d/%m/%Y %H:%M`); a format without an hour gives a date.
pub(super) fn parse_time_as(text: &str, format: &str) -> Option<(Timestamp, TimePrecision)> {
    if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
        let clock = [time.hour(), time.minute(), time.second(), time.nanosecond() / 1000];
        return at(time.year(), time.month(), time.day(), clock).map(|time| (time, TimePrecision::Instant));
    }
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    at(date.year(), date.month(), date.day(), [0; 4]).map(|time| (time, TimePrecision::Day))
}

/// Hour, minute, second and microsecond of `03:04[:05[.678]]` with or without a zone behind.
fn clock(bytes: &[u8]) -> Option<[u32; 4]> {
    let zone = bytes.iter().position(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
    let bytes = bytes[..zone.unwrap_or(bytes.len())].trim_ascii_end();
    if bytes.len() < 5 || bytes[2] != b':' {
        return None;
    }
    let mut parts = [digits(&bytes[..2])?, digits(&bytes[3..5])?, 0, 0];
    if bytes.len() > 5 {
        if bytes.len() < 8 || bytes[5] != b':' {
            return None;
        }
        parts[2] = digits(&bytes[6..8])?;
    }
    if bytes.len() > 8 {
        let fraction = bytes.get(9..).filter(|fraction| bytes[8] == b'.' && !fraction.is_empty())?;
        let kept = &fraction[..fraction.len().min(6)];
        parts[3] = digits(kept)? * 10_u32.pow(6 - kept.len() as u32);
        digits(&fraction[kept.len()..])?;
    }
    Some(parts)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |value, byte| {
        byte.is_ascii_digit().then(|| value.wrapping_mul(10).wrapping_add(u32::from(byte - b'0')))
    })
}

fn at(year: i32, month: u32, day: u32, [hour, minute, second, micros]: [u32; 4]) -> Option<Timestamp> {
    Timestamp::from_ymd_hms(year, month, day, hour, minute, second)
        .and_then(|time| time.plus_micros(i64::from(micros)))
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Option<(String, TimePrecision)> {
        parse_time(text).map(|(time, precision)| (time.to_string(), precision))
    }

    #[test]
    fn regress_forms_of_times() {
        let instant = |text: &str| Some((text.to_owned(), TimePrecision::Instant));
        assert_eq!(shown("2164-10-23T21:09:00Z"), instant("2164-10-23T21:09:00"));
        assert_eq!(shown("2020-01-02 03:04"), instant("2020-01-02T03:04:00"));
        assert_eq!(shown("2020-01-02 03:04:05.5 "), instant("2020-01-02T03:04:05.500000"));
        assert_eq!(shown("2020-01-02T03:04:05.1234567+01:00"), instant("2020-01-02T03:04:05.123456"));
        assert_eq!(shown("20200102"), Some(("2020-01-02T00:00:00".to_owned(), TimePrecision::Day)));
        assert_eq!(shown("2020-02"), Some(("2020-02-01T00:00:00".to_owned(), TimePrecision::Month)));
        assert_eq!(shown("2020"), Some(("2020-01-01T00:00:00".to_owned(), TimePrecision::Year)));
        for bad in [
            "",
            "2013-13-40",
            "2020-02-30",
            "2020-01-02x03:04",
            "2020-01-02 25:00",
            "12/03/2020",
            "2020-01-02 03:04:05.",
            "20-1-2",
        ] {
            assert_eq!(shown(bad), None, "{bad}");
        }
        let (time, precision) = parse_time_as("31/12/1999 23:59", "%d/%m/%Y %H:%M").unwrap();
        assert_eq!((time.to_string().as_str(), precision), ("1999-12-31T23:59:00", TimePrecision::Instant));
        assert_eq!(parse_time_as("31/12/1999", "%d/%m/%Y").unwrap().1, TimePrecision::Day);
        assert!(parse_time_as("31/13/1999", "%d/%m/%Y").is_none());
    }

    proptest! {
        #[test]
        fn law_display_reads_back(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            let time = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(parse_time(&time.to_string()), Some((time, TimePrecision::Instant)));
        }

        #[test]
        fn law_no_text_panics(text in "\\PC{0,30}|[0-9T: .Z+-]{0,30}") {
            let _ = parse_time(&text);
            let _ = parse_time_as(&text, "%Y-%m-%d");
        }
    }
}
