//! Runs modules for one person: each waits for its own next moment, at exact times.
//!
//! A module runs from state to state without time passing until one makes it wait: a delay, a rate, a
//! guard, a booked contact. Whenever anything that a guard or a rate may depend on has changed, the
//! waiting ones look again at that very moment.

use super::Value;
use super::program::Program;
use super::state::{EncounterSpec, Setting, StateKind};
use crate::calendar::{Calendar, OpeningHours};
use crate::engine::{Context, Moment};
use crate::patient::{Encounter, EncounterClass, FactKind, Patient};
use crate::stream::Stream;

/// Steps at one moment after which a module is taken to run in circles and is halted.
const STEPS_AT_ONE_MOMENT: u32 = 10_000;
/// How often a module that waits for a hospital stay to end looks again.
const DAYS_TO_LOOK_AGAIN: f64 = 1.0;

/// One module's place in one person's life.
#[derive(Debug)]
pub(crate) struct Instance {
    /// The process woken, 1 for the first module.
    pub(super) process: u16,
    /// Module and state, the called submodule last.
    stack: Vec<(u16, u16)>,
    waiting: Waiting,
    /// The plan that may wake it; others are stale.
    plan: u32,
    pub(super) encounter: Option<u32>,
    version_seen: u32,
    pub(super) stream: Stream,
    pub(crate) halted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Waiting {
    /// For a plan.
    Delay,
    Guard,
    /// For an accumulated hazard of `budget` more, at `rate_per_day` since `since`.
    Hazard {
        budget: f64,
        rate_per_day: f64,
        since: Moment,
    },
    Contact,
    Finished,
}

/// What a state says when it is entered or looked at again.
enum Step {
    Next,
    Wait(Waiting, Moment),
    /// Wait on, with the plan that stands.
    Stay,
    Call(u16),
    End,
}

/// The program, the calendar, and what else modules act with.
#[derive(Debug)]
pub(crate) struct Interpreter {
    pub(crate) program: Program,
    pub(crate) calendar: Calendar,
}

impl Instance {
    pub(crate) fn new(process: u16, module: u16, initial: u16, stream: Stream) -> Self {
        Self {
            process,
            stack: vec![(module, initial)],
            waiting: Waiting::Delay,
            plan: 0,
            encounter: None,
            version_seen: 0,
            stream,
            halted: false,
        }
    }

    /// The plan that starts the module.
    pub(crate) fn start(&mut self, at: Moment, context: &mut Context) {
        self.plan = context.schedule(at, self.process, 0);
    }
}

impl Interpreter {
    /// Carries out a plan of a module, then lets the others look again.
    pub(crate) fn wake(
        &self,
        patient: &mut Patient,
        instances: &mut [Instance],
        context: &mut Context,
        process: u16,
        sequence: u32,
    ) {
        let Some(instance) = instances.get_mut(usize::from(process) - 1) else { return };
        if instance.plan == sequence && instance.waiting != Waiting::Finished {
            self.resume(patient, instance, context, true);
        }
        self.settle(patient, instances, context);
    }

    /// Lets guards and rates look again until nothing changes.
    pub(crate) fn settle(&self, patient: &mut Patient, instances: &mut [Instance], context: &mut Context) {
        let mut rounds = 0;
        while let Some(instance) = instances.iter_mut().find(|instance| {
            instance.version_seen != patient.version
                && matches!(instance.waiting, Waiting::Guard | Waiting::Hazard { .. })
        }) {
            self.resume(patient, instance, context, false);
            rounds += 1;
            if rounds > STEPS_AT_ONE_MOMENT {
                instance.halt();
            }
            if patient.death.is_some() {
                return;
            }
        }
    }

    /// Looks again at the state in which a module waits, and goes on if it may; `due` says that its own
    /// plan has come up.
    fn resume(&self, patient: &mut Patient, instance: &mut Instance, context: &mut Context, due: bool) {
        let Some((module, state)) = instance.stack.last().copied() else { return };
        let kind = &self.program.modules[usize::from(module)].states[usize::from(state)].kind;
        instance.version_seen = patient.version;
        let step = match (instance.waiting, kind) {
            (Waiting::Finished, _) => Step::End,
            (Waiting::Hazard { .. }, StateKind::Hazard(_)) => {
                self.hazard(kind, patient, instance, context, due)
            }
            (Waiting::Guard, StateKind::Guard(_)) => self.guard(kind, patient, context.now()),
            (Waiting::Contact, StateKind::Encounter(spec)) => {
                self.start_contact(spec, patient, instance, context, (module, state))
            }
            // The plan that starts the module finds it in its initial state.
            (Waiting::Delay, StateKind::Delay(_)) => Step::Next,
            (Waiting::Delay, _) => self.enter(patient, instance, context),
            _ => Step::Next,
        };
        self.run(step, patient, instance, context);
    }

    /// Goes from state to state until one waits.
    fn run(&self, mut step: Step, patient: &mut Patient, instance: &mut Instance, context: &mut Context) {
        let mut steps = 0;
        loop {
            match step {
                Step::Next => {
                    let now = context.now();
                    let Some((module, state)) = instance.stack.last_mut() else { return };
                    let program = &self.program.modules[usize::from(*module)];
                    let current = &program.states[usize::from(*state)];
                    patient.visited[program.offset as usize + usize::from(*state)] = now;
                    let next = current
                        .transition
                        .as_ref()
                        .and_then(|own| own.choose(patient, now, &self.program.names, &mut instance.stream));
                    // Where no branch applies the module has nowhere to go.
                    let Some(next) = next else { return instance.halt() };
                    *state = next;
                }
                Step::Wait(waiting, until) => {
                    instance.waiting = waiting;
                    instance.version_seen = patient.version;
                    instance.plan = if until == Moment::NEVER {
                        u32::MAX
                    } else {
                        context.schedule(until, instance.process, 0)
                    };
                    return;
                }
                Step::Stay => return,
                Step::Call(module) => {
                    instance.stack.push((module, self.program.modules[usize::from(module)].initial));
                }
                Step::End => {
                    instance.stack.pop();
                    if instance.stack.is_empty() || patient.death.is_some() {
                        if let Some(encounter) = instance.encounter.take() {
                            patient.end_encounter(encounter, context.now());
                        }
                        instance.waiting = Waiting::Finished;
                        return;
                    }
                    step = Step::Next;
                    continue;
                }
            }
            steps += 1;
            if steps > STEPS_AT_ONE_MOMENT {
                instance.halt();
                return;
            }
            step = self.enter(patient, instance, context);
        }
    }

    /// Does what a state does on entry.
    fn enter(&self, patient: &mut Patient, instance: &mut Instance, context: &mut Context) -> Step {
        let Some((module, state)) = instance.stack.last().copied() else { return Step::End };
        let program = &self.program.modules[usize::from(module)];
        let kind = &program.states[usize::from(state)].kind;
        let number = program.offset + u32::from(state);
        let now = context.now();
        match kind {
            StateKind::Pass => {}
            StateKind::Terminal => return Step::End,
            StateKind::Delay(duration) => {
                let days = duration.sample(&mut instance.stream).max(0.0);
                return Step::Wait(Waiting::Delay, now.plus_days(days));
            }
            StateKind::Hazard(_) => {
                let budget = -instance.stream.uniform_above_zero().ln();
                instance.waiting = Waiting::Hazard { budget, rate_per_day: 0.0, since: now };
                return self.hazard(kind, patient, instance, context, true);
            }
            StateKind::Guard(_) => return self.guard(kind, patient, now),
            StateKind::SetAttribute(attribute, setting) => {
                let value = match setting {
                    Setting::Fixed(value) => *value,
                    Setting::Drawn(distribution) => Value::Number(distribution.sample(&mut instance.stream)),
                    Setting::Risk(hazard, years) => {
                        let (rate_per_year, _) = hazard.rate_per_year(patient, now, &self.program.names);
                        Value::Number(-100.0 * (-rate_per_year * years).exp_m1())
                    }
                };
                patient.set_attribute(*attribute, value);
            }
            StateKind::Counter(attribute, step) => {
                let count = match patient.attributes[*attribute as usize] {
                    Value::Number(count) => count,
                    _ => 0.0,
                };
                patient.set_attribute(*attribute, Value::Number(count + step));
            }
            StateKind::Encounter(spec) => {
                if let Some(open) = instance.encounter.take() {
                    patient.end_encounter(open, now);
                }
                if spec.class.is_booked() {
                    let days = spec.wait_days.sample(&mut instance.stream).max(0.0);
                    let slot = self.slot(spec, now.plus_days(days), &mut instance.stream);
                    return Step::Wait(Waiting::Contact, slot);
                }
                return self.start_contact(spec, patient, instance, context, (module, state));
            }
            StateKind::EncounterEnd => {
                if let Some(open) = instance.encounter.take() {
                    patient.end_encounter(open, now);
                }
            }
            StateKind::Begin(spec) => Self::begin(spec, number, patient, instance, now),
            StateKind::End(kind, by) => Self::end(*kind, by, patient, now),
            StateKind::Act(kind, codes, duration) => {
                let artefact = patient.new_artefact();
                let days = duration.as_ref().map(|own| own.sample(&mut instance.stream).max(0.0));
                for code in codes {
                    let mut fact = instance.fact(*kind, artefact, *code, now);
                    fact.end = days.map(|days| now.plus_days(days));
                    patient.facts.push(fact);
                }
            }
            StateKind::Observation(spec) => {
                let artefact = patient.new_artefact();
                self.observe(spec, artefact, patient, instance, now);
            }
            StateKind::Panel { kind, code, category, parts } => {
                let artefact = patient.new_artefact();
                let mut fact = instance.fact(*kind, artefact, *code, now);
                fact.category = *category;
                patient.facts.push(fact);
                for part in parts {
                    // A report points to observations of their own; a panel's parts belong to it.
                    let own = if *kind == FactKind::Observation { artefact } else { patient.new_artefact() };
                    self.observe(part, own, patient, instance, now);
                }
            }
            StateKind::VitalSign(sign, distribution) => {
                let value = distribution.sample(&mut instance.stream);
                patient.fixed_signs.retain(|fixed| fixed.0 != *sign);
                patient.fixed_signs.push((*sign, value));
                patient.version += 1;
            }
            StateKind::Symptom(symptom, strength) => {
                let strength = strength.sample(&mut instance.stream);
                patient.symptoms.retain(|own| own.0 != *symptom || own.1 != module);
                patient.symptoms.push((*symptom, module, strength));
                patient.version += 1;
            }
            StateKind::Death(delay, cause) => {
                patient.cause_of_death = *cause;
                let Some(delay) = delay else {
                    patient.death = Some(now);
                    context.stop();
                    return Step::End;
                };
                let days = delay.sample(&mut instance.stream).max(0.0);
                // Process 0 carries out deaths.
                context.schedule(now.plus_days(days), 0, crate::world::DEATH);
            }
            StateKind::CallSubmodule(_) => {
                return self.program.calls.get(&number).map_or(Step::Next, |called| Step::Call(*called));
            }
        }
        Step::Next
    }

    fn guard(&self, kind: &StateKind, patient: &Patient, now: Moment) -> Step {
        let StateKind::Guard(condition) = kind else { return Step::Next };
        if condition.holds(patient, now, &self.program.names) {
            Step::Next
        } else {
            Step::Wait(Waiting::Guard, condition.next_change(patient, now))
        }
    }

    fn hazard(
        &self,
        kind: &StateKind,
        patient: &Patient,
        instance: &Instance,
        context: &Context,
        due: bool,
    ) -> Step {
        let (StateKind::Hazard(hazard), Waiting::Hazard { budget, rate_per_day, since }) =
            (kind, instance.waiting)
        else {
            return Step::Next;
        };
        let now = context.now();
        let (rate_per_year, until) = hazard.rate_per_year(patient, now, &self.program.names);
        let rate_now = rate_per_year / crate::engine::DAYS_PER_YEAR;
        // The accumulation is cut only where the rate changes, so that looking leaves no rounding.
        if !due && rate_now.to_bits() == rate_per_day.to_bits() {
            return Step::Stay;
        }
        let left = budget - rate_per_day * now.days_since(since);
        // What is left is rounded away where the plan was made for the event itself.
        if left <= 1e-9 {
            return Step::Next;
        }
        let event = if rate_now > 0.0 { now.plus_days(left / rate_now) } else { Moment::NEVER };
        let waiting = Waiting::Hazard { budget: left, rate_per_day: rate_now, since: now };
        Step::Wait(waiting, event.min(until))
    }

    fn slot(&self, spec: &EncounterSpec, earliest: Moment, stream: &mut Stream) -> Moment {
        let hours = match spec.class {
            EncounterClass::Outpatient => OpeningHours::OUTPATIENT,
            _ => OpeningHours::GENERAL_PRACTICE,
        };
        self.calendar.slot(earliest, hours, stream)
    }

    /// Starts a contact if the person is free, else tries again when they may be.
    fn start_contact(
        &self,
        spec: &EncounterSpec,
        patient: &mut Patient,
        instance: &mut Instance,
        context: &Context,
        (module, state): (u16, u16),
    ) -> Step {
        let now = context.now();
        let free_at = match patient.open_stay {
            Some(_) => now.plus_days(DAYS_TO_LOOK_AGAIN),
            None => patient.busy_until,
        };
        if free_at > now {
            let again =
                if spec.class.is_booked() { self.slot(spec, free_at, &mut instance.stream) } else { free_at };
            return Step::Wait(Waiting::Contact, again);
        }
        let number = self.program.modules[usize::from(module)].offset + u32::from(state);
        let artefact = patient.new_artefact();
        let encounter = patient.encounters.len() as u32;
        patient.encounters.push(Encounter {
            artefact,
            process: instance.process,
            class: spec.class,
            code: spec.code,
            reason: spec.reason,
            start: now,
            minutes: spec.minutes,
            end: None,
        });
        instance.encounter = Some(encounter);
        if spec.class.is_booked() {
            patient.busy_until = now.plus_days(spec.minutes / 1440.0);
        } else {
            patient.open_stay = Some(encounter);
        }
        for fact in &mut patient.facts {
            if fact.target == Some(number) && fact.diagnosed.is_none() {
                fact.diagnosed = Some(now);
                fact.encounter = Some(encounter);
            }
        }
        Step::Next
    }
}

impl Instance {
    fn halt(&mut self) {
        self.waiting = Waiting::Finished;
        self.halted = true;
    }
}
