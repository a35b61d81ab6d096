//! SNOMED CT in release format 2, snapshot: relationships, descriptions, map reference sets.
//!
//! # Source
//! SNOMED CT Release File Specifications, sections 4.2 (components) and 5.2 (simple, extended map).
//! Identifiers of UK and US map reference sets are recalled from memory.

use twinloom_codes::CodeSystem;
use twinloom_event::RelationKind;

use super::collector::{Collector, Member};
use super::open::Lines;

const IS_A: &str = "116680003";
const STATED: &str = "900000000000010007";
const FULLY_SPECIFIED: &str = "900000000000003001";

/// Map reference sets and the system of their targets.
const MAPS: [(&str, CodeSystem); 4] = [
    ("447562003", CodeSystem::Icd10),
    ("999002271000000101", CodeSystem::Icd10),
    ("6011000124106", CodeSystem::Icd10Cm),
    ("900000000000497000", CodeSystem::Ctv3),
];

const RELATIONSHIP: &str = "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId";
const DESCRIPTION: &str =
    "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId";
const SIMPLE_MAP: &str = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapTarget";
const EXTENDED_MAP: &str = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapGroup\tmapPriority\tmapRule\tmapAdvice\tmapTarget";

/// The files that are used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rf2 {
    Relationship,
    Description,
    SimpleMap,
    ExtendedMap,
}

pub(super) fn kind(header: &str) -> Option<Rf2> {
    match header {
        RELATIONSHIP => Some(Rf2::Relationship),
        DESCRIPTION => Some(Rf2::Description),
        SIMPLE_MAP => Some(Rf2::SimpleMap),
        // Columns may follow: correlation, map block, map category.
        _ if header.starts_with(EXTENDED_MAP) => Some(Rf2::ExtendedMap),
        _ => None,
    }
}

impl Rf2 {
    const fn table(self) -> &'static str {
        match self {
            Self::Relationship => "RF2 relationship",
            Self::Description => "RF2 description",
            Self::SimpleMap => "RF2 simple map",
            Self::ExtendedMap => "RF2 extended map",
        }
    }

    const fn columns(self) -> usize {
        match self {
            Self::Relationship => 10,
            Self::Description => 9,
            Self::SimpleMap => 7,
            Self::ExtendedMap => 11,
        }
    }
}

pub(super) fn read(member: &Member<'_>, kind: Rf2, lines: &mut Lines<'_>, collector: &mut Collector) {
    loop {
        let number = lines.number + 1;
        let outcome = match lines.next() {
            Ok(None) => return,
            Ok(Some("")) => continue,
            Ok(Some(line)) => {
                // No file that is used has more than 13 columns.
                let mut fields = [""; 13];
                let mut found = 0;
                for (place, field) in line.split('\t').enumerate() {
                    found = place + 1;
                    if let Some(slot) = fields.get_mut(place) {
                        *slot = field;
                    }
                }
                if found < kind.columns() {
                    Err("too few columns")
                } else {
                    take(member, kind, &fields, collector)
                }
            }
            Err(reason) => {
                collector.report.skip(kind.table(), &reason, || member.at(number));
                return;
            }
        };
        match outcome {
            Ok(()) => collector.report.keep(kind.table(), 0),
            Err(reason) => collector.report.skip(kind.table(), reason, || member.at(number)),
        }
    }
}

fn take(
    member: &Member<'_>,
    kind: Rf2,
    fields: &[&str; 13],
    collector: &mut Collector,
) -> Result<(), &'static str> {
    match fields[2] {
        "1" => {}
        "0" => return Err("not active"),
        _ => return Err("active is neither 0 nor 1"),
    }
    let snomed = CodeSystem::Snomed.name();
    match kind {
        Rf2::Relationship if fields[7] != IS_A => Err("not an is-a relationship"),
        Rf2::Relationship if fields[8] == STATED => Err("stated; the inferred ones are used"),
        Rf2::Relationship => {
            let (from, to) = (concept(fields[4])?, concept(fields[5])?);
            collector.relate((snomed, from), RelationKind::IsA, (snomed, to), &member.source);
            Ok(())
        }
        Rf2::Description if fields[6] != FULLY_SPECIFIED => Err("not a fully specified name"),
        Rf2::Description => {
            let code = concept(fields[4])?;
            if collector.name((snomed, code), without_tag(fields[7])) { Ok(()) } else { Err("no name") }
        }
        Rf2::SimpleMap | Rf2::ExtendedMap => {
            let target = if kind == Rf2::SimpleMap { fields[6] } else { fields[10] }.trim();
            let system = MAPS.into_iter().find(|(refset, _)| *refset == fields[4]).map(|(_, system)| system);
            let system = system.ok_or("a map to a system that is not known by its reference set")?;
            let code = concept(fields[5])?;
            let target = target_code(system, target).ok_or("no target")?;
            collector.relate((snomed, code), RelationKind::MapsTo, (system.name(), &target), &member.source);
            Ok(())
        }
    }
}

/// An identifier as SNOMED CT writes them.
fn concept(text: &str) -> Result<&str, &'static str> {
    let shaped = (6..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if shaped { Ok(text) } else { Err("an identifier is no number of 6 to 18 digits") }
}

/// `Asthma (disorder)` without its semantic tag.
fn without_tag(name: &str) -> &str {
    match name.strip_suffix(')').and_then(|open| open.rfind(" (")) {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// ICD-10 targets as the record writes them: with a point, without the filler `X` of the fourth place
/// and the UK edition's mark of dagger (D) or asterisk (A) after it.
fn target_code(system: CodeSystem, target: &str) -> Option<String> {
    let plain = match system {
        CodeSystem::Icd10 => {
            let target = target.strip_suffix(['A', 'D']).filter(|rest| rest.len() > 3).unwrap_or(target);
            target.strip_suffix('X').filter(|rest| rest.trim_end_matches('.').len() == 3).unwrap_or(target)
        }
        _ => target,
    };
    let plain = plain.trim_end_matches('.');
    if plain.is_empty() || plain.starts_with('#') {
        return None;
    }
    let dotted = matches!(system, CodeSystem::Icd10 | CodeSystem::Icd10Cm) && !plain.contains('.');
    match plain.split_at_checked(3) {
        Some((category, rest)) if dotted && !rest.is_empty() => Some(format!("{category}.{rest}")),
        _ => Some(plain.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_targets_are_written_as_in_records() {
        let target = |system, text| target_code(system, text);
        assert_eq!(target(CodeSystem::Icd10, "I10X").as_deref(), Some("I10"));
        assert_eq!(target(CodeSystem::Icd10, "E11.9").as_deref(), Some("E11.9"));
        assert_eq!(target(CodeSystem::Icd10, "M142A").as_deref(), Some("M14.2"));
        assert_eq!(target(CodeSystem::Icd10Cm, "S72.001A").as_deref(), Some("S72.001A"));
        assert_eq!(target(CodeSystem::Icd10, "#NC"), None);
        assert_eq!(target(CodeSystem::Ctv3, "X00RD").as_deref(), Some("X00RD"));
        assert_eq!(target(CodeSystem::Icd10, "éé"), Some("éé".to_owned()));
        assert_eq!(without_tag("Asthma (disorder)"), "Asthma");
    }
}
