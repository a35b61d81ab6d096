//! One person's artefacts in all systems, kept flat so that making them allocates little.

use std::fmt;

use twinloom_event::Timestamp;

use super::field::{Field, FieldValue};
use super::system::{ArtefactKind, System};

/// Bits of an artefact's id that number it within its person.
const NUMBER_BITS: u32 = 20;

/// The id of an artefact: the subject's number and the artefact's number within the subject.
///
/// # Limits
/// It names the subject, as does the order of rows: a study of record linkage must read neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArtefactId(i64);

impl ArtefactId {
    /// The artefact `number` of a subject; numbers beyond 2^20 share the last.
    pub fn new(subject: u64, number: u32) -> Self {
        let number = u64::from(number).min((1 << NUMBER_BITS) - 1);
        Self(((subject << NUMBER_BITS) | number) as i64)
    }

    /// As files hold it.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The inverse of [`ArtefactId::get`].
    pub const fn from_file(id: i64) -> Self {
        Self(id)
    }

    /// The subject's number.
    pub const fn subject(self) -> u64 {
        (self.0 as u64) >> NUMBER_BITS
    }
}

impl fmt::Display for ArtefactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What stands at the head of every artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Who keeps it.
    pub system: System,
    /// Its sort.
    pub kind: ArtefactKind,
    /// Its id.
    pub id: ArtefactId,
    /// Whose it is, by the system's own number.
    pub patient: i64,
    /// When the system came to hold it, by its own clock.
    pub recorded: Timestamp,
    /// Place in the truth of the event that it tells of; not part of the record.
    pub(crate) origin: u32,
    /// Whether the practice learnt of it by letter; not part of the record.
    pub(crate) by_letter: bool,
    /// Whether it is part of the artefact before it; not part of the record.
    pub(crate) joined: bool,
    /// The artefact of which this is a copy, or its own number; not part of the record.
    copy_of: u32,
    first: u32,
    count: u8,
    removed: bool,
}

/// An artefact as a reader sees it.
#[derive(Clone, Copy)]
pub struct Artefact<'b> {
    /// System, kind, id, patient, recorded time.
    pub heading: &'b Heading,
    fields: &'b [(Field, FieldValue)],
}

impl<'b> Artefact<'b> {
    /// What stands in a field.
    pub fn get(&self, field: Field) -> &'b FieldValue {
        static ABSENT: FieldValue = FieldValue::Absent;
        self.fields.iter().find(|(own, _)| *own == field).map_or(&ABSENT, |(_, value)| value)
    }

    /// The fields in which something stands, in the order of [`Field::ALL`].
    pub fn fields(&self) -> impl Iterator<Item = (Field, &'b FieldValue)> {
        self.fields.iter().filter(|(_, value)| !value.is_absent()).map(|(field, value)| (*field, value))
    }
}

impl PartialEq for Artefact<'_> {
    fn eq(&self, other: &Self) -> bool {
        let head = |artefact: &Self| {
            let own = artefact.heading;
            (own.system, own.kind, own.id, own.patient, own.recorded)
        };
        head(self) == head(other) && self.fields().eq(other.fields())
    }
}

impl fmt::Debug for Artefact<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.heading;
        write!(formatter, "{}/{} {} of {} at {}: ", own.system, own.kind, own.id, own.patient, own.recorded)?;
        formatter.debug_map().entries(self.fields()).finish()
    }
}

/// One person's artefacts.
#[derive(Clone, Debug, Default)]
pub struct Book {
    headings: Vec<Heading>,
    fields: Vec<(Field, FieldValue)>,
}

impl Book {
    pub(crate) fn with_capacity(artefacts: usize) -> Self {
        Self { headings: Vec::with_capacity(artefacts), fields: Vec::with_capacity(artefacts * 6) }
    }

    /// The artefacts in order of their ids.
    pub fn artefacts(&self) -> impl Iterator<Item = Artefact<'_>> {
        self.headings.iter().filter(|heading| !heading.removed).map(|heading| self.artefact(heading))
    }

    /// Number of artefacts.
    pub fn len(&self) -> usize {
        self.headings.iter().filter(|heading| !heading.removed).count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn artefact<'b>(&'b self, heading: &'b Heading) -> Artefact<'b> {
        let first = heading.first as usize;
        Artefact { heading, fields: &self.fields[first..first + usize::from(heading.count)] }
    }

    /// The artefact at a place, removed or not.
    pub(crate) fn at(&self, place: usize) -> Artefact<'_> {
        self.artefact(&self.headings[place])
    }

    /// Places ever used, those of removed artefacts included.
    pub(crate) fn places(&self) -> usize {
        self.headings.len()
    }

    /// Whether an artefact was copied from another.
    pub(crate) fn is_copy(&self, heading: &Heading) -> bool {
        self.place_of(heading.id).is_some_and(|place| place != heading.copy_of as usize)
    }

    pub(crate) fn is_removed(&self, place: usize) -> bool {
        self.headings[place].removed
    }

    /// The place of an artefact; ids ascend.
    pub(crate) fn place_of(&self, id: ArtefactId) -> Option<usize> {
        self.headings.binary_search_by_key(&id, |heading| heading.id).ok()
    }

    /// Opens an artefact; fields are added by [`Book::set_last`] in the order of [`Field::ALL`].
    pub(crate) fn open(&mut self, entry: Entry) -> ArtefactId {
        let id = ArtefactId::new(entry.subject, self.headings.len() as u32);
        self.headings.push(Heading {
            system: entry.system,
            kind: entry.kind,
            id,
            patient: entry.patient,
            recorded: entry.recorded,
            origin: entry.origin,
            by_letter: entry.by_letter,
            joined: false,
            copy_of: self.headings.len() as u32,
            first: self.fields.len() as u32,
            count: 0,
            removed: false,
        });
        id
    }

    /// Adds a field to the artefact opened last; nothing is added for an absent value.
    pub(crate) fn set_last(&mut self, field: Field, value: FieldValue) {
        if value.is_absent() {
            return;
        }
        if let Some(heading) = self.headings.last_mut() {
            debug_assert!(
                heading.count == 0 || self.fields.last().is_none_or(|(last, _)| *last < field),
                "{field} out of order in {}",
                heading.kind
            );
            self.fields.push((field, value));
            heading.count += 1;
        }
    }

    /// Marks the artefact opened last as part of the one before it.
    pub(crate) fn join_last(&mut self) {
        if let Some(heading) = self.headings.last_mut() {
            heading.joined = true;
        }
    }

    /// Dates each system's registration at the first that it recorded of the person.
    pub(crate) fn date_registrations(&mut self) {
        let mut first = [None::<Timestamp>; System::COUNT];
        for heading in &self.headings {
            let own = &mut first[heading.system as usize];
            *own = Some(own.map_or(heading.recorded, |at| at.min(heading.recorded)));
        }
        for heading in &mut self.headings {
            if let (ArtefactKind::Registration, Some(at)) = (heading.kind, first[heading.system as usize]) {
                heading.recorded = at;
            }
        }
    }

    /// What stands in a field, the heading's own two included.
    pub(crate) fn value(&self, place: usize, field: Field) -> FieldValue {
        let heading = &self.headings[place];
        match field {
            Field::Patient => FieldValue::Integer(heading.patient),
            Field::Recorded => FieldValue::Time(heading.recorded),
            field => self.artefact(heading).get(field).clone(),
        }
    }

    /// Puts a value into a field, the heading's own two included.
    pub(crate) fn set(&mut self, place: usize, field: Field, value: FieldValue) {
        let heading = &mut self.headings[place];
        match (field, &value) {
            (Field::Patient, FieldValue::Integer(patient)) => heading.patient = *patient,
            (Field::Recorded, FieldValue::Time(at)) => heading.recorded = *at,
            (Field::Patient | Field::Recorded, _) => {}
            _ => {
                let first = heading.first as usize;
                let own = first..first + usize::from(heading.count);
                match self.fields[own.clone()].iter_mut().find(|(known, _)| *known == field) {
                    Some((_, held)) => *held = value,
                    None if value.is_absent() => {}
                    None => {
                        // The artefact moves to the end, where there is room for one more.
                        heading.first = self.fields.len() as u32;
                        heading.count += 1;
                        let mut moved: Vec<_> = self.fields[own].to_vec();
                        let place = moved.partition_point(|(known, _)| *known < field);
                        moved.insert(place, (field, value));
                        self.fields.append(&mut moved);
                    }
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, place: usize) {
        self.headings[place].removed = true;
    }

    /// Copies an artefact under a new id at the end.
    pub(crate) fn copy(&mut self, place: usize) -> usize {
        let mut heading = self.headings[place];
        let own = heading.first as usize..heading.first as usize + usize::from(heading.count);
        heading.first = self.fields.len() as u32;
        heading.id = ArtefactId::new(heading.id.subject(), self.headings.len() as u32);
        heading.removed = false;
        self.fields.extend_from_within(own);
        self.headings.push(heading);
        self.headings.len() - 1
    }

    /// Takes an artefact as read from files; ids must ascend.
    pub fn push_read(
        &mut self,
        system: System,
        kind: ArtefactKind,
        id: ArtefactId,
        patient: i64,
        recorded: Timestamp,
        mut fields: Vec<(Field, FieldValue)>,
    ) {
        fields.retain(|(_, value)| !value.is_absent());
        fields.sort_unstable_by_key(|(field, _)| *field);
        self.headings.push(Heading {
            system,
            kind,
            id,
            patient,
            recorded,
            origin: 0,
            by_letter: false,
            joined: false,
            copy_of: self.headings.len() as u32,
            first: self.fields.len() as u32,
            count: fields.len() as u8,
            removed: false,
        });
        self.fields.append(&mut fields);
    }
}

impl PartialEq for Book {
    fn eq(&self, other: &Self) -> bool {
        self.artefacts().eq(other.artefacts())
    }
}

/// What opens an artefact.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) subject: u64,
    pub(crate) system: System,
    pub(crate) kind: ArtefactKind,
    pub(crate) patient: i64,
    pub(crate) recorded: Timestamp,
    pub(crate) origin: u32,
    pub(crate) by_letter: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_fields_are_set_added_and_copied() {
        let at = Timestamp::from_ymd(2020, 1, 1).unwrap();
        let mut book = Book::default();
        for kind in [ArtefactKind::Value, ArtefactKind::Problem] {
            book.open(Entry {
                subject: 5,
                system: System::GeneralPractice,
                kind,
                patient: 1,
                recorded: at,
                origin: 0,
                by_letter: false,
            });
            book.set_last(Field::Code, FieldValue::Word("a"));
            book.set_last(Field::Value, FieldValue::Number(1.0));
        }
        let before = book.clone();
        book.set(0, Field::FreeText, FieldValue::Word("words"));
        assert_eq!(
            book.at(0).fields().map(|(field, _)| field).collect::<Vec<_>>(),
            [Field::Code, Field::FreeText, Field::Value]
        );
        assert_ne!(book, before);
        book.set(0, Field::FreeText, FieldValue::Absent);
        assert_eq!(book, before);
        let copy = book.copy(1);
        assert_eq!((book.len(), book.at(copy).heading.id), (3, ArtefactId::new(5, 2)));
        book.remove(copy);
        assert_eq!(book, before);
        assert_eq!(ArtefactId::new(909_091, 77).subject(), 909_091);
    }
}
