//! Planned comparisons of two models each: what one has that the other lacks.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use twinloom_audit::{Adjustment, Comparison, Options, compare};
use twinloom_learn::{Benchmark, ModelKind, Purpose};

use super::judge::pooled;

/// A model beside one that lacks what the question is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contrast {
    /// What the difference answers, in words.
    pub(crate) question: String,
    /// The model.
    pub(crate) model: String,
    /// What it is compared with.
    pub(crate) reference: String,
    /// Model minus reference.
    pub(crate) comparison: Comparison,
    /// The p value of the difference of AUROC, adjusted for the number of contrasts (Holm).
    pub(crate) adjusted_p: Option<f64>,
}

/// Rows that differ in one thing, and what that is.
const PAIRS: [(ModelKind, ModelKind, &str); 7] = [
    (ModelKind::GraphSage, ModelKind::GraphSageRemoved, "What the graph's edges add"),
    (ModelKind::GraphSage, ModelKind::GraphSageShuffled, "What the right edges add to any edges"),
    (ModelKind::Hgt, ModelKind::HgtHouseholdsRemoved, "What the links between people add"),
    (
        ModelKind::BoostedTreesWithHousehold,
        ModelKind::BoostedTrees,
        "What counting the people at home by hand adds to tables",
    ),
    (ModelKind::Hgt, ModelKind::BoostedTreesWithHousehold, "What the network adds to the same told by hand"),
    (ModelKind::Vgnn, ModelKind::EncoderDecoder, "What the variational term adds"),
    (ModelKind::Behrt, ModelKind::Transformer, "What pretraining on hidden codes adds"),
];

/// The question of the comparisons with [`YARDSTICK`].
pub(crate) const AGAINST_TABLES: &str = "Against boosted trees on tables";

/// The table model that graph models must beat.
const YARDSTICK: ModelKind = ModelKind::BoostedTrees;

/// Every planned pair of which both were fitted: the pairs above, and each model under study beside boosted
/// trees.
pub(super) fn contrasts(fitted: &Benchmark, options: &Options) -> Result<Vec<Contrast>> {
    let with = |kind: ModelKind| fitted.models.iter().find(|model| model.kind == kind);
    let against_tables = fitted
        .models
        .iter()
        .filter(|model| model.kind.purpose() == Purpose::Model)
        .map(|model| (model.kind, YARDSTICK, AGAINST_TABLES));
    let mut found = Vec::new();
    for (model, reference, question) in PAIRS.into_iter().chain(against_tables) {
        if let (Some(model), Some(reference)) = (with(model), with(reference)) {
            let comparison = compare(&pooled(fitted, model)?, &pooled(fitted, reference)?, options)?;
            found.push(Contrast {
                question: question.to_owned(),
                model: model.name.clone(),
                reference: reference.name.clone(),
                comparison,
                adjusted_p: None,
            });
        }
    }
    let p_values: Vec<_> = found.iter().map(|contrast| contrast.comparison.auroc_p).collect();
    for (contrast, adjusted) in found.iter_mut().zip(Adjustment::Holm.adjust(&p_values)) {
        contrast.adjusted_p = adjusted;
    }
    Ok(found)
}
