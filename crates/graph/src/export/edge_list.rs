//! An edge a line: source, type, target, when it was known, and what it carries.

use std::io::{self, Write};

use super::text::csv;
use crate::{PropertyGraph, PropertyValue};

pub(super) fn write(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "source,type,target,known,rank,gap_days")?;
    for table in graph.edge_tables() {
        for edge in table.edges() {
            let (source, target) = (graph.stable_name(edge.source), graph.stable_name(edge.target));
            write!(out, "{},{},{},", csv(&source), edge.edge_type, csv(&target))?;
            if let Some(known) = edge.known {
                write!(out, "{known}")?;
            }
            match edge.property {
                Some(PropertyValue::Integer(rank)) => writeln!(out, ",{rank},")?,
                Some(gap) => writeln!(out, ",,{gap}")?,
                None => writeln!(out, ",,")?,
            }
        }
    }
    Ok(())
}
