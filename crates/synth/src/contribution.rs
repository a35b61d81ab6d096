//! One row of each person.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashMap;
use twinloom_table::{Column, SchemaError, Table};

/// Keeps one row of each subject, chosen at random among their own, and leaves out the column that tells whose a row is.
/// A table without such a column comes back as it is: there each row is a person's only one.
///
/// One person more or less then changes one row, which is what generators here take the unit of privacy to be. The choice
/// among a person's rows depends on the seed and on how many they are, never on other people.
///
/// # Errors
/// [`SchemaError`] where nothing but the subject's column is there.
pub fn one_row_each(table: &Table, seed: u64) -> Result<Table, SchemaError> {
    let Some(subject) = table.schema().subject() else { return Ok(table.clone()) };
    let keys: Vec<Option<u64>> = match table.column(subject) {
        Ok(Column::Category(values)) => values.iter().map(|value| value.map(u64::from)).collect(),
        Ok(Column::Number(values)) => values.iter().map(|value| value.map(f64::to_bits)).collect(),
        Err(_) => return Err(SchemaError::NoSuchColumn { name: subject.to_owned() }),
    };
    // Who is not told stands for themselves.
    let mut chosen: Vec<usize> = Vec::new();
    let mut seen: FxHashMap<u64, (usize, ChaCha8Rng, u64)> = FxHashMap::default();
    for (row, key) in keys.iter().enumerate() {
        let Some(key) = key else {
            chosen.push(row);
            continue;
        };
        match seen.get_mut(key) {
            None => {
                let mut stream = ChaCha8Rng::seed_from_u64(seed);
                stream.set_stream(*key);
                seen.insert(*key, (chosen.len(), stream, 1));
                chosen.push(row);
            }
            Some((place, stream, count)) => {
                // The n-th row takes the place of the one chosen so far with chance 1 / n (Vitter 1985, algorithm R).
                *count += 1;
                if stream.random_range(0..*count) == 0 {
                    chosen[*place] = row;
                }
            }
        }
    }
    table.rows_of(&chosen).without(&[subject])
}

/// Deals rows into two halves at random, the same for a seed.
pub fn halves(table: &Table, seed: u64) -> [Table; 2] {
    let mut places: Vec<usize> = (0..table.len()).collect();
    places.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let (one, other) = places.split_at(table.len() / 2);
    [table.rows_of(one), table.rows_of(other)]
}

#[cfg(test)]
mod tests {
    use twinloom_table::{InferParameters, Rows, Schema, infer};

    use super::*;

    fn table(rows: &[[&str; 2]]) -> Table {
        let rows = Rows::new(&["who", "value"], rows.iter().copied()).unwrap();
        let found = infer(&rows, &InferParameters { few: 0, ..Default::default() }).unwrap();
        let schema = Schema::new(found.columns().to_vec(), Vec::new(), Some("who".into())).unwrap();
        Table::read(&schema, &rows).unwrap()
    }

    #[test]
    fn law_each_person_keeps_one_row_whatever_others_have() {
        let all = table(&[["1", "10"], ["2", "20"], ["1", "11"], ["", "30"], ["", "31"], ["1", "12"]]);
        let fewer = table(&[["1", "10"], ["1", "11"], ["1", "12"], ["2", "20"]]);
        let mut kept = [0; 3];
        for seed in 0..300 {
            let one = one_row_each(&all, seed).unwrap();
            assert_eq!((one.len(), one.columns().len()), (4, 1));
            let value = one.number("value").unwrap()[0].unwrap();
            assert_eq!(one_row_each(&fewer, seed).unwrap().number("value").unwrap()[0], Some(value));
            kept[value as usize - 10] += 1;
        }
        // Each has chance 1/3: 100 expected, standard deviation 8; beyond 5 of them with chance 2e-6.
        assert!(kept.iter().all(|count| (60..=140).contains(count)), "{kept:?}");
    }
}
