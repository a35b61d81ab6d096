//! Infections: caught at home, kept off by vaccines.

use super::{Life, LocalityModel, Note};
use crate::engine::{Context, Moment, Passed, Signal};
use crate::need::{ConditionId, Onset, PLACES_PER_EVENT};
use crate::patient::{CodeId, FactKind};

/// Names the draw that leaves an onset to the household; onsets themselves are numbered below it.
const LEFT_TO_HOME: u64 = 600;

impl LocalityModel<'_> {
    /// Whether a vaccine averts an onset, or an earlier one that it averted would have been behind it.
    pub(super) fn averts(&self, life: &mut Life, onset: &Onset, now: Moment) -> bool {
        let (world, id) = (self.world, onset.condition);
        let doses = |codes: &[CodeId]| {
            let given = life.patient.facts.iter().rev();
            let mut given = given.filter(|fact| fact.kind == FactKind::Immunisation && fact.start <= now);
            given.find(|fact| codes.contains(&fact.code)).map(|fact| now.days_since(fact.start))
        };
        let mut kept = 1.0;
        for (codes, vaccine) in world.codes.vaccines(id) {
            kept *= 1.0 - doses(codes).map_or(0.0, |days| vaccine.averts(days));
        }
        life.averted.retain(|(_, until)| *until > now);
        for (absent, _) in &life.averted {
            // Such a share of the rate was not of the averted condition's making.
            kept /= world.need.tables().influence(*absent, id).max(1.0);
        }
        if kept >= 1.0 {
            return false;
        }
        let key = life.patient.stream ^ (now.micros() as u64).rotate_left(20) ^ u64::from(id.0) << 56;
        let averted = world.keys.immunity.open(key).uniform() >= kept;
        if averted && let Some(until) = onset.until {
            life.averted.push((id, until));
        }
        averted
    }

    /// Whether an onset stands for one that somebody at home is to pass on instead. The table's incidences
    /// are those of all cases, so what households add is taken off beforehand.
    pub(super) fn left_to_home(&self, life: &Life, context: &Context, index: usize) -> bool {
        let world = self.world;
        let Some(onset) = life.onsets.get(index).filter(|_| context.is_served()) else { return false };
        let Some(infectious) = world.need.condition(onset.condition).infectious() else { return false };
        let others = self.locality.housemates_at(life.resident as usize, onset.at).count();
        let draws = world.streams.call(life.patient.stream, life.history, onset.at);
        let place = LEFT_TO_HOME * PLACES_PER_EVENT;
        draws.uniform(onset.condition.index(), place) > infectious.share_from_outside(others)
    }

    /// Someone of the household had it: the person catches it unless they have it or had it of late.
    pub(super) fn exposed(&self, life: &mut Life, context: &mut Context, condition: u32) {
        let (world, now) = (self.world, context.now());
        let Ok(id) = u8::try_from(condition).map(ConditionId) else { return };
        let Some(infectious) = world.need.condition(id).infectious() else { return };
        let age = life.patient.age_years(now).max(0.0) as usize;
        // One number for each person and infection: who is immune at an age is so when older.
        let own = life.patient.stream ^ u64::from(id.0) << 56;
        let standing = world.keys.immunity.open(own).uniform();
        let last = life.caught.iter().find(|(had, _)| *had == id);
        let immune = last.is_some_and(|(_, at)| now.days_since(*at) < infectious.immune_days);
        if immune || !infectious.takes(age, standing) {
            return;
        }
        let draws = world.streams.call(life.patient.stream, life.history, now);
        // Events of the yearly step are numbered from 0, those that others bring from 300.
        let onset = Onset::settle(id, world.need.condition(id), now, age, &draws, 299);
        life.onsets.push(onset);
        self.onset(life, context, life.onsets.len() - 1);
    }

    /// Passes an infection on to those who live in the same household.
    pub(super) fn infect_home(&self, signal: &Signal, out: &mut Vec<Passed>) {
        let Ok(id) = u8::try_from(signal.what).map(ConditionId) else { return };
        let Some(infectious) = self.world.need.condition(id).infectious() else { return };
        let resident = self.resident(signal.subject) as usize;
        let others = self.locality.housemates_at(resident, signal.at).count();
        let probability = infectious.probability_among(others);
        for other in self.locality.housemates_at(resident, signal.at) {
            let subject = self.locality.residents[other].subject;
            // Two numbers for each pair and day, whatever comes of them.
            let day = signal.at.midnight().micros() as u64;
            let pair = subject ^ signal.subject.rotate_left(24) ^ day.rotate_left(40) ^ u64::from(id.0) << 56;
            let mut stream = self.world.keys.household.open(pair);
            let (caught, delay) = (stream.chance(probability), stream.uniform_above_zero());
            if caught {
                let at = signal.at.plus_days(-infectious.serial_interval_days * delay.ln());
                out.push(Passed { subject, at, note: Note::Exposed.with(signal.what) });
            }
        }
    }
}
