//! The ATC code that a drug of another system stands for.

use std::collections::BTreeMap;

use twinloom_event::Code;

use super::TablesError;
use crate::CodeSystem;

const DRUG_ATC: &str = include_str!("../../data/drug_atc.csv");

/// ATC values (`C10AA01`) by full code (`RXNORM//312961`).
pub(super) fn drug_atc() -> Result<BTreeMap<Box<str>, Box<str>>, TablesError> {
    let mut found = BTreeMap::new();
    let rows = DRUG_ATC.lines().filter(|line| !line.starts_with('#')).skip(1);
    for row in rows {
        let fault = || TablesError::DrugRow { row: row.to_owned() };
        let mut fields = row.splitn(3, ',');
        let code = fields.next().filter(|code| Code::parse(*code).is_ok()).ok_or_else(fault)?;
        let atc = fields.next().filter(|atc| !atc.is_empty()).ok_or_else(fault)?;
        found.insert(code.into(), atc.into());
    }
    Ok(found)
}

/// Whether an ATC value lies at or below a class: `M01AE02` below `M01A`, not `M01AE0`.
///
/// ```
/// assert!(twinloom_codes::atc_holds("M01A", "M01AE02") && !twinloom_codes::atc_holds("M01AE0", "M01AE02"));
/// ```
pub fn atc_holds(class: &str, value: &str) -> bool {
    if class == value {
        return true;
    }
    let Ok(mut code) = Code::new(CodeSystem::Atc.name(), value) else {
        return false;
    };
    while let Some(parent) = crate::parents(&code).pop() {
        if parent.value() == class {
            return true;
        }
        code = parent;
    }
    false
}
