//! The report of `learn embed`: maps of people and of codes, and what can be read in their vectors.

use std::path::{Path, PathBuf};

use anyhow::Result;
use twinloom_event::Split;
use twinloom_report::{Cell, MapPanel, MapPoint, Methods, MethodsBlock, PointMap, Report, Section, Table};
use twinloom_views::summary::volume;

use super::{Words, methods, results};
use crate::command::learn::embed::{
    EmbeddingDocument, Mapped, part_in_words, probe_in_words, system, systems,
};
use crate::command::learn::row::AskedRow;
use crate::command::twin::setting;
use crate::manifest::Manifest;
use crate::output::grouped;

/// Points drawn on each map; more would hide one another and make the page slow.
const DRAWN: usize = 1500;

/// Writes the report; gives its path.
pub(crate) fn write(
    folder: &Path,
    row: &AskedRow,
    document: &EmbeddingDocument,
    (people, concepts): (&Mapped, &Mapped),
    words: &Words<'_>,
) -> Result<PathBuf> {
    let manifest = Manifest::read(folder)?;
    let outcome = results::outcome(&document.outcome);
    let title = format!("What {} learned to predict {outcome}", document.model);
    let by_outcome = maps(people, &["Did not come about".to_owned(), "Came about".to_owned()], |place| {
        (usize::from(row.labels[place]), String::new())
    });
    let parts = [Split::Train, Split::Tuning, Split::HeldOut];
    let by_part = maps(people, &parts.map(|part| part_in_words(part).to_owned()), |place| {
        (parts.iter().position(|part| *part == row.splits[place]).unwrap_or(0), String::new())
    });
    let systems = systems(&concepts.vectors);
    let names: Vec<String> =
        systems.iter().map(ToString::to_string).chain(["Other systems".to_owned()]).collect();
    let named: Vec<&str> = document.neighbours.iter().map(|of| of.code.as_str()).collect();
    let of_codes = maps(concepts, &names, |place| {
        let code = &concepts.vectors.names()[place];
        let group = systems.iter().position(|known| **known == *system(code)).unwrap_or(systems.len());
        let name = if named.contains(&&**code) { words.of_text(code) } else { String::new() };
        (group, name)
    });
    let report = Report::new(title, methods::study(&manifest, &volume(&row.dataset.cohort)))
        .subtitle(document.description.clone())
        .section(Section::new(by_outcome).heading("People by outcome").introduction(
            "Each point is a prediction: what the model's last layer says of a person at a time. Where those with the \
             outcome lie together, the model tells them apart.",
        ))
        .section(Section::new(by_part).heading("People by part of the study").introduction(
            "The same points by whether the model was fitted on them. Held-out people should lie among the others; \
             where they lie apart, the model knows its training people by heart.",
        ))
        .section(probes(document))
        .section(Section::new(of_codes).heading("Codes"))
        .section(neighbours(document))
        .section(how(document));
    let path = folder.join(format!("reports/vectors-{}-{}.html", document.task, document.slug));
    setting::write_report(&report, &path)?;
    Ok(path)
}

/// Both maps side by side, every so many points of each.
fn maps(mapped: &Mapped, groups: &[String], of: impl Fn(usize) -> (usize, String)) -> PointMap {
    let count = mapped.vectors.len();
    let stride = count.div_ceil(DRAWN).max(1);
    let panel = |title: String, points: &[[f64; 2]]| MapPanel {
        title,
        points: points
            .iter()
            .enumerate()
            .map(|(place, &[x, y])| (place, x, y, of(place)))
            .filter(|(place, _, _, (_, name))| place % stride == 0 || !name.is_empty())
            .map(|(_, x, y, (group, name))| MapPoint { x, y, group, name })
            .collect(),
    };
    let share = |axis: usize| 100.0 * mapped.explained.get(axis).copied().unwrap_or(0.0);
    let drawn = if stride == 1 { "all drawn".to_owned() } else { format!("every {stride}th drawn") };
    PointMap {
        caption: format!("{} vectors, {drawn}.", grouped(count as u64)),
        reading: "Left: the two directions in which the vectors differ most. Right: UMAP, which keeps neighbours \
                  together and says little of how far groups lie from each other. Both were fitted once on all \
                  vectors; axes have no unit."
            .to_owned(),
        groups: groups.to_vec(),
        panels: vec![
            panel(
                format!("Principal axes ({:.0} % and {:.0} % of the variance)", share(0), share(1)),
                &mapped.principal,
            ),
            panel("UMAP".to_owned(), &mapped.neighbourly),
        ],
    }
}

fn probes(document: &EmbeddingDocument) -> Section {
    let rows = document.probes.iter().map(|row| {
        vec![
            row.what.clone().into(),
            Cell::Count(row.judged as u64),
            Cell::Count(row.positives as u64),
            probe_in_words(row).into(),
        ]
    });
    let table = Table {
        caption: "Logistic regression on the people's vectors, judged on held-out people".to_owned(),
        columns: ["Property", "Judged", "Of whom it holds", "AUROC (95 % interval)"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("What can be read in the vectors").introduction(
        "0.5 is chance. A property that a line can read is plainly in the vectors, whether the model needs it or not; \
         whoever passes vectors on passes it on too.",
    )
}

fn neighbours(document: &EmbeddingDocument) -> Section {
    let rows = document.neighbours.iter().flat_map(|of| {
        of.nearest.iter().map(|near| {
            vec![
                of.name.clone().into(),
                near.name.clone().into(),
                Cell::Text(near.code.clone()),
                Cell::Number { value: near.cosine, decimals: 2 },
            ]
        })
    });
    let table = Table {
        caption: "The codes whose vectors point the same way".to_owned(),
        columns: ["Code", "Near it", "Its code", "Cosine"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("Nearest codes").introduction(
        "Codes lie near each other when the model treats them alike for this outcome, which is not to say that they \
         mean alike. Rare codes hardly move from where they started, at random.",
    )
}

fn how(document: &EmbeddingDocument) -> Methods {
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Vectors",
                format!(
                    "{}, fitted on the training people. People: the last hidden layer, {} numbers. Codes: the table of \
                     vectors, {} numbers. Both stand in {} as Parquet, with their maps, and as safetensors.",
                    document.model, document.people_width, document.concepts_width, document.folder
                ),
            ),
            MethodsBlock::new(
                "Maps",
                "Principal axes: Hotelling 1933. UMAP: McInnes, Healy and Melville 2018, 15 exact neighbours, started \
                 from the principal axes; the same for any number of threads.",
            ),
            MethodsBlock::new(
                "Reading",
                "Linear probes (Alain and Bengio 2016) fitted on training people, their penalty chosen on tuning people; \
                 intervals resample held-out patients.",
            ),
        ],
        limits: vec![
            "One fit of one model: another seed turns and mirrors the vectors, and moves rare codes anywhere.".to_owned(),
            "Clusters on a map are a question, not a finding.".to_owned(),
            "Vectors of real people are personal data, as their records are.".to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}
