//! Who is served worse, and what tells the outcome that should not.

use anyhow::{Context as _, Result};
use twinloom_audit::{Grouping, LeakageReport, Options, search_leakage, subgroups};
use twinloom_event::SubjectId;
use twinloom_learn::{Benchmark, ModelPredictions, Purpose};
use twinloom_views::{FeatureMap, FeatureOptions, Indicators, Instance, Subgroup};

use super::judge::{Predicted, pooled};
use super::{Panel, SubgroupsOfModel};

/// The best baseline and the best model under study, by AUROC, each in groups of people. Where several outcomes
/// are predicted, all of them count together.
pub(super) fn subgroups_of_best(
    predicted: &Predicted<'_>,
    panel: &Panel,
    options: &Options,
) -> Result<Vec<SubgroupsOfModel>> {
    let fitted = predicted.fitted;
    let views = predicted.task.views(predicted.cohort, predicted.instances).context("subgroups")?;
    let best = |purpose: Purpose| {
        let of_purpose = fitted.models.iter().filter(|model| model.kind.purpose() == purpose);
        let area = |model: &ModelPredictions| {
            let row = panel.rows.iter().find(|row| row.name == model.name);
            row.and_then(|row| row.evaluation.auroc.value).unwrap_or(0.0)
        };
        of_purpose.max_by(|one, other| area(one).total_cmp(&area(other)))
    };
    let mut found = Vec::new();
    for model in [Purpose::Baseline, Purpose::Model].into_iter().filter_map(best) {
        let groupings: Vec<Grouping> = Subgroup::ALL
            .into_iter()
            .map(|subgroup| Grouping {
                name: subgroup.as_str().into(),
                groups: model.held_out.iter().map(|one| subgroup.of(&views[one.instance])).collect(),
            })
            // A grouping that the record states for nobody says nothing.
            .filter(|grouping| grouping.groups.iter().any(Option::is_some))
            .collect();
        let rows = subgroups(&pooled(fitted, model)?, &groupings, options);
        found.push(SubgroupsOfModel { name: model.name.clone(), rows });
    }
    Ok(found)
}

/// Searches all instances; of several outcomes, for whether any happened.
pub(super) fn leakage(predicted: &Predicted<'_>) -> Result<LeakageReport> {
    let (task, cohort, instances) = (predicted.task, predicted.cohort, predicted.instances);
    let views = task.views(cohort, instances).context("leakage")?;
    let table = FeatureMap::fit(&views, FeatureOptions::for_task(task)).transform(&views);
    let subjects: Vec<SubjectId> = instances.iter().map(Instance::subject_id).collect();
    Ok(search_leakage(
        &subjects,
        &happened(predicted.fitted),
        &Indicators::on_record(&views),
        &Indicators::after_prediction(cohort, instances).context("leakage")?,
        &Indicators::measured(&table),
    )?)
}

/// Whether any outcome happened, by instance.
fn happened(fitted: &Benchmark) -> Vec<bool> {
    fitted.labels.chunks(fitted.outcomes.len()).map(|row| row.contains(&true)).collect()
}
