//! Classes of drugs, and which pairs of them interact.

/// Classes of drugs as nodes, interacting pairs as edges.
///
/// Invariants: classes are sorted and distinct, and each has a pair; pairs are sorted and distinct, the lesser
/// class first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InteractionGraph {
    classes: Vec<String>,
    pairs: Vec<Pair>,
}

/// Two classes, the lesser first.
pub(super) type Pair = (u32, u32);

impl InteractionGraph {
    /// Takes pairs of ATC classes in any order; a pair stated twice, or both ways, counts once.
    ///
    /// # Errors
    /// [`InteractionError`] when there are none, a class interacts with itself, or a name is no ATC class of
    /// the third level or below.
    pub fn new<S: AsRef<str>>(pairs: impl IntoIterator<Item = (S, S)>) -> Result<Self, InteractionError> {
        let pairs: Vec<(String, String)> =
            pairs.into_iter().map(|(a, b)| (a.as_ref().to_owned(), b.as_ref().to_owned())).collect();
        let mut classes: Vec<String> = pairs.iter().flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
        classes.sort_unstable();
        classes.dedup();
        if let Some(class) = classes.iter().find(|class| !is_class(class)) {
            return Err(InteractionError::Class { class: class.clone() });
        }
        let place = |class: &String| classes.partition_point(|other| other < class) as u32;
        let mut found = Vec::with_capacity(pairs.len());
        for (a, b) in &pairs {
            if a == b {
                return Err(InteractionError::Itself { class: a.clone() });
            }
            found.push(ordered(place(a), place(b)));
        }
        found.sort_unstable();
        found.dedup();
        if found.is_empty() {
            Err(InteractionError::Few { pairs: 0, least: 1 })
        } else {
            Ok(Self { classes, pairs: found })
        }
    }

    /// The classes, sorted.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Interacting pairs as places among the classes, the lesser first.
    pub fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// Whether two classes interact.
    pub fn holds(&self, one: u32, other: u32) -> bool {
        self.pairs.binary_search(&ordered(one, other)).is_ok()
    }

    /// The share of all pairs of classes that interact.
    pub fn density(&self) -> f64 {
        let nodes = self.classes.len() as f64;
        self.pairs.len() as f64 / (nodes * (nodes - 1.0) / 2.0)
    }

    /// Pairs that are not known to interact.
    pub(super) fn apart(&self) -> Vec<Pair> {
        let nodes = self.classes.len() as u32;
        let all = (0..nodes).flat_map(|a| (a + 1..nodes).map(move |b| (a, b)));
        all.filter(|(a, b)| !self.holds(*a, *b)).collect()
    }

    /// Sets of three classes of which at least two pairs interact, with whether all three do.
    pub fn triples(&self) -> Vec<([u32; 3], bool)> {
        let nodes = self.classes.len() as u32;
        let mut found = Vec::new();
        for a in 0..nodes {
            for b in a + 1..nodes {
                for c in b + 1..nodes {
                    let held = pairs_of([a, b, c]).into_iter().filter(|(x, y)| self.holds(*x, *y)).count();
                    if held >= 2 {
                        found.push(([a, b, c], held == 3));
                    }
                }
            }
        }
        found
    }
}

/// The lesser first.
pub(super) fn ordered(one: u32, other: u32) -> Pair {
    (one.min(other), one.max(other))
}

/// The pairs of three sorted classes.
pub(super) fn pairs_of([a, b, c]: [u32; 3]) -> [Pair; 3] {
    [(a, b), (a, c), (b, c)]
}

/// A letter, two digits, a letter, and whatever follows below.
fn is_class(class: &str) -> bool {
    let start = class.as_bytes();
    class.is_ascii()
        && start.len() >= 4
        && start[0].is_ascii_uppercase()
        && start[1..3].iter().all(u8::is_ascii_digit)
        && start[3].is_ascii_uppercase()
}

/// Why interactions can't be learnt.
#[derive(Debug, thiserror::Error)]
pub enum InteractionError {
    /// A name is not of the classification.
    #[error("class {class:?}; permitted: ATC classes of the third level, such as N02B")]
    Class {
        /// The name.
        class: String,
    },
    /// An edge with one end.
    #[error("class {class:?} interacts with itself; permitted: pairs of different classes")]
    Itself {
        /// The class.
        class: String,
    },
    /// Too little to hide a part of.
    #[error("{pairs} interacting pairs or sets; permitted: {least} or more")]
    Few {
        /// How many there are.
        pairs: usize,
        /// How many are needed.
        least: usize,
    },
    /// A parameter is out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// A network was not trained.
    #[error(transparent)]
    Fit(#[from] twinloom_neural::FitError),
    /// A logistic regression was not fitted.
    #[error(transparent)]
    Logistic(#[from] crate::LogisticError),
    /// Trees were not grown.
    #[error(transparent)]
    Trees(#[from] crate::TreesError),
}
