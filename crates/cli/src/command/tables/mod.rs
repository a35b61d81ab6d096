//! Verbs about tables: a synthetic one beside the real one, and what any table or decision gives away.

pub(crate) mod arguments;
pub(crate) mod described;
pub(crate) mod disclosure;
pub(crate) mod epsilon;
pub(crate) mod evaluate;
pub(crate) mod fairness;
mod grouping;
pub(crate) mod learners;
pub(crate) mod privacy;

use anyhow::Result;
use twinloom_audit::attack::Verdict;
use twinloom_records::rectangle::{read_rows, read_schema};
use twinloom_table::{InferParameters, Rows, Schema, Table, infer};

use self::arguments::TablesArguments;
use crate::failure::BadInput;

/// The real table, people held out, and the synthetic one, under one schema.
pub(crate) struct Tables {
    pub(crate) real: Table,
    pub(crate) holdout: Table,
    pub(crate) synthetic: Table,
}

pub(crate) fn refused(error: impl std::error::Error + Send + Sync + 'static) -> BadInput {
    BadInput::from_chain(&anyhow::Error::new(error))
}

impl Tables {
    /// Reads three files by a schema, or by what all three together look like.
    pub(crate) fn read(arguments: &TablesArguments) -> Result<Self> {
        let files = [&arguments.real, &arguments.holdout, &arguments.synthetic];
        let mut rows: Vec<Rows> = Vec::with_capacity(files.len());
        for file in files {
            rows.push(read_rows(file).map_err(refused)?);
        }
        let schema = match &arguments.schema {
            Some(file) => read_schema(file).map_err(refused)?,
            None => inferred(&rows)?,
        };
        let dropped: Vec<&str> = arguments.drop.iter().map(String::as_str).collect();
        let schema = if dropped.is_empty() { schema } else { schema.without(&dropped).map_err(refused)? };
        let table = |place: usize| {
            Table::read(&schema, &rows[place]).map_err(|error| {
                BadInput::new(format!("{}: {:#}", files[place].display(), anyhow::Error::new(error)))
            })
        };
        Ok(Self { real: table(0)?, holdout: table(1)?, synthetic: table(2)? })
    }
}

fn inferred(rows: &[Rows]) -> Result<Schema> {
    let mut all = rows[0].clone();
    for other in &rows[1..] {
        all.append(other).map_err(refused)?;
    }
    Ok(infer(&all, &InferParameters::default()).map_err(refused)?)
}

/// What a verdict means, for people.
pub(crate) fn verdict_in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::NothingClaimed => "Nothing is claimed, so nothing is refuted.".to_owned(),
        Verdict::NotRefuted { claimed, greatest } => {
            let audits = match greatest {
                Some(audit) => format!("the greatest bound from below is {:.3}", audit.lower),
                None => "no audit bounds it from below".to_owned(),
            };
            format!(
                "Not refuted: epsilon {} at delta {:e} is claimed, {audits}. That proves no claim.",
                claimed.epsilon, claimed.delta
            )
        }
        Verdict::Refused { claimed, audited } => format!(
            "Refused: epsilon {} at delta {:e} is claimed, and it is at least {:.3} with confidence {}. The mechanism \
             leaks more than it says: release nothing of it.",
            claimed.epsilon, claimed.delta, audited.lower, audited.confidence
        ),
    }
}
