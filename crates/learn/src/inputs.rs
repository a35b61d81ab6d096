//! What the models of one split read, fitted on its training instances only.

use std::sync::{Arc, OnceLock};

use twinloom_event::{Code, Cohort};
use twinloom_graph::{CsrError, Instance as GraphInstance, PatientGraph, TaskGraph, Vocabulary};
use twinloom_neural::SparseMatrix;
use twinloom_views::{
    CodeSet, FeatureMap, FeatureOptions, FeatureRole, FeatureTable, Instance, Scaling, SequenceMap,
    SequenceOptions, Sequences, Task, Visible,
};

use crate::ColumnTable;
use crate::benchmark::BenchmarkError;

/// Least number of training subjects with a word for it to become a column, token or concept.
const MINIMUM_SUPPORT: u32 = 5;

/// Most columns given to the trees: those with the most entries in training.
const MOST_TREE_COLUMNS: usize = 1500;

/// Tokens kept of an instance; pooling needs no bound, memory does.
const LONGEST_SEQUENCE: usize = 8192;

/// Scaled counts are clipped here, so that a rare code does not outweigh all others.
const CLIP: f32 = 5.0;

/// The inputs of every instance, in the order of the task's instances.
pub(crate) struct Inputs<'a> {
    /// Raw features; measurements in their own units.
    pub table: FeatureTable,
    /// Scaled features, with indicators of what was measured.
    pub scaled: SparseMatrix,
    /// The columns of `scaled` that are not counts of single codes: demographics, age, length of
    /// record, measurements.
    pub facts: SparseMatrix,
    /// Codes in order of time.
    pub sequences: Sequences,
    /// Number of token ids.
    pub tokens: usize,
    /// What each token id stands for.
    pub words: Vec<Arc<str>>,
    /// Instances, encounters and concepts.
    pub graph: TaskGraph,
    tree_columns: Vec<usize>,
    cohort: &'a Cohort,
    graph_instances: Vec<GraphInstance>,
    vocabulary: Vocabulary,
    people: OnceLock<PatientGraph>,
}

impl<'a> Inputs<'a> {
    /// Fits columns, vocabularies and scaling on the training instances; makes rows for all.
    pub(crate) fn new(
        task: &Task,
        cohort: &'a Cohort,
        instances: &[Instance],
        train: &[usize],
    ) -> Result<Self, BenchmarkError> {
        let views = task.views(cohort, instances)?;
        let training: Vec<Visible<'_>> = train.iter().map(|&index| views[index]).collect();
        let options = FeatureOptions { minimum_support: MINIMUM_SUPPORT, ..FeatureOptions::for_task(task) };
        let map = FeatureMap::fit(&training, options);
        let table = map.transform(&views);
        let scaling = Scaling::fit(&table.select(train));
        let scaled = sparse(&scaling.apply(&table))?;
        let facts = scaled.map_columns(&fact_columns(&table), fact_columns(&table).iter().flatten().count());
        let tree_columns = frequent_columns(&table, train);
        let sequence_options =
            SequenceOptions { minimum_support: MINIMUM_SUPPORT, maximum_length: LONGEST_SEQUENCE };
        let sequence_map = SequenceMap::fit(&training, sequence_options);
        let graph_instances: Vec<GraphInstance> = instances.iter().map(graph_instance).collect();
        let vocabulary = vocabulary(task, cohort, instances, train);
        Ok(Self {
            scaled,
            facts,
            sequences: sequence_map.transform(&views),
            tokens: sequence_map.vocabulary().len(),
            graph: TaskGraph::build(cohort, &graph_instances, &vocabulary)?,
            words: sequence_map.vocabulary().to_vec(),
            tree_columns,
            table,
            cohort,
            graph_instances,
            vocabulary,
            people: OnceLock::new(),
        })
    }

    /// Instances, those they live with and their practices; made when first asked for, as few rows read it.
    pub(crate) fn people(&self) -> Result<&PatientGraph, CsrError> {
        if let Some(people) = self.people.get() {
            return Ok(people);
        }
        let people = PatientGraph::build(self.cohort, &self.graph_instances, &self.vocabulary)?;
        Ok(self.people.get_or_init(|| people))
    }

    /// What the columns of the trees are.
    pub(crate) fn tree_features(&self) -> impl Iterator<Item = Arc<str>> + '_ {
        self.tree_columns.iter().map(|&column| Arc::clone(&self.table.features()[column].name))
    }

    /// What the columns of `facts` are.
    pub(crate) fn fact_names(&self) -> Vec<Arc<str>> {
        let kept = fact_columns(&self.table);
        let kept = self.table.features().iter().zip(kept).filter(|(_, column)| column.is_some());
        kept.map(|(feature, _)| Arc::clone(&feature.name)).collect()
    }

    /// The rows of these instances as the trees read them.
    pub(crate) fn columns(&self, instances: &[usize]) -> ColumnTable {
        let mut place = vec![None; self.table.n_columns()];
        let rows = instances.len();
        let mut values = Vec::with_capacity(rows * self.tree_columns.len());
        for (new, &old) in self.tree_columns.iter().enumerate() {
            place[old] = Some(new);
            let absent = match self.table.features()[old].role {
                FeatureRole::Measurement => f64::NAN,
                FeatureRole::Count | FeatureRole::Indicator => 0.0,
            };
            values.resize(values.len() + rows, absent);
        }
        for (row, &instance) in instances.iter().enumerate() {
            let (columns, entries) = self.table.row(instance);
            for (&column, &value) in columns.iter().zip(entries) {
                if let Some(new) = place[column as usize] {
                    values[new * rows + row] = f64::from(value);
                }
            }
        }
        ColumnTable { values, rows, columns: self.tree_columns.len() }
    }
}

fn sparse(table: &FeatureTable) -> Result<SparseMatrix, BenchmarkError> {
    let rows = (0..table.n_rows()).map(|row| {
        let (columns, values) = table.row(row);
        columns.iter().zip(values).map(|(&column, &value)| (column, value.clamp(-CLIP, CLIP))).collect()
    });
    Ok(SparseMatrix::from_rows(table.n_columns(), rows)?)
}

/// New numbers of the columns that are not counts of single codes.
fn fact_columns(table: &FeatureTable) -> Vec<Option<u32>> {
    let mut next = 0;
    table
        .features()
        .iter()
        .map(|feature| {
            let whole_record = ["encounters ", "events "].iter().any(|noun| feature.name.starts_with(noun));
            (feature.role != FeatureRole::Count || whole_record).then(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

/// The columns with the most entries in training, in column order.
fn frequent_columns(table: &FeatureTable, train: &[usize]) -> Vec<usize> {
    let mut entries = vec![0_usize; table.n_columns()];
    for &row in train {
        for &column in table.row(row).0 {
            entries[column as usize] += 1;
        }
    }
    let mut columns: Vec<usize> = (0..entries.len()).filter(|&column| entries[column] > 0).collect();
    columns.sort_by_key(|&column| std::cmp::Reverse(entries[column]));
    columns.truncate(MOST_TREE_COLUMNS);
    columns.sort_unstable();
    columns
}

fn graph_instance(instance: &Instance) -> GraphInstance {
    GraphInstance { subject_id: instance.subject_id(), as_of: instance.label.prediction_time }
}

/// The concepts that enough training instances know, but for those hidden.
fn vocabulary(task: &Task, cohort: &Cohort, instances: &[Instance], train: &[usize]) -> Vocabulary {
    let training: Vec<GraphInstance> = train.iter().map(|&index| graph_instance(&instances[index])).collect();
    let vocabulary = Vocabulary::of_instances(cohort, &training, MINIMUM_SUPPORT as usize);
    let permitted = |concept: &&Code| !is_hidden(concept, &task.hidden);
    Vocabulary::new(vocabulary.concepts().iter().filter(permitted).cloned().collect())
}

/// Whether the concept, or the question of which it is an answer, must not become a feature.
fn is_hidden(concept: &Code, hidden: &CodeSet) -> bool {
    let text = concept.as_str();
    let questions = text.match_indices("//").map(|(end, _)| &text[..end]);
    questions
        .chain(std::iter::once(text))
        .any(|question| Code::parse(question).is_ok_and(|code| hidden.contains(&code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_answers_to_hidden_questions_are_hidden() {
        let hidden = CodeSet::of(["EICU//APACHE_IVA"]);
        let concept = |text: &str| is_hidden(&Code::parse(text).unwrap(), &hidden);
        assert!(concept("EICU//APACHE_IVA") && concept("EICU//APACHE_IVA//SNOMED//1"));
        assert!(!concept("EICU//APACHE_III"));
    }
}
