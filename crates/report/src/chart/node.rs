//! Marks and names of nodes, for drawings of graphs.

use crate::layout::{LabelRequest, place_labels};
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::svg::{self, Anchor};

const NAME_SIZE: f64 = 11.5;
const NAME_WIDTH: f64 = 150.0;
const COLOURS: usize = 8;
const SHAPES: usize = 5;

/// The mark of the sort with this number: eight colours, five shapes, forty pairs.
pub(super) fn mark(sort: usize, x: f64, y: f64, radius: f64) -> Element {
    let class = format!("node colour-{}", sort % COLOURS);
    let r = radius;
    match sort % SHAPES {
        0 => svg::circle(x, y, r, &class),
        1 => svg::rectangle(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r, &class),
        2 => svg::diamond(x, y, 1.2 * r, &class),
        3 => {
            svg::polygon(&[(x, y - 1.15 * r), (x + 1.1 * r, y + 0.8 * r), (x - 1.1 * r, y + 0.8 * r)], &class)
        }
        _ => {
            let (half, side) = (0.5 * r, 0.95 * r);
            let corners = [
                (x - half, y - side),
                (x + half, y - side),
                (x + 1.1 * r, y),
                (x + half, y + side),
                (x - half, y + side),
                (x - 1.1 * r, y),
            ];
            svg::polygon(&corners, &class)
        }
    }
}

/// A node that would like its name beside it.
pub(super) struct Named<'a> {
    /// What is written.
    pub(super) name: &'a str,
    /// Where the node stands.
    pub(super) at: (f64, f64),
    /// The radius of its mark.
    pub(super) radius: f64,
    /// Whether it is written in bold.
    pub(super) strong: bool,
}

/// Names where there is room, in order of precedence; none where all places are taken.
pub(super) fn names(nodes: &[Named<'_>], width: f64, height: f64) -> Vec<Option<Element>> {
    let texts: Vec<String> = nodes.iter().map(|node| fit(node.name, NAME_SIZE, NAME_WIDTH)).collect();
    let requests: Vec<LabelRequest> = nodes
        .iter()
        .zip(&texts)
        .map(|(node, text)| LabelRequest {
            at: node.at,
            radius: node.radius,
            width: text_width(text, NAME_SIZE),
            height: NAME_SIZE + 1.0,
        })
        .collect();
    let places = place_labels(&requests, width, height);
    let placed = nodes.iter().zip(texts).zip(places);
    placed
        .map(|((node, text), place)| {
            let (x, y) = place?;
            let class = if node.strong { "node-name strong" } else { "node-name" };
            Some(svg::text(x, y, Anchor::Start, class, text))
        })
        .collect()
}
