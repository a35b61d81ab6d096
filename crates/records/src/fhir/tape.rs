//! One JSON document as a flat list of nodes over its own text.
//!
//! A tree of maps would cost an allocation per element; here a document costs one growing list that
//! the next document reuses. Text without escapes stays where it is in the document.
//!
use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::json;

#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
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
    pub(super) nodes: Vec<Node>,
    pub(super) unescaped: String,
}

impl Tape {
    /// Reads a document, forgetting the one before.
    ///
    /// # Errors
    /// What is wrong with the JSON, without any of its data.
    pub(crate) fn read<'t>(&'t mut self, document: &'t str) -> Result<Json<'t>, json::SyntaxError> {
        self.nodes.clear();
        self.unescaped.clear();
        json::parse(document, self)?;
        Ok(Json { tape: self, document, at: 0 })
    }
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

#[cfg(test)]
#[path = "tape_tests.rs"]
mod tests;
