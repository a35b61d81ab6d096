//! The model of the twin: who lives, and which processes act on them.

use twinloom_event::{MICROSECONDS_PER_DAY, SubjectId};

use crate::calendar::Calendar;
use crate::engine::{Context, Model, Moment, Plan, run_alone};
use crate::gmf::{Instance, Interpreter, PathwayError, Program, Value};
use crate::identity::NameBook;
use crate::journey::Journey;
use crate::mortality::Mortality;
use crate::parameters::TwinParameters;
use crate::patient::{Patient, Reading};
use crate::person::{Area, Person, Practice, SmokingHistory};
use crate::physiology::Traits;
use crate::population::{Draw, Population};
use crate::record::Recorder;
use crate::smoking::Smoking;
use crate::stream::{Stream, StreamKey};

/// Notes of process 0, which is life itself.
pub(crate) const DEATH: u32 = 0;
const STARTS_SMOKING: u32 = 1;
const STOPS_SMOKING: u32 = 2;
const RECORD_OPENS: u32 = 3;

/// People registered with one practice on average (NHS England 2024: about 10,000).
const PEOPLE_PER_PRACTICE: u64 = 10_000;

/// All that people of a run share.
#[derive(Debug)]
pub(crate) struct World<'a> {
    parameters: &'a TwinParameters,
    population: Population,
    mortality: Mortality,
    names: NameBook,
    interpreter: Interpreter,
    recorder: Recorder,
    keys: Keys,
    /// One key for each module that runs by itself.
    module_keys: Vec<StreamKey>,
    /// Share of the run's people who are born after its start.
    share_newborn: f64,
}

#[derive(Debug)]
struct Keys {
    demography: StreamKey,
    identity: StreamKey,
    mortality: StreamKey,
    physiology: StreamKey,
    smoking: StreamKey,
}

/// One person's state while the clock runs.
#[derive(Debug)]
pub(crate) struct Life {
    patient: Patient,
    instances: Vec<Instance>,
    smoking: Smoking,
}

impl<'a> World<'a> {
    pub(crate) fn new(parameters: &'a TwinParameters) -> Result<Self, PathwayError> {
        let program = Program::link(&parameters.pathways)?;
        let population = Population::england();
        let key = |process: &str| StreamKey::new(parameters.seed, process);
        let module_name = |root: &u16| program.modules[usize::from(*root)].name.as_str();
        let module_keys = program.roots.iter().map(|root| key(module_name(root))).collect();
        let births = population.birth_rate_per_year()
            * Moment::from(parameters.end).years_since(parameters.start.into());
        Ok(Self {
            recorder: Recorder::new(parameters, &program),
            mortality: Mortality::england_and_wales(&population),
            names: NameBook::embedded(),
            keys: Keys {
                demography: key("demography"),
                identity: key("identity"),
                mortality: key("mortality"),
                physiology: key("physiology"),
                smoking: key("smoking"),
            },
            module_keys,
            share_newborn: births / (1.0 + births),
            interpreter: Interpreter { program, calendar: Calendar::england() },
            population,
            parameters,
        })
    }

    /// Simulates one person and writes down their journey; also the number of halted modules.
    pub(crate) fn journey(&self, subject: u64) -> (Journey, u64) {
        let life = run_alone(self, subject, self.parameters.end.into());
        let halted = life.instances.iter().filter(|instance| instance.halted).count() as u64;
        let person = self.person(subject, &life);
        (self.recorder.journey(person, &life.patient, &self.interpreter.calendar), halted)
    }

    /// Draws who the subject is, with the moment of birth.
    fn draw(&self, stream: &mut Stream) -> (Draw, Moment) {
        let start = Moment::from(self.parameters.start);
        if stream.chance(self.share_newborn) {
            let draw = self.population.draw_newborn(stream);
            let span = Moment::from(self.parameters.end).days_since(start);
            (draw, midnight(start.plus_days(span * stream.uniform())))
        } else {
            let draw = self.population.draw(stream);
            (draw, midnight(start.plus_years(-draw.age_years)))
        }
    }

    fn person(&self, subject: u64, life: &Life) -> Person {
        let (patient, seed) = (&life.patient, self.parameters.seed);
        let birth = patient.birth.timestamp();
        let mut stream = self.keys.identity.open(subject);
        let known =
            |at: Option<Moment>| at.filter(|at| *at < self.parameters.end.into()).map(Moment::timestamp);
        Person {
            subject_id: SubjectId::new(subject as i64),
            identity: self.names.identity(seed, subject, birth.year(), patient.sex, &mut stream),
            practice: Practice::of_number((subject - 1) / PEOPLE_PER_PRACTICE),
            sex: patient.sex,
            birth,
            death: patient.death.map(Moment::timestamp),
            ethnicity: patient.ethnicity,
            imd_decile: patient.imd_decile,
            smoking: SmokingHistory {
                started: known(life.smoking.started),
                stopped: known(life.smoking.started.and(life.smoking.stopped)),
            },
            area: Area { code: "E92000001".to_owned(), name: "England".to_owned() },
            residences: Vec::new(),
            registrations: Vec::new(),
        }
    }
}

impl Model for World<'_> {
    type State = Life;

    fn begin(&self, context: &mut Context) -> Life {
        let subject = context.subject();
        let (draw, birth) = self.draw(&mut self.keys.demography.open(subject));
        let program = &self.interpreter.program;
        let mut patient = Patient {
            sex: draw.sex,
            birth,
            ethnicity: draw.ethnicity,
            imd_decile: draw.imd_decile,
            traits: Traits::draw(&mut self.keys.physiology.open(subject)),
            attributes: vec![Value::Nil; program.names.attribute_count()],
            entries: Vec::new(),
            effects: Vec::new(),
            fixed_signs: Vec::new(),
            observed: vec![Reading::None; program.names.codes().len()],
            symptoms: Vec::new(),
            visited: vec![Moment::EVER; program.state_count],
            encounters: Vec::new(),
            facts: Vec::new(),
            busy_until: Moment::EVER,
            open_stay: None,
            death: None,
            cause_of_death: None,
            version: 1,
            next_artefact: 0,
        };
        patient.set_attribute(program.smoker, Value::Boolean(false));
        patient.set_attribute(program.ever_smoked, Value::Boolean(false));
        patient.set_attribute(program.imd_decile, Value::Number(f64::from(draw.imd_decile)));

        context.schedule(birth.max(self.parameters.record_from.into()), 0, RECORD_OPENS);
        let birth_year = f64::from(birth.timestamp().year());
        let mut stream = self.keys.smoking.open(subject);
        let smoking = Smoking::draw(birth, birth_year, draw.sex, draw.imd_decile, &mut stream);
        if let (Some(started), Some(stopped)) = (smoking.started, smoking.stopped) {
            context.schedule(started, 0, STARTS_SMOKING);
            context.schedule(stopped, 0, STOPS_SMOKING);
        }
        // Everyone has lived to the start: mortality acts from then on, or from birth if later.
        let from = birth.max(self.parameters.start.into());
        let mut stream = self.keys.mortality.open(subject);
        let age =
            self.mortality.age_at_death(draw.sex, draw.imd_decile, from.years_since(birth), &mut stream);
        context.schedule(birth.plus_years(age).max(from), 0, DEATH);

        let mut instances = Vec::with_capacity(program.roots.len());
        for (index, (root, key)) in program.roots.iter().zip(&self.module_keys).enumerate() {
            let initial = program.modules[usize::from(*root)].initial;
            let mut instance = Instance::new(index as u16 + 1, *root, initial, key.open(subject));
            instance.start(birth, context);
            instances.push(instance);
        }
        Life { patient, instances, smoking }
    }

    fn wake(&self, life: &mut Life, context: &mut Context, plan: Plan) {
        let program = &self.interpreter.program;
        let (patient, instances) = (&mut life.patient, &mut life.instances[..]);
        match (plan.process, plan.note) {
            (0, DEATH) => {
                patient.death = Some(context.now());
                context.stop();
            }
            (0, STARTS_SMOKING) => {
                patient.set_attribute(program.smoker, Value::Boolean(true));
                patient.set_attribute(program.ever_smoked, Value::Boolean(true));
                self.interpreter.settle(patient, instances, context);
            }
            (0, STOPS_SMOKING) => {
                patient.set_attribute(program.smoker, Value::Boolean(false));
                self.interpreter.settle(patient, instances, context);
            }
            (0, RECORD_OPENS) => {
                patient.set_attribute(program.record_open, Value::Boolean(true));
                self.interpreter.settle(patient, instances, context);
            }
            (process, _) => self.interpreter.wake(patient, instances, context, process, plan.sequence),
        }
    }
}

fn midnight(at: Moment) -> Moment {
    Moment::from_micros(at.micros().div_euclid(MICROSECONDS_PER_DAY) * MICROSECONDS_PER_DAY)
}

impl Practice {
    /// A fictitious practice by number. No organisation code of the NHS begins with `ZZ`.
    fn of_number(number: u64) -> Self {
        const NAMES: [&str; 8] =
            ["Alder", "Beacon", "Coppice", "Dovecote", "Foundry", "Kiln Lane", "Millrace", "Rowan"];
        let name = NAMES[(number % NAMES.len() as u64) as usize];
        Self { ods_code: format!("ZZ{number:04}"), name: format!("{name} Surgery") }
    }
}
