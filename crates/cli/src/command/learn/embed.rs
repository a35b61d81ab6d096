//! `twinloom learn embed`: the vectors that a model gives people and codes, maps of them, and what can be read in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use twinloom_audit::{Estimate, Options, Predictions, evaluate};
use twinloom_event::{Code, EventKind, Split, SubjectId};
use twinloom_learn::BenchmarkParameters;
use twinloom_learn::embeddings::{PrincipalAxes, ProbeError, UmapParameters, Vectors, nearest, probe, umap};
use twinloom_records::VectorTable;
use twinloom_views::{Subgroup, Visible};

use super::row::{AskedRow, RowArguments, refused};
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::{compose, evaluation, progress};

/// Arguments of `learn embed`.
#[derive(Debug, Args)]
pub(crate) struct EmbedArguments {
    #[command(flatten)]
    pub(crate) row: RowArguments,
    /// A code whose nearest codes are named; may be given again. The six commonest conditions if none is.
    #[arg(long = "concept", value_name = "CODE")]
    pub(crate) concepts: Vec<String>,
    /// Nearest codes named of each.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) neighbours: u64,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub(crate) replicates: u32,
}

/// Conditions whose neighbours are named if none is asked for.
const CONDITIONS: usize = 6;

/// What was written and found.
#[derive(Debug, Serialize)]
pub(crate) struct EmbeddingDocument {
    pub(crate) task: String,
    pub(crate) description: String,
    pub(crate) outcome: String,
    pub(crate) model: String,
    pub(crate) slug: String,
    /// Where the vectors stand in the study.
    pub(crate) folder: String,
    pub(crate) people: usize,
    pub(crate) people_width: usize,
    pub(crate) concepts: usize,
    pub(crate) concepts_width: usize,
    /// Shares of the people's variance along the two axes of their map.
    pub(crate) explained: Vec<f64>,
    pub(crate) neighbours: Vec<Neighbourhood>,
    pub(crate) probes: Vec<ProbeRow>,
}

/// A code with those nearest to it.
#[derive(Debug, Serialize)]
pub(crate) struct Neighbourhood {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) nearest: Vec<Near>,
}

/// A code near another.
#[derive(Debug, Serialize)]
pub(crate) struct Near {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) cosine: f64,
}

/// What a line through the people's vectors tells of held-out people.
#[derive(Debug, Serialize)]
pub(crate) struct ProbeRow {
    pub(crate) what: String,
    /// Held-out people judged, and of how many it holds.
    pub(crate) judged: usize,
    pub(crate) positives: usize,
    pub(crate) auroc: Option<Estimate>,
    /// Why there is no area.
    pub(crate) why_not: Option<String>,
}

/// Vectors with their maps.
pub(crate) struct Mapped {
    pub(crate) vectors: Vectors,
    pub(crate) principal: Vec<[f64; 2]>,
    pub(crate) neighbourly: Vec<[f64; 2]>,
    pub(crate) explained: Vec<f64>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &EmbedArguments) -> Result<ExitCode> {
    let mut stopwatch = Stopwatch::start();
    let row = arguments.row.read(context)?;
    stopwatch.lap("read");
    let bar = progress::bar(&context.common, "embedding", None);
    let explainer = row.fit(&row.parameters)?;
    let all: Vec<usize> = (0..row.instances.len()).collect();
    let people = explainer.patient_vectors(&all).map_err(refused)?;
    let concepts = explainer.concept_vectors().map_err(refused)?;
    let asked = asked_concepts(&row, &concepts, &arguments.concepts)?;
    stopwatch.lap("fit");
    let people = Mapped::of(people, context.common.seed)?;
    let concepts = Mapped::of(concepts, context.common.seed)?;
    stopwatch.lap("map");
    bar.finish_and_clear();

    let words = compose::Words::of(&row.dataset);
    let name = |code: &str| words.of_text(code);
    let neighbours = asked.into_iter().map(|place| Neighbourhood {
        code: concepts.vectors.names()[place].to_string(),
        name: name(&concepts.vectors.names()[place]),
        nearest: nearest(&concepts.vectors, place, arguments.neighbours as usize)
            .into_iter()
            .map(|near| Near { name: name(&near.name), code: near.name.to_string(), cosine: near.cosine })
            .collect(),
    });
    let options =
        Options { replicates: arguments.replicates, seed: context.common.seed, ..Options::default() };
    let slug = row.kind.slug();
    let home = format!("models/{}/vectors-{slug}", row.task.name);
    let document = EmbeddingDocument {
        task: row.task.name.to_string(),
        description: row.task.description.to_string(),
        outcome: row.outcome_name.to_string(),
        model: row.kind.name().to_owned(),
        folder: home.clone(),
        people: people.vectors.len(),
        people_width: people.vectors.width(),
        concepts: concepts.vectors.len(),
        concepts_width: concepts.vectors.width(),
        explained: people.explained.clone(),
        neighbours: neighbours.collect(),
        probes: probes(&row, &people.vectors, &options)?,
        slug,
    };
    stopwatch.lap("probe");
    let study = &arguments.row.study;
    write(&study.join(&home), "patients", &people)?;
    write(&study.join(&home), "concepts", &concepts)?;
    let report = compose::vectors::write(study, &row, &document, (&people, &concepts), &words)?;
    // Neither the thread count nor the wall time may reach a reproducible file.
    let reproducible = BenchmarkParameters { threads: 0, ..row.parameters.clone() };
    let step = context.step(
        "learn embed",
        json!({ "task": row.task, "model": row.kind, "outcome": row.outcome, "parameters": reproducible }),
        manifest::outputs(study, &["events"])?,
        manifest::outputs(study, &[home.as_str()])?,
    );
    let of = format!("vectors/{}/{}", document.task, document.slug);
    let seconds = stopwatch.seconds();
    Manifest::record(study, &of, step, stopwatch.timing(context.threads), &[])?;
    if context.common.json {
        let mut printed = serde_json::to_value(&document).context("the vectors have no JSON form")?;
        printed["seconds"] = json!(seconds);
        printed["report_file"] = json!(report.display().to_string());
        print_json(&printed);
    } else {
        print_text(&format!("{}\n\nReport: {}", describe(&document), report.display()));
    }
    Ok(ExitCode::SUCCESS)
}

impl Mapped {
    /// Both maps are fitted once, on all vectors.
    fn of(vectors: Vectors, seed: u64) -> Result<Self> {
        let blamed = |error: anyhow::Error| BadInput::from_chain(&error.context("a map of the vectors"));
        let axes = PrincipalAxes::fit(&[&vectors], 2).map_err(|error| blamed(error.into()))?;
        let principal = axes.project(&vectors).map_err(|error| blamed(error.into()))?;
        let principal = principal.iter().map(|point| [point[0], point[1]]).collect();
        let neighbourly = umap(&vectors, UmapParameters { seed, ..UmapParameters::default() });
        let neighbourly = neighbourly.map_err(|error| blamed(error.into()))?;
        Ok(Self { vectors, principal, neighbourly, explained: axes.explained })
    }
}

fn write(folder: &Path, what: &str, mapped: &Mapped) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    let vectors = &mapped.vectors;
    let maps = [("pca", mapped.principal.as_slice()), ("umap", mapped.neighbourly.as_slice())];
    let table =
        VectorTable { names: vectors.names(), width: vectors.width(), values: vectors.values(), maps: &maps };
    table.write(&folder.join(format!("{what}.parquet")))?;
    Ok(vectors.write_safetensors(&folder.join(format!("{what}.safetensors")), what)?)
}

/// Places of the codes asked for; the conditions that most training subjects have, if none is.
fn asked_concepts(row: &AskedRow, concepts: &Vectors, asked: &[String]) -> Result<Vec<usize>> {
    let places: BTreeMap<&str, usize> = concepts.names().iter().map(AsRef::as_ref).zip(0..).collect();
    if !asked.is_empty() {
        let place = |code: &String| {
            places.get(code.as_str()).copied().ok_or_else(|| {
                let some = concepts.names().iter().take(3).map(AsRef::as_ref).collect::<Vec<&str>>();
                BadInput::new(format!(
                    "the model has no vector of {code}; permitted: codes that it read in training"
                ))
                .hint(format!("for example {}", some.join(", ")))
                .into()
            })
        };
        return asked.iter().map(place).collect();
    }
    let train = row.splits.iter().zip(&row.instances).filter(|(split, _)| **split == Split::Train);
    let train: BTreeSet<SubjectId> = train.map(|(_, one)| one.subject_id()).collect();
    let mut counted: BTreeMap<usize, usize> = BTreeMap::new();
    for timeline in train.iter().filter_map(|&subject| row.dataset.cohort.get(subject)) {
        let conditions = timeline.events().iter().filter(|event| event.kind() == EventKind::Condition);
        let own: BTreeSet<&Code> = conditions.map(twinloom_event::Event::code).collect();
        for place in own.into_iter().filter_map(|code| places.get(code.as_str())) {
            *counted.entry(*place).or_default() += 1;
        }
    }
    let mut commonest: Vec<(usize, usize)> = counted.into_iter().collect();
    commonest.sort_by_key(|(_, people)| std::cmp::Reverse(*people));
    Ok(commonest.into_iter().take(CONDITIONS).map(|(place, _)| place).collect())
}

/// A property's name, and whether it holds of an instance, where that is known.
type Property<'p> = (&'static str, Box<dyn Fn(usize) -> Option<bool> + 'p>);

/// Whether each property can be read from the vectors of people never seen.
fn probes(row: &AskedRow, people: &Vectors, options: &Options) -> Result<Vec<ProbeRow>> {
    let views = row.task.views(&row.dataset.cohort, &row.instances).context("probes")?;
    let group = |view: &Visible<'_>, by: Subgroup| by.of(view).map(|group| group.to_string());
    let properties: [Property<'_>; 4] = [
        ("female", Box::new(|place| Some(group(&views[place], Subgroup::Sex)?.to_lowercase() == "female"))),
        ("aged 65 and over", Box::new(|place| Some(views[place].age_years()? >= 65.0))),
        (
            "in the two most deprived fifths",
            Box::new(|place| Some(group(&views[place], Subgroup::Deprivation)?.starts_with(['1', '2']))),
        ),
        ("the outcome itself", Box::new(|place| Some(row.labels[place]))),
    ];
    let mut found = Vec::new();
    for (what, property) in properties {
        let labels: Vec<Option<bool>> = (0..people.len()).map(&property).collect();
        if labels.iter().all(Option::is_none) {
            continue;
        }
        let probed = match probe(people, &labels, &row.splits) {
            Ok(probed) => probed,
            Err(error @ ProbeError::OneClass { .. }) => {
                let why_not = Some(error.to_string());
                found.push(ProbeRow { what: what.to_owned(), judged: 0, positives: 0, auroc: None, why_not });
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let subjects = probed.rows.iter().map(|&place| row.instances[place].subject_id()).collect();
        let (judged, positives) = (probed.labels.len(), probed.labels.iter().filter(|label| **label).count());
        let predictions = Predictions::new(subjects, probed.labels, probed.probabilities)?;
        let auroc = Some(evaluate(&predictions, options).auroc);
        found.push(ProbeRow { what: what.to_owned(), judged, positives, auroc, why_not: None });
    }
    Ok(found)
}

fn describe(document: &EmbeddingDocument) -> String {
    let mut rows = vec![
        ["Read from the vectors by a line", "held out", "AUROC (95 % interval)"].map(str::to_owned).to_vec(),
    ];
    rows.extend(document.probes.iter().map(|row| {
        let counts = format!("{} of {}", grouped(row.positives as u64), grouped(row.judged as u64));
        vec![row.what.clone(), counts, probe_in_words(row)]
    }));
    let mut near = vec![["Code", "nearest, by cosine"].map(str::to_owned).to_vec()];
    near.extend(document.neighbours.iter().map(|of| {
        let named: Vec<String> =
            of.nearest.iter().map(|near| format!("{} ({:.2})", near.name, near.cosine)).collect();
        vec![of.name.clone(), named.join("; ")]
    }));
    format!(
        "{}\n{}: {} vectors of {} numbers for people, {} of {} for codes, in {}.\nMaps by principal axes ({:.0} % and {:.0} % \
         of the people's variance) and by UMAP, each fitted once on all.\n\n{}\n\n{}",
        document.description,
        document.model,
        grouped(document.people as u64),
        document.people_width,
        grouped(document.concepts as u64),
        document.concepts_width,
        document.folder,
        100.0 * document.explained.first().unwrap_or(&0.0),
        100.0 * document.explained.get(1).unwrap_or(&0.0),
        table(&rows),
        table(&near)
    )
}

/// The area, or why there is none.
pub(crate) fn probe_in_words(row: &ProbeRow) -> String {
    match (&row.auroc, &row.why_not) {
        (Some(area), _) => evaluation::in_words(area),
        (None, Some(why)) => format!("none: {why}"),
        (None, None) => String::new(),
    }
}

/// Whose part of the study an instance is in.
pub(crate) fn part_in_words(split: Split) -> &'static str {
    match split {
        Split::Train => "Trained on",
        Split::Tuning => "Tuned on",
        Split::HeldOut => "Held out",
    }
}

/// The systems that codes are coloured by, commonest first, at most three.
pub(crate) fn systems(concepts: &Vectors) -> Vec<Arc<str>> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for name in concepts.names() {
        *counted.entry(system(name)).or_default() += 1;
    }
    let mut systems: Vec<(&str, usize)> = counted.into_iter().collect();
    systems.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    systems.into_iter().take(3).map(|(system, _)| Arc::from(system)).collect()
}

/// The system that a code is of.
pub(crate) fn system(code: &str) -> &str {
    code.split_once("//").map_or(code, |(system, _)| system)
}
