//! All that a run shares between people.

use twinloom_event::{Code, Event, EventKind, Source, SubjectId, Timeline};

use crate::identity::NameBook;
use crate::journey::Journey;
use crate::parameters::TwinParameters;
use crate::person::{Ethnicity, Person, Practice, Sex, SmokingHistory};
use crate::stream::StreamKey;

pub(crate) struct World<'a> {
    parameters: &'a TwinParameters,
    names: NameBook,
    demography: StreamKey,
    identity: StreamKey,
}

impl<'a> World<'a> {
    pub(crate) fn new(parameters: &'a TwinParameters) -> Self {
        Self {
            parameters,
            names: NameBook::embedded(),
            demography: StreamKey::new(parameters.seed, "demography"),
            identity: StreamKey::new(parameters.seed, "identity"),
        }
    }

    pub(crate) fn journey(&self, subject: u64) -> Journey {
        let mut stream = self.demography.open(subject);
        let sex = if stream.chance(0.5) { Sex::Female } else { Sex::Male };
        let age_years = 90.0 * stream.uniform();
        let birth = self.parameters.start.plus_days(-age_years * 365.25).unwrap_or(self.parameters.start);
        let identity = self.names.identity(
            self.parameters.seed,
            subject,
            birth.year(),
            sex,
            &mut self.identity.open(subject),
        );
        let subject_id = SubjectId::new(subject as i64);
        let person = Person {
            subject_id,
            identity,
            practice: Practice { ods_code: "Y99001".to_owned(), name: "Alder Row Surgery".to_owned() },
            sex,
            birth,
            death: None,
            ethnicity: Ethnicity::ALL[stream.below(19)],
            imd_decile: 1 + stream.below(10) as u8,
            smoking: SmokingHistory::default(),
        };
        let timeline = |source: &str| {
            let source = Source::new(source).expect("not empty");
            let demographic = |code| {
                Event::new(subject_id, None, code)
                    .with_kind(EventKind::Demographic)
                    .with_source(source.clone())
            };
            let events = vec![
                demographic(person.sex.code()),
                demographic(person.ethnicity.code()),
                Event::new(subject_id, Some(birth), Code::birth())
                    .with_kind(EventKind::Birth)
                    .with_source(source.clone()),
            ];
            Timeline::from_unordered(subject_id, events).expect("three events of one subject")
        };
        Journey { truth: timeline("truth"), gp_record: timeline("gp"), person }
    }
}
