//! Hours of the day between which something is open.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Minutes in a day.
pub(crate) const MINUTES_PER_DAY: u16 = 1440;

/// A part of one day, written `"08:30-12:30"`; `"24:00"` is the day's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    first_minute: u16,
    last_minute: u16,
}

impl Hours {
    /// From the first minute to before the last, both counted from midnight.
    ///
    /// # Errors
    /// [`HoursError`] unless first < last <= 1440.
    pub fn new(first_minute: u16, last_minute: u16) -> Result<Self, HoursError> {
        if first_minute < last_minute && last_minute <= MINUTES_PER_DAY {
            Ok(Self { first_minute, last_minute })
        } else {
            let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
            Err(HoursError { hours: format!("{}-{}", text(first_minute), text(last_minute)) })
        }
    }

    /// Minute of the day at which it opens.
    pub fn first_minute(self) -> u16 {
        self.first_minute
    }

    /// Minute of the day at which it is closed again.
    pub fn last_minute(self) -> u16 {
        self.last_minute
    }

    /// Length in minutes.
    pub fn minutes(self) -> u16 {
        self.last_minute - self.first_minute
    }

    fn parse(text: &str) -> Option<Self> {
        let minute = |clock: &str| {
            let (hour, minute) = clock.split_once(':')?;
            if hour.len() != 2 || minute.len() != 2 {
                return None;
            }
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (minute < 60).then(|| hour.checked_mul(60)?.checked_add(minute)).flatten()
        };
        let (first, last) = text.split_once('-')?;
        Self::new(minute(first)?, minute(last)?).ok()
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(HoursError { hours: text }))
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "{:02}:{:02}-{:02}:{:02}",
            self.first_minute / 60,
            self.first_minute % 60,
            self.last_minute / 60,
            self.last_minute % 60
        ))
    }
}

/// A text or pair of minutes that is no part of one day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "hours {hours:?} are not within one day; permitted: HH:MM-HH:MM from 00:00 to 24:00, first before last"
)]
pub struct HoursError {
    hours: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_hours_outside_the_day_are_refused() {
        assert_eq!(Hours::parse("08:30-12:30"), Hours::new(510, 750).ok());
        assert_eq!(Hours::parse("00:00-24:00"), Hours::new(0, 1440).ok());
        for bad in
            ["", "08:30", "12:30-08:30", "23:00-25:00", "08:60-09:00", "8:30-9:30", "99999:00-99999:01"]
        {
            assert_eq!(Hours::parse(bad), None, "{bad}");
        }
    }
}
