//! A pathway: one module file that was found sound.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::PathwayError;
use super::module::Module;
use super::names::Names;

/// One module of the Generic Module Framework, read and checked on its own.
///
/// # Limits
/// Not yet supported, with an error that names the state: ImagingStudy, SupplyList, Physiology;
/// lookup-table and type-of-care transitions; CQL expressions.
#[derive(Clone, Debug)]
pub struct Pathway {
    name: Arc<str>,
    file: Arc<str>,
    json: Arc<Json>,
    submodule: bool,
}

/// The modules that ship with Twinloom, by file.
const LIBRARY: &[(&str, &str)] = &[
    ("general_practice.json", include_str!("../../../../pathways/general_practice.json")),
    ("nhs_health_check.json", include_str!("../../../../pathways/nhs_health_check.json")),
    ("hypertension.json", include_str!("../../../../pathways/hypertension.json")),
    ("type_2_diabetes.json", include_str!("../../../../pathways/type_2_diabetes.json")),
    ("copd.json", include_str!("../../../../pathways/copd.json")),
    ("copd_exacerbation.json", include_str!("../../../../pathways/copd_exacerbation.json")),
];

impl Pathway {
    /// The pathways that ship with Twinloom: general practice, the NHS Health Check, hypertension, type
    /// 2 diabetes, COPD and its exacerbations.
    ///
    /// # Panics
    /// Never: the tests read every file of the library.
    pub fn library() -> Vec<Self> {
        LIBRARY
            .iter()
            .map(|(file, json)| Self::parse(file, json).expect("the library's files are sound"))
            .collect()
    }

    /// Reads a module. `file` names it in errors; a module that another calls goes by its `name` or by
    /// its file's name without `.json`.
    ///
    /// # Errors
    /// [`PathwayError`] when the text is not JSON or not a module, with the state and field.
    pub fn parse(file: &str, json: &str) -> Result<Self, PathwayError> {
        let json: Json = serde_json::from_str(json)
            .map_err(|source| PathwayError::Json { file: file.to_owned(), reason: source.to_string() })?;
        let module = Module::read(file, &json, &mut Names::default(), 0)?;
        Ok(Self {
            name: module.name.as_str().into(),
            file: file.into(),
            submodule: json.get("submodule").and_then(Json::as_bool) == Some(true),
            json: Arc::new(json),
        })
    }

    /// Reads a module file.
    ///
    /// # Errors
    /// As [`Pathway::parse`], and [`PathwayError::File`] when the file can't be read.
    pub fn read(path: &Path) -> Result<Self, PathwayError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| PathwayError::File { file: file.clone(), reason: source.to_string() })?;
        Self::parse(&file, &text)
    }

    /// The module's name, which also names its random stream.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the module runs only when another calls it (`"submodule": true`).
    pub fn is_submodule(&self) -> bool {
        self.submodule
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn json(&self) -> &Json {
        &self.json
    }

    /// Whether a call names this module.
    pub(crate) fn answers_to(&self, called: &str) -> bool {
        let stem = Path::new(&*self.file).file_stem().and_then(std::ffi::OsStr::to_str);
        &*self.name == called || stem == Some(called)
    }
}
