//! Shapes of SVG, placed by numbers that always print the same way.

use crate::markup::Element;

/// The root of a drawing: one picture to a screen reader, named by `label`.
pub(crate) fn root(width: f64, height: f64, label: &str) -> Element {
    Element::new("svg")
        .attribute("viewBox", format!("0 0 {} {}", coordinate(width), coordinate(height)))
        .attribute("width", coordinate(width))
        .attribute("height", coordinate(height))
        .attribute("role", "img")
        .attribute("aria-label", label)
}

/// A tiny drawing beside text that says the same: hidden from screen readers.
pub(crate) fn ornament(width: f64, height: f64) -> Element {
    Element::new("svg")
        .attribute("viewBox", format!("0 0 {} {}", coordinate(width), coordinate(height)))
        .attribute("width", coordinate(width))
        .attribute("height", coordinate(height))
        .attribute("aria-hidden", "true")
}

/// A group.
pub(crate) fn group(class: &str) -> Element {
    Element::new("g").class(class)
}

/// A rectangle by its upper left corner; negative sizes become 0.
pub(crate) fn rectangle(x: f64, y: f64, width: f64, height: f64, class: &str) -> Element {
    Element::new("rect")
        .class(class)
        .attribute("x", coordinate(x))
        .attribute("y", coordinate(y))
        .attribute("width", coordinate(width.max(0.0)))
        .attribute("height", coordinate(height.max(0.0)))
}

/// A straight line.
pub(crate) fn line(x1: f64, y1: f64, x2: f64, y2: f64, class: &str) -> Element {
    Element::new("line")
        .class(class)
        .attribute("x1", coordinate(x1))
        .attribute("y1", coordinate(y1))
        .attribute("x2", coordinate(x2))
        .attribute("y2", coordinate(y2))
}

/// A circle.
pub(crate) fn circle(x: f64, y: f64, radius: f64, class: &str) -> Element {
    Element::new("circle")
        .class(class)
        .attribute("cx", coordinate(x))
        .attribute("cy", coordinate(y))
        .attribute("r", coordinate(radius.max(0.0)))
}

/// A closed figure through points.
pub(crate) fn polygon(points: &[(f64, f64)], class: &str) -> Element {
    Element::new("polygon").class(class).attribute("points", point_list(points))
}

/// An open line through points.
pub(crate) fn polyline(points: &[(f64, f64)], class: &str) -> Element {
    Element::new("polyline").class(class).attribute("points", point_list(points))
}

/// A diamond around a point.
pub(crate) fn diamond(x: f64, y: f64, radius: f64, class: &str) -> Element {
    polygon(&[(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], class)
}

/// A curve from one point to another with two control points.
pub(crate) fn curve(points: [(f64, f64); 4], class: &str) -> Element {
    let [from, first, second, to] = points.map(|(x, y)| format!("{},{}", coordinate(x), coordinate(y)));
    Element::new("path").class(class).attribute("d", format!("M{from}C{first} {second} {to}"))
}

/// Where text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// Text whose middle line passes through `y`.
pub(crate) fn text(x: f64, y: f64, anchor: Anchor, class: &str, content: impl Into<String>) -> Element {
    let element = Element::new("text")
        .class(class)
        .attribute("x", coordinate(x))
        .attribute("y", coordinate(y))
        .attribute("dy", "0.35em");
    match anchor {
        Anchor::Start => element,
        Anchor::Middle => element.attribute("text-anchor", "middle"),
        Anchor::End => element.attribute("text-anchor", "end"),
    }
    .text(content)
}

/// Text turned about its point, anticlockwise for negative degrees.
pub(crate) fn turned_text(
    (x, y): (f64, f64),
    degrees: f64,
    anchor: Anchor,
    class: &str,
    content: impl Into<String>,
) -> Element {
    let turn = format!("translate({} {}) rotate({})", coordinate(x), coordinate(y), coordinate(degrees));
    text(0.0, 0.0, anchor, class, content).attribute("transform", turn)
}

/// What a browser shows when the pointer rests on the parent.
pub(crate) fn tooltip(content: impl Into<String>) -> Element {
    Element::with_text("title", content)
}

/// At most two decimals, no trailing zeros, no negative zero; what is no number becomes 0.
pub(crate) fn coordinate(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let mut text = format!("{value:.2}");
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
    if text == "-0" { "0".to_owned() } else { text }
}

fn point_list(points: &[(f64, f64)]) -> String {
    let mut list = String::new();
    for &(x, y) in points {
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(&coordinate(x));
        list.push(',');
        list.push_str(&coordinate(y));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_coordinates_print_short() {
        let shown: Vec<String> =
            [1.0, 100.0, -0.001, 1.005, f64::NAN, -2.5, 1e9].into_iter().map(coordinate).collect();
        assert_eq!(shown, ["1", "100", "0", "1", "0", "-2.5", "1000000000"]);
    }
}
