//! Weights of combinations of conditions, a bar each.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{Combination, WeightBar, WeightBars};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1120.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 46.0;
const ROW: f64 = 27.0;
const BAR: f64 = 15.0;
const LABEL_SIZE: f64 = 13.0;
const WIDEST_LABEL: f64 = 430.0;
const VALUE: f64 = 160.0;
const PEOPLE: f64 = 96.0;

/// Draws the bars.
pub(crate) fn weight_bars(bars: &WeightBars) -> Figure {
    let drawn: Vec<&WeightBar> = bars.rows.iter().filter(|row| row.weight.value.is_finite()).collect();
    let ordered = bars.rows.iter().any(|row| matches!(row.combination, Combination::Progression { .. }));
    let what =
        if ordered { "Progressions from conditions to a further one" } else { "Combinations of conditions" };
    let mut caption = format!("{what} by their {}, in {}.", lower_first(&bars.measure), bars.population);
    if bars.left_out > 0 {
        format::add(
            &mut caption,
            format_args!(
                " The {} are shown; {} more were found.",
                heaviest(drawn.len()),
                format::count(bars.left_out)
            ),
        );
    }
    format::add(&mut caption, format_args!(" {}", bars.method));
    let order = if ordered {
        " \u{201c}A, B → C\u{201d}: C came after both A and B, whichever of those two came first."
    } else {
        " \u{201c}A + B\u{201d}: the same person has both, whichever came first."
    };
    Figure {
        shape: Shape::Wide,
        legend: legend(ordered),
        drawing: if drawn.is_empty() { nothing("No combination to draw.") } else { vec![draw(bars, &drawn)] },
        caption,
        reading: format!(
            "The longer the bar, the stronger the tie. {}{order} Where two whiskers overlap much, don't read \
             anything into which bar is longer.",
            bars.meaning
        ),
        data: vec![data(bars)],
    }
}

fn heaviest(rows: usize) -> String {
    if rows == 1 { "heaviest".to_owned() } else { format!("{} heaviest", format::count(rows as u64)) }
}

/// A name within a sentence: `Overlap coefficient` becomes `overlap coefficient`, `BMI` stays.
pub(crate) fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    match (characters.next(), characters.as_str().chars().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => name.to_owned(),
    }
}

fn draw(bars: &WeightBars, rows: &[&WeightBar]) -> Element {
    let words: Vec<String> = rows.iter().map(|row| row.combination.words()).collect();
    let label_width =
        words.iter().map(|text| text_width(text, LABEL_SIZE)).fold(140.0, f64::max).min(WIDEST_LABEL);
    let most = rows
        .iter()
        .flat_map(|row| [row.weight.value, row.weight.upper])
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    let ticks = Ticks::covering(0.0, if most > 0.0 { most } else { 1.0 }, 7);
    let left = label_width + 12.0;
    let right = WIDTH - VALUE - PEOPLE - 24.0;
    let scale = Linear::new(ticks.domain(), (left, right));
    let bottom = TOP + ROW * rows.len() as f64;
    let label = format!("Bars of {} for {} combinations", lower_first(&bars.measure), rows.len());
    let mut root = svg::root(WIDTH, bottom + BOTTOM, &label);
    for (tick, label) in ticks.labelled() {
        let x = scale.at(tick);
        root.push(svg::line(x, TOP, x, bottom, if tick == 0.0 { "axis" } else { "grid" }));
        root.push(svg::text(x, bottom + 14.0, Anchor::Middle, "tick", label));
    }
    root.push(svg::text(
        f64::midpoint(left, right),
        bottom + 34.0,
        Anchor::Middle,
        "tick",
        bars.measure.clone(),
    ));
    root.push(svg::text(WIDTH - PEOPLE, TOP - 13.0, Anchor::End, "tick", "Weight (95% interval)"));
    root.push(svg::text(WIDTH, TOP - 13.0, Anchor::End, "tick", "People"));
    for (index, (row, words)) in rows.iter().zip(words).enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let shown = format::weight_estimate(&row.weight);
        let class = match row.combination {
            Combination::Together(_) => "weight together",
            Combination::Progression { .. } => "weight ordered",
        };
        let mut group = svg::group("row")
            .child(svg::tooltip(format!("{words}: {shown}; people: {}", row.people)))
            .child(svg::text(
                label_width + 4.0,
                y,
                Anchor::End,
                "label",
                fit(&words, LABEL_SIZE, label_width),
            ))
            .child(svg::rectangle(left, y - BAR / 2.0, scale.at(row.weight.value) - left, BAR, class));
        if row.weight.is_finite() {
            let (low, high) = (scale.at(row.weight.lower), scale.at(row.weight.upper));
            group.push(svg::line(low, y, high, y, "halo"));
            for line in [(low, y, high, y), (low, y - 4.0, low, y + 4.0), (high, y - 4.0, high, y + 4.0)] {
                group.push(svg::line(line.0, line.1, line.2, line.3, "interval-line"));
            }
        }
        group.push(svg::text(WIDTH - PEOPLE, y, Anchor::End, "label", fit(&shown, LABEL_SIZE, VALUE)));
        group.push(svg::text(WIDTH, y, Anchor::End, "label", fit(&row.people, LABEL_SIZE, PEOPLE - 12.0)));
        root.push(group);
    }
    root
}

fn legend(ordered: bool) -> Vec<Key> {
    let class = if ordered { "weight ordered" } else { "weight together" };
    let mut interval = vec![svg::line(3.0, 8.0, 21.0, 8.0, "interval-line")];
    interval.extend([3.0, 21.0].map(|x| svg::line(x, 4.0, x, 12.0, "interval-line")));
    vec![Key::swatch(class, "Weight"), Key::drawn(interval, "95% interval")]
}

fn data(bars: &WeightBars) -> DataTable {
    let columns = vec![
        Column::words("Conditions"),
        Column::numbers(bars.measure.clone()),
        Column::numbers("Lower"),
        Column::numbers("Upper"),
        Column::numbers("People"),
    ];
    let mut table = DataTable::new("Weights with the ends of their 95% intervals", columns);
    for row in &bars.rows {
        let decimals = format::weight_decimals(row.weight.value) + 1;
        let mut cells = vec![row.combination.words()];
        cells.extend(
            [row.weight.value, row.weight.lower, row.weight.upper]
                .map(|value| format::fixed(value, decimals)),
        );
        cells.push(row.people.clone());
        table.rows.push(cells);
    }
    table
}
