//! Need and mortality alone, without pathways, services or records: seconds for 100,000 people.
//!
//! What calibration of the table, the expected ratios of mortality and the tests look at.

use twinloom_event::Timestamp;

use crate::engine::Moment;
use crate::mortality::{CauseOfDeath, Mortality, mortality_product};
use crate::person::Sex;
use crate::physiology::Traits;
use crate::population::{Draw, Population};
use crate::smoking::Smoking;
use crate::stream::StreamKey;

use super::condition::AGES;
use super::draw::NeedStreams;
use super::history::{History, HistoryQuestion, LivedBody};
use super::{ConditionId, ConditionSet, Need, NeedScale, NeedView, Onset, Tobacco};

/// People drawn in search of one of an age and decile.
const MOST_DRAWS: u32 = 20_000;
/// How far from the age wanted the person drawn may be.
const NEAR_YEARS: f64 = 3.0;

/// Draws people who are alive at a start, with what lies behind them, and follows them by whole years.
#[derive(Clone, Debug)]
pub struct NeedAlone {
    need: Need,
    scale: NeedScale,
    start: Moment,
    streams: NeedStreams,
    mortality: Mortality,
    population: Population,
    demography: StreamKey,
    smoking: StreamKey,
    physiology: StreamKey,
    known: StreamKey,
}

/// Someone followed by [`NeedAlone`].
#[derive(Clone, Debug)]
pub struct Follower {
    subject: u64,
    draw: Draw,
    birth: Moment,
    smoking: Smoking,
    traits: Traits,
    history: History,
    now: Moment,
    /// What the person has that a general practice would know of.
    known: ConditionSet,
    /// When the person died and of what: ICD-10 code.
    death: Option<(Moment, String)>,
}

impl NeedAlone {
    /// A population under a seed, alive at `start`.
    pub fn new(need: Need, scale: NeedScale, seed: u64, start: Timestamp) -> Self {
        let population = Population::england();
        let key = |process: &str| StreamKey::new(seed, process);
        Self {
            streams: NeedStreams::new(seed, &need),
            mortality: Mortality::england_and_wales(&population),
            population,
            demography: key("need: demography"),
            smoking: key("need: smoking"),
            physiology: key("need: physiology"),
            known: key("need: known"),
            start: start.into(),
            need,
            scale,
        }
    }

    /// The same with other expected ratios of mortality, in the form of `data/expected_mortality_ratio.csv`.
    #[must_use]
    pub fn with_expected_ratio(self, text: &str) -> Self {
        Self { mortality: self.mortality.with_expected_ratio(text), ..self }
    }

    /// The need table.
    pub fn need(&self) -> &Need {
        &self.need
    }

    /// Someone of the population of England.
    pub fn anyone(&self, subject: u64) -> Follower {
        let draw = self.population.draw(&mut self.demography.open(subject));
        self.follow(subject, draw)
    }

    /// Someone of a sex, age in years and decile of deprivation.
    pub fn someone(&self, subject: u64, sex: Sex, age_years: f64, imd_decile: u8) -> Follower {
        let (mut stream, imd_decile) = (self.demography.open(subject), imd_decile.clamp(1, 10));
        let mut draw = self.population.draw(&mut stream);
        // Ethnicity goes by age, so somebody of about that age is looked for; of the oldest there may be none.
        for attempt in 0..MOST_DRAWS {
            let near = (draw.age_years - age_years).abs() < NEAR_YEARS || attempt + 500 > MOST_DRAWS;
            if draw.imd_decile == imd_decile && near {
                break;
            }
            draw = self.population.draw(&mut stream);
        }
        self.follow(subject, Draw { age_years, sex, imd_decile, ..draw })
    }

    fn follow(&self, subject: u64, draw: Draw) -> Follower {
        let birth = self.start.plus_years(-draw.age_years);
        let birth_year = f64::from(birth.timestamp().year());
        let mut stream = self.smoking.open(subject);
        let smoking = Smoking::draw(birth, birth_year, draw.sex, draw.imd_decile, &mut stream);
        let traits = Traits::draw(&mut self.physiology.open(subject));
        let mut follower = Follower {
            subject,
            draw,
            birth,
            smoking,
            traits,
            history: History::default(),
            now: self.start,
            known: ConditionSet::EMPTY,
            death: None,
        };
        let question =
            HistoryQuestion { keep_acute_from: self.start.plus_years(-1.0), ..follower.question() };
        follower.history = self.need.history(&self.streams, &self.mortality, &question, &self.scale);
        self.learn(&mut follower);
        follower
    }

    /// Lives one more year of the calendar; the onsets within it, up to death.
    pub fn year(&self, follower: &mut Follower) -> Vec<(ConditionId, f64)> {
        let end = follower.now.plus_years(1.0);
        let mut onsets = Vec::new();
        while follower.now < end && follower.death.is_none() {
            let from = follower.now;
            let birthday = follower.birth.plus_years((from.years_since(follower.birth) + 1e-6).floor() + 1.0);
            let until = birthday.min(end);
            let first = onsets.len();
            let death = {
                let view = self.view(follower, from);
                self.need.year(&self.streams, &view, from, until, &self.scale, &mut onsets);
                self.mortality.year(&self.need, &self.streams, &view, from, until, &onsets[first..])
            };
            let by_table = death.map(|death| (death.at, death.cause));
            let earlier = &follower.history.onsets;
            let by_onset = earlier.iter().chain(&onsets[first..]);
            let by_onset =
                by_onset.filter_map(|of| Some((of.fatal_at?, CauseOfDeath::Condition(of.condition))));
            let by_onset = by_onset.filter(|(at, _)| (from..until).contains(at)).min_by_key(|(at, _)| *at);
            let death = by_table.into_iter().chain(by_onset).min_by_key(|(at, _)| *at);
            follower.death = death.map(|(at, cause)| (at, cause.code(&self.need).0.to_owned()));
            let last = death.map_or(until, |(at, _)| at);
            onsets.retain(|onset| onset.at < last);
            follower.history.take(&self.need, &onsets[first..], last);
            follower.now = last;
        }
        self.learn(follower);
        onsets.iter().map(|onset: &Onset| (onset.condition, onset.severity)).collect()
    }

    /// Product of the mortality ratios of what someone has.
    pub fn mortality_product(&self, follower: &Follower) -> f64 {
        mortality_product(&self.need, follower.history.active, follower.age_years() as usize)
    }

    /// Deaths a year to be expected of fatal onsets, from someone's present rates.
    pub fn fatality_per_year(&self, follower: &Follower) -> f64 {
        let view = self.view(follower, follower.now);
        let age = follower.age_years() as usize;
        let rates = self.need.rates_per_year(&view, follower.now, &self.scale);
        let deadly = |id: ConditionId| {
            let of = &self.need.condition(id).fatality;
            of.get(age.min(of.len().saturating_sub(1))).map_or(0.0, |share| f64::from(*share))
        };
        let may = rates.into_iter().filter(|(id, _)| !follower.history.active.contains(*id));
        let deadly = |id: ConditionId| if follower.history.active.contains(id) { 0.0 } else { deadly(id) };
        may.map(|(id, rate)| {
            let brought = &self.need.condition(id).brings;
            let brought: f64 = brought.iter().map(|(other, share)| share * deadly(*other)).sum();
            rate * (deadly(id) + brought)
        })
        .sum()
    }

    /// Of each condition that someone may get: the rate per year, and the rate that the table states for
    /// the age and sex before any ratio and scale.
    pub fn rates_per_year(&self, follower: &Follower) -> Vec<(ConditionId, f64, f64)> {
        let view = self.view(follower, follower.now);
        let age = (follower.age_years() as usize).min(AGES - 1);
        let rates = self.need.rates_per_year(&view, follower.now, &self.scale).into_iter();
        let stated = |id: ConditionId| {
            let condition = self.need.condition(id);
            condition.rates.base[view.sex_index()][age] / condition.scale
        };
        let may = rates.filter(|(id, _)| !follower.history.active.contains(*id));
        may.map(|(id, rate)| (id, rate, stated(id))).collect()
    }

    /// Deaths a year to be expected of someone's present state: of what they have and of fatal onsets.
    pub fn deaths_per_year(&self, follower: &Follower) -> f64 {
        let age = follower.age_years() as usize;
        let background = self.mortality.background_per_year(&self.view(follower, follower.now), age);
        background * self.mortality_product(follower) + self.fatality_per_year(follower)
    }

    /// Deaths per person-year by the life table.
    pub fn expected_deaths_per_year(&self, follower: &Follower) -> f64 {
        let draw = &follower.draw;
        self.mortality.rate_per_year(draw.sex, draw.imd_decile, follower.age_years() as usize)
    }

    /// Probability of dying within a year by the life table, the birthday within it minded.
    pub fn expected_death_within_year(&self, follower: &Follower) -> f64 {
        let (draw, age) = (&follower.draw, follower.age_years());
        let rate = |age: usize| self.mortality.rate_per_year(draw.sex, draw.imd_decile, age);
        let after_birthday = age.fract();
        1.0 - (-(rate(age as usize) * (1.0 - after_birthday) + rate(age as usize + 1) * after_birthday)).exp()
    }

    fn view<'a>(&self, follower: &'a Follower, at: Moment) -> NeedView<'a> {
        let question = follower.question();
        let body = LivedBody::of(&self.need, &question, &follower.history);
        let age = follower.age_years() as usize;
        NeedView {
            subject: follower.subject,
            life: follower.history.life,
            sex: follower.draw.sex,
            birth: follower.birth,
            ethnicity: follower.draw.ethnicity.group(),
            imd_decile: follower.draw.imd_decile,
            tobacco: Tobacco::at(&follower.smoking, at),
            signs: body.signs(age, at),
            active: follower.history.active,
            ends: &follower.history.ends,
        }
    }

    /// Draws what is known, by each condition's share, once and for all for a person and condition.
    fn learn(&self, follower: &mut Follower) {
        let mut stream = self.known.open(follower.subject);
        follower.known = ConditionSet::EMPTY;
        for (index, condition) in self.need.conditions().iter().enumerate() {
            let id = ConditionId(index as u8);
            let share = condition.targets.first().map_or(1.0, |target| target.known);
            if stream.chance(share) && follower.history.active.contains(id) {
                follower.known.insert(id);
            }
        }
    }
}

impl Follower {
    /// Age in years.
    pub fn age_years(&self) -> f64 {
        self.now.years_since(self.birth) + 1e-6
    }

    /// Sex at birth.
    pub fn sex(&self) -> Sex {
        self.draw.sex
    }

    /// Decile of deprivation, 1 = most deprived.
    pub fn imd_decile(&self) -> u8 {
        self.draw.imd_decile
    }

    /// What the person truly has.
    pub fn active(&self) -> ConditionSet {
        self.history.active
    }

    /// What the person has that a general practice would know of.
    pub fn known(&self) -> ConditionSet {
        self.known
    }

    /// Of what the person died (ICD-10), if they did.
    pub fn cause_of_death(&self) -> Option<&str> {
        self.death.as_ref().map(|(_, cause)| cause.as_str())
    }

    fn question(&self) -> HistoryQuestion<'_> {
        HistoryQuestion {
            subject: self.subject,
            sex: self.draw.sex,
            birth: self.birth,
            ethnicity: self.draw.ethnicity.group(),
            imd_decile: self.draw.imd_decile,
            smoking: &self.smoking,
            traits: &self.traits,
            until: self.now,
            keep_acute_from: self.now,
        }
    }
}
