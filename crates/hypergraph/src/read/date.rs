//! Dates as files write them.

use crate::Day;

/// The day of `YYYY-MM-DD`, with or without a time of day after a `T` or a space.
pub(super) fn day(text: &[u8]) -> Option<Day> {
    let (date, rest) = text.split_at_checked(10)?;
    if !matches!(rest.first(), None | Some(b'T' | b' ')) || date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return None,
    };
    (year > 0 && (1..=days).contains(&day)).then(|| days_since_1970(year, month, day))
}

/// The number of a day of the Gregorian calendar: years are taken from March, so that leap days end them.
fn days_since_1970(year: i32, month: i32, day: i32) -> Day {
    let year = if month < 3 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// What a text looks like without telling what it is: digits as 9, letters as a.
pub(super) fn shape(text: &[u8]) -> String {
    const SHOWN: usize = 24;
    let text = String::from_utf8_lossy(text);
    let hide = |sign: char| match sign {
        sign if sign.is_numeric() => '9',
        sign if sign.is_alphabetic() => 'a',
        sign if sign.is_control() => '?',
        sign => sign,
    };
    let mut shape: String = text.chars().take(SHOWN).map(hide).collect();
    if text.chars().nth(SHOWN).is_some() {
        shape.push('…');
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_days_of_the_calendar() {
        // From Python's datetime.date.toordinal, less that of 1970-01-01.
        let known = [
            ("0001-01-01", -719_162),
            ("1900-02-28", -25_509),
            ("1900-03-01", -25_508),
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2024-12-31T23:59:59Z", 20_088),
            ("9999-12-31 00:00", 2_932_896),
        ];
        for (text, expected) in known {
            assert_eq!(day(text.as_bytes()), Some(expected), "{text}");
        }
        for text in
            ["1900-02-29", "2020-13-01", "2020-00-01", "2020-1-1", "01/02/2020", "2020-01-01x", "0000-01-01"]
        {
            assert_eq!(day(text.as_bytes()), None, "{text}");
        }
        assert_eq!(shape("31/Dec/2020 é".as_bytes()), "99/aaa/9999 a");
    }
}
