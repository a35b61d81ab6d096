//! Reads the systems' tables and their truth back.

use std::path::Path;

use anyhow::{Result, anyhow};
use twinloom_event::Timestamp;
use twinloom_records::typed_table::{Cell, TableReader};
use twinloom_twin::systems::{ArtefactId, ArtefactKind, Field, FieldValue, LedgerEntry, System};
use twinloom_twin::systems::{Book, FieldType, Particulars};

use super::layout::{self, KIND};
use super::{LEDGER, SYSTEMS};
use crate::failure::BadInput;

/// Refuses a study that lacks a system's table, the ledger or the people: every run of the twin writes them.
pub(crate) fn require(study: &Path) -> Result<()> {
    let tables = System::ALL.into_iter().map(|system| study.join(SYSTEMS).join(format!("{system}.parquet")));
    let missing =
        tables.chain([LEDGER, super::PEOPLE].map(|name| study.join(name))).find(|path| !path.is_file());
    match missing {
        Some(path) => Err(BadInput::new(format!("{} is missing, so the study is not whole", path.display()))
            .hint("make the study again with `twinloom twin run --study DIR`")
            .into()),
        None => Ok(()),
    }
}

/// Rows of each kind in one system's table.
pub(crate) type SystemCounts = [u64; ArtefactKind::COUNT];

/// Counts the artefacts of a system by kind.
pub(crate) fn system_counts(study: &Path, system: System) -> Result<SystemCounts> {
    let path = study.join(SYSTEMS).join(format!("{system}.parquet"));
    let columns = [layout::columns(system)[KIND]];
    let mut counts = SystemCounts::default();
    rows(&path, &columns, |cells| {
        counts[word(cells[0])?.parse::<ArtefactKind>()? as usize] += 1;
        Ok(())
    })?;
    Ok(counts)
}

/// Hands over the ledger's entries in order, each with its subject's number.
pub(crate) fn each_ledger_entry(
    study: &Path,
    mut take: impl FnMut(u64, LedgerEntry) -> Result<()>,
) -> Result<()> {
    rows(&study.join(LEDGER), &layout::LEDGER, |cells| {
        let field = optional_word(cells[4])?.map(str::parse::<Field>).transpose()?;
        // Without a field, a value is the id of an artefact.
        let field_type = field.map_or(twinloom_twin::systems::FieldType::Integer, Field::field_type);
        let value = |cell| -> Result<FieldValue> {
            optional_word(cell)?.map_or(Ok(FieldValue::Absent), |text| {
                FieldValue::from_ledger_text(field_type, text)
                    .ok_or_else(|| anyhow!("a value of the ledger is of another type than its field"))
            })
        };
        let entry = LedgerEntry {
            system: word(cells[1])?.parse()?,
            artefact: ArtefactId::from_file(integer(cells[2])?),
            artefact_kind: word(cells[3])?.parse()?,
            field,
            truth: value(cells[5])?,
            recorded: value(cells[6])?,
            kind: word(cells[7])?.parse()?,
        };
        take(integer(cells[0])? as u64, entry)
    })
}

/// The people of a study, in order of their numbers.
pub(crate) fn people(study: &Path) -> Result<Vec<Particulars>> {
    let mut people = Vec::new();
    rows(&study.join(super::PEOPLE), &layout::PEOPLE, |cells| {
        people.push(Particulars {
            subject: integer(cells[0])? as u64,
            nhs_number: integer(cells[1])? as u64,
            family_name: word(cells[2])?.into(),
            given_name: word(cells[3])?.into(),
            postcode: word(cells[4])?.into(),
            sex: if word(cells[5])? == "female" {
                twinloom_twin::Sex::Female
            } else {
                twinloom_twin::Sex::Male
            },
            birth: time(cells[6])?,
            death: if cells[7] == Cell::Absent { None } else { Some(time(cells[7])?) },
            ethnicity: word(cells[8])?.chars().next().unwrap_or('Z'),
            practice: word(cells[9])?.into(),
        });
        Ok(())
    })?;
    Ok(people)
}

/// What all systems hold, person by person, in order of the people's numbers. All of it in memory.
#[cfg(test)]
pub(crate) fn books(study: &Path) -> Result<std::collections::BTreeMap<u64, Book>> {
    books_up_to(study, u64::MAX)
}

/// The same of the people up to a number only, so that memory is bounded.
pub(crate) fn books_up_to(study: &Path, last: u64) -> Result<std::collections::BTreeMap<u64, Book>> {
    type Row = (System, ArtefactKind, i64, Timestamp, Vec<(Field, FieldValue)>);
    let mut found = std::collections::BTreeMap::<ArtefactId, Row>::new();
    for system in System::ALL {
        let path = study.join(SYSTEMS).join(format!("{system}.parquet"));
        rows(&path, &layout::columns(system), |cells| {
            let id = ArtefactId::from_file(integer(cells[layout::ID])?);
            if id.subject() > last {
                return Ok(());
            }
            let fields = Field::of_system(system)
                .zip(&cells[layout::FIRST_FIELD..])
                .map(|(field, cell)| Ok((field, field_value(*cell, field.field_type())?)))
                .collect::<Result<Vec<_>>>()?;
            let head = (system, word(cells[KIND])?.parse()?, integer(cells[layout::PATIENT])?);
            let recorded = time(cells[layout::RECORDED])?;
            found.insert(id, (head.0, head.1, head.2, recorded, fields));
            Ok(())
        })?;
    }
    let mut books = std::collections::BTreeMap::<u64, Book>::new();
    for (id, (system, kind, patient, recorded, fields)) in found {
        books.entry(id.subject()).or_default().push_read(system, kind, id, patient, recorded, fields);
    }
    Ok(books)
}

fn field_value(cell: Cell<'_>, field_type: FieldType) -> Result<FieldValue> {
    Ok(match (cell, field_type) {
        (Cell::Absent, _) => FieldValue::Absent,
        (Cell::Time(_), FieldType::Time) => FieldValue::Time(time(cell)?),
        (Cell::Day(day), FieldType::Day) => FieldValue::Day(day),
        (Cell::Number(number), FieldType::Number) => FieldValue::Number(number),
        (Cell::Integer(number), FieldType::Integer) => FieldValue::Integer(number),
        (Cell::Text(text), FieldType::Text) => FieldValue::Text(text.into()),
        (Cell::Flag(flag), FieldType::Flag) => FieldValue::Flag(flag),
        _ => return Err(anyhow!("a field of a system's table is of another type")),
    })
}

/// Hands over a table's rows; what `take` refuses ends the reading.
///
/// A table that can't be read is the study's fault, hence the user's to mend.
fn rows(
    path: &Path,
    columns: &[twinloom_records::typed_table::Column],
    take: impl FnMut(&[Cell<'_>]) -> Result<()>,
) -> Result<()> {
    read_rows(path, columns, take).map_err(|error| {
        BadInput::new(format!("{} can't be read: {error:#}", path.display()))
            .hint("make the study again with `twinloom twin run --study DIR`")
            .into()
    })
}

fn read_rows(
    path: &Path,
    columns: &[twinloom_records::typed_table::Column],
    mut take: impl FnMut(&[Cell<'_>]) -> Result<()>,
) -> Result<()> {
    let mut outcome = Ok(());
    TableReader::open(path, columns)?.for_each(|cells| {
        if outcome.is_ok() {
            outcome = take(cells);
        }
    })?;
    outcome
}

fn word(cell: Cell<'_>) -> Result<&str> {
    optional_word(cell)?.ok_or_else(|| anyhow!("a word is missing in a system's table"))
}

fn optional_word(cell: Cell<'_>) -> Result<Option<&str>> {
    match cell {
        Cell::Text(text) => Ok(Some(text)),
        Cell::Absent => Ok(None),
        _ => Err(anyhow!("a column of a system's table holds no text")),
    }
}

fn integer(cell: Cell<'_>) -> Result<i64> {
    match cell {
        Cell::Integer(number) => Ok(number),
        _ => Err(anyhow!("a column of a system's table holds no whole number")),
    }
}

fn time(cell: Cell<'_>) -> Result<Timestamp> {
    match cell {
        Cell::Time(micros) => Ok(Timestamp::from_micros(micros)?),
        _ => Err(anyhow!("a column of a system's table holds no time")),
    }
}
