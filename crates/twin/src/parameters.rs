//! What a run of the twin is asked to simulate.

use twinloom_event::Timestamp;

use crate::gmf::{Pathway, PathwayParameter};
use crate::identity::NhsNumber;
use crate::need::Need;
use crate::scenario::{Scenario, ScenarioError};
use crate::supply::SupplyParameters;
use crate::systems::SystemRates;

/// The settings of one run.
///
/// | field | default | meaning | permitted |
/// |---|---|---|---|
/// | `population` | 1,000 | people alive at `start` or born before `end` | 1 to 909,091 |
/// | `seed` | 1 | picks the random streams | any |
/// | `start` | 2020-01-01 | everyone born before it is alive at it | `record_from` to `end` |
/// | `end` | 2025-01-01 | nothing happens at or after it | after `start`, within 50 years |
/// | `record_from` | 2010-01-01 | the practice's system went live; earlier problems are summarised | 1948 to `start` |
/// | `pathways` | [`Pathway::library`] | modules that act on each person | names distinct |
/// | `scenario` | changes nothing | what is changed of need, pathways and supply | as its file says |
/// | `supply` | England's | what services there are | as its file says |
/// | `systems` | `data/systems.toml` | how the systems of record err; none when nobody records | as its file says |
/// | `people_per_locality` | 20,000 | people who share practices and a part of a hospital | 1,000 to 200,000 |
/// | `threads` | 0 | worker threads, 0 for one per core | 0 to 1,024 |
///
/// The bound on `population` is the number of valid NHS numbers in the range reserved for tests.
#[derive(Clone, Debug)]
pub struct TwinParameters {
    /// People alive at `start` or born before `end`.
    pub population: u64,
    /// Picks the random streams.
    pub seed: u64,
    /// The date at which everyone born before it is alive.
    pub start: Timestamp,
    /// The date at which observation ends.
    pub end: Timestamp,
    /// The date since which the practice keeps its records on its present system.
    pub record_from: Timestamp,
    /// The modules that act on each person.
    pub pathways: Vec<Pathway>,
    /// What is changed of need, pathways and supply.
    pub scenario: Scenario,
    /// What services there are.
    pub supply: SupplyParameters,
    /// How the systems of record keep time and err; none when nobody records.
    pub systems: Option<SystemRates>,
    /// People who share practices and a part of a hospital.
    pub people_per_locality: u64,
    /// Worker threads; 0 for one per core.
    pub threads: usize,
}

const MAX_YEARS: i32 = 50;
const MAX_THREADS: usize = 1024;
const FIRST_RECORD_YEAR: i32 = 1948;

impl Default for TwinParameters {
    fn default() -> Self {
        let day = |year| Timestamp::from_ymd(year, 1, 1).expect("1 January of these years exists");
        Self {
            population: 1_000,
            seed: 1,
            start: day(2020),
            end: day(2025),
            record_from: day(2010),
            pathways: Pathway::library(),
            scenario: Scenario::default(),
            supply: SupplyParameters::default(),
            systems: Some(SystemRates::default()),
            people_per_locality: 20_000,
            threads: 0,
        }
    }
}

impl TwinParameters {
    /// The same run under a scenario, with its services.
    ///
    /// # Errors
    /// [`ScenarioError`] for a name that the need table or the pathways of this run lack, for a parameter out
    /// of its pathway's range, or when the services can't be as the scenario wants them.
    pub fn with_scenario(self, scenario: Scenario) -> Result<Self, ScenarioError> {
        let need = Need::england();
        scenario.check_need(need.conditions().iter().map(|condition| condition.name.as_str()))?;
        let known: Vec<PathwayParameter> = self.pathways.iter().flat_map(Pathway::parameters).collect();
        scenario.check_pathways(&known)?;
        Ok(Self { supply: scenario.supply_parameters()?, scenario, ..self })
    }

    /// Says whether the settings can be run.
    ///
    /// # Errors
    /// [`ParameterError`] with the first setting that can't.
    pub fn check(&self) -> Result<(), ParameterError> {
        if !(1..=NhsNumber::TEST_COUNT).contains(&self.population) {
            return Err(ParameterError::Population { population: self.population });
        }
        if self.end <= self.start || self.end.year() - self.start.year() > MAX_YEARS {
            return Err(ParameterError::End { start: self.start, end: self.end });
        }
        if self.record_from > self.start || self.record_from.year() < FIRST_RECORD_YEAR {
            return Err(ParameterError::RecordFrom { start: self.start, record_from: self.record_from });
        }
        if self.threads > MAX_THREADS {
            return Err(ParameterError::Threads { threads: self.threads });
        }
        if !(1_000..=200_000).contains(&self.people_per_locality) {
            return Err(ParameterError::PeoplePerLocality { people: self.people_per_locality });
        }
        let mut names: Vec<&str> = self.pathways.iter().map(Pathway::name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ParameterError::DuplicatePathway { name: pair[0].to_owned() }),
            None => Ok(()),
        }
    }
}

/// Why settings can't be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// Nobody, or more people than there are test NHS numbers.
    #[error(
        "population {population} is out of range; permitted: 1 to {max} (valid NHS numbers reserved for tests)",
        max = NhsNumber::TEST_COUNT
    )]
    Population {
        /// The value given.
        population: u64,
    },
    /// The end is not after the start, or too far.
    #[error("end {end} does not suit start {start}; permitted: later than start, by at most 50 years")]
    End {
        /// The start given.
        start: Timestamp,
        /// The end given.
        end: Timestamp,
    },
    /// The practice's system goes live after the start or before the NHS.
    #[error("records from {record_from} do not suit start {start}; permitted: from 1948 up to start")]
    RecordFrom {
        /// The start given.
        start: Timestamp,
        /// The date given.
        record_from: Timestamp,
    },
    /// Too many threads.
    #[error("{threads} threads is out of range; permitted: 0 to 1024")]
    Threads {
        /// The value given.
        threads: usize,
    },
    /// Too few people for a practice, or too many to hold.
    #[error("{people} people per locality is out of range; permitted: 1000 to 200000")]
    PeoplePerLocality {
        /// The value given.
        people: u64,
    },
    /// Two pathways have one name, so their random streams would coincide.
    #[error("pathway {name:?} is given twice; permitted: distinct names")]
    DuplicatePathway {
        /// The name they share.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_defaults_pass_and_extremes_do_not() {
        let usual = TwinParameters::default();
        assert_eq!(usual.check(), Ok(()));
        let crowd = TwinParameters { population: 909_092, ..usual.clone() };
        assert_eq!(crowd.check(), Err(ParameterError::Population { population: 909_092 }));
        let backwards = TwinParameters { end: usual.start, ..usual.clone() };
        assert!(matches!(backwards.check(), Err(ParameterError::End { .. })));
        let mut twice = usual;
        twice.pathways.push(twice.pathways[0].clone());
        assert!(matches!(twice.check(), Err(ParameterError::DuplicatePathway { .. })));
    }
}
