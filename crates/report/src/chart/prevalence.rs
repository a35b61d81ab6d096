//! Prevalence of conditions: a dot with its 95% interval, and the published value where given.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{Prevalence, PrevalenceRow};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 720.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 28.0;
const ROW: f64 = 30.0;
const LABEL_SIZE: f64 = 13.0;
const VALUES: f64 = 150.0;

/// Draws the dots and whiskers.
pub(crate) fn prevalence(prevalence: &Prevalence) -> Figure {
    let targets = prevalence.rows.iter().filter(|row| row.target.is_some()).count();
    let outside = prevalence.rows.iter().filter(|row| outside(row) == Some(true)).count();
    let people = prevalence.rows.iter().map(|row| row.population).max().unwrap_or(0);
    let mut caption = format!(
        "Prevalence of {} among {}{}, with 95% intervals.",
        format::plural(prevalence.rows.len() as u64, "condition", "conditions"),
        format::plural(people, "person", "people"),
        if prevalence.population.is_empty() {
            String::new()
        } else {
            format!(" ({})", prevalence.population)
        }
    );
    let mut reading = "Each dot is the share of people with the condition; the line through it is the 95% \
                       interval, within which the share would plausibly lie in a large population of the \
                       same kind. A wide line means few people."
        .to_owned();
    if targets > 0 {
        format::add(
            &mut caption,
            format_args!(" {} of {} published values lie within the interval.", targets - outside, targets),
        );
        reading.push_str(
            " A diamond is a published value: where it lies off the line, this study differs from the \
             publication by more than chance would explain.",
        );
    }
    Figure {
        shape: Shape::Beside,
        legend: legend(targets > 0),
        drawing: if prevalence.rows.is_empty() {
            nothing("No conditions to draw.")
        } else {
            vec![draw(prevalence)]
        },
        caption,
        reading,
        data: vec![data(prevalence)],
    }
}

/// Whether the published value lies outside the interval; nothing when there is none.
fn outside(row: &PrevalenceRow) -> Option<bool> {
    row.target.as_ref().map(|target| !(row.share.lower..=row.share.upper).contains(&target.share))
}

fn draw(prevalence: &Prevalence) -> Element {
    let rows = &prevalence.rows;
    let widest = rows.iter().map(|row| text_width(&row.condition, LABEL_SIZE)).fold(80.0, f64::max);
    let label_width = widest.min(250.0);
    let most = rows
        .iter()
        .flat_map(|row| [Some(row.share.upper), row.target.as_ref().map(|target| target.share)])
        .flatten()
        .filter(|share| share.is_finite())
        .fold(0.001, f64::max);
    let ticks = Ticks::covering(0.0, (most * 100.0).min(100.0), 6);
    let scale = Linear::new(ticks.domain(), (label_width + 14.0, WIDTH - VALUES));
    let bottom = TOP + ROW * rows.len() as f64;
    let mut root = svg::root(
        WIDTH,
        bottom + BOTTOM,
        &format!("Dot plot of the prevalence of {} conditions with 95% intervals", rows.len()),
    );
    for (tick, label) in ticks.labelled() {
        let x = scale.at(tick);
        root.push(svg::line(x, TOP, x, bottom, if tick == 0.0 { "axis" } else { "grid" }));
        root.push(svg::text(x, bottom + 14.0, Anchor::Middle, "tick", format!("{label}%")));
    }
    root.push(svg::text(WIDTH, TOP - 14.0, Anchor::End, "tick", "Share (95% interval)"));
    for (index, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let mut group = svg::group("row").child(svg::tooltip(tip(row)));
        let name = fit(&row.condition, LABEL_SIZE, label_width);
        group.push(svg::text(label_width, y, Anchor::End, "label", name));
        if let Some(target) = &row.target {
            group.push(svg::diamond(scale.at(target.share * 100.0), y, 8.5, "target"));
        }
        if row.share.is_finite() {
            let [low, at, high] =
                [row.share.lower, row.share.value, row.share.upper].map(|share| scale.at(share * 100.0));
            group.push(svg::line(low, y, high, y, "whisker"));
            group.push(svg::line(low, y - 4.0, low, y + 4.0, "whisker"));
            group.push(svg::line(high, y - 4.0, high, y + 4.0, "whisker"));
            group.push(svg::circle(at, y, 4.5, "dot"));
        }
        group.push(svg::text(WIDTH, y, Anchor::End, "label", format::percent_estimate(&row.share)));
        root.push(group);
    }
    root
}

fn tip(row: &PrevalenceRow) -> String {
    let mut tip = format!(
        "{}: {} of {}, {}",
        row.condition,
        format::count(row.cases),
        format::count(row.population),
        format::percent_estimate(&row.share)
    );
    if let Some(target) = &row.target {
        format::add(
            &mut tip,
            format_args!("; published {} ({})", format::percent(target.share), target.source),
        );
    }
    tip
}

fn legend(targets: bool) -> Vec<Key> {
    let whisker = vec![svg::line(1.0, 8.0, 23.0, 8.0, "whisker"), svg::circle(12.0, 8.0, 5.0, "dot")];
    let mut keys = vec![Key::drawn(whisker, "This study, with 95% interval")];
    if targets {
        keys.push(Key::drawn(vec![svg::diamond(12.0, 8.0, 7.0, "target")], "Published value"));
    }
    keys
}

fn data(prevalence: &Prevalence) -> DataTable {
    let mut table = DataTable::new(
        "Prevalence by condition",
        vec![
            Column::words("Condition"),
            Column::numbers("People with it"),
            Column::numbers("Population"),
            Column::numbers("Share (95% interval)"),
            Column::numbers("Published"),
            Column::words("Within interval"),
            Column::words("Publication"),
        ],
    );
    for row in &prevalence.rows {
        let target = row.target.as_ref();
        let absent = || format::ABSENT.to_owned();
        table.rows.push(vec![
            row.condition.clone(),
            format::count(row.cases),
            format::count(row.population),
            format::percent_estimate(&row.share),
            target.map_or_else(absent, |target| format::percent(target.share)),
            outside(row).map_or_else(absent, |outside| if outside { "no" } else { "yes" }.to_owned()),
            target.map_or_else(absent, |target| target.source.clone()),
        ]);
    }
    table
}
