//! How imperfectly each system records: one TOML file, read and checked.

use twinloom_event::Timestamp;

use super::system::{ArtefactKind, ErrorKind, System, UnknownWord};

const EMBEDDED: &str = include_str!("../../data/systems.toml");
/// The key that says what a file's rates start from.
const BASE: &str = "base";
const SECOND_MICROS: i64 = 1_000_000;
const MINUTE_MICROS: i64 = 60 * SECOND_MICROS;
const DAY_MICROS: i64 = 86_400 * SECOND_MICROS;
const LONGEST_DAYS: f64 = 36_525.0;
const LARGEST_OFFSET_SECONDS: i64 = 86_400;

/// Conventions and error rates of every system.
///
/// # Source
/// `data/systems.toml`, where each number stands with its source or the word assumption.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemRates {
    systems: [SystemConventions; System::COUNT],
    /// Probability of each error for each kind of artefact, by system.
    rates: Vec<[[f64; ErrorKind::COUNT]; ArtefactKind::COUNT]>,
    /// Mean days of lateness for each kind of artefact, by system.
    late_days_mean: [[f64; ArtefactKind::COUNT]; System::COUNT],
    /// Routine workings of the practice.
    pub(crate) workings: Workings,
    /// SNOMED CT codes of problems whose end a practice leaves uncoded, with the share of them.
    left_open: Vec<(String, f64)>,
}

/// How a system keeps time and how far back it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SystemConventions {
    /// Seconds by which its clock is ahead.
    pub clock_offset_seconds: i64,
    /// The finest step of time that it stores.
    pub rounding: Rounding,
    /// Years before the start of the run that it still holds.
    pub history_years: f64,
}

/// The finest step of time that a system stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Every microsecond of the simulation.
    None,
    /// Whole seconds.
    Second,
    /// Whole minutes.
    Minute,
    /// Whole days.
    Date,
}

macro_rules! workings {
    ($($(#[$doc:meta])* $name:ident: $least:literal to $most:literal;)*) => {
        /// Routine delays and habits that are no errors.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub(crate) struct Workings {
            $($(#[$doc])* pub(crate) $name: f64,)*
        }

        impl Workings {
            const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            fn set(&mut self, name: &str, value: f64) -> Result<(), RatesError> {
                match name {
                    $(stringify!($name) => {
                        if !($least..=$most).contains(&value) {
                            return Err(RatesError::OutOfRange {
                                place: format!("workings.{name}"),
                                value,
                                permitted: concat!(stringify!($least), " to ", stringify!($most)),
                            });
                        }
                        self.$name = value;
                    })*
                    _ => return Err(UnknownWord::new("working", name, Self::NAMES.iter().copied()).into()),
                }
                Ok(())
            }
        }
    };
}

workings! {
    /// Days within which old notes are summarised after the practice's system went live.
    summarising_days: 0.0 to 3650.0;
    /// Least days from a death to its notice at the practice.
    death_notice_days_least: 0.0 to 365.0;
    /// Most days from a death to its notice at the practice.
    death_notice_days_most: 0.0 to 365.0;
    /// Mean working days from a letter's arrival to its filing.
    letter_filing_days_mean: 0.0 to 365.0;
    /// Mean days from a hospital contact to its letter's arrival where the truth tells of no letter.
    letter_days_mean: 0.0 to 365.0;
    /// Least days from specimen to result where the truth does not tell.
    result_days_least: 0.0 to 365.0;
    /// Most days from specimen to result where the truth does not tell.
    result_days_most: 0.0 to 365.0;
    /// Mean days from discharge to clinical coding.
    coding_days_mean: 0.0 to 365.0;
    /// Mean days from a prescription to its dispensing.
    dispensing_days_mean: 0.0 to 365.0;
    /// Issues of a stopped medicine that may still be made before anybody notices, at most.
    stale_issues_most: 0.0 to 12.0;
}

impl SystemRates {
    /// The rates that ship with the twin.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    pub fn embedded() -> Self {
        let mut rates = Self::perfect();
        rates.read(&table(EMBEDDED).expect("a test reads it")).expect("a test reads it");
        rates
    }

    /// The embedded file's text, for hashing into a manifest.
    pub const fn embedded_text() -> &'static str {
        EMBEDDED
    }

    /// Reads rates. What the text leaves out is as in the built-in file, or, when its key `base` is
    /// `"perfect"`, without error or delay.
    ///
    /// # Errors
    /// [`RatesError`] with the table and key at fault.
    pub fn parse(text: &str) -> Result<Self, RatesError> {
        let mut table = table(text)?;
        let mut rates = match table.remove(BASE) {
            None => Self::embedded(),
            Some(base) => match base.as_str() {
                Some("built_in") => Self::embedded(),
                Some("perfect") => Self::perfect(),
                _ => return Err(RatesError::NoBase { value: base.to_string() }),
            },
        };
        rates.read(&table)?;
        Ok(rates)
    }

    fn read(&mut self, table: &toml::Table) -> Result<(), RatesError> {
        for (name, value) in table {
            let own = value.as_table().ok_or_else(|| RatesError::NoTable { place: name.clone() })?;
            if name == "workings" {
                for (key, value) in own {
                    let value = number(&format!("workings.{key}"), value)?;
                    self.workings.set(key, value)?;
                }
            } else if name == "left_open" {
                for (code, value) in own {
                    let place = format!("left_open.{code}");
                    let value = number(&place, value)?;
                    if !(0.0..=1.0).contains(&value) {
                        return Err(RatesError::OutOfRange { place, value, permitted: "0 to 1" });
                    }
                    self.left_open.retain(|(listed, _)| listed != code);
                    self.left_open.push((code.clone(), value));
                }
            } else {
                let own_tables = ["workings", "left_open"];
                let permitted = System::ALL.iter().map(|system| system.as_str()).chain(own_tables);
                let system: System = name.parse().map_err(|_| UnknownWord::new("system", name, permitted))?;
                self.read_system(system, own)?;
            }
        }
        Ok(())
    }

    /// No error, no delay: every system records at once and rightly, to the microsecond.
    pub fn perfect() -> Self {
        let conventions =
            SystemConventions { clock_offset_seconds: 0, rounding: Rounding::None, history_years: 200.0 };
        Self {
            systems: [conventions; System::COUNT],
            rates: vec![[[0.0; ErrorKind::COUNT]; ArtefactKind::COUNT]; System::COUNT],
            late_days_mean: [[0.0; ArtefactKind::COUNT]; System::COUNT],
            workings: Workings::default(),
            left_open: Vec::new(),
        }
    }

    /// Share of ended problems with a code that a practice leaves open.
    pub(crate) fn left_open(&self, code: &str) -> f64 {
        let own = self.left_open.iter().find(|(listed, _)| listed == code);
        own.map_or(0.0, |(_, share)| *share)
    }

    /// The probability of an error in an artefact.
    pub fn rate(&self, system: System, kind: ArtefactKind, error: ErrorKind) -> f64 {
        self.rates[system as usize][kind as usize][error as usize]
    }

    pub(crate) fn rates(&self, system: System, kind: ArtefactKind) -> &[f64; ErrorKind::COUNT] {
        &self.rates[system as usize][kind as usize]
    }

    pub(crate) fn late_days_mean(&self, system: System, kind: ArtefactKind) -> f64 {
        self.late_days_mean[system as usize][kind as usize]
    }

    /// How a system keeps time.
    pub fn conventions(&self, system: System) -> SystemConventions {
        self.systems[system as usize]
    }

    fn read_system(&mut self, system: System, table: &toml::Table) -> Result<(), RatesError> {
        for (key, value) in table {
            let own = &mut self.systems[system as usize];
            let place = format!("{system}.{key}");
            match (key.as_str(), value) {
                ("clock_offset_seconds", value) => {
                    let seconds = value.as_integer().unwrap_or(i64::MAX);
                    if seconds.abs_diff(0) > LARGEST_OFFSET_SECONDS.unsigned_abs() {
                        return Err(RatesError::NoOffset { place, value: value.to_string() });
                    }
                    own.clock_offset_seconds = seconds;
                }
                ("clock_rounding", value) => own.rounding = Rounding::parse(&place, value)?,
                ("history_years", value) => {
                    own.history_years = in_range(place, number(key, value)?, 0.0, 200.0, "0 to 200")?;
                }
                (kind, toml::Value::Table(rates)) => {
                    let kind: ArtefactKind = kind.parse()?;
                    if !kind.systems().contains(&system) {
                        let kept = ArtefactKind::ALL.iter().filter(|own| own.systems().contains(&system));
                        let kept = kept.map(|kind| kind.as_str());
                        return Err(UnknownWord::new("artefact kind", kind.as_str(), kept).into());
                    }
                    self.read_kind(system, kind, rates)?;
                }
                (key, _) => {
                    let settings = ["clock_offset_seconds", "clock_rounding", "history_years"];
                    return Err(UnknownWord::new("setting", key, settings.into_iter()).into());
                }
            }
        }
        Ok(())
    }

    fn read_kind(
        &mut self,
        system: System,
        kind: ArtefactKind,
        table: &toml::Table,
    ) -> Result<(), RatesError> {
        for (key, value) in table {
            let place = format!("{system}.{kind}.{key}");
            let value = number(&place, value)?;
            if key == "late_days_mean" {
                let days = in_range(place, value, 0.0, LONGEST_DAYS, "0 to 36525")?;
                self.late_days_mean[system as usize][kind as usize] = days;
            } else {
                let permitted = ErrorKind::ALL.iter().map(|error| error.as_str()).chain(["late_days_mean"]);
                let error: ErrorKind = key.parse().map_err(|_| UnknownWord::new("rate", key, permitted))?;
                let rate = in_range(place, value, 0.0, 1.0, "0 to 1")?;
                self.rates[system as usize][kind as usize][error as usize] = rate;
            }
        }
        Ok(())
    }
}

impl Default for SystemRates {
    fn default() -> Self {
        Self::embedded()
    }
}

impl SystemConventions {
    /// The system's own reading of a true time.
    pub(crate) fn reading(self, at: Timestamp) -> Timestamp {
        if self.clock_offset_seconds == 0 {
            return self.rounded(at);
        }
        let offset = self.clock_offset_seconds * SECOND_MICROS;
        self.rounded(at.plus_micros(offset).unwrap_or(at))
    }

    /// A time already read off the system's clock, to its finest step.
    pub(crate) fn rounded(self, at: Timestamp) -> Timestamp {
        let step = match self.rounding {
            Rounding::None => return at,
            Rounding::Second => SECOND_MICROS,
            Rounding::Minute => MINUTE_MICROS,
            Rounding::Date => DAY_MICROS,
        };
        Timestamp::from_micros(at.micros().div_euclid(step) * step).unwrap_or(at)
    }
}

impl Rounding {
    fn parse(place: &str, value: &toml::Value) -> Result<Self, RatesError> {
        Ok(match value.as_str() {
            Some("none") => Self::None,
            Some("second") => Self::Second,
            Some("minute") => Self::Minute,
            Some("date") => Self::Date,
            _ => {
                return Err(RatesError::NoRounding { place: place.to_owned(), value: value.to_string() });
            }
        })
    }
}

fn table(text: &str) -> Result<toml::Table, RatesError> {
    text.parse().map_err(|error: toml::de::Error| RatesError::Syntax {
        reason: error.message().to_owned(),
        line: error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1)),
    })
}

fn number(place: &str, value: &toml::Value) -> Result<f64, RatesError> {
    match value {
        toml::Value::Float(number) => Ok(*number),
        toml::Value::Integer(number) => Ok(*number as f64),
        _ => Err(RatesError::NoNumber { place: place.to_owned(), value: value.type_str() }),
    }
}

fn in_range(
    place: String,
    value: f64,
    least: f64,
    most: f64,
    permitted: &'static str,
) -> Result<f64, RatesError> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(RatesError::OutOfRange { place, value, permitted })
    }
}

/// Why rates can't be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RatesError {
    /// The text is no TOML.
    #[error("line {line}: {reason}")]
    Syntax {
        /// The reader's words.
        reason: String,
        /// Where.
        line: usize,
    },
    /// An unknown system, kind, rate or setting.
    #[error(transparent)]
    Unknown(#[from] UnknownWord),
    /// Something else to start from than there is.
    #[error("base is {value}; permitted: \"built_in\" or \"perfect\"")]
    NoBase {
        /// The value given.
        value: String,
    },
    /// Something else than a table stands at the top.
    #[error("{place} is no table; permitted: one table for each system, and workings")]
    NoTable {
        /// Its name.
        place: String,
    },
    /// Something else than a number.
    #[error("{place} is a {value}; permitted: a number")]
    NoNumber {
        /// Table and key.
        place: String,
        /// The type given.
        value: &'static str,
    },
    /// A number out of range.
    #[error("{place} is {value}; permitted: {permitted}")]
    OutOfRange {
        /// Table and key.
        place: String,
        /// The number given.
        value: f64,
        /// The range.
        permitted: &'static str,
    },
    /// An unknown rounding.
    #[error("{place} is {value}; permitted: \"none\", \"second\", \"minute\" or \"date\"")]
    NoRounding {
        /// Table and key.
        place: String,
        /// The value given.
        value: String,
    },
    /// An offset of a clock beyond a day.
    #[error("{place} is {value}; permitted: whole seconds from -86400 to 86400")]
    NoOffset {
        /// Table and key.
        place: String,
        /// The value given.
        value: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_the_embedded_file_is_read() {
        let rates = SystemRates::embedded();
        let missed = rates.rate(System::GeneralPractice, ArtefactKind::Problem, ErrorKind::Missing);
        assert!(missed > 0.0 && missed < 0.1);
        assert_eq!(rates.conventions(System::Administration).rounding, Rounding::Minute);
    }

    #[test]
    fn law_what_a_file_leaves_out_is_built_in_unless_it_asks_for_perfection() {
        assert_eq!(SystemRates::parse(""), Ok(SystemRates::embedded()));
        assert_eq!(SystemRates::parse("[gp]"), Ok(SystemRates::embedded()));
        assert_eq!(SystemRates::parse(EMBEDDED), Ok(SystemRates::embedded()));
        assert_eq!(SystemRates::parse("base = \"perfect\""), Ok(SystemRates::perfect()));
        let rate =
            |rates: &SystemRates, error| rates.rate(System::GeneralPractice, ArtefactKind::Value, error);
        let own = SystemRates::parse("[gp.value]\nmissing = 0.5").unwrap();
        let built_in = SystemRates::embedded();
        assert!((rate(&own, ErrorKind::Missing) - 0.5).abs() < f64::EPSILON);
        assert!(
            (rate(&own, ErrorKind::MisKeyed) - rate(&built_in, ErrorKind::MisKeyed)).abs() < f64::EPSILON
        );
    }

    #[test]
    fn regress_faults_are_named() {
        let says = |text: &str| SystemRates::parse(text).unwrap_err().to_string();
        assert!(says("[dentist]\n").starts_with("system \"dentist\" is unknown; permitted: gp, pas"));
        assert!(says("[gp.test]\nmissing = 0.1").starts_with("artefact kind \"test\" is unknown"));
        assert!(says("[gp.problem]\nmising = 0.1").starts_with("rate \"mising\" is unknown"));
        assert_eq!(says("[gp.problem]\nmissing = 1.5"), "gp.problem.missing is 1.5; permitted: 0 to 1");
        assert_eq!(says("[gp.problem]\nmissing = nan"), "gp.problem.missing is NaN; permitted: 0 to 1");
        assert_eq!(
            says("[gp.problem]\nmissing = \"x\""),
            "gp.problem.missing is a string; permitted: a number"
        );
        assert!(says("[gp]\nclock_rounding = \"hour\"").contains("\"minute\" or \"date\""));
        assert!(says("[gp]\n\n[gp").starts_with("line 3: "));
        assert!(says("[workings]\nletter_days_mean = -1").starts_with("workings.letter_days_mean is -1"));
        assert_eq!(says("base = 3"), "base is 3; permitted: \"built_in\" or \"perfect\"");
        assert!(says("gp = 3").starts_with("gp is no table"));
    }
}
