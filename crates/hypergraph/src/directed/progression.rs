//! The hyperarcs that one history counts towards, and how much.

use crate::history::{History, Node};
use crate::limits::choose;

/// Which hyperarcs a person's history is taken apart into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progression {
    /// All conditions so far lead to the next: c1→c2, {c1,c2}→c3 and so on, one each.
    #[default]
    Aggregate,
    /// Every ordered sub-sequence of two or more; those of one size share one.
    Power,
    /// Every ordered pair; those of one tail share one. A directed graph.
    Simple,
}

/// A history's conditions day by day, as progressions need them.
#[derive(Debug, Default)]
pub(crate) struct Days {
    nodes: Vec<Node>,
    ends: Vec<usize>,
}

impl Days {
    pub(crate) fn read(&mut self, history: History<'_>) {
        self.nodes.clear();
        self.ends.clear();
        for (node, first) in history.conditions() {
            if first && !self.nodes.is_empty() {
                self.ends.push(self.nodes.len());
            }
            self.nodes.push(node);
        }
        if !self.nodes.is_empty() {
            self.ends.push(self.nodes.len());
        }
        for day in 0..self.ends.len() {
            let range = self.range(day);
            self.nodes[range].sort_unstable();
        }
    }

    fn range(&self, day: usize) -> std::ops::Range<usize> {
        let start = if day == 0 { 0 } else { self.ends[day - 1] };
        start..self.ends[day]
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Conditions that began on each day, in ascending order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &[Node]> + ExactSizeIterator {
        (0..self.ends.len()).map(|day| &self.nodes[self.range(day)])
    }
}

/// Calls `arc(set, head, share)` for every hyperarc of two nodes or more, `set` being tail and head.
pub(crate) struct Walk<'a> {
    pub(crate) days: &'a Days,
    pub(crate) terminal: Option<Node>,
    pub(crate) largest: usize,
    pub(crate) tied: usize,
    pub(crate) prefix: &'a mut Vec<Node>,
    pub(crate) set: &'a mut Vec<Node>,
}

impl Walk<'_> {
    pub(crate) fn arcs(&mut self, progression: Progression, mut arc: impl FnMut(&[Node], Node, f64)) {
        match progression {
            Progression::Aggregate => self.aggregate(&mut arc),
            Progression::Power => self.power(&mut arc),
            Progression::Simple => self.simple(&mut arc),
        }
    }

    /// A set of the days before and j of a day's g is passed with probability 1 / C(g, j), and each of
    /// the j is equally likely to have come last.
    fn aggregate(&mut self, arc: &mut impl FnMut(&[Node], Node, f64)) {
        self.prefix.clear();
        for day in self.days.iter() {
            if self.prefix.len() >= self.largest {
                return;
            }
            if let [only] = day {
                let place = self.prefix.partition_point(|node| node < only);
                self.prefix.insert(place, *only);
                if self.prefix.len() > 1 {
                    arc(self.prefix, *only, 1.0);
                }
                continue;
            }
            if day.len() <= self.tied {
                self.all_orders(day, arc);
            } else {
                self.some_orders(day, arc);
            }
            self.prefix.extend_from_slice(day);
            self.prefix.sort_unstable();
        }
        if let Some(terminal) = self.terminal
            && !self.prefix.is_empty()
            && self.prefix.len() < self.largest
        {
            self.prefix.push(terminal);
            self.prefix.sort_unstable();
            arc(self.prefix, terminal, 1.0);
        }
    }

    fn all_orders(&mut self, day: &[Node], arc: &mut impl FnMut(&[Node], Node, f64)) {
        for chosen in 1..1_u32 << day.len() {
            let size = chosen.count_ones() as usize;
            let whole = self.prefix.len() + size;
            if whole < 2 || whole > self.largest {
                continue;
            }
            let passed = day.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1);
            self.set.clear();
            self.set.extend_from_slice(self.prefix);
            self.set.extend(passed.clone().map(|(_, node)| *node));
            self.set.sort_unstable();
            let share = 1.0 / (choose(day.len(), size) as f64 * size as f64);
            for (_, head) in passed {
                arc(self.set, *head, share);
            }
        }
    }

    /// The rotations of the day's ascending and descending order: each condition stands in each place,
    /// and each two in each order, equally often.
    fn some_orders(&mut self, day: &[Node], arc: &mut impl FnMut(&[Node], Node, f64)) {
        let share = 0.5 / day.len() as f64;
        for backwards in [false, true] {
            for turn in 0..day.len() {
                self.set.clear();
                self.set.extend_from_slice(self.prefix);
                for step in 0..day.len() {
                    if self.set.len() >= self.largest {
                        break;
                    }
                    let place = (turn + step) % day.len();
                    let head = if backwards { day[day.len() - 1 - place] } else { day[place] };
                    let place = self.set.partition_point(|node| *node < head);
                    self.set.insert(place, head);
                    if self.set.len() > 1 {
                        arc(self.set, head, share);
                    }
                }
            }
        }
    }

    /// The last of a sub-sequence is any of those that it has of its last day, each as likely.
    fn power(&mut self, arc: &mut impl FnMut(&[Node], Node, f64)) {
        let nodes = self.days.nodes();
        let length = nodes.len() + usize::from(self.terminal.is_some());
        let day_of: Vec<usize> =
            self.days.iter().enumerate().flat_map(|(day, tied)| tied.iter().map(move |_| day)).collect();
        for size in 2..=length.min(self.largest) {
            let share = 1.0 / choose(length, size) as f64;
            let set = &mut *self.set;
            combinations(nodes.len(), size, |places| {
                set.clear();
                set.extend(places.iter().map(|place| nodes[*place]));
                set.sort_unstable();
                let last = day_of[places[size - 1]];
                let heads = places.iter().rev().take_while(|place| day_of[**place] == last);
                let split = share / heads.clone().count() as f64;
                for place in heads {
                    arc(set, nodes[*place], split);
                }
            });
            if let Some(terminal) = self.terminal {
                combinations(nodes.len(), size - 1, |places| {
                    set.clear();
                    set.extend(places.iter().map(|place| nodes[*place]));
                    set.push(terminal);
                    set.sort_unstable();
                    arc(set, terminal, share);
                });
            }
        }
    }

    /// A condition with r after it gives each of them 1 / r; its place within its day is uniform.
    fn simple(&mut self, arc: &mut impl FnMut(&[Node], Node, f64)) {
        if self.largest < 2 {
            return;
        }
        let nodes = self.days.nodes();
        let length = nodes.len() + usize::from(self.terminal.is_some());
        let mut before = 0;
        for day in self.days.iter() {
            let tied = day.len() as f64;
            // Mean share of one later day's condition, and of one of the same day.
            let (mut later, mut same) = (0.0, 0.0);
            for place in 0..day.len() {
                let after = length - 1 - before - place;
                if after > 0 {
                    later += 1.0 / after as f64 / tied;
                    let behind = (day.len() - 1 - place) as f64;
                    same += if behind > 0.0 { behind / (tied - 1.0) / after as f64 / tied } else { 0.0 };
                }
            }
            let following = &nodes[before + day.len()..];
            for tail in day {
                for (head, share) in day
                    .iter()
                    .filter(|head| *head != tail)
                    .map(|head| (*head, same))
                    .chain(following.iter().map(|head| (*head, later)))
                    .chain(self.terminal.map(|head| (head, later)))
                {
                    self.set.clear();
                    self.set.extend([*tail.min(&head), *tail.max(&head)]);
                    arc(self.set, head, share);
                }
            }
            before += day.len();
        }
    }
}

/// Every choice of `size` of the first `count` numbers, ascending, in lexicographic order.
pub(crate) fn combinations(count: usize, size: usize, mut found: impl FnMut(&[usize])) {
    if size > count {
        return;
    }
    let mut places: Vec<usize> = (0..size).collect();
    loop {
        found(&places);
        let Some(turn) = (0..size).rev().find(|turn| places[*turn] < count - size + turn) else {
            return;
        };
        places[turn] += 1;
        for next in turn + 1..size {
            places[next] = places[next - 1] + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Arcs = BTreeMap<(Vec<Node>, Node), f64>;

    fn arcs(days: &[Vec<Node>], terminal: Option<Node>, progression: Progression, tied: usize) -> Arcs {
        let mut read = Days::default();
        for day in days {
            read.nodes.extend(day);
            read.ends.push(read.nodes.len());
        }
        let (mut prefix, mut set) = (Vec::new(), Vec::new());
        let mut found = Arcs::new();
        Walk { days: &read, terminal, largest: 99, tied, prefix: &mut prefix, set: &mut set }
            .arcs(progression, |set, head, share| *found.entry((set.to_vec(), head)).or_default() += share);
        found
    }

    /// Every order that the days allow.
    fn orders(days: &[Vec<Node>]) -> Vec<Vec<Node>> {
        let mut all = vec![Vec::new()];
        for day in days {
            let mut permutations = vec![Vec::new()];
            for node in day {
                permutations = permutations
                    .iter()
                    .flat_map(|order: &Vec<Node>| {
                        (0..=order.len()).map(|place| {
                            let mut longer = order.clone();
                            longer.insert(place, *node);
                            longer
                        })
                    })
                    .collect();
            }
            all = all
                .iter()
                .flat_map(|order: &Vec<Node>| permutations.iter().map(|next| [&order[..], next].concat()))
                .collect();
        }
        all
    }

    fn days() -> impl Strategy<Value = Vec<Vec<Node>>> {
        (proptest::collection::vec(1_usize..4, 1..4), 0_u32..5).prop_map(|(sizes, shift)| {
            let mut next = 0;
            let mut day = |size| {
                (0..size)
                    .map(|_| {
                        next += 1;
                        (next * 5 + shift) % 11
                    })
                    .collect::<Vec<Node>>()
            };
            let mut days: Vec<Vec<Node>> = sizes.into_iter().map(&mut day).collect();
            for day in &mut days {
                day.sort_unstable();
            }
            days
        })
    }

    proptest! {
        #[test]
        fn law_ties_are_the_mean_over_all_orders(days in days(), dies in any::<bool>()) {
            let terminal = dies.then_some(20);
            for progression in [Progression::Aggregate, Progression::Power, Progression::Simple] {
                let orders = orders(&days);
                let mut mean = Arcs::new();
                for order in &orders {
                    let clean: Vec<Vec<Node>> = order.iter().map(|node| vec![*node]).collect();
                    for (arc, share) in arcs(&clean, terminal, progression, 10) {
                        *mean.entry(arc).or_default() += share / orders.len() as f64;
                    }
                }
                let found = arcs(&days, terminal, progression, 10);
                prop_assert_eq!(found.keys().collect::<Vec<_>>(), mean.keys().collect::<Vec<_>>());
                for (arc, share) in &found {
                    prop_assert!((share - mean[arc]).abs() < 1e-12, "{:?}: {} for {}", arc, share, mean[arc]);
                }
            }
        }

        #[test]
        fn law_some_orders_put_every_condition_in_every_place(size in 2_usize..7) {
            let day: Vec<Node> = (0..size as u32).collect();
            let found = arcs(std::slice::from_ref(&day), None, Progression::Aggregate, 1);
            for place in 2..=size {
                let of_size = |head: Node| -> f64 {
                    found.iter().filter(|((set, last), _)| set.len() == place && *last == head).map(|(_, share)| share).sum()
                };
                for head in &day {
                    prop_assert!((of_size(*head) - 1.0 / size as f64).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn regress_a_terminal_ends_every_progression() {
        let found = arcs(&[vec![3]], Some(9), Progression::Aggregate, 10);
        assert_eq!(found, Arcs::from([((vec![3, 9], 9), 1.0)]));
        let found = arcs(&[vec![3], vec![1]], Some(9), Progression::Power, 10);
        let third = 1.0 / 3.0;
        assert_eq!(
            found,
            Arcs::from([
                ((vec![1, 3], 1), third),
                ((vec![1, 9], 9), third),
                ((vec![3, 9], 9), third),
                ((vec![1, 3, 9], 9), 1.0)
            ])
        );
    }
}
