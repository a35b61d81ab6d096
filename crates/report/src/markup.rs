//! Elements of HTML and SVG: the one place where text becomes markup, and so where it is escaped.

/// Elements that HTML closes itself, and shapes that SVG lets close themselves.
const VOID: [&str; 10] =
    ["br", "hr", "link", "meta", "circle", "line", "path", "polygon", "polyline", "rect"];

/// An element with its attributes and children.
///
/// Names and raw text are compiled in; whatever comes from data passes through [`escape`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Element(Element),
    Text(String),
    Raw(&'static str),
}

impl Element {
    /// An element without attributes or children.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new() }
    }

    /// An element that holds only text.
    pub(crate) fn with_text(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name).text(text)
    }

    /// Sets an attribute.
    pub(crate) fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Sets the style class.
    pub(crate) fn class(self, class: impl Into<String>) -> Self {
        self.attribute("class", class)
    }

    /// Adds text.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Node::Text(text.into()));
        self
    }

    /// Adds text that is part of this program and needs no escaping (the style sheet).
    pub(crate) fn raw(mut self, text: &'static str) -> Self {
        self.children.push(Node::Raw(text));
        self
    }

    /// Adds a child.
    pub(crate) fn child(mut self, child: Self) -> Self {
        self.push(child);
        self
    }

    /// Adds children.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// Adds a child in place.
    pub(crate) fn push(&mut self, child: Self) {
        self.children.push(Node::Element(child));
    }

    /// Writes the element and what it holds.
    pub(crate) fn render(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if self.children.is_empty() && VOID.contains(&self.name) {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.render(out),
                Node::Text(text) => escape(text, out),
                Node::Raw(text) => out.push_str(text),
            }
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
        // A line per block keeps the file readable and its differences small.
        if matches!(self.name, "p" | "tr" | "g" | "svg" | "table" | "section" | "li" | "div") {
            out.push('\n');
        }
    }
}

/// Appends text such that neither HTML nor XML can take it for markup.
///
/// Characters that XML 1.0 forbids become U+FFFD, as do the controls that turn text around
/// (U+202A-U+202E, U+2066-U+2069), with which a label could make its neighbours read backwards.
pub(crate) fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(character),
            '\r' => out.push(' '),
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fffe}'
            | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_attributes_text_and_void_elements() {
        let element = Element::new("g")
            .class("a\"b")
            .child(Element::new("rect").attribute("x", "1"))
            .child(Element::with_text("text", "<b> & 'c'"));
        let mut out = String::new();
        element.render(&mut out);
        insta::assert_snapshot!(
            out,
            @r#"<g class="a&quot;b"><rect x="1"/><text>&lt;b&gt; &amp; &#39;c&#39;</text></g>"#
        );
    }

    proptest! {
        #[test]
        fn law_escaped_text_reads_back(text in any::<String>()) {
            let mut out = String::new();
            Element::with_text("text", text.clone()).attribute("aria-label", text.clone()).render(&mut out);
            let read = roxmltree::Document::parse(&out).unwrap();
            let forbidden = |c: char| {
                (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
            };
            let expected: String = text
                .chars()
                .map(|c| if c == '\r' { ' ' } else if forbidden(c) { '\u{fffd}' } else { c })
                .collect();
            prop_assert_eq!(read.root_element().text().unwrap_or_default(), expected.as_str());
            prop_assert!(read.root_element().children().all(|node| node.is_text()));
        }
    }
}
