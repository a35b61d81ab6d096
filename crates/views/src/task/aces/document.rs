//! YAML as a tree of named values that know their lines.

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::configuration::ConfigurationError;

/// A value and the line on which it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// A YAML value; scalars are not yet told apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing: empty, `~` or `null`.
    Null,
    Scalar(String),
    Sequence(Vec<Node>),
    /// In the order written.
    Mapping(Vec<(String, Node)>),
}

/// What has been opened but not yet closed.
enum Open {
    Sequence(usize, Vec<Node>),
    Mapping(usize, Vec<(String, Node)>, Option<String>),
}

impl Node {
    /// Reads one document.
    pub(super) fn parse(text: &str) -> Result<Self, ConfigurationError> {
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| ConfigurationError::Syntax {
                line: error.marker().line(),
                reason: error.info().to_owned(),
            })?;
            let line = span.start.line();
            let refuse = |reason: &str| ConfigurationError::Syntax { line, reason: reason.to_owned() };
            let done = match event {
                Event::Alias(_) => return Err(refuse("an alias; permitted: values written out")),
                Event::SequenceStart(..) => {
                    open.push(Open::Sequence(line, Vec::new()));
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push(Open::Mapping(line, Vec::new(), None));
                    continue;
                }
                Event::Scalar(text, style, ..) => {
                    let null =
                        style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                    let value = if null { Value::Null } else { Value::Scalar(text.into_owned()) };
                    Node { line, value }
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                    Some(Open::Sequence(line, items)) => Node { line, value: Value::Sequence(items) },
                    Some(Open::Mapping(line, entries, _)) => Node { line, value: Value::Mapping(entries) },
                    None => return Err(refuse("an end without a beginning")),
                },
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(refuse("a second document; permitted: one"));
                }
                _ => continue,
            };
            match open.last_mut() {
                None => root = Some(done),
                Some(Open::Sequence(_, items)) => items.push(done),
                Some(Open::Mapping(_, entries, key)) => match (key.take(), done.value) {
                    (Some(key), value) => entries.push((key, Node { line: done.line, value })),
                    (None, Value::Scalar(name)) => {
                        if entries.iter().any(|(known, _)| *known == name) {
                            return Err(refuse(&format!("the key {name:?} a second time; permitted: once")));
                        }
                        *key = Some(name);
                    }
                    (None, _) => return Err(refuse("a key that is no text; permitted: names")),
                },
            }
        }
        root.ok_or(ConfigurationError::Syntax { line: 1, reason: "no document".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_nulls_lines_and_flow_mappings() {
        let node = Node::parse("a: { regex: \"x: y\" }\nb:\n  - NULL\n  - 'null'\nc:\n").unwrap();
        let Value::Mapping(entries) = node.value else { panic!("no mapping") };
        assert_eq!(entries[0].1.value, Value::Mapping(vec![("regex".into(), scalar(1, "x: y"))]));
        let nothing = Node { line: 3, value: Value::Null };
        assert_eq!(entries[1].1.value, Value::Sequence(vec![nothing, scalar(4, "null")]));
        assert_eq!(entries[2].1.value, Value::Null);
    }

    #[test]
    fn regress_what_is_no_plain_document_is_refused() {
        for (text, line, part) in [
            ("a: 1\na: 2\n", 2, "second time"),
            ("a: &x 1\nb: *x\n", 2, "alias"),
            ("a: 1\n---\nb: 2\n", 2, "second document"),
            ("a: [1\n", 2, ""),
            ("", 1, "no document"),
        ] {
            let Err(ConfigurationError::Syntax { line: found, reason }) = Node::parse(text) else {
                panic!("{text:?} was read")
            };
            assert!(found == line && reason.contains(part), "{text:?}: {found} {reason}");
        }
    }

    fn scalar(line: usize, text: &str) -> Node {
        Node { line, value: Value::Scalar(text.to_owned()) }
    }
}
