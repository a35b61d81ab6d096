//! How a body grows, puts on weight, and loses some of it on purpose.
//!
//! # Source
//! Synthea's `LifecycleModule`, `PediatricGrowthTrajectory` and `WeightLossModule`, described again:
//! height follows its percentile; the body mass index of a child moves from year to year with a known
//! correlation; adults gain 1 to 2 kg a year until 49 and lose as much from 60 on.
//!
//! # Limits
//! A child's weight management lowers the percentiles drawn for its next years; the Java engine moves
//! single points of the trajectory.

use crate::calendar::{DAY_MS, WEEK_MS};
use crate::draw::Draws;
use crate::host::growth::{Chart, GrowthCharts};
use crate::host::{Facts, normal};
use crate::ir::Sex;

const YEAR_MS: i64 = 365 * DAY_MS;
/// After this month a child's last body mass index stays.
const LAST_POINT_MONTHS: i32 = 228;
const GROWN_UP_YEARS: i32 = 20;
const HEAVIEST_YEARS: i32 = 49;
const WASTING_YEARS: i32 = 60;
const OBESE: f64 = 30.0;
const OBESE_CHILD_PERCENTILE: f64 = 0.95;
const STARTS: f64 = 0.493;
const ADHERES: f64 = 0.605;
const KEEPS: f64 = 0.2;

/// A point of a child's body mass index.
#[derive(Clone, Copy, Debug)]
struct Point {
    age_months: i32,
    index: f64,
    time_ms: i64,
}

/// Weight management under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Management {
    pub(crate) start_ms: i64,
    /// Weight at the start, in kg.
    weight: f64,
    pub(crate) follows: bool,
    pub(crate) keeps: bool,
    /// Share of the weight an adult loses; percentile points a child does.
    loss: f64,
    is_adult: bool,
}

/// A body.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) height_percentile: f64,
    pub(crate) weight_percentile: f64,
    pub(crate) head_percentile: f64,
    /// cm.
    pub(crate) height: f64,
    /// kg, without what weight management has done since the last growth.
    weight: f64,
    /// cm; known for infants.
    pub(crate) head: f64,
    points: Vec<Point>,
    pub(crate) management: Option<Management>,
}

/// When and for whom a body is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    pub(crate) sex: Sex,
    pub(crate) years: i32,
    pub(crate) months: i32,
    pub(crate) time_ms: i64,
}

impl Body {
    pub(crate) fn born(facts: &Facts, age: Age, draws: &mut Draws) -> Self {
        let height_percentile = draws.uniform();
        let (age_months, index) = two_year_old(facts, age.sex, draws);
        let growth = &facts.growth;
        let weight_percentile = growth
            .size(Chart::Height, age.sex, age_months, height_percentile)
            .map(|height| weight_of(height, index))
            .and_then(|weight| growth.percentile(Chart::Weight, age.sex, age_months, weight))
            .unwrap_or(0.5);
        let first = Point { age_months, index, time_ms: age.time_ms + i64::from(age_months) * 30 * DAY_MS };
        let mut body = Self {
            height_percentile,
            weight_percentile,
            head_percentile: (height_percentile + 0.025).clamp(0.01, 1.0),
            height: 51.0,
            weight: 3.5,
            head: 0.0,
            points: vec![first],
            management: None,
        };
        body.grow(facts, age, draws);
        body
    }

    /// The growth of a month in childhood, of a year later.
    pub(crate) fn grow(&mut self, facts: &Facts, age: Age, draws: &mut Draws) {
        let growth = &facts.growth;
        if age.years < GROWN_UP_YEARS {
            if let Some(height) = growth.size(Chart::Height, age.sex, age.months, self.height_percentile) {
                self.height = height;
            }
            let weight = if age.years < 3 && self.points[0].time_ms > age.time_ms {
                growth.size(Chart::Weight, age.sex, age.months, self.weight_percentile)
            } else {
                Some(weight_of(self.height, self.child_index(facts, age, draws)))
            };
            self.weight = weight.unwrap_or(self.weight);
            if age.months <= 36
                && let Some(head) = growth.size(Chart::Head, age.sex, age.months, self.head_percentile)
            {
                self.head = head;
            }
        } else if self.management.is_none() {
            if age.years <= HEAVIEST_YEARS {
                self.weight += draws.between(1.0, 2.0);
            } else if age.years >= WASTING_YEARS {
                self.weight -= draws.between(1.0, 2.0);
            }
        }
    }

    /// kg at a time.
    pub(crate) fn weight(&self, time_ms: i64) -> f64 {
        let Some(managed) = self.management.filter(|managed| managed.is_adult && managed.follows) else {
            return self.weight;
        };
        let years = (time_ms - managed.start_ms) as f64 / YEAR_MS as f64;
        let lost = if years <= 1.0 {
            managed.loss * years.max(0.0)
        } else if managed.keeps {
            managed.loss
        } else {
            managed.loss * (1.0 - ((years - 1.0) / 4.0).min(1.0))
        };
        managed.weight * (1.0 - lost)
    }

    /// kg per square metre at a time.
    pub(crate) fn index(&self, time_ms: i64) -> f64 {
        self.weight(time_ms) / (self.height / 100.0).powi(2)
    }

    /// The percentile (0 to 100) of a child's body mass index.
    pub(crate) fn index_percentile(&self, growth: &GrowthCharts, age: Age) -> Option<f64> {
        growth
            .percentile(Chart::BodyMassIndex, age.sex, age.months, self.index(age.time_ms))
            .map(|p| 100.0 * p)
    }

    /// Weight for length, in percent: by age here, as the chart by length is not at hand.
    pub(crate) fn weight_percentile_now(&self, growth: &GrowthCharts, age: Age) -> Option<f64> {
        growth.percentile(Chart::Weight, age.sex, age.months, self.weight(age.time_ms)).map(|p| 100.0 * p)
    }

    /// A week of deciding on weight management; gives whether something changed.
    pub(crate) fn manage(
        &mut self,
        facts: &Facts,
        age: Age,
        triggered: Option<bool>,
        draws: &mut Draws,
    ) -> bool {
        if let Some(managed) = self.management {
            if age.time_ms - managed.start_ms <= 5 * YEAR_MS || managed.keeps {
                return false;
            }
            self.weight = if managed.is_adult && managed.follows { managed.weight } else { self.weight };
            self.management = None;
            return true;
        }
        let starts = triggered == Some(true) || (self.is_heavy(facts, age) && draws.uniform() <= STARTS);
        if !starts {
            return false;
        }
        let follows = triggered.unwrap_or_else(|| draws.uniform() <= ADHERES);
        let is_adult = age.years >= GROWN_UP_YEARS;
        let loss = if is_adult { draws.between(0.07, 0.1) } else { draws.uniform() * 0.1 };
        let keeps = follows && (triggered == Some(true) || draws.uniform() <= KEEPS);
        let weight = self.weight(age.time_ms);
        self.management = Some(Management { start_ms: age.time_ms, weight, follows, keeps, loss, is_adult });
        true
    }

    /// Whether the body is heavy enough for weight management.
    pub(crate) fn is_heavy(&self, facts: &Facts, age: Age) -> bool {
        match age.years {
            5..=18 => facts
                .growth
                .size(Chart::BodyMassIndex, age.sex, age.months, OBESE_CHILD_PERCENTILE)
                .is_some_and(|limit| self.index(age.time_ms) >= limit),
            GROWN_UP_YEARS.. => self.index(age.time_ms) >= OBESE,
            _ => false,
        }
    }

    /// The week (from `now_ms` on) in which management next has to be looked at.
    pub(crate) fn next_look_ms(&self, facts: &Facts, age: Age) -> Option<i64> {
        match self.management {
            Some(managed) if managed.keeps => None,
            Some(managed) => Some(managed.start_ms + 5 * YEAR_MS + 1),
            None => self.is_heavy(facts, age).then_some(age.time_ms + WEEK_MS),
        }
    }

    fn child_index(&mut self, facts: &Facts, age: Age, draws: &mut Draws) -> f64 {
        let last = self.points[self.points.len() - 1];
        if last.time_ms <= age.time_ms {
            if last.age_months > LAST_POINT_MONTHS {
                return last.index;
            }
            self.next_point(facts, age, draws);
        }
        let after = self.points.iter().position(|point| point.time_ms > age.time_ms);
        match after {
            Some(0) => self.points[0].index,
            Some(place) => {
                let (from, to) = (self.points[place - 1], self.points[place]);
                let share = (age.time_ms - from.time_ms) as f64 / (to.time_ms - from.time_ms) as f64;
                from.index + (to.index - from.index) * share
            }
            None => self.points[self.points.len() - 1].index,
        }
    }

    fn next_point(&mut self, facts: &Facts, age: Age, draws: &mut Draws) {
        let last = self.points[self.points.len() - 1];
        let years = f64::from(age.months) / 12.0;
        let place = (years + 1.0).floor() as usize;
        let (correlation, shift) = facts.correlations[place.clamp(3, 20) - 3];
        let growth = &facts.growth;
        let z = extended_score(growth, last.index, last.age_months, age.sex, spread(age.sex, years));
        let mean = correlation * z + shift;
        let next = mean + draws.gaussian() * (1.0 - correlation * correlation).max(0.0).sqrt();
        let mut percentile = normal::cumulative(next);
        if let Some(managed) = self.management.filter(|managed| !managed.is_adult && managed.follows) {
            percentile = (percentile - managed.loss).max(0.01);
        }
        let age_months = last.age_months + 12;
        let index = at_percentile(growth, percentile, age_months, age.sex, spread(age.sex, years + 1.0));
        self.points.push(Point { age_months, index, time_ms: last.time_ms + YEAR_MS });
    }
}

fn weight_of(height_cm: f64, index: f64) -> f64 {
    (height_cm / 100.0).powi(2) * index
}

/// Age in months and body mass index of a child of about two: a survey's child when the file is
/// there; else the charts, a little above their median (assumption of this release).
fn two_year_old(facts: &Facts, sex: Sex, draws: &mut Draws) -> (i32, f64) {
    let children = &facts.two_year_olds[sex as usize];
    if children.is_empty() {
        let months = 24 + (draws.uniform() * 12.0) as i32;
        let percentile = normal::cumulative(0.15 + 1.05 * draws.gaussian());
        let index = at_percentile(&facts.growth, percentile, months, sex, spread(sex, 2.0));
        return (months, index);
    }
    let mut left = draws.uniform() * children.iter().map(|child| child.weight).sum::<f64>();
    let child = children.iter().find(|child| {
        left -= child.weight;
        left < 0.0
    });
    let child = child.unwrap_or(&children[children.len() - 1]);
    (child.age_months, child.body_mass_index)
}

/// Spread of the body mass index above the 95th percentile (Wei et al. 2020), by age in years.
fn spread(sex: Sex, years: f64) -> f64 {
    match sex {
        Sex::Male => 0.3728 + 0.5196 * years - 0.0091 * years * years,
        Sex::Female => 0.8334 + 0.3712 * years - 0.0011 * years * years,
    }
}

fn at_percentile(growth: &GrowthCharts, percentile: f64, months: i32, sex: Sex, spread: f64) -> f64 {
    let size = |p| growth.size(Chart::BodyMassIndex, sex, months.max(24), p).unwrap_or(16.0);
    if percentile < 0.95 {
        size(percentile)
    } else {
        size(0.95) + normal::quantile((percentile - 0.9) * 10.0) * spread
    }
}

fn extended_score(growth: &GrowthCharts, index: f64, months: i32, sex: Sex, spread: f64) -> f64 {
    let percentile = growth.percentile(Chart::BodyMassIndex, sex, months.max(24), index).unwrap_or(0.5);
    if percentile < 0.95 {
        return normal::quantile(percentile);
    }
    let limit = growth.size(Chart::BodyMassIndex, sex, months.max(24), 0.95).unwrap_or(index);
    normal::quantile((90.0 + 10.0 * normal::cumulative((index - limit) / spread)) / 100.0)
}
