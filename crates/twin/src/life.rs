//! One person's life: what need, households and habits bring, year by year.

mod infection;
mod planted;

use crate::engine::{ANSWERED, Context, Model, Moment, Plan};
use crate::gmf::{Instance, Instances, Value};
use crate::mortality::Death;
use crate::need::{ConditionId, ConditionSet, HistoryQuestion, NEED_SIGNS, NeedView, Onset, Tobacco};
use crate::patient::{Entry, Fact, FactKind, Patient, Reading};
use crate::physiology::Traits;
use crate::population::{Locality, Resident};
use crate::smoking::Smoking;
use crate::stream::Stream;
use crate::world::{DEATH, World};

/// One person's state while the clock runs.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) patient: Patient,
    pub(crate) instances: Instances,
    pub(crate) smoking: Smoking,
    /// Place among the locality's residents.
    pub(crate) resident: u32,
    /// Names the history that lies behind the person.
    history: u32,
    /// What is to begin.
    onsets: Vec<Onset>,
    /// When what is active ends by itself, with its artefact.
    ends: Vec<(ConditionId, Moment, u32)>,
    /// Onsets that a vaccine averted, until they would have ended.
    averted: Vec<(ConditionId, Moment)>,
    /// When each infection was last caught.
    caught: Vec<(ConditionId, Moment)>,
    /// Smokers of this and later homes who have died, by their place; kept only where an effect is planted.
    bereaved_of: Vec<u32>,
    /// The death that lies ahead within the present year.
    death: Option<Death>,
    /// Onsets, years and deaths planned before the last redrawing are void.
    epoch: u32,
}

/// What a plan of process 0 is about: kind in the low bits, place above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Note {
    /// A death that a module brought about.
    ModuleDeath = DEATH as isize,
    StartsSmoking,
    StopsSmoking,
    RecordOpens,
    /// A year of need begins.
    Year,
    /// An onset, by its place.
    Onset,
    /// What began ends, by its artefact.
    Recovery,
    /// An onset kills.
    Fatal,
    /// The year's death.
    Death,
    /// A registration with a practice begins.
    Registration,
    /// Someone of the household passed a condition on.
    Exposed,
    /// A planted effect may bring an onset.
    Planted,
    /// A smoker of this or a later home died, by their place.
    Bereaved,
}

impl Note {
    const ALL: [Self; 13] = [
        Self::ModuleDeath,
        Self::StartsSmoking,
        Self::StopsSmoking,
        Self::RecordOpens,
        Self::Year,
        Self::Onset,
        Self::Recovery,
        Self::Fatal,
        Self::Death,
        Self::Registration,
        Self::Exposed,
        Self::Planted,
        Self::Bereaved,
    ];
    const BITS: u32 = 4;

    const fn with(self, place: u32) -> u32 {
        self as u32 | place << Self::BITS
    }

    fn read(note: u32) -> (Option<Self>, u32) {
        (Self::ALL.get((note & 0xf) as usize).copied(), note >> Self::BITS)
    }
}

/// The people of one locality as the engine runs them.
#[derive(Debug)]
pub(crate) struct LocalityModel<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) locality: &'a Locality,
}

impl Life {
    /// What the person has, of the need table.
    fn active(&self, world: &World<'_>) -> ConditionSet {
        let mut active = ConditionSet::EMPTY;
        for entry in self.patient.entries.iter().filter(|entry| entry.kind == FactKind::Condition) {
            if let Some(id) = world.codes.condition(entry.code) {
                active.insert(id);
            }
        }
        active
    }

    /// Names a plan by its epoch, so that what a fork redraws is void.
    fn place(&self, index: usize) -> u32 {
        // Fewer than a million onsets in a life; a life is redrawn once.
        index as u32 | self.epoch << 20
    }

    fn index(&self, place: u32) -> Option<usize> {
        (place >> 20 == self.epoch).then_some((place & 0xf_ffff) as usize)
    }
}

impl LocalityModel<'_> {
    /// When a resident smokes, as drawn with the person.
    fn smoking_of(&self, resident: &Resident) -> Smoking {
        let birth_year = f64::from(resident.birth.timestamp().year());
        let mut stream = self.world.keys.smoking.open(resident.subject);
        Smoking::draw(resident.birth, birth_year, resident.sex, resident.imd_decile, &mut stream)
    }

    fn resident(&self, subject: u64) -> u32 {
        let first = self.locality.residents.first().map_or(subject, |resident| resident.subject);
        (subject - first) as u32
    }

    /// Lives through what begins from `now` to the next birthday.
    fn year(&self, life: &mut Life, context: &mut Context) {
        let (world, now) = (self.world, context.now());
        let birth = life.patient.birth;
        // A birthday computed from the birth may fall a microsecond short of the whole year.
        let age = (now.years_since(birth) + 1e-6).floor();
        let until = birth.plus_years(age + 1.0).min(context.end());
        let ends: Vec<(ConditionId, Moment)> = life.ends.iter().map(|(id, at, _)| (*id, *at)).collect();
        let view = NeedView {
            subject: life.patient.stream,
            life: life.history,
            sex: life.patient.sex,
            birth,
            ethnicity: life.patient.ethnicity.group(),
            imd_decile: life.patient.imd_decile,
            tobacco: Tobacco::at(&life.smoking, now),
            signs: if age < 16.0 {
                [0.0; NEED_SIGNS.len()]
            } else {
                NEED_SIGNS.map(|sign| life.patient.vital_sign(sign, now))
            },
            active: life.active(world),
            ends: &ends,
        };
        self.plan_planted(life, context, &view, until);
        let first = life.onsets.len();
        world.need.year(&world.streams, &view, now, until, &world.scale, &mut life.onsets);
        let death =
            world.mortality.year(&world.need, &world.streams, &view, now, until, &life.onsets[first..]);
        for index in first..life.onsets.len() {
            context.schedule(life.onsets[index].at, 0, Note::Onset.with(life.place(index)));
        }
        if let Some(death) = death {
            context.schedule(death.at, 0, Note::Death.with(life.place(0)));
            life.death = Some(death);
        }
        if until < context.end() {
            context.schedule(until, 0, Note::Year.with(life.place(0)));
        }
    }

    /// Draws anew all that is to come for a person whose stream has changed: need, death, rates under way
    /// and whatever modules still draw.
    pub(crate) fn redraw(&self, life: &mut Life, context: &mut Context) {
        life.epoch += 1;
        life.death = None;
        self.world.interpreter.redraw(&mut life.patient, &mut life.instances, context);
        self.year(life, context);
        self.world.interpreter.settle(&mut life.patient, &mut life.instances, context);
    }

    /// A condition begins.
    fn onset(&self, life: &mut Life, context: &mut Context, index: usize) {
        let (world, now) = (self.world, context.now());
        let Some(onset) = life.onsets.get(index).copied() else { return };
        let code = world.codes.of(onset.condition);
        let patient = &life.patient;
        let has = |entry: &Entry| entry.kind == FactKind::Condition && entry.code == code;
        if patient.entries.iter().any(has) {
            return;
        }
        if context.is_served() && self.averts(life, &onset, now) {
            return;
        }
        let patient = &mut life.patient;
        let fact = patient.facts.len() as u32;
        let artefact = patient.new_artefact();
        patient.facts.push(Fact {
            truth: Reading::Number(onset.severity),
            ..Fact::new(FactKind::Condition, artefact, 0, code, now)
        });
        patient.begin_entry(Entry { kind: FactKind::Condition, code, fact, state: u32::MAX });
        let condition = world.need.condition(onset.condition);
        for mut effect in condition.effects() {
            effect.change *= onset.severity;
            effect.change_per_year *= onset.severity;
            patient.begin_effect(now, fact, effect);
        }
        if let Some(until) = onset.until {
            life.ends.push((onset.condition, until, artefact));
            context.schedule(until, 0, Note::Recovery.with(artefact));
        }
        if let Some(fatal_at) = onset.fatal_at.filter(|_| context.is_served()) {
            context.schedule(fatal_at, 0, Note::Fatal.with(index as u32));
        }
        if condition.infectious().is_some() {
            life.caught.retain(|(had, _)| *had != onset.condition);
            life.caught.push((onset.condition, now));
        }
        if condition.infectious().is_some() && context.is_served() {
            context.signal(u32::try_from(onset.condition.index()).unwrap_or(u32::MAX));
        }
    }

    fn recover(life: &mut Life, artefact: u32, now: Moment) {
        life.ends.retain(|(_, _, own)| *own != artefact);
        let patient = &mut life.patient;
        let is_it = |entry: &Entry| patient.facts[entry.fact as usize].artefact == artefact;
        if let Some(place) = patient.entries.iter().position(is_it) {
            patient.end_entry(place, now);
        }
    }

    fn die(&self, life: &mut Life, context: &mut Context) {
        life.patient.death = Some(context.now());
        self.tell_of_death(life, context);
        context.stop();
    }

    fn opening_attributes(&self, patient: &mut Patient) {
        let program = &self.world.interpreter.program;
        patient.set_attribute(program.smoker, Value::Boolean(false));
        patient.set_attribute(program.ever_smoked, Value::Boolean(false));
        patient.set_attribute(program.imd_decile, Value::Number(f64::from(patient.imd_decile)));
        for (attribute, value) in &program.parameters {
            patient.set_attribute(*attribute, Value::Number(*value));
        }
    }

    fn schedule_habits(&self, life: &Life, context: &mut Context) {
        let record_from = Moment::from(self.world.parameters.record_from);
        context.schedule(life.patient.birth.max(record_from), 0, Note::RecordOpens.with(0));
        if let (Some(started), Some(stopped)) = (life.smoking.started, life.smoking.stopped) {
            context.schedule(started, 0, Note::StartsSmoking.with(0));
            context.schedule(stopped, 0, Note::StopsSmoking.with(life.place(0)));
        }
        let registrations = &self.locality.residents[life.resident as usize].registrations;
        for (place, held) in registrations.iter().enumerate().skip(1) {
            context.schedule(held.from, 0, Note::Registration.with(place as u32));
        }
    }

    /// What lies behind someone alive at the start, or the first year of someone born later.
    fn schedule_need(&self, life: &mut Life, context: &mut Context) {
        let (world, start) = (self.world, Moment::from(self.world.parameters.start));
        let patient = &life.patient;
        if patient.birth >= start {
            context.schedule(patient.birth, 0, Note::Year.with(life.place(0)));
            return;
        }
        let question = HistoryQuestion {
            subject: patient.stream,
            sex: patient.sex,
            birth: patient.birth,
            ethnicity: patient.ethnicity.group(),
            imd_decile: patient.imd_decile,
            smoking: &life.smoking,
            traits: &patient.traits,
            until: start,
            keep_acute_from: world.parameters.record_from.into(),
        };
        let history = world.need.history(&world.streams, &world.mortality, &question, &world.scale);
        life.history = history.life;
        life.onsets = history.onsets;
        for (index, onset) in life.onsets.iter().enumerate() {
            context.schedule(onset.at, 0, Note::Onset.with(life.place(index)));
            if let Some(fatal_at) = onset.fatal_at.filter(|at| *at >= start) {
                context.schedule(fatal_at, 0, Note::Fatal.with(index as u32));
            }
        }
        context.schedule(start, 0, Note::Year.with(life.place(0)));
    }
}

impl Model for LocalityModel<'_> {
    type State = Life;

    fn begin(&self, context: &mut Context) -> Life {
        let (world, subject) = (self.world, context.subject());
        let resident = self.resident(subject);
        let own = &self.locality.residents[resident as usize];
        let program = &world.interpreter.program;
        let mut conduct = world.keys.conduct.open(subject);
        let mut patient = Patient::new(
            own.sex,
            own.birth,
            own.ethnicity,
            own.imd_decile,
            Traits::draw(&mut world.keys.physiology.open(subject)),
        );
        patient.stream = subject;
        (patient.adherence, patient.missing_ratio) = draw_conduct(&mut conduct);
        patient.practice = own.registrations.first().map_or(0, |held| held.practice);
        patient.attributes = vec![Value::Nil; program.names.attribute_count()];
        patient.readings = vec![Reading::None; program.names.reading_count()];
        patient.visited = vec![Moment::EVER; program.names.visit_count()];
        self.opening_attributes(&mut patient);

        let smoking = self.smoking_of(own);
        let mut life = Life {
            patient,
            instances: Instances::default(),
            smoking,
            resident,
            history: 0,
            onsets: Vec::new(),
            ends: Vec::new(),
            averted: Vec::new(),
            caught: Vec::new(),
            bereaved_of: Vec::new(),
            death: None,
            epoch: 0,
        };
        self.schedule_habits(&life, context);
        self.schedule_need(&mut life, context);
        for (index, (root, key)) in program.roots.iter().zip(&world.interpreter.keys).enumerate() {
            let module = &program.modules[usize::from(*root)];
            if module.begins_with.is_empty() {
                let process = index as u16 + 1;
                let mut instance = Instance::new(process, *root, module.initial, key.open(subject));
                instance.start(own.birth, context);
                life.instances.insert(instance);
            }
        }
        life
    }

    fn wake(&self, life: &mut Life, context: &mut Context, plan: Plan) {
        let interpreter = &self.world.interpreter;
        let program = &interpreter.program;
        if plan.process != 0 {
            interpreter.wake(&mut life.patient, &mut life.instances, context, plan);
            return;
        }
        if plan.note == ANSWERED {
            interpreter.fetch(&mut life.patient, context, &plan);
            interpreter.settle(&mut life.patient, &mut life.instances, context);
            return;
        }
        let (note, place) = Note::read(plan.note);
        let patient = &mut life.patient;
        match note {
            Some(Note::ModuleDeath) => return self.die(life, context),
            Some(Note::StartsSmoking) => {
                patient.set_attribute(program.smoker, Value::Boolean(true));
                patient.set_attribute(program.ever_smoked, Value::Boolean(true));
            }
            Some(Note::StopsSmoking) if life.smoking.stopped == Some(context.now()) => {
                patient.set_attribute(program.smoker, Value::Boolean(false));
            }
            Some(Note::RecordOpens) => {
                patient.forget_before();
                patient.set_attribute(program.record_open, Value::Boolean(true));
            }
            Some(Note::Year) if life.index(place).is_some() => {
                life.patient.trim();
                self.year(life, context);
            }
            Some(Note::Onset) => {
                if let Some(index) =
                    life.index(place).filter(|index| !self.left_to_home(life, context, *index))
                {
                    self.onset(life, context, index);
                }
            }
            Some(Note::Recovery) => Self::recover(life, place, context.now()),
            Some(Note::Fatal) => {
                if let Some(onset) = life.onsets.get(place as usize).copied() {
                    let cause = crate::mortality::CauseOfDeath::Condition(onset.condition);
                    life.patient.cause_of_death = Some(self.world.codes.cause(cause));
                    life.patient.contributing = vec![self.world.codes.of(onset.condition)];
                    return self.die(life, context);
                }
            }
            Some(Note::Death) => {
                if life.index(place).is_some()
                    && let Some(death) = life.death
                {
                    life.patient.cause_of_death = Some(self.world.codes.cause(death.cause));
                    let contributing = death.contributing.iter().map(|id| self.world.codes.of(id));
                    life.patient.contributing = contributing.collect();
                    return self.die(life, context);
                }
            }
            Some(Note::Registration) => {
                let held = &self.locality.residents[life.resident as usize].registrations;
                if let Some(held) = held.get(place as usize) {
                    life.patient.practice = held.practice;
                }
            }
            Some(Note::Exposed) => self.exposed(life, context, place),
            Some(Note::Planted) if life.index(place).is_some() => {
                if !self.strike(life, context) {
                    return;
                }
            }
            Some(Note::Bereaved) => return life.bereaved_of.push(place),
            Some(Note::StopsSmoking | Note::Year | Note::Planted) | None => {}
        }
        interpreter.settle(&mut life.patient, &mut life.instances, context);
    }

    fn pass_on(&self, signal: &crate::engine::Signal, out: &mut Vec<crate::engine::Passed>) {
        self.infect_home(signal, out);
        self.tell_homes(signal, out);
    }
}

/// Adherence and the tendency to miss appointments.
///
/// # Source
/// Assumptions of this release: persons take 80 % of their doses on average (half of them more than 84 %;
/// Osterberg and Blaschke, NEJM 2005;353:487 report about that of chronic medicines, from memory, to be
/// checked); a log-normal ratio of missing appointments with mean 1 and a standard deviation of 0.8 of
/// its logarithm, correlated with poor adherence.
fn draw_conduct(stream: &mut Stream) -> (f64, f64) {
    let (common, own, other) = (
        crate::distribution::standard_normal(stream),
        crate::distribution::standard_normal(stream),
        crate::distribution::standard_normal(stream),
    );
    let care = 0.5 * common + 0.866 * own;
    let adherence = 1.0 / (1.0 + (-(1.65 + 0.9 * care)).exp());
    let missing: f64 = -0.5 * common + 0.866 * other;
    (adherence, (0.8 * missing - 0.32).exp())
}

#[cfg(test)]
mod tests;
