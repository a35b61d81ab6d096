//! Makes a resident a person: fictitious identifiers, homes and registrations.

use std::sync::Arc;

use rand::Rng as _;
use twinloom_event::SubjectId;

use super::locality::{Household, Locality};
use crate::engine::Moment;
use crate::identity::{AddressBook, Identity, NameBook, nhs_number};
use crate::person::{Address, Person, Practice, Registration, Residence, SmokingHistory};
use crate::stream::StreamKey;

/// Writes persons.
#[derive(Debug)]
pub(super) struct Registrar {
    seed: u64,
    end: Moment,
    names: NameBook,
    identity: StreamKey,
    family: StreamKey,
    homes: StreamKey,
}

/// Age from which people have a telephone of their own, and from which half have only the home's.
const TELEPHONE_YEARS: [f64; 2] = [16.0, 75.0];

impl Registrar {
    /// For a run that ends at a moment.
    pub(super) fn new(seed: u64, end: Moment) -> Self {
        Self {
            seed,
            end,
            names: NameBook::embedded(),
            identity: StreamKey::new(seed, "identity"),
            family: StreamKey::new(seed, "family name"),
            homes: StreamKey::new(seed, "pseudonyms of homes"),
        }
    }

    /// A resident as a person, up to death or the end of the run.
    pub(super) fn person(
        &self,
        locality: &Locality,
        resident: usize,
        death: Option<Moment>,
        smoking: SmokingHistory,
    ) -> Person {
        let own = &locality.residents[resident];
        let last = death.unwrap_or(self.end).min(self.end);
        let residences = residences(locality, resident, last, death, &self.homes);
        let registrations: Vec<Registration> = own
            .registrations
            .iter()
            .filter(|held| held.from <= last)
            .map(|held| Registration {
                practice: locality.practices[usize::from(held.practice)].clone(),
                from: held.from.timestamp(),
                to: held.to.filter(|to| *to <= last).or(death).map(Moment::timestamp),
            })
            .collect();
        let birth = own.birth.timestamp();
        let mut stream = self.identity.open(own.subject);
        let given_name = self.names.given_name(birth.year(), own.sex, own.ethnicity, &mut stream);
        let mut family = self.family.open(own.named_after.0);
        let (drawn, mobile) = (stream.uniform(), stream.below(1000));
        let age = last.years_since(own.birth);
        let has_own = age >= TELEPHONE_YEARS[0] && (age < TELEPHONE_YEARS[1] || drawn < 0.5);
        let household = own.household_at(last);
        let address = residences.last().map_or_else(
            || address(locality, &locality.households[household as usize], 0),
            |residence| residence.address.clone(),
        );
        Person {
            subject_id: SubjectId::new(own.subject as i64),
            identity: Identity {
                nhs_number: nhs_number(self.seed, own.subject),
                given_name: given_name.to_owned(),
                family_name: self.names.family_name(own.named_after.1, &mut family).to_owned(),
                address_line: address.line,
                town: address.town,
                postcode: address.postcode,
                telephone: if has_own {
                    format!("07700 900{mobile:03}")
                } else {
                    format!("01632 960{:03}", household % 1000)
                },
            },
            practice: registrations
                .last()
                .map_or_else(|| first_practice(locality), |registration| registration.practice.clone()),
            sex: own.sex,
            birth,
            death: death.map(Moment::timestamp),
            ethnicity: own.ethnicity,
            imd_decile: own.imd_decile,
            smoking,
            area: locality.area.clone(),
            residences,
            registrations,
        }
    }
}

fn first_practice(locality: &Locality) -> Practice {
    locality.practices.first().cloned().unwrap_or(Practice { ods_code: String::new(), name: String::new() })
}

fn address(locality: &Locality, household: &Household, moved: usize) -> Address {
    let book = AddressBook::of_locality(locality.number);
    book.address(household.first_dwelling + moved as u32, household.imd_decile, household.communal)
}

/// A home's pseudonym: 64 bits that the run's seed, the locality and the dwelling's number decide.
fn pseudonym(locality: &Locality, household: &Household, moved: usize, homes: &StreamKey) -> Arc<str> {
    let dwelling = u64::from(household.first_dwelling) + moved as u64;
    let mut stream = homes.open((locality.number as u64) << 32 | dwelling);
    format!("{:016x}", stream.next_u64()).into()
}

/// Homes up to a moment: each stay with a household, cut where the household moves.
fn residences(
    locality: &Locality,
    resident: usize,
    last: Moment,
    death: Option<Moment>,
    pseudonyms: &StreamKey,
) -> Vec<Residence> {
    let own = &locality.residents[resident];
    let mut homes: Vec<(Moment, u32, usize)> = Vec::with_capacity(2);
    for (place, stay) in own.stays.iter().enumerate() {
        let until = own.stays.get(place + 1).map_or(Moment::NEVER, |next| next.from);
        let moves = &locality.households[stay.household as usize].moves;
        let before = moves.partition_point(|moved| *moved <= stay.from);
        homes.push((stay.from, stay.household, before));
        let later = moves.iter().enumerate().skip(before).filter(|(_, moved)| **moved < until);
        homes.extend(later.map(|(number, moved)| (*moved, stay.household, number + 1)));
    }
    homes.retain(|home| home.0 <= last);
    let ends: Vec<Option<Moment>> =
        homes.iter().skip(1).map(|home| Some(home.0)).chain([death.filter(|death| *death <= last)]).collect();
    homes
        .iter()
        .zip(ends)
        .map(|((from, household, moved), to)| Residence {
            household: *household,
            address: address(locality, &locality.households[*household as usize], *moved),
            home: pseudonym(locality, &locality.households[*household as usize], *moved, pseudonyms),
            from: from.timestamp(),
            to: to.map(Moment::timestamp),
        })
        .collect()
}
