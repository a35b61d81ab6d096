//! A pathway: one module file that was found sound.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde_json::Value as Json;

use super::keys::Asked;
use super::module::Module;
use super::names::Names;
use super::{PathwayError, PathwayParameter};

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

/// Each file of `pathways/` with its text.
macro_rules! files {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../../../pathways/", $file)))),*]
    };
}

/// The modules that ship with Twinloom, by file.
const LIBRARY: &[(&str, &str)] = files![
    "general_practice.json",
    "nhs_health_check.json",
    "smoking_cessation.json",
    "frailty_review.json",
    "statin_primary_prevention.json",
    "alcohol_problems.json",
    "allergic_rhinitis.json",
    "anxiety.json",
    "asthma.json",
    "asthma_exacerbation.json",
    "atrial_fibrillation.json",
    "benign_prostatic_hyperplasia.json",
    "breast_cancer.json",
    "cataract.json",
    "chronic_kidney_disease.json",
    "chronic_liver_disease.json",
    "chronic_pain.json",
    "colorectal_cancer.json",
    "constipation.json",
    "copd.json",
    "copd_exacerbation.json",
    "coronary_heart_disease.json",
    "dementia.json",
    "depression.json",
    "diverticular_disease.json",
    "eczema.json",
    "end_of_life.json",
    "epilepsy.json",
    "forearm_fracture.json",
    "gastro_oesophageal_reflux.json",
    "glaucoma.json",
    "gout.json",
    "hearing_loss.json",
    "heart_failure.json",
    "heart_failure_decompensation.json",
    "hip_fracture.json",
    "hypercholesterolaemia.json",
    "hypertension.json",
    "hypothyroidism.json",
    "inflammatory_bowel_disease.json",
    "iron_deficiency_anaemia.json",
    "irritable_bowel_syndrome.json",
    "long_term_condition.json",
    "lung_cancer.json",
    "migraine.json",
    "multiple_sclerosis.json",
    "myocardial_infarction.json",
    "non_diabetic_hyperglycaemia.json",
    "obesity.json",
    "osteoarthritis.json",
    "osteoporosis.json",
    "other_cancer.json",
    "parkinsons_disease.json",
    "peripheral_arterial_disease.json",
    "prostate_cancer.json",
    "psoriasis.json",
    "rheumatoid_arthritis.json",
    "severe_mental_illness.json",
    "stroke.json",
    "stroke_review.json",
    "transient_ischaemic_attack.json",
    "type_1_diabetes.json",
    "type_2_diabetes.json",
    "visual_impairment.json",
    "vitamin_b12_deficiency.json",
    "acute_abdominal_pain.json",
    "acute_acne.json",
    "acute_ankle_sprain.json",
    "acute_appendicitis.json",
    "acute_breast_lump.json",
    "acute_bronchiolitis.json",
    "acute_bronchitis.json",
    "acute_cellulitis.json",
    "acute_chest_pain.json",
    "acute_chickenpox.json",
    "acute_conjunctivitis.json",
    "acute_contact_dermatitis.json",
    "acute_covid_19.json",
    "acute_deep_vein_thrombosis.json",
    "acute_delirium.json",
    "acute_dizziness.json",
    "acute_earwax.json",
    "acute_fall.json",
    "acute_gallstones.json",
    "acute_gastroenteritis.json",
    "acute_gastrointestinal_haemorrhage.json",
    "acute_haemorrhoids.json",
    "acute_head_injury.json",
    "acute_headache.json",
    "acute_indigestion.json",
    "acute_influenza.json",
    "acute_inguinal_hernia.json",
    "acute_insomnia.json",
    "acute_kidney_injury.json",
    "acute_knee_pain.json",
    "acute_laceration.json",
    "acute_low_back_pain.json",
    "acute_menopause.json",
    "acute_menorrhagia.json",
    "acute_other_emergency.json",
    "acute_otitis_media.json",
    "acute_pneumonia.json",
    "acute_pregnancy.json",
    "acute_pulmonary_embolism.json",
    "acute_rash.json",
    "acute_renal_colic.json",
    "acute_self_harm.json",
    "acute_sepsis.json",
    "acute_shingles.json",
    "acute_shoulder_pain.json",
    "acute_sinusitis.json",
    "acute_specialist_referral.json",
    "acute_stress_reaction.json",
    "acute_syncope.json",
    "acute_tiredness.json",
    "acute_tonsillitis.json",
    "acute_upper_respiratory_infection.json",
    "acute_urinary_tract_infection.json",
    "acute_vaginal_thrush.json",
    "cancer_screening_bowel.json",
    "cancer_screening_breast.json",
    "cancer_screening_cervical.json",
    "contraception.json",
    "immunisations.json",
    "immunisations_influenza.json",
];

impl Pathway {
    /// The pathways that ship with Twinloom, as `pathways/README.md` lists them.
    ///
    /// # Panics
    /// Never: the tests read every file of the library.
    pub fn library() -> Vec<Self> {
        // Read once: a pathway is only a handle, and the texts are long.
        static READ: OnceLock<Vec<Pathway>> = OnceLock::new();
        let parse = |(file, json): &(&str, &str)| {
            Self::parse(file, json).expect("the tests read every file of the library")
        };
        READ.get_or_init(|| LIBRARY.iter().map(parse).collect()).clone()
    }

    /// Reads a module. `file` names it in errors; a module that another calls goes by its `name` or by
    /// its file's name without `.json`.
    ///
    /// # Errors
    /// [`PathwayError`] when the text is not JSON or not a module, or has a key that nothing reads, with the
    /// state and field.
    pub fn parse(file: &str, json: &str) -> Result<Self, PathwayError> {
        let json: Json = serde_json::from_str(json)
            .map_err(|source| PathwayError::Json { file: file.to_owned(), reason: source.to_string() })?;
        let asked = Asked::default();
        let module = Module::read(file, &json, &mut Names::default(), 0, Some(&asked))?;
        asked.check(file, &json)?;
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

    /// The module as JSON text without spaces, the same for the same content, for a run's manifest.
    pub fn content(&self) -> String {
        self.json.to_string()
    }

    /// Whether the module runs only when another calls it (`"submodule": true`).
    pub fn is_submodule(&self) -> bool {
        self.submodule
    }

    /// The numbers of the module that a scenario may set.
    pub fn parameters(&self) -> Vec<PathwayParameter> {
        // Reading the module has read them before.
        PathwayParameter::read_all(&self.file, &self.json).unwrap_or_default()
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
