//! Where the study came from, how it was made, what it can't show.

use twinloom_report::{Fact, ManifestEntry, Methods, MethodsBlock, Origin, Study};
use twinloom_views::summary::Volume;

use crate::manifest::{Manifest, Step};
use crate::output::grouped;

/// Files shown of each step; the manifest holds them all.
const FILES_SHOWN: usize = 12;

/// The page's heading.
pub(super) fn title(manifest: &Manifest) -> String {
    match manifest.steps.get("import").and_then(|step| step.parameters["source"].as_str()) {
        Some(source) => format!("Imported record: {source}"),
        None => "Simulated population".to_owned(),
    }
}

/// Whether the twin made the patients.
pub(super) fn is_simulated(manifest: &Manifest) -> bool {
    manifest.steps.contains_key("twin")
}

/// The sentence under it.
pub(super) fn subtitle(manifest: &Manifest) -> String {
    if is_simulated(manifest) {
        "People who never lived, and the GP record that observed them".to_owned()
    } else {
        "An imported record, its graph and its models".to_owned()
    }
}

/// Provenance.
pub(super) fn study(manifest: &Manifest, volume: &Volume) -> Study {
    let source = manifest.steps.get("twin").or_else(|| manifest.steps.get("import"));
    let (origin, name) = match source {
        Some(step) if step.command == "twin run" => (Origin::Simulated, "Twinloom digital twin".to_owned()),
        Some(step) => (Origin::Imported, step.parameters["format"].as_str().unwrap_or("unknown").to_owned()),
        None => (Origin::Imported, "unknown".to_owned()),
    };
    let mut study = Study::new(origin, name, volume.subjects, volume.events);
    study.first_event = volume.first;
    study.last_event = volume.last;
    study.seed = source.map(|step| step.seed);
    if let Some(step) = source {
        study.version.clone_from(&step.version);
        let format = step.parameters["format"].as_str().map(|format| format!(" --format {format} INPUT"));
        let (command, format) = (&step.command, format.unwrap_or_default());
        study.command = format!("twinloom {command}{format} --study STUDY --seed {}", step.seed);
    }
    study.facts = volume
        .encounters
        .iter()
        .map(|found| {
            Fact::new(
                format!("Encounters, {}", class_in_words(&found.class)),
                format!("{} by {} patients", grouped(found.encounters), grouped(found.subjects)),
            )
        })
        .collect();
    study
}

/// HL7 v3 ActCode encounter classes as people say them; others as written.
fn class_in_words(class: &str) -> &str {
    match class {
        "AMB" => "ambulatory",
        "EMER" => "emergency",
        "HH" => "home",
        "IMP" => "inpatient",
        "VR" => "telephone or video",
        other => other,
    }
}

/// Methods, limits and hashes.
pub(super) fn section(manifest: &Manifest) -> Methods {
    let mut blocks = vec![
        MethodsBlock::new(
            "What models may know",
            "A model sees what the record held at the prediction time: facts recorded by then, with a partial date counted as known only at the end of the period it may mean. Patients, never rows, are divided between fitting and judging.",
        ),
        MethodsBlock::new(
            "Intervals",
            "Intervals cover 95 %. Those of models resample the patients judged and take the fitted models as they are: what another training sample would change is not in them, so they are somewhat too narrow. Under cross-validation the predictions of several fits are ranked together. Intervals of proportions are Wilson's.",
        ),
        MethodsBlock::new(
            "The graph",
            "Patients, encounters and events are nodes of their own; each code is one node that all patients share. A model on the graph receives messages from codes through encounters to the patient. The row with shuffled edges keeps every node's number of edges and loses their meaning.",
        ),
    ];
    if let Some(model) = manifest.steps.get("twin").and_then(|step| step.model_description.as_ref()) {
        blocks.push(MethodsBlock {
            heading: "The twin (ODD protocol)".to_owned(),
            paragraphs: model.paragraphs(),
        });
    }
    Methods { blocks, limits: limits(manifest), manifest: entries(manifest) }
}

fn limits(manifest: &Manifest) -> Vec<String> {
    let mut limits = vec![
        "Nothing here is for patient care.".to_owned(),
        "One data set, one split of patients: scores elsewhere will differ.".to_owned(),
        "The settings of the networks were tried on the eICU demonstration data, so their scores there are slightly optimistic.".to_owned(),
        "The deprivation decile is that of the address at export; people who moved carry a later one.".to_owned(),
    ];
    if manifest.steps.contains_key("twin") {
        limits.push("Death in the simulation depends on age, sex and deprivation alone, so nothing else can predict it.".to_owned());
        limits.push("Simulated patients have only the conditions that the pathways know. A model that does well here has learnt the simulator.".to_owned());
    }
    limits
}

fn entries(manifest: &Manifest) -> Vec<ManifestEntry> {
    let entry = |role: &str, name: &str, step: &Step| {
        let files = if role == "input" { &step.inputs } else { &step.outputs };
        files
            .iter()
            .take(FILES_SHOWN)
            .map(|file| ManifestEntry {
                role: format!("{role} of {name}"),
                name: file.path.clone(),
                bytes: Some(file.bytes),
                sha256: file.sha256.clone(),
            })
            .collect::<Vec<_>>()
    };
    let mut entries = Vec::new();
    for (name, step) in &manifest.steps {
        if name == "import" {
            entries.extend(entry("input", name, step));
        }
        if name != "report" {
            entries.extend(entry("output", name, step));
        }
    }
    entries
}
