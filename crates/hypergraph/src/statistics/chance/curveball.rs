//! Random tables of people and conditions whose margins are those observed.
//!
//! # Source
//! Strona, Nappo, Boccacci, Fattorini and San-Miguel-Ayanz 2014, Nature Communications 5:4114: a
//! trade between two lists shares out at random what only one of them holds. Carstens 2015, Physical
//! Review E 91:042812: repeated trades reach every table with the same margins equally often.
//! Carstens, Hamann, Meyer, Penschuck, Tran and Wagner 2018 (ESA): rounds in which all lists trade,
//! paired at random, mix faster.
//!
//! Here the lists are the conditions' people, which are few and long, rather than the people's
//! conditions: the tables reached are the same.

use rand_chacha::ChaCha8Rng;

use crate::statistics::columns::Columns;
use crate::statistics::random::{below, shuffle};

/// Lets every condition trade once with another, paired at random; within blocks only.
pub(crate) fn round(columns: &mut Columns, order: &mut [usize], generator: &mut ChaCha8Rng) {
    shuffle(generator, order);
    for pair in order.chunks_exact(2) {
        trade(columns, pair[0], pair[1], generator);
    }
}

fn trade(columns: &mut Columns, first: usize, second: usize, generator: &mut ChaCha8Rng) {
    for block in 0..columns.blocks().len() {
        let range = columns.blocks()[block].clone();
        let (one, other) = columns.two_columns(first, second);
        share_out(&mut one[range.clone()], &mut other[range], generator);
    }
}

/// Gives each of the people in only one of two lists to either, keeping the lists' lengths.
fn share_out(one: &mut [u64], other: &mut [u64], generator: &mut ChaCha8Rng) {
    let (mut wanted, mut left) = (0_u32, 0_u32);
    for (a, b) in one.iter().zip(&*other) {
        wanted += (a & !b).count_ones();
        left += (a ^ b).count_ones();
    }
    if wanted == 0 || wanted == left {
        return;
    }
    for (a, b) in one.iter_mut().zip(other) {
        let mut open = *a ^ *b;
        let mut given = 0;
        while open != 0 {
            let bit = open & open.wrapping_neg();
            open ^= bit;
            // Each of those left is as likely as another to be among the wanted.
            if below(generator, left) < wanted {
                given |= bit;
                wanted -= 1;
            }
            left -= 1;
        }
        let either = *a ^ *b;
        let both = *a & *b;
        *a = both | given;
        *b = both | (either & !given);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::statistics::random::{Purpose, stream};
    use crate::{Onset, People};

    fn people(rows: &[u32], conditions: usize) -> People {
        let mut builder = People::builder();
        let ids: Vec<_> = (0..conditions).map(|place| builder.condition(&format!("c{place}"))).collect();
        for row in rows {
            let onsets: Vec<Onset> = ids
                .iter()
                .enumerate()
                .filter(|(place, _)| row >> place & 1 == 1)
                .map(|(_, id)| Onset::undated(*id))
                .collect();
            builder.person(&onsets, None);
        }
        builder.build()
    }

    fn table(columns: &Columns, conditions: usize) -> Vec<Vec<u64>> {
        (0..conditions).map(|condition| columns.column(condition).to_vec()).collect()
    }

    fn row_sums(table: &[Vec<u64>]) -> Vec<u32> {
        let rows = table.first().map_or(0, Vec::len) * 64;
        (0..rows)
            .map(|row| table.iter().map(|column| (column[row / 64] >> (row % 64) & 1) as u32).sum())
            .collect()
    }

    proptest! {
        #[test]
        fn law_margins_stay_within_every_stratum(
            rows in proptest::collection::vec((1_u32..64, 0_usize..3), 1..150),
            seed in 0_u64..1000,
        ) {
            let people = people(&rows.iter().map(|row| row.0).collect::<Vec<_>>(), 6);
            let mut columns = Columns::of(&people, |person| Some(rows[person].1));
            let before = table(&columns, 6);
            let mut generator = stream(seed, Purpose::Trades, 0);
            let mut order: Vec<usize> = (0..6).collect();
            for _ in 0..5 {
                round(&mut columns, &mut order, &mut generator);
            }
            let after = table(&columns, 6);
            prop_assert_eq!(row_sums(&before), row_sums(&after));
            for block in columns.blocks() {
                for (old, new) in before.iter().zip(&after) {
                    let ones = |column: &[u64]| column.iter().map(|word| word.count_ones()).sum::<u32>();
                    prop_assert_eq!(ones(&old[block.clone()]), ones(&new[block.clone()]));
                }
            }
        }
    }

    #[test]
    fn law_every_table_of_the_margins_is_equally_likely() {
        // Margins of 5 people and 4 conditions; all 2^20 tables are looked through for those with them.
        let rows = [0b0011_u32, 0b0101, 0b1000, 0b0110, 0b0011];
        let people = people(&rows, 4);
        let columns_of = |table: &[u32]| -> Vec<u32> {
            (0..4).map(|c| table.iter().map(|row| row >> c & 1).sum()).collect()
        };
        let margins = columns_of(&rows);
        let mut counts: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        for code in 0..1_u32 << 20 {
            let table: Vec<u32> = (0..5).map(|person| code >> (4 * person) & 15).collect();
            let kept = table.iter().zip(&rows).all(|(new, old)| new.count_ones() == old.count_ones());
            if kept && columns_of(&table) == margins {
                counts.insert(table, 0);
            }
        }
        let start = Columns::of(&people, |_| Some(0));
        let draws = 200 * counts.len();
        for replicate in 0..draws {
            let mut columns = start.clone();
            let mut generator = stream(5, Purpose::Trades, replicate as u64);
            let mut order: Vec<usize> = (0..4).collect();
            for _ in 0..40 {
                round(&mut columns, &mut order, &mut generator);
            }
            let reached: Vec<u32> = (0..5)
                .map(|row| (0..4).map(|c| ((columns.column(c)[0] >> row & 1) as u32) << c).sum())
                .collect();
            *counts.get_mut(&reached).expect("the margins were kept") += 1;
        }
        let expected = draws as f64 / counts.len() as f64;
        let chi: f64 = counts.values().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
        let freedom = (counts.len() - 1) as f64;
        // Wilson and Hilferty's cube root is normal: beyond 3.1 for one seed in a thousand.
        let z = ((chi / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt();
        assert!(counts.len() > 20 && z.abs() < 3.1, "{} tables, z {z}", counts.len());
    }
}
