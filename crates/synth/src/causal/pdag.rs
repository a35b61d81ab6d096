//! A graph some of whose edges have a direction.

/// Edges between numbered columns: arrows, and lines that may point either way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pdag {
    size: usize,
    /// At `from * size + to`: an arrow, or with its reverse a line.
    marks: Vec<bool>,
}

impl Pdag {
    /// No edges.
    pub(crate) fn empty(size: usize) -> Self {
        Self { size, marks: vec![false; size * size] }
    }

    /// A line between every two columns.
    pub(crate) fn complete(size: usize) -> Self {
        let marks = (0..size * size).map(|at| at / size.max(1) != at % size.max(1)).collect();
        Self { size, marks }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    fn mark(&self, from: usize, to: usize) -> bool {
        self.marks[from * self.size + to]
    }

    pub(crate) fn arrow(&self, from: usize, to: usize) -> bool {
        self.mark(from, to) && !self.mark(to, from)
    }

    pub(crate) fn line(&self, one: usize, other: usize) -> bool {
        self.mark(one, other) && self.mark(other, one)
    }

    pub(crate) fn adjacent(&self, one: usize, other: usize) -> bool {
        self.mark(one, other) || self.mark(other, one)
    }

    pub(crate) fn set_arrow(&mut self, from: usize, to: usize) {
        self.marks[from * self.size + to] = true;
        self.marks[to * self.size + from] = false;
    }

    pub(crate) fn set_line(&mut self, one: usize, other: usize) {
        self.marks[one * self.size + other] = true;
        self.marks[other * self.size + one] = true;
    }

    pub(crate) fn cut(&mut self, one: usize, other: usize) {
        self.marks[one * self.size + other] = false;
        self.marks[other * self.size + one] = false;
    }

    fn those(&self, holds: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.size).filter(|&at| holds(at)).collect()
    }

    pub(crate) fn parents(&self, of: usize) -> Vec<usize> {
        self.those(|at| self.arrow(at, of))
    }

    /// Those that a line joins.
    pub(crate) fn neighbours(&self, of: usize) -> Vec<usize> {
        self.those(|at| self.line(at, of))
    }

    /// Those that an edge of any kind joins.
    pub(crate) fn adjacents(&self, of: usize) -> Vec<usize> {
        self.those(|at| self.adjacent(at, of))
    }

    pub(crate) fn is_clique(&self, of: &[usize]) -> bool {
        of.iter().enumerate().all(|(at, &one)| of[..at].iter().all(|&other| self.adjacent(one, other)))
    }

    /// Pairs with an edge, the lesser first.
    pub(crate) fn pairs(&self) -> Vec<(usize, usize)> {
        let pairs = (0..self.size).flat_map(|one| (one + 1..self.size).map(move |other| (one, other)));
        pairs.filter(|&(one, other)| self.adjacent(one, other)).collect()
    }

    /// Whether a walk that follows lines and arrows leads from one to another without those that are barred.
    pub(crate) fn leads(&self, from: usize, to: usize, barred: &[usize]) -> bool {
        let mut seen = vec![false; self.size];
        for &at in barred {
            seen[at] = true;
        }
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            for (next, seen) in seen.iter_mut().enumerate() {
                if self.mark(at, next) && !*seen {
                    *seen = true;
                    open.push(next);
                }
            }
        }
        false
    }

    /// The parents of a directed graph of the same edges, arrows kept, that makes no column the child of two that are
    /// not adjacent where there was no such arrows before; none where there is no such graph.
    ///
    /// # Source
    /// Dor and Tarsi, A simple algorithm to construct a consistent extension of a partially oriented graph, UCLA
    /// technical report R-185 (1992).
    pub(crate) fn extension(&self) -> Option<Vec<Vec<usize>>> {
        let mut left = self.clone();
        let mut gone = vec![false; self.size];
        let mut parents = vec![Vec::new(); self.size];
        for _ in 0..self.size {
            let is_sink = |at: usize| {
                let adjacents = left.adjacents(at);
                let outward = adjacents.iter().any(|&other| left.arrow(at, other));
                let shielded = |&one: &usize| {
                    !left.line(at, one)
                        || adjacents.iter().all(|&other| other == one || left.adjacent(one, other))
                };
                !outward && adjacents.iter().all(shielded)
            };
            let sink = (0..self.size).find(|&at| !gone[at] && is_sink(at))?;
            parents[sink] = left.adjacents(sink);
            for other in left.adjacents(sink) {
                left.cut(sink, other);
            }
            gone[sink] = true;
        }
        Some(parents)
    }
}

/// All subsets of a size, in the order of the items.
pub(crate) fn subsets(items: &[usize], size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for (at, &first) in items.iter().enumerate() {
        if items.len() - at < size {
            break;
        }
        for mut rest in subsets(&items[at + 1..], size - 1) {
            rest.insert(0, first);
            found.push(rest);
        }
    }
    found
}
