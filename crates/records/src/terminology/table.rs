//! Plain CSV: relations as a user writes them, ICD equivalence mappings, interacting pairs.

use twinloom_codes::{CodeSystem, system_name};
use twinloom_event::RelationKind;

use super::collector::{Collector, Member};
use super::icd::{dotted, dotted_icd9};
use super::open::Lines;

/// The tables known by their columns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Relations,
    IcdMap,
    AtcPairs,
}

const RELATION_COLUMNS: [&str; 5] =
    ["source_system", "source_code", "target_system", "target_code", "relation"];

pub(super) fn kind(header: &str) -> Option<Table> {
    let names = fields(header)?;
    let has = |wanted: &[&str]| wanted.iter().all(|name| names.iter().any(|found| found == name));
    if has(&RELATION_COLUMNS) {
        Some(Table::Relations)
    } else if has(&["icd10cm", "icd9cm"]) {
        Some(Table::IcdMap)
    } else if has(&["atc_a", "atc_b"]) {
        Some(Table::AtcPairs)
    } else {
        None
    }
}

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Relations => "CSV of relations",
            Self::IcdMap => "ICD equivalence map",
            Self::AtcPairs => "interacting ATC pairs",
        }
    }
}

pub(super) fn read(
    member: &Member<'_>,
    kind: Table,
    header: &str,
    lines: &mut Lines<'_>,
    collector: &mut Collector,
) {
    let names = fields(header).unwrap_or_default();
    loop {
        let number = lines.number + 1;
        let outcome = match lines.next() {
            Ok(None) => return,
            Ok(Some("")) => continue,
            Ok(Some(line)) => match fields(line) {
                None => Err("a quote is not closed on its line".to_owned()),
                Some(values) if values.len() != names.len() => {
                    Err(format!("{} fields; permitted: {}, as the header has", values.len(), names.len()))
                }
                Some(values) => {
                    take(member, kind, &Row { names: &names, values: &values }, &names, collector)
                }
            },
            Err(reason) => {
                collector.report.skip(kind.name(), &reason, || member.at(number));
                return;
            }
        };
        match outcome {
            Ok(()) => collector.report.keep(kind.name(), 0),
            Err(reason) => collector.report.skip(kind.name(), &reason, || member.at(number)),
        }
    }
}

struct Row<'a> {
    names: &'a [String],
    values: &'a [String],
}

impl<'a> Row<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let place = self.names.iter().position(|found| found == name)?;
        self.values.get(place).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

fn take(
    member: &Member<'_>,
    kind: Table,
    row: &Row<'_>,
    names: &[String],
    collector: &mut Collector,
) -> Result<(), String> {
    let needed = |name: &str| row.get(name).ok_or_else(|| format!("no {name}"));
    match kind {
        Table::Relations => {
            let relation = needed("relation")?;
            let kind = RelationKind::ALL
                .into_iter()
                .find(|kind| relation.eq_ignore_ascii_case(kind.as_str()))
                .ok_or("unknown relation; permitted: IS_A, MAPS_TO, INTERACTS_WITH")?;
            let (from_system, to_system) =
                (system_name(needed("source_system")?), system_name(needed("target_system")?));
            let from = (&*from_system, needed("source_code")?);
            let to = (&*to_system, needed("target_code")?);
            let source = row.get("source").map_or_else(|| member.source.clone(), Into::into);
            let kept = collector.relate_with(from, kind, to, &source, row.get("severity"));
            if kept { Ok(()) } else { Err("a system holds //".to_owned()) }
        }
        Table::IcdMap if row.get("no_map") == Some("1") => Err("says that there is no map".to_owned()),
        Table::IcdMap => {
            let ten = dotted(needed("icd10cm")?).ok_or("icd10cm is no ICD-10-CM code")?;
            let nine = dotted_icd9(needed("icd9cm")?).ok_or("icd9cm is no ICD-9-CM code")?;
            let ten = (CodeSystem::Icd10Cm.name(), ten.as_str());
            let nine = (CodeSystem::Icd9Cm.name(), nine.as_str());
            // The map goes from the column that stands first.
            let forward = names.iter().position(|name| name == "icd10cm")
                < names.iter().position(|name| name == "icd9cm");
            let (from, to) = if forward { (ten, nine) } else { (nine, ten) };
            collector.relate(from, RelationKind::MapsTo, to, &member.source);
            Ok(())
        }
        Table::AtcPairs => {
            let atc = |name| {
                let value = needed(name)?;
                let shaped = matches!(value.len(), 1 | 3 | 4 | 5 | 7)
                    && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
                let permitted = "permitted: 1, 3, 4, 5 or 7 capital letters and digits";
                if shaped { Ok(value) } else { Err(format!("{name} is no ATC code; {permitted}")) }
            };
            let (one, other, system) = (atc("atc_a")?, atc("atc_b")?, CodeSystem::Atc.name());
            let kind = RelationKind::InteractsWith;
            collector.relate_with((system, one), kind, (system, other), &member.source, row.get("severity"));
            Ok(())
        }
    }
}

/// The fields of a line of CSV; `None` when a quote is not closed.
fn fields(line: &str) -> Option<Vec<String>> {
    if !line.contains('"') {
        return Some(line.split(',').map(str::to_owned).collect());
    }
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                fields.last_mut()?.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut()?.push(other),
        }
    }
    (!quoted).then_some(fields)
}
