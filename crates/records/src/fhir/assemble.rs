//! Puts outcomes together, in input order: drops duplicates, finds subjects, feeds the sink.
//!
//! A subject, encounter or medicine that is referred to by another name than `Type/id` must be known
//! before the events can be made. Names met lately are held in memory; resources whose names are not
//! known yet wait in a temporary file until all input is read.

use std::io::{self, BufRead, BufReader};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use twinloom_event::{Artefact, Code, Concept, EncounterId, Link, RecordId, Source, SubjectId};

use super::draft::{EventContext, Kept, Outcome, Reference, Verdict};
use super::frame::Place;
use super::links::{Answer, Bearer, Links, Spot};
use super::options::ImportError;
use super::origin::{Origin, exact_location, location};
use super::recent::Recent;
use super::reference::{Target, key};
use super::seen::{Seen, SeenIds};
use super::spool::{Partitioned, Spool, put_u64};
use crate::{ImportReport, ProblemKind, Sink, subject_id_from_source};

/// Subjects and codes remembered as already given to the sink.
const GIVEN_HELD: usize = 2_000_000;
const NO_PATIENT: &str = "the subject's reference leads to no Patient in the input";
const UNRESOLVED: &str = "a reference to nothing in the input";

/// Receives outcomes in input order.
pub(crate) struct Assembler<'s> {
    sink: &'s mut dyn Sink,
    source: Source,
    report: ImportReport,
    files: Vec<Arc<str>>,
    seen: SeenIds,
    bearers: Recent,
    links: Links,
    waiting: Spool,
    subjects: Partitioned,
    subjects_given: FxHashSet<i64>,
    /// Codes given to the sink, and whether with a description.
    concepts_given: FxHashMap<u64, bool>,
    undescribed: FxHashMap<u64, Concept>,
}

/// A resource that waits for a name.
#[derive(Serialize, Deserialize)]
struct Waiting {
    file: u32,
    line: u64,
    entry: u64,
    by_line: bool,
    ordinal: u64,
    table: String,
    kept: Kept,
}

/// What a kept resource's references mean, as far as events need it.
struct Meaning {
    subject: Option<(SubjectId, String)>,
    encounter: Option<EncounterId>,
    code: Code,
}

impl<'s> Assembler<'s> {
    pub(crate) fn new(sink: &'s mut dyn Sink, source: Source) -> Self {
        Self {
            sink,
            source,
            report: ImportReport::new("fhir"),
            files: Vec::new(),
            seen: SeenIds::default(),
            bearers: Recent::default(),
            links: Links::default(),
            waiting: Spool::default(),
            subjects: Partitioned::default(),
            subjects_given: FxHashSet::default(),
            concepts_given: FxHashMap::default(),
            undescribed: FxHashMap::default(),
        }
    }

    /// Names the next file; origins count them from 0.
    pub(crate) fn name_file(&mut self, name: Arc<str>) {
        self.files.push(name);
    }

    /// Takes note of something that could not be read.
    pub(crate) fn refuse(&mut self, table: &str, reason: &str, origin: Origin) {
        let location = exact_location(&self.files, origin);
        self.report.skip(table, reason, || location);
    }

    /// Takes what became of a resource.
    ///
    /// # Errors
    /// When the sink or a temporary file refuses.
    pub(crate) fn take(&mut self, outcome: Outcome, mut origin: Origin) -> Result<(), ImportError> {
        if origin.place.entry == 0 {
            origin.place.entry = outcome.entry;
        }
        for concept in outcome.concepts {
            self.take_concept(concept)?;
        }
        let location = || location(&self.files, origin.file, origin.place);
        for (kind, reason) in outcome.notes {
            self.report.note(&outcome.table, kind, reason, location);
        }
        let kept = match outcome.verdict {
            Verdict::Kept(kept) => kept,
            Verdict::Skipped(reason) => {
                self.report.skip(&outcome.table, &reason, location);
                return Ok(());
            }
        };
        let id = key(&[kept.record_id.as_str()]);
        let seen = self.seen.insert(id, kept.content, kept.updated)?;
        if let Some(reason) = duplicate_reason(seen) {
            self.report.skip(&outcome.table, reason, location);
            // Another Bundle may know the same resource by another name.
            return Ok(self.announce(&kept)?);
        }
        let bearers = &self.bearers;
        match meaning(&kept, &mut |name| bearers.get(name)) {
            Ok(meaning) => self.keep(*kept, &meaning, &outcome.table, origin),
            Err(Missing::Names) => self.wait(*kept, outcome.table.into_owned(), origin),
            Err(Missing::Patient) => {
                self.report.skip(&outcome.table, NOT_A_PATIENT, location);
                Ok(())
            }
        }
    }

    /// Settles what waited, resolves the references and gives the report.
    ///
    /// # Errors
    /// When the sink or a temporary file refuses.
    pub(crate) fn finish(mut self) -> Result<ImportReport, ImportError> {
        self.settle_waiting()?;
        let mut undescribed: Vec<Concept> = self.undescribed.drain().map(|(_, concept)| concept).collect();
        undescribed.sort_by(|a, b| a.code.cmp(&b.code));
        for concept in undescribed {
            self.sink.concept(concept)?;
        }
        let Self { sink, mut report, files, links, mut subjects, seen, bearers, .. } = self;
        drop((seen, bearers));
        links.answer(|answer| answer_reference(sink, &mut report, &files, answer))?;
        report.subjects = count_distinct(&mut subjects)?;
        Ok(report)
    }

    fn wait(&mut self, kept: Kept, table: String, origin: Origin) -> Result<(), ImportError> {
        let Place { line, entry, by_line, .. } = origin.place;
        let waiting =
            Waiting { file: origin.file, line, entry, by_line, ordinal: origin.ordinal, table, kept };
        let mut text = serde_json::to_vec(&waiting).map_err(io::Error::from)?;
        text.push(b'\n');
        Ok(self.waiting.push(|buffer| buffer.extend_from_slice(&text))?)
    }

    fn settle_waiting(&mut self) -> Result<(), ImportError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut spool = std::mem::take(&mut self.waiting);
        let mut wanted = FxHashMap::default();
        each_waiting(&mut spool, |Waiting { kept, .. }| {
            for target in [&kept.subject, &kept.encounter, &kept.medication].into_iter().flatten() {
                wanted.entry(name_of(target)).or_insert(None);
            }
            Ok(())
        })?;
        self.links.find(&mut wanted)?;
        // Encounters wait too, and are announced only when they are kept.
        each_waiting(&mut spool, |Waiting { kept, .. }| {
            for name in kept.names.iter().filter(|_| kept.record_id.as_str().starts_with("Encounter/")) {
                if let Some(bearer @ None) = wanted.get_mut(name) {
                    *bearer = Some(Bearer { record: kept.record_id.to_string(), code: None });
                }
            }
            Ok(())
        })?;
        each_waiting(&mut spool, |waiting| self.settle(waiting, &wanted))
    }

    fn settle(
        &mut self,
        waiting: Waiting,
        wanted: &FxHashMap<u64, Option<Bearer>>,
    ) -> Result<(), ImportError> {
        let Waiting { file, line, entry, by_line, ordinal, table, mut kept } = waiting;
        let origin = Origin { file, place: Place { line, entry, by_line, offset: 0 }, ordinal };
        let find = |name| wanted.get(&name).and_then(Option::as_ref);
        // An encounter or medicine that is nowhere leaves the event without it; the reference is
        // counted as unresolved with the others.
        if kept.encounter.as_ref().is_some_and(|target| find(name_of(target)).is_none()) {
            kept.encounter = kept.encounter.filter(|target| matches!(target, Target::Literal(_)));
        }
        if kept.medication.as_ref().is_some_and(|target| find(name_of(target)).is_none()) {
            kept.medication = None;
        }
        let location = || location(&self.files, file, origin.place);
        match meaning(&kept, &mut find.clone()) {
            Ok(meaning) => self.keep(kept, &meaning, &table, origin),
            Err(Missing::Names) => {
                self.report.note(&table, ProblemKind::UnresolvedReference, UNRESOLVED, location);
                self.report.skip(&table, NO_PATIENT, location);
                Ok(())
            }
            Err(Missing::Patient) => {
                self.report.skip(&table, NOT_A_PATIENT, location);
                Ok(())
            }
        }
    }

    fn keep(
        &mut self,
        mut kept: Kept,
        meaning: &Meaning,
        table: &str,
        origin: Origin,
    ) -> Result<(), ImportError> {
        let record = kept.record_id.clone();
        self.announce(&kept)?;
        for reference in std::mem::take(&mut kept.references) {
            self.refer(&record, &reference, table, origin)?;
        }
        for entity in std::mem::take(&mut kept.entities) {
            if entity.record_id != record {
                self.place(entity.record_id.clone(), origin)?;
            }
            self.sink.entity(entity)?;
        }
        self.place(record.clone(), origin)?;
        let mut events = 0;
        if let Some((subject_id, source_id)) = &meaning.subject {
            self.give_subject(*subject_id, source_id)?;
            let context = EventContext {
                subject_id: *subject_id,
                encounter_id: meaning.encounter.as_ref(),
                record_id: &record,
                source: &self.source,
                code: &meaning.code,
                ordinal: origin.ordinal,
            };
            for draft in kept.drafts {
                self.sink.event(draft.into_event(&context))?;
                events += 1;
            }
        }
        self.report.keep(table, events);
        Ok(())
    }

    /// Tells the sink where a resource stood.
    fn place(&mut self, record_id: RecordId, origin: Origin) -> Result<(), ImportError> {
        let Some(file) = self.files.get(origin.file as usize) else {
            return Ok(());
        };
        let Place { line, entry, .. } = origin.place;
        Ok(self.sink.artefact(Artefact { record_id, file: Arc::clone(file), line, entry })?)
    }

    fn announce(&mut self, kept: &Kept) -> io::Result<()> {
        let record = kept.record_id.as_str();
        let code = kept.own_code.as_ref().map(Code::as_str);
        let identity = key(&[record]);
        self.links.announce(identity, record, code)?;
        for name in &kept.names {
            self.links.announce(*name, record, code)?;
        }
        let is_needed = record.starts_with("Patient/") || record.starts_with("Encounter/");
        if is_needed || kept.own_code.is_some() {
            let bearer = Arc::new(Bearer { record: record.to_owned(), code: code.map(str::to_owned) });
            for name in kept.names.iter().copied().chain([identity].into_iter().filter(|_| !is_needed)) {
                self.bearers.insert(name, &bearer);
            }
        }
        Ok(())
    }

    fn refer(
        &mut self,
        record: &RecordId,
        reference: &Reference,
        table: &str,
        origin: Origin,
    ) -> Result<(), ImportError> {
        let spot = Spot {
            file: origin.file,
            line: origin.place.line,
            entry_by_line: origin.place.entry << 1 | u64::from(origin.place.by_line),
        };
        let from = reference.from.as_deref().unwrap_or(record.as_str());
        let (name, settled) = match &reference.target {
            Target::Literal(literal) => (key(&[literal]), None),
            Target::Named(name) => (*name, None),
            Target::Contained(contained) => (0, Some(contained.as_str())),
            Target::Unusable(reason) => {
                let location = || location(&self.files, origin.file, origin.place);
                self.report.note(table, ProblemKind::UnresolvedReference, reason, location);
                return Ok(());
            }
        };
        Ok(self.links.refer(name, from, &reference.path, settled, spot)?)
    }

    fn give_subject(&mut self, subject_id: SubjectId, source_id: &str) -> Result<(), ImportError> {
        if self.subjects_given.len() >= GIVEN_HELD {
            self.subjects_given.clear();
        }
        if self.subjects_given.insert(subject_id.get()) {
            self.sink.subject(subject_id, source_id)?;
            let id = subject_id.get() as u64;
            self.subjects.push(key(&[source_id]), |buffer| put_u64(buffer, id))?;
        }
        Ok(())
    }

    fn take_concept(&mut self, concept: Concept) -> Result<(), ImportError> {
        if self.concepts_given.len() >= GIVEN_HELD {
            self.concepts_given.clear();
        }
        let code = key(&[concept.code.as_str()]);
        let described = concept.description.is_some();
        match self.concepts_given.get_mut(&code) {
            Some(given) if *given || !described => return Ok(()),
            Some(given) => *given = true,
            None => {
                self.concepts_given.insert(code, described);
            }
        }
        if described {
            self.undescribed.remove(&code);
            self.sink.concept(concept)?;
        } else if self.undescribed.len() < GIVEN_HELD {
            self.undescribed.insert(code, concept);
        }
        Ok(())
    }
}

const NOT_A_PATIENT: &str = "the subject is not a Patient";

fn each_waiting(
    spool: &mut Spool,
    mut take: impl FnMut(Waiting) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    for line in BufReader::new(spool.records()?.into_reader()).lines() {
        take(serde_json::from_str(&line?).map_err(io::Error::from)?)?;
    }
    Ok(())
}

fn duplicate_reason(seen: Seen) -> Option<&'static str> {
    match seen {
        Seen::New => None,
        Seen::Same => Some("duplicate: an id already read, with the same content"),
        Seen::Different { newer: true } => {
            Some("duplicate: an id already read, last updated later; the first was kept")
        }
        Seen::Different { newer: false } => {
            Some("duplicate: an id already read, with other content; the first was kept")
        }
    }
}

enum Missing {
    /// A name is not known yet.
    Names,
    /// The name is known and is not a Patient's.
    Patient,
}

fn name_of(target: &Target) -> u64 {
    match target {
        Target::Literal(text) | Target::Contained(text) => key(&[text]),
        Target::Named(name) => *name,
        Target::Unusable(_) => 0,
    }
}

fn meaning<'b>(kept: &Kept, find: &mut dyn FnMut(u64) -> Option<&'b Bearer>) -> Result<Meaning, Missing> {
    let subject = match &kept.subject {
        None => None,
        Some(Target::Literal(literal)) => Some(patient(literal)?),
        Some(target) => Some(patient(&find(name_of(target)).ok_or(Missing::Names)?.record)?),
    };
    let encounter = match &kept.encounter {
        None => None,
        Some(Target::Literal(literal)) => Some(literal.as_str()),
        Some(target) => Some(find(name_of(target)).ok_or(Missing::Names)?.record.as_str()),
    };
    let encounter = encounter.filter(|record| record.starts_with("Encounter/"));
    let code = match &kept.medication {
        None => None,
        Some(target) => find(name_of(target)).ok_or(Missing::Names)?.code.as_deref(),
    };
    Ok(Meaning {
        subject,
        encounter: encounter.and_then(|record| EncounterId::new(record).ok()),
        code: code.and_then(|code| Code::parse(code).ok()).unwrap_or_else(|| kept.fallback.clone()),
    })
}

fn patient(record: &str) -> Result<(SubjectId, String), Missing> {
    let source_id = record.strip_prefix("Patient/").ok_or(Missing::Patient)?;
    Ok((subject_id_from_source(source_id), source_id.to_owned()))
}

fn answer_reference(
    sink: &mut dyn Sink,
    report: &mut ImportReport,
    files: &[Arc<str>],
    answer: Answer,
) -> Result<(), ImportError> {
    let to = answer.to.and_then(|to| RecordId::new(to).ok());
    if let (Ok(from), Some(to)) = (RecordId::new(answer.from.as_str()), to) {
        return Ok(sink.link(Link { from, path: answer.path.into(), to })?);
    }
    let table = answer.from.split('/').next().unwrap_or_default();
    let place = Place {
        line: answer.spot.line,
        entry: answer.spot.entry_by_line >> 1,
        by_line: answer.spot.entry_by_line & 1 == 1,
        offset: 0,
    };
    report.note(table, ProblemKind::UnresolvedReference, UNRESOLVED, || {
        location(files, answer.spot.file, place)
    });
    Ok(())
}

fn count_distinct(subjects: &mut Partitioned) -> io::Result<u64> {
    let mut count = 0;
    for spool in subjects.spools() {
        let mut distinct = FxHashSet::default();
        let mut records = spool.records()?;
        while let Some(id) = records.start()? {
            distinct.insert(id);
        }
        count += distinct.len() as u64;
    }
    Ok(count)
}
