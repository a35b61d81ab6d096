//! Settles a run: localities, their areas, and who lives in them.

use std::ops::Range;

use twinloom_event::{SubjectId, Timestamp};

use crate::engine::Moment;
use crate::identity::NameBook;
use crate::person::{Address, Area, Person, Practice, Registration, Residence, SmokingHistory};
use crate::population::{Household, Locality, Population, Registered, Resident, Stay};
use crate::stream::StreamKey;

/// Where the people of a run live.
#[derive(Debug)]
pub(crate) struct Settlement {
    population: Population,
    names: NameBook,
    seed: u64,
    people: u64,
    people_per_locality: u64,
    start: Moment,
    end: Moment,
    demography: StreamKey,
    identity: StreamKey,
}

impl Settlement {
    /// Settles `people` (alive at `start`, or born before `end`) in localities of at most
    /// `people_per_locality`.
    pub(crate) fn new(
        seed: u64,
        people: u64,
        people_per_locality: u64,
        start: Timestamp,
        end: Timestamp,
    ) -> Self {
        Self {
            population: Population::england(),
            names: NameBook::embedded(),
            seed,
            people,
            people_per_locality: people_per_locality.max(1),
            start: start.into(),
            end: end.into(),
            demography: StreamKey::new(seed, "demography"),
            identity: StreamKey::new(seed, "identity"),
        }
    }

    /// How many localities there are.
    pub(crate) fn count(&self) -> usize {
        self.people.div_ceil(self.people_per_locality) as usize
    }

    /// The subjects of a locality.
    pub(crate) fn subjects(&self, number: usize) -> Range<u64> {
        let first = 1 + number as u64 * self.people_per_locality;
        first..(first + self.people_per_locality).min(self.people + 1)
    }

    /// The people of a locality; the same for the same parameters, whatever was asked before.
    pub(crate) fn locality(&self, number: usize) -> Locality {
        let births = self.population.birth_rate_per_year() * self.end.years_since(self.start);
        let (mut residents, mut households) = (Vec::new(), Vec::new());
        for (index, subject) in self.subjects(number).enumerate() {
            let mut stream = self.demography.open(subject);
            let newborn = stream.chance(births / (1.0 + births));
            let (draw, birth) = if newborn {
                let span = self.end.days_since(self.start);
                (self.population.draw_newborn(&mut stream), self.start.plus_days(span * stream.uniform()))
            } else {
                let draw = self.population.draw(&mut stream);
                (draw, self.start.plus_years(-draw.age_years))
            };
            residents.push(Resident {
                subject,
                birth: birth.midnight(),
                sex: draw.sex,
                ethnicity: draw.ethnicity,
                imd_decile: draw.imd_decile,
                mother: None,
                name_bearer: index as u32,
                stays: vec![Stay { from: birth, household: index as u32 }],
                registrations: vec![Registered { practice: 0, from: birth, to: None }],
            });
            households.push(Household { members: vec![index as u32], moves: Vec::new(), communal: false });
        }
        Locality {
            number,
            area: Area { code: "E92000001".to_owned(), name: "England".to_owned() },
            practices: vec![Practice {
                ods_code: format!("ZZ{number:04}"),
                name: "Alder Surgery".to_owned(),
            }],
            residents,
            households,
        }
    }

    /// A resident as a [`Person`]: fictitious identifiers, residences and registrations up to death or
    /// the end of the run.
    pub(crate) fn person(
        &self,
        locality: &Locality,
        resident: usize,
        death: Option<Moment>,
        smoking: SmokingHistory,
    ) -> Person {
        let own = &locality.residents[resident];
        let last = death.unwrap_or(self.end).min(self.end);
        let birth = own.birth.timestamp();
        let mut stream = self.identity.open(own.subject);
        let identity = self.names.identity(self.seed, own.subject, birth.year(), own.sex, &mut stream);
        let practice = |registered: &Registered| locality.practices[usize::from(registered.practice)].clone();
        let known = own.registrations.iter().filter(|registered| registered.from <= last);
        let registrations: Vec<Registration> = known
            .map(|registered| Registration {
                practice: practice(registered),
                from: registered.from.timestamp(),
                to: registered.to.filter(|to| *to <= last).or(death).map(Moment::timestamp),
            })
            .collect();
        let address = Address {
            line: identity.address_line.clone(),
            town: identity.town.clone(),
            postcode: identity.postcode.clone(),
        };
        Person {
            subject_id: SubjectId::new(own.subject as i64),
            identity,
            practice: practice(&own.registrations[0]),
            sex: own.sex,
            birth,
            death: death.map(Moment::timestamp),
            ethnicity: own.ethnicity,
            imd_decile: own.imd_decile,
            smoking,
            area: locality.area.clone(),
            residences: vec![Residence { household: own.stays[0].household, address, from: birth, to: None }],
            registrations,
        }
    }
}
