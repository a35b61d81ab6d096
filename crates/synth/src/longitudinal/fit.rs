//! Fitting the makers of encounters and events.

use serde::{Deserialize, Serialize};
use twinloom_privacy::{Access, Adjacency, GaussianMechanism, Rho};
use twinloom_table::{ColumnKind, ColumnSchema, Missing, Schema};

use super::codes::CodeModel;
use super::parameters::{LongitudinalError, LongitudinalParameters};
use super::plan::{AllCounts, Counts, Plan};
use super::records::{Layout, Records, histories};
use crate::Privacy;
use crate::causal::{Coding, ShareTable};

/// Maker of patients with their encounters and events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLongitudinal<G> {
    pub(super) layout: Layout,
    pub(super) parents: G,
    pub(super) patients: Schema,
    pub(super) encounters: Schema,
    pub(super) events: Schema,
    pub(super) conditions: Vec<(String, Coding)>,
    pub(super) start: Coding,
    pub(super) kind: Option<Coding>,
    pub(super) code: Coding,
    pub(super) encounter_features: Vec<Feature>,
    pub(super) event_features: Vec<Feature>,
    pub(super) rules: Rules,
    pub(super) codes: CodeModel,
    pub(super) most_events: usize,
}

/// A column that follows an encounter's kind or an event's code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Feature {
    pub(super) column: String,
    pub(super) coding: Coding,
    pub(super) shares: ShareTable,
}

/// Shares of all that is drawn but codes and features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rules {
    /// Encounters by class of patient.
    pub(super) encounters: ShareTable,
    /// The first start by class.
    pub(super) start: ShareTable,
    /// The kind by class and the kind before.
    pub(super) kinds: ShareTable,
    /// Gaps between starts by kind.
    pub(super) gaps: ShareTable,
    /// Gaps between events of an encounter by kind.
    pub(super) event_gaps: ShareTable,
}

/// Fits the makers of encounters and events beside one of patients, which is fitted before, to the same claim.
///
/// A private fit sees tables of counts alone, each paid for with the same part of the budget. The subject is the patient:
/// of each at most `most_encounters` encounters and `most_events` events are counted, chosen before anything is, by a
/// stream of the patient's own. So a patient changes one cell by one in tables of patients, and in tables of encounters or
/// events the cells by so many in sum, and thus in Euclidean norm at most; by sqrt(2) times as much where one is
/// replaced by another. Contexts of codes are then one code long, since which longer ones there are would tell of people.
///
/// # Source
/// Bounded contributions: Amin, Kulesza, Munoz Medina and Vassilvitskii, Bounding user contributions, ICML 2019. Counts with
/// zCDP noise: Bun and Steinke 2016, proposition 1.6.
///
/// # Errors
/// [`LongitudinalError`]; on bad input before anything is spent.
pub fn fit<G>(
    records: &Records<'_>,
    layout: &Layout,
    parents: G,
    parameters: &LongitudinalParameters,
    mut privacy: Privacy<'_>,
    seed: u64,
) -> Result<FittedLongitudinal<G>, LongitudinalError> {
    parameters.check()?;
    if records.patients.is_empty() {
        return Err(LongitudinalError::NoPatient);
    }
    let plan = Plan::new(records, layout, parameters, privacy.is_private())?;
    let most = (parameters.most_encounters, parameters.most_events);
    let histories = histories(records, layout, most, seed)?;
    let mut counts = plan.counts(parameters, privacy.is_private())?;
    plan.count(&mut counts, records, layout, &histories, parameters)?;
    let rho = match (privacy.is_private(), privacy.remaining(), parameters.rho) {
        (false, ..) => None,
        (true, Some(left), asked) if asked.is_none_or(|asked| asked <= left) => Some(asked.unwrap_or(left)),
        (true, left, _) => return Err(LongitudinalError::Budget { left }),
    };
    let tables = shares(counts, parameters, rho, &mut privacy)?;
    let codes = match tables.codes {
        Some((shares, contexts)) => CodeModel::Last { shares, contexts },
        None => plan.contexts(&histories, parameters),
    };
    let [encounters, start, kinds, gaps, event_gaps] = tables.rules;
    let with = |features: Vec<(String, Coding)>, shares: Vec<ShareTable>| {
        let feature = |((column, coding), shares)| Feature { column, coding, shares };
        features.into_iter().zip(shares).map(feature).collect()
    };
    Ok(FittedLongitudinal {
        layout: layout.clone(),
        parents,
        patients: keyed(records.patients.schema(), &[&layout.patient])?,
        encounters: keyed(records.encounters.schema(), &[&layout.patient, &layout.encounter])?,
        events: keyed(records.events.schema(), &[&layout.encounter])?,
        encounter_features: with(plan.encounter_features, tables.encounter_features),
        event_features: with(plan.event_features, tables.event_features),
        conditions: plan.conditions,
        start: plan.start,
        kind: plan.kind,
        code: plan.code,
        rules: Rules { encounters, start, kinds, gaps, event_gaps },
        codes,
        most_events: parameters.most_events,
    })
}

struct AllShares {
    rules: [ShareTable; 5],
    encounter_features: Vec<ShareTable>,
    event_features: Vec<ShareTable>,
    codes: Option<(ShareTable, usize)>,
}

/// Shares of all counts, with noise where a budget is given.
fn shares(
    counts: AllCounts,
    parameters: &LongitudinalParameters,
    rho: Option<Rho>,
    privacy: &mut Privacy<'_>,
) -> Result<AllShares, LongitudinalError> {
    let tables = 5
        + counts.encounter_features.len()
        + counts.event_features.len()
        + usize::from(counts.codes.is_some());
    let part = match rho {
        Some(rho) => Some(
            Rho::new(rho.get() / tables as f64).map_err(|_| LongitudinalError::Budget { left: Some(rho) })?,
        ),
        None => None,
    };
    let replaced = match privacy {
        Privacy::Private { ledger, .. } => ledger.claim().adjacency == Adjacency::ReplaceOne,
        Privacy::None => false,
    };
    let mut released = |counts: Counts| -> Result<ShareTable, LongitudinalError> {
        let mut sigma = 0.0;
        let mut cells = counts.cells;
        if let Some(part) = part {
            let bound = counts.bound * if replaced { std::f64::consts::SQRT_2 } else { 1.0 };
            let mechanism = GaussianMechanism::for_rho(bound, part)?;
            let note = format!("counts of {}, of a patient at most {}", counts.what, counts.bound);
            if let Some(noise) = privacy.spend(Access::Marginals, part, note)? {
                cells = mechanism.release(&cells, noise)?;
                sigma = mechanism.sigma();
            }
        }
        Ok(ShareTable::of_counts(&cells, counts.levels, parameters.prior_rows, sigma))
    };
    let [a, b, c, d, e] = counts.rules;
    Ok(AllShares {
        rules: [released(a)?, released(b)?, released(c)?, released(d)?, released(e)?],
        encounter_features: counts
            .encounter_features
            .into_iter()
            .map(&mut released)
            .collect::<Result<_, _>>()?,
        event_features: counts.event_features.into_iter().map(&mut released).collect::<Result<_, _>>()?,
        codes: match counts.codes {
            Some(counts) => {
                let contexts = counts.cells.len() / counts.levels.max(1);
                Some((released(counts)?, contexts))
            }
            None => None,
        },
    })
}

/// The schema with keys as whole numbers; constraints, which may name keys, go.
fn keyed(schema: &Schema, keys: &[&str]) -> Result<Schema, LongitudinalError> {
    let column = |column: &ColumnSchema| {
        let mut column = column.clone();
        if keys.contains(&&*column.name) {
            column.kind = ColumnKind::Integer { bounds: None };
            column.missing = Missing::Never;
        }
        column
    };
    Ok(Schema::new(
        schema.columns().iter().map(column).collect(),
        Vec::new(),
        schema.subject().map(Into::into),
    )?)
}
