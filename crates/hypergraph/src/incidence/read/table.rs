//! A table of incidences: one row for each node in each hyperedge.

use crate::incidence::{Hypergraph, HypergraphError, Id, NetworkType};

/// Reads CSV with a header and the columns of hyperedge and node, and perhaps weight, in any order.
///
/// The hyperedge's column is called `edge` or `hyperedge`, the node's `node` or `vertex`, the weight's
/// `weight`; the weight is that of the incidence. Names are text. A row with a hyperedge and no node is an
/// empty hyperedge, one with a node and no hyperedge a node in none.
///
/// # Errors
/// [`TableError`] with the line, the value found and what is permitted.
pub fn read_table(bytes: &[u8]) -> Result<Hypergraph, TableError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let columns = Columns::find(reader.byte_headers().map_err(TableError::from)?)?;
    let mut builder = Hypergraph::builder(NetworkType::Undirected);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        let field = |column: usize| record.get(column).unwrap_or_default();
        let (edge, node) = (field(columns.edge), field(columns.node));
        if edge.is_empty() && node.is_empty() {
            return Err(TableError::Empty { line });
        }
        let weight = columns.weight.map(field).filter(|text| !text.is_empty());
        let weight = weight.map(|text| parse_weight(text, line)).transpose()?;
        let edge = (!edge.is_empty()).then(|| builder.edge(Id::from(edge))).transpose()?;
        let node = (!node.is_empty()).then(|| builder.node(Id::from(node))).transpose()?;
        if let (Some(edge), Some(node)) = (edge, node) {
            builder.incidence(edge, node, None, weight, None)?;
        }
    }
    Ok(builder.build())
}

struct Columns {
    edge: usize,
    node: usize,
    weight: Option<usize>,
}

impl Columns {
    fn find(header: &csv::ByteRecord) -> Result<Self, TableError> {
        let place = |names: &[&[u8]]| {
            header.iter().position(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
        };
        let wrong = || TableError::Header {
            found: header.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(","),
        };
        let edge = place(&[b"edge", b"hyperedge"]).ok_or_else(wrong)?;
        let node = place(&[b"node", b"vertex"]).ok_or_else(wrong)?;
        let weight = place(&[b"weight"]);
        let expected = if weight.is_some() { 3 } else { 2 };
        if header.len() != expected {
            return Err(wrong());
        }
        Ok(Self { edge, node, weight })
    }
}

fn parse_weight(text: &str, line: u64) -> Result<f64, TableError> {
    let weight: Option<f64> = text.parse().ok();
    weight
        .filter(|value| value.is_finite())
        .ok_or_else(|| TableError::Weight { line, found: text.chars().take(60).collect() })
}

/// Why a table of incidences can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not CSV, not UTF-8, or a row of another number of columns.
    #[error("{reason}; permitted: UTF-8 CSV with as many columns in each row as in the header")]
    Csv {
        /// What is wrong, with its line.
        reason: String,
    },
    /// Columns that say something else.
    #[error("the header is {found:?}; permitted: edge (or hyperedge), node (or vertex), perhaps weight")]
    Header {
        /// The header found.
        found: String,
    },
    /// Neither hyperedge nor node.
    #[error("line {line} names neither hyperedge nor node; permitted: at least one of them")]
    Empty {
        /// The line.
        line: u64,
    },
    /// A weight that is no number.
    #[error("line {line}: weight {found:?}; permitted: a finite number")]
    Weight {
        /// The line.
        line: u64,
        /// What stands there.
        found: String,
    },
    /// Too large.
    #[error(transparent)]
    Hypergraph(#[from] HypergraphError),
}

impl From<csv::Error> for TableError {
    fn from(error: csv::Error) -> Self {
        Self::Csv { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_columns_in_any_order_empty_hyperedges_and_lone_nodes() {
        let found = read_table(b"Node,weight,hyperedge\na,2,x\nb,,x\n,,y\nc,,\na,,x\n").unwrap();
        assert_eq!((found.nodes().len(), found.edges().len(), found.repeated()), (3, 2, 1));
        assert_eq!((found.members(0), found.members(1)), (&[0, 1][..], &[][..]));
        assert_eq!(found.incidences()[0].weight, Some(2.0));
    }

    #[test]
    fn regress_errors_name_the_line_and_what_is_permitted() {
        let text = |bytes: &[u8]| read_table(bytes).unwrap_err().to_string();
        assert!(text(b"a,b\n1,2\n").contains("permitted: edge"));
        assert!(text(b"edge,node,weight\n1,2,3\n1,3,nan\n").contains("line 3: weight \"nan\""));
        assert!(text(b"edge,node\n1,2,3\n").contains("line: 2"));
        assert!(text(b"edge,node\n,\n").contains("line 2"));
    }
}
