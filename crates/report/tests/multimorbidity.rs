//! The pictures of conditions that go together: what is drawn is what was given.

use roxmltree::{Document, Node};
use twinloom_report::{
    Combination, DifferenceRow, EgoNeighbour, EgoNetwork, EgoSide, Estimate, GroupDifference, NetworkNode,
    NetworkTie, Origin, ProgressionPoint, ProgressionScatter, Report, Section, Study, TransitionMatrix,
    Transitions, Walk, WeightBar, WeightBars,
};

fn page(section: impl Into<Section>) -> String {
    Report::new("t", Study::new(Origin::Simulated, "s", 1, 1)).section(section).to_html()
}

fn parsed(html: &str) -> Document<'_> {
    let body = html.strip_prefix("<!DOCTYPE html>\n").expect("the page begins with its type");
    Document::parse(body).expect("the page is well formed")
}

fn of_class<'a, 'd>(document: &'a Document<'d>, class: &str) -> Vec<Node<'a, 'd>> {
    let drawing = document
        .descendants()
        .find(|node| node.has_tag_name("svg") && node.attribute("role") == Some("img"))
        .expect("something is drawn");
    drawing.descendants().filter(|node| node.attribute("class") == Some(class)).collect()
}

fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).expect("it has that place").parse().expect("a place is a number")
}

fn exact(value: f64) -> Estimate {
    Estimate::new(value, value, value)
}

#[test]
fn regress_a_bar_is_as_long_as_its_weight() {
    let row = |weight: f64, tail: &[&str]| WeightBar {
        combination: Combination::Progression {
            tail: tail.iter().map(|name| (*name).to_owned()).collect(),
            head: "C".to_owned(),
        },
        weight: Estimate::new(weight, weight / 2.0, weight * 1.5),
        people: "about 20".to_owned(),
    };
    let rows = vec![row(0.4, &["A", "B"]), row(0.1, &["A"]), row(0.2, &[]), row(f64::NAN, &["B"])];
    let html = page(WeightBars { rows, left_out: 3, ..WeightBars::default() });
    let document = parsed(&html);
    let widths: Vec<f64> =
        of_class(&document, "weight ordered").iter().map(|bar| number(bar, "width")).collect();
    assert_eq!(widths.len(), 3);
    assert!((widths[0] / widths[1] - 4.0).abs() < 1e-3 && (widths[0] / widths[2] - 2.0).abs() < 1e-3);
    for words in ["A, B → C", "A → C", "only C", "3 more were found", "about 20"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn regress_regions_follow_the_larger_centrality() {
    let point = |name: &str, successor: f64, predecessor: f64| ProgressionPoint {
        name: name.to_owned(),
        successor: exact(successor),
        predecessor: exact(predecessor),
        people: String::new(),
    };
    let points = vec![point("early", 0.1, 0.3), point("late", 0.3, 0.1), point("both", 0.2, 0.21)];
    let html = page(ProgressionScatter { points, ..ProgressionScatter::default() });
    let document = parsed(&html);
    let place = |class: &str| {
        let marks = of_class(&document, class);
        assert_eq!(marks.len(), 1, "{class}");
        marks[0]
    };
    let late = place("centrality late");
    let early = place("centrality early");
    assert!(early.attribute("points").is_some());
    place("centrality transitive");
    // Both axes have one scale, so what is right of the diagonal is nearer the right than the top.
    assert!(720.0 - number(&late, "cx") < number(&late, "cy"));
}

#[test]
fn regress_a_withheld_transition_has_no_number() {
    let matrix =
        TransitionMatrix { walk: Walk::Successor, rows: vec![vec![0.75, f64::NAN], vec![0.0, 0.03]] };
    let html = page(Transitions {
        conditions: vec!["A".to_owned(), "B".to_owned()],
        matrices: vec![matrix],
        ..Transitions::default()
    });
    let document = parsed(&html);
    for (class, cells) in [("cell heat-0", 2), ("cell heat-2", 1), ("cell heat-6", 1)] {
        assert_eq!(of_class(&document, class).len(), cells, "{class}");
    }
    assert!(html.contains("A → B: withheld") && html.contains("A, staying: 75.0%"));
    assert!(!html.contains("NaN"));
}

#[test]
fn regress_neighbours_stand_on_their_side() {
    let neighbour = |name: &str, side| EgoNeighbour {
        conditions: vec![name.to_owned()],
        side,
        weight: exact(0.2),
        people: String::new(),
    };
    let html = page(EgoNetwork {
        centre: "C".to_owned(),
        neighbours: vec![neighbour("first", EgoSide::Before), neighbour("later", EgoSide::After)],
        ..EgoNetwork::default()
    });
    let document = parsed(&html);
    let at = |words: &str| {
        let found = of_class(&document, "label").into_iter().find(|node| node.text() == Some(words));
        number(&found.expect("it is written"), "x")
    };
    let middle = number(&of_class(&document, "ego-centre")[0], "x");
    assert!(at("first") < middle && middle < at("later"));
    assert!(!html.contains("Below, dashed"));
}

#[test]
fn regress_a_difference_that_stands_is_filled() {
    let row = |difference: f64, discovered| DifferenceRow {
        label: "A + B".to_owned(),
        first: exact(0.3),
        second: exact(0.3 - difference),
        difference: exact(difference),
        discovered,
        q: Some(0.01),
    };
    let html = page(GroupDifference {
        percent: true,
        rows: vec![row(0.2, true), row(-0.1, false)],
        ..GroupDifference::default()
    });
    let document = parsed(&html);
    let filled = number(&of_class(&document, "change-dot")[0], "cx");
    let hollow = number(&of_class(&document, "change-dot hollow")[0], "cx");
    let zero = number(&of_class(&document, "reference")[0], "x1");
    assert!(hollow < zero && zero < filled);
    assert!(((filled - zero) / (zero - hollow) - 2.0).abs() < 1e-2);
    assert!(html.contains("20.0%") && html.contains("−10.0%"));
}

#[test]
fn regress_conditions_without_a_tie_are_named_and_not_drawn() {
    let node = |name: &str| NetworkNode { name: name.to_owned(), community: 0, prevalence: 0.1 };
    let tie = |from, to| NetworkTie { from, to, strength: exact(2.0), directed: true };
    let html = page(twinloom_report::ConditionNetwork {
        nodes: vec![node("A"), node("lonely"), node("C")],
        ties: vec![tie(2, 0), tie(0, 9), tie(1, 1)],
        ..twinloom_report::ConditionNetwork::default()
    });
    let document = parsed(&html);
    assert_eq!(of_class(&document, "node colour-0").len(), 2);
    assert_eq!(of_class(&document, "edge").len(), 1);
    assert!(html.contains("C → A") && html.contains("Not drawn, having no tie here: lonely."));
}
