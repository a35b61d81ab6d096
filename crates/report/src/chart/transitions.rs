//! Transition probabilities as heat maps: at a row's condition, to a column's.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::fit;
use crate::model::{TransitionMatrix, Transitions, Walk};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1120.0;
const NAME_SIZE: f64 = 12.0;
/// Strip that holds the rows' names.
const GUTTER: f64 = 176.0;
/// Room for the columns' names, turned up, above and beyond the last column.
const HEAD: f64 = 150.0;
const OVERHANG: f64 = 84.0;
const NAME_ROOM: f64 = 160.0;
const TURN: f64 = -60.0;
const TITLE: f64 = 26.0;
/// Up to so many conditions two matrices stand side by side.
const SIDE_BY_SIDE: usize = 10;
/// More are a texture, not a picture; the rest is left to the table.
const DRAWN: usize = 40;
const LARGEST_CELL: f64 = 40.0;
/// A cell narrower than this has no number written in it.
const NUMBERED: f64 = 24.0;
/// Where the classes of colour begin. Fixed, so that colours mean the same in every matrix.
const STEPS: [f64; 6] = [0.0, 0.02, 0.05, 0.1, 0.2, 0.4];

/// Draws the matrices.
pub(crate) fn transitions(transitions: &Transitions) -> Figure {
    let shown = transitions.conditions.len().min(DRAWN);
    let empty = shown == 0 || transitions.matrices.is_empty();
    let mut caption = format!(
        "Probabilities of moving from one condition (row) to the next (column), in {}. {}",
        transitions.population, transitions.method
    );
    if shown < transitions.conditions.len() {
        format::add(
            &mut caption,
            format_args!(
                " The first {} of {} conditions are drawn, all are in the table.",
                format::count(shown as u64),
                format::count(transitions.conditions.len() as u64)
            ),
        );
    }
    let withheld =
        transitions.matrices.iter().flat_map(|matrix| &matrix.rows).flatten().any(|share| !share.is_finite());
    if withheld {
        caption.push_str(" Cells with a dash are withheld: too few people are behind them.");
    }
    Figure {
        shape: Shape::Wide,
        legend: legend(),
        drawing: if empty { nothing("No transitions to draw.") } else { vec![draw(transitions, shown)] },
        caption,
        reading: "Take a row: of walks that are at its condition, so many in 100 move on to each column's \
                  condition next. Forwards follows the order in which people got their conditions, backwards goes \
                  against it. Conditions that tend to come early stand first, so in a forward matrix what is far \
                  right of the diagonal are jumps from early to late conditions. The diagonal is staying: people \
                  who have nothing else. Rest the pointer on a cell for its number."
            .to_owned(),
        data: transitions.matrices.iter().map(|matrix| data(transitions, matrix)).collect(),
    }
}

fn title(walk: Walk) -> &'static str {
    match walk {
        Walk::Successor => "Forwards: what comes next",
        Walk::Predecessor => "Backwards: what came before",
    }
}

fn draw(transitions: &Transitions, shown: usize) -> Element {
    let abreast = if shown <= SIDE_BY_SIDE { transitions.matrices.len().min(2) } else { 1 };
    let room = WIDTH / abreast as f64;
    let cell = ((room - GUTTER - OVERHANG) / shown as f64).min(LARGEST_CELL);
    let height = TITLE + HEAD + cell * shown as f64 + 30.0;
    let rows = transitions.matrices.len().div_ceil(abreast);
    let label = format!("Heat maps of transition probabilities between {shown} conditions");
    let mut root = svg::root(WIDTH, height * rows as f64 - 18.0, &label);
    for (index, matrix) in transitions.matrices.iter().enumerate() {
        let corner = ((index % abreast) as f64 * room, (index / abreast) as f64 * height);
        root.push(draw_matrix(&transitions.conditions[..shown], matrix, corner, cell));
    }
    root
}

fn draw_matrix(names: &[String], matrix: &TransitionMatrix, (x, y): (f64, f64), cell: f64) -> Element {
    let (left, top) = (x + GUTTER, y + TITLE + HEAD);
    let mut group = svg::group("matrix");
    group.push(svg::text(x, y + 10.0, Anchor::Start, "side", title(matrix.walk)));
    for (index, name) in names.iter().enumerate() {
        let along = (index as f64 + 0.5) * cell;
        let name = fit(name, NAME_SIZE, NAME_ROOM);
        group.push(svg::text(left - 7.0, top + along, Anchor::End, "name", name.clone()));
        group.push(svg::turned_text((left + along, top - 8.0), TURN, Anchor::Start, "name", name));
    }
    for (from, row) in matrix.rows.iter().take(names.len()).enumerate() {
        for (to, &share) in row.iter().take(names.len()).enumerate() {
            let (x, y) = (left + to as f64 * cell, top + from as f64 * cell);
            let step = step(share);
            let shape = svg::rectangle(x, y, cell, cell, &format!("cell heat-{step}"));
            let words = if from == to {
                format!("{}, staying", names[from])
            } else {
                format!("{} → {}", names[from], names[to])
            };
            let mut element =
                svg::group("square").child(svg::tooltip(format!("{words}: {}", told(share)))).child(shape);
            if !share.is_finite() {
                element.push(svg::text(
                    x + cell / 2.0,
                    y + cell / 2.0,
                    Anchor::Middle,
                    "tiny",
                    format::ABSENT,
                ));
            }
            // Every hundredth would be noise where it says less than one in a hundred.
            if cell >= NUMBERED && share >= 0.005 {
                let ink = if step >= 4 { "cell-number inverse" } else { "cell-number" };
                let number = format::fixed(share * 100.0, 0);
                element.push(svg::text(x + cell / 2.0, y + cell / 2.0, Anchor::Middle, ink, number));
            }
            group.push(element);
        }
    }
    group
}

/// A probability in words.
fn told(share: f64) -> String {
    if share.is_finite() { format::percent(share) } else { "withheld".to_owned() }
}

/// The class of colour: 0 for nothing, then one more for each step passed.
fn step(share: f64) -> usize {
    STEPS.iter().filter(|start| share > **start).count()
}

fn legend() -> Vec<Key> {
    let mut keys = vec![Key::swatch("cell heat-0", "0")];
    for (index, start) in STEPS.iter().enumerate() {
        let from = format::compact(start * 100.0, 2);
        let words = match STEPS.get(index + 1) {
            Some(end) => format!("{from} to {}%", format::compact(end * 100.0, 2)),
            None => format!("over {from}%"),
        };
        keys.push(Key::swatch(&format!("cell heat-{}", index + 1), words));
    }
    keys
}

fn data(transitions: &Transitions, matrix: &TransitionMatrix) -> DataTable {
    let mut columns = vec![Column::words("From")];
    columns.extend(transitions.conditions.iter().map(|name| Column::numbers(name.clone())));
    let mut table = DataTable::new(title(matrix.walk), columns);
    for (name, row) in transitions.conditions.iter().zip(&matrix.rows) {
        let mut cells = vec![name.clone()];
        cells.extend(row.iter().take(transitions.conditions.len()).map(|share| told(*share)));
        table.rows.push(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_classes_of_colour() {
        assert_eq!([f64::NAN, 0.0, 1e-9, 0.02, 0.021, 0.4, 1.0].map(step), [0, 0, 1, 1, 2, 5, 6]);
    }
}
