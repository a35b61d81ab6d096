//! MIMIC's dictionaries: what its item numbers and codes mean.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{Attribute, Attributes, Code, Concept, Entity, RecordId};

use crate::SinkError;
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::source::TableSource;

pub(super) const TABLES: [&str; 6] =
    ["d_items", "d_labitems", "d_icd_diagnoses", "d_icd_procedures", "d_cpt", "caregivers"];

/// The system of laboratory item numbers.
const LAB_ITEM: &str = "MIMIC3_LABITEM";
/// The system of all other item numbers.
const ITEM: &str = "MIMIC3_ITEM";

/// Codes for item numbers.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// LOINC codes of laboratory items, with MIMIC's own beside.
    lab_loinc: FxHashMap<Box<str>, (Code, Arc<str>)>,
}

impl Dictionary {
    /// The code of a laboratory item, LOINC where MIMIC maps it, and the other codings as JSON.
    pub(super) fn lab(&self, out: &mut Out<'_>, item: &str) -> Option<(Code, Option<Arc<str>>)> {
        match self.lab_loinc.get(item) {
            Some((code, others)) => Some((code.clone(), Some(Arc::clone(others)))),
            None => Some((out.code(&[LAB_ITEM, item])?, None)),
        }
    }

    /// The code of a charted item.
    pub(super) fn item(out: &mut Out<'_>, item: &str) -> Option<Code> {
        out.code(&[ITEM, item])
    }
}

/// An ICD-9-CM diagnosis with its point: `4280` is 428.0, `E8490` is E849.0.
pub(super) fn icd9_diagnosis(text: &str) -> String {
    dotted(text, if text.starts_with('E') { 4 } else { 3 })
}

/// An ICD-9-CM procedure with its point: `3605` is 36.05.
pub(super) fn icd9_procedure(text: &str) -> String {
    dotted(text, 2)
}

fn dotted(text: &str, category: usize) -> String {
    match text.split_at_checked(category) {
        Some((category, rest)) if !rest.is_empty() && !text.contains('.') => format!("{category}.{rest}"),
        _ => text.to_owned(),
    }
}

pub(super) fn import(source: &TableSource, out: &mut Out<'_>) -> Result<Dictionary, TableError> {
    out.read_table(source, "d_items", &["itemid", "label"], &mut |out, row| {
        let code = row.get("itemid").and_then(|item| Dictionary::item(out, item));
        describe(out, code, row.get("label"))
    })?;
    let mut dictionary = Dictionary::default();
    out.read_table(source, "d_labitems", &["itemid", "label"], &mut |out, row| {
        let Some((item, own)) = row.get("itemid").and_then(|item| Some((item, out.code(&[LAB_ITEM, item])?)))
        else {
            return Ok(Outcome::Skipped("no itemid"));
        };
        let fluid = row.get("fluid").unwrap_or_default();
        let description = row.get("label").map(|label| format!("{label} ({fluid})").replace(" ()", ""));
        if let Some(loinc) = row.get("loinc_code").and_then(|code| out.code(&["LOINC", code])) {
            let others = serde_json::json!([own.as_str()]).to_string();
            dictionary.lab_loinc.insert(item.into(), (loinc.clone(), others.into()));
            describe(out, Some(loinc), description.as_deref())?;
        }
        describe(out, Some(own), description.as_deref())
    })?;
    for (table, point) in
        [("d_icd_diagnoses", icd9_diagnosis as fn(&str) -> String), ("d_icd_procedures", icd9_procedure)]
    {
        out.read_table(source, table, &["icd9_code", "long_title"], &mut |out, row| {
            let code = row.get("icd9_code").and_then(|code| out.code(&["ICD9CM", &point(code)]));
            describe(out, code, row.get("long_title"))
        })?;
    }
    out.read_table(source, "d_cpt", &["subsectionrange", "subsectionheader"], &mut |out, row| {
        let code = row.get("subsectionrange").and_then(|range| out.code(&["MIMIC3_CPT_SECTION", range]));
        describe(out, code, row.get("subsectionheader"))
    })?;
    out.read_table(source, "caregivers", &["cgid"], &mut |out, row| {
        let Some(record_id) = row.get("cgid").and_then(|id| RecordId::new(format!("caregivers/{id}")).ok())
        else {
            return Ok(Outcome::Skipped("no cgid"));
        };
        let mut attributes = Attributes::new();
        if let Some(description) = row.get("description") {
            attributes.insert("description".into(), Attribute::Text(description.into()));
        }
        let name = row.get("label").map(Arc::from);
        out.entity(Entity { record_id, kind: "Practitioner".into(), name, attributes })?;
        Ok(Outcome::Kept(0))
    })?;
    Ok(dictionary)
}

fn describe(out: &mut Out<'_>, code: Option<Code>, description: Option<&str>) -> Result<Outcome, SinkError> {
    let Some(code) = code else {
        return Ok(Outcome::Skipped("no code"));
    };
    let parents = twinloom_codes::parents(&code);
    out.concept(Concept { code, description: description.map(Arc::from), parents })?;
    Ok(Outcome::Kept(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_icd9_points() {
        // ICD-9-CM Official Guidelines: 428.0, V45.81, E849.0, 36.05.
        assert_eq!(icd9_diagnosis("4280"), "428.0");
        assert_eq!(icd9_diagnosis("V4581"), "V45.81");
        assert_eq!(icd9_diagnosis("E8490"), "E849.0");
        assert_eq!(icd9_diagnosis("042"), "042");
        assert_eq!(icd9_procedure("3605"), "36.05");
    }
}
