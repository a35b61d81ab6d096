//! The second pass: which references lead to a resource of the input.
//!
//! Resources announce the keys of their names, references the keys of their targets; both wait in
//! [`Partitioned`] spools, so that a key's announcements and references meet in one partition, and
//! only one partition's announcements are in memory at a time. The answers are merged back into the
//! order in which the references were met.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read};

use rustc_hash::FxHashMap;

use super::spool::{Partitioned, Records, Spool, put_text, put_u64};

/// Where a reference stands, as the report will need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) file: u32,
    pub(crate) line: u64,
    /// The entry, with the lowest bit saying whether lines are documents.
    pub(crate) entry_by_line: u64,
}

/// A reference's answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) from: String,
    pub(crate) path: String,
    /// The record id referred to; `None` when nothing bears the name.
    pub(crate) to: Option<String>,
    pub(crate) spot: Spot,
}

/// What a name was found to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    /// Its record id.
    pub(crate) record: String,
    /// Its code, for medicines and devices.
    pub(crate) code: Option<String>,
}

/// Names announced and references met.
#[derive(Debug, Default)]
pub(crate) struct Links {
    names: Partitioned,
    references: Partitioned,
    met: u64,
}

impl Links {
    /// Announces that `record` bears the name with this key.
    pub(crate) fn announce(&mut self, name: u64, record: &str, code: Option<&str>) -> io::Result<()> {
        self.names.push(name, |buffer| {
            put_u64(buffer, name);
            put_text(buffer, record);
            put_text(buffer, code.unwrap_or_default());
        })
    }

    /// Remembers a reference to whatever bears the name. `settled` is its record id where that needs
    /// no look-up.
    pub(crate) fn refer(
        &mut self,
        name: u64,
        from: &str,
        path: &str,
        settled: Option<&str>,
        spot: Spot,
    ) -> io::Result<()> {
        let met = self.met;
        self.met += 1;
        self.references.push(name, |buffer| {
            put_u64(buffer, met);
            put_u64(buffer, name);
            put_u64(buffer, u64::from(spot.file));
            put_u64(buffer, spot.line);
            put_u64(buffer, spot.entry_by_line);
            put_text(buffer, from);
            put_text(buffer, path);
            put_text(buffer, settled.unwrap_or_default());
        })
    }

    /// Finds what the wanted names mean; the first bearer of a name counts.
    pub(crate) fn find(&mut self, wanted: &mut FxHashMap<u64, Option<Bearer>>) -> io::Result<()> {
        for spool in self.names.spools() {
            let mut records = spool.records()?;
            while let Some(name) = records.start()? {
                let (record, code) = (records.text()?, records.text()?);
                if let Some(bearer @ None) = wanted.get_mut(&name) {
                    *bearer = Some(Bearer { record, code: Some(code).filter(|code| !code.is_empty()) });
                }
            }
        }
        Ok(())
    }

    /// Answers every reference, in the order met.
    pub(crate) fn answer<E: From<io::Error>>(
        mut self,
        mut take: impl FnMut(Answer) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut answers = Partitioned::default();
        for (place, (names, references)) in self.names.spools().zip(self.references.spools()).enumerate() {
            join(names, references, place, &mut answers)?;
            *references = Spool::default();
            *names = Spool::default();
        }
        let mut heads = Vec::new();
        let mut order = BinaryHeap::new();
        for (index, spool) in answers.spools().enumerate() {
            let mut records = spool.records()?;
            if let Some(met) = records.start()? {
                order.push(Reverse((met, index)));
            }
            heads.push(records);
        }
        while let Some(Reverse((_, index))) = order.pop() {
            let records = &mut heads[index];
            take(read_answer(records)?)?;
            if let Some(met) = records.start()? {
                order.push(Reverse((met, index)));
            }
        }
        Ok(())
    }
}

/// Answers the references of one partition; the answers go to the same place.
fn join(
    names: &mut Spool,
    references: &mut Spool,
    place: usize,
    answers: &mut Partitioned,
) -> io::Result<()> {
    let mut bearers: FxHashMap<u64, Box<str>> = FxHashMap::default();
    let mut records = names.records()?;
    while let Some(name) = records.start()? {
        let record = records.text()?;
        records.text()?;
        bearers.entry(name).or_insert_with(|| record.into());
    }
    let mut records = references.records()?;
    while let Some(met) = records.start()? {
        let name = records.u64()?;
        let spot = [records.u64()?, records.u64()?, records.u64()?];
        let (from, path, settled) = (records.text()?, records.text()?, records.text()?);
        let to = if settled.is_empty() { bearers.get(&name).map_or("", |bearer| bearer) } else { &settled };
        answers.push_at(place, |buffer| {
            put_u64(buffer, met);
            for number in spot {
                put_u64(buffer, number);
            }
            put_text(buffer, &from);
            put_text(buffer, &path);
            put_text(buffer, to);
        })?;
    }
    Ok(())
}

fn read_answer(records: &mut Records<impl Read>) -> io::Result<Answer> {
    let file = u32::try_from(records.u64()?).unwrap_or(u32::MAX);
    let spot = Spot { file, line: records.u64()?, entry_by_line: records.u64()? };
    let (from, path, to) = (records.text()?, records.text()?, records.text()?);
    Ok(Answer { from, path, to: Some(to).filter(|to| !to.is_empty()), spot })
}

#[cfg(test)]
mod tests {
    use super::super::reference::key;
    use super::*;

    #[test]
    fn law_answers_come_in_the_order_met_whatever_the_order_of_names() {
        let mut links = Links::default();
        let spot = |line| Spot { file: 0, line, entry_by_line: 0 };
        for number in 0..500_u64 {
            let name = key(&[&format!("urn:uuid:{number}")]);
            links.refer(name, "A/1", "subject", None, spot(number)).unwrap();
        }
        links.refer(0, "A/1", "part", Some("A/1#x"), spot(500)).unwrap();
        for number in (0..500_u64).rev().filter(|number| number % 3 > 0) {
            links
                .announce(key(&[&format!("urn:uuid:{number}")]), &format!("Patient/{number}"), None)
                .unwrap();
        }
        let mut answers = Vec::new();
        links
            .answer(|answer| {
                answers.push(answer);
                Ok::<_, io::Error>(())
            })
            .unwrap();
        assert_eq!(answers.len(), 501);
        for (number, answer) in answers[..500].iter().enumerate() {
            assert_eq!(answer.spot.line, number as u64);
            assert_eq!(answer.to, (number % 3 > 0).then(|| format!("Patient/{number}")));
        }
        assert_eq!(answers[500].to.as_deref(), Some("A/1#x"));
    }
}
