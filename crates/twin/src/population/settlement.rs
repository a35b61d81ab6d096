//! Settles a run: localities, their areas, and who lives in them.

use std::ops::Range;

use twinloom_event::Timestamp;

use super::area::AreaTable;
use super::assembly::{Home, assemble};
use super::births::{Birth, births};
use super::england::{Draw, Population};
use super::identify::Registrar;
use super::locality::{Household, Locality, Resident, Stay};
use super::moves::{Span, move_people};
use super::order::even_order;
use super::registration::{Catchments, practice, practice_count, register};
use super::shares::Shares;
use crate::engine::Moment;
use crate::person::{Area, Ethnicity, Person, Sex, SmokingHistory};
use crate::stream::{Stream, StreamKey};

/// Where the people of a run live.
///
/// A locality is always made whole, of as many people as one may have, and then cut off after the last
/// subject of the run: one person more leaves all others as they are, as long as the number of
/// localities, and the thousand into which the last one's people fall, stay the same.
#[derive(Debug)]
pub(crate) struct Settlement {
    population: Population,
    places: Vec<(Area, Shares)>,
    people: u64,
    people_per_locality: u64,
    span: Span,
    keys: Keys,
    registrar: Registrar,
}

#[derive(Debug)]
struct Keys {
    demography: StreamKey,
    household: StreamKey,
    moves: StreamKey,
    births: StreamKey,
    registration: StreamKey,
}

/// Streams of one locality begin this far from those of the next.
pub(super) const STREAMS_PER_LOCALITY: u64 = 1 << 32;
/// Sizes are rounded up to it before shares are raked.
const SIZE_STEP: u64 = 1_000;
/// People of a locality at most.
const MOST_PEOPLE: u64 = 1_000_000;

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
        let population = Population::england();
        let people_per_locality = people_per_locality.clamp(1, MOST_PEOPLE);
        let count = people.div_ceil(people_per_locality) as usize;
        let areas = AreaTable::england();
        let phase = StreamKey::new(seed, "areas").open(0).uniform();
        let chosen: Vec<&AreaTable> =
            AreaTable::choose(&areas, count, phase).into_iter().map(|at| &areas[at]).collect();
        let size = |number: usize| {
            let left = people - number as u64 * people_per_locality;
            left.min(people_per_locality).next_multiple_of(SIZE_STEP) as f64
        };
        let sizes: Vec<f64> = (0..count).map(size).collect();
        let shares = Shares::rake(&population, &chosen, &sizes);
        let key = |process: &str| StreamKey::new(seed, process);
        Self {
            places: chosen.iter().map(|table| table.area.clone()).zip(shares).collect(),
            population,
            people,
            people_per_locality,
            span: Span { start: start.into(), end: end.into() },
            registrar: Registrar::new(seed, end.into()),
            keys: Keys {
                demography: key("demography"),
                household: key("household"),
                moves: key("moves"),
                births: key("births"),
                registration: key("registration"),
            },
        }
    }

    /// How many localities there are.
    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// The subjects of a locality.
    pub(crate) fn subjects(&self, number: usize) -> Range<u64> {
        let first = 1 + number as u64 * self.people_per_locality;
        first..(first + self.people_per_locality).min(self.people + 1)
    }

    /// The people of a locality; the same for the same parameters, whatever was asked before.
    pub(crate) fn locality(&self, number: usize) -> Locality {
        let (area, shares) = &self.places[number];
        let streams = number as u64 * STREAMS_PER_LOCALITY;
        let per_head = self.population.birth_rate_per_year() * self.span.end.years_since(self.span.start);
        let to_be_born = (self.people_per_locality as f64 * per_head / (1.0 + per_head)).round() as usize;
        let alive = (self.people_per_locality as usize).saturating_sub(to_be_born).max(1);

        let mut stream = self.keys.demography.open(streams);
        let mut people = shares.sample(&self.population, alive, &mut stream);
        let mut homes = assemble(&mut people, &self.keys.household, streams);
        let order = even_order(&mut homes, &people, stream.uniform());
        let (mut residents, mut households) = self.residents(&people, &homes, &order, streams);
        move_people(&mut residents, &mut households, self.span, &self.keys.moves, streams);
        let children = births(
            &residents,
            &households,
            to_be_born.min(self.people_per_locality as usize - alive),
            self.population.share_female(0),
            self.span,
            &self.keys.births,
            streams,
        );
        let first = self.subjects(number).start;
        let (mut residents, mut households) = numbered(residents, households, &children, first);
        let mut dwellings = 0;
        for household in &mut households {
            household.first_dwelling = dwellings;
            dwellings += 1 + household.moves.len() as u32;
        }
        // Beyond the last subject nobody is asked for, but everything was drawn as if they were.
        let kept = self.subjects(number).count();
        let practices = practice_count(kept);
        let first_practice = number * practice_count(self.people_per_locality as usize);
        residents.truncate(kept);
        for household in &mut households {
            household.members.retain(|member| (*member as usize) < kept);
        }
        let mut locality = Locality {
            number,
            area: area.clone(),
            practices: (first_practice..first_practice + practices).map(practice).collect(),
            residents,
            households,
        };
        let catchments =
            Catchments::draw(practices, &mut self.keys.registration.open(u64::MAX - number as u64));
        register(&mut locality, &catchments, self.span, &self.keys.registration, streams);
        locality
    }

    /// A resident as a [`Person`]: fictitious identifiers, homes and registrations up to death or the end
    /// of the run.
    pub(crate) fn person(
        &self,
        locality: &Locality,
        resident: usize,
        death: Option<Moment>,
        smoking: SmokingHistory,
    ) -> Person {
        self.registrar.person(locality, resident, death, smoking)
    }

    /// People in the order of their homes, each in the first household.
    fn residents(
        &self,
        people: &[Draw],
        homes: &[Home],
        order: &[usize],
        streams: u64,
    ) -> (Vec<Resident>, Vec<Household>) {
        let mut residents: Vec<Resident> = Vec::with_capacity(people.len());
        let mut households = Vec::with_capacity(homes.len());
        for (household, place) in order.iter().enumerate() {
            let home = &homes[*place];
            let first = residents.len() as u32;
            for member in &home.members {
                let draw = &people[*member as usize];
                let birth = self.span.start.plus_years(-draw.age_years).midnight();
                let index = residents.len() as u32;
                let mut stream =
                    self.keys.household.open(streams + STREAMS_PER_LOCALITY / 2 + u64::from(index));
                let bearer = name_bearer(home, people, index - first, &mut stream);
                let named_after = people[home.members[bearer as usize] as usize].ethnicity;
                residents.push(Resident {
                    subject: 0,
                    birth,
                    sex: draw.sex,
                    ethnicity: draw.ethnicity,
                    imd_decile: draw.imd_decile,
                    mother: None,
                    // A place for now; the subject is set when everyone is numbered.
                    named_after: (u64::from(first + bearer), named_after),
                    stays: vec![Stay { from: birth, household: household as u32 }],
                    registrations: Vec::new(),
                });
            }
            households.push(Household {
                members: (first..residents.len() as u32).collect(),
                communal: home.communal,
                imd_decile: people[home.members[0] as usize].imd_decile,
                couple: home.couple,
                ..Household::default()
            });
        }
        (residents, households)
    }
}

/// Women who take their partner's family name (from memory of a YouGov survey; assumption of this
/// release), relatives who have that of the home's head, and old parents who do.
const TAKES_NAME: [f64; 3] = [0.8, 0.92, 0.6];
/// Years between the ages of relatives of two generations at least.
const GENERATION_YEARS: f64 = 16.0;

/// The member of a home whose family name another bears.
fn name_bearer(home: &Home, people: &[Draw], member: u32, stream: &mut Stream) -> u32 {
    let drawn = stream.uniform();
    let age = |at: u32| people[home.members[at as usize] as usize].age_years;
    let sex = |at: u32| people[home.members[at as usize] as usize].sex;
    let head = u32::from(home.couple && sex(1) == Sex::Male);
    let takes = match member {
        _ if home.communal || member == head => false,
        0 | 1 if home.couple => drawn < TAKES_NAME[0] && sex(0) != sex(1),
        _ if age(member) + GENERATION_YEARS < age(head) => drawn < TAKES_NAME[1],
        _ if age(member) > age(head) + GENERATION_YEARS => drawn < TAKES_NAME[2],
        _ => false,
    };
    if takes { head } else { member }
}

/// Gives everyone their number: those to be born after the last member of their mother's first home.
fn numbered(
    residents: Vec<Resident>,
    mut households: Vec<Household>,
    children: &[Birth],
    first_subject: u64,
) -> (Vec<Resident>, Vec<Household>) {
    let mut of_home: Vec<Vec<usize>> = vec![Vec::new(); households.len()];
    for (number, birth) in children.iter().enumerate() {
        of_home[residents[birth.mother as usize].stays[0].household as usize].push(number);
    }
    let mut all: Vec<Resident> = Vec::with_capacity(residents.len() + children.len());
    let mut new_place = vec![0_u32; residents.len()];
    let mut last_of_home = vec![0_usize; households.len()];
    for (place, resident) in residents.iter().enumerate() {
        last_of_home[resident.stays[0].household as usize] = place;
    }
    let mut born: Vec<(u32, u32)> = Vec::with_capacity(children.len());
    for (place, resident) in residents.into_iter().enumerate() {
        let home = resident.stays[0].household as usize;
        new_place[place] = all.len() as u32;
        all.push(resident);
        if last_of_home[home] != place {
            continue;
        }
        for birth in of_home[home].iter().map(|number| &children[*number]) {
            let mother = &all[new_place[birth.mother as usize] as usize];
            let imd_decile = mother.imd_decile;
            let household = birth.household;
            born.push((all.len() as u32, household));
            all.push(Resident {
                subject: 0,
                birth: birth.at,
                sex: birth.sex,
                ethnicity: birth.ethnicity,
                imd_decile,
                mother: Some(birth.mother),
                named_after: (u64::from(birth.named_after), Ethnicity::Other),
                stays: vec![Stay { from: birth.at, household }],
                registrations: Vec::new(),
            });
        }
    }
    for household in &mut households {
        household.members.iter_mut().for_each(|member| *member = new_place[*member as usize]);
    }
    for (child, household) in born {
        households[household as usize].members.push(child);
    }
    let names: Vec<(u64, Ethnicity)> = all.iter().map(|resident| resident.named_after).collect();
    for (place, resident) in all.iter_mut().enumerate() {
        resident.subject = first_subject + place as u64;
        let (bearer, group) = names[place];
        let bearer = new_place[bearer as usize] as usize;
        // Whoever a newborn is named after bears a name of their own household's head.
        let (root, group) = match resident.mother {
            Some(_) => (u64::from(new_place[names[bearer].0 as usize]), names[bearer].1),
            None => (bearer as u64, group),
        };
        resident.named_after = (first_subject + root, group);
        resident.mother = resident.mother.map(|mother| new_place[mother as usize]);
    }
    (all, households)
}
