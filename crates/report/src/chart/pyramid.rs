//! Population pyramid: age bands upwards, males to the left, females to the right.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{AgeBand, PopulationPyramid};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 720.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 44.0;
const EDGE: f64 = 18.0;
/// Half the width of the strip that holds the bands' names.
const GUTTER: f64 = 38.0;
const PLOT: f64 = 420.0;

/// Draws the pyramid.
pub(crate) fn pyramid(population: &PopulationPyramid) -> Figure {
    let bands = &population.bands;
    let total = |pick: fn(&AgeBand) -> u64| format::total(bands.iter().map(pick));
    let (females, males, others) = (total(|b| b.female), total(|b| b.male), total(|b| b.other));
    let people = format::total([females, males, others]);
    let expected = bands.iter().any(|band| band.expected_female.is_some() || band.expected_male.is_some());
    Figure {
        shape: Shape::Beside,
        legend: legend(expected),
        drawing: if people == 0 {
            nothing("Nobody to draw.")
        } else {
            vec![draw(population, males, females)]
        },
        caption: caption(population, people, females, males, others),
        reading: reading(expected),
        data: vec![data(population, expected)],
    }
}

fn draw(population: &PopulationPyramid, males: u64, females: u64) -> Element {
    let bands = &population.bands;
    let most = bands
        .iter()
        .flat_map(|band| {
            let expected = band.expected_female.into_iter().chain(band.expected_male);
            expected.chain([band.female as f64, band.male as f64])
        })
        .filter(|value| value.is_finite())
        .fold(1.0, f64::max);
    let ticks = Ticks::covering(0.0, most, 5);
    let middle = WIDTH / 2.0;
    let right = Linear::new(ticks.domain(), (middle + GUTTER, WIDTH - EDGE));
    let left = Linear::new(ticks.domain(), (middle - GUTTER, EDGE));
    let row = (PLOT / bands.len() as f64).clamp(14.0, 44.0);
    let height = TOP + row * bands.len() as f64;
    let mut root = svg::root(
        WIDTH,
        height + BOTTOM,
        &format!(
            "Population pyramid of {} and {} in {} age bands",
            format::plural(males, "male", "males"),
            format::plural(females, "female", "females"),
            bands.len()
        ),
    );
    for (tick, label) in ticks.labelled() {
        for scale in [left, right] {
            let x = scale.at(tick);
            root.push(svg::line(x, TOP, x, height, if tick == 0.0 { "axis" } else { "grid" }));
            root.push(svg::text(x, height + 14.0, Anchor::Middle, "tick", label.clone()));
        }
    }
    root.push(svg::text(left.at(0.0), TOP - 16.0, Anchor::End, "side", "Males"));
    root.push(svg::text(right.at(0.0), TOP - 16.0, Anchor::Start, "side", "Females"));
    root.push(svg::text(middle, TOP - 16.0, Anchor::Middle, "tick", "Age"));
    root.push(svg::text(middle, height + 34.0, Anchor::Middle, "tick", "People in each age band"));
    for (index, band) in bands.iter().rev().enumerate() {
        let y = TOP + row * index as f64;
        let sides = [
            (left, band.male, band.expected_male, "male", "males"),
            (right, band.female, band.expected_female, "female", "females"),
        ];
        for (scale, count, expected, class, word) in sides {
            let (zero, end) = (scale.at(0.0), scale.at(count as f64));
            let mut tip = format!("{} {word} aged {}", format::count(count), band.label);
            if let Some(expected) = expected {
                format::add(&mut tip, format_args!("; expected {}", format::fixed(expected, 0)));
            }
            root.push(
                svg::rectangle(zero.min(end), y + 1.0, (end - zero).abs(), row - 2.0, class)
                    .child(svg::tooltip(tip)),
            );
            if let Some(expected) = expected {
                let x = scale.at(expected);
                root.push(svg::line(x, y, x, y + row, "expected-halo"));
                root.push(svg::line(x, y, x, y + row, "expected"));
            }
        }
        root.push(svg::text(middle, y + row / 2.0, Anchor::Middle, "tick", band.label.clone()));
    }
    root
}

fn legend(expected: bool) -> Vec<Key> {
    let mut keys = vec![Key::swatch("male", "Males"), Key::swatch("female", "Females")];
    if expected {
        let mark = vec![svg::line(12.0, 1.0, 12.0, 15.0, "expected")];
        keys.push(Key::drawn(mark, "Expected from the reference population"));
    }
    keys
}

fn caption(population: &PopulationPyramid, people: u64, females: u64, males: u64, others: u64) -> String {
    let share = |part: u64| format::percent(part as f64 / people.max(1) as f64);
    let mut caption = format!(
        "Age and sex of {}{}{}: {} females ({}) and {} males ({}).",
        format::plural(people, "person", "people"),
        if population.age_at.is_empty() { "" } else { " " },
        population.age_at,
        format::count(females),
        share(females),
        format::count(males),
        share(males)
    );
    if others > 0 {
        format::add(
            &mut caption,
            format_args!(
                " {} of other or unknown sex {} in the table only.",
                format::plural(others, "person", "people"),
                if others == 1 { "is" } else { "are" }
            ),
        );
    }
    if let Some(source) = &population.expected_source {
        format::add(&mut caption, format_args!(" Reference population: {source}."));
    }
    caption
}

fn reading(expected: bool) -> String {
    let mut reading = "Each bar is one age band, the youngest at the bottom; the longer the bar, the more \
                       people. Both sides use the same scale."
        .to_owned();
    if expected {
        reading.push_str(
            " An upright mark shows how many people the reference population would give: a bar that \
             ends at its mark has the expected number.",
        );
    }
    reading
}

fn data(population: &PopulationPyramid, expected: bool) -> DataTable {
    let mut columns = vec![
        Column::words("Age band"),
        Column::numbers("Males"),
        Column::numbers("Females"),
        Column::numbers("Other or unknown"),
    ];
    if expected {
        columns.extend([Column::numbers("Males expected"), Column::numbers("Females expected")]);
    }
    let mut table = DataTable::new("People by age band and sex", columns);
    for band in &population.bands {
        let mut row = vec![
            band.label.clone(),
            format::count(band.male),
            format::count(band.female),
            format::count(band.other),
        ];
        if expected {
            let shown = |value: Option<f64>| {
                value.map_or_else(|| format::ABSENT.to_owned(), |value| format::fixed(value, 1))
            };
            row.extend([shown(band.expected_male), shown(band.expected_female)]);
        }
        table.rows.push(row);
    }
    table
}
