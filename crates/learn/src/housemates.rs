//! What the people at home have met, as columns of a table.

use twinloom_graph::{PatientGraph, When};

use crate::ColumnTable;

/// For each instance the number of its housemates, and of those with each concept.
///
/// It gives the trees by hand what the networks across patients have to find: where these gain on the record alone,
/// this says whether the network or only the information was missing.
///
/// # Limits
/// At most 300 concepts, those known of a housemate of the most training instances, of 5 at least.
pub(crate) struct HousemateColumns<'a> {
    graph: &'a PatientGraph,
    /// The column of each concept, where it has one; that of the number of housemates is 0.
    columns: Vec<Option<usize>>,
    count: usize,
}

/// Most concepts.
const MOST: usize = 300;

/// Fewest training instances with a housemate who has the concept.
const FEWEST: usize = 5;

impl<'a> HousemateColumns<'a> {
    /// Chooses the concepts by the training instances.
    pub(crate) fn new(graph: &'a PatientGraph, train: &[usize]) -> Self {
        let mut known = vec![0; graph.concepts().len()];
        for &instance in train {
            let mut own: Vec<u32> = of_housemates(graph, instance).collect();
            own.sort_unstable();
            own.dedup();
            for concept in own {
                known[concept as usize] += 1;
            }
        }
        let mut chosen: Vec<usize> = (0..known.len()).filter(|&concept| known[concept] >= FEWEST).collect();
        chosen.sort_by_key(|&concept| std::cmp::Reverse(known[concept]));
        chosen.truncate(MOST);
        chosen.sort_unstable();
        let mut columns = vec![None; known.len()];
        for (column, &concept) in (1..).zip(&chosen) {
            columns[concept] = Some(column);
        }
        Self { graph, columns, count: chosen.len() + 1 }
    }

    /// The table of these instances with the columns after its own.
    pub(crate) fn beside(&self, mut table: ColumnTable, instances: &[usize]) -> ColumnTable {
        let own = table.values.len();
        table.values.resize(own + self.count * instances.len(), 0.0);
        let added = &mut table.values[own..];
        for (row, &instance) in instances.iter().enumerate() {
            added[row] = self.graph.housemates().row(instance).len() as f64;
            let columns =
                of_housemates(self.graph, instance).filter_map(|concept| self.columns[concept as usize]);
            columns.for_each(|column| added[column * instances.len() + row] += 1.0);
        }
        table.columns += self.count;
        table
    }
}

/// The concepts of each housemate, each once a housemate.
fn of_housemates(graph: &PatientGraph, instance: usize) -> impl Iterator<Item = u32> {
    graph.housemates().row(instance).iter().flat_map(|&person| {
        let met = When::ALL.iter().flat_map(|&when| graph.met(when).row(person as usize));
        let mut own: Vec<u32> = met.copied().collect();
        own.sort_unstable();
        own.dedup();
        own
    })
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, Cohort, Event, SubjectId, Timestamp};
    use twinloom_graph::{HOUSEHOLD, Instance, Vocabulary};

    use super::*;

    #[test]
    fn ref_housemates_with_a_concept_are_counted_once_each() {
        // Homes of three: the first of each is an instance; the second has A in two years, the third A, and B in
        // the first home alone.
        let at = |year| Timestamp::from_ymd(year, 3, 1).unwrap();
        let mut events = Vec::new();
        for subject in 0..18_i64 {
            let event = |year, code: &str| {
                Event::new(SubjectId::new(subject), Some(at(year)), Code::parse(code).unwrap())
            };
            events.push(event(2000, HOUSEHOLD).with_text_value(format!("home {}", subject / 3)));
            match subject % 3 {
                0 => events.push(event(2019, "C")),
                1 => events.extend([event(2019, "A"), event(2012, "A")]),
                _ => events.push(event(2019, if subject == 2 { "B" } else { "A" })),
            }
        }
        let instance = |home: i64| Instance { subject_id: SubjectId::new(3 * home), as_of: at(2020) };
        let vocabulary = Vocabulary::new(["A", "B", "C"].map(|code| Code::parse(code).unwrap()).to_vec());
        let instances: Vec<Instance> = (0..6).map(instance).collect();
        let graph =
            PatientGraph::build(&Cohort::from_events(events).unwrap(), &instances, &vocabulary).unwrap();
        let columns = HousemateColumns::new(&graph, &[0, 1, 2, 3, 4, 5]);
        let table = ColumnTable { values: vec![7.0, 8.0], rows: 2, columns: 1 };
        // Six instances have A at home and one B, so A alone is a column; C is nobody's housemate's.
        let expected = ColumnTable { values: vec![7.0, 8.0, 2.0, 2.0, 2.0, 1.0], rows: 2, columns: 3 };
        assert_eq!(columns.beside(table, &[3, 0]), expected);
    }
}
