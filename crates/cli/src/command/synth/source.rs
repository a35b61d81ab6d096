//! The real table that a generator is fitted to.

use std::sync::Arc;

use anyhow::Result;
use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
use twinloom_records::rectangle::{read_rows, read_schema};
use twinloom_synth::binning::BinningParameters;
use twinloom_synth::causal::{self, CausalParameters};
use twinloom_synth::copula::{self, CopulaParameters};
use twinloom_synth::marginal::{self, MarginalParameters, Marginals};
use twinloom_synth::vae::{self, VaeParameters};
use twinloom_synth::{Generator, GeneratorKind, Privacy, Release, one_row_each, paid};
use twinloom_table::{InferParameters, Schema, Table, infer};

use super::arguments::SourceArguments;
use super::refused;
use crate::failure::BadInput;

/// Share of a budget that finds bounds and categories, where the schema does not declare them.
const PAID_SHARE: f64 = 0.1;

/// Intervals of a column of numbers under a claim: fewer have more people each, and noise hides less of them.
const PRIVATE_BINS: usize = 8;

/// What is asked of a fit, whatever the generator.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// A column that models will be taught to predict.
    pub(crate) target: Option<Arc<str>>,
    /// How much more what goes with it counts.
    pub(crate) target_weight: f64,
    /// Intervals of a column of numbers.
    pub(crate) bins: Option<usize>,
    /// Keys what is no noise of privacy.
    pub(crate) seed: u64,
}

impl Asked {
    /// As the command line has it.
    pub(crate) fn of(arguments: &SourceArguments, seed: u64) -> Self {
        Self {
            target: arguments.target.as_deref().map(Arc::from),
            target_weight: arguments.target_weight,
            bins: arguments.bins.map(|bins| bins as usize),
            seed,
        }
    }
}

/// Reads a table: one row of each person.
pub(crate) fn read(arguments: &SourceArguments, seed: u64) -> Result<Table> {
    let rows = read_rows(&arguments.table).map_err(refused)?;
    let schema = match &arguments.schema {
        Some(file) => read_schema(file).map_err(refused)?,
        None => infer(&rows, &InferParameters::default()).map_err(refused)?,
    };
    let dropped: Vec<&str> = arguments.drop.iter().map(String::as_str).collect();
    let schema = if dropped.is_empty() { schema } else { schema.without(&dropped).map_err(refused)? };
    let subject = arguments.subject.as_deref().map(Arc::from);
    let subject = subject.or_else(|| schema.subject().map(Arc::from));
    let schema =
        Schema::new(schema.columns().to_vec(), schema.constraints().to_vec(), subject).map_err(refused)?;
    let table = Table::read(&schema, &rows).map_err(|error| {
        BadInput::new(format!("{}: {:#}", arguments.table.display(), anyhow::Error::new(error)))
    })?;
    Ok(one_row_each(&table, seed).map_err(refused)?)
}

/// An empty ledger of a claim for each person.
pub(crate) fn ledger(epsilon: f64, delta: f64) -> Result<Ledger> {
    let delta = Delta::new(delta).map_err(refused)?;
    if delta.get() <= 0.0 {
        return Err(BadInput::new("delta 0; permitted: above 0 and below 1").into());
    }
    Ok(Ledger::new(Claim {
        epsilon: Epsilon::new(epsilon).map_err(refused)?,
        delta,
        adjacency: Adjacency::AddRemove,
        unit: PrivacyUnit::Subject,
    }))
}

/// Fits a generator, with the claim where there is one.
pub(crate) fn fit(
    kind: GeneratorKind,
    table: &Table,
    asked: &Asked,
    claim: Option<(f64, f64)>,
) -> Result<Release> {
    let Some((epsilon, delta)) = claim else {
        return Ok(Release::unclaimed(fit_with(kind, table, asked, Privacy::None)?));
    };
    let mut ledger = ledger(epsilon, delta)?;
    let mut noise = NoiseSource::from_entropy().map_err(refused)?;
    let mut privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
    let declared = paid::declared(table, privacy.reborrow(), PAID_SHARE).map_err(refused)?;
    let generator = fit_with(kind, &declared, asked, privacy)?;
    Ok(Release::private(generator, &ledger).map_err(refused)?)
}

fn fit_with(kind: GeneratorKind, table: &Table, asked: &Asked, privacy: Privacy<'_>) -> Result<Generator> {
    let usual = if privacy.is_private() { PRIVATE_BINS } else { BinningParameters::default().bins };
    let bins = asked.bins.unwrap_or(usual);
    let binning = BinningParameters { bins, ..BinningParameters::default() };
    let marginals = |marginals, privacy| {
        let parameters = MarginalParameters {
            marginals,
            binning,
            target: asked.target.clone(),
            target_weight: asked.target_weight,
            ..MarginalParameters::default()
        };
        marginal::fit(table, &parameters, privacy).map(Generator::Marginals).map_err(refused)
    };
    Ok(match kind {
        GeneratorKind::Independent => marginals(Marginals::Independent, privacy)?,
        GeneratorKind::Mst => marginals(Marginals::Mst, privacy)?,
        GeneratorKind::Aim => marginals(Marginals::Aim, privacy)?,
        GeneratorKind::Copula => {
            let parameters = CopulaParameters { binning, ..CopulaParameters::default() };
            Generator::Copula(copula::fit(table, &parameters, privacy).map_err(refused)?)
        }
        GeneratorKind::Causal => {
            let parameters = CausalParameters { bins, ..CausalParameters::default() };
            Generator::Causal(causal::fit(table, &parameters, privacy, asked.seed).map_err(refused)?)
        }
        GeneratorKind::Vae => {
            let parameters = VaeParameters { binning, ..VaeParameters::default() };
            Generator::Vae(vae::fit(table, &parameters, privacy, asked.seed, &|_, _| ()).map_err(refused)?)
        }
    })
}
