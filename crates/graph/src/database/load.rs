//! Nodes and edges into the database, in batches.

use std::collections::HashMap;

use grafeo::database::BatchEdge;
use grafeo::{GrafeoDB, NodeId as StoredNode, Value};
use grafeo_common::types::{PropertyKey, Timestamp};

use crate::column::Column;
use crate::{EdgeProperty, NodeTable, PropertyGraph, PropertyValue};

/// Each batch is one transaction; larger ones gain nothing and hold more memory.
const BATCH: usize = 20_000;

pub(super) fn load(graph: &PropertyGraph, database: &GrafeoDB) -> grafeo::Result<()> {
    let mut stored: Vec<StoredNode> = Vec::with_capacity(graph.node_count());
    for table in graph.node_tables() {
        let names = table.label().names();
        let labels: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let keys: Vec<PropertyKey> =
            table.columns.iter().map(|(property, _)| PropertyKey::new(property.as_str())).collect();
        for start in (0..table.len()).step_by(BATCH) {
            let end = table.len().min(start + BATCH);
            let rows = (start..end).map(|row| properties(table, &keys, row)).collect();
            stored.extend(database.batch_create_nodes_with_labels(&labels, rows)?);
        }
    }
    let mut batch = Vec::with_capacity(BATCH);
    for table in graph.edge_tables() {
        let keys: Vec<(EdgeProperty, PropertyKey)> =
            table.properties().map(|(property, _)| (property, PropertyKey::new(property.as_str()))).collect();
        for edge in table.edges() {
            let ends = stored.get(edge.source.index()).zip(stored.get(edge.target.index()));
            let Some((source, target)) = ends else {
                continue;
            };
            let mut created = BatchEdge::new(*source, *target, table.edge_type().as_str());
            for (property, key) in &keys {
                if let Some(value) = table.get(&edge, *property) {
                    created.properties.insert(key.clone(), to_stored(value));
                }
            }
            batch.push(created);
            if batch.len() == BATCH {
                database.batch_create_edges(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
            }
        }
    }
    database.batch_create_edges(batch)?;
    Ok(())
}

fn properties(table: &NodeTable, keys: &[PropertyKey], row: usize) -> HashMap<PropertyKey, Value> {
    let values = table.columns.iter().map(|(_, column): &(_, Column)| column.get(row));
    keys.iter().zip(values).filter_map(|(key, value)| Some((key.clone(), to_stored(value?)))).collect()
}

fn to_stored(value: PropertyValue<'_>) -> Value {
    match value {
        PropertyValue::Text(text) => Value::from(text),
        PropertyValue::Integer(number) => Value::Int64(number),
        PropertyValue::Float(number) => Value::Float64(number),
        PropertyValue::Time(time) => Value::Timestamp(Timestamp::from_micros(time.micros())),
    }
}
