//! Lists of hyperedges: one line each.

use crate::incidence::{Hypergraph, HypergraphError, Id, NetworkType};

/// Reads text in which each line lists the nodes of one hyperedge, parted by white space or commas.
///
/// Hyperedges are named by their place, from 0. Names of nodes are text. Empty lines and what follows a
/// `#` are passed over, so this format can hold no empty hyperedge.
///
/// # Errors
/// [`ListError`] with the line.
pub fn read_list(bytes: &[u8]) -> Result<Hypergraph, ListError> {
    let mut builder = Hypergraph::builder(NetworkType::Undirected);
    let mut edges = 0;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = std::str::from_utf8(line).map_err(|_| ListError::NotText { line: index + 1 })?;
        let said = line.split('#').next().unwrap_or_default();
        let mut names = said
            .split(|letter: char| letter == ',' || letter.is_whitespace())
            .filter(|name| !name.is_empty())
            .peekable();
        if names.peek().is_none() {
            continue;
        }
        let edge = builder.edge(Id::Integer(edges))?;
        edges += 1;
        for name in names {
            let node = builder.node(Id::from(name))?;
            builder.incidence(edge, node, None, None, None)?;
        }
    }
    Ok(builder.build())
}

/// Why a list of hyperedges can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Bytes that are no text.
    #[error("line {line} is not UTF-8; permitted: names parted by white space or commas")]
    NotText {
        /// The line, from 1.
        line: usize,
    },
    /// Too large.
    #[error(transparent)]
    Hypergraph(#[from] HypergraphError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_one_hyperedge_a_line() {
        let found = read_list(b"a b, c\r\n# said\n\nc d # tail\nb\n").unwrap();
        assert_eq!((found.nodes().len(), found.edges().len()), (4, 3));
        assert_eq!(found.members(1), [2, 3]);
        assert_eq!(read_list(b"a\n\xff").unwrap_err(), ListError::NotText { line: 2 });
    }
}
