//! The report of a run held against published figures.

use twinloom_report::{
    AgeBand, Cell, CurvePanel, Curves, DotMark, DotPlot, DotRow, Estimate, Methods, MethodsBlock, Origin,
    PopulationPyramid, Report, Section, Study, Table,
};
use twinloom_twin::measure::{Activity, Followed, Wait, wilson};
use twinloom_twin::validation::{Observer, RealismRow, RealismTable, Standing, Verdict};

use crate::command::twin::setting::{number, number_or_dash};
use crate::command::twin::validate::{bounds, value};
use crate::manifest::Step;

/// Errors beyond this many half-widths of the band end in an arrow.
const WIDEST: f64 = 5.0;

/// What is drawn beside the table.
pub(crate) struct Drawn {
    prevalence: Vec<(String, Vec<(u64, u64)>)>,
    activity: Activity,
}

impl Drawn {
    /// Takes what an observer saw.
    pub(crate) fn of(observer: &Observer<'_>) -> Self {
        Self {
            prevalence: observer
                .prevalence_by_age()
                .iter()
                .map(|(name, bands)| (name.clone(), bands.to_vec()))
                .collect(),
            activity: observer.activity().clone(),
        }
    }
}

/// Builds the page.
pub(crate) fn report(realism: &RealismTable, drawn: &Drawn, followed: Followed, step: &Step) -> Report {
    let mut study = Study::new(Origin::Simulated, "Twinloom digital twin", realism.people, 0);
    study.seed = Some(step.seed);
    study.version.clone_from(&step.version);
    study.first_event = Some(followed.from);
    study.last_event = Some(followed.to);
    "twinloom twin validate --study STUDY --report".clone_into(&mut study.command);
    let mut report = Report::new("How real is the twin?", study)
        .subtitle("Simulated values beside published ones, with bands that were fixed before the run")
        .section(
            Section::new(dots(realism)).heading("The realism table, drawn").introduction(verdict(realism)),
        )
        .section(Section::new(values(realism)).heading("The realism table"))
        .section(Section::new(pyramid(realism)).heading("Who lives in it"));
    if !drawn.prevalence.is_empty() {
        report = report.section(Section::new(curves(drawn)).heading("Prevalence by age"));
    }
    report = report.section(Section::new(waits(&drawn.activity)).heading("Waits"));
    report.section(methods(step))
}

fn verdict(realism: &RealismTable) -> String {
    let (passed, all) = realism.passed();
    let (passed_held_out, held_out) = realism.passed_held_out();
    let missing = realism.rows.iter().filter(|row| row.verdict == Verdict::NotMeasured).count();
    let measured = if missing == 0 {
        String::new()
    } else {
        format!(" {missing} could not be measured in this run and count as not passed.")
    };
    format!(
        "{passed} of {all} targets lie within their band; of the {held_out} never used for tuning, \
         {passed_held_out}.{measured}"
    )
}

fn dots(realism: &RealismTable) -> DotPlot {
    let mut rows = Vec::new();
    let mut group = "";
    for row in &realism.rows {
        if row.group != group {
            group = &row.group;
            rows.push(DotRow::heading(group));
        }
        let half = (row.band.to - row.band.from) / 2.0;
        let centre = f64::midpoint(row.band.from, row.band.to);
        let place = |value: f64| {
            if half > 0.0 {
                (value - centre) / half
            } else if row.band.admits(value) {
                0.0
            } else {
                (value - centre).signum() * 2.0 * WIDEST
            }
        };
        let estimate = row.simulated.value.map(|value| {
            let interval = row.simulated.interval;
            let (lower, upper) = interval
                .map_or((f64::NAN, f64::NAN), |interval| (place(interval.lower), place(interval.upper)));
            Estimate::new(place(value), lower, upper)
        });
        let shown = format!(
            "{}; published {}; {}",
            value(row, row.simulated.value),
            value(row, Some(row.target)),
            row.verdict.as_str()
        );
        let mark = if row.held_out { DotMark::Ring } else { DotMark::Disc };
        rows.push(DotRow { label: row.title.clone(), estimate, shown, mark });
    }
    DotPlot {
        caption: format!(
            "{} targets, {} people, with 95% intervals.",
            realism.rows.len(),
            realism.people
        ),
        reading: "Each row is one published figure. The shaded strip is the band that passes, fixed in advance and drawn \
                  equally wide for all; 0 is its middle and 1 its upper edge. A dot within the strip passes. The line is \
                  the 95% interval of the simulated value; a dot or line that leaves the scale ends in an arrow. Rings \
                  were never used for tuning."
            .to_owned(),
        axis: "Distance from the middle of the band, in half-widths of it".to_owned(),
        value_heading: "Simulated; published; verdict".to_owned(),
        reference: Some(0.0),
        band: Some((-1.0, 1.0)),
        limits: (-WIDEST, WIDEST),
        legend: vec![
            (DotMark::Disc, "Used for tuning".to_owned()),
            (DotMark::Ring, "Held out".to_owned()),
        ],
        rows,
    }
}

fn values(realism: &RealismTable) -> Table {
    Table {
        caption: "Every target with its source".to_owned(),
        columns: [
            "Target",
            "Simulated",
            "95 % interval",
            "Published",
            "Error",
            "Band that passes",
            "Use",
            "Verdict",
            "Source",
            "Standing of the source",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: realism.rows.iter().map(cells).collect(),
    }
}

fn cells(row: &RealismRow) -> Vec<Cell> {
    let text = |text: String| Cell::Text(text);
    vec![
        text(row.title.clone()),
        text(value(row, row.simulated.value)),
        text(row.simulated.interval.map_or_else(|| "–".to_owned(), |interval| bounds(row, interval))),
        text(value(row, Some(row.target))),
        text(value(row, row.error)),
        text(format!("{} to {}", value(row, Some(row.band.from)), value(row, Some(row.band.to)))),
        text(if row.held_out { "held out" } else { "tuned" }.to_owned()),
        text(row.verdict.as_str().to_owned()),
        text(row.source.clone()),
        text(
            match row.standing {
                Standing::Cited => "read in the source",
                Standing::Derived => "computed from open data",
                Standing::Recalled => "from memory, to be checked",
                Standing::Law => "by definition",
            }
            .to_owned(),
        ),
    ]
}

fn pyramid(realism: &RealismTable) -> PopulationPyramid {
    let people: f64 = realism.people as f64;
    let count = |share: f64| (share * people).round() as u64;
    PopulationPyramid {
        age_at: "at the start of the period judged (shares of all, times the people of the run)".to_owned(),
        bands: realism
            .pyramid
            .iter()
            .map(|band| AgeBand {
                label: if band.age_from >= 90 {
                    "90+".to_owned()
                } else {
                    format!("{}-{}", band.age_from, band.age_from + 4)
                },
                female: count(band.female_share),
                male: count(band.male_share),
                other: 0,
                expected_female: Some(band.female_standard * people),
                expected_male: Some(band.male_standard * people),
            })
            .collect(),
        expected_source: Some("ONS mid-2020 population estimates for England".to_owned()),
    }
}

fn curves(drawn: &Drawn) -> Curves {
    let panel = |(name, bands): &(String, Vec<(u64, u64)>)| {
        let points = bands.iter().enumerate().filter(|(_, (_, people))| *people > 0);
        let points = points.map(|(band, (cases, people))| {
            let (cases, people) = (*cases as f64, *people as f64);
            let share = 100.0 * cases / people;
            let interval = wilson(cases, people).map_or((share, share), |found| (found.lower, found.upper));
            (band as f64 * 10.0 + 5.0, Estimate::new(share, 100.0 * interval.0, 100.0 * interval.1))
        });
        CurvePanel { title: name.replace('_', " "), points: points.collect() }
    };
    Curves {
        caption: "Diagnosed prevalence by ten-year band of age among the living at the end, with 95% intervals."
            .to_owned(),
        reading: "Each dot is the share of an age band in whom the condition had been diagnosed by anybody; a wide line \
                  means few people. There is no published curve behind these: they show shape, not fit."
            .to_owned(),
        across: "Age".to_owned(),
        upwards: "Share, %".to_owned(),
        panels: drawn.prevalence.iter().map(panel).collect(),
    }
}

fn waits(activity: &Activity) -> Table {
    let days = |value: Option<f64>| Cell::Text(number_or_dash(value));
    Table {
        caption: "Waits that ended in the period judged".to_owned(),
        columns: [
            "Wait",
            "Waits",
            "Mean, days",
            "Half wait at most, days",
            "Nine in ten, days",
            "Target",
            "Within it",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: Wait::ALL
            .into_iter()
            .map(|wait| {
                let found = activity.waits(wait);
                vec![
                    Cell::Text(wait.title().to_owned()),
                    Cell::Count(found.count()),
                    days(found.mean_days()),
                    days(found.quantile_days(0.5)),
                    days(found.quantile_days(0.9)),
                    Cell::Text(format!("{} d", number(wait.target_days()))),
                    Cell::Text(
                        found
                            .share_within_target()
                            .map_or_else(|| "–".to_owned(), |share| format!("{} %", number(100.0 * share))),
                    ),
                ]
            })
            .collect(),
    }
}

fn methods(step: &Step) -> Methods {
    let mut blocks = vec![
        MethodsBlock::new(
            "Intervals",
            "Shares of people have Wilson's interval; fewer than 50 events, and deaths, Garwood's exact one; other rates \
             the linearised interval of a ratio of sums over people, which lets people differ; life expectancy Chiang's. \
             All cover 95 % for one run: they do not hold what another seed's hospital would change for everybody.",
        ),
        MethodsBlock::new(
            "Bands and held-out targets",
            "The band that passes stands in the targets file and was fixed before any run was looked at. At least a third \
             of the targets is never used by calibration. A target passes when the simulated value lies within the band, \
             whatever its interval; one that can't be measured does not pass.",
        ),
        MethodsBlock::new(
            "What is judged",
            "The period begins half a year after the run's start, once queues have filled. Prevalence is that of the \
             practice's record as it was written, read back through the importer; everything else is read from the truth.",
        ),
    ];
    if let Some(model) = &step.model_description {
        blocks.push(MethodsBlock {
            heading: "The twin (ODD protocol)".to_owned(),
            paragraphs: model.paragraphs(),
        });
    }
    let limits = [
        "Nothing here is for patient care.",
        "A twin that matches averages may still be wrong about any one person or subgroup.",
        "Published values are of different years; those marked as from memory must be checked before anybody relies on them.",
    ];
    Methods { blocks, limits: limits.map(str::to_owned).to_vec(), manifest: Vec::new() }
}
