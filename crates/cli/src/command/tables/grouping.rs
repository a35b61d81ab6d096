//! Groups of people by a column of categories.

use std::sync::Arc;

use anyhow::Result;
use twinloom_audit::Grouping;
use twinloom_table::Table;

use super::refused;

/// Each row's group; none where it is not stated.
pub(crate) fn grouping(table: &Table, column: &str) -> Result<Grouping> {
    let values = table.category(column).map_err(refused)?;
    let schema = table.schema().column(column).map_err(refused)?;
    let categories = schema.kind.categories().unwrap_or_default();
    let name = |value: &Option<u32>| value.and_then(|value| categories.get(value as usize)).map(Arc::clone);
    Ok(Grouping { name: column.into(), groups: values.iter().map(name).collect() })
}
