//! The network as GraphML, for other programs.

use std::fmt::Write;

use super::model::{Edge, Network};

/// GraphML's keys: what they are for, name, type.
const KEYS: [(&str, &str, &str); 18] = [
    ("node", "condition", "string"),
    ("node", "people", "long"),
    ("node", "degree", "long"),
    ("node", "strength", "double"),
    ("node", "betweenness", "double"),
    ("node", "closeness", "double"),
    ("node", "community", "long"),
    ("edge", "together", "long"),
    ("edge", "odds_ratio", "double"),
    ("edge", "odds_ratio_lower", "double"),
    ("edge", "odds_ratio_upper", "double"),
    ("edge", "length", "double"),
    ("edge", "weight", "double"),
    ("edge", "q", "double"),
    ("edge", "q_order", "double"),
    ("edge", "share_first_before", "double"),
    ("edge", "median_days", "double"),
    ("edge", "first_to_second", "boolean"),
];

impl Network {
    /// The network as a GraphML document, directed if the network is. An absent value has no entry.
    ///
    /// # Source
    /// GraphML 1.0, <http://graphml.graphdrawing.org/specification.html>.
    pub fn graphml(&self) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
        );
        for (place, name, kind) in KEYS {
            line(
                &mut text,
                format_args!(
                    "  <key id=\"{place}_{name}\" for=\"{place}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
                ),
            );
        }
        // Readers hold either kind of graph, not both, so a direction in an undirected network is only data.
        let default = if self.directed { "directed" } else { "undirected" };
        line(&mut text, format_args!("  <graph edgedefault=\"{default}\">"));
        for (number, node) in self.nodes.iter().enumerate() {
            line(&mut text, format_args!("    <node id=\"n{number}\">"));
            data(&mut text, "node_condition", Some(escaped(&node.condition)));
            data(&mut text, "node_people", Some(node.people));
            data(&mut text, "node_degree", Some(node.degree));
            data(&mut text, "node_strength", Some(node.strength));
            data(&mut text, "node_betweenness", Some(node.betweenness));
            data(&mut text, "node_closeness", Some(node.closeness));
            data(&mut text, "node_community", Some(node.community));
            text.push_str("    </node>\n");
        }
        for edge in &self.edges {
            self.write_edge(&mut text, edge);
        }
        text.push_str("  </graph>\n</graphml>\n");
        text
    }

    fn write_edge(&self, text: &mut String, edge: &Edge) {
        let (from, to) = edge.arc().filter(|_| self.directed).unwrap_or((edge.first, edge.second));
        line(text, format_args!("    <edge source=\"n{from}\" target=\"n{to}\">"));
        data(text, "edge_together", Some(edge.together));
        data(text, "edge_odds_ratio", edge.odds_ratio.estimate);
        data(text, "edge_odds_ratio_lower", edge.odds_ratio.interval.map(|interval| interval.lower));
        data(text, "edge_odds_ratio_upper", edge.odds_ratio.interval.and_then(|interval| interval.upper));
        data(text, "edge_length", Some(edge.length));
        data(text, "edge_weight", Some(edge.weight()));
        data(text, "edge_q", Some(edge.q));
        data(text, "edge_q_order", edge.q_order);
        data(text, "edge_share_first_before", edge.share_first_before);
        data(text, "edge_median_days", edge.days.map(|days| days.median));
        data(text, "edge_first_to_second", edge.arc().map(|(from, _)| from == edge.first));
        text.push_str("    </edge>\n");
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("a string takes any text");
}

fn data(text: &mut String, key: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        line(text, format_args!("      <data key=\"{key}\">{value}</data>"));
    }
}

/// Text with XML's five special characters escaped, and without those that XML can't hold.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
