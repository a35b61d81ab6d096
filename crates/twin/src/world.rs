//! The model of the twin: what all people of a run share.

use rustc_hash::FxHashMap;
use twinloom_codes::CodeSystem;
use twinloom_event::{Code, Timeline};

use crate::calendar::Calendar;
use crate::engine::Moment;
use crate::gmf::{Interpreter, Names, Program};
use crate::journey::Journey;
use crate::life::Life;
use crate::mortality::{CauseOfDeath, Mortality};
use crate::need::{ConditionId, Need, NeedError, NeedScale, NeedStreams, Vaccine, Wave};
use crate::parameters::TwinParameters;
use crate::patient::CodeId;
use crate::person::SmokingHistory;
use crate::population::{Locality, Population, Settlement};
use crate::run::TwinError;
use crate::stream::StreamKey;
use crate::supply::Supply;
use crate::systems::{Book, Observation, Observer, Particulars};
use crate::truth::TruthWriter;
use crate::vocabulary::concepts;

/// The note with which process 0, life itself, carries out a death that a module brought about.
pub(crate) const DEATH: u32 = 0;

/// All that people of a run share.
#[derive(Debug)]
pub(crate) struct World<'a> {
    pub(crate) parameters: &'a TwinParameters,
    pub(crate) settlement: Settlement,
    pub(crate) need: Need,
    pub(crate) scale: NeedScale,
    pub(crate) streams: NeedStreams,
    pub(crate) mortality: Mortality,
    pub(crate) interpreter: Interpreter,
    pub(crate) keys: Keys,
    pub(crate) codes: NeedCodes,
    /// The planted effect, if the scenario has one.
    pub(crate) planted: Option<PlantedEffect>,
    truth: TruthWriter,
    /// None when nobody records.
    observer: Option<Observer>,
}

/// Keys of the processes that no module runs.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) physiology: StreamKey,
    pub(crate) smoking: StreamKey,
    pub(crate) conduct: StreamKey,
    pub(crate) household: StreamKey,
    pub(crate) immunity: StreamKey,
    pub(crate) planted: StreamKey,
}

/// An effect of housemates' smoking on the onsets of a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PlantedEffect {
    pub(crate) condition: ConditionId,
    /// What is added to the hazard, as a ratio to that of somebody who never smoked.
    pub(crate) added: f64,
}

/// The need table's codes in the numbering of the run.
#[derive(Debug)]
pub(crate) struct NeedCodes {
    conditions: Vec<CodeId>,
    /// ICD-10 codes of conditions as causes of death, and of other causes.
    causes: [Vec<CodeId>; 2],
    by_code: FxHashMap<CodeId, ConditionId>,
    /// Vaccines with the codes that modules give them by.
    vaccines: Vec<(Vec<CodeId>, Vaccine)>,
}

impl NeedCodes {
    fn number(need: &Need, names: &mut Names) -> Self {
        let mut code = |system: CodeSystem, value: &str, display: &str| {
            let code = Code::new(system.name(), value).expect("the table's codes are not empty");
            names.code_of(&code, display)
        };
        let conditions: Vec<CodeId> = need
            .conditions()
            .iter()
            .map(|condition| code(CodeSystem::Snomed, &condition.snomed, &condition.display))
            .collect();
        let own = need.conditions().iter();
        let causes = [
            own.map(|condition| code(CodeSystem::Icd10, &condition.icd10, &condition.display)).collect(),
            need.other_causes()
                .iter()
                .map(|cause| code(CodeSystem::Icd10, &cause.icd10, &cause.display))
                .collect(),
        ];
        let by_code = conditions.iter().enumerate().map(|(at, code)| (*code, ConditionId(at as u8)));
        let by_code = by_code.collect();
        let vaccines = Vaccine::england(need).into_iter().map(|vaccine| {
            let codes = vaccine.codes.iter().map(|value| code(CodeSystem::Atc, value, value)).collect();
            (codes, vaccine)
        });
        Self { by_code, vaccines: vaccines.collect(), conditions, causes }
    }

    /// The code of a condition.
    pub(crate) fn of(&self, id: ConditionId) -> CodeId {
        self.conditions[id.index()]
    }

    /// The condition of a code, if the need table has it.
    pub(crate) fn condition(&self, code: CodeId) -> Option<ConditionId> {
        self.by_code.get(&code).copied()
    }

    /// The vaccines against a condition, with the codes of their doses.
    pub(crate) fn vaccines(&self, against: ConditionId) -> impl Iterator<Item = &(Vec<CodeId>, Vaccine)> {
        self.vaccines.iter().filter(move |(_, vaccine)| vaccine.against == against)
    }

    pub(crate) fn cause(&self, cause: CauseOfDeath) -> CodeId {
        match cause {
            CauseOfDeath::Condition(id) => self.causes[0][id.index()],
            CauseOfDeath::Other(index) => self.causes[1][index],
        }
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(parameters: &'a TwinParameters) -> Result<Self, TwinError> {
        let need = Need::england();
        let scale = need_scale(&need, parameters)?;
        let planted = planted_effect(&need, parameters)?;
        let overrides = parameters.scenario.pathway_parameters();
        let overrides = overrides.map(|(name, value)| (name.to_owned(), value)).collect();
        let mut program = Program::link(&parameters.pathways, &overrides, |_| {})?;
        let codes = NeedCodes::number(&need, &mut program.names);
        program.settle_codes();
        let key = |process: &str| StreamKey::new(parameters.seed, process);
        let module_name = |root: &u16| program.modules[usize::from(*root)].name.as_str();
        let keys = program.roots.iter().map(|root| key(module_name(root))).collect();
        Ok(Self {
            settlement: Settlement::new(
                parameters.seed,
                parameters.population,
                parameters.people_per_locality,
                parameters.start,
                parameters.end,
            ),
            streams: NeedStreams::new(parameters.seed, &need),
            mortality: Mortality::england_and_wales(&Population::england()).in_a_run(),
            keys: Keys {
                physiology: key("physiology"),
                smoking: key("smoking"),
                conduct: key("conduct"),
                household: key("household"),
                immunity: key("immunity"),
                planted: key("planted: household smoking"),
            },
            truth: TruthWriter::new(parameters.end.into(), &program),
            observer: observer(parameters)?,
            interpreter: Interpreter { program, calendar: Calendar::england(), keys },
            need,
            scale,
            codes,
            planted,
            parameters,
        })
    }

    /// Numbers the need table's codes, for those who describe what a run may write.
    pub(crate) fn add_names(names: &mut Names) {
        NeedCodes::number(&Need::england(), names);
    }

    /// The services of a locality.
    pub(crate) fn supply(&self, locality: &Locality) -> Supply {
        Supply::new(
            &self.parameters.supply,
            locality.residents.len() as u64,
            locality.practices.len() as u16,
            self.parameters.start.into(),
            self.parameters.seed,
            locality.number as u64,
        )
    }

    /// Writes down one person's journey.
    pub(crate) fn journey(&self, locality: &Locality, life: &Life) -> Journey {
        let patient = &life.patient;
        let end = self.parameters.end.into();
        let known = |at: Option<Moment>| at.filter(|at| *at < end).map(Moment::timestamp);
        let smoking = SmokingHistory {
            started: known(life.smoking.started),
            stopped: known(life.smoking.started.and(life.smoking.stopped)),
        };
        let death = patient.death.filter(|death| *death < end);
        let person = self.settlement.person(locality, life.resident as usize, death, smoking);
        let truth = self.truth.timeline(&person, patient, &hospital_code(locality.number));
        let observation = match &self.observer {
            Some(observer) => observer.observe(&Particulars::from(&person), &truth),
            None => Observation {
                gp_record: Timeline::from_unordered(person.subject_id, Vec::new()).expect("nothing to order"),
                misfiled: Vec::new(),
                recorded: Book::default(),
                ledger: Vec::new(),
            },
        };
        let Observation { gp_record, misfiled, recorded, ledger } = observation;
        Journey { person, truth, gp_record, misfiled, of_others: Vec::new(), recorded, ledger }
    }
}

/// The systems of record, if they are to be observed.
fn observer(parameters: &TwinParameters) -> Result<Option<Observer>, TwinError> {
    let Some(rates) = &parameters.systems else { return Ok(None) };
    let concepts = concepts(&parameters.pathways)?;
    Ok(Some(Observer::new(parameters, rates, &concepts)))
}

/// A fictitious hospital by locality. No organisation code of the NHS begins with `ZZ`.
fn hospital_code(locality: usize) -> String {
    format!("ZZH{locality:02}")
}

/// What the scenario plants. A ratio of 1 plants nothing.
fn planted_effect(need: &Need, parameters: &TwinParameters) -> Result<Option<PlantedEffect>, TwinError> {
    let Some(plant) = &parameters.scenario.plant.household_smoking else { return Ok(None) };
    let field = || ("scenario".to_owned(), "plant.household_smoking".to_owned(), "condition".to_owned());
    let Some(condition) = need.find(&plant.condition) else {
        let ((file, entry, field), name) = (field(), plant.condition.clone());
        return Err(NeedError::Unknown { file, entry, field, name, kind: "entry" }.into());
    };
    let of = need.condition(condition);
    if !of.is_long_term() || of.season.is_some() || of.infectious().is_some() {
        let ((file, entry, field), value) = (field(), plant.condition.clone());
        let permitted = "a long-term condition without a season that nobody passes on";
        return Err(NeedError::Value { file, entry, field, value, permitted }.into());
    }
    let added = plant.hazard_ratio - 1.0;
    Ok((added > 0.0).then_some(PlantedEffect { condition, added }))
}

/// What the scenario changes of need, its yearly waves one by one.
fn need_scale(need: &Need, parameters: &TwinParameters) -> Result<NeedScale, TwinError> {
    let scenario = &parameters.scenario;
    let mut waves = Vec::new();
    for wave in &scenario.need.waves {
        let Some(first) = wave.begins() else { continue };
        let last = if wave.yearly { parameters.end.year() } else { first.year() };
        for year in first.year()..=last {
            let start = twinloom_event::Timestamp::from_ymd(year, first.month(), first.day())
                .or_else(|_| twinloom_event::Timestamp::from_ymd(year, 3, 1));
            let Ok(start) = start else { continue };
            let (problem, peak_ratio) = (wave.problem.clone(), wave.peak_ratio);
            waves.push(Wave { problem, start, days: wave.days.round() as u32, peak_ratio });
        }
    }
    Ok(NeedScale::new(need, "scenario", &scenario.need.rates, &waves)?)
}
