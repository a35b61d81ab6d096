//! Boxes, names and curves of the schema.

use super::bundles::{NamedBundle, Side, bundles};
use super::columns::columns;
use super::geometry::{
    BOX_WIDTHS, EDGE, HEAD, NAME_ROOM, NAME_SIZE, Placed, box_height, column_middles, lanes, name_width,
    place, port, sides_of,
};
use super::stratum_class;
use crate::format;
use crate::layout::{Bundle, layered};
use crate::markup::Element;
use crate::measure::fit;
use crate::model::{GraphSchema, Stratum};
use crate::scale::Log;
use crate::svg::{self, Anchor};

const LABEL_SIZE: f64 = 13.5;

/// Draws the schema; also says how many arrows are left out.
pub(super) fn draw(schema: &GraphSchema) -> (Element, usize) {
    let columns = columns(schema);
    let (bundles, left_out) = bundles(schema, &columns);
    let heights: Vec<f64> = (0..schema.nodes.len()).map(|node| box_height(node, &bundles)).collect();
    let joined: Vec<Bundle> = bundles.iter().map(|bundle| bundle.bundle.clone()).collect();
    let layout = layered(&columns, &heights, &joined);
    let (middles, width) = column_middles(&columns, &bundles);
    let boxes = place(schema, &columns, &heights, &bundles, &layout, &middles);
    let label = format!("Schema of the graph with {} node labels", schema.nodes.len());
    let mut root = svg::root(width, layout.height + 2.0 * EDGE, &label);
    let most = bundles.iter().flat_map(|bundle| &bundle.counts).copied().max().unwrap_or(1);
    let thickness = Log::new(most, (0.8, 3.2));
    let mut names = Vec::new();
    for (number, bundle) in bundles.iter().enumerate() {
        let lanes: Vec<(f64, f64)> = lanes(&layout.lanes[number], bundle.side)
            .into_iter()
            .map(|(column, y)| (middles[column], y + EDGE))
            .collect();
        root.push(draw_bundle(schema, number, bundle, &boxes, &lanes, &columns, &middles, &thickness));
        names.push(draw_name(number, bundle, &boxes));
    }
    for (node, placed) in schema.nodes.iter().zip(&boxes) {
        let middle = placed.x + placed.width / 2.0;
        let class = format!("box {}", stratum_class(node.stratum));
        let frame = svg::rectangle(placed.x, placed.y, placed.width, placed.height, &class)
            .attribute("rx", "5")
            .child(svg::tooltip(format!("{}: {}", node.label, format::plural(node.count, "node", "nodes"))));
        let label = fit(&node.label, LABEL_SIZE, placed.width - 10.0);
        let y = placed.y + placed.height / 2.0;
        root.push(frame);
        root.push(svg::text(middle, y - 8.0, Anchor::Middle, "box-label", label));
        root.push(svg::text(middle, y + 9.0, Anchor::Middle, "box-count", format::count(node.count)));
    }
    (root.children(names), left_out)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one drawing")]
fn draw_bundle(
    schema: &GraphSchema,
    number: usize,
    bundle: &NamedBundle,
    boxes: &[Placed],
    lanes: &[(f64, f64)],
    columns: &[usize],
    middles: &[f64],
    thickness: &Log,
) -> Element {
    let (hub_side, spoke_side) = sides_of(bundle.side);
    let away = if hub_side == 1 { 1.0 } else { -1.0 };
    let hub = bundle.bundle.hub;
    let (hub_x, hub_y) = port(&boxes[hub], hub_side, number, None);
    let total = format::total(bundle.counts.iter().copied());
    let mut group = svg::group(&format!("bundle {}", stratum_class(stratum(schema, &bundle.bundle))))
        .child(svg::tooltip(format!("{}: {}", bundle.name, format::plural(total, "edge", "edges"))));
    let stroke =
        |shape: Element, count: u64| shape.attribute("stroke-width", svg::coordinate(thickness.at(count)));
    // The stretch that carries the name.
    let neck = (hub_x + away * name_width(bundle), hub_y);
    let start = if bundle.leaves_hub { hub_x } else { hub_x + away * (HEAD - 1.0) };
    group.push(stroke(svg::line(start, hub_y, neck.0, hub_y, "wire"), total));
    if !bundle.leaves_hub {
        group.push(head((hub_x, hub_y), away));
    }
    let half = BOX_WIDTHS.1 / 2.0;
    let mut at = neck;
    let mut stations = vec![(columns[hub], neck)];
    for (index, &(x, y)) in lanes.iter().enumerate() {
        let (enter, leave) = (x - away * half, x + away * half);
        group.push(stroke(bend(at, (enter, y)), total));
        group.push(stroke(svg::line(enter, y, leave, y, "wire"), total));
        at = (leave, y);
        let column = if hub_side == 1 { columns[hub] + index + 1 } else { columns[hub] - index - 1 };
        stations.push((column, at));
    }
    for (place, (&spoke, &count)) in bundle.bundle.spokes.iter().zip(&bundle.counts).enumerate() {
        let (x, y) = port(&boxes[spoke], spoke_side, number, Some(place));
        let tip = if bundle.leaves_hub { HEAD - 1.0 } else { 0.0 };
        let nearest = stations.iter().rev().find(|(column, _)| column.abs_diff(columns[spoke]) == 1);
        let from = nearest.map_or(neck, |(_, from)| *from);
        let (source, target) = if bundle.leaves_hub { (hub, spoke) } else { (spoke, hub) };
        let words = format!(
            "{} {} {}: {}",
            schema.nodes[source].label,
            bundle.name,
            schema.nodes[target].label,
            format::plural(count, "edge", "edges")
        );
        let shape = if bundle.side == Side::Own {
            let out = middles[columns[hub]] + half + name_width(bundle) + 26.0;
            svg::curve([neck, (out, neck.1), (out, y), (x + tip, y)], "wire")
        } else {
            // A box narrower than its column is reached by a level last stretch.
            let edge = middles[columns[spoke]] - away * half;
            let end = x - away * tip;
            group.push(stroke(svg::line(edge, y, end, y, "wire"), count));
            bend(from, (edge, y))
        };
        group.push(stroke(shape, count).child(svg::tooltip(words)));
        if bundle.leaves_hub {
            group.push(head((x, y), if bundle.side == Side::Own { 1.0 } else { -away }));
        }
    }
    group
}

/// The layer that a bundle leads to or comes from, when it is not all of the instance layer.
fn stratum(schema: &GraphSchema, bundle: &Bundle) -> Stratum {
    let ends = bundle.spokes.iter().chain([&bundle.hub]).map(|&node| schema.nodes[node].stratum);
    ends.max().unwrap_or_default()
}

/// A curve that leaves and arrives level.
fn bend(from: (f64, f64), to: (f64, f64)) -> Element {
    let middle = f64::midpoint(from.0, to.0);
    svg::curve([from, (middle, from.1), (middle, to.1), to], "wire")
}

/// An arrow's head at a box's side; `outwards` is 1 on the right side, -1 on the left.
fn head((x, y): (f64, f64), outwards: f64) -> Element {
    let base = x + outwards * HEAD;
    svg::polygon(&[(x, y), (base, y - 3.6), (base, y + 3.6)], "wire-head")
}

fn draw_name(number: usize, bundle: &NamedBundle, boxes: &[Placed]) -> Element {
    let side = sides_of(bundle.side).0;
    let (x, y) = port(&boxes[bundle.bundle.hub], side, number, None);
    let (shift, anchor) = if side == 1 { (HEAD + 3.0, Anchor::Start) } else { (-HEAD - 3.0, Anchor::End) };
    svg::text(x + shift, y - 6.5, anchor, "wire-name", fit(&bundle.name, NAME_SIZE, NAME_ROOM))
}
