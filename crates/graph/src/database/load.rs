//! Nodes and edges into the database.
//!
//! The database is new, held by nobody else and thrown away when loading fails, so they go straight into
//! its store: no transaction, no log of what to undo, no search for the ends of each edge.

use grafeo::{GrafeoDB, NodeId as StoredNode, Value};
use grafeo_common::types::{PropertyKey, Timestamp};

use crate::column::Column;
use crate::{EdgeProperty, PropertyGraph, PropertyValue};

pub(super) fn load(graph: &PropertyGraph, database: &GrafeoDB) {
    let store = database.store();
    let mut stored: Vec<StoredNode> = Vec::with_capacity(graph.node_count());
    for table in graph.node_tables() {
        let names = table.label().names();
        let labels: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let columns: Vec<(PropertyKey, &Column)> = table
            .columns
            .iter()
            .map(|(property, column)| (PropertyKey::new(property.as_str()), column))
            .collect();
        stored.extend((0..table.len()).map(|row| {
            let value =
                |(key, column): &(PropertyKey, &Column)| Some((key.clone(), to_stored(column.get(row)?)));
            store.create_node_with_props(&labels, columns.iter().filter_map(value))
        }));
    }
    for table in graph.edge_tables() {
        let keys: Vec<(EdgeProperty, PropertyKey)> =
            table.properties().map(|(property, _)| (property, PropertyKey::new(property.as_str()))).collect();
        for edge in table.edges() {
            let ends = stored.get(edge.source.index()).zip(stored.get(edge.target.index()));
            let Some((source, target)) = ends else {
                continue;
            };
            let value = |(property, key): &(EdgeProperty, PropertyKey)| {
                Some((key.clone(), to_stored(table.get(&edge, *property)?)))
            };
            let properties = keys.iter().filter_map(value);
            store.create_edge_with_props(*source, *target, table.edge_type().as_str(), properties);
        }
    }
}

fn to_stored(value: PropertyValue<'_>) -> Value {
    match value {
        PropertyValue::Text(text) => Value::from(text),
        PropertyValue::Integer(number) => Value::Int64(number),
        PropertyValue::Float(number) => Value::Float64(number),
        PropertyValue::Time(time) => Value::Timestamp(Timestamp::from_micros(time.micros())),
    }
}
