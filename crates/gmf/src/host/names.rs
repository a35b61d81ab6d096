//! Names that the host and the modules share.

use crate::host::Facts;
use crate::names::{AttributeId, CodingId, KeyId, TextId};
use crate::read::Vocabulary;

macro_rules! attributes {
    ($($field:ident = $name:literal,)*) => {
        /// Attributes that the host sets or reads.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Known {
            $(pub(crate) $field: AttributeId,)*
        }

        impl Known {
            fn new(vocabulary: &mut Vocabulary) -> Self {
                Self { $($field: vocabulary.attribute($name),)* }
            }
        }
    };
}

attributes! {
    gender = "gender",
    race = "race",
    ethnicity = "ethnicity",
    first_language = "first_language",
    state = "state",
    city = "city",
    county = "county",
    birth_country = "birth_country",
    birth_state = "birth_state",
    education = "education",
    education_level = "education_level",
    income = "income",
    income_level = "income_level",
    poverty_ratio = "poverty_ratio",
    occupation_level = "occupation_level",
    socioeconomic_score = "socioeconomic_score",
    socioeconomic_category = "socioeconomic_category",
    sexual_orientation = "sexual_orientation",
    food_insecurity = "food_insecurity",
    severe_housing_cost_burden = "severe_housing_cost_burden",
    unemployed = "unemployed",
    no_vehicle_access = "no_vehicle_access",
    uninsured = "uninsured",
    rhesus_negative = "RH_NEG",
    multiple_birth = "multiple_birth_status",
    marital_status = "marital_status",
    smoker = "smoker",
    alcoholic = "alcoholic",
    quit_smoking_age = "quit smoking age",
    quit_alcoholism_age = "quit alcoholism age",
    bmi_percentile = "bmi_percentile",
    weight_length_percentile = "current_weight_length_percentile",
    active_weight_management = "active_weight_management",
    weight_loss_adherence = "weight_loss_adherence",
    trigger_weight_loss = "trigger_weight_loss",
    long_term_weight_loss = "long_term_weight_loss",
    kilograms_to_gain = "kilograms_to_gain",
    vaccinated_against_covid = "C19_FULLY_VACCINATED",
    ischaemic_heart_disease_risk = "ihd_risk",
    infarction_risk = "mi_risk",
    cardiovascular_risk = "cardio_risk",
    fibrillation_risk = "atrial_fibrillation_risk",
    stroke_risk = "stroke_risk",
    days_until_death = "days_until_death",
    fall_risk = "probability_of_fall_injury",
    insurance_status = "insurance_status",
    hypertension = "hypertension",
    hypertension_severe = "hypertension_severe",
    blood_pressure_controlled = "blood_pressure_controlled",
    diabetes = "diabetes",
    prediabetes = "prediabetes",
    diabetes_severity = "diabetes_severity",
    kidney_disease = "ckd",
    heart_failure = "chf",
    osteoporosis = "osteoporosis",
    coronary_heart_disease = "coronary_heart_disease",
    atrial_fibrillation = "atrial_fibrillation",
    ventricular_hypertrophy = "left_ventricular_hypertrophy",
}

/// Codes and texts that the host uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    pub(crate) married: TextId,
    pub(crate) single: TextId,
    pub(crate) widowed: TextId,
    pub(crate) divorced: TextId,
    pub(crate) insured: [TextId; 4],
    pub(crate) well_child_visit: Option<CodingId>,
    pub(crate) general_examination: Option<CodingId>,
    pub(crate) check_up: Option<CodingId>,
    pub(crate) emergency: Option<CodingId>,
    pub(crate) urgent_care: Option<CodingId>,
    pub(crate) death_certification: Option<CodingId>,
    pub(crate) natural_death: Option<CodingId>,
    pub(crate) covid_vaccine: Option<CodingId>,
    /// Care plan of the hypertension module that lowers blood pressure.
    pub(crate) diet_plan: KeyId,
}

/// A medicine that lowers blood pressure: its key, and the mmHg it takes off (systolic, diastolic).
#[derive(Clone, Copy, Debug)]
pub(crate) struct PressureDrug {
    pub(crate) key: KeyId,
    pub(crate) systolic: (f64, f64),
    pub(crate) diastolic: (f64, f64),
}

/// Everything the host knows of a library's names, and its tables.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) known: Known,
    pub(crate) words: Words,
    pub(crate) pressure_drugs: Vec<PressureDrug>,
    /// Medicines that lower HbA1c, and by how many percentage points.
    pub(crate) sugar_drugs: Vec<(KeyId, f64)>,
    pub(crate) facts: Facts,
    pub(crate) texts: PeopleTexts,
}

/// Texts of demographic answers.
#[derive(Clone, Debug)]
pub(crate) struct PeopleTexts {
    pub(crate) genders: [TextId; 2],
    pub(crate) races: Vec<TextId>,
    pub(crate) ethnicities: [TextId; 2],
    pub(crate) languages: Vec<TextId>,
    pub(crate) educations: Vec<TextId>,
    pub(crate) categories: [TextId; 3],
    pub(crate) orientations: Vec<TextId>,
    pub(crate) state: TextId,
    pub(crate) city: TextId,
    pub(crate) county: TextId,
    pub(crate) countries: [TextId; 2],
}

/// RxNorm codes of medicines against hypertension and the impact ranges that Synthea's `htn_drugs.csv`
/// gives them: those with their own diastolic range first, the rest alike.
const PRESSURE_DRUGS: [(&str, (f64, f64)); 21] = [
    ("314076", (-7.2, -13.6)),
    ("866514", (-8.7, -15.5)),
    ("866412", (-8.7, -15.5)),
    ("197381", (-8.7, -15.5)),
    ("197383", (-8.7, -15.5)),
    ("197626", (-11.2, -13.8)),
    ("197499", (-9.3, -11.7)),
    ("313988", (-9.3, -11.7)),
    ("313096", (-9.3, -11.7)),
    ("310818", (-9.3, -11.7)),
    ("977880", (-9.3, -11.7)),
    ("310798", (-9.3, -11.7)),
    ("979492", (-9.3, -11.7)),
    ("1091646", (-9.3, -11.7)),
    ("1235144", (-9.3, -11.7)),
    ("830877", (-9.3, -11.7)),
    ("197361", (-9.3, -11.7)),
    ("308136", (-9.3, -11.7)),
    ("905395", (-9.3, -11.7)),
    ("197987", (-9.3, -11.7)),
    ("197745", (-9.3, -11.7)),
];
const SYSTOLIC_IMPACT: (f64, f64) = (-11.5, -16.29);

impl Host {
    pub(crate) fn new(vocabulary: &mut Vocabulary, facts: Facts) -> Self {
        let known = Known::new(vocabulary);
        let mut code = |code: &str, display: &str| {
            vocabulary.codings.add(&mut vocabulary.keys, "SNOMED-CT", code, display)
        };
        let well_child_visit = code("410620009", "Well child visit (procedure)");
        let general_examination = code("162673000", "General examination of patient (procedure)");
        let check_up = code("185349003", "Encounter for check up (procedure)");
        let emergency = code("50849002", "Emergency room admission (procedure)");
        let urgent_care = code("702927004", "Urgent care clinic (environment)");
        let death_certification = code("308646001", "Death certification");
        let natural_death = code("9855000", "Natural death with unknown cause");
        let covid_vaccine = vocabulary.codings.add(&mut vocabulary.keys, "CVX", "213", "COVID-19 vaccine");
        let mut text = |text: &str| vocabulary.text(text);
        let words = Words {
            married: text("M"),
            single: text("S"),
            widowed: text("W"),
            divorced: text("D"),
            insured: ["private", "medicaid", "medicare", "none"].map(&mut text),
            well_child_visit,
            general_examination,
            check_up,
            emergency,
            urgent_care,
            death_certification,
            natural_death,
            covid_vaccine,
            diet_plan: KeyId(vocabulary.keys.add("443402002")),
        };
        let texts = PeopleTexts::new(vocabulary);
        let pressure_drugs = PRESSURE_DRUGS
            .iter()
            .map(|(code, diastolic)| PressureDrug {
                key: KeyId(vocabulary.keys.add(code)),
                systolic: SYSTOLIC_IMPACT,
                diastolic: *diastolic,
            })
            .collect();
        // Metformin, liraglutide, canagliflozin, basal and prandial insulin: Synthea's lifecycle module.
        let sugar_drugs =
            [("860975", -1.5), ("897122", -0.5), ("1373463", -0.5), ("106892", -3.0), ("865098", -6.0)]
                .map(|(code, impact)| (KeyId(vocabulary.keys.add(code)), impact))
                .to_vec();
        Self { known, words, pressure_drugs, sugar_drugs, facts, texts }
    }
}

impl PeopleTexts {
    fn new(vocabulary: &mut Vocabulary) -> Self {
        let mut all = |names: &[&str]| names.iter().map(|name| vocabulary.text(name)).collect::<Vec<_>>();
        let races = all(&["white", "black", "asian", "native", "hawaiian", "other"]);
        let languages =
            all(&["english", "spanish", "french", "portuguese", "chinese", "vietnamese", "russian"]);
        let educations = all(&["less_than_hs", "hs_degree", "some_college", "bs_degree"]);
        let orientations = all(&["heterosexual", "homosexual", "bisexual"]);
        let mut text = |name: &str| vocabulary.text(name);
        Self {
            genders: ["F", "M"].map(&mut text),
            races,
            ethnicities: ["nonhispanic", "hispanic"].map(&mut text),
            languages,
            educations,
            categories: ["Low", "Middle", "High"].map(&mut text),
            orientations,
            state: text("Massachusetts"),
            city: text("Boston"),
            county: text("Suffolk County"),
            countries: ["US", "CA"].map(&mut text),
        }
    }
}
