//! The command line: verbs, arguments, defaults and help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

use crate::command::ask::AskArguments;
use crate::command::hypergraph::HypergraphVerb;
use crate::command::learn::embed::EmbedArguments;
use crate::command::learn::explain::ExplainArguments;
use crate::command::privacy::PrivacyVerb;
use crate::command::tables::arguments::{AuditVerb, SynthVerb};
use crate::command::twin::calibrate::CalibrateArguments;
use crate::command::twin::compare::CompareArguments;
use crate::command::twin::fork::ForkArguments;
use crate::command::twin::gmf::GmfArguments;
use crate::command::twin::run::TwinRunArguments;
use crate::command::twin::validate::ValidateArguments;

/// One patient record woven into tables, sequences, graphs and reports; offline and reproducible.
///
/// Nothing here is for patient care.
#[derive(Debug, Parser)]
#[command(name = "twinloom", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Options that every verb takes.
    #[command(flatten)]
    pub(crate) common: Common,
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Options that every verb takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Print one JSON document for machines instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Threads to use; outputs do not depend on it. 0 means one per core.
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// Seed of every random stream.
    #[arg(long, global = true, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Draw no progress bars.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Simulate, import, build the graph, benchmark models and write the report: the whole house.
    #[command(after_help = "Example:\n  twinloom demo --patients 1000 --study studies/demo")]
    Demo(DemoArguments),
    /// Read records of a known format into a study.
    #[command(
        after_help = "Examples:\n  twinloom import --format fhir bundles.tar.xz --study s1\n  twinloom import --format csv visits.csv --description visits.toml --study s2\n\nExit code 0 when something was kept, 2 when nothing was."
    )]
    Import(ImportArguments),
    /// The digital twin.
    #[command(subcommand)]
    Twin(TwinVerb),
    /// The property graph.
    #[command(subcommand)]
    Graph(GraphVerb),
    /// Hypergraphs: sets of conditions, progressions, any network in a file.
    #[command(subcommand)]
    Hypergraph(HypergraphVerb),
    /// Models.
    #[command(subcommand)]
    Learn(LearnVerb),
    /// Synthetic tables.
    #[command(subcommand)]
    Synth(SynthVerb),
    /// Differential privacy: what noise is worth.
    #[command(subcommand)]
    Privacy(PrivacyVerb),
    /// Audits of what is released.
    #[command(subcommand)]
    Audit(AuditVerb),
    /// The study folder.
    #[command(subcommand)]
    Study(StudyVerb),
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The study folder to write; an earlier demo in it is replaced.
    #[arg(long, default_value = "studies/demo", value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// Patients to simulate.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) patients: u64,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Files, archives or folders to read.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The format of the input.
    #[arg(long, value_enum)]
    pub(crate) format: ImportFormat,
    /// The study folder to write; an earlier import in it is replaced.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// The TOML file that says which column is what (`--format csv` only).
    #[arg(long, value_name = "FILE", required_if_eq("format", "csv"))]
    pub(crate) description: Option<PathBuf>,
    /// The name of the recording system, kept as each event's source.
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
}

/// Formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// FHIR R4 JSON: bundles, NDJSON, single resources; .gz, .xz, .zip and tar archives.
    Fhir,
    /// A MEDS 0.4 folder.
    Meds,
    /// The eICU Collaborative Research Database's tables.
    Eicu,
    /// The MIMIC-III tables.
    Mimic,
    /// OMOP CDM 5.4 tables.
    Omop,
    /// Any CSV, described by a TOML file.
    Csv,
}

impl ImportFormat {
    /// The word on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Fhir => "fhir",
            Self::Meds => "meds",
            Self::Eicu => "eicu",
            Self::Mimic => "mimic",
            Self::Omop => "omop",
            Self::Csv => "csv",
        }
    }
}

/// Verbs of the twin.
#[derive(Debug, Subcommand)]
pub(crate) enum TwinVerb {
    /// Simulate people, services and the systems that record them; write truth, records and events.
    #[command(
        after_help = "Examples:\n  twinloom twin run --population 10000 --years 10 --seed 7 --study twin\n  twinloom twin run --population 100000 --years 10 --no-fhir --study large\n\nWith --json the outputs' hashes are printed, so that two runs can be compared."
    )]
    Run(TwinRunArguments),
    /// Sum the errors of a study's systems of record by system and kind.
    #[command(after_help = "Example:\n  twinloom twin ledger --study twin --json")]
    Ledger(StudyArgument),
    /// Run two scenarios on the same people with the same random numbers and tell what differs.
    #[command(
        after_help = "Example:\n  twinloom twin compare scenarios/baseline.toml scenarios/more_gp_appointments.toml --population 20000 --years 2 --replications 5 --report compare.html"
    )]
    Compare(CompareArguments),
    /// Live one simulated person's futures with and without an intervention, on the same random numbers.
    #[command(
        after_help = "Example:\n  twinloom twin fork --study s --subject 12 --at 2022-03-01 --do stop-smoking --futures 500 --json"
    )]
    Fork(ForkArguments),
    /// Tune onset rates to published targets by the cross-entropy method; held-out targets are never used.
    #[command(
        after_help = "Example:\n  twinloom twin calibrate --tune hypertension,copd --population 5000 --output calibrated.toml"
    )]
    Calibrate(CalibrateArguments),
    /// Hold a simulated study against published figures and print the realism table.
    #[command(
        after_help = "Example:\n  twinloom twin validate --study s --report\n\nExit code 0 whatever the verdicts: they stand in the table."
    )]
    Validate(ValidateArguments),
    /// Run a folder of Synthea's modules for an American population, week by week as Synthea does.
    #[command(
        after_help = "Examples:\n  twinloom twin gmf --modules synthea/src/main/resources/modules --population 1000 --seed 1 --json\n  twinloom twin gmf --compare gmf_state_visits.json\n  twinloom twin gmf --population 10000 --study synthea"
    )]
    Gmf(GmfArguments),
}

/// Verbs of the graph.
#[derive(Debug, Subcommand)]
pub(crate) enum GraphVerb {
    /// Build the property graph and its database from the study's events.
    #[command(
        after_help = "Examples:\n  twinloom graph build --study s1\n  twinloom graph build --study s1 --terminology SnomedCT_UK_Snapshot.zip --terminology nhsbsa_dmdbonus.zip --interactions pairs.csv\n\nTerminologies (files, folders or zips; told by their columns, not their names):\n  SNOMED CT RF2 snapshot (relationships, descriptions, map reference sets), dm+d XML and its bonus files,\n  ICD-10-CM equivalence mappings, CCSR and names, and CSV with the columns\n  source_system,source_code,target_system,target_code,relation[,source][,severity]\n  where relation is IS_A, MAPS_TO or INTERACTS_WITH.\nInteractions: CSV with atc_a,atc_b[,severity], or the columns above.\nOnly what the codes of the record lead to enters the graph."
    )]
    Build(GraphBuildArguments),
    /// Ask the graph a question in Cypher or GQL; builds the graph first if need be.
    #[command(
        after_help = "Example:\n  twinloom graph query --study s1 \"MATCH (p:Patient)-[:HAS_EVENT]->(:Condition)-[:CODED_AS]->(c:Concept) RETURN c.display, count(DISTINCT p) AS patients ORDER BY patients DESC LIMIT 10\"\n\nLabels: Patient, Encounter, Event (with Condition, Observation, Medication, ...), Concept, Entity.\nProperties: Patient id, sex, birth_year, imd_decile, ethnicity; Encounter id, class, start, end;\nEvent id, time, end, value, unit, status, text; Concept system, code, display."
    )]
    Query(GraphQueryArguments),
    /// Ask one of the analyst's questions; builds the graph first if need be.
    #[command(
        after_help = "Examples:\n  twinloom graph ask --list\n  twinloom graph ask readmissions --study s1 --days 30\n  twinloom graph ask nsaid-in-ckd-diabetes --study s1 --at 2023-12-31 --suppress 0 --json\n  twinloom graph ask nsaid-in-ckd-diabetes --study s1 --set nsaid=my_codes.csv\n\nCounts of people below 5 are not shown unless --suppress says otherwise. Shares come with Wilson's 95 % interval,\nmedians with that of order statistics. docs/graph-questions.md holds the questions' definitions."
    )]
    Ask(AskArguments),
    /// Write the graph for another program.
    #[command(
        after_help = "Examples:\n  twinloom graph export --study s1 --format graphml --output s1.graphml\n  twinloom graph export --study s1 --format gexf --as-of 2022-12-31 --output s1.gexf"
    )]
    Export(GraphExportArguments),
    /// Say what differs between the graphs of two studies, such as two loads of one source.
    #[command(
        after_help = "Example:\n  twinloom graph diff --before load1 --after load2 --json\n\nNodes are the same when label and id are, edges when type and both ends are."
    )]
    Diff(GraphDiffArguments),
}

/// Arguments of `graph build`.
#[derive(Debug, Args)]
pub(crate) struct GraphBuildArguments {
    /// The study folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// A terminology release: a file, folder or zip; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub(crate) terminology: Vec<PathBuf>,
    /// A table of drugs that interact; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) interactions: Vec<PathBuf>,
}

/// Arguments of `graph diff`.
#[derive(Debug, Args)]
pub(crate) struct GraphDiffArguments {
    /// The earlier study.
    #[arg(long, value_name = "DIR")]
    pub(crate) before: PathBuf,
    /// The later study.
    #[arg(long, value_name = "DIR")]
    pub(crate) after: PathBuf,
    /// How many names to list of each kind of difference.
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
}

/// The study alone.
#[derive(Debug, Args)]
pub(crate) struct StudyArgument {
    /// The study folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
}

/// Arguments of `graph query`.
#[derive(Debug, Args)]
pub(crate) struct GraphQueryArguments {
    /// The question.
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    /// The study folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// The language of the question.
    #[arg(long, value_enum, default_value_t = QueryLanguage::Cypher)]
    pub(crate) language: QueryLanguage,
    /// Ask the graph as it was known at the end of this day.
    #[arg(long, value_name = "DATE", value_parser = end_of_day)]
    pub(crate) as_of: Option<Timestamp>,
}

/// The last moment of a date of the command line.
fn end_of_day(text: &str) -> Result<Timestamp, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let parsed = match parts[..] {
        [year, month, day] => match (year.parse(), month.parse(), day.parse()) {
            (Ok(year), Ok(month), Ok(day)) => Timestamp::from_ymd(year, month, day).ok(),
            _ => None,
        },
        _ => None,
    };
    let end = parsed.and_then(|day| day.plus_micros(MICROSECONDS_PER_DAY - 1).ok());
    end.ok_or_else(|| format!("{text:?} is no date; permitted: YYYY-MM-DD"))
}

/// Query languages of the graph database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryLanguage {
    /// openCypher.
    Cypher,
    /// ISO GQL.
    Gql,
}

/// Arguments of `graph export`.
#[derive(Debug, Args)]
pub(crate) struct GraphExportArguments {
    /// The study folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// The format to write.
    #[arg(long, value_enum)]
    pub(crate) format: GraphFormat,
    /// Write the graph as it was known at the end of this day.
    #[arg(long, value_name = "DATE", value_parser = end_of_day)]
    pub(crate) as_of: Option<Timestamp>,
    /// The file to write; a folder for `neo4j`.
    #[arg(long, value_name = "PATH")]
    pub(crate) output: PathBuf,
}

/// Graph formats that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// CSV with typed headers and the import script of neo4j-admin.
    Neo4j,
    /// GraphML with typed keys.
    Graphml,
    /// GEXF 1.3 with a time line, for Gephi.
    Gexf,
    /// Turtle in the vocabulary of FHIR's RDF.
    Turtle,
    /// Hypergraph Interchange Format: visits and profiles over concepts, for XGI and HyperNetX.
    Hif,
    /// One CSV of edges.
    Edges,
}

/// Verbs of learning.
#[derive(Debug, Subcommand)]
pub(crate) enum LearnVerb {
    /// Fit every model on one task and print its row with intervals.
    #[command(
        after_help = "Examples:\n  twinloom learn benchmark --study s2 --task in-hospital-mortality\n  twinloom learn benchmark --study s1 --task next-diagnosis --diagnoses 10 --settings 1 --members 1\n  twinloom learn benchmark --study s1 --task onset-5-years --condition asthma=SNOMED//195967001 --json\n\nWrites STUDY/models/TASK (figures, predictions, labels) and a report, STUDY/reports/benchmark-TASK.html."
    )]
    Benchmark(BenchmarkArguments),
    /// Say why a model predicts what it predicts of people it never saw, and how far that can be believed.
    #[command(
        after_help = "Examples:\n  twinloom learn explain --study s2 --task in-hospital-mortality --model boosted-trees --report\n  twinloom learn explain --study s1 --task emergency-admission-12-months --model graphsage --subject 17\n  twinloom learn explain --study s1 --task onset-5-years --condition asthma=SNOMED//195967001 --model graphsage --json\n\nFits the model on the study's training patients and explains held-out ones: their reasons with records and dates,\nwhat would be predicted without them, and how faithful and stable such explanations are. Where the twin knows the\ntrue causes, they are held against those."
    )]
    Explain(ExplainArguments),
    /// Write the vectors that a model gives people and codes, with maps, nearest codes and what can be read in them.
    #[command(
        after_help = "Examples:\n  twinloom learn embed --study s1 --task emergency-admission-12-months --model graphsage\n  twinloom learn embed --study s1 --task onset-5-years --condition asthma=SNOMED//195967001 --model gru --concept SNOMED//24079001\n\nWrites STUDY/models/TASK/vectors-MODEL/{patients,concepts}.{parquet,safetensors} and a report,\nSTUDY/reports/vectors-TASK-MODEL.html, with maps by principal axes and by UMAP."
    )]
    Embed(EmbedArguments),
    /// Train graph and hypergraph networks on public data sets and set the accuracies beside the published ones.
    #[command(
        after_help = "Examples:\n  twinloom learn bench-public\n  twinloom learn bench-public --data data --runs 5 --json\n\nThe folder holds planetoid/{cora,citeseer}, hypergcn/{cocitation_cora,cocitation_citeseer,coauthorship_cora} and\ntudataset_dgcnn/{MUTAG,PTC,PROTEINS,NCI1}; what is not there is left out and named."
    )]
    BenchPublic(BenchPublicArguments),
    /// Predict which classes of drugs interact, pairs and sets of three, beside counts of known partners.
    #[command(
        after_help = "Examples:\n  twinloom learn interactions\n  twinloom learn interactions --data data --repeats 2 --json\n\nThe folder holds ddi_safedrug/ddi_atc_pairs.csv: a heading, then two ATC classes a line."
    )]
    Interactions(InteractionsArguments),
    /// Recommend the classes of drugs of an admission with few that interact (SafeDrug's loss), on the MIMIC-III demo.
    #[command(
        after_help = "Examples:\n  twinloom learn medications\n  twinloom learn medications --data data --repeats 1 --json\n\nThe folder holds mimic3_demo, the tables of MIMIC-III, and ddi_safedrug/ddi_atc_pairs.csv."
    )]
    Medications(MedicationsArguments),
}

/// Arguments of `learn interactions`.
#[derive(Debug, Args)]
pub(crate) struct InteractionsArguments {
    /// The folder of the public data sets.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    pub(crate) data: PathBuf,
    /// Divisions into folds, each with a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) repeats: u64,
}

/// Arguments of `learn medications`.
#[derive(Debug, Args)]
pub(crate) struct MedicationsArguments {
    /// The folder of the public data sets.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    pub(crate) data: PathBuf,
    /// Divisions of the patients into folds, each with a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) repeats: u64,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) replicates: u32,
    /// Factor of the penalty for interacting pairs.
    #[arg(long, value_name = "FACTOR", default_value_t = 0.01)]
    pub(crate) penalty: f32,
}

/// Arguments of `learn bench-public`.
#[derive(Debug, Args)]
pub(crate) struct BenchPublicArguments {
    /// The folder of the public data sets.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    pub(crate) data: PathBuf,
    /// Runs of each network on papers, each with a seed of its own; the published tables have 10 to 100.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=1_000))]
    pub(crate) runs: u64,
    /// Epochs of the isomorphism network in each of ten folds; published: 350.
    #[arg(long, value_name = "N", default_value_t = 350, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) fold_epochs: u64,
    /// Only these data sets, by their folder's last part (cora,MUTAG) or its first (hypergcn); an unknown name
    /// prints the list.
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
}

/// How the held-out part of a benchmark is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SplitBy {
    /// Patients are dealt at random.
    Patient,
    /// The latest predictions are held out, and no patient is in two parts.
    Time,
    /// Whole sites are held out.
    Site,
}

/// Arguments of `learn benchmark`.
#[derive(Debug, Args)]
pub(crate) struct BenchmarkArguments {
    /// The study folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// The task's name, or a file with a task in ACES's YAML; an unknown name prints the list.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) task: String,
    /// The condition whose onset is sought, as NAME=CODE,CODE,..; for the tasks about onset.
    #[arg(long, value_name = "NAME=CODES")]
    pub(crate) condition: Option<String>,
    /// How many of the commonest diagnoses are predicted side by side; for next-diagnosis.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=100))]
    pub(crate) diagnoses: u64,
    /// The models to fit, by their names in lower case with hyphens, such as boosted-trees,graphsage; all if none
    /// is named. An unknown name prints the list.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) models: Vec<String>,
    /// Networks from different starts whose predictions are averaged, for every model that is a network.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=20))]
    pub(crate) members: u64,
    /// How the held-out part is had: by patient, by time (the last quarter of the predictions) or by site.
    #[arg(long, default_value = "patient", value_name = "SPLIT")]
    pub(crate) split: SplitBy,
    /// Hold every patient out once, in so many folds, whatever the study's splits; for --split patient.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=20))]
    pub(crate) folds: Option<u64>,
    /// The column that states the site; for --split site.
    #[arg(long, default_value = "hospitalid", value_name = "COLUMN")]
    pub(crate) site_column: String,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) replicates: u32,
    /// Settings that each model may try on the tuning part, 1 to 4, the same number for all.
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) settings: usize,
}

/// Verbs of the study folder.
#[derive(Debug, Subcommand)]
pub(crate) enum StudyVerb {
    /// Say what the study holds, how it was made, and what was left out.
    #[command(after_help = "Example:\n  twinloom study show --study s1")]
    Show(StudyArgument),
    /// Write the study's report, one self-contained HTML file.
    #[command(after_help = "Example:\n  twinloom study report --study s1")]
    Report(StudyArgument),
    /// Write one row a person: what was known of each at a task's prediction time, and the outcome.
    #[command(
        after_help = "Examples:\n  twinloom study table --study s1 --task emergency-admission-12-months --out people.csv\n  twinloom study table --study s1 --task in-hospital-mortality --conditions 20 --out stays.csv --schema stays.yaml"
    )]
    Table(StudyTableArguments),
}

/// Arguments of `study table`.
#[derive(Debug, Args)]
pub(crate) struct StudyTableArguments {
    /// The study's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// The task whose outcome closes each row; an unknown name prints the list.
    #[arg(long, value_name = "NAME", default_value = "emergency-admission-12-months")]
    pub(crate) task: String,
    /// The condition that an onset task asks for, where it asks for one.
    #[arg(long, value_name = "NAME")]
    pub(crate) condition: Option<String>,
    /// Commonest conditions, a yes or no each.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub(crate) conditions: u32,
    /// Commonest measurements, the last value of two years each.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub(crate) measurements: u32,
    /// Where to write the rows.
    #[arg(long, value_name = "CSV", default_value = "people.csv")]
    pub(crate) out: PathBuf,
    /// Where to write what the columns hold; nowhere if not given.
    #[arg(long, value_name = "YAML")]
    pub(crate) schema: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn law_the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
