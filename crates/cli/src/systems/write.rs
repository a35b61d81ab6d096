//! Writes the systems' tables and their truth as journeys come.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use twinloom_records::typed_table::{Cell, TableWriter};
use twinloom_twin::Journey;
use twinloom_twin::systems::{Artefact, ArtefactKind, Field, FieldValue, LedgerEntry, Particulars, System};

use super::layout::{self, FIRST_FIELD, ID, KIND, PATIENT, RECORDED};
use super::{LEDGER, PEOPLE, REGISTRATIONS, SYSTEMS};

/// Writes every table of a study's systems.
pub(crate) struct SystemsWriter {
    systems: Vec<SystemTable>,
    ledger: TableWriter,
    people: TableWriter,
    registrations: TableWriter,
}

struct SystemTable {
    table: TableWriter,
    /// The column of each field.
    places: [u8; Field::ALL.len()],
}

impl SystemsWriter {
    /// Makes the files in a study's folder.
    pub(crate) fn create(study: &Path) -> Result<Self> {
        for folder in [study.join(SYSTEMS), study.join("truth")] {
            fs::create_dir_all(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        }
        let systems = System::ALL.into_iter().map(|system| SystemTable::create(study, system));
        Ok(Self {
            systems: systems.collect::<Result<_>>()?,
            ledger: TableWriter::create(&study.join(LEDGER), &layout::LEDGER)?,
            people: TableWriter::create(&study.join(PEOPLE), &layout::PEOPLE)?,
            registrations: TableWriter::create(&study.join(REGISTRATIONS), &layout::REGISTRATIONS)?,
        })
    }

    /// Writes what the systems hold of one person.
    pub(crate) fn write(&mut self, journey: &Journey) -> Result<()> {
        let person = Particulars::from(&journey.person);
        let subject = person.subject as i64;
        self.person(&person)?;
        for artefact in journey.recorded.artefacts() {
            self.systems[artefact.heading.system as usize].write(&artefact)?;
            if artefact.heading.kind == ArtefactKind::Registration {
                self.registrations.row([
                    (0, Cell::Integer(subject)),
                    (1, Cell::Text(artefact.heading.system.as_str())),
                    (2, Cell::Integer(artefact.heading.patient)),
                ])?;
            }
        }
        for entry in &journey.ledger {
            self.entry(subject, entry)?;
        }
        Ok(())
    }

    fn person(&mut self, person: &Particulars) -> Result<()> {
        let mut letter = [0; 4];
        self.people.row([
            (0, Cell::Integer(person.subject as i64)),
            (1, Cell::Integer(person.nhs_number as i64)),
            (2, Cell::Text(&person.family_name)),
            (3, Cell::Text(&person.given_name)),
            (4, Cell::Text(&person.postcode)),
            (5, Cell::Text(person.sex.as_str())),
            (6, Cell::Time(person.birth.micros())),
            (7, person.death.map_or(Cell::Absent, |at| Cell::Time(at.micros()))),
            (8, Cell::Text(person.ethnicity.encode_utf8(&mut letter))),
            (9, Cell::Text(&person.practice)),
        ])?;
        Ok(())
    }

    fn entry(&mut self, subject: i64, entry: &LedgerEntry) -> Result<()> {
        let (truth, recorded) = (entry.truth.to_ledger_text(), entry.recorded.to_ledger_text());
        self.ledger.row([
            (0, Cell::Integer(subject)),
            (1, Cell::Text(entry.system.as_str())),
            (2, Cell::Integer(entry.artefact.get())),
            (3, Cell::Text(entry.artefact_kind.as_str())),
            (4, entry.field.map_or(Cell::Absent, |field| Cell::Text(field.as_str()))),
            (5, truth.as_deref().map_or(Cell::Absent, Cell::Text)),
            (6, recorded.as_deref().map_or(Cell::Absent, Cell::Text)),
            (7, Cell::Text(entry.kind.as_str())),
        ])?;
        Ok(())
    }

    /// Ends the files.
    pub(crate) fn finish(self) -> Result<()> {
        for system in self.systems {
            system.table.finish()?;
        }
        self.ledger.finish()?;
        self.people.finish()?;
        self.registrations.finish()?;
        Ok(())
    }
}

impl SystemTable {
    fn create(study: &Path, system: System) -> Result<Self> {
        let path = study.join(SYSTEMS).join(format!("{system}.parquet"));
        let mut places = [u8::MAX; Field::ALL.len()];
        for (column, field) in Field::of_system(system).enumerate() {
            places[field as usize] = (FIRST_FIELD + column) as u8;
        }
        Ok(Self { table: TableWriter::create(&path, &layout::columns(system))?, places })
    }

    fn write(&mut self, artefact: &Artefact<'_>) -> Result<()> {
        let heading = artefact.heading;
        let head = [
            (ID, Cell::Integer(heading.id.get())),
            (PATIENT, Cell::Integer(heading.patient)),
            (KIND, Cell::Text(heading.kind.as_str())),
            (RECORDED, Cell::Time(heading.recorded.micros())),
        ];
        let places = &self.places;
        let fields =
            artefact.fields().map(|(field, value)| (usize::from(places[field as usize]), cell(value)));
        self.table.row(head.into_iter().chain(fields))?;
        Ok(())
    }
}

fn cell(value: &FieldValue) -> Cell<'_> {
    match value {
        FieldValue::Absent => Cell::Absent,
        FieldValue::Time(at) => Cell::Time(at.micros()),
        FieldValue::Day(day) => Cell::Day(*day),
        FieldValue::Number(number) => Cell::Number(*number),
        FieldValue::Integer(number) => Cell::Integer(*number),
        FieldValue::Word(word) => Cell::Text(word),
        FieldValue::Text(text) => Cell::Text(text),
        FieldValue::Flag(flag) => Cell::Flag(*flag),
    }
}
