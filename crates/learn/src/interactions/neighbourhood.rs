//! Scores of a pair by its neighbours in the graph of known pairs.

use super::graph::Pair;

/// The known partners of each class.
#[derive(Clone, Debug)]
pub(super) struct Partners {
    lists: Vec<Vec<u32>>,
}

impl Partners {
    pub(super) fn new(nodes: usize, edges: &[Pair]) -> Self {
        let mut lists = vec![Vec::new(); nodes];
        for (a, b) in edges {
            lists[*a as usize].push(*b);
            lists[*b as usize].push(*a);
        }
        for list in &mut lists {
            list.sort_unstable();
        }
        Self { lists }
    }

    pub(super) fn degree(&self, class: u32) -> usize {
        self.lists[class as usize].len()
    }

    /// The product of both degrees, each without the pair's own edge: a known pair must look as an asked one
    /// does.
    ///
    /// # Source
    /// Preferential attachment; Liben-Nowell and Kleinberg, The Link-Prediction Problem for Social Networks
    /// (JASIST 2007), section 3.
    pub(super) fn degree_product(&self, (a, b): Pair) -> f64 {
        let own = usize::from(self.lists[a as usize].binary_search(&b).is_ok());
        ((self.degree(a) - own) * (self.degree(b) - own)) as f64
    }

    /// Number of classes that are partners of both.
    ///
    /// # Source
    /// Liben-Nowell and Kleinberg (2007), section 3.
    pub(super) fn common(&self, pair: Pair) -> f64 {
        self.shared(pair).count() as f64
    }

    /// The same, each weighed by one over the log of its degree.
    ///
    /// # Source
    /// Adamic and Adar, Friends and Neighbors on the Web (Social Networks 2003), as in Liben-Nowell and
    /// Kleinberg (2007), section 3.
    pub(super) fn adamic_adar(&self, pair: Pair) -> f64 {
        // A common partner has two partners or more: the log is above 0.
        self.shared(pair).map(|class| 1.0 / (self.degree(class) as f64).ln()).sum()
    }

    fn shared(&self, (a, b): Pair) -> impl Iterator<Item = u32> {
        let other = &self.lists[b as usize];
        self.lists[a as usize].iter().copied().filter(move |class| other.binary_search(class).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_scores_of_a_small_graph() {
        // A square 0-1-2-3 with the diagonal 0-2: degrees 3, 2, 3, 2.
        let partners = Partners::new(4, &[(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]);
        assert!((partners.common((1, 3)) - 2.0).abs() < 1e-12);
        assert!((partners.adamic_adar((1, 3)) - 2.0 / 3.0_f64.ln()).abs() < 1e-12);
        assert!((partners.degree_product((1, 3)) - 4.0).abs() < 1e-12);
        // A known pair without its own edge.
        assert!((partners.degree_product((0, 2)) - 4.0).abs() < 1e-12);
    }
}
