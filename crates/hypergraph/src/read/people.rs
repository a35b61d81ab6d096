//! People from CSV: one row a person and condition, and what else is known of them.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::date::{day, shape};
use crate::{Day, Onset, People, Trait, TraitError};

/// Where people are read from.
#[derive(Debug)]
pub struct PeopleFiles<P, T> {
    /// CSV with the columns `person`, `condition` and `date`, in any order and among others. An empty
    /// date is an unknown one; a row with an empty condition is a person, with or without others.
    pub people: P,
    /// CSV with the column `person` and further ones: `death` is a date, every other a trait. People who
    /// stand here alone have no conditions.
    pub traits: Option<T>,
    /// The only conditions that count, those that nobody has included; `None` for all that there are.
    pub conditions: Option<Vec<String>>,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadReport {
    /// Rows of people and conditions.
    pub rows: u64,
    /// People.
    pub people: u64,
    /// People with no condition that counts.
    pub people_without_conditions: u64,
    /// Rows with a condition that does not count.
    pub other_conditions: u64,
    /// Rows that repeat a person's condition; the earliest was kept.
    pub repeated: u64,
    /// Conditions of people without a date.
    pub undated: u64,
    /// People who stand among the traits alone.
    pub only_in_traits: u64,
}

/// Reads people.
///
/// # Errors
/// [`ReadError`], with the line.
pub fn read_people<P: Read, T: Read>(files: PeopleFiles<P, T>) -> Result<(People, ReadReport), ReadError> {
    let mut gathered = Gathered::default();
    let mut report = ReadReport::default();
    gathered.read_conditions(files.people, files.conditions.as_deref(), &mut report)?;
    let in_people = gathered.people;
    let traits = match files.traits {
        Some(traits) => gathered.read_traits(traits)?,
        None => Vec::new(),
    };
    report.only_in_traits = u64::from(gathered.people - in_people);
    let people = gathered.build(files.conditions.as_deref(), traits)?;
    report.people = people.len() as u64;
    report.repeated = people.repeated();
    for person in people.iter() {
        report.people_without_conditions += u64::from(person.conditions().is_empty());
        report.undated += person.onsets().filter(|onset| onset.day.is_none()).count() as u64;
    }
    Ok((people, report))
}

#[derive(Default)]
struct Gathered {
    people: u32,
    numbers: FxHashMap<Box<[u8]>, u32>,
    last: (Vec<u8>, u32),
    condition_names: Vec<String>,
    onsets: Vec<(u32, u32, Option<Day>)>,
    deaths: Vec<Option<Day>>,
}

impl Gathered {
    fn person(&mut self, name: &[u8]) -> u32 {
        // Most files hold a person's rows together.
        if self.people > 0 && self.last.0 == name {
            return self.last.1;
        }
        let number = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            self.numbers.insert(name.into(), self.people);
            self.people += 1;
            self.people - 1
        };
        self.last.0.clear();
        self.last.0.extend_from_slice(name);
        self.last.1 = number;
        number
    }

    fn read_conditions(
        &mut self,
        file: impl Read,
        chosen: Option<&[String]>,
        report: &mut ReadReport,
    ) -> Result<(), ReadError> {
        const FILE: &str = "the people";
        let mut reader = reader(file);
        let headers = headers(&mut reader, FILE)?;
        let [person, condition, date] = [
            column(&headers, "person", FILE)?,
            column(&headers, "condition", FILE)?,
            column(&headers, "date", FILE)?,
        ];
        let mut numbers: FxHashMap<Box<[u8]>, Option<u32>> = FxHashMap::default();
        let mut row = ByteRecord::new();
        while next(&mut reader, &mut row, FILE)? {
            report.rows += 1;
            let line = || row.position().map_or(0, csv::Position::line);
            if row[person].is_empty() {
                return Err(ReadError::EmptyPerson { file: FILE, line: line() });
            }
            let number = self.person(&row[person]);
            let name = &row[condition];
            if name.is_empty() {
                continue;
            }
            let known = if let Some(known) = numbers.get(name) {
                *known
            } else {
                let text = std::str::from_utf8(name).map_err(|_| ReadError::NotUtf8 {
                    file: FILE,
                    line: line(),
                    column: "condition".into(),
                })?;
                let counts = chosen.is_none_or(|chosen| chosen.iter().any(|known| known == text));
                let known = counts.then(|| {
                    self.condition_names.push(text.to_owned());
                    self.condition_names.len() as u32 - 1
                });
                numbers.insert(name.into(), known);
                known
            };
            let day = match &row[date] {
                [] => None,
                text => Some(day(text).ok_or_else(|| ReadError::NotADate {
                    file: FILE,
                    line: line(),
                    column: "date".into(),
                    shape: shape(text),
                })?),
            };
            match known {
                Some(condition) => self.onsets.push((number, condition, day)),
                None => report.other_conditions += 1,
            }
        }
        Ok(())
    }

    /// Names of traits and each person's level.
    fn read_traits(&mut self, file: impl Read) -> Result<Vec<Column>, ReadError> {
        const FILE: &str = "the traits";
        let mut reader = reader(file);
        let headers = headers(&mut reader, FILE)?;
        let person = column(&headers, "person", FILE)?;
        let death = headers.iter().position(|name| name == "death");
        let mut columns: Vec<(usize, Column)> = headers
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != person && Some(*place) != death)
            .map(|(place, name)| (place, Column { name: name.clone(), ..Column::default() }))
            .collect();
        let mut seen = vec![false; self.people as usize];
        let mut row = ByteRecord::new();
        while next(&mut reader, &mut row, FILE)? {
            let line = || row.position().map_or(0, csv::Position::line);
            if row[person].is_empty() {
                return Err(ReadError::EmptyPerson { file: FILE, line: line() });
            }
            let number = self.person(&row[person]) as usize;
            seen.resize(self.people as usize, false);
            if std::mem::replace(&mut seen[number], true) {
                return Err(ReadError::RepeatedPerson { line: line() });
            }
            for (place, column) in &mut columns {
                let text = std::str::from_utf8(&row[*place]).map_err(|_| ReadError::NotUtf8 {
                    file: FILE,
                    line: line(),
                    column: column.name.clone(),
                })?;
                column.set(number, text);
            }
            if let Some(text) = death.map(|death| &row[death]).filter(|text| !text.is_empty()) {
                let day = day(text).ok_or_else(|| ReadError::NotADate {
                    file: FILE,
                    line: line(),
                    column: "death".into(),
                    shape: shape(text),
                })?;
                self.deaths.resize(self.deaths.len().max(number + 1), None);
                self.deaths[number] = Some(day);
            }
        }
        Ok(columns.into_iter().map(|(_, column)| column).collect())
    }

    fn build(mut self, chosen: Option<&[String]>, traits: Vec<Column>) -> Result<People, ReadError> {
        let mut builder = People::builder();
        let conditions: Vec<_> = self.condition_names.iter().map(|name| builder.condition(name)).collect();
        for name in chosen.unwrap_or_default() {
            builder.condition(name);
        }
        // Rows of one person stay in the file's order.
        let sorted = self.onsets.is_sorted_by_key(|(person, ..)| *person);
        if !sorted {
            self.onsets.sort_by_key(|(person, ..)| *person);
        }
        let mut rest = &self.onsets[..];
        let mut onsets = Vec::new();
        for person in 0..self.people {
            let count = rest.iter().take_while(|(of, ..)| *of == person).count();
            onsets.clear();
            let own = rest[..count].iter();
            onsets.extend(
                own.map(|(_, condition, day)| Onset {
                    condition: conditions[*condition as usize],
                    day: *day,
                }),
            );
            rest = &rest[count..];
            builder.person(&onsets, self.deaths.get(person as usize).copied().flatten());
        }
        let mut people = builder.build();
        for column in traits {
            let known = column.into_trait(people.len())?;
            people = people.with_trait(known)?;
        }
        Ok(people)
    }
}

/// A trait while it is read: levels by number, 0 for unknown.
#[derive(Default)]
struct Column {
    name: String,
    levels: Vec<String>,
    numbers: FxHashMap<String, u32>,
    of_person: Vec<u32>,
}

impl Column {
    fn set(&mut self, person: usize, level: &str) {
        self.of_person.resize(self.of_person.len().max(person + 1), 0);
        if level.is_empty() {
            return;
        }
        let number = if let Some(number) = self.numbers.get(level) {
            *number
        } else {
            self.levels.push(level.to_owned());
            self.numbers.insert(level.to_owned(), self.levels.len() as u32);
            self.levels.len() as u32
        };
        self.of_person[person] = number;
    }

    fn into_trait(mut self, people: usize) -> Result<Trait, TraitError> {
        self.of_person.resize(people, 0);
        let level = |number: &u32| number.checked_sub(1).map(|place| &*self.levels[place as usize]);
        Trait::new(&self.name, self.of_person.iter().map(level))
    }
}

fn reader<R: Read>(file: R) -> Reader<R> {
    ReaderBuilder::new().trim(Trim::All).buffer_capacity(1 << 16).from_reader(file)
}

fn next<R: Read>(
    reader: &mut Reader<R>,
    row: &mut ByteRecord,
    file: &'static str,
) -> Result<bool, ReadError> {
    reader.read_byte_record(row).map_err(|error| ReadError::of(&error, file))
}

/// The names of the columns, without a byte order mark.
fn headers<R: Read>(reader: &mut Reader<R>, file: &'static str) -> Result<Vec<String>, ReadError> {
    let row = reader.byte_headers().map_err(|error| ReadError::of(&error, file))?;
    let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned();
    let names: Vec<String> = row.iter().map(name).collect();
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            return Err(ReadError::RepeatedColumn { file, column: name.clone() });
        }
    }
    Ok(names)
}

fn column(names: &[String], wanted: &'static str, file: &'static str) -> Result<usize, ReadError> {
    names.iter().position(|name| name == wanted).ok_or_else(|| ReadError::NoColumn {
        file,
        wanted,
        found: names.join(", "),
    })
}

/// Why people can't be read. What a file says of a person is not repeated: of a wrong date only its shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A column is needed.
    #[error("{file} have the columns {found}; permitted: a header row with the column {wanted}")]
    NoColumn {
        /// The file.
        file: &'static str,
        /// The column.
        wanted: &'static str,
        /// The columns there are.
        found: String,
    },
    /// Two columns have one name.
    #[error("{file} have the column {column} twice; permitted: once")]
    RepeatedColumn {
        /// The file.
        file: &'static str,
        /// The column.
        column: String,
    },
    /// A row has no person.
    #[error("line {line} of {file} has an empty person; permitted: any text")]
    EmptyPerson {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
    },
    /// A person has two rows of traits.
    #[error("line {line} of the traits is of a person who had a row before; permitted: one row a person")]
    RepeatedPerson {
        /// The line, from 1.
        line: u64,
    },
    /// A date is not one.
    #[error(
        "line {line} of {file} has a {column} of the form {shape}; permitted: a day of the calendar as \
         YYYY-MM-DD, with or without a time, or nothing"
    )]
    NotADate {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
        /// The text, digits as 9 and letters as a.
        shape: String,
    },
    /// A text is not UTF-8.
    #[error("line {line} of {file} has a {column} that is not UTF-8; permitted: UTF-8")]
    NotUtf8 {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
    },
    /// Not CSV, or unreadable.
    #[error("{file} can't be read as CSV: {reason}")]
    Csv {
        /// The file.
        file: &'static str,
        /// Why, with the line where it is known.
        reason: String,
    },
    /// A trait can't be had.
    #[error(transparent)]
    Trait(#[from] TraitError),
}

impl ReadError {
    fn of(error: &csv::Error, file: &'static str) -> Self {
        let reason = match error.kind() {
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.as_ref().map_or(0, csv::Position::line);
                format!("line {line} has {len} columns; permitted: {expected_len}, as many as the header")
            }
            _ => error.to_string(),
        };
        Self::Csv { file, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        people: &str,
        traits: Option<&str>,
        chosen: Option<&[&str]>,
    ) -> Result<(People, ReadReport), ReadError> {
        let conditions = chosen.map(|chosen| chosen.iter().map(|name| (*name).to_owned()).collect());
        read_people(PeopleFiles { people: people.as_bytes(), traits: traits.map(str::as_bytes), conditions })
    }

    #[test]
    fn regress_columns_stand_in_any_order_and_people_anywhere() {
        let people = "\u{feff}date,notes,condition,person\n2020-01-02,,\"stroke, any\",p1\n,x,gout,p2\n\
                      2019-05-05,,gout,p1\n2021-05-05,,gout,p1\n,,,p3\n2020-01-01,,acne,p1\n";
        let traits = "person,sex,death\np2,f,2022-02-02\np4,m,\n";
        let (found, report) = read(people, Some(traits), Some(&["gout", "stroke, any", "scurvy"])).unwrap();
        let names: Vec<&str> = found.conditions().names().collect();
        assert_eq!(names, ["gout", "scurvy", "stroke, any"]);
        let conditions: Vec<Vec<usize>> =
            found.iter().map(|person| person.conditions().iter().map(|id| id.index()).collect()).collect();
        assert_eq!(conditions, [vec![0, 2], vec![0], vec![], vec![]]);
        assert_eq!(found.person(1).death(), day(b"2022-02-02"));
        let sex = found.trait_named("sex").unwrap();
        assert_eq!(
            (0..4).map(|person| sex.level_of(person)).collect::<Vec<_>>(),
            [None, Some(0), None, Some(1)]
        );
        let expected = ReadReport {
            rows: 6,
            people: 4,
            people_without_conditions: 2,
            other_conditions: 1,
            repeated: 1,
            undated: 1,
            only_in_traits: 1,
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn regress_wrong_files_name_line_and_what_is_permitted() {
        let wrong = [
            ("person,date\n", None, "the column condition"),
            ("person,condition,date,date\n", None, "twice"),
            ("person,condition,date\np,c,\n,c,\n", None, "line 3"),
            (
                "person,condition,date\np,c,31/12/2020\n",
                None,
                "form 99/99/9999; permitted: a day of the calendar",
            ),
            ("person,condition,date\np,c\n", None, "line 2 has 2 columns; permitted: 3"),
            ("person,condition,date\np,c,\n", Some("person,sex\np,f\np,m\n"), "line 3 of the traits"),
            ("person,condition,date\np,c,\n", Some("person,\np,f\n"), "empty name"),
            ("", None, "the column person"),
        ];
        for (people, traits, part) in wrong {
            let message = read(people, traits, None).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        let nobody = read("person,condition,date\n", None, None).unwrap();
        assert!(nobody.0.is_empty());
        assert!(
            read_people(PeopleFiles::<_, &[u8]> {
                people: &b"person,condition,date\np,\xff,\n"[..],
                traits: None,
                conditions: None
            })
            .is_err()
        );
    }
}
