//! Pays for what a schema took from people's values, so that a private fit may rely on it.
//!
//! Bounds, categories and decimals that were [inferred](twinloom_table::Origin::Inferred) are forgotten and asked for again
//! through noise, each entered in the ledger; what is declared stays and costs nothing. Values that the answers leave out are
//! moved inside: numbers to the nearest bound, rare words to `other` or to nothing. How many were moved is not told.
//!
//! # Limits
//! Names and types of columns are taken for public knowledge, and constraints too. One row is one person's: see
//! [`one_row_each`](crate::one_row_each). A column whose every value the noise hides is an error after its budget is spent:
//! that it is, is known through the noise alone.

mod column;

use thiserror::Error;
use twinloom_privacy::query::{self, Contribution, QueryError};
use twinloom_privacy::{Access, BudgetError, Delta, Ledger, LedgerError, NoiseSource, Rho};
use twinloom_table::{Column, ColumnKind, ColumnSchema, Schema, SchemaError, Table, TableError};

use crate::Privacy;

/// Of the budget for a schema, the part that goes to the number of rows.
const SIZE_SHARE: f64 = 0.05;
/// Of the claim's delta, the part that finding categories may take.
const DELTA_SHARE: f64 = 0.1;

/// The table under a schema that is declared or paid for throughout, at `share` of the zero-concentrated budget that the claim
/// leaves. Without privacy the table comes back as it is.
///
/// A twentieth of the budget goes to the number of rows, the rest in equal parts to the columns that need any; a tenth of the
/// claim's delta is split over columns of words.
///
/// ```
/// use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
/// use twinloom_synth::{Privacy, paid};
/// use twinloom_table::{Rows, Table, infer};
///
/// let rows = Rows::new(&["age"], (0..5000).map(|at| [(20 + at % 70).to_string()]))?;
/// let table = Table::read(&infer(&rows, &Default::default())?, &rows)?;
/// let mut noise = NoiseSource::from_entropy()?;
/// let mut ledger = Ledger::new(Claim {
///     epsilon: Epsilon::new(1.0)?,
///     delta: Delta::new(1e-6)?,
///     adjacency: Adjacency::AddRemove,
///     unit: PrivacyUnit::Subject,
/// });
/// let known = paid::declared(&table, Privacy::Private { ledger: &mut ledger, noise: &mut noise }, 0.1)?;
/// assert!(!known.schema().columns()[0].kind.is_inferred());
/// assert!(ledger.certify()?.bound().epsilon < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// [`query::bounds()`] for bounds and
/// [`query::discover`] for categories, under zero-concentrated composition.
///
/// # Errors
/// [`PaidError`] for a share not above 0 and at most 1, a column that tells whose a row is, or a claim with too little left:
/// nothing is spent then. [`PaidError::Hidden`] and [`PaidError::Schema`] come after.
pub fn declared(table: &Table, privacy: Privacy<'_>, share: f64) -> Result<Table, PaidError> {
    let Privacy::Private { ledger, noise } = privacy else { return Ok(table.clone()) };
    if let Some(subject) = table.schema().subject() {
        return Err(PaidError::Subject { column: subject.to_owned() });
    }
    let Some(plan) = Plan::of(table.schema(), ledger, share)? else {
        ledger.declare(Access::Bounds, "bounds and categories of all columns");
        return Ok(table.clone());
    };
    let mut trial = ledger.clone();
    plan.enter(table.schema(), &mut trial)?;
    *ledger = trial;
    ledger.draws_from(noise);
    plan.ask(table, noise)
}

/// What each question may cost.
struct Plan {
    size: Rho,
    column: Rho,
    /// Delta of one column of words; none where there is none.
    delta: Option<Delta>,
}

impl Plan {
    /// None where all columns are declared.
    fn of(schema: &Schema, ledger: &Ledger, share: f64) -> Result<Option<Self>, PaidError> {
        if !(share > 0.0 && share <= 1.0) {
            return Err(PaidError::Share { share });
        }
        let open: Vec<&ColumnSchema> = schema.columns().iter().filter(|column| is_open(column)).collect();
        if open.is_empty() {
            return Ok(None);
        }
        let words = open.iter().filter(|column| !column.kind.is_numeric()).count();
        let delta = match words {
            0 => None,
            _ => Some(Delta::new(ledger.claim().delta.get() * DELTA_SHARE / words as f64)?),
        };
        // What is left once delta is set aside.
        let mut aside = ledger.clone();
        for _ in 0..words {
            let delta = delta.filter(|delta| delta.get() > 0.0).ok_or(PaidError::NoDelta)?;
            aside.spend_approximate_zcdp(Access::Categories, Rho::new(1e-12)?, delta, "")?;
        }
        let left = aside.remaining().rho.ok_or(PaidError::NothingLeft)?.get() * share;
        Ok(Some(Self {
            size: Rho::new(left * SIZE_SHARE)?,
            column: Rho::new(left * (1.0 - SIZE_SHARE) / open.len() as f64)?,
            delta,
        }))
    }

    fn enter(&self, schema: &Schema, ledger: &mut Ledger) -> Result<(), LedgerError> {
        ledger.spend_zcdp(Access::Size, self.size, "rows of the table")?;
        for column in schema.columns() {
            let name = &column.name;
            match (is_open(column), column.kind.is_numeric(), self.delta) {
                (false, true, _) => ledger.declare(Access::Bounds, format!("bounds of {name}")),
                (false, false, _) => ledger.declare(Access::Categories, format!("categories of {name}")),
                (true, false, Some(delta)) => {
                    let note = format!("categories of {name}, rare ones left out");
                    ledger.spend_approximate_zcdp(Access::Categories, self.column, delta, note)?;
                }
                (true, ..) => {
                    let note = format!("bounds and decimals of {name}");
                    ledger.spend_zcdp(Access::Bounds, self.column, note)?;
                }
            }
        }
        Ok(())
    }

    fn ask(&self, table: &Table, noise: &mut NoiseSource) -> Result<Table, PaidError> {
        let rows = query::count(table.len() as u64, Contribution::ONE, self.size, noise)?;
        let mut made = Vec::new();
        for (column, values) in table.schema().columns().iter().zip(table.columns()) {
            if !is_open(column) {
                made.push((column.clone(), values.clone()));
                continue;
            }
            made.push(match values {
                Column::Category(places) => {
                    // A plan without delta is of a schema without open columns of words.
                    let delta = self.delta.ok_or(PaidError::NoDelta)?;
                    column::categories(column, places, rows, self.column, delta, noise)?
                }
                Column::Number(numbers) => column::numbers(column, numbers, self.column, noise)?,
            });
        }
        let (columns, values): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        let schema = Schema::new(columns, table.schema().constraints().to_vec(), None)?;
        Ok(Table::new(schema, values)?)
    }
}

/// Whether a private fit can't do with what is known of a column.
fn is_open(column: &ColumnSchema) -> bool {
    column.kind.is_inferred()
        || (column.kind.is_numeric() && column.kind.bounds().is_none())
        || matches!(&column.kind, ColumnKind::Category { categories, .. } if categories.is_empty())
}

/// Why a schema is not paid for.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PaidError {
    /// No such part of a budget.
    #[error("share {share} is not above 0 and at most 1")]
    Share {
        /// What was asked for.
        share: f64,
    },
    /// Rows of one person are told apart.
    #[error("column {column} tells whose a row is; permitted: one row a person, and no such column")]
    Subject {
        /// Which.
        column: String,
    },
    /// Categories are found with a chance of delta.
    #[error(
        "delta is 0, and categories are not found without; permitted: a claim with delta above 0, or declared categories"
    )]
    NoDelta,
    /// Nothing can be spent.
    #[error("the claim leaves nothing to spend on bounds and categories; declare them")]
    NothingLeft,
    /// The noise is too much for a column.
    #[error(
        "noise hides all values of column {column}; declare what it holds, drop it, or give it a larger share"
    )]
    Hidden {
        /// Which.
        column: String,
    },
    /// The claim does not allow it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A question that can't be asked.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A budget out of range.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// What was found contradicts the constraints.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// What was found does not fit the values.
    #[error(transparent)]
    Table(#[from] TableError),
}

#[cfg(test)]
mod tests;
