//! Reads people one after the other and keeps the sums that targets need.

use twinloom_event::{EventKind, MICROSECONDS_PER_DAY, Timeline, Timestamp};

use super::catalogue::{Catalogue, in_block};
use super::laws::LawKeeper;
use super::measured::Measured;
use super::quantity::{AdmissionMethod, Law, Quantity, Record, SexName};
use super::standard::Lives;
use super::standardised::StandardisedSum;
use super::table::{PyramidBand, RealismTable};
use super::target::Targets;
use crate::Sex;
use crate::measure::{
    Activity, AppointmentFate, Followed, History, RatioSum, UnitCosts, WaitDistribution, each_wait,
    items_issued,
};

/// The conditions that a practice holds on its register for one person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Code and year of diagnosis.
    conditions: Vec<(String, i32)>,
}

impl Recorded {
    /// Conditions in a practice's record that have not ended by `at`.
    pub fn of(record: &Timeline, at: Timestamp) -> Self {
        let on_register = record.timed_events().iter().filter(|event| {
            event.kind() == EventKind::Condition
                && event.known_time().is_none_or(|known| known <= at)
                && event.end_time().is_none_or(|end| end > at)
        });
        let year = |at: Option<Timestamp>| at.map_or(i32::MIN, Timestamp::year);
        let conditions = on_register.map(|event| (event.code().as_str().to_owned(), year(event.time())));
        Self { conditions: conditions.collect() }
    }
}

/// Sums over people for each target of a file.
#[derive(Debug)]
pub struct Observer<'t> {
    targets: &'t Targets,
    catalogue: &'t Catalogue,
    followed: Followed,
    sums: Vec<RatioSum>,
    /// Of targets that are shares of the living: by sex and age.
    standardised: Vec<StandardisedSum>,
    lives: Lives,
    laws: LawKeeper,
    activity: Activity,
    costs: UnitCosts,
    /// Prevalence by ten-year band of the first conditions asked for: with the condition, and all.
    by_age: Vec<(String, [(u64, u64); AGE_BANDS])>,
    people: u64,
}

/// Ten-year bands to 90 and over.
const AGE_BANDS: usize = 10;
/// Conditions drawn by age.
const DRAWN: usize = 6;

impl<'t> Observer<'t> {
    /// An observer that has seen nobody.
    pub fn new(targets: &'t Targets, catalogue: &'t Catalogue, followed: Followed) -> Self {
        let drawn = targets.targets.iter().filter_map(|target| match &target.quantity {
            Quantity::Prevalence { conditions, .. } => Some(conditions.first()?.clone()),
            _ => None,
        });
        let mut names: Vec<String> = Vec::new();
        for name in drawn {
            if names.len() < DRAWN && !names.contains(&name) {
                names.push(name);
            }
        }
        Self {
            sums: vec![RatioSum::default(); targets.targets.len()],
            standardised: vec![StandardisedSum::default(); targets.targets.len()],
            targets,
            catalogue,
            followed,
            lives: Lives::new(),
            laws: LawKeeper::new(),
            activity: Activity::default(),
            costs: UnitCosts::default(),
            by_age: names.into_iter().map(|name| (name, [(0, 0); AGE_BANDS])).collect(),
            people: 0,
        }
    }

    /// Adds one person: the truth and, where it is known, the practice's register at the end.
    pub fn add(&mut self, history: &History, recorded: Option<&Recorded>) {
        self.people += 1;
        self.lives.add(history, self.followed);
        self.laws.add(history, self.followed);
        self.activity.add(history, self.followed, &self.costs);
        let known = Known::of(history, recorded, self.catalogue, self.followed.to);
        if let (Some(age), Some(sex)) = (known.age, history.sex) {
            let sex = usize::from(sex == Sex::Male);
            for (target, sum) in self.targets.targets.iter().zip(&mut self.standardised) {
                if let Some(has) = has(&target.quantity, history, &known, age) {
                    sum.add(sex, age, has);
                }
            }
        }
        for (target, sum) in self.targets.targets.iter().zip(&mut self.sums) {
            if let Some((numerator, denominator)) =
                contribution(&target.quantity, history, self.catalogue, self.followed)
            {
                sum.add(numerator, denominator);
            }
        }
        if let Some(age) = known.age {
            let band = (age.max(0) as usize / 10).min(AGE_BANDS - 1);
            for (name, bands) in &mut self.by_age {
                bands[band].1 += 1;
                bands[band].0 += u64::from(known.has(&[&*name], Record::Diagnosed, i32::MIN));
            }
        }
    }

    /// Adds counts for a law that the truth alone can't judge.
    pub fn count_law(&mut self, law: Law, broken: f64, of: f64) {
        self.laws.count(law, broken, of);
    }

    /// What was found for each target, in the order of the file.
    pub fn measured(&self) -> Vec<Measured> {
        let standard = self.lives.standard();
        let targets = self.targets.targets.iter().zip(&self.sums).zip(&self.standardised);
        targets
            .map(|((target, sum), of_the_living)| match &target.quantity {
                Quantity::Prevalence { .. } | Quantity::Morbidities { .. } => {
                    of_the_living.share(standard.pyramid(None))
                }
                Quantity::PhysicalAndMental { imd_decile } => {
                    of_the_living.share(standard.pyramid(Some(*imd_decile)))
                }
                Quantity::MultimorbidBelowTo { age } => of_the_living.below_to(standard.pyramid(None), *age),
                Quantity::MortalityRatio {} => self.lives.mortality_ratio(),
                Quantity::LifeExpectancy { sex } => {
                    self.lives.life_expectancy(usize::from(*sex == SexName::Male))
                }
                Quantity::PyramidError {} => self.lives.pyramid_error(),
                Quantity::DeprivationError {} => self.lives.deprivation_error(),
                Quantity::WaitWithin { wait } => of_waits(self.activity.waits(wait.0)),
                Quantity::Law { law } => {
                    self.laws.found(*law).map_or_else(Measured::default, |sum| Measured::from(&sum))
                }
                _ => Measured::from(sum),
            })
            .collect()
    }

    /// The realism table.
    pub fn finish(self) -> RealismTable {
        let measured = self.measured();
        let shares = self.lives.standard().shares;
        let total: f64 = self.lives.at_start.as_flattened().iter().sum();
        let mut pyramid = Vec::new();
        for (band, counts) in self.lives.at_start[0].iter().zip(&self.lives.at_start[1]).enumerate() {
            pyramid.push(PyramidBand {
                age_from: band as u32 * 5,
                female_share: counts.0 / total.max(1.0),
                male_share: counts.1 / total.max(1.0),
                female_standard: shares[0][band],
                male_standard: shares[1][band],
            });
        }
        RealismTable::new(self.targets, &measured, pyramid, self.people)
    }

    /// Diagnosed prevalence by ten-year band of age at the end: name, then cases and people of each band.
    pub fn prevalence_by_age(&self) -> &[(String, [(u64, u64); AGE_BANDS])] {
        &self.by_age
    }

    /// Activity and waits of everybody.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }
}

fn of_waits(waits: &WaitDistribution) -> Measured {
    let (count, share) = (waits.count() as f64, waits.share_within_target());
    Measured {
        value: share,
        interval: share.and_then(|share| crate::measure::wilson((share * count).round(), count)),
        people: waits.count(),
    }
}

/// What is known of a person at the end, worked out once for all targets.
struct Known<'h> {
    /// Age, if alive and registered.
    age: Option<i32>,
    /// Names, with the year of diagnosis.
    truth: Vec<(&'h str, i32)>,
    diagnosed: Vec<(&'h str, i32)>,
    practice: Option<Vec<(&'h str, i32)>>,
    /// Different long-term conditions of the list, diagnosed.
    morbidities: usize,
    physical: bool,
    mental: bool,
}

impl<'h> Known<'h> {
    fn of(
        history: &'h History,
        recorded: Option<&'h Recorded>,
        catalogue: &'h Catalogue,
        at: Timestamp,
    ) -> Self {
        let age = if history.lives_at(at) { history.age_at(at) } else { None };
        let mut known = Self {
            age,
            truth: Vec::new(),
            diagnosed: Vec::new(),
            practice: None,
            morbidities: 0,
            physical: false,
            mental: false,
        };
        if age.is_none() {
            return known;
        }
        let mut list: Vec<&str> = Vec::new();
        for spell in &history.conditions {
            if spell.onset > at || spell.ended.is_some_and(|end| end <= at) {
                continue;
            }
            let Some(name) = catalogue.name_of(&spell.code) else { continue };
            let year = spell.diagnosed.map_or(i32::MIN, Timestamp::year);
            known.truth.push((name, year));
            if spell.diagnosed.is_some_and(|diagnosed| diagnosed <= at) {
                known.diagnosed.push((name, year));
                let counted = catalogue.morbidity_of(&spell.code);
                if let Some((morbidity, mental)) =
                    counted.filter(|_| treated(history, catalogue, &spell.code, at))
                {
                    list.push(morbidity);
                    if mental { known.mental = true } else { known.physical = true }
                }
            }
        }
        list.sort_unstable();
        list.dedup();
        known.morbidities = list.len();
        known.practice = recorded.map(|recorded| {
            let named = |(code, year): &'h (String, i32)| Some((catalogue.name_of(code)?, *year));
            recorded.conditions.iter().filter_map(named).collect()
        });
        known
    }

    fn has(&self, names: &[&str], record: Record, diagnosed_from: i32) -> bool {
        let list = match record {
            Record::Truth => &self.truth,
            Record::Diagnosed => &self.diagnosed,
            Record::Practice => self.practice.as_ref().unwrap_or(&self.diagnosed),
        };
        list.iter().any(|(name, year)| *year >= diagnosed_from && names.contains(name))
    }
}

/// Whether a condition's own rule about medicines, if it has one, lets it count.
fn treated(history: &History, catalogue: &Catalogue, code: &str, at: Timestamp) -> bool {
    let Some(rule) = catalogue.treatment_rule(code) else { return true };
    let Ok(from) = at.plus_days(-365.0) else { return true };
    let year = Followed { from, to: at };
    let medicines = history.medications.iter().filter(|course| {
        let own = course.code.rsplit("//").next().unwrap_or(&course.code);
        rule.of.iter().any(|listed| listed == own)
    });
    medicines.map(|course| items_issued(course, year)).sum::<f64>() >= rule.least
}

/// Whether someone living has what a share of the living is about; `None` for those whom it is not about.
fn has(quantity: &Quantity, history: &History, known: &Known<'_>, age: i32) -> Option<bool> {
    match quantity {
        Quantity::Prevalence { conditions, record, age_from, age_below, diagnosed_from } => {
            (*age_from..*age_below).contains(&age).then(|| {
                let names: Vec<&str> = conditions.iter().map(String::as_str).collect();
                known.has(&names, *record, *diagnosed_from)
            })
        }
        Quantity::Morbidities { at_least, age_from, age_below } => {
            (*age_from..*age_below).contains(&age).then_some(known.morbidities >= *at_least)
        }
        Quantity::PhysicalAndMental { imd_decile } => {
            (history.imd_decile == Some(*imd_decile)).then_some(known.physical && known.mental)
        }
        Quantity::MultimorbidBelowTo { .. } => Some(known.morbidities >= 2),
        _ => None,
    }
}

/// One person's numerator and denominator; `None` for those whom the quantity is not about.
fn contribution(
    quantity: &Quantity,
    history: &History,
    catalogue: &Catalogue,
    followed: Followed,
) -> Option<(f64, f64)> {
    let one = |truth: bool| f64::from(u8::from(truth));
    let years = || history.person_years(followed);
    let per_year = |count: usize| (count as f64, years());
    match quantity {
        Quantity::Contacts { services } => {
            let contacts = history.contacts.iter();
            let found =
                contacts.filter(|found| services.contains(&found.service) && followed.contains(found.start));
            Some(per_year(found.count()))
        }
        Quantity::ContactShare { services, of_services } => {
            let contacts = || history.contacts.iter().filter(|found| followed.contains(found.start));
            let of = contacts().filter(|found| of_services.contains(&found.service)).count();
            let these = contacts().filter(|found| services.contains(&found.service)).count();
            Some((these as f64, of as f64))
        }
        Quantity::Missed { services, lead_days_from, lead_days_to } => {
            let (mut missed, mut all) = (0.0, 0.0);
            for (fate, lead_days) in slots(history, services, followed) {
                if (*lead_days_from..=*lead_days_to).contains(&lead_days) {
                    all += 1.0;
                    missed += one(fate == AppointmentFate::DidNotAttend);
                }
            }
            Some((missed, all))
        }
        Quantity::BookedWithin { services, days } => {
            let (mut soon, mut all) = (0.0, 0.0);
            for (_, lead_days) in slots(history, services, followed) {
                all += 1.0;
                soon += one(lead_days <= *days);
            }
            Some((soon, all))
        }
        Quantity::Admissions { method, blocks } => {
            let found = history.stays.iter().filter(|stay| {
                followed.contains(stay.admitted)
                    && match method {
                        AdmissionMethod::All => true,
                        AdmissionMethod::Emergency => stay.emergency,
                        AdmissionMethod::Elective => !stay.emergency,
                    }
                    && (blocks.is_empty()
                        || stay
                            .reason
                            .as_deref()
                            .and_then(|code| catalogue.category_of(code))
                            .is_some_and(|category| blocks.iter().any(|block| in_block(category, block))))
            });
            Some(per_year(found.count()))
        }
        Quantity::BedDays {} => {
            let days = history.stays.iter().filter(|stay| !stay.day_case).map(|stay| {
                let until = stay.discharged.unwrap_or(followed.to).min(followed.to);
                until.days_since(stay.admitted.max(followed.from)).max(0.0)
            });
            Some((days.sum(), years()))
        }
        Quantity::EmergencyAttendances {} => Some(per_year(
            history.emergencies.iter().filter(|visit| followed.contains(visit.arrived)).count(),
        )),
        Quantity::MedicationItems {} => {
            let items: f64 = history.medications.iter().map(|course| items_issued(course, followed)).sum();
            Some((items, years()))
        }
        Quantity::WaitAtMost { wait, days } => {
            let (mut short, mut all) = (0.0, 0.0);
            each_wait(history, followed, |found, waited| {
                if found == wait.0 {
                    all += 1.0;
                    short += one(waited <= *days);
                }
            });
            Some((short, all))
        }
        Quantity::FollowUpsPerFirst {} => {
            let contacts = history.contacts.iter();
            let attended = contacts
                .filter(|found| found.service == "outpatient" && followed.contains(found.start))
                .count();
            let courses = history.courses.iter();
            let first = courses.filter(|course| course.clock_stop.is_some_and(|at| followed.contains(at)));
            let first = first.count();
            Some((attended.saturating_sub(first) as f64, first as f64))
        }
        Quantity::Older { age_from } => {
            let age = history.age_at(followed.from).filter(|_| history.lives_at(followed.from))?;
            Some((one(age >= *age_from), 1.0))
        }
        Quantity::Prevalence { .. }
        | Quantity::Morbidities { .. }
        | Quantity::PhysicalAndMental { .. }
        | Quantity::MultimorbidBelowTo { .. }
        | Quantity::WaitWithin { .. }
        | Quantity::MortalityRatio {}
        | Quantity::LifeExpectancy { .. }
        | Quantity::PyramidError {}
        | Quantity::DeprivationError {}
        | Quantity::Law { .. } => None,
    }
}

/// Appointments kept or missed, with their calendar days from booking.
fn slots<'h>(
    history: &'h History,
    services: &'h [String],
    followed: Followed,
) -> impl Iterator<Item = (AppointmentFate, i64)> + 'h {
    let day = |at: Timestamp| at.micros().div_euclid(MICROSECONDS_PER_DAY);
    history.appointments.iter().filter_map(move |slot| {
        let counted = matches!(slot.fate, AppointmentFate::Attended | AppointmentFate::DidNotAttend)
            && services.contains(&slot.service)
            && followed.contains(slot.start);
        counted.then_some((slot.fate, day(slot.start) - day(slot.booked?)))
    })
}
