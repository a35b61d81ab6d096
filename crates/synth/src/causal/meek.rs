//! Directions that follow from directions.

use std::collections::BTreeSet;

use super::pdag::Pdag;

/// Columns a, b, c with edges a to b and b to c and none a to c, of which it is not known whether b is a common
/// effect; the lesser end first.
pub(crate) type Triples = BTreeSet<[usize; 3]>;

pub(crate) fn triple(one: usize, middle: usize, other: usize) -> [usize; 3] {
    [one.min(other), middle, one.max(other)]
}

/// Turns lines into arrows while one of four rules says so. A line that rules want both ways stays, and is told.
///
/// All that a round implies is applied at once, so that the order of the columns has no say.
///
/// # Source
/// Meek, Causal inference and causal explanation with background knowledge, UAI 1995, rules 1 to 4 (figure 1). Triples
/// of which it is unknown are kept out of them, as by Colombo and Maathuis, JMLR 15 (2014), section 4.2.
pub(crate) fn close(graph: &mut Pdag, unknown: &Triples) -> BTreeSet<(usize, usize)> {
    let mut conflicts = BTreeSet::new();
    loop {
        let lines: Vec<(usize, usize)> =
            graph.pairs().into_iter().filter(|&(one, other)| graph.line(one, other)).collect();
        let mut arrows = Vec::new();
        for (one, other) in lines {
            match (implied(graph, one, other, unknown), implied(graph, other, one, unknown)) {
                (true, true) => {
                    conflicts.insert((one, other));
                }
                (true, false) => arrows.push((one, other)),
                (false, true) => arrows.push((other, one)),
                (false, false) => {}
            }
        }
        arrows.retain(|&(from, to)| !conflicts.contains(&(from.min(to), from.max(to))));
        if arrows.is_empty() {
            return conflicts;
        }
        for (from, to) in arrows {
            graph.set_arrow(from, to);
        }
    }
}

/// Whether a rule turns the line between `a` and `b` into an arrow from `a` to `b`.
fn implied(graph: &Pdag, a: usize, b: usize, unknown: &Triples) -> bool {
    let known = |one, middle, other| !unknown.contains(&triple(one, middle, other));
    let apart = |one: usize, other: usize| one != other && !graph.adjacent(one, other);
    let all = 0..graph.size();
    // Rule 1: otherwise a would be a common effect.
    let first = |c: usize| graph.arrow(c, a) && apart(c, b) && known(c, a, b);
    // Rule 2: otherwise there would be a cycle.
    let second = |c: usize| graph.arrow(a, c) && graph.arrow(c, b);
    let to_b: Vec<usize> =
        all.clone().filter(|&c| c != a && graph.arrow(c, b) && graph.adjacent(a, c)).collect();
    // Rule 3: b to a would make both c and d its causes by rule 2, and a their common effect.
    let third = to_b.iter().any(|&c| {
        let with = |&d: &usize| graph.line(a, c) && graph.line(a, d) && apart(c, d) && known(c, a, d);
        to_b.iter().any(with)
    });
    // Rule 4: b to a would point d to a, and a be the common effect of b and d.
    let fourth = to_b.iter().any(|&c| {
        all.clone().any(|d| graph.arrow(d, c) && graph.line(a, d) && apart(d, b) && known(b, a, d))
    });
    all.clone().any(first) || all.clone().any(second) || third || fourth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(size: usize, lines: &[(usize, usize)], arrows: &[(usize, usize)]) -> Pdag {
        let mut graph = Pdag::empty(size);
        for &(one, other) in lines {
            graph.set_line(one, other);
        }
        for &(from, to) in arrows {
            graph.set_arrow(from, to);
        }
        assert!(close(&mut graph, &Triples::new()).is_empty());
        graph
    }

    #[test]
    fn ref_the_four_rules_of_figure_1() {
        assert!(closed(3, &[(1, 2)], &[(0, 1)]).arrow(1, 2));
        assert!(closed(3, &[(0, 2)], &[(0, 1), (1, 2)]).arrow(0, 2));
        assert!(closed(4, &[(0, 1), (0, 2), (0, 3)], &[(2, 1), (3, 1)]).arrow(0, 1));
        // a 0, b 1, c 2, d 3.
        assert!(closed(4, &[(0, 1), (0, 3), (0, 2)], &[(3, 2), (2, 1)]).arrow(0, 1));
    }

    #[test]
    fn law_what_is_implied_both_ways_stays_a_line() {
        let mut graph = Pdag::empty(4);
        graph.set_line(1, 2);
        graph.set_arrow(0, 1);
        graph.set_arrow(3, 2);
        assert_eq!(close(&mut graph, &Triples::new()), BTreeSet::from([(1, 2)]));
        assert!(graph.line(1, 2));
        // Of a triple that is not known to be none, rule 1 says nothing.
        let mut graph = Pdag::empty(3);
        graph.set_line(1, 2);
        graph.set_arrow(0, 1);
        assert!(close(&mut graph, &Triples::from([triple(2, 1, 0)])).is_empty() && graph.line(1, 2));
    }
}
