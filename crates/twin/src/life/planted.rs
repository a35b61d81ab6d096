//! A planted effect: whoever lives with a smoker falls ill more often.
//!
//! What the effect adds to the hazard is a process of its own beside that of the need table. Its moments are drawn
//! once a year as if the person were exposed all the year; one brings an onset only if somebody at home smokes
//! when it comes (thinning). Both processes together have the hazard of the table, multiplied while exposed, and
//! each onset is of one of them, so that the truth can tell which the effect brought.
//!
//! # Source
//! Superposition and thinning of Poisson processes: Lewis and Shedler 1979, Naval Research Logistics 26:403.

use super::{Life, LocalityModel, Note};
use crate::engine::{Context, Moment, Passed, Signal};
use crate::need::{NeedView, Onset, Tobacco};
use crate::patient::Planted;

/// What a signal of a smoker's death says; those of infections are numbers of conditions.
const DIED: u32 = u32::MAX;
/// Number of the event whose draws settle an onset: those of the table are counted from 0, others from 299.
const EVENT: u64 = 298;

impl LocalityModel<'_> {
    /// Draws the moments of the coming year at which the effect brings an onset to someone exposed.
    pub(super) fn plan_planted(
        &self,
        life: &Life,
        context: &mut Context,
        view: &NeedView<'_>,
        until: Moment,
    ) {
        let world = self.world;
        let Some(effect) = world.planted else { return };
        // One's own smoking must not tell the added hazard.
        let unsmoking = NeedView { tobacco: Tobacco::Never, ..*view };
        let now = context.now();
        let rates = world.need.rates_per_year(&unsmoking, now, &world.scale);
        let rate = rates.iter().find(|(id, _)| *id == effect.condition).map_or(0.0, |(_, rate)| *rate);
        let added = effect.added * rate;
        if added <= 0.0 {
            return;
        }
        let year = (now.micros() as u64).rotate_left(20);
        let mut stream = world.keys.planted.open(life.patient.stream ^ year);
        let mut at = now;
        loop {
            at = at.plus_years(-stream.uniform_above_zero().ln() / added);
            if at >= until {
                return;
            }
            context.schedule(at, 0, Note::Planted.with(life.place(0)));
        }
    }

    /// Brings an onset if somebody at home smokes; whether it did.
    pub(super) fn strike(&self, life: &mut Life, context: &mut Context) -> bool {
        let (world, now) = (self.world, context.now());
        let Some(effect) = world.planted else { return false };
        let sources = self.smokers_at_home(life, now);
        if sources.is_empty() {
            return false;
        }
        let age = life.patient.age_years(now).max(0.0) as usize;
        let draws = world.streams.call(life.patient.stream, life.history, now);
        let condition = world.need.condition(effect.condition);
        life.onsets.push(Onset::settle(effect.condition, condition, now, age, &draws, EVENT));
        let facts = life.patient.facts.len();
        self.onset(life, context, life.onsets.len() - 1);
        // Whoever has the condition does not get it again.
        let Some(artefact) = life.patient.facts.get(facts).map(|fact| fact.artefact) else { return false };
        life.patient.planted.push(Planted { artefact, sources });
        true
    }

    /// Who else of a private household lives and smokes.
    fn smokers_at_home(&self, life: &Life, now: Moment) -> Vec<u64> {
        let (own, residents) = (life.resident as usize, &self.locality.residents);
        if self.locality.households[self.locality.household_at(own, now) as usize].communal {
            return Vec::new();
        }
        self.locality
            .housemates_at(own, now)
            .filter(|other| !life.bereaved_of.contains(&(*other as u32)))
            .filter(|other| self.smoking_of(&residents[*other]).is_current(now))
            .map(|other| residents[other].subject)
            .collect()
    }

    /// Tells the homes of a smoker who dies.
    pub(super) fn tell_of_death(&self, life: &Life, context: &mut Context) {
        if self.world.planted.is_some() && context.is_served() && life.smoking.is_current(context.now()) {
            context.signal(DIED);
        }
    }

    /// Passes a death on to everyone who lives, or will live, where the dead would have lived.
    pub(super) fn tell_homes(&self, signal: &Signal, out: &mut Vec<Passed>) {
        if signal.what != DIED {
            return;
        }
        let dead = self.resident(signal.subject);
        let residents = &self.locality.residents;
        let homes = residents[dead as usize].stays.iter();
        let mut others: Vec<u32> = homes
            .flat_map(|stay| self.locality.households[stay.household as usize].members.iter().copied())
            .filter(|other| *other != dead)
            .collect();
        others.sort_unstable();
        others.dedup();
        out.extend(others.into_iter().map(|other| {
            let resident = &residents[other as usize];
            // Nobody is told before birth.
            let (subject, at) = (resident.subject, signal.at.max(resident.birth));
            Passed { subject, at, note: Note::Bereaved.with(dead) }
        }));
    }
}
