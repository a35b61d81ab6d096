//! Boxes in columns, joined by bundles: edges of one name that share an end share its first stretch.
//!
//! A bundle has a hub (the shared end) and spokes. Between columns that are not neighbours it passes
//! through one lane per column in between, so that a bundle crosses a column once however many spokes
//! it has.
//!
//! # Source
//! Layers, dummy nodes and barycentre ordering: Sugiyama K, Tagawa S, Toda M. IEEE Trans Syst Man
//! Cybern 1981;11:109-125.

/// Passes over the columns, each in both directions.
const SWEEPS: usize = 8;
const GAP: f64 = 16.0;
const LANE: f64 = 12.0;
/// The widest gap within a column; more would tear it apart.
const WIDEST_GAP: f64 = 44.0;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Box(usize),
    /// A bundle on its way through.
    Lane(usize),
}

/// A bundle by the boxes that it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// The shared end.
    pub(crate) hub: usize,
    /// The other ends, all in columns on the same side of the hub's, or all in its own.
    pub(crate) spokes: Vec<usize>,
}

/// Where boxes and lanes ended up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layered {
    /// Vertical middle of each box.
    pub(crate) boxes: Vec<f64>,
    /// For each bundle, the columns that it passes through and the height at which it does.
    pub(crate) lanes: Vec<Vec<(usize, f64)>>,
    /// Height of the whole.
    pub(crate) height: f64,
}

/// Orders and places boxes of given columns and heights.
pub(crate) fn layered(columns: &[usize], heights: &[f64], bundles: &[Bundle]) -> Layered {
    let count = columns.iter().copied().max().map_or(0, |last| last + 1);
    let mut layout = Layout::new(columns, heights, bundles, count);
    for sweep in 0..SWEEPS {
        let last_sweeps = sweep >= SWEEPS / 2;
        for column in (0..count).chain((0..count).rev()) {
            layout.settle(column, last_sweeps);
        }
    }
    layout.finish(columns.len(), bundles.len())
}

struct Layout<'a> {
    heights: &'a [f64],
    items: Vec<Vec<(Item, f64)>>,
    /// Items that a bundle joins, of neighbouring columns or of the same.
    joined: Vec<(Item, Item)>,
}

impl<'a> Layout<'a> {
    fn new(columns: &[usize], heights: &'a [f64], bundles: &[Bundle], count: usize) -> Self {
        let mut items: Vec<Vec<(Item, f64)>> = vec![Vec::new(); count];
        for (index, &column) in columns.iter().enumerate() {
            items[column].push((Item::Box(index), 0.0));
        }
        let mut joined = Vec::new();
        for (number, bundle) in bundles.iter().enumerate() {
            let hub = columns[bundle.hub];
            let far = bundle.spokes.iter().map(|&spoke| columns[spoke]).max_by_key(|far| far.abs_diff(hub));
            let between: Vec<usize> = match far {
                Some(far) if far > hub => (hub + 1..far).collect(),
                Some(far) if far < hub => (far + 1..hub).rev().collect(),
                _ => Vec::new(),
            };
            let mut previous = Item::Box(bundle.hub);
            let mut stations = vec![(hub, previous)];
            for column in between {
                let lane = Item::Lane(number);
                items[column].push((lane, 0.0));
                // Lanes of one bundle in several columns are one item to their neighbours: the mean of
                // their places keeps the bundle straight.
                joined.push((previous, lane));
                previous = lane;
                stations.push((column, lane));
            }
            for &spoke in &bundle.spokes {
                let at = columns[spoke];
                let station = stations.iter().rev().find(|(column, _)| column.abs_diff(at) == 1);
                if let Some(&(_, station)) = station {
                    joined.push((station, Item::Box(spoke)));
                } else if spoke != bundle.hub {
                    joined.push((Item::Box(bundle.hub), Item::Box(spoke)));
                }
            }
        }
        let mut layout = Self { heights, items, joined };
        for column in 0..count {
            layout.stack(column, None);
        }
        layout
    }

    fn height(&self, item: Item) -> f64 {
        match item {
            Item::Box(index) => self.heights.get(index).copied().unwrap_or(LANE),
            Item::Lane(_) => LANE,
        }
    }

    /// Moves the items of a column towards the middle of what they are joined to; reorders them unless
    /// `keep_order`.
    fn settle(&mut self, column: usize, keep_order: bool) {
        let mut wanted: Vec<(Item, f64)> = self.items[column]
            .iter()
            .map(|&(item, own)| (item, self.barycentre(column, item).unwrap_or(own)))
            .collect();
        if !keep_order {
            wanted.sort_by(|a, b| a.1.total_cmp(&b.1));
        }
        self.items[column] = wanted;
        let desired: Vec<f64> = self.items[column].iter().map(|item| item.1).collect();
        self.stack(column, Some(&desired));
    }

    fn barycentre(&self, column: usize, item: Item) -> Option<f64> {
        let beside = self.mean_of_joined(column, item, 1);
        beside.or_else(|| self.mean_of_joined(column, item, 0))
    }

    fn mean_of_joined(&self, column: usize, item: Item, distance: usize) -> Option<f64> {
        let (mut sum, mut number) = (0.0, 0_u32);
        for (other, items) in self.items.iter().enumerate() {
            if other.abs_diff(column) != distance {
                continue;
            }
            for &(neighbour, y) in items {
                let joined = |pair: &(Item, Item)| *pair == (item, neighbour) || *pair == (neighbour, item);
                if self.joined.iter().any(joined) || (item == neighbour && distance > 0) {
                    sum += y;
                    number += 1;
                }
            }
        }
        (number > 0).then(|| sum / f64::from(number))
    }

    /// Places the items of a column one under the other, as near to the desired middles as their order
    /// and heights allow.
    fn stack(&mut self, column: usize, desired: Option<&[f64]>) {
        let mut floor = f64::NEG_INFINITY;
        let mut excess = 0.0;
        for index in 0..self.items[column].len() {
            let half = self.height(self.items[column][index].0) / 2.0;
            let wish = desired.map_or(0.0, |wishes| wishes[index]);
            let y = wish.max(floor + half);
            excess += y - wish;
            self.items[column][index].1 = y;
            floor = y + half + GAP;
        }
        self.close_gaps(column);
        // Pushing only downwards would sink the column: share the shift.
        let shift = excess / self.items[column].len().max(1) as f64;
        for item in &mut self.items[column] {
            item.1 -= shift;
        }
    }

    /// Draws the items of a column towards its middle one.
    fn close_gaps(&mut self, column: usize) {
        let middle = self.items[column].len() / 2;
        let reach = |layout: &Self, a: usize, b: usize| {
            let items = &layout.items[column];
            layout.height(items[a].0).midpoint(layout.height(items[b].0)) + WIDEST_GAP
        };
        for index in middle + 1..self.items[column].len() {
            let most = self.items[column][index - 1].1 + reach(self, index - 1, index);
            self.items[column][index].1 = self.items[column][index].1.min(most);
        }
        for index in (0..middle).rev() {
            let least = self.items[column][index + 1].1 - reach(self, index, index + 1);
            self.items[column][index].1 = self.items[column][index].1.max(least);
        }
    }

    fn finish(&self, boxes: usize, bundles: usize) -> Layered {
        let all = || self.items.iter().flatten();
        let top = all().map(|&(item, y)| y - self.height(item) / 2.0).fold(f64::INFINITY, f64::min);
        let bottom = all().map(|&(item, y)| y + self.height(item) / 2.0).fold(f64::NEG_INFINITY, f64::max);
        let mut placed = Layered {
            boxes: vec![0.0; boxes],
            lanes: vec![Vec::new(); bundles],
            height: (bottom - top).max(0.0),
        };
        for (column, items) in self.items.iter().enumerate() {
            for &(item, y) in items {
                match item {
                    Item::Box(index) => placed.boxes[index] = y - top,
                    Item::Lane(number) => placed.lanes[number].push((column, y - top)),
                }
            }
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_boxes_of_a_column_never_overlap(
            columns in prop::collection::vec(0_usize..4, 1..14), ends in prop::collection::vec((0_usize..14, 0_usize..14), 0..20)
        ) {
            let heights: Vec<f64> = (0..columns.len()).map(|index| 30.0 + 7.0 * (index % 5) as f64).collect();
            let bundles: Vec<Bundle> = ends
                .iter()
                .map(|&(a, b)| Bundle { hub: a % columns.len(), spokes: vec![b % columns.len()] })
                .collect();
            let placed = layered(&columns, &heights, &bundles);
            prop_assert_eq!(&placed, &layered(&columns, &heights, &bundles));
            for a in 0..columns.len() {
                prop_assert!(placed.boxes[a] - heights[a] / 2.0 >= -1e-6);
                prop_assert!(placed.boxes[a] + heights[a] / 2.0 <= placed.height + 1e-6);
                for b in a + 1..columns.len() {
                    let apart = (placed.boxes[a] - placed.boxes[b]).abs();
                    prop_assert!(columns[a] != columns[b] || apart >= heights[a].midpoint(heights[b]));
                }
            }
        }
    }
}
