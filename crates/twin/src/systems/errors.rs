//! Departures from what a perfect recorder would write, each entered into the ledger.

use twinloom_event::{Event, Timestamp};

use super::book::Book;
use super::draws::{Draws, SubjectKeys, identity};
use super::field::{Field, FieldValue};
use super::keying::{mis_keyed, mistaken_birth_date};
use super::ledger::LedgerEntry;
use super::observer::Observer;
use super::subject::Particulars;
use super::system::{ArtefactKind, ErrorKind, System};
use super::terms::confused_unit;
use crate::misfiling::MISFILED_WITHIN;

/// Mean days after which something is written a second time.
const SECOND_ENTRY_DAYS: f64 = 3.0;
/// Share of letters' contents that is not typed at all, among those typed wrongly.
const NOT_TYPED: f64 = 0.6;
/// Share of a person's artefacts that stand under their second registration, once there is one.
const UNDER_SECOND: f64 = 0.5;
/// Tells the draws of details from those of whether an error happens.
const DETAILS: u64 = 1 << 40;

/// The errors of every kind of artefact with a rate above 0.
#[derive(Debug)]
pub(crate) struct ErrorModel {
    active: Vec<Vec<(ErrorKind, f64)>>,
}

impl ErrorModel {
    pub(crate) fn new(rates: &super::rates::SystemRates) -> Self {
        let mut active = Vec::with_capacity(System::COUNT * ArtefactKind::COUNT);
        for system in System::ALL {
            for kind in ArtefactKind::ALL {
                let own = rates.rates(system, kind);
                let of_kind = ErrorKind::ALL.into_iter().map(|error| (error, own[error as usize]));
                active.push(of_kind.filter(|(_, rate)| *rate > 0.0).collect());
            }
        }
        Self { active }
    }

    fn of(&self, system: System, kind: ArtefactKind) -> &[(ErrorKind, f64)] {
        &self.active[system as usize * ArtefactKind::COUNT + kind as usize]
    }
}

/// Makes a person's errors: changes the book in place and returns the ledger.
pub(super) fn make(
    observer: &Observer,
    person: &Particulars,
    truth: &[Event],
    book: &mut Book,
) -> Vec<LedgerEntry> {
    let mut clerk = Clerk {
        observer,
        person,
        book,
        ledger: Vec::new(),
        second: [None; System::COUNT],
        details: Draws::default(),
    };
    let mut keys = observer.errors.of_subject(person.subject);
    let mut of_group = Draws::default();
    for place in 0..clerk.book.places() {
        let heading = *clerk.book.at(place).heading;
        let active = observer.error_model.of(heading.system, heading.kind);
        if active.is_empty() && clerk.second[heading.system as usize].is_none() {
            continue;
        }
        let draws = clerk.draws(&mut keys, truth, place);
        if !heading.joined {
            of_group = draws.clone();
        }
        clerk.move_to_second(place, &draws);
        let mut happen = [false; ErrorKind::COUNT];
        for (error, rate) in active {
            // What befalls an artefact as a whole befalls all its parts.
            let own = if error.is_of_whole() { &of_group } else { &draws };
            happen[*error as usize] = own.uniform_at(*error as u64) < *rate;
        }
        if happen.contains(&true) {
            clerk.details = if heading.joined { of_group.clone() } else { draws.clone() }.forked(DETAILS);
            clerk.err(place, &happen);
        }
    }
    clerk.ledger
}

impl ErrorKind {
    /// Whether it concerns an artefact as a whole, its parts included.
    const fn is_of_whole(self) -> bool {
        matches!(
            self,
            Self::Missing
                | Self::Late
                | Self::Duplicated
                | Self::WrongPatient
                | Self::FreeTextOnly
                | Self::TruncatedTime
        )
    }
}

/// Who makes the errors of one person's book.
struct Clerk<'a> {
    observer: &'a Observer,
    person: &'a Particulars,
    book: &'a mut Book,
    ledger: Vec<LedgerEntry>,
    /// Since when a system holds a second registration, and its number.
    second: [Option<(Timestamp, i64)>; System::COUNT],
    details: Draws,
}

impl Clerk<'_> {
    fn draws(&self, keys: &mut SubjectKeys<'_>, truth: &[Event], place: usize) -> Draws {
        let artefact = self.book.at(place);
        let heading = artefact.heading;
        let event = truth.get(heading.origin as usize).map_or(0, identity);
        let number = match heading.kind {
            ArtefactKind::Issue | ArtefactKind::Prescription => artefact.get(Field::IssueNumber).as_integer(),
            ArtefactKind::Dispensing => artefact.get(Field::Started).as_time().map(Timestamp::micros),
            _ => None,
        };
        keys.draws(heading.system, event, number.unwrap_or(0) as u64 ^ ((heading.kind as u64) << 56))
    }

    fn err(&mut self, place: usize, happen: &[bool; ErrorKind::COUNT]) {
        let happens = |error: ErrorKind| happen[error as usize];
        if happens(ErrorKind::Missing) {
            self.lose(place, ErrorKind::Missing);
            return;
        }
        if happens(ErrorKind::Transcription) && !self.transcribe(place) {
            return;
        }
        if happens(ErrorKind::FreeTextOnly) {
            self.drop_code(place);
        }
        if happens(ErrorKind::UncodedDiagnosis) {
            self.change(place, Field::Diagnosis1, FieldValue::Absent, ErrorKind::UncodedDiagnosis);
        }
        if happens(ErrorKind::UntracedNumber) && !self.book.value(place, Field::NhsNumber).is_absent() {
            self.change(place, Field::NhsNumber, FieldValue::Absent, ErrorKind::UntracedNumber);
            let status = FieldValue::Word(super::faithful::TRACE_REQUIRED);
            self.change(place, Field::NhsNumberStatus, status, ErrorKind::UntracedNumber);
        }
        if happens(ErrorKind::WrongCode) {
            self.take_neighbour(place, ErrorKind::WrongCode);
        }
        if happens(ErrorKind::MisKeyed) {
            self.mis_key(place);
        }
        if happens(ErrorKind::WrongUnit)
            && let Some(unit) = self.book.value(place, Field::Unit).as_text().and_then(confused_unit)
        {
            self.change(place, Field::Unit, FieldValue::Word(unit), ErrorKind::WrongUnit);
        }
        if happens(ErrorKind::TruncatedTime) {
            self.truncate(place);
        }
        if happens(ErrorKind::ConflictingSex) {
            let system = self.book.at(place).heading.system;
            let other = super::faithful::sex_word(system, self.person.sex.other());
            self.change(place, Field::Sex, FieldValue::Word(other), ErrorKind::ConflictingSex);
        }
        if happens(ErrorKind::ConflictingBirthDate)
            && let FieldValue::Day(day) = self.book.value(place, Field::DateOfBirth)
        {
            let day = mistaken_birth_date(day, self.details.uniform());
            self.change(place, Field::DateOfBirth, FieldValue::Day(day), ErrorKind::ConflictingBirthDate);
        }
        if happens(ErrorKind::MissingEthnicity) {
            let not_stated = match self.book.at(place).heading.system {
                System::GeneralPractice => FieldValue::Absent,
                _ => FieldValue::Word("Z"),
            };
            self.change(place, Field::Ethnicity, not_stated, ErrorKind::MissingEthnicity);
        }
        if happens(ErrorKind::StaleMedication) {
            self.leave_on_list(place);
        }
        if happens(ErrorKind::Late) && !self.delay(place) {
            return;
        }
        if happens(ErrorKind::WrongPatient)
            && let Some(other) = self.neighbouring_subject()
        {
            let system = self.book.at(place).heading.system;
            let number = self.observer.registers.number(system, other, 0);
            self.change(place, Field::Patient, FieldValue::Integer(number), ErrorKind::WrongPatient);
        }
        if happens(ErrorKind::Duplicated) {
            self.duplicate(place);
        }
        if happens(ErrorKind::SecondRegistration) {
            self.register_again(place);
        }
    }

    /// Changes a field and says so; nothing happens where the value is the same.
    fn change(&mut self, place: usize, field: Field, recorded: FieldValue, kind: ErrorKind) {
        let truth = self.book.value(place, field);
        if truth == recorded {
            return;
        }
        let heading = self.book.at(place).heading;
        self.ledger.push(LedgerEntry {
            system: heading.system,
            artefact: heading.id,
            artefact_kind: heading.kind,
            field: Some(field),
            truth,
            recorded: recorded.clone(),
            kind,
        });
        self.book.set(place, field, recorded);
    }

    fn lose(&mut self, place: usize, kind: ErrorKind) {
        let heading = self.book.at(place).heading;
        self.ledger.push(LedgerEntry {
            system: heading.system,
            artefact: heading.id,
            artefact_kind: heading.kind,
            field: None,
            truth: FieldValue::Integer(heading.id.get()),
            recorded: FieldValue::Absent,
            kind,
        });
        self.book.remove(place);
    }

    fn copy(&mut self, place: usize, kind: ErrorKind) -> usize {
        let heading = self.book.at(place).heading;
        let (system, artefact, artefact_kind) = (heading.system, heading.id, heading.kind);
        let copy = self.book.copy(place);
        self.ledger.push(LedgerEntry {
            system,
            artefact,
            artefact_kind,
            field: None,
            truth: FieldValue::Absent,
            recorded: FieldValue::Integer(self.book.at(copy).heading.id.get()),
            kind,
        });
        copy
    }

    /// What a letter said is typed wrongly, or not at all: then the answer is no.
    fn transcribe(&mut self, place: usize) -> bool {
        let heading = *self.book.at(place).heading;
        if !heading.by_letter {
            return true;
        }
        let (typed, which) = (self.details.uniform(), self.details.uniform());
        if typed < NOT_TYPED {
            self.lose(place, ErrorKind::Transcription);
            return false;
        }
        if which < 0.5 && !self.book.value(place, Field::Dosage).is_absent() {
            self.change(place, Field::Dosage, FieldValue::Absent, ErrorKind::Transcription);
        } else {
            self.take_neighbour(place, ErrorKind::Transcription);
        }
        true
    }

    fn code_field(&self, place: usize) -> Field {
        match self.book.at(place).heading.system {
            System::Administration | System::Emergency => Field::Diagnosis1,
            _ => Field::Code,
        }
    }

    fn take_neighbour(&mut self, place: usize, kind: ErrorKind) {
        let field = self.code_field(place);
        let code = self.book.value(place, field);
        if let Some(neighbour) = code.as_text().and_then(|code| self.observer.terms.neighbour(code)) {
            self.change(place, field, FieldValue::Text(neighbour), kind);
        }
    }

    fn drop_code(&mut self, place: usize) {
        let field = self.code_field(place);
        let code = self.book.value(place, field);
        let Some(words) = code.as_text().map(|code| self.observer.terms.display(code)) else { return };
        self.change(place, field, FieldValue::Absent, ErrorKind::FreeTextOnly);
        if self.book.value(place, Field::FreeText).is_absent() {
            self.change(place, Field::FreeText, FieldValue::Text(words), ErrorKind::FreeTextOnly);
        }
    }

    fn mis_key(&mut self, place: usize) {
        let draw = self.details.uniform();
        if let Some(number) =
            self.book.value(place, Field::Value).as_number().and_then(|own| mis_keyed(own, draw))
        {
            self.change(place, Field::Value, FieldValue::Number(number), ErrorKind::MisKeyed);
        }
    }

    /// Leaves out the time of day; of a day in old notes, the day and month.
    fn truncate(&mut self, place: usize) {
        let heading = *self.book.at(place).heading;
        let field = if heading.kind == ArtefactKind::Referral { Field::Requested } else { Field::Started };
        let Some(at) = self.book.value(place, field).as_time() else { return };
        let day = super::faithful::midnight(at);
        if heading.kind == ArtefactKind::Problem {
            if self.book.value(place, Field::StartedPrecision).as_text() == Some("day")
                && let Ok(first) = Timestamp::from_ymd(at.year(), 1, 1)
            {
                self.change(place, field, FieldValue::Time(first), ErrorKind::TruncatedTime);
                let year = FieldValue::Word("year");
                self.change(place, Field::StartedPrecision, year, ErrorKind::TruncatedTime);
            }
        } else {
            self.change(place, field, FieldValue::Time(day), ErrorKind::TruncatedTime);
            if heading.system == System::GeneralPractice {
                let precision = FieldValue::Word("day");
                self.change(place, Field::StartedPrecision, precision, ErrorKind::TruncatedTime);
            }
        }
    }

    /// A stopped medicine stays on the list and is issued a few times more.
    fn leave_on_list(&mut self, place: usize) {
        let medication = self.book.at(place).heading.id;
        let Some(ended) = self.book.value(place, Field::Ended).as_time() else { return };
        let days = self.book.value(place, Field::IssueDays).as_integer().unwrap_or(28);
        self.change(place, Field::Ended, FieldValue::Absent, ErrorKind::StaleMedication);
        self.change(place, Field::Status, FieldValue::Word("active"), ErrorKind::StaleMedication);
        let most = self.observer.rates.workings.stale_issues_most;
        let issues = (self.details.uniform() * (most + 1.0)) as i64;
        let follows = FieldValue::Integer(medication.get());
        let last = (place..self.book.places()).rev().find(|other| {
            let artefact = self.book.at(*other);
            artefact.heading.kind == ArtefactKind::Issue && *artefact.get(Field::Follows) == follows
        });
        let Some(last) = last else { return };
        let number = self.book.value(last, Field::IssueNumber).as_integer().unwrap_or(0);
        for extra in 1..=issues {
            let Ok(at) = ended.plus_days((extra * days) as f64) else { return };
            let at = self.observer.practice_opens(at);
            let dead = self.person.death.is_some_and(|death| at >= death);
            if at >= self.observer.end || dead || self.book.is_removed(last) {
                return;
            }
            let copy = self.copy(last, ErrorKind::StaleMedication);
            self.change(copy, Field::Recorded, FieldValue::Time(at), ErrorKind::StaleMedication);
            self.change(copy, Field::Started, FieldValue::Time(at), ErrorKind::StaleMedication);
            let number = FieldValue::Integer(number + extra);
            self.change(copy, Field::IssueNumber, number, ErrorKind::StaleMedication);
        }
    }

    /// Writes it later than is routine; beyond the end it never is, and the answer is no.
    fn delay(&mut self, place: usize) -> bool {
        let heading = *self.book.at(place).heading;
        let mean = self.observer.rates.late_days_mean(heading.system, heading.kind);
        let recorded = self.later(heading.system, heading.recorded, mean);
        if recorded >= self.observer.end {
            self.lose(place, ErrorKind::Late);
            return false;
        }
        self.change(place, Field::Recorded, FieldValue::Time(recorded), ErrorKind::Late);
        true
    }

    fn duplicate(&mut self, place: usize) {
        let heading = *self.book.at(place).heading;
        let recorded = self.later(heading.system, heading.recorded, SECOND_ENTRY_DAYS);
        if recorded >= self.observer.end {
            return;
        }
        let copy = self.copy(place, ErrorKind::Duplicated);
        self.change(copy, Field::Recorded, FieldValue::Time(recorded), ErrorKind::Duplicated);
    }

    fn later(&mut self, system: System, at: Timestamp, days_mean: f64) -> Timestamp {
        let days = days_mean * self.details.exponential();
        let at = super::faithful::whole_minute(at.plus_days(days).unwrap_or(at));
        let at = self.observer.practice_opens(at);
        self.observer.rates.conventions(system).rounded(at)
    }

    /// One of the next people of the run; nobody after the last.
    fn neighbouring_subject(&mut self) -> Option<u64> {
        let others = self.observer.population.saturating_sub(self.person.subject).min(MISFILED_WITHIN);
        let step = self.details.below(others as usize) as u64;
        (others > 0).then_some(self.person.subject + 1 + step)
    }

    /// The person is registered a second time, some time after the first.
    fn register_again(&mut self, place: usize) {
        let heading = *self.book.at(place).heading;
        let until = self.person.death.unwrap_or(self.observer.end).min(self.observer.end);
        let days = until.days_since(heading.recorded) * self.details.uniform();
        let at = heading.recorded.plus_days(days.max(0.0)).unwrap_or(heading.recorded);
        let at = self.observer.rates.conventions(heading.system).rounded(at);
        let number = self.observer.registers.number(heading.system, self.person.subject, 1);
        let copy = self.copy(place, ErrorKind::SecondRegistration);
        self.change(copy, Field::Patient, FieldValue::Integer(number), ErrorKind::SecondRegistration);
        self.change(copy, Field::Recorded, FieldValue::Time(at), ErrorKind::SecondRegistration);
        self.second[heading.system as usize] = Some((at, number));
    }

    /// Once there are two registrations, artefacts stand under either.
    fn move_to_second(&mut self, place: usize, draws: &Draws) {
        let heading = *self.book.at(place).heading;
        if let Some((since, number)) = self.second[heading.system as usize]
            && heading.recorded >= since
            && draws.uniform_at(ErrorKind::SecondRegistration as u64) < UNDER_SECOND
        {
            let number = FieldValue::Integer(number);
            self.change(place, Field::Patient, number, ErrorKind::SecondRegistration);
        }
    }
}
