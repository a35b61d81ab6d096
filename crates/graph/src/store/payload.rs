//! The graph's tables as bytes and back, with every invariant checked on the way in.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use twinloom_event::EventKind;

use super::bytes::{Malformed, Reader, Writer};
use crate::adjacency::Adjacency;
use crate::array::Array;
use crate::column::{Column, NO_WORD};
use crate::graph::BuildNotes;
use crate::lineage::Origins;
use crate::{EdgeProperty, EdgeTable, EdgeType, NodeLabel, NodeTable, Property, PropertyGraph};

const NODES: u32 = u32::MAX - 1;

pub(super) fn write<W: Write>(graph: &PropertyGraph, out: &mut Writer<W>) -> io::Result<()> {
    out.length(graph.nodes.len())?;
    for table in &graph.nodes {
        write_label(&table.label, out)?;
        out.number(u64::from(table.rows))?;
        out.length(table.columns.len())?;
        for (property, column) in &table.columns {
            out.text(property.as_str())?;
            write_column(column, out)?;
        }
    }
    out.length(graph.edges.len())?;
    for table in &graph.edges {
        out.text(table.edge_type.as_str())?;
        write_adjacency(&table.forward, out)?;
        write_adjacency(&table.backward, out)?;
        out.length(table.properties.len())?;
        for (property, column) in &table.properties {
            out.text(property.as_str())?;
            write_column(column, out)?;
        }
    }
    for counts in [&graph.notes.unresolved, &graph.notes.folded] {
        out.length(counts.len())?;
        for (path, count) in counts {
            out.text(path)?;
            out.number(*count)?;
        }
    }
    out.number(graph.notes.patient_facts)?;
    out.number(graph.notes.repeated_entities)?;
    write_origins(&graph.origins, out)
}

fn write_origins<W: Write>(origins: &Origins, out: &mut Writer<W>) -> io::Result<()> {
    out.array(&origins.record_bytes)?;
    out.length(origins.others.len())?;
    for (node, record) in &origins.others {
        out.number(u64::from(*node))?;
        out.text(record)?;
    }
    out.length(origins.files.len())?;
    origins.files.iter().try_for_each(|file| out.text(file))?;
    out.array(&origins.file_numbers)?;
    out.array(&origins.lines)?;
    out.array(&origins.entries)
}

fn write_label<W: Write>(label: &NodeLabel, out: &mut Writer<W>) -> io::Result<()> {
    match label {
        NodeLabel::Patient => out.byte(0),
        NodeLabel::Encounter => out.byte(1),
        NodeLabel::Event(kind) => {
            out.byte(2)?;
            out.text(kind.as_str())
        }
        NodeLabel::Concept => out.byte(3),
        NodeLabel::Entity(kind) => {
            out.byte(4)?;
            out.text(kind)
        }
    }
}

fn write_column<W: Write>(column: &Column, out: &mut Writer<W>) -> io::Result<()> {
    match column {
        Column::Text { offsets, bytes } => {
            out.byte(0)?;
            out.array(offsets)?;
            out.array(bytes)
        }
        Column::Category { numbers, words } => {
            out.byte(1)?;
            out.array(numbers)?;
            out.length(words.len())?;
            words.iter().try_for_each(|word| out.text(word))
        }
        Column::Integer(values) => {
            out.byte(2)?;
            out.array(values)
        }
        Column::Float(values) => {
            out.byte(3)?;
            out.array(values)
        }
        Column::Time(values) => {
            out.byte(4)?;
            out.array(values)
        }
        Column::Count(values) => {
            out.byte(5)?;
            out.array(values)
        }
    }
}

fn write_adjacency<W: Write>(adjacency: &Adjacency, out: &mut Writer<W>) -> io::Result<()> {
    out.array(&adjacency.rows)?;
    out.array(&adjacency.offsets)?;
    out.array(&adjacency.targets)?;
    out.array(&adjacency.known)
}

/// Reads all tables. Unless the reader is thorough only lengths are looked at, which takes no longer
/// for a large graph than for a small one.
pub(super) fn read(input: &mut Reader<'_>) -> Result<PropertyGraph, Malformed> {
    let mut nodes: Vec<NodeTable> = Vec::new();
    let mut first = 0_u32;
    for _ in 0..input.length("number of node tables")? {
        let label = read_label(input)?;
        if nodes.last().is_some_and(|last| last.label >= label) {
            return Err(input.malformed("labels in order, each once"));
        }
        let rows = input.number("number of rows")?;
        let rows = u32::try_from(rows)
            .ok()
            .filter(|rows| *rows > 0 && first.checked_add(*rows).is_some_and(|end| end <= NODES))
            .ok_or(input.malformed("number of rows, at least 1"))?;
        let mut columns = Vec::new();
        for _ in 0..input.length("number of columns")? {
            let property = Property::from_stored(input.text("property name")?)
                .ok_or(input.malformed("name of a known property"))?;
            let column = read_column(input)?;
            if column.len() != rows as usize {
                return Err(input.malformed("a column as long as its table"));
            }
            columns.push((property, column));
        }
        if columns.is_empty() {
            return Err(input.malformed("at least one column"));
        }
        nodes.push(NodeTable { label, first, rows, columns });
        first += rows;
    }
    let mut edges: Vec<EdgeTable> = Vec::new();
    for _ in 0..input.length("number of edge tables")? {
        let edge_type =
            EdgeType::from_stored(input.text("edge type")?).ok_or(input.malformed("upper snake case"))?;
        if edges.last().is_some_and(|last| last.edge_type >= edge_type) {
            return Err(input.malformed("edge types in order, each once"));
        }
        let forward = read_adjacency(input, first)?;
        let backward = read_adjacency(input, first)?;
        if backward.edges() != forward.edges() {
            return Err(input.malformed("as many edges in both directions"));
        }
        let mut properties = Vec::new();
        for _ in 0..input.length("number of edge properties")? {
            let name = input.text("edge property name")?;
            let property = EdgeProperty::ALL
                .into_iter()
                .find(|property| property.as_str() == name)
                .ok_or(input.malformed("name of a known edge property"))?;
            let column = read_column(input)?;
            if column.len() != forward.edges() {
                return Err(input.malformed("a property as long as its edges"));
            }
            properties.push((property, column));
        }
        edges.push(EdgeTable { edge_type, forward, backward, properties });
    }
    let notes = BuildNotes {
        unresolved: read_counts(input)?,
        folded: read_counts(input)?,
        patient_facts: input.number("count of patient facts")?,
        repeated_entities: input.number("count of repeated entities")?,
    };
    let origins = read_origins(input, first)?;
    if !input.at_end() {
        return Err(input.malformed("end of the payload"));
    }
    Ok(PropertyGraph { nodes, edges, notes, origins })
}

fn read_origins(input: &mut Reader<'_>, nodes: u32) -> Result<Origins, Malformed> {
    let record_bytes: Array<u32> = input.array("lengths of artefact ids")?;
    let mut others = BTreeMap::new();
    for _ in 0..input.length("number of artefacts of their own")? {
        let node = u32::try_from(input.number("node of an artefact")?)
            .ok()
            .filter(|node| *node < nodes && others.keys().next_back().is_none_or(|last| last < node))
            .ok_or(input.malformed("nodes in order, each once"))?;
        others.insert(node, input.text("artefact id")?.into());
    }
    let mut files: Vec<Arc<str>> = Vec::new();
    for _ in 0..input.length("number of files")? {
        files.push(input.text("file name")?.into());
    }
    let origins = Origins {
        record_bytes,
        others,
        files,
        file_numbers: input.array("file numbers")?,
        lines: input.array("lines")?,
        entries: input.array("entries")?,
    };
    let placed = origins.file_numbers.len();
    let shaped = origins.record_bytes.len() == nodes as usize
        && (placed == 0 || placed == nodes as usize)
        && origins.lines.len() == placed
        && origins.entries.len() == placed;
    if shaped { Ok(origins) } else { Err(input.malformed("an origin a node")) }
}

fn read_label(input: &mut Reader<'_>) -> Result<NodeLabel, Malformed> {
    Ok(match input.byte("label")? {
        0 => NodeLabel::Patient,
        1 => NodeLabel::Encounter,
        2 => {
            let kind = input.text("event kind")?.parse::<EventKind>();
            NodeLabel::Event(kind.map_err(|_| input.malformed("a known event kind"))?)
        }
        3 => NodeLabel::Concept,
        4 => NodeLabel::Entity(input.text("entity kind")?.into()),
        _ => return Err(input.malformed("label 0 to 4")),
    })
}

fn read_column(input: &mut Reader<'_>) -> Result<Column, Malformed> {
    Ok(match input.byte("column kind")? {
        0 => {
            let offsets: Array<u32> = input.array("text offsets")?;
            let bytes: Array<u8> = input.array("column texts")?;
            let ends =
                offsets.first() == Some(&0) && offsets.last().is_some_and(|end| *end as usize == bytes.len());
            let whole = || {
                let text = std::str::from_utf8(&bytes).ok();
                text.is_some_and(|text| offsets.iter().all(|at| text.is_char_boundary(*at as usize)))
            };
            if !ends || input.is_thorough && !(offsets.is_sorted() && whole()) {
                return Err(input.malformed("text offsets rising over the texts"));
            }
            Column::Text { offsets, bytes }
        }
        1 => {
            let numbers: Array<u32> = input.array("word numbers")?;
            let mut words: Vec<Arc<str>> = Vec::new();
            for _ in 0..input.length("number of words")? {
                words.push(input.text("word")?.into());
            }
            let listed = |number: &u32| *number == NO_WORD || (*number as usize) < words.len();
            if input.is_thorough && !numbers.iter().all(listed) {
                return Err(input.malformed("numbers of the words listed"));
            }
            Column::Category { numbers, words }
        }
        2 => Column::Integer(input.array("integers")?),
        3 => Column::Float(input.array("numbers")?),
        4 => Column::Time(input.array("times")?),
        5 => Column::Count(input.array("counts")?),
        _ => return Err(input.malformed("column kind 0 to 5")),
    })
}

fn read_adjacency(input: &mut Reader<'_>, nodes: u32) -> Result<Adjacency, Malformed> {
    let adjacency = Adjacency {
        rows: input.array("nodes with edges")?,
        offsets: input.array("edge offsets")?,
        targets: input.array("edge targets")?,
        known: input.array("edge times")?,
    };
    let Adjacency { rows, offsets, targets, known } = &adjacency;
    let shaped = offsets.len() == rows.len() + 1
        && offsets.first() == Some(&0)
        && offsets.last().is_some_and(|end| *end as usize == targets.len())
        && known.len() == targets.len();
    let ordered = || {
        offsets.is_sorted()
            && rows.windows(2).all(|pair| pair[0] < pair[1])
            && rows.iter().chain(targets.iter()).all(|node| *node < nodes)
            && offsets.windows(2).all(|pair| known[pair[0] as usize..pair[1] as usize].is_sorted())
    };
    if shaped && (!input.is_thorough || ordered()) {
        Ok(adjacency)
    } else {
        Err(input.malformed("edges in order between nodes that exist"))
    }
}

fn read_counts(input: &mut Reader<'_>) -> Result<BTreeMap<Arc<str>, u64>, Malformed> {
    let mut counts = BTreeMap::new();
    for _ in 0..input.length("number of paths")? {
        let path = input.text("path")?.into();
        counts.insert(path, input.number("count")?);
    }
    Ok(counts)
}
