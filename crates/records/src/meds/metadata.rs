//! `metadata/dataset.json`: what a MEDS dataset says of itself.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::MedsError;
use super::schema::{
    CODE, ENCOUNTER_ID, NUMERIC_VALUE, RECORD_ID, SOURCE, SUBJECT_ID, TEXT_VALUE, TIME, UNIT,
};

/// The version of MEDS written.
pub const MEDS_VERSION: &str = "0.4.1";

/// The fields of `dataset.json`; all optional in the standard, unknown ones kept.
///
/// # Source
/// MEDS 0.4.1, `DatasetMetadataSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetMetadata {
    /// Name of the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_name: Option<String>,
    /// Version of the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_version: Option<String>,
    /// The program that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etl_name: Option<String>,
    /// That program's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etl_version: Option<String>,
    /// The MEDS version it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meds_version: Option<String>,
    /// When it was made, ISO 8601; given by the caller so that equal runs write equal bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Under which terms it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_uri: Option<String>,
    /// Where it is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_uri: Option<String>,
    /// Columns that lead back to the raw source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_source_id_columns: Option<Vec<String>>,
    /// Columns that refine the code, such as the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_modifier_columns: Option<Vec<String>>,
    /// Columns that hold further forms of value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_value_modality_columns: Option<Vec<String>>,
    /// Columns that name the site of care.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id_columns: Option<Vec<String>>,
    /// Columns of any other use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_extension_columns: Option<Vec<String>>,
    /// Fields beyond the standard's.
    #[serde(flatten)]
    pub further: serde_json::Map<String, Value>,
}

impl DatasetMetadata {
    /// Metadata of a dataset made by Twinloom at `created_at` (ISO 8601).
    pub fn new(dataset_name: impl Into<String>, created_at: impl Into<String>) -> Self {
        Self {
            dataset_name: Some(dataset_name.into()),
            etl_name: Some("twinloom".to_owned()),
            etl_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            meds_version: Some(MEDS_VERSION.to_owned()),
            created_at: Some(created_at.into()),
            ..Self::default()
        }
    }

    /// Says what the written columns beyond the standard's are for, as far as the caller has not.
    pub(crate) fn with_columns(mut self, columns: impl Iterator<Item = String>) -> Self {
        let of_the_standard = [SUBJECT_ID, TIME, CODE, NUMERIC_VALUE, TEXT_VALUE];
        let source_ids = [ENCOUNTER_ID, SOURCE, RECORD_ID];
        let further: Vec<String> =
            columns.filter(|column| !of_the_standard.contains(&column.as_str())).collect();
        let those = |names: &[&str]| -> Vec<String> {
            further.iter().filter(|column| names.contains(&column.as_str())).cloned().collect()
        };
        self.raw_source_id_columns.get_or_insert_with(|| those(&source_ids));
        self.code_modifier_columns.get_or_insert_with(|| those(&[UNIT]));
        self.additional_value_modality_columns.get_or_insert_default();
        self.site_id_columns.get_or_insert_default();
        self.other_extension_columns.get_or_insert_with(|| {
            let named: Vec<&str> = source_ids.into_iter().chain([UNIT]).collect();
            further.iter().filter(|column| !named.contains(&column.as_str())).cloned().collect()
        });
        self
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), MedsError> {
        let io = |source| MedsError::Io { file: path.display().to_string(), source };
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|source| MedsError::Json { file: path.display().to_string(), source })?;
        text.push('\n');
        fs::write(path, text).map_err(io)
    }

    pub(crate) fn read(path: &Path) -> Result<Self, MedsError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| MedsError::Io { file: file.clone(), source })?;
        serde_json::from_str(&text).map_err(|source| MedsError::Json { file, source })
    }
}
