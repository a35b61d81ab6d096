//! Instances of a task that an ACES configuration defines.

use twinloom_event::{Label, LabelValue, Timeline};

use super::aces::{Configuration, Realisation, Shortfall};
use super::definition::Instance;
use super::report::{Exclusion, TaskReport};

/// The instances of one subject.
pub(super) fn instances(configuration: &Configuration, timeline: &Timeline) -> (Vec<Instance>, TaskReport) {
    let names: Vec<_> = configuration.window_names().collect();
    let mut report = TaskReport { subjects: 1, ..TaskReport::default() };
    let mut instances = Vec::new();
    for found in configuration.triggers(timeline) {
        report.triggers += u64::from(!matches!(found, Err(Shortfall::Demographics | Shortfall::NoTrigger)));
        let excluded = match found {
            Ok(found) if found.label_is_visible(configuration) => Exclusion::LabelVisible,
            Ok(found) => match instance(configuration, &found) {
                Some(instance) => {
                    report.instances += 1;
                    report.positives += u64::from(instance.is_positive());
                    instances.push(instance);
                    continue;
                }
                None => Exclusion::EndUnknown,
            },
            Err(Shortfall::Demographics) => Exclusion::Demographics,
            Err(Shortfall::NoTrigger) => Exclusion::NoTrigger,
            Err(Shortfall::Unbounded(place)) => Exclusion::Unbounded(names[place].into()),
            Err(Shortfall::Constraint(place)) => Exclusion::Constraint(names[place].into()),
            Err(Shortfall::OutsideCalendar) => Exclusion::OutsideCalendar,
        };
        report.exclude(excluded);
    }
    (instances, report)
}

/// The instance of a realisation with a label and a prediction time.
fn instance(configuration: &Configuration, found: &Realisation) -> Option<Instance> {
    let value = LabelValue::Boolean(found.label? > 0);
    Some(Instance {
        label: Label { subject_id: found.subject_id, prediction_time: found.index_timestamp?, value },
        trigger_time: found.trigger,
        window_end: found.labelled(configuration)?.end,
        encounter_id: None,
        comparator: None,
    })
}
