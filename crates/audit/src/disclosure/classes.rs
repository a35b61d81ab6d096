//! Rows that share their quasi-identifiers.

use std::collections::BTreeMap;

use twinloom_table::{Column, Table};

use super::error::DisclosureError;
use crate::attack::cell_key;

/// Rows of a table by what their quasi-identifiers say.
#[derive(Clone, Debug)]
pub struct Classes<'a> {
    pub(super) table: &'a Table,
    classes: BTreeMap<Vec<u64>, Vec<usize>>,
}

impl<'a> Classes<'a> {
    /// Groups a table's rows by the columns named.
    ///
    /// # Errors
    /// [`DisclosureError`] where none is named, one is unknown, or there is no row.
    pub fn new(table: &'a Table, fields: &[&str]) -> Result<Self, DisclosureError> {
        let columns = named(table, fields)?;
        if table.is_empty() {
            return Err(DisclosureError::NoRow);
        }
        let mut classes: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
        for row in 0..table.len() {
            classes.entry(key(&columns, row)).or_default().push(row);
        }
        Ok(Self { table, classes })
    }

    /// The rows of each class.
    pub fn rows(&self) -> impl Iterator<Item = &[usize]> {
        self.classes.values().map(Vec::as_slice)
    }

    /// Rows in the smallest class: the table is k-anonymous for this k.
    ///
    /// # Source
    /// Sweeney, k-anonymity: a model for protecting privacy, International Journal of Uncertainty, Fuzziness and
    /// Knowledge-Based Systems 10 (2002), definition 3.
    pub fn k_anonymity(&self) -> usize {
        self.rows().map(<[usize]>::len).min().unwrap_or(0)
    }

    /// Rows in classes of fewer than `k`, in the table's order: those to be suppressed or generalised.
    pub fn below(&self, k: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = self.rows().filter(|class| class.len() < k).flatten().copied().collect();
        rows.sort_unstable();
        rows
    }

    /// Share of rows that are alone in their class.
    pub fn unique_share(&self) -> f64 {
        self.below(2).len() as f64 / self.table.len() as f64
    }
}

/// The least number of people of a population that share a row's quasi-identifiers: the table satisfies k-map for
/// this k. People of the table must be among the population; a row without any counts 0.
///
/// # Source
/// Sweeney, Computational disclosure control, PhD thesis, MIT (2001), definition of k-map.
///
/// # Errors
/// [`DisclosureError`] as [`Classes::new`]'s, or where the two tables' columns differ.
pub fn k_map(table: &Table, population: &Table, fields: &[&str]) -> Result<usize, DisclosureError> {
    let (own, everyone) = both(table, population, fields)?;
    let people = |key: &Vec<u64>| everyone.classes.get(key).map_or(0, Vec::len);
    Ok(own.classes.keys().map(people).min().unwrap_or(0))
}

/// The least and the greatest chance that someone of a population is in the table, given the quasi-identifiers.
///
/// # Source
/// Nergiz, Atzori and Clifton, Hiding the presence of individuals from shared databases, SIGMOD 2007, definition 1.
///
/// # Errors
/// [`DisclosureError`] as [`k_map`]'s.
pub fn delta_presence(
    table: &Table,
    population: &Table,
    fields: &[&str],
) -> Result<(f64, f64), DisclosureError> {
    let (own, everyone) = both(table, population, fields)?;
    let chance = |(key, people): (&Vec<u64>, &Vec<usize>)| {
        let present = own.classes.get(key).map_or(0, Vec::len);
        // A table that is no part of the population could hold more of a class than there are.
        (present as f64 / people.len() as f64).min(1.0)
    };
    let chances = everyone.classes.iter().map(chance);
    Ok(chances.fold((1.0, 0.0), |(least, greatest), chance| (least.min(chance), chance.max(greatest))))
}

fn both<'a>(
    table: &'a Table,
    population: &'a Table,
    fields: &[&str],
) -> Result<(Classes<'a>, Classes<'a>), DisclosureError> {
    for name in fields {
        let (own, other) = (table.schema().column(name)?, population.schema().column(name)?);
        if own.kind.categories() != other.kind.categories() {
            return Err(DisclosureError::OtherColumns { column: (*name).to_owned() });
        }
    }
    Ok((Classes::new(table, fields)?, Classes::new(population, fields)?))
}

pub(super) fn named<'a>(table: &'a Table, fields: &[&str]) -> Result<Vec<&'a Column>, DisclosureError> {
    if fields.is_empty() {
        return Err(DisclosureError::NoField);
    }
    Ok(fields.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?)
}

fn key(columns: &[&Column], row: usize) -> Vec<u64> {
    columns.iter().map(|column| cell_key(column, row)).collect()
}
