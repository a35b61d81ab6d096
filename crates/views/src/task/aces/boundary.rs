//! The little language of window boundaries: `trigger + 24h`, `start -> discharge`, `end <- admission`.

use twinloom_event::MICROSECONDS_PER_DAY;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

/// A boundary as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Boundary {
    /// What it refers to: `trigger`, `start`, `end`, `window.start` or `window.end`.
    pub(super) referred: String,
    pub(super) step: Written,
}

/// How a boundary is reached from what it refers to, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// The same moment.
    Same,
    /// So many microseconds later, or earlier if negative.
    After(i64),
    /// At the next event of the predicate.
    Next(String),
    /// At the last event of the predicate before.
    Last(String),
}

impl Boundary {
    /// Reads a boundary; the error says what is permitted in its place.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let pair = |operator: &str| {
            let (referred, rest) = text.split_once(operator)?;
            (!rest.contains("->") && !rest.contains("<-")).then(|| (referred.trim(), rest.trim()))
        };
        let (referred, step) = if text.contains("->") {
            let (referred, predicate) = pair("->").ok_or("one operator of ->, <-, +, -")?;
            (referred, Written::Next(name(predicate)?))
        } else if text.contains("<-") {
            let (referred, predicate) = pair("<-").ok_or("one operator of ->, <-, +, -")?;
            (referred, Written::Last(name(predicate)?))
        } else if let Some(place) = text.find(['+', '-']) {
            let (referred, rest) = text.split_at(place);
            let micros = duration(&rest[1..]).ok_or("a duration, such as 24h, 7 days or 1 day 2:30:00")?;
            let micros = if rest.starts_with('-') { -micros } else { micros };
            (referred.trim(), if micros == 0 { Written::Same } else { Written::After(micros) })
        } else {
            (text.trim(), Written::Same)
        };
        let whole = match referred.split_once('.') {
            Some((window, "start" | "end")) => is_name(window),
            Some(_) => false,
            None => is_name(referred),
        };
        if whole {
            Ok(Self { referred: referred.to_owned(), step })
        } else {
            Err("a reference to trigger, start, end, or WINDOW.start or WINDOW.end")
        }
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    if is_name(text) { Ok(text.to_owned()) } else { Err("the name of a predicate after the arrow") }
}

/// Whether the text is made of letters, digits and underscores.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_alphanumeric() || character == '_')
}

/// Microseconds of `1 week 2 days`, `24h`, `1.5 hours`, `1 day, 14:20:16`; `None` if it is no duration.
///
/// # Source
/// The expressions of pytimeparse, which ACES reads durations with.
fn duration(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut micros = 0.0;
    let mut largest = usize::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
        let (number, after) = rest.split_at(digits.unwrap_or(rest.len()));
        if after.starts_with(':') {
            return rounded(micros + clock(rest)?);
        }
        let number: f64 = number.parse().ok()?;
        let after = after.trim_start();
        let letters = after.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(after.len());
        let (word, after) = after.split_at(letters);
        let (rank, seconds) = unit(&word.to_ascii_lowercase())?;
        if rank >= largest {
            return None;
        }
        largest = rank;
        micros += number * seconds * MICROSECONDS_PER_SECOND as f64;
        let after = after.trim_start();
        rest = after.strip_prefix([',', '/']).unwrap_or(after).trim_start();
    }
    if largest == usize::MAX { None } else { rounded(micros) }
}

/// Rank and seconds of a unit; larger units have higher ranks and come first.
fn unit(word: &str) -> Option<(usize, f64)> {
    match word {
        "w" | "wk" | "wks" | "week" | "weeks" => Some((4, 604_800.0)),
        "d" | "dy" | "dys" | "day" | "days" => Some((3, 86_400.0)),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some((2, 3_600.0)),
        "m" | "min" | "mins" | "minute" | "minutes" => Some((1, 60.0)),
        "s" | "sec" | "secs" | "second" | "seconds" => Some((0, 1.0)),
        _ => None,
    }
}

/// Microseconds of `hours:minutes:seconds` or `minutes:seconds`.
fn clock(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) || parts[1..].iter().any(|part| part.len() < 2) {
        return None;
    }
    let seconds = parts.iter().try_fold(0.0, |sum, part| Some(sum * 60.0 + part.trim().parse::<f64>().ok()?));
    seconds.map(|seconds| seconds * MICROSECONDS_PER_SECOND as f64)
}

/// Whole microseconds of at most ten thousand years, so that later sums cannot overflow.
fn rounded(micros: f64) -> Option<i64> {
    let longest = 3_660_000.0 * MICROSECONDS_PER_DAY as f64;
    (micros.is_finite() && micros <= longest).then(|| micros.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_durations_as_pytimeparse_reads_them() {
        // pytimeparse 1.1.10 of the same texts, in seconds.
        for (text, seconds) in [
            ("24h", Some(86_400.0)),
            (" 7 days ", Some(604_800.0)),
            ("2 hours", Some(7_200.0)),
            ("1 days 2 hours 3 minutes 4 seconds", Some(93_784.0)),
            ("1 day, 14:20:16", Some(138_016.0)),
            ("1.5h", Some(5_400.0)),
            ("1w2d", Some(777_600.0)),
            ("4:13", Some(253.0)),
            ("90", None),
            ("5 fortnights", None),
            ("2h 1d", None),
            ("", None),
        ] {
            let micros = duration(text);
            assert_eq!(micros.map(|micros| micros as f64 / 1e6), seconds, "{text:?}");
        }
        assert_eq!(duration("99999999999 weeks"), None);
    }

    #[test]
    fn regress_boundaries() {
        let read = |text: &str| Boundary::parse(text).map(|read| (read.referred, read.step));
        let day = MICROSECONDS_PER_DAY;
        assert_eq!(read("trigger"), Ok(("trigger".into(), Written::Same)));
        assert_eq!(read("gap.end"), Ok(("gap.end".into(), Written::Same)));
        assert_eq!(read("start + 24h"), Ok(("start".into(), Written::After(day))));
        assert_eq!(read("end - 1 day"), Ok(("end".into(), Written::After(-day))));
        assert_eq!(read("start+0h"), Ok(("start".into(), Written::Same)));
        assert_eq!(read("start -> discharge"), Ok(("start".into(), Written::Next("discharge".into()))));
        assert_eq!(read("end <- _ANY_EVENT"), Ok(("end".into(), Written::Last("_ANY_EVENT".into()))));
        for wrong in
            ["", "gap.middle", "a.b.start", "start -> a -> b", "start + soon", "start + 1h + 2h", "x -> -y"]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
