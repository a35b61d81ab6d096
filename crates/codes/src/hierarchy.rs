//! Parents that a code's own spelling implies.
//!
//! # Source
//! ICD-10 (WHO instruction manual, vol. 2, §2.4: three-character categories subdivided after a
//! point), ICD-9-CM (decimal subdivision), ATC (five levels of 1, 3, 4, 5 and 7 characters).

use twinloom_event::Code;

use crate::CodeSystem;

const ATC_LEVEL_LENGTHS: [usize; 5] = [1, 3, 4, 5, 7];

/// The code one level up, for systems whose spelling is their hierarchy; empty for the others.
///
/// ```
/// use twinloom_codes::parents;
/// use twinloom_event::Code;
///
/// assert_eq!(parents(&Code::new("ICD10", "E11.9")?), vec![Code::new("ICD10", "E11")?]);
/// # Ok::<(), twinloom_event::CodeError>(())
/// ```
pub fn parents(code: &Code) -> Vec<Code> {
    let Some(system) = code.system() else {
        return Vec::new();
    };
    let value = code.value();
    let parent = if [CodeSystem::Icd10, CodeSystem::Icd10Cm, CodeSystem::Icd9Cm]
        .iter()
        .any(|icd| icd.name() == system)
    {
        icd_parent(value)
    } else if system == CodeSystem::Atc.name() {
        atc_parent(value)
    } else {
        None
    };
    parent.and_then(|parent| Code::new(system, parent).ok()).into_iter().collect()
}

fn icd_parent(value: &str) -> Option<&str> {
    let (category, subdivision) = value.split_once('.')?;
    match subdivision.char_indices().next_back() {
        Some((last, _)) if last > 0 => value.get(..category.len() + 1 + last),
        _ => Some(category),
    }
}

fn atc_parent(value: &str) -> Option<&str> {
    let level = ATC_LEVEL_LENGTHS.iter().position(|length| *length == value.len())?;
    value.get(..*ATC_LEVEL_LENGTHS.get(level.checked_sub(1)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(system: &str, value: &str) -> Option<String> {
        parents(&Code::new(system, value).unwrap()).first().map(|code| code.value().to_owned())
    }

    #[test]
    fn ref_published_hierarchies() {
        assert_eq!(parent("ICD9CM", "250.02").as_deref(), Some("250.0"));
        assert_eq!(parent("ICD10", "E11.9").as_deref(), Some("E11"));
        assert_eq!(parent("ICD10", "E11"), None);
        assert_eq!(parent("ATC", "A10BA02").as_deref(), Some("A10BA"));
        assert_eq!(parent("ATC", "A"), None);
        assert_eq!(parent("SNOMED", "44054006"), None);
        assert_eq!(parent("ICD10", "é.ü"), Some("é".to_owned()));
    }
}
