//! The report of two scenarios compared.

use twinloom_report::{
    Cell, DotMark, DotPlot, DotRow, Estimate, Fact, Methods, MethodsBlock, Origin, Report, Section, Study,
    Table,
};
use twinloom_twin::measure::{Followed, Group, Measure, Wait};
use twinloom_twin::{Comparison, Difference, TwinParameters};

use crate::command::twin::setting::{number, number_or_dash};
use crate::odd::ModelDescription;

/// Measures drawn by quintile: what people feel of services, and what becomes of them.
const DRAWN_BY_QUINTILE: [Measure; 6] = [
    Measure::Deaths,
    Measure::EmergencyAdmissions,
    Measure::EmergencyAttendances,
    Measure::PracticeContacts,
    Measure::MeanWait(Wait::GeneralPractitioner),
    Measure::MeanWait(Wait::ReferralToTreatment),
];

/// Differences beyond this many per cent end in an arrow.
const WIDEST_PERCENT: f64 = 60.0;

/// Builds the page.
pub(crate) fn report(
    comparison: &Comparison,
    base: &TwinParameters,
    alternative: &TwinParameters,
    followed: Followed,
) -> Report {
    let mut study = Study::new(
        Origin::Simulated,
        "Twinloom digital twin, two scenarios with common random numbers",
        comparison.population,
        0,
    );
    study.seed = Some(base.seed);
    study.first_event = Some(followed.from);
    study.last_event = Some(followed.to);
    study.command = format!(
        "twinloom twin compare BASE ALTERNATIVE --population {} --replications {} --seed {}",
        comparison.population, comparison.replications, base.seed
    );
    study.facts = vec![
        Fact::new("Compared", described(alternative)),
        Fact::new("Compared with", described(base)),
        Fact::new("Replications", comparison.replications.to_string()),
        Fact::new("Person-years in each arm", number(comparison.person_years)),
    ];
    let mut report = Report::new(format!("{} against {}", comparison.alternative, comparison.base), study)
        .subtitle("The same people, the same chances, one change: what differs")
        .section(
            Section::new(everyone(comparison))
                .heading("What changes for everyone")
                .introduction(verdict(comparison)),
        )
        .section(Section::new(values(comparison, Group::Everyone)).heading("The numbers"))
        .section(Section::new(by_quintile(comparison)).heading("What changes by deprivation"));
    for group in Group::ALL.into_iter().skip(1) {
        report = report.section(Section::new(values(comparison, group)).heading(group.title()));
    }
    report.section(methods(comparison, alternative))
}

fn described(parameters: &TwinParameters) -> String {
    format!("{}. {}", parameters.scenario.name, parameters.scenario.description)
}

fn verdict(comparison: &Comparison) -> String {
    if comparison.is_nothing() {
        return "Every difference is exactly 0 in every replication: the two scenarios are the same."
            .to_owned();
    }
    let rows = || comparison.rows.iter().filter(|row| row.group == Group::Everyone && row.interval.is_some());
    let beyond = rows().filter(|row| row.interval.is_some_and(|interval| !interval.contains(0.0))).count();
    format!(
        "{beyond} of {} measures have an interval that excludes 0; of so many measures, about {} would do so by \
         chance if nothing changed.",
        rows().count(),
        number((rows().count() as f64 / 20.0).ceil())
    )
}

fn everyone(comparison: &Comparison) -> DotPlot {
    let mut rows = Vec::new();
    for (heading, waits) in [("Health, activity and money", false), ("Waits", true)] {
        rows.push(DotRow::heading(heading));
        rows.extend(
            comparison
                .rows
                .iter()
                .filter(|row| row.group == Group::Everyone && is_wait(row.measure) == waits)
                .filter_map(|row| dot(row, row.measure.title())),
        );
    }
    plot(comparison, "Paired differences for everyone", rows)
}

fn by_quintile(comparison: &Comparison) -> DotPlot {
    let mut rows = Vec::new();
    for measure in DRAWN_BY_QUINTILE {
        rows.push(DotRow::heading(format!("{} ({})", measure.title(), measure.unit())));
        let found =
            comparison.rows.iter().filter(|row| row.measure == measure && row.group != Group::Everyone);
        rows.extend(found.filter_map(|row| dot(row, row.group.title())));
    }
    plot(comparison, "Paired differences by fifth of deprivation", rows)
}

fn plot(comparison: &Comparison, what: &str, rows: Vec<DotRow>) -> DotPlot {
    DotPlot {
        caption: format!(
            "{what}: {} against {}, {} people, {} replications, with 95% intervals.",
            comparison.alternative, comparison.base, comparison.population, comparison.replications
        ),
        reading: "Each dot is the mean difference as a per cent of the base scenario's value; the line is its 95% \
                  interval over replications. Dots to the left of the dashed line are fewer or shorter than in the base \
                  scenario. At the right stand the values in their own unit: base, alternative, and the difference with \
                  its interval."
            .to_owned(),
        axis: "Difference, % of the base value".to_owned(),
        value_heading: "Base → alternative: difference (95% interval)".to_owned(),
        reference: Some(0.0),
        band: None,
        limits: (-WIDEST_PERCENT, WIDEST_PERCENT),
        legend: vec![(DotMark::Disc, "Mean difference, with 95% interval".to_owned())],
        rows,
    }
}

/// A row in per cent of the base; without a base value there is no per cent and so no dot.
fn dot(row: &Difference, label: String) -> Option<DotRow> {
    let (base, alternative, difference) = (row.base?, row.alternative?, row.difference?);
    let percent = |value: f64| 100.0 * value / base.abs();
    let interval = row.interval;
    let bounds = interval.map_or_else(String::new, |bounds| {
        format!(" ({} to {})", number(bounds.lower), number(bounds.upper))
    });
    let estimate = (base != 0.0).then(|| {
        let (lower, upper) =
            interval.map_or((f64::NAN, f64::NAN), |bounds| (percent(bounds.lower), percent(bounds.upper)));
        Estimate::new(percent(difference), lower, upper)
    });
    Some(DotRow {
        label,
        estimate,
        shown: format!("{} → {}: {}{bounds}", number(base), number(alternative), number(difference)),
        mark: DotMark::Disc,
    })
}

fn values(comparison: &Comparison, group: Group) -> Table {
    Table {
        caption: format!("{}: values and paired differences with 95% intervals", group.title()),
        columns: ["Measure", "Unit", "Base", "Alternative", "Difference", "Lower", "Upper"]
            .map(str::to_owned)
            .to_vec(),
        rows: comparison
            .rows
            .iter()
            .filter(|row| row.group == group && (row.base.is_some() || row.alternative.is_some()))
            .map(|row| {
                let cell = |value: Option<f64>| Cell::Text(number_or_dash(value));
                vec![
                    Cell::Text(row.measure.title()),
                    Cell::Text(row.unit.to_owned()),
                    cell(row.base),
                    cell(row.alternative),
                    cell(row.difference),
                    cell(row.interval.map(|interval| interval.lower)),
                    cell(row.interval.map(|interval| interval.upper)),
                ]
            })
            .collect(),
    }
}

fn is_wait(measure: Measure) -> bool {
    matches!(measure, Measure::MeanWait(_) | Measure::NinthDecileWait(_) | Measure::WithinTarget(_))
}

fn methods(comparison: &Comparison, alternative: &TwinParameters) -> Methods {
    let intervals = if comparison.replications > 1 {
        "Each replication runs both scenarios with the same seed, and so the same people and the same random numbers; \
         the interval is Student's over the paired differences of the replications."
    } else {
        "One replication only: sums have an interval that takes people as independent, which is too narrow where they \
         compete for services; waits have none."
    };
    let blocks = vec![
        MethodsBlock::new("Intervals", intervals),
        MethodsBlock::new(
            "Measures",
            "Counts are of the simulated truth within the period followed, over the years lived in it. A wait counts when \
             it ends. Quantiles of waits are right to 1 %. Costs and carbon multiply activity by unit costs whose source \
             stands beside each; most are assumptions of this release.",
        ),
        MethodsBlock {
            heading: "The alternative scenario".to_owned(),
            paragraphs: alternative.scenario.to_toml().lines().map(str::to_owned).collect(),
        },
        MethodsBlock {
            heading: "The twin (ODD protocol)".to_owned(),
            paragraphs: ModelDescription::of_run(alternative).paragraphs(),
        },
    ];
    let limits = [
        "Nothing here is for patient care.",
        "A difference is what the model says of the change, not what would happen in England.",
        "Many measures are shown: some intervals exclude 0 by chance.",
    ];
    Methods { blocks, limits: limits.map(str::to_owned).to_vec(), manifest: Vec::new() }
}
