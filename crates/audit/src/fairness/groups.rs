//! Groups of people, one grouping or several crossed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::subgroups::Grouping;

/// The groups of several groupings at once; not stated where one of them is not.
pub fn crossed(groupings: &[&Grouping]) -> Grouping {
    let name = groupings.iter().map(|grouping| &*grouping.name).collect::<Vec<_>>().join(" x ");
    let rows = groupings.iter().map(|grouping| grouping.groups.len()).min().unwrap_or(0);
    let group = |row: usize| {
        let parts = groupings.iter().map(|grouping| grouping.groups[row].as_deref());
        Some(Arc::from(parts.collect::<Option<Vec<&str>>>()?.join(" x ")))
    };
    Grouping { name: name.into(), groups: (0..rows).map(group).collect() }
}

/// The rows of each stated group, of those that there are.
pub(super) fn members(grouping: &Grouping, rows: usize) -> BTreeMap<Arc<str>, Vec<usize>> {
    let mut members: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (row, group) in grouping.groups.iter().enumerate().take(rows) {
        if let Some(group) = group {
            members.entry(Arc::clone(group)).or_default().push(row);
        }
    }
    members
}
