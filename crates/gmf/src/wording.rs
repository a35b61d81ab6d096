//! The words of a library's events, each known by a number before the first life begins.

use rustc_hash::FxHashMap;
use twinloom_event::{Code, EventKind};

use crate::ir::{Action, Class, Observation, Sex};
use crate::library::Library;
use crate::life::Kind;
use crate::names::{CodingId, StateId, TextId};
use crate::value::Value;

/// The key of no word.
pub const NO_WORD: u32 = u32::MAX;

/// What a state says of every event that it makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateWords {
    /// The state's module and name.
    pub(crate) name: u32,
    pub(crate) category: u32,
    pub(crate) reactions: u32,
    pub(crate) modality: u32,
    pub(crate) body_site: u32,
    /// Its first observation among [`Wording::parts`].
    first_part: u32,
    parts: u32,
}

/// What a state says of one of its observations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartWords {
    pub(crate) unit: u32,
    pub(crate) category: u32,
}

/// Every word that can stand in a library's events.
#[derive(Debug)]
pub struct Wording {
    /// Codes, then the library's texts, then the rest.
    words: Vec<Box<str>>,
    first_text: u32,
    states: Vec<StateWords>,
    parts: Vec<PartWords>,
    pub(crate) kinds: [u32; EventKind::ALL.len()],
    pub(crate) sexes: [u32; 2],
    pub(crate) races: Vec<u32>,
    pub(crate) ethnicities: [u32; 2],
    pub(crate) birth: u32,
    pub(crate) death: u32,
    flags: [u32; 2],
    /// By class: the code of an encounter without one, HL7's word and ours.
    classes: Vec<(Class, [u32; 3])>,
}

/// Words in the order of their first mention.
#[derive(Default)]
struct Collected {
    words: Vec<Box<str>>,
    places: FxHashMap<Box<str>, u32>,
}

impl Collected {
    fn push(&mut self, word: &str) {
        self.words.push(word.into());
    }

    fn add(&mut self, word: &str) -> u32 {
        if let Some(place) = self.places.get(word) {
            return *place;
        }
        let place = self.words.len() as u32;
        self.push(word);
        self.places.insert(word.into(), place);
        place
    }

    fn code(&mut self, system: &str, value: &str) -> u32 {
        Code::new(system, value).map_or(NO_WORD, |code| self.add(code.as_str()))
    }
}

impl Wording {
    /// The words of a library.
    pub fn new(library: &Library) -> Self {
        let mut all = Collected::default();
        let vocabulary = &library.vocabulary;
        vocabulary.codings.all().iter().for_each(|coding| all.push(coding.code.as_str()));
        let first_text = all.words.len() as u32;
        (0..vocabulary.texts.len()).for_each(|place| all.push(vocabulary.texts.get(place)));
        let mut parts = Vec::new();
        let states = library
            .states
            .iter()
            .map(|state| {
                let first_part = parts.len() as u32;
                let own: &[Observation] = match &state.action {
                    Action::Observation(observation) => std::slice::from_ref(&**observation),
                    Action::MultiObservation { parts, .. } | Action::Report { parts, .. } => parts,
                    _ => &[],
                };
                parts.extend(own.iter().map(|part| {
                    PartWords {
                        unit: part
                            .unit
                            .as_deref()
                            .filter(|unit| !unit.is_empty())
                            .map_or(NO_WORD, |unit| all.add(unit)),
                        category: part.category.as_deref().map_or(NO_WORD, |category| all.add(category)),
                    }
                }));
                let module = &library.module(state.module).path;
                let mut words = StateWords {
                    name: all.add(&format!("{module}//{}", library.text(state.name))),
                    category: NO_WORD,
                    reactions: NO_WORD,
                    modality: NO_WORD,
                    body_site: NO_WORD,
                    first_part,
                    parts: own.len() as u32,
                };
                words.describe(library, &state.action, &mut all);
                words
            })
            .collect();
        let texts = &library.host.texts;
        let races = texts.races.iter().map(|race| all.code("RACE", library.text(*race))).collect();
        let ethnicities = texts.ethnicities.map(|each| all.code("ETHNICITY", library.text(each)));
        let mut classes: Vec<(Class, [u32; 3])> = Vec::new();
        for (_, class) in Class::WORDS {
            if classes.iter().all(|(known, _)| *known != class) {
                let code = all.code("ENCOUNTER", class.word());
                classes.push((class, [code, all.add(class.act_code()), all.add(class.word())]));
            }
        }
        Self {
            first_text,
            states,
            parts,
            kinds: EventKind::ALL.map(|kind| all.add(kind.as_str())),
            sexes: [all.code("SEX", "female"), all.code("SEX", "male")],
            races,
            ethnicities,
            birth: all.add(Code::birth().as_str()),
            death: all.add(Code::death().as_str()),
            flags: [all.add("false"), all.add("true")],
            classes,
            words: all.words,
        }
    }

    /// The word of a key.
    ///
    /// # Panics
    /// When the key is none of this library's, which those of its own [`crate::Columns`] always are.
    pub fn word(&self, key: u32) -> &str {
        &self.words[key as usize]
    }

    pub(crate) fn state(&self, id: StateId) -> &StateWords {
        &self.states[id.index()]
    }

    pub(crate) fn part(&self, state: &StateWords, part: u16) -> Option<PartWords> {
        (u32::from(part) < state.parts).then(|| self.parts[state.first_part as usize + part as usize])
    }

    pub(crate) fn code(coding: CodingId) -> u32 {
        coding.0
    }

    pub(crate) fn sex(&self, sex: Sex) -> u32 {
        self.sexes[usize::from(sex != Sex::Female)]
    }

    /// The code of an encounter without one, HL7's word for its class, and ours.
    pub(crate) fn class(&self, class: Class) -> [u32; 3] {
        self.classes.iter().find(|(known, _)| *known == class).map_or([NO_WORD; 3], |(_, words)| *words)
    }

    /// A value that is no number.
    pub(crate) fn text_value(&self, value: Value) -> u32 {
        match value {
            Value::Boolean(flag) => self.flags[usize::from(flag)],
            Value::Text(TextId(text)) => self.first_text + text,
            Value::Code(coding) => Self::code(coding),
            _ => NO_WORD,
        }
    }

    pub(crate) fn kind(&self, kind: EventKind) -> u32 {
        self.kinds[kind as usize]
    }

    /// The sort of event that an entry is; none for one that nobody knows of yet.
    pub(crate) fn entry_kind(&self, kind: Kind) -> Option<u32> {
        Some(self.kind(match kind {
            Kind::Latent => return None,
            Kind::Condition => EventKind::Condition,
            Kind::Allergy => EventKind::Allergy,
            Kind::Medication | Kind::Administration => EventKind::Medication,
            Kind::CarePlan => EventKind::CarePlan,
            Kind::Procedure => EventKind::Procedure,
            Kind::Device | Kind::Supply => EventKind::Device,
            Kind::Observation | Kind::MultiObservation => EventKind::Observation,
            Kind::Report | Kind::ImagingStudy => EventKind::Document,
            Kind::Immunisation => EventKind::Immunisation,
        }))
    }
}

impl StateWords {
    fn describe(&mut self, library: &Library, action: &Action, all: &mut Collected) {
        match action {
            Action::Onset(onset) => {
                self.category = onset.category.as_deref().map_or(NO_WORD, |category| all.add(category));
                if !onset.reactions.is_empty() {
                    let codes: Vec<&str> = onset
                        .reactions
                        .iter()
                        .map(|reaction| library.vocabulary.codings.get(*reaction).code.as_str())
                        .collect();
                    self.reactions = all.add(&codes.join(" "));
                }
            }
            Action::MultiObservation { category, .. } => {
                self.category = category.as_deref().map_or(NO_WORD, |category| all.add(category));
            }
            Action::ImagingStudy(study) => {
                if let Some(series) = study.series.first() {
                    self.modality = series.modality.map_or(NO_WORD, Wording::code);
                    self.body_site = series.body_site.map_or(NO_WORD, Wording::code);
                }
            }
            _ => {}
        }
    }
}
