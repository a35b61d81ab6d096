//! Fitting a generator to a table along a graph.

use serde::{Deserialize, Serialize};
use twinloom_privacy::{Access, Adjacency, GaussianMechanism, Ledger, NoiseSource, Rho};
use twinloom_table::{Column, ColumnKind, ColumnSchema, Origin, Schema, Table};

use super::coding::Coding;
use super::line::Line;
use super::pairs::{PairScore, counted, pairs};
use super::parameters::{CausalError, CausalParameters, Numbers, Structure};
use super::table::ShareTable;
use crate::causal::{CountScore, CountScoreKind, Dag, GesParameters, Levels, ges};
use crate::{Privacy, one_row_each};

/// A generator along a causal graph: each column is drawn given its causes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCausal {
    pub(super) schema: Schema,
    pub(super) dag: Dag,
    pub(super) nodes: Vec<Node>,
}

/// A column given its causes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) coding: Coding,
    pub(super) rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Rule {
    /// Shares of its levels by its causes' coarser ones.
    Table(ShareTable),
    /// Whether it is there, and a line of its numeric causes if so, by combination of the others and of what is missing.
    Lines { there: ShareTable, lines: Vec<Line> },
}

impl FittedCausal {
    /// The graph.
    pub fn dag(&self) -> &Dag {
        &self.dag
    }

    /// What its columns hold.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
}

/// Fits a generator.
///
/// A private fit sees counts alone: of pairs, if it has to learn the graph, and of each column with its causes. Each row
/// changes one cell of each table by one, so of m tables the whole changes by sqrt(m) in Euclidean norm when a row is
/// added or removed, by sqrt(2 m) when one is replaced.
///
/// # Source
/// Koller and Friedman, Probabilistic Graphical Models (2009), sections 3.2.3 and 17.2; privately, Zhang et al.,
/// PrivBayes, ACM TODS 42 (2017), with zCDP noise.
///
/// # Errors
/// [`CausalError`]; on bad input before anything is spent.
///
/// # Limits
/// Where rows are of subjects, a private fit sees one row of each, which the seed chooses, and leaves their column out. Else
/// the seed has no say. A private search finds one cause at most for each column, as
/// pairs tell no more.
pub fn fit(
    table: &Table,
    parameters: &CausalParameters,
    privacy: Privacy<'_>,
    seed: u64,
) -> Result<FittedCausal, CausalError> {
    parameters.check()?;
    match privacy {
        Privacy::None => open(table, parameters),
        Privacy::Private { ledger, noise } => private(&one_row_each(table, seed)?, parameters, ledger, noise),
    }
}

fn open(table: &Table, parameters: &CausalParameters) -> Result<FittedCausal, CausalError> {
    if table.len() < 2 {
        return Err(CausalError::Rows { rows: table.len(), least: 2 });
    }
    let schema = table.schema();
    let columns = schema.columns().iter().zip(table.columns());
    let codings: Vec<Coding> = columns
        .map(|(schema, column)| Coding::of(schema, column, parameters.bins, parameters.cause_bins))
        .collect();
    let levels: Vec<Vec<u32>> =
        codings.iter().zip(table.columns()).map(|(coding, column)| coding.all(column)).collect();
    let coarse = coarse(&codings, &levels);
    let dag = match &parameters.structure {
        Structure::Given(dag) | Structure::Learned(dag) => in_order(dag, schema)?,
        Structure::Search(search) => {
            let names = schema.columns().iter().map(|column| column.name.clone()).collect();
            let found = Levels::of_codes(names, coarse.clone());
            // A column's own levels may be more than those the search sees.
            let finer = codings.iter().map(|coding| coding.levels().div_ceil(coding.coarse_levels().max(1)));
            let most_cells = parameters.most_cells / finer.max().unwrap_or(1).max(1);
            let score = CountScore::new(&found, CountScoreKind::Bic).most_cells(most_cells);
            ges(&score, search)?.class.extension()?
        }
    };
    check_cells(&dag, &codings, parameters, schema)?;
    let nodes = (0..codings.len()).map(|at| {
        let causes = &dag.all_parents()[at];
        let numbers = match &table.columns()[at] {
            Column::Number(values) if parameters.numbers == Numbers::Lines => Some(values),
            _ => None,
        };
        let rule = if let Some(values) = numbers {
            lines(values, table, causes, &codings, &coarse, parameters)
        } else {
            let counts = table_counts(&levels[at], causes, &codings, &coarse, codings[at].levels());
            Rule::Table(ShareTable::of_counts(&counts, codings[at].levels(), parameters.prior_rows, 0.0))
        };
        Node { coding: codings[at].clone(), rule }
    });
    let nodes = nodes.collect();
    Ok(FittedCausal { schema: schema.clone(), dag, nodes })
}

fn private(
    table: &Table,
    parameters: &CausalParameters,
    ledger: &mut Ledger,
    noise: &mut NoiseSource,
) -> Result<FittedCausal, CausalError> {
    let schema = table.schema();
    schema.columns().iter().try_for_each(check_declared)?;
    if parameters.numbers == Numbers::Lines {
        return Err(CausalError::OpenLines);
    }
    let codings: Vec<Coding> = schema
        .columns()
        .iter()
        .map(|column| Coding::declared(column, parameters.bins, parameters.cause_bins))
        .collect();
    let given = match &parameters.structure {
        Structure::Given(dag) => {
            let dag = in_order(dag, schema)?;
            check_cells(&dag, &codings, parameters, schema)?;
            Some(dag)
        }
        Structure::Learned(_) => return Err(CausalError::OpenStructure),
        Structure::Search(search) => {
            let names: Vec<_> = schema.columns().iter().map(|column| column.name.clone()).collect();
            // Knowledge that contradicts itself, or asks for more than one cause, is met before anything is spent.
            let rules = search.knowledge.rules(&names)?;
            for (at, column) in names.iter().enumerate() {
                if rules.required().iter().filter(|(_, to)| *to == at).count() > 1 {
                    return Err(CausalError::Parameter {
                        name: "number of required causes of a column learned privately",
                        value: rules.required().iter().filter(|(_, to)| *to == at).count() as f64,
                        least: 0.0,
                        most: 1.0,
                    });
                }
                let largest = codings.iter().map(Coding::coarse_levels).max().unwrap_or(1);
                if largest.saturating_mul(codings[at].levels()) > parameters.most_cells {
                    let most = parameters.most_cells;
                    return Err(CausalError::Cells { column: column.to_string(), most });
                }
            }
            None
        }
    };
    let remaining = ledger.remaining().rho.ok_or(CausalError::NoBudget)?;
    let all = parameters.rho.unwrap_or(remaining);
    if all > remaining {
        return Err(CausalError::Budget { asked: all, left: remaining });
    }
    let mut privacy = Privacy::Private { ledger, noise };
    let levels: Vec<Vec<u32>> =
        codings.iter().zip(table.columns()).map(|(coding, column)| coding.all(column)).collect();
    let coarse = coarse(&codings, &levels);
    let part = |share: f64| Rho::new(all.get() * share).map_err(|_| CausalError::NoBudget);
    let (dag, rho) = match (&parameters.structure, given) {
        (Structure::Search(search), _) if codings.len() > 1 => {
            let rho = part(parameters.structure_share)?;
            let dag = learned(search, schema, &codings, &coarse, rho, &mut privacy)?;
            (dag, part(1.0 - parameters.structure_share)?)
        }
        (_, Some(dag)) => (dag, all),
        _ => (Dag::new::<&str>(names_of(schema), [])?, all),
    };
    check_cells(&dag, &codings, parameters, schema)?;
    let tables: Vec<Vec<f64>> = (0..codings.len())
        .map(|at| table_counts(&levels[at], &dag.all_parents()[at], &codings, &coarse, codings[at].levels()))
        .collect();
    let note = format!("{} tables of a column with its causes", tables.len());
    let (tables, sigma) = noisy(&tables, Access::Marginals, rho, note, &mut privacy)?;
    if let (Structure::Given(_), Privacy::Private { ledger, .. }) = (&parameters.structure, &mut privacy) {
        ledger.declare(Access::Structure, "the graph was given");
    }
    let nodes = codings.into_iter().zip(tables).map(|(coding, counts)| {
        let rule = ShareTable::of_counts(&counts, coding.levels(), parameters.prior_rows, sigma);
        Node { rule: Rule::Table(rule), coding }
    });
    Ok(FittedCausal { schema: schema.clone(), dag, nodes: nodes.collect() })
}

fn names_of(schema: &Schema) -> Vec<std::sync::Arc<str>> {
    schema.columns().iter().map(|column| column.name.clone()).collect()
}

/// Enters what tables cost in which a row changes one cell each by one, and gives them with noise, and its size.
fn noisy(
    tables: &[Vec<f64>],
    purpose: Access,
    rho: Rho,
    note: String,
    privacy: &mut Privacy<'_>,
) -> Result<(Vec<Vec<f64>>, f64), CausalError> {
    let replaced = match privacy {
        Privacy::Private { ledger, .. } => ledger.claim().adjacency == Adjacency::ReplaceOne,
        Privacy::None => false,
    };
    let changed = tables.len() as f64 * if replaced { 2.0 } else { 1.0 };
    let mechanism = GaussianMechanism::for_rho(changed.sqrt(), rho)?;
    let Some(noise) = privacy.spend(purpose, rho, note)? else {
        return Ok((tables.to_vec(), 0.0));
    };
    let released = tables.iter().map(|table| mechanism.release(table, noise));
    Ok((released.collect::<Result<_, _>>()?, mechanism.sigma()))
}

fn learned(
    search: &GesParameters,
    schema: &Schema,
    codings: &[Coding],
    coarse: &[Vec<u32>],
    rho: Rho,
    privacy: &mut Privacy<'_>,
) -> Result<Dag, CausalError> {
    let sizes: Vec<usize> = codings.iter().map(Coding::coarse_levels).collect();
    let tables: Vec<Vec<f64>> = pairs(sizes.len())
        .into_iter()
        .map(|(one, other)| counted(&coarse[one], &coarse[other], sizes[one], sizes[other]))
        .collect();
    let note = format!("{} tables of pairs of columns", tables.len());
    let (tables, _) = noisy(&tables, Access::Structure, rho, note, privacy)?;
    let score = PairScore::new(names_of(schema), sizes, &tables);
    let parameters = GesParameters { most_causes: 1, ..search.clone() };
    Ok(ges(&score, &parameters)?.class.extension()?)
}

fn check_declared(column: &ColumnSchema) -> Result<(), CausalError> {
    let what = match &column.kind {
        ColumnKind::Category { origin: Origin::Inferred, .. } => "categories",
        ColumnKind::Category { .. } => return Ok(()),
        kind if kind.bounds().is_some_and(|bounds| bounds.origin == Origin::Declared) => return Ok(()),
        _ => "bounds",
    };
    Err(CausalError::Undeclared { column: column.name.to_string(), what })
}

/// The graph with its columns in the schema's order.
fn in_order(dag: &Dag, schema: &Schema) -> Result<Dag, CausalError> {
    let names = names_of(schema);
    if dag.columns().len() != names.len() || names.iter().any(|name| !dag.columns().contains(name)) {
        return Err(CausalError::Columns { graph: dag.columns().len(), table: names.len() });
    }
    Ok(Dag::new(names, dag.arrows())?)
}

fn check_cells(
    dag: &Dag,
    codings: &[Coding],
    parameters: &CausalParameters,
    schema: &Schema,
) -> Result<(), CausalError> {
    for (at, causes) in dag.all_parents().iter().enumerate() {
        let sizes = causes.iter().map(|&cause| codings[cause].coarse_levels());
        let cells = sizes.chain([codings[at].levels()]).try_fold(1_usize, usize::checked_mul);
        if cells.is_none_or(|cells| cells > parameters.most_cells) {
            let column = schema.columns()[at].name.to_string();
            return Err(CausalError::Cells { column, most: parameters.most_cells });
        }
    }
    Ok(())
}

fn coarse(codings: &[Coding], levels: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let of =
        |(coding, levels): (&Coding, &Vec<u32>)| levels.iter().map(|&level| coding.coarse(level)).collect();
    codings.iter().zip(levels).map(of).collect()
}

/// How often each level occurs with each combination of causes.
fn table_counts(
    own: &[u32],
    causes: &[usize],
    codings: &[Coding],
    coarse: &[Vec<u32>],
    high: usize,
) -> Vec<f64> {
    let wide: usize = causes.iter().map(|&cause| codings[cause].coarse_levels()).product();
    let mut counts = vec![0.0; wide * high];
    for (row, &level) in own.iter().enumerate() {
        let place = combination(causes, codings, |cause| coarse[cause][row]);
        counts[place * high + level as usize] += 1.0;
    }
    counts
}

/// The place of a combination of causes' coarser levels.
fn combination(causes: &[usize], codings: &[Coding], level: impl Fn(usize) -> u32) -> usize {
    causes.iter().fold(0, |place, &cause| place * codings[cause].coarse_levels() + level(cause) as usize)
}

/// The place of a combination of what lines are fitted by: levels of words, and whether numbers are there.
pub(super) fn line_place(
    causes: &[usize],
    schema: &Schema,
    coding: impl Fn(usize) -> (usize, u32),
    there: impl Fn(usize) -> bool,
) -> usize {
    causes.iter().fold(0, |place, &cause| {
        if schema.columns()[cause].kind.is_numeric() {
            place * 2 + usize::from(there(cause))
        } else {
            let (levels, level) = coding(cause);
            place * levels + level as usize
        }
    })
}

fn lines(
    values: &[Option<f64>],
    table: &Table,
    causes: &[usize],
    codings: &[Coding],
    coarse: &[Vec<u32>],
    parameters: &CausalParameters,
) -> Rule {
    let schema = table.schema();
    let number = |cause: usize, row: usize| match &table.columns()[cause] {
        Column::Number(values) => values[row],
        Column::Category(_) => None,
    };
    let numeric: Vec<usize> =
        causes.iter().copied().filter(|&cause| schema.columns()[cause].kind.is_numeric()).collect();
    let sizes =
        causes.iter().map(|cause| if numeric.contains(cause) { 2 } else { codings[*cause].coarse_levels() });
    let count: usize = sizes.product();
    let mut rows = vec![Vec::new(); count];
    let mut there = vec![0.0; count * 2];
    for (row, value) in values.iter().enumerate() {
        let level = |cause: usize| (codings[cause].coarse_levels(), coarse[cause][row]);
        let place = line_place(causes, schema, level, |cause| number(cause, row).is_some());
        there[place * 2 + usize::from(value.is_some())] += 1.0;
        if value.is_some() {
            rows[place].push(row);
        }
    }
    let fitted = |rows: &[usize]| {
        let own: Vec<f64> = rows.iter().filter_map(|&row| values[row]).collect();
        let causes: Vec<Vec<Option<f64>>> =
            numeric.iter().map(|&cause| rows.iter().map(|&row| number(cause, row)).collect()).collect();
        Line::of(&own, &causes)
    };
    let mean = {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        known.iter().sum::<f64>() / known.len().max(1) as f64
    };
    let everyone: Vec<usize> = (0..values.len()).filter(|&row| values[row].is_some()).collect();
    // Combinations with too few rows are as everyone.
    let together = fitted(&everyone).unwrap_or_else(|| Line::constant(mean, numeric.len()));
    let lines = rows.iter().map(|rows| fitted(rows).unwrap_or_else(|| together.clone())).collect();
    Rule::Lines { there: ShareTable::of_counts(&there, 2, parameters.prior_rows, 0.0), lines }
}
