//! The patient graph in the matrices that networks across patients compute with.

use twinloom_graph::{Csr, PatientGraph, When};
use twinloom_neural::{Aggregator, SparseError, SparseMatrix};

/// Instances, their housemates and practices, and what each person met; with the facts beside the graph.
pub(crate) struct People<'a> {
    /// `[instances, people]`, rows of means.
    housemates: SparseMatrix,
    /// `[instances, practices]`, one entry a row at most.
    practices: SparseMatrix,
    /// `[people, concepts]` for each [`When`], rows of means weighed by ln(1 + events).
    met: Vec<SparseMatrix>,
    /// `[people, PERSON_FACTS]`
    persons: SparseMatrix,
    facts: &'a SparseMatrix,
}

/// Whether people hear of those they live with, and of their practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    /// Yes.
    Kept,
    /// No: what the same network says of each person's own record.
    Removed,
}

/// Kinds of concept edges, by when they were met.
pub(super) const TIMES: usize = When::ALL.len();

/// Whether the age is known, the age, and how many concepts were met, on a scale of about 0 to 1.
pub(super) const PERSON_FACTS: usize = 3;

/// A practice with fewer training instances than these is as if it were unknown.
const FEWEST_REGISTERED: usize = 5;

impl<'a> People<'a> {
    /// Keeps the practices that enough training instances know.
    pub(crate) fn new(
        graph: &PatientGraph,
        train: &[usize],
        facts: &'a SparseMatrix,
        links: Links,
    ) -> Result<Self, SparseError> {
        let ones = |edges: &Csr, kept: &dyn Fn(u32) -> bool| {
            let row =
                |row: usize| edges.row(row).iter().filter(|to| kept(**to)).map(|to| (*to, 1.0)).collect();
            SparseMatrix::from_rows(edges.columns().max(1), (0..edges.rows()).map(row))
        };
        let mut registered = vec![0; graph.practices().len()];
        for &instance in train {
            for &practice in graph.practices_of().row(instance) {
                registered[practice as usize] += 1;
            }
        }
        let linked = links == Links::Kept;
        let known = |practice: u32| linked && registered[practice as usize] >= FEWEST_REGISTERED;
        let met = When::ALL.into_iter().map(|when| {
            let (edges, counts) = (graph.met(when), graph.log_counts(when));
            let row = |row: usize| {
                edges.row(row).iter().copied().zip(counts[edges.range(row)].iter().copied()).collect()
            };
            // One column at least, so that there is a table of vectors however little the record holds.
            let columns = graph.concepts().len().max(1);
            Ok(SparseMatrix::from_rows(columns, (0..edges.rows()).map(row))?.into_row_means())
        });
        let person = |(person, age): (usize, &Option<f32>)| {
            let degree: usize = When::ALL.iter().map(|when| graph.met(*when).row(person).len()).sum();
            let age = age
                .filter(|age| age.is_finite())
                .map_or([(0, 0.0), (1, 0.0)], |age| [(0, 1.0), (1, age / 100.0)]);
            age.into_iter().chain([(2, (degree as f32).ln_1p() / 8.0)]).collect()
        };
        Ok(Self {
            housemates: ones(graph.housemates(), &|_| linked)?.into_row_means(),
            practices: ones(graph.practices_of(), &known)?,
            met: met.collect::<Result<_, SparseError>>()?,
            persons: SparseMatrix::from_rows(PERSON_FACTS, graph.age_years().iter().enumerate().map(person))?,
            facts,
        })
    }

    /// Number of concepts that there is a vector for.
    pub(super) fn concepts(&self) -> usize {
        self.met.first().map_or(1, SparseMatrix::columns)
    }

    /// Number of practices that there is a vector for.
    pub(super) fn practices(&self) -> usize {
        self.practices.columns()
    }

    /// Number of facts beside the graph.
    pub(super) fn facts(&self) -> usize {
        self.facts.columns()
    }

    /// The people of some instances: they themselves, then everyone whom one of them lives with, each once.
    ///
    /// People hear concepts only before instances hear people, so an instance's number does not depend on what
    /// else is in the batch.
    pub(super) fn batch(&self, instances: &[usize]) -> PeopleBatch {
        let housemates = self.housemates.select_rows(instances);
        let mut others: Vec<u32> = entries(&housemates).collect();
        others.sort_unstable();
        others.dedup();
        let place = |person: &u32| (instances.len() + others.partition_point(|other| other < person)) as u32;
        let to_people = (0..instances.len()).map(|row| {
            let (own, shares) = housemates.row(row);
            own.iter().map(place).zip(shares.iter().copied()).collect()
        });
        let people: Vec<usize> =
            instances.iter().copied().chain(others.iter().map(|person| *person as usize)).collect();
        let to_people = SparseMatrix::from_rows(people.len(), to_people);
        let met: Vec<SparseMatrix> = self.met.iter().map(|edges| edges.select_rows(&people)).collect();
        let (concepts, places) = used(&met, self.concepts());
        PeopleBatch {
            met: met.iter().map(|edges| edges.map_columns(&places, concepts.rows())).collect(),
            concepts: Aggregator::new(concepts),
            persons: Aggregator::new(self.persons.select_rows(&people)),
            housemates: to_people.expect("places of the people of the batch"),
            practices: self.practices.select_rows(instances),
            facts: Aggregator::new(self.facts.select_rows(instances)),
        }
    }
}

fn entries(matrix: &SparseMatrix) -> impl Iterator<Item = u32> {
    (0..matrix.rows()).flat_map(|row| matrix.row(row).0.iter().copied())
}

/// The concepts that occur, as rows that pick their vectors, and the new number of each; one concept at least.
fn used(met: &[SparseMatrix], concepts: usize) -> (SparseMatrix, Vec<Option<u32>>) {
    let mut occurs = vec![false; concepts];
    occurs[0] = true;
    for concept in met.iter().flat_map(entries) {
        occurs[concept as usize] = true;
    }
    let picked: Vec<Vec<(u32, f32)>> =
        (0..).zip(&occurs).filter(|(_, occurs)| **occurs).map(|(concept, _)| vec![(concept, 1.0)]).collect();
    let mut next = 0..;
    let places = occurs.into_iter().map(|occurs| occurs.then(|| next.next()).flatten()).collect();
    (SparseMatrix::from_rows(concepts, picked).expect("concepts that there are"), places)
}

/// What some instances and their housemates met, and how they are linked.
pub(super) struct PeopleBatch {
    /// The vector that each concept of the batch starts from.
    ///
    /// # Shapes
    /// `[concepts of the batch, concepts]`
    pub concepts: Aggregator,
    /// `[people, concepts of the batch]` for each [`When`].
    pub met: Vec<SparseMatrix>,
    /// `[people, PERSON_FACTS]`, the instances first.
    pub persons: Aggregator,
    /// `[instances, people]`
    pub housemates: SparseMatrix,
    /// `[instances, practices]`
    pub practices: SparseMatrix,
    /// `[instances, facts]`
    pub facts: Aggregator,
}

#[cfg(test)]
pub(super) mod tests {
    use rand::RngExt;
    use twinloom_event::{Code, Cohort, Event, EventKind, SubjectId, Timestamp};
    use twinloom_graph::{HOUSEHOLD, Instance, PRACTICE, Vocabulary};
    use twinloom_neural::{Pass, Weights, stream};

    use super::*;
    use crate::network::{Network, values};

    /// Eight people of three homes and two practices, with two concepts each of seven, some from long ago. The
    /// second and third people of the first home have each other's concepts where `exchanged`.
    fn cohort(exchanged: bool) -> Cohort {
        let mut rng = stream(3, 0);
        let at = |year: i32| Timestamp::from_ymd(year, 3, 1).unwrap();
        let mut events = Vec::new();
        for id in 1..=8_i64 {
            let subject = SubjectId::new(match id {
                2 if exchanged => 3,
                3 if exchanged => 2,
                _ => id,
            });
            let event = |year, code: &str| Event::new(subject, Some(at(year)), Code::parse(code).unwrap());
            let born = 1940 + rng.random_range(0..70);
            events.push(event(born, Code::birth().as_str()).with_kind(EventKind::Birth));
            for _ in 0..3 {
                let year = if rng.random_bool(0.5) { 2019 } else { 2015 };
                events.push(event(year, &format!("C{}", rng.random_range(0..7))));
            }
            events.push(
                event(2010, HOUSEHOLD)
                    .with_text_value(["x", "x", "x", "y", "y", "z", "z", "z"][id as usize - 1]),
            );
            events.push(event(2010, PRACTICE).with_text_value(if id % 2 == 0 { "P" } else { "Q" }));
        }
        Cohort::from_events(events).unwrap()
    }

    /// Of the first home one instance, of the others two each; their facts differ.
    const SUBJECTS: [i64; 5] = [1, 4, 5, 6, 7];

    pub(in crate::encoding) fn graph(exchanged: bool) -> PatientGraph {
        let as_of = Timestamp::from_ymd(2020, 1, 1).unwrap();
        let instances = SUBJECTS.map(|id| Instance { subject_id: SubjectId::new(id), as_of });
        let words = (0..7).map(|code| Code::parse(format!("C{code}")).unwrap()).collect();
        PatientGraph::build(&cohort(exchanged), &instances, &Vocabulary::new(words)).unwrap()
    }

    pub(in crate::encoding) fn facts() -> SparseMatrix {
        SparseMatrix::from_rows(2, (0..5).map(|row| vec![(row % 2, 1.0)])).unwrap()
    }

    /// Everyone is a training instance twice, so that both practices have enough of them.
    pub(in crate::encoding) fn people<'a>(
        graph: &PatientGraph,
        facts: &'a SparseMatrix,
        links: Links,
    ) -> People<'a> {
        let train: Vec<usize> = (0..5).cycle().take(25).collect();
        People::new(graph, &train, facts, links).unwrap()
    }

    fn log_odds<N: Network>(
        network: &N,
        layers: &N::Layers,
        weights: &Weights,
        instances: &[usize],
    ) -> Vec<f32> {
        let batch = network.batch(instances);
        values(network.forward(layers, &mut Pass::in_use(weights), &batch, 0.0).log_odds)
    }

    pub(in crate::encoding) fn close(one: &[f32], other: &[f32]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    /// Asserts that the batch, the order of housemates and, without links, the housemates themselves do not
    /// matter to an instance, and that with links they do. `of` makes the network, its layers and weights the
    /// same whatever the graph.
    pub(in crate::encoding) fn only_housemates_are_heard<N: Network>(
        of: impl Fn(bool, Links) -> (N, N::Layers, Weights),
    ) {
        let (network, layers, weights) = of(false, Links::Kept);
        let together = log_odds(&network, &layers, &weights, &[0, 1, 2, 3, 4]);
        for instance in [3, 1, 0, 4, 2] {
            let alone = log_odds(&network, &layers, &weights, &[instance]);
            assert!(close(&alone, &together[instance..=instance]), "instance {instance}: {alone:?}");
        }
        let (exchanged, layers, weights) = of(true, Links::Kept);
        let again = log_odds(&exchanged, &layers, &weights, &[0, 1, 2, 3, 4]);
        assert!(close(&again, &together), "{again:?} against {together:?}");
        let (removed, layers, weights) = of(false, Links::Removed);
        let own = log_odds(&removed, &layers, &weights, &[0, 1, 2, 3, 4]);
        for (instance, (own, heard)) in own.iter().zip(&together).enumerate() {
            assert!(own.is_finite() && (own - heard).abs() > 1e-4, "instance {instance}: {own} and {heard}");
        }
    }

    #[test]
    fn ref_a_batch_holds_the_people_of_its_instances() {
        let (graph, facts) = (graph(false), facts());
        let people = people(&graph, &facts, Links::Kept);
        let batch = people.batch(&[0, 3]);
        // Of the first home two others; of the last one who is an instance and one who is not.
        assert_eq!((batch.housemates.rows(), batch.housemates.columns()), (2, 6));
        let rows = [0, 1].map(|row| batch.housemates.row(row).0.len());
        assert_eq!(rows, [2, 2]);
        assert!(batch.housemates.row(0).1.iter().all(|share| (share - 0.5).abs() < 1e-6));
        assert_eq!(batch.practices.row(0).0.len(), 1);
        assert_eq!(batch.persons.adjacency().rows(), 6);
        assert!(batch.met.iter().all(|edges| edges.columns() == batch.concepts.adjacency().rows()));
        let removed = super::tests::people(&graph, &facts, Links::Removed).batch(&[0, 3]);
        assert_eq!((removed.housemates.entries(), removed.practices.entries()), (0, 0));
    }
}
