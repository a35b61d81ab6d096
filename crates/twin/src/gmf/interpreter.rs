//! Runs modules for one person: each waits for its own next moment, at exact times.
//!
//! A module runs from state to state without time passing until one makes it wait: a delay, a rate, a
//! guard, a contact, a result, a letter. Whenever something that a guard or a rate reads has changed, it
//! looks again at that very moment.

use super::Value;
use super::instance::{Instance, Waiting};
use super::program::Program;
use super::state::{Setting, State, StateKind};
use crate::calendar::Calendar;
use crate::engine::{ANSWERED, Context, Moment, Plan};
use crate::patient::{FactKind, Patient};
use crate::stream::StreamKey;
use crate::supply::Outcome;

/// Steps at one moment after which a module is halted: it runs in circles, or along an endless chain.
const STEPS_AT_ONE_MOMENT: u32 = 10_000;

/// What a state says when it is entered or looked at again.
pub(super) enum Step {
    Next,
    /// Go to a state of the same module without passing through the present one's transition.
    Goto(u16),
    /// Wait for a plan at a moment; never, for another's doing.
    Wait(Waiting, Moment),
    /// Wait for the answer to a demand.
    Ask(Waiting, u32),
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
    /// One key for each module that runs by itself, in order of the roots.
    pub(crate) keys: Vec<StreamKey>,
}

/// The modules under way in one person, in order of their processes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instances {
    pub(crate) list: Vec<Instance>,
    /// How often modules that begin with a condition have begun, by process; the stream of each time is
    /// its own.
    begun: Vec<(u16, u64)>,
    pub(crate) halted: u64,
}

impl Instances {
    fn find(&mut self, process: u16) -> Option<&mut Instance> {
        let place = self.list.binary_search_by_key(&process, |instance| instance.process).ok()?;
        self.list.get_mut(place)
    }

    pub(crate) fn insert(&mut self, instance: Instance) {
        if let Err(place) = self.list.binary_search_by_key(&instance.process, |own| own.process) {
            self.list.insert(place, instance);
        }
    }

    fn sweep(&mut self) {
        if self.list.iter().any(Instance::is_finished) {
            self.halted += self.list.iter().filter(|instance| instance.halted).count() as u64;
            self.list.retain(|instance| !instance.is_finished());
        }
    }

    /// How often the module of a process has begun before, counting this time.
    fn count(&mut self, process: u16) -> u64 {
        if let Some(entry) = self.begun.iter_mut().find(|entry| entry.0 == process) {
            entry.1 += 1;
            return entry.1;
        }
        self.begun.push((process, 0));
        0
    }
}

impl Interpreter {
    /// Carries out a plan of a module, then lets the others look again.
    pub(crate) fn wake(
        &self,
        patient: &mut Patient,
        instances: &mut Instances,
        context: &mut Context,
        plan: Plan,
    ) {
        let answer = (plan.note == ANSWERED).then(|| context.take_answer(&plan)).flatten();
        if let Some(instance) = instances.find(plan.process) {
            match answer {
                Some((demand, outcome)) if instance.plan == demand => {
                    self.take_answer(patient, instance, context, &outcome);
                }
                None if instance.plan == plan.sequence && plan.note != ANSWERED => {
                    self.resume(patient, instance, context, true);
                }
                _ => {}
            }
        }
        self.settle(patient, instances, context);
    }

    /// Starts what conditions begun have started, and lets guards and rates look again, until nothing
    /// changes.
    pub(crate) fn settle(&self, patient: &mut Patient, instances: &mut Instances, context: &mut Context) {
        let (mut rounds, mut begun) = (0, 0);
        while patient.death.is_none() {
            while let Some(code) = patient.begun.pop() {
                begun += 1;
                if begun > STEPS_AT_ONE_MOMENT {
                    // A module whose condition begins the module again.
                    patient.begun.clear();
                    instances.halted += 1;
                    break;
                }
                self.begin_modules(code, patient, instances, context);
            }
            let changed = std::mem::take(&mut patient.changed);
            if changed.is_empty() {
                break;
            }
            rounds += 1;
            for instance in &mut instances.list {
                let looks = matches!(instance.waiting, Waiting::Guard | Waiting::Hazard { .. });
                if looks && instance.topics.meets(changed) {
                    self.resume(patient, instance, context, false);
                    if rounds > STEPS_AT_ONE_MOMENT {
                        instance.halt();
                    }
                    if patient.death.is_some() {
                        break;
                    }
                }
            }
        }
        instances.sweep();
        // A module that was halted in a department keeps nobody there.
        if patient.occupied_by.is_some_and(|process| instances.find(process).is_none()) {
            patient.occupied_by = None;
        }
    }

    /// Starts the modules that begin with a condition and are not under way.
    fn begin_modules(
        &self,
        code: u32,
        patient: &mut Patient,
        instances: &mut Instances,
        context: &mut Context,
    ) {
        for place in self.program.starts.get(&code).into_iter().flatten() {
            let process = place + 1;
            instances.sweep();
            if instances.find(process).is_some() {
                continue;
            }
            let root = self.program.roots[usize::from(*place)];
            let initial = self.program.modules[usize::from(root)].initial;
            let time = instances.count(process);
            let stream = self.keys[usize::from(*place)].open(patient.stream | time << 24);
            let mut instance = Instance::new(process, root, initial, stream);
            self.resume(patient, &mut instance, context, true);
            instances.insert(instance);
        }
    }

    /// Gives every module another stream, by the person's; what waits at a rate waits anew, for a rate has
    /// no memory.
    pub(crate) fn redraw(&self, patient: &mut Patient, instances: &mut Instances, context: &mut Context) {
        for instance in &mut instances.list {
            let key = &self.keys[usize::from(instance.process) - 1];
            instance.stream = key.open(patient.stream | 1 << 23);
            if matches!(instance.waiting, Waiting::Hazard { .. }) {
                let budget = -instance.stream.uniform_above_zero().ln();
                instance.waiting = Waiting::Hazard { budget, rate_per_day: 0.0, since: context.now() };
                self.resume(patient, instance, context, true);
            }
        }
    }

    pub(super) fn state(&self, (module, state): (u16, u16)) -> &State {
        &self.program.modules[usize::from(module)].states[usize::from(state)]
    }

    /// Looks again at the state in which a module waits, and goes on if it may; `due` says that its own
    /// plan has come up.
    fn resume(&self, patient: &mut Patient, instance: &mut Instance, context: &mut Context, due: bool) {
        let Some(place) = instance.stack.last().copied() else { return };
        let kind = &self.state(place).kind;
        let step = match (instance.waiting, kind) {
            (Waiting::Finished, _) => return,
            (Waiting::Hazard { .. }, StateKind::Hazard(_)) => {
                self.hazard(kind, patient, instance, context, due)
            }
            (Waiting::Guard, StateKind::Guard(_)) => self.guard(kind, patient, context.now()),
            (Waiting::Contact, StateKind::Encounter(spec)) => {
                self.start_contact(spec, place, patient, instance, context)
            }
            (Waiting::AskAgain, StateKind::Encounter(spec)) => {
                self.ask(spec, place, patient, instance, context)
            }
            (Waiting::Discharge, _) => {
                Self::end_contact(patient, instance, context.now());
                Step::Next
            }
            (Waiting::Test(ordered), _) => self.result(ordered, None, place, patient, instance, context),
            (Waiting::Delay, StateKind::Delay(_)) => Step::Next,
            // The plan that starts the module finds it in its initial state.
            (Waiting::Delay | Waiting::Letter, _) => self.enter(patient, instance, context),
            _ => Step::Next,
        };
        self.run(step, patient, instance, context);
    }

    /// Goes on with what a service answered.
    fn take_answer(
        &self,
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
        outcome: &Outcome,
    ) {
        let Some(place) = instance.stack.last().copied() else { return };
        let step = match (instance.waiting, &self.state(place).kind) {
            (Waiting::Answer, StateKind::Encounter(spec)) => {
                self.answered(spec, outcome, place, patient, instance, context)
            }
            (Waiting::Test(ordered), _) => {
                self.result(ordered, Some(outcome), place, patient, instance, context)
            }
            _ => return,
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
                    let number = program.offset as usize + usize::from(*state);
                    let place = self.program.visit_places[number] as usize;
                    if let Some(visit) = patient.visited.get_mut(place) {
                        *visit = now;
                    }
                    let next = current
                        .transition
                        .as_ref()
                        .and_then(|own| own.choose(patient, now, &self.program.names, &mut instance.stream));
                    // Where no branch applies the module has nowhere to go.
                    let Some(next) = next else { return instance.halt() };
                    *state = next;
                }
                Step::Goto(next) => {
                    let Some((_, state)) = instance.stack.last_mut() else { return };
                    *state = next;
                }
                Step::Wait(waiting, until) => {
                    instance.waiting = waiting;
                    instance.topics = match (waiting, instance.stack.last()) {
                        (Waiting::Guard | Waiting::Hazard { .. }, Some(place)) => self.state(*place).topics,
                        _ => super::Topics::default(),
                    };
                    instance.plan = if until == Moment::NEVER {
                        u32::MAX
                    } else {
                        context.schedule(until, instance.process, 0)
                    };
                    return;
                }
                Step::Ask(waiting, demand) => {
                    instance.waiting = waiting;
                    instance.plan = demand;
                    return;
                }
                Step::Stay => return,
                Step::Call(module) => {
                    instance.stack.push((module, self.program.modules[usize::from(module)].initial));
                }
                Step::End => {
                    instance.stack.pop();
                    if instance.stack.is_empty() || patient.death.is_some() {
                        Self::end_contact(patient, instance, context.now());
                        instance.waiting = Waiting::Finished;
                        return;
                    }
                    step = Step::Next;
                    continue;
                }
            }
            steps += 1;
            // Without a circle no state is passed twice, however many there are.
            if steps > STEPS_AT_ONE_MOMENT && steps as usize > self.program.visit_places.len() {
                instance.halt();
                return;
            }
            step = self.enter(patient, instance, context);
        }
    }

    /// Does what a state does on entry.
    fn enter(&self, patient: &mut Patient, instance: &mut Instance, context: &mut Context) -> Step {
        let Some(place) = instance.stack.last().copied() else { return Step::End };
        let state = self.state(place);
        let now = context.now();
        if state.awaits_letter && instance.letter_due > now {
            return Step::Wait(Waiting::Letter, instance.letter_due);
        }
        if let Some(order) = state.order
            && !instance.skipping
        {
            return self.order(order, place, patient, instance, context);
        }
        let number = self.program.modules[usize::from(place.0)].offset + u32::from(place.1);
        match &state.kind {
            StateKind::Pass => {}
            StateKind::Terminal => return Step::End,
            StateKind::Delay(duration) => {
                let days = duration.sample(&mut instance.stream).max(0.0);
                return Step::Wait(Waiting::Delay, now.plus_days(days));
            }
            StateKind::Hazard(_) => {
                let budget = -instance.stream.uniform_above_zero().ln();
                instance.waiting = Waiting::Hazard { budget, rate_per_day: 0.0, since: now };
                return self.hazard(&state.kind, patient, instance, context, true);
            }
            StateKind::Guard(_) => return self.guard(&state.kind, patient, now),
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
                Self::end_contact(patient, instance, now);
                instance.skipping = false;
                instance.misses = 0;
                instance.asked = now;
                return self.ask(spec, place, patient, instance, context);
            }
            StateKind::EncounterEnd => {
                if let Some(until) = Self::in_bed_until(patient, instance, now) {
                    return Step::Wait(Waiting::Discharge, until);
                }
                instance.skipping = false;
                Self::end_contact(patient, instance, now);
            }
            StateKind::End(kind, by) => Self::end(*kind, by, patient, now),
            StateKind::VitalSign(sign, distribution) => {
                let value = distribution.sample(&mut instance.stream);
                patient.fixed_signs.retain(|fixed| fixed.0 != *sign);
                patient.fixed_signs.push((*sign, value));
                patient.changed |= super::Topics::SIGNS;
            }
            StateKind::Symptom(symptom, strength) => {
                let strength = strength.sample(&mut instance.stream);
                patient.symptoms.retain(|own| own.0 != *symptom || own.1 != place.0);
                patient.symptoms.push((*symptom, place.0, strength));
                patient.changed |= super::Topics::SYMPTOMS;
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
            StateKind::Begin(spec) if spec.kind == FactKind::Condition || !instance.skipping => {
                Self::begin(spec, number, patient, instance, context);
            }
            kind if !instance.skipping => self.write(kind, patient, instance, now),
            _ => {}
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
}
