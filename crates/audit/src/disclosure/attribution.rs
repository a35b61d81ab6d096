//! Which fields make people unique.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::classes::named;
use super::error::DisclosureError;
use crate::attack::cell_key;
use crate::bootstrap::shuffled;
use crate::estimate::Estimate;
use crate::normal::Z_95;

/// Fields up to which every subset is looked at.
const MOST_EXACT: usize = 12;
/// Orders drawn where there are more.
const ORDERS: u64 = 200;

/// How much of a table's unique rows one field makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldShare {
    /// The field.
    pub field: String,
    /// Its Shapley value; over all fields they sum to the share of rows that are unique. Limits are the value itself
    /// where every subset was looked at.
    pub share: Estimate,
}

/// Shares out the part of rows that are unique by all fields among the fields: to each what it adds on average to
/// those before it, over all orders (up to 12 fields) or 200 drawn ones.
///
/// # Source
/// Shapley, A value for n-person games (1953); sampled orders as Castro, Gómez and Tejada, Computers and Operations
/// Research 36 (2009).
///
/// # Errors
/// [`DisclosureError`] where no field is named, one is unknown, or there is no row.
pub fn risk_by_field(table: &Table, fields: &[&str], seed: u64) -> Result<Vec<FieldShare>, DisclosureError> {
    let columns = named(table, fields)?;
    if table.is_empty() {
        return Err(DisclosureError::NoRow);
    }
    // A row's sum of mixed cells stands for its cells: two rows of 128 bits coincide with a chance of about 1e-30.
    let mixed: Vec<Vec<u128>> = (0_u64..)
        .zip(&columns)
        .map(|(field, column)| (0..table.len()).map(|row| mix(cell_key(column, row), field)).collect())
        .collect();
    let unique = |subset: &[usize]| {
        if subset.is_empty() {
            return f64::from(u8::from(table.len() == 1));
        }
        let sum = |row: usize| subset.iter().fold(0_u128, |sum, &field| sum.wrapping_add(mixed[field][row]));
        let mut sums: Vec<u128> = (0..table.len()).map(sum).collect();
        sums.sort_unstable();
        let alone = sums.chunk_by(|left, right| left == right).filter(|class| class.len() == 1).count();
        alone as f64 / table.len() as f64
    };
    let shares = if fields.len() <= MOST_EXACT {
        exact(fields.len(), &unique)
    } else {
        sampled(fields.len(), seed, &unique)
    };
    Ok(fields
        .iter()
        .zip(shares)
        .map(|(field, share)| FieldShare { field: (*field).to_owned(), share })
        .collect())
}

fn exact(fields: usize, value: &(impl Fn(&[usize]) -> f64 + Sync)) -> Vec<Estimate> {
    let members = |subset: usize| (0..fields).filter(|field| subset >> field & 1 == 1).collect::<Vec<_>>();
    let values: Vec<f64> =
        (0..1_usize << fields).into_par_iter().map(|subset| value(&members(subset))).collect();
    // Of all orders, those with a given subset before the field: s! (n - s - 1)! / n!.
    let mut weights = vec![1.0 / fields as f64; fields];
    for size in 1..fields {
        weights[size] = weights[size - 1] * size as f64 / (fields - size) as f64;
    }
    let share = |field: usize| -> f64 {
        let without = (0..values.len()).filter(|subset| subset >> field & 1 == 0);
        without
            .map(|subset| {
                let added = values[subset | 1 << field] - values[subset];
                weights[subset.count_ones() as usize] * added
            })
            .sum()
    };
    (0..fields).map(share).map(|share| Estimate::new(Ok(share), Some((share, share)))).collect()
}

fn sampled(fields: usize, seed: u64, value: &(impl Fn(&[usize]) -> f64 + Sync)) -> Vec<Estimate> {
    let added: Vec<Vec<f64>> = (0..ORDERS)
        .into_par_iter()
        .map(|draw| {
            let order = shuffled(fields, seed, draw);
            let mut added = vec![0.0; fields];
            let mut before = value(&[]);
            for count in 1..=fields {
                let now = value(&order[..count]);
                added[order[count - 1]] = now - before;
                before = now;
            }
            added
        })
        .collect();
    let count = ORDERS as f64;
    let estimate = |field: usize| {
        let mean = added.iter().map(|order| order[field]).sum::<f64>() / count;
        let squares: f64 = added.iter().map(|order| (order[field] - mean).powi(2)).sum();
        let half = Z_95 * (squares / (count - 1.0) / count).sqrt();
        Estimate::new(Ok(mean), Some((mean - half, mean + half)))
    };
    (0..fields).map(estimate).collect()
}

/// Spreads a cell over 128 bits, another way for each field.
fn mix(cell: u64, field: u64) -> u128 {
    let half = |salt: u64| {
        // Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014), figure 15, twice.
        let mut bits =
            cell ^ (field.wrapping_mul(2) + salt).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for _ in 0..2 {
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bits ^= bits >> 31;
        }
        bits
    };
    u128::from(half(0)) << 64 | u128::from(half(1))
}
