//! Boxes, ports and curves of the schema.

use super::bundles::{NamedBundle, Side, bundles};
use super::columns::columns;
use super::stratum_class;
use crate::format;
use crate::layout::{Bundle, Layered, layered};
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{GraphSchema, Stratum};
use crate::scale::Log;
use crate::svg::{self, Anchor};

const BOX_WIDTHS: (f64, f64) = (108.0, 152.0);
const BOX_LEAST_HEIGHT: f64 = 44.0;
/// Height that a named port takes of a box's side, and a nameless one.
const NAMED_PORT: f64 = 18.0;
const PLAIN_PORT: f64 = 7.0;
const NAME_SIZE: f64 = 11.5;
const LABEL_SIZE: f64 = 13.5;
const NAME_ROOM: f64 = 140.0;
/// Room for the curves beyond the names.
const BEND: f64 = 64.0;
const EDGE: f64 = 12.0;
const HEAD: f64 = 8.0;

/// One end of a bundle at a box's side.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Port {
    bundle: usize,
    /// The spoke's place in its bundle; none for the hub's port.
    spoke: Option<usize>,
    /// Height towards which the curve runs; ports stand in this order.
    towards: f64,
    y: f64,
}

/// A box with its ports.
struct Placed {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    left: Vec<Port>,
    right: Vec<Port>,
}

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

fn box_height(node: usize, bundles: &[NamedBundle]) -> f64 {
    let mut sides = [0.0, 0.0];
    for bundle in bundles {
        let (hub_side, spoke_side) = sides_of(bundle.side);
        if bundle.bundle.hub == node {
            sides[hub_side] += NAMED_PORT;
        }
        sides[spoke_side] +=
            bundle.bundle.spokes.iter().filter(|&&spoke| spoke == node).count() as f64 * PLAIN_PORT;
    }
    (sides[0].max(sides[1]) + 10.0).max(BOX_LEAST_HEIGHT)
}

/// The sides, 0 left and 1 right, of the hub's and the spokes' ports.
fn sides_of(side: Side) -> (usize, usize) {
    match side {
        Side::Left => (0, 1),
        Side::Own => (1, 1),
        Side::Right => (1, 0),
    }
}

fn name_width(bundle: &NamedBundle) -> f64 {
    text_width(&bundle.name, NAME_SIZE).min(NAME_ROOM) + HEAD + 10.0
}

/// The middle of each column, and the width of the whole.
fn column_middles(columns: &[usize], bundles: &[NamedBundle]) -> (Vec<f64>, f64) {
    let count = columns.iter().copied().max().map_or(0, |last| last + 1);
    // Room that the names need on either side of each column.
    let mut room = vec![[0.0_f64; 2]; count];
    let mut bends = vec![false; count];
    for bundle in bundles {
        let column = columns[bundle.bundle.hub];
        let side = sides_of(bundle.side).0;
        room[column][side] = room[column][side].max(name_width(bundle));
        bends[column] |= bundle.side == Side::Own;
    }
    let mut middles = Vec::with_capacity(count);
    let mut x = EDGE;
    for column in 0..count {
        if column > 0 {
            x += room[column - 1][1] + BEND + room[column][0];
        } else {
            x += room[0][0];
        }
        x += BOX_WIDTHS.1 / 2.0;
        middles.push(x);
        x += BOX_WIDTHS.1 / 2.0;
    }
    let last = count.saturating_sub(1);
    let tail = if bends.get(last) == Some(&true) { room[last][1] + 30.0 } else { 0.0 };
    (middles, x + tail + EDGE)
}

fn place(
    schema: &GraphSchema,
    columns: &[usize],
    heights: &[f64],
    bundles: &[NamedBundle],
    layout: &Layered,
    middles: &[f64],
) -> Vec<Placed> {
    let most = schema.nodes.iter().map(|node| node.count).max().unwrap_or(1);
    let widths = Log::new(most, BOX_WIDTHS);
    (0..schema.nodes.len())
        .map(|node| {
            let width = widths.at(schema.nodes[node].count);
            let top = layout.boxes[node] - heights[node] / 2.0 + EDGE;
            let (mut left, mut right) = (Vec::new(), Vec::new());
            for (number, bundle) in bundles.iter().enumerate() {
                let (hub_side, spoke_side) = sides_of(bundle.side);
                let lanes = lanes(&layout.lanes[number], bundle.side);
                let spokes = &bundle.bundle.spokes;
                let mut add =
                    |side: usize, port: Port| if side == 0 { left.push(port) } else { right.push(port) };
                if bundle.bundle.hub == node {
                    let mean =
                        spokes.iter().map(|&spoke| layout.boxes[spoke]).sum::<f64>() / spokes.len() as f64;
                    let towards = lanes.first().map_or(mean, |lane| lane.1);
                    add(hub_side, Port { bundle: number, spoke: None, towards, y: 0.0 });
                }
                for (place, _) in spokes.iter().enumerate().filter(|(_, spoke)| **spoke == node) {
                    let station = lanes.iter().rev().find(|lane| lane.0.abs_diff(columns[node]) == 1);
                    let towards = station.map_or(layout.boxes[bundle.bundle.hub], |lane| lane.1);
                    add(spoke_side, Port { bundle: number, spoke: Some(place), towards, y: 0.0 });
                }
            }
            arrange(&mut left, top, heights[node]);
            arrange(&mut right, top, heights[node]);
            Placed {
                x: middles[columns[node]] - width / 2.0,
                y: top,
                width,
                height: heights[node],
                left,
                right,
            }
        })
        .collect()
}

/// Spreads the ports over a side, in order of what they run towards.
fn arrange(ports: &mut [Port], top: f64, height: f64) {
    ports.sort_by(|a, b| {
        a.towards.total_cmp(&b.towards).then(a.bundle.cmp(&b.bundle)).then(a.spoke.cmp(&b.spoke))
    });
    let weight = |port: &Port| if port.spoke.is_none() { NAMED_PORT } else { PLAIN_PORT };
    let needed: f64 = ports.iter().map(weight).sum();
    let mut y = top + (height - needed) / 2.0;
    for port in ports {
        let own = weight(port);
        port.y = y + own / 2.0;
        y += own;
    }
}

/// The bundle's lanes in the order in which it passes them from its hub.
fn lanes(lanes: &[(usize, f64)], side: Side) -> Vec<(usize, f64)> {
    let mut lanes = lanes.to_vec();
    lanes.sort_by_key(|lane| lane.0);
    if side == Side::Left {
        lanes.reverse();
    }
    lanes
}

fn port(placed: &Placed, side: usize, bundle: usize, spoke: Option<usize>) -> (f64, f64) {
    let (ports, x) =
        if side == 0 { (&placed.left, placed.x) } else { (&placed.right, placed.x + placed.width) };
    let y = ports
        .iter()
        .find(|port| port.bundle == bundle && port.spoke == spoke)
        .map_or(placed.y, |port| port.y);
    (x, y)
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
