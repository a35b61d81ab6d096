//! Writes a report with invented values, to look at: `cargo run --example sample -- sample.html`.
//!
//! Expected result: one HTML file with every kind of section. To check it, open it in a browser without
//! a network; it must look the same.

mod graph;
mod models;
mod multimorbidity;
mod patient;

use twinloom_event::Timestamp;
use twinloom_report::{
    AgeBand, Fact, Intake, IntakeProblem, IntakeTable, ManifestEntry, Methods, MethodsBlock, Origin,
    PopulationPyramid, Prevalence, PrevalenceRow, Report, Section, Study,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or("usage: sample PATH")?;
    let mut study = Study::new(Origin::Simulated, "Twinloom digital twin, three pathways", 1_000, 214_382);
    study.first_event = Some(Timestamp::from_ymd(2006, 1, 2)?);
    study.last_event = Some(Timestamp::from_ymd(2025, 12, 31)?);
    study.seed = Some(20_261_122);
    study.command = "twinloom demo --patients 1000 --seed 20261122 --study demo".into();
    study.facts = vec![
        Fact::new(
            "Population",
            "England and Wales, ONS mid-2024 estimates by age, sex and deprivation decile",
        ),
        Fact::new("Licence of the sources", "Open Government Licence v3.0"),
    ];
    let report = Report::new("A thousand simulated patients in general practice", study)
        .subtitle("From GP records to a graph, to a prediction of admission, with what the models can and can't do.")
        .section(Section::new(intake()).introduction(
            "The twin wrote its GP records as FHIR R4 bundles; they were then read back as any other source.",
        ))
        .section(pyramid())
        .section(prevalence())
        .section(patient::timeline()?)
        .section(graph::schema())
        .section(graph::neighbourhood())
        .section(multimorbidity::together())
        .section(Section::new(multimorbidity::ordered()).heading("What follows what"))
        .section(multimorbidity::progression())
        .section(multimorbidity::transitions(9))
        .section(multimorbidity::transitions(20))
        .section(multimorbidity::ego())
        .section(multimorbidity::difference())
        .section(multimorbidity::network())
        .section(Section::new(models::results()).heading("Predicting death in hospital"))
        .section(models::calibration())
        .section(methods());
    std::fs::write(path, report.to_html())?;
    Ok(())
}

fn intake() -> Intake {
    let tables = [
        ("Patient", 1_000, 1_000, 3_000),
        ("Encounter", 38_112, 38_112, 38_112),
        ("Condition", 2_904, 2_897, 2_897),
        ("Observation", 121_553, 121_530, 148_210),
        ("MedicationRequest", 21_776, 21_776, 21_776),
        ("Procedure", 387, 387, 387),
    ];
    let problem = |table: &str, sort: &str, reason: &str, count, place: &str| IntakeProblem {
        table: table.into(),
        sort: sort.into(),
        reason: reason.into(),
        count,
        first_location: Some(place.into()),
    };
    Intake {
        format: "FHIR R4".into(),
        files: 4,
        bytes: 96_400_000,
        tables: tables
            .map(|(name, read, kept, events)| IntakeTable {
                name: name.into(),
                read,
                kept,
                skipped: read - kept,
                events,
            })
            .into(),
        problems: vec![
            problem("Condition", "skipped", "entered in error", 7, "records/gp/part-0001.ndjson:112"),
            problem(
                "Observation",
                "skipped",
                "no value and no component",
                23,
                "records/gp/part-0002.ndjson:8",
            ),
            problem(
                "Observation",
                "unit",
                "unit not in UCUM, kept as written",
                12,
                "records/gp/part-0002.ndjson:31",
            ),
        ],
    }
}

fn pyramid() -> PopulationPyramid {
    let males = [25, 27, 29, 28, 30, 32, 35, 34, 32, 29, 31, 33, 31, 26, 22, 19, 12, 6, 3];
    let bands = males.iter().enumerate().map(|(index, &male)| {
        let age = index * 5;
        let female = male + index as u64 / 4 - 1;
        AgeBand {
            label: if age == 90 { "90+".into() } else { format!("{age}–{}", age + 4) },
            female,
            male,
            other: 0,
            expected_female: Some(female as f64 * 1.03 - 0.7 + (index % 3) as f64),
            expected_male: Some(male as f64 * 0.98 + 1.4 - (index % 4) as f64),
        }
    });
    PopulationPyramid {
        age_at: "on 31 December 2025".into(),
        bands: bands.collect(),
        expected_source: Some("ONS mid-2024 estimates for England and Wales, scaled to this study".into()),
    }
}

fn prevalence() -> Prevalence {
    Prevalence {
        population: "everyone alive on 31 December 2025".into(),
        rows: vec![
            PrevalenceRow::new("Hypertension", 152, 982).target(0.148, "QOF 2023/24, England, all ages"),
            PrevalenceRow::new("Type 2 diabetes mellitus", 71, 982)
                .target(0.077, "QOF 2023/24, England, 17 and over"),
            PrevalenceRow::new("Chronic kidney disease stage 3 to 5", 44, 982),
            PrevalenceRow::new("Chronic obstructive pulmonary disease", 31, 982)
                .target(0.0185, "QOF 2023/24, England, all ages"),
            PrevalenceRow::new("Heart failure", 9, 982).target(0.011, "QOF 2023/24, England, all ages"),
            PrevalenceRow::new("Diabetic retinopathy", 4, 982),
        ],
    }
}

fn methods() -> Methods {
    let entry = |role: &str, name: &str, bytes, seed: u64| ManifestEntry {
        role: role.into(),
        name: name.into(),
        bytes: Some(bytes),
        sha256: format!("{:016x}", seed * 0x09e3_779b_97f4_a7c1_u64).repeat(4),
    };
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Population and pathways",
                "Patients are drawn by age, sex and deprivation decile from ONS aggregates. Each follows three \
                 pathways (hypertension, type 2 diabetes, COPD) whose rates come from the sources named in the \
                 pathway files.",
            ),
            MethodsBlock::new(
                "Prediction",
                "Features come only from what the record could have shown at the prediction time. Patients are \
                 split 70/10/20 into training, tuning and held-out sets; intervals are percentiles of 1,000 \
                 bootstrap samples of held-out patients.",
            ),
        ],
        limits: vec![
            "The twin's diseases are simpler than people's: three pathways, independent given age and sex."
                .into(),
            "A score on simulated patients says nothing about how a model would do on real ones.".into(),
            "Prevalence targets are for England; local populations differ.".into(),
        ],
        manifest: vec![
            entry("output", "events/data/train/0.parquet", 4_812_331, 7),
            entry("output", "graph/graph.csr", 9_120_004, 11),
            entry("input", "pathways/type2_diabetes.json", 18_233, 13),
        ],
    }
}
