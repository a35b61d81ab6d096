//! A figure before it has a number: drawing, words and the table behind it.

use crate::markup::Element;
use crate::svg;

/// How much of the page's width a drawing wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Leaves room for its caption at the side.
    Beside,
    /// The whole width.
    Wide,
    /// Several small drawings that wrap.
    Panels,
}

/// A drawing with all that must stand around it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// Its place on the page.
    pub(crate) shape: Shape,
    /// Marks and their meaning.
    pub(crate) legend: Vec<Key>,
    /// The drawing or drawings.
    pub(crate) drawing: Vec<Element>,
    /// What it shows, and of how many.
    pub(crate) caption: String,
    /// How to read it.
    pub(crate) reading: String,
    /// The numbers behind it.
    pub(crate) data: Vec<DataTable>,
}

/// One mark and its meaning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    /// The mark, drawn.
    pub(crate) mark: Element,
    /// What it means.
    pub(crate) meaning: String,
}

impl Key {
    /// A filled rectangle.
    pub(crate) fn swatch(class: &str, meaning: impl Into<String>) -> Self {
        Self::drawn(vec![svg::rectangle(2.0, 3.0, 20.0, 10.0, class)], meaning)
    }

    /// Shapes drawn in a box of 24 by 16.
    pub(crate) fn drawn(shapes: Vec<Element>, meaning: impl Into<String>) -> Self {
        Self { mark: svg::ornament(24.0, 16.0).children(shapes), meaning: meaning.into() }
    }
}

/// The numbers behind a drawing, as text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataTable {
    /// What the table holds.
    pub(crate) caption: String,
    /// Headings, with whether the column is numbers.
    pub(crate) columns: Vec<Column>,
    /// Cells; the first of each row is its heading.
    pub(crate) rows: Vec<Vec<String>>,
}

/// A column of a [`DataTable`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// The heading.
    pub(crate) name: String,
    /// Whether cells align to the right.
    pub(crate) numeric: bool,
}

impl Column {
    /// A column of words.
    pub(crate) fn words(name: impl Into<String>) -> Self {
        Self { name: name.into(), numeric: false }
    }

    /// A column of numbers.
    pub(crate) fn numbers(name: impl Into<String>) -> Self {
        Self { name: name.into(), numeric: true }
    }
}

impl DataTable {
    /// A table without rows.
    pub(crate) fn new(caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { caption: caption.into(), columns, rows: Vec::new() }
    }

    /// The table as HTML.
    pub(crate) fn element(&self) -> Element {
        let class = |index: usize| {
            if self.columns.get(index).is_some_and(|column| column.numeric) { "number" } else { "words" }
        };
        let head = self.columns.iter().enumerate().map(|(index, column)| {
            Element::with_text("th", column.name.clone()).attribute("scope", "col").class(class(index))
        });
        let body = self.rows.iter().map(|row| {
            Element::new("tr").children(row.iter().enumerate().map(|(index, cell)| {
                let name = if index == 0 { "th" } else { "td" };
                let element = Element::with_text(name, cell.clone()).class(class(index));
                if index == 0 { element.attribute("scope", "row") } else { element }
            }))
        });
        let table = Element::new("table")
            .child(Element::with_text("caption", self.caption.clone()))
            .child(Element::new("thead").child(Element::new("tr").children(head)))
            .child(Element::new("tbody").children(body));
        scroll(table, &self.caption)
    }
}

/// Lets something wider than the page scroll on its own, also by keyboard.
pub(crate) fn scroll(content: Element, label: &str) -> Element {
    Element::new("div")
        .class("scroll")
        .attribute("tabindex", "0")
        .attribute("role", "region")
        .attribute("aria-label", label)
        .child(content)
}

/// What stands in place of a drawing when there is nothing to draw.
pub(crate) fn nothing(why: &str) -> Vec<Element> {
    vec![Element::with_text("p", why).class("nothing")]
}
