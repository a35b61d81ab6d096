//! The report of a synthetic table held against the real one.

use anyhow::Result;
use twinloom_audit::appropriate::Recommendation;
use twinloom_audit::synthetic::{
    Beside, Encoder, PairRow, Resampling, SyntheticOptions, SyntheticReport, histograms, survival_curve,
};
use twinloom_learn::embeddings::{UmapParameters, Vectors, umap};
use twinloom_report::{
    Cell, DistributionPanel, Distributions, DotMark, DotPlot, DotRow, Fact, HeatMap, HeatPanel, MapPanel,
    MapPoint, Methods, MethodsBlock, PointMap, Report, Section, StepCurves, Table,
};

use super::{drawn, recommendation, study};
use crate::command::tables::described::named_figures;
use crate::command::tables::{Tables, refused};
use crate::context::Context;
use crate::evaluation::in_words;
use crate::output::grouped;

/// The tables' names on every figure.
const NAMES: [&str; 3] = ["Real", "Synthetic", "Real, held out"];
/// Rows of each table on the maps.
const MAPPED: usize = 700;
/// Columns drawn, those that differ most first.
const MOST_COLUMNS: usize = 60;

/// Builds the page.
pub(crate) fn report(
    context: &Context,
    tables: &Tables,
    found: &SyntheticReport,
    recommended: &Recommendation,
    options: &SyntheticOptions,
) -> Result<Report> {
    let facts = vec![
        Fact::new("Real rows", grouped(found.rows.real as u64)),
        Fact::new("Synthetic rows", grouped(found.rows.synthetic as u64)),
        Fact::new("Real rows held out", grouped(found.rows.holdout.unwrap_or(0) as u64)),
        Fact::new("Columns", tables.real.columns().len().to_string()),
    ];
    let command =
        "twinloom synth evaluate --real REAL --holdout HELD_OUT --synthetic SYNTHETIC --report FILE";
    let study = study(context, found.rows.real, command, facts);
    let mut report = Report::new("Does the synthetic table stand for the real one?", study)
        .subtitle(
            "Each figure beside what real people held out show: the difference that chance alone leaves",
        )
        .section(recommendation::section(recommended))
        .section(quality(found));
    if !found.transfer.is_empty() {
        report = report.section(transfer(found));
    }
    report = report.section(columns(tables, found, options)?).section(pairs(found));
    if let Some(section) = survival(tables, found, options)? {
        report = report.section(section);
    }
    if !found.groups.is_empty() {
        report = report.section(groups(found));
    }
    Ok(report.section(maps(tables, found, options)?).section(blind(found)).section(methods(options)))
}

fn quality(found: &SyntheticReport) -> Section {
    let row = |(name, figure): (String, Beside<twinloom_audit::Estimate>)| {
        let holdout = figure.holdout.map_or(Cell::Empty, |own| Cell::Text(in_words(&own)));
        vec![Cell::Text(name), Cell::Text(in_words(&figure.synthetic)), holdout]
    };
    let table = Table {
        caption: "Figures of the synthetic table and of real people held out, each against the real table"
            .to_owned(),
        columns: ["Figure", "Synthetic", "Held out"].map(str::to_owned).to_vec(),
        rows: named_figures(found).into_iter().map(row).collect(),
    };
    Section::new(table).heading("How close it is").introduction(
        "The held-out column is as good as it gets. A synthetic table that is much closer than that is a copy, and \
         should be attacked before anything else is done with it.",
    )
}

fn transfer(found: &SyntheticReport) -> Section {
    let mut rows = Vec::new();
    let mut target = String::new();
    for row in &found.transfer {
        if row.target.to_string() != target {
            target = row.target.to_string();
            rows.push(DotRow::heading(target.clone()));
        }
        for (taught, figure, mark) in
            [("real", &row.real, DotMark::Ring), ("synthetic", &row.synthetic, DotMark::Disc)]
        {
            rows.push(DotRow {
                label: format!("{}, taught by {taught}", row.learner),
                estimate: Some(drawn(figure)),
                shown: in_words(figure),
                mark,
            });
        }
    }
    let plot = DotPlot {
        caption: "Models trained on real and on synthetic people, both judged on real people held out".to_owned(),
        reading: "Dots close to their ring: whoever trains on the synthetic table loses little. Lines are 95 % \
                  intervals over the people held out; the dashed line is a coin's toss. A model can do well here and \
                  still rest on the wrong columns."
            .to_owned(),
        axis: "Area under the ROC curve".to_owned(),
        value_heading: "AUROC (95 % interval)".to_owned(),
        reference: Some(0.5),
        band: None,
        limits: (0.0, 1.0),
        legend: vec![
            (DotMark::Disc, "Taught by synthetic people".to_owned()),
            (DotMark::Ring, "Taught by real people".to_owned()),
        ],
        rows,
    };
    Section::new(plot).heading("What models learn from it").introduction(
        "Train on synthetic, test on real: each question is asked of a model taught by either table. It says nothing of \
         questions that were not asked.",
    )
}

fn columns(tables: &Tables, found: &SyntheticReport, options: &SyntheticOptions) -> Result<Section> {
    let others = [&tables.synthetic, &tables.holdout];
    let histograms = histograms(&tables.real, &others, &options.resampling).map_err(refused)?;
    let figure = |name: &str| found.columns.synthetic.iter().find(|column| &*column.column == name);
    let differs = |name: &str| figure(name).and_then(|column| column.total_variation.value).unwrap_or(0.0);
    let mut panels: Vec<DistributionPanel> = histograms
        .iter()
        .map(|histogram| DistributionPanel {
            title: histogram.column.to_string(),
            note: figure(&histogram.column).map_or_else(String::new, |column| {
                format!("differs in {}", in_words(&column.total_variation))
            }),
            bins: histogram.bins.iter().map(ToString::to_string).collect(),
            shares: histogram.shares.clone(),
        })
        .collect();
    panels.sort_by(|left, right| differs(&right.title).total_cmp(&differs(&left.title)));
    let left_out = panels.len().saturating_sub(MOST_COLUMNS);
    panels.truncate(MOST_COLUMNS);
    let rest = if left_out > 0 {
        format!(" {left_out} columns that differ less are not drawn.")
    } else {
        String::new()
    };
    let distributions = Distributions {
        caption: format!("Share of rows by bin of each column, those that differ most first.{rest}"),
        reading: "Bars: real people. A diamond at its bar's top: the synthetic table has as many. The ring shows people \
                  held out, and so how far a diamond may lie off by chance. Point at a bar for its numbers."
            .to_owned(),
        tables: NAMES.map(str::to_owned).to_vec(),
        panels,
    };
    Ok(Section::new(distributions).heading("Column by column").introduction(
        "Whether each column alone has the same distribution. Columns drawn independently of each other would look \
         perfect here.",
    ))
}

fn pairs(found: &SyntheticReport) -> Section {
    let names: Vec<String> = found.columns.synthetic.iter().map(|column| column.column.to_string()).collect();
    let matrix = |rows: &[PairRow]| {
        let mut cells = vec![vec![None; names.len()]; names.len()];
        for row in rows {
            let place = |name: &str| names.iter().position(|own| own == name);
            let (Some(left), Some(right)) = (place(&row.left), place(&row.right)) else { continue };
            // Numbers go together by sign; with words there is none.
            let value = row.pearson.or(row.cramers_v).map(|[real, other]| other - real);
            cells[left][right] = value;
            cells[right][left] = value;
        }
        cells
    };
    let mut panels = vec![HeatPanel {
        title: "Synthetic less real".to_owned(),
        cells: matrix(&found.pairs.synthetic.pairs),
    }];
    if let Some(holdout) = &found.pairs.holdout {
        let title = "Held out less real: what chance leaves".to_owned();
        panels.push(HeatPanel { title, cells: matrix(&holdout.pairs) });
    }
    let map = HeatMap {
        caption: "Differences in how two columns go together: Pearson's correlation of two numbers, Cramer's V where a \
                  column holds words"
            .to_owned(),
        reading: "The larger and fuller a square, the more the pair is off. Full squares: the synthetic table ties them \
                  closer (or less against each other); hollow ones: looser. An empty place is a pair without a figure."
            .to_owned(),
        names,
        full: 0.3,
        panels,
    };
    Section::new(map).heading("Pair by pair").introduction(
        "Whether two columns go together as they should. What takes three columns to see, and what is not a straight \
         line, is not seen here.",
    )
}

fn survival(tables: &Tables, found: &SyntheticReport, options: &SyntheticOptions) -> Result<Option<Section>> {
    let (Some(columns), Some(figures)) = (&options.survival, &found.survival) else { return Ok(None) };
    let series = [&tables.real, &tables.synthetic, &tables.holdout].into_iter().zip(NAMES).map(
        |(table, name)| -> Result<(String, Vec<(f64, f64)>)> {
            let curve = survival_curve(table, columns, &options.resampling).map_err(refused)?;
            Ok((name.to_owned(), curve))
        },
    );
    let curves = StepCurves {
        caption: format!("Share without the event ({}) over time, Kaplan-Meier", columns.event),
        reading:
            "Curves that lie on each other: time to the event is kept. Ends of curves rest on few people."
                .to_owned(),
        across: columns.duration.to_string(),
        upwards: "Share without the event".to_owned(),
        series: series.collect::<Result<_>>()?,
    };
    let told = |figures: &twinloom_audit::synthetic::SurvivalFigures| {
        let p = figures.log_rank_p.map_or_else(String::new, |p| format!(", log-rank p {p:.3}"));
        format!("{} on average{p}", in_words(&figures.mean_difference))
    };
    let holdout =
        figures.holdout.as_ref().map_or_else(String::new, |own| format!("; held out {}", told(own)));
    Ok(Some(Section::new(curves).heading("Time to the event").introduction(format!(
        "The synthetic curve differs by {}{holdout}. What survival depends on is not seen here.",
        told(&figures.synthetic)
    ))))
}

fn groups(found: &SyntheticReport) -> Section {
    let rows = found.groups.iter().map(|row| {
        let number = |value: f64| Cell::Number { value, decimals: 3 };
        let told = |own: Option<twinloom_audit::Estimate>| {
            own.map_or_else(|| Cell::from("too few rows"), |own| Cell::Text(in_words(&own)))
        };
        vec![
            Cell::Text(format!("{}: {}", row.column, row.category)),
            number(row.real_share),
            number(row.synthetic_share),
            told(row.quality.map(|own| own.quality)),
            told(row.pearson),
            row.total_variation.map_or(Cell::Empty, number),
        ]
    });
    let table = Table {
        caption: "Figures within groups of people".to_owned(),
        columns: [
            "Group",
            "Share of real",
            "Share of synthetic",
            "Quality",
            "Correlations differ by",
            "Columns differ by",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("Group by group").introduction(
        "Generators keep small groups worst. Groups of fewer than 30 rows in either table are not judged; groups within \
         groups are not seen here.",
    )
}

fn maps(tables: &Tables, found: &SyntheticReport, options: &SyntheticOptions) -> Result<Section> {
    let [across, up] = &found.map.axes;
    let named = |axis: &[(std::sync::Arc<str>, f64)]| {
        axis.iter().take(3).map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", ")
    };
    let group = |points: &[[f64; 2]], group: usize| -> Vec<MapPoint> {
        let shown = points.iter().take(MAPPED);
        shown.map(|&[x, y]| MapPoint { x, y, group, name: String::new() }).collect()
    };
    let mut points = group(&found.map.real, 0);
    for (at, other) in found.map.others.iter().enumerate() {
        points.extend(group(other, at + 1));
    }
    let [first, second] = found.map.explained.map(|share| 100.0 * share);
    let principal = MapPanel {
        title: format!("Principal axes of the real table ({first:.0} % and {second:.0} %)"),
        points,
    };
    let map = PointMap {
        caption: format!("Up to {MAPPED} rows of each table on shared maps, made once for all of them"),
        reading: format!(
            "Clouds that cover each other: rows lie where real ones do. Grey clusters without orange ones: people whom the \
             generator forgot; orange alone: people it made up. On the axes, across weigh most {}; upwards {}. On UMAP \
             neighbours stay neighbours, and distances between clusters mean nothing.",
            named(across),
            named(up)
        ),
        groups: NAMES.map(str::to_owned).to_vec(),
        panels: vec![principal, neighbours(tables, options)?],
    };
    Ok(Section::new(map).heading("One map for all").introduction(
        "Two dimensions show where tables differ grossly. Rows that lie on each other here may differ in all else; a \
         verbatim copy looks best. Points are of single real people: this report is as confidential as the real table.",
    ))
}

/// UMAP of all three tables together.
fn neighbours(tables: &Tables, options: &SyntheticOptions) -> Result<MapPanel> {
    let few = Resampling { most_rows: MAPPED, ..options.resampling };
    let kept = [&tables.real, &tables.synthetic, &tables.holdout].map(|table| few.kept(table));
    let encoder = Encoder::new(&kept[0], &[]).map_err(refused)?;
    let (mut values, mut groups, mut width) = (Vec::new(), Vec::new(), 0);
    for (group, table) in kept.iter().enumerate() {
        let encoded = encoder.encode(table).map_err(refused)?;
        width = encoded.width();
        values.extend(encoded.values().iter().map(|value| value.clamp(-10.0, 10.0) as f32));
        groups.extend(std::iter::repeat_n(group, encoded.len()));
    }
    let names = vec![std::sync::Arc::from(""); groups.len()];
    let vectors = Vectors::new(names, width, values).map_err(refused)?;
    let parameters = UmapParameters { seed: few.seed, ..UmapParameters::default() };
    let places = umap(&vectors, parameters).map_err(refused)?;
    let points = places.into_iter().zip(groups);
    let points = points.map(|([x, y], group)| MapPoint { x, y, group, name: String::new() });
    Ok(MapPanel { title: "UMAP of all tables together".to_owned(), points: points.collect() })
}

fn blind(found: &SyntheticReport) -> Section {
    let rows = found.summary().into_iter().map(|sentence| {
        vec![
            Cell::Text(sentence.figure),
            Cell::Text(sentence.says),
            Cell::Text(sentence.blind_to.into_owned()),
        ]
    });
    let table = Table {
        caption: "Each figure in a sentence, and what it cannot see".to_owned(),
        columns: ["Figure", "What it says", "What it cannot see"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    Section::new(table).heading("What each figure says, and what it cannot see")
}

fn methods(options: &SyntheticOptions) -> Methods {
    Methods {
        blocks: vec![
            MethodsBlock::new(
                "Intervals",
                format!(
                    "95 %, by the basic bootstrap over rows (or subjects, where the schema names them) of both tables, {} \
                     times; up to {} rows of each table are looked at, {} where neighbours are sought.",
                    options.resampling.replicates,
                    grouped(options.resampling.most_rows as u64),
                    grouped(options.distance_rows as u64)
                ),
            ),
            MethodsBlock::new(
                "Learners",
                format!(
                    "Each is fitted as it stands, without tuning, on columns encoded by the table that it learns from. Telling \
                     apart is cross-validated in {} folds.",
                    options.folds
                ),
            ),
            MethodsBlock::new(
                "Published metrics",
                "SDMetrics 0.32.0 and SynthVAE's metrics are computed as their programs define them, for comparison with \
                 what others print; they are not the figures to decide by.",
            ),
        ],
        limits: vec![
            "Close is not private: attack the table too (twinloom audit privacy).".to_owned(),
            "One synthetic table of one fit: another draw or seed gives other figures.".to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}
