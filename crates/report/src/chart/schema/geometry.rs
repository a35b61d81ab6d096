//! Sizes of the boxes, and the ports at their sides where bundles begin and end.

use super::bundles::{NamedBundle, Side};
use crate::layout::Layered;
use crate::measure::text_width;
use crate::model::GraphSchema;
use crate::scale::Log;

pub(super) const BOX_WIDTHS: (f64, f64) = (108.0, 152.0);
const BOX_LEAST_HEIGHT: f64 = 44.0;
/// Height that a named port takes of a box's side, and a nameless one.
const NAMED_PORT: f64 = 18.0;
const PLAIN_PORT: f64 = 7.0;
pub(super) const NAME_SIZE: f64 = 11.5;
pub(super) const NAME_ROOM: f64 = 140.0;
/// Room for the curves beyond the names.
const BEND: f64 = 64.0;
pub(super) const EDGE: f64 = 12.0;
pub(super) const HEAD: f64 = 8.0;

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
pub(super) struct Placed {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    left: Vec<Port>,
    right: Vec<Port>,
}

/// A height that holds the ports of both sides.
pub(super) fn box_height(node: usize, bundles: &[NamedBundle]) -> f64 {
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
pub(super) fn sides_of(side: Side) -> (usize, usize) {
    match side {
        Side::Left => (0, 1),
        Side::Own => (1, 1),
        Side::Right => (1, 0),
    }
}

/// Length of the stretch that carries a bundle's name.
pub(super) fn name_width(bundle: &NamedBundle) -> f64 {
    text_width(&bundle.name, NAME_SIZE).min(NAME_ROOM) + HEAD + 10.0
}

/// The middle of each column, and the width of the whole.
pub(super) fn column_middles(columns: &[usize], bundles: &[NamedBundle]) -> (Vec<f64>, f64) {
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

/// Places the boxes and the ports at their sides.
pub(super) fn place(
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
pub(super) fn lanes(lanes: &[(usize, f64)], side: Side) -> Vec<(usize, f64)> {
    let mut lanes = lanes.to_vec();
    lanes.sort_by_key(|lane| lane.0);
    if side == Side::Left {
        lanes.reverse();
    }
    lanes
}

/// Where a bundle meets a box: at its hub, or at one of its spokes.
pub(super) fn port(placed: &Placed, side: usize, bundle: usize, spoke: Option<usize>) -> (f64, f64) {
    let (ports, x) =
        if side == 0 { (&placed.left, placed.x) } else { (&placed.right, placed.x + placed.width) };
    let y = ports
        .iter()
        .find(|port| port.bundle == bundle && port.spoke == spoke)
        .map_or(placed.y, |port| port.y);
    (x, y)
}
