//! One condition in the middle, what came before it at the left, what came after at the right.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{EgoNeighbour, EgoNetwork, EgoSide};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1120.0;
const TOP: f64 = 34.0;
const ROW: f64 = 42.0;
const NAME_SIZE: f64 = 13.0;
/// Where the neighbours' curves begin and end.
const LEFT: f64 = 350.0;
const RIGHT: f64 = WIDTH - LEFT;
const BOX: (f64, f64) = (170.0, 56.0);
const STROKES: (f64, f64) = (1.2, 11.0);
const EACH_SIDE: usize = 10;
const BELOW: usize = 5;
const HEAD: f64 = 9.0;

/// Draws the network.
pub(crate) fn ego(network: &EgoNetwork) -> Figure {
    let sides = [EgoSide::Before, EgoSide::After, EgoSide::Together].map(|side| chosen(network, side));
    let drawn: usize = sides.iter().map(Vec::len).sum();
    let mut caption = format!(
        "{} and the conditions around it, in {}. {}",
        network.centre, network.population, network.method
    );
    if drawn < network.neighbours.len() {
        format::add(
            &mut caption,
            format_args!(
                " The {} strongest of {} are drawn, all are in the table.",
                format::count(drawn as u64),
                format::count(network.neighbours.len() as u64)
            ),
        );
    }
    Figure {
        shape: Shape::Wide,
        legend: legend(!sides[2].is_empty()),
        drawing: if drawn == 0 { nothing("No neighbour to draw.") } else { vec![draw(network, &sides)] },
        caption,
        reading: format!(
            "An arrow from the left: people had those conditions first and {0} came after them. An arrow to the \
             right: {0} came first. {1}The thicker, the stronger; the number is the weight with its 95% interval. \
             Nothing here says that one condition causes another.",
            network.centre,
            if sides[2].is_empty() { "" } else { "Below, dashed: found together, whichever came first. " }
        ),
        data: vec![data(network)],
    }
}

/// The heaviest neighbours of a side that can be drawn.
fn chosen(network: &EgoNetwork, side: EgoSide) -> Vec<&EgoNeighbour> {
    let mut found: Vec<&EgoNeighbour> = network
        .neighbours
        .iter()
        .filter(|neighbour| neighbour.side == side && neighbour.weight.value.is_finite())
        .collect();
    found.sort_by(|a, b| b.weight.value.total_cmp(&a.weight.value));
    found.truncate(if side == EgoSide::Together { BELOW } else { EACH_SIDE });
    found
}

fn draw(network: &EgoNetwork, [before, after, together]: &[Vec<&EgoNeighbour>; 3]) -> Element {
    let rows = before.len().max(after.len()).max(2) as f64;
    let middle = TOP + rows * ROW / 2.0;
    let columns_end = TOP + rows * ROW;
    let below = columns_end + if together.is_empty() { 12.0 } else { 124.0 };
    let most = [before, after, together]
        .into_iter()
        .flatten()
        .map(|neighbour| neighbour.weight.value)
        .fold(1e-12, f64::max);
    let stroke = |neighbour: &EgoNeighbour| {
        STROKES.0 + (neighbour.weight.value / most).clamp(0.0, 1.0) * (STROKES.1 - STROKES.0)
    };
    let mut root = svg::root(
        WIDTH,
        below,
        &format!(
            "{} in the middle, {} conditions before it, {} after",
            network.centre,
            before.len(),
            after.len()
        ),
    );
    root.push(svg::text(LEFT, 10.0, Anchor::End, "side", "Came before"));
    root.push(svg::text(RIGHT, 10.0, Anchor::Start, "side", "Came after"));
    let centre = WIDTH / 2.0;
    // Columns are centred on the box, so that a short one stays beside it.
    let place = |index: usize, of: usize| middle + (index as f64 - (of as f64 - 1.0) / 2.0) * ROW;
    let port = |index: usize, of: usize| {
        middle + (index as f64 - (of as f64 - 1.0) / 2.0) * (BOX.1 / of.max(1) as f64)
    };
    for (index, neighbour) in before.iter().enumerate() {
        let (y, end) = (place(index, before.len()), port(index, before.len()));
        let tip = centre - BOX.0 / 2.0 - 2.0;
        root.push(
            arrow(LEFT + 8.0, y, tip, end, stroke(neighbour))
                .child(svg::tooltip(tooltip(neighbour, &network.centre))),
        );
        root = root.children(words(neighbour, LEFT, y, Anchor::End));
    }
    for (index, neighbour) in after.iter().enumerate() {
        let (y, start) = (place(index, after.len()), port(index, after.len()));
        root.push(
            arrow(centre + BOX.0 / 2.0 + 2.0, start, RIGHT - 8.0, y, stroke(neighbour))
                .child(svg::tooltip(tooltip(neighbour, &network.centre))),
        );
        root = root.children(words(neighbour, RIGHT, y, Anchor::Start));
    }
    let room = WIDTH / together.len().max(1) as f64;
    for (index, neighbour) in together.iter().enumerate() {
        let x = (index as f64 + 0.5) * room;
        let foot = below - 44.0;
        // Straight down past the columns' words, only then to the side.
        let from = (centre + (x - centre) * 0.12, middle + BOX.1 / 2.0);
        let (turn, end) = (columns_end, foot - 11.0);
        let bend = f64::midpoint(turn, end);
        let width = svg::coordinate(stroke(neighbour));
        let curve = svg::curve([(from.0, turn), (from.0, bend), (x, bend), (x, end)], "ego-tie");
        root.push(
            svg::group("ego-edge")
                .child(svg::tooltip(tooltip(neighbour, &network.centre)))
                .child(
                    svg::line(from.0, from.1, from.0, turn, "ego-tie")
                        .attribute("stroke-width", width.clone()),
                )
                .child(curve.attribute("stroke-width", width)),
        );
        let name = fit(&neighbour.conditions.join(" + "), NAME_SIZE, room - 16.0);
        root.push(svg::text(x, foot, Anchor::Middle, "label halo-text", name));
        let weight = fit(&format::weight_estimate(&neighbour.weight), NAME_SIZE, room - 16.0);
        root.push(svg::text(x, foot + 17.0, Anchor::Middle, "remark", weight));
    }
    root.push(svg::rectangle(centre - BOX.0 / 2.0, middle - BOX.1 / 2.0, BOX.0, BOX.1, "ego-centre"));
    let lines = wrap(&network.centre, BOX.0 - 12.0);
    let people = fit(&format!("People: {}", network.people), 12.0, BOX.0 - 12.0);
    let first = middle - 9.0 * lines.len() as f64 + 1.0;
    for (index, line) in lines.iter().enumerate() {
        root.push(svg::text(
            centre,
            first + 16.0 * index as f64,
            Anchor::Middle,
            "label strong",
            line.clone(),
        ));
    }
    root.child(svg::text(centre, first + 16.0 * lines.len() as f64, Anchor::Middle, "remark", people))
}

/// A name on at most two lines.
fn wrap(name: &str, room: f64) -> Vec<String> {
    if text_width(name, NAME_SIZE + 1.0) <= room {
        return vec![name.to_owned()];
    }
    let breaks = name.char_indices().filter(|(_, character)| *character == ' ').map(|(at, _)| at);
    let widest = |at: &usize| text_width(&name[..*at], NAME_SIZE).max(text_width(&name[*at..], NAME_SIZE));
    let best = breaks.min_by(|a, b| widest(a).total_cmp(&widest(b)));
    match best {
        Some(at) => [&name[..at], &name[at..]].map(|part| fit(part.trim(), NAME_SIZE + 1.0, room)).into(),
        None => vec![fit(name, NAME_SIZE + 1.0, room)],
    }
}

fn words(neighbour: &EgoNeighbour, x: f64, y: f64, anchor: Anchor) -> Vec<Element> {
    let name = fit(&neighbour.conditions.join(", "), NAME_SIZE, LEFT - 4.0);
    let weight = format::weight_estimate(&neighbour.weight);
    vec![
        svg::text(x, y - 8.0, anchor, "label", name),
        svg::text(x, y + 8.0, anchor, "remark", fit(&weight, NAME_SIZE, LEFT - 4.0)),
    ]
}

fn tooltip(neighbour: &EgoNeighbour, centre: &str) -> String {
    let conditions = neighbour.conditions.join(", ");
    let relation = match neighbour.side {
        EgoSide::Before => format!("{conditions} → {centre}"),
        EgoSide::After => format!("{centre} → {conditions}"),
        EgoSide::Together => format!("{centre} with {conditions}"),
    };
    format!("{relation}: {}; people: {}", format::weight_estimate(&neighbour.weight), neighbour.people)
}

/// A curve that leaves and arrives level, with a head at its end.
fn arrow(x1: f64, y1: f64, x2: f64, y2: f64, width: f64) -> Element {
    let (bend, neck) = (f64::midpoint(x1, x2), x2 - HEAD);
    let half = 3.0 + width / 2.0;
    svg::group("ego-edge")
        .child(
            svg::curve([(x1, y1), (bend, y1), (bend, y2), (neck, y2)], "ego-line")
                .attribute("stroke-width", svg::coordinate(width)),
        )
        .child(svg::polygon(&[(x2, y2), (neck, y2 - half), (neck, y2 + half)], "ego-head"))
}

fn legend(together: bool) -> Vec<Key> {
    let mut keys = vec![Key::drawn(vec![arrow(1.0, 8.0, 23.0, 8.0, 3.0)], "Came before → came after")];
    if together {
        let tie = svg::line(1.0, 8.0, 23.0, 8.0, "ego-tie").attribute("stroke-width", "3");
        keys.push(Key::drawn(vec![tie], "Together, in either order"));
    }
    keys
}

fn data(network: &EgoNetwork) -> DataTable {
    let columns = vec![
        Column::words("Conditions"),
        Column::words("Relation"),
        Column::numbers("Weight (95% interval)"),
        Column::numbers("People"),
    ];
    let mut table = DataTable::new(format!("Neighbours of {}", network.centre), columns);
    for neighbour in &network.neighbours {
        let side = match neighbour.side {
            EgoSide::Before => "came before",
            EgoSide::After => "came after",
            EgoSide::Together => "together",
        };
        table.rows.push(vec![
            neighbour.conditions.join(", "),
            side.to_owned(),
            format::weight_estimate(&neighbour.weight),
            neighbour.people.clone(),
        ]);
    }
    table
}
