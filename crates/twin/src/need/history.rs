//! What someone who is alive at a run's start has behind them.
//!
//! Histories are drawn from birth on and one is kept with the probability of having lived it to the
//! start, given that somebody of that age, sex and deprivation did. So conditions that kill are rarer
//! among the living by as much as they kill, and the run's first day needs no settling in.
//!
//! # Limits
//! Medicines act on signs by the share of each effect that the table says is usually treated. Of acute
//! problems before `keep_acute_from` only those are kept that leave something behind.

use crate::engine::Moment;
use crate::mortality::Mortality;
use crate::person::{EthnicGroup, Sex};
use crate::physiology::{Body, Traits, VitalSign};
use crate::smoking::Smoking;

use super::condition::{ConditionId, ConditionSet, Group};
use super::draw::NeedStreams;
use super::onset::Onset;
use super::scale::NeedScale;
use super::view::{NEED_SIGNS, NeedView, Tobacco};
use super::{Condition, Need};

/// Histories tried before one is kept although it should have ended in death: only those far beyond 100
/// come to it.
const MOST_LIVES: u32 = 60;
/// From this age on signs are worked out; younger, no rate reads them.
const FIRST_AGE_OF_SIGNS: usize = 16;

/// Whose history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistoryQuestion<'a> {
    /// The subject's number in the run.
    pub(crate) subject: u64,
    pub(crate) sex: Sex,
    pub(crate) birth: Moment,
    pub(crate) ethnicity: EthnicGroup,
    pub(crate) imd_decile: u8,
    pub(crate) smoking: &'a Smoking,
    pub(crate) traits: &'a Traits,
    /// The moment at which the person is alive.
    pub(crate) until: Moment,
    /// From when on acute problems are wanted.
    pub(crate) keep_acute_from: Moment,
}

/// What lies behind a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct History {
    /// To be given to every later [`NeedView`] of the person.
    pub(crate) life: u32,
    /// In order of time. One may still kill, later than the question's `until`.
    pub(crate) onsets: Vec<Onset>,
    /// What is active at the question's `until`.
    pub(crate) active: ConditionSet,
    /// When those of `active` that end by themselves will.
    pub(crate) ends: Vec<(ConditionId, Moment)>,
    /// Those of `active` that shift signs: since when and how severe.
    bodily: Vec<(Moment, f64, ConditionId)>,
}

impl Need {
    /// A history of somebody alive at `question.until`.
    pub(crate) fn history(
        &self,
        streams: &NeedStreams,
        mortality: &Mortality,
        question: &HistoryQuestion<'_>,
        scale: &NeedScale,
    ) -> History {
        let mut history = History::default();
        for life in 0..=MOST_LIVES {
            history.life = life;
            if self.live(streams, mortality, question, scale, &mut history) {
                break;
            }
        }
        history.onsets.retain(|onset| {
            onset.at >= question.keep_acute_from || self.condition(onset.condition).leaves_something()
        });
        history
    }

    /// One try; whether it was survived.
    fn live(
        &self,
        streams: &NeedStreams,
        mortality: &Mortality,
        question: &HistoryQuestion<'_>,
        scale: &NeedScale,
        history: &mut History,
    ) -> bool {
        let last_try = history.life == MOST_LIVES;
        *history =
            History { life: history.life, onsets: std::mem::take(&mut history.onsets), ..History::default() };
        history.onsets.clear();
        let draws = streams.call(question.subject, history.life, question.birth);
        let mut budget = -draws.mortality(0).ln();
        for age in 0.. {
            let from = question.birth.plus_years(f64::from(age));
            if from >= question.until {
                break;
            }
            let until = question.birth.plus_years(f64::from(age + 1)).min(question.until);
            let view = NeedView {
                subject: question.subject,
                life: history.life,
                sex: question.sex,
                birth: question.birth,
                ethnicity: question.ethnicity,
                imd_decile: question.imd_decile,
                tobacco: Tobacco::at(question.smoking, from),
                signs: LivedBody::of(self, question, history).signs(age as usize, from),
                active: history.active,
                ends: &history.ends,
            };
            let first = history.onsets.len();
            let lasting_only = until <= question.keep_acute_from;
            self.year_of(streams, &view, from, until, scale, lasting_only, &mut history.onsets);
            let new = &mut history.onsets[first..];
            if last_try {
                for onset in new.iter_mut().filter(|onset| onset.fatal_at < Some(question.until)) {
                    onset.fatal_at = None;
                }
            } else {
                budget -= mortality.excess_hazard(self, &view, from, until, new);
                let killed = |onset: &Onset| onset.fatal_at.is_some_and(|at| at < question.until);
                if budget <= 0.0 || new.iter().any(killed) {
                    return false;
                }
            }
            let new = history.onsets[first..].to_vec();
            history.note(self, &new, until);
        }
        true
    }
}

impl History {
    /// Adds what began up to `until`, and settles what is active then.
    pub(super) fn take(&mut self, need: &Need, onsets: &[Onset], until: Moment) {
        self.onsets.extend_from_slice(onsets);
        self.note(need, onsets, until);
    }

    fn note(&mut self, need: &Need, onsets: &[Onset], until: Moment) {
        for onset in onsets {
            self.active.insert(onset.condition);
            self.ends.retain(|(id, _)| *id != onset.condition);
            self.ends.extend(onset.until.map(|at| (onset.condition, at)));
            if !need.condition(onset.condition).effects.is_empty() {
                self.bodily.retain(|(_, _, id)| *id != onset.condition);
                self.bodily.push((onset.at, onset.severity, onset.condition));
            }
        }
        let active = &mut self.active;
        self.ends.retain(|(id, at)| {
            if *at <= until {
                active.remove(*id);
            }
            *at > until
        });
        self.bodily.retain(|(_, _, id)| active.contains(*id));
    }
}

impl Condition {
    /// Whether an onset is of interest years later.
    fn leaves_something(&self) -> bool {
        self.group != Group::Acute || !self.brings.is_empty()
    }
}

impl Tobacco {
    pub(crate) fn at(smoking: &Smoking, at: Moment) -> Self {
        match (smoking.started, smoking.stopped) {
            (Some(started), _) if at < started => Self::Never,
            (Some(_), Some(stopped)) if at >= stopped => Self::Former,
            (Some(_), _) => Self::Current,
            (None, _) => Self::Never,
        }
    }
}

/// A body under conditions that are treated as usual.
pub(super) struct LivedBody<'a> {
    need: &'a Need,
    question: &'a HistoryQuestion<'a>,
    bodily: &'a [(Moment, f64, ConditionId)],
}

impl<'a> LivedBody<'a> {
    pub(super) fn of(need: &'a Need, question: &'a HistoryQuestion<'a>, history: &'a History) -> Self {
        Self { need, question, bodily: &history.bodily }
    }

    /// True values of the signs that rates read.
    pub(super) fn signs(&self, age: usize, at: Moment) -> [f64; NEED_SIGNS.len()] {
        if age < FIRST_AGE_OF_SIGNS {
            return [0.0; NEED_SIGNS.len()];
        }
        let body = Body {
            sex: self.question.sex,
            age_years: age as f64,
            imd_decile: self.question.imd_decile,
            traits: *self.question.traits,
        };
        let shift = |sign: VitalSign| {
            let of = |(since, severity, id): &(Moment, f64, ConditionId)| {
                let years = at.years_since(*since);
                let effects = self.need.condition(*id).effects.iter().filter(|effect| effect.sign() == sign);
                let sizes = effects.map(|effect| {
                    let size = effect.effect.change + effect.effect.change_per_year * years;
                    size * (1.0 - effect.usually_treated)
                });
                severity * sizes.sum::<f64>()
            };
            self.bodily.iter().map(of).sum::<f64>()
        };
        NEED_SIGNS.map(|sign| body.value(sign, &shift))
    }
}
