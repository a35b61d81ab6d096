//! The nearest rows of a table, exactly: every pair is measured.

use rayon::prelude::*;

use super::distance::Points;

/// Rows measured at once, so that the sums and the columns' parts stay in the nearest cache.
const BLOCK: usize = 256;

/// A row and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Neighbour {
    pub(crate) place: u32,
    /// Mean over columns, 0 to 1.
    pub(crate) distance: f64,
}

/// The `count` nearest rows to each query, nearest first; of equally near ones, the first. With `apart`, a query
/// is no neighbour of its own place: for a table measured against itself.
pub(crate) fn nearest(queries: &Points, among: &Points, count: usize, apart: bool) -> Vec<Vec<Neighbour>> {
    (0..queries.rows)
        .into_par_iter()
        .map_init(
            || [0.0_f32; BLOCK],
            |sums, query| {
                let own = queries.row(query);
                let mut kept: Vec<(f32, u32)> = Vec::with_capacity(count + 1);
                for start in (0..among.rows).step_by(BLOCK) {
                    let end = (start + BLOCK).min(among.rows);
                    let sums = &mut sums[..end - start];
                    measure(&own, among, start, sums);
                    for (place, &sum) in (start as u32..).zip(sums.iter()) {
                        let worst = if kept.len() < count { f32::INFINITY } else { kept[count - 1].0 };
                        if sum < worst && !(apart && place as usize == query) {
                            let at = kept.partition_point(|(other, _)| *other <= sum);
                            kept.insert(at, (sum, place));
                            kept.truncate(count);
                        }
                    }
                }
                let columns = own.len().max(1) as f64;
                let neighbour =
                    |&(sum, place): &(f32, u32)| Neighbour { place, distance: f64::from(sum) / columns };
                kept.iter().map(neighbour).collect()
            },
        )
        .collect()
}

/// How far each query is from the nearest row; 1 where there is none.
pub(crate) fn nearest_distances(queries: &Points, among: &Points) -> Vec<f64> {
    let distance = |found: &Vec<Neighbour>| found.first().map_or(1.0, |neighbour| neighbour.distance);
    nearest(queries, among, 1, false).iter().map(distance).collect()
}

fn measure(own: &[f32], among: &Points, start: usize, sums: &mut [f32]) {
    sums.fill(0.0);
    for (&own, column) in own.iter().zip(&among.columns) {
        for (sum, &other) in sums.iter_mut().zip(&column[start..]) {
            let distance = (own - other).abs();
            *sum += if distance < 1.0 { distance } else { 1.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_table::{ColumnKind, InferParameters, Origin, Rows, Schema, Table, infer};

    use super::super::distance::Scales;
    use super::*;

    fn table() -> Table {
        let rows = Rows::new(
            &["age", "word", "grade"],
            [["70", "a", "low"], ["30", "b", "high"], ["", "a", "middle"], ["50", "", "low"]],
        )
        .unwrap();
        let mut columns = infer(&rows, &InferParameters::default()).unwrap().columns().to_vec();
        columns[2].kind = ColumnKind::Category {
            categories: ["low", "middle", "high"].map(Into::into).to_vec(),
            ordered: true,
            origin: Origin::default(),
        };
        Table::read(&Schema::new(columns, vec![], None).unwrap(), &rows).unwrap()
    }

    #[test]
    fn ref_distances_by_hand() {
        let points = Scales::of(&table()).points(&table());
        let found = nearest(&points, &points, 3, true);
        // Row 0 and 3: |70 - 50| / 40, a against missing, low and low.
        let of = |from: usize, to: u32| {
            found[from].iter().find(|neighbour| neighbour.place == to).map(|neighbour| neighbour.distance)
        };
        assert!((of(0, 3).unwrap() - (0.5 + 1.0 + 0.0) / 3.0).abs() < 1e-6);
        assert!((of(0, 2).unwrap() - (1.0 + 0.0 + 0.5) / 3.0).abs() < 1e-6);
        assert!((of(0, 1).unwrap() - 1.0).abs() < 1e-6);
        assert!((of(1, 2).unwrap() - (1.0 + 1.0 + 0.5) / 3.0).abs() < 1e-6);
        // Equally near: the first row first.
        assert_eq!((found[0][0].place, found[0][1].place), (2, 3));
        assert!(nearest_distances(&points, &points).iter().all(|distance| *distance == 0.0));
    }
}
