//! A network of conditions joined in pairs, coloured by community.

use super::node::{Named, mark, names};
use super::weights::lower_first;
use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::layout::spread;
use crate::markup::Element;
use crate::model::{ConditionNetwork, NetworkNode, NetworkTie};
use crate::svg;

const WIDTH: f64 = 1120.0;
const HEIGHT: f64 = 700.0;
const MARGIN: f64 = 60.0;
const NODES_DRAWN: usize = 120;
/// Conditions without a tie that the caption names.
const LONE_NAMED: usize = 12;
const RADII: (f64, f64) = (5.0, 19.0);
const STROKES: (f64, f64) = (0.8, 4.5);
/// Members named in a community's key.
const MEMBERS_NAMED: usize = 3;

/// What is drawn of a network: the conditions with a tie, and their ties by places among those.
struct Drawn<'a> {
    nodes: Vec<&'a NetworkNode>,
    ties: Vec<(usize, usize, &'a NetworkTie)>,
    lone: Vec<&'a str>,
}

impl<'a> Drawn<'a> {
    fn of(network: &'a ConditionNetwork) -> Self {
        let real = |tie: &&NetworkTie| {
            let known = tie.from < network.nodes.len() && tie.to < network.nodes.len();
            known && tie.from != tie.to && tie.strength.value.is_finite() && tie.strength.value > 0.0
        };
        let ties: Vec<&NetworkTie> = network.ties.iter().filter(real).collect();
        let mut tied = vec![false; network.nodes.len()];
        for tie in &ties {
            tied[tie.from] = true;
            tied[tie.to] = true;
        }
        let chosen: Vec<usize> = (0..tied.len()).filter(|index| tied[*index]).take(NODES_DRAWN).collect();
        let place = |index: usize| chosen.binary_search(&index).ok();
        let ties = ties.into_iter().filter_map(|tie| Some((place(tie.from)?, place(tie.to)?, tie))).collect();
        let lone = network.nodes.iter().zip(&tied).filter(|(_, tied)| !**tied);
        Self {
            nodes: chosen.iter().map(|index| &network.nodes[*index]).collect(),
            ties,
            lone: lone.map(|(node, _)| node.name.as_str()).collect(),
        }
    }
}

/// Draws the network.
pub(crate) fn network(network: &ConditionNetwork) -> Figure {
    let drawn = Drawn::of(network);
    let mut caption = format!(
        "{} of {}, in {}. {}",
        format::plural(network.ties.len() as u64, "tie", "ties"),
        format::plural(network.nodes.len() as u64, "condition", "conditions"),
        network.population,
        network.method
    );
    let left_out = network.nodes.len() - drawn.nodes.len() - drawn.lone.len();
    if left_out > 0 {
        format::add(
            &mut caption,
            format_args!(" {} more are in the table only.", format::count(left_out as u64)),
        );
    }
    if !drawn.lone.is_empty() {
        let mut named = drawn.lone[..drawn.lone.len().min(LONE_NAMED)].join(", ");
        if drawn.lone.len() > LONE_NAMED {
            format::add(
                &mut named,
                format_args!(" and {} more", format::count((drawn.lone.len() - LONE_NAMED) as u64)),
            );
        }
        format::add(&mut caption, format_args!(" Not drawn, having no tie here: {named}."));
    }
    Figure {
        shape: Shape::Wide,
        legend: legend(&drawn.nodes),
        drawing: if drawn.nodes.is_empty() {
            nothing("No tie to draw.")
        } else {
            vec![draw(network, &drawn)]
        },
        caption,
        reading: format!(
            "Each mark is a condition, larger where more people have it; each line joins two found in one person \
             more often than their prevalence explains, thicker where the {} is higher; an arrow points to the one \
             that tends to come later. Colour and shape show communities: conditions more tied to each other than \
             to the rest. Distance has no unit. Rest the pointer on a mark or a line for its numbers.",
            lower_first(&network.measure)
        ),
        data: data(network),
    }
}

fn draw(network: &ConditionNetwork, drawn: &Drawn<'_>) -> Element {
    let (nodes, ties, shown) = (&drawn.nodes, &drawn.ties, drawn.nodes.len());
    let pairs: Vec<(usize, usize)> = ties.iter().map(|(from, to, _)| (*from, *to)).collect();
    let places = spread(shown, &pairs, WIDTH, HEIGHT, MARGIN);
    let prevalence = |index: usize| {
        let share = nodes[index].prevalence;
        if share.is_finite() { share.max(0.0) } else { 0.0 }
    };
    let most = (0..shown).map(prevalence).fold(1e-12, f64::max);
    let radius = |index: usize| RADII.0 + (prevalence(index) / most).sqrt() * (RADII.1 - RADII.0);
    // Ratios are symmetric on the logarithm; a tie at or below 1 gets the thinnest line.
    let size = |tie: &NetworkTie| tie.strength.value.ln().max(0.0);
    let strongest = ties.iter().map(|(_, _, tie)| size(tie)).fold(1e-9, f64::max);
    let mut root =
        svg::root(WIDTH, HEIGHT, &format!("Network of {shown} conditions joined by {} ties", ties.len()));
    let mut lines = svg::group("edges");
    for &(from, to, tie) in ties {
        let width = STROKES.0 + size(tie) / strongest * (STROKES.1 - STROKES.0);
        let tip = format!(
            "{} {} {}: {} {}",
            nodes[from].name,
            if tie.directed { "→" } else { "and" },
            nodes[to].name,
            lower_first(&network.measure),
            format::weight_estimate(&tie.strength)
        );
        lines.push(line(places[from], places[to], radius(to), width, tie.directed).child(svg::tooltip(tip)));
    }
    root.push(lines);
    let mut marks = svg::group("nodes");
    for (index, node) in nodes.iter().enumerate() {
        let (x, y) = places[index];
        let tip = format!(
            "{}: {} of people, community {}",
            node.name,
            format::percent(node.prevalence),
            node.community + 1
        );
        marks.push(mark(node.community, x, y, radius(index)).child(svg::tooltip(tip)));
    }
    root.push(marks);
    let mut order: Vec<usize> = (0..shown).collect();
    order.sort_by(|&a, &b| prevalence(b).total_cmp(&prevalence(a)).then(a.cmp(&b)));
    let named: Vec<Named<'_>> = order
        .iter()
        .map(|&index| Named {
            name: &nodes[index].name,
            at: places[index],
            radius: radius(index),
            strong: false,
        })
        .collect();
    root.children(names(&named, WIDTH, HEIGHT).into_iter().flatten())
}

fn line(from: (f64, f64), to: (f64, f64), reach: f64, width: f64, directed: bool) -> Element {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt();
    let head = 7.0 + width;
    let shaft = |tip: (f64, f64)| {
        svg::line(from.0, from.1, tip.0, tip.1, "tie").attribute("stroke-width", svg::coordinate(width))
    };
    if !directed || length < reach + head + 2.0 {
        return svg::group("edge").child(shaft(to));
    }
    let (ux, uy) = (dx / length, dy / length);
    let at = |along: f64, across: f64| (from.0 + ux * along - uy * across, from.1 + uy * along + ux * across);
    let neck = length - reach - head;
    let half = 2.5 + width / 2.0;
    svg::group("edge")
        .child(shaft(at(neck, 0.0)))
        .child(svg::polygon(&[at(length - reach - 1.0, 0.0), at(neck, half), at(neck, -half)], "head"))
}

fn legend(nodes: &[&NetworkNode]) -> Vec<Key> {
    let communities = nodes.iter().map(|node| node.community).collect::<std::collections::BTreeSet<_>>();
    communities
        .into_iter()
        .map(|community| {
            let mut members: Vec<_> = nodes.iter().filter(|node| node.community == community).collect();
            members.sort_by(|a, b| b.prevalence.total_cmp(&a.prevalence));
            let mut words: Vec<&str> =
                members.iter().take(MEMBERS_NAMED).map(|node| node.name.as_str()).collect();
            let more = members.len() - words.len();
            let rest = format!("{more} more");
            if more > 0 {
                words.push(&rest);
            }
            Key::drawn(vec![mark(community, 12.0, 8.0, 6.0)], words.join(", "))
        })
        .collect()
}

fn data(network: &ConditionNetwork) -> Vec<DataTable> {
    let mut nodes = DataTable::new(
        "Conditions",
        vec![Column::words("Condition"), Column::numbers("Community"), Column::numbers("Prevalence")],
    );
    for node in &network.nodes {
        nodes.rows.push(vec![
            node.name.clone(),
            format::count(node.community as u64 + 1),
            format::percent(node.prevalence),
        ]);
    }
    let mut ties = DataTable::new(
        "Ties",
        vec![
            Column::words("Condition"),
            Column::words("Order"),
            Column::words("Condition"),
            Column::numbers(format!("{} (95% interval)", network.measure)),
        ],
    );
    let name = |index: usize| {
        network.nodes.get(index).map_or_else(|| format::ABSENT.to_owned(), |node| node.name.clone())
    };
    for tie in &network.ties {
        ties.rows.push(vec![
            name(tie.from),
            if tie.directed { "then" } else { "and" }.to_owned(),
            name(tie.to),
            format::weight_estimate(&tie.strength),
        ]);
    }
    vec![nodes, ties]
}
