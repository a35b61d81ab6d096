//! One JSON document as a flat list of nodes over its own text.
//!
//! A tree of maps would cost an allocation per element; here a document costs one growing list that
//! the next document reuses. Text without escapes stays where it is in the document.
//!
//! # Limits
//! At most [`MAX_NODES`] nodes and 128 levels; a document of hostile shape must not exhaust memory.

use std::fmt;
use std::hash::Hasher;

use rustc_hash::FxHasher;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Nodes (values and member names) in one document.
pub(crate) const MAX_NODES: usize = 1 << 22;

#[derive(Clone, Copy, Debug)]
enum Node {
    Null,
    Bool(bool),
    Number(f64),
    /// Text as it stands in the document.
    Text {
        start: u32,
        len: u32,
    },
    /// Text that had escapes, unescaped.
    Unescaped {
        start: u32,
        len: u32,
    },
    /// The items follow, up to `end`.
    Array {
        end: u32,
    },
    /// Names and values follow in turn, up to `end`.
    Object {
        end: u32,
    },
}

/// The nodes of a document.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    nodes: Vec<Node>,
    unescaped: String,
}

impl Tape {
    /// Reads a document, forgetting the one before.
    ///
    /// # Errors
    /// What is wrong with the JSON, without any of its data.
    pub(crate) fn read<'t>(&'t mut self, document: &'t str) -> Result<Json<'t>, String> {
        self.nodes.clear();
        self.unescaped.clear();
        let mut deserializer = serde_json::Deserializer::from_str(document);
        Builder { tape: self, base: document.as_ptr() as usize }
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end())
            .map_err(|error| syntax_reason(&error))?;
        Ok(Json { tape: self, document, at: 0 })
    }
}

/// The message without its place, which is stated elsewhere.
fn syntax_reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    format!("invalid JSON: {}", &message[..end])
}

/// A value within a document.
#[derive(Clone, Copy)]
pub(crate) struct Json<'t> {
    tape: &'t Tape,
    document: &'t str,
    at: usize,
}

impl<'t> Json<'t> {
    /// The member of that name; nothing for values that are not objects.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        self.members().find(|(member, _)| *member == name).map(|(_, value)| value)
    }

    /// The value at a dotted path, first items standing for arrays.
    pub(crate) fn at(self, path: &str) -> Option<Self> {
        path.split('.').try_fold(self, |value, name| value.first().get(name)).map(Self::first)
    }

    /// The value at a dotted path, the last one whole, first items standing for the arrays before.
    pub(crate) fn at_array(self, path: &str) -> Option<Self> {
        path.split('.').try_fold(self, |value, name| value.first().get(name))
    }

    /// The text at a dotted path.
    pub(crate) fn text_at(self, path: &str) -> Option<&'t str> {
        self.at(path)?.text()
    }

    /// An array's first item; any other value itself.
    pub(crate) fn first(self) -> Self {
        match self.node() {
            Node::Array { .. } => self.items().next().unwrap_or(self),
            _ => self,
        }
    }

    /// An array's items; any other value as the only item.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let (mut at, end) = match self.node() {
            Node::Array { end } => (self.at + 1, end as usize),
            _ => (self.at, self.at + 1),
        };
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let item = Self { at, ..self };
                at = item.end();
                item
            })
        })
    }

    /// An object's members in document order.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'t str, Self)> {
        let (mut at, end) = match self.node() {
            Node::Object { end } => (self.at + 1, end as usize),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let name = Self { at, ..self }.text().unwrap_or_default();
                let value = Self { at: at + 1, ..self };
                at = value.end();
                (name, value)
            })
        })
    }

    /// The text, if this is text and not empty.
    pub(crate) fn text(self) -> Option<&'t str> {
        let (within, start, len) = match self.node() {
            Node::Text { start, len } => (self.document, start, len),
            Node::Unescaped { start, len } => (self.tape.unescaped.as_str(), start, len),
            _ => return None,
        };
        within.get(start as usize..start as usize + len as usize).filter(|text| !text.is_empty())
    }

    /// The number, if this is a number.
    pub(crate) fn number(self) -> Option<f64> {
        match self.node() {
            Node::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Yes or no, if this is either.
    pub(crate) fn boolean(self) -> Option<bool> {
        match self.node() {
            Node::Bool(boolean) => Some(boolean),
            _ => None,
        }
    }

    /// Whether this is an object.
    pub(crate) fn is_object(self) -> bool {
        matches!(self.node(), Node::Object { .. })
    }

    /// Whether this is an array.
    pub(crate) fn is_array(self) -> bool {
        matches!(self.node(), Node::Array { .. })
    }

    /// Equal for documents of equal values in equal order, whatever the blanks between.
    pub(crate) fn content(self) -> u64 {
        let mut hasher = FxHasher::default();
        let end = self.end();
        for at in self.at..end {
            let value = Self { at, ..self };
            match value.node() {
                Node::Null => hasher.write_u8(0),
                Node::Bool(boolean) => hasher.write_u8(1 + u8::from(boolean)),
                Node::Number(number) => hasher.write_u64(number.to_bits()),
                Node::Text { .. } | Node::Unescaped { .. } => {
                    hasher.write(value.text().unwrap_or_default().as_bytes());
                }
                Node::Array { end } => hasher.write_u64(u64::from(end) - self.at as u64),
                Node::Object { end } => hasher.write_u64((u64::from(end) - self.at as u64) | 1 << 32),
            }
        }
        hasher.finish()
    }

    fn node(self) -> Node {
        self.tape.nodes.get(self.at).copied().unwrap_or(Node::Null)
    }

    fn end(self) -> usize {
        match self.node() {
            Node::Array { end } | Node::Object { end } => end as usize,
            _ => self.at + 1,
        }
    }
}

struct Builder<'b> {
    tape: &'b mut Tape,
    base: usize,
}

impl Builder<'_> {
    fn push<E: de::Error>(&mut self, node: Node) -> Result<usize, E> {
        if self.tape.nodes.len() >= MAX_NODES {
            return Err(E::custom(format_args!(
                "too many elements in one resource; permitted: at most {MAX_NODES}"
            )));
        }
        self.tape.nodes.push(node);
        Ok(self.tape.nodes.len() - 1)
    }

    fn close(&mut self, at: usize, node: fn(u32) -> Node) {
        self.tape.nodes[at] = node(self.tape.nodes.len() as u32);
    }

    fn nested(&mut self) -> Builder<'_> {
        Builder { tape: self.tape, base: self.base }
    }
}

impl<'de> DeserializeSeed<'de> for Builder<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Builder<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(mut self) -> Result<(), E> {
        self.push(Node::Null).map(drop)
    }

    fn visit_bool<E: de::Error>(mut self, value: bool) -> Result<(), E> {
        self.push(Node::Bool(value)).map(drop)
    }

    fn visit_i64<E: de::Error>(mut self, value: i64) -> Result<(), E> {
        self.push(Node::Number(value as f64)).map(drop)
    }

    fn visit_u64<E: de::Error>(mut self, value: u64) -> Result<(), E> {
        self.push(Node::Number(value as f64)).map(drop)
    }

    fn visit_f64<E: de::Error>(mut self, value: f64) -> Result<(), E> {
        self.push(Node::Number(value)).map(drop)
    }

    fn visit_borrowed_str<E: de::Error>(mut self, value: &'de str) -> Result<(), E> {
        let start = (value.as_ptr() as usize - self.base) as u32;
        self.push(Node::Text { start, len: value.len() as u32 }).map(drop)
    }

    fn visit_str<E: de::Error>(mut self, value: &str) -> Result<(), E> {
        let start = self.tape.unescaped.len() as u32;
        self.tape.unescaped.push_str(value);
        self.push(Node::Unescaped { start, len: value.len() as u32 }).map(drop)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let at = self.push(Node::Array { end: 0 })?;
        while items.next_element_seed(self.nested())?.is_some() {}
        self.close(at, |end| Node::Array { end });
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let at = self.push(Node::Object { end: 0 })?;
        while members.next_key_seed(self.nested())?.is_some() {
            members.next_value_seed(self.nested())?;
        }
        self.close(at, |end| Node::Object { end });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn to_value(json: Json<'_>) -> Value {
        if json.is_object() {
            Value::Object(json.members().map(|(name, value)| (name.to_owned(), to_value(value))).collect())
        } else if json.is_array() {
            Value::Array(json.items().map(to_value).collect())
        } else if let Some(number) = json.number() {
            Value::from(number)
        } else if let Some(boolean) = json.boolean() {
            Value::from(boolean)
        } else {
            json.text().map_or(Value::Null, Value::from)
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1e9..1e9_f64).prop_map(Value::from),
            ".{1,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"\\\\é]{1,4}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn law_the_tape_reads_what_serde_json_wrote(value in any_json()) {
            let mut tape = Tape::default();
            let document = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(to_value(tape.read(&document).unwrap()), value);
        }
    }

    #[test]
    fn regress_paths_take_first_items() {
        let mut tape = Tape::default();
        let json = tape.read(r#"{"a":[{"b":{"c":"x"}},{"b":1}],"e":[]}"#).unwrap();
        assert_eq!(json.text_at("a.b.c"), Some("x"));
        assert!(json.text_at("a.c").is_none());
        assert!(json.at("e.f").is_none());
    }

    #[test]
    fn regress_messages_hold_no_data_and_hostile_shapes_are_refused() {
        let mut tape = Tape::default();
        let reason = tape.read(r#"{"name":"Ann",}"#).map(|_| ()).unwrap_err();
        assert_eq!(reason, "invalid JSON: trailing comma");
        assert!(tape.read(&"[".repeat(100_000)).is_err());
        let many = format!("[{}0]", "0,".repeat(MAX_NODES));
        assert!(tape.read(&many).map(|_| ()).unwrap_err().contains("too many elements"));
    }
}
