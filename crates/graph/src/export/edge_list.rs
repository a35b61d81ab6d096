//! An edge a line: source, type, target, when it was known, and what it carries.

use std::io::{self, Write};

use super::text::csv;
use crate::{EdgeProperty, PropertyGraph, PropertyValue};

pub(super) fn write(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "source,type,target,known")?;
    for property in EdgeProperty::ALL {
        write!(out, ",{}", property.as_str())?;
    }
    writeln!(out)?;
    for table in graph.edge_tables() {
        for edge in table.edges() {
            let (source, target) = (graph.stable_name(edge.source), graph.stable_name(edge.target));
            write!(out, "{},{},{},", csv(&source), edge.edge_type, csv(&target))?;
            if let Some(known) = edge.known {
                write!(out, "{known}")?;
            }
            for property in EdgeProperty::ALL {
                match table.get(&edge, property) {
                    Some(PropertyValue::Text(text)) => write!(out, ",{}", csv(text))?,
                    Some(value) => write!(out, ",{value}")?,
                    None => write!(out, ",")?,
                }
            }
            writeln!(out)?;
        }
    }
    Ok(())
}
